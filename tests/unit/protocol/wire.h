/* SPDX-License-Identifier: MIT */
/* TLS messages put together by hand, for the tests. */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include "pcap2ipfix/view.h"

/* A buffer for bytes; static in the test, so that it need not be freed. */
struct wire {
    uint8_t data[160 << 10];
    size_t size;
};

void wire_u8(struct wire *wire, unsigned value);
void wire_u16(struct wire *wire, unsigned value);
void wire_u24(struct wire *wire, unsigned value);
void wire_fill(struct wire *wire, uint8_t byte, size_t count);
void wire_put(struct wire *wire, struct p2i_view bytes);
struct p2i_view wire_view(const struct wire *wire);

/* The body of a ClientHello; `host` empty: no server_name; `extensions` in wire form, in front of
 * server_name. */
struct wire_client {
    struct p2i_view host;
    struct p2i_view suites;
    struct p2i_view extensions;
    uint16_t version;
};
void wire_client_hello(struct wire *wire, const struct wire_client *client);

/* The body of a ServerHello; `supported_version` 0: without the extension. */
struct wire_server {
    uint16_t version;
    uint16_t suite;
    uint16_t supported_version;
    uint8_t compression;
    bool retry;
};
void wire_server_hello(struct wire *wire, const struct wire_server *server);

/* The body of a Certificate message with this leaf and `rest` bytes of other certificates. */
void wire_certificate(struct wire *wire, struct p2i_view leaf, size_t rest);

/* A handshake message around a body. */
void wire_message(struct wire *wire, unsigned type, struct p2i_view body);

/* Records of at most `fragment` bytes each (0: one record) around a payload. */
void wire_records(struct wire *wire, unsigned type, unsigned version, struct p2i_view payload,
                  size_t fragment);

#endif
