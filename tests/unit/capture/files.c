/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_LZ4
#include <lz4frame.h>
#endif
#ifdef HAVE_BZ2
#include <bzlib.h>
#endif

static void check(bool good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

static uint8_t *grow(struct file *file, size_t size)
{
    if (file->size + size > file->capacity) {
        file->capacity = 2 * (file->size + size);
        file->data = realloc(file->data, file->capacity);
        check(file->data != NULL, "realloc");
    }
    file->size += size;
    return file->data + file->size - size;
}

void put(struct file *file, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(grow(file, size), data, size);
    }
}

void put_text(struct file *file, const char *text)
{
    put(file, text, strlen(text));
}

void put8(struct file *file, unsigned value)
{
    *grow(file, 1) = (uint8_t)value;
}

void put16(struct file *file, unsigned value)
{
    put8(file, file->big ? value >> 8 : value);
    put8(file, file->big ? value : value >> 8);
}

void put32(struct file *file, uint32_t value)
{
    put16(file, file->big ? value >> 16 : value);
    put16(file, file->big ? value : value >> 16);
}

static uint8_t payload_byte(unsigned seed, size_t at)
{
    return (uint8_t)(seed * 31 + at * 7 + (at >> 8));
}

void put_payload(struct file *file, unsigned seed, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put8(file, payload_byte(seed, i));
    }
}

void file_free(struct file *file)
{
    free(file->data);
    *file = (struct file){0};
}

void pcap_header(struct file *file, uint32_t magic, uint32_t network)
{
    put32(file, magic);
    put16(file, 2);
    put16(file, 4);
    put32(file, 0);
    put32(file, 0);
    put32(file, 65535);
    put32(file, network);
}

void pcap_record(struct file *file, uint32_t seconds, uint32_t fraction, unsigned seed, size_t size,
                 size_t original_size)
{
    put32(file, seconds);
    put32(file, fraction);
    put32(file, (uint32_t)size);
    put32(file, (uint32_t)original_size);
    put_payload(file, seed, size);
}

size_t block_begin(struct file *file, uint32_t type)
{
    size_t begin = file->size;
    put32(file, type);
    put32(file, 0);
    return begin;
}

void block_end(struct file *file, size_t begin)
{
    while ((file->size - begin) % 4 != 0) {
        put8(file, 0);
    }
    uint32_t total = (uint32_t)(file->size - begin) + 4;
    put32(file, total);
    memcpy(file->data + begin + 4, file->data + file->size - 4, 4);
}

void pcapng_section(struct file *file)
{
    size_t begin = block_begin(file, 0x0a0d0d0a);
    put32(file, 0x1a2b3c4d);
    put16(file, 1);
    put16(file, 0);
    put32(file, 0xffffffff);
    put32(file, 0xffffffff);
    block_end(file, begin);
}

void pcapng_interface(struct file *file, unsigned link_type, uint32_t snaplen)
{
    size_t begin = block_begin(file, 1);
    put16(file, link_type);
    put16(file, 0);
    put32(file, snaplen);
    block_end(file, begin);
}

void pcapng_packet(struct file *file, uint32_t interface, uint64_t ticks, unsigned seed,
                   size_t size, size_t original_size)
{
    size_t begin = block_begin(file, 6);
    put32(file, interface);
    put32(file, (uint32_t)(ticks >> 32));
    put32(file, (uint32_t)ticks);
    put32(file, (uint32_t)size);
    put32(file, (uint32_t)original_size);
    put_payload(file, seed, size);
    block_end(file, begin);
}

const char *path_of(const void *data, size_t size)
{
    int descriptor = memfd_create("capture", MFD_CLOEXEC);
    check(descriptor >= 0, "memfd_create");
    for (size_t done = 0; done < size;) {
        ssize_t count = write(descriptor, (const uint8_t *)data + done, size - done);
        check(count > 0, "write");
        done += (size_t)count;
    }
    static char paths[4096][24];
    check(descriptor < 4096, "descriptors");
    (void)snprintf(paths[descriptor], sizeof paths[0], "/proc/self/fd/%d", descriptor);
    return paths[descriptor];
}

const char *path_of_file(const struct file *file)
{
    return path_of(file->data, file->size);
}

void gzip_member(struct file *to, const void *data, size_t size)
{
    z_stream stream = {0};
    check(deflateInit2(&stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate");
    size_t bound = deflateBound(&stream, (uLong)size);
    stream.next_out = grow(to, bound);
    stream.avail_out = (uInt)bound;
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)size;
    check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate");
    to->size -= stream.avail_out;
    (void)deflateEnd(&stream);
}

static void xz_stream(struct file *to, const void *data, size_t size)
{
#ifdef HAVE_LZMA
    size_t bound = lzma_stream_buffer_bound(size);
    uint8_t *room = grow(to, bound);
    size_t used = 0;
    check(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, data, size, room, &used, bound) ==
              LZMA_OK,
          "xz");
    to->size -= bound - used;
#else
    (void)to;
    (void)data;
    (void)size;
#endif
}

static void zstd_frame(struct file *to, const void *data, size_t size)
{
#ifdef HAVE_ZSTD
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t bound = ZSTD_compressBound(size);
    uint8_t *room = grow(to, bound);
    check(context != NULL, "zstd");
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t used = ZSTD_compress2(context, room, bound, data, size);
    check(!ZSTD_isError(used), "zstd");
    to->size -= bound - used;
    (void)ZSTD_freeCCtx(context);
#else
    (void)to;
    (void)data;
    (void)size;
#endif
}

static void lz4_frame(struct file *to, const void *data, size_t size)
{
#ifdef HAVE_LZ4
    LZ4F_preferences_t preferences = {
        .frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    size_t bound = LZ4F_compressFrameBound(size, &preferences);
    uint8_t *room = grow(to, bound);
    size_t used = LZ4F_compressFrame(room, bound, data, size, &preferences);
    check(!LZ4F_isError(used), "lz4");
    to->size -= bound - used;
#else
    (void)to;
    (void)data;
    (void)size;
#endif
}

static void bzip2_stream(struct file *to, const void *data, size_t size)
{
#ifdef HAVE_BZ2
    unsigned bound = (unsigned)(size + size / 100 + 600);
    uint8_t *room = grow(to, bound);
    unsigned used = bound;
    check(BZ2_bzBuffToBuffCompress((char *)room, &used, (char *)data, (unsigned)size, 1, 0, 0) ==
              BZ_OK,
          "bzip2");
    to->size -= bound - used;
#else
    (void)to;
    (void)data;
    (void)size;
#endif
}

void compress_to(struct file *to, const char *compression, const void *data, size_t size)
{
    static const struct {
        const char *name;
        void (*add)(struct file *to, const void *data, size_t size);
    } all[] = {
        {"gzip", gzip_member}, {"zstd", zstd_frame},    {"xz", xz_stream},
        {"lz4", lz4_frame},    {"bzip2", bzip2_stream},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, compression) == 0) {
            all[i].add(to, data, size);
            return;
        }
    }
    check(false, compression);
}

static void note_report(void *context, const struct p2i_error *error)
{
    struct seen *seen = context;
    if (seen->report_count < 8) {
        seen->reports[seen->report_count] = *error;
    }
    seen->report_count++;
}

static void keep(struct seen *seen, const struct p2i_block *block)
{
    seen->block_count++;
    check(block->first_number == seen->count + 1, "first_number");
    for (size_t i = 0; i < block->frame_count; i++) {
        if (seen->count == seen->capacity) {
            seen->capacity = 2 * seen->capacity + 64;
            seen->frames = realloc(seen->frames, seen->capacity * sizeof *seen->frames);
            check(seen->frames != NULL, "realloc");
        }
        struct p2i_frame frame = block->frames[i];
        check(frame.number == ++seen->numbers[frame.capture], "number within its capture");
        uint8_t *copy = malloc(frame.size + 1U);
        check(copy != NULL, "malloc");
        memcpy(copy, frame.data, frame.size);
        frame.data = copy;
        seen->frames[seen->count++] = frame;
    }
}

enum { HELPERS = 2 };

/* A thread that decompresses ahead. */
struct helper {
    pthread_t thread;
    struct p2i_capture *capture;
    _Atomic bool over;
};

static void *help(void *argument)
{
    struct helper *helper = argument;
    while (!atomic_load(&helper->over)) {
        if (!p2i_capture_work_ahead(helper->capture, true)) {
            sched_yield();
        }
    }
    return NULL;
}

static void helpers_start(struct helper helpers[HELPERS], struct p2i_capture *capture)
{
    for (size_t i = 0; i < HELPERS; i++) {
        helpers[i].capture = capture;
        atomic_store(&helpers[i].over, false);
        check(pthread_create(&helpers[i].thread, NULL, help, &helpers[i]) == 0, "thread");
    }
}

static void helpers_stop(struct helper helpers[HELPERS])
{
    for (size_t i = 0; i < HELPERS; i++) {
        atomic_store(&helpers[i].over, true);
    }
    for (size_t i = 0; i < HELPERS; i++) {
        pthread_join(helpers[i].thread, NULL);
    }
}

void read_all(struct seen *seen, const struct p2i_capture_settings *settings,
              const char *const *paths, size_t path_count)
{
    *seen = (struct seen){.numbers = calloc(path_count + 1, sizeof(uint64_t))};
    check(seen->numbers != NULL, "calloc");
    struct p2i_capture *capture = NULL;
    struct p2i_block block;
    check(p2i_block_init(&block), "block");
    seen->result =
        p2i_capture_open(&capture, settings, paths, path_count, note_report, seen, &seen->error);
    struct helper helpers[HELPERS];
    bool helped = settings->ahead_bytes > 0 && capture != NULL;
    if (helped) {
        helpers_start(helpers, capture);
    }
    while (seen->result == P2I_OK) {
        seen->result = p2i_capture_read(capture, &block, &seen->error);
        if (seen->result == P2I_OK) {
            check(block.frame_count > 0, "a frame at least");
            keep(seen, &block);
            p2i_block_trim(&block);
            check(block.buffer_capacity == P2I_BLOCK_BYTES, "no more than usual is kept");
        }
    }
    if (helped) {
        helpers_stop(helpers);
    }
    for (size_t i = 0; capture != NULL && i < path_count && i < 8; i++) {
        seen->facts[i] = *p2i_capture_facts(capture, i);
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
    free(seen->numbers);
    seen->numbers = NULL;
}

void read_path(struct seen *seen, const char *path)
{
    read_all(seen, &(struct p2i_capture_settings){0}, &path, 1);
}

void read_bytes(struct seen *seen, const void *data, size_t size)
{
    const char *path = path_of(data, size);
    read_path(seen, path);
    int descriptor = 0;
    check(sscanf(path, "/proc/self/fd/%d", &descriptor) == 1, "path");
    (void)close(descriptor);
    seen->facts[0].path = NULL;
    for (size_t i = 0; i < 8; i++) {
        seen->reports[i].file = NULL;
    }
}

void seen_free(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        free((uint8_t *)(uintptr_t)seen->frames[i].data);
    }
    free(seen->frames);
    *seen = (struct seen){0};
}

bool frame_is(const struct seen *seen, size_t index, uint64_t time_ns, unsigned seed, size_t size)
{
    if (index >= seen->count) {
        return false;
    }
    const struct p2i_frame *frame = &seen->frames[index];
    if (frame->time_ns != time_ns || frame->size != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (frame->data[i] != payload_byte(seed, i)) {
            return false;
        }
    }
    return true;
}
