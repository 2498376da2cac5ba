/* SPDX-License-Identifier: MIT */
/* Writes a pcapng capture (draft-ietf-opsawg-pcapng; section numbers below are of it), or copies
 * blocks of one. The file gets its name when it is complete, see pcap2ipfix/output_file.h. One
 * thread. */
#ifndef P2I_EXPORT_PCAPNG_FILE_H
#define P2I_EXPORT_PCAPNG_FILE_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/view.h"

enum {
    P2I_PCAPNG_INTERFACE = 1,
    P2I_PCAPNG_PACKET_OLD = 2,
    P2I_PCAPNG_PACKET_SIMPLE = 3,
    P2I_PCAPNG_STATISTICS = 5,
    P2I_PCAPNG_PACKET = 6,
    P2I_PCAPNG_SECRETS = 10,
    P2I_PCAPNG_SECTION = 0x0a0d0d0a,
};

struct p2i_buffer;
struct p2i_pcapng_file;

/* A packet to write. */
struct p2i_pcapng_packet {
    struct p2i_view frame;   /* as captured */
    uint32_t original_size;  /* on the wire */
    uint32_t interface_id;   /* in the section */
    uint64_t ticks;          /* time in the unit of the interface; 1 ns with the interfaces of
                                p2i_pcapng_file_interface() */
    struct p2i_view options; /* of another packet block, in the byte order of the section, with or
                                without the end of options; empty: none */
    const char *comment;     /* UTF-8, added behind the options; NULL: none */
};

/* Mode and results as p2i_output_file_open(). `path` must outlive the file and its errors. */
enum p2i_result p2i_pcapng_file_open(struct p2i_pcapng_file **file, const char *path,
                                     const struct p2i_output_mode *mode, struct p2i_error *error);
/* The same in memory: appends to `bytes`, which outlive the file. P2I_OK; P2I_INTERNAL: out of
 * memory.
 */
enum p2i_result p2i_pcapng_file_open_memory(struct p2i_pcapng_file **file, struct p2i_buffer *bytes,
                                            struct p2i_error *error);
/* Begins a section in little-endian order. P2I_OK, or as p2i_output_file_write(), as all that
 * follows. */
enum p2i_result p2i_pcapng_file_section(struct p2i_pcapng_file *file, const char *application,
                                        struct p2i_error *error);
/* Adds an interface with times in ns. */
enum p2i_result p2i_pcapng_file_interface(struct p2i_pcapng_file *file, uint16_t link_type,
                                          struct p2i_error *error);
/* Copies a whole block, whose lengths are right. A section header sets the byte order of what
 * follows, and loses the length of its section. */
enum p2i_result p2i_pcapng_file_copy(struct p2i_pcapng_file *file, struct p2i_view block, bool big,
                                     struct p2i_error *error);
enum p2i_result p2i_pcapng_file_packet(struct p2i_pcapng_file *file,
                                       const struct p2i_pcapng_packet *packet,
                                       struct p2i_error *error);
enum p2i_result p2i_pcapng_file_finish(struct p2i_pcapng_file *file, struct p2i_error *error);
/* Removes the file if it is unfinished. NULL is fine. */
void p2i_pcapng_file_free(struct p2i_pcapng_file *file);

#endif
