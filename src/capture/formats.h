/* SPDX-License-Identifier: MIT */
/* What can be read: the table of containers (formats of capture files) and of compressions. One
 * more is a row here and a file that has its functions. */
#ifndef P2I_CAPTURE_FORMATS_H
#define P2I_CAPTURE_FORMATS_H

#include "capture/decompress.h"
#include "capture/walk.h"

/* ROW(identifier, name); a struct p2i_container named p2i_container_<identifier> says what a file
 * of it looks like. They are asked in this order: ERF, which has no magic, is last. */
#define P2I_CONTAINERS(ROW)                                                                        \
    ROW(pcap, "pcap")                                                                              \
    ROW(pcapng, "pcapng")                                                                          \
    ROW(snoop, "snoop")                                                                            \
    ROW(erf, "ERF")

/* ROW(argument, identifier, name, first bytes); a struct p2i_decompression named
 * p2i_decompress_<identifier> undoes it. */
#define P2I_COMPRESSIONS(ROW, argument)                                                            \
    ROW(argument, gzip, "gzip", "\x1f\x8b\x08")                                                    \
    ROW(argument, zstd, "zstd", "\x28\xb5\x2f\xfd")                                                \
    ROW(argument, xz, "xz", "\xfd\x37zXZ\0")                                                       \
    ROW(argument, lz4, "lz4", "\x04\x22\x4d\x18")                                                  \
    ROW(argument, bzip2, "bzip2", "BZh")

struct p2i_compression {
    const char *name;
    struct p2i_view magic;
    const struct p2i_decompression
        *decompression; /* open is NULL where the library was not there */
};

enum { P2I_COMPRESSION_HEAD = 32 }; /* bytes of a file by which its compression is known */

/* The compression of a file that begins like this, also where it was not built in; NULL: none. */
const struct p2i_compression *p2i_compression_of(struct p2i_view head);
/* By number, from 0; NULL behind the last one. */
const struct p2i_compression *p2i_compression_at(size_t index);

/* The container of a file that begins like this (decompressed, as for p2i_identify()); NULL. */
const struct p2i_container *p2i_container_of(struct p2i_view head);
/* The name of a container by number, from 0; NULL behind the last one. */
const char *p2i_container_name(size_t index);

/* "pcap (gzip)"; static. Without a compression "pcap". */
const char *p2i_format_name(const struct p2i_container *container,
                            const struct p2i_compression *compression);

#endif
