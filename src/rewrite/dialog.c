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

/* The argument of AUTH: a mechanism, and perhaps an initial response. */
static void write_mechanism(struct p2i_writing *writing, struct p2i_bytes argument)
{
    struct p2i_bytes mechanism = p2i_first_word(argument);
    p2i_write_text_but(writing, mechanism,
                       "plain login cram-md5 digest-md5 ntlm gssapi external anonymous xoauth2 "
                       "oauthbearer scram-sha-1 scram-sha-256 scram-sha-1-plus scram-sha-256-plus");
    p2i_write_secret(writing, p2i_span_from(argument, mechanism.size + 1));
}

/* Words that are numbers of few digits stay. */
static void write_few_digits(struct p2i_writing *writing, struct p2i_bytes argument)
{
    enum { DIGITS_MAX = 4 };
    while (argument.size > 0) {
        struct p2i_bytes word = p2i_first_word(argument);
        if (word.size > DIGITS_MAX || p2i_digits(p2i_span_view(word)) < word.size) {
            p2i_write_text(writing, word);
        }
        argument = p2i_span_from(argument, word.size + 1);
    }
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

/* Digits of a port, with one of the bytes `ends` behind them; 0: it is none. */
static size_t port_size(struct p2i_bytes span, const char *ends)
{
    enum { DIGITS_MAX = 5 };
    size_t digits = p2i_digits(p2i_span_view(span));
    bool ended = digits < span.size && strchr(ends, span.data[digits]) != NULL;
    return digits <= DIGITS_MAX && ended ? digits : 0;
}

/* "Entering Extended Passive Mode (|||6446|)" (RFC 2428 section 3): the port stays. */
static void write_passive_port(struct p2i_writing *writing, struct p2i_bytes text)
{
    size_t open = p2i_view_find(p2i_span_view(text), '(');
    struct p2i_bytes port = p2i_span_from(text, open);
    bool known = port.size > 5 && port.data[1] == port.data[2] && port.data[2] == port.data[3] &&
                 !p2i_is_letter(port.data[1]) && !p2i_is_digit(port.data[1]);
    size_t digits = 0;
    if (known) {
        char ends[] = {(char)port.data[1], '\0'};
        port = p2i_span_from(port, 4);
        digits = port_size(port, ends);
    }
    p2i_write_text(writing, p2i_span_first(text, open));
    p2i_write_text(writing, p2i_span_from(port, digits));
}

static void write_ftp_reply(struct p2i_writing *writing, struct p2i_bytes line)
{
    struct p2i_bytes text = p2i_span_from(line, 4);
    if (p2i_span_starts(line, P2I_VIEW("229"))) {
        write_passive_port(writing, text);
        return;
    }
    if (p2i_span_starts(line, P2I_VIEW("227")) || p2i_span_starts(line, P2I_VIEW("228"))) {
        size_t at = find_numbers(text);
        p2i_write_text(writing, p2i_span_first(text, at));
        p2i_write_numbers(writing, p2i_span_from(text, at), line.data[2] == '8' ? 2 : 0);
        return;
    }
    p2i_write_text(writing, text);
}

/* "|1|192.0.2.1|6275|" (RFC 2428 section 2): the address is a text. */
static void write_extended_port(struct p2i_writing *writing, struct p2i_bytes argument)
{
    bool known = argument.size > 3 && argument.data[2] == argument.data[0] &&
                 p2i_is_digit(argument.data[1]) && !p2i_is_digit(argument.data[0]);
    if (!known) {
        p2i_write_text(writing, argument);
        return;
    }
    const char ends[] = {(char)argument.data[0], '\0'};
    struct p2i_bytes rest = p2i_span_from(argument, 3);
    size_t end = p2i_view_find(p2i_span_view(rest), argument.data[0]);
    p2i_write_text(writing, p2i_span_first(rest, end));
    rest = p2i_span_from(rest, end + 1);
    p2i_write_text(writing, p2i_span_from(rest, port_size(rest, ends)));
}

static void write_ftp_command(struct p2i_writing *writing, struct p2i_bytes line)
{
    while (line.size > 0 && line.data[0] >= 0xf0) {
        line = p2i_span_from(line, 1); /* Telnet commands */
    }
    struct p2i_bytes verb = p2i_first_word(line);
    struct p2i_bytes argument = p2i_span_from(line, verb.size + 1);
    if (!p2i_is_listed(verb,
                       "user pass acct cwd cdup smnt quit rein port pasv type stru mode retr "
                       "stor stou appe allo rest rnfr rnto abor dele rmd mkd pwd list nlst "
                       "site syst stat help noop feat opts auth adat ccc conf enc mic pbsz "
                       "prot lang lprt eprt lpsv epsv mdtm mfmt mlsd mlst size xcup xmkd xpwd "
                       "xrmd xcwd clnt host")) {
        p2i_write_text(writing, line);
    } else if (is_word(verb, "PASS") || is_word(verb, "ACCT") || is_word(verb, "ADAT")) {
        p2i_write_secret(writing, argument);
    } else if (is_word(verb, "PORT")) {
        p2i_write_numbers(writing, argument, 0);
    } else if (is_word(verb, "LPRT")) {
        p2i_write_numbers(writing, argument, 2);
    } else if (is_word(verb, "EPRT")) {
        write_extended_port(writing, argument);
    } else if (is_word(verb, "AUTH")) {
        p2i_write_text_but(writing, argument, "tls ssl tls-c tls-p gssapi kerberos_v4");
    } else if (p2i_is_listed(verb, "type prot pbsz epsv stru mode")) {
        p2i_write_text_but(writing, argument, "a n t c e i l p s f r b 0 1 2 8 all");
    } else {
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
    "esmtp smtp lmtp pipelining 8bitmime starttls chunking binarymime smtputf8 enhancedstatuscodes "
    "dsn size auth plain login cram-md5 digest-md5 help etrn vrfy expn";

/* "FROM:<path> parameters". */
static void write_path(struct p2i_writing *writing, struct p2i_bytes argument)
{
    size_t colon = p2i_view_find(p2i_span_view(argument), ':');
    struct p2i_bytes rest = argument;
    struct p2i_view name = p2i_view_trim(p2i_view_first(p2i_span_view(argument), colon));
    if (p2i_view_equals_nocase(name, P2I_VIEW("FROM")) ||
        p2i_view_equals_nocase(name, P2I_VIEW("TO"))) {
        rest = p2i_span_from(argument, colon < argument.size ? colon + 1 : name.size);
    }
    size_t end = p2i_view_find(p2i_span_view(rest), '>');
    if (end < rest.size) {
        p2i_write_text(writing, p2i_span_first(rest, end));
        rest = p2i_span_from(rest, end + 1);
    }
    while (rest.size > 0) {
        struct p2i_bytes word = p2i_first_word(rest);
        if (p2i_span_starts_nocase(word, P2I_VIEW("SIZE="))) {
            write_few_digits(writing, p2i_span_from(word, 5));
        } else {
            p2i_write_text_but(writing, word,
                               "body=7bit body=8bitmime body=binarymime ret=full ret=hdrs smtputf8 "
                               "notify=never notify=success notify=failure notify=delay");
        }
        rest = p2i_span_from(rest, word.size + 1);
    }
}

static bool is_smtp_command(struct p2i_bytes line)
{
    return p2i_is_listed(
        p2i_first_word(line),
        "ehlo helo lhlo mail rcpt data bdat rset noop quit auth starttls vrfy expn "
        "help etrn xclient xforward turn");
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
    } else {
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
            size_t digits = p2i_take_decimal(p2i_span_view(rest), UINT32_MAX, &length);
            if (!is_word(p2i_first_word(content), "BDAT") || digits == 0) {
                break;
            }
            struct p2i_bytes word = p2i_first_word(p2i_span_from(rest, digits + 1));
            last = is_word(word, "LAST");
            p2i_write_text(writing, p2i_span_from(rest, digits + 1 + (last ? word.size : 0)));
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
        } else if (is_word(p2i_first_word(content), "BDAT") &&
                   (size = write_chunks(writing, span)) > 0) {
            /* the message is written */
        } else {
            size = line.size;
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

static const char pop3_words[] =
    "top uidl stls sasl user plain login pipelining resp-codes auth-resp-code expire login-delay "
    "implementation utf8 lang";

/* True for a line of a list: of messages, or of capabilities. */
static bool is_listing(struct p2i_bytes line)
{
    struct p2i_bytes word = p2i_first_word(line);
    bool number = word.size > 0 && p2i_digits(p2i_span_view(word)) == word.size;
    return number || p2i_is_listed(word, pop3_words);
}

/* Lines of the server: a message, which begins behind a status, or a list. Returns their size. */
static size_t write_pop3_lines(struct p2i_writing *writing, struct p2i_bytes span,
                               bool behind_status)
{
    if (behind_status && !is_listing(p2i_line_content(p2i_line_of(span)))) {
        struct p2i_bytes message = p2i_span_first(span, message_size(span));
        p2i_write_mail(writing, message);
        return message.size;
    }
    size_t size = 0;
    while (size < span.size) {
        struct p2i_bytes line = p2i_line_of(p2i_span_from(span, size));
        struct p2i_bytes content = p2i_line_content(line);
        if (is_status(line) || p2i_begins_tls(line) || is_word(content, ".")) {
            break;
        }
        p2i_write_text_but(writing, line, pop3_words);
        size += line.size;
    }
    return size;
}

static void write_pop3_command(struct p2i_writing *writing, struct p2i_bytes line)
{
    struct p2i_bytes verb = p2i_first_word(line);
    struct p2i_bytes argument = p2i_span_from(line, verb.size + 1);
    if (p2i_is_listed(verb, "user apop")) {
        p2i_write_text(writing, argument);
    } else if (is_word(verb, "PASS")) {
        p2i_write_secret(writing, argument);
    } else if (is_word(verb, "AUTH")) {
        write_mechanism(writing, argument);
    } else if (p2i_is_listed(verb,
                             "stat list retr dele noop rset quit top uidl stls capa utf8 lang")) {
        write_few_digits(writing, argument);
    } else if (is_base64(line)) {
        p2i_write_secret(writing, line);
    } else {
        p2i_write_text(writing, line);
    }
}

/* "+OK" or "-ERR", and words. */
static void write_status(struct p2i_writing *writing, struct p2i_bytes line)
{
    p2i_write_text_but(writing, p2i_span_from(line, line.data[0] == '+' ? 3 : 4), "octets");
}

void p2i_write_pop3(struct p2i_writing *writing, struct p2i_bytes span)
{
    bool server = is_status(span);
    bool status = false;
    while (span.size > 0) {
        struct p2i_bytes line = p2i_line_of(span);
        bool behind_status = status;
        struct p2i_bytes content = p2i_line_content(line);
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        status = is_status(content);
        if (status) {
            server = true;
            write_status(writing, content);
        } else if (server && content.size == 1 && content.data[0] == '.') {
            /* the end of lines */
        } else if (server && !p2i_span_starts(content, P2I_VIEW("+ "))) {
            size_t size = write_pop3_lines(writing, span, behind_status);
            line.size = size > 0 ? size : line.size;
        } else {
            write_pop3_command(writing, content);
        }
        span = p2i_span_from(span, line.size);
    }
}
