/* SPDX-License-Identifier: MIT */
/* The members of a JSON object that are no fields of the record. */
#include <criterion/criterion.h>
#include <string.h>

#include "protocol/message.h"
#include "record/json.h"

static const struct p2i_address source = {.bytes = {128, 232, 110, 120}};
static const struct p2i_address destination = {.bytes = {66, 35, 250, 204}};
static const struct p2i_packet_info info = {
    .time_ns = UINT64_C(1700000000000000123), .number = 7, .capture = 1};

/* The text of the record behind its last field; lives as long as `line`. */
static const char *members(struct p2i_record *record, const void *message, const char *last_field,
                           struct p2i_buffer *line)
{
    struct p2i_buffer bytes = {0};
    struct p2i_encode_counts counts = {0};
    struct p2i_encoding encoding = {.string_limit = 4096, .extended = record->extended};
    struct p2i_record_facts facts = {.source = &source,
                                     .destination = &destination,
                                     .info = &info,
                                     .source_port = 34855,
                                     .destination_port = 80,
                                     .ip_version = 4,
                                     .transport = P2I_PROTO_TCP,
                                     .end_reason = 3};
    cr_assert(p2i_encode(&encoding, record->kind, &facts, message, &bytes, &counts));
    record->bytes = p2i_view_of(bytes.data, bytes.size);
    record->ip_version = 4;
    record->transport = P2I_PROTO_TCP;
    record->port[0] = 34855;
    record->port[1] = 80;
    record->capture = info.capture;
    record->packet = info.number;
    line->size = 0;
    cr_assert(p2i_record_append_json(line, record));
    cr_assert(p2i_append(line, p2i_view_of("", 1)));
    p2i_buffer_free(&bytes);
    const char *found = strstr((const char *)line->data, last_field);
    cr_assert_not_null(found, "%s", (const char *)line->data);
    return strchr(found, ',') != NULL ? strchr(found, ',') : strchr(found, '}');
}

Test(json, plain_record)
{
    struct p2i_buffer line = {0};
    struct p2i_http_reply reply = {0};
    struct p2i_record record = {.kind = P2I_RECORD_HTTP_REPLY, .capture_name = "a.pcap"};
    cr_expect_str_eq(members(&record, &reply, "\"MPLS_LABELS\"", &line), "}");
    record.cut = true;
    cr_expect_str_eq(members(&record, &reply, "\"MPLS_LABELS\"", &line), ",\"cut\":true}");
    p2i_buffer_free(&line);
}

Test(json, extended_record)
{
    struct p2i_buffer line = {0};
    struct p2i_http_reply reply = {0};
    struct p2i_record record = {
        .kind = P2I_RECORD_HTTP_REPLY, .extended = true, .capture_name = "a\"\xff\n.pcap"};
    cr_expect_str_eq(members(&record, &reply, "\"flowEndReason\"", &line),
                     ",\"capture\":\"a\\\"\\\\xff\\n.pcap\",\"packet\":7,"
                     "\"time\":\"2023-11-14T22:13:20.000000123Z\","
                     "\"community_id\":\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\"}");
    record.capture_name = NULL;
    cr_expect_not_null(strstr(members(&record, &reply, "\"flowEndReason\"", &line),
                              ",\"capture\":\"2\",\"packet\":7,"));
    p2i_buffer_free(&line);
}

Test(json, extended_flow)
{
    struct p2i_buffer line = {0};
    struct p2i_flow flow = {.source_port = 34855, .destination_port = 80};
    struct p2i_record record = {.kind = P2I_RECORD_FLOW,
                                .extended = true,
                                .capture_name = "a.pcap",
                                .lost_bytes = 1000,
                                .cut_bytes = 20};
    cr_expect_str_eq(members(&record, &flow, "\"flowEndReason\"", &line),
                     ",\"lost_bytes\":1000,\"cut_bytes\":20,\"capture\":\"a.pcap\",\"packet\":7,"
                     "\"time\":\"2023-11-14T22:13:20.000000123Z\","
                     "\"community_id\":\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\"}");
    p2i_buffer_free(&line);
}
