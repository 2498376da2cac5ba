/* SPDX-License-Identifier: MIT */
#include "protocol/mail/address.h"

#include "base/ascii.h"

static struct p2i_view first_word(struct p2i_view text)
{
    size_t size = 0;
    while (size < text.size && !p2i_is_space(text.data[size])) {
        size++;
    }
    return p2i_view_first(text, size);
}

/* Returns the size of the quoted string, comment or literal that the first byte of `text` opens;
 * comments nest (RFC 5322 section 3.2.2). An unclosed one extends to the end. */
static size_t enclosed_size(struct p2i_view text)
{
    uint8_t open = text.data[0];
    uint8_t close = open == '(' ? ')' : open == '[' ? ']' : open;
    size_t depth = 1;
    for (size_t at = 1; at < text.size; at++) {
        uint8_t byte = text.data[at];
        if (byte == '\\') {
            at++;
        } else if (byte == close) {
            if (--depth == 0) {
                return at + 1;
            }
        } else if (byte == open && open == '(') {
            depth++;
        }
    }
    return text.size;
}

/* Returns the position of `byte` outside quoted strings; the size of `text` if there is none. */
static size_t find_unquoted(struct p2i_view text, uint8_t byte)
{
    size_t at = 0;
    while (at < text.size && text.data[at] != byte) {
        at += text.data[at] == '"' ? enclosed_size(p2i_view_from(text, at)) : 1;
    }
    return at < text.size ? at : text.size;
}

/* Without a route (RFC 5321 section 4.1.1.3: "@a,@b:"). */
static struct p2i_view without_route(struct p2i_view mailbox)
{
    mailbox = p2i_view_trim(mailbox);
    if (mailbox.size > 0 && mailbox.data[0] == '@') {
        size_t colon = p2i_view_find(mailbox, ':');
        return p2i_view_trim(p2i_view_from(mailbox, colon + 1));
    }
    return mailbox;
}

struct p2i_view p2i_mail_path(struct p2i_view path)
{
    path = p2i_view_trim(path);
    if (path.size > 0 && path.data[0] == '<') {
        struct p2i_view inner = p2i_view_from(path, 1);
        return without_route(p2i_view_first(inner, find_unquoted(inner, '>')));
    }
    return without_route(p2i_view_first(path, find_unquoted(path, ' ')));
}

bool p2i_mail_path_ends(struct p2i_view path)
{
    while (path.size > 0 && p2i_is_space(path.data[0])) {
        path = p2i_view_from(path, 1);
    }
    uint8_t end = p2i_view_starts(path, P2I_VIEW("<")) ? '>' : ' ';
    return find_unquoted(path, end) < path.size;
}

/* ---- address lists ---- */

/* A mailbox of a list as far as it has been read. */
struct mailbox {
    struct p2i_view angle; /* the text inside < > */
    struct p2i_view word;  /* the word with an '@', else the last word */
    unsigned words;
    bool has_angle, has_at;
};

/* Size of the word at the start of `text`; quoted strings and address literals belong to it. */
static size_t word_size(struct p2i_view text, bool *has_at)
{
    size_t at = 0;
    *has_at = false;
    while (at < text.size) {
        uint8_t byte = text.data[at];
        if (byte == '"' || byte == '[') {
            at += enclosed_size(p2i_view_from(text, at));
        } else if (p2i_is_space(byte) || byte == ',' || byte == ';' || byte == ':' || byte == '<' ||
                   byte == '(') {
            break;
        } else {
            *has_at = *has_at || byte == '@';
            at++;
        }
    }
    return at;
}

static void take_word(struct mailbox *mailbox, struct p2i_view word, bool has_at)
{
    mailbox->words++;
    if (!mailbox->has_at) {
        mailbox->word = word;
        mailbox->has_at = has_at;
    }
}

static void end_mailbox(const struct p2i_parser *parser, struct p2i_text *list,
                        struct mailbox *mailbox, size_t limit)
{
    if (mailbox->words == 0 && !mailbox->has_angle) {
        return;
    }
    struct p2i_view address = mailbox->has_angle ? without_route(mailbox->angle) : mailbox->word;
    bool is_name = address.size > 0 && (address.data[0] == '"' || address.data[0] == '=');
    if (mailbox->has_angle || mailbox->has_at || (mailbox->words == 1 && !is_name)) {
        p2i_text_list(parser, list, address, limit);
    }
    *mailbox = (struct mailbox){0};
}

void p2i_mail_addresses(const struct p2i_parser *parser, struct p2i_text *list,
                        struct p2i_view value, size_t limit)
{
    struct mailbox mailbox = {0};
    while (value.size > 0) {
        uint8_t byte = value.data[0];
        size_t size = 1;
        if (byte == ',' || byte == ';') {
            end_mailbox(parser, list, &mailbox, limit);
        } else if (byte == ':') {
            mailbox = (struct mailbox){0}; /* the words before were the name of a group */
        } else if (byte == '(') {
            size = enclosed_size(value);
        } else if (byte == '<') {
            struct p2i_view inner = p2i_view_from(value, 1);
            mailbox.angle = p2i_view_first(inner, find_unquoted(inner, '>'));
            mailbox.has_angle = true;
            size = 1 + mailbox.angle.size + 1;
        } else if (!p2i_is_space(byte)) {
            bool has_at;
            size = word_size(value, &has_at);
            take_word(&mailbox, p2i_view_first(value, size), has_at);
        }
        value = p2i_view_from(value, size);
    }
    end_mailbox(parser, list, &mailbox, limit);
}

struct p2i_view p2i_mail_whole_addresses(struct p2i_view value)
{
    size_t whole = 0;
    for (size_t at = 0; at < value.size;) {
        struct p2i_view rest = p2i_view_from(value, at);
        uint8_t byte = rest.data[0];
        if (byte == '(' || byte == '"' || byte == '[') {
            at += enclosed_size(rest);
            continue;
        }
        at += byte == '<' ? find_unquoted(rest, '>') + 1 : 1;
        bool ends = byte == '<' || byte == ',' || byte == ';';
        whole = ends && at <= value.size ? at : whole;
    }
    return p2i_view_first(value, whole);
}

struct p2i_view p2i_mail_whole_words(struct p2i_view value)
{
    while (value.size > 0 && !p2i_is_space(value.data[value.size - 1])) {
        value.size--;
    }
    return value;
}

/* ---- hosts ---- */

struct p2i_view p2i_mail_host(struct p2i_view text)
{
    size_t size = 0;
    while (size < text.size) {
        uint8_t byte = text.data[size];
        bool well = p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '-' || byte == '.' ||
                    byte == '_' || byte == ':' || byte == '[' || byte == ']' || byte >= 0x80;
        if (!well) {
            break;
        }
        size++;
    }
    while (size > 0 && (text.data[size - 1] == '.' || text.data[size - 1] == ':')) {
        size--;
    }
    return p2i_view_first(text, size);
}

struct p2i_view p2i_mail_received_by(struct p2i_view value)
{
    bool is_by = false;
    while (value.size > 0) {
        uint8_t byte = value.data[0];
        size_t size = 1;
        if (byte == '(' || byte == '"') {
            size = enclosed_size(value);
        } else if (byte == ';') {
            break;
        } else if (!p2i_is_space(byte)) {
            struct p2i_view word = first_word(value);
            word = p2i_view_first(word, p2i_view_find(word, ';'));
            word = p2i_view_first(word, p2i_view_find(word, '('));
            if (is_by) {
                return p2i_mail_host(word);
            }
            is_by = p2i_view_equals_nocase(word, P2I_VIEW("by"));
            size = word.size;
        }
        value = p2i_view_from(value, size);
    }
    return (struct p2i_view){0};
}

/* Labels with dots between them, the last of letters alone: not a version, not the end of a
 * sentence. */
static bool is_full_name(struct p2i_view host)
{
    size_t last = host.size;
    while (last > 0 && host.data[last - 1] != '.') {
        if (!p2i_is_letter(host.data[last - 1])) {
            return false;
        }
        last--;
    }
    return last > 1 && host.size - last >= 2 && host.data[0] != '.';
}

struct p2i_view p2i_mail_greeting_host(struct p2i_view text)
{
    while (text.size > 0) {
        struct p2i_view host = p2i_mail_host(text);
        if (is_full_name(host)) {
            return host;
        }
        text = p2i_view_from(text, host.size + 1);
    }
    return (struct p2i_view){0};
}
