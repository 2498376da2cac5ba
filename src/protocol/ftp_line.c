/* SPDX-License-Identifier: MIT */
#include "protocol/ftp_line.h"

enum { NAME_MAX_SIZE = 253, LABEL_MAX_SIZE = 63 }; /* RFC 1035 section 2.3.4 */

/* Commands of RFC 959, 737, 775, 1639, 2228, 2389, 2428, 2640, 3659, 7151 and some in wide use. */
static const struct {
    char name[5];
    uint8_t verb;
} commands[] = {
    {"USER", P2I_FTP_USER},    {"PASS", P2I_FTP_PASS},    {"ACCT", P2I_FTP_ACCT},
    {"AUTH", P2I_FTP_OTHER},   {"PORT", P2I_FTP_ACTIVE},  {"EPRT", P2I_FTP_ACTIVE},
    {"LPRT", P2I_FTP_ACTIVE},  {"PASV", P2I_FTP_PASSIVE}, {"EPSV", P2I_FTP_PASSIVE},
    {"LPSV", P2I_FTP_PASSIVE}, {"CWD", P2I_FTP_OTHER},    {"CDUP", P2I_FTP_OTHER},
    {"SMNT", P2I_FTP_OTHER},   {"QUIT", P2I_FTP_OTHER},   {"REIN", P2I_FTP_OTHER},
    {"TYPE", P2I_FTP_OTHER},   {"STRU", P2I_FTP_OTHER},   {"MODE", P2I_FTP_OTHER},
    {"RETR", P2I_FTP_OTHER},   {"STOR", P2I_FTP_OTHER},   {"STOU", P2I_FTP_OTHER},
    {"APPE", P2I_FTP_OTHER},   {"ALLO", P2I_FTP_OTHER},   {"REST", P2I_FTP_OTHER},
    {"RNFR", P2I_FTP_OTHER},   {"RNTO", P2I_FTP_OTHER},   {"ABOR", P2I_FTP_OTHER},
    {"DELE", P2I_FTP_OTHER},   {"RMD", P2I_FTP_OTHER},    {"MKD", P2I_FTP_OTHER},
    {"PWD", P2I_FTP_OTHER},    {"LIST", P2I_FTP_OTHER},   {"NLST", P2I_FTP_OTHER},
    {"SITE", P2I_FTP_OTHER},   {"SYST", P2I_FTP_OTHER},   {"STAT", P2I_FTP_OTHER},
    {"HELP", P2I_FTP_OTHER},   {"NOOP", P2I_FTP_OTHER},   {"XCWD", P2I_FTP_OTHER},
    {"XCUP", P2I_FTP_OTHER},   {"XMKD", P2I_FTP_OTHER},   {"XRMD", P2I_FTP_OTHER},
    {"XPWD", P2I_FTP_OTHER},   {"ADAT", P2I_FTP_OTHER},   {"PBSZ", P2I_FTP_OTHER},
    {"PROT", P2I_FTP_OTHER},   {"CCC", P2I_FTP_OTHER},    {"MIC", P2I_FTP_OTHER},
    {"CONF", P2I_FTP_OTHER},   {"ENC", P2I_FTP_OTHER},    {"FEAT", P2I_FTP_OTHER},
    {"OPTS", P2I_FTP_OTHER},   {"LANG", P2I_FTP_OTHER},   {"SIZE", P2I_FTP_OTHER},
    {"MDTM", P2I_FTP_OTHER},   {"MLST", P2I_FTP_OTHER},   {"MLSD", P2I_FTP_OTHER},
    {"HOST", P2I_FTP_OTHER},   {"CLNT", P2I_FTP_OTHER},   {"MFMT", P2I_FTP_OTHER},
};

size_t p2i_ftp_line_end(struct p2i_view bytes)
{
    size_t end = p2i_view_find(bytes, '\n');
    return p2i_view_find(p2i_view_first(bytes, end), '\r');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    uint8_t lower = p2i_lower(byte);
    return lower >= 'a' && lower <= 'z';
}

/* The urgent byte of a Synch may be missing from the stream, so IAC need not come in front of each
 * command code. */
static struct p2i_view without_telnet(struct p2i_view line)
{
    enum { FIRST_COMMAND = 240, WILL = 251, DONT = 254, IAC = 255 };
    while (line.size > 0 && line.data[0] >= FIRST_COMMAND) {
        uint8_t code = line.data[0];
        if (code == IAC && line.size > 1) {
            code = line.data[1];
            line = p2i_view_from(line, 1);
        }
        line = p2i_view_from(line, code >= WILL && code <= DONT ? 2 : 1);
    }
    return line;
}

static bool is_tls(struct p2i_view mechanism)
{
    struct p2i_view name = p2i_view_trim(mechanism);
    return p2i_view_equals_nocase(name, P2I_VIEW("TLS")) ||
           p2i_view_equals_nocase(name, P2I_VIEW("TLS-C")) ||
           p2i_view_equals_nocase(name, P2I_VIEW("TLS-P")) ||
           p2i_view_equals_nocase(name, P2I_VIEW("SSL"));
}

struct p2i_ftp_command p2i_ftp_read_command(struct p2i_view line)
{
    struct p2i_ftp_command command = {0};
    line = without_telnet(line);
    size_t end = p2i_view_find(line, ' ');
    command.name = p2i_view_first(line, end);
    command.argument = p2i_view_from(line, end + 1);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t size = commands[i].name[3] != '\0' ? 4 : 3;
        if (p2i_view_equals_nocase(command.name, p2i_view_of(commands[i].name, size))) {
            command.verb = (enum p2i_ftp_verb)commands[i].verb;
            command.known = true;
            break;
        }
    }
    if (p2i_view_equals_nocase(command.name, P2I_VIEW("AUTH")) && is_tls(command.argument)) {
        command.verb = P2I_FTP_AUTH_TLS;
    }
    return command;
}

bool p2i_ftp_read_reply(struct p2i_view line, struct p2i_ftp_reply *reply)
{
    if (line.size < 3 || line.data[0] < '1' || line.data[0] > '6' || !is_digit(line.data[1]) ||
        !is_digit(line.data[2])) {
        return false;
    }
    uint8_t separator = line.size > 3 ? line.data[3] : ' ';
    if (separator != ' ' && separator != '-') {
        return false;
    }
    reply->code =
        (uint16_t)((line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + (line.data[2] - '0'));
    reply->more = separator == '-';
    reply->text = p2i_view_from(line, 4);
    return true;
}

/* What a word may consist of; all else parts words. Signs that no host name has are in it so that
 * a mail address or a URL is one word, and none. */
static bool is_of_word(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte >= 0x80 ||
           (byte != 0 && memchr("-._@:/\\~%&?=#+", byte, 14) != NULL);
}

static bool is_label(struct p2i_view label)
{
    if (label.size == 0 || label.size > LABEL_MAX_SIZE || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_letter(label.data[i]) && !is_digit(label.data[i]) && label.data[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool is_top_level(struct p2i_view label)
{
    if (p2i_view_starts_nocase(label, P2I_VIEW("xn--"))) {
        return true;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_letter(label.data[i])) {
            return false;
        }
    }
    return label.size >= 2;
}

static bool is_host_name(struct p2i_view word)
{
    if (word.size > NAME_MAX_SIZE) {
        return false;
    }
    size_t labels = 0;
    for (;;) {
        size_t end = p2i_view_find(word, '.');
        struct p2i_view label = p2i_view_first(word, end);
        if (!is_label(label)) {
            return false;
        }
        labels++;
        if (end == word.size) {
            return labels > 1 && is_top_level(label);
        }
        word = p2i_view_from(word, end + 1);
    }
}

static struct p2i_view without_punctuation(struct p2i_view word)
{
    while (word.size > 0 && memchr(".:-=#", word.data[0], 5) != NULL) {
        word = p2i_view_from(word, 1);
    }
    while (word.size > 0 && memchr(".:-?=#", word.data[word.size - 1], 6) != NULL) {
        word.size--;
    }
    return word;
}

struct p2i_view p2i_ftp_host_name(struct p2i_view text)
{
    size_t at = 0;
    while (at < text.size) {
        size_t end = at;
        while (end < text.size && is_of_word(text.data[end])) {
            end++;
        }
        struct p2i_view word = without_punctuation(p2i_view_of(text.data + at, end - at));
        if (is_host_name(word)) {
            return word;
        }
        at = end + 1;
    }
    return (struct p2i_view){0};
}
