/* SPDX-License-Identifier: MIT */
/* Captures built in memory, and read back through the public interface. */
#ifndef TESTS_CAPTURE_FILES_H
#define TESTS_CAPTURE_FILES_H

#include "base/view.h"
#include "capture/capture.h"

/* Bytes of a file in the making. */
struct file {
    uint8_t *data;
    size_t size, capacity;
    bool big; /* byte order of put16() and put32() */
};

void put(struct file *file, const void *data, size_t size);
void put_text(struct file *file, const char *text);
void put8(struct file *file, unsigned value);
void put16(struct file *file, unsigned value);
void put32(struct file *file, uint32_t value);
/* `size` bytes that depend on `seed`. */
void put_payload(struct file *file, unsigned seed, size_t size);
void file_free(struct file *file);

void pcap_header(struct file *file, uint32_t magic, uint32_t network);
/* A record with the captured bytes of put_payload(). */
void pcap_record(struct file *file, uint32_t seconds, uint32_t fraction, unsigned seed, size_t size,
                 size_t original_size);

/* pcapng blocks: the body between begin and end; end pads and sets both lengths. */
size_t block_begin(struct file *file, uint32_t type);
void block_end(struct file *file, size_t begin);
void pcapng_section(struct file *file);
void pcapng_interface(struct file *file, unsigned link_type, uint32_t snaplen);
void pcapng_packet(struct file *file, uint32_t interface, uint64_t ticks, unsigned seed,
                   size_t size, size_t original_size);

/* A path under which the bytes can be opened, any number of times, until the process ends. */
const char *path_of(const void *data, size_t size);
const char *path_of_file(const struct file *file);

/* Adds a stream of a compression (struct p2i_compression.name) that was built in. */
void compress_to(struct file *to, const char *compression, const void *data, size_t size);
void gzip_member(struct file *to, const void *data, size_t size);

/* All that a capture gave. */
struct seen {
    struct p2i_frame *frames; /* with bytes of their own */
    size_t count, capacity;
    size_t block_count;
    uint64_t *numbers;      /* of the last frame of each capture; read_all() checks them */
    enum p2i_result result; /* the last one */
    struct p2i_error error;
    size_t report_count;
    struct p2i_error reports[8];
    struct p2i_capture_facts facts[8];
};

void read_all(struct seen *seen, const struct p2i_capture_settings *settings,
              const char *const *paths, size_t path_count);
void read_path(struct seen *seen, const char *path);
void read_bytes(struct seen *seen, const void *data, size_t size);
void seen_free(struct seen *seen);

/* Whether frame `index` has these bytes of put_payload(). */
bool frame_is(const struct seen *seen, size_t index, uint64_t time_ns, unsigned seed, size_t size);

#endif
