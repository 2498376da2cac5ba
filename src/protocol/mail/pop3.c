/* SPDX-License-Identifier: MIT */
/* POP3 over TCP (RFC 1939, RFC 2449, STLS of RFC 2595). Emits a mail message for each message
 * fetched with RETR or TOP, and for each such command that is refused. Its sender is the server,
 * its packet info that of the reply's first byte.
 *
 * The command decides whether a reply has more than one line; if the command was not seen, the
 * line behind the reply decides. */
#include "base/ascii.h"
#include "protocol/mail/address.h"
#include "protocol/mail/mail.h"
#include "protocol/mail/probe.h"
#include "protocol/protocols.h"

enum phase {
    IN_REPLIES = 0,
    BEHIND_REPLY, /* undecided whether it has more lines */
    IN_LISTING,
    IN_MESSAGE,
};

/* Kinds of commands that a reply may answer. */
enum expected {
    NOTHING = 0,
    UNKNOWN, /* an unseen command; the form of its reply decides */
    ONE_LINE,
    LISTING,
    MESSAGE,
    STLS,
};

struct pop3 {
    struct p2i_mail_lines lines[2];
    struct p2i_mail_queue queue;
    struct p2i_mail_hosts hosts;
    struct p2i_mail_content *mail;     /* that is being fetched */
    struct p2i_packet_info reply_info; /* of the last +OK */
    uint8_t phase;                     /* of the server */
    uint8_t server;                    /* enum p2i_direction */
    bool server_known;
    bool greeted;
    bool challenged;   /* the client's next line answers a "+ " to AUTH */
    bool bare_lf;      /* the server's lines end without CR */
    bool guesses;      /* commands are not queued */
    bool replies_lost; /* replies were lost, and the parser has not resynchronised */
    bool line_known;   /* the client's next line is a command from its beginning */
    bool dot_missed;   /* the client sent a command, as if the message had ended */
    bool secured;      /* STLS was accepted, and no bytes since */
};

/* ---- messages ---- */

static void begin_message(struct p2i_parser *parser, const struct p2i_packet_info *info)
{
    struct pop3 *pop3 = parser->state;
    pop3->phase = IN_LISTING; /* where out of memory */
    pop3->dot_missed = false;
    pop3->mail = p2i_mail_content_new(parser, info);
    if (pop3->mail != NULL) {
        pop3->mail->mime.dotted = true;
        pop3->mail->mime.bare_lf = pop3->bare_lf;
        pop3->phase = IN_MESSAGE;
    }
}

static void end_message(struct p2i_parser *parser)
{
    struct pop3 *pop3 = parser->state;
    pop3->phase = IN_REPLIES;
    if (pop3->mail == NULL) {
        return;
    }
    p2i_mime_end(parser, &pop3->mail->mime);
    p2i_mail_content_emit(parser, pop3->mail, &pop3->hosts, (enum p2i_direction)pop3->server,
                          P2I_MAIL_RECEIVED, P2I_MAIL_POP3);
    p2i_mail_content_free(parser, pop3->mail);
    pop3->mail = NULL;
}

/* The rest of the message will not come. */
static void cut_message(struct p2i_parser *parser)
{
    struct pop3 *pop3 = parser->state;
    if (pop3->mail != NULL) {
        p2i_mail_content_cut(parser, pop3->mail);
        end_message(parser);
    }
}

static void refuse_message(struct p2i_parser *parser, const struct p2i_packet_info *info)
{
    struct pop3 *pop3 = parser->state;
    pop3->mail = p2i_mail_content_new(parser, info);
    if (pop3->mail != NULL) {
        pop3->mail->code = 1;
        end_message(parser);
    }
}

/* ---- the client's commands ---- */

static enum expected expected_reply(struct p2i_view line)
{
    struct p2i_view arguments = line;
    struct p2i_view verb = p2i_mail_word(&arguments);
    if (p2i_view_equals_nocase(verb, P2I_VIEW("RETR")) ||
        p2i_view_equals_nocase(verb, P2I_VIEW("TOP"))) {
        return MESSAGE;
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("STLS"))) {
        return STLS;
    }
    bool lists = p2i_view_equals_nocase(verb, P2I_VIEW("LIST")) ||
                 p2i_view_equals_nocase(verb, P2I_VIEW("UIDL")) ||
                 p2i_view_equals_nocase(verb, P2I_VIEW("AUTH")) ||
                 p2i_view_equals_nocase(verb, P2I_VIEW("LANG"));
    bool is_listing = p2i_view_equals_nocase(verb, P2I_VIEW("CAPA")) ||
                      (lists && p2i_view_trim(arguments).size == 0);
    return is_listing ? LISTING : ONE_LINE;
}

static struct p2i_step client_turn(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    struct p2i_mail_line line;
    struct p2i_step step;
    if (!p2i_mail_take_line(&pop3->lines[segment->direction], segment, &line, &step)) {
        return step;
    }
    if (!line.begins) {
        return p2i_consume(line.size);
    }
    /* Base64 can look like a command (RFC 5034 section 4). */
    enum expected kind = pop3->challenged ? ONE_LINE : expected_reply(line.text);
    if (kind == ONE_LINE && !pop3->challenged && !pop3->line_known) {
        kind = UNKNOWN; /* the lost beginning may have been RETR */
    }
    pop3->challenged = false;
    pop3->line_known = true;
    pop3->dot_missed = pop3->phase == IN_MESSAGE;
    if (!pop3->guesses && !p2i_mail_expect(&pop3->queue, (uint8_t)kind, 1)) {
        /* The queue is full: from now on the form of the replies decides. */
        pop3->guesses = true;
        pop3->queue.run_count = 0;
    }
    return p2i_consume(line.size);
}

/* ---- the server's replies ---- */

/* "+OK" or "-ERR", with a blank or the end of the line behind it. */
static enum p2i_match is_reply(struct p2i_view bytes)
{
    if (bytes.size == 0) {
        return P2I_MATCH_MORE;
    }
    struct p2i_view word = bytes.data[0] == '+' ? P2I_VIEW("+OK") : P2I_VIEW("-ERR");
    if (bytes.data[0] != word.data[0] ||
        !p2i_view_equals_nocase(p2i_view_first(bytes, word.size),
                                p2i_view_first(word, bytes.size))) {
        return P2I_MATCH_NO;
    }
    if (bytes.size <= word.size) {
        return P2I_MATCH_MORE;
    }
    uint8_t next = bytes.data[word.size];
    return next == ' ' || next == '\r' || next == '\n' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* "Name: value" (RFC 5322 section 2.2). */
static bool is_header(struct p2i_view line)
{
    size_t at = 0;
    while (at < line.size && line.data[at] > ' ' && line.data[at] < 0x7f && line.data[at] != ':') {
        at++;
    }
    return at > 0 && at < line.size && line.data[at] == ':';
}

/* Behind a loss the next reply answers the oldest command; if there are several, its form
 * decides which. */
static enum expected take_expected(struct pop3 *pop3)
{
    uint32_t waiting = p2i_mail_waiting(&pop3->queue);
    if (pop3->replies_lost && waiting > 1) {
        pop3->queue.run_count = 0;
        (void)p2i_mail_expect(&pop3->queue, UNKNOWN, waiting);
    }
    pop3->replies_lost = false;
    enum expected kind = (enum expected)p2i_mail_expected(&pop3->queue);
    p2i_mail_answered(&pop3->queue, 1);
    return kind;
}

/* The first line: "+OK text" or "+OK text <stamp@host>" (RFC 1939 section 7). */
static void take_greeting(struct p2i_parser *parser, struct p2i_view line)
{
    struct pop3 *pop3 = parser->state;
    pop3->greeted = true;
    p2i_text_add(parser, &pop3->hosts.greeting, p2i_mail_greeting_host(p2i_view_from(line, 3)),
                 P2I_MAIL_STRING_MAX);
}

static struct p2i_step take_ok(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                               const struct p2i_mail_line *line)
{
    struct pop3 *pop3 = parser->state;
    enum expected kind = take_expected(pop3);
    if (kind == NOTHING && !pop3->greeted) {
        take_greeting(parser, line->text);
    }
    pop3->greeted = true;
    pop3->bare_lf = line->bare_lf;
    pop3->reply_info = *p2i_packet_info_at(segment, 0);
    switch (kind) {
    case NOTHING:
    case UNKNOWN:
        pop3->phase = BEHIND_REPLY;
        break;
    case ONE_LINE:
        pop3->phase = IN_REPLIES;
        break;
    case LISTING:
        pop3->phase = IN_LISTING;
        break;
    case MESSAGE:
        begin_message(parser, &pop3->reply_info);
        break;
    case STLS:
        pop3->secured = true;
        pop3->phase = IN_REPLIES;
        pop3->queue.run_count = 0; /* earlier commands do not count (RFC 2595 section 4) */
        break;
    }
    return p2i_consume(line->size);
}

static struct p2i_step take_reply(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment,
                                  const struct p2i_mail_line *line)
{
    struct pop3 *pop3 = parser->state;
    if (line->text.data[0] == '+' && line->text.size > 1 && line->text.data[1] != ' ') {
        return take_ok(parser, segment, line);
    }
    enum expected kind = take_expected(pop3);
    pop3->greeted = true;
    pop3->phase = IN_REPLIES;
    pop3->challenged = line->text.data[0] == '+';
    if (line->text.data[0] == '-' && kind == MESSAGE) {
        refuse_message(parser, p2i_packet_info_at(segment, 0));
    }
    return p2i_consume(line->size);
}

/* Takes a reply or, if the last one's command is unknown, the line that may follow it. */
static struct p2i_step in_replies(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    struct p2i_mail_lines *lines = &pop3->lines[segment->direction];
    struct p2i_mail_line line;
    if (!lines->middle && p2i_mail_is_tls(segment->bytes)) {
        return (struct p2i_step){.verdict = P2I_RESTART};
    }
    if (!p2i_mail_next_line(lines, segment, P2I_MAIL_LINE_MAX, &line)) {
        return p2i_keep();
    }
    bool is_continuation =
        p2i_view_starts(line.text, P2I_VIEW("+ ")) || p2i_view_equals(line.text, P2I_VIEW("+"));
    bool replies = line.begins && (is_continuation || is_reply(segment->bytes) == P2I_MATCH_YES);
    if (!replies && line.begins && pop3->phase == BEHIND_REPLY) {
        if (is_header(line.text)) {
            begin_message(parser, &pop3->reply_info);
        } else {
            pop3->phase = IN_LISTING;
        }
        return p2i_keep();
    }
    p2i_mail_line_done(lines, &line);
    return replies ? take_reply(parser, segment, &line) : p2i_consume(line.size);
}

/* Returns the bytes of whole lines that can be neither the end of a listing nor a reply. */
static size_t dull_size(struct p2i_view bytes)
{
    size_t at = 0;
    while (at < bytes.size && bytes.data[at] != '.' && bytes.data[at] != '+' &&
           bytes.data[at] != '-') {
        struct p2i_view rest = p2i_view_from(bytes, at);
        size_t end = bytes.data[at] == '\n' ? 0 : p2i_view_find(rest, '\n');
        if (end == rest.size) {
            break;
        }
        at += end + 1;
    }
    return at;
}

/* Skips lines up to the one with a dot alone. If another reply is expected (or commands are not
 * seen), that reply also ends the listing. */
static struct p2i_step in_listing(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    struct p2i_mail_lines *lines = &pop3->lines[segment->direction];
    struct p2i_mail_line line;
    size_t dull = lines->middle || lines->scanned > 0 ? 0 : dull_size(segment->bytes);
    if (dull > 0) {
        return p2i_consume(dull);
    }
    if (!p2i_mail_next_line(lines, segment, P2I_MAIL_LINE_MAX, &line)) {
        return p2i_keep();
    }
    bool may_end = pop3->replies_lost || !segment->peer_seen || pop3->guesses ||
                   p2i_mail_expected(&pop3->queue) != NOTHING;
    if (line.begins && may_end && is_reply(segment->bytes) == P2I_MATCH_YES) {
        pop3->phase = IN_REPLIES;
        return p2i_keep();
    }
    p2i_mail_line_done(lines, &line);
    if (line.begins && line.ends && p2i_view_equals(line.text, P2I_VIEW("."))) {
        pop3->phase = IN_REPLIES;
        pop3->replies_lost = false;
    }
    return p2i_consume(line.size);
}

static struct p2i_step in_message(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    bool ended = false;
    p2i_mail_lines_reset(&pop3->lines[segment->direction]);
    if (pop3->mail == NULL) {
        pop3->phase = IN_REPLIES;
        return p2i_keep();
    }
    size_t size = p2i_mail_content_read(parser, pop3->mail, segment->bytes, is_reply,
                                        pop3->dot_missed, &ended);
    if (ended) {
        pop3->replies_lost = pop3->mail->stopped && pop3->mail->mime.holed;
        end_message(parser);
    }
    return p2i_consume(size);
}

static struct p2i_step server_turn(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    static p2i_turn *const turns[] = {
        [IN_REPLIES] = in_replies,
        [BEHIND_REPLY] = in_replies,
        [IN_LISTING] = in_listing,
        [IN_MESSAGE] = in_message,
    };
    struct pop3 *pop3 = parser->state;
    return p2i_mail_phase_turn(parser, segment, turns, &pop3->phase);
}

static struct p2i_step turn(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    if (pop3->secured) {
        struct p2i_step step;
        enum p2i_match match = p2i_pop3_probe(&parser->ends, segment->direction, segment->bytes);
        if (!p2i_mail_goes_on(match, segment, &step)) {
            return step;
        }
        pop3->secured = false;
    }
    return segment->direction == pop3->server ? server_turn(parser, segment)
                                              : client_turn(parser, segment);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    if (!pop3->server_known) {
        bool replies = segment->bytes.data[0] == '+' || segment->bytes.data[0] == '-';
        pop3->server =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_POP3, segment->direction, replies);
        pop3->server_known = true;
    }
    return p2i_turns(parser, segment, turn);
}

/* ---- lost bytes and the end ---- */

/* The line behind a reply is incomplete, but shows that a message had begun. */
static void begin_cut_message(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    if (pop3->phase == BEHIND_REPLY && is_header(segment->bytes)) {
        begin_message(parser, &pop3->reply_info);
        (void)in_message(parser, segment);
    }
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct pop3 *pop3 = parser->state;
    (void)missing;
    p2i_mail_lines_reset(&pop3->lines[segment->direction]);
    if (!pop3->server_known || segment->direction != pop3->server) {
        /* Commands are missing: the form of the replies decides. */
        pop3->queue.run_count = 0;
        pop3->challenged = false;
        pop3->line_known = false;
        return;
    }
    begin_cut_message(parser, segment);
    if (pop3->phase == IN_MESSAGE && pop3->mail != NULL) {
        p2i_mail_content_cut(parser, pop3->mail);
        return;
    }
    pop3->replies_lost = true;
    pop3->phase = pop3->phase == BEHIND_REPLY ? IN_REPLIES : pop3->phase;
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct pop3 *pop3 = parser->state;
    p2i_mail_lines_reset(&pop3->lines[segment->direction]);
    if (pop3->server_known && segment->direction == pop3->server && !pop3->secured) {
        begin_cut_message(parser, segment);
        cut_message(parser);
    }
}

static void at_end(struct p2i_parser *parser)
{
    struct pop3 *pop3 = parser->state;
    cut_message(parser);
    p2i_text_free(parser, &pop3->hosts.greeting);
}

const struct p2i_protocol p2i_pop3 = {
    .id = P2I_ID_POP3,
    .state_size = sizeof(struct pop3),
    .over = {[P2I_OVER_TCP] = true},
    .family = &p2i_mail_family,
    .probe = p2i_pop3_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
