/* SPDX-License-Identifier: MIT */
/* Members of gzip and frames of zstd that are decompressed side by side give the same bytes, errors
 * and positions as one decompressor, whatever is done in which order, and whatever sizes and
 * headers claim. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "capture/decompress_ahead.h"
#include "capture/formats.h"
#include "files.h"

enum {
    MIB = 1 << 20,
    AHEAD_MIB = 16,
    WHOLE = 4 * MIB + 12345, /* bytes, which do not compress */
    THREADS = 3,
};

/* The compressed bytes, and what was read of them. */
struct input {
    struct p2i_view bytes;
    _Atomic uint64_t furthest; /* the largest offset that a decompressor has read from */
};

static enum p2i_result read_at(void *context, uint64_t offset, uint8_t *to, size_t size,
                               size_t *got, struct p2i_error *error)
{
    struct input *input = context;
    (void)error;
    struct p2i_view part = p2i_view_first(p2i_view_from(input->bytes, (size_t)offset), size);
    if (part.size > 0) {
        memcpy(to, part.data, part.size);
    }
    *got = part.size;
    enum { SEARCH = 64 << 10 }; /* decompressors read more at once */
    uint64_t seen = atomic_load(&input->furthest);
    while (size > SEARCH && offset > seen &&
           !atomic_compare_exchange_weak(&input->furthest, &seen, offset)) {
    }
    return P2I_OK;
}

static bool is_ready(const void *context)
{
    (void)context;
    return true;
}

static struct p2i_compressed_input
input_of(const char *name, struct p2i_decompress_windows *windows, struct input *input)
{
    const struct p2i_compression *compression = p2i_compression_at(0);
    for (size_t i = 1; strcmp(compression->name, name) != 0; i++) {
        compression = p2i_compression_at(i);
        cr_assert_not_null(compression, "%s", name);
    }
    return (struct p2i_compressed_input){compression, windows, read_at, input};
}

/* ---- files ---- */

static struct file noise(size_t size)
{
    struct file file = {0};
    put_payload(&file, 0, size);
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        file.data[i] = (uint8_t)(random >> 24);
    }
    return file;
}

/* A member of BGZF that says it has `claimed` bytes; 0: what it has. */
static void bgzf_member(struct file *to, const void *data, size_t size, size_t claimed)
{
    struct file plain = {0};
    gzip_member(&plain, data, size);
    put(to, "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0", 16);
    size_t whole = plain.size + 8;
    claimed = claimed > 0 ? claimed : whole;
    put8(to, (unsigned)(claimed - 1) & 0xff);
    put8(to, (unsigned)(claimed - 1) >> 8);
    put(to, plain.data + 10, plain.size - 10);
    file_free(&plain);
}

static struct file bgzf_of(const struct file *file)
{
    enum { MEMBER = 65000 };
    struct file to = {0};
    for (size_t at = 0; at < file->size; at += MEMBER) {
        size_t left = file->size - at;
        bgzf_member(&to, file->data + at, left < MEMBER ? left : MEMBER, 0);
    }
    bgzf_member(&to, "", 0, 0);
    return to;
}

/* Streams of `most` bytes each; some are empty. */
static struct file streams_of(const char *name, const struct file *file, size_t most)
{
    struct file to = {0};
    for (size_t at = 0; at < file->size; at += most) {
        size_t left = file->size - at;
        compress_to(&to, name, file->data + at, left < most ? left : most);
        if (at % 5 == 0) {
            compress_to(&to, name, "", 0);
        }
    }
    return to;
}

static struct file plain_copy(struct p2i_view bytes)
{
    struct file file = {0};
    put(&file, bytes.data, bytes.size);
    return file;
}

/* ---- one decompressor, and many ---- */

struct outcome {
    struct file bytes;
    enum p2i_result result;
    struct p2i_error error;
    uint64_t position;
};

static struct outcome alone(const char *name, struct p2i_view bytes)
{
    struct input input = {.bytes = bytes};
    struct p2i_decompress_windows windows = {0};
    struct p2i_compressed_input compressed = input_of(name, &windows, &input);
    struct p2i_decompressor *decompressor = p2i_decompressor_new(&compressed, 0);
    cr_assert_not_null(decompressor);
    struct outcome outcome = {0};
    uint8_t *room = malloc(MIB);
    while (outcome.result == P2I_OK) {
        size_t got;
        outcome.result = p2i_decompress(decompressor, room, MIB, &got, &outcome.error);
        put(&outcome.bytes, room, got);
    }
    outcome.position = p2i_decompressor_position(decompressor);
    p2i_decompressor_free(decompressor);
    free(room);
    return outcome;
}

/* Reads and works ahead in an order that depends on the seed; with threads they work besides. */
struct work {
    struct p2i_ahead *ahead;
    _Atomic bool over;
};

static void *work_on(void *context)
{
    struct work *work = context;
    while (!atomic_load(&work->over)) {
        (void)p2i_ahead_work(work->ahead, true);
    }
    return NULL;
}

static struct outcome side_by_side(const char *name, struct p2i_view bytes, uint32_t seed,
                                   bool threads)
{
    struct input input = {.bytes = bytes};
    struct work work = {.ahead = p2i_ahead_new((seed % 7 == 0 ? 3 : AHEAD_MIB) * (uint64_t)MIB)};
    struct p2i_decompress_windows windows = {.ahead = work.ahead};
    struct p2i_compressed_input compressed = input_of(name, &windows, &input);
    const struct p2i_ahead_input how = {true, true, is_ready, NULL};
    struct p2i_ahead_stream *stream = p2i_ahead_stream_new(work.ahead, &compressed, &how, false);
    cr_assert_not_null(stream);
    pthread_t thread[THREADS];
    for (size_t i = 0; threads && i < THREADS; i++) {
        cr_assert_eq(pthread_create(&thread[i], NULL, work_on, &work), 0);
    }
    struct outcome outcome = {0};
    uint8_t *room = malloc(MIB);
    while (outcome.result == P2I_OK) {
        seed = seed * 1664525 + 1013904223;
        for (unsigned i = seed >> 28; !threads && i > 0 && p2i_ahead_work(work.ahead, true); i--) {
        }
        size_t got;
        outcome.result =
            p2i_ahead_stream_read(stream, room, 1 + (seed >> 14), &got, &outcome.error);
        put(&outcome.bytes, room, got);
    }
    outcome.position = p2i_ahead_stream_position(stream);
    atomic_store(&work.over, true);
    for (size_t i = 0; threads && i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    p2i_ahead_stream_free(stream);
    p2i_ahead_free(work.ahead);
    cr_assert_eq(windows.taken, 0);
    free(room);
    return outcome;
}

static void expect_same(const char *name, struct p2i_view bytes, const char *what)
{
    struct outcome one = alone(name, bytes);
    for (uint32_t seed = 0; seed < 4; seed++) {
        struct outcome other = side_by_side(name, bytes, seed, seed % 2 == 1);
        cr_expect_eq(other.result, one.result, "%s, %s, %u: %s", name, what, seed,
                     other.error.text);
        cr_expect(one.result == P2I_END || strcmp(other.error.text, one.error.text) == 0,
                  "%s, %s, %u: %s, not %s", name, what, seed, other.error.text, one.error.text);
        cr_expect_eq(other.position, one.position, "%s, %s, %u: %llu, not %llu", name, what, seed,
                     (unsigned long long)other.position, (unsigned long long)one.position);
        cr_expect(other.bytes.size == one.bytes.size &&
                      memcmp(other.bytes.data, one.bytes.data, one.bytes.size) == 0,
                  "%s, %s, %u: %zu bytes, not %zu", name, what, seed, other.bytes.size,
                  one.bytes.size);
        file_free(&other.bytes);
    }
    file_free(&one.bytes);
}

static struct p2i_view all_of(const struct file *file)
{
    return p2i_view_of(file->data, file->size);
}

/* Whole, cut, damaged in its first, middle and last part, padded, and with garbage behind it. */
static void expect_all_same(const char *name, struct file *file, const char *what)
{
    expect_same(name, all_of(file), what);
    for (unsigned i = 1; i < 4; i++) {
        size_t at = file->size * i / 4 + i;
        expect_same(name, p2i_view_first(all_of(file), at), "cut");
        file->data[at] ^= 0x55;
        expect_same(name, all_of(file), "damaged");
        file->data[at] ^= 0x55;
    }
    struct file longer = plain_copy(all_of(file));
    put_payload(&longer, 3, 600000);
    expect_same(name, all_of(&longer), "with garbage");
    memset(longer.data + file->size, 0, longer.size - file->size);
    expect_same(name, all_of(&longer), "padded at the end");
    put(&longer, file->data, file->size);
    expect_same(name, all_of(&longer), "padded between");
    file_free(&longer);
}

Test(side_by_side, gzip, .timeout = 240)
{
    struct file file = noise(WHOLE);
    static const size_t sizes[] = {70000, 700000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct file streams = streams_of("gzip", &file, sizes[i]);
        expect_all_same("gzip", &streams, "members");
        file_free(&streams);
    }
    struct file bgzf = bgzf_of(&file);
    expect_all_same("gzip", &bgzf, "BGZF");
    file_free(&bgzf);
    file_free(&file);
}

#ifdef HAVE_ZSTD
Test(side_by_side, zstd, .timeout = 240)
{
    struct file file = noise(WHOLE);
    static const size_t sizes[] = {70000, 700000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct file streams = streams_of("zstd", &file, sizes[i]);
        expect_all_same("zstd", &streams, "frames");
        file_free(&streams);
    }
    /* Skippable frames between them, as pzstd writes. */
    struct file skippable = {0};
    for (size_t at = 0; at < file.size; at += 800000) {
        put(&skippable, "\x50\x2a\x4d\x18\4\0\0\0abcd", 12);
        compress_to(&skippable, "zstd", file.data + at,
                    file.size - at < 800000 ? file.size - at : 800000);
    }
    expect_all_same("zstd", &skippable, "skippable frames");
    file_free(&skippable);
    file_free(&file);
}
#endif

/* Members within the content of another one, which is stored, and sizes that lead there: what
 * begins there can be decompressed, but is none of the file's streams. */
Test(side_by_side, misleading, .timeout = 240)
{
    struct file file = noise(WHOLE);
    struct file inner = streams_of("gzip", &file, 100000);
    struct file outer = {0};
    gzip_member(&outer, inner.data, inner.size); /* does not compress: zlib stores it */
    cr_assert_not_null(memmem(outer.data + 1, outer.size - 1, inner.data, 1000));
    gzip_member(&outer, file.data, file.size);
    expect_same("gzip", all_of(&outer), "members within a member");
    file_free(&outer);
    /* Sizes of BGZF that are too small, too large, and such that a part begins at an inner one. */
    static const size_t claims[] = {40, 65000, 65536};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        for (size_t at = 0; at < 30 * 65000; at += 65000) {
            bgzf_member(&outer, file.data + at, 65000, at > 5 * 65000 ? claims[i] : 0);
        }
        expect_same("gzip", all_of(&outer), "wrong sizes");
        file_free(&outer);
    }
    file_free(&inner);
    file_free(&file);
}

/* Parts behind the reader's place are decompressed before it comes there, as far as the memory
 * allows; of one long member or frame no more than before. */
static void expect_ahead(const char *name)
{
    struct file file = noise(WHOLE);
    struct file streams = streams_of(name, &file, 600000);
    struct file whole = {0};
    compress_to(&whole, name, file.data, file.size);
    const struct file *files[] = {&streams, &whole};
    for (size_t i = 0; i < 2; i++) {
        struct input input = {.bytes = all_of(files[i])};
        struct p2i_ahead *ahead = p2i_ahead_new(AHEAD_MIB * (uint64_t)MIB);
        struct p2i_decompress_windows windows = {.ahead = ahead};
        struct p2i_compressed_input compressed = input_of(name, &windows, &input);
        const struct p2i_ahead_input how = {true, true, is_ready, NULL};
        struct p2i_ahead_stream *stream = p2i_ahead_stream_new(ahead, &compressed, &how, false);
        uint8_t room[100];
        size_t got;
        struct p2i_error error;
        cr_assert_eq(p2i_ahead_stream_read(stream, room, sizeof room, &got, &error), P2I_OK);
        while (p2i_ahead_work(ahead, true)) {
        }
        cr_expect(p2i_ahead_stream_is_ready(stream, MIB), "%s, %zu", name, i);
        cr_expect_lt(p2i_ahead_stream_position(stream), MIB);
        uint64_t furthest = atomic_load(&input.furthest);
        cr_expect(i == 0 ? furthest > 3 * MIB : furthest < 5 * MIB / 2, "%s, %zu: %llu", name, i,
                  (unsigned long long)furthest);
        p2i_ahead_stream_free(stream);
        p2i_ahead_free(ahead);
    }
    file_free(&streams);
    file_free(&whole);
    file_free(&file);
}

Test(side_by_side, goes_ahead)
{
    expect_ahead("gzip");
#ifdef HAVE_ZSTD
    expect_ahead("zstd");
#endif
}
