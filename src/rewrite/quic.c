/* SPDX-License-Identifier: MIT */
/* QUIC: Initial packets of the client are opened, the hello in them is rewritten, and they are
 * protected again under the same keys. All other packets are overwritten behind their headers. */
#include <stdlib.h>

#include "protocol/quic/crypto.h"
#include "protocol/quic/frames.h"
#include "protocol/quic/google.h"
#include "rewrite/internal.h"

enum { STREAM_MAX = 64 << 10 };

/* An Initial packet that was opened. */
struct initial {
    struct p2i_quic_packet packet;
    struct p2i_quic_opened opened;
    struct p2i_quic_keys keys;
    uint8_t *bytes;   /* of the packet, in the datagram */
    uint8_t *payload; /* its frames */
};

struct quic {
    struct p2i_writing *writing;
    struct p2i_quic_crypto crypto;
    struct p2i_quic_keys keys;
    bool has_keys;
    uint64_t next_number;
    struct initial *initials;
    size_t count, capacity;
    uint8_t *stream;  /* STREAM_MAX bytes of the hello */
    uint8_t *present; /* one byte each */
};

static bool try_open(struct quic *quic, const struct p2i_quic_keys *keys, struct initial *initial)
{
    bool opened = p2i_quic_open(&quic->crypto, keys, &initial->packet, quic->next_number,
                                initial->payload, &initial->opened);
    initial->keys = *keys;
    return opened;
}

/* By the keys of the connection, or of a new one. */
static bool open_initial(struct quic *quic, struct initial *initial)
{
    struct p2i_quic_keys keys;
    if (quic->has_keys && try_open(quic, &quic->keys, initial)) {
        return true;
    }
    if (!p2i_quic_client_keys(&quic->crypto, initial->packet.family, initial->packet.destination,
                              &keys) ||
        !try_open(quic, &keys, initial)) {
        return false;
    }
    quic->keys = keys;
    quic->has_keys = true;
    return true;
}

/* Parts of the hello, into the stream or back. */
static void copy_parts(struct quic *quic, const struct initial *initial, bool back)
{
    struct p2i_quic_frames frames = {.rest = p2i_cursor_of(initial->opened.payload)};
    struct p2i_quic_part part;
    while (p2i_quic_next_part(&frames, &part)) {
        size_t at = (size_t)(part.bytes.data - initial->opened.payload.data);
        for (size_t i = 0; i < part.bytes.size && part.offset + i < STREAM_MAX; i++) {
            size_t place = (size_t)part.offset + i;
            if (back) {
                initial->payload[at + i] = quic->stream[place];
            } else if (quic->present[place] == 0) {
                quic->stream[place] = part.bytes.data[i];
                quic->present[place] = 1;
            }
        }
        if (back && part.offset + part.bytes.size > STREAM_MAX) {
            size_t from = part.offset < STREAM_MAX ? STREAM_MAX - (size_t)part.offset : 0;
            p2i_write_binary(quic->writing,
                             p2i_span_of(initial->payload + at + from, part.bytes.size - from));
        }
    }
}

/* False: the packet is not a client's, or the keys are unknown. */
static bool take_initial(struct quic *quic, const struct p2i_quic_packet *packet, uint8_t *bytes)
{
    if (!p2i_rewrite_reserve((void **)&quic->initials, quic->count, &quic->capacity,
                             sizeof *quic->initials)) {
        quic->writing->out_of_memory = true;
        return false;
    }
    struct initial *initial = &quic->initials[quic->count];
    *initial = (struct initial){
        .packet = *packet, .bytes = bytes, .payload = malloc(packet->bytes.size + 1)};
    if (initial->payload == NULL) {
        quic->writing->out_of_memory = true;
        return false;
    }
    if (!open_initial(quic, initial)) {
        free(initial->payload);
        return false;
    }
    quic->next_number = initial->opened.number >= quic->next_number ? initial->opened.number + 1
                                                                    : quic->next_number;
    quic->count++;
    return true;
}

/* ---- Google's ---- */

/* "CHLO", a count, and a table of tags with the ends of their values. */
static void write_google_hello(struct p2i_writing *writing, struct p2i_bytes hello)
{
    enum { HEAD = 8, ENTRY = 8, SHORT = 8 };
    size_t count = hello.size >= HEAD ? p2i_load_le16(hello.data + 4) : 0;
    struct p2i_bytes values = p2i_span_from(hello, HEAD + count * ENTRY);
    size_t begin = 0;
    for (size_t i = 0; i < count && HEAD + (i + 1) * ENTRY <= hello.size; i++) {
        const uint8_t *entry = hello.data + HEAD + i * ENTRY;
        size_t end = p2i_load_le32(entry + 4);
        if (end < begin) {
            break;
        }
        struct p2i_bytes value = p2i_span_first(p2i_span_from(values, begin), end - begin);
        if (memcmp(entry, "SNI\0", 4) == 0 || memcmp(entry, "UAID", 4) == 0) {
            p2i_write_text(writing, value);
        } else if (value.size > SHORT && memcmp(entry, "PAD\0", 4) != 0) {
            p2i_write_binary(writing, value);
        }
        begin = end;
    }
    p2i_write_binary(writing, p2i_span_from(values, begin));
}

static void write_google(struct p2i_writing *writing, struct p2i_bytes datagram)
{
    struct p2i_view stream = p2i_google_stream(p2i_span_view(datagram));
    if (!p2i_google_is_hello(stream)) {
        enum { HEAD = 13 }; /* flags, connection id, version */
        p2i_write_binary(writing, p2i_span_from(datagram, HEAD));
        return;
    }
    size_t at = (size_t)(stream.data - datagram.data);
    write_google_hello(writing, p2i_span_of(datagram.data + at, stream.size));
    p2i_write_binary(writing, p2i_span_from(datagram, at + stream.size));
}

/* ---- Datagrams ---- */

/* Where the ids of a long header end (RFC 8999 section 5.1). */
static size_t header_end(struct p2i_bytes packet)
{
    enum { DESTINATION = 5 };
    size_t at = DESTINATION;
    for (int i = 0; i < 2; i++) {
        at += at < packet.size ? 1U + packet.data[at] : 0;
    }
    return at;
}

static void take_datagram(struct quic *quic, struct p2i_bytes datagram)
{
    struct p2i_view rest = p2i_span_view(datagram);
    struct p2i_quic_packet packet;
    if (p2i_google_is_packet(rest)) {
        write_google(quic->writing, datagram);
        return;
    }
    while (p2i_quic_packet_next(&rest, &packet)) {
        size_t at = (size_t)(packet.bytes.data - datagram.data);
        struct p2i_bytes bytes = p2i_span_of(datagram.data + at, packet.bytes.size);
        if (packet.type == P2I_QUIC_INITIAL && take_initial(quic, &packet, bytes.data)) {
            continue;
        }
        size_t from = packet.type == P2I_QUIC_RETRY ? header_end(bytes) : packet.number_at;
        p2i_write_binary(quic->writing, p2i_span_from(bytes, from));
    }
    size_t left = rest.size;
    if (left > 0) {
        bool version_negotiation = left == datagram.size && left > 5 && datagram.data[0] >= 0x80 &&
                                   p2i_load_be32(datagram.data + 1) == 0;
        size_t at = datagram.size - left;
        at += version_negotiation ? header_end(datagram) : 1;
        p2i_write_binary(quic->writing, p2i_span_from(datagram, at));
    }
}

static void write_hello(struct quic *quic)
{
    size_t size = 0;
    while (size < STREAM_MAX && quic->present[size] != 0) {
        size++;
    }
    struct p2i_bytes hello = p2i_span_of(quic->stream, size);
    if (p2i_google_is_hello(p2i_span_view(hello))) {
        write_google_hello(quic->writing, hello);
    } else {
        p2i_write_client_hello(quic->writing, hello);
    }
    p2i_write_binary(quic->writing, p2i_span_of(quic->stream + size, STREAM_MAX - size));
}

void p2i_write_quic(struct p2i_writing *writing, struct p2i_bytes *datagrams, size_t count)
{
    if (writing->words == NULL) {
        return; /* it has no secrets of people */
    }
    struct quic quic = {
        .writing = writing, .stream = calloc(STREAM_MAX, 1), .present = calloc(STREAM_MAX, 1)};
    bool done = quic.stream != NULL && quic.present != NULL;
    for (size_t i = 0; done && i < count; i++) {
        take_datagram(&quic, datagrams[i]);
    }
    for (size_t i = 0; done && i < quic.count; i++) {
        copy_parts(&quic, &quic.initials[i], false);
    }
    if (done) {
        write_hello(&quic);
    }
    for (size_t i = 0; i < quic.count; i++) {
        struct initial *initial = &quic.initials[i];
        copy_parts(&quic, initial, true);
        if (!p2i_quic_seal(&quic.crypto, &initial->keys, &initial->packet, &initial->opened,
                           initial->bytes)) {
            p2i_write_binary(writing,
                             p2i_span_of(initial->bytes + initial->packet.number_at,
                                         initial->packet.bytes.size - initial->packet.number_at));
        }
        free(initial->payload);
    }
    writing->out_of_memory = writing->out_of_memory || !done;
    p2i_quic_crypto_free(&quic.crypto);
    free(quic.initials);
    free(quic.stream);
    free(quic.present);
}
