/* SPDX-License-Identifier: MIT */
#include "quic_flight.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/protocols.h"

static const struct p2i_protocol *const only_quic[] = {&p2i_quic, NULL};

/* ---- messages of a client ---- */

struct p2i_view client_hello(struct p2i_view host, size_t extra)
{
    static struct wire extension, body, message;
    extension.size = body.size = message.size = 0;
    wire_u16(&extension, 0xfafa);
    wire_u16(&extension, (unsigned)extra);
    wire_fill(&extension, 0xee, extra);
    struct wire_client client = {
        .version = 0x0303, .suites = SUITES, .host = host, .extensions = wire_view(&extension)};
    wire_client_hello(&body, &client);
    wire_message(&message, 1, wire_view(&body));
    return wire_view(&message);
}

void put_bytes(struct quic_sealed *out, struct p2i_view bytes)
{
    quic_put(out, bytes.data, bytes.size);
}

void put_crypto(struct quic_sealed *frames, struct p2i_view message, size_t begin, size_t end)
{
    quic_put_varint(frames, 6);
    quic_put_varint(frames, begin);
    quic_put_varint(frames, end - begin);
    quic_put(frames, message.data + begin, end - begin);
}

struct p2i_view sealed_view(const struct quic_sealed *sealed)
{
    return p2i_view_of(sealed->data, sealed->size);
}

struct quic_seal initial(const struct quic_sealed *frames)
{
    return (struct quic_seal){
        .version = V1,
        .destination = CID,
        .source = P2I_VIEW("\x5c\x1d"),
        .frames = sealed_view(frames),
        .payload_size = frames->size < 1000 ? 1000 : frames->size,
        .number_size = 1,
    };
}

struct quic_sealed *next_datagram(struct flight *flight, enum p2i_direction from)
{
    cr_assert_lt(flight->count, DATAGRAMS_MAX);
    flight->datagram[flight->count].size = 0;
    flight->from[flight->count] = from;
    flight->missing[flight->count] = 0;
    return &flight->datagram[flight->count++];
}

void send_initial(struct flight *flight, const struct quic_seal *seal)
{
    quic_seal(next_datagram(flight, P2I_FROM_INITIATOR), seal);
}

void send_bytes(struct flight *flight, enum p2i_direction from, struct p2i_view bytes)
{
    put_bytes(next_datagram(flight, from), bytes);
}

void send_part(struct flight *flight, struct p2i_view message, size_t begin, size_t end)
{
    static struct quic_sealed frames;
    frames.size = 0;
    put_crypto(&frames, message, begin, end);
    struct quic_seal seal = initial(&frames);
    send_initial(flight, &seal);
}

/* Appends the steps of a datagram, which is padded as clients have to (RFC 9000 section 14.1) in
 * `room`; returns the number of steps. */
static size_t put_steps(struct dialog_step *steps, const struct flight *flight, size_t number,
                        char room[DATAGRAM_MIN])
{
    const struct quic_sealed *sealed = &flight->datagram[number];
    size_t missing = flight->missing[number];
    size_t size = sealed->size - missing;
    const char *bytes = (const char *)sealed->data;
    if (sealed->size < DATAGRAM_MIN && missing > 0) {
        missing = DATAGRAM_MIN - size;
    } else if (sealed->size < DATAGRAM_MIN) {
        memset(room, 0, DATAGRAM_MIN);
        memcpy(room, bytes, size);
        bytes = room;
        size = DATAGRAM_MIN;
    }
    steps[0] = (struct dialog_step){flight->from[number], bytes, size};
    steps[1] = (struct dialog_step){flight->from[number], NULL, missing};
    return missing > 0 ? 2 : 1;
}

char *play(const struct flight *flight)
{
    static char rooms[DATAGRAMS_MAX][DATAGRAM_MIN];
    struct dialog_step steps[2 * DATAGRAMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < flight->count; i++) {
        count += put_steps(steps + count, flight, i, rooms[i]);
    }
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_UDP, .port = {50000, 443}},
        .protocols = only_quic,
        .steps = steps,
        .step_count = count,
    };
    return dialog_play(&dialog, 0);
}

void cut_newest(struct flight *flight, size_t size)
{
    flight->missing[flight->count - 1] = flight->datagram[flight->count - 1].size - size;
}

void quic_expect(const struct flight *flight, const char *expected)
{
    char *got = play(flight);
    cr_assert_str_eq(got, expected);
    free(got);
}
