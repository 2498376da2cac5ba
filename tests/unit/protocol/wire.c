/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <criterion/criterion.h>

void wire_u8(struct wire *wire, unsigned value)
{
    cr_assert_lt(wire->size, sizeof wire->data);
    wire->data[wire->size++] = (uint8_t)value;
}

void wire_u16(struct wire *wire, unsigned value)
{
    wire_u8(wire, value >> 8 & 0xff);
    wire_u8(wire, value & 0xff);
}

void wire_u24(struct wire *wire, unsigned value)
{
    wire_u8(wire, value >> 16 & 0xff);
    wire_u16(wire, value & 0xffff);
}

void wire_fill(struct wire *wire, uint8_t byte, size_t count)
{
    cr_assert_leq(count, sizeof wire->data - wire->size);
    memset(wire->data + wire->size, byte, count);
    wire->size += count;
}

void wire_put(struct wire *wire, struct p2i_view bytes)
{
    cr_assert_leq(bytes.size, sizeof wire->data - wire->size);
    if (bytes.size > 0) {
        memcpy(wire->data + wire->size, bytes.data, bytes.size);
    }
    wire->size += bytes.size;
}

struct p2i_view wire_view(const struct wire *wire)
{
    return p2i_view_of(wire->data, wire->size);
}

void wire_client_hello(struct wire *wire, const struct wire_client *client)
{
    wire_u16(wire, client->version);
    wire_fill(wire, 0xc1, 32);
    wire_u8(wire, 4);
    wire_fill(wire, 0x5e, 4);
    wire_u16(wire, (unsigned)client->suites.size);
    wire_put(wire, client->suites);
    wire_u16(wire, 0x0100); /* one compression method: none */
    size_t host = client->host.size > 0 ? client->host.size + 9 : 0;
    if (host + client->extensions.size == 0) {
        return;
    }
    wire_u16(wire, (unsigned)(host + client->extensions.size));
    wire_put(wire, client->extensions);
    if (host > 0) {
        wire_u16(wire, 0);
        wire_u16(wire, (unsigned)client->host.size + 5);
        wire_u16(wire, (unsigned)client->host.size + 3);
        wire_u8(wire, 0);
        wire_u16(wire, (unsigned)client->host.size);
        wire_put(wire, client->host);
    }
}

void wire_server_hello(struct wire *wire, const struct wire_server *server)
{
    static const uint8_t retry[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
                                      0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
                                      0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
                                      0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    bool draft = server->version >> 8 == 0x7f;
    wire_u16(wire, server->version);
    if (server->retry) {
        wire_put(wire, p2i_view_of(retry, sizeof retry));
    } else {
        wire_fill(wire, 0x51, 32);
    }
    if (!draft) {
        wire_u8(wire, 4);
        wire_fill(wire, 0x5e, 4);
    }
    wire_u16(wire, server->suite);
    if (!draft) {
        wire_u8(wire, server->compression);
    }
    if (server->supported_version != 0) {
        wire_u16(wire, 12);
        wire_put(wire, P2I_VIEW("\x00\x17\x00\x02\xab\xcd")); /* some other extension */
        wire_u16(wire, 43);
        wire_u16(wire, 2);
        wire_u16(wire, server->supported_version);
    }
}

void wire_certificate(struct wire *wire, struct p2i_view leaf, size_t rest)
{
    size_t others = rest > 0 ? rest + 3 : 0;
    wire_u24(wire, (unsigned)(leaf.size + 3 + others));
    wire_u24(wire, (unsigned)leaf.size);
    wire_put(wire, leaf);
    if (rest > 0) {
        wire_u24(wire, (unsigned)rest);
        wire_fill(wire, 0xce, rest);
    }
}

void wire_message(struct wire *wire, unsigned type, struct p2i_view body)
{
    wire_u8(wire, type);
    wire_u24(wire, (unsigned)body.size);
    wire_put(wire, body);
}

void wire_records(struct wire *wire, unsigned type, unsigned version, struct p2i_view payload,
                  size_t fragment)
{
    do {
        struct p2i_view part = p2i_view_first(payload, fragment > 0 ? fragment : payload.size);
        wire_u8(wire, type);
        wire_u16(wire, version);
        wire_u16(wire, (unsigned)part.size);
        wire_put(wire, part);
        payload = p2i_view_from(payload, part.size);
    } while (payload.size > 0);
}
