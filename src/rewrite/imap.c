/* SPDX-License-Identifier: MIT */
/* IMAP (RFC 3501, 9051): words of the protocol stay, quoted strings are substituted, literals that
 * are messages are rewritten as such. */
#include "base/ascii.h"
#include "rewrite/text.h"

/* A command or response, whose literals continue it behind the end of a line. */
struct command {
    bool names;   /* its words are names: substitute them */
    bool secret;  /* LOGIN: the second string is a password */
    bool text;    /* a status response: text for people */
    bool media;   /* in a BODYSTRUCTURE */
    size_t count; /* strings so far */
};

static bool is_word(struct p2i_bytes word, const char *name)
{
    return p2i_view_equals_nocase(p2i_span_view(word), p2i_view_of(name, strlen(name)));
}

static bool is_one_of(struct p2i_bytes word, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (is_word(word, *names)) {
            return true;
        }
    }
    return false;
}

/* Reads the first words of a line: a tag and a name. */
static struct command command_of(struct p2i_bytes line)
{
    static const char *const naming[] = {
        "LOGIN",       "SELECT", "EXAMINE",      "CREATE",    "DELETE", "RENAME", "SUBSCRIBE",
        "UNSUBSCRIBE", "LIST",   "LSUB",         "STATUS",    "APPEND", "COPY",   "MOVE",
        "SEARCH",      "ID",     "GETQUOTAROOT", "NAMESPACE", "XLIST",  NULL};
    static const char *const status[] = {"OK", "NO", "BAD", "BYE", "PREAUTH", NULL};
    struct p2i_bytes tag = p2i_first_word(line);
    struct p2i_bytes name = p2i_first_word(p2i_span_from(line, tag.size + 1));
    if (is_word(name, "UID")) {
        name = p2i_first_word(p2i_span_from(line, tag.size + 5));
    }
    struct command command = {.names = is_one_of(name, naming),
                              .secret = is_word(name, "LOGIN"),
                              .text = is_one_of(name, status)};
    command.names = command.names && !(is_word(tag, "*") && is_word(name, "SEARCH"));
    return command;
}

/* Words that stay among names: they are of the protocol, or all have them. */
static bool is_kept(struct p2i_bytes word)
{
    static const char *const kept[] = {
        "INBOX",      "NIL",    "MESSAGES",    "RECENT",  "UIDNEXT", "UIDVALIDITY", "UNSEEN",
        "ALL",        "SEEN",   "SINCE",       "BEFORE",  "FROM",    "TO",          "CC",
        "SUBJECT",    "BODY",   "TEXT",        "HEADER",  "NOT",     "OR",          "UNDELETED",
        "DELETED",    "DRAFT",  "FLAGGED",     "KEYWORD", "LARGER",  "SMALLER",     "CHARSET",
        "REFERENCES", "RETURN", "SPECIAL-USE", NULL};
    return word.size == 0 || word.data[0] == '\\' || word.data[0] == '%' ||
           p2i_digits(p2i_span_view(word)) == word.size || is_one_of(word, kept);
}

/* Strings of BODYSTRUCTURE that say what a part is, and not what it is called. */
static bool is_media(struct p2i_bytes text)
{
    static const char *const media[] = {"TEXT",
                                        "PLAIN",
                                        "HTML",
                                        "MULTIPART",
                                        "MIXED",
                                        "ALTERNATIVE",
                                        "RELATED",
                                        "MESSAGE",
                                        "RFC822",
                                        "APPLICATION",
                                        "IMAGE",
                                        "AUDIO",
                                        "VIDEO",
                                        "CHARSET",
                                        "NAME",
                                        "FILENAME",
                                        "BOUNDARY",
                                        "ATTACHMENT",
                                        "INLINE",
                                        "7BIT",
                                        "8BIT",
                                        "BASE64",
                                        "QUOTED-PRINTABLE",
                                        "BINARY",
                                        "OCTET-STREAM",
                                        "PDF",
                                        "UTF-8",
                                        "US-ASCII",
                                        "FORMAT",
                                        "FLOWED",
                                        "PNG",
                                        "JPEG",
                                        "GIF",
                                        NULL};
    return is_one_of(text, media);
}

/* "{123}" or "{123+}" at the end of a line. False: none. */
static bool read_literal(struct p2i_bytes line, uint64_t *size)
{
    struct p2i_bytes content = p2i_line_content(line);
    size_t open = content.size;
    while (open > 0 && content.data[open - 1] != '{') {
        open--;
    }
    struct p2i_view digits = p2i_view_from(p2i_span_view(content), open);
    size_t count = open > 0 ? p2i_take_decimal(digits, UINT32_MAX, size) : 0;
    struct p2i_view rest = p2i_view_from(digits, count);
    return count > 0 &&
           (p2i_view_equals(rest, P2I_VIEW("}")) || p2i_view_equals(rest, P2I_VIEW("+}")));
}

/* The last word in front of a literal, which says what it is: BODY[HEADER], RFC822 ... */
static struct p2i_bytes item_of(struct p2i_bytes line)
{
    size_t end = line.size;
    while (end > 0 && line.data[end - 1] != '{') {
        end--;
    }
    end = end > 0 ? end - 1 : 0;
    while (end > 0 && p2i_is_space(line.data[end - 1])) {
        end--;
    }
    size_t begin = end;
    unsigned depth = 0;
    while (begin > 0 &&
           (depth > 0 || (line.data[begin - 1] != ' ' && line.data[begin - 1] != '('))) {
        begin--;
        depth += line.data[begin] == ']';
        depth -= depth > 0 && line.data[begin] == '[';
    }
    return p2i_span_of(line.data + begin, end - begin);
}

static bool has(struct p2i_bytes span, const char *name)
{
    for (size_t at = 0; at < span.size; at++) {
        if (p2i_span_starts_nocase(p2i_span_from(span, at), p2i_view_of(name, strlen(name)))) {
            return true;
        }
    }
    return false;
}

/* A literal: a message or a header, the body of a part, or a string like a quoted one. */
static void write_literal(struct p2i_writing *writing, struct command *command,
                          struct p2i_bytes item, struct p2i_bytes line, struct p2i_bytes literal)
{
    bool append = has(line, " APPEND ");
    bool message = has(item, "[]") || is_word(item, "RFC822") || has(item, "HEADER") ||
                   has(item, "MIME") || append;
    command->count++;
    if (message) {
        p2i_write_mail(writing, literal);
    } else if (has(item, "BODY[") || has(item, "BINARY[") || has(item, "RFC822.TEXT")) {
        p2i_write_mail_body(writing, literal);
    } else if (command->secret && command->count == 2) {
        p2i_write_secret(writing, literal);
    } else {
        p2i_write_encoded(writing, literal);
    }
}

/* Rewrites the string behind a quote. Returns its size without quotes. */
static size_t write_quoted(struct p2i_writing *writing, struct command *command,
                           struct p2i_bytes span)
{
    size_t size = 0;
    while (size < span.size && span.data[size] != '"') {
        size += span.data[size] == '\\' ? 2 : 1;
    }
    struct p2i_bytes text = p2i_span_first(span, size);
    command->count++;
    if (command->secret && command->count == 2) {
        p2i_write_secret(writing, text);
    } else if (!(command->media && is_media(text))) {
        p2i_write_encoded(writing, text);
    }
    return text.size;
}

static void write_word(struct p2i_writing *writing, struct command *command, struct p2i_bytes word)
{
    bool structure = is_word(word, "BODYSTRUCTURE") || is_word(word, "BODY");
    command->media = structure || (command->media && !is_word(word, "ENVELOPE"));
    if (!command->names) {
        return;
    }
    command->count++;
    if (command->secret && command->count == 2) {
        p2i_write_secret(writing, word);
    } else if (!is_kept(word)) {
        p2i_write_text(writing, word);
    }
}

/* The words of a line, from `at` on. */
static void write_words(struct p2i_writing *writing, struct command *command, struct p2i_bytes line,
                        size_t at)
{
    while (at < line.size) {
        if (line.data[at] == '"') {
            at += 1 + write_quoted(writing, command, p2i_span_from(line, at + 1)) + 1;
            continue;
        }
        size_t end = at;
        while (end < line.size && !p2i_is_space(line.data[end]) && line.data[end] != '"' &&
               line.data[end] != '(' && line.data[end] != ')') {
            end++;
        }
        struct p2i_bytes word = p2i_span_of(line.data + at, end - at);
        if (end > at && line.data[at] != '{') {
            write_word(writing, command, word);
        }
        at = end > at ? end : at + 1;
    }
}

/* True for a line of one word: a SASL exchange, or DONE. */
static bool is_alone(struct p2i_bytes content)
{
    return content.size > 0 && p2i_view_find(p2i_span_view(content), ' ') == content.size;
}

/* True when a command follows where the bytes of a literal should: the server refused it. Servers
 * do not ask for a literal, and their lines begin with "*". */
static bool is_refused(struct p2i_bytes span)
{
    static const char *const verbs[] = {
        "FETCH",  "UID",    "APPEND", "SELECT", "EXAMINE", "LOGOUT", "NOOP", "LOGIN",      "LIST",
        "STATUS", "CREATE", "STORE",  "SEARCH", "CLOSE",   "IDLE",   "COPY", "CAPABILITY", NULL};
    struct p2i_bytes line = p2i_line_content(p2i_line_of(span));
    struct p2i_bytes tag = p2i_first_word(line);
    struct p2i_bytes verb = p2i_first_word(p2i_span_from(line, tag.size + 1));
    for (size_t i = 0; i < tag.size; i++) {
        if (!p2i_is_letter(tag.data[i]) && !p2i_is_digit(tag.data[i]) && tag.data[i] != '.') {
            return false;
        }
    }
    return tag.size > 0 && is_one_of(verb, verbs);
}

/* Behind the tag and the name of the command. */
static void write_line(struct p2i_writing *writing, struct command *command,
                       struct p2i_bytes content)
{
    struct p2i_bytes tag = p2i_first_word(content);
    size_t name_at = tag.size + 1;
    size_t at = name_at + p2i_first_word(p2i_span_from(content, name_at)).size;
    if (!is_alone(content)) {
        p2i_write_text(writing, tag); /* "*" and "+" stay */
    }
    if (is_word(tag, "+")) {
        p2i_write_text(writing, p2i_span_from(content, 1));
    } else if (is_alone(content)) {
        if (!is_word(content, "DONE")) {
            p2i_write_secret(writing, content);
        }
    } else if (command->text) {
        struct p2i_bytes text = p2i_span_from(content, at);
        size_t code =
            p2i_span_starts(text, P2I_VIEW(" [")) ? p2i_view_find(p2i_span_view(text), ']') : 0;
        p2i_write_text(writing, p2i_span_from(text, code));
    } else if (has(p2i_span_first(content, at), " AUTHENTICATE")) {
        size_t mechanism = p2i_first_word(p2i_span_from(content, at + 1)).size;
        p2i_write_secret(writing, p2i_span_from(content, at + 1 + mechanism));
    } else {
        if (is_word(p2i_span_from(p2i_span_first(content, at), name_at), "UID")) {
            at += 1 + p2i_first_word(p2i_span_from(content, at + 1)).size;
        }
        write_words(writing, command, content, at);
    }
}

void p2i_write_imap(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct command command = {0};
    bool continued = false;
    while (span.size > 0) {
        if (!continued && p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        struct p2i_bytes line = p2i_line_of(span);
        struct p2i_bytes content = p2i_line_content(line);
        uint64_t size;
        bool literal = read_literal(line, &size);
        struct p2i_bytes item = item_of(content);
        if (continued) {
            write_words(writing, &command, content, 0);
        } else {
            command = command_of(content);
            write_line(writing, &command, content);
        }
        span = p2i_span_from(span, line.size);
        literal = literal && !is_refused(span);
        if (literal) {
            struct p2i_bytes bytes =
                p2i_span_first(span, size < span.size ? (size_t)size : span.size);
            write_literal(writing, &command, item, line, bytes);
            span = p2i_span_from(span, bytes.size);
        }
        continued = literal;
    }
}
