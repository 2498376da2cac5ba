/* SPDX-License-Identifier: MIT */
/* Export to collectors over UDP, TCP and TLS (RFC 7011 sections 10 and 11): settings and results.
 */
#ifndef PCAP2IPFIX_COLLECTOR_H
#define PCAP2IPFIX_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A line for a log in the form of the gateway: `[LEVEL   ][2026/11/28-17:55:03:213770] TEXT`. Lives
 * for the call. Never changes. */
struct p2i_log_line {
    const char *level; /* STAT, WARNING */
    uint64_t time_us;  /* Unix time, microseconds */
    const char *text;
    const char *url; /* the collector that the line is about, as given; not part of the line */
};

/* A destination: tcp://HOST:PORT, udp:// or tls://, an IPv6 address in brackets, optionally
 * followed by ?NAME=VALUE&NAME=VALUE: channels=dns,meta,clickstream,flow; for TLS ca=FILE,
 * cert=FILE, key=FILE, name=NAME (in the certificate, if not HOST), insecure=1 (accepts any
 * certificate).
 *
 * Checks that `url` has this form. Opens no file and no connection. P2I_OK; P2I_USAGE: it has not,
 * the text begins with the URL. */
enum p2i_result p2i_collector_check(const char *url, struct p2i_error *error);

/* Counters of one collector. Every record was delivered or spooled; one that was sent over a
 * connection that broke may be counted as both, and may arrive twice. */
struct p2i_collector_summary {
    size_t struct_size; /* of the library's own struct; members behind it are not there */
    const char *url;
    uint64_t records;         /* for this collector */
    uint64_t records_sent;    /* each record once */
    uint64_t records_resent;  /* sent before over a connection that broke: possible duplicates */
    uint64_t records_spooled; /* in the spool file, including records that had been sent */
    uint64_t messages;        /* with data sets; repetitions count */
    uint64_t connections;     /* established, TCP or TLS */
    uint64_t records_cut;     /* strings shortened to fit into a UDP message */
    uint64_t refused;         /* UDP: ICMP said that no one listens; the messages are lost */
    uint64_t cycles;          /* messages handed over */
    uint64_t cycles_over;     /* of these, took longer than P2I_CYCLE_US */
    uint64_t longest_us;      /* the longest of these */
    char *spool;              /* path of the spool file; "": none */
};

enum { P2I_CYCLE_US = 1000000 }; /* a message leaves within this time of its first record */

#ifdef __cplusplus
}
#endif
#endif
