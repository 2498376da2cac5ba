/* SPDX-License-Identifier: MIT */
/* Finds what records of any exporter have in common: their kind, time, ends, host and session. */
#ifndef PCAP2IPFIX_RECORD_PARTS_H
#define PCAP2IPFIX_RECORD_PARTS_H

#include "pcap2ipfix/reader.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The members behind `kind` are indexes of values of the record; -1: it has none. */
struct p2i_record_parts {
    size_t struct_size;      /* sizeof(struct p2i_record_parts), set by the caller */
    const char *kind;        /* "dns" ..., "options"; static. NULL: of another exporter */
    int time;                /* of the event */
    int source, destination; /* addresses */
    int source_port, destination_port;
    int host;    /* name of the server, or the name that was asked for */
    int session; /* SESSION_ID, else flowId */
    int capture; /* observationPointId: its number, from 1 */
    int packet;  /* selectorIdTotalPktsObserved: its number in the capture, from 1 */
};

/* Depends on the elements of the record alone, so the result holds for all records of a template.
 * Kinds are recognised by their fields: template ids differ by exporter. Pure. */
void p2i_record_parts_find(const struct p2i_read_record *record, struct p2i_record_parts *parts);

#ifdef __cplusplus
}
#endif
#endif
