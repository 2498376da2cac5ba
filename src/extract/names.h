/* SPDX-License-Identifier: MIT */
/* Names of captures in comments and in names of files. Pure functions. */
#ifndef P2I_EXTRACT_NAMES_H
#define P2I_EXTRACT_NAMES_H

#include <stddef.h>

/* Writes the last part of a path as UTF-8 of less than `size` bytes; other bytes become \xHH. */
void p2i_capture_name(const char *path, char *name, size_t size);

/* The name of a file for one capture of several: "out.pcapng" and "a/monday.pcap.gz" become
 * "out-monday.pcapng". Of the capture's name letters, digits, '.', '_' and '-' stay, all other
 * bytes become '_'; a `number` other than 0 is appended to it, where names would be equal. The
 * caller frees it. NULL: out of memory. */
char *p2i_extract_name(const char *output, const char *path, size_t number);

#endif
