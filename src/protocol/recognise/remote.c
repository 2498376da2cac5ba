/* SPDX-License-Identifier: MIT */
/* Recognises terminals, remote desktops, chat, news, and line-based file transfer. */
#include "base/ascii.h"
#include "protocol/recognise/bytes.h"
#include "protocol/recognise/recognise.h"

/* All probes have one type; its `note` is writable, though some probes do not write it. */

enum {
    PORT_TELNET = 23,
    PORT_NNTP = 119,
    PORT_RDP = 3389,
    PORT_IRC_FIRST = 6660, /* IANA: 6665 to 6669 */
    PORT_IRC_LAST = 6669,
};

/* RFC 4253 section 4.2: "SSH-2.0-..." from both ends. */
static enum p2i_match probe_ssh(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    return p2i_begins(bytes, P2I_VIEW("SSH-"));
}

/* RFC 854, RFC 855: IAC, WILL to DONT, an option (IANA: 0 to 49). */
static bool may_be_telnet_option(struct p2i_view bytes)
{
    return bytes.data[0] == 0xff &&
           (bytes.size < 2 || (bytes.data[1] >= 0xfb && bytes.data[1] <= 0xfe)) &&
           (bytes.size < 3 || bytes.data[2] <= 49);
}

/* Two options, or one on the port: other programs that send single keystrokes do not begin so. */
static enum p2i_match probe_telnet(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (!may_be_telnet_option(bytes)) {
        return P2I_MATCH_NO;
    }
    size_t enough = p2i_ends_use(ends, PORT_TELNET) ? 3 : 6;
    if (bytes.size > 3 && enough > 3 && !may_be_telnet_option(p2i_view_from(bytes, 3))) {
        return P2I_MATCH_NO;
    }
    return bytes.size >= enough ? P2I_MATCH_YES : P2I_MATCH_MORE;
}

/* MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2: type, flags, and the length 8 in little-endian
 * order. */
static enum p2i_match rdp_negotiation(struct p2i_view bytes, uint8_t type)
{
    if (bytes.size > 0 && bytes.data[0] != type) {
        return P2I_MATCH_NO;
    }
    return bytes.size < 2 ? P2I_MATCH_MORE
                          : p2i_begins(p2i_view_from(bytes, 2), P2I_VIEW("\x08\0"));
}

/* MS-RDPBCGR 2.2.1.1, 2.2.1.2: TPKT (RFC 1006) with an X.224 Connection Request or Confirm of class
 * 0, which has a routing token, a cookie or the negotiation. */
static enum p2i_match probe_rdp(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 11, REQUEST = 0xe0, CONFIRM = 0xd0 };
    const uint8_t *data = bytes.data;
    if (data[0] != 3 || (bytes.size > 1 && data[1] != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD) {
        return P2I_MATCH_MORE;
    }
    size_t size = p2i_load_be16(data + 2);
    if ((data[5] != REQUEST && data[5] != CONFIRM) || data[4] + 5U != size || data[10] != 0) {
        return P2I_MATCH_NO;
    }
    if (size == HEAD) {
        return p2i_ends_use(ends, PORT_RDP) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    struct p2i_view rest = p2i_view_from(bytes, HEAD);
    if (data[5] == REQUEST) {
        return p2i_either(p2i_begins(rest, P2I_VIEW("Cookie: msts")), rdp_negotiation(rest, 1));
    }
    return size != HEAD + 8 ? P2I_MATCH_NO
                            : p2i_either(rdp_negotiation(rest, 2), rdp_negotiation(rest, 3));
}

/* RFC 6143 section 7.1.1: "RFB 003.008\n" from both ends. */
static enum p2i_match probe_vnc(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    static const char form[] = "RFB ddd.ddd\n";
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (i == bytes.size) {
            return P2I_MATCH_MORE;
        }
        if (form[i] == 'd' ? !p2i_is_digit(bytes.data[i]) : bytes.data[i] != (uint8_t)form[i]) {
            return P2I_MATCH_NO;
        }
    }
    return P2I_MATCH_YES;
}

/* "@RSYNCD: 31.0" from both ends of rsync's daemon protocol. */
static enum p2i_match probe_rsync(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    return p2i_begins(bytes, P2I_VIEW("@RSYNCD: "));
}

/* gitprotocol-pack(5): a pkt-line: its length in hexadecimal, "git-upload-pack /path\0host=". */
static enum p2i_match probe_git(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    if (bytes.data[0] != '0') {
        return P2I_MATCH_NO;
    }
    for (size_t i = 1; i < 4 && i < bytes.size; i++) {
        uint8_t lower = p2i_lower(bytes.data[i]);
        if (!p2i_is_digit(lower) && (lower < 'a' || lower > 'f')) {
            return P2I_MATCH_NO;
        }
    }
    struct p2i_view rest = p2i_view_from(bytes, 4);
    enum p2i_match match = p2i_either(p2i_begins(rest, P2I_VIEW("git-upload-pack ")),
                                      p2i_begins(rest, P2I_VIEW("git-receive-pack ")));
    return p2i_either(match, p2i_begins(rest, P2I_VIEW("git-upload-archive ")));
}

/* RFC 3977 sections 5.1 and 5.3: "200 news.example InterNetNews NNRP server ready". Other protocols
 * greet with 200 and 201 too. */
static enum p2i_match nntp_greeting(const struct p2i_ends *ends, enum p2i_direction direction,
                                    struct p2i_view bytes)
{
    enum p2i_match code =
        p2i_either(p2i_begins(bytes, P2I_VIEW("200 ")), p2i_begins(bytes, P2I_VIEW("201 ")));
    if (code != P2I_MATCH_YES || ends->port[direction] == PORT_NNTP) {
        return code;
    }
    struct p2i_view line;
    enum p2i_match ended = p2i_first_line(bytes, &line);
    bool named = p2i_has_word(line, P2I_VIEW("NNTP")) || p2i_has_word(line, P2I_VIEW("NNRP"));
    return named ? P2I_MATCH_YES : ended == P2I_MATCH_MORE ? P2I_MATCH_MORE : P2I_MATCH_NO;
}

static enum p2i_match probe_nntp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)note;
    if (bytes.data[0] == '2') {
        return nntp_greeting(ends, direction, bytes);
    }
    return p2i_either(p2i_begins(bytes, P2I_VIEW("MODE READER\r\n")),
                      p2i_begins(bytes, P2I_VIEW("MODE STREAM\r\n")));
}

/* RFC 2812 section 2.3.1: the characters of a nickname, and a few more that servers allow. */
static bool is_nickname(struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] == ',' || text.data[i] == '@' ||
            text.data[i] == '/' || text.data[i] >= 0x7f) {
            return false;
        }
    }
    return text.size > 0 && text.size <= 32;
}

/* RFC 2812 section 3.1.3: "USER guest 0 * :Ronnie Reagan". In FTP and POP3 one word follows
 * USER. */
static bool is_irc_user(struct p2i_view rest)
{
    for (int i = 0; i < 3; i++) {
        size_t end = p2i_view_find(rest, ' ');
        if (end == 0 || end == rest.size) {
            return false;
        }
        rest = p2i_view_from(rest, end + 1);
    }
    return rest.size > 0 && rest.data[0] == ':';
}

static bool is_irc_port(const struct p2i_ends *ends)
{
    return (ends->port[0] >= PORT_IRC_FIRST && ends->port[0] <= PORT_IRC_LAST) ||
           (ends->port[1] >= PORT_IRC_FIRST && ends->port[1] <= PORT_IRC_LAST);
}

/* ":irc.example NOTICE AUTH :*** Looking up", ":nick!user@host PRIVMSG #channel :hello". Numeric
 * replies other than the welcome are accepted on IRC ports only: other protocols have similar
 * lines. */
static bool is_irc_from_server(const struct p2i_ends *ends, struct p2i_view line)
{
    static const char *const words[] = {"NOTICE ", "001 ",  "CAP ",  "PRIVMSG ",
                                        "JOIN ",   "PART ", "QUIT ", "MODE "};
    size_t end = p2i_view_find(line, ' ');
    struct p2i_view word = p2i_view_from(line, end + 1);
    if (end < 2 || !p2i_is_printable(p2i_view_first(line, end))) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (p2i_view_starts(word, p2i_view_of(words[i], strlen(words[i])))) {
            return true;
        }
    }
    return p2i_digits(word) == 3 && word.size > 3 && word.data[3] == ' ' && is_irc_port(ends);
}

static bool is_irc_line(const struct p2i_ends *ends, struct p2i_view line)
{
    if (line.size > 5 && p2i_view_starts_nocase(line, P2I_VIEW("NICK "))) {
        return is_nickname(p2i_view_from(line, line.data[5] == ':' ? 6 : 5));
    }
    if (p2i_view_starts_nocase(line, P2I_VIEW("USER "))) {
        return is_irc_user(p2i_view_from(line, 5));
    }
    if (p2i_view_starts_nocase(line, P2I_VIEW("PASS "))) {
        return is_irc_port(ends);
    }
    return p2i_view_starts(line, P2I_VIEW("CAP LS")) ||
           p2i_view_starts(line, P2I_VIEW("NOTICE AUTH :")) ||
           p2i_view_starts(line, P2I_VIEW("NOTICE * :")) ||
           (line.size > 0 && line.data[0] == ':' && is_irc_from_server(ends, line));
}

/* RFC 2812: a client's command or a server's first line. Of a line longer than the probed bytes its
 * beginning decides. */
static enum p2i_match probe_irc(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    static const char *const words[] = {":", "NICK ", "USER ", "PASS ", "CAP LS", "NOTICE "};
    if (!p2i_is_one_of(p2i_lower(bytes.data[0]), ":nupc")) {
        return P2I_MATCH_NO;
    }
    bool fits = false;
    for (size_t i = 0; i < sizeof words / sizeof *words && !fits; i++) {
        struct p2i_view word = p2i_view_of(words[i], strlen(words[i]));
        fits = p2i_view_starts_nocase(word, p2i_view_first(bytes, word.size));
    }
    struct p2i_view line;
    if (!fits || p2i_first_line(bytes, &line) == P2I_MATCH_MORE) {
        return fits ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    return is_irc_line(ends, line) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_recogniser p2i_recognise_remote[] = {
    {P2I_ID_SSH, {[P2I_OVER_TCP] = 1}, true, probe_ssh},
    {P2I_ID_TELNET, {[P2I_OVER_TCP] = 1}, false, probe_telnet}, /* START_TLS, option 46 */
    {P2I_ID_RDP, {[P2I_OVER_TCP] = 1}, false, probe_rdp},
    {P2I_ID_VNC, {[P2I_OVER_TCP] = 1}, false, probe_vnc}, /* VeNCrypt */
    {P2I_ID_RSYNC, {[P2I_OVER_TCP] = 1}, true, probe_rsync},
    {P2I_ID_GIT, {[P2I_OVER_TCP] = 1}, true, probe_git},
    {P2I_ID_NNTP, {[P2I_OVER_TCP] = 1}, false, probe_nntp},
    {P2I_ID_IRC, {[P2I_OVER_TCP] = 1}, false, probe_irc},
    {0},
};
