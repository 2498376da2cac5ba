/* SPDX-License-Identifier: MIT */
/* What a call of the library can answer, and where it happened. */
#ifndef PCAP2IPFIX_ERROR_H
#define PCAP2IPFIX_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum p2i_result {
    P2I_OK = 0,
    P2I_END,       /* nothing more to read; not an error */
    P2I_DAMAGED,   /* an input is damaged or cut; everything before the damage was given */
    P2I_USAGE,     /* an argument, a filter or a configuration is wrong */
    P2I_INPUT,     /* an input could not be opened, or is not a capture */
    P2I_OUTPUT,    /* an output could not be written */
    P2I_COLLECTOR, /* a collector could not be reached */
    P2I_INTERNAL,  /* memory ran out, or a limit of the machine was met */
};

/* Filled by the deepest function that knows the place. `text` says what was wanted and what was
 * found, lower case, without a full stop, without file name or packet: the caller adds those. It
 * may quote an argument or a file, with any bytes: they are to be escaped where they are shown.
 * `file` is borrowed from the caller who named the file; it may be NULL. */
struct p2i_error {
    enum p2i_result code;
    int system_error; /* errno, or 0 */
    const char *file; /* NULL: not about a file */
    uint64_t offset;  /* bytes into the (decompressed) file; UINT64_MAX: not known */
    uint64_t line;    /* of a text file, from 1; 0: not about a line */
    uint64_t packet;  /* number of the packet in its file, from 1; 0: not about a packet */
    char text[256];   /* NUL-terminated */
};

#ifdef __cplusplus
}
#endif
#endif
