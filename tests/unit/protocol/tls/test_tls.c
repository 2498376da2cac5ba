/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/protocols.h"
#include "tls_talk.h"

static struct wire scratch;

/* ---- What the records say ---- */

Test(tls, version_1_3)
{
    struct wire *hello = client(P2I_VIEW("www.example.org")), *answer = server(&tls13);
    add_record(answer, CCS, P2I_VIEW("\x01"));
    add_record(answer, DATA, P2I_VIEW("encrypted"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "www.example.org", "3", "0") REPLY13("www.example.org", "3", "1"));
}

Test(tls, version_1_3_without_a_name_is_emitted_at_the_server_hello)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server(&tls13);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REPLY13("", "0", "1"));
}

Test(tls, version_1_2_has_the_name_of_the_certificate)
{
    struct wire *hello = client(P2I_VIEW("sni.example.org")),
                *answer = server_flight(PLAIN, 100, 0);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "sni.example.org", "3", "0") REPLY12("www.example.org", "2", "1"));
}

Test(tls, a_request_without_a_name_waits_for_the_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "1"));
}

Test(tls, a_certificate_without_a_name)
{
    struct wire *hello = client(P2I_VIEW("sni.example.org")),
                *answer = server_flight(WHOLE(certificate_no_name), 0, 0);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "sni.example.org", "3", "0") REPLY12("sni.example.org", "3", "1"));
}

Test(tls, every_version)
{
    static const struct {
        struct wire_server server;
        const char *expected;
    } cases[] = {
        {{.version = 0x0300, .suite = 5, .compression = 1},
         "version=768 cipher_suite=5 compression_method=1"},
        {{.version = 0x0301, .suite = 47}, "version=769 cipher_suite=47 compression_method=0"},
        {{.version = 0x0302, .suite = 47}, "version=770 cipher_suite=47 compression_method=0"},
        {{.version = 0x7f13, .suite = 0x1302},
         "version=32531 cipher_suite=4866 compression_method=0"},
        {{.version = 0x0303, .suite = 0x1301, .supported_version = 0x7f1c},
         "version=32540 cipher_suite=4865 compression_method=0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        talk_reset();
        struct wire *answer = server(&cases[i].server);
        char expected[200];
        snprintf(expected, sizeof expected, "ssl_reply S host=\"\" %s host_type=0 @0\n",
                 cases[i].expected);
        EXPECT(((struct dialog_step[]){FROM_SERVER(answer)}), expected);
    }
}

Test(tls, grease_and_many_suites_are_kept_as_sent)
{
    struct wire *messages = new_wire(), *hello = new_wire();
    uint8_t suites[40];
    for (uint8_t i = 0; i < sizeof suites; i++) {
        suites[i] = i < 2 ? 0xaa : i;
    }
    wire_client_hello(&scratch, &(struct wire_client){.version = 0x0303,
                                                      .suites = WHOLE(suites),
                                                      .host = P2I_VIEW("x.example")});
    wire_message(messages, 1, wire_view(&scratch));
    add_record(hello, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello)}),
           "clickstream C host=\"x.example\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" "
           "cipher_suites=aaaa02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
           "locked=0 cipher_suites_length=40 host_type=3 method=0 @0\n");
}

/* ---- Resumption and the signs that no certificate comes ---- */

Test(tls, a_resumed_session_has_the_name_of_the_client)
{
    struct wire *hello = client(P2I_VIEW("sni.example.org")), *answer = server(&tls12);
    struct wire *finished = new_wire();
    add_record(finished, CCS, P2I_VIEW("\x01"));
    add_record(finished, HANDSHAKE, P2I_VIEW("\x0b\x00\x00\x40 ciphertext that must not be read"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer), FROM_SERVER(finished)}),
           REQUEST("C", "sni.example.org", "3", "0") REPLY12("sni.example.org", "3", "1"));
}

Test(tls, no_certificate_but_another_message)
{
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *answer = new_wire();
    put_server(messages, &tls12);
    wire_message(messages, 4, P2I_VIEW("\x00\x00\x00\x00\x00\x02tt")); /* NewSessionTicket */
    put_certificate(messages, PLAIN, 0);                               /* comes too late */
    add_record(answer, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REPLY12("", "0", "1"));
}

Test(tls, messages_that_may_come_before_the_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *answer = new_wire();
    put_server(messages, &tls12);
    wire_message(messages, 23,
                 P2I_VIEW("\x00\x00\x04"
                          "data")); /* SupplementalData */
    wire_message(messages, 0, P2I_VIEW(""));
    put_certificate(messages, PLAIN, 9);
    wire_records(answer, HANDSHAKE, 0x0303, wire_view(messages), 61);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "1"));
}

Test(tls, an_empty_certificate_list)
{
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *answer = new_wire();
    put_server(messages, &tls12);
    wire_message(messages, 11, P2I_VIEW("\x00\x00\x00"));
    wire_message(messages, 12, P2I_VIEW("key exchange"));
    add_record(answer, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REPLY12("", "0", "1"));
}

Test(tls, application_data_instead_of_a_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server(&tls12);
    add_record(answer, DATA, P2I_VIEW("ciphertext"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REPLY12("", "0", "1"));
}

/* ---- Retries ---- */

#define EARLY P2I_VIEW("\x00\x2a\x00\x00")

/* HelloRetryRequest, ChangeCipherSpec of both sides, and the second round. */
static void expect_retry(struct p2i_view host, const char *expected)
{
    struct wire *hello = client(host), *again = new_wire(), *second = client(host);
    struct wire *refusal = server(&retry);
    add_record(refusal, CCS, P2I_VIEW("\x01"));
    add_record(again, CCS, P2I_VIEW("\x01"));
    wire_put(again, wire_view(second));
    struct wire *answer = second; /* its bytes have been copied */
    scratch.size = answer->size = 0;
    wire_server_hello(&scratch, &tls13);
    struct p2i_view body = wire_view(&scratch);
    wire_u8(answer, HANDSHAKE);
    wire_u16(answer, 0x0303);
    wire_u16(answer, (unsigned)body.size + 4);
    wire_message(answer, 2, body);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(refusal), FROM_CLIENT(again),
                                   FROM_SERVER(answer)}),
           expected);
}

Test(tls, a_retry_gives_a_request_for_each_hello_and_one_reply)
{
    expect_retry(P2I_VIEW("a.example"),
                 REQUEST("C", "a.example", "3", "0") REQUEST("C", "a.example", "3", "2")
                     REPLY13("a.example", "3", "3"));
}

#define ZELLO(at)                                                                                  \
    "im C login=\"\" password=\"\" screen_name=\"\" uin=\"\" receivers=\"\" result_code=0"         \
    " protocol=106 @" at "\n"

Test(tls, a_session_to_a_host_of_zello_gives_its_record_once)
{
    expect_retry(P2I_VIEW("Net.ZelloWork.io"), REQUEST("C", "Net.ZelloWork.io", "3", "0") ZELLO("0")
                                                   REQUEST("C", "Net.ZelloWork.io", "3", "2")
                                                       REPLY13("Net.ZelloWork.io", "3", "3"));
}

Test(tls, a_retry_without_a_name)
{
    expect_retry(P2I_VIEW(""),
                 REQUEST("C", "", "0", "0") REQUEST("C", "", "0", "2") REPLY13("", "0", "3"));
}

Test(tls, early_data_between_two_hellos)
{
    struct wire *messages = new_wire(), *hello = new_wire(), *refusal = server(&retry),
                *again = new_wire();
    put_client(messages, P2I_VIEW("a.example"), EARLY);
    add_record(hello, HANDSHAKE, wire_view(messages));
    add_record(hello, CCS, P2I_VIEW("\x01"));
    add_record(hello, DATA, P2I_VIEW("early"));
    messages->size = 0;
    put_client(messages, P2I_VIEW("a.example"), (struct p2i_view){0});
    add_record(again, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(refusal), FROM_CLIENT(again)}),
           REQUEST("C", "a.example", "3", "0") REQUEST("C", "a.example", "3", "2"));
}

Test(tls, hello_retry_request_of_the_drafts)
{
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *refusal = new_wire();
    struct wire *answer = server(&(struct wire_server){.version = 0x7f12, .suite = 0x1301});
    wire_message(messages, 6, P2I_VIEW("\x7f\x12\x00\x06\x00\x33\x00\x02\x00\x1d"));
    add_record(refusal, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(refusal), FROM_CLIENT(hello),
                                   FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REQUEST("C", "", "0", "2")
               REPLY("S", "", "32530", "4865", "0", "3"));
}

/* ---- Records and messages, split and joined ---- */

Test(tls, messages_over_many_records)
{
    for (size_t fragment = 1; fragment < 40; fragment += 6) {
        talk_reset();
        struct wire *messages = new_wire(), *hello = new_wire();
        put_client(messages, P2I_VIEW("a.example"), (struct p2i_view){0});
        wire_records(hello, HANDSHAKE, 0x0301, wire_view(messages), fragment);
        struct wire *answer = server_flight(WHOLE(certificate_printable), 20, fragment);
        struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_SERVER(answer)};
        const char *expected =
            REQUEST("C", "a.example", "3", "0") REPLY12("printable.example", "2", "1");
        if (fragment == 13) {
            EXPECT(steps, expected);
        } else {
            expect_some_cuts(steps, COUNT(steps), expected);
        }
    }
}

Test(tls, empty_records_alerts_and_heartbeats_in_between)
{
    struct wire *messages = new_wire(), *hello = new_wire(), *answer = new_wire();
    put_client(messages, P2I_VIEW("a.example"), (struct p2i_view){0});
    struct p2i_view bytes = wire_view(messages);
    add_record(hello, HANDSHAKE, p2i_view_first(bytes, 3));
    add_record(hello, HANDSHAKE, P2I_VIEW(""));
    add_record(hello, ALERT, P2I_VIEW("\x01\x70"));
    add_record(hello, HANDSHAKE, p2i_view_from(bytes, 3));
    struct wire *flight = new_wire();
    put_server(flight, &tls12);
    size_t hello_size = flight->size;
    put_certificate(flight, PLAIN, 0);
    bytes = wire_view(flight);
    add_record(answer, ALERT, P2I_VIEW("\x01\x70"));
    add_record(answer, HANDSHAKE, P2I_VIEW(""));
    add_record(answer, HANDSHAKE, p2i_view_first(bytes, hello_size));
    add_record(answer, HEARTBEAT, P2I_VIEW("\x01\x00\x00"));
    add_record(answer, ALERT, P2I_VIEW("\x01\x70"));
    add_record(answer, HANDSHAKE, P2I_VIEW(""));
    add_record(answer, HANDSHAKE, p2i_view_from(bytes, hello_size));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "a.example", "3", "0") REPLY12("www.example.org", "2", "1"));
}

Test(tls, an_alert_first)
{
    struct wire *hello = new_wire(), *messages = new_wire();
    add_record(hello, ALERT, P2I_VIEW("\x01\x70"));
    put_client(messages, P2I_VIEW("a.example"), (struct p2i_view){0});
    add_record(hello, HANDSHAKE, wire_view(messages));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello)}), REQUEST("C", "a.example", "3", "0"));
}

/* The hello begins in the middle of a record that came in one packet, and ends in another. */
Test(tls, the_packet_info_is_that_of_the_first_byte)
{
    struct wire *messages = new_wire(), *hello = client(P2I_VIEW("")), *answer = new_wire();
    wire_message(messages, 0, P2I_VIEW("")); /* HelloRequest */
    put_server(messages, &tls12);
    put_certificate(messages, PLAIN, 0);
    add_record(answer, HANDSHAKE, wire_view(messages));
    const char *bytes = (const char *)answer->data;
    const char *first = (const char *)hello->data;
    /* Cut inside the record header, and inside the message header. */
    struct dialog_step steps[] = {{P2I_FROM_INITIATOR, first, 3},
                                  {P2I_FROM_INITIATOR, first + 3, 4},
                                  {P2I_FROM_INITIATOR, first + 7, hello->size - 7},
                                  {P2I_FROM_RESPONDER, bytes, 9},
                                  {P2I_FROM_RESPONDER, bytes + 9, 2},
                                  {P2I_FROM_RESPONDER, bytes + 11, 20},
                                  {P2I_FROM_RESPONDER, bytes + 31, answer->size - 31}};
    EXPECT(steps, REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "4"));
}

Test(tls, a_record_header_in_one_packet_and_the_message_in_the_next)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *answer = server(&tls13);
    const char *bytes = (const char *)answer->data;
    struct dialog_step steps[] = {FROM_CLIENT(hello),
                                  {P2I_FROM_RESPONDER, bytes, 5},
                                  {P2I_FROM_RESPONDER, bytes + 5, answer->size - 5}};
    EXPECT(steps, REQUEST("C", "a.example", "3", "0") REPLY13("a.example", "3", "1"));
}

Test(tls, a_long_chain_is_skipped_unseen_and_a_long_leaf_is_shortened)
{
    /* A leaf of 70,000 bytes whose subject is at its beginning. */
    static uint8_t leaf[70000] = "\x30\x83\x01\x11\x6b\x30\x83\x01\x11\x66\x02\x01\x01\x30\x00\x30"
                                 "\x00\x30\x00\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
                                 "z";
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(WHOLE(leaf), 50000, 16000);
    struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_SERVER(answer)};
    expect_some_cuts(steps, COUNT(steps), REQUEST("C", "z", "2", "0") REPLY12("z", "2", "1"));
}

/* ---- One side only, and the wrong way round ---- */

Test(tls, only_the_client)
{
    struct wire *hello = client(P2I_VIEW("a.example"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello)}), REQUEST("C", "a.example", "3", "0"));
}

Test(tls, only_the_client_without_a_name)
{
    struct wire *hello = client(P2I_VIEW("")), *rest = new_wire(), *second = client(P2I_VIEW("b"));
    struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_CLIENT(second), FROM_CLIENT(rest)};
    /* It is emitted when the client continues, so before the record of another hello. */
    add_record(rest, HANDSHAKE, P2I_VIEW("\x10\x00\x00\x02ke"));
    EXPECT(steps, REQUEST("C", "", "0", "0") REQUEST("C", "b", "3", "1"));
    struct dialog_step data[] = {FROM_CLIENT(hello), FROM_CLIENT(rest)};
    rest->size = 0;
    add_record(rest, CCS, P2I_VIEW("\x01"));
    add_record(rest, HANDSHAKE, P2I_VIEW("\x01\x00\x00\x20 ciphertext that begins like a hello"));
    data[1].size = rest->size;
    EXPECT(data, REQUEST("C", "", "0", "0"));
}

Test(tls, a_client_that_is_past_its_hello_waits_for_no_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    wire_records(hello, HANDSHAKE, 0x0303, P2I_VIEW("\x10\x00\x00\x02ke"), 0);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0") REPLY12("www.example.org", "2", "1"));
}

Test(tls, only_the_server)
{
    struct wire *answer = server_flight(PLAIN, 100, 0);
    EXPECT(((struct dialog_step[]){FROM_SERVER(answer)}), REPLY12("www.example.org", "2", "0"));
}

Test(tls, the_server_speaks_first_in_the_capture)
{
    struct wire *answer = server_flight(PLAIN, 0, 0), *hello = client(P2I_VIEW(""));
    EXPECT(((struct dialog_step[]){FROM_SERVER(answer), FROM_CLIENT(hello)}),
           REPLY12("www.example.org", "2", "0") REQUEST("C", "www.example.org", "2", "1"));
}

Test(tls, the_initiator_is_the_server)
{
    struct wire *answer = server(&tls13), *hello = client(P2I_VIEW("a.example"));
    struct dialog_step steps[] = {FROM_SERVER(hello), FROM_CLIENT(answer)};
    EXPECT(steps,
           REQUEST("S", "a.example", "3", "0") REPLY("C", "a.example", "772", "4865", "3", "1"));
}

/* ---- Hostile ---- */

Test(tls, any_byte_may_be_wrong)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *answer = server_flight(PLAIN, 5, 90);
    static const uint8_t lies[] = {0x00, 0x01, 0x02, 0x0b, 0x16, 0x7f, 0x80, 0xff};
    struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_SERVER(answer)};
    struct dialog dialog = tls_dialog_of(steps, COUNT(steps));
    for (size_t at = 0; at < hello->size + answer->size; at++) {
        uint8_t *byte = at < hello->size ? hello->data + at : answer->data + (at - hello->size);
        uint8_t before = *byte;
        for (size_t lie = 0; lie < sizeof lies; lie++) {
            *byte = lies[lie];
            char *whole = dialog_play(&dialog, 0), *cut = dialog_play(&dialog, 7);
            cr_assert_str_eq(whole, cut, "byte %zu is %02x", at, lies[lie]);
            free(whole);
            free(cut);
        }
        *byte = before;
    }
}

/* The hello is whole: a list that does not fit is ignored. */
Test(tls, suites_that_do_not_fit_are_ignored)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *answer = server(&tls13);
    hello->data[5 + 4 + 2 + 32 + 1 + 4] = 0xff; /* length of the cipher suites */
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST_OF("C", "", "", "65286", "0", "", "0") REPLY13("", "0", "1"));
}

/* ---- SSL 2.0 ---- */

#define SSL2_CLIENT(version)                                                                       \
    "\x01" version "\x00\x09\x00\x00\x00\x10"                                                      \
    "\x00\x13\x01\x00\xc0\x2f\x00\x00\x2f"                                                         \
    "0123456789abcdef"
#define SSL2_REQUEST(host, type)                                                                   \
    "clickstream C host=\"" host "\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\""           \
    " cipher_suites=1301c02f002f locked=0 cipher_suites_length=9 host_type=" type " method=0 @0\n"

Test(tls, client_hello_in_the_form_of_ssl2_and_an_answer_of_tls)
{
    struct wire *answer = server_flight(PLAIN, 0, 0);
    EXPECT(((struct dialog_step[]){DIALOG_CLIENT("\x80\x22" SSL2_CLIENT("\x03\x01")),
                                   FROM_SERVER(answer)}),
           SSL2_REQUEST("www.example.org", "2") REPLY12("www.example.org", "2", "1"));
}

Test(tls, ssl2_header_of_three_bytes)
{
    EXPECT(((struct dialog_step[]){DIALOG_CLIENT("\x00\x25\x03" SSL2_CLIENT("\x00\x02") "pad")}),
           SSL2_REQUEST("", "0"));
}

Test(tls, ssl2_on_both_sides)
{
    struct wire *answer = new_wire();
    wire_u16(answer, 0x8000 + 11 + (unsigned)sizeof certificate_printable + 6 + 2);
    wire_put(answer, P2I_VIEW("\x04\x00\x01\x00\x02"));
    wire_u16(answer, sizeof certificate_printable);
    wire_u16(answer, 6);
    wire_u16(answer, 2);
    wire_put(answer, WHOLE(certificate_printable));
    wire_put(answer, P2I_VIEW("\x01\x00\x80\x07\x00\xc0id"));
    EXPECT(((struct dialog_step[]){DIALOG_CLIENT("\x80\x22" SSL2_CLIENT("\x00\x02")),
                                   FROM_SERVER(answer), DIALOG_CLIENT("\x80\x10 master key"),
                                   DIALOG_SERVER("\x80\x10 ciphertext")}),
           SSL2_REQUEST("printable.example", "2")
               REPLY("S", "printable.example", "2", "128", "2", "1"));
}

/* ---- Probe ---- */

static enum p2i_match probe(struct p2i_view bytes)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 8443}};
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    enum p2i_match match = p2i_tls.probe(&ends, P2I_FROM_INITIATOR, p2i_view_of(copy, bytes.size));
    free(copy);
    return match;
}

static void expect_probe(struct p2i_view bytes, size_t decided)
{
    for (size_t size = 0; size <= bytes.size; size++) {
        cr_assert_eq(probe(p2i_view_first(bytes, size)),
                     size < decided ? P2I_MATCH_MORE : P2I_MATCH_YES, "of %zu bytes", size);
    }
}

Test(tls_probe, hellos)
{
    expect_probe(P2I_VIEW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 9);
    expect_probe(P2I_VIEW("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"), 9);
    expect_probe(P2I_VIEW("\x16\x03\x01\x00\x02\x01\x00"), 6);
    expect_probe(P2I_VIEW("\x15\x03\x01\x00\x02\x01\x70\x16\x03\x01\x02\x00\x01\x00\x01\xfc"), 16);
    expect_probe(P2I_VIEW("\x80\x22" SSL2_CLIENT("\x03\x01")), 11);
    expect_probe(P2I_VIEW("\x00\x25\x03" SSL2_CLIENT("\x00\x02") "pad"), 12);
}

Test(tls_probe, other_things)
{
    static const struct p2i_view others[] = {
        {(const uint8_t *)"GET / HTTP/1.1\r\n", 16},
        {(const uint8_t *)"\x16\x03\x01\x02\x00\x00\x00\x00\x00", 9}, /* HelloRequest */
        {(const uint8_t *)"\x16\x03\x01\x02\x00\x0b\x00\x05\x00", 9}, /* Certificate */
        {(const uint8_t *)"\x16\x03\x01\xff\xff\x01\x00\x01\xfc", 9}, /* record too long */
        {(const uint8_t *)"\x16\x03\x01\x02\x00\x01\x7f\xff\xff", 9}, /* hello too long */
        {(const uint8_t *)"\x16\x03\x01\x02\x00\x01\x00\x00\x01", 9}, /* hello too short */
        {(const uint8_t *)"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00", 9}, /* DTLS */
        {(const uint8_t *)"\x17\x03\x03\x00\x20\x00\x00\x00\x00", 9}, /* in the middle */
        {(const uint8_t *)"\x15\x03\x03\x00\x1a\x00\x00\x00\x00", 9}, /* encrypted alert */
        {(const uint8_t *)"\x80\x22\x01\x03\x01\x00\x08\x00\x00\x00\x10",
         11}, /* specs of 3 bytes */
        {(const uint8_t *)"\x80\x23\x01\x03\x01\x00\x09\x00\x00\x00\x10", 11}, /* lengths differ */
        {(const uint8_t *)"\x80\x22\x02\x03\x01\x00\x09\x00\x00\x00\x10", 11},
        {(const uint8_t *)"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 14}, /* DNS */
        {(const uint8_t *)"\x05\x02\x00\x01\x05\x01", 6}, /* SOCKS */
        {(const uint8_t *)"SSH-2.0-OpenSSH", 15},
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_eq(probe(others[i]), P2I_MATCH_NO, "case %zu", i);
    }
}
