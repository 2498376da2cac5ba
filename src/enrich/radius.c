/* SPDX-License-Identifier: MIT */
#include "enrich/radius.h"

#include "base/hash.h"
#include "base/tlv.h"
#include "pcap2ipfix/cursor.h"

enum {
    ACCESS_REQUEST = 1,
    ACCESS_ACCEPT = 2,
    ACCOUNTING_REQUEST = 4,
};

enum {
    USER_NAME = 1,
    FRAMED_IP_ADDRESS = 8,
    ACCT_STATUS_TYPE = 40,
    ACCT_SESSION_ID = 44,
    ACCT_SESSION_TIME = 46,
    FRAMED_IPV6_PREFIX = 97,
    DELEGATED_IPV6_PREFIX = 123, /* RFC 4818 */
    FRAMED_IPV6_ADDRESS = 168,   /* RFC 6911 */
};

enum { START = 1, STOP = 2, INTERIM_UPDATE = 3 };

enum { HEADER_SIZE = 20, PACKET_MAX = 4096, PREFIXES_MAX = 8 };

#define NS_PER_S UINT64_C(1000000000)
#define REQUEST_NS (60 * NS_PER_S) /* answers come sooner */

/* The attributes of a packet. */
struct said {
    struct p2i_view user;
    struct p2i_prefix prefixes[PREFIXES_MAX]; /* more are left out */
    size_t prefix_count;
    uint64_t session; /* hash of the accounting session's id; 0 none */
    uint32_t status;
    uint32_t session_s;
};

static void add_prefix(struct said *said, uint8_t ip_version, unsigned length,
                       struct p2i_view bytes)
{
    unsigned most = ip_version == 6 ? 128 : 32;
    if (said->prefix_count == PREFIXES_MAX || length > most || bytes.size > most / 8) {
        return;
    }
    struct p2i_prefix *prefix = &said->prefixes[said->prefix_count++];
    *prefix = (struct p2i_prefix){.ip_version = ip_version, .length = (uint8_t)length};
    memcpy(prefix->address.bytes, bytes.data, bytes.size);
    p2i_prefix_mask(&prefix->address, length);
}

/* RFC 3162 section 2.3: a reserved byte, the prefix length in bits, at least as many bytes as it
 * needs. */
static void add_ipv6_prefix(struct said *said, struct p2i_view value)
{
    struct p2i_cursor cursor = p2i_cursor_of(value);
    p2i_skip(&cursor, 1);
    uint8_t length = p2i_u8(&cursor);
    if (!cursor.failed && length > 0 && cursor.rest.size >= (length + 7U) / 8) {
        add_prefix(said, 6, length, cursor.rest);
    }
}

/* RFC 2865 section 5.8: 0xffffffff lets the user choose the address, 0xfffffffe the NAS. */
static void add_ipv4(struct said *said, struct p2i_view value)
{
    if (value.size == 4 && p2i_load_be32(value.data) < 0xfffffffe &&
        p2i_load_be32(value.data) != 0) {
        add_prefix(said, 4, 32, value);
    }
}

static uint64_t hash_of(struct p2i_view bytes)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < bytes.size; i++) {
        hash = p2i_mix(hash, bytes.data[i]);
    }
    return hash != 0 ? hash : 1;
}

static void take_attribute(struct said *said, uint8_t type, struct p2i_view value)
{
    switch (type) {
    case USER_NAME:
        said->user = value;
        break;
    case FRAMED_IP_ADDRESS:
        add_ipv4(said, value);
        break;
    case FRAMED_IPV6_PREFIX:
    case DELEGATED_IPV6_PREFIX:
        add_ipv6_prefix(said, value);
        break;
    case FRAMED_IPV6_ADDRESS:
        if (value.size == 16) {
            add_prefix(said, 6, 128, value);
        }
        break;
    case ACCT_STATUS_TYPE:
        said->status = value.size == 4 ? p2i_load_be32(value.data) : 0;
        break;
    case ACCT_SESSION_ID:
        said->session = hash_of(value);
        break;
    case ACCT_SESSION_TIME:
        said->session_s = value.size == 4 ? p2i_load_be32(value.data) : 0;
        break;
    default:
        break;
    }
}

/* Reads the attributes (RFC 2865 section 5). Returns false when they are malformed or cut. */
static bool take_attributes(struct said *said, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    struct p2i_tlv attribute;
    while (p2i_tlv_next(&cursor, &attribute)) {
        if (attribute.missing > 0) {
            return false;
        }
        take_attribute(said, attribute.type, attribute.value);
    }
    return !cursor.failed;
}

/* Requests and their answers have the same key: client, server, port, identifier. */
static struct p2i_binding_key request_key(const struct p2i_packet *packet, uint8_t identifier,
                                          bool answer)
{
    const struct p2i_address *client = answer ? &packet->destination : &packet->source;
    const struct p2i_address *server = answer ? &packet->source : &packet->destination;
    uint16_t client_port = answer ? packet->destination_port : packet->source_port;
    uint16_t server_port = answer ? packet->source_port : packet->destination_port;
    uint64_t ports = (uint64_t)client_port << 24 | (uint64_t)server_port << 8 | identifier;
    struct p2i_binding_key key = {.kind = P2I_BOUND_REQUEST, .ip_version = packet->ip_version};
    for (unsigned i = 0; i < 2; i++) {
        uint64_t hash = p2i_mix(p2i_mix(i, ports), packet->scope);
        hash = p2i_mix(p2i_mix(hash, client->words[0]), client->words[1]);
        key.words[i] = p2i_mix(p2i_mix(hash, server->words[0]), server->words[1]);
    }
    return key;
}

static void bind(struct p2i_bindings *bindings, const struct said *said, uint64_t from_ns,
                 uint64_t now_ns)
{
    for (size_t i = 0; i < said->prefix_count; i++) {
        struct p2i_binding_key key = p2i_binding_of_prefix(P2I_BOUND_RADIUS, &said->prefixes[i]);
        p2i_bindings_bind(bindings, &key, from_ns, now_ns, said->session, said->user);
    }
}

/* A Stop may come late, when another user has the address, or another session of the same user:
 * it ends only its own binding. */
static void unbind(struct p2i_bindings *bindings, const struct said *said, uint64_t now_ns)
{
    for (size_t i = 0; i < said->prefix_count; i++) {
        struct p2i_binding_key key = p2i_binding_of_prefix(P2I_BOUND_RADIUS, &said->prefixes[i]);
        const struct p2i_binding *newest = p2i_bindings_newest(bindings, &key);
        if (newest == NULL ||
            (said->user.size > 0 && !p2i_view_equals(p2i_view_first(said->user, P2I_LOGIN_MAX),
                                                     p2i_binding_login(newest))) ||
            (said->session != 0 && newest->owner != 0 && newest->owner != said->session)) {
            continue;
        }
        p2i_bindings_end(bindings, &key, now_ns > newest->from_ns ? now_ns : newest->from_ns);
    }
}

static void account(struct p2i_bindings *bindings, const struct said *said, uint64_t now_ns)
{
    if (said->status == STOP) {
        unbind(bindings, said, now_ns);
    } else if (said->status == START && said->user.size > 0) {
        bind(bindings, said, now_ns, now_ns);
    } else if (said->status == INTERIM_UPDATE && said->user.size > 0) {
        /* RFC 2866 section 5.7: the duration of the session, which may have begun before the
         * capture. */
        uint64_t past_ns = said->session_s * NS_PER_S;
        bind(bindings, said, past_ns < now_ns ? now_ns - past_ns : 0, now_ns);
    }
}

static void accept_access(struct p2i_bindings *bindings, const struct said *said,
                          const struct p2i_binding_key *key, uint64_t now_ns)
{
    const struct p2i_binding *asked = p2i_bindings_newest(bindings, key);
    struct said named = *said;
    if (asked != NULL && now_ns < asked->from_ns + REQUEST_NS) {
        named.user = said->user.size > 0 ? said->user : p2i_binding_login(asked);
        p2i_bindings_set_cause(bindings, asked->owner);
    }
    if (named.user.size > 0) {
        bind(bindings, &named, now_ns, now_ns);
    }
}

/* Identifiers are reused: the last request counts, however old the one before. */
static void note_request(struct p2i_bindings *bindings, const struct said *said,
                         const struct p2i_binding_key *key, const struct p2i_packet *packet)
{
    uint64_t now_ns = packet->time_ns;
    p2i_bindings_end(bindings, key, now_ns);
    if (said->user.size > 0) {
        p2i_bindings_bind(bindings, key, now_ns, now_ns, p2i_packet_place(packet), said->user);
    }
}

/* The client is the network access server, and sends the requests (RFC 2865 section 2). */
static bool is_believed(const struct p2i_prefix_ranges *nas, const struct p2i_packet *packet,
                        uint8_t code)
{
    const struct p2i_address *client =
        code == ACCESS_ACCEPT ? &packet->destination : &packet->source;
    return nas == NULL || p2i_prefix_ranges_find(nas, client, packet->ip_version) != 0;
}

void p2i_radius_take(struct p2i_bindings *bindings, const struct p2i_prefix_ranges *nas,
                     const struct p2i_packet *packet)
{
    struct p2i_cursor cursor = p2i_cursor_of(packet->payload);
    uint8_t code = p2i_u8(&cursor);
    uint8_t identifier = p2i_u8(&cursor);
    uint16_t length = p2i_be16(&cursor);
    struct said said = {0};
    if (cursor.failed || length < HEADER_SIZE || length > PACKET_MAX ||
        length > packet->payload.size || !is_believed(nas, packet, code) ||
        !take_attributes(&said,
                         p2i_view_from(p2i_view_first(packet->payload, length), HEADER_SIZE))) {
        return;
    }
    struct p2i_binding_key key = request_key(packet, identifier, code == ACCESS_ACCEPT);
    switch (code) {
    case ACCESS_REQUEST:
        note_request(bindings, &said, &key, packet);
        break;
    case ACCESS_ACCEPT:
        accept_access(bindings, &said, &key, packet->time_ns);
        break;
    case ACCOUNTING_REQUEST:
        account(bindings, &said, packet->time_ns);
        break;
    default:
        break;
    }
}
