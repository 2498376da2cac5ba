/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/probe.h"

#include "base/ascii.h"
#include "protocol/ftp/line.h"

enum { PORT_FTP = 21 };
enum {
    COMMAND_SEEN = 512, /* bytes of a command or reply that the probe reads */
    REPLY_SEEN = 1024,
};

static bool has_word(struct p2i_view text, struct p2i_view word)
{
    for (; text.size >= word.size; text = p2i_view_from(text, 1)) {
        if (p2i_view_starts_nocase(text, word)) {
            return true;
        }
    }
    return false;
}

/* Reads the reply at the start of `bytes` with all its lines; *complete: its end is present.
 * Called again with each byte that comes. */
static struct p2i_view whole_reply(struct p2i_view bytes, unsigned code, bool *complete)
{
    size_t at = 0;
    *complete = false;
    while (at < bytes.size && !*complete) {
        struct p2i_view rest = p2i_view_from(bytes, at);
        size_t end = p2i_ftp_line_end(rest);
        struct p2i_ftp_reply reply;
        bool more = rest.size > 3 && rest.data[3] == '-';
        *complete = !more && end < rest.size &&
                    p2i_ftp_read_reply(p2i_view_first(rest, end), &reply) && reply.code == code &&
                    !reply.more;
        at += end + 1;
    }
    return p2i_view_first(bytes, at);
}

/* Codes that other protocols do not use, or use for something else; server texts come in many
 * languages. */
static bool is_telling(unsigned code, struct p2i_view text)
{
    switch (code) {
    case 220:
        return has_word(text, P2I_VIEW("ftp"));
    case 227:
    case 229:
        return has_word(text, P2I_VIEW("passive"));
    case 230:
        return has_word(text, P2I_VIEW("log")) || has_word(text, P2I_VIEW("ftp"));
    case 331:
        return has_word(text, P2I_VIEW("pass"));
    default:
        return false;
    }
}

static enum p2i_match probe_reply(bool on_port, struct p2i_view bytes)
{
    struct p2i_ftp_reply reply;
    if (bytes.size < 4) {
        /* Compares as if the rest of the code were there. */
        uint8_t code[4] = {'1', '0', '0', ' '};
        memcpy(code, bytes.data, bytes.size);
        bool may = p2i_ftp_read_reply(p2i_view_of(code, sizeof code), &reply);
        return may ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    struct p2i_view seen = p2i_view_first(bytes, REPLY_SEEN);
    if (!p2i_ftp_read_reply(p2i_view_first(seen, p2i_ftp_line_end(seen)), &reply)) {
        return P2I_MATCH_NO;
    }
    bool complete;
    struct p2i_view text = whole_reply(seen, reply.code, &complete);
    if (!complete && seen.size < REPLY_SEEN) {
        return P2I_MATCH_MORE;
    }
    if (!complete) {
        /* Called with each byte while another protocol is undecided, so it must be short. */
        return on_port ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (has_word(text, P2I_VIEW("SMTP")) || has_word(text, P2I_VIEW("LMTP"))) {
        return P2I_MATCH_NO;
    }
    return on_port || is_telling(reply.code, text) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* Commands that no other protocol has in this form. RFC 1459 has USER with a real name behind a
 * colon. */
static bool is_command_of_ftp_alone(const struct p2i_ftp_command *command)
{
    struct p2i_view argument = command->argument;
    switch (command->verb) {
    case P2I_FTP_USER:
        return argument.size > 0 && !has_word(argument, P2I_VIEW(" :"));
    case P2I_FTP_AUTH_TLS:
        return true;
    case P2I_FTP_ACTIVE:
        return argument.size > 0 && (argument.data[0] == '|' || has_word(argument, P2I_VIEW(",")));
    case P2I_FTP_PASSIVE:
        return argument.size == 0;
    case P2I_FTP_PASS:
    case P2I_FTP_ACCT:
    case P2I_FTP_OTHER:
        break;
    }
    return argument.size == 0 && (p2i_view_equals_nocase(command->name, P2I_VIEW("FEAT")) ||
                                  p2i_view_equals_nocase(command->name, P2I_VIEW("SYST")));
}

static bool may_become_command(struct p2i_view line)
{
    struct p2i_ftp_command command = p2i_ftp_read_command(line);
    if (command.known) {
        return true;
    }
    for (size_t i = 0; i < command.name.size; i++) {
        uint8_t lower = p2i_lower(command.name.data[i]);
        if (lower < 'a' || lower > 'z') {
            return false;
        }
    }
    return command.name.size <= 3 && p2i_view_find(line, ' ') == line.size;
}

static enum p2i_match probe_command(bool on_port, struct p2i_view bytes)
{
    struct p2i_view seen = p2i_view_first(bytes, COMMAND_SEEN);
    size_t end = p2i_ftp_line_end(seen);
    if (bytes.data[0] >= 0x80 && !on_port) {
        return P2I_MATCH_NO;
    }
    if (end == seen.size && seen.size < COMMAND_SEEN) {
        return may_become_command(seen) ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    struct p2i_ftp_command command = p2i_ftp_read_command(p2i_view_first(seen, end));
    if (on_port) {
        return command.known ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (!command.known || end == seen.size || seen.data[end] != '\r' ||
        !is_command_of_ftp_alone(&command)) {
        return P2I_MATCH_NO;
    }
    if (end + 1 == bytes.size) {
        return P2I_MATCH_MORE;
    }
    return bytes.data[end + 1] == '\n' ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* A server's port of a protocol with the same greeting (SMTP) or the same first commands (POP3). */
static bool is_mail_port(uint16_t port)
{
    static const uint16_t ports[] = {25, 110, 465, 587, 995};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        if (port == ports[i]) {
            return true;
        }
    }
    return false;
}

enum p2i_match p2i_ftp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes)
{
    if (bytes.size == 0) {
        return P2I_MATCH_NO;
    }
    bool from_server = p2i_is_digit(bytes.data[0]);
    uint16_t port = ends->port[from_server ? direction : !direction];
    if (is_mail_port(port)) {
        return P2I_MATCH_NO;
    }
    return from_server ? probe_reply(port == PORT_FTP, bytes)
                       : probe_command(port == PORT_FTP, bytes);
}
