/* SPDX-License-Identifier: MIT */
/* What the kinds of captures that tests/bench/make writes have in common. Single-threaded; a
 * failure of a file ends the program. */
#ifndef P2I_BENCH_MAKE_CAPTURE_H
#define P2I_BENCH_MAKE_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

/* A classic pcap file, Ethernet, nanoseconds. */
struct output {
    FILE *file;
    uint64_t size;    /* bytes so far */
    uint64_t limit;   /* bytes at which to stop */
    uint64_t time_ns; /* of the next frame */
    uint64_t random;  /* state of next_random() */
};

void output_open(struct output *out, const char *path);
void output_close(struct output *out);
/* Writes `size` bytes of a frame that had `original`, at out->time_ns. */
void output_frame(struct output *out, const uint8_t *frame, size_t size, size_t original);
/* The next number of the sequence that the seed began. */
uint64_t next_random(struct output *out);

/* Captures in memory. */
struct mix;

/* Reads the captures of Ethernet frames among `paths`, which ends with NULL, and leaves out others.
 * The caller frees the result. */
struct mix *mix_read(char **paths);
void mix_free(struct mix *mix);
/* Writes copies of the captures until out->limit, `concurrent` at a time in the order of their
 * times. Each copy has addresses of its own, and no gap of more than a second. */
void make_mix(struct output *out, const struct mix *mix, unsigned concurrent);

#endif
