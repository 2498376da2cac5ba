/* SPDX-License-Identifier: MIT */
/* Recognises protocols that run a network: time, addresses, names, logs, routes, devices. */
#include "base/ascii.h"
#include "base/tlv.h"
#include "protocol/recognise/ber.h"
#include "protocol/recognise/recognise.h"

/* All probes have one type; its `note` is writable, though some probes do not write it. */

enum {
    PORT_DHCP_SERVER = 67,
    PORT_DHCP_CLIENT = 68,
    PORT_TFTP = 69,
    PORT_NTP = 123,
    PORT_NETBIOS_NS = 137,
    PORT_NETBIOS_DGM = 138,
    PORT_SNMP = 161,
    PORT_SNMP_TRAP = 162,
    PORT_MODBUS = 502,
    PORT_SYSLOG = 514,
    PORT_DHCPV6_CLIENT = 546,
    PORT_DHCPV6_SERVER = 547,
    PORT_RADIUS = 1812,
    PORT_RADIUS_ACCOUNTING = 1813,
    PORT_RADIUS_OLD = 1645,
    PORT_RADIUS_ACCOUNTING_OLD = 1646,
    PORT_SSDP = 1900,
    PORT_COAP = 5683,
};

/* RFC 5905 section 7.3, figure 8: a server's answer on another port than NTP's. The server's clock
 * read the request and sent the answer within a second, after the year 2000. */
static bool is_ntp_answer(struct p2i_view bytes)
{
    enum { HEAD = 48, RECEIVED = 32, SENT = 40, YEAR_2000 = 3155673600U >> 24 };
    uint32_t received = p2i_load_be32(bytes.data + RECEIVED);
    uint32_t sent = p2i_load_be32(bytes.data + SENT);
    return bytes.size == HEAD && (bytes.data[0] & 7) == 4 && bytes.data[1] > 0 &&
           bytes.data[1] < 16 && received >> 24 >= YEAR_2000 && sent - received <= 1;
}

/* RFC 5905, 1305, 9327: leap, version 1 to 4, mode. Modes 6 and 7 query the server itself. */
static enum p2i_match probe_ntp(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 48, STRATUM_MAX = 16 };
    if (bytes.size < 8) {
        return P2I_MATCH_NO;
    }
    unsigned version = bytes.data[0] >> 3 & 7;
    unsigned mode = bytes.data[0] & 7;
    if (version == 0 || version > 4 || mode == 0) {
        return P2I_MATCH_NO;
    }
    if (mode >= 6) {
        return p2i_ends_use(ends, PORT_NTP) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (bytes.size < HEAD || bytes.data[1] > STRATUM_MAX) {
        return P2I_MATCH_NO;
    }
    return p2i_ends_use(ends, PORT_NTP) || is_ntp_answer(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* RFC 1157, 3416: community and PDU follow version 0 or 1. RFC 3412: a SEQUENCE with the message's
 * number and size follows version 3. */
static void read_snmp(struct p2i_ber *ber, size_t end)
{
    p2i_ber_fixed(ber, P2I_VIEW("\x02\x01"));
    uint8_t version = p2i_u8(&ber->at);
    if (version == 3) {
        (void)p2i_ber_enter(ber, 0x30);
        size_t id_end = p2i_ber_enter(ber, 0x02);
        p2i_skip(&ber->at, id_end - p2i_ber_place(ber));
        (void)p2i_ber_enter(ber, 0x02);
        return;
    }
    size_t community_end = p2i_ber_enter(ber, 0x04);
    p2i_skip(&ber->at, community_end - p2i_ber_place(ber));
    uint8_t tag = ber->at.rest.size > 0 ? ber->at.rest.data[0] : 0;
    size_t pdu_end = p2i_ber_enter(ber, tag);
    ber->wrong = ber->wrong || version > 1 || tag < 0xa0 || tag > 0xa8 || pdu_end != end;
}

static enum p2i_match probe_snmp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size == 0 || bytes.data[0] != 0x30) {
        return P2I_MATCH_NO;
    }
    struct p2i_ber ber = p2i_ber_of(bytes);
    size_t end = p2i_ber_enter(&ber, 0x30);
    bool on_port = p2i_ends_use(ends, PORT_SNMP) || p2i_ends_use(ends, PORT_SNMP_TRAP);
    /* On the port a message may be longer than its bytes: the snaplen may have cut it. */
    ber.wrong = ber.wrong || end < bytes.size || (end > bytes.size && !on_port);
    read_snmp(&ber, end);
    return p2i_ber_answer(&ber, ends);
}

/* RFC 2131 sections 2 and 3: operation, hardware type, length of the hardware address, and the
 * magic cookie, which is missing in BOOTP (RFC 951) and behind the snaplen. */
static enum p2i_match probe_dhcp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { ADDRESSES = 44, COOKIE = 236 };
    if (bytes.size < ADDRESSES || bytes.data[0] < 1 || bytes.data[0] > 2 || bytes.data[1] == 0 ||
        bytes.data[1] > 38 || bytes.data[2] > 16 || bytes.data[3] > 16) {
        return P2I_MATCH_NO;
    }
    struct p2i_view cookie = p2i_view_from(bytes, COOKIE);
    if (p2i_begins(cookie, P2I_VIEW("\x63\x82\x53\x63")) == P2I_MATCH_YES) {
        return P2I_MATCH_YES;
    }
    return p2i_ends_use(ends, PORT_DHCP_SERVER) && p2i_ends_use(ends, PORT_DHCP_CLIENT)
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* RFC 8415 sections 8 and 9: a type, then options to the end. */
static enum p2i_match probe_dhcpv6(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { LAST_TYPE = 36, RELAY_FORWARD = 12, RELAY_REPLY = 13, HEAD = 4, RELAY_HEAD = 34 };
    if (bytes.size < HEAD + 4 || bytes.data[0] < 1 || bytes.data[0] > LAST_TYPE ||
        (!p2i_ends_use(ends, PORT_DHCPV6_CLIENT) && !p2i_ends_use(ends, PORT_DHCPV6_SERVER))) {
        return P2I_MATCH_NO;
    }
    bool relayed = bytes.data[0] == RELAY_FORWARD || bytes.data[0] == RELAY_REPLY;
    struct p2i_cursor at = p2i_cursor_of(p2i_view_from(bytes, relayed ? RELAY_HEAD : HEAD));
    while (at.rest.size > 0 && !at.failed) {
        p2i_skip(&at, 2);
        p2i_skip(&at, p2i_be16(&at));
    }
    return at.failed ? P2I_MATCH_NO : P2I_MATCH_YES;
}

/* RFC 2865 section 5: attributes fill the packet of `length` bytes, of which the snaplen may have
 * cut the end. */
static bool has_radius_attributes(struct p2i_view bytes, size_t length, unsigned *count)
{
    enum { HEAD = 20 };
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_from(bytes, HEAD));
    struct p2i_tlv attribute = {0};
    size_t missing = length - bytes.size;
    /* Half an attribute header at the snaplen is not an error. */
    size_t rest_max = missing > 0 ? 1 : 0;
    for (*count = 0; cursor.rest.size > rest_max; ++*count) {
        if (!p2i_tlv_next(&cursor, &attribute) || attribute.type == 0) {
            return false;
        }
    }
    return attribute.missing <= missing;
}

/* RFC 2865 section 3, RFC 2866, RFC 5176: code, length, attributes. On other ports than RADIUS's
 * they must leave no doubt. */
static enum p2i_match probe_radius(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 20, LONGEST = 4096 };
    if (bytes.size < HEAD || bytes.data[0] == 0 || bytes.data[0] > 45 ||
        (bytes.data[0] > 5 && bytes.data[0] < 11) || (bytes.data[0] > 13 && bytes.data[0] < 40)) {
        return P2I_MATCH_NO;
    }
    size_t length = p2i_load_be16(bytes.data + 2);
    unsigned count;
    if (length < HEAD || length > LONGEST || length < bytes.size ||
        !has_radius_attributes(bytes, length, &count)) {
        return P2I_MATCH_NO;
    }
    bool on_port = p2i_ends_use(ends, PORT_RADIUS) || p2i_ends_use(ends, PORT_RADIUS_ACCOUNTING) ||
                   p2i_ends_use(ends, PORT_RADIUS_OLD) ||
                   p2i_ends_use(ends, PORT_RADIUS_ACCOUNTING_OLD);
    return on_port || (length == bytes.size && count >= 2) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* RFC 6733 sections 3, 4.1 and 4.5: version 1, length, flags, command, application; then an AVP of
 * the base protocol, in most messages Session-Id or Origin-Host. */
static enum p2i_match probe_diameter(const struct p2i_ends *ends, enum p2i_direction direction,
                                     struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { HEAD = 20, AVP_HEAD = 8, RESERVED = 0x0f, AVP_RESERVED = 0x1f, LONGEST = 1 << 20 };
    const uint8_t *data = bytes.data;
    if (data[0] != 1 || (bytes.size > 3 && data[3] % 4 != 0) ||
        (bytes.size > 4 && (data[4] & RESERVED) != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD + AVP_HEAD) {
        return P2I_MATCH_MORE;
    }
    size_t length = p2i_load_be32(data) & 0xffffff;
    uint32_t command = p2i_load_be32(data + 4) & 0xffffff;
    uint32_t avp = p2i_load_be32(data + HEAD);
    size_t avp_length = p2i_load_be32(data + HEAD + 4) & 0xffffff;
    return length >= HEAD + AVP_HEAD && length <= LONGEST && command >= 257 && avp >= 257 &&
                   avp < 300 && (data[HEAD + 4] & (AVP_RESERVED | 0x80)) == 0 &&
                   avp_length >= AVP_HEAD && avp_length <= length - HEAD
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* ---- Syslog ---- */

/* RFC 5424 section 6: "1 2003-10-11T22:14:15" or "1 - ". RFC 3164 section 4.1.2: "Oct 11 22:". */
static enum p2i_match syslog_head(struct p2i_view bytes)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    enum { DATE = sizeof "Oct 11 22:" - 1 };
    if (bytes.size < DATE) {
        return P2I_MATCH_MORE;
    }
    if (p2i_view_starts(bytes, P2I_VIEW("1 "))) {
        struct p2i_view time = p2i_view_from(bytes, 2);
        bool dated = p2i_digits(time) == 4 && time.data[4] == '-';
        return dated || p2i_view_starts(time, P2I_VIEW("- ")) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    for (size_t i = 0; i < sizeof months - 1; i += 3) {
        if (memcmp(bytes.data, months + i, 3) == 0) {
            bool dated = bytes.data[3] == ' ' && bytes.data[6] == ' ' && bytes.data[9] == ':';
            return dated ? P2I_MATCH_YES : P2I_MATCH_NO;
        }
    }
    return P2I_MATCH_NO;
}

/* RFC 5424 section 6.2.1: "<34>", at most 191. RFC 6587 section 3.4.1: over TCP the length may
 * precede it. */
static enum p2i_match probe_syslog(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    bool is_stream = ends->transport == P2I_OVER_TCP;
    if (bytes.size > 0 && is_stream && bytes.data[0] >= '1' && bytes.data[0] <= '9') {
        size_t counted = p2i_digits(p2i_view_first(bytes, 6));
        if (counted > 5 || (counted < bytes.size && bytes.data[counted] != ' ')) {
            return P2I_MATCH_NO;
        }
        bytes = p2i_view_from(bytes, counted + 1);
    }
    if (bytes.size == 0) {
        return is_stream ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    size_t digits = p2i_digits(p2i_view_first(p2i_view_from(bytes, 1), 4));
    size_t head = 1 + digits + 1;
    if (bytes.data[0] != '<' || digits > 3 || (digits == 0 && bytes.size > 1)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < head) {
        return is_stream ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    uint64_t priority = 0;
    if (bytes.data[head - 1] != '>' ||
        !p2i_parse_decimal(p2i_view_of(bytes.data + 1, digits), 191, &priority)) {
        return P2I_MATCH_NO;
    }
    if (p2i_ends_use(ends, PORT_SYSLOG)) {
        return P2I_MATCH_YES;
    }
    enum p2i_match match = syslog_head(p2i_view_from(bytes, head));
    return match == P2I_MATCH_MORE && !is_stream ? P2I_MATCH_NO : match;
}

/* ---- Devices ---- */

/* Takes a file name or a mode: printable characters up to a NUL. */
static bool read_tftp_text(struct p2i_cursor *at, struct p2i_view *text)
{
    *text = p2i_take(at, p2i_view_find(at->rest, 0));
    p2i_skip(at, 1);
    return !at->failed && text->size > 0 && p2i_is_printable(*text);
}

/* RFC 1350 section 5: a request with a mode; the transfer itself uses other ports. */
static enum p2i_match probe_tftp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { READ = 1, WRITE = 2, DATA = 3, ACK = 4, ERROR = 5, DATA_MAX = 4 + 512 };
    if (bytes.size < 4 || bytes.data[0] != 0) {
        return P2I_MATCH_NO;
    }
    uint8_t operation = bytes.data[1];
    if (operation != READ && operation != WRITE) {
        bool fits = operation == DATA ? bytes.size <= DATA_MAX
                                      : (operation == ACK ? bytes.size == 4 : operation == ERROR);
        return fits && p2i_ends_use(ends, PORT_TFTP) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    struct p2i_cursor at = p2i_cursor_of(p2i_view_from(bytes, 2));
    struct p2i_view name, mode;
    if (!read_tftp_text(&at, &name) || !read_tftp_text(&at, &mode)) {
        return P2I_MATCH_NO;
    }
    return p2i_view_equals_nocase(mode, P2I_VIEW("octet")) ||
                   p2i_view_equals_nocase(mode, P2I_VIEW("netascii"))
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* Returns true if a line of the message begins with `name`. */
static bool has_header(struct p2i_view message, struct p2i_view name)
{
    for (;;) {
        size_t end = p2i_view_find(message, '\n');
        if (end == message.size) {
            return false;
        }
        message = p2i_view_from(message, end + 1);
        if (p2i_view_starts_nocase(message, name)) {
            return true;
        }
    }
}

/* UPnP Device Architecture 1.1 section 1: the form of HTTP in a datagram. */
static enum p2i_match probe_ssdp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size == 0 || !p2i_is_one_of(bytes.data[0], "MNH")) {
        return P2I_MATCH_NO;
    }
    if (p2i_view_starts(bytes, P2I_VIEW("M-SEARCH * HTTP/1.")) ||
        p2i_view_starts(bytes, P2I_VIEW("NOTIFY * HTTP/1."))) {
        bool named = has_header(bytes, P2I_VIEW("ST:")) || has_header(bytes, P2I_VIEW("NT:")) ||
                     has_header(bytes, P2I_VIEW("MAN:"));
        return named || p2i_ends_use(ends, PORT_SSDP) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    return p2i_view_starts(bytes, P2I_VIEW("HTTP/1.1 200")) && has_header(bytes, P2I_VIEW("ST:")) &&
                   has_header(bytes, P2I_VIEW("USN:"))
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* RFC 7252 section 3.1: skips one option. Its number and length have half a byte each, which one or
 * two more bytes may extend. */
static void skip_coap_option(struct p2i_cursor *at)
{
    uint8_t head = p2i_u8(at);
    unsigned delta = head >> 4;
    size_t length = head & 15;
    p2i_skip(at, delta == 13 ? 1 : delta == 14 ? 2 : 0);
    length = length == 13 ? 13U + p2i_u8(at) : length == 14 ? 269U + p2i_be16(at) : length;
    at->failed = at->failed || delta == 15 || (head & 15) == 15;
    p2i_skip(at, length);
}

/* RFC 7252 section 3: version 1, a token of at most 8 bytes, a code, options to the end or to 0xff
 * and a payload. Half of all byte values are a valid first byte, so only on its port. */
static enum p2i_match probe_coap(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size < 4 || bytes.data[0] >> 6 != 1 || !p2i_ends_use(ends, PORT_COAP)) {
        return P2I_MATCH_NO;
    }
    size_t token = bytes.data[0] & 15;
    unsigned class = bytes.data[1] >> 5;
    unsigned detail = bytes.data[1] & 31;
    if (token > 8 || class == 1 || class == 3 || class > 5 || (class == 0 && detail > 7)) {
        return P2I_MATCH_NO;
    }
    struct p2i_cursor at = p2i_cursor_of(p2i_view_from(bytes, 4));
    p2i_skip(&at, token);
    while (at.rest.size > 0 && at.rest.data[0] != 0xff && !at.failed) {
        skip_coap_option(&at);
    }
    return at.failed ? P2I_MATCH_NO : P2I_MATCH_YES;
}

/* ---- NetBIOS (RFC 1002) ---- */

/* RFC 1002 section 4.2.1: a DNS header with small counts, then an encoded name. */
static enum p2i_match probe_netbios_ns(const struct p2i_ends *ends, enum p2i_direction direction,
                                       struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 12, NAME_END = HEAD + 33 };
    if (bytes.size < NAME_END || !p2i_ends_use(ends, PORT_NETBIOS_NS)) {
        return P2I_MATCH_NO;
    }
    unsigned questions = p2i_load_be16(bytes.data + 4);
    unsigned answers = p2i_load_be16(bytes.data + 6);
    return questions + answers <= 2 && p2i_is_netbios_name(p2i_view_from(bytes, HEAD))
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* RFC 1002 section 4.4.1: type, flags, id, the sender's address and port; data messages also have a
 * length. */
static enum p2i_match probe_netbios_dgm(const struct p2i_ends *ends, enum p2i_direction direction,
                                        struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 10, DATA_HEAD = 14, FIRST = 0x10, LAST_WITH_DATA = 0x12, LAST = 0x16 };
    if (bytes.size <= HEAD || bytes.data[0] < FIRST || bytes.data[0] > LAST ||
        bytes.data[1] > 0x0f || !p2i_ends_use(ends, PORT_NETBIOS_DGM)) {
        return P2I_MATCH_NO;
    }
    if (bytes.data[0] > LAST_WITH_DATA) {
        return P2I_MATCH_YES;
    }
    return bytes.size > DATA_HEAD && p2i_load_be16(bytes.data + HEAD) <= 1200 &&
                   p2i_is_netbios_name(p2i_view_from(bytes, DATA_HEAD))
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* ---- Routing and industrial control ---- */

/* RFC 4271 section 4.1: a marker of ones, length, type. */
static enum p2i_match probe_bgp(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { MARKER = 16, HEAD = 19, LONGEST = 4096, LAST_TYPE = 5 };
    for (size_t i = 0; i < MARKER && i < bytes.size; i++) {
        if (bytes.data[i] != 0xff) {
            return P2I_MATCH_NO;
        }
    }
    if (bytes.size < HEAD) {
        return P2I_MATCH_MORE;
    }
    size_t length = p2i_load_be16(bytes.data + MARKER);
    uint8_t type = bytes.data[HEAD - 1];
    return length >= HEAD && length <= LONGEST && type >= 1 && type <= LAST_TYPE ? P2I_MATCH_YES
                                                                                 : P2I_MATCH_NO;
}

/* Modbus Messaging on TCP/IP, 3.1.3: transaction, protocol 0, length, unit, function. None of these
 * is a clear sign, so only on its port. */
static enum p2i_match probe_modbus(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { HEAD = 8, LENGTH_MAX = 254 };
    if (!p2i_ends_use(ends, PORT_MODBUS) || (bytes.size > 2 && bytes.data[2] != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD) {
        return P2I_MATCH_MORE;
    }
    unsigned length = p2i_load_be16(bytes.data + 4);
    unsigned function = bytes.data[7] & 0x7f;
    return bytes.data[3] == 0 && length >= 2 && length <= LENGTH_MAX && function != 0
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* Over UDP no session becomes opaque: a stray or forged datagram must not hide the datagrams behind
 * it. */
const struct p2i_recogniser p2i_recognise_network[] = {
    {P2I_ID_NTP, {[P2I_OVER_UDP] = 8}, false, probe_ntp},
    {P2I_ID_SNMP, {[P2I_OVER_UDP] = 9}, false, probe_snmp},
    {P2I_ID_DHCP, {[P2I_OVER_UDP] = 44}, false, probe_dhcp},
    {P2I_ID_DHCPV6, {[P2I_OVER_UDP] = 8}, false, probe_dhcpv6},
    {P2I_ID_RADIUS, {[P2I_OVER_UDP] = 20}, false, probe_radius},
    {P2I_ID_DIAMETER, {[P2I_OVER_TCP] = 1}, false, probe_diameter}, /* RFC 6733 section 13.1 */
    {P2I_ID_SYSLOG, {[P2I_OVER_UDP] = 3}, false, probe_syslog},
    {P2I_ID_SYSLOG, {[P2I_OVER_TCP] = 1}, true, probe_syslog},
    {P2I_ID_TFTP, {[P2I_OVER_UDP] = 4}, false, probe_tftp},
    {P2I_ID_SSDP, {[P2I_OVER_UDP] = 12}, false, probe_ssdp},
    {P2I_ID_COAP, {[P2I_OVER_UDP] = 4}, false, probe_coap},
    {P2I_ID_NETBIOS_NS, {[P2I_OVER_UDP] = 45}, false, probe_netbios_ns},
    {P2I_ID_NETBIOS_DGM, {[P2I_OVER_UDP] = 11}, false, probe_netbios_dgm},
    {P2I_ID_BGP, {[P2I_OVER_TCP] = 1}, true, probe_bgp},
    {P2I_ID_MODBUS, {[P2I_OVER_TCP] = 1}, true, probe_modbus},
    {0},
};
