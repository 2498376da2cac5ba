/* SPDX-License-Identifier: MIT */
/* Recognises file sharing (BitTorrent) and proxies (SOCKS). */
#include "pcap2ipfix/cursor.h"
#include "protocol/recognise/recognise.h"

/* ---- BitTorrent ---- */

/* The peers' handshake over TCP (BEP 3). */
static enum p2i_match match_peer(struct p2i_view bytes)
{
    static const char handshake[] = "\023BitTorrent protocol";
    struct p2i_view all = p2i_view_of(handshake, sizeof handshake - 1);
    struct p2i_view begun = p2i_view_first(bytes, all.size);
    if (!p2i_view_equals(begun, p2i_view_first(all, begun.size))) {
        return P2I_MATCH_NO;
    }
    return begun.size < all.size ? P2I_MATCH_MORE : P2I_MATCH_YES;
}

/* Queries, answers and errors of the distributed hash table (BEP 5), which begin with the sender's
 * address where BEP 42 is in use, and the search for peers in a local network (BEP 14). */
static bool is_table_or_search(struct p2i_view bytes)
{
    static const char *const begins[] = {"d1:ad2:id20:", "d1:rd2:id20:", "d1:eli20",
                                         "d2:ip6:", "BT-SEARCH * HTTP/"};
    enum { ADDRESS_END = 13 }; /* of "d2:ip6:" and the six bytes behind it */
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        if (p2i_view_starts(bytes, p2i_view_of(begins[i], strlen(begins[i])))) {
            return begins[i][1] != '2' ||
                   p2i_view_starts(p2i_view_from(bytes, ADDRESS_END), P2I_VIEW("1:rd2:id20:"));
        }
    }
    return false;
}

/* A client's connect request to a tracker (BEP 15). */
static bool is_tracker_call(struct p2i_view bytes)
{
    enum { SIZE = 16 };
    const uint64_t magic = 0x41727101980;
    return bytes.size == SIZE && p2i_load_be64(bytes.data) == magic &&
           p2i_load_be32(bytes.data + 8) == 0;
}

/* Returns true if the extensions of a uTP packet (BEP 29) end at or before its end. */
static bool utp_extensions_fit(struct p2i_cursor at, uint8_t extension)
{
    enum { SELECTIVE_ACK = 1, LAST_KNOWN = 3 };
    while (extension != 0 && !at.failed) {
        if (extension > LAST_KNOWN) {
            return false;
        }
        extension = p2i_u8(&at);
        p2i_skip(&at, p2i_u8(&at));
    }
    return !at.failed;
}

/* All fields of a uTP packet that opens a connection are signs of it; other packets need a second
 * packet of the same connection. The note holds connection, number, and the time in units of 256
 * us. */
static bool is_utp(struct p2i_view bytes, uint64_t *note)
{
    enum { HEADER_SIZE = 20, VERSION = 1, SYN = 4, NEAR = 8, MINUTE = 234375 };
    struct p2i_cursor at = p2i_cursor_of(bytes);
    uint8_t kind = p2i_u8(&at);
    uint8_t extension = p2i_u8(&at);
    uint16_t connection = p2i_be16(&at);
    uint32_t time = p2i_be32(&at) >> 8;
    uint32_t difference = p2i_be32(&at);
    p2i_skip(&at, 4);
    uint16_t number = p2i_be16(&at);
    uint16_t acknowledged = p2i_be16(&at);
    if (at.failed || (kind & 0xf) != VERSION || kind >> 4 > SYN ||
        !utp_extensions_fit(at, extension)) {
        return false;
    }
    if (kind >> 4 == SYN) {
        bool alone = extension != 0 || bytes.size == HEADER_SIZE;
        return alone && difference == 0 && number == 1 && acknowledged == 0;
    }
    uint64_t noted = *note;
    *note = (uint64_t)P2I_ID_BITTORRENT << 56 | (uint64_t)connection << 40 |
            (uint64_t)number << 24 | time;
    uint16_t step = (uint16_t)(number - (uint16_t)(noted >> 24));
    uint32_t later = (time - (uint32_t)noted) & 0xffffff;
    return noted >> 40 == *note >> 40 && step <= NEAR && later > 0 && later < MINUTE;
}

static enum p2i_match probe_bittorrent(const struct p2i_ends *ends, enum p2i_direction direction,
                                       struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    if (ends->transport == P2I_OVER_TCP) {
        return match_peer(bytes);
    }
    bool is_bittorrent = bytes.size > 0 && (is_table_or_search(bytes) || is_tracker_call(bytes) ||
                                            is_utp(bytes, note));
    return is_bittorrent ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- SOCKS ---- */

enum { SOCKS_PORT = 1080 };

static bool is_text(struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] <= ' ' || bytes.data[i] >= 0x7f) {
            return false;
        }
    }
    return bytes.size > 0;
}

/* "\004", command, port, address, user, NUL; behind an invalid address (0.0.0.x) also a name and
 * NUL. More data may follow in the same segment. */
static bool is_socks_4(const struct p2i_ends *ends, struct p2i_view bytes)
{
    enum { NONE_MAX = 255 };
    struct p2i_cursor at = p2i_cursor_of(bytes);
    p2i_skip(&at, 1);
    uint8_t command = p2i_u8(&at);
    uint16_t port = p2i_be16(&at);
    uint32_t address = p2i_be32(&at);
    struct p2i_view user = p2i_take(&at, p2i_view_find(at.rest, 0));
    p2i_skip(&at, 1);
    if (at.failed || command < 1 || command > 2 || port == 0 || address == 0 ||
        (user.size > 0 && !is_text(user))) {
        return false;
    }
    if (address > NONE_MAX) {
        return p2i_ends_use(ends, SOCKS_PORT);
    }
    struct p2i_view name = p2i_take(&at, p2i_view_find(at.rest, 0));
    p2i_skip(&at, 1);
    return !at.failed && is_text(name);
}

/* RFC 1928 section 4: the request with the destination. */
static bool is_socks_5_request(struct p2i_cursor at)
{
    enum { VERSION = 5, LAST_COMMAND = 3, IPV4 = 1, NAME = 3, IPV6 = 4 };
    uint8_t version = p2i_u8(&at);
    uint8_t command = p2i_u8(&at);
    uint8_t reserved = p2i_u8(&at);
    uint8_t type = p2i_u8(&at);
    size_t size = type == IPV4 ? 4 : type == IPV6 ? 16 : type == NAME ? p2i_u8(&at) : SIZE_MAX;
    struct p2i_view address = p2i_take(&at, size);
    p2i_skip(&at, 2);
    return !at.failed && version == VERSION && command >= 1 && command <= LAST_COMMAND &&
           reserved == 0 && (type != NAME || is_text(address));
}

/* Skips the name and password that may precede the request (RFC 1929 section 2). */
static struct p2i_cursor behind_password(struct p2i_cursor at)
{
    enum { VERSION = 1 };
    struct p2i_cursor password = at;
    if (p2i_u8(&password) != VERSION) {
        return at;
    }
    p2i_skip(&password, p2i_u8(&password));
    p2i_skip(&password, p2i_u8(&password));
    return password;
}

/* RFC 1928 section 3: the client's authentication methods; certain on the port, elsewhere only with
 * the request, which follows in the same direction. */
static bool is_socks_5(const struct p2i_ends *ends, struct p2i_view bytes, uint64_t *note)
{
    enum { METHODS_MAX = 10 };
    const uint64_t greeted = (uint64_t)P2I_ID_SOCKS << 56;
    if (*note == greeted && is_socks_5_request(p2i_cursor_of(bytes))) {
        return true;
    }
    struct p2i_cursor at = p2i_cursor_of(bytes);
    p2i_skip(&at, 1);
    uint8_t count = p2i_u8(&at);
    struct p2i_view methods = p2i_take(&at, count);
    for (size_t i = 0; i < methods.size; i++) {
        at.failed |= methods.data[i] >= METHODS_MAX && methods.data[i] < 0x80;
    }
    if (at.failed || count == 0 || count > METHODS_MAX) {
        return false;
    }
    *note = greeted;
    return p2i_ends_use(ends, SOCKS_PORT) || is_socks_5_request(behind_password(at));
}

static enum p2i_match probe_socks(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    if (bytes.size < 3 || (bytes.data[0] != 4 && bytes.data[0] != 5)) {
        return P2I_MATCH_NO;
    }
    bool is_socks = bytes.data[0] == 4 ? is_socks_4(ends, bytes) : is_socks_5(ends, bytes, note);
    return is_socks ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_recogniser p2i_recognise_sharing[] = {
    {P2I_ID_BITTORRENT, {[P2I_OVER_UDP] = 8, [P2I_OVER_TCP] = 1}, true, probe_bittorrent},
    {P2I_ID_SOCKS, {[P2I_OVER_TCP] = 1}, false, probe_socks},
    {0},
};
