/* SPDX-License-Identifier: MIT */
/* Captures become frames: those of the table in formats.h, plain or compressed, from files and
 * pipes; several captures become one stream of frames. */
#ifndef P2I_CAPTURE_CAPTURE_H
#define P2I_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One captured frame. `data` points into the buffer of the block that holds the frame. Blocks have
 * many of them: 40 bytes each, lest they push the packets themselves out of the cache. */
struct p2i_frame {
    const uint8_t *data;
    uint64_t time_ns;        /* Unix time; without one (SPB) that of the packet before, or 0 */
    uint64_t number : 40;    /* within its capture, from 1 */
    uint64_t link_type : 16; /* LINKTYPE_ value as in the file, lower 16 bits */
    uint64_t skip : 7;       /* enum p2i_fate: 0 look at it; else why not (filtered...) */
    uint64_t untimed : 1;    /* time_ns is not its own */
    uint32_t size;           /* bytes captured */
    uint32_t original_size;  /* bytes on the wire; never below size */
    uint32_t interface_id;   /* pcapng interface within its section; 0 in pcap */
    uint32_t capture;        /* index of its input, as given */
};

#define P2I_FRAME_NUMBER_MAX ((UINT64_C(1) << 40) - 1)

/* A run of frames. Filled by p2i_capture_read(), owned by the caller, used again and again. */
struct p2i_block {
    struct p2i_frame *frames; /* room for frame_capacity */
    size_t frame_count;
    size_t frame_capacity;
    uint64_t first_number; /* of frames[0] in the whole input, from 1 */
    uint8_t *buffer;       /* what the frames point into; grows up to 16 MiB for a large frame */
    size_t buffer_capacity;
};

#ifndef P2I_BLOCK_KIB
#define P2I_BLOCK_KIB 256 /* less in a build for tests: small captures then have many blocks */
#endif

enum {
    P2I_BLOCK_BYTES = P2I_BLOCK_KIB << 10, /* read at once; stays in the cache */
    P2I_BLOCK_FRAMES = 4096,
    P2I_FRAME_MAX = 16 << 20, /* a larger record is damage */
};

/* Buffers of the usual sizes. False when out of memory; p2i_block_free() is then allowed. */
bool p2i_block_init(struct p2i_block *block);
void p2i_block_free(struct p2i_block *block);
/* Gives back what large frames made it grow by; its frames are not looked at any more. */
void p2i_block_trim(struct p2i_block *block);

enum p2i_capture_order {
    P2I_ORDER_TIME, /* frame by frame, by time, over all captures that overlap */
    P2I_ORDER_ARGS, /* one after the other, as given */
    P2I_ORDER_NAME, /* one after the other, by name (bytewise) */
};

struct p2i_capture_settings {
    enum p2i_capture_order order; /* TIME falls back to ARGS when an input is not a regular file */
    const char *filter;           /* BPF expression, or NULL; compiled for each link type */
    uint64_t window_bytes;        /* for decompressing all captures that are open; 0 no limit */
    bool strict;                  /* stop at the first capture that is damaged or refused */
    const bool *found;            /* by path: skipped if it is no capture; NULL: none is */
    /* Asked before each read and, while a pipe gives nothing, some times a second. True, from then
     * on for good: no more is read, and what was read is given. NULL: never. */
    bool (*is_stopped)(void *context);
    void *stop_context;
};

/* What is known of one input; for progress and statistics. */
struct p2i_capture_facts {
    const char *path;    /* as given; lives as long as the capture */
    const char *format;  /* "pcap", "pcapng", "pcap (gzip)" ...; static; NULL before it is opened */
    uint64_t size_bytes; /* of the file as stored; 0 not known (pipe) */
    uint64_t read_bytes; /* of the file as stored, so far */
    uint64_t frame_count;
    uint64_t first_ns, last_ns; /* least and largest time of its frames; 0 none */
    bool damaged;               /* cut or damaged: what came before was given */
    bool refused;               /* could not be opened, or is not a capture */
    bool skipped;               /* is not a capture, but was not named either */
};

struct p2i_capture; /* all inputs of a run as one stream */

/* Told once for every input that is refused, damaged or cut (not if it is skipped); the run goes
 * on, but not with `strict`. Told twice for a pcapng file in which bad blocks were skipped (the
 * first of them is told) and which then ends early. `error` lives for the call. */
typedef void p2i_capture_report(void *context, const struct p2i_error *error);

/* `paths` ("-" is standard input) and their strings must outlive the capture. Opens nothing that
 * need not be opened yet. P2I_USAGE: the filter does not compile; P2I_END: it was stopped
 * meanwhile. */
enum p2i_result p2i_capture_open(struct p2i_capture **opened,
                                 const struct p2i_capture_settings *settings,
                                 const char *const *paths, size_t path_count,
                                 p2i_capture_report *report, void *report_context,
                                 struct p2i_error *error);

/* Fills the block with the next frames (at least one). P2I_OK; P2I_END when there are no more, or
 * the reading was stopped: captures that were then not read to their end are not called damaged;
 * P2I_INTERNAL when out of memory; with `strict` P2I_DAMAGED or P2I_INPUT at the first bad input
 * (what was read before it has been given). */
enum p2i_result p2i_capture_read(struct p2i_capture *capture, struct p2i_block *block,
                                 struct p2i_error *error);

size_t p2i_capture_count(const struct p2i_capture *capture);
const struct p2i_capture_facts *p2i_capture_facts(const struct p2i_capture *capture, size_t index);

void p2i_capture_close(struct p2i_capture *capture); /* NULL is fine */

#endif
