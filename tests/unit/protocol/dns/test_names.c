/* SPDX-License-Identifier: MIT */
/* Names in DNS messages, as owners and in record data. */
#include <criterion/criterion.h>

#include "dns_talk.h"

struct rdata_case {
    const char *name;
    unsigned type;
    struct p2i_view rdata;
    const char *hex;
};

Test(dns_names, names_in_record_data_are_expanded)
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

/* RFC 3597: bytes that look like a pointer in other types are none. */
Test(dns_names, other_record_data_stay)
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

/* The record itself is there: it is emitted without data, and the next is read. */
Test(dns_names, bad_record_data_are_left_out)
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
Test(dns_names, record_data_with_forward_pointers)
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

Test(dns_names, presentation_form)
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

Test(dns_names, names_of_255_bytes_and_no_more)
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

Test(dns_names, chains_of_pointers)
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

/* A name that cannot be expanded costs its record; the lengths give the start of the next one. */
Test(dns_names, bad_owner_names_cost_their_record)
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

/* The end of an invalid name is not known. */
Test(dns_names, unknown_labels_end_the_message)
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
Test(dns_names, forward_pointers)
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
    response.data[7] = 0; /* no answer, so the question's name is needed, which is not known */
    expect(P2I_OVER_UDP, 53, &response, "");
    response.data[15] = 0x26;
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"q.fwd.example\" rdata= ttl=0 rr_class=1 rr_type=1 @0\n");
}

/* A name that is not needed does not matter. */
Test(dns_names, bad_names_in_the_question)
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
Test(dns_names, pointer_into_running_labels)
{
    static struct wire response;
    put_response(&response, A, 2);
    put_record(&response, TO_QUESTION, TXT, P2I_VIEW("\x0b 4567890123"));
    put_record(&response, P2I_VIEW("\xc0\x29"), A, ADDRESS);
    expect(P2I_OVER_UDP, 53, &response,
           "dns S domain=\"example.org\" rdata=0b2034353637383930313233"
           " ttl=300 rr_class=1 rr_type=16 @0\n");
}
