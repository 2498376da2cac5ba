/* SPDX-License-Identifier: MIT */
/* QUIC flights for the tests: datagrams of a client's hello, sealed here, and their records. */
#ifndef TEST_QUIC_FLIGHT_H
#define TEST_QUIC_FLIGHT_H

#include "dialog.h"
#include "quic_seal.h"
#include "wire.h"

#define V1 0x00000001U
#define V2 0x6b3343cfU
#define DRAFT_29 0xff00001dU

#define CID P2I_VIEW("\x83\x94\xc8\xf0\x3e\x51\x57\x08")
#define OTHER_CID P2I_VIEW("\xf0\x67\xa5\x50\x2a\x42\x62\xb5\x11")
#define EXAMPLE P2I_VIEW("example.org")
#define SUITES P2I_VIEW("\x13\x01\x13\x02")

/* RFC 9001 A.3 */
#define SERVER_INITIAL                                                                             \
    P2I_VIEW("\xcf\x00\x00\x00\x01\x00\x08\xf0\x67\xa5\x50\x2a\x42\x62\xb5\x00\x40\x75\xc0\xd9"    \
             "\x5a\x48\x2c\xd0\x99\x1c\xd2\x5b\x0a\xac\x40\x6a\x58\x16\xb6\x39\x41\x00\xf3\x7a"    \
             "\x1c\x69\x79\x75\x54\x78\x0b\xb3\x8c\xc5\xa9\x9f\x5e\xde\x4c\xf7\x3c\x3e\xc2\x49"    \
             "\x3a\x18\x39\xb3\xdb\xcb\xa3\xf6\xea\x46\xc5\xb7\x68\x4d\xf3\x54\x8e\x7d\xde\xb9"    \
             "\xc3\xbf\x9c\x73\xcc\x3f\x3b\xde\xd7\x4b\x56\x2b\xfb\x19\xfb\x84\x02\x2f\x8e\xf4"    \
             "\xcd\xd9\x37\x95\xd7\x7d\x06\xed\xbb\x7a\xaf\x2f\x58\x89\x18\x50\xab\xbd\xca\x3d"    \
             "\x20\x39\x8c\x27\x64\x56\xcb\xc4\x21\x58\x40\x7d\xd0\x74\xee")

enum { DATAGRAMS_MAX = 24, DATAGRAM_MIN = 1200 };

/* Datagrams on their way. */
struct flight {
    struct quic_sealed datagram[DATAGRAMS_MAX];
    enum p2i_direction from[DATAGRAMS_MAX];
    size_t missing[DATAGRAMS_MAX]; /* bytes that the snaplen took off the end */
    size_t count;
};

/* The message ClientHello with `extra` bytes of another extension; lives until the next one. */
struct p2i_view client_hello(struct p2i_view host, size_t extra);

void put_bytes(struct quic_sealed *out, struct p2i_view bytes);

/* A CRYPTO frame with the bytes of a message from `begin` up to `end`. */
void put_crypto(struct quic_sealed *frames, struct p2i_view message, size_t begin, size_t end);

struct p2i_view sealed_view(const struct quic_sealed *sealed);

/* An Initial of version 1 from CID with these frames, ready to be changed. */
struct quic_seal initial(const struct quic_sealed *frames);

struct quic_sealed *next_datagram(struct flight *flight, enum p2i_direction from);
void send_initial(struct flight *flight, const struct quic_seal *seal);
void send_bytes(struct flight *flight, enum p2i_direction from, struct p2i_view bytes);

/* An Initial with one CRYPTO frame. */
void send_part(struct flight *flight, struct p2i_view message, size_t begin, size_t end);

/* The snaplen leaves the first `size` bytes of the newest datagram. */
void cut_newest(struct flight *flight, size_t size);

/* The messages, to be freed. */
char *play(const struct flight *flight);

/* Asserts (Criterion) that they are these. */
void quic_expect(const struct flight *flight, const char *expected);

#define RECORD_OF(side, host, suites, length, cut, step)                                           \
    "clickstream " side " host=\"" host                                                            \
    "\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" cipher_suites=" suites                  \
    " locked=0 cipher_suites_length=" length " host_type=4 method=0" cut " @" step "\n"
#define RECORD(side, host, suites, length, step) RECORD_OF(side, host, suites, length, "", step)
#define EXAMPLE_AT(step) RECORD("C", "example.org", "13011302", "4", step)
#define CUT_AT(step) RECORD_OF("C", "", "13011302", "4", " cut", step)

#endif
