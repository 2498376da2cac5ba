/* SPDX-License-Identifier: MIT */
/* Subscribers by address, from a file of lines `prefix,login[,channel[,from,to]]`. Times are Unix
 * seconds or `2026-01-31[T12:00[:00]][Z|+03:00]`, UTC by default; an empty time is open. A line is
 * valid for from <= time < to. */
#ifndef P2I_ENRICH_SUBSCRIBER_FILE_H
#define P2I_ENRICH_SUBSCRIBER_FILE_H

#include "packet/packet.h"
#include "pcap2ipfix/error.h"

struct p2i_subscriber {
    struct p2i_view login;
    uint16_t channel;
    bool has_channel;
};

struct p2i_subscriber_file; /* constant: any thread may query it */

/* A cache of answers for recent addresses, since few of many are active at a time. Each thread has
 * one for each file. Start with {0}. */
struct p2i_subscriber_memo {
    struct p2i_subscriber_noted {
        struct p2i_address address;
        struct p2i_subscriber always; /* the answer, if it is the same at all times */
        uint32_t number;              /* else the line to begin with; 0: none */
        uint8_t ip_version;           /* 0: empty */
        bool is_always;
    } noted[1 << 12];
};

/* Reads a file. P2I_OK; P2I_USAGE: it cannot be read, or a line is wrong; P2I_INTERNAL: out of
 * memory. *file is NULL after an error. */
enum p2i_result p2i_subscriber_file_open(struct p2i_subscriber_file **file, const char *path,
                                         struct p2i_error *error);
void p2i_subscriber_file_close(struct p2i_subscriber_file *file); /* NULL is fine */

/* Finds the line of the longest prefix that covers the address and is valid at that time (Unix
 * seconds); of several lines for one prefix the one that began last, of those the last in the file.
 * False: none. The login lives as long as the file. */
bool p2i_subscriber_file_find(const struct p2i_subscriber_file *file,
                              struct p2i_subscriber_memo *memo, const struct p2i_address *address,
                              uint8_t ip_version, uint32_t time_s, struct p2i_subscriber *found);

#endif
