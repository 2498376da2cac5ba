/* SPDX-License-Identifier: MIT */
/* The MIME reader. Each message is read whole, byte by byte, and cut once at every place. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/mail/mime.h"

struct reading {
    struct p2i_parser parser;
    struct p2i_account account;
    struct p2i_mime mime;
    bool ended;
    size_t taken;
};

static void begin(struct reading *reading, bool dotted)
{
    *reading = (struct reading){0};
    reading->parser.pool = p2i_pool_new();
    reading->parser.account = &reading->account;
    reading->mime.dotted = dotted;
}

/* Copies each segment to a block of its own, so that the sanitizer catches a read past its end. */
static void read_segment(struct reading *reading, struct p2i_view segment)
{
    if (segment.size == 0 || reading->ended) {
        return;
    }
    uint8_t *copy = malloc(segment.size);
    memcpy(copy, segment.data, segment.size);
    size_t taken = p2i_mime_read(&reading->parser, &reading->mime, p2i_view_of(copy, segment.size),
                                 &reading->ended);
    cr_assert(taken == segment.size || reading->ended);
    reading->taken += taken;
    free(copy);
}

static void finish(struct reading *reading)
{
    p2i_mime_free(&reading->parser, &reading->mime);
    cr_assert_eq(reading->account.used, 0);
    p2i_pool_free(reading->parser.pool);
}

static void put(FILE *out, const char *name, const struct p2i_text *text)
{
    if (text->size > 0) {
        fprintf(out, "%s:%.*s\n", name, (int)text->size, (const char *)text->data);
    }
}

/* The results as text; the caller frees it. */
static char *found(const struct reading *reading)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct p2i_mime *mime = &reading->mime;
    put(out, "from", &mime->from);
    put(out, "to", &mime->to);
    put(out, "cc", &mime->cc);
    put(out, "reply_to", &mime->reply_to);
    put(out, "subject", &mime->subject);
    put(out, "hosts", &mime->hosts);
    if (mime->attachment) {
        fprintf(out, "attachment\n");
    }
    if (mime->subject_cut || mime->limited) {
        fprintf(out, "%s%s\n", mime->subject_cut ? "cut" : "", mime->limited ? "limited" : "");
    }
    if (reading->ended) {
        fprintf(out, "ended %zu\n", reading->taken);
    }
    fclose(out);
    return text;
}

static void expect_cut(struct p2i_view content, bool dotted, size_t at, size_t segment,
                       const char *expected)
{
    struct reading reading;
    begin(&reading, dotted);
    struct p2i_view rest = content;
    while (rest.size > 0) {
        struct p2i_view now = p2i_view_first(rest, segment > 0 ? segment : at);
        at = rest.size;
        read_segment(&reading, now);
        rest = p2i_view_from(rest, now.size);
    }
    p2i_mime_end(&reading.parser, &reading.mime);
    char *text = found(&reading);
    cr_assert_str_eq(text, expected, "cut at %zu, segments of %zu:\n%s\ninstead of:\n%s",
                     content.size - rest.size, segment, text, expected);
    free(text);
    finish(&reading);
}

static void expect(const char *text, size_t size, bool dotted, const char *expected)
{
    struct p2i_view content = p2i_view_of(text, size);
    for (size_t segment = 1; segment <= 3; segment++) {
        expect_cut(content, dotted, 0, segment, expected);
    }
    for (size_t at = 1; at <= size; at++) {
        expect_cut(content, dotted, at, 0, expected);
    }
}

#define EXPECT(content, expected) expect(content, sizeof(content) - 1, false, expected)
#define EXPECT_DOTTED(content, expected) expect(content, sizeof(content) - 1, true, expected)

#define ATTACHED "attachment\n"
#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

Test(mime, fields)
{
    EXPECT("Received: from a (b [1.2.3.4])\r\n\tby c.example (x) with SMTP; d\r\n"
           "From : A <a@x>\r\nSUBJECT: one\r\n two\r\n\t three \r\nTo: b@y\r\nX-To: no\r\n"
           "To: c@y\r\nReply-to:d@y\r\nCc: e@y,\r\n f@y\r\nReceived: by c.EXAMPLE\r\n"
           "Received: from by by g\r\n\r\nSubject: body\r\n",
           "from: A <a@x>\nto: b@y, c@y\ncc: e@y, f@y\nreply_to:d@y\n"
           "subject: one two\t three \nhosts:c.example,c.EXAMPLE,by\n");
}

Test(mime, folded_fields_of_blanks)
{
    EXPECT("Subject: a\r\n \r\n\t\r\n b\r\nTo: c@y\r\n\r\n", "to: c@y\nsubject: a \t b\n");
    EXPECT(" \r\n Subject: a\r\nTo: c@y\r\n\r\n", "to: c@y\n");
    EXPECT("Subject:\r\n \r\nTo: c@y\r\n\r\n", "to: c@y\nsubject: \n");
}

Test(mime, bare_line_ends_and_lines_without_a_field)
{
    EXPECT("From a@x Mon Jan  1\nSubject: one\nno field\n more of it\nTo: b@y\n\nCc: no\n",
           "to: b@y\nsubject: one\n");
    EXPECT("\r\nSubject: body\r\n", "");
    EXPECT("Subject: 8 bit \xfc\r\n", "subject: 8 bit \xfc\n");
    EXPECT("Subject: cut\r", "subject: cut\n");
    EXPECT("Subject: a\rb\r\n\r\n", "subject: a\rb\n");
    EXPECT("Subject:\r\nTo:", "");
}

Test(mime, first_of_a_single_field_counts)
{
    EXPECT("From: a@x\r\nFrom: b@x\r\nSubject: one\r\nSubject: two\r\n\r\n",
           "from: a@x\nsubject: one\n");
}

Test(mime, dots)
{
    EXPECT_DOTTED("Subject: a\r\n\r\ntext\r\n.\r\nmore", "subject: a\nended 23\n");
    EXPECT_DOTTED(".\r\nSubject: a\r\n", "ended 3\n");
    EXPECT_DOTTED("..Subject: b\r\n.Subject: a\r\n\r\n..\r\n.x\r\n .\r\n. \r\n.\r\n",
                  "subject: a\nended 48\n");
    /* only CRLF is a line end */
    EXPECT_DOTTED("\r\na\n.\r\nb\r\n.\nc\r\n.\r\r\n.\r\n", "ended 22\n");
    EXPECT("a\r\n.\r\n", "");
}

Test(mime, dots_with_bare_line_ends)
{
    struct reading reading;
    begin(&reading, true);
    reading.mime.bare_lf = true;
    read_segment(&reading, P2I_VIEW("Subject: a\n\ntext\n.\nmore"));
    cr_assert(reading.ended);
    cr_assert_eq(reading.taken, 19);
    finish(&reading);
}

Test(mime, attachments)
{
    EXPECT("Content-Disposition: attachment\r\n\r\n", ATTACHED);
    EXPECT("Content-Disposition: ATTACHMENT; x=y\r\n\r\n", ATTACHED);
    EXPECT("Content-Disposition: inline; filename=\"a\"\r\n\r\n", ATTACHED);
    EXPECT("Content-Disposition: inline; filename*=utf-8''a\r\n\r\n", ATTACHED);
    EXPECT("Content-Disposition: inline;\r\n FileName*0*=utf-8''a;\r\n filename*1=b\r\n\r\n",
           ATTACHED);
    EXPECT("Content-Type: application/pdf; name=a.pdf\r\n\r\n", ATTACHED);
    EXPECT("Content-Type: application/pdf;\r\n\tname*0=a; name*1=.pdf\r\n\r\n", ATTACHED);
    EXPECT("Content-Disposition: inline\r\n\r\n", "");
    EXPECT("Content-Disposition: inline; filename=\"\"; filename=\r\n\r\n", "");
    EXPECT("Content-Disposition: inline; xfilename=a; x=\"; filename=a\"\r\n\r\n", "");
    EXPECT("Content-Type: text/plain; charset=\"a;name=\\\"x\"; file=name\r\n\r\n", "");
    EXPECT("Content-Type: multipart/mixed; name=x; boundary=b\r\n\r\n", "");
}

Test(mime, parts)
{
    EXPECT("Subject: s\r\n" MIXED "Content-Disposition: attachment\r\n--b\r\nSubject: part\r\n\r\n"
           "text\r\n--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n",
           "subject: s\nattachment\n");
    EXPECT(MIXED "--b\r\n\r\ntext\r\n--b--\r\n"
                 "--b\r\nContent-Disposition: attachment\r\n\r\n",
           "");
    /* a multipart without a boundary has no known parts */
    EXPECT("Content-Type: multipart/mixed\r\n\r\n--\r\nContent-Disposition: attachment\r\n\r\n",
           "");
    /* a part with a header and no body; blanks behind a boundary; no blank line in front */
    EXPECT(MIXED "--b\r\nContent-Type: text/plain\r\n--b \t\r\n"
                 "Content-Type: text/plain; name=a\r\n--b--\r\n",
           ATTACHED);
    EXPECT(MIXED "--bc\r\nContent-Disposition: attachment\r\n\r\n--b-\r\n"
                 "Content-Disposition: attachment\r\n\r\n -\r\n--b\r\n\r\n",
           "");
    EXPECT(MIXED "- -b\r\n-\r\n--\r\n---b\r\n--b\r\nContent-Disposition: attachment\r\n", ATTACHED);
}

Test(mime, boundaries)
{
    EXPECT("Content-Type: multipart/mixed; charset=x; BOUNDARY=\"a \\\"b\\\\\"; c=d\r\n\r\n"
           "--a \"b\\\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
    EXPECT("Content-Type: multipart/mixed; boundary==_b=\r\n\r\n"
           "--=_b=\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
    EXPECT("Content-Type: multipart/mixed;\r\n boundary*0=\"one \";\r\n boundary*1=two\r\n\r\n"
           "--one two\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
    EXPECT("Content-Type: multipart/mixed; boundary=b--\r\n\r\n"
           "--b--\r\n\r\n--b--\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
}

/* Blanks behind a boundary are ignored, in every place. */
Test(mime, blanks_behind_boundaries)
{
    EXPECT("Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n"
           "--b\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
    EXPECT(MIXED "--b \t\r\nContent-Disposition: attachment\r\n\r\n", ATTACHED);
    EXPECT("Content-Type: multipart/mixed; boundary=\"  \"\r\n\r\n"
           "--  \r\nContent-Disposition: attachment\r\n\r\n",
           "");
}

/* As with Subject and From, the first one counts. */
Test(mime, content_type_twice)
{
    EXPECT("Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n\r\n"
           "--b\r\nContent-Disposition: attachment\r\n\r\n",
           ATTACHED);
    EXPECT("Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
           "--b\r\nContent-Disposition: attachment\r\n\r\n",
           "");
}

/* A dot that was not doubled is removed too (RFC 5321 section 4.5.2). */
Test(mime, boundaries_behind_a_dot)
{
    EXPECT_DOTTED(MIXED "x\r\n.--b\r\nContent-Disposition: attachment\r\n\r\n.\r\n",
                  ATTACHED "ended 94\n");
}

/* Body lines are skipped in blocks; a line that matters must not be skipped. */
Test(mime, boundaries_among_many_lines)
{
    char body[400];
    for (size_t before = 0; before < 150; before++) {
        for (size_t end = 1; end <= 2; end++) {
            size_t size = (size_t)sprintf(body, MIXED);
            for (size_t i = 0; i < before; i++) {
                body[size++] = i % 7 == 6 ? '\n' : i % 5 == 4 ? '-' : i > 0 ? '.' : 'x';
            }
            size += (size_t)sprintf(body + size, "%s", end == 1 ? "\n" : "\r\n");
            size += (size_t)sprintf(body + size, "--b%sContent-Disposition: attachment\n\n.\r\n",
                                    end == 1 ? "\n" : "\r\n");
            struct reading reading;
            begin(&reading, true);
            read_segment(&reading, p2i_view_of(body, size));
            cr_assert(reading.mime.attachment, "%zu bytes before", before);
            cr_assert_not(reading.ended);
            read_segment(&reading, P2I_VIEW("text\r\nx\r\n..\r\n.x\r\n.\r\nmore"));
            cr_assert(reading.ended);
            cr_assert_eq(reading.taken, size + 20);
            finish(&reading);
        }
    }
}

Test(mime, multiparts_in_multiparts)
{
    /* "ab" begins with "a"; the inner multipart is not closed and a part of the outer one
     * follows */
    EXPECT("Content-Type: multipart/mixed; boundary=a\r\n\r\n"
           "--a\r\nContent-Type: multipart/alternative; boundary=ab\r\n\r\n"
           "--ab\r\n\r\ntext\r\n--ab\r\n\r\ntext\r\n"
           "--a\r\nContent-Disposition: attachment\r\n\r\nx\r\n--a--\r\n",
           ATTACHED);
    /* the boundary of a closed multipart is ignored */
    EXPECT("Content-Type: multipart/mixed; boundary=a\r\n\r\n"
           "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
           "--b\r\n\r\ntext\r\n--b--\r\n"
           "--b\r\nContent-Disposition: attachment\r\n\r\n"
           "--a\r\n\r\n--a--\r\n",
           "");
}

Test(mime, messages_in_messages)
{
    EXPECT("Subject: outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nTo: no\r\n"
           "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
           "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: no\r\n"
           "Content-Type: image/png; name=x\r\n\r\n",
           "subject: outer\nattachment\n");
    EXPECT("Content-Type: message/rfc822\r\n\r\n\r\nContent-Type: x/y; name=z\r\n\r\n", "");
}

Test(mime, idle_when_the_rest_is_of_no_interest)
{
    struct reading reading;
    begin(&reading, false);
    read_segment(&reading, P2I_VIEW("Subject: a\r\n" MIXED "--b\r\n"));
    cr_assert_not(p2i_mime_idle(&reading.mime));
    read_segment(&reading, P2I_VIEW("Content-Disposition: attachment\r\n\r\n"));
    cr_assert(p2i_mime_idle(&reading.mime));
    finish(&reading);
    begin(&reading, false);
    read_segment(&reading, P2I_VIEW("Subject: a\r\n\r"));
    cr_assert_not(p2i_mime_idle(&reading.mime));
    read_segment(&reading, P2I_VIEW("\n"));
    cr_assert(p2i_mime_idle(&reading.mime));
    finish(&reading);
}

static void expect_gap(const char *before, const char *behind, const char *expected)
{
    struct reading reading;
    begin(&reading, true);
    read_segment(&reading, p2i_view_of(before, strlen(before)));
    p2i_mime_gap(&reading.parser, &reading.mime);
    read_segment(&reading, p2i_view_of(behind, strlen(behind)));
    p2i_mime_end(&reading.parser, &reading.mime);
    char *text = found(&reading);
    cr_assert_str_eq(text, expected);
    free(text);
    finish(&reading);
}

Test(mime, gaps)
{
    expect_gap("Subject: on", "e\r\nTo: b@y\r\n\r\n", "to: b@y\nsubject: on\ncut\n");
    expect_gap("Subject: one\r\n", " two\r\nTo: b@y\r\n\r\n", "to: b@y\nsubject: one\n");
    expect_gap("Subject: one\r\n", "rest\r\na line of the body\r\nTo: b@y\r\n", "subject: one\n");
    expect_gap(MIXED "--b\r\n\r\n", "x\r\n--b\r\nContent-Disposition: attachment\r\n\r\n",
               ATTACHED);
    expect_gap(MIXED, ".\r\n--b\r\nContent-Disposition: attachment\r\n\r\n.\r\n",
               ATTACHED "ended 93\n");
    expect_gap("Subject: one\r\n\r\n", ".\r\n\r\n.\r\n", "subject: one\nended 24\n");
}

/* Names are complete or absent; a later line of the field is not joined to them. */
Test(mime, gaps_in_names)
{
    expect_gap("From: a@x.or", "\r\n", "");
    expect_gap("From: A <a@x.org>", "\r\n", "from: A <a@x.org>\n");
    expect_gap("To: a@x, b@y, c@z.or", "g\r\n d@e\r\nTo: f@g\r\n", "to: a@x, b@y,, f@g\n");
    expect_gap("Cc: a@x\r\n", "\r\nReply-To: b@y\r\n", "cc: a@x\nreply_to: b@y\n");
    expect_gap("Cc: a@x,\r\n b", "\r\n", "cc: a@x,\n");
    expect_gap("Reply-To: \"a\" <b@", "\r\n", "");
    expect_gap("Received: by a.example; now\r\nReceived: by b.examp", "\r\n", "hosts:a.example\n");
    expect_gap("Received: by b.example (", "\r\n", "hosts:b.example\n");
    expect_gap("Subject: one\r", "\r\n", "subject: one\ncut\n");
    expect_gap("Subject: one\r\nSubj", "\r\n", "subject: one\n");
}

/* A second gap in the header does not end it. */
Test(mime, two_gaps)
{
    struct reading reading;
    begin(&reading, false);
    read_segment(&reading, P2I_VIEW("Subject: one\r\n"));
    p2i_mime_gap(&reading.parser, &reading.mime);
    read_segment(&reading, P2I_VIEW("x\r\nFro"));
    p2i_mime_gap(&reading.parser, &reading.mime);
    read_segment(&reading, P2I_VIEW("x\r\nTo: b@y\r\n"));
    p2i_mime_end(&reading.parser, &reading.mime);
    char *text = found(&reading);
    cr_assert_str_eq(text, "to: b@y\nsubject: one\n");
    free(text);
    finish(&reading);
}

Test(mime, header_in_segments_of_a_message)
{
    struct reading reading;
    begin(&reading, false);
    read_segment(&reading, P2I_VIEW("Subject: one\r\nTo: a@x\r\n\r\n"));
    p2i_mime_expect_header(&reading.parser, &reading.mime, false);
    reading.mime.once = true;
    read_segment(&reading, P2I_VIEW("From: b@y\r\nTo: c@y\r\nSubject: two\r\n\r\n"));
    p2i_mime_expect_header(&reading.parser, &reading.mime, true);
    read_segment(&reading, P2I_VIEW("Cc: d@y\r\nContent-Type: a/b; name=c\r\n\r\n"));
    char *text = found(&reading);
    cr_assert_str_eq(text, "from: b@y\nto: a@x\nsubject: one\nattachment\n");
    free(text);
    finish(&reading);
}

/* ---- hostile ---- */

Test(mime, long_lines_and_values)
{
    static char header[30000];
    static const size_t sizes[] = {0, 1, 7, 4095, 4096, 4097};
    size_t at = (size_t)sprintf(header, "Subject: ");
    memset(header + at, 'x', 20000);
    memset(header + at + 3000, '\r', 3000);
    memset(header + at + 6000, ' ', 1000);
    at += 20000;
    at += (size_t)sprintf(header + at, "\r\nTo: a@x\r\n\r\n");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct reading reading;
        begin(&reading, false);
        struct p2i_view rest = p2i_view_of(header, at);
        while (rest.size > 0) {
            struct p2i_view now = p2i_view_first(rest, sizes[i] > 0 ? sizes[i] : rest.size);
            read_segment(&reading, now);
            rest = p2i_view_from(rest, now.size);
            cr_assert_lt(reading.account.used, 64 << 10);
        }
        cr_assert_eq(reading.mime.subject.size, P2I_MIME_VALUE_MAX);
        cr_assert_eq(memcmp(reading.mime.subject.data, header + 8, P2I_MIME_VALUE_MAX), 0);
        cr_assert(p2i_view_equals(p2i_text_view(&reading.mime.to), P2I_VIEW(" a@x")));
        cr_assert(reading.mime.limited && reading.mime.subject_cut);
        finish(&reading);
    }
}

/* A list that is too long ends with a whole address. */
Test(mime, long_lists)
{
    struct reading reading;
    begin(&reading, false);
    read_segment(&reading, P2I_VIEW("To: "));
    for (int i = 0; i < 1000; i++) {
        read_segment(&reading, P2I_VIEW("abcdefg@xy,"));
    }
    read_segment(&reading, P2I_VIEW("\r\nTo: c@z\r\nCc: d@z\r\n\r\n"));
    cr_assert(reading.mime.limited && !reading.mime.subject_cut);
    struct p2i_view to = p2i_text_view(&reading.mime.to);
    cr_assert(p2i_view_equals(p2i_view_from(to, to.size - 10), P2I_VIEW("g@xy,, c@z")));
    cr_assert(p2i_view_equals(p2i_text_view(&reading.mime.cc), P2I_VIEW(" d@z")));
    finish(&reading);
}

Test(mime, endless_header)
{
    struct reading reading;
    begin(&reading, false);
    for (int i = 0; i < 200000; i++) {
        read_segment(&reading, P2I_VIEW("To: a@b.example.org\r\nReceived: by x.y\r\n"));
        read_segment(&reading, P2I_VIEW("Subject: x\r\n x\r\nContent-Type: x; boundary=y\r\n"));
    }
    cr_assert_leq(reading.mime.to.size, P2I_MIME_VALUE_MAX);
    cr_assert_lt(reading.account.used, 64 << 10);
    finish(&reading);
}

Test(mime, thousand_nested_multiparts)
{
    struct reading reading;
    begin(&reading, false);
    char part[500];
    for (int i = 0; i < 1000; i++) {
        snprintf(part, sizeof part,
                 "Content-Type: multipart/mixed; boundary=\"%0190d\"\r\n\r\n--%0190d\r\n", i, i);
        read_segment(&reading, p2i_view_of(part, strlen(part)));
        cr_assert_leq(reading.mime.depth, P2I_MIME_DEPTH);
    }
    cr_assert_eq(reading.mime.depth, P2I_MIME_DEPTH);
    cr_assert_lt(reading.account.used, 16 << 10);
    /* the outermost is still known */
    snprintf(part, sizeof part, "\r\n--%0190d\r\nContent-Disposition: attachment\r\n\r\n", 0);
    read_segment(&reading, p2i_view_of(part, strlen(part)));
    cr_assert_eq(reading.mime.depth, 1);
    cr_assert(reading.mime.attachment);
    finish(&reading);
}

Test(mime, bodies_are_not_buffered)
{
    static char body[60000];
    struct reading reading;
    begin(&reading, true);
    memset(body, '-', sizeof body);
    read_segment(&reading, P2I_VIEW("Subject: a\r\n" MIXED "--b\r\n\r\n"));
    for (int i = 0; i < 1000; i++) {
        read_segment(&reading, p2i_view_of(body, sizeof body));
        cr_assert_lt(reading.account.used, 4 << 10);
    }
    finish(&reading);
}

Test(mime, boundaries_over_the_limit)
{
    char header[1000];
    struct reading reading;
    for (int size = P2I_MIME_BOUNDARY_MAX - 1; size <= P2I_MIME_BOUNDARY_MAX; size++) {
        begin(&reading, false);
        snprintf(header, sizeof header,
                 "Content-Type: multipart/x; boundary=%0*d\r\n\r\n--%0*d\r\n"
                 "Content-Disposition: attachment\r\n\r\n",
                 size, 0, size, 0);
        read_segment(&reading, p2i_view_of(header, strlen(header)));
        cr_assert_eq(reading.mime.attachment, size < P2I_MIME_BOUNDARY_MAX);
        finish(&reading);
    }
}
