/* SPDX-License-Identifier: MIT */
#include "protocol/mail/smtp_line.h"

#include "base/ascii.h"
#include "protocol/mail/address.h"
#include "protocol/mail/mail.h"
#include "protocol/mail/probe.h"

/* MAIL FROM: and RCPT TO: are commands of two words, and the colon is part of them; blanks around
 * it are common. */
static bool take_path(struct p2i_view *rest, struct p2i_view word)
{
    if (!p2i_view_starts_nocase(*rest, word)) {
        return false;
    }
    struct p2i_view behind = p2i_view_trim(p2i_view_from(*rest, word.size));
    if (behind.size == 0 || behind.data[0] != ':') {
        return false;
    }
    *rest = p2i_view_from(behind, 1);
    return true;
}

/* The verb of a command, by its name in upper case. */
static enum p2i_smtp_verb verb_of(struct p2i_view name)
{
    switch (p2i_word_of(name)) {
    case P2I_WORD('M', 'A', 'I', 'L'):
        return P2I_SMTP_MAIL;
    case P2I_WORD('R', 'C', 'P', 'T'):
        return P2I_SMTP_RCPT;
    case P2I_WORD('D', 'A', 'T', 'A'):
        return P2I_SMTP_DATA;
    case P2I_WORD('B', 'D', 'A', 'T'):
        return P2I_SMTP_BDAT;
    case P2I_WORD('E', 'H', 'L', 'O'):
    case P2I_WORD('H', 'E', 'L', 'O'):
        return P2I_SMTP_HELLO;
    case P2I_WORD('L', 'H', 'L', 'O'):
        return P2I_SMTP_LHLO;
    case P2I_WORD('R', 'S', 'E', 'T'):
        return P2I_SMTP_RSET;
    case P2I_WORD('Q', 'U', 'I', 'T'):
        return P2I_SMTP_QUIT;
    case P2I_WORD('A', 'U', 'T', 'H'):
        return P2I_SMTP_AUTH;
    case P2I_WORD('B', 'U', 'R', 'L'):
        return P2I_SMTP_BURL;
    default:
        return p2i_view_equals_nocase(name, P2I_VIEW("STARTTLS")) ? P2I_SMTP_STARTTLS
                                                                  : P2I_SMTP_OTHER;
    }
}

enum p2i_smtp_verb p2i_smtp_command(struct p2i_view line, struct p2i_view *arguments)
{
    *arguments = (struct p2i_view){0};
    if (line.size == 0) {
        return P2I_SMTP_OTHER;
    }
    struct p2i_view rest = p2i_view_trim(line);
    enum p2i_smtp_verb verb = verb_of(p2i_mail_word(&rest));
    *arguments = rest;
    bool well = verb == P2I_SMTP_MAIL   ? take_path(arguments, P2I_VIEW("FROM"))
                : verb == P2I_SMTP_RCPT ? take_path(arguments, P2I_VIEW("TO"))
                                        : true;
    return well ? verb : P2I_SMTP_OTHER;
}

enum p2i_match p2i_smtp_is_strong(struct p2i_view bytes)
{
    static const char *const commands[] = {"MAIL FROM:",   "RCPT TO:", "EHLO ",    "HELO ",
                                           "LHLO ",        "RSET\r\n", "QUIT\r\n", "DATA\r\n",
                                           "STARTTLS\r\n", "BDAT ",    NULL};
    return p2i_mail_match(bytes, commands);
}

enum p2i_match p2i_smtp_is_line(struct p2i_view bytes)
{
    static const char *const commands[] = {"NOOP\r\n", "NOOP ", "HELP\r\n", "AUTH ",
                                           "VRFY ",    "RSET ", "QUIT ",    NULL};
    enum p2i_match strong = p2i_smtp_is_strong(bytes);
    return strong == P2I_MATCH_NO ? p2i_mail_match(bytes, commands) : strong;
}

bool p2i_smtp_chunk(struct p2i_view arguments, uint64_t *size, bool *is_last)
{
    struct p2i_view number = p2i_mail_word(&arguments);
    if (p2i_digits(number) < number.size || !p2i_mail_number(number, size)) {
        return false;
    }
    arguments = p2i_view_trim(arguments);
    *is_last = p2i_view_equals_nocase(arguments, P2I_VIEW("LAST"));
    return arguments.size == 0 || *is_last;
}

bool p2i_smtp_reply(struct p2i_view line, uint32_t *code, bool *more)
{
    if (line.size < 3 || (line.size > 3 && line.data[3] != ' ' && line.data[3] != '-') ||
        line.data[0] < '2' || line.data[0] > '5') {
        return false;
    }
    uint64_t number;
    if (!p2i_parse_decimal(p2i_view_first(line, 3), UINT32_MAX, &number)) {
        return false;
    }
    *code = (uint32_t)number;
    *more = line.size > 3 && line.data[3] == '-';
    return true;
}

enum p2i_match p2i_smtp_is_reply(struct p2i_view bytes)
{
    uint32_t code;
    bool more;
    struct p2i_view start = p2i_view_first(bytes, 4);
    struct p2i_view digits = p2i_view_first(start, 3);
    if (p2i_digits(digits) < digits.size) {
        return P2I_MATCH_NO;
    }
    if (start.size < 4) {
        return P2I_MATCH_MORE;
    }
    bool is_bare = start.data[3] == '\r' || start.data[3] == '\n';
    start.size -= is_bare ? 1 : 0;
    return p2i_smtp_reply(start, &code, &more) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

struct p2i_view p2i_smtp_greeting_host(struct p2i_view text)
{
    struct p2i_view host = p2i_mail_host(p2i_mail_word(&text));
    bool is_full = p2i_view_find(host, '.') < host.size || p2i_view_find(host, '[') < host.size;
    bool is_name = p2i_view_starts_nocase(text, P2I_VIEW("ESMTP")) ||
                   p2i_view_starts_nocase(text, P2I_VIEW("SMTP")) ||
                   p2i_view_starts_nocase(text, P2I_VIEW("LMTP"));
    return is_full || is_name ? host : (struct p2i_view){0};
}
