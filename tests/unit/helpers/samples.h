/* SPDX-License-Identifier: MIT */
/* Encoded records for tests of exporters. */
#ifndef TEST_HELPERS_SAMPLES_H
#define TEST_HELPERS_SAMPLES_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/message.h"
#include "record/record.h"

/* A message of any kind: all zeros, but for long octets in a DNS record. */
union sample_message {
    struct p2i_clickstream clickstream;
    struct p2i_mail mail;
    struct p2i_sip sip;
    struct p2i_dns dns;
    struct p2i_flow flow;
};

/* Appends an encoded record; its bytes live until the next one is appended. */
static inline struct p2i_record sample_record(struct p2i_buffer *buffer, enum p2i_record_kind kind,
                                              uint8_t ip_version, uint32_t time_s,
                                              size_t octets_size)
{
    static const struct p2i_address source = {.bytes = {0x20, 1, 0x0d, 0xb8, [15] = 1}};
    static const struct p2i_address destination = {.bytes = {0x20, 1, 0x0d, 0xb8, [15] = 2}};
    static const struct p2i_encoding encoding = {.string_limit = 4096};
    uint8_t *octets = calloc(1, octets_size + 1);
    struct p2i_packet_info info = {.time_ns = time_s * UINT64_C(1000000000)};
    struct p2i_record_facts facts = {.source = &source,
                                     .destination = &destination,
                                     .info = &info,
                                     .login = P2I_VIEW("login"),
                                     .session_id = UINT64_C(18446744073709551615),
                                     .source_port = 40000,
                                     .destination_port = 53,
                                     .ip_version = ip_version,
                                     .transport = P2I_PROTO_UDP};
    union sample_message message;
    memset(&message, 0, sizeof message);
    if (kind == P2I_RECORD_DNS) {
        message.dns = (struct p2i_dns){.domain = P2I_VIEW("www.example.com"),
                                       .rdata = p2i_view_of(octets, octets_size)};
    }
    size_t before = buffer->size;
    struct p2i_encode_counts counts = {0};
    cr_assert(p2i_encode(&encoding, kind, &facts, &message, buffer, &counts));
    free(octets);
    return (struct p2i_record){.bytes = p2i_view_of(buffer->data + before, buffer->size - before),
                               .time_s = time_s,
                               .kind = kind,
                               .ip_version = ip_version};
}

#endif
