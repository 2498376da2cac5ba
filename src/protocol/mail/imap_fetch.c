/* SPDX-License-Identifier: MIT */
#include "protocol/mail/imap_fetch.h"

#include "base/ascii.h"

enum item {
    OTHER_ITEM = 0,
    ENVELOPE,
    STRUCTURE,   /* BODYSTRUCTURE, BODY */
    WHOLE,       /* BODY[], RFC822 */
    HEADER,      /* BODY[HEADER], BODY[HEADER.FIELDS (...)], RFC822.HEADER */
    TEXT,        /* BODY[TEXT], RFC822.TEXT */
    PART_HEADER, /* BODY[1.MIME] */
    PART,        /* BODY[1], BINARY[1] */
};

/* Members of ENVELOPE, in their order. */
enum envelope_field {
    DATE = 0,
    SUBJECT,
    FROM,
    SENDER,
    REPLY_TO,
    TO,
    CC,
};

/* Depths in "(ENVELOPE (date subject ((name route mailbox host) ...) ...) ...)". */
enum {
    IN_RESPONSE = 1,
    IN_VALUE = 2,
    IN_ADDRESSES = 3,
    IN_ADDRESS = 4,
};

enum { NO_POSITION = 255 };

static void count_up(uint8_t *count)
{
    if (*count < NO_POSITION) {
        (*count)++;
    }
}

/* Returns the message of the response, made on first use; NULL: out of memory. */
static struct p2i_mail_content *mail_of(const struct p2i_parser *parser,
                                        struct p2i_imap_fetch *fetch)
{
    if (fetch->mail == NULL) {
        fetch->mail = p2i_mail_content_new(parser, fetch->info);
    }
    return fetch->mail;
}

/* ---- names of items ---- */

/* Item of a message that the section in "BODY[section]<begin>" names. */
static enum item item_of_section(struct p2i_view section)
{
    if (section.size == 0) {
        return WHOLE;
    }
    if (p2i_view_starts_nocase(section, P2I_VIEW("HEADER"))) {
        return HEADER;
    }
    if (p2i_view_equals_nocase(section, P2I_VIEW("TEXT"))) {
        return TEXT;
    }
    size_t last = section.size > 4 ? section.size - 4 : 0;
    bool is_mime = p2i_view_equals_nocase(p2i_view_from(section, last), P2I_VIEW("MIME"));
    return is_mime ? PART_HEADER : p2i_is_digit(section.data[0]) ? PART : OTHER_ITEM;
}

/* Reads "<begin>" behind a section. */
static void read_begin(struct p2i_imap_fetch *fetch, struct p2i_view behind)
{
    if (p2i_view_starts(behind, P2I_VIEW("<"))) {
        fetch->has_begin = p2i_mail_number(p2i_view_from(behind, 1), &fetch->begin);
    }
}

static enum item item_of_name(struct p2i_imap_fetch *fetch, struct p2i_view name)
{
    static const struct {
        const char *name;
        uint8_t item;
    } items[] = {
        {"ENVELOPE", ENVELOPE}, {"BODYSTRUCTURE", STRUCTURE}, {"BODY", STRUCTURE},
        {"RFC822", WHOLE},      {"RFC822.HEADER", HEADER},    {"RFC822.TEXT", TEXT},
    };
    fetch->begin = 0;
    fetch->has_begin = false;
    fetch->in_section = false;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        if (p2i_view_equals_nocase(name, p2i_view_of(items[i].name, strlen(items[i].name)))) {
            return (enum item)items[i].item;
        }
    }
    struct p2i_view section = p2i_view_from(name, p2i_view_find(name, '[') + 1);
    if (section.size == 0) {
        return OTHER_ITEM;
    }
    size_t end = p2i_view_find(section, ']');
    fetch->in_section = end == section.size;
    read_begin(fetch, p2i_view_from(section, end + 1));
    section = p2i_view_first(section, end);
    if (p2i_view_starts_nocase(name, P2I_VIEW("BODY"))) {
        return item_of_section(section);
    }
    bool is_binary = p2i_view_starts_nocase(name, P2I_VIEW("BINARY["));
    return is_binary && section.size == 0 ? WHOLE : is_binary ? PART : OTHER_ITEM;
}

/* Text behind a section that contained a literal. */
static struct p2i_view behind_section(struct p2i_imap_fetch *fetch, struct p2i_view text)
{
    size_t end = p2i_view_find(text, ']');
    fetch->in_section = end == text.size;
    struct p2i_view behind = p2i_view_from(text, end + 1);
    read_begin(fetch, behind);
    return p2i_view_from(behind, p2i_view_find(behind, ' '));
}

/* ---- ENVELOPE ---- */

static struct p2i_text *text_of_field(struct p2i_mime *mime, unsigned field)
{
    switch (field) {
    case SUBJECT:
        return &mime->subject;
    case FROM:
        return &mime->from;
    case REPLY_TO:
        return &mime->reply_to;
    case TO:
        return &mime->to;
    case CC:
        return &mime->cc;
    default:
        return NULL;
    }
}

/* Fields from a header of the same response take precedence; a later header adds nothing to the
 * envelope's. */
static void begin_envelope(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch)
{
    struct p2i_mail_content *mail = mail_of(parser, fetch);
    fetch->field = DATE;
    fetch->known_fields = 0;
    for (unsigned field = DATE; field <= CC && mail != NULL; field++) {
        const struct p2i_text *text = text_of_field(&mail->mime, field);
        bool known = text != NULL && text->size > 0;
        fetch->known_fields |= (uint8_t)(known ? 1U << field : 0);
    }
    if (mail != NULL) {
        mail->mime.once = true;
    }
}

/* Destination of the current field; NULL: the field is skipped. */
static struct p2i_text *envelope_text(const struct p2i_imap_fetch *fetch)
{
    if (fetch->mail == NULL || fetch->field > CC || (fetch->known_fields >> fetch->field & 1)) {
        return NULL;
    }
    return text_of_field(&fetch->mail->mime, fetch->field);
}

/* Drops Reply-To if it equals From: servers repeat From for a missing Reply-To (RFC 3501 section
 * 7.4.2). */
static void end_envelope(struct p2i_imap_fetch *fetch)
{
    if (fetch->mail != NULL && !(fetch->known_fields >> REPLY_TO & 1)) {
        struct p2i_mime *mime = &fetch->mail->mime;
        if (p2i_view_equals(p2i_text_view(&mime->from), p2i_text_view(&mime->reply_to))) {
            mime->reply_to.size = 0;
        }
    }
}

/* Returns false if the list has no room for the address. */
static bool add_address(const struct p2i_parser *parser, struct p2i_text *list,
                        struct p2i_view mailbox, struct p2i_view host)
{
    const struct p2i_view parts[] = {list->size > 0 ? P2I_VIEW(",<") : P2I_VIEW("<"), mailbox,
                                     P2I_VIEW("@"), host, P2I_VIEW(">")};
    size_t size = list->size + mailbox.size + host.size + 4;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && size <= P2I_MIME_VALUE_MAX; i++) {
        p2i_text_add(parser, list, parts[i], P2I_MIME_VALUE_MAX);
    }
    return size <= P2I_MIME_VALUE_MAX;
}

/* A cut name gives no address: its beginning would be another one. */
static void envelope_string(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                            struct p2i_view string, bool whole)
{
    struct p2i_text *text = envelope_text(fetch);
    if (fetch->depth == IN_VALUE) {
        if (text != NULL && fetch->field == SUBJECT) {
            p2i_text_add(parser, text, string, P2I_MIME_VALUE_MAX);
            fetch->mail->mime.subject_cut = !whole;
        }
        count_up(&fetch->field);
    } else if (fetch->depth == IN_ADDRESS) {
        if (fetch->position == 2) {
            fetch->half_name = !whole;
            fetch->mailbox.size = 0;
            p2i_text_add(parser, &fetch->mailbox, string, P2I_MIME_VALUE_MAX);
        } else if (fetch->position == 3 && text != NULL && fetch->field != SUBJECT && whole &&
                   !fetch->half_name &&
                   !add_address(parser, text, p2i_text_view(&fetch->mailbox), string)) {
            fetch->mail->limited = true;
        }
        count_up(&fetch->position);
    }
}

/* ---- BODYSTRUCTURE ---- */

/* A parameter list is ("name" "value" "name" "value" ...), a disposition ("attachment" (...)). */
static void structure_string(struct p2i_imap_fetch *fetch, struct p2i_view string)
{
    if (fetch->names_file && string.size > 0) {
        fetch->attachment = true;
    }
    fetch->names_file = false;
    if (fetch->position == NO_POSITION) {
        return;
    }
    struct p2i_view name = p2i_view_first(string, p2i_view_find(string, '*'));
    if (fetch->position == 0 && p2i_view_equals_nocase(string, P2I_VIEW("attachment"))) {
        fetch->attachment = true;
    } else if (fetch->position % 2 == 0) {
        fetch->names_file = p2i_view_equals_nocase(name, P2I_VIEW("name")) ||
                            p2i_view_equals_nocase(name, P2I_VIEW("filename"));
    }
    fetch->position++;
}

/* ---- tokens ---- */

static void open_list(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch)
{
    fetch->depth += fetch->depth < UINT32_MAX;
    fetch->position = 0;
    fetch->names_file = false;
    if (fetch->depth == IN_VALUE && fetch->at_value && fetch->item == ENVELOPE) {
        begin_envelope(parser, fetch);
    }
}

static void close_list(struct p2i_imap_fetch *fetch)
{
    if (fetch->depth == IN_VALUE) {
        if (fetch->item == ENVELOPE) {
            end_envelope(fetch);
        }
        fetch->at_value = false;
    }
    if (fetch->depth == IN_ADDRESSES && fetch->item == ENVELOPE) {
        count_up(&fetch->field);
    }
    fetch->depth -= fetch->depth > 0;
    fetch->position = NO_POSITION;
    fetch->names_file = false;
}

static void take_atom(struct p2i_imap_fetch *fetch, struct p2i_view atom)
{
    if (fetch->depth == IN_RESPONSE) {
        if (!fetch->at_value) {
            fetch->item = (uint8_t)item_of_name(fetch, atom);
        }
        fetch->at_value = !fetch->at_value;
    } else if (fetch->item == ENVELOPE) {
        /* NIL; in the place of an address's host it marks a group's name. */
        if (fetch->depth == IN_VALUE) {
            count_up(&fetch->field);
        } else if (fetch->depth == IN_ADDRESS) {
            count_up(&fetch->position);
        }
    } else {
        count_up(&fetch->position);
        fetch->names_file = false;
    }
}

/* Called when the content of a message begins. Returns NULL for a later part of a message, which
 * does not give a record, and when out of memory. */
static struct p2i_mail_content *begin_content(const struct p2i_parser *parser,
                                              struct p2i_imap_fetch *fetch)
{
    struct p2i_mail_content *mail = fetch->begin == 0 ? mail_of(parser, fetch) : NULL;
    if (mail == NULL) {
        return NULL;
    }
    switch ((enum item)fetch->item) {
    case WHOLE:
    case HEADER:
        if (mail->has_content) {
            mail->mime.once = true;
            p2i_mime_expect_header(parser, &mail->mime, false);
        }
        break;
    case PART_HEADER:
        p2i_mime_expect_header(parser, &mail->mime, true);
        break;
    default:
        p2i_mime_end(parser, &mail->mime);
        break;
    }
    mail->has_content = true;
    return mail;
}

static bool is_content(const struct p2i_imap_fetch *fetch)
{
    return fetch->depth == IN_RESPONSE && fetch->at_value && fetch->item >= WHOLE;
}

void p2i_imap_fetch_string(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                           struct p2i_view string, bool whole)
{
    if (is_content(fetch)) {
        /* A quoted string has no line end, so it is not a header. */
        (void)begin_content(parser, fetch);
    }
    if (fetch->depth == IN_RESPONSE) {
        fetch->at_value = false;
    } else if (fetch->item == ENVELOPE) {
        envelope_string(parser, fetch, string, whole);
    } else if (fetch->item == STRUCTURE) {
        structure_string(fetch, string);
    }
}

enum p2i_imap_use p2i_imap_fetch_literal(const struct p2i_parser *parser,
                                         struct p2i_imap_fetch *fetch, uint64_t size)
{
    if (fetch->broken || fetch->in_section) {
        return P2I_IMAP_SKIP;
    }
    if (!is_content(fetch)) {
        bool is_string = fetch->depth >= IN_VALUE;
        if (!is_string) {
            p2i_imap_fetch_string(parser, fetch, (struct p2i_view){0}, true);
        }
        return is_string ? P2I_IMAP_STRING : P2I_IMAP_SKIP;
    }
    struct p2i_imap_partial *partial = fetch->partial;
    fetch->at_value = false;
    if (fetch->item == WHOLE && fetch->begin > 0 && partial->mail != NULL &&
        partial->number == fetch->number && partial->size == fetch->begin) {
        partial->size += size;
        fetch->reading = partial->mail;
        return P2I_IMAP_MESSAGE;
    }
    if (fetch->begin > 0 && partial->mail != NULL && partial->number == fetch->number) {
        partial->mail->cut = partial->mail->cut || partial->bytes_lost;
    }
    fetch->reading = begin_content(parser, fetch);
    if (fetch->reading != NULL && fetch->item == WHOLE && fetch->has_begin) {
        fetch->is_partial = true;
        fetch->part_size = size;
    }
    return fetch->reading == NULL || fetch->item == PART ? P2I_IMAP_SKIP : P2I_IMAP_MESSAGE;
}

/* Size of the quoted string at the start of `text` with its quotes; more than the size of `text`
 * when its end is missing. */
static size_t quoted_size(struct p2i_view text)
{
    size_t end = 1;
    while (end < text.size && text.data[end] != '"') {
        end += text.data[end] == '\\' ? 2 : 1;
    }
    return end + 1;
}

/* Takes a quoted string and removes its backslashes. */
static void take_quoted(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                        struct p2i_view string, bool whole)
{
    struct p2i_text plain = {0};
    if (p2i_view_find(string, '\\') == string.size) {
        p2i_imap_fetch_string(parser, fetch, string, whole);
        return;
    }
    while (string.size > 0) {
        size_t size = p2i_view_find(string, '\\');
        p2i_text_add(parser, &plain, p2i_view_first(string, size), P2I_MIME_VALUE_MAX);
        string = p2i_view_from(string, size + 1);
        p2i_text_add(parser, &plain, p2i_view_first(string, 1), P2I_MIME_VALUE_MAX);
        string = p2i_view_from(string, 1);
    }
    p2i_imap_fetch_string(parser, fetch, p2i_text_view(&plain), whole);
    p2i_text_free(parser, &plain);
}

/* Size of an atom: up to a blank or parenthesis, but including text in brackets. */
static size_t atom_size(struct p2i_view text)
{
    size_t at = 0;
    while (at < text.size && text.data[at] != ' ' && text.data[at] != '(' && text.data[at] != ')') {
        at += text.data[at] == '[' ? 1 + p2i_view_find(p2i_view_from(text, at + 1), ']') : 1;
    }
    return at < text.size ? at : text.size;
}

/* `cut`: the end of the text is missing. */
static void read_tokens(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                        struct p2i_view text, bool cut)
{
    if (fetch->in_section) {
        text = behind_section(fetch, text);
    }
    while (text.size > 0 && !fetch->broken) {
        uint8_t byte = text.data[0];
        size_t size = 1;
        if (byte == '"') {
            size = quoted_size(text);
            bool whole = size <= text.size;
            struct p2i_view string = p2i_view_first(text, whole ? size - 1 : text.size);
            if (whole || cut) {
                take_quoted(parser, fetch, p2i_view_from(string, 1), whole);
            }
            fetch->broken = !whole;
        } else if (byte == '(') {
            open_list(parser, fetch);
        } else if (byte == ')') {
            close_list(fetch);
        } else if (byte != ' ') {
            size = atom_size(text);
            take_atom(fetch, p2i_view_first(text, size));
        }
        text = p2i_view_from(text, size);
    }
}

void p2i_imap_fetch_read(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                         struct p2i_view text)
{
    read_tokens(parser, fetch, text, false);
}

void p2i_imap_fetch_cut(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                        struct p2i_view text)
{
    read_tokens(parser, fetch, text, true);
    fetch->broken = true;
}
