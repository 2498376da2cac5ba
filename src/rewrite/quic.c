/* SPDX-License-Identifier: MIT */
/* QUIC: Initial packets of the client are opened, the hello in them is rewritten, all frames
 * without a part of it become padding, and they are protected again under the keys of the new
 * connection id. All other packets are overwritten behind their headers. */
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
    struct p2i_quic_keys was, keys; /* before and behind the rewrite */
    uint8_t *bytes;                 /* of the packet, in the datagram */
    uint8_t *payload;               /* its frames */
};

struct quic {
    struct p2i_writing *writing;
    struct p2i_quic_crypto crypto;
    struct p2i_quic_keys was, keys;
    bool has_keys;
    uint64_t next_number;
    struct initial *initials;
    size_t count, capacity;
    uint8_t *stream;  /* STREAM_MAX bytes of the hello */
    uint8_t *present; /* one byte each */
};

static bool try_open(struct quic *quic, const struct p2i_quic_keys *keys, struct initial *initial)
{
    return p2i_quic_open(&quic->crypto, keys, &initial->packet, quic->next_number, initial->payload,
                         &initial->opened);
}

/* The keys that follow from what the packet's connection id becomes. */
static bool new_keys(struct quic *quic, const struct p2i_quic_packet *packet)
{
    uint8_t id[P2I_QUIC_CID_MAX];
    struct p2i_view was = p2i_view_first(packet->destination, sizeof id);
    if (was.size > 0) {
        memcpy(id, was.data, was.size);
    }
    p2i_write_token(quic->writing, p2i_span_of(id, was.size));
    return p2i_quic_client_keys(&quic->crypto, packet->family, p2i_view_of(id, was.size),
                                &quic->keys);
}

/* By the keys of the connection, or of a new one. */
static bool open_initial(struct quic *quic, struct initial *initial)
{
    struct p2i_quic_keys keys;
    if (!quic->has_keys || !try_open(quic, &quic->was, initial)) {
        if (!p2i_quic_client_keys(&quic->crypto, initial->packet.family,
                                  initial->packet.destination, &keys) ||
            !try_open(quic, &keys, initial) || !new_keys(quic, &initial->packet)) {
            return false;
        }
        quic->was = keys;
        quic->has_keys = true;
    }
    initial->was = quic->was;
    initial->keys = quic->keys;
    return true;
}

/* Parts of the hello, into the stream or back; then everything else becomes padding. */
static void copy_parts(struct quic *quic, const struct initial *initial, bool back)
{
    struct p2i_view payload = initial->opened.payload;
    struct p2i_quic_frames frames = {.rest = p2i_cursor_of(payload)};
    struct p2i_quic_part part;
    size_t behind = 0; /* the last part */
    while (p2i_quic_next_part(&frames, &part)) {
        size_t at = (size_t)(part.bytes.data - payload.data);
        size_t frame_at = (size_t)(part.frame.data - payload.data);
        if (back) {
            memset(initial->payload + behind, 0, frame_at - behind);
        }
        behind = frame_at + part.frame.size;
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
    if (back) {
        memset(initial->payload + behind, 0, payload.size - behind);
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

/* True for values of numbers and names of algorithms. */
static bool is_plain_value(const uint8_t *tag)
{
    static const char *const plain[] = {"VER\0", "PDMD", "SMHL", "ICSL", "MSPC", "MIDS", "SCLS",
                                        "TCID",  "CFCW", "SFCW", "IRTT", "AEAD", "KEXS"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (memcmp(plain[i], tag, 4) == 0) {
            return true;
        }
    }
    return false;
}

/* "CHLO", a count, and a table of tags with the ends of their values. */
static void write_google_hello(struct p2i_writing *writing, struct p2i_bytes hello)
{
    enum { HEAD = 8, ENTRY = 8, NUMBER = 4 };
    size_t count = hello.size >= HEAD ? p2i_load_le16(hello.data + 4) : 0;
    size_t values = HEAD + count * ENTRY;
    size_t at = HEAD;
    size_t begin = 0;
    for (; at + ENTRY <= hello.size && at < values; at += ENTRY) {
        const uint8_t *entry = hello.data + at;
        size_t end = p2i_load_le32(entry + 4);
        if (end < begin || end > UINT16_MAX) {
            values = at; /* what follows is no table */
            begin = 0;
            break;
        }
        struct p2i_bytes value = p2i_span_from(hello, values + begin);
        value = p2i_span_first(value, end - begin);
        if (memcmp(entry, "SNI\0", 4) == 0 || memcmp(entry, "UAID", 4) == 0) {
            p2i_write_text(writing, value);
        } else if (value.size > NUMBER || !is_plain_value(entry)) {
            p2i_write_binary(writing, value);
        }
        begin = end;
    }
    p2i_write_binary(writing, p2i_span_from(hello, values < hello.size ? values + begin : at));
}

/* Connection ids; equal ones stay equal. */
static void write_google_header(struct p2i_writing *writing, struct p2i_bytes header)
{
    enum { LONG = 0x40, CID_SIZE = 8, VERSION_SIZE = 4, FLAGS_OF_LONG = 1 + VERSION_SIZE + 1 };
    bool is_long = header.size > 0 && (header.data[0] & LONG) != 0;
    if (is_long) {
        p2i_write_binary(writing, p2i_span_from(header, FLAGS_OF_LONG));
    } else {
        p2i_write_token(writing, p2i_span_first(p2i_span_from(header, 1), CID_SIZE));
        p2i_write_binary(writing, p2i_span_from(header, 1 + CID_SIZE + VERSION_SIZE));
    }
}

static void write_google(struct p2i_writing *writing, struct p2i_bytes datagram)
{
    size_t header = p2i_google_header_size(p2i_span_view(datagram));
    struct p2i_view stream = p2i_google_stream(p2i_span_view(datagram));
    if (!p2i_google_is_hello(stream)) {
        p2i_write_binary(writing, p2i_span_from(datagram, header));
    } else {
        size_t at = (size_t)(stream.data - datagram.data);
        write_google_hello(writing, p2i_span_of(datagram.data + at, stream.size));
    }
    write_google_header(writing, p2i_span_first(datagram, header));
}

/* ---- Datagrams ---- */

/* Changes both connection ids of a long header (RFC 8999 section 5.1). Returns their end. */
static size_t write_ids(struct quic *quic, struct p2i_bytes packet)
{
    enum { DESTINATION = 5 };
    size_t at = DESTINATION;
    for (int i = 0; i < 2 && at < packet.size; i++) {
        struct p2i_bytes id = p2i_span_first(p2i_span_from(packet, at + 1), packet.data[at]);
        p2i_write_token(quic->writing, id);
        at += 1 + id.size;
    }
    return at;
}

/* Of a packet with a long header: ids and the token, and the contents unless they were opened. */
static void write_packet(struct quic *quic, const struct p2i_quic_packet *packet,
                         struct p2i_bytes bytes, bool opened)
{
    size_t behind_ids = write_ids(quic, bytes);
    struct p2i_bytes rest = p2i_span_from(bytes, behind_ids);
    if (packet->type == P2I_QUIC_RETRY) {
        p2i_write_binary(quic->writing, rest);
        return;
    }
    if (packet->type == P2I_QUIC_INITIAL) {
        struct p2i_cursor cursor = p2i_cursor_of(p2i_span_view(rest));
        size_t size = p2i_quic_length(&cursor);
        struct p2i_bytes token = p2i_span_from(rest, rest.size - cursor.rest.size);
        p2i_write_token(quic->writing, p2i_span_first(token, size));
    }
    size_t tag = packet->number_at + packet->length - P2I_QUIC_TAG_SIZE;
    size_t from = !opened ? packet->number_at : packet->cut ? tag : bytes.size;
    p2i_write_binary(quic->writing, p2i_span_from(bytes, from));
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
        bool opened = packet.type == P2I_QUIC_INITIAL && take_initial(quic, &packet, bytes.data);
        write_packet(quic, &packet, bytes, opened);
    }
    size_t left = rest.size;
    if (left > 0) {
        bool version_negotiation = left == datagram.size && left > 5 && datagram.data[0] >= 0x80 &&
                                   p2i_load_be32(datagram.data + 1) == 0;
        size_t at = datagram.size - left;
        at += version_negotiation ? write_ids(quic, datagram) : 1;
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
        if (!p2i_quic_seal(&quic.crypto, &initial->was, &initial->keys, &initial->packet,
                           &initial->opened, initial->bytes)) {
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
