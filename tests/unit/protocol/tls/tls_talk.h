/* SPDX-License-Identifier: MIT */
/* TLS dialogues for the tests: flights put together by hand, and the lines of their records.
 * Each test has a process of its own, so static objects begin empty. */
#ifndef TEST_TLS_TALK_H
#define TEST_TLS_TALK_H

#include "certificates.h"
#include "dialog.h"
#include "wire.h"

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23, HEARTBEAT = 24 };

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WHOLE(array) p2i_view_of(array, sizeof(array))
#define SUITES P2I_VIEW("\x13\x01\xc0\x2f\x00\x2f")
#define PLAIN WHOLE(certificate_plain)

#define REQUEST_OF(side, host, suites, length, type, cut, at)                                      \
    "clickstream " side " host=\"" host "\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\""    \
    " cipher_suites=" suites " locked=0 cipher_suites_length=" length " host_type=" type           \
    " method=0" cut " @" at "\n"
#define REQUEST(side, host, type, at) REQUEST_OF(side, host, "1301c02f002f", "6", type, "", at)
#define CUT_REQUEST(host, type, at) REQUEST_OF("C", host, "1301c02f002f", "6", type, " cut", at)
#define REPLY_OF(side, host, version, suite, type, cut, at)                                        \
    "ssl_reply " side " host=\"" host "\" version=" version " cipher_suite=" suite                 \
    " compression_method=0 host_type=" type cut " @" at "\n"
#define REPLY(side, host, version, suite, type, at)                                                \
    REPLY_OF(side, host, version, suite, type, "", at)
#define REPLY12(host, type, at) REPLY("S", host, "771", "49199", type, at)
#define REPLY13(host, type, at) REPLY("S", host, "772", "4865", type, at)
#define CUT_REPLY12(host, type, at) REPLY_OF("S", host, "771", "49199", type, " cut", at)
#define CUT_REPLY13(host, type, at) REPLY_OF("S", host, "772", "4865", type, " cut", at)

/* A wire of its own; talk_reset() takes them all back. */
struct wire *new_wire(void);
void talk_reset(void);

/* ---- Messages, without records ---- */

void put_client(struct wire *wire, struct p2i_view host, struct p2i_view extensions);

extern const struct wire_server tls12;
extern const struct wire_server tls13;
extern const struct wire_server retry;
void put_server(struct wire *wire, const struct wire_server *server);

void put_certificate(struct wire *wire, struct p2i_view leaf, size_t rest);

/* ---- Records ---- */

void add_record(struct wire *wire, unsigned type, struct p2i_view payload);

/* A ClientHello in a record of its own, in a new wire. */
struct wire *client(struct p2i_view host);

struct wire *server(const struct wire_server *hello);

/* A whole flight of TLS 1.2 in records of at most `fragment` bytes. */
struct wire *server_flight(struct p2i_view leaf, size_t rest, size_t fragment);

/* ---- Dialogues ---- */

#define FROM_CLIENT(wire)                                                                          \
    {                                                                                              \
        P2I_FROM_INITIATOR, (const char *)(wire)->data, (wire)->size                               \
    }
#define FROM_SERVER(wire)                                                                          \
    {                                                                                              \
        P2I_FROM_RESPONDER, (const char *)(wire)->data, (wire)->size                               \
    }

struct dialog tls_dialog_of(const struct dialog_step *steps, size_t count);

/* dialog_expect() of the steps. */
void tls_expect(const struct dialog_step *steps, size_t count, const char *expected);

/* For dialogues too long to be cut everywhere. */
void expect_some_cuts(const struct dialog_step *steps, size_t count, const char *expected);

#define EXPECT(steps, expected) tls_expect(steps, COUNT(steps), expected)

#endif
