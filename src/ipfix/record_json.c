/* SPDX-License-Identifier: MIT */
/* The JSON of extended records that were read. */
#include "pcap2ipfix/record_source.h"

#include "record/json.h"

/* IANA's elements of extended records. */
enum { PROTOCOL = 4, END_REASON = 136, OBSERVATION_TIME = 325 };

/* flowEndReason of messages that are no flows (fields.def). */
enum { END_CUT = 4, END_LIMIT = 5 };

static struct p2i_view value_at(const struct p2i_read_record *record, int index)
{
    return index >= 0 ? p2i_view_of(record->values[index].data, record->values[index].size)
                      : (struct p2i_view){0};
}

static struct p2i_view value_of(const struct p2i_read_record *record, uint16_t id)
{
    size_t at = 0;
    while (at < record->value_count &&
           (record->values[at].id != id || record->values[at].pen != 0)) {
        at++;
    }
    return at < record->value_count ? value_at(record, (int)at) : (struct p2i_view){0};
}

static bool is_address(struct p2i_view value)
{
    return value.size == 4 || value.size == 16;
}

bool p2i_append_extension_json(struct p2i_buffer *out, const struct p2i_read_record *record,
                               const struct p2i_record_parts *parts, struct p2i_view capture)
{
    struct p2i_view time = value_of(record, OBSERVATION_TIME);
    struct p2i_view source = value_at(record, parts->source);
    struct p2i_view destination = value_at(record, parts->destination);
    if (parts->kind == NULL || record->options || parts->capture < 0 || parts->packet < 0 ||
        time.size != 8 || !is_address(source) || source.size != destination.size) {
        return true;
    }
    uint64_t end = p2i_value_number(value_of(record, END_REASON));
    bool flow = strcmp(parts->kind, "flow") == 0 || strcmp(parts->kind, "biflow") == 0;
    bool cut = !flow && (end == END_CUT || end == END_LIMIT);
    const struct p2i_json_extension extension = {
        .capture_name = capture,
        .capture = (uint32_t)p2i_value_number(value_at(record, parts->capture)),
        .packet = p2i_value_number(value_at(record, parts->packet)),
        .time = time,
        .flow = {.source = source,
                 .destination = destination,
                 .transport = (uint8_t)p2i_value_number(value_of(record, PROTOCOL)),
                 .port = {(uint16_t)p2i_value_number(value_at(record, parts->source_port)),
                          (uint16_t)p2i_value_number(value_at(record, parts->destination_port))}},
    };
    return (!cut || p2i_append(out, P2I_VIEW(",\"cut\":true"))) &&
           p2i_json_append_extension(out, &extension);
}
