/* SPDX-License-Identifier: MIT */
/* Dialogues over a WebSocket put together by hand, for the tests. */
#ifndef TEST_WEBSOCKET_FRAMES_H
#define TEST_WEBSOCKET_FRAMES_H

#define ZLIB_CONST
#include <zlib.h>

#include "dialog.h"

/* First bytes of frames. */
enum { MORE_TEXT = 0x01, TEXT = 0x81, BINARY = 0x82, REST = 0x80, MORE = 0x00, PACKED = 0x40 };

/* A dialogue in the making; zeroed, and static in the test. */
struct talk {
    struct dialog_step steps[160];
    size_t count;
    uint8_t bytes[1 << 20];
    size_t used;
    uint8_t packed[1 << 20]; /* the last result of talk_pack() */
    z_stream packer[2];
    bool packing[2];
    uint32_t masks;
    bool join; /* the next bytes belong to the step before */
};

/* Steps 0 and 1: the request that asks for a WebSocket, and its answer. */
void talk_begin(struct talk *talk);
void talk_say(struct talk *talk, enum p2i_direction from, struct p2i_view bytes);
void talk_lose(struct talk *talk, enum p2i_direction from, size_t count);

/* A frame, masked if it is the initiator's. */
void talk_frame(struct talk *talk, enum p2i_direction from, unsigned first, struct p2i_view data);
void talk_text(struct talk *talk, enum p2i_direction from, const char *text);

/* What a message deflates to, with the window of those before it; `flush` as of zlib. */
struct p2i_view talk_pack(struct talk *talk, enum p2i_direction from, struct p2i_view data,
                          int flush);
void talk_packed(struct talk *talk, enum p2i_direction from, const char *text);

/* Cut everywhere; and in segments of `segment` bytes, to be freed. */
void frames_expect(const struct talk *talk, const char *expected);
char *talk_play(const struct talk *talk, size_t segment);

#endif
