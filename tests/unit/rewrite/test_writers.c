/* SPDX-License-Identifier: MIT */
/* Writers: what a protocol needs stays, names and contents do not, and lengths stay. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "rewrite/internal.h"
#include "rewrite/x509.h"

typedef void writer(struct p2i_writing *writing, struct p2i_bytes span);

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {4, 5, 6};
static struct p2i_substitution *words;

static void setup(void)
{
    words = p2i_substitution_new(key);
    cr_assert_not_null(words);
}

static void done(void)
{
    p2i_substitution_free(words);
}

/* Runs a writer over a copy that ends where its block ends. Static until the next call. */
static struct p2i_view written(writer *write, const void *data, size_t size, bool secrets)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(size);
    memcpy(copy, data, size);
    struct p2i_writing writing = {.words = secrets ? NULL : words, .redacts = secrets};
    write(&writing, p2i_span_of(copy, size));
    cr_expect(!writing.out_of_memory);
    return p2i_view_of(copy, size);
}

static bool has(struct p2i_view text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

/* The words of `lost` are gone, the parts of `kept` are there; both end with NULL. */
static void expect(writer *write, const char *text, const char *const *kept,
                   const char *const *lost)
{
    struct p2i_view seen = written(write, text, strlen(text), false);
    for (; *kept != NULL; kept++) {
        cr_expect(has(seen, *kept), "'%s' is not in\n%.*s", *kept, (int)seen.size, seen.data);
    }
    for (; *lost != NULL; lost++) {
        cr_expect(!has(seen, *lost), "'%s' is in\n%.*s", *lost, (int)seen.size, seen.data);
    }
}
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *word(const char *text)
{
    static char places[8][64];
    static unsigned next;
    char *place = places[next++ % 8];
    (void)snprintf(place, sizeof places[0], "%s", text);
    p2i_substitute_text(words, (uint8_t *)place, strlen(place));
    return place;
}

Test(writers, http, .init = setup, .fini = done)
{
    expect(p2i_write_http,
           "POST /orders/anna?id=4711 HTTP/1.1\r\nHost: shop.example:8080\r\nCookie: "
           "id=secretcookie\r\n"
           "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n\r\nHello, Anna!"
           "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
           LIST("POST /", " HTTP/1.1\r\nHost: ", ":8080\r\nCookie: ",
                "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: ", word("shop.example")),
           LIST("anna", "4711", "shop", "example", "secret", "Hello", "Anna"));
    expect(p2i_write_http,
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nServer: anna\r\n\r\n"
           "5\r\nHello\r\n6\r\n, Anna\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: "
           "3\r\n\r\nabc",
           LIST("HTTP/1.1 200 ", "chunked\r\n", "\r\n\r\n5\r\n", "\r\n6\r\n",
                "\r\n0\r\n\r\nHTTP/1.1 404 "),
           LIST("Hello", "Anna", "anna", "abc"));
}

Test(writers, a_reply_to_head_has_no_body, .init = setup, .fini = done)
{
    expect(
        p2i_write_http,
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
        LIST("\r\n\r\nHTTP/1.1 302 "), LIST("Found"));
}

Test(writers, sip, .init = setup, .fini = done)
{
    expect(
        p2i_write_sip,
        "INVITE sip:otto@example.org SIP/2.0\r\nVia: SIP/2.0/UDP pc.example.org:5061;branch=z9\r\n"
        "From: \"Anna\" <sip:anna@example.org>;tag=1\r\nCSeq: 17 INVITE\r\n"
        "c: application/sdp\r\nl: 51\r\n\r\nv=0\r\nc=IN IP4 192.0.2.77\r\nm=audio 4000 RTP/AVP "
        "0\r\n",
        LIST("INVITE sip:", " SIP/2.0\r\nVia: SIP/2.0/UDP ", ":5061;", "<sip:", " INVITE\r\n",
             "v=0\r\nc=IN IP4 ", "m=audio 4000 RTP/AVP 0", word("192.0.2.77"),
             word("anna@example.org")),
        LIST("otto", "anna", "Anna", "example", "192.0.2.77"));
}

Test(writers, ftp, .init = setup, .fini = done)
{
    expect(p2i_write_ftp,
           "USER anna\r\nPASS sesame12\r\nPORT 192,0,2,77,15,160\r\nEPRT |1|192.0.2.77|5282|\r\n",
           LIST("USER ", "\r\nPASS ", "\r\nPORT ", ",15,160\r\nEPRT |1|", "|5282|\r\n",
                word("192.0.2.77")),
           LIST("anna", "sesame", "192,0,2", "192.0.2"));
    expect(p2i_write_ftp,
           "220 ftp.example.org ready\r\n227 Passive (192,0,2,77,15,161).\r\n230 Hi anna\r\n",
           LIST("220 ", word("ftp.example.org"), "\r\n227 ", ",15,161).", "230 "),
           LIST("ftp", "192,0,2", "anna"));
}

Test(writers, smtp, .init = setup, .fini = done)
{
    expect(p2i_write_smtp,
           "EHLO pc.example\r\nMAIL FROM:<anna@example.org> SIZE=1000 BODY=8BITMIME\r\nRCPT "
           "TO:<otto@example.org>\r\n"
           "DATA\r\nReceived: from pc.example by mx.example with ESMTP; now\r\nSubject: "
           "=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
           "Content-Type: multipart/mixed; "
           "boundary=\"xyz99\"\r\n\r\n--xyz99\r\nContent-Disposition: attachment\r\n\r\n"
           "secret words\r\n..dot\r\n--xyz99--\r\n.\r\nQUIT\r\n",
           LIST("EHLO ", "MAIL FROM:<", "> SIZE=1000 BODY=8BITMIME\r\nRCPT TO:<",
                "\r\nDATA\r\nReceived: from ", " by ", " with ESMTP; ", "Subject: =?utf-8?q?",
                "Content-Type: multipart/mixed; boundary=\"",
                "Content-Disposition: attachment\r\n\r\n", "\r\n.", "\r\n.\r\nQUIT\r\n"),
           LIST("anna", "otto", "example", "Gr=C3", "secret", "xyz99"));
}

Test(writers, chunks_of_mail_are_one_message, .init = setup, .fini = done)
{
    expect(p2i_write_smtp,
           "BDAT 14\r\nSubject: Greet"
           "BDAT 17 LAST\r\nings\r\n\r\nDear Otto"
           "QUIT\r\n",
           LIST("BDAT 14\r\nSubject: ", "BDAT 17 LAST\r\n", "\r\n\r\n", "QUIT\r\n"),
           LIST("Greet", "Dear", "Otto"));
}

Test(writers, a_refused_message_is_none, .init = setup, .fini = done)
{
    expect(p2i_write_smtp, "DATA\r\nRSET\r\nMAIL FROM:<anna@example.org>\r\n",
           LIST("DATA\r\nRSET\r\nMAIL FROM:<"), LIST("anna"));
    expect(p2i_write_imap, "a1 APPEND box {500}\r\na2 NOOP\r\na3 LOGIN anna sesame12\r\n",
           LIST(" APPEND ", "{500}\r\n", " NOOP\r\n", " LOGIN "), LIST("anna", "sesame"));
}

Test(writers, pop3, .init = setup, .fini = done)
{
    expect(p2i_write_pop3, "USER anna\r\nPASS sesame12\r\nRETR 1\r\n",
           LIST("USER ", "PASS ", "RETR 1\r\n"), LIST("anna", "sesame"));
    expect(p2i_write_pop3,
           "+OK mx.example ready\r\n+OK\r\nFrom: anna@example.org\r\n\r\nDear Otto\r\n.\r\n+OK "
           "bye\r\n",
           LIST("+OK ", "\r\nFrom: ", "\r\n.\r\n+OK "), LIST("anna", "Dear", "Otto", "mx.example"));
}

Test(writers, imap, .init = setup, .fini = done)
{
    expect(p2i_write_imap,
           "* 1 FETCH (FLAGS (\\Seen) BODY[] {43}\r\nFrom: anna@example.org\r\n\r\nDear Otto, "
           "hello.)\r\na1 OK done, anna\r\n"
           "* 2 FETCH (ENVELOPE (\"Mon\" \"Plain\" ((\"Anna\" NIL \"anna\" \"example.org\"))))\r\n",
           LIST("* 1 FETCH (FLAGS (\\Seen) BODY[] {43}\r\nFrom: ", ")\r\n", " OK ",
                "FETCH (ENVELOPE (\"", " NIL \""),
           LIST("anna", "Anna", "Dear", "Otto", "example", "Plain"));
}

Test(writers, credentials_become_asterisks_alone, .init = setup, .fini = done)
{
    static const char dialog[] = "USER anna\r\nPASS sesame\r\n";
    struct p2i_view seen = written(p2i_write_ftp, dialog, strlen(dialog), true);
    cr_expect(p2i_view_equals(seen, P2I_VIEW("USER anna\r\nPASS ******\r\n")));
    static const char login[] = "a LOGIN anna sesame\r\n";
    seen = written(p2i_write_imap, login, strlen(login), true);
    cr_expect(p2i_view_equals(seen, P2I_VIEW("a LOGIN anna ******\r\n")));
    static const char request[] =
        "GET /x HTTP/1.1\r\nAuthorization: Basic YTpi\r\nCookie: a=b\r\n\r\n";
    seen = written(p2i_write_http, request, strlen(request), true);
    cr_expect(p2i_view_equals(
        seen, P2I_VIEW("GET /x HTTP/1.1\r\nAuthorization: Basic ****\r\nCookie: a=b\r\n\r\n")));
    static const char xmpp[] = "<auth mechanism='PLAIN'>AGFubmEAc2VzYW1l</auth>";
    seen = written(p2i_write_xmpp, xmpp, strlen(xmpp), true);
    cr_expect(p2i_view_equals(seen, P2I_VIEW("<auth mechanism='PLAIN'>AGFubmEAKioqKioq</auth>")));
    static const char token[] = "<auth mechanism='SCRAM-SHA-1'>biwsbj1hAR</auth>";
    seen = written(p2i_write_xmpp, token, strlen(token), true);
    cr_expect(p2i_view_equals(seen, p2i_view_of(token, strlen(token))));
}

Test(writers, xmpp, .init = setup, .fini = done)
{
    static const char text[] =
        "<message from='anna@example.org/home' to=\"otto@example.org\" type='chat'>"
        "<body>Hi &amp; bye Otto</body></message>"
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubmEAc2VzYW1l</auth>";
    expect(p2i_write_xmpp, text,
           LIST("<message from='", " to=\"", "\" type='chat'><body>", " &amp; ",
                "xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"),
           LIST("anna", "otto", "Otto", "bye", "AGFubmEAc2VzYW1l"));
    struct p2i_view seen = written(p2i_write_xmpp, text, strlen(text), false);
    uint8_t sasl[16];
    memcpy(sasl, seen.data + seen.size - strlen("</auth>") - 16, 16);
    size_t size = p2i_base64_decode(sasl, 16);
    cr_expect_eq(size, 12);
    cr_expect(sasl[0] == 0 && sasl[5] == 0 && memcmp(sasl + 1, word("anna"), 4) == 0 &&
              memcmp(sasl + 6, word("sesame"), 6) == 0);
}

Test(writers, json_strings_with_escapes, .init = setup, .fini = done)
{
    expect(p2i_write_json,
           "{\"command\":\"logon\",\"seq\":1,\"username\":\"anna\",\"password\":"
           "\"a\\\"b\\nsesame\\u0410\"}",
           LIST("{\"command\":\"logon\",\"seq\":", ",\"username\":\"", "\",\"password\":\"", "\\\"",
                "\\n", "\\u04"),
           LIST("anna", "sesame", "\\u0410"));
}

/* A response with a pointer: the question, a CNAME behind it, an address. */
static const uint8_t response[] = {
    0x12, 0x34, 0x81, 0x80, 0,   1,   0,   2, 0,   0,   0,   0, 3,   'w', 'w', 'w',  7,
    'e',  'x',  'a',  'm',  'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0,   1,   0,   1,    0xc0,
    12,   0,    5,    0,    1,   0,   0,   0, 60,  0,   6,   3, 'c', 'd', 'n', 0xc0, 16,
    0xc0, 45,   0,    1,    0,   1,   0,   0, 0,   60,  0,   4, 192, 0,   2,   1};

Test(writers, dns, .init = setup, .fini = done)
{
    struct p2i_view seen = written(p2i_write_dns, response, sizeof response, false);
    uint8_t address[4] = {192, 0, 2, 1};
    p2i_substitute_ipv4(words, address);
    cr_expect_arr_eq(seen.data, response, 13);
    cr_expect(memcmp(seen.data + 13, word("www"), 3) == 0 && seen.data[16] == 7 &&
              memcmp(seen.data + 17, word("example"), 7) == 0);
    cr_expect(memcmp(seen.data + 46, word("cdn"), 3) == 0 && seen.data[49] == 0xc0 &&
              seen.data[50] == 16);
    cr_expect_arr_eq(seen.data + sizeof response - 4, address, 4);
}

Test(writers, certificates_keep_their_form, .init = setup, .fini = done)
{
    static const uint8_t der[] = {0x30, 0x27, 0x02, 0x08, 1,    2,    3,    4,    5,    6,    7,
                                  8,    0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x07, 'e',  'x',  'a',
                                  'm',  'p',  'l',  'e',  0x04, 0x0b, 0x30, 0x09, 0x82, 0x07, 's',
                                  'h',  'o',  'p',  '.',  'd',  'e',  0x05, 0};
    struct p2i_view seen = written(p2i_write_certificate, der, sizeof der, false);
    cr_expect(seen.data[0] == 0x30 && seen.data[2] == 2 &&
              memcmp(seen.data + 12, der + 12, 7) == 0);
    cr_expect(memcmp(seen.data + 4, der + 4, 8) != 0);
    cr_expect(memcmp(seen.data + 19, word("example"), 7) == 0);
    cr_expect(memcmp(seen.data + 26, der + 26, 6) == 0 &&
              memcmp(seen.data + 32, word("shop.de"), 7) == 0);
}

Test(writers, radius, .init = setup, .fini = done)
{
    static const uint8_t request[] = {4,   1, 0, 42, 0,  0, 0, 0, 0,   0,   0,   0,   0, 0,
                                      0,   0, 0, 0,  0,  0, 1, 6, 'a', 'n', 'n', 'a', 8, 6,
                                      192, 0, 2, 1,  40, 6, 0, 0, 0,   1,   2,   4,   9, 9};
    struct p2i_view seen = written(p2i_write_radius, request, sizeof request, false);
    uint8_t address[4] = {192, 0, 2, 1};
    p2i_substitute_ipv4(words, address);
    cr_expect(memcmp(seen.data + 22, word("anna"), 4) == 0 &&
              memcmp(seen.data + 28, address, 4) == 0);
    cr_expect_arr_eq(seen.data + 32, request + 32, 6);
    cr_expect(seen.data[40] != 9);
}

Test(writers, what_follows_starttls_is_tls, .init = setup, .fini = done)
{
    static const char text[] = "STARTTLS\r\n\x17\x03\x03\0\x06secret";
    struct p2i_view seen = written(p2i_write_smtp, text, sizeof text - 1, false);
    cr_expect(has(seen, "STARTTLS\r\n\x17\x03\x03") && !has(seen, "secret"));
}

Test(writers, hostile_texts_cost_little, .init = setup, .fini = done, .timeout = 600)
{
    enum { SIZE = 512 * 1024, SECONDS_MAX = 20 };
    static writer *const writers[] = {p2i_write_http, p2i_write_sip,      p2i_write_sip_stream,
                                      p2i_write_ftp,  p2i_write_smtp,     p2i_write_pop3,
                                      p2i_write_imap, p2i_write_xmpp,     p2i_write_json,
                                      p2i_write_mail, p2i_write_websocket};
    static const struct p2i_view patterns[] = {
        {(const uint8_t *)"<", 1},
        {(const uint8_t *)"a=", 2},
        {(const uint8_t *)"a=\"", 3},
        {(const uint8_t *)"<!--", 4},
        {(const uint8_t *)"a\0", 2},
        {(const uint8_t *)"SIP/2.0 ", 8},
        {(const uint8_t *)"GET /", 5},
        {(const uint8_t *)"HTTP/1.1 ", 9},
        {(const uint8_t *)"+OK\r\nx\r\n", 8},
        {(const uint8_t *)"a FETCH {1}\r\n", 13},
        {(const uint8_t *)"DATA\r\n", 6},
        {(const uint8_t *)"BDAT 0\r\n", 8},
        {(const uint8_t *)"=?a?q?", 6},
        {(const uint8_t *)"--a\r\n", 5},
        {(const uint8_t *)"&#1;", 4},
        {(const uint8_t *)"\x01\x01", 2},
    };
    static uint8_t text[SIZE];
    clock_t begun = clock(); /* of this process: the machine may be busy */
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (size_t at = 0; at < SIZE; at++) {
            text[at] = patterns[i].data[at % patterns[i].size];
        }
        for (size_t j = 0; j < sizeof writers / sizeof *writers; j++) {
            (void)written(writers[j], text, SIZE, false);
        }
    }
    cr_expect_lt((clock() - begun) / CLOCKS_PER_SEC, SECONDS_MAX);
}
