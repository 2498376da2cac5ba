/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/line.h"

#include "base/ascii.h"
#include "base/scan.h"

enum { NAME_MAX_SIZE = 253, LABEL_MAX_SIZE = 63 }; /* RFC 1035 section 2.3.4 */

size_t p2i_ftp_line_end(struct p2i_view bytes)
{
    return p2i_scan_find(bytes, "\r\n\r\n");
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

/* The commands that a login needs, RFC 959, 1639, 2228 and 2428. */
static enum p2i_ftp_verb verb_of(uint32_t name)
{
    switch (name) {
    case P2I_WORD('U', 'S', 'E', 'R'):
        return P2I_FTP_USER;
    case P2I_WORD('P', 'A', 'S', 'S'):
        return P2I_FTP_PASS;
    case P2I_WORD('A', 'C', 'C', 'T'):
        return P2I_FTP_ACCT;
    case P2I_WORD('A', 'U', 'T', 'H'):
        return P2I_FTP_AUTH_TLS;
    case P2I_WORD('P', 'O', 'R', 'T'):
    case P2I_WORD('E', 'P', 'R', 'T'):
    case P2I_WORD('L', 'P', 'R', 'T'):
        return P2I_FTP_ACTIVE;
    case P2I_WORD('P', 'A', 'S', 'V'):
    case P2I_WORD('E', 'P', 'S', 'V'):
    case P2I_WORD('L', 'P', 'S', 'V'):
        return P2I_FTP_PASSIVE;
    default:
        return P2I_FTP_OTHER;
    }
}

/* All other commands of RFC 959, 737, 775, 2228, 2389, 2640, 3659, 7151 and some in wide use. */
static bool is_other_command(uint32_t name)
{
    switch (name) {
    case P2I_WORD('C', 'W', 'D', 0):
    case P2I_WORD('C', 'D', 'U', 'P'):
    case P2I_WORD('S', 'M', 'N', 'T'):
    case P2I_WORD('Q', 'U', 'I', 'T'):
    case P2I_WORD('R', 'E', 'I', 'N'):
    case P2I_WORD('T', 'Y', 'P', 'E'):
    case P2I_WORD('S', 'T', 'R', 'U'):
    case P2I_WORD('M', 'O', 'D', 'E'):
    case P2I_WORD('R', 'E', 'T', 'R'):
    case P2I_WORD('S', 'T', 'O', 'R'):
    case P2I_WORD('S', 'T', 'O', 'U'):
    case P2I_WORD('A', 'P', 'P', 'E'):
    case P2I_WORD('A', 'L', 'L', 'O'):
    case P2I_WORD('R', 'E', 'S', 'T'):
    case P2I_WORD('R', 'N', 'F', 'R'):
    case P2I_WORD('R', 'N', 'T', 'O'):
    case P2I_WORD('A', 'B', 'O', 'R'):
    case P2I_WORD('D', 'E', 'L', 'E'):
    case P2I_WORD('R', 'M', 'D', 0):
    case P2I_WORD('M', 'K', 'D', 0):
    case P2I_WORD('P', 'W', 'D', 0):
    case P2I_WORD('L', 'I', 'S', 'T'):
    case P2I_WORD('N', 'L', 'S', 'T'):
    case P2I_WORD('S', 'I', 'T', 'E'):
    case P2I_WORD('S', 'Y', 'S', 'T'):
    case P2I_WORD('S', 'T', 'A', 'T'):
    case P2I_WORD('H', 'E', 'L', 'P'):
    case P2I_WORD('N', 'O', 'O', 'P'):
    case P2I_WORD('X', 'C', 'W', 'D'):
    case P2I_WORD('X', 'C', 'U', 'P'):
    case P2I_WORD('X', 'M', 'K', 'D'):
    case P2I_WORD('X', 'R', 'M', 'D'):
    case P2I_WORD('X', 'P', 'W', 'D'):
    case P2I_WORD('A', 'D', 'A', 'T'):
    case P2I_WORD('P', 'B', 'S', 'Z'):
    case P2I_WORD('P', 'R', 'O', 'T'):
    case P2I_WORD('C', 'C', 'C', 0):
    case P2I_WORD('M', 'I', 'C', 0):
    case P2I_WORD('C', 'O', 'N', 'F'):
    case P2I_WORD('E', 'N', 'C', 0):
    case P2I_WORD('F', 'E', 'A', 'T'):
    case P2I_WORD('O', 'P', 'T', 'S'):
    case P2I_WORD('L', 'A', 'N', 'G'):
    case P2I_WORD('S', 'I', 'Z', 'E'):
    case P2I_WORD('M', 'D', 'T', 'M'):
    case P2I_WORD('M', 'L', 'S', 'T'):
    case P2I_WORD('M', 'L', 'S', 'D'):
    case P2I_WORD('H', 'O', 'S', 'T'):
    case P2I_WORD('C', 'L', 'N', 'T'):
    case P2I_WORD('M', 'F', 'M', 'T'):
        return true;
    default:
        return false;
    }
}

struct p2i_ftp_command p2i_ftp_read_command(struct p2i_view line)
{
    struct p2i_ftp_command command = {0};
    line = without_telnet(line);
    size_t end = p2i_view_find(line, ' ');
    command.name = p2i_view_first(line, end);
    command.argument = p2i_view_from(line, end + 1);
    uint32_t name = p2i_word_of(command.name);
    command.verb = verb_of(name);
    command.known = command.verb != P2I_FTP_OTHER || is_other_command(name);
    if (command.verb == P2I_FTP_AUTH_TLS && !is_tls(command.argument)) {
        command.verb = P2I_FTP_OTHER;
    }
    return command;
}

bool p2i_ftp_read_reply(struct p2i_view line, struct p2i_ftp_reply *reply)
{
    if (line.size < 3 || line.data[0] < '1' || line.data[0] > '6' || !p2i_is_digit(line.data[1]) ||
        !p2i_is_digit(line.data[2])) {
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

/* Bytes that a word may consist of; all others separate words. Some that no host name has are
 * included, so that a mail address or a URL is one word, and no host name. */
static bool is_of_word(uint8_t byte)
{
    switch (byte) {
    case '-':
    case '.':
    case '_':
    case '@':
    case ':':
    case '/':
    case '\\':
    case '~':
    case '%':
    case '&':
    case '?':
    case '=':
    case '#':
    case '+':
        return true;
    default:
        return p2i_is_letter(byte) || p2i_is_digit(byte) || byte >= 0x80;
    }
}

static bool is_label(struct p2i_view label)
{
    if (label.size == 0 || label.size > LABEL_MAX_SIZE || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!p2i_is_letter(label.data[i]) && !p2i_is_digit(label.data[i]) && label.data[i] != '-') {
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
        if (!p2i_is_letter(label.data[i])) {
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
