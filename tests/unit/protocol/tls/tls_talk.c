/* SPDX-License-Identifier: MIT */
#include "tls_talk.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/protocols.h"

static struct wire wires[16];
static size_t wires_used;
static struct wire scratch;

struct wire *new_wire(void)
{
    cr_assert_lt(wires_used, COUNT(wires));
    return &wires[wires_used++];
}

void add_record(struct wire *wire, unsigned type, struct p2i_view payload)
{
    wire_records(wire, type, 0x0303, payload, 0);
}

void talk_reset(void)
{
    memset(wires, 0, sizeof wires);
    wires_used = 0;
}

/* ---- Messages, without records ---- */

void put_client(struct wire *wire, struct p2i_view host, struct p2i_view extensions)
{
    scratch.size = 0;
    wire_client_hello(
        &scratch, &(struct wire_client){
                      .version = 0x0303, .suites = SUITES, .host = host, .extensions = extensions});
    wire_message(wire, 1, wire_view(&scratch));
}

void put_server(struct wire *wire, const struct wire_server *server)
{
    scratch.size = 0;
    wire_server_hello(&scratch, server);
    wire_message(wire, 2, wire_view(&scratch));
}

const struct wire_server tls12 = {.version = 0x0303, .suite = 0xc02f};
const struct wire_server tls13 = {.version = 0x0303, .suite = 0x1301, .supported_version = 0x0304};
const struct wire_server retry = {
    .version = 0x0303, .suite = 0x1301, .supported_version = 0x0304, .retry = true};

void put_certificate(struct wire *wire, struct p2i_view leaf, size_t rest)
{
    scratch.size = 0;
    wire_certificate(&scratch, leaf, rest);
    wire_message(wire, 11, wire_view(&scratch));
}

/* ---- Records ---- */

/* A ClientHello in a record of its own. */
struct wire *client(struct p2i_view host)
{
    struct wire *messages = new_wire(), *wire = new_wire();
    put_client(messages, host, (struct p2i_view){0});
    wire_records(wire, HANDSHAKE, 0x0301, wire_view(messages), 0);
    return wire;
}

struct wire *server(const struct wire_server *hello)
{
    struct wire *messages = new_wire(), *wire = new_wire();
    put_server(messages, hello);
    add_record(wire, HANDSHAKE, wire_view(messages));
    return wire;
}

/* A whole flight of TLS 1.2 in records of at most `fragment` bytes. */
struct wire *server_flight(struct p2i_view leaf, size_t rest, size_t fragment)
{
    struct wire *messages = new_wire(), *wire = new_wire();
    put_server(messages, &tls12);
    put_certificate(messages, leaf, rest);
    wire_message(messages, 12, P2I_VIEW("\x03\x00\x1dkey exchange"));
    wire_message(messages, 14, P2I_VIEW(""));
    wire_records(wire, HANDSHAKE, 0x0303, wire_view(messages), fragment);
    return wire;
}

static const struct p2i_protocol *const only_tls[] = {&p2i_tls, NULL};

struct dialog tls_dialog_of(const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 8443}},
        .protocols = only_tls,
        .steps = steps,
        .step_count = count,
    };
}

void tls_expect(const struct dialog_step *steps, size_t count, const char *expected)
{
    struct dialog dialog = tls_dialog_of(steps, count);
    dialog_expect(&dialog, expected);
}

/* For dialogues too long to be cut everywhere. */
void expect_some_cuts(const struct dialog_step *steps, size_t count, const char *expected)
{
    struct dialog dialog = tls_dialog_of(steps, count);
    static const size_t segments[] = {0, 1, 7, 536, 1448, 65536, 70001};
    for (size_t i = 0; i < COUNT(segments); i++) {
        char *text = dialog_play(&dialog, segments[i]);
        cr_assert_str_eq(text, expected, "segments of %zu:\n%s", segments[i], text);
        free(text);
    }
}
