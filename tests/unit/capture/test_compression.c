/* SPDX-License-Identifier: MIT */
/* Every compression that was built in: whole, in pieces, truncated and damaged. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "capture/formats.h"
#include "capture/gzip.h"
#include "files.h"

#define S UINT64_C(1000000000)

/* Builds a capture of `count` packets. */
static struct file capture_of(unsigned count)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < count; i++) {
        pcap_record(&file, i, 0, i, 40 + i % 50, 40 + i % 50);
    }
    return file;
}

static bool is_packet(const struct seen *seen, unsigned i)
{
    return frame_is(seen, i, i * S, i, 40 + i % 50);
}

static void expect_capture(const struct seen *seen, unsigned count, const char *what)
{
    cr_assert_eq(seen->count, count, "%s: %zu of %u", what, seen->count, count);
    for (unsigned i = 0; i < count; i++) {
        cr_assert(is_packet(seen, i), "%s: frame %u", what, i);
    }
}

/* The next built-in compression; NULL: no more. */
static const struct p2i_compression *next_built(size_t *index)
{
    const struct p2i_compression *compression;
    while ((compression = p2i_compression_at((*index)++)) != NULL &&
           compression->decompression->open == NULL) {
        fprintf(stderr, "built without %s\n", compression->name);
    }
    return compression;
}
#define EACH_BUILT(compression)                                                                    \
    size_t each_index = 0;                                                                         \
    for (const struct p2i_compression *compression;                                                \
         (compression = next_built(&each_index)) != NULL;)

Test(compression, each_names_its_library)
{
    cr_expect_not_null(p2i_compression_at(0)->decompression->open, "gzip is always there");
    size_t count = 0;
    for (; p2i_compression_at(count) != NULL; count++) {
        cr_expect_not_null(p2i_compression_at(count)->decompression->library);
    }
    cr_expect_eq(count, 5);
}

Test(compression, concatenated_streams_are_read)
{
    EACH_BUILT(compression)
    {
        const char *name = compression->name;
        struct file file = capture_of(1000);
        struct file compressed = {0};
        for (size_t at = 0; at < file.size; at += 7777) {
            compress_to(&compressed, name, file.data + at,
                        file.size - at < 7777 ? file.size - at : 7777);
        }
        struct seen seen;
        read_bytes(&seen, compressed.data, compressed.size);
        expect_capture(&seen, 1000, name);
        cr_expect_eq(seen.report_count, 0);
        char format[32];
        (void)snprintf(format, sizeof format, "pcap (%s)", name);
        cr_expect_str_eq(seen.facts[0].format, format);
        cr_expect_eq(seen.facts[0].size_bytes, compressed.size);
        cr_expect_eq(seen.facts[0].read_bytes, compressed.size);
        seen_free(&seen);
        put(&compressed, "\0\0\0\0\0\0\0", 7); /* padding of a tape */
        read_bytes(&seen, compressed.data, compressed.size);
        expect_capture(&seen, 1000, name);
        cr_expect_eq(seen.report_count, 0, "%s", name);
        seen_free(&seen);
        put_text(&compressed, "garbage, and that is long enough for a header");
        read_bytes(&seen, compressed.data, compressed.size);
        expect_capture(&seen, 1000, name);
        cr_expect_eq(seen.report_count, 1, "%s", name);
        cr_expect(seen.facts[0].damaged);
        char text[64];
        (void)snprintf(text, sizeof text, "the %s stream is corrupt: ", name);
        cr_expect_not_null(strstr(seen.reports[0].text, text), "%s", seen.reports[0].text);
        cr_expect_eq(seen.reports[0].offset, file.size);
        seen_free(&seen);
        file_free(&compressed);
        file_free(&file);
    }
}

Test(compression, empty_files_decompress_to_nothing)
{
    EACH_BUILT(compression)
    {
        struct file compressed = {0};
        compress_to(&compressed, compression->name, "", 0);
        struct seen seen;
        read_bytes(&seen, compressed.data, compressed.size);
        cr_assert_eq(seen.report_count, 1);
        cr_expect_str_eq(seen.reports[0].text,
                         "not a capture: expected pcap, pcapng, snoop or ERF, found an empty file");
        seen_free(&seen);
        file_free(&compressed);
    }
}

Test(compression, through_a_pipe)
{
    EACH_BUILT(compression)
    {
        struct file file = capture_of(300);
        struct file compressed = {0};
        compress_to(&compressed, compression->name, file.data, file.size);
        int pipes[2];
        cr_assert_eq(pipe(pipes), 0);
        cr_assert_eq(write(pipes[1], compressed.data, compressed.size), (ssize_t)compressed.size);
        (void)close(pipes[1]);
        cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
        (void)close(pipes[0]);
        struct seen seen;
        read_path(&seen, "-");
        expect_capture(&seen, 300, compression->name);
        cr_expect_eq(seen.report_count, 0);
        seen_free(&seen);
        file_free(&compressed);
        file_free(&file);
    }
}

/* Decompressed bytes before the cut are returned, and the cut is always reported. */
Test(compression, cut_at_every_byte)
{
    EACH_BUILT(compression)
    {
        const char *name = compression->name;
        struct file file = capture_of(40);
        struct file compressed = {0};
        compress_to(&compressed, name, file.data, file.size);
        char text[96];
        (void)snprintf(
            text, sizeof text,
            "the %s stream ends early: expected more compressed bytes, found the end of the file",
            name);
        size_t before = 0;
        for (size_t size = compression->magic.size; size < compressed.size; size++) {
            struct seen seen;
            read_bytes(&seen, compressed.data, size);
            cr_assert_eq(seen.report_count, 1, "%s: %zu bytes", name, size);
            cr_assert_geq(seen.count, before);
            before = seen.count;
            for (unsigned i = 0; i < seen.count; i++) {
                cr_assert(is_packet(&seen, i), "%s: frame %u", name, i);
            }
            if (!seen.facts[0].refused) { /* less than a file header */
                cr_assert_str_eq(seen.reports[0].text, text, "%s: %zu bytes: %s", name, size,
                                 seen.reports[0].text);
                cr_assert_eq(seen.reports[0].code, P2I_DAMAGED);
            }
            seen_free(&seen);
        }
        cr_expect(strcmp(name, "gzip") != 0 || before == 40, "all are there before the check sum");
        file_free(&compressed);
        file_free(&file);
    }
}

/* Compressed input that arrives in pieces. */
struct pieces {
    struct p2i_view rest;
    size_t size; /* of each piece */
};

static enum p2i_result read_piece(void *context, uint64_t offset, uint8_t *to, size_t size,
                                  size_t *got, struct p2i_error *error)
{
    struct pieces *pieces = context;
    (void)offset;
    (void)error;
    struct p2i_view piece = p2i_view_first(pieces->rest, size < pieces->size ? size : pieces->size);
    if (piece.size > 0) {
        memcpy(to, piece.data, piece.size);
    }
    pieces->rest = p2i_view_from(pieces->rest, piece.size);
    *got = piece.size;
    return P2I_OK;
}

/* Decompresses with reads of `in` bytes and requests of `out` bytes. *error has the code P2I_END
 * after success. */
static struct file decompress(const struct p2i_compression *compression, struct p2i_view compressed,
                              size_t in, size_t out, struct p2i_error *error)
{
    struct pieces pieces = {compressed, in};
    struct file file = {0};
    uint8_t *room = malloc(out);
    struct p2i_decompressor *decompressor = p2i_decompressor_new(
        &(struct p2i_compressed_input){compression, NULL, read_piece, &pieces}, 0);
    cr_assert(decompressor != NULL && room != NULL);
    enum p2i_result result = P2I_OK;
    *error = (struct p2i_error){0};
    while (result == P2I_OK) {
        size_t got;
        result = p2i_decompress(decompressor, room, out, &got, error);
        cr_assert(result != P2I_OK || got == out);
        put(&file, room, got);
    }
    error->code = result;
    p2i_decompressor_free(decompressor);
    free(room);
    return file;
}

Test(compression, input_may_arrive_in_any_pieces)
{
    static const size_t ins[] = {1, 2, 3, 7, 64, 1000, 65536};
    static const size_t outs[] = {1, 5, 100, 4096, 300000};
    EACH_BUILT(compression)
    {
        struct file file = capture_of(200);
        struct file compressed = {0};
        for (size_t at = 0; at < file.size; at += 5000) {
            compress_to(&compressed, compression->name, file.data + at,
                        file.size - at < 5000 ? file.size - at : 5000);
        }
        struct p2i_view view = p2i_view_of(compressed.data, compressed.size);
        for (size_t i = 0; i < sizeof ins / sizeof ins[0]; i++) {
            for (size_t o = 0; o < sizeof outs / sizeof outs[0]; o++) {
                struct p2i_error error;
                struct file all = decompress(compression, view, ins[i], outs[o], &error);
                cr_assert_eq(error.code, P2I_END, "%s: %s", compression->name, error.text);
                cr_assert_eq(all.size, file.size);
                cr_assert_eq(memcmp(all.data, file.data, file.size), 0);
                file_free(&all);
            }
        }
        file_free(&compressed);
        file_free(&file);
    }
}

/* All formats have checksums: damage is reported or harmless. */
Test(compression, damaged_at_every_byte)
{
    static const uint8_t damage[] = {0x01, 0x80, 0xff};
    EACH_BUILT(compression)
    {
        const char *name = compression->name;
        struct file file = capture_of(30);
        struct file compressed = {0};
        compress_to(&compressed, name, file.data, file.size / 2);
        compress_to(&compressed, name, file.data + file.size / 2, file.size - file.size / 2);
        for (size_t at = compression->magic.size; at < compressed.size * 3; at++) {
            compressed.data[at / 3] ^= damage[at % 3];
            struct seen seen;
            read_bytes(&seen, compressed.data, compressed.size);
            if (seen.report_count == 0) {
                expect_capture(&seen, 30, name);
            } else {
                cr_assert_eq(seen.report_count, 1, "%s: byte %zu", name, at / 3);
                cr_assert(seen.facts[0].damaged || seen.facts[0].refused);
            }
            seen_free(&seen);
            compressed.data[at / 3] ^= damage[at % 3];
        }
        file_free(&compressed);
        file_free(&file);
    }
}

/* Bytes that compress partly, in blocks with their own codes. */
static struct file mixture(size_t size)
{
    struct file file = capture_of(20);
    uint32_t state = 1;
    while (file.size < size) {
        state = state * 1664525 + 1013904223;
        if ((state >> 8) % 7 == 0) {
            uint8_t again[40];
            memcpy(again, file.data + state % (file.size / 2), sizeof again);
            put(&file, again, sizeof again);
        } else {
            put8(&file, state >> (24 + (state >> 20) % 8));
        }
    }
    return file;
}

#ifdef HAVE_ISAL
/* After any cut or damage both libraries give the same bytes and the same error. Only with a
 * damaged code description zlib may detect more than ISA-L, which then returns some invalid bytes.
 */
static void compare(struct p2i_view compressed, unsigned *different)
{
    const struct p2i_compression zlib = {.name = "gzip",
                                         .decompression = &p2i_decompress_gzip_zlib};
    const struct p2i_compression isal = {.name = "gzip", .decompression = &p2i_decompress_gzip};
    struct p2i_error errors[2];
    struct file gave[2] = {decompress(&zlib, compressed, 1 << 16, 1 << 16, &errors[0]),
                           decompress(&isal, compressed, 1 << 16, 1 << 16, &errors[1])};
    size_t both = gave[0].size < gave[1].size ? gave[0].size : gave[1].size;
    cr_assert(both == 0 || memcmp(gave[0].data, gave[1].data, both) == 0);
    cr_assert_eq(errors[0].code, errors[1].code);
    *different += gave[0].size != gave[1].size ||
                  (errors[0].code != P2I_END && strcmp(errors[0].text, errors[1].text) != 0);
    file_free(&gave[0]);
    file_free(&gave[1]);
}

Test(compression, gzip_gives_the_same_with_isal_and_zlib)
{
    struct file file = mixture(6000);
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size / 3);
    gzip_member(&compressed, file.data + file.size / 3, file.size - file.size / 3);
    unsigned different = 0;
    for (size_t size = 0; size <= compressed.size; size++) {
        compare(p2i_view_of(compressed.data, size), &different);
    }
    cr_expect_eq(different, 0, "%u cuts", different);
    static const uint8_t damage[] = {0x01, 0x10, 0xff};
    for (size_t at = 0; at < compressed.size * 3; at++) {
        compressed.data[at / 3] ^= damage[at % 3];
        compare(p2i_view_of(compressed.data, compressed.size), &different);
        compressed.data[at / 3] ^= damage[at % 3];
    }
    cr_expect_leq(different, compressed.size * 3 / 200, "%u of %zu", different,
                  compressed.size * 3);
    file_free(&compressed);
    file_free(&file);
}
#endif

Test(compression, gzip_corrupt)
{
    struct file file = capture_of(2000);
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size);
    compressed.data[compressed.size - 6] ^= 0xff;
    struct seen seen;
    read_bytes(&seen, compressed.data, compressed.size);
    expect_capture(&seen, 2000, "check sum");
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(seen.reports[0].text, "the gzip stream is corrupt: incorrect data check");
    cr_expect_eq(seen.reports[0].offset, file.size);
    seen_free(&seen);
    compressed.data[compressed.size - 6] ^= 0xff;
    compressed.data[compressed.size - 1] ^= 0xff;
    read_bytes(&seen, compressed.data, compressed.size);
    expect_capture(&seen, 2000, "length");
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(seen.reports[0].text, "the gzip stream is corrupt: incorrect length check");
    seen_free(&seen);
    memset(compressed.data + compressed.size / 2, 0xff, 40);
    read_bytes(&seen, compressed.data, compressed.size);
    cr_assert_eq(seen.report_count, 1);
    cr_expect(seen.facts[0].damaged);
    cr_expect_lt(seen.count, 2000);
    seen_free(&seen);
    file_free(&compressed);
    file_free(&file);
}

/* Extra fields, name, comment and header checksum. */
Test(compression, gzip_header_with_all_fields)
{
    struct file file = mixture(100000);
    struct file compressed = {0};
    uint8_t *room = malloc(2 * file.size);
    z_stream stream = {0};
    gz_header header = {.extra = (Bytef *)"AB\4\0more",
                        .extra_len = 8,
                        .name = (Bytef *)"a name",
                        .comment = (Bytef *)"a comment",
                        .hcrc = 1};
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflateSetHeader(&stream, &header), Z_OK);
    stream.next_in = file.data;
    stream.avail_in = (uInt)file.size;
    stream.next_out = room;
    stream.avail_out = (uInt)(2 * file.size);
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    put(&compressed, room, stream.total_out);
    (void)deflateEnd(&stream);
    free(room);
    gzip_member(&compressed, "behind", 6);
    for (size_t in = 1; in < 40; in++) {
        struct p2i_error error;
        struct file all =
            decompress(p2i_compression_at(0), p2i_view_of(compressed.data, compressed.size), in,
                       1 << 16, &error);
        cr_assert_eq(error.code, P2I_END, "%s", error.text);
        cr_assert_eq(all.size, file.size + 6);
        cr_assert_eq(memcmp(all.data, file.data, file.size), 0);
        cr_assert_eq(memcmp(all.data + file.size, "behind", 6), 0);
        file_free(&all);
    }
    file_free(&compressed);
    file_free(&file);
}

/* Skippable frames before and between others. */
Test(compression, skippable_frames)
{
    static const char skippable[] = "\x55\x2a\x4d\x18\4\0\0\0size";
    static const char *const names[] = {"zstd", "lz4"};
    EACH_BUILT(compression)
    {
        const char *name = compression->name;
        if (strcmp(name, names[0]) != 0 && strcmp(name, names[1]) != 0) {
            continue;
        }
        struct file file = capture_of(30);
        struct file compressed = {0};
        put(&compressed, skippable, sizeof skippable - 1);
        compress_to(&compressed, name, file.data, file.size / 2);
        put(&compressed, skippable, sizeof skippable - 1);
        compress_to(&compressed, name, file.data + file.size / 2, file.size - file.size / 2);
        struct seen seen;
        read_bytes(&seen, compressed.data, compressed.size);
        expect_capture(&seen, 30, name);
        cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
        seen_free(&seen);
        file_free(&compressed);
        file_free(&file);
    }
}

/* A step that needs a window can be put off any number of times and is then done as usual. */
Test(compression, windows_may_be_put_off)
{
    static const size_t ins[] = {1, 7, 65536};
    EACH_BUILT(compression)
    {
        struct file file = capture_of(2000);
        struct file compressed = {0};
        compress_to(&compressed, compression->name, file.data, file.size);
        for (size_t i = 0; i < sizeof ins / sizeof ins[0]; i++) {
            struct pieces pieces = {p2i_view_of(compressed.data, compressed.size), ins[i]};
            struct p2i_decompressor *decompressor = p2i_decompressor_new(
                &(struct p2i_compressed_input){compression, NULL, read_piece, &pieces}, 0);
            cr_assert_not_null(decompressor);
            uint8_t *all = malloc(file.size + 1);
            size_t size = 0;
            unsigned delays = 0;
            enum p2i_result result = P2I_OK;
            while (result == P2I_OK && size <= file.size) {
                struct p2i_error error;
                size_t got;
                bool put_off = false;
                result = p2i_decompress_put_off(decompressor, all + size, file.size + 1 - size,
                                                &got, &put_off, &error);
                size += got;
                if (put_off && ++delays % 3 == 0) {
                    cr_expect_eq(got, 0);
                    result = p2i_decompress_some(decompressor, all + size, file.size + 1 - size,
                                                 &got, &error);
                    size += got;
                }
            }
            bool windowless = strcmp(compression->name, "gzip") == 0; /* what it has is fixed */
            cr_expect_eq(result, P2I_END, "%s", compression->name);
            cr_expect_eq(delays, windowless ? 0 : 3, "%s: %u", compression->name, delays);
            cr_assert_eq(size, file.size, "%s: %zu", compression->name, size);
            cr_expect_eq(memcmp(all, file.data, size), 0, "%s", compression->name);
            free(all);
            p2i_decompressor_free(decompressor);
        }
        file_free(&compressed);
        file_free(&file);
    }
}
