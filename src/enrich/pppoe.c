/* SPDX-License-Identifier: MIT */
#include "enrich/pppoe.h"

#include "base/tlv.h"
#include "pcap2ipfix/cursor.h"

enum { LCP = 0xc021, PAP = 0xc023, CHAP = 0xc223, IPCP = 0x8021 };

enum {
    PAP_REQUEST = 1,
    CHAP_RESPONSE = 2,
    CONFIGURE_ACK = 2,
    TERMINATE_REQUEST = 5,
    TERMINATE_ACK = 6,
    IPCP_ADDRESS = 3,
};

/* A MAC address as a number other than 0; 0: the link has none. */
static uint64_t number_of(const uint8_t *mac)
{
    if (mac == NULL) {
        return 0;
    }
    return UINT64_C(1) << 48 | (uint64_t)p2i_load_be16(mac) << 32 | p2i_load_be32(mac + 2);
}

static struct p2i_binding_key session_key(const struct p2i_packet *packet)
{
    return (struct p2i_binding_key){.words = {packet->scope}, .kind = P2I_BOUND_PPPOE_SESSION};
}

static struct p2i_binding_key address_key(uint32_t ipv4)
{
    struct p2i_prefix prefix = {.ip_version = 4, .length = 32};
    memcpy(prefix.address.bytes, &ipv4, sizeof ipv4);
    return p2i_binding_of_prefix(P2I_BOUND_PPPOE, &prefix);
}

static void end_address(struct p2i_bindings *bindings, const struct p2i_binding *session,
                        uint64_t now_ns)
{
    struct p2i_binding_key key = address_key(session->given);
    const struct p2i_binding *bound =
        session->given != 0 ? p2i_bindings_newest(bindings, &key) : NULL;
    if (bound != NULL && bound->owner == session->owner) {
        p2i_bindings_end(bindings, &key, now_ns);
    }
}

static void end_session(struct p2i_bindings *bindings, const struct p2i_packet *packet)
{
    struct p2i_binding_key key = session_key(packet);
    const struct p2i_binding *session = p2i_bindings_newest(bindings, &key);
    if (session != NULL) {
        end_address(bindings, session, packet->time_ns);
        p2i_bindings_end(bindings, &key, packet->time_ns);
    }
}

/* Binds a login to the session. Session numbers are reused, with other logins or by other hosts. */
static void begin_session(struct p2i_bindings *bindings, const struct p2i_packet *packet,
                          struct p2i_view name)
{
    struct p2i_binding_key key = session_key(packet);
    uint64_t client = number_of(packet->source_mac);
    const struct p2i_binding *before = p2i_bindings_newest(bindings, &key);
    if (before != NULL && before->owner == client &&
        p2i_view_equals(p2i_binding_login(before), p2i_view_first(name, P2I_LOGIN_MAX))) {
        p2i_bindings_bind(bindings, &key, packet->time_ns, packet->time_ns, client, name);
        return; /* repeated */
    }
    end_session(bindings, packet);
    if (name.size > 0) {
        p2i_bindings_bind(bindings, &key, packet->time_ns, packet->time_ns, client, name);
    }
}

/* An acknowledgement to the host that sent its login: the address belongs to that host. In the
 * other direction the client acknowledges the server's address; links without MAC addresses do not
 * show the direction. */
static void give_address(struct p2i_bindings *bindings, const struct p2i_packet *packet,
                         uint32_t ipv4)
{
    struct p2i_binding_key key = session_key(packet);
    const struct p2i_binding *session = p2i_bindings_newest(bindings, &key);
    uint64_t from = number_of(packet->source_mac);
    uint64_t to = number_of(packet->destination_mac);
    if (session == NULL || from == 0 || from == session->owner ||
        (to != 0 && to != session->owner)) {
        return;
    }
    if (session->given != ipv4) {
        end_address(bindings, session, packet->time_ns);
        p2i_bindings_give(bindings, &key, ipv4);
    }
    struct p2i_binding_key address = address_key(ipv4);
    p2i_bindings_bind(bindings, &address, packet->time_ns, packet->time_ns, session->owner,
                      p2i_binding_login(session));
}

/* RFC 1661, 6: options of type, length and value. */
static void take_ipcp_ack(struct p2i_bindings *bindings, const struct p2i_packet *packet,
                          struct p2i_cursor options)
{
    struct p2i_tlv option;
    while (p2i_tlv_next(&options, &option) && option.missing == 0) {
        if (option.type == IPCP_ADDRESS && option.value.size == 4 &&
            p2i_load_be32(option.value.data) != 0) {
            uint32_t ipv4;
            memcpy(&ipv4, option.value.data, sizeof ipv4);
            give_address(bindings, packet, ipv4);
        }
    }
}

/* PAP: the name follows its length. CHAP: the name follows the value, up to the end. */
static void take_name(struct p2i_bindings *bindings, const struct p2i_packet *packet,
                      struct p2i_cursor cursor)
{
    uint8_t size = p2i_u8(&cursor);
    struct p2i_view name = p2i_take(&cursor, size);
    if (packet->ppp_control == CHAP) {
        name = cursor.rest;
    }
    if (!cursor.failed) {
        begin_session(bindings, packet, name);
    }
}

void p2i_pppoe_take(struct p2i_bindings *bindings, const struct p2i_packet *packet)
{
    enum { HEADER_SIZE = 4 };
    struct p2i_cursor cursor = p2i_cursor_of(packet->payload);
    uint8_t code = p2i_u8(&cursor);
    p2i_skip(&cursor, 1);
    uint16_t length = p2i_be16(&cursor);
    if (cursor.failed || length < HEADER_SIZE) {
        return;
    }
    struct p2i_cursor body = p2i_sub(&cursor, length - (size_t)HEADER_SIZE);
    if (body.failed) {
        return;
    }
    switch (packet->ppp_control) {
    case LCP:
        if (code == TERMINATE_REQUEST || code == TERMINATE_ACK) {
            end_session(bindings, packet);
        }
        break;
    case PAP:
        if (code == PAP_REQUEST) {
            take_name(bindings, packet, body);
        }
        break;
    case CHAP:
        if (code == CHAP_RESPONSE) {
            take_name(bindings, packet, body);
        }
        break;
    case IPCP:
        if (code == CONFIGURE_ACK) {
            take_ipcp_ack(bindings, packet, body);
        }
        break;
    default:
        break;
    }
}
