/* SPDX-License-Identifier: MIT */
/* IMAP (RFC 3501, 9051): listed words of the protocol stay, other words and strings are
 * substituted, literals that are messages are rewritten as such. */
#include "base/ascii.h"
#include "rewrite/text.h"

/* A command or response, whose literals continue it behind the end of a line. */
struct command {
    struct p2i_bytes tag;
    bool secret;  /* LOGIN: the second string is a password */
    bool text;    /* a status response: text for people */
    bool media;   /* in a BODYSTRUCTURE */
    size_t count; /* strings behind the name so far */
};

static bool is_word(struct p2i_bytes word, const char *name)
{
    return p2i_view_equals_nocase(p2i_span_view(word), p2i_view_of(name, strlen(name)));
}

static const char status_words[] = "ok no bad bye preauth";
static const char verbs[] =
    "capability noop logout starttls authenticate login select examine create delete rename "
    "subscribe "
    "unsubscribe list lsub status append check close expunge search fetch store copy move uid idle "
    "done namespace enable id unselect compress sort thread getquota getquotaroot setquota setacl "
    "deleteacl getacl listrights myrights getmetadata setmetadata notify xlist";
/* What else may stand in a line: items, flags, codes and keys, capabilities, header fields. */
static const char words_kept[] =
    "nil inbox messages recent uidnext uidvalidity unseen exists expunge vanished flags "
    "permanentflags permanent highestmodseq nomodseq modseq read-only read-write trycreate alert "
    "badcharset parse closed expired appenduid copyuid uidnotsticky referral contactadmin "
    "authenticationfailed authorizationfailed unavailable privacyrequired noperm inuse corruption "
    "serverbug clientbug cannot limit overquota alreadyexists nonexistent compressionactive "
    "body body.peek bodystructure envelope internaldate rfc822 rfc822.size rfc822.header "
    "rfc822.text "
    "header header.fields header.fields.not text mime fields not size peek binary binary.peek "
    "binary.size all fast full changedsince unchangedsince silent flags.silent +flags -flags "
    "+flags.silent -flags.silent answered bcc before cc deleted draft flagged from keyword larger "
    "new "
    "old on or seen sentbefore senton sentsince since smaller subject to unanswered undeleted "
    "undraft "
    "unflagged unkeyword charset return partial min max count save esearch reverse date arrival "
    "references orderedsubject special-use children subscribed remote recursivematch "
    "\\seen \\answered \\flagged \\deleted \\draft \\recent \\* \\noselect \\noinferiors \\marked "
    "\\unmarked \\haschildren \\hasnochildren \\nonexistent \\subscribed \\remote \\all \\archive "
    "\\drafts \\junk \\sent \\trash \\important * % "
    "imap4 imap4rev1 imap4rev2 auth plain login cram-md5 digest-md5 gssapi external oauthbearer "
    "xoauth2 ntlm scram-sha-1 scram-sha-256 sasl-ir login-referrals logindisabled literal+ "
    "literal- "
    "multiappend unselect idle catenate condstore qresync within context searchres list-extended "
    "list-status uidplus mailbox-referrals acl rights quota preview statussize savedate snippet "
    "fuzzy deflate display i18nlevel url-partial esort res quotaset utf8 accept utf-8 us-ascii "
    "reply-to sender message-id in-reply-to date content-type mime-version importance x-priority "
    "x-mailer list-id newsgroups received return-path delivered-to resent-from resent-to";

/* Reads the first words of a line: a tag and a name. */
static struct command command_of(struct p2i_bytes line)
{
    struct p2i_bytes tag = p2i_first_word(line);
    struct p2i_bytes name = p2i_first_word(p2i_span_from(line, tag.size + 1));
    return (struct command){
        .tag = tag, .secret = is_word(name, "LOGIN"), .text = p2i_is_listed(name, status_words)};
}

enum { DIGITS_MAX = 4, BEGIN_DIGITS = 7 };

static bool is_number(struct p2i_bytes word, size_t digits)
{
    return word.size <= digits && p2i_digits(p2i_span_view(word)) == word.size;
}

/* Listed words, small numbers, and sections such as "1.2.MIME". */
static bool is_kept(struct p2i_bytes word)
{
    if (is_number(word, DIGITS_MAX) || p2i_is_listed(word, words_kept) ||
        p2i_is_listed(word, verbs)) {
        return true;
    }
    bool numbers = true;
    while (numbers && word.size > 0) {
        struct p2i_bytes part = p2i_span_first(word, p2i_view_find(p2i_span_view(word), '.'));
        word = p2i_span_from(word, part.size + 1);
        numbers = part.size > 0 && is_number(part, DIGITS_MAX);
        if (!numbers) {
            return word.size == 0 && p2i_is_listed(part, "mime header text");
        }
    }
    return false;
}

/* Strings of BODYSTRUCTURE that say what a part is, and not what it is called. */
static bool is_media(struct p2i_bytes text)
{
    return p2i_is_listed(text, "text plain html multipart mixed alternative related message rfc822 "
                               "application image audio video charset name filename boundary "
                               "attachment inline 7bit 8bit base64 quoted-printable binary "
                               "octet-stream pdf utf-8 us-ascii format flowed png jpeg gif") ||
           p2i_is_listed(text, p2i_charsets);
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
                          struct p2i_bytes item, bool append, struct p2i_bytes literal)
{
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
    command->count++;
    if (command->secret && command->count == 2) {
        p2i_write_secret(writing, word);
    } else if (!is_kept(word)) {
        p2i_write_text(writing, word);
    }
}

static bool ends_word(uint8_t byte, bool secret)
{
    return p2i_is_space(byte) || memchr("\"()", byte, 3) != NULL ||
           (!secret && memchr("[]<>={}", byte, 7) != NULL);
}

/* The words of a line, from `at` on, up to the size of a literal. */
static void write_words(struct p2i_writing *writing, struct command *command, struct p2i_bytes line,
                        size_t at)
{
    while (at < line.size) {
        if (line.data[at] == '"') {
            at += 1 + write_quoted(writing, command, p2i_span_from(line, at + 1)) + 1;
            continue;
        }
        size_t end = at;
        while (end < line.size && !ends_word(line.data[end], command->secret)) {
            end++;
        }
        struct p2i_bytes word = p2i_span_of(line.data + at, end - at);
        bool begin = at > 1 && memcmp(line.data + at - 2, "]<", 2) == 0; /* of a part: BODY[]<0> */
        if (end > at && !(begin && is_number(word, BEGIN_DIGITS))) {
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

/* True for a tag and a verb. */
static bool begins_command(struct p2i_bytes line)
{
    struct p2i_bytes tag = p2i_first_word(line);
    for (size_t i = 0; i < tag.size; i++) {
        if (!p2i_is_letter(tag.data[i]) && !p2i_is_digit(tag.data[i]) && tag.data[i] != '.') {
            return false;
        }
    }
    return tag.size > 0 && p2i_is_listed(p2i_first_word(p2i_span_from(line, tag.size + 1)), verbs);
}

/* True when a command follows where the bytes of a literal should: the server refused it. What
 * would be the end of the literal does not look like one; if that is missing, the tag is like the
 * one before. */
static bool is_refused(const struct command *command, struct p2i_bytes span, uint64_t size)
{
    struct p2i_bytes line = p2i_line_content(p2i_line_of(span));
    if (!begins_command(line)) {
        return false;
    }
    if (size < span.size) {
        return memchr("\r\n )", span.data[size], 4) == NULL;
    }
    size_t tag = p2i_first_word(line).size;
    return tag <= command->tag.size + 1 && command->tag.size <= tag + 1;
}

/* "OK [CODE words] text": the text is for people. */
static void write_status(struct p2i_writing *writing, struct command *command,
                         struct p2i_bytes text)
{
    size_t code =
        p2i_span_starts(text, P2I_VIEW(" [")) ? p2i_view_find(p2i_span_view(text), ']') : 0;
    write_words(writing, command, p2i_span_first(text, code), 0);
    p2i_write_text(writing, p2i_span_from(text, code));
}

/* A mechanism, and perhaps an initial response. */
static void write_authenticate(struct p2i_writing *writing, struct p2i_bytes argument)
{
    struct p2i_bytes mechanism = p2i_first_word(argument);
    if (!is_kept(mechanism)) {
        p2i_write_text(writing, mechanism);
    }
    p2i_write_secret(writing, p2i_span_from(argument, mechanism.size + 1));
}

/* A line that begins a command or response. */
static void write_line(struct p2i_writing *writing, struct command *command,
                       struct p2i_bytes content, bool server)
{
    struct p2i_bytes tag = command->tag;
    struct p2i_bytes name = p2i_first_word(p2i_span_from(content, tag.size + 1));
    size_t at = tag.size + 1 + name.size;
    if (is_word(tag, "+")) {
        p2i_write_text(writing, p2i_span_from(content, 1));
    } else if (is_alone(content)) {
        if (server) {
            p2i_write_text(writing, content);
        } else if (!is_word(content, "DONE")) {
            p2i_write_secret(writing, content);
        }
    } else {
        p2i_write_text(writing, tag); /* "*" stays */
        if (command->text) {
            write_status(writing, command, p2i_span_from(content, at));
        } else if (is_word(name, "AUTHENTICATE")) {
            write_authenticate(writing, p2i_span_from(content, at + 1));
        } else {
            if (!is_kept(name)) {
                p2i_write_text(writing, name);
            }
            write_words(writing, command, content, at);
        }
    }
}

/* The line without the size of a literal at its end. */
static struct p2i_bytes without_literal(struct p2i_bytes content)
{
    while (content.size > 0 && content.data[content.size - 1] != '{') {
        content.size--;
    }
    return content;
}

void p2i_write_imap(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct command command = {.count = 0};
    bool continued = false;
    bool server = false;
    while (span.size > 0) {
        if (!continued && p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        struct p2i_bytes line = p2i_line_of(span);
        struct p2i_bytes content = p2i_line_content(line);
        uint64_t size = 0;
        bool literal = read_literal(line, &size);
        struct p2i_bytes item = item_of(content);
        bool append = literal && has(line, " APPEND ");
        struct p2i_bytes text = literal ? without_literal(content) : content;
        if (continued) {
            write_words(writing, &command, text, 0);
        } else {
            command = command_of(content);
            server = server || is_word(command.tag, "*") || is_word(command.tag, "+");
            write_line(writing, &command, text, server);
        }
        span = p2i_span_from(span, line.size);
        /* Servers do not ask for a literal. */
        literal = literal && (server || !is_refused(&command, span, size));
        if (literal) {
            struct p2i_bytes bytes =
                p2i_span_first(span, size < span.size ? (size_t)size : span.size);
            write_literal(writing, &command, item, append, bytes);
            span = p2i_span_from(span, bytes.size);
        }
        continued = literal;
    }
}
