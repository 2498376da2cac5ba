/* SPDX-License-Identifier: MIT */
/* WebSocket frames (RFC 6455 section 5.2). Texts that are JSON objects or arrays are rewritten as
 * such; other, compressed and binary messages are overwritten, and what is no frame. */
#include <stdlib.h>

#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

enum {
    TEXT = 1,
    BINARY = 2,
    CLOSE = 8,
    PONG = 10,
    OPCODE = 0x0f,
    RESERVED = 0x30,
    COMPRESSED = 0x40,
    LAST = 0x80,
    MASKED = 0x80
};

/* Size of the head; 0: it is not there, or is none. */
static size_t read_head(struct p2i_bytes span, uint64_t *length, const uint8_t **key)
{
    struct p2i_cursor at = p2i_cursor_of(p2i_span_view(span));
    uint8_t first = p2i_u8(&at);
    uint8_t size = p2i_u8(&at);
    uint8_t opcode = first & OPCODE;
    bool known = opcode >= CLOSE ? opcode <= PONG && (first & LAST) != 0 && (size & 0x7f) < 126
                                 : opcode <= BINARY;
    known = known && (first & RESERVED) == 0 &&
            ((first & COMPRESSED) == 0 || opcode == TEXT || opcode == BINARY);
    *length = size & 0x7f;
    if (*length == 126) {
        *length = p2i_be16(&at);
    } else if (*length == 127) {
        known = known && p2i_be32(&at) == 0; /* more than 4 GiB is no length */
        *length = p2i_be32(&at);
    }
    *key = (size & MASKED) != 0 ? p2i_take(&at, 4).data : NULL;
    return at.failed || !known ? 0 : span.size - at.rest.size;
}

/* A frame. */
struct frame {
    struct p2i_bytes payload;
    const uint8_t *key; /* NULL: not masked */
    size_t size;        /* of the whole frame, as far as it is there; 0: there is none */
    uint8_t first;
};

static struct frame read_frame(struct p2i_bytes span)
{
    uint64_t length;
    struct frame frame = {.size = 0};
    size_t head = read_head(span, &length, &frame.key);
    if (head > 0) {
        struct p2i_bytes rest = p2i_span_from(span, head);
        frame.payload = p2i_span_first(rest, length < rest.size ? (size_t)length : rest.size);
        frame.size = head + frame.payload.size;
        frame.first = span.data[0];
    }
    return frame;
}

static bool is_control(const struct frame *frame)
{
    return (frame->first & OPCODE) >= 8;
}

/* Copies the payload of a message's frames, unmasked, or back. Returns the size of its frames;
 * *size is that of the message. Control frames may come between them, and are overwritten on the
 * way back. */
static size_t copy_message(struct p2i_writing *writing, struct p2i_bytes span, uint8_t *bytes,
                           size_t *size, bool back)
{
    size_t at = 0;
    bool last = false;
    *size = 0;
    while (!last && at < span.size) {
        struct frame frame = read_frame(p2i_span_from(span, at));
        if (frame.size == 0) {
            break;
        }
        at += frame.size;
        if (is_control(&frame)) {
            if (back) {
                p2i_write_binary(writing, frame.payload);
            }
            continue;
        }
        for (size_t i = 0; i < frame.payload.size; i++) {
            uint8_t mask = frame.key != NULL ? frame.key[i % 4] : 0;
            if (back) {
                frame.payload.data[i] = bytes[*size + i] ^ mask;
            } else {
                bytes[*size + i] = frame.payload.data[i] ^ mask;
            }
        }
        *size += frame.payload.size;
        last = (frame.first & LAST) != 0;
    }
    return at;
}

static bool begins_json(struct p2i_bytes text)
{
    size_t at = 0;
    while (at < text.size && p2i_is_space(text.data[at])) {
        at++;
    }
    return at < text.size && (text.data[at] == '{' || text.data[at] == '[');
}

static size_t write_message(struct p2i_writing *writing, struct p2i_bytes span)
{
    uint8_t *bytes = malloc(span.size + 1);
    size_t size;
    if (bytes == NULL) {
        writing->out_of_memory = true;
        return span.size;
    }
    size_t frames = copy_message(writing, span, bytes, &size, false);
    bool text = (span.data[0] & OPCODE) == TEXT && (span.data[0] & COMPRESSED) == 0;
    if (text && begins_json(p2i_span_of(bytes, size))) {
        p2i_write_json(writing, p2i_span_of(bytes, size));
    } else if (text) {
        p2i_write_letters(writing, p2i_span_of(bytes, size));
    } else {
        p2i_write_binary(writing, p2i_span_of(bytes, size));
    }
    (void)copy_message(writing, span, bytes, &size, true);
    free(bytes);
    return frames;
}

void p2i_write_websocket(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size > 0) {
        struct frame frame = read_frame(span);
        size_t size = frame.size;
        if (size == 0) {
            p2i_write_binary(writing, span);
            if (writing->words != NULL) {
                span.data[0] |= RESERVED; /* no frame begins here now, either */
            }
            return;
        }
        if (is_control(&frame)) {
            p2i_write_binary(writing, frame.payload);
        } else {
            size = write_message(writing, span);
        }
        span = p2i_span_from(span, size);
    }
}
