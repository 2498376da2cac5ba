/* SPDX-License-Identifier: MIT */
/* FTP (RFC 959), SMTP and LMTP (RFC 5321, 2033, 3030), POP3 (RFC 1939): commands with arguments one
 * way, replies with codes the other, each in a line. Which way a line goes is seen from its
 * beginning. */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "rewrite/text.h"

static bool is_word(struct p2i_bytes word, const char *name)
{
    return p2i_view_equals_nocase(p2i_span_view(word), p2i_view_of(name, strlen(name)));
}

/* "220 text", "220-text" or "220". */
static bool is_reply(struct p2i_bytes line)
{
    for (size_t i = 0; i < 3; i++) {
        if (i >= line.size || !p2i_is_digit(line.data[i])) {
            return false;
        }
    }
    return line.size == 3 || line.data[3] == ' ' || line.data[3] == '-';
}

/* A line of a SASL exchange: Base64 alone. */
static bool is_base64(struct p2i_bytes line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (p2i_base64_value(line.data[i]) < 0 && line.data[i] != '=') {
            return false;
        }
    }
    return line.size > 0;
}

/* The argument of AUTH: a mechanism, which stays, and perhaps an initial response. */
static void write_mechanism(struct p2i_writing *writing, struct p2i_bytes argument)
{
    size_t size = p2i_first_word(argument).size;
    p2i_write_secret(writing, p2i_span_from(argument, size + 1));
}

/* ---- FTP ---- */

/* The first digit that begins numbers with commas. */
static size_t find_numbers(struct p2i_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        size_t digits = p2i_digits(p2i_view_from(p2i_span_view(text), i));
        if (digits > 0 && i + digits < text.size && text.data[i + digits] == ',') {
            return i;
        }
        i += digits;
    }
    return text.size;
}

static void write_ftp_reply(struct p2i_writing *writing, struct p2i_bytes line)
{
    struct p2i_bytes text = p2i_span_from(line, 4);
    if (p2i_span_starts(line, P2I_VIEW("229"))) {
        return; /* has a port alone */
    }
    if (p2i_span_starts(line, P2I_VIEW("227")) || p2i_span_starts(line, P2I_VIEW("228"))) {
        size_t at = find_numbers(text);
        p2i_write_text(writing, p2i_span_first(text, at));
        p2i_write_numbers(writing, p2i_span_from(text, at), line.data[2] == '8' ? 2 : 0);
        return;
    }
    p2i_write_text(writing, text);
}

/* "|1|192.0.2.1|6275|" (RFC 2428): the second field. */
static void write_extended_port(struct p2i_writing *writing, struct p2i_bytes argument)
{
    if (argument.size > 0) {
        uint8_t delimiter = argument.data[0];
        struct p2i_bytes rest = p2i_span_from(argument, 1);
        rest = p2i_span_from(rest, p2i_view_find(p2i_span_view(rest), delimiter) + 1);
        p2i_write_text(writing,
                       p2i_span_first(rest, p2i_view_find(p2i_span_view(rest), delimiter)));
    }
}

static void write_ftp_command(struct p2i_writing *writing, struct p2i_bytes line)
{
    enum { LONGEST = 4 };
    while (line.size > 0 && line.data[0] >= 0xf0) {
        line = p2i_span_from(line, 1); /* Telnet commands */
    }
    struct p2i_bytes verb = p2i_first_word(line);
    struct p2i_bytes argument = p2i_span_from(line, verb.size + 1);
    if (verb.size > LONGEST) {
        p2i_write_text(writing, line);
    } else if (is_word(verb, "PASS") || is_word(verb, "ACCT") || is_word(verb, "ADAT")) {
        p2i_write_secret(writing, argument);
    } else if (is_word(verb, "PORT")) {
        p2i_write_numbers(writing, argument, 0);
    } else if (is_word(verb, "LPRT")) {
        p2i_write_numbers(writing, argument, 2);
    } else if (is_word(verb, "EPRT")) {
        write_extended_port(writing, argument);
    } else if (!is_word(verb, "AUTH") && !is_word(verb, "TYPE") && !is_word(verb, "PROT") &&
               !is_word(verb, "PBSZ") && !is_word(verb, "EPSV")) {
        p2i_write_text(writing, argument);
    }
}

void p2i_write_ftp(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size > 0) {
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        struct p2i_bytes line = p2i_line_of(span);
        struct p2i_bytes content = p2i_line_content(line);
        if (is_reply(content)) {
            write_ftp_reply(writing, content);
        } else {
            write_ftp_command(writing, content);
        }
        span = p2i_span_from(span, line.size);
    }
}

/* ---- SMTP ---- */

static const char smtp_words[] =
    " esmtp smtp lmtp pipelining 8bitmime starttls chunking binarymime smtputf8 "
    "enhancedstatuscodes dsn size auth plain login cram-md5 digest-md5 help etrn vrfy expn "
    "from: to: ";

/* "FROM:<path> parameters": paths, and the values of parameters that have addresses. */
static void write_path(struct p2i_writing *writing, struct p2i_bytes argument)
{
    static const char *const kept[] = {"SIZE=", "BODY=", "RET=", "NOTIFY=", "SMTPUTF8"};
    size_t at = p2i_view_find(p2i_span_view(argument), ':') + 1;
    struct p2i_bytes rest = p2i_span_from(argument, at);
    size_t end = p2i_view_find(p2i_span_view(rest), '>');
    if (end < rest.size) {
        p2i_write_text(writing, p2i_span_first(rest, end));
        rest = p2i_span_from(rest, end + 1);
    }
    while (rest.size > 0) {
        if (p2i_is_space(rest.data[0])) {
            rest = p2i_span_from(rest, 1);
            continue;
        }
        struct p2i_bytes word = p2i_first_word(rest);
        bool stays = false;
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            stays = stays || p2i_span_starts_nocase(word, p2i_view_of(kept[i], strlen(kept[i])));
        }
        if (!stays) {
            p2i_write_text(writing, word);
        }
        rest = p2i_span_from(rest, word.size);
    }
}

static bool is_smtp_command(struct p2i_bytes line)
{
    static const char *const verbs[] = {
        "EHLO", "HELO",     "LHLO", "MAIL", "RCPT", "DATA", "BDAT",    "RSET",     "NOOP", "QUIT",
        "AUTH", "STARTTLS", "VRFY", "EXPN", "HELP", "ETRN", "XCLIENT", "XFORWARD", "TURN"};
    struct p2i_bytes verb = p2i_first_word(line);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (is_word(verb, verbs[i])) {
            return true;
        }
    }
    return false;
}

static void write_smtp_command(struct p2i_writing *writing, struct p2i_bytes line)
{
    struct p2i_bytes verb = p2i_first_word(line);
    struct p2i_bytes argument = p2i_span_from(line, verb.size + 1);
    if (!is_smtp_command(line)) {
        if (is_base64(line)) {
            p2i_write_secret(writing, line);
        } else {
            p2i_write_text(writing, line);
        }
    } else if (is_word(verb, "MAIL") || is_word(verb, "RCPT")) {
        write_path(writing, argument);
    } else if (is_word(verb, "AUTH")) {
        write_mechanism(writing, argument);
    } else if (!is_word(verb, "BDAT")) {
        p2i_write_text(writing, argument);
    }
}

/* Bytes of a message up to the line with a dot alone. */
static size_t message_size(struct p2i_bytes span)
{
    size_t at = 0;
    while (at < span.size) {
        struct p2i_bytes line = p2i_line_of(p2i_span_from(span, at));
        struct p2i_bytes content = p2i_line_content(line);
        if (content.size == 1 && content.data[0] == '.') {
            return at;
        }
        at += line.size;
    }
    return span.size;
}

/* True when no message follows DATA, because it was refused: commands go on. */
static bool is_refused(struct p2i_bytes span)
{
    struct p2i_bytes line = p2i_line_content(p2i_line_of(span));
    struct p2i_bytes verb = p2i_first_word(line);
    return is_word(line, "QUIT") || is_word(line, "RSET") || is_word(line, "NOOP") ||
           (is_word(verb, "MAIL") && p2i_view_find(p2i_span_view(line), '<') < line.size);
}

/* Chunks of one message (RFC 3030), each behind a command; the message is rewritten as a whole. */
static size_t write_chunks(struct p2i_writing *writing, struct p2i_bytes span)
{
    uint8_t *message = malloc(span.size);
    size_t size = 0;
    size_t behind = 0;
    if (message == NULL) {
        writing->out_of_memory = true;
        return span.size;
    }
    for (int pass = 0; pass < 2; pass++) {
        size_t at = 0;
        size_t copied = 0;
        bool last = false;
        while (!last && at < span.size) {
            struct p2i_bytes line = p2i_line_of(p2i_span_from(span, at));
            struct p2i_bytes content = p2i_line_content(line);
            struct p2i_bytes rest = p2i_span_from(content, 5);
            uint64_t length;
            if (!is_word(p2i_first_word(content), "BDAT") ||
                p2i_take_decimal(p2i_span_view(rest), UINT32_MAX, &length) == 0) {
                break;
            }
            last = content.size > 4 && is_word(p2i_span_from(content, content.size - 4), "LAST");
            at += line.size;
            struct p2i_bytes chunk = p2i_span_from(span, at);
            chunk = p2i_span_first(chunk, length < chunk.size ? (size_t)length : chunk.size);
            if (chunk.size > 0 && pass == 0) {
                memcpy(message + copied, chunk.data, chunk.size);
            } else if (chunk.size > 0) {
                memcpy(chunk.data, message + copied, chunk.size);
            }
            copied += chunk.size;
            at += chunk.size;
        }
        size = copied;
        behind = at;
        if (pass == 0) {
            p2i_write_mail(writing, p2i_span_of(message, size));
        }
    }
    free(message);
    return behind;
}

void p2i_write_smtp(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size > 0) {
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        struct p2i_bytes line = p2i_line_of(span);
        struct p2i_bytes content = p2i_line_content(line);
        size_t size = line.size;
        if (is_reply(content)) {
            p2i_write_text_but(writing, p2i_span_from(content, 4), smtp_words);
        } else if (is_word(p2i_first_word(content), "BDAT")) {
            size_t chunks = write_chunks(writing, span);
            size = chunks > 0 ? chunks : size;
        } else {
            write_smtp_command(writing, content);
            struct p2i_bytes message = p2i_span_from(span, size);
            if (is_word(content, "DATA") && !is_refused(message)) {
                message = p2i_span_first(message, message_size(message));
                p2i_write_mail(writing, message);
                size += message.size;
            }
        }
        span = p2i_span_from(span, size);
    }
}

/* ---- POP3 ---- */

static bool is_status(struct p2i_bytes line)
{
    return p2i_span_starts_nocase(line, P2I_VIEW("+OK")) ||
           p2i_span_starts_nocase(line, P2I_VIEW("-ERR"));
}

/* True for "Name: value", as a message begins. */
static bool is_field(struct p2i_bytes line)
{
    size_t size = 0;
    while (size < line.size && line.data[size] > ' ' && line.data[size] < 0x7f &&
           line.data[size] != ':') {
        size++;
    }
    return size > 0 && size < line.size && line.data[size] == ':';
}

/* Lines of the server behind a status: a message, or a list. Returns their size. */
static size_t write_pop3_lines(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t size = message_size(span);
    struct p2i_bytes lines = p2i_span_first(span, size);
    if (is_field(p2i_line_content(p2i_line_of(span)))) {
        p2i_write_mail(writing, lines);
        return size;
    }
    size = 0;
    while (size < lines.size) {
        struct p2i_bytes line = p2i_line_of(p2i_span_from(lines, size));
        if (is_status(line) || p2i_begins_tls(line)) {
            break;
        }
        p2i_write_text_but(writing, line,
                           " top uidl stls sasl user plain login pipelining resp-codes ");
        size += line.size;
    }
    return size;
}

static void write_pop3_command(struct p2i_writing *writing, struct p2i_bytes line)
{
    static const char *const kept[] = {"STAT", "LIST", "RETR", "DELE", "NOOP", "RSET",
                                       "QUIT", "TOP",  "UIDL", "STLS", "CAPA", "UTF8"};
    struct p2i_bytes verb = p2i_first_word(line);
    struct p2i_bytes argument = p2i_span_from(line, verb.size + 1);
    bool stays = false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        stays = stays || is_word(verb, kept[i]);
    }
    if (is_word(verb, "USER") || is_word(verb, "APOP")) {
        p2i_write_text(writing, argument);
    } else if (is_word(verb, "PASS")) {
        p2i_write_secret(writing, argument);
    } else if (is_word(verb, "AUTH")) {
        write_mechanism(writing, argument);
    } else if (!stays && is_base64(line)) {
        p2i_write_secret(writing, line);
    } else if (!stays) {
        p2i_write_text(writing, line);
    }
}

void p2i_write_pop3(struct p2i_writing *writing, struct p2i_bytes span)
{
    bool server = is_status(span);
    while (span.size > 0) {
        struct p2i_bytes line = p2i_line_of(span);
        struct p2i_bytes content = p2i_line_content(line);
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        if (is_status(content)) {
            server = true;
            p2i_write_text_but(writing, p2i_span_from(content, p2i_first_word(content).size),
                               " octets ");
        } else if (server && content.size == 1 && content.data[0] == '.') {
            /* the end of lines */
        } else if (server && !p2i_span_starts(content, P2I_VIEW("+ "))) {
            size_t size = write_pop3_lines(writing, span);
            line.size = size > 0 ? size : line.size;
        } else {
            write_pop3_command(writing, content);
        }
        span = p2i_span_from(span, line.size);
    }
}
