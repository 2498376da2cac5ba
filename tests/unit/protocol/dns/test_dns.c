/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "dns_talk.h"

Test(dns, query_and_response_over_udp)
{
    static struct wire query, response;
    put_query(&query, A);
    put_response(&response, A, 2);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_record(&response, P2I_VIEW("\3www\xc0\x0c"), AAAA, P2I_VIEW("\x20\x01\xd\xb8 abcdefghijk"));
    struct dialog_step steps[] = {client_says(&query), server_says(&response)};
    expect_with(everything, steps, 2,
                "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n" //
                ADDRESS_RECORD " @1\n"
                "dns S domain=\"www.example.org\" rdata=20010db8206162636465666768696a6b"
                " ttl=300 rr_class=1 rr_type=28 @1\n");
}

Test(dns, settings)
{
    static struct wire query, response, empty;
    put_query(&query, A);
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_response(&empty, AAAA, 0);
    struct dialog_step steps[] = {client_says(&query), server_says(&response), server_says(&empty)};
    const char *asked = "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n";
    expect_with((struct p2i_parse_settings){.dns_queries = true}, steps, 3, asked);
    expect_with((struct p2i_parse_settings){.dns_answers = true}, steps, 3, ADDRESS_RECORD " @1\n");
    expect_with(
        (struct p2i_parse_settings){.dns_answers = true, .dns_empty_responses = true}, steps, 3,
        ADDRESS_RECORD " @1\n"
                       "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=28 @2\n");
    expect_with((struct p2i_parse_settings){.dns_empty_responses = true}, steps, 3, "");
}

/* The authority and additional sections (here SOA, OPT) give nothing. */
Test(dns, other_sections_are_passed_over)
{
    static struct wire response;
    put_response(&response, A, 1);
    response.data[9] = 1;
    response.data[11] = 1;
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_record(&response, P2I_VIEW("\xc0\x14"), SOA, P2I_VIEW("\0\0abcdefghijklmnopqrst"));
    put_record(&response, P2I_VIEW("\0"), 41, P2I_VIEW(""));
    expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n");
}

Test(dns, wrong_counts)
{
    static struct wire response;
    put_response(&response, A, 65535);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n");

    put_response(&response, A, 1); /* a second question that is not there */
    put_record(&response, TO_QUESTION, A, ADDRESS);
    response.data[5] = 200;
    expect(P2I_OVER_UDP, 53, &response, "");

    put_response(&response, A, 1); /* more data than there are */
    put_record(&response, TO_QUESTION, A, ADDRESS);
    response.data[response.size - 5] = 5;
    expect(P2I_OVER_UDP, 53, &response, "");

    put_header(&response, RESPONSE, 0, 0); /* no record: no question */
    expect(P2I_OVER_UDP, 53, &response, "");
}

Test(dns, opcodes)
{
    static struct wire response;
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        put_response(&response, A, 1);
        response.data[2] |= (uint8_t)(opcode << 3);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        /* The sections of UPDATE are other things. */
        expect(P2I_OVER_UDP, 53, &response, opcode == 5 ? "" : ADDRESS_RECORD " @0\n");
    }
}

Test(dns, many_datagrams_one_session)
{
    static struct wire response, junk;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    wire_fill(&junk, 0xff, 100);
    struct dialog_step steps[] = {server_says(&junk), server_says(&response), server_says(&junk),
                                  server_says(&response)};
    expect_with(everything, steps, 4, ADDRESS_RECORD " @1\n" ADDRESS_RECORD " @3\n");
}

static void expect_found(enum p2i_transport transport, uint16_t port, const struct wire *wire,
                         bool found)
{
    struct dialog_step step = client_says(wire);
    struct dialog dialog = talk(transport, port, &step, 1);
    char *text = dialog_play(&dialog, 0);
    cr_assert_eq(count_lines(text), found, "transport %d port %u", (int)transport, port);
    free(text);
}

/* What a change of one byte of a good query means for the two ways of looking at it. */
struct doubt_case {
    size_t at;
    uint8_t byte;
    bool on_port;
    bool elsewhere;
};

Test(dns, found_by_content_on_any_port)
{
    const struct doubt_case cases[] = {
        {0, 0x55, true, true},    /* id */
        {2, 0x09, true, false},   /* opcode 1 */
        {2, 0x05, true, false},   /* AA in a query */
        {2, 0x03, true, false},   /* TC in a query */
        {3, 0x80, true, false},   /* RA in a query */
        {3, 0x40, true, false},   /* Z */
        {3, 0x30, true, true},    /* AD, CD */
        {3, 0x03, true, false},   /* a code in a query */
        {4, 0x01, false, false},  /* 257 questions */
        {7, 0x01, true, false},   /* an answer in a query that is not there */
        {9, 0x01, true, false},   /* nor this */
        {11, 0x01, true, false},  /* nor that */
        {12, 0x40, false, false}, /* a label that is not one */
        {25, 0x03, true, false},  /* type 769 */
        {27, 0x02, true, false},  /* class 513 */
        {28, 0x02, true, false},  /* class 2 */
    };
    static struct wire query;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_query(&query, A);
        query.data[cases[i].at] = cases[i].byte;
        expect_found(P2I_OVER_UDP, 53, &query, cases[i].on_port);
        expect_found(P2I_OVER_UDP, 4444, &query, cases[i].elsewhere);
    }
}

Test(dns, netbios_is_not_dns)
{
    static struct wire query;
    put_query(&query, 33);
    expect_found(P2I_OVER_UDP, 1137, &query, true);
    expect_found(P2I_OVER_UDP, 137, &query, false);
}

Test(dns, cut_datagrams_elsewhere_are_not_recognised)
{
    static struct wire query;
    put_query(&query, A);
    size_t whole = query.size;
    for (size_t size = 0; size <= whole; size++) {
        query.size = size;
        expect_found(P2I_OVER_UDP, 4444, &query, size == whole);
    }
}

Test(dns, other_protocols_are_not_dns)
{
    const struct p2i_view others[] = {
        P2I_VIEW("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
        P2I_VIEW("SSH-2.0-OpenSSH_9.2\r\n"),
        P2I_VIEW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a random number of a client"),
        P2I_VIEW("\xff\xff\x81\0\0\0\0\x30\0\0\0\3\1\1\2\0\xc0\0\0\0\0\0\0\x10\1\0\0\x10\0\xeb"),
        P2I_VIEW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        P2I_VIEW("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct p2i_ends ends = {P2I_OVER_TCP, {40000, 4444}};
        cr_assert_eq(p2i_dns.probe(&ends, P2I_FROM_INITIATOR, others[i]), P2I_MATCH_NO, "%zu", i);
        ends.transport = P2I_OVER_UDP;
        cr_assert_eq(p2i_dns.probe(&ends, P2I_FROM_INITIATOR, others[i]), P2I_MATCH_NO, "%zu", i);
        if (i < 3) {
            ends = (struct p2i_ends){P2I_OVER_TCP, {40000, 53}};
            cr_assert_eq(p2i_dns.probe(&ends, P2I_FROM_INITIATOR, others[i]), P2I_MATCH_NO);
        }
    }
}

#define MULTICAST_RECORD                                                                           \
    "dns C domain=\"host.local\" rdata=c0000201 ttl=300 rr_class=32769 rr_type=1 @0\n"

Test(dns, multicast_only_when_wanted)
{
    static struct wire response;
    put_header(&response, 0x8400, 0, 1);
    wire_put(&response, P2I_VIEW("\4host\5local\0\0\1\x80\1\0\0\1\x2c\0\4"));
    wire_put(&response, ADDRESS);
    const uint16_t ports[] = {5353, 5355};
    for (size_t i = 0; i < 2; i++) {
        struct dialog_step steps[] = {client_says(&response), client_says(&response)};
        struct dialog dialog = talk(P2I_OVER_UDP, ports[i], steps, 1);
        dialog_expect(&dialog, MULTICAST_RECORD);
        dialog.settings.multicast_dns = false;
        dialog.step_count = 2;
        dialog_expect(&dialog, "");
        cr_assert_eq(p2i_dns.probe(&dialog.ends, P2I_FROM_INITIATOR, wire_view(&response)),
                     P2I_MATCH_YES, "nobody else is to look at it");
    }
}

/* A client may have any port; and only LLMNR has its port over TCP too. */
Test(dns, unicast_from_the_ports_of_multicast)
{
    static struct wire query, stream;
    put_query(&query, A);
    put_framed(&stream, &query);
    const char *record = "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n";
    struct dialog_step step = client_says(&query);
    struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
    dialog.settings.multicast_dns = false;
    dialog.ends.port[0] = 5353;
    dialog_expect(&dialog, record);

    step = client_says(&stream);
    dialog.ends = (struct p2i_ends){P2I_OVER_TCP, {40000, 5353}};
    dialog_expect(&dialog, record);
    dialog.ends.port[1] = 5355;
    dialog_expect(&dialog, "");
}

Test(dns, queries_and_responses_over_tcp)
{
    static struct wire query, response, ask, answer, second;
    put_query(&query, A);
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&ask, &query);
    put_framed(&ask, &query);
    put_framed(&answer, &response);
    put_framed(&second, &response);
    put_framed(&second, &response);
    struct dialog_step steps[] = {client_says(&ask), server_says(&answer), server_says(&second),
                                  DIALOG_CLIENT_CLOSES, DIALOG_SERVER_CLOSES};
    const uint16_t ports[] = {53, 4444};
    for (size_t i = 0; i < 2; i++) {
        struct dialog dialog = talk(P2I_OVER_TCP, ports[i], steps, 5);
        dialog_expect(
            &dialog,
            "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n"
            "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n" ADDRESS_RECORD
            " @1\n" ADDRESS_RECORD " @2\n" ADDRESS_RECORD " @2\n");
    }
}

/* Where the framing holds, a bad message costs no other. */
Test(dns, bad_messages_in_a_stream_are_passed_over)
{
    static struct wire response, stream;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&stream, &response);
    wire_put(&stream, P2I_VIEW("\0\0\0\5short\0\x14\xff\xff\xff\xff\xff\xff\xff\xff too many..."));
    put_framed(&stream, &response);
    expect(P2I_OVER_TCP, 53, &stream, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @0\n");
}

/* Fills the message up to `size` with a last record of TXT. */
static void fill_message(struct wire *message, size_t size)
{
    size_t filling = size - message->size - 12;
    put_question(message, TO_QUESTION, TXT);
    put_u32(message, 0);
    wire_u16(message, (unsigned)filling);
    wire_fill(message, 'x', filling);
    cr_assert_eq(message->size, size);
}

Test(dns, messages_of_64_kib)
{
    static struct wire large, small, stream;
    put_response(&small, A, 1);
    put_record(&small, TO_QUESTION, A, ADDRESS);
    for (size_t size = 65530; size <= 65534; size++) {
        put_response(&large, A, 2);
        put_record(&large, TO_QUESTION, A, ADDRESS);
        fill_message(&large, size);
        stream.size = 0;
        put_framed(&stream, &large);
        put_framed(&stream, &small);
        struct dialog_step step = server_says(&stream);
        struct dialog dialog = talk(P2I_OVER_TCP, 53, &step, 1);
        const size_t segments[] = {0, 1, 1460, 65536};
        for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
            char *text = dialog_play(&dialog, segments[i]);
            cr_assert_eq(count_lines(text), 3, "%zu bytes in segments of %zu", size, segments[i]);
            free(text);
        }
    }
}

/* The largest message is behind its prefix larger than the stream layer holds. Whatever it holds,
 * the stream goes on behind it. */
Test(dns, message_of_65535_bytes)
{
    static struct wire large, small, stream;
    put_response(&small, A, 1);
    put_record(&small, TO_QUESTION, A, ADDRESS);
    put_response(&large, A, (65535 - 29) / 16);
    while (large.size + 16 <= 65535) {
        put_record(&large, TO_QUESTION, A, ADDRESS);
    }
    wire_fill(&large, 0, 65535 - large.size);
    size_t records = (65535 - 29) / 16;
    put_framed(&stream, &large);
    put_framed(&stream, &small);
    struct dialog_step step = server_says(&stream);
    struct dialog dialog = talk(P2I_OVER_TCP, 53, &step, 1);
    const size_t segments[] = {0, 1460, 65536, 65537};
    for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
        char *text = dialog_play(&dialog, segments[i]);
        cr_assert_eq(count_lines(text), records + 1, "in segments of %zu: %zu", segments[i],
                     count_lines(text));
        free(text);
    }
}

/* Data with names that are too large for the stack. */
Test(dns, large_data_with_names)
{
    static struct wire response, stream, rdata;
    const size_t sizes[] = {700, 1100, 30000, 65000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rdata.size = 0;
        wire_put(&rdata, TO_QUESTION);
        wire_fill(&rdata, 0xab, sizes[i]);
        put_response(&response, A, 1);
        put_record(&response, TO_QUESTION, 47, wire_view(&rdata));
        stream.size = 0;
        put_framed(&stream, &response);
        struct dialog_step step = server_says(&stream);
        struct dialog dialog = talk(P2I_OVER_TCP, 53, &step, 1);
        char *text = dialog_play(&dialog, 0);
        cr_assert_eq(strlen(text),
                     strlen("dns S domain=\"example.org\" rdata= ttl=300 rr_class=1 rr_type=47 "
                            "@0\n" EXAMPLE_HEX) +
                         2 * sizes[i]);
        free(text);
    }
}

/* Answers that point to one name of bytes that are escaped have no more text than sixteen times
 * their message; the last record is marked. */
Test(dns, names_grow_to_a_limit)
{
    enum { LABELS = 4, ANSWERS = 300 };
    static struct wire response;
    put_header(&response, RESPONSE, 1, ANSWERS);
    for (unsigned i = 0; i < LABELS; i++) {
        wire_put(&response, P2I_VIEW("\x3c"));
        wire_fill(&response, 1, 0x3c);
    }
    wire_put(&response, P2I_VIEW("\0\0\1\0\1"));
    for (unsigned i = 0; i < ANSWERS; i++) {
        put_record(&response, TO_QUESTION, A, ADDRESS);
    }
    size_t text = LABELS * 4 * 0x3c + LABELS - 1 + ADDRESS.size;
    struct dialog_step step = server_says(&response);
    struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
    char *got = dialog_play(&dialog, 0);
    cr_assert_eq(count_lines(got), (16 * response.size + text - 1) / text);
    cr_assert_eq(strstr(got, "limited") != NULL, true, "%.2000s", got);
    free(got);
}
