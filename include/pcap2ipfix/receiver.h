/* SPDX-License-Identifier: MIT */
/* Receives IPFIX over UDP, TCP and TLS (RFC 7011 sections 10 and 11) from up to 512 exporters at a
 * time: a collector for tests and small sites.
 *
 *     struct p2i_receiver_settings settings = {.struct_size = sizeof settings,
 *                                              .url = "tcp://0.0.0.0:4739", .record = print};
 *     struct p2i_receiver *receiver;
 *     enum p2i_result result = p2i_receiver_new(&receiver, &settings, &error);
 *     if (result == P2I_OK) {
 *         result = p2i_receiver_listen(receiver, &error);
 *     }
 *     while (result == P2I_OK) {
 *         result = p2i_receiver_wait(receiver, -1, &error);
 *     }
 *     p2i_receiver_free(receiver);
 *
 * A receiver belongs to one thread at a time, which makes the calls below; they call the callbacks.
 * TLS to an exporter that went away raises SIGPIPE unless the program ignores it. */
#ifndef PCAP2IPFIX_RECEIVER_H
#define PCAP2IPFIX_RECEIVER_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/reader.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_receiver;

/* The transport session of an exporter (RFC 7011 section 2): a connection, or over UDP an address
 * and port. Lives until its `closed` callback returns. Never changes. */
struct p2i_receiver_source {
    struct p2i_reader *reader; /* of its messages: templates, names, losses */
    const char *host, *port;   /* numeric */
    void *state;               /* the program's own; NULL at first */
};

enum p2i_receiver_event {
    P2I_RECEIVER_DEFECT,  /* a breach of RFC 7011; the record, set or message is skipped */
    P2I_RECEIVER_DAMAGED, /* not IPFIX, or the connection broke; a connection is closed, bad
                             datagrams of a source are reported once */
    P2I_RECEIVER_DROPPED, /* closed to make room for another connection, or for templates */
};

struct p2i_receiver_settings {
    size_t struct_size; /* sizeof(struct p2i_receiver_settings), set by the caller */
    /* In the form of p2i_collector_check(), without channels; the host is the address to listen
     * on. */
    const char *url;
    const char *cert, *key, *ca; /* for TLS, in place of the files in the URL; NULL: those. With a
                                    CA exporters need a certificate by it. */
    void *context;               /* first argument of all callbacks */
    /* A record, which lives for the call. P2I_OK; P2I_DAMAGED: close its source; any other error
     * ends p2i_receiver_wait() with that error. */
    enum p2i_result (*record)(void *context, struct p2i_receiver_source *source,
                              const struct p2i_read_record *record, struct p2i_error *error);
    /* Something is wrong; `text` lives for the call. May be NULL. */
    void (*report)(void *context, const struct p2i_receiver_source *source,
                   enum p2i_receiver_event event, const char *text);
    /* A source ends, and its state is to be freed. P2I_END: its exporter closed the connection;
     * P2I_DAMAGED: as reported; P2I_OK: it made room for another one, or p2i_receiver_free() was
     * called; else the error of `record`. May be NULL. */
    void (*closed)(void *context, struct p2i_receiver_source *source, enum p2i_result why);
    /* True: p2i_receiver_wait() returns without looking at further sources and datagrams. May be
     * NULL. */
    bool (*is_stopped)(void *context);
};

/* Makes a receiver. Texts of the settings must outlive it; members that a shorter struct does not
 * have are 0. P2I_OK: the caller frees *receiver; P2I_USAGE: the URL is wrong, or TLS has no
 * certificate; P2I_INTERNAL: out of memory. *receiver is NULL after an error. */
enum p2i_result p2i_receiver_new(struct p2i_receiver **receiver,
                                 const struct p2i_receiver_settings *settings,
                                 struct p2i_error *error);

/* Opens the socket. P2I_OK; P2I_USAGE: a file for TLS cannot be used, or the library was built
 * without OpenSSL; P2I_INPUT: the address cannot be listened on; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_receiver_listen(struct p2i_receiver *receiver, struct p2i_error *error);

/* Waits until something is received, at most `timeout_ms` (0: not at all; -1: for ever), and
 * handles what is there. P2I_OK: it did, or a signal came; P2I_END: nothing was received;
 * P2I_INTERNAL: out of memory; else the error of the record callback. */
enum p2i_result p2i_receiver_wait(struct p2i_receiver *receiver, int timeout_ms,
                                  struct p2i_error *error);

/* Closes all sources, and frees the receiver. NULL is fine. */
void p2i_receiver_free(struct p2i_receiver *receiver);

#ifdef __cplusplus
}
#endif
#endif
