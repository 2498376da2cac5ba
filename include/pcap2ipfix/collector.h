/* SPDX-License-Identifier: MIT */
/* Export to collectors over UDP, TCP and TLS (RFC 7011 sections 10 and 11): settings and results.
 */
#ifndef PCAP2IPFIX_COLLECTOR_H
#define PCAP2IPFIX_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/clock.h"
#include "pcap2ipfix/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { P2I_SPOOL_PATH_MAX = 512, P2I_COLLECTOR_HOST_MAX = 256 };

/* A line for a log in the form of the gateway: `[LEVEL   ][2026/11/28-17:55:03:213770] TEXT`. Lives
 * for the call. */
struct p2i_log_line {
    const char *level; /* STAT, WARNING */
    uint64_t time_us;  /* Unix time, microseconds */
    const char *text;
    const char *url; /* the collector that the line is about, as given; not part of the line */
};

/* Settings that all collectors of a run share. Start with p2i_delivery_default(). Strings, context
 * and clock are borrowed for the run. */
struct p2i_delivery {
    uint64_t rate_bytes;           /* per second and collector; 0: UDP 3 MB/s, others no limit */
    double pace;                   /* multiple of the capture's own speed; 0: as fast as possible */
    bool export_time_now;          /* message headers have the wall clock, not the capture's time */
    uint16_t udp_message_limit;    /* bytes of a message, without UDP and IP headers */
    uint32_t udp_template_timer_s; /* templates are sent again after this time, by the clock and by
                                      export times */
    uint32_t connect_s;            /* limit of one attempt to connect */
    uint32_t retry_s;              /* time without success after which the rest is spooled */
    uint32_t linger_s;        /* at the end, wait for a collector that has everything to close */
    const char *spool_folder; /* for records that could not be sent; NULL: working directory */

    /* Reports events: connections made or lost, warnings; `usual`: an event of a normal run. Called
     * from the calling thread; `text` lives for the call. NULL: no reports. */
    void (*report)(void *context, bool usual, const char *text);
    /* The same for the lines that the gateway writes to its log: statistics of the export, every
     * 30 s and at the end, and sends that took longer than their period. */
    void (*log)(void *context, bool usual, const struct p2i_log_line *line);
    /* True: stop waiting for collectors, spool the rest and finish. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
    const struct p2i_clock *clock; /* NULL: p2i_system_clock */
};

void p2i_delivery_default(struct p2i_delivery *delivery);

/* A destination: tcp://HOST:PORT, udp:// or tls://, an IPv6 address in brackets, optionally
 * followed by ?NAME=VALUE&NAME=VALUE: channels=dns,meta,clickstream,flow; for TLS ca=FILE,
 * cert=FILE, key=FILE, name=NAME (in the certificate, if not HOST), insecure=1 (accepts any
 * certificate). */
struct p2i_collector_settings {
    const char *url;
};

/* Checks that `url` has this form. Opens no file and no connection. P2I_OK; P2I_USAGE: it has not,
 * the text begins with the URL. */
enum p2i_result p2i_collector_check(const char *url, struct p2i_error *error);

/* Counters of one collector. Every record was delivered or spooled; one that was sent over a
 * connection that broke may be counted as both, and may arrive twice. */
struct p2i_collector_summary {
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
    char spool[P2I_SPOOL_PATH_MAX]; /* path of the spool file; "": none */
};

enum { P2I_UDP_MESSAGE_MIN = 512, P2I_UDP_MESSAGE_MAX = 65507 };
enum { P2I_CYCLE_US = 1000000 }; /* a message leaves within this time of its first record */

#ifdef __cplusplus
}
#endif
#endif
