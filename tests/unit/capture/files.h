/* SPDX-License-Identifier: MIT */
/* Builds captures in memory, and reads them back through the public interface. */
#ifndef TESTS_CAPTURE_FILES_H
#define TESTS_CAPTURE_FILES_H

#include "capture/capture.h"
#include "pcap2ipfix/view.h"

/* A file being built. */
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
/* Appends `size` bytes that depend on `seed`. */
void put_payload(struct file *file, unsigned seed, size_t size);
void file_free(struct file *file);

void pcap_header(struct file *file, uint32_t magic, uint32_t network);
/* Appends a record with the captured bytes of put_payload(). */
void pcap_record(struct file *file, uint32_t seconds, uint32_t fraction, unsigned seed, size_t size,
                 size_t original_size);

/* pcapng blocks: the body goes between begin and end, which pads and sets both lengths. */
size_t block_begin(struct file *file, uint32_t type);
void block_end(struct file *file, size_t begin);
void pcapng_section(struct file *file);
void pcapng_interface(struct file *file, unsigned link_type, uint32_t snaplen);
void pcapng_packet(struct file *file, uint32_t interface, uint64_t ticks, unsigned seed,
                   size_t size, size_t original_size);

/* Returns a path under which the bytes can be opened, any number of times, until the process ends.
 */
const char *path_of(const void *data, size_t size);
const char *path_of_file(const struct file *file);

/* Appends a compressed stream; `compression` is the name of a built-in struct p2i_compression. */
void compress_to(struct file *to, const char *compression, const void *data, size_t size);
void gzip_member(struct file *to, const void *data, size_t size);

/* Everything that a capture returned. */
struct seen {
    struct p2i_frame *frames; /* with copies of their bytes */
    size_t count, capacity;
    size_t block_count;
    uint64_t *numbers;      /* by capture: number of its last frame, checked by read_all() */
    enum p2i_result result; /* of the last read */
    struct p2i_error error;
    size_t report_count;
    struct p2i_error reports[8];
    struct p2i_capture_facts facts[8];
};

/* With settings->ahead_bytes two more threads decompress ahead. */
void read_all(struct seen *seen, const struct p2i_capture_settings *settings,
              const char *const *paths, size_t path_count);
void read_path(struct seen *seen, const char *path);
void read_bytes(struct seen *seen, const void *data, size_t size);
void seen_free(struct seen *seen);

/* True when frame `index` has the bytes of put_payload(). */
bool frame_is(const struct seen *seen, size_t index, uint64_t time_ns, unsigned seed, size_t size);

#endif
