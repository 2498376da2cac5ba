/* SPDX-License-Identifier: MIT */
#include "record/json.h"

#include <inttypes.h>
#include <stdio.h>

#include "pcap2ipfix/values.h"
#include "record/decode.h"

enum { OBSERVATION_TIME = 325 };

static bool append_string(struct p2i_buffer *line, const char *text)
{
    return p2i_format_json(line, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                           p2i_view_of(text, strlen(text)));
}

static bool append_number(struct p2i_buffer *line, const char *before, uint64_t number)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%s%" PRIu64, before, number);
    return p2i_append(line, p2i_view_of(text, (size_t)size));
}

bool p2i_json_append_extension(struct p2i_buffer *line, const struct p2i_json_extension *extension)
{
    char number[16];
    uint8_t id[P2I_COMMUNITY_ID_SIZE];
    struct p2i_view capture = extension->capture_name;
    if (capture.size == 0) {
        int size = snprintf(number, sizeof number, "%" PRIu32, extension->capture);
        capture = p2i_view_of(number, (size_t)size);
    }
    p2i_community_id(&extension->flow, id);
    return p2i_append(line, P2I_VIEW(",\"capture\":")) &&
           p2i_format_json(line, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT, capture) &&
           append_number(line, ",\"packet\":", extension->packet) &&
           p2i_append(line, P2I_VIEW(",\"time\":")) &&
           p2i_format_json(line, P2I_TYPE_NANOSECONDS, P2I_SEMANTICS_DEFAULT, extension->time) &&
           p2i_append(line, P2I_VIEW(",\"community_id\":\"")) &&
           p2i_append(line, p2i_view_of(id, sizeof id)) && p2i_append(line, P2I_VIEW("\""));
}

/* The addresses of a record are the first two of its template. */
static bool append_extension(struct p2i_buffer *line, const struct p2i_record *record,
                             const struct p2i_template *of, const struct p2i_view *values)
{
    bool flow = record->kind == P2I_RECORD_FLOW || record->kind == P2I_RECORD_BIFLOW;
    const char *name = record->capture_name != NULL ? record->capture_name : "";
    struct p2i_view ends[2] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < of->field_count && count < 2; i++) {
        uint8_t type = of->fields[i].element->type;
        if (type == P2I_TYPE_IPV4 || type == P2I_TYPE_IPV6) {
            ends[count++] = values[i];
        }
    }
    const struct p2i_json_extension extension = {
        .capture_name = p2i_view_of(name, strlen(name)),
        .capture = record->capture + 1,
        .packet = record->packet,
        .time = values[p2i_field_index(of, 0, OBSERVATION_TIME)],
        .flow = {.source = ends[0],
                 .destination = ends[1],
                 .transport = record->transport,
                 .port = {record->port[0], record->port[1]}},
    };
    return (!flow || (append_number(line, ",\"lost_bytes\":", record->lost_bytes) &&
                      append_number(line, ",\"cut_bytes\":", record->cut_bytes))) &&
           p2i_json_append_extension(line, &extension);
}

bool p2i_record_append_json(struct p2i_buffer *line, const struct p2i_record *record)
{
    const struct p2i_template *of = p2i_template_of_record(record);
    struct p2i_view values[P2I_FIELDS_MAX];
    if (p2i_decode_record(of, record->bytes, values) == 0) {
        return false;
    }
    bool done = p2i_append(line, P2I_VIEW("{\"record\":")) && append_string(line, of->name);
    for (size_t i = 0; done && i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        done = p2i_append(line, P2I_VIEW(",")) && append_string(line, element->name) &&
               p2i_append(line, P2I_VIEW(":")) &&
               p2i_format_json(line, element->type, element->semantics, values[i]);
    }
    return done && (!record->cut || p2i_append(line, P2I_VIEW(",\"cut\":true"))) &&
           (!record->extended || append_extension(line, record, of, values)) &&
           p2i_append(line, P2I_VIEW("}"));
}
