/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/im/zello.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

struct said {
    enum p2i_direction from;
    const char *text;
    enum p2i_completeness completeness;
};

#define CLIENT(text)                                                                               \
    {                                                                                              \
        P2I_FROM_INITIATOR, text, P2I_WHOLE                                                        \
    }
#define SERVER(text)                                                                               \
    {                                                                                              \
        P2I_FROM_RESPONDER, text, P2I_WHOLE                                                        \
    }
#define LOGON                                                                                      \
    CLIENT("{\"command\":\"logon\",\"seq\":1,\"auth_token\":\"t\",\"username\":\"alice\","         \
           "\"password\":\"secret\",\"channel\":\"all\"}")
#define ACCEPTED SERVER("{\"seq\":1,\"success\":true,\"refresh_token\":\"r\"}")

static int width(struct p2i_view view)
{
    return (int)view.size;
}

/* "C alice/secret/alice/all 0 @0": sender, login, password, screen name, receivers, result code,
 * and the number of the message. */
static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    static const char *const marks[] = {
        [P2I_WHOLE] = "", [P2I_CUT] = " cut", [P2I_LIMITED] = " limited"};
    const struct p2i_im *im = message;
    cr_assert_eq(kind, P2I_RECORD_IM);
    cr_assert_eq(im->protocol, 106);
    cr_assert_eq(im->uin.size, 0);
    fprintf(context, "%c %.*s/%.*s/%.*s/%.*s %u%s @%llu\n",
            sender == P2I_FROM_INITIATOR ? 'C' : 'S', width(im->login),
            (const char *)im->login.data, width(im->password), (const char *)im->password.data,
            width(im->screen_name), (const char *)im->screen_name.data, width(im->receivers),
            (const char *)im->receivers.data, (unsigned)im->result_code, marks[completeness],
            (unsigned long long)info->time_ns);
}

static void expect_said(const struct said *said, size_t count, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct p2i_message_sink sink = {emit, out};
    struct p2i_account account = {0};
    struct p2i_parser parser = {.sink = &sink, .pool = p2i_pool_new(), .account = &account};
    max_align_t state[8] = {0};
    cr_assert_leq(p2i_zello.state_size, sizeof state);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(said[i].text);
        struct p2i_packet_info *info = calloc(1, sizeof *info);
        uint8_t *copy = malloc(length);
        memcpy(copy, said[i].text, length);
        info->time_ns = i;
        p2i_zello.message(&parser, state, said[i].from, info, p2i_view_of(copy, length),
                          said[i].completeness);
        free(copy);
        free(info);
    }
    p2i_zello.free(&parser, state);
    cr_assert_eq(account.used, 0);
    p2i_pool_free(parser.pool);
    fclose(out);
    cr_assert_str_eq(text, expected, "%s instead of\n%s", text, expected);
    free(text);
}

#define EXPECT(expected, ...)                                                                      \
    do {                                                                                           \
        const struct said said[] = {__VA_ARGS__};                                                  \
        expect_said(said, sizeof said / sizeof *said, expected);                                   \
    } while (0)

#define CUT(from, text)                                                                            \
    {                                                                                              \
        from, text, P2I_CUT                                                                        \
    }

/* ---- logons ---- */

Test(zello, logon_is_emitted_with_its_answer)
{
    EXPECT("C alice/secret/alice/all 0 @0\n"
           "S bob//bob/all 0 @2\n",
           LOGON, ACCEPTED,
           SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\"}"));
    EXPECT("S bob//bob/all 0 @1\n"
           "C alice/secret/alice/all 0 @0\n",
           LOGON, SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\"}"),
           ACCEPTED);
}

Test(zello, logon_refused)
{
    EXPECT("C alice/secret/alice/all 401 @0\n", LOGON,
           SERVER("{\"seq\":1,\"error\":\"not authorized\"}"));
    EXPECT("C alice/secret/alice/all 401 @0\n", LOGON,
           SERVER("{\"seq\":1,\"success\":false,\"error\":\"not authorized\"}"));
    EXPECT("C alice/secret/alice/all 401 @0\n", LOGON, SERVER("{\"seq\":1,\"success\":false}"));
    EXPECT("C alice/secret/alice/all 401 @0\n", LOGON,
           SERVER("{\"command\":\"on_error\",\"error\":\"server closed connection\"}"));
}

Test(zello, logon_without_an_answer_of_its_own)
{
    EXPECT("C alice/secret/alice/all 0 @0\n", LOGON);
    EXPECT("C alice/secret/alice/all 0 @0\n", LOGON, SERVER("{\"seq\":2,\"error\":\"x\"}"),
           CLIENT("{\"seq\":1,\"error\":\"x\"}"), SERVER("{\"seq\":1,\"error\":7}"),
           SERVER("{\"seq\":1,\"error\":\"x\""));
    EXPECT("C alice/secret/alice/all 0 @0\n", LOGON, ACCEPTED,
           SERVER("{\"command\":\"on_error\",\"error\":\"x\"}"),
           SERVER("{\"seq\":1,\"error\":\"x\"}"));
}

Test(zello, logon_after_logon)
{
    EXPECT("C alice/secret/alice/all 0 @0\n"
           "C bob//bob/ 401 @1\n",
           LOGON, CLIENT("{\"command\":\"logon\",\"seq\":2,\"username\":\"bob\"}"),
           SERVER("{\"seq\":2,\"error\":\"x\"}"));
}

Test(zello, channels_of_a_logon)
{
    EXPECT("C a/b/a/one,two,three 0 @0\n",
           CLIENT("{\"command\":\"logon\",\"seq\":1,\"username\":\"a\",\"password\":\"b\","
                  "\"channels\":[\"one\",2,\"\",\"t\\u0077o\",[\"no\"],\"three\"]}"),
           ACCEPTED);
    EXPECT("C ///one 0 @0\n",
           CLIENT("{\"command\":\"logon\",\"seq\":1,\"channel\":\"one\",\"channels\":\"two\"}"));
    EXPECT("C /// 0 @0\n", CLIENT("{\"command\":\"logon\",\"seq\":1,\"channels\":[]}"));
}

Test(zello, strings_are_unescaped)
{
    EXPECT("C Jö\"rg/\\\t/Jö\"rg/\xf0\x9f\x9a\xa2 0 @0\n",
           CLIENT("{\"command\":\"l\\u006fgon\",\"seq\":1,\"username\":\"J\\u00f6\\\"rg\","
                  "\"password\":\"\\\\\\t\",\"channel\":\"\\ud83d\\udea2\"}"),
           ACCEPTED);
}

Test(zello, values_that_are_not_strings_count_as_missing)
{
    EXPECT("C /// 0 @0\n",
           CLIENT("{\"command\":\"logon\",\"seq\":1,\"username\":1,\"password\":[\"x\"],"
                  "\"channel\":{\"a\":1}}"),
           ACCEPTED);
}

/* ---- text messages ---- */

Test(zello, text_messages_sent)
{
    EXPECT("C alice/secret/alice/all 0 @0\n"
           "C alice//alice/all 0 @2\n"
           "C alice//alice/bob 0 @3\n"
           "C alice//alice/all 0 @4\n"
           "C alice//alice/two 0 @5\n",
           LOGON, ACCEPTED,
           CLIENT("{\"command\":\"send_text_message\",\"seq\":2,\"channel\":\"all\","
                  "\"text\":\"x\"}"),
           CLIENT("{\"command\":\"send_text_message\",\"channel\":\"all\",\"for\":\"bob\"}"),
           CLIENT("{\"command\":\"send_text_message\",\"text\":\"to the only channel\"}"),
           CLIENT("{\"command\":\"send_text_message\",\"channel\":\"two\",\"for\":\"\"}"));
    EXPECT("C ///all 0 @0\n",
           CLIENT("{\"command\":\"send_text_message\",\"channel\":\"all\",\"text\":\"x\"}"));
}

Test(zello, text_messages_received)
{
    EXPECT("S bob//bob/all 0 @0\n"
           "S bob//bob/alice 0 @1\n"
           "S bob//bob/all 0 @2\n"
           "S ///all 0 @3\n",
           SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\","
                  "\"message_id\":1,\"text\":\"x\"}"),
           SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\","
                  "\"for\":\"alice\",\"text\":\"x\"}"),
           SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\","
                  "\"for\":false,\"text\":\"x\"}"),
           SERVER("{\"command\":\"on_text_message\",\"channel\":\"all\"}"));
}

Test(zello, other_messages_and_malformed_ones)
{
    EXPECT("", SERVER("{\"command\":\"on_channel_status\",\"channel\":\"all\"}"),
           CLIENT("{\"command\":\"start_stream\",\"seq\":2}"), SERVER("{\"seq\":2}"),
           CLIENT("{\"command\":\"logon\",\"seq\":1,\"username\":\"a\""), CLIENT("logon"),
           CLIENT("[\"logon\"]"), CLIENT("{\"command\":[\"logon\"]}"),
           CLIENT("{\"x\":{\"command\":\"logon\",\"seq\":1}}"),
           CLIENT("{\"command\":\"LOGON\",\"seq\":1}"));
}

/* ---- recognition ---- */

static bool is_zello(const char *text)
{
    return p2i_zello.probe(p2i_view_of(text, strlen(text)), P2I_WHOLE);
}

Test(zello, probe)
{
    cr_assert(is_zello("{\"command\":\"logon\",\"seq\":1,\"refresh_token\":\"x\"}"));
    cr_assert(is_zello("{\"command\":\"logon\",\"channels\":[\"x\"]}"));
    cr_assert(is_zello("{\"command\":\"on_channel_status\",\"channel\":\"x\"}"));
    cr_assert(is_zello("{\"command\":\"on_text_message\",\"channel\":\"x\"}"));
    cr_assert(is_zello("{\"command\":\"send_text_message\",\"channel\":\"x\"}"));
    cr_assert(is_zello("{\"command\":\"on_stream_start\",\"channel\":\"x\"}"));
    cr_assert_not(is_zello("{\"command\":\"logon\"}"));
    cr_assert_not(is_zello("{\"command\":\"logon\",\"seq\":1"));
    cr_assert_not(is_zello("{\"command\":\"on_text_message\"}"));
    cr_assert_not(is_zello("{\"command\":\"subscribe\",\"seq\":1,\"channel\":\"x\"}"));
    cr_assert_not(is_zello("{\"seq\":1,\"success\":true}"));
    cr_assert_not(is_zello("{\"type\":\"logon\",\"seq\":1}"));
    cr_assert_not(is_zello(""));
}

/* ---- hosts ---- */

static bool is_host(const char *host)
{
    return p2i_zello_is_host(p2i_view_of(host, strlen(host)));
}

Test(zello, hosts)
{
    cr_assert(is_host("zello.com"));
    cr_assert(is_host("zello.io"));
    cr_assert(is_host("ZelloWork.com"));
    cr_assert(is_host("zellowork.io"));
    cr_assert(is_host("www.zello.com"));
    cr_assert(is_host("a.b.ZELLO.com"));
    cr_assert(is_host("net.zellowork.com."));
    cr_assert(is_host("*.zello.com"));
    cr_assert_not(is_host(""));
    cr_assert_not(is_host("."));
    cr_assert_not(is_host("com"));
    cr_assert_not(is_host("zello.org"));
    cr_assert_not(is_host("notzello.com"));
    cr_assert_not(is_host("zello.com.example"));
    cr_assert_not(is_host("zello-com"));
}

/* ---- messages that are cut ---- */

Test(zello, cut_logons)
{
    EXPECT("C alice/secret/alice/all 401 cut @0\n",
           CUT(P2I_FROM_INITIATOR,
               "{\"command\":\"logon\",\"seq\":1,\"username\":\"alice\",\"password\":"
               "\"secret\",\"channel\":\"all\",\"x"),
           SERVER("{\"seq\":1,\"error\":\"not authorized\"}"));
    EXPECT(
        "C alice//alice/ 0 cut @0\n",
        CUT(P2I_FROM_INITIATOR, "{\"command\":\"logon\",\"seq\":1,\"username\":\"alice\",\"pass"));
    EXPECT("C alice//alice/ 0 cut @0\n",
           CUT(P2I_FROM_INITIATOR,
               "{\"command\":\"logon\",\"seq\":1,\"username\":\"alice\",\"channels\":[\"a\",\"b"));
    EXPECT("", CUT(P2I_FROM_INITIATOR, "{\"command\":\"logon\",\"seq\":1,\"username\":\"ali"));
    EXPECT("", CUT(P2I_FROM_INITIATOR, "{\"command\":\"logon\",\"channel\":\"all\",\"us"));
}

Test(zello, cut_answers)
{
    EXPECT("C alice/secret/alice/all 401 @0\n", LOGON,
           CUT(P2I_FROM_RESPONDER, "{\"seq\":1,\"error\":\"not authorized\",\"mo"));
    EXPECT("C alice/secret/alice/all 0 @0\n", LOGON,
           CUT(P2I_FROM_RESPONDER, "{\"seq\":1,\"success\":true,\"refresh_token\":\"r"));
}

Test(zello, cut_text_messages)
{
    EXPECT("S bob//bob/alice 0 cut @0\n",
           CUT(P2I_FROM_RESPONDER,
               "{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\","
               "\"for\":\"alice\",\"text\":\"Hel"));
    EXPECT("S bob//bob/all 0 cut @0\n",
           CUT(P2I_FROM_RESPONDER,
               "{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\","
               "\"for\":false,\"text\":\"Hel"));
    EXPECT("C alice/secret/alice/all 0 @0\nC alice//alice/bob 0 cut @2\n", LOGON, ACCEPTED,
           CUT(P2I_FROM_INITIATOR,
               "{\"command\":\"send_text_message\",\"for\":\"bob\",\"text\":\"Hel"));
    /* `for` may be in the missing part. */
    EXPECT("", CUT(P2I_FROM_RESPONDER,
                   "{\"command\":\"on_text_message\",\"channel\":\"all\",\"from\":\"bob\",\"te"));
    EXPECT("", CUT(P2I_FROM_RESPONDER,
                   "{\"command\":\"on_text_message\",\"for\":\"alice\",\"from\":\"bo"));
    EXPECT("",
           CUT(P2I_FROM_RESPONDER, "{\"command\":\"on_text_message\",\"for\":null,\"from\":\"bob\","
                                   "\"channel\":\"al"));
}
