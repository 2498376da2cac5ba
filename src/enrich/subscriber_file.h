/* SPDX-License-Identifier: MIT */
/* Subscribers by address, from a file of lines `prefix,login[,channel[,from,to]]`. Times are Unix
 * seconds or `2026-01-31[T12:00[:00]][Z|+03:00]` (UTC unless it says otherwise); an empty one is
 * open. A line holds from `from` on, and no more at `to`. */
#ifndef P2I_ENRICH_SUBSCRIBER_FILE_H
#define P2I_ENRICH_SUBSCRIBER_FILE_H

#include "base/error.h"
#include "packet/packet.h"

struct p2i_subscriber {
    struct p2i_view login;
    uint16_t channel;
    bool has_channel;
};

struct p2i_subscriber_file; /* any number of threads may ask */

/* What was found for addresses asked for lately, since few of many are active at a time: one for
 * each thread and file. Begin with {0}. */
struct p2i_subscriber_memo {
    struct p2i_subscriber_noted {
        struct p2i_address address;
        struct p2i_subscriber always; /* the answer, where it is the same at all times */
        uint32_t number;              /* else the line to begin with; 0: there is none */
        uint8_t ip_version;           /* 0: nothing is noted */
        bool is_always;
    } noted[1 << 12];
};

/* P2I_OK; P2I_USAGE: cannot be read, or a line is wrong; P2I_INTERNAL. *file is NULL but for OK. */
enum p2i_result p2i_subscriber_file_open(struct p2i_subscriber_file **file, const char *path,
                                         struct p2i_error *error);
void p2i_subscriber_file_close(struct p2i_subscriber_file *file); /* NULL is fine */

/* The line of the longest prefix that holds the address at that time (Unix seconds); of several for
 * one prefix the one that began last, of those the last in the file. False: there is none. The
 * login lives as long as the file. */
bool p2i_subscriber_file_find(const struct p2i_subscriber_file *file,
                              struct p2i_subscriber_memo *memo, const struct p2i_address *address,
                              uint8_t ip_version, uint32_t time_s, struct p2i_subscriber *found);

#endif
