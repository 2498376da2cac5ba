/* SPDX-License-Identifier: MIT */
/* TLS that is not all there: hellos and certificates that are cut, losses, ends, and servers that
 * refuse. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/protocols.h"
#include "tls_talk.h"

/* ---- Hellos that are cut ---- */

/* End of the fields of a hello of client(), from the first byte of its record on. */
enum { VERSION_END = 11, LENGTH_AT = 48, SUITES_AT = 50, SUITES_END = 56 };

/* The record of the first `cut` bytes of a hello to `host` that has `size`. */
static void put_expected(FILE *out, const char *host, size_t cut, size_t size, size_t step)
{
    if (cut < VERSION_END) {
        return;
    }
    size_t suites = cut > SUITES_END ? SUITES_END : cut < SUITES_AT ? SUITES_AT : cut;
    fprintf(out,
            "clickstream C host=\"%s\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" "
            "cipher_suites=%.*s locked=0 cipher_suites_length=%d host_type=%d method=0%s @%zu\n",
            cut == size ? host : "", (int)((suites - SUITES_AT) / 2 * 4), "1301c02f002f",
            cut >= SUITES_AT ? 6 : 0, cut == size ? 3 : 0, cut == size ? "" : " cut", step);
}

/* Plays `steps` whole and in segments. */
static void expect_text(const struct dialog_step *steps, size_t count, const char *expected,
                        size_t cut)
{
    struct dialog dialog = tls_dialog_of(steps, count);
    static const size_t segments[] = {0, 1, 2, 3, 5, 7, 11};
    for (size_t i = 0; i < COUNT(segments); i++) {
        char *text = dialog_play(&dialog, segments[i]);
        cr_assert_str_eq(text, expected, "cut at %zu, segments of %zu:\n%s\ninstead of:\n%s", cut,
                         segments[i], text, expected);
        free(text);
    }
}

/* A hello of which `cut` bytes are there, behind them a gap, the client's end, or the end of the
 * capture; the server answers in any case. */
static void expect_cut_hello(const struct wire *hello, size_t cut, const struct wire *answer)
{
    char *expected = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&expected, &size);
    put_expected(out, "a.example", cut, hello->size, 0);
    fputs(REPLY12("www.example.org", "2", "2"), out);
    fclose(out);
    struct dialog_step begin = {P2I_FROM_INITIATOR, (const char *)hello->data, cut};
    const struct dialog_step gap[] = {begin, DIALOG_CLIENT_LOSES(2000), FROM_SERVER(answer),
                                      DIALOG_CLIENT("what follows")};
    expect_text(gap, COUNT(gap), expected, cut);
    const struct dialog_step end[] = {begin, DIALOG_CLIENT_CLOSES, FROM_SERVER(answer)};
    expect_text(end, COUNT(end), expected, cut);
    free(expected);
    out = open_memstream(&expected, &size);
    put_expected(out, "a.example", cut, hello->size, 0);
    fclose(out);
    expect_text(&begin, 1, expected, cut);
    free(expected);
}

Test(tls_cut, a_client_hello_cut_at_every_byte)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *answer = server_flight(PLAIN, 0, 0);
    for (size_t cut = 9; cut <= hello->size; cut++) {
        expect_cut_hello(hello, cut, answer);
    }
}

/* Whether it has a name is not known: it does not take that of the certificate. */
Test(tls_cut, a_cut_client_hello_waits_for_no_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    struct dialog_step begin = {P2I_FROM_INITIATOR, (const char *)hello->data, SUITES_END};
    const char *request = CUT_REQUEST("", "0", "0");
    const char *reply = REPLY12("www.example.org", "2", "0");
    char both[512];
    snprintf(both, sizeof both, "%s%s", request, REPLY12("www.example.org", "2", "2"));
    EXPECT(((struct dialog_step[]){begin, DIALOG_CLIENT_LOSES(100), FROM_SERVER(answer)}), both);
    EXPECT(((struct dialog_step[]){begin, DIALOG_CLIENT_CLOSES}), request);
    EXPECT(((struct dialog_step[]){begin}), request);
    /* Nor when the server was there first. */
    snprintf(both, sizeof both, "%s%s", reply, CUT_REQUEST("", "0", "1"));
    EXPECT(((struct dialog_step[]){FROM_SERVER(answer),
                                   {P2I_FROM_INITIATOR, (const char *)hello->data, SUITES_END},
                                   DIALOG_CLIENT_LOSES(100)}),
           both);
}

/* What the end of the capture cuts off is the certificate: the hello is whole. */
Test(tls_cut, a_client_hello_that_waits_is_whole)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    for (size_t size = 0; size < 120; size += 17) {
        struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_SERVER(answer)};
        steps[1].size = size;
        struct dialog dialog = tls_dialog_of(steps, size > 0 ? 2 : 1);
        char *text = dialog_play(&dialog, 0);
        const char *request = REQUEST("C", "", "0", "0");
        cr_assert(strncmp(text, request, strlen(request)) == 0, "%zu: %s", size, text);
        free(text);
    }
}

/* A server name in front of other extensions: once it is there the cut takes nothing from it. */
Test(tls_cut, a_server_name_is_whole_or_empty)
{
    struct wire *messages = new_wire(), *hello = new_wire(), *extensions = new_wire();
    wire_put(extensions, P2I_VIEW("\x00\x00\x00\x0e\x00\x0c\x00\x00\x09"
                                  "a.example\x00\x15\x00\x14"));
    wire_fill(extensions, 0, 20);
    put_client(messages, (struct p2i_view){0}, wire_view(extensions));
    wire_records(hello, HANDSHAKE, 0x0301, wire_view(messages), 0);
    size_t named_at = hello->size - 24;
    for (size_t cut = SUITES_END; cut < hello->size; cut++) {
        struct dialog_step steps[] = {{P2I_FROM_INITIATOR, (const char *)hello->data, cut},
                                      DIALOG_CLIENT_LOSES(1)};
        expect_text(steps, 2,
                    cut < named_at ? CUT_REQUEST("", "0", "0") : CUT_REQUEST("a.example", "3", "0"),
                    cut);
    }
}

/* The hello over records of 13 bytes, a gap of 4 at any place of it. */
Test(tls_cut, a_gap_in_a_client_hello_over_many_records)
{
    struct wire *messages = new_wire(), *hello = new_wire(), *second = client(P2I_VIEW("b"));
    put_client(messages, P2I_VIEW("a.example"), (struct p2i_view){0});
    wire_records(hello, HANDSHAKE, 0x0301, wire_view(messages), 13);
    wire_put(hello, wire_view(second));
    const char *bytes = (const char *)hello->data;
    for (size_t at = 20; at + 4 < hello->size - second->size; at++) {
        struct dialog_step steps[] = {
            {P2I_FROM_INITIATOR, bytes, at},
            DIALOG_CLIENT_LOSES(4),
            {P2I_FROM_INITIATOR, bytes + at + 4, hello->size - at - 4},
        };
        struct dialog dialog = tls_dialog_of(steps, COUNT(steps));
        char *whole = dialog_play(&dialog, 0), *cut = dialog_play(&dialog, 1);
        cr_assert_str_eq(whole, cut, "at %zu:\n%s\n%s", at, whole, cut);
        cr_assert_not_null(strstr(whole, " cut @0\n"), "at %zu: %s", at, whole);
        cr_assert_not_null(strstr(whole, "host=\"b\""), "at %zu: %s", at, whole);
        cr_assert_null(strstr(whole, "a.example"), "at %zu: %s", at, whole);
        free(whole);
        free(cut);
    }
}

/* What a client hello that is cut holds behind the gap is no hello of its own. */
Test(tls_cut, the_rest_of_a_cut_hello_is_ignored)
{
    struct wire *inner = client(P2I_VIEW("forged.example")), *extensions = new_wire();
    struct wire *messages = new_wire(), *hello = new_wire(), *answer = server_flight(PLAIN, 0, 0);
    wire_u16(extensions, 21);
    wire_u16(extensions, (unsigned)inner->size);
    wire_put(extensions, wire_view(inner));
    put_client(messages, P2I_VIEW("a.example"), wire_view(extensions));
    wire_records(hello, HANDSHAKE, 0x0301, wire_view(messages), 0);
    const char *bytes = (const char *)hello->data;
    size_t inner_at = SUITES_END + 2 + 2 + 4;
    struct dialog_step steps[] = {{P2I_FROM_INITIATOR, bytes, inner_at - 2},
                                  DIALOG_CLIENT_LOSES(2),
                                  {P2I_FROM_INITIATOR, bytes + inner_at, hello->size - inner_at},
                                  FROM_SERVER(answer)};
    EXPECT(steps, CUT_REQUEST("", "0", "0") REPLY12("www.example.org", "2", "3"));
}

/* A hello behind the gap is found, wherever it begins. */
Test(tls_cut, the_next_client_hello_behind_a_gap)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *second = client(P2I_VIEW("b.example"));
    struct wire *more = new_wire();
    wire_put(more, P2I_VIEW("text \x16\x03\x01\x00 and \x16\x03 something\x16"));
    size_t second_at = more->size;
    wire_put(more, wire_view(second));
    static const size_t cuts[] = {10, 11, 30, SUITES_END, 70};
    for (size_t i = 0; i < COUNT(cuts); i++) {
        char *expected = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&expected, &size);
        put_expected(out, "", cuts[i], hello->size, 0);
        fputs(REQUEST("C", "b.example", "3", "3"), out);
        fclose(out);
        struct dialog_step steps[] = {
            {P2I_FROM_INITIATOR, (const char *)hello->data, cuts[i]},
            DIALOG_CLIENT_LOSES(3000),
            {P2I_FROM_INITIATOR, (const char *)more->data, second_at},
            {P2I_FROM_INITIATOR, (const char *)more->data + second_at, second->size}};
        EXPECT(steps, expected);
        steps[2].size = 0;
        expect_text(steps, COUNT(steps), expected, cuts[i]);
        free(expected);
    }
}

/* The same behind CONNECT and STARTTLS, with all protocols at hand. */
Test(tls_cut, hellos_behind_other_protocols)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *second = client(P2I_VIEW("b.example"));
    struct dialog_step steps[] = {
        DIALOG_CLIENT("CONNECT a.example:443 HTTP/1.1\r\n\r\n"),
        DIALOG_SERVER("HTTP/1.1 200 OK\r\n\r\n"),
        DIALOG_CLIENT_LOSES(300),
        {P2I_FROM_INITIATOR, (const char *)hello->data, 60},
        DIALOG_CLIENT_LOSES(500),
        DIALOG_CLIENT("in the middle of something"),
        FROM_CLIENT(second),
    };
    struct dialog dialog = tls_dialog_of(steps, COUNT(steps));
    dialog.protocols = NULL;
    char *text = dialog_play(&dialog, 0);
    const char *hellos = strchr(strchr(text, '\n') + 1, '\n') + 1;
    cr_assert_str_eq(hellos, CUT_REQUEST("", "0", "3") REQUEST("C", "b.example", "3", "6"), "%s",
                     text);
    free(text);
    steps[0] = (struct dialog_step)DIALOG_CLIENT("EHLO me\r\nSTARTTLS\r\n");
    steps[1] = (struct dialog_step)DIALOG_SERVER("220 mx.example ESMTP\r\n250-mx.example\r\n"
                                                 "250 STARTTLS\r\n220 go ahead\r\n");
    dialog.ends.port[1] = 25;
    text = dialog_play(&dialog, 0);
    cr_assert_str_eq(text, CUT_REQUEST("", "0", "3") REQUEST("C", "b.example", "3", "6"), "%s",
                     text);
    free(text);
}

/* It is not looked for without end. */
Test(tls_cut, the_search_for_a_hello_ends)
{
    static uint8_t noise[70000];
    struct wire *hello = client(P2I_VIEW("a.example")), *second = client(P2I_VIEW("b.example"));
    struct dialog_step steps[] = {FROM_CLIENT(hello),
                                  DIALOG_CLIENT_LOSES(9),
                                  {P2I_FROM_INITIATOR, (const char *)noise, sizeof noise},
                                  FROM_CLIENT(second)};
    expect_some_cuts(steps, COUNT(steps), REQUEST("C", "a.example", "3", "0"));
    steps[2].size = 60000;
    expect_some_cuts(steps, COUNT(steps),
                     REQUEST("C", "a.example", "3", "0") REQUEST("C", "b.example", "3", "3"));
}

/* The second hello, that a HelloRetryRequest calls for, when the first was cut. */
Test(tls_cut, a_retry_behind_a_cut_hello)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *refusal = server(&retry);
    struct wire *answer = server(&tls13);
    EXPECT(((struct dialog_step[]){{P2I_FROM_INITIATOR, (const char *)hello->data, 60},
                                   DIALOG_CLIENT_LOSES(18),
                                   FROM_SERVER(refusal),
                                   FROM_CLIENT(hello),
                                   FROM_SERVER(answer)}),
           CUT_REQUEST("", "0", "0") REQUEST("C", "a.example", "3", "3")
               REPLY13("a.example", "3", "4"));
    EXPECT(((struct dialog_step[]){{P2I_FROM_INITIATOR, (const char *)hello->data, 10},
                                   DIALOG_CLIENT_LOSES(2000),
                                   FROM_SERVER(refusal),
                                   FROM_CLIENT(hello),
                                   FROM_SERVER(answer)}),
           REQUEST("C", "a.example", "3", "3") REPLY13("a.example", "3", "4"));
}

Test(tls_cut, a_server_hello_cut_at_every_byte)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *answer = server(&tls12);
    struct wire *newer = server(&tls13);
    size_t suite_end = 5 + 4 + 2 + 32 + 5 + 2;
    for (size_t cut = 1; cut < newer->size; cut++) {
        struct dialog_step steps[] = {FROM_CLIENT(hello),
                                      {P2I_FROM_RESPONDER, (const char *)newer->data, cut},
                                      DIALOG_SERVER_LOSES(1000)};
        const char *named = REQUEST("C", "a.example", "3", "0") CUT_REPLY13("a.example", "3", "1");
        const char *expected = cut >= suite_end ? named : REQUEST("C", "a.example", "3", "0");
        expect_text(steps, 3, expected, cut);
        expect_text(steps, 2, expected, cut);
        steps[1].bytes = (const char *)answer->data;
        named = REQUEST("C", "a.example", "3", "0") CUT_REPLY12("a.example", "3", "1");
        expected = cut >= suite_end ? named : REQUEST("C", "a.example", "3", "0");
        if (cut < answer->size) {
            expect_text(steps, 3, expected, cut);
            expect_text(steps, 2, expected, cut);
        }
    }
}

/* Without version and suite it gives nothing; its certificate does. */
Test(tls_cut, the_certificate_behind_a_server_hello_that_is_cut)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    struct wire *flight = server(&tls12);
    size_t hello_size = flight->size;
    const char *bytes = (const char *)answer->data;
    for (size_t at = 9; at + 5 < hello_size; at++) {
        struct dialog_step steps[] = {FROM_CLIENT(hello),
                                      {P2I_FROM_RESPONDER, bytes, at},
                                      DIALOG_SERVER_LOSES(5),
                                      {P2I_FROM_RESPONDER, bytes + at + 5, answer->size - at - 5}};
        bool told = at >= 5 + 4 + 2 + 32 + 5 + 2;
        expect_text(steps, COUNT(steps),
                    told ? REQUEST("C", "www.example.org", "2", "0")
                               CUT_REPLY12("www.example.org", "2", "1")
                         : REQUEST("C", "www.example.org", "2", "0"),
                    at);
    }
}

/* A server whose hello was lost altogether, up to the record of its certificate. */
Test(tls_cut, a_certificate_behind_a_lost_server_hello)
{
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *answer = new_wire();
    put_certificate(messages, PLAIN, 0);
    add_record(answer, HANDSHAKE, wire_view(messages));
    EXPECT(
        ((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_SERVER_LOSES(50), FROM_SERVER(answer)}),
        REQUEST("C", "www.example.org", "2", "0"));
    /* Where nothing was lost, there is no server without a hello. */
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer)}),
           REQUEST("C", "", "0", "0"));
    /* The certificate of a client is not the server's. */
    struct wire *flight = server_flight(PLAIN, 0, 0);
    EXPECT(((struct dialog_step[]){FROM_SERVER(flight), DIALOG_CLIENT_LOSES(100),
                                   FROM_CLIENT(answer)}),
           REPLY12("www.example.org", "2", "0"));
}

/* ---- Certificates that are cut ---- */

Test(tls_cut, a_certificate_cut_at_every_byte)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 10, 100);
    size_t with = 0;
    for (size_t cut = 100; cut < answer->size; cut++) {
        struct dialog_step steps[] = {FROM_CLIENT(hello),
                                      {P2I_FROM_RESPONDER, (const char *)answer->data, cut},
                                      DIALOG_SERVER_LOSES(1000),
                                      DIALOG_SERVER("what follows")};
        struct dialog dialog = tls_dialog_of(steps, COUNT(steps));
        char *text = dialog_play(&dialog, 0);
        bool named = strstr(text, "www.example.org") != NULL;
        cr_assert_str_eq(text,
                         named ? REQUEST("C", "www.example.org", "2", "0")
                                     REPLY12("www.example.org", "2", "1")
                               : REQUEST("C", "", "0", "0") REPLY12("", "0", "1"),
                         "cut at %zu:\n%s", cut, text);
        cr_assert(named || with == 0, "lost again at %zu", cut);
        with += named;
        free(text);
    }
    cr_assert_gt(with, 0);
}

/* ---- Ends ---- */

Test(tls_cut, behind_the_server_s_end_no_other_hello_is_read)
{
    struct wire *hello = client(P2I_VIEW("a.example")), *second = client(P2I_VIEW("b.example"));
    struct wire *more = new_wire();
    add_record(more, CCS, P2I_VIEW("\x01"));
    wire_put(more, wire_view(second));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_SERVER_CLOSES, FROM_CLIENT(more)}),
           REQUEST("C", "a.example", "3", "0"));
}

Test(tls_cut, a_waiting_request_is_emitted_at_the_end)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server(&tls12);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_CLIENT_CLOSES}),
           REQUEST("C", "", "0", "0"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_SERVER_CLOSES}),
           REQUEST("C", "", "0", "0"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer), DIALOG_SERVER_CLOSES}),
           REQUEST("C", "", "0", "0") REPLY12("", "0", "1"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(answer), DIALOG_CLIENT_CLOSES}),
           REQUEST("C", "", "0", "0") REPLY12("", "0", "1"));
}

Test(tls_cut, a_client_that_closes_early_still_gets_its_certificate)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_CLIENT_CLOSES, FROM_SERVER(answer)}),
           REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "2"));
}

Test(tls_cut, an_answer_that_is_not_tls)
{
    struct wire *hello = client(P2I_VIEW(""));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello),
                                   DIALOG_SERVER("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                   DIALOG_CLIENT("more")}),
           REQUEST("C", "", "0", "0"));
}

/* ---- Losses elsewhere ---- */

Test(tls_cut, behind_a_gap_the_next_record_is_searched_for)
{
    struct wire *hello = client(P2I_VIEW("")), *answer = server_flight(PLAIN, 0, 0);
    EXPECT(
        ((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_SERVER_LOSES(77), FROM_SERVER(answer)}),
        REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "2"));
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), DIALOG_SERVER_LOSES(77),
                                   DIALOG_SERVER("\x99\x88\x77 in the middle of something"),
                                   FROM_SERVER(answer)}),
           REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "3"));
}

Test(tls_cut, a_gap_in_skipped_bytes_does_no_harm)
{
    /* EncryptedExtensions have no place here, but are passed over; most of them is lost. */
    struct wire *hello = client(P2I_VIEW("")), *messages = new_wire(), *answer = new_wire();
    static const uint8_t filler[500];
    put_server(messages, &tls12);
    wire_message(messages, 8, WHOLE(filler));
    put_certificate(messages, PLAIN, 0);
    add_record(answer, HANDSHAKE, wire_view(messages));
    const char *bytes = (const char *)answer->data;
    struct dialog_step steps[] = {FROM_CLIENT(hello),
                                  {P2I_FROM_RESPONDER, bytes, 100},
                                  DIALOG_SERVER_LOSES(400),
                                  {P2I_FROM_RESPONDER, bytes + 500, answer->size - 500}};
    EXPECT(steps, REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "1"));
}

/* ---- Limits ---- */

Test(tls_cut, a_client_hello_of_more_than_64_kib_is_limited)
{
    static uint8_t padding[60000];
    struct wire *messages = new_wire(), *hello = new_wire(), *extensions = new_wire();
    struct wire *body = new_wire(), *answer = server_flight(PLAIN, 0, 0);
    for (unsigned named = 0; named < 2; named++) {
        messages->size = hello->size = extensions->size = body->size = 0;
        wire_client_hello(body, &(struct wire_client){.version = 0x0303,
                                                      .suites = SUITES,
                                                      .host = named ? P2I_VIEW("first.example")
                                                                    : (struct p2i_view){0},
                                                      .extensions = P2I_VIEW("\x00\x17\x00\x00")});
        wire_put(body, WHOLE(padding));
        wire_put(body, WHOLE(padding));
        wire_message(messages, 1, wire_view(body));
        wire_records(hello, HANDSHAKE, 0x0301, wire_view(messages), 16384);
        struct dialog_step steps[] = {FROM_CLIENT(hello), FROM_SERVER(answer)};
        expect_some_cuts(steps, COUNT(steps),
                         named ? REQUEST_OF("C", "first.example", "1301c02f002f", "6", "3",
                                            " limited", "0") REPLY12("www.example.org", "2", "1")
                               : REQUEST_OF("C", "", "1301c02f002f", "6", "0", " limited", "0")
                                     REPLY12("www.example.org", "2", "1"));
    }
}

/* ---- Refusals ---- */

/* A fatal alert, or a close, ends the wait for a certificate; messages that come all the same
 * are read. */
Test(tls_cut, a_server_that_refuses)
{
    static const struct {
        struct p2i_view alert;
        bool ends;
    } cases[] = {
        {{(const uint8_t *)"\x02\x28", 2}, true},  /* handshake_failure */
        {{(const uint8_t *)"\x01\x00", 2}, true},  /* close_notify */
        {{(const uint8_t *)"\x01\x70", 2}, false}, /* unrecognized_name, a warning */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        talk_reset();
        struct wire *hello = client(P2I_VIEW("")), *refusal = new_wire();
        struct wire *answer = server_flight(PLAIN, 0, 0);
        add_record(refusal, ALERT, cases[i].alert);
        EXPECT(((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(refusal)}),
               REQUEST("C", "", "0", "0"));
        EXPECT(
            ((struct dialog_step[]){FROM_CLIENT(hello), FROM_SERVER(refusal), FROM_SERVER(answer)}),
            cases[i].ends ? REQUEST("C", "", "0", "0") REPLY12("www.example.org", "2", "2")
                          : REQUEST("C", "www.example.org", "2", "0")
                                REPLY12("www.example.org", "2", "2"));
    }
}

/* The client's alert says nothing about the server, whose certificate may be on its way. */
Test(tls_cut, a_client_that_gives_up)
{
    struct wire *hello = client(P2I_VIEW("")), *refusal = new_wire();
    struct wire *answer = server_flight(PLAIN, 0, 0);
    add_record(refusal, ALERT, P2I_VIEW("\x02\x2a"));
    const char *bytes = (const char *)answer->data;
    EXPECT(((struct dialog_step[]){FROM_CLIENT(hello),
                                   {P2I_FROM_RESPONDER, bytes, 20},
                                   FROM_CLIENT(refusal),
                                   {P2I_FROM_RESPONDER, bytes + 20, answer->size - 20}}),
           REQUEST("C", "www.example.org", "2", "0") REPLY12("www.example.org", "2", "1"));
}

/* ---- SSL 2.0 ---- */

#define SSL2_HELLO                                                                                 \
    "\x80\x22\x01\x03\x01\x00\x09\x00\x00\x00\x10\x00\x13\x01\x00\xc0\x2f\x00\x00\x2f"             \
    "0123456789abcdef"

Test(tls_cut, a_client_hello_of_ssl2_cut_at_every_byte)
{
    static const char *const suites[] = {"", "1301", "1301c02f", "1301c02f002f"};
    for (size_t cut = 5; cut < sizeof SSL2_HELLO - 1; cut++) {
        size_t specs = cut > 20 ? 3 : cut < 11 ? 0 : (cut - 11) / 3;
        char expected[300];
        snprintf(expected, sizeof expected,
                 "clickstream C host=\"\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" "
                 "cipher_suites=%s locked=0 cipher_suites_length=%d host_type=0 method=0 cut @0\n",
                 suites[specs], cut >= 7 ? 9 : 0);
        struct dialog_step steps[] = {{P2I_FROM_INITIATOR, SSL2_HELLO, cut},
                                      DIALOG_CLIENT_LOSES(30)};
        expect_text(steps, 2, expected, cut);
        expect_text(steps, 1, expected, cut);
    }
    for (size_t cut = 1; cut < 5; cut++) {
        struct dialog_step steps[] = {{P2I_FROM_INITIATOR, SSL2_HELLO, cut},
                                      DIALOG_CLIENT_LOSES(30)};
        expect_text(steps, 2, "", cut);
    }
}
