/* SPDX-License-Identifier: MIT */
/* The table of capture file formats (containers) and of compressions. A new one needs a row here
 * and a file with its functions. */
#ifndef P2I_CAPTURE_FORMATS_H
#define P2I_CAPTURE_FORMATS_H

#include "capture/decompress.h"
#include "capture/walk.h"

/* ROW(identifier, name). Needs a struct p2i_container named p2i_container_<identifier>. Formats are
 * tried in this order: ERF, which has no magic number, is last. */
#define P2I_CONTAINERS(ROW)                                                                        \
    ROW(pcap, "pcap")                                                                              \
    ROW(pcapng, "pcapng")                                                                          \
    ROW(snoop, "snoop")                                                                            \
    ROW(erf, "ERF")

/* ROW(argument, identifier, name, magic). Needs a struct p2i_decompression named
 * p2i_decompress_<identifier>. */
#define P2I_COMPRESSIONS(ROW, argument)                                                            \
    ROW(argument, gzip, "gzip", "\x1f\x8b\x08")                                                    \
    ROW(argument, zstd, "zstd", "\x28\xb5\x2f\xfd")                                                \
    ROW(argument, xz, "xz", "\xfd\x37zXZ\0")                                                       \
    ROW(argument, lz4, "lz4", "\x04\x22\x4d\x18")                                                  \
    ROW(argument, bzip2, "bzip2", "BZh")

struct p2i_compression {
    const char *name;
    struct p2i_view magic;
    const struct p2i_decompression *decompression; /* its `open` is NULL if not built in */
};

enum { P2I_COMPRESSION_HEAD = 32 }; /* bytes needed to identify the compression */

/* The compression of a file with these first bytes, even if it was not built in; NULL: none. */
const struct p2i_compression *p2i_compression_of(struct p2i_view head);
/* By index, from 0; NULL: no more. */
const struct p2i_compression *p2i_compression_at(size_t index);

/* The container of a file with these first bytes (decompressed, as for p2i_identify()); NULL: none.
 */
const struct p2i_container *p2i_container_of(struct p2i_view head);
/* The name of a container by index, from 0; NULL: no more. */
const char *p2i_container_name(size_t index);

/* "pcap (gzip)", or "pcap" without a compression; static. */
const char *p2i_format_name(const struct p2i_container *container,
                            const struct p2i_compression *compression);

#endif
