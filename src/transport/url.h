/* SPDX-License-Identifier: MIT */
/* The URL of a collector: transport://host:port?name=value&... Pure functions. */
#ifndef P2I_TRANSPORT_URL_H
#define P2I_TRANSPORT_URL_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "settings/settings.h"

enum p2i_collector_transport { P2I_COLLECTOR_UDP, P2I_COLLECTOR_TCP, P2I_COLLECTOR_TLS };

enum { P2I_COLLECTOR_FILE_MAX = 1024 };

/* A text that was not given is "". */
struct p2i_collector_url {
    enum p2i_collector_transport transport;
    char host[P2I_COLLECTOR_HOST_MAX]; /* name or address, without brackets */
    char port[6];                      /* number, 1 to 65535 */
    uint32_t records;                  /* a bit for each enum p2i_record_kind, from the channels */
    char ca[P2I_COLLECTOR_FILE_MAX];   /* file of certificates to trust (PEM) */
    char cert[P2I_COLLECTOR_FILE_MAX]; /* file of our certificate and its chain (PEM) */
    char key[P2I_COLLECTOR_FILE_MAX];  /* file of its private key; "": the same file */
    char name[P2I_COLLECTOR_HOST_MAX]; /* in the collector's certificate; "": the host */
    bool insecure;                     /* accepts any certificate */
};

/* Parses a URL; %HH in a value stands for a byte. P2I_OK; P2I_USAGE: the text begins with the URL.
 */
enum p2i_result p2i_collector_url_parse(struct p2i_collector_url *url, const char *text,
                                        struct p2i_error *error);

#endif
