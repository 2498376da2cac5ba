/* SPDX-License-Identifier: MIT */
/* Reads captures of all formats in formats.h, plain or compressed, from files and pipes, and turns
 * them into one stream of frames. */
#ifndef P2I_CAPTURE_CAPTURE_H
#define P2I_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/capture_order.h"
#include "base/time_offset.h"
#include "pcap2ipfix/error.h"

struct p2i_filter;

/* One captured frame. `data` points into the buffer of its block. 40 bytes, because blocks have
 * many frames and larger ones would displace packet data from the cache. */
struct p2i_frame {
    const uint8_t *data;
    uint64_t time_ns; /* Unix time, with the offset; frames without a time have that of the frame
                         before, or 0 */
    uint64_t number : 40;    /* within its capture, from 1 */
    uint64_t link_type : 16; /* LINKTYPE_ value as in the file, lower 16 bits */
    uint64_t skip : 7;       /* enum p2i_fate: 0 decode it; else why it is skipped */
    uint64_t untimed : 1;    /* time_ns is not this frame's own */
    uint32_t size;           /* bytes captured */
    uint32_t original_size;  /* bytes on the wire; never below size */
    uint32_t interface_id;   /* pcapng interface within its section; 0 in pcap */
    uint32_t capture;        /* index of its input, in the order of the paths */
};

#define P2I_FRAME_NUMBER_MAX ((UINT64_C(1) << 40) - 1)

/* A run of frames: filled by p2i_capture_read(), owned and reused by the caller. */
struct p2i_block {
    struct p2i_frame *frames; /* frame_capacity elements */
    size_t frame_count;
    size_t frame_capacity;
    uint64_t first_number; /* of frames[0] in the whole run, from 1 */
    uint8_t *buffer;       /* frame data; grows up to 16 MiB for a large frame */
    size_t buffer_capacity;
};

#ifndef P2I_BLOCK_KIB
#define P2I_BLOCK_KIB 256 /* tests may set less: small captures then span many blocks */
#endif

enum {
    P2I_BLOCK_BYTES = P2I_BLOCK_KIB << 10, /* read at once; fits into the cache */
    P2I_BLOCK_FRAMES = 4096,
    P2I_FRAME_MAX = 16 << 20, /* larger records are treated as damage */
};

/* Allocates a block of the usual sizes. False: out of memory; p2i_block_free() is allowed then. */
bool p2i_block_init(struct p2i_block *block);
void p2i_block_free(struct p2i_block *block);
/* Shrinks a buffer that a large frame made grow. Its frames become invalid. */
void p2i_block_trim(struct p2i_block *block);

/* A block of a pcapng capture. Lives for the call that it is passed to. */
struct p2i_capture_block {
    const uint8_t *data; /* with its header; size: a multiple of 4, with the padding that some
                            writers do not count */
    size_t size;
    uint32_t type;
    bool big;                      /* byte order of its section */
    uint64_t ticks;                /* time of the frame in the unit of its interface */
    const struct p2i_frame *frame; /* without capture and number; NULL: it is no packet, or one that
                                      cannot be read */
    uint64_t number;               /* of that frame in the capture, from 1 */
};

struct p2i_capture_settings {
    enum p2i_capture_order order; /* TIME falls back to ARGS when an input is no regular file */
    const char *filter;           /* BPF expression, or NULL; compiled for each link type */
    struct p2i_filter *compiled;  /* the filter, borrowed; NULL: it is compiled at opening */
    /* Frames before from_ns, or not before to_ns, are skipped; 0: no limit. */
    uint64_t from_ns, to_ns;
    const struct p2i_time_offset *time_offsets; /* added to the times of frames before that and
                                                   before they are put in order */
    size_t time_offset_count;
    uint64_t window_bytes; /* decompression windows of all open captures together; 0 no limit */
    uint64_t ahead_bytes;  /* for p2i_capture_work_ahead(); 0: it is not called */
    bool strict;           /* stop at the first capture that is damaged or refused */
    bool hash;             /* the stored bytes of each capture, for its facts */
    const bool *found; /* by path: the file was found below a directory, and is skipped if it is no
                          capture; NULL: all were named */
    /* Asked before each read and several times a second while a pipe is silent. Must stay true once
     * it is true: reading then ends, and the frames read so far are returned. NULL: never stops. */
    bool (*is_stopped)(void *context);
    void *stop_context;
    /* Called for each block of a pcapng capture, in their order, before its frames are returned.
     * NULL: not called, as for other formats. */
    void (*block)(void *context, const struct p2i_capture_block *block);
    void *block_context;
};

/* Facts about one input, for progress and statistics. */
struct p2i_capture_facts {
    const char *path;    /* as given; lives as long as the caller's string */
    const char *format;  /* "pcap", "pcapng", "pcap (gzip)" ...; static; NULL: not opened yet */
    uint64_t size_bytes; /* of the stored file; 0: not known (pipe) */
    uint64_t read_bytes; /* stored bytes read so far */
    uint64_t frame_count;
    uint64_t first_ns, last_ns; /* smallest and largest frame time; 0: none */
    bool damaged;          /* truncated or damaged; the frames before the damage were returned */
    bool refused;          /* could not be opened, or is no capture */
    bool skipped;          /* no capture, but found below a directory */
    bool hashed;           /* the members below are set, and the input was read to its end */
    uint8_t sha256[32];    /* of the stored bytes */
    uint64_t hashed_bytes; /* their number, also of a pipe */
};

struct p2i_capture; /* all inputs of a run, as one stream of frames */

/* Called once for every input that is refused, damaged or truncated (not for skipped ones); reading
 * goes on unless `strict` is set. Called twice for a pcapng file that has bad blocks (reported
 * once, for the first of them) and is also truncated. `error` lives for the call. */
typedef void p2i_capture_report(void *context, const struct p2i_error *error);

/* Prepares reading; opens only files that have to be opened now. `paths` ("-" is standard input)
 * and their strings must outlive the capture. Returns P2I_OK; P2I_USAGE: the filter does not
 * compile; P2I_END: stopped meanwhile; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_capture_open(struct p2i_capture **opened,
                                 const struct p2i_capture_settings *settings,
                                 const char *const *paths, size_t path_count,
                                 p2i_capture_report *report, void *report_context,
                                 struct p2i_error *error);

/* Fills the block with the next frames, at least one. Returns P2I_OK; P2I_END: no more frames, or
 * the run was stopped (unfinished captures do not count as damaged then); P2I_INTERNAL: out of
 * memory; with `strict` P2I_DAMAGED or P2I_INPUT at the first bad input, after all frames before it
 * were returned. */
enum p2i_result p2i_capture_read(struct p2i_capture *capture, struct p2i_block *block,
                                 struct p2i_error *error);

/* Does a part of the reader's work: decompresses some bytes that p2i_capture_read() returns later,
 * or hashes some that it has read. `may_wait`: also where the input is a pipe that has nothing to
 * read. False: there is nothing to do. Any thread may call it, also during the other functions
 * except open and close. */
bool p2i_capture_work_ahead(struct p2i_capture *capture, bool may_wait);

/* False: the next read might have to wait, because the input is a pipe, which may have less than a
 * block to read, because the next bytes are not decompressed yet, or because those before are not
 * hashed. */
bool p2i_capture_is_ready(const struct p2i_capture *capture);

size_t p2i_capture_count(const struct p2i_capture *capture);
const struct p2i_capture_facts *p2i_capture_facts(const struct p2i_capture *capture, size_t index);

/* Calls `found` for each capture with the same stored bytes as another that was named before it,
 * and with a frame; only hashed captures count. To be called when all are read. */
void p2i_capture_find_copies(const struct p2i_capture *capture,
                             void (*found)(void *context, const struct p2i_capture_facts *copy,
                                           const struct p2i_capture_facts *first),
                             void *context);

void p2i_capture_close(struct p2i_capture *capture); /* NULL is fine */

#endif
