/* SPDX-License-Identifier: MIT */
/* DNS messages put together by hand, and dialogues of them. */
#ifndef TEST_DNS_TALK_H
#define TEST_DNS_TALK_H

#include <stdio.h>
#include <stdlib.h>

#include "dialog.h"
#include "protocol/protocols.h"
#include "wire.h"

enum { QUERY = 0x0100, RESPONSE = 0x8180 };
enum { A = 1, SOA = 6, TXT = 16, AAAA = 28, IN = 1 };

/* "example.org" stands at 12, its "org" at 20 in every message that begins with a question. */
#define EXAMPLE_HEX "076578616d706c65036f726700"
#define ORG_HEX "036f726700"
#define ADDRESS P2I_VIEW("\xc0\x00\x02\x01")
#define ADDRESS_RECORD "dns S domain=\"example.org\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1"

static const struct p2i_protocol *const only_dns[] = {&p2i_dns, NULL};
static const struct p2i_parse_settings everything = {
    .dns_queries = true, .dns_answers = true, .dns_empty_responses = true, .multicast_dns = true};

static inline void put_u32(struct wire *wire, uint32_t value)
{
    wire_u16(wire, value >> 16);
    wire_u16(wire, value & 0xffff);
}

static inline void put_header(struct wire *wire, unsigned flags, unsigned questions,
                              unsigned answers)
{
    wire->size = 0;
    wire_u16(wire, 0x1234);
    wire_u16(wire, flags);
    wire_u16(wire, questions);
    wire_u16(wire, answers);
    put_u32(wire, 0);
}

static inline void put_question(struct wire *wire, struct p2i_view name, unsigned type)
{
    wire_put(wire, name);
    wire_u16(wire, type);
    wire_u16(wire, IN);
}

static inline void put_record(struct wire *wire, struct p2i_view owner, unsigned type,
                              struct p2i_view rdata)
{
    put_question(wire, owner, type);
    put_u32(wire, 300);
    wire_u16(wire, (unsigned)rdata.size);
    wire_put(wire, rdata);
}

#define EXAMPLE P2I_VIEW("\7example\3org\0")
#define TO_QUESTION P2I_VIEW("\xc0\x0c")

static inline void put_response(struct wire *wire, unsigned type, unsigned answers)
{
    put_header(wire, RESPONSE, 1, answers);
    put_question(wire, EXAMPLE, type);
}

static inline void put_query(struct wire *wire, unsigned type)
{
    put_header(wire, QUERY, 1, 0);
    put_question(wire, EXAMPLE, type);
}

/* Adds a message of a TCP stream. */
static inline void put_framed(struct wire *stream, const struct wire *message)
{
    wire_u16(stream, (unsigned)message->size);
    wire_put(stream, wire_view(message));
}

static inline struct dialog_step server_says(const struct wire *wire)
{
    return (struct dialog_step){P2I_FROM_RESPONDER, (const char *)wire->data, wire->size};
}

static inline struct dialog_step client_says(const struct wire *wire)
{
    return (struct dialog_step){P2I_FROM_INITIATOR, (const char *)wire->data, wire->size};
}

static inline struct dialog talk(enum p2i_transport transport, uint16_t port,
                                 const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = transport, .port = {40000, port}},
        .protocols = only_dns,
        .settings = everything,
        .steps = steps,
        .step_count = count,
    };
}

/* One datagram or one stream of the server's. */
static inline void expect(enum p2i_transport transport, uint16_t port, const struct wire *wire,
                          const char *expected)
{
    struct dialog_step step = server_says(wire);
    struct dialog dialog = talk(transport, port, &step, 1);
    dialog_expect(&dialog, expected);
}

static inline void expect_with(struct p2i_parse_settings settings, const struct dialog_step *steps,
                               size_t count, const char *expected)
{
    struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, count);
    dialog.settings = settings;
    dialog_expect(&dialog, expected);
}

static inline size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

#endif
