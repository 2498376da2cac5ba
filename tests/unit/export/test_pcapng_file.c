/* SPDX-License-Identifier: MIT */
/* Blocks that are written, byte by byte (draft-ietf-opsawg-pcapng). */
#include "export/pcapng_file.h"

#include <criterion/criterion.h>
#include <string.h>

#include "helpers/folder.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/values.h"

enum { PACKET_HEAD = 28 };

struct written {
    struct p2i_buffer bytes;
    struct p2i_pcapng_file *file;
    struct p2i_error error;
};

static void begin(struct written *written)
{
    *written = (struct written){0};
    cr_assert_eq(p2i_pcapng_file_open_memory(&written->file, &written->bytes, &written->error),
                 P2I_OK);
}

static void end(struct written *written)
{
    p2i_pcapng_file_free(written->file);
    p2i_buffer_free(&written->bytes);
}

static uint32_t number_at(const struct written *written, size_t at, bool big)
{
    cr_assert_leq(at + 4, written->bytes.size);
    const uint8_t *data = written->bytes.data + at;
    return big ? p2i_load_be32(data) : p2i_load_le32(data);
}

/* The size of the block at a place, which must be the same at its end. */
static size_t block_size(const struct written *written, size_t at, bool big)
{
    size_t size = number_at(written, at + 4, big);
    cr_assert_leq(at + size, written->bytes.size);
    cr_expect_eq(size % 4, 0);
    cr_expect_eq(number_at(written, at + size - 4, big), size);
    return size;
}

static void expect_bytes(const struct written *written, size_t at, const char *bytes, size_t size)
{
    cr_assert_leq(at + size, written->bytes.size);
    cr_expect_eq(memcmp(written->bytes.data + at, bytes, size), 0, "at %zu", at);
}

Test(pcapng_file, sections_and_interfaces)
{
    struct written written;
    begin(&written);
    cr_expect_eq(p2i_pcapng_file_section(written.file, "abcde", &written.error), P2I_OK);
    size_t section = block_size(&written, 0, false);
    cr_expect_eq(number_at(&written, 0, false), P2I_PCAPNG_SECTION);
    cr_expect_eq(number_at(&written, 8, false), 0x1a2b3c4d);
    expect_bytes(&written, 12, "\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    expect_bytes(&written, 24, "\4\0\5\0abcde\0\0\0\0\0\0\0", 16);
    cr_expect_eq(section, 44);
    cr_expect_eq(p2i_pcapng_file_interface(written.file, 1, &written.error), P2I_OK);
    cr_expect_eq(p2i_pcapng_file_interface(written.file, 276, &written.error), P2I_OK);
    size_t first = block_size(&written, section, false);
    cr_expect_eq(number_at(&written, section, false), P2I_PCAPNG_INTERFACE);
    expect_bytes(&written, section + 8, "\1\0\0\0\0\0\0\0\11\0\1\0\11\0\0\0\0\0\0\0", 20);
    expect_bytes(&written, section + first + 8, "\x14\1\0\0", 4);
    cr_expect_eq(written.bytes.size,
                 section + first + block_size(&written, section + first, false));
    end(&written);
}

Test(pcapng_file, times_of_64_bits_and_sizes)
{
    struct written written;
    begin(&written);
    for (size_t size = 0; size <= 5; size++) {
        struct p2i_pcapng_packet packet = {
            .frame = p2i_view_of("abcde", size),
            .original_size = 1500,
            .interface_id = 7,
            .ticks = UINT64_C(1769860800123456789),
        };
        size_t at = written.bytes.size;
        cr_assert_eq(p2i_pcapng_file_packet(written.file, &packet, &written.error), P2I_OK);
        cr_expect_eq(block_size(&written, at, false), 32 + (size + 3) / 4 * 4);
        cr_expect_eq(number_at(&written, at, false), P2I_PCAPNG_PACKET);
        cr_expect_eq(number_at(&written, at + 8, false), 7);
        cr_expect_eq(number_at(&written, at + 12, false), 1769860800123456789 >> 32);
        cr_expect_eq(number_at(&written, at + 16, false), (uint32_t)1769860800123456789);
        cr_expect_eq(number_at(&written, at + 20, false), size);
        cr_expect_eq(number_at(&written, at + 24, false), 1500);
        expect_bytes(&written, at + PACKET_HEAD, "abcde\0\0", size);
    }
    end(&written);
}

/* Writes a packet without bytes with these options, and expects others. */
static void expect_options(bool big, struct p2i_view options, const char *comment,
                           const char *expected, size_t size)
{
    static const uint8_t big_section[28] = {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b,
                                            0x3c, 0x4d, 0,    1,    0, 0, 0, 0,  0,    0,
                                            0,    0,    0,    9,    0, 0, 0, 28};
    struct written written;
    struct p2i_pcapng_packet packet = {.options = options, .comment = comment};
    begin(&written);
    if (big) {
        cr_assert_eq(
            p2i_pcapng_file_copy(written.file, p2i_view_of(big_section, 28), true, &written.error),
            P2I_OK);
        expect_bytes(&written, 16, "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c", 12);
    }
    size_t at = written.bytes.size;
    cr_assert_eq(p2i_pcapng_file_packet(written.file, &packet, &written.error), P2I_OK);
    cr_expect_eq(block_size(&written, at, big), 32 + size);
    expect_bytes(&written, at + PACKET_HEAD, expected, size);
    end(&written);
}

#define OPTIONS(big, options, comment, expected)                                                   \
    expect_options(big, P2I_VIEW(options), comment, expected, sizeof(expected) - 1)

Test(pcapng_file, options_are_kept_and_comments_added)
{
    OPTIONS(false, "", NULL, "");
    OPTIONS(false, "", "hey", "\1\0\3\0hey\0\0\0\0\0");
    OPTIONS(false, "\2\0\4\0\1\0\0\0\0\0\0\0", NULL, "\2\0\4\0\1\0\0\0\0\0\0\0");
    OPTIONS(false, "\1\0\2\0hi\0\0\2\0\4\0\1\0\0\0", "four",
            "\1\0\2\0hi\0\0\2\0\4\0\1\0\0\0\1\0\4\0four\0\0\0\0");
    OPTIONS(true, "\0\2\0\4\0\0\0\1\0\0\0\0", "x", "\0\2\0\4\0\0\0\1\0\1\0\1x\0\0\0\0\0\0\0");
}

Test(pcapng_file, damaged_options_end_before_the_damage)
{
    OPTIONS(false, "\2\0\4\0\1\0\0\0\1\0\x20\0ab", "c", "\2\0\4\0\1\0\0\0\1\0\1\0c\0\0\0\0\0\0\0");
    OPTIONS(false, "\2\0\xff\xff", "c", "\1\0\1\0c\0\0\0\0\0\0\0");
    OPTIONS(false, "\2\0", NULL, "");
    OPTIONS(false, "\0\0\0\0\2\0\4\0\1\0\0\0", "c", "\1\0\1\0c\0\0\0\0\0\0\0");
}

Test(pcapng_file, long_comments_are_cut)
{
    struct written written;
    static char comment[70000];
    memset(comment, 'x', sizeof comment - 1);
    const struct p2i_pcapng_packet packet = {.comment = comment};
    begin(&written);
    cr_assert_eq(p2i_pcapng_file_packet(written.file, &packet, &written.error), P2I_OK);
    size_t length = p2i_load_le16(written.bytes.data + PACKET_HEAD + 2);
    cr_expect_eq(block_size(&written, 0, false), 40 + length);
    end(&written);
}

Test(pcapng_file, other_blocks_are_copied_as_they_are)
{
    static const char secrets[] = "\12\0\0\0\24\0\0\0\1\2\3\4\0\0\0\0\24\0\0\0";
    struct written written;
    begin(&written);
    cr_expect_eq(
        p2i_pcapng_file_copy(written.file, p2i_view_of(secrets, 20), false, &written.error),
        P2I_OK);
    cr_expect_eq(written.bytes.size, 20);
    expect_bytes(&written, 0, secrets, 20);
    end(&written);
}

Test(pcapng_file, a_file_is_there_when_it_is_finished)
{
    struct folder folder = folder_make();
    struct p2i_pcapng_file *file;
    struct p2i_error error;
    cr_assert_eq(p2i_pcapng_file_open(&file, folder.file, NULL, &error), P2I_OK);
    cr_expect_eq(p2i_pcapng_file_section(file, "a", &error), P2I_OK);
    p2i_pcapng_file_free(file);
    cr_expect_eq(folder_count(&folder), 0);
    cr_assert_eq(p2i_pcapng_file_open(&file, folder.file, NULL, &error), P2I_OK);
    cr_expect_eq(p2i_pcapng_file_section(file, "a", &error), P2I_OK);
    cr_expect_eq(p2i_pcapng_file_finish(file, &error), P2I_OK);
    p2i_pcapng_file_free(file);
    cr_expect_eq(folder_count(&folder), 1);
    folder_remove(&folder);
    cr_expect_eq(p2i_pcapng_file_open(&file, "/nowhere/x", NULL, &error), P2I_OUTPUT);
    cr_expect_null(file);
}
