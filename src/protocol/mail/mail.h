/* SPDX-License-Identifier: MIT */
/* Shared by SMTP, POP3 and IMAP: lines, commands without a reply yet, messages on their way to
 * records. */
#ifndef P2I_PROTOCOL_MAIL_MAIL_H
#define P2I_PROTOCOL_MAIL_MAIL_H

#include "protocol/mail/mime.h"

enum {
    /* Bytes of a line that are read; the rest of a longer one is skipped. */
    P2I_MAIL_LINE_MAX = 8 << 10,
    P2I_MAIL_RECEIVERS_MAX = 64 << 10, /* bytes of all recipients of a message */
    P2I_MAIL_STRING_MAX = 8 << 10,     /* of every other string */
    P2I_MAIL_QUEUE_MAX = 64,           /* runs of unanswered commands of one kind */
};

enum p2i_mail_protocol {
    P2I_MAIL_SMTP = 0,
    P2I_MAIL_POP3 = 1,
    P2I_MAIL_IMAP = 2,
};

/* SMTP, POP3 and IMAP: their parsers share the open charsets (struct p2i_charsets). */
extern const struct p2i_protocol_family p2i_mail_family;

/* ---- lines ---- */

/* Reading state of one direction's lines; starts zeroed. */
struct p2i_mail_lines {
    uint32_t scanned; /* bytes of the buffer without a line end */
    bool middle;      /* the buffer begins in the middle of a line */
};

/* A line, or a part of a line that is too long. Lives for the call. */
struct p2i_mail_line {
    struct p2i_view text; /* the line without its end */
    size_t size;          /* bytes of it, line end included */
    bool begins, ends;    /* first, last part of the line */
    bool bare_lf;         /* its end has no CR */
};

/* Reads the line at the start of the segment; of one longer than `limit` bytes (fewer than
 * P2I_HEAD_MAX) a part. Returns false when more bytes are needed. Call p2i_mail_line_done() when
 * it is consumed. */
bool p2i_mail_next_line(struct p2i_mail_lines *lines, const struct p2i_stream_segment *segment,
                        size_t limit, struct p2i_mail_line *line);

static inline void p2i_mail_line_done(struct p2i_mail_lines *lines,
                                      const struct p2i_mail_line *line)
{
    lines->scanned = 0;
    lines->middle = !line->ends;
}

/* Takes the line, or a part of one, at the start of the segment. Returns false when more bytes
 * are needed or TLS begins here (RFC 8446 section 5.1: as no line does); the parser then returns
 * `*step`. */
bool p2i_mail_take_line(struct p2i_mail_lines *lines, const struct p2i_stream_segment *segment,
                        struct p2i_mail_line *line, struct p2i_step *step);

/* The next bytes do not continue the current line. */
static inline void p2i_mail_lines_reset(struct p2i_mail_lines *lines)
{
    *lines = (struct p2i_mail_lines){0};
}

/* Takes the turn of the phase that a direction is in, and the next phase's while a turn did no more
 * than go on to another phase. `turns` has one for each phase. */
static inline struct p2i_step p2i_mail_phase_turn(struct p2i_parser *parser,
                                                  const struct p2i_stream_segment *segment,
                                                  p2i_turn *const *turns, const uint8_t *phase)
{
    for (;;) {
        uint8_t before = *phase;
        struct p2i_step step = turns[before](parser, segment);
        if (step.consumed > 0 || step.verdict != P2I_CONTINUE || *phase == before) {
            return step;
        }
    }
}

/* Behind STARTTLS or STLS comes TLS, or, where a capture was decrypted, the rest of the session:
 * `match`: whether the segment goes on with the protocol. Returns true when it does. Else
 * `*step` is what to return: P2I_RESTART when it does not, or to wait for more. */
bool p2i_mail_goes_on(enum p2i_match match, const struct p2i_stream_segment *segment,
                      struct p2i_step *step);

/* The server sends nothing more: takes turns, whose state knows it, until none consumes anything,
 * and returns the rest. */
struct p2i_stream_segment p2i_mail_drain(struct p2i_parser *parser,
                                         const struct p2i_stream_segment *segment, p2i_turn *turn);

/* Takes the word in front of a blank (or the end), and the blanks behind it. */
struct p2i_view p2i_mail_word(struct p2i_view *rest);

/* Reads the decimal number at the start of `text`. Returns false when there is none or it is too
 * large. */
bool p2i_mail_number(struct p2i_view text, uint64_t *number);

/* True when `text` is this command, alone or with a blank behind it. */
bool p2i_mail_is_command(struct p2i_view text, struct p2i_view command);

/* ---- commands and replies ---- */

/* Kinds of unanswered commands, in order; equal neighbours are counted. Starts zeroed. */
struct p2i_mail_queue {
    struct {
        uint8_t kind;
        uint32_t count;
    } runs[P2I_MAIL_QUEUE_MAX];
    uint8_t run_count;
};

/* Appends `count` commands. Returns false when the queue is full. */
bool p2i_mail_expect(struct p2i_mail_queue *queue, uint8_t kind, uint32_t count);

/* The oldest unanswered command; 0 when there is none. */
static inline uint8_t p2i_mail_expected(const struct p2i_mail_queue *queue)
{
    return queue->run_count > 0 ? queue->runs[0].kind : 0;
}

/* The oldest `count` commands, which are of one kind, have been answered. */
void p2i_mail_answered(struct p2i_mail_queue *queue, uint32_t count);

/* The newest unanswered command; 0 when there is none. */
static inline uint8_t p2i_mail_newest(const struct p2i_mail_queue *queue)
{
    return queue->run_count > 0 ? queue->runs[queue->run_count - 1].kind : 0;
}

/* Number of unanswered commands; UINT32_MAX: that many or more. */
uint32_t p2i_mail_waiting(const struct p2i_mail_queue *queue);

/* True when a command of this kind is unanswered. */
bool p2i_mail_waits_for(const struct p2i_mail_queue *queue, uint8_t kind);

/* ---- messages ---- */

/* A message on its way to a record. */
struct p2i_mail_content {
    struct p2i_mail_content *next; /* list of the owner */
    struct p2i_packet_info info;
    struct p2i_mime mime;
    struct p2i_text sender, receivers; /* of the envelope */
    uint32_t code;                     /* RESULT_CODE */
    bool has_envelope;                 /* MAIL FROM was seen, RCPT TO or both */
    bool has_content;
    bool stopped; /* it ended at bytes that cannot belong to it, not with its final dot */
    bool cut;     /* the capture does not have all of it */
    bool limited; /* it exceeds one of our limits */
};

/* Common to all messages of a session. */
struct p2i_mail_hosts {
    struct p2i_text greeting; /* the server's name in its greeting */
    struct p2i_text hello;    /* the client's name in HELO or EHLO */
};

enum p2i_mail_event {
    P2I_MAIL_SENT = 1,
    P2I_MAIL_RECEIVED = 2,
};

/* Returns NULL when out of memory. */
struct p2i_mail_content *p2i_mail_content_new(const struct p2i_parser *parser,
                                              const struct p2i_packet_info *info);

/* The rest of the message will not come. */
void p2i_mail_content_cut(const struct p2i_parser *parser, struct p2i_mail_content *mail);

/* Emits the record of a message. `sender`: the direction in which its bytes went. */
void p2i_mail_content_emit(const struct p2i_parser *parser, const struct p2i_mail_content *mail,
                           const struct p2i_mail_hosts *hosts, enum p2i_direction sender,
                           enum p2i_mail_event event, enum p2i_mail_protocol protocol);

/* p2i_mail_content_clear() frees the memory that the mail owns, p2i_mail_content_free() also the
 * mail itself and accepts NULL. */
void p2i_mail_content_clear(const struct p2i_parser *parser, struct p2i_mail_content *mail);
void p2i_mail_content_free(const struct p2i_parser *parser, struct p2i_mail_content *mail);

/* Reads dotted content like p2i_mime_read(). If bytes of it are missing, its end may be among
 * them: then, and if `end_missed`, it also ends in front of a line for which `is_stop` returns
 * P2I_MATCH_YES. Returns the bytes consumed: fewer than given, without `*ended`, when more are
 * needed to decide. */
size_t p2i_mail_content_read(const struct p2i_parser *parser, struct p2i_mail_content *mail,
                             struct p2i_view bytes, enum p2i_match (*is_stop)(struct p2i_view),
                             bool end_missed, bool *ended);

#endif
