/* SPDX-License-Identifier: MIT */
/* Names of the captures of extended records, from the options records of their observation points
 * (file_options.h). One thread. */
#ifndef P2I_IPFIX_CAPTURE_NAMES_H
#define P2I_IPFIX_CAPTURE_NAMES_H

#include "pcap2ipfix/reader.h"

/* Start with {0}. */
struct p2i_capture_names {
    char **names; /* by number */
    size_t count;
    size_t bytes;       /* of all names */
    bool out_of_memory; /* a name was not kept */
};

/* Keeps the name in an options record if it is that of an observation point; of two for one number
 * the last counts. Names beyond a limit are not kept. May set out_of_memory. */
void p2i_capture_names_learn(struct p2i_capture_names *names, const struct p2i_read_record *record);
/* The name of a capture by its number; lives until the next p2i_capture_names_learn(). NULL: not
 * known. */
const char *p2i_capture_names_find(const struct p2i_capture_names *names, uint64_t number);
void p2i_capture_names_free(struct p2i_capture_names *names);

#endif
