/* SPDX-License-Identifier: MIT */
/* Results of library calls, and the place of an error. */
#ifndef PCAP2IPFIX_ERROR_H
#define PCAP2IPFIX_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* New results come at the end. */
enum p2i_result {
    P2I_OK = 0,
    P2I_END,       /* nothing more to read; not an error */
    P2I_DAMAGED,   /* an input is damaged or cut; everything before the damage was handled */
    P2I_USAGE,     /* an argument, a filter or a configuration is wrong */
    P2I_INPUT,     /* an input could not be opened, or is not a capture */
    P2I_OUTPUT,    /* an output could not be written */
    P2I_COLLECTOR, /* a collector did not get all records */
    P2I_INTERNAL,  /* out of memory, or a limit of the machine was met */
};

/* Filled by the deepest function that knows the place; undefined after P2I_OK. `text` says what was
 * expected and what was found, in lower case, without a full stop, file name or packet: the caller
 * adds those. It may quote arguments and files, so it can hold any bytes: escape it before showing
 * it. `file` is borrowed from the caller that named the file. The struct never changes. */
struct p2i_error {
    enum p2i_result code;
    int system_error; /* errno, or 0 */
    const char *file; /* NULL: not about a file */
    uint64_t offset;  /* bytes into the (decompressed) file; UINT64_MAX: not known */
    uint64_t line;    /* of a text file, from 1; 0: not about a line */
    uint64_t packet;  /* number of the packet in its file, from 1; 0: not about a packet */
    char text[256];   /* NUL-terminated */
};

#if defined(__GNUC__)
#define P2I_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
#else
#define P2I_PRINTF(at, first)
#endif

/* For functions that return enum p2i_result, as callbacks of a program do. Sets `code` and the
 * text; resets file, offset, packet and errno. Returns `code`, so that a function can end with this
 * call. */
enum p2i_result p2i_fail(struct p2i_error *error, enum p2i_result code, const char *format, ...)
    P2I_PRINTF(3, 4);
/* The same for memory that ran out: P2I_INTERNAL, "out of memory". */
enum p2i_result p2i_fail_memory(struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
