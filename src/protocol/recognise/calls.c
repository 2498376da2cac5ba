/* SPDX-License-Identifier: MIT */
/* Recognises signalling of calls and streams: H.323, MGCP, Skinny, RTSP, RTMP. */
#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/http/headers.h"
#include "protocol/recognise/recognise.h"

/* ---- H.323 ---- */

/* Q.931 as H.225.0 section 7.2 uses it: protocol, call reference, message type, then elements, of
 * which the user-user element (0x7e) has the content that identifies H.225.0. On the call port that
 * element is not required. */
static enum p2i_match match_q931(struct p2i_cursor at, bool on_port)
{
    enum { Q931 = 8, REFERENCE_SIZE = 2, USER_USER = 0x7e, USER_PROTOCOL_X208 = 5 };
    static const uint8_t types[] = {0x01, 0x02, 0x03, 0x05, 0x07, 0x0d,
                                    0x5a, 0x62, 0x6e, 0x75, 0x7b, 0x7d};
    uint8_t protocol = p2i_u8(&at);
    uint8_t reference_size = p2i_u8(&at);
    p2i_skip(&at, REFERENCE_SIZE);
    uint8_t type = p2i_u8(&at);
    if (protocol != Q931 || reference_size != REFERENCE_SIZE ||
        memchr(types, type, sizeof types) == NULL) {
        return P2I_MATCH_NO;
    }
    while (!on_port && !at.failed) {
        uint8_t element = p2i_u8(&at);
        if (element == USER_USER) {
            p2i_skip(&at, 2);
            return p2i_u8(&at) == USER_PROTOCOL_X208 ? P2I_MATCH_YES : P2I_MATCH_NO;
        }
        if ((element & 0x80) == 0) { /* an element with this bit is one byte */
            p2i_skip(&at, p2i_u8(&at));
        }
    }
    return on_port ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* H.245: terminalCapabilitySet comes first and names the protocol. */
static bool is_h245(struct p2i_view message)
{
    enum { TERMINAL_CAPABILITY_SET = 2, NUMBER_SIZE = 1 };
    static const uint8_t name[] = {0x06, 0x00, 0x08, 0x81, 0x75, 0x00};
    struct p2i_cursor at = p2i_cursor_of(message);
    uint8_t type = p2i_u8(&at);
    p2i_skip(&at, 1 + NUMBER_SIZE);
    return type == TERMINAL_CAPABILITY_SET &&
           p2i_view_starts(at.rest, p2i_view_of(name, sizeof name));
}

/* TPKT (RFC 1006 section 6) with H.225.0 or H.245. The TPKT header may come in a segment of its
 * own. */
static enum p2i_match probe_h323(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 1720, TPKT_VERSION = 3, TPKT_SIZE = 4, MESSAGE_MIN = 9 };
    (void)direction;
    (void)note;
    struct p2i_cursor at = p2i_cursor_of(bytes);
    uint8_t version = p2i_u8(&at);
    uint8_t reserved = p2i_u8(&at);
    uint16_t length = p2i_be16(&at);
    if (version != TPKT_VERSION || reserved != 0) {
        return P2I_MATCH_NO;
    }
    if (at.failed) {
        return P2I_MATCH_MORE;
    }
    if (length < TPKT_SIZE + MESSAGE_MIN) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < TPKT_SIZE + MESSAGE_MIN) {
        return P2I_MATCH_MORE;
    }
    struct p2i_view message = p2i_view_first(at.rest, (size_t)length - TPKT_SIZE);
    return is_h245(message) ? P2I_MATCH_YES
                            : match_q931(p2i_cursor_of(message), p2i_ends_use(ends, PORT));
}

/* RAS (H.225.0 section 7.7). Gatekeeper requests and registrations name the protocol; other
 * messages are recognised by the server's port. */
static enum p2i_match probe_ras(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 1719, SMALLEST = 6, LOOKED_AT = 32, CHOICES_MAX = 0x80 };
    static const uint8_t name[] = {0x06, 0x00, 0x08, 0x91, 0x4a, 0x00};
    (void)direction;
    (void)note;
    if (bytes.size < SMALLEST || bytes.data[0] >= CHOICES_MAX) {
        return P2I_MATCH_NO;
    }
    if (ends->port[P2I_FROM_RESPONDER] == PORT) {
        return P2I_MATCH_YES;
    }
    struct p2i_view rest = p2i_view_first(bytes, LOOKED_AT);
    for (size_t at = 0; at < rest.size; at++) {
        at += p2i_view_find(p2i_view_from(rest, at), name[0]);
        if (p2i_view_starts(p2i_view_from(rest, at), p2i_view_of(name, sizeof name))) {
            return P2I_MATCH_YES;
        }
    }
    return P2I_MATCH_NO;
}

/* ---- MGCP ---- */

/* Size of a transaction id (RFC 3435 section 3.2.1.2): at most nine digits. 0: there are none, or
 * too many. */
static size_t transaction_size(struct p2i_view bytes)
{
    enum { DIGITS_MAX = 9 };
    size_t size = 0;
    while (size < bytes.size && size <= DIGITS_MAX && p2i_is_digit(bytes.data[size])) {
        size++;
    }
    return size <= DIGITS_MAX ? size : 0;
}

/* "CRCX 1204 aaln/1@host MGCP 1.0" (RFC 3435 section 3.2.1); `rest` begins behind the verb. */
static bool is_mgcp_command(struct p2i_view rest)
{
    size_t size = transaction_size(rest);
    rest = p2i_view_from(rest, size);
    struct p2i_view line = p2i_view_first(rest, p2i_view_find(rest, '\n'));
    size_t endpoint = p2i_view_find(p2i_view_from(line, 1), ' ');
    struct p2i_view version = p2i_view_from(line, 1 + endpoint);
    return size > 0 && line.size > 0 && line.data[0] == ' ' && endpoint > 0 &&
           p2i_view_starts_nocase(version, P2I_VIEW(" MGCP "));
}

/* "200 1204 OK" (RFC 3435 section 3.3) */
static bool is_mgcp_response(struct p2i_view bytes)
{
    if (bytes.size < 5 || !p2i_is_digit(bytes.data[1]) || !p2i_is_digit(bytes.data[2]) ||
        bytes.data[3] != ' ') {
        return false;
    }
    struct p2i_view rest = p2i_view_from(bytes, 4);
    size_t size = transaction_size(rest);
    return size > 0 && size < rest.size &&
           (rest.data[size] == ' ' || rest.data[size] == '\r' || rest.data[size] == '\n');
}

static enum p2i_match probe_mgcp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    enum { GATEWAY_PORT = 2427, AGENT_PORT = 2727, VERB_SIZE = 5 };
    static const char verbs[][VERB_SIZE + 1] = {"EPCF ", "CRCX ", "MDCX ", "DLCX ", "RQNT ",
                                                "NTFY ", "AUEP ", "AUCX ", "RSIP ", "MESG "};
    (void)direction;
    (void)note;
    if (bytes.size < VERB_SIZE) {
        return P2I_MATCH_NO;
    }
    if (p2i_is_digit(bytes.data[0])) {
        bool on_port = p2i_ends_use(ends, GATEWAY_PORT) || p2i_ends_use(ends, AGENT_PORT);
        return on_port && is_mgcp_response(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (bytes.data[VERB_SIZE - 1] != ' ') {
        return P2I_MATCH_NO;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (p2i_view_starts_nocase(bytes, p2i_view_of(verbs[i], VERB_SIZE))) {
            bool is_command = is_mgcp_command(p2i_view_from(bytes, VERB_SIZE));
            return is_command ? P2I_MATCH_YES : P2I_MATCH_NO;
        }
    }
    return P2I_MATCH_NO;
}

/* ---- Skinny (SCCP) ---- */

enum { SKINNY_HEADER_SIZE = 12, SKINNY_PORT = 2000 };

struct skinny {
    uint32_t length; /* of the message, its number included */
    uint32_t version;
    uint32_t message;
};

static bool is_skinny(const struct skinny *header)
{
    enum {
        LENGTH_MAX = 4096,
        VERSION_MAX = 0x20,
        LAST_OF_PHONE = 0x4a,
        FIRST_OF_SERVER = 0x81,
        LAST_OF_SERVER = 0x160
    };
    return header->length >= 4 && header->length <= LENGTH_MAX && header->version <= VERSION_MAX &&
           (header->message <= LAST_OF_PHONE ||
            (header->message >= FIRST_OF_SERVER && header->message <= LAST_OF_SERVER));
}

/* A phone's registration begins with the phone's name, for example SEP001122334455, in 16 bytes. */
static bool names_phone(struct p2i_view bytes)
{
    enum { NAME_SIZE = 15, KIND_SIZE = 3 };
    if (bytes.size <= NAME_SIZE || bytes.data[NAME_SIZE] != 0) {
        return false;
    }
    for (size_t i = 0; i < NAME_SIZE; i++) {
        uint8_t byte = bytes.data[i];
        bool letter = byte >= 'A' && byte <= (i < KIND_SIZE ? 'Z' : 'F');
        if (!letter && (i < KIND_SIZE || !p2i_is_digit(byte))) {
            return false;
        }
    }
    return true;
}

static enum p2i_match probe_skinny(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    enum { REGISTER = 1 };
    (void)direction;
    (void)note;
    bool on_port = ends->port[P2I_FROM_RESPONDER] == SKINNY_PORT;
    if (bytes.size < SKINNY_HEADER_SIZE) {
        return on_port ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    struct skinny header = {
        .length = p2i_load_le32(bytes.data),
        .version = p2i_load_le32(bytes.data + 4),
        .message = p2i_load_le32(bytes.data + 8),
    };
    if (!is_skinny(&header)) {
        return P2I_MATCH_NO;
    }
    if (header.message == REGISTER && names_phone(p2i_view_from(bytes, SKINNY_HEADER_SIZE))) {
        return P2I_MATCH_YES;
    }
    /* On other ports these fields are too weak a sign. */
    bool fits = 8 + (size_t)header.length <= bytes.size;
    return fits && on_port ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- RTSP ---- */

/* Two media packets interleaved with the messages (RFC 7826 section 14). */
static bool is_interleaved(struct p2i_view bytes)
{
    enum { FRAME_HEADER_SIZE = 4, MEDIA_HEADER_SIZE = 8 };
    for (int i = 0; i < 2; i++) {
        if (bytes.size < FRAME_HEADER_SIZE + MEDIA_HEADER_SIZE || bytes.data[0] != '$' ||
            (bytes.data[FRAME_HEADER_SIZE] & 0xc0) != 0x80) {
            return false;
        }
        size_t length = p2i_load_be16(bytes.data + 2);
        if (length < MEDIA_HEADER_SIZE) {
            return false;
        }
        bytes = p2i_view_from(bytes, FRAME_HEADER_SIZE + length);
    }
    return true;
}

/* RFC 7826 sections 7.1 and 8.1. A method that HTTP has too needs the scheme or the version. */
static enum p2i_match match_rtsp_line(struct p2i_view bytes)
{
    static const char *const begins[] = {
        "RTSP/1.0 ",          "RTSP/2.0 ",          "OPTIONS rtsp",    "OPTIONS * RTSP/",
        "DESCRIBE rtsp",      "ANNOUNCE rtsp",      "SETUP rtsp",      "PLAY rtsp",
        "PAUSE rtsp",         "TEARDOWN rtsp",      "REDIRECT rtsp",   "RECORD rtsp",
        "GET_PARAMETER rtsp", "SET_PARAMETER rtsp", "PLAY_NOTIFY rtsp"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        struct p2i_view begin = p2i_view_of(begins[i], strlen(begins[i]));
        struct p2i_view begun = p2i_view_first(bytes, begin.size);
        if (p2i_view_equals(begun, p2i_view_first(begin, begun.size))) {
            return begun.size == begin.size ? P2I_MATCH_YES : P2I_MATCH_MORE;
        }
    }
    return P2I_MATCH_NO;
}

static enum p2i_match probe_rtsp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size == 0 || bytes.data[0] < '$' || bytes.data[0] > 'T') {
        return P2I_MATCH_NO;
    }
    bool tcp = ends->transport == P2I_OVER_TCP;
    if (bytes.data[0] == '$') {
        return tcp && is_interleaved(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    enum p2i_match match = match_rtsp_line(bytes);
    return match == P2I_MATCH_MORE && !tcp ? P2I_MATCH_NO : match;
}

/* ---- RTMP ---- */

/* The version, then 1,536 bytes: time, zero, random bytes. Some clients write a player's version in
 * place of the zero; off the port only the common one is accepted, on the port any value. */
static enum p2i_match probe_rtmp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 1935, VERSION = 3, FIELD_AT = 5, FIELD_SIZE = 4, ON_PORT_MIN = 63, MIN = 512 };
    static const uint8_t zero[FIELD_SIZE] = {0};
    static const uint8_t player[FIELD_SIZE] = {9, 0, 124, 2};
    (void)direction;
    (void)note;
    if (bytes.size == 0 || bytes.data[0] != VERSION) {
        return P2I_MATCH_NO;
    }
    bool on_port = ends->port[P2I_FROM_RESPONDER] == PORT;
    struct p2i_view field = p2i_view_first(p2i_view_from(bytes, FIELD_AT), FIELD_SIZE);
    if (!on_port && !p2i_view_equals(field, p2i_view_of(zero, field.size)) &&
        !p2i_view_equals(field, p2i_view_of(player, field.size))) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < ON_PORT_MIN) {
        return P2I_MATCH_MORE;
    }
    return on_port || bytes.size >= MIN ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_recogniser p2i_recognise_calls[] = {
    {P2I_ID_RTSP, {[P2I_OVER_UDP] = 9, [P2I_OVER_TCP] = 1}, false, probe_rtsp},
    {P2I_ID_MGCP, {[P2I_OVER_UDP] = 5}, false, probe_mgcp},
    {P2I_ID_SKINNY, {[P2I_OVER_TCP] = 1}, false, probe_skinny},
    {P2I_ID_H323, {[P2I_OVER_TCP] = 1}, false, probe_h323},
    {P2I_ID_H323, {[P2I_OVER_UDP] = 6}, false, probe_ras},
    {P2I_ID_RTMP, {[P2I_OVER_TCP] = 1}, false, probe_rtmp},
    {0},
};
