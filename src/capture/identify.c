/* SPDX-License-Identifier: MIT */
#include "capture/identify.h"

#include <stdio.h>

#include "base/cursor.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"

/* Files that people take for captures, known by their first bytes. */
struct stranger {
    struct p2i_view magic;
    const char *text;
};

#define MAGIC(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }
#define UNPACK ", which is not supported; unpack it first"
#define CONVERT ", which is not supported; convert it to pcapng first"

static const struct stranger strangers[] = {
    {MAGIC("PK\x03\x04"), "a zip archive" UNPACK},
    {MAGIC("BZh"), "a file compressed with bzip2" UNPACK},
    {MAGIC("\xfd"
           "7zXZ\0"),
     "a file compressed with xz" UNPACK},
    {MAGIC("\x04\x22\x4d\x18"), "a file compressed with lz4" UNPACK},
    {MAGIC("\x28\xb5\x2f\xfd"),
     "a file compressed with zstd, for which this program was not built; "
     "unpack it first"},
    {MAGIC("\x1f\x8b"), "a file compressed with gzip twice" UNPACK},
    {MAGIC("\x1f\x9d"), "a file compressed with compress" UNPACK},
    {MAGIC("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive" UNPACK},
    {MAGIC("Rar!\x1a\x07"), "a RAR archive" UNPACK},
    {MAGIC("snoop\0\0\0"), "a snoop capture (RFC 1761)" CONVERT},
    {MAGIC("GMBU"), "a Network Monitor capture" CONVERT},
    {MAGIC("RTSS"), "a Network Monitor 1 capture" CONVERT},
    {MAGIC("XCP\0"), "a NetXray or Sniffer capture" CONVERT},
    {MAGIC("TRSNIFF data"), "a Sniffer capture" CONVERT},
    {MAGIC("iptrace "), "an AIX iptrace capture" CONVERT},
    {MAGIC("btsnoop\0"), "a btsnoop capture of Bluetooth, which holds no IP packets"},
};

/* RFC 7011 section 3.1, then a set of templates or of data. */
static bool is_ipfix(struct p2i_view head)
{
    struct p2i_cursor cursor = p2i_cursor_of(head);
    uint16_t version = p2i_be16(&cursor);
    uint16_t size = p2i_be16(&cursor);
    p2i_skip(&cursor, 12);
    uint16_t set = p2i_be16(&cursor);
    return !cursor.failed && version == 10 && size >= 20 && (set == 2 || set == 3 || set >= 256);
}

struct erf {
    uint32_t seconds;
    size_t size;
    bool plausible;
};

/* Endace's extensible record format has no magic: time, type, flags, record length. */
static struct erf erf_at(struct p2i_view bytes)
{
    if (bytes.size < 16) {
        return (struct erf){0};
    }
    unsigned type = bytes.data[8] & 0x7fU;
    struct erf record = {
        .seconds = p2i_load_le32(bytes.data + 4),
        .size = p2i_load_be16(bytes.data + 10),
    };
    const uint32_t year_1995 = 788918400;
    record.plausible = type >= 1 && type <= 48 && record.size >= 16 && record.seconds >= year_1995;
    return record;
}

static bool is_erf(struct p2i_view head)
{
    struct erf first = erf_at(head);
    struct erf second = erf_at(p2i_view_from(head, first.size));
    const uint32_t day = 86400;
    return first.plausible && second.plausible && second.seconds >= first.seconds &&
           second.seconds - first.seconds < day;
}

static bool is_text(struct p2i_view head)
{
    for (size_t i = 0; i < head.size; i++) {
        uint8_t byte = head.data[i];
        if ((byte < ' ' && (byte < '\t' || byte > '\r')) || byte > '~') {
            return false;
        }
    }
    return true;
}

static bool is_html(struct p2i_view head)
{
    struct p2i_view trimmed = p2i_view_trim(head);
    return p2i_view_starts_nocase(trimmed, P2I_VIEW("<!doctype html")) ||
           p2i_view_starts_nocase(trimmed, P2I_VIEW("<html"));
}

static const char *stranger_of(struct p2i_view head)
{
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        if (p2i_view_starts(head, strangers[i].magic)) {
            return strangers[i].text;
        }
    }
    if (is_html(head)) {
        return "an HTML page, perhaps of a download that failed";
    }
    if (is_text(p2i_view_first(head, 512))) {
        return "text";
    }
    if (is_ipfix(head)) {
        return "IPFIX messages";
    }
    return is_erf(head) ? "an ERF capture" CONVERT : NULL;
}

enum p2i_format p2i_identify(struct p2i_view head, struct p2i_error *error)
{
    if (p2i_pcap_is(head)) {
        return P2I_FORMAT_PCAP;
    }
    if (p2i_pcapng_is(head)) {
        return P2I_FORMAT_PCAPNG;
    }
    const char *stranger = head.size > 0 ? stranger_of(head) : "an empty file";
    if (stranger != NULL) {
        (void)p2i_fail(error, P2I_INPUT, "not a capture: expected pcap or pcapng, found %s",
                       stranger);
        return P2I_FORMAT_NONE;
    }
    char bytes[3 * 8 + 1] = "";
    for (size_t i = 0; i < head.size && i < 8; i++) {
        (void)snprintf(bytes + 3 * i, 4, " %02x", head.data[i]);
    }
    (void)p2i_fail(error, P2I_INPUT,
                   "not a capture: expected pcap or pcapng, found an unknown format, first bytes%s",
                   bytes);
    return P2I_FORMAT_NONE;
}
