/* SPDX-License-Identifier: MIT */
/* Warnings about a command line. */
#ifndef P2I_CONFIG_NOTES_H
#define P2I_CONFIG_NOTES_H

#include <stddef.h>

#include "pcap2ipfix/error.h"

/* Lines of text; owned. Start with {0}. */
struct p2i_notes {
    char **texts;
    size_t count;
};

/* Adds a line; it is dropped when out of memory. */
void p2i_notes_add(struct p2i_notes *notes, const char *format, ...) P2I_PRINTF(2, 3);
void p2i_notes_free(struct p2i_notes *notes);

#endif
