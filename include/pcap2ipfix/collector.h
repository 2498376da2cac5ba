/* SPDX-License-Identifier: MIT */
/* Records to collectors over UDP, TCP and TLS (RFC 7011 sections 10 and 11): what can be set, and
 * what became of them. */
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

/* A line for a log like that of the gateway: `[LEVEL   ][2026/11/28-17:55:03:213770] TEXT`. */
struct p2i_log_line {
    const char *level; /* STAT, WARNING */
    uint64_t time_us;  /* Unix time */
    const char *text;
    const char *url; /* of the collector that it is about, as given; not in the line */
};

/* What all collectors of a run have in common. Start with p2i_delivery_default(). */
struct p2i_delivery {
    uint64_t rate_bytes;           /* a second, to each collector; 0: UDP 3 MB/s, others no limit */
    double pace;                   /* times the rhythm of the capture; 0: as fast as it goes */
    bool export_time_now;          /* in message headers the wall clock, not the capture's time */
    uint16_t udp_message_limit;    /* bytes of a message, without UDP and IP headers */
    uint32_t udp_template_timer_s; /* for templates, by the clock and by export times */
    uint32_t connect_s;            /* that one attempt to connect may take */
    uint32_t retry_s;              /* without success until the rest is spooled */
    uint32_t linger_s;             /* at the end, for the collector to close, when it has all */
    const char *spool_folder;      /* for what could not be sent; NULL: the working directory */

    /* Reports events: connections made or lost, warnings; `usual`: an event of a normal run. Called
     * from the calling thread; `text` lives for the call. NULL: no reports. */
    void (*report)(void *context, bool usual, const char *text);
    /* The same for what the gateway has in its log: the statistics of the export, every 30 s and at
     * the end, and sends that took longer than their period. */
    void (*log)(void *context, bool usual, const struct p2i_log_line *line);
    /* True: wait for nobody any longer than it takes to give up in order. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
    const struct p2i_clock *clock; /* NULL: p2i_system_clock */
};

void p2i_delivery_default(struct p2i_delivery *delivery);

/* A destination: tcp://HOST:PORT, udp:// or tls://, an IPv6 address in brackets, then perhaps
 * ?NAME=VALUE&NAME=VALUE: channels=dns,meta,clickstream,flow; over TLS ca=FILE, cert=FILE,
 * key=FILE, name=NAME (in the certificate, if not HOST), insecure=1 (any certificate will do). */
struct p2i_collector_settings {
    const char *url;
};

/* Whether `url` has this form: P2I_OK, or P2I_USAGE with a text that begins with the URL. Opens no
 * file and no connection. */
enum p2i_result p2i_collector_check(const char *url, struct p2i_error *error);

/* What became of the records for one collector. written = delivered + spooled; what was sent again
 * may be there twice. */
struct p2i_collector_summary {
    const char *url;
    uint64_t records;         /* for this collector */
    uint64_t records_sent;    /* without repetitions */
    uint64_t records_resent;  /* had been sent over a connection that broke: possible duplicates */
    uint64_t records_spooled; /* in the spool file; those among them that had been sent, too */
    uint64_t messages;        /* with data, with repetitions */
    uint64_t connections;     /* made, of TCP or TLS */
    uint64_t records_cut;     /* strings shortened so that they fit into a UDP message */
    uint64_t refused;         /* UDP: answers that nobody listens there; what was sent is lost */
    uint64_t cycles;          /* messages handed over */
    uint64_t cycles_over;     /* of these, longer than the period */
    uint64_t longest_us;      /* of these */
    char spool[P2I_SPOOL_PATH_MAX]; /* "": none */
};

enum { P2I_UDP_MESSAGE_MIN = 512, P2I_UDP_MESSAGE_MAX = 65507 };
enum { P2I_CYCLE_US = 1000000 }; /* the period: a message that is begun leaves within it */

#ifdef __cplusplus
}
#endif
#endif
