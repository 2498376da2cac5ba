/* SPDX-License-Identifier: MIT */
#include "protocol/mail/probe.h"

#include "base/ascii.h"

enum { PORTS_MAX = 6 };

/* Server ports (IANA) and two others in common use. The last entry is 0. */
static const uint16_t ports_of[][PORTS_MAX] = {
    [P2I_MAIL_SMTP] = {25, 465, 587, 24, 2525},
    [P2I_MAIL_POP3] = {110, 995},
    [P2I_MAIL_IMAP] = {143, 993, 220},
};

static bool is_port(enum p2i_mail_protocol protocol, uint16_t port)
{
    for (const uint16_t *at = ports_of[protocol]; *at != 0; at++) {
        if (port == *at) {
            return true;
        }
    }
    return false;
}

static bool on_port(const struct p2i_ends *ends, enum p2i_mail_protocol protocol)
{
    return is_port(protocol, ends->port[0]) || is_port(protocol, ends->port[1]);
}

enum p2i_direction p2i_mail_server(const struct p2i_ends *ends, enum p2i_mail_protocol protocol,
                                   enum p2i_direction speaker, bool looks_so)
{
    bool first = is_port(protocol, ends->port[0]);
    bool second = is_port(protocol, ends->port[1]);
    if (first != second) {
        return first ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
    }
    bool is_initiator = (speaker == P2I_FROM_INITIATOR) == looks_so;
    return is_initiator ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
}

enum p2i_match p2i_mail_match(struct p2i_view bytes, const char *const *texts)
{
    if (bytes.size == 0) {
        return P2I_MATCH_MORE;
    }
    enum p2i_match match = P2I_MATCH_NO;
    uint8_t first = p2i_lower(bytes.data[0]);
    for (; *texts != NULL; texts++) {
        if (p2i_lower((uint8_t)(*texts)[0]) != first) {
            continue;
        }
        struct p2i_view text = p2i_view_of(*texts, strlen(*texts));
        if (p2i_view_starts_nocase(bytes, text)) {
            return P2I_MATCH_YES;
        }
        if (bytes.size < text.size && p2i_view_starts_nocase(text, bytes)) {
            match = P2I_MATCH_MORE;
        }
    }
    return match;
}

/* ---- SMTP ---- */

/* The greeting looks like FTP's. Without a known port it must name the protocol in its first line
 * (of at most 512 bytes by RFC 5321 section 4.5.3.1.5). */
static enum p2i_match smtp_greeting(struct p2i_view bytes)
{
    enum { GREETING_MAX = 1024 };
    struct p2i_view line = p2i_view_first(bytes, GREETING_MAX);
    size_t end = p2i_view_find(line, '\n');
    if (end == line.size) {
        return line.size < GREETING_MAX ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    for (size_t at = 0; at + 4 <= end; at++) {
        struct p2i_view word = p2i_view_first(p2i_view_from(line, at), 4);
        if (p2i_view_equals_nocase(word, P2I_VIEW("SMTP")) ||
            p2i_view_equals_nocase(word, P2I_VIEW("LMTP"))) {
            return P2I_MATCH_YES;
        }
    }
    return P2I_MATCH_NO;
}

static enum p2i_match smtp_reply(const struct p2i_ends *ends, struct p2i_view bytes)
{
    size_t count = p2i_digits(p2i_view_first(bytes, 4));
    if (bytes.size < 4) {
        return count == bytes.size ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    if (count != 3 || (bytes.data[3] != ' ' && bytes.data[3] != '-')) {
        return P2I_MATCH_NO;
    }
    if (on_port(ends, P2I_MAIL_SMTP)) {
        return P2I_MATCH_YES;
    }
    return p2i_view_starts(bytes, P2I_VIEW("220")) ? smtp_greeting(bytes) : P2I_MATCH_NO;
}

enum p2i_match p2i_smtp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes)
{
    static const char *const commands[] = {"EHLO ",      "HELO ",    "LHLO ",
                                           "MAIL FROM:", "RCPT TO:", NULL};
    static const char *const port_commands[] = {"DATA\r\n", "RSET\r\n", "QUIT\r\n", "STARTTLS\r\n",
                                                "NOOP\r\n", "AUTH ",    "BDAT ",    NULL};
    (void)direction;
    if (bytes.data[0] >= '2' && bytes.data[0] <= '5') {
        return smtp_reply(ends, bytes);
    }
    enum p2i_match match = p2i_mail_match(bytes, commands);
    if (match != P2I_MATCH_YES && on_port(ends, P2I_MAIL_SMTP)) {
        enum p2i_match other = p2i_mail_match(bytes, port_commands);
        match = other != P2I_MATCH_NO ? other : match;
    }
    return match;
}

/* ---- POP3 ---- */

enum p2i_match p2i_pop3_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes)
{
    static const char *const lines[] = {"+OK ",     "+OK\r", "+OK\n", "CAPA\r\n",
                                        "STLS\r\n", "APOP ", NULL};
    static const char *const port_lines[] = {
        "-ERR",  "USER ", "PASS ", "AUTH",  "STAT\r\n", "LIST\r\n", "LIST ",    "UIDL\r\n",
        "UIDL ", "RETR ", "TOP ",  "DELE ", "NOOP\r\n", "RSET\r\n", "QUIT\r\n", NULL};
    (void)direction;
    enum p2i_match match = p2i_mail_match(bytes, lines);
    if (match != P2I_MATCH_YES && on_port(ends, P2I_MAIL_POP3)) {
        enum p2i_match other = p2i_mail_match(bytes, port_lines);
        match = other != P2I_MATCH_NO ? other : match;
    }
    return match;
}

/* ---- IMAP ---- */

/* "* 23 FETCH (...": no other protocol has such a line. */
static enum p2i_match imap_number(struct p2i_view bytes)
{
    static const char *const data[] = {" FETCH (", " EXISTS\r\n", " RECENT\r\n", " EXPUNGE\r\n",
                                       NULL};
    size_t count = p2i_digits(bytes);
    if (count > 10) {
        return P2I_MATCH_NO;
    }
    return count == bytes.size ? P2I_MATCH_MORE : p2i_mail_match(p2i_view_from(bytes, count), data);
}

static enum p2i_match imap_untagged(const struct p2i_ends *ends, struct p2i_view bytes)
{
    static const char *const data[] = {"* OK ", "* PREAUTH ", "* CAPABILITY IMAP", NULL};
    static const char *const port_data[] = {"* ", NULL};
    if (bytes.size <= 2) {
        return p2i_view_starts(P2I_VIEW("* "), bytes) ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    if (bytes.data[1] == ' ' && p2i_is_digit(bytes.data[2])) {
        return imap_number(p2i_view_from(bytes, 2));
    }
    return p2i_mail_match(bytes, on_port(ends, P2I_MAIL_IMAP) ? port_data : data);
}

/* A tag and a command, or on the port a tag and a status. Off the port the client's tag must have a
 * digit, because words of other protocols have none. */
static enum p2i_match imap_tagged(const struct p2i_ends *ends, struct p2i_view bytes)
{
    enum { TAG_MAX = 32 };
    static const char *const commands[] = {
        "CAPABILITY\r\n", "LOGIN ",   "AUTHENTICATE ", "STARTTLS\r\n",  "ID (",       "ID NIL",
        "SELECT ",        "EXAMINE ", "ENABLE ",       "NAMESPACE\r\n", "UID FETCH ", "UID SEARCH ",
        "FETCH ",         "LIST \"",  "LSUB \"",       "STATUS \"",     "APPEND \"",  NULL};
    static const char *const port_words[] = {
        "OK ",       "NO ",        "BAD ",     "NOOP",   "IDLE\r\n", "LOGOUT", "APPEND ",
        "LIST ",     "LSUB ",      "STATUS ",  "UID ",   "STORE ",   "COPY ",  "SEARCH ",
        "CREATE ",   "SUBSCRIBE ", "EXPUNGE",  "CLOSE",  "CHECK",    "MOVE ",  "GETQUOTAROOT ",
        "COMPRESS ", "NAMESPACE",  "UNSELECT", "XLIST ", NULL};
    struct p2i_view tag = p2i_view_first(bytes, TAG_MAX);
    tag = p2i_view_first(tag, p2i_view_find(tag, ' '));
    bool has_digit = false;
    for (size_t i = 0; i < tag.size; i++) {
        if (tag.data[i] <= ' ' || tag.data[i] >= 0x7f || tag.data[i] == ':') {
            return P2I_MATCH_NO;
        }
        has_digit = has_digit || p2i_is_digit(tag.data[i]);
    }
    bool known_port = on_port(ends, P2I_MAIL_IMAP);
    if (tag.size == bytes.size) {
        return P2I_MATCH_MORE;
    }
    bool is_code = tag.size == 3 && p2i_digits(tag) == 3; /* "530 Login incorrect" */
    if (tag.size == 0 || tag.size == TAG_MAX || (!known_port && (!has_digit || is_code))) {
        return P2I_MATCH_NO;
    }
    struct p2i_view rest = p2i_view_from(bytes, tag.size + 1);
    if (rest.size == 0) {
        return P2I_MATCH_MORE;
    }
    enum p2i_match match = p2i_mail_match(rest, commands);
    if (match != P2I_MATCH_YES && known_port) {
        enum p2i_match other = p2i_mail_match(rest, port_words);
        match = other != P2I_MATCH_NO ? other : match;
    }
    return match;
}

enum p2i_match p2i_imap_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes)
{
    static const char *const done[] = {"DONE\r\n", NULL};
    (void)direction;
    if (bytes.data[0] == '*') {
        return imap_untagged(ends, bytes);
    }
    enum p2i_match match = imap_tagged(ends, bytes);
    if (match != P2I_MATCH_YES && on_port(ends, P2I_MAIL_IMAP)) {
        enum p2i_match other = p2i_mail_match(bytes, done);
        match = other != P2I_MATCH_NO ? other : match;
    }
    return match;
}
