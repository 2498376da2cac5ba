/* SPDX-License-Identifier: MIT */
#include "capture/identify.h"

#include <stdio.h>

#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"

/* Files commonly mistaken for captures, by magic number. */
struct stranger {
    struct p2i_view magic;
    const char *text;
};

#define MAGIC(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }
#define DECOMPRESS ", which is not supported; decompress it first"
#define CONVERT ", which is not supported; convert it to pcapng first"

static const struct stranger strangers[] = {
    {MAGIC("PK\x03\x04"), "a zip archive" DECOMPRESS},
    {MAGIC("\x1f\x8b"), "a file compressed with gzip by an unknown method" DECOMPRESS},
    {MAGIC("\x1f\x9d"), "a file compressed with compress" DECOMPRESS},
    {MAGIC("LZIP"), "a file compressed with lzip" DECOMPRESS},
    {MAGIC("\x5d\0\0"), "a file compressed with lzma" DECOMPRESS},
    {MAGIC("\x02\x21\x4c\x18"), "a file compressed with lz4 in its old format" DECOMPRESS},
    {MAGIC("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive" DECOMPRESS},
    {MAGIC("Rar!\x1a\x07"), "a RAR archive" DECOMPRESS},
    {MAGIC("GMBU"), "a Network Monitor capture" CONVERT},
    {MAGIC("RTSS"), "a Network Monitor 1 capture" CONVERT},
    {MAGIC("XCP\0"), "a NetXray or Sniffer capture" CONVERT},
    {MAGIC("TRSNIFF data"), "a Sniffer capture" CONVERT},
    {MAGIC("iptrace "), "an AIX iptrace capture" CONVERT},
    {MAGIC("btsnoop\0"), "a btsnoop capture of Bluetooth, which holds no IP packets"},
};

/* RFC 7011 section 3.1: a message header, then a template or data set. */
static bool is_ipfix(struct p2i_view head)
{
    struct p2i_cursor cursor = p2i_cursor_of(head);
    uint16_t version = p2i_be16(&cursor);
    uint16_t size = p2i_be16(&cursor);
    p2i_skip(&cursor, 12);
    uint16_t set = p2i_be16(&cursor);
    return !cursor.failed && version == 10 && size >= 20 && (set == 2 || set == 3 || set >= 256);
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
    return is_ipfix(head) ? "IPFIX messages" : NULL;
}

/* Describes a file that is still compressed. False: it is not. */
static bool is_compressed(struct p2i_view head, char *text, size_t size)
{
    const struct p2i_compression *compression = p2i_compression_of(head);
    if (compression == NULL) {
        return false;
    }
    bool built_in = compression->decompression->open != NULL;
    (void)snprintf(text, size, "a file compressed %s %s%s; decompress it first",
                   built_in ? "twice, inside with" : "with", compression->name,
                   built_in ? ", which is not supported"
                            : ", for which this program was not built");
    return true;
}

/* Describes an unknown format by its first bytes. */
static void show_bytes(struct p2i_view head, char *text, size_t size)
{
    static const char start[] = "an unknown format, first bytes";
    size_t at = sizeof start - 1;
    (void)snprintf(text, size, "%s", start);
    for (size_t i = 0; i < head.size && i < 8 && at < size; i++) {
        at += (size_t)snprintf(text + at, size - at, " %02x", head.data[i]);
    }
}

/* Lists the supported formats: "pcap, pcapng, snoop or ERF". */
static void list_containers(char *text, size_t size)
{
    size_t at = 0;
    const char *name;
    for (size_t i = 0; (name = p2i_container_name(i)) != NULL && at < size; i++) {
        bool last = p2i_container_name(i + 1) == NULL;
        const char *before = i == 0 ? "" : last ? " or " : ", ";
        at += (size_t)snprintf(text + at, size - at, "%s%s", before, name);
    }
}

const struct p2i_container *p2i_identify(struct p2i_view head, struct p2i_error *error)
{
    const struct p2i_container *container = p2i_container_of(head);
    if (container != NULL) {
        return container;
    }
    char wanted[64];
    char found[128];
    const char *stranger = head.size > 0 ? stranger_of(head) : "an empty file";
    list_containers(wanted, sizeof wanted);
    if (is_compressed(head, found, sizeof found)) {
        /* Its first bytes could match another entry. */
    } else if (stranger != NULL) {
        (void)snprintf(found, sizeof found, "%s", stranger);
    } else {
        show_bytes(head, found, sizeof found);
    }
    (void)p2i_fail(error, P2I_INPUT, "not a capture: expected %s, found %s", wanted, found);
    return NULL;
}
