/* SPDX-License-Identifier: MIT */
/* A JSON text, and the strings and arrays in it. */
#include <stdlib.h>

#include "base/ascii.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(const struct p2i_json_value *value)
{
    uint64_t number;
    uint8_t *room = malloc(value->raw.size > 0 ? value->raw.size : 1);
    if (room == NULL) {
        return;
    }
    size_t written = p2i_json_string(value, room);
    struct p2i_view text = p2i_view_of(room, written);
    if (written > value->raw.size ||
        (value->type == P2I_JSON_STRING && !p2i_json_is(value, text))) {
        abort();
    }
    (void)p2i_json_whole(value, &number);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_json_member members[] = {{.name = P2I_VIEW("a")}, {.name = P2I_VIEW("channels")}};
    if (!p2i_json_object(p2i_view_of(data, size), members, 2)) {
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        read_value(&members[i].value);
        struct p2i_json_value value;
        struct p2i_view rest = members[i].value.raw;
        while (members[i].value.type == P2I_JSON_ARRAY && p2i_json_next(&rest, &value)) {
            read_value(&value);
        }
        if (members[i].value.type == P2I_JSON_ARRAY &&
            !p2i_view_equals(p2i_view_trim(rest), P2I_VIEW("]"))) {
            abort(); /* an accepted array has an invalid part */
        }
    }
    return 0;
}
