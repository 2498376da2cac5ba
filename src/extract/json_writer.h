/* SPDX-License-Identifier: MIT */
/* Writes a JSON text with line ends, for people to read. An array or object is opened, gets its
 * members, and is closed; what is in a list stands on one line. A name of NULL: in an array. */
#ifndef P2I_EXTRACT_JSON_WRITER_H
#define P2I_EXTRACT_JSON_WRITER_H

#include <stdbool.h>

#include "pcap2ipfix/values.h"

/* Start zeroed; the caller frees the text. */
struct p2i_json_writer {
    struct p2i_buffer text;
    unsigned depth;
    bool behind; /* a member precedes */
    bool failed; /* out of memory */
};

void p2i_json_open(struct p2i_json_writer *writer, const char *name, char bracket);
void p2i_json_close(struct p2i_json_writer *writer, char bracket);
/* NULL: left out. Bytes that are not UTF-8 become \xHH. */
void p2i_json_put_text(struct p2i_json_writer *writer, const char *name, const char *text);
void p2i_json_put_number(struct p2i_json_writer *writer, const char *name, uint64_t number);
void p2i_json_put_bool(struct p2i_json_writer *writer, const char *name, bool value);
/* Unix time in ns, as RFC 3339. */
void p2i_json_put_time(struct p2i_json_writer *writer, const char *name, uint64_t time_ns);
/* 4 or 16 bytes. */
void p2i_json_put_address(struct p2i_json_writer *writer, const char *name, const uint8_t *address,
                          unsigned ip_version);

#endif
