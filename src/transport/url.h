/* SPDX-License-Identifier: MIT */
/* The name of a collector: transport://host:port?name=value&... */
#ifndef P2I_TRANSPORT_URL_H
#define P2I_TRANSPORT_URL_H

#include <stdbool.h>

#include "base/error.h"
#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/record.h"

enum p2i_collector_transport { P2I_COLLECTOR_UDP, P2I_COLLECTOR_TCP, P2I_COLLECTOR_TLS };

enum { P2I_COLLECTOR_FILE_MAX = 1024 };

/* "" is what was not given. */
struct p2i_collector_url {
    enum p2i_collector_transport transport;
    char host[P2I_COLLECTOR_HOST_MAX]; /* name or address, without brackets */
    char port[6];                      /* number, 1 to 65535 */
    uint32_t records;                  /* bit per enum p2i_record_kind, of the channels */
    char ca[P2I_COLLECTOR_FILE_MAX];   /* certificates to trust (PEM) */
    char cert[P2I_COLLECTOR_FILE_MAX]; /* our own, with what it is signed by (PEM) */
    char key[P2I_COLLECTOR_FILE_MAX];  /* its private key; not given: in the same file */
    char name[P2I_COLLECTOR_HOST_MAX]; /* in the collector's certificate, if not the host */
    bool insecure;                     /* any certificate will do */
};

/* P2I_USAGE with a text that begins with the URL. %HH stands for a byte in values. */
enum p2i_result p2i_collector_url_parse(struct p2i_collector_url *url, const char *text,
                                        struct p2i_error *error);

#endif
