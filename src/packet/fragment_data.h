/* SPDX-License-Identifier: MIT */
/* The data of a fragmented packet: one buffer, into which fragments are copied at their offsets,
 * and behind them two bits for each unit of eight bytes: "is present" and "a fragment begins here"
 * (fragments begin at multiples of eight). It needs no list of fragments and no limit on their
 * number: a packet costs its own size, however it is cut. */
#ifndef P2I_PACKET_FRAGMENT_DATA_H
#define P2I_PACKET_FRAGMENT_DATA_H

#include "packet/internal.h"

/* Room for the IP header, which ends where the data begins. */
enum { P2I_FRAGMENT_HEADROOM = 64 };

/* Start zeroed. The owner frees `buffer`. */
struct p2i_fragment_data {
    uint8_t *buffer; /* P2I_FRAGMENT_HEADROOM, `capacity` bytes of data, their bits */
    uint32_t capacity;
    uint32_t total;        /* length of the data; valid if total_known */
    uint32_t end;          /* end of the data seen so far */
    uint32_t captured_end; /* `total`, or less if the snaplen cut the last fragment */
    uint32_t unit_count;   /* units present */
    uint8_t header_size;   /* 0: first fragment not seen yet */
    uint8_t protocol;
    bool total_known;
};

/* The size of a buffer with this capacity. */
size_t p2i_fragment_buffer_size(uint32_t capacity);

/* Grows the buffer for data up to `end`, at most 65,535. False: out of memory. */
bool p2i_fragment_data_reserve(struct p2i_fragment_data *data, uint32_t end);

/* True when the fragment can be part of a packet. Only the last one may have a length that is no
 * multiple of eight. */
bool p2i_fragment_is_valid(const struct p2i_fragment *fragment);

/* True when a valid fragment contradicts earlier ones. IPv4: it overlaps with different bytes.
 * IPv6: it overlaps and is no exact duplicate (RFC 8200, 4.5, RFC 5722, 4). Both: it disagrees
 * about the end. */
bool p2i_fragment_contradicts(const struct p2i_fragment_data *data,
                              const struct p2i_fragment *fragment, uint8_t ip_version);

/* True when the captured bytes suffice. The snaplen may have cut only the last fragment of the
 * packet; its captured end then is the captured end of the packet. */
bool p2i_fragment_is_usable(const struct p2i_fragment_data *data,
                            const struct p2i_fragment *fragment);

/* Copies a valid, usable fragment, for which there is room. */
void p2i_fragment_place(struct p2i_fragment_data *data, const struct p2i_fragment *fragment);

bool p2i_fragment_data_is_complete(const struct p2i_fragment_data *data);

#endif
