/* SPDX-License-Identifier: MIT */
/* plant [--step N] [--redact] [--records] [--protocol NAME] [--seed N] CAPTURE...: plants markers
 * of eight bytes and more in the payload of each session, one at a time: over the bytes at each
 * place where a word may begin, and between them, with lengths, sequence numbers and checksums put
 * right. Rewrites the session and searches the marker in the result. Prints each place where one is
 * left. Every Nth place is tried, chosen by a hash; all of them without --step.
 *
 * --records: compares the records of the frames with those of the rewritten ones too.
 *
 * --redact: passwords alone are replaced; markers are inserted in front of the passwords of the
 * captures, which are "sesame" and "hushhush". Status 1: something is left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/put.h"
#include "pcap2ipfix/cursor.h"
#include "records.h"
#include "rewrite/internal.h"

enum { FRAME_MAX = 70000, SHORTEST_RUN = 8, CONTEXT = 24 };

/* A word, a number, Base64 of the word (in each position of a group, as "name:word" may have it),
 * and its percent-encoding. */
static const char *const markers[] = {
    "Zq7vKjXw",
    "48151623",
    "WnE3dktqWHc=",
    "AFpxN3ZLalh3",
    "AABacTd2S2pYdw==",
    "%5Aq%37v%4BjXw",
    "<b>Zq7vKjXw</b>",
    "\"Zq7vKjXw\":48151623,",
    "\r\nZq7vKjXw 48151623\r\n",
};
enum { MARKERS = sizeof markers / sizeof *markers };

/* What is known of a frame from the decoder. */
struct layout {
    uint64_t session;
    size_t at, size; /* payload; size 0: nothing to plant in */
    size_t ip, transport;
    uint32_t sequence;
    uint8_t protocol; /* 6, 17; 0: anything else */
    bool responder;
};

struct capture {
    const char *path;
    struct frames frames;
    struct layout *layouts;
    struct p2i_rewrite_session *sessions;
    size_t session_count;
    uint8_t **changed; /* of each frame; NULL: as it was */
    uint32_t *sizes;
};

struct place {
    size_t frame, at; /* offset in the payload */
    const char *marker;
    bool inserted;
};

static uint64_t step = 1;
static uint64_t seed;
static bool redacts, compares;
static const char *only; /* protocol */
static size_t tried, left, differ;

/* ---- Frames ---- */

static uint32_t add_up(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* Sets the checksums of a whole frame. Those of cut ones say nothing. */
static void set_checksums(uint8_t *frame, const struct layout *layout, size_t size)
{
    uint8_t *ip = frame + layout->ip;
    uint8_t *transport = frame + layout->transport;
    bool six = ip[0] >> 4 == 6;
    size_t place = layout->protocol == P2I_PROTO_TCP ? 16 : 6;
    if (!six) {
        (void)p2i_put16(ip + 10, 0);
        (void)p2i_put16(ip + 10, (uint16_t)~add_up(0, ip, layout->transport - layout->ip));
    }
    if (p2i_load_be16(transport + place) == 0 && layout->protocol == P2I_PROTO_UDP) {
        return;
    }
    size_t length = layout->at + size - layout->transport;
    (void)p2i_put16(transport + place, 0);
    uint32_t sum = add_up(layout->protocol + (uint32_t)length, ip + (six ? 8 : 12), six ? 32 : 8);
    uint16_t checksum = (uint16_t)~add_up(sum, transport, length);
    (void)p2i_put16(transport + place, checksum == 0 ? 0xffff : checksum);
}

static uint8_t *change(struct capture *capture, size_t frame)
{
    if (capture->changed[frame] == NULL) {
        const struct p2i_engine_frame *given = &capture->frames.list[frame];
        capture->changed[frame] = malloc(FRAME_MAX);
        if (capture->changed[frame] == NULL) {
            exit(6);
        }
        memcpy(capture->changed[frame], given->data, given->size);
        capture->sizes[frame] = given->size;
    }
    return capture->changed[frame];
}

static void undo(struct capture *capture)
{
    for (size_t i = 0; i < capture->frames.count; i++) {
        free(capture->changed[i]);
        capture->changed[i] = NULL;
    }
}

/* The key of the masked WebSocket frame that the payload is; NULL: it is none. Frames that are
 * masked hide words from the eye, and from a search. */
static const uint8_t *mask_of(const uint8_t *payload, size_t size, size_t *head)
{
    if (size < 7 || (payload[0] & 0x7f) > 2 || payload[1] < 0x80 || payload[1] == 0xff) {
        return NULL;
    }
    bool longer = payload[1] == 0xfe;
    *head = longer ? 8 : 6;
    size_t length = longer ? p2i_load_be16(payload + 2) : payload[1] & 0x7fU;
    return size == *head + length ? payload + *head - 4 : NULL;
}

static void flip(uint8_t *payload, size_t size)
{
    size_t head;
    const uint8_t *mask = mask_of(payload, size, &head);
    for (size_t i = head; mask != NULL && i < size; i++) {
        payload[i] ^= mask[(i - head) % 4];
    }
}

/* Moves what is behind the inserted bytes. */
static void shift_session(struct capture *capture, size_t frame, uint32_t count)
{
    const struct layout *first = &capture->layouts[frame];
    for (size_t i = 0; i < capture->frames.count; i++) {
        const struct layout *layout = &capture->layouts[i];
        if (i == frame || layout->session != first->session || layout->protocol != P2I_PROTO_TCP) {
            continue;
        }
        uint8_t *data = change(capture, i);
        uint8_t *number =
            data + layout->transport + (layout->responder == first->responder ? 4 : 8);
        uint32_t value = p2i_load_be32(number);
        if ((int32_t)(value - first->sequence) > 0) {
            (void)p2i_put32(number, value + count);
            if (layout->at + layout->size <= capture->sizes[i]) {
                set_checksums(data, layout, layout->size);
            }
        }
    }
}

static void grow_lengths(uint8_t *frame, const struct layout *layout, uint16_t count)
{
    uint8_t *length = frame + layout->ip + (frame[layout->ip] >> 4 == 6 ? 4 : 2);
    (void)p2i_put16(length, (uint16_t)(p2i_load_be16(length) + count));
    if (layout->protocol == P2I_PROTO_UDP) {
        length = frame + layout->transport + 4;
        (void)p2i_put16(length, (uint16_t)(p2i_load_be16(length) + count));
    }
}

static void plant(struct capture *capture, const struct place *place)
{
    const struct layout *layout = &capture->layouts[place->frame];
    uint8_t *frame = change(capture, place->frame);
    uint8_t *payload = frame + layout->at;
    size_t size = strlen(place->marker);
    size_t whole = layout->size;
    flip(payload, layout->size);
    if (place->inserted) {
        memmove(payload + place->at + size, payload + place->at,
                capture->sizes[place->frame] - layout->at - place->at);
        whole += size;
        capture->sizes[place->frame] += (uint32_t)size;
    }
    memcpy(payload + place->at, place->marker, size);
    flip(payload, layout->size);
    if (place->inserted) {
        grow_lengths(frame, layout, (uint16_t)size);
        shift_session(capture, place->frame, (uint32_t)size);
    }
    if (layout->protocol != 0) {
        set_checksums(frame, layout, whole);
    }
}

/* ---- Search ---- */

/* A run of the marker in the bytes. */
static bool has_run(const uint8_t *data, size_t size, const char *marker)
{
    size_t length = strlen(marker);
    for (size_t at = 0; at + SHORTEST_RUN <= length; at++) {
        bool word = false; /* lines ends and the like are anywhere */
        for (size_t i = at; i < at + SHORTEST_RUN; i++) {
            word = word || p2i_is_letter((uint8_t)marker[i]) || p2i_is_digit((uint8_t)marker[i]);
        }
        if (word && memmem(data, size, marker + at, SHORTEST_RUN) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_left(const struct capture *capture, const struct p2i_rewrite *rewrite,
                    const struct place *place)
{
    static uint8_t copy[FRAME_MAX];
    const struct layout *first = &capture->layouts[place->frame];
    size_t number = 0;
    for (size_t i = 0; i < capture->frames.count; i++) {
        const struct layout *layout = &capture->layouts[i];
        if (layout->session != first->session) {
            continue;
        }
        size_t size =
            capture->changed[i] != NULL ? capture->sizes[i] : capture->frames.list[i].size;
        memcpy(copy, p2i_rewrite_frame(rewrite, number++), size);
        if (has_run(copy, size, place->marker)) {
            return true;
        }
        if (layout->size > 0) {
            flip(copy + layout->at, size - layout->at);
            if (has_run(copy, size, place->marker)) {
                return true;
            }
        }
    }
    return false;
}

static void print_place(struct capture *capture, const struct place *place)
{
    const struct layout *layout = &capture->layouts[place->frame];
    uint8_t *frame = change(capture, place->frame);
    size_t begin = place->at < CONTEXT ? 0 : place->at - CONTEXT;
    size_t end = place->at + strlen(place->marker) + CONTEXT;
    flip(frame + layout->at, capture->sizes[place->frame] - layout->at);
    printf("%s: packet %zu, byte %zu, %s: ", capture->path, place->frame + 1, place->at,
           place->inserted ? "inserted" : "over");
    for (size_t i = begin; i < end && layout->at + i < capture->sizes[place->frame]; i++) {
        uint8_t byte = frame[layout->at + i];
        printf(byte >= ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    printf("\n");
}

/* ---- Places ---- */

/* Numbers may stay that say how many bytes follow. */
static bool is_length(const struct capture *capture, const struct place *place)
{
    static const char *const names[] = {"content-length:", "\nl:", "{", "bdat"};
    const struct layout *layout = &capture->layouts[place->frame];
    const uint8_t *payload = capture->changed[place->frame] + layout->at;
    size_t end = place->at;
    while (end > 0 && payload[end - 1] == ' ') {
        end--;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct p2i_view name = p2i_view_of(names[i], strlen(names[i]));
        if (end >= name.size &&
            p2i_view_equals_nocase(p2i_view_of(payload + end - name.size, name.size), name)) {
            return p2i_is_digit((uint8_t)place->marker[0]);
        }
    }
    return false;
}

/* The frames of the session, with what was planted. */
static struct frames frames_of(const struct capture *capture, uint64_t session)
{
    struct frames frames = {0};
    for (size_t i = 0; i < capture->frames.count; i++) {
        if (capture->layouts[i].session == session) {
            struct p2i_engine_frame frame = capture->frames.list[i];
            if (capture->changed[i] != NULL) {
                frame.original_size += capture->sizes[i] - frame.size;
                frame.size = capture->sizes[i];
                frame.data = capture->changed[i];
            }
            frames.list = grow(frames.list, frames.count, &frames.capacity, sizeof *frames.list);
            frames.list[frames.count++] = frame;
        }
    }
    return frames;
}

/* The records of the rewritten frames are those of the frames, with texts replaced. */
static void compare_records(struct p2i_rewrite *rewrite, struct frames *frames)
{
    struct lines wanted = {.rewrite = rewrite};
    struct lines found = {0};
    convert_frames(frames, &wanted, false);
    for (size_t i = 0; i < frames->count; i++) {
        frames->list[i].data = p2i_rewrite_frame(rewrite, i);
    }
    convert_frames(frames, &found, false);
    differ += (size_t)compare_lines(&wanted, &found);
    free_lines(&wanted);
    free_lines(&found);
}

static void try_place(struct capture *capture, const struct place *place)
{
    static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {3, 1, 4, 1, 5, 9};
    struct p2i_error error;
    struct p2i_rewrite *rewrite = p2i_rewrite_open(redacts ? NULL : key, redacts);
    plant(capture, place);
    struct frames frames = frames_of(capture, capture->layouts[place->frame].session);
    for (size_t i = 0; i < frames.count; i++) {
        if (p2i_rewrite_add(rewrite, &frames.list[i], &error) != P2I_OK) {
            fail("add", &error);
        }
    }
    if (p2i_rewrite_run(rewrite, &error) != P2I_OK) {
        fail("run", &error);
    }
    tried++;
    size_t before = differ;
    if (compares) {
        compare_records(rewrite, &frames);
    }
    bool remains = is_left(capture, rewrite, place) && !is_length(capture, place);
    left += remains;
    if (remains || differ > before) {
        print_place(capture, place);
    }
    free(frames.list);
    p2i_rewrite_free(rewrite);
    undo(capture);
}

/* True where a password of the captures stands. */
static bool is_secret(const uint8_t *data, size_t size)
{
    struct p2i_view rest = p2i_view_of(data, size);
    return p2i_view_starts_nocase(rest, P2I_VIEW("sesame")) ||
           p2i_view_starts_nocase(rest, P2I_VIEW("hushhush"));
}

static bool may_begin(const uint8_t *payload, size_t size, size_t at)
{
    if (redacts) {
        return is_secret(payload + at, size - at);
    }
    return at == 0 || (!p2i_is_letter(payload[at - 1]) && !p2i_is_digit(payload[at - 1]));
}

static void try_frame(struct capture *capture, size_t frame)
{
    static uint8_t payload[FRAME_MAX];
    const struct layout *layout = &capture->layouts[frame];
    const struct p2i_engine_frame *given = &capture->frames.list[frame];
    if (layout->size == 0) {
        return;
    }
    memcpy(payload, (const uint8_t *)given->data + layout->at, layout->size);
    flip(payload, layout->size);
    size_t head;
    bool grows = layout->protocol != 0 && given->size == given->original_size &&
                 mask_of(payload, layout->size, &head) == NULL;
    for (size_t at = 0; at < layout->size; at++) {
        if (!may_begin(payload, layout->size, at)) {
            continue;
        }
        for (size_t i = redacts ? 1 : 0; i < (redacts ? 4 : 2 * MARKERS); i += redacts ? 2 : 1) {
            struct place place = {frame, at, markers[i / 2], i % 2 == 1};
            uint64_t hash = p2i_mix(p2i_mix(seed, frame), at << 8 | i);
            bool fits = at + strlen(place.marker) <= layout->size;
            if (hash % step == 0 && (place.inserted ? grows : fits)) {
                try_place(capture, &place);
            }
        }
    }
}

/* ---- Captures ---- */

static const struct p2i_rewrite_session *session_of(const struct capture *capture, uint64_t id)
{
    for (size_t i = 0; i < capture->session_count; i++) {
        if (capture->sessions[i].id == id) {
            return &capture->sessions[i];
        }
    }
    return NULL;
}

static void read_layout(struct capture *capture, const struct p2i_rewrite *rewrite, size_t i)
{
    const struct p2i_rewrite_frame *frame = &rewrite->frames[i];
    struct layout *layout = &capture->layouts[i];
    layout->session = frame->session;
    if (frame->area == i) {
        layout->at = frame->at;
        layout->size = frame->size;
    }
    layout->sequence = frame->sequence;
    const struct p2i_rewrite_session *session = session_of(capture, frame->session);
    layout->responder = session != NULL && frame->port[0] != session->port[0];
    for (size_t j = 0; j < rewrite->element_count; j++) {
        const struct p2i_header_place *element = &rewrite->elements[j];
        bool known = element->kind == P2I_TRACE_TCP || element->kind == P2I_TRACE_UDP;
        if (element->area == i && known && element->ip != SIZE_MAX && frame->transport != 0) {
            layout->transport = element->at;
            layout->ip = rewrite->elements[element->ip].at;
            layout->protocol = frame->transport;
        }
    }
    if (layout->size == 0 && layout->protocol == P2I_PROTO_TCP) {
        const uint8_t *header = (const uint8_t *)capture->frames.list[i].data + layout->transport;
        layout->at = layout->transport + (size_t)(header[12] >> 4) * 4;
    }
}

static void read_capture(struct capture *capture)
{
    struct p2i_error error;
    struct p2i_rewrite *rewrite = p2i_rewrite_open(NULL, true);
    pcap_close(read_frames(capture->path, &capture->frames));
    for (size_t i = 0; i < capture->frames.count; i++) {
        if (p2i_rewrite_add(rewrite, &capture->frames.list[i], &error) != P2I_OK) {
            fail("add", &error);
        }
    }
    if (p2i_rewrite_run(rewrite, &error) != P2I_OK) {
        fail("run", &error);
    }
    size_t count = capture->frames.count + 1;
    capture->layouts = calloc(count, sizeof *capture->layouts);
    capture->changed = calloc(count, sizeof *capture->changed);
    capture->sizes = calloc(count, sizeof *capture->sizes);
    capture->session_count = rewrite->session_count;
    capture->sessions = calloc(rewrite->session_count + 1, sizeof *capture->sessions);
    if (rewrite->session_count > 0) {
        memcpy(capture->sessions, rewrite->sessions,
               rewrite->session_count * sizeof *capture->sessions);
    }
    for (size_t i = 0; i < capture->frames.count; i++) {
        read_layout(capture, rewrite, i);
    }
    p2i_rewrite_free(rewrite);
}

/* True when the session has turned to TLS by this frame. */
static bool is_tls(const struct capture *capture, size_t frame)
{
    const struct layout *layouts = capture->layouts;
    for (size_t i = 0; i <= frame; i++) {
        const uint8_t *payload = (const uint8_t *)capture->frames.list[i].data + layouts[i].at;
        if (layouts[i].session == layouts[frame].session && layouts[i].size > 2 &&
            payload[0] >= 20 && payload[0] <= 23 && payload[1] == 3) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct capture *capture, size_t frame)
{
    const struct p2i_rewrite_session *session =
        session_of(capture, capture->layouts[frame].session);
    const struct p2i_protocol_facts *facts =
        p2i_protocol_facts(session != NULL ? (enum p2i_protocol_id)session->protocol : 0);
    const char *name = is_tls(capture, frame) ? "tls" : facts != NULL ? facts->name : "";
    return only == NULL || strcmp(name, only) == 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--step") == 0 && i + 1 < argc) {
            step = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--protocol") == 0 && i + 1 < argc) {
            only = argv[++i];
        } else if (strcmp(argv[i], "--records") == 0) {
            compares = true;
        } else if (strcmp(argv[i], "--redact") == 0) {
            redacts = true;
        } else {
            struct capture capture = {.path = argv[i]};
            read_capture(&capture);
            for (size_t j = 0; j < capture.frames.count; j++) {
                if (is_wanted(&capture, j)) {
                    try_frame(&capture, j);
                }
            }
            free(capture.layouts);
            free(capture.changed);
            free(capture.sizes);
            free(capture.sessions);
            free_frames(&capture.frames);
        }
    }
    printf("%zu markers planted, %zu left\n", tried, left);
    if (compares) {
        printf("%zu with other records\n", differ);
    }
    return left > 0 || tried == 0 ? 1 : 0;
}
