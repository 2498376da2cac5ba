/* SPDX-License-Identifier: MIT */
/* A filter text: its negation matches a record if it does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/record_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct p2i_value values[] = {
    {P2I_PEN, 1001, 4, (const uint8_t *)"\x69\x7d\x50\x00"},
    {P2I_PEN, 1003, 4, (const uint8_t *)"\xc0\x00\x02\x35"},
    {P2I_PEN, 1004, 4, (const uint8_t *)"\xc6\x33\x64\x0a"},
    {P2I_PEN, 1013, 2, (const uint8_t *)"\x00\x35"},
    {P2I_PEN, 1014, 2, (const uint8_t *)"\x9c\x40"},
    {P2I_PEN, 1002, 0, (const uint8_t *)""},
    {P2I_PEN, 3201, 15, (const uint8_t *)"www.Example.org"},
    {P2I_PEN, 3203, 2, (const uint8_t *)"\x00\x01"},
    {P2I_PEN, 3205, 4, (const uint8_t *)"\xcb\x00\x71\x07"},
    {P2I_PEN, 3204, 3, (const uint8_t *)"\x00\x01\x2c"},
    {P2I_PEN, 1006, 4, (const uint8_t *)"/a\x00b"},
    {P2I_PEN, 1012, 1, (const uint8_t *)"\x01"},
    {0, 56, 6, (const uint8_t *)"\x02\x00\x00\x00\x00\x0a"},
    {0, 56, 2, (const uint8_t *)"\x02\x00"},
    {0, 311, 8, (const uint8_t *)"\x3f\xf0\x00\x00\x00\x00\x00\x00"},
    {0, 325, 8, (const uint8_t *)"\xed\x01\x02\x03\x04\x05\x06\x07"},
    {6871, 40, 0, (const uint8_t *)""},
};

static bool match(const char *text, size_t size, bool *matches)
{
    const struct p2i_read_record record = {
        .template_id = 300, .value_count = sizeof values / sizeof *values, .values = values};
    struct p2i_error error = {0};
    struct p2i_record_filter *filter = p2i_record_filter_new();
    if (filter == NULL) {
        abort();
    }
    enum p2i_result result = p2i_record_filter_add(filter, text, size, &error);
    if (result == P2I_OK &&
        p2i_record_filter_match_read(filter, NULL, &record, matches) != P2I_OK) {
        abort();
    }
    if (result != P2I_OK && (error.offset > size || error.text[0] == '\0')) {
        abort(); /* no place or reason */
    }
    p2i_record_filter_free(filter);
    return result == P2I_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool matches = false;
    bool negated = false;
    char *text = malloc(size + sizeof "not ()");
    if (text == NULL || !match((const char *)data, size, &matches)) {
        free(text);
        return 0;
    }
    memcpy(text, "not (", 5);
    if (size > 0) {
        memcpy(text + 5, data, size);
    }
    text[5 + size] = ')';
    if (match(text, size + 6, &negated) && negated == matches) {
        abort();
    }
    free(text);
    return 0;
}
