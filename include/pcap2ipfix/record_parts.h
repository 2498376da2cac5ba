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
    size_t struct_size; /* sizeof(struct p2i_record_parts), set by the caller */
    const char *kind;   /* "dns" ..., "options": as JSON Lines say, else by the elements; static.
                           NULL: of another exporter */
    int time;           /* of the event */
    int source, destination; /* addresses */
    int source_port, destination_port;
    int host;    /* name of the server, or the name that was asked for */
    int session; /* SESSION_ID, else flowId */
    int capture; /* observationPointId: its number, from 1 */
    int packet;  /* selectorIdTotalPktsObserved: its number in the capture, from 1 */
    /* For p2i_source_is_server(). */
    int server_rule;
    int server_value;
    int protocol; /* DPI_PROTOCOL, else VDPI_PROTO */
};

/* Depends on the elements of the record alone, so the result holds for all records of a template.
 * Kinds are recognised by their fields: template ids differ by exporter. Pure. */
void p2i_record_parts_find(const struct p2i_read_record *record, struct p2i_record_parts *parts);

/* Whether the source of a record is the server, the destination the client. That depends on what
 * the records of its kind say and on their values: a reply comes from a server. Where nothing says
 * it, the server is the end with the port of the protocol, else with the lower port; without ports
 * it is the destination. `parts` are those of the record, of full size. Pure. */
bool p2i_source_is_server(const struct p2i_read_record *record,
                          const struct p2i_record_parts *parts);

#ifdef __cplusplus
}
#endif
#endif
