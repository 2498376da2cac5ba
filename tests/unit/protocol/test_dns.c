/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
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

static void put_u32(struct wire *wire, uint32_t value)
{
    wire_u16(wire, value >> 16);
    wire_u16(wire, value & 0xffff);
}

static void put_header(struct wire *wire, unsigned flags, unsigned questions, unsigned answers)
{
    wire->size = 0;
    wire_u16(wire, 0x1234);
    wire_u16(wire, flags);
    wire_u16(wire, questions);
    wire_u16(wire, answers);
    put_u32(wire, 0);
}

static void put_question(struct wire *wire, struct p2i_view name, unsigned type)
{
    wire_put(wire, name);
    wire_u16(wire, type);
    wire_u16(wire, IN);
}

static void put_record(struct wire *wire, struct p2i_view owner, unsigned type,
                       struct p2i_view rdata)
{
    put_question(wire, owner, type);
    put_u32(wire, 300);
    wire_u16(wire, (unsigned)rdata.size);
    wire_put(wire, rdata);
}

#define EXAMPLE P2I_VIEW("\7example\3org\0")
#define TO_QUESTION P2I_VIEW("\xc0\x0c")

static void put_response(struct wire *wire, unsigned type, unsigned answers)
{
    put_header(wire, RESPONSE, 1, answers);
    put_question(wire, EXAMPLE, type);
}

static void put_query(struct wire *wire, unsigned type)
{
    put_header(wire, QUERY, 1, 0);
    put_question(wire, EXAMPLE, type);
}

/* Adds a message of a TCP stream. */
static void put_framed(struct wire *stream, const struct wire *message)
{
    wire_u16(stream, (unsigned)message->size);
    wire_put(stream, wire_view(message));
}

static struct dialog_step server_says(const struct wire *wire)
{
    return (struct dialog_step){P2I_FROM_RESPONDER, (const char *)wire->data, wire->size};
}

static struct dialog_step client_says(const struct wire *wire)
{
    return (struct dialog_step){P2I_FROM_INITIATOR, (const char *)wire->data, wire->size};
}

static struct dialog talk(enum p2i_transport transport, uint16_t port,
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
static void expect(enum p2i_transport transport, uint16_t port, const struct wire *wire,
                   const char *expected)
{
    struct dialog_step step = server_says(wire);
    struct dialog dialog = talk(transport, port, &step, 1);
    dialog_expect(&dialog, expected);
}

static void expect_with(struct p2i_parse_settings settings, const struct dialog_step *steps,
                        size_t count, const char *expected)
{
    struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, count);
    dialog.settings = settings;
    dialog_expect(&dialog, expected);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

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

struct rdata_case {
    const char *name;
    unsigned type;
    struct p2i_view rdata;
    const char *hex;
};

Test(dns, names_in_record_data_are_expanded)
{
    const struct rdata_case cases[] = {
        {"NS", 2, P2I_VIEW("\2ns\xc0\x0c"), "026e73" EXAMPLE_HEX},
        {"MD", 3, P2I_VIEW("\xc0\x0c"), EXAMPLE_HEX},
        {"MF", 4, P2I_VIEW("\xc0\x0c"), EXAMPLE_HEX},
        {"CNAME", 5, P2I_VIEW("\1x\xc0\x14"), "0178" ORG_HEX},
        {"SOA", 6, P2I_VIEW("\xc0\x0c\1r\xc0\x14SSSSrrrrRRRReeeemmmm"),
         EXAMPLE_HEX "0172" ORG_HEX "5353535372727272525252526565656"
                     "56d6d6d6d"},
        {"MB", 7, P2I_VIEW("\xc0\x14"), ORG_HEX},
        {"MG", 8, P2I_VIEW("\xc0\x14"), ORG_HEX},
        {"MR", 9, P2I_VIEW("\xc0\x14"), ORG_HEX},
        {"PTR", 12, P2I_VIEW("\xc0\x14"), ORG_HEX},
        {"MINFO", 14, P2I_VIEW("\xc0\x14\xc0\x0c"), ORG_HEX EXAMPLE_HEX},
        {"MX", 15, P2I_VIEW("\0\xa\xc0\x0c"), "000a" EXAMPLE_HEX},
        {"RP", 17, P2I_VIEW("\0\xc0\x14"), "00" ORG_HEX},
        {"AFSDB", 18, P2I_VIEW("\0\1\xc0\x14"), "0001" ORG_HEX},
        {"RT", 21, P2I_VIEW("\0\2\xc0\x14"), "0002" ORG_HEX},
        {"SIG", 24, P2I_VIEW("TTAL111122223333kk\xc0\x14signature"),
         "5454414c3131313132323232333333336b6b" ORG_HEX "7369676e6174757265"},
        {"PX", 26, P2I_VIEW("\0\3\xc0\x14\xc0\x0c"), "0003" ORG_HEX EXAMPLE_HEX},
        {"NXT", 30, P2I_VIEW("\xc0\x14map"), ORG_HEX "6d6170"},
        {"SRV", 33, P2I_VIEW("\0\1\0\2\0\5\xc0\x0c"), "000100020005" EXAMPLE_HEX},
        {"NAPTR", 35, P2I_VIEW("\0\1\0\2\1s\0\2!!\xc0\x14"), "00010002017300022121" ORG_HEX},
        {"KX", 36, P2I_VIEW("\0\4\xc0\x14"), "0004" ORG_HEX},
        {"DNAME", 39, P2I_VIEW("\xc0\x14"), ORG_HEX},
        {"NSEC", 47, P2I_VIEW("\xc0\x14\0\1\x40"), ORG_HEX "000140"},
        {"plain names stay", 15, P2I_VIEW("\0\xa\1m\0"), "000a016d00"},
        {"root", 2, P2I_VIEW("\0"), "00"},
        {"empty", 5, P2I_VIEW(""), ""},
    };
    static struct wire response;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[300];
        put_response(&response, cases[i].type, 2);
        put_record(&response, TO_QUESTION, cases[i].type, cases[i].rdata);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        (void)snprintf(expected, sizeof expected,
                       "dns S domain=\"example.org\" rdata=%s ttl=300 rr_class=1 rr_type=%u @0\n"
                       "%s @0\n",
                       cases[i].hex, cases[i].type, ADDRESS_RECORD);
        struct dialog_step step = server_says(&response);
        struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
        char *text = dialog_play(&dialog, 0);
        cr_assert_str_eq(text, expected, "%s:\n%s\ninstead of:\n%s", cases[i].name, text, expected);
        free(text);
    }
}

/* RFC 3597: what looks like a pointer in other types is not one. */
Test(dns, other_record_data_stay)
{
    static const unsigned types[] = {A, TXT, 10, 38, 43, 46, 48, 50, 64, 65, 257, 65399};
    static struct wire response;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char expected[100];
        put_response(&response, A, 1);
        put_record(&response, TO_QUESTION, types[i], P2I_VIEW("\xc0\x0c\xff"));
        (void)snprintf(expected, sizeof expected,
                       "dns S domain=\"example.org\" rdata=c00cff ttl=300 rr_class=1 rr_type=%u "
                       "@0\n",
                       types[i]);
        expect(P2I_OVER_UDP, 53, &response, expected);
    }
}

/* The record itself is there: it goes out without data, and the next is read. */
Test(dns, bad_record_data_are_left_out)
{
    const struct rdata_case cases[] = {
        {"to itself", 2, P2I_VIEW("\xc0\x39"), NULL},
        {"to no name", 2, P2I_VIEW("\xc0\x44"), NULL},
        {"out of the message", 2, P2I_VIEW("\xc1\x00"), NULL},
        {"into the header", 2, P2I_VIEW("\xc0\x0b"), NULL},
        {"past the data", 2, P2I_VIEW("\2n"), NULL},
        {"half a pointer", 2, P2I_VIEW("\xc0"), NULL},
        {"no second name", 6, P2I_VIEW("\xc0\x0c"), NULL},
        {"no name", 15, P2I_VIEW("\0\xa"), NULL},
        {"no preference", 15, P2I_VIEW("\0"), NULL},
        {"strings too long", 35, P2I_VIEW("\0\1\0\2\1s\0\x20!!\xc0\x14"), NULL},
        {"reserved label type", 2, P2I_VIEW("\x40xx\0"), NULL},
    };
    static struct wire response;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[300];
        put_response(&response, A, 3);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        cr_assert_eq(response.size, 0x2d);
        put_record(&response, P2I_VIEW("\xc0\x14"), cases[i].type, cases[i].rdata);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        (void)snprintf(expected, sizeof expected,
                       "%s @0\ndns S domain=\"org\" rdata= ttl=300 rr_class=1 rr_type=%u @0\n"
                       "%s @0\n",
                       ADDRESS_RECORD, cases[i].type, ADDRESS_RECORD);
        expect(P2I_OVER_UDP, 53, &response, expected);
    }
}

/* Names in record data may lead forward too. */
Test(dns, record_data_with_forward_pointers)
{
    static struct wire response;
    put_response(&response, 15, 2);
    put_record(&response, TO_QUESTION, 15, P2I_VIEW("\0\xa\4mail\xc0\x34"));
    cr_assert_eq(response.size, 0x32);
    put_record(&response, P2I_VIEW("\1x\3net\0"), A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"example.org\" rdata=000a046d61696c036e657400 ttl=300 rr_class=1"
           " rr_type=15 @0\n"
           "dns S domain=\"x.net\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n");
}

Test(dns, presentation_form)
{
    static struct wire response;
    put_response(&response, A, 3);
    put_record(&response, P2I_VIEW("\0"), A, ADDRESS);
    put_record(&response, P2I_VIEW("\12a.b\\c d\0\x7f~\2\xc3\xa4\1!\0"), A, ADDRESS);
    put_record(&response, P2I_VIEW("\6_Sip-9\1*\0"), A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n"
           "dns S domain=\"a\\x5c.b\\x5c\\x5cc\\x5c032d\\x5c000\\x5c127~.\\x5c195\\x5c164.!\""
           " rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n"
           "dns S domain=\"_Sip-9.*\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n");
}

/* A name of `size` bytes on the wire, of bytes that need four characters each. */
static void put_long_name(struct wire *wire, size_t size)
{
    while (size > 1) {
        size_t label = size - 2 < 63 ? size - 2 : 63;
        wire_u8(wire, (unsigned)label);
        wire_fill(wire, 0xff, label);
        size -= label + 1;
    }
    wire_u8(wire, 0);
}

Test(dns, names_of_255_bytes_and_no_more)
{
    static struct wire response, name;
    for (size_t size = 254; size <= 256; size++) {
        name.size = 0;
        put_long_name(&name, size);
        cr_assert_eq(name.size, size);
        put_response(&response, A, 1);
        put_record(&response, wire_view(&name), A, ADDRESS);
        struct dialog_step step = server_says(&response);
        struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
        char *text = dialog_play(&dialog, 0);
        cr_assert_eq(count_lines(text), size <= 255 ? 1 : 0, "%zu bytes", size);
        free(text);
    }
    /* Also when it is put together by a pointer. */
    name.size = 0;
    put_long_name(&name, 255);
    put_header(&response, RESPONSE, 1, 2);
    put_question(&response, wire_view(&name), A);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_record(&response, P2I_VIEW("\1a\xc0\x0c"), A, ADDRESS);
    struct dialog_step step = server_says(&response);
    struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
    char *text = dialog_play(&dialog, 0);
    cr_assert_eq(count_lines(text), 1);
    free(text);
}

Test(dns, chains_of_pointers)
{
    static struct wire response;
    for (unsigned jumps = 31; jumps <= 33; jumps++) {
        put_response(&response, A, 2);
        /* A record whose data are pointers, each to the one before, the first to the question. */
        put_question(&response, TO_QUESTION, TXT);
        put_u32(&response, 0);
        wire_u16(&response, 2 * (jumps - 1));
        unsigned target = 12;
        for (unsigned i = 0; i + 1 < jumps; i++) {
            unsigned here = (unsigned)response.size;
            wire_u16(&response, 0xc000 | target);
            target = here;
        }
        const uint8_t pointer[] = {(uint8_t)(0xc0 | target >> 8), (uint8_t)target};
        put_record(&response, p2i_view_of(pointer, 2), A, ADDRESS);
        struct dialog_step step = server_says(&response);
        struct dialog dialog = talk(P2I_OVER_UDP, 53, &step, 1);
        char *text = dialog_play(&dialog, 0);
        cr_assert_eq(count_lines(text), jumps <= 32 ? 2 : 1, "%u jumps:\n%s", jumps, text);
        free(text);
    }
}

/* A name that leads nowhere costs its record; the lengths tell where the next one begins. */
Test(dns, bad_owner_names_cost_their_record)
{
    const struct p2i_view owners[] = {
        P2I_VIEW("\xc0\x2d"),    /* to itself */
        P2I_VIEW("\1a\xc0\x2d"), /* to its own label */
        P2I_VIEW("\xff\xff"),    /* out of the message */
        P2I_VIEW("\xc0\x00"),    /* to the header */
        P2I_VIEW("\1b\xc0\x31"), /* to its type, which is no name */
    };
    static struct wire response;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        put_response(&response, A, 3);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        cr_assert_eq(response.size, 0x2d);
        put_record(&response, owners[i], 0x4141, ADDRESS);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @0\n");
    }
}

/* Where a name ends that is none nobody knows. */
Test(dns, unknown_labels_end_the_message)
{
    const struct p2i_view owners[] = {P2I_VIEW("\x80\0"), P2I_VIEW("\x40"), P2I_VIEW("\x7f")};
    static struct wire response;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        put_response(&response, A, 3);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        put_record(&response, owners[i], A, ADDRESS);
        put_record(&response, TO_QUESTION, A, ADDRESS);
        expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n");
    }
}

/* In the answer section, and between question and answers. */
Test(dns, forward_pointers)
{
    static struct wire response;
    put_header(&response, RESPONSE, 1, 2);
    put_question(&response, P2I_VIEW("\1q\xc0\x24"), A);
    put_record(&response, P2I_VIEW("\1w\xc0\x26"), A, ADDRESS);
    cr_assert_eq(response.size, 0x26);
    put_record(&response, P2I_VIEW("\3fwd\7example\0"), A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"w.fwd.example\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n"
           "dns S domain=\"fwd.example\" rdata=c0000201 ttl=300 rr_class=1 rr_type=1 @0\n");
    response.data[7] = 0; /* no answer, so the question's name is wanted, which cannot be told */
    expect(P2I_OVER_UDP, 53, &response, "");
    response.data[15] = 0x26;
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"q.fwd.example\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n");
}

/* A name that nobody asks for does not matter. */
Test(dns, bad_names_in_the_question)
{
    static struct wire response, name;
    wire_fill(&name, 1, 400); /* labels of one byte each */
    wire_u8(&name, 0);
    put_header(&response, RESPONSE, 1, 1);
    put_question(&response, wire_view(&name), A);
    put_record(&response, EXAMPLE, A, ADDRESS);
    static struct wire stream;
    put_framed(&stream, &response);
    expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n");
    expect(P2I_OVER_TCP, 53, &stream, ADDRESS_RECORD " @0\n");
}

/* The labels behind a pointer's target run into the pointer itself. */
Test(dns, pointer_into_running_labels)
{
    static struct wire response;
    put_response(&response, A, 2);
    put_record(&response, TO_QUESTION, TXT, P2I_VIEW("\x0b 4567890123"));
    put_record(&response, P2I_VIEW("\xc0\x29"), A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"example.org\" rdata=0b2034353637383930313233"
           " ttl=300 rr_class=1 rr_type=16 @0\n");
}

/* What of a response of three addresses is there; its question ends at 29, each record has 16. */
static void put_cut(char *text, size_t room, size_t size, size_t whole, const char *at)
{
    FILE *out = fmemopen(text, room, "w");
    const char *cut = size < whole ? " cut" : "";
    size_t records = size < 45 ? 0 : (size - 29) / 16;
    for (size_t i = 0; i < records; i++) {
        (void)fprintf(out, ADDRESS_RECORD "%s @%s\n", cut, at);
    }
    if (records == 0 && size >= 29) {
        (void)fprintf(
            out, "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @%s\n", at);
    }
    (void)fputc('\0', out);
    (void)fclose(out);
}

static void put_three_addresses(struct wire *response)
{
    put_response(response, A, 3);
    for (size_t i = 0; i < 3; i++) {
        put_record(response, TO_QUESTION, A, ADDRESS);
    }
}

/* By the snaplen. */
Test(dns, datagram_cut_anywhere)
{
    static struct wire response;
    put_three_addresses(&response);
    size_t whole = response.size;
    for (size_t size = 0; size <= whole; size++) {
        char expected[1000];
        response.size = size;
        put_cut(expected, sizeof expected, size, whole, "0");
        struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(whole - size)};
        struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, size < whole ? 2 : 1);
        dialog_expect(&dialog, expected);
    }
}

/* By its sender: nothing was lost, and what is there is as it should be. */
Test(dns, datagram_that_ends_early_is_not_cut)
{
    static struct wire response;
    put_three_addresses(&response);
    response.size -= 5;
    expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @0\n");
    response.size = 29 + 5;
    expect(P2I_OVER_UDP, 53, &response, "");
}

Test(dns, cut_query_and_cut_response_without_answer)
{
    static struct wire query, empty;
    put_query(&query, A);
    query.data[11] = 1; /* OPT, of which nothing is there */
    put_response(&empty, AAAA, 0);
    empty.data[9] = 1; /* SOA */
    struct dialog_step steps[] = {client_says(&query), DIALOG_CLIENT_LOSES(11), server_says(&empty),
                                  DIALOG_SERVER_LOSES(40)};
    const char *asked = "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @0\n";
    const char *told = "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=28 cut @2\n";
    expect_with((struct p2i_parse_settings){.dns_queries = true}, steps, 4, asked);
    expect_with((struct p2i_parse_settings){.dns_answers = true}, steps, 4, "");
    expect_with((struct p2i_parse_settings){.dns_answers = true, .dns_empty_responses = true},
                steps, 4, told);
}

/* The settings decide also where the answers of a response are cut off. */
Test(dns, cut_answers_and_settings)
{
    static struct wire response;
    put_three_addresses(&response);
    response.size = 40;
    struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(37)};
    expect_with((struct p2i_parse_settings){.dns_answers = true}, steps, 2, "");
}

/* An owner name that leads to where nothing was captured is not known. */
Test(dns, pointer_behind_the_cut)
{
    static struct wire response;
    put_response(&response, A, 3);
    put_record(&response, P2I_VIEW("\xc0\x60"), A, ADDRESS);
    put_record(&response, TO_QUESTION, 2, P2I_VIEW("\xc0\x60"));
    struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(100)};
    struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, 2);
    dialog_expect(&dialog,
                  "dns S domain=\"example.org\" rdata= ttl=300 rr_class=1 rr_type=2 cut @0\n");
}

/* By a gap, the sender, or the end of the capture. */
Test(dns, stream_cut_anywhere)
{
    static struct wire response, stream;
    put_three_addresses(&response);
    put_framed(&stream, &response);
    size_t whole = stream.size;
    for (size_t size = 0; size <= whole; size++) {
        char expected[1000];
        stream.size = size;
        put_cut(expected, sizeof expected, size < 2 ? 0 : size - 2, whole - 2, "0");
        for (int ending = 0; ending < 3; ending++) {
            struct dialog_step steps[] = {
                server_says(&stream),
                ending == 0 ? (struct dialog_step)DIALOG_SERVER_CLOSES
                            : (struct dialog_step)DIALOG_SERVER_LOSES(70000),
            };
            struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, ending == 2 ? 1 : 2);
            const size_t pieces[] = {0, 1, 7};
            for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
                char *text = dialog_play(&dialog, pieces[i]);
                cr_assert_str_eq(text, expected, "cut at %zu:\n%s", size, text);
                free(text);
            }
        }
    }
}

Test(dns, counts_lie)
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

    put_header(&response, RESPONSE, 0, 0); /* nothing to tell: no question */
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

/* Bytes that are lost within a message cost no other, wherever it goes on. */
Test(dns, gap_within_a_message)
{
    static struct wire response, first, rest, other;
    put_three_addresses(&response);
    put_framed(&first, &response);
    put_response(&response, A, 1);
    response.data[2] |= 4 << 3; /* NOTIFY, which is not looked for */
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&other, &response);
    size_t whole = first.size;
    for (size_t captured = 2; captured < 48; captured += 5) {
        for (size_t lost = 1; captured + lost <= whole; lost += 7) {
            char expected[1000];
            rest.size = 0;
            wire_put(&rest, p2i_view_from(wire_view(&first), captured + lost));
            wire_put(&rest, wire_view(&other));
            struct wire begin = first;
            begin.size = captured;
            (void)strcpy(expected, ADDRESS_RECORD " @0\n");
            put_cut(expected + strlen(expected), 500, captured - 2, whole, "1");
            (void)strcat(expected, ADDRESS_RECORD " @3\n");
            struct dialog_step steps[] = {server_says(&other), server_says(&begin),
                                          DIALOG_SERVER_LOSES(lost), server_says(&rest)};
            struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
            char *text = dialog_play(&dialog, 0);
            cr_assert_str_eq(text, expected, "%zu, %zu lost:\n%s", captured, lost, text);
            free(text);
            if (lost == 1 && captured > 30) {
                dialog_expect(&dialog, expected);
            }
        }
    }
}

/* What stands in a message of which bytes were lost is no message. */
Test(dns, gap_hides_no_forged_message)
{
    static struct wire response, forged, first, rest;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&forged, &response);
    put_response(&response, TXT, 1);
    put_record(&response, TO_QUESTION, TXT, wire_view(&forged));
    put_framed(&first, &response);
    wire_put(&rest, p2i_view_from(wire_view(&first), 43));
    put_framed(&rest, &response);
    first.size = 33;
    struct dialog_step steps[] = {server_says(&first), DIALOG_SERVER_LOSES(10), server_says(&rest)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 3);
    char *text = dialog_play(&dialog, 0);
    cr_assert_eq(count_lines(text), 2, "%s", text);
    cr_assert_not_null(strstr(text, "rr_type=16 cut @0\n"), "%s", text);
    cr_assert_not_null(strstr(text, "rr_type=16 @2\n"), "%s", text);
    cr_assert_null(strstr(text, ADDRESS_RECORD), "%s", text);
    free(text);
}

/* Segment by segment with a snaplen: the rest of each is lost. */
Test(dns, stream_cut_by_the_snaplen)
{
    static struct wire response, stream;
    put_three_addresses(&response);
    put_framed(&stream, &response);
    size_t lost = stream.size - 40;
    stream.size = 40;
    struct dialog_step steps[] = {server_says(&stream), DIALOG_SERVER_LOSES(lost),
                                  server_says(&stream), DIALOG_SERVER_LOSES(lost)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
    dialog_expect(&dialog,
                  "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @0\n"
                  "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @2\n");
}

/* Behind a loss that goes beyond a message the next one is found, also in the middle of a segment,
 * and however the bytes come. */
Test(dns, resynchronises_after_a_gap)
{
    static struct wire response, stream, tail, cut;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&stream, &response);
    wire_put(&tail, P2I_VIEW("the rest of a message \0\1\0\1 of which the head is lost"));
    wire_put(&tail, wire_view(&stream));
    wire_put(&cut, wire_view(&stream));
    cut.size = 40;
    const uint16_t ports[] = {53, 4444};
    for (size_t i = 0; i < 2; i++) {
        struct dialog_step steps[] = {
            server_says(&stream), DIALOG_SERVER_LOSES(100), server_says(&tail),
            server_says(&stream), server_says(&tail),       server_says(&cut),
        };
        struct dialog dialog = talk(P2I_OVER_TCP, ports[i], steps, 6);
        dialog_expect(&dialog, ADDRESS_RECORD
                      " @0\n" ADDRESS_RECORD " @2\n" ADDRESS_RECORD " @3\n" ADDRESS_RECORD " @4\n"
                      "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @5\n");
    }
}

/* AXFR: the later messages of a transfer have no question (RFC 5936 section 2.2.1). */
Test(dns, transfer_goes_on_after_a_gap)
{
    static struct wire response, stream, zeros;
    put_header(&response, RESPONSE, 0, 1);
    put_record(&response, EXAMPLE, A, ADDRESS);
    put_framed(&stream, &response);
    wire_fill(&zeros, 0, 40);
    struct dialog_step steps[] = {server_says(&stream), DIALOG_SERVER_LOSES(100),
                                  server_says(&zeros), server_says(&stream)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
    dialog_expect(&dialog, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @3\n");
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
        const size_t pieces[] = {0, 1, 1460, 65536};
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            char *text = dialog_play(&dialog, pieces[i]);
            cr_assert_eq(count_lines(text), 3, "%zu bytes in pieces of %zu", size, pieces[i]);
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
    const size_t pieces[] = {0, 1460, 65536, 65537};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *text = dialog_play(&dialog, pieces[i]);
        cr_assert_eq(count_lines(text), records + 1, "in pieces of %zu: %zu", pieces[i],
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
