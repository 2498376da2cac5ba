/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/http/websocket.h"
#include "protocol/http/websocket_inflate.h"
#include "websocket_frames.h"

#define C P2I_FROM_INITIATOR
#define S P2I_FROM_RESPONDER

/* Each test has a process of its own. */
static struct talk talk;

#define REQUEST                                                                                    \
    "clickstream C host=\"h\" path=\"/ws\" referer=\"\" user_agent=\"\" cookie=\"\""               \
    " cipher_suites= locked=0 cipher_suites_length=0 host_type=1 method=1 @0\n"
#define REPLY "http_reply S content_type=\"\" location=\"\" content_length=0 result_code=101 @1\n"
#define BEGUN REQUEST REPLY
#define IM(side, login, password, receivers, code, at)                                             \
    "im " side " login=\"" login "\" password=\"" password "\" screen_name=\"" login               \
    "\" uin=\"\" receivers=\"" receivers "\" result_code=" code " protocol=106 @" at "\n"
#define LOGGED_ON(at) IM("C", "al", "pw", "ch", "0", at)
#define SENT(at) IM("C", "al", "", "ch", "0", at)
#define RECEIVED(at) IM("S", "bo", "", "ch", "0", at)

#define LOGON                                                                                      \
    "{\"command\":\"logon\",\"seq\":1,\"username\":\"al\",\"password\":\"pw\",\"channel\":\"ch\"}"
#define ACCEPTED "{\"seq\":1,\"success\":true}"
#define SEND "{\"command\":\"send_text_message\",\"channel\":\"ch\",\"text\":\"x\"}"
#define RECEIVE "{\"command\":\"on_text_message\",\"channel\":\"ch\",\"from\":\"bo\"}"
#define AUDIO P2I_VIEW("\x01\0\0\0\x16\0\0\0\x01opus opus \x81\x85 opus")

/* Steps 0 to 3. */
static void log_on(void)
{
    talk_begin(&talk);
    talk_text(&talk, C, LOGON);
    talk_text(&talk, S, ACCEPTED);
}

static void expect_played(size_t segment, const char *expected)
{
    char *text = talk_play(&talk, segment);
    cr_assert_str_eq(text, expected, "segments of %zu:\n%s\ninstead of:\n%s", segment, text,
                     expected);
    free(text);
}

/* For dialogues too long to be cut everywhere. */
static void expect_some_cuts(const char *expected)
{
    static const size_t segments[] = {0, 1, 3, 1000, 1024, 1460, 65535};
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        expect_played(segments[i], expected);
    }
}

/* A message of `size` bytes: RECEIVE with blanks before it. */
static struct p2i_view padded(size_t size)
{
    static char text[80 << 10];
    cr_assert_leq(size, sizeof text);
    memset(text, ' ', size);
    memcpy(text + size - strlen(RECEIVE), RECEIVE, strlen(RECEIVE));
    return p2i_view_of(text, size);
}

/* ---- frames ---- */

Test(websocket, messages_of_both_sides)
{
    log_on();
    talk_text(&talk, C, SEND);
    talk_text(&talk, S, RECEIVE);
    talk_frame(&talk, C, BINARY, AUDIO);
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("4") RECEIVED("5") SENT("7"));
}

Test(websocket, frames_right_behind_the_upgrade)
{
    talk_begin(&talk);
    talk.join = true;
    talk_text(&talk, S, RECEIVE);
    talk_text(&talk, S, RECEIVE);
    talk.join = false;
    talk_text(&talk, C, LOGON);
    frames_expect(&talk, BEGUN RECEIVED("1") RECEIVED("1") LOGGED_ON("2"));
}

Test(websocket, fragments_with_control_frames_in_between)
{
    log_on();
    talk_frame(&talk, C, MORE_TEXT, p2i_view_of(SEND, 7));
    talk_frame(&talk, C, 0x89, P2I_VIEW("ping"));
    talk_frame(&talk, C, MORE, P2I_VIEW(""));
    talk_frame(&talk, C, MORE, p2i_view_of(&SEND[7], 20));
    talk_frame(&talk, C, 0x8a, P2I_VIEW(""));
    talk_frame(&talk, C, REST, p2i_view_of(&SEND[27], strlen(SEND) - 27));
    talk_frame(&talk, S, MORE_TEXT, p2i_view_of(RECEIVE, strlen(RECEIVE)));
    talk_frame(&talk, S, REST, P2I_VIEW(""));
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("4") RECEIVED("10"));
}

Test(websocket, fragments_of_audio)
{
    log_on();
    talk_frame(&talk, C, 0x02, P2I_VIEW("{\"command\":\"logon\",\"seq\":1"));
    talk_frame(&talk, C, REST, P2I_VIEW("}"));
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("6"));
}

Test(websocket, lengths_of_every_form)
{
    static const size_t sizes[] = {125, 126, 127, 255, 256, 65535, P2I_WEBSOCKET_TEXT_MAX};
    log_on();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        talk_frame(&talk, S, TEXT, padded(sizes[i]));
    }
    expect_some_cuts(BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("5") RECEIVED("6") RECEIVED("7")
                         RECEIVED("8") RECEIVED("9") RECEIVED("10"));
}

/* RFC 6455 wants the shortest; nothing is lost by taking others. */
Test(websocket, lengths_longer_than_need_be)
{
    log_on();
    talk_say(&talk, S, P2I_VIEW("\x81\x7e\0\x38" RECEIVE));
    talk_say(&talk, S, P2I_VIEW("\x81\x7f\0\0\0\0\0\0\0\x38" RECEIVE));
    cr_assert_eq(strlen(RECEIVE), 0x38);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("5"));
}

Test(websocket, masks_where_they_should_not_be)
{
    log_on();
    talk_say(&talk, S, P2I_VIEW("\x81\xb8\0\0\0\0" RECEIVE));
    talk_say(&talk, C, P2I_VIEW("\x81\x39" SEND));
    cr_assert_eq(strlen(SEND), 0x39);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4") SENT("5"));
}

Test(websocket, messages_that_are_too_long)
{
    log_on();
    talk_frame(&talk, S, TEXT, padded(P2I_WEBSOCKET_TEXT_MAX + 1));
    talk_text(&talk, S, RECEIVE);
    talk_frame(&talk, S, MORE_TEXT, padded(P2I_WEBSOCKET_TEXT_MAX));
    talk_frame(&talk, S, REST, P2I_VIEW(" "));
    talk_text(&talk, S, RECEIVE);
    expect_some_cuts(BEGUN LOGGED_ON("2") RECEIVED("5") RECEIVED("8"));
}

Test(websocket, a_message_of_many_small_frames)
{
    log_on();
    talk_frame(&talk, S, MORE_TEXT, P2I_VIEW(""));
    talk.join = true;
    for (size_t i = 0; i < strlen(RECEIVE); i++) {
        talk_frame(&talk, S, MORE, p2i_view_of(&RECEIVE[i], 1));
    }
    talk_frame(&talk, S, REST, P2I_VIEW(""));
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4"));
}

Test(websocket, frames_out_of_place)
{
    log_on();
    talk_frame(&talk, S, REST, P2I_VIEW(RECEIVE)); /* goes on with nothing */
    talk_frame(&talk, S, MORE_TEXT, P2I_VIEW("{\"command\""));
    talk_text(&talk, S, RECEIVE); /* where the rest should be */
    talk_frame(&talk, S, REST, P2I_VIEW(":1}"));
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("6") RECEIVED("8"));
}

Test(websocket, nothing_is_read_behind_a_close)
{
    log_on();
    talk_frame(&talk, S, 0x88, P2I_VIEW("\x03\xe8"));
    talk_text(&talk, S, RECEIVE);
    talk_text(&talk, C, SEND);
    talk_frame(&talk, C, 0x88, P2I_VIEW(""));
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("6"));
}

/* ---- permessage-deflate ---- */

Test(websocket, deflated_with_context_takeover)
{
    talk_begin(&talk);
    talk_packed(&talk, C, LOGON);
    talk_packed(&talk, S, ACCEPTED);
    talk_packed(&talk, C, SEND);
    talk_packed(&talk, C, SEND);
    cr_assert_lt(talk.steps[talk.count - 1].size, 20, "it points back");
    talk_text(&talk, C, SEND); /* small ones are often left alone */
    talk_packed(&talk, S, RECEIVE);
    talk_packed(&talk, C, SEND);
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("4") SENT("5") SENT("6") RECEIVED("7") SENT("8")
                             RECEIVED("9"));
}

Test(websocket, deflated_without_context_takeover)
{
    log_on();
    for (int i = 0; i < 3; i++) {
        struct p2i_view data = talk_pack(&talk, S, P2I_VIEW(RECEIVE), Z_FULL_FLUSH);
        talk_frame(&talk, S, TEXT | PACKED, data);
    }
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("5") RECEIVED("6"));
}

/* RFC 7692 7.2.3.4: the last block is marked as the last; an empty one may follow it. */
Test(websocket, deflated_streams_that_end)
{
    log_on();
    for (int i = 0; i < 4; i++) {
        struct p2i_view data = talk_pack(&talk, S, P2I_VIEW(RECEIVE), Z_FINISH);
        if (i % 2 == 0) {
            talk.packed[data.size++] = 0;
        }
        talk_frame(&talk, S, TEXT | PACKED, data);
    }
    frames_expect(&talk,
                  BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("5") RECEIVED("6") RECEIVED("7"));
}

Test(websocket, deflated_fragments)
{
    log_on();
    talk_packed(&talk, S, "{}");
    struct p2i_view data = talk_pack(&talk, S, P2I_VIEW(RECEIVE), Z_SYNC_FLUSH);
    talk_frame(&talk, S, MORE_TEXT | PACKED, p2i_view_first(data, 1));
    talk_frame(&talk, S, 0x89, P2I_VIEW("ping"));
    talk_frame(&talk, S, MORE, p2i_view_of(data.data + 1, 10));
    talk_frame(&talk, S, REST, p2i_view_from(data, 11));
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("5") RECEIVED("9"));
}

/* What is not wanted belongs to the window all the same. */
Test(websocket, deflated_audio_and_long_messages)
{
    log_on();
    struct p2i_view data = talk_pack(&talk, S, P2I_VIEW(RECEIVE "!"), Z_SYNC_FLUSH);
    talk_frame(&talk, S, BINARY | PACKED, data);
    talk_packed(&talk, S, RECEIVE);
    data = talk_pack(&talk, S, padded(P2I_WEBSOCKET_TEXT_MAX + 1), Z_SYNC_FLUSH);
    talk_frame(&talk, S, TEXT | PACKED, data);
    talk_packed(&talk, S, RECEIVE);
    data = talk_pack(&talk, S, padded(P2I_WEBSOCKET_TEXT_MAX), Z_SYNC_FLUSH);
    talk_frame(&talk, S, TEXT | PACKED, data);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("5") RECEIVED("7") RECEIVED("8"));
}

Test(websocket, a_message_that_cannot_be_inflated_is_lost_alone)
{
    log_on();
    talk_frame(&talk, S, TEXT | PACKED, P2I_VIEW("\xff\xff\xff\xff no blocks"));
    talk_text(&talk, S, RECEIVE);
    talk_frame(&talk, S, TEXT | PACKED, P2I_VIEW(""));
    talk_packed(&talk, S, RECEIVE);
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("5") RECEIVED("7") RECEIVED("8"));
}

/* A message that points back into one that was lost is none. */
Test(websocket, deflated_messages_behind_a_loss)
{
    log_on();
    talk_packed(&talk, S, RECEIVE);
    size_t size = talk.steps[talk.count - 1].size;
    talk.steps[talk.count - 1].size = 10;
    talk_lose(&talk, S, size - 10);
    talk_packed(&talk, S, RECEIVE);
    struct p2i_view data = talk_pack(&talk, S, P2I_VIEW(RECEIVE), Z_FULL_FLUSH);
    talk_frame(&talk, S, TEXT | PACKED, data);
    talk_packed(&talk, S, RECEIVE);
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("8") RECEIVED("9"));
}

/* Sixty megabytes in sixty kilobytes. */
Test(websocket, a_bomb_ends_inflating)
{
    static uint8_t zeros[512 << 10];
    log_on();
    talk_packed(&talk, S, RECEIVE);
    for (int i = 0; i < 120; i++) {
        struct p2i_view data = talk_pack(&talk, S, p2i_view_of(zeros, sizeof zeros), Z_SYNC_FLUSH);
        talk_frame(&talk, S, TEXT | PACKED, data);
        talk.join = true;
    }
    talk.join = false;
    talk_frame(&talk, S, TEXT | PACKED, talk_pack(&talk, S, P2I_VIEW(RECEIVE), Z_FULL_FLUSH));
    talk_text(&talk, S, RECEIVE);
    expect_played(0, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("7"));
    expect_played(1000, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("7"));
}

/* The same in one message, to see how much comes out. */
Test(websocket, output_is_bounded_by_input)
{
    static uint8_t zeros[8 << 20];
    static uint8_t out[4096];
    struct p2i_account account = {0};
    struct p2i_parser parser = {.pool = p2i_pool_new(), .account = &account};
    struct p2i_inflater *inflater = p2i_inflater_new(&parser);
    struct p2i_view rest = talk_pack(&talk, S, p2i_view_of(zeros, sizeof zeros), Z_SYNC_FLUSH);
    size_t packed = rest.size;
    size_t written = 0, sum = 0;
    while (p2i_inflate(&parser, inflater, &rest, out, sizeof out, &written) && rest.size > 0) {
        sum += written;
        cr_assert_leq(account.used, 52 << 10);
    }
    cr_assert(p2i_inflater_spent(inflater));
    cr_assert_geq(sum + sizeof out, P2I_INFLATED_FREE);
    cr_assert_leq(sum, P2I_INFLATED_FREE + packed * P2I_INFLATED_RATIO);
    p2i_inflater_free(&parser, inflater);
    cr_assert_eq(account.used, 0);
    p2i_pool_free(parser.pool);
}

/* ---- other protocols ---- */

Test(websocket, given_up_without_a_known_text_protocol)
{
    talk_begin(&talk);
    for (int i = 0; i < 4; i++) {
        talk_text(&talk, C, "{\"type\":\"hello\"}");
        talk_text(&talk, S, "hello");
    }
    talk_text(&talk, C, LOGON);
    frames_expect(&talk, BEGUN);
}

Test(websocket, recognised_before_it_is_given_up)
{
    talk_begin(&talk);
    for (int i = 0; i < 7; i++) {
        talk_text(&talk, S, "{}");
        talk_frame(&talk, C, 0x89, P2I_VIEW("")); /* no message */
    }
    talk_text(&talk, C, LOGON);
    frames_expect(&talk, BEGUN LOGGED_ON("16"));
}

static void say_binary(size_t count)
{
    talk_begin(&talk);
    talk_frame(&talk, S, BINARY, AUDIO);
    talk.join = true;
    for (size_t i = 1; i < count; i++) {
        talk_frame(&talk, S, BINARY, AUDIO);
    }
    talk.join = false;
    talk_text(&talk, C, LOGON);
}

Test(websocket, binary_messages_before_anything_known)
{
    say_binary(P2I_WEBSOCKET_PATIENCE - 1);
    frames_expect(&talk, BEGUN LOGGED_ON("3"));
}

Test(websocket, binary_messages_alone)
{
    say_binary(P2I_WEBSOCKET_PATIENCE);
    frames_expect(&talk, BEGUN);
}

Test(websocket, a_recognised_session_is_not_given_up)
{
    log_on();
    for (int i = 0; i < 40; i++) {
        talk_text(&talk, S, "{}");
        talk_frame(&talk, S, BINARY, AUDIO);
        talk.join = true;
    }
    talk.join = false;
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("6"));
}

/* ---- losses ---- */

/* `count` bytes are lost behind the first `kept` of the last step, whose rest goes on. */
static void lose_inside(size_t kept, size_t count)
{
    struct dialog_step last = talk.steps[talk.count - 1];
    talk.steps[talk.count - 1].size = kept;
    talk_lose(&talk, last.from, count);
    if (kept + count < last.size) {
        talk.steps[talk.count++] =
            (struct dialog_step){last.from, last.bytes + kept + count, last.size - kept - count};
    }
}

Test(websocket, a_loss_inside_a_message_costs_that_message)
{
    log_on();
    talk_text(&talk, C, SEND);
    lose_inside(20, 15);
    talk_text(&talk, C, SEND);
    talk_text(&talk, C, SEND);
    lose_inside(20, strlen(SEND) + 6 - 20); /* up to its end */
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("7") SENT("10"));
}

Test(websocket, a_loss_inside_audio_costs_nothing)
{
    log_on();
    talk_frame(&talk, C, BINARY, AUDIO);
    lose_inside(12, 9);
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("7"));
}

Test(websocket, behind_a_loss_of_whole_segments_frames_go_on)
{
    log_on();
    talk_lose(&talk, S, 300);
    talk_text(&talk, S, RECEIVE);
    talk_lose(&talk, C, 300);
    talk_frame(&talk, C, BINARY, AUDIO);
    talk_text(&talk, C, SEND);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("5") SENT("8"));
}

Test(websocket, behind_a_loss_inside_a_frame_a_text_message_is_found)
{
    log_on();
    talk_lose(&talk, C, 300);
    talk_say(&talk, C, P2I_VIEW("the rest of a frame \x81\x81 with \x81\xfe such bytes \x81"));
    talk_frame(&talk, C, BINARY, AUDIO); /* looks like the rest */
    talk_text(&talk, C, SEND);
    talk_frame(&talk, C, BINARY, AUDIO);
    talk_text(&talk, C, SEND);
    talk_lose(&talk, S, 300);
    talk_say(&talk, S, P2I_VIEW("the rest of a frame \x81\x05{}"));
    talk_text(&talk, S, "{\n\"command\":1}");
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") SENT("7") SENT("9") RECEIVED("13"));
}

/* The window of a deflated direction stays. */
Test(websocket, a_loss_inside_a_message_costs_nothing_else)
{
    log_on();
    talk_packed(&talk, S, RECEIVE);
    talk_text(&talk, S, RECEIVE);
    lose_inside(20, 9);
    talk_packed(&talk, S, RECEIVE);
    talk_text(&talk, S, RECEIVE);
    lose_inside(20, strlen(RECEIVE) + 2 - 20);
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("8") RECEIVED("11"));
}

/* With a message missing from the window, references back would find another one. */
Test(websocket, deflated_messages_behind_lost_frames)
{
    static const char *const other =
        "{\"command\":\"on_text_message\",\"channel\":\"ch\",\"from\":\"cy\"}";
    struct p2i_view text = p2i_view_of(other, strlen(other));
    log_on();
    talk_packed(&talk, S, RECEIVE);
    talk_text(&talk, S, RECEIVE);
    talk_lose(&talk, S, talk_pack(&talk, S, text, Z_SYNC_FLUSH).size + 2);
    talk_packed(&talk, S, other);
    talk_frame(&talk, S, TEXT | PACKED, talk_pack(&talk, S, P2I_VIEW("{}"), Z_FULL_FLUSH));
    talk_packed(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("4") RECEIVED("5") RECEIVED("9"));
}

/* Frames that begin behind a loss, or are found in a search, and would swallow the bytes behind
 * them. */
Test(websocket, frames_that_are_not_believed)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x82\x85\0\0\0\0", 6},             /* masked, unlike those before */
        {"\x81\xd0\0\0\0\0{\"", 8},          /* ... */
        {"\x82\x7e\0\x30", 4},               /* not the shortest form */
        {"\x81\x7e\0\x30{\"", 6},            /* ... */
        {"\x82\x7f\0\0\0\0\0\1\0\1", 10},    /* too large */
        {"\x81\x7f\0\0\0\0\0\1\0\1{\"", 12}, /* ... */
        {"\xc2\x30", 2},                     /* deflated, unlike those before */
        {"\xc1\x30{\"", 4},                  /* ... */
    };
    for (int lost = 0; lost < 2; lost++) {
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            memset(&talk, 0, sizeof talk);
            log_on();
            talk_lose(&talk, S, 300);
            talk_say(&talk, S, lost ? P2I_VIEW("noise") : P2I_VIEW(""));
            talk_say(&talk, S, p2i_view_of(bad[i].bytes, bad[i].size));
            talk_text(&talk, S, RECEIVE);
            frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("7"));
        }
    }
}

Test(websocket, only_objects_are_found)
{
    log_on();
    talk_lose(&talk, S, 300);
    talk_say(&talk, S, P2I_VIEW("noise\x81\x30x\"\x81\x30{x\x81\x30{}\x81\1{\""));
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("6"));
    static const char *const blanks[] = {"\n", "\r", "\t", " "};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        char text[128];
        memset(&talk, 0, sizeof talk);
        log_on();
        talk_lose(&talk, S, 300);
        talk_say(&talk, S, P2I_VIEW("noise"));
        snprintf(text, sizeof text, "{%s%s", blanks[i], &RECEIVE[1]);
        talk_text(&talk, S, text);
        frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("6"));
    }
}

/* Frames that cannot be. */
Test(websocket, behind_bytes_of_no_frame_a_text_message_is_found)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x91\x01x", 3},                     /* RSV3 */
        {"\xa1\x01x", 3},                     /* RSV2 */
        {"\x83\x01x", 3},                     /* reserved opcodes */
        {"\x87\x01x", 3},                     /* ... */
        {"\x8b\x01x", 3},                     /* ... */
        {"\x8f\x01x", 3},                     /* ... */
        {"\xc0\x01x", 3},                     /* RSV1 in a frame that goes on */
        {"\xc9\x01x", 3},                     /* RSV1 in a control frame */
        {"\x09\x01x", 3},                     /* half a control frame */
        {"\x89\x7e\0\x01x", 5},               /* a long one */
        {"\x82\x7f\x80\0\0\0\0\0\0\x01x", 11} /* more than 63 bits */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&talk, 0, sizeof talk);
        log_on();
        talk_say(&talk, S, p2i_view_of(bad[i].bytes, bad[i].size));
        talk_text(&talk, S, RECEIVE);
        frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED("5"));
    }
}

static void search_over(size_t size)
{
    static uint8_t noise[P2I_WEBSOCKET_SEARCH + 1];
    memset(noise, 0xf7, sizeof noise);
    log_on();
    talk_say(&talk, S, p2i_view_of(noise, size));
    talk.join = true;
    talk_text(&talk, S, RECEIVE);
    talk.join = false;
    talk_text(&talk, C, SEND);
}

Test(websocket, the_search_goes_on_for_a_while)
{
    search_over(P2I_WEBSOCKET_SEARCH - 1);
    expect_some_cuts(BEGUN LOGGED_ON("2") RECEIVED("4") SENT("5"));
}

Test(websocket, the_search_ends)
{
    search_over(P2I_WEBSOCKET_SEARCH);
    expect_some_cuts(BEGUN LOGGED_ON("2") SENT("5"));
}

/* ---- the upgrade ---- */

#define REQUEST_X(at)                                                                              \
    "clickstream C host=\"h\" path=\"/x\" referer=\"\" user_agent=\"\" cookie=\"\""                \
    " cipher_suites= locked=0 cipher_suites_length=0 host_type=1 method=1 @" at "\n"
#define REPLY_WITH(code, at)                                                                       \
    "http_reply S content_type=\"\" location=\"\" content_length=0 result_code=" code " @" at "\n"

Test(websocket, frames_that_were_captured_before_the_answer)
{
    talk_say(&talk, C, P2I_VIEW("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    talk_say(&talk, S, P2I_VIEW("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"));
    talk_say(&talk, C, P2I_VIEW("GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    talk_text(&talk, C, LOGON);
    talk_say(&talk, S, P2I_VIEW("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"));
    talk_text(&talk, S, ACCEPTED);
    frames_expect(&talk, REQUEST_X("0") REPLY_WITH("404", "1") REQUEST_X("2") REPLY_WITH("101", "4")
                             LOGGED_ON("3"));
}

Test(websocket, only_the_client_was_captured)
{
    talk_say(&talk, C, P2I_VIEW("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    talk_text(&talk, C, LOGON);
    talk_text(&talk, C, SEND);
    frames_expect(&talk, REQUEST SENT("2") LOGGED_ON("1"));
}

Test(websocket, only_the_server_was_captured)
{
    talk_say(&talk, S, P2I_VIEW("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"));
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, "http_reply S content_type=\"\" location=\"\" content_length=0 "
                         "result_code=101 @0\n" RECEIVED("1"));
}

Test(websocket, the_answer_was_lost)
{
    talk_say(&talk, C, P2I_VIEW("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    talk_lose(&talk, S, 70);
    talk_text(&talk, C, LOGON);
    talk_text(&talk, S, ACCEPTED);
    frames_expect(&talk, REQUEST LOGGED_ON("2"));
}

Test(websocket, an_upgrade_that_is_refused)
{
    talk_say(&talk, C, P2I_VIEW("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    talk_say(&talk, S,
             P2I_VIEW("HTTP/1.1 200 x\r\nContent-Length: 19\r\n\r\n"
                      "GET /y HTTP/1.1\r\n\r\n"));
    talk_say(&talk, C, P2I_VIEW("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    talk_say(&talk, S, P2I_VIEW("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"));
    frames_expect(&talk, REQUEST "http_reply S content_type=\"\" location=\"\" content_length=19 "
                                 "result_code=200 @1\n" REQUEST_X("2") REPLY_WITH("404", "3"));
}

/* What has a body, or asks for something else, is not waited for. */
Test(websocket, requests_that_ask_for_no_websocket)
{
    talk_say(&talk, C,
             P2I_VIEW("PUT /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
                      "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                      "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n"
                      "Content-Length: 2\r\n\r\n{}"
                      "GET /ws HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"
                      "GET /ws HTTP/1.1\r\nReferer: websocket\r\n\r\n"
                      "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    char *text = talk_play(&talk, 0);
    size_t size = strlen(text);
    cr_assert_geq(size, strlen(REQUEST_X("0")));
    cr_assert_str_eq(text + size - strlen(REQUEST_X("0")), REQUEST_X("0"));
    free(text);
}

Test(websocket, an_upgrade_that_is_refused_seen_from_one_side)
{
    talk_say(&talk, C, P2I_VIEW("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    talk_say(&talk, C, P2I_VIEW("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
    frames_expect(&talk, REQUEST REQUEST_X("1"));
}

/* ---- hostile input ---- */

static void make_long_talk(void)
{
    log_on();
    talk_packed(&talk, C, SEND);
    talk_frame(&talk, S, MORE_TEXT, P2I_VIEW("{\"command\":\"on_text_message\","));
    talk_frame(&talk, S, 0x89, P2I_VIEW("ping"));
    talk_frame(&talk, S, REST, P2I_VIEW("\"channel\":\"ch\"}"));
    talk_packed(&talk, S, RECEIVE);
    talk_frame(&talk, S, TEXT, padded(300));
    talk_packed(&talk, C, SEND);
}

Test(websocket, cut_off_at_every_byte)
{
    make_long_talk();
    size_t steps = talk.count;
    for (size_t step = 2; step < steps; step++) {
        size_t size = talk.steps[step].size;
        talk.count = step + 1;
        for (talk.steps[step].size = 1; talk.steps[step].size < size; talk.steps[step].size++) {
            free(talk_play(&talk, 0)); /* memory and counts are looked at there */
            free(talk_play(&talk, 1));
        }
    }
}

Test(websocket, any_byte_may_be_wrong)
{
    make_long_talk();
    size_t begin = talk.steps[0].size + talk.steps[1].size;
    for (size_t at = begin; at < talk.used; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            talk.bytes[at] ^= (uint8_t)(1u << bit);
            char *whole = talk_play(&talk, 0);
            char *segments = talk_play(&talk, 3);
            cr_assert_str_eq(whole, segments);
            free(whole);
            free(segments);
            talk.bytes[at] ^= (uint8_t)(1u << bit);
        }
    }
}

/* ---- messages that are cut ---- */

#define NAMED                                                                                      \
    "{\"command\":\"on_text_message\",\"channel\":\"ch\",\"from\":\"bo\",\"for\":false,\"text\":"  \
    "\""
#define NAMED_AND(literal) p2i_view_of(NAMED literal, sizeof(NAMED literal) - 1)
#define RECEIVED_IN_PART(mark, at)                                                                 \
    "im S login=\"bo\" password=\"\" screen_name=\"bo\" uin=\"\" receivers=\"ch\" result_code=0"   \
    " protocol=106 " mark " @" at "\n"

/* The frame of a message of which only the first `there` bytes come. */
static void say_beginning(struct p2i_view data, size_t there)
{
    static uint8_t frame[2 * P2I_WEBSOCKET_TEXT_MAX];
    size_t size = 2;
    frame[0] = TEXT;
    frame[1] = 126;
    frame[size++] = (uint8_t)(data.size >> 8);
    frame[size++] = (uint8_t)data.size;
    memcpy(frame + size, data.data, there);
    talk_say(&talk, S, p2i_view_of(frame, size + there));
}

Test(websocket, a_message_cut_by_a_loss)
{
    const struct p2i_view data = NAMED_AND("hello\"}                                             "
                                           "                            ");
    log_on();
    say_beginning(data, sizeof NAMED);
    talk_lose(&talk, S, data.size - sizeof NAMED);
    talk_text(&talk, S, RECEIVE);
    say_beginning(data, sizeof NAMED - 20);
    talk_lose(&talk, S, data.size - sizeof NAMED + 20);
    talk_text(&talk, S, RECEIVE);
    say_beginning(data, sizeof NAMED);
    talk_lose(&talk, S, data.size + 1000);
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED_IN_PART("cut", "4") RECEIVED("6")
                             RECEIVED("9") RECEIVED_IN_PART("cut", "10") RECEIVED("12"));
}

Test(websocket, a_message_cut_by_the_end)
{
    log_on();
    say_beginning(NAMED_AND("hello\"}                                            "
                            "                  "),
                  sizeof NAMED + 3);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED_IN_PART("cut", "4"));
}

Test(websocket, fragments_of_which_the_last_is_missing)
{
    log_on();
    talk_frame(&talk, S, MORE_TEXT, NAMED_AND("hel"));
    talk_frame(&talk, S, MORE, P2I_VIEW("lo"));
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED_IN_PART("cut", "4"));
}

Test(websocket, a_deflated_message_that_is_cut)
{
    log_on();
    struct p2i_view data =
        talk_pack(&talk, S, NAMED_AND("hello and so on and so forth \"}"), Z_SYNC_FLUSH);
    static uint8_t frame[200] = {TEXT | PACKED};
    frame[1] = (uint8_t)data.size;
    cr_assert_lt(data.size, 126);
    memcpy(frame + 2, data.data, data.size);
    talk_say(&talk, S, p2i_view_of(frame, data.size - 4));
    talk_lose(&talk, S, 6);
    talk_text(&talk, S, RECEIVE);
    frames_expect(&talk, BEGUN LOGGED_ON("2") RECEIVED_IN_PART("cut", "4") RECEIVED("6"));
}

/* The first that is recognised may be cut. */
Test(websocket, recognised_by_a_cut_message)
{
    talk_begin(&talk);
    say_beginning(NAMED_AND("hello\"}                                            "
                            "                  "),
                  sizeof NAMED + 3);
    frames_expect(&talk, BEGUN RECEIVED_IN_PART("cut", "2"));
}

Test(websocket, names_in_front_of_the_limit)
{
    static char text[P2I_WEBSOCKET_TEXT_MAX + 1000];
    memset(text, 'x', sizeof text);
    memcpy(text, NAMED, sizeof NAMED - 1);
    text[sizeof text - 2] = '"';
    text[sizeof text - 1] = '}';
    log_on();
    talk_frame(&talk, S, TEXT, p2i_view_of(text, sizeof text));
    talk_frame(&talk, S, MORE_TEXT, p2i_view_of(text, 60000));
    talk_frame(&talk, S, MORE, p2i_view_of(text + 60000, 6000));
    talk_frame(&talk, S, REST, p2i_view_of(text + 66000, sizeof text - 66000));
    struct p2i_view data = talk_pack(&talk, S, p2i_view_of(text, sizeof text), Z_SYNC_FLUSH);
    talk_frame(&talk, S, TEXT | PACKED, p2i_view_of(data.data, data.size - 4));
    talk_text(&talk, S, RECEIVE);
    expect_some_cuts(BEGUN LOGGED_ON("2") RECEIVED_IN_PART("limited", "4") RECEIVED_IN_PART(
        "limited", "5") RECEIVED_IN_PART("limited", "8") RECEIVED("9"));
}
