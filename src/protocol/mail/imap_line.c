/* SPDX-License-Identifier: MIT */
#include "protocol/mail/imap_line.h"

#include "base/ascii.h"
#include "protocol/mail/mail.h"
#include "protocol/mail/probe.h"

static bool is_one_of(struct p2i_view word, const char *const *words)
{
    while (*words != NULL && !p2i_view_equals_nocase(word, p2i_view_of(*words, strlen(*words)))) {
        words++;
    }
    return *words != NULL;
}

static bool asks_for_mail(struct p2i_view items)
{
    enum { LOOKED_AT = 4096 };
    static const char *const words[] = {"ENVELOPE", "RFC822", "RFC822.HEADER", "RFC822.TEXT", "ALL",
                                        "FULL",     NULL};
    items = p2i_view_first(items, LOOKED_AT);
    if (p2i_view_find(items, '[') < items.size) {
        return true;
    }
    while (items.size > 0) {
        size_t end = 0;
        while (end < items.size && items.data[end] != ' ' && items.data[end] != '(' &&
               items.data[end] != ')') {
            end++;
        }
        if (is_one_of(p2i_view_first(items, end), words)) {
            return true;
        }
        items = p2i_view_from(items, end + 1);
    }
    return false;
}

static enum p2i_imap_kind kind_of_command(struct p2i_view verb, struct p2i_view arguments)
{
    if (p2i_view_equals_nocase(verb, P2I_VIEW("UID"))) {
        verb = p2i_mail_word(&arguments);
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("FETCH"))) {
        (void)p2i_mail_word(&arguments);
        return asks_for_mail(arguments) ? P2I_IMAP_FETCH : P2I_IMAP_PLAIN;
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("APPEND"))) {
        return P2I_IMAP_APPEND;
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("STARTTLS"))) {
        return P2I_IMAP_STARTTLS;
    }
    return p2i_view_equals_nocase(verb, P2I_VIEW("COMPRESS")) ? P2I_IMAP_COMPRESS : P2I_IMAP_PLAIN;
}

struct p2i_imap_command p2i_imap_read_command(struct p2i_view line)
{
    struct p2i_imap_command command;
    command.tag = p2i_mail_word(&line);
    struct p2i_view verb = p2i_mail_word(&line);
    command.kind = kind_of_command(verb, line);
    command.wants_mailbox = line.size > 0 && (line.data[0] == '{' || line.data[0] == '~');
    return command;
}

bool p2i_imap_take_count(struct p2i_view *line, uint64_t *size, bool *at_once)
{
    enum { COUNT_MAX = 24 };
    if (line->size < 3 || line->data[line->size - 1] != '}') {
        return false;
    }
    size_t end = line->size - 1;
    *at_once = line->data[end - 1] == '+';
    end -= *at_once ? 1 : 0;
    size_t begin = end;
    while (begin > 0 && line->size - begin < COUNT_MAX && p2i_is_digit(line->data[begin - 1])) {
        begin--;
    }
    struct p2i_view count = p2i_view_from(p2i_view_first(*line, end), begin);
    if (begin == 0 || line->data[begin - 1] != '{' || !p2i_mail_number(count, size)) {
        return false;
    }
    begin--;
    bool is_binary = begin > 0 && line->data[begin - 1] == '~';
    *line = p2i_view_first(*line, is_binary ? begin - 1 : begin);
    return true;
}

bool p2i_imap_is_status(struct p2i_view text)
{
    static const char *const words[] = {"OK ", "NO ", "BAD ", "BYE ", "PREAUTH ", NULL};
    switch (text.size > 0 ? p2i_lower(text.data[0]) : 0) {
    case 'o':
    case 'n':
    case 'b':
    case 'p':
        return p2i_mail_match(text, words) == P2I_MATCH_YES;
    default:
        return false;
    }
}
