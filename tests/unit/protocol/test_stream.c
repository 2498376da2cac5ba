/* SPDX-License-Identifier: MIT */
/* The stream layer, with protocols that take lines, lengths, or wait for the other side. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialog.h"
#include "protocol/message.h"

static void say(struct p2i_parser *parser, const struct p2i_stream_segment *segment, size_t at,
                struct p2i_view what)
{
    struct p2i_dns message = {.domain = what};
    p2i_emit(parser, P2I_RECORD_DNS, segment->direction, p2i_packet_info_at(segment, at), &message);
}

static void say_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                    uint64_t missing)
{
    say(parser, segment, 0, segment->bytes);
    say(parser, segment, 0, missing > 0 ? P2I_VIEW("gap") : P2I_VIEW("dropped"));
}

static void say_end(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    say(parser, segment, 0, segment->bytes);
    say(parser, segment, 0, P2I_VIEW("end"));
}

/* Lines that begin with '>': "> skip 5" skips five bytes, "> rest" all, "> done" finishes,
 * "> again" ends the protocol, "> wait" waits for bytes of the other side. */
static enum p2i_match probe_lines(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    if (bytes.data[0] != '>') {
        return P2I_MATCH_NO;
    }
    return bytes.size < 2 ? P2I_MATCH_MORE : bytes.data[1] == ' ' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static struct p2i_step data_lines(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    size_t end = p2i_view_find(segment->bytes, '\n');
    if (end == segment->bytes.size) {
        return (struct p2i_step){.need = 0};
    }
    struct p2i_view line = p2i_view_first(segment->bytes, end);
    bool *answered = parser->state;
    *answered |= segment->direction == P2I_FROM_RESPONDER;
    if (p2i_view_starts(line, P2I_VIEW("> wait")) && !*answered) {
        return (struct p2i_step){0};
    }
    say(parser, segment, 0, line);
    struct p2i_step step = {.consumed = end + 1};
    if (p2i_view_starts(line, P2I_VIEW("> skip "))) {
        step.consumed += (uint64_t)(line.data[7] - '0');
    } else if (p2i_view_equals(line, P2I_VIEW("> rest"))) {
        step.consumed = UINT64_MAX;
    } else if (p2i_view_equals(line, P2I_VIEW("> done"))) {
        step.verdict = P2I_FINISHED;
    } else if (p2i_view_equals(line, P2I_VIEW("> anew"))) {
        step.verdict = P2I_RESTART;
    }
    return step;
}

static void free_lines(struct p2i_parser *parser)
{
    *(bool *)parser->state = true; /* the state must still be there */
}

static const struct p2i_protocol lines = {
    .state_size = 1,
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe_lines,
    .data = data_lines,
    .gap = say_gap,
    .close = say_end,
    .free = free_lines,
};

static const struct p2i_protocol *const all[] = {&lines, NULL};

static void expect_of(const struct p2i_protocol *const *protocols, enum p2i_transport transport,
                      const struct dialog_step *steps, size_t count, const char *expected)
{
    /* Shorter to read: only the sender, the text and the step. */
    struct dialog dialog = {
        .ends = {.transport = transport, .port = {40000, 80}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (const char *at = expected; *at != '\0';) {
        const char *end = strchr(at, '\n');
        const char *place = end;
        while (*place != '@') {
            place--;
        }
        fprintf(out, "dns %c domain=\"%.*s\" rdata= ttl=0 rr_class=0 rr_type=0 %.*s\n", at[0],
                (int)(place - at - 3), at + 2, (int)(end - place), place);
        at = end + 1;
    }
    fclose(out);
    dialog_expect(&dialog, text);
    free(text);
}

#define EXPECT(expected, ...)                                                                      \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        expect_of(all, P2I_OVER_TCP, steps, sizeof steps / sizeof *steps, expected);               \
    } while (0)

Test(stream, messages_come_whole_however_they_are_cut)
{
    EXPECT("C > one @0\nC > two @0\nS > three @1\nC > four @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> one\n> two\n"), DIALOG_SERVER("> three\n"), DIALOG_CLIENT("> four\n"));
}

Test(stream, a_message_has_the_packet_info_of_its_first_byte)
{
    EXPECT("C > one @0\nC > two @1\nC > three @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> o"), DIALOG_CLIENT("ne\n> t"), DIALOG_CLIENT("wo\n> three\n"));
}

Test(stream, skipped_bytes_are_not_seen_and_may_be_lost)
{
    EXPECT("C > skip 7 @0\nC > two @3\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> skip 7\n> x"), DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("\n"),
           DIALOG_CLIENT("> two\n"));
}

Test(stream, a_gap_longer_than_the_skipped_bytes_is_reported)
{
    EXPECT("C > skip 5 @0\nC  @0\nC gap @0\nC > two @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> skip 5\n"), DIALOG_CLIENT_LOSES(6), DIALOG_CLIENT("> two\n"));
}

Test(stream, the_rest_of_a_direction_can_be_skipped)
{
    EXPECT("C > rest @0\nS > one @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> rest\n> x\n"), DIALOG_CLIENT("> y\n"), DIALOG_SERVER("> one\n"));
}

Test(stream, a_gap_shows_the_held_bytes)
{
    EXPECT("C > one @0\nC > tw @0\nC gap @0\nC > four @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> one\n> tw"), DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT("> four\n"));
}

Test(stream, a_close_shows_the_held_bytes_once)
{
    EXPECT("C > one @0\nC > tw @0\nC end @0\nS  @0\nS end @0\n", DIALOG_CLIENT("> one\n> tw"),
           DIALOG_CLIENT_CLOSES, DIALOG_CLIENT_CLOSES);
}

Test(stream, bytes_after_the_end_are_probed_afresh)
{
    EXPECT("C > one @0\nC  @0\nC end @0\nC > two @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> one\n"), DIALOG_CLIENT_CLOSES, DIALOG_CLIENT("> two\n"));
}

Test(stream, a_finished_stream_is_silent)
{
    EXPECT("C > done @0\n", DIALOG_CLIENT("> done\n> x\n"), DIALOG_SERVER("> y\n"),
           DIALOG_CLIENT_LOSES(5), DIALOG_CLIENT("> z\n"));
}

Test(stream, bytes_behind_the_end_of_a_protocol_are_probed)
{
    EXPECT("C > anew @0\nC > one @0\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> anew\n> one\n"));
}

Test(stream, held_bytes_are_delivered_again_after_bytes_of_the_other_side)
{
    EXPECT("S > go @1\nC > wait @0\nC > one @0\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_CLIENT("> wait\n> one\n"), DIALOG_SERVER("> go\n"));
}

Test(stream, an_ignored_direction_begins_with_a_gap)
{
    EXPECT("S  @0\nS dropped @0\nC > one @1\nS > two @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
           DIALOG_SERVER("unknown"), DIALOG_CLIENT("> one\n"), DIALOG_SERVER("> two\n"));
}

/* Bytes held because another protocol might begin with them are not given to this one. */
static enum p2i_match probe_slow(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == '>' ? P2I_MATCH_NO : P2I_MATCH_MORE;
}

static const struct p2i_protocol slow = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe_slow,
};

static const struct p2i_protocol *const lines_and_slow[] = {&slow, &lines, NULL};

/* Recognises a first byte, but no second. */
static enum p2i_match probe_short(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 0 && bytes.size == 1 ? P2I_MATCH_MORE : P2I_MATCH_NO;
}

static const struct p2i_protocol short_one = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = probe_short,
};

static const struct p2i_protocol *const lines_and_short[] = {&short_one, &lines, NULL};

Test(stream, bytes_held_for_another_protocol_are_ignored)
{
    const struct dialog_step steps[] = {DIALOG_SERVER("\x05\n"), DIALOG_CLIENT("> one\n"),
                                        DIALOG_SERVER("> two\n")};
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}},
        .protocols = lines_and_slow,
        .steps = steps,
        .step_count = 3,
    };
    char *text = dialog_play(&dialog, 0);
    cr_assert_not_null(strstr(text, "C domain=\"> one\""));
    cr_assert_not_null(strstr(text, "S domain=\"> two\""));
    free(text);
}

Test(stream, a_byte_that_begins_no_message_does_not_hide_the_next_ones)
{
    const struct dialog_step steps[] = {DIALOG_CLIENT("\0"), DIALOG_CLIENT("> one\n")};
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}},
        .protocols = lines_and_short,
        .steps = steps,
        .step_count = 2,
    };
    char *text = dialog_play(&dialog, 0);
    cr_assert_not_null(strstr(text, "C domain=\"> one\" rdata= ttl=0 rr_class=0 rr_type=0 @1"));
    free(text);
}

/* Plays without comparing cuts; the caller frees. */
static char *play(const struct dialog_step *steps, size_t count, size_t segment)
{
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}},
        .protocols = all,
        .steps = steps,
        .step_count = count,
    };
    return dialog_play(&dialog, segment);
}

Test(stream, a_head_larger_than_can_be_held_is_dropped_and_the_next_is_found)
{
    size_t size = P2I_HEAD_MAX + 100;
    char *head = malloc(size);
    memset(head, 'x', size);
    memcpy(head, "> ", 2);
    head[P2I_HEAD_MAX - 1] = '\n';
    char *longer = malloc(size);
    memcpy(longer, head, size);
    longer[P2I_HEAD_MAX - 1] = 'x';
    const struct dialog_step fits[] = {{P2I_FROM_INITIATOR, head, P2I_HEAD_MAX},
                                       DIALOG_CLIENT("> two\n")};
    const struct dialog_step too_long[] = {{P2I_FROM_INITIATOR, longer, P2I_HEAD_MAX},
                                           DIALOG_CLIENT("> two\n")};
    for (size_t segment = 0; segment <= 50000; segment += 10000) {
        char *text = play(fits, 2, segment);
        cr_assert_null(strstr(text, "dropped"));
        cr_assert_not_null(strstr(text, "\"> two\""));
        free(text);
        text = play(too_long, 2, segment);
        cr_assert_not_null(strstr(text, "dropped"));
        cr_assert_not_null(strstr(text, "\"> two\""));
        free(text);
    }
    free(head);
    free(longer);
}

Test(stream, an_unknown_direction_is_given_up_after_some_segments)
{
    struct dialog_step steps[P2I_PROBE_SEGMENTS + 1];
    for (size_t i = 0; i < P2I_PROBE_SEGMENTS; i++) {
        steps[i] = (struct dialog_step)DIALOG_CLIENT("unknown");
    }
    steps[P2I_PROBE_SEGMENTS] = (struct dialog_step)DIALOG_CLIENT("> one\n");
    char *text = play(steps, P2I_PROBE_SEGMENTS + 1, 0);
    cr_assert_str_empty(text);
    free(text);
    text = play(steps + 1, P2I_PROBE_SEGMENTS, 0);
    cr_assert_not_null(strstr(text, "\"> one\""));
    free(text);
}

/* ---- messages cut before they are recognised ---- */

/* Lines as above that are recognised only at their end; cut ones by three bytes. */
static enum p2i_match probe_whole_line(const struct p2i_ends *ends, enum p2i_direction direction,
                                       struct p2i_view bytes)
{
    enum p2i_match match = probe_lines(ends, direction, bytes);
    bool whole = p2i_view_find(bytes, '\n') < bytes.size;
    return match == P2I_MATCH_YES && !whole ? P2I_MATCH_MORE : match;
}

static bool probe_cut_line(const struct p2i_ends *ends, enum p2i_direction direction,
                           struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.size >= 3;
}

static enum p2i_verdict datagram_line(struct p2i_parser *parser,
                                      const struct p2i_stream_segment *segment)
{
    say(parser, segment, 0, segment->bytes);
    return P2I_CONTINUE;
}

static const struct p2i_protocol whole_lines = {
    .state_size = 1,
    .over = {[P2I_OVER_UDP] = true, [P2I_OVER_TCP] = true},
    .probe = probe_whole_line,
    .probe_cut = probe_cut_line,
    .data = data_lines,
    .gap = say_gap,
    .close = say_end,
    .datagram = datagram_line,
    .free = free_lines,
};

/* Wants more bytes too, and comes first, but cannot begin with a cut message. */
static const struct p2i_protocol *const whole_lines_and_slow[] = {&slow, &short_one, &whole_lines,
                                                                  NULL};

#define EXPECT_CUT(transport, expected, ...)                                                       \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        expect_of(whole_lines_and_slow, transport, steps, sizeof steps / sizeof *steps, expected); \
    } while (0)

Test(stream_cut, a_beginning_in_front_of_a_gap_finds_its_parser)
{
    EXPECT_CUT(P2I_OVER_TCP, "C > on @0\nC gap @0\nC > two @2\nC  @0\nC end @0\nS  @0\nS end @0\n",
               DIALOG_CLIENT("> on"), DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("> two\n"));
}

Test(stream_cut, a_beginning_at_the_end_finds_its_parser)
{
    EXPECT_CUT(P2I_OVER_TCP, "C > on @0\nC end @0\nS  @0\nS end @0\n", DIALOG_CLIENT("> on"),
               DIALOG_CLIENT_CLOSES);
    EXPECT_CUT(P2I_OVER_TCP, "S > on @0\nS end @0\n", DIALOG_SERVER("> on"));
}

Test(stream_cut, held_bytes_of_the_other_side_are_delivered_then)
{
    EXPECT_CUT(P2I_OVER_TCP, "C > on @0\nC gap @0\nS > two @1\nC  @0\nC end @0\nS  @0\nS end @0\n",
               DIALOG_CLIENT("> on"), DIALOG_SERVER("> t"), DIALOG_CLIENT_LOSES(3),
               DIALOG_SERVER("wo\n"));
    EXPECT_CUT(P2I_OVER_TCP, "C > on @0\nC end @0\nS > tw @1\nS end @1\n", DIALOG_CLIENT("> on"),
               DIALOG_SERVER("> tw"));
}

Test(stream_cut, too_few_bytes_begin_no_message)
{
    EXPECT_CUT(P2I_OVER_TCP, "C > two @2\nC  @0\nC end @0\nS  @0\nS end @0\n", DIALOG_CLIENT("> "),
               DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("> two\n"));
    EXPECT_CUT(P2I_OVER_TCP, "", DIALOG_CLIENT("> "));
}

Test(stream_cut, only_the_first_bytes_of_a_direction_begin_a_cut_message)
{
    EXPECT_CUT(P2I_OVER_TCP, "", DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("> on"),
               DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("> on"), DIALOG_CLIENT_CLOSES);
    const struct dialog_step steps[] = {DIALOG_CLIENT(">unknown"), DIALOG_CLIENT("> on")};
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}},
        .protocols = whole_lines_and_slow,
        .steps = steps,
        .step_count = 2,
    };
    char *text = dialog_play(&dialog, 0);
    cr_assert_str_empty(text);
    free(text);
}

Test(stream_cut, a_datagram_that_the_snaplen_cuts_finds_its_parser)
{
    EXPECT_CUT(P2I_OVER_UDP, "C > on @0\nC > two @2\n", DIALOG_CLIENT("> on"),
               DIALOG_CLIENT_LOSES(3), DIALOG_CLIENT("> two"));
    EXPECT_CUT(P2I_OVER_UDP, "", DIALOG_CLIENT("> on"));
}
