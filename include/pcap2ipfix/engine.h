/* SPDX-License-Identifier: MIT */
/* The engine: frames in, records out.
 *
 *     static bool print(void *context, const struct p2i_record *record)
 *     {
 *         size_t size;
 *         const char *host = p2i_record_string(record, "HOSTNAME", &size);
 *         if (host != NULL && size > 0) {
 *             printf("%.*s\n", (int)size, host);
 *         }
 *         return true;
 *     }
 *
 *     struct p2i_engine_callbacks callbacks = {.struct_size = sizeof callbacks, .record = print};
 *     struct p2i_engine *engine;
 *     if (p2i_engine_new(&engine, NULL, &callbacks, &error) == P2I_OK) {
 *         enum p2i_result read = p2i_engine_read(engine, paths, path_count, &error);
 *         enum p2i_result ended = p2i_engine_finish(engine, &error);
 *         ...
 *         p2i_engine_free(engine);
 *     }
 *
 * The same frames and settings give the same records, in the same order, for any number of threads
 * (the setting `threads`), on every run.
 *
 * Threads: an engine belongs to one thread at a time; any number of engines may run side by side.
 * Callbacks are called one at a time, in the order of the packets, and happen one after the other:
 * with one thread, from within the calls below, by the calling thread; with more, perhaps by a
 * thread of the engine, but never behind the return of p2i_engine_flush(), _finish() or _free().
 * A callback must not call the engine that calls it. */
#ifndef PCAP2IPFIX_ENGINE_H
#define PCAP2IPFIX_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/feature.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/reader.h"
#include "pcap2ipfix/settings.h"
#include "pcap2ipfix/statistics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A record. Lives for the call that it is passed to, as all that the functions below return. */
struct p2i_record;

enum p2i_record_kind p2i_record_kind_of(const struct p2i_record *record);
/* Its template, which has the fields in order; with the setting `extended`, the extended one.
 * Static. */
const struct p2i_template *p2i_record_template(const struct p2i_record *record);
uint64_t p2i_record_session(const struct p2i_record *record); /* SESSION_ID */
/* The packet with the first byte of the record's message (of a flow record: its first packet): its
 * number in its capture, from 1, and in *capture, unless that is NULL, the number of the capture:
 * as given to p2i_engine_feed(), or counted over the paths given to p2i_engine_read(), from 0. */
uint64_t p2i_record_packet(const struct p2i_record *record, uint32_t *capture);
uint64_t p2i_record_time_ns(const struct p2i_record *record); /* of that packet, Unix time */
uint32_t p2i_record_time_s(const struct p2i_record *record);  /* when it was completed, Unix time */
bool p2i_record_is_cut(const struct p2i_record *record);      /* its message is incomplete */
/* flowEndReason: 3 the message is whole, 4 cut by the capture, 5 by a limit; of flows IANA's 1 to 5
 * (pcap2ipfix-records(7)). */
uint8_t p2i_record_end_reason(const struct p2i_record *record);
uint8_t p2i_record_transport(const struct p2i_record *record); /* IP protocol number */
/* The ports of sender and recipient; 0: the transport has none. Of an ICMP flow the second is type
 * * 256 + code. */
void p2i_record_ports(const struct p2i_record *record, uint16_t ports[2]);

/* The value of a field by its name ("HOSTNAME"), by its number, or by its place in the template.
 * False: the record has no such field. */
bool p2i_record_field(const struct p2i_record *record, const char *name, struct p2i_value *value);
bool p2i_record_field_by_id(const struct p2i_record *record, uint32_t pen, uint16_t id,
                            struct p2i_value *value);
bool p2i_record_field_at(const struct p2i_record *record, size_t place, struct p2i_value *value);
/* A string, octets or a MAC address, not terminated; NULL: no such field, or of another type. */
const char *p2i_record_string(const struct p2i_record *record, const char *name, size_t *size);
/* A number or a time, in the unit of its type; nanoseconds are those since 1970. False: no such
 * field, or of another type. */
bool p2i_record_unsigned(const struct p2i_record *record, const char *name, uint64_t *number);
/* An address in network order. Returns its size, 4 or 16; 0: no such field, or of another type. */
size_t p2i_record_address(const struct p2i_record *record, const char *name, uint8_t address[16]);

/* The record as a JSON object, as in a file of JSON Lines without the line end; terminated. NULL:
 * out of memory. */
const char *p2i_record_json(const struct p2i_record *record, size_t *size);
/* The record as an IPFIX data record (RFC 7011 section 3.4.3) of its template. */
const void *p2i_record_bytes(const struct p2i_record *record, size_t *size);

/* Why a session gave no record. */
enum p2i_no_record_reason {
    P2I_NO_RECORD_NONE,              /* it gave one */
    P2I_NO_RECORD_NO_PAYLOAD,        /* no payload was captured */
    P2I_NO_RECORD_NOT_RECOGNISED,    /* no protocol was recognised in its payload */
    P2I_NO_RECORD_NOTHING_TO_RECORD, /* the protocol is known by name only, or nothing that its
                                        records are about was said */
    P2I_NO_RECORD_ENCRYPTED,         /* the protocol is encrypted from its beginning */
    P2I_NO_RECORD_LOST,              /* bytes are missing, or cut by the snaplen: at the beginning,
                                        or anywhere if the protocol has records */
    P2I_NO_RECORD_JOINED,            /* TCP: it begins in the middle of a connection. The capture
                                        began later, or it was ended by time-out or eviction and
                                        goes on */
    P2I_NO_RECORD_ONE_DIRECTION,     /* one direction only: TCP, or a protocol with records over
                                        UDP */
    P2I_NO_RECORD_NOT_SELECTED,      /* its records were not selected in the settings */
    P2I_NO_RECORD_EVICTED,           /* it was ended early for want of memory */
    P2I_NO_RECORD_LIMIT,             /* a message was longer than can be held */
    P2I_NO_RECORD_BROKEN,            /* the protocol is known, but a message cannot be read */
};
/* Static; never NULL. */
const char *p2i_no_record_reason_text(enum p2i_no_record_reason reason);

/* A session at its beginning or its end, as its packets say: not anonymised. Addresses and ports:
 * [0] of the initiator, [1] of the other end; counts: of what each end sent. */
struct p2i_session_facts {
    size_t struct_size;        /* of the library's own struct; members behind it are not there */
    uint64_t id;               /* SESSION_ID */
    const uint8_t *address[2]; /* 4 or 16 bytes, network order */
    uint16_t port[2];          /* 0: the transport has none */
    uint8_t ip_version;        /* 4 or 6 */
    uint8_t transport;         /* IP protocol number */
    uint32_t scope;            /* separates equal addresses in VLANs and tunnels; 0: none */
    uint32_t capture;          /* of its first packet */
    uint64_t packet;           /* number of its first packet in that capture */
    bool ended;                /* false: it begins, and the members below are 0 */
    uint64_t first_ns, last_ns;
    uint64_t packets[2], bytes[2]; /* bytes: of IP packets */
    uint64_t records;              /* that it gave */
    uint64_t lost_bytes;           /* TCP: missing in the capture, or cut by the snaplen */
    enum p2i_protocol_id protocol; /* P2I_ID_UNKNOWN: not recognised */
    enum p2i_no_record_reason no_record_reason;
    /* The packet at which it was decided, in its capture; 0: only the end of the session did. */
    uint32_t reason_capture;
    uint64_t reason_packet;
    const uint8_t *first_bytes[2]; /* of the first captured payload of each end: */
    uint8_t first_size[2];         /* at most 16; 0: none */
    /* Bit set of enum p2i_feature, see p2i_session_has(). Lives for the call, as the bytes above.
     */
    const uint64_t *features;
};
/* True when the session has a feature; false for all at its beginning. */
bool p2i_session_has(const struct p2i_session_facts *session, unsigned feature);

/* A packet and the session that it belongs to. */
struct p2i_packet_facts {
    size_t struct_size; /* as above */
    uint64_t packet;    /* number in its capture, from 1 */
    uint32_t capture;
    uint64_t session; /* SESSION_ID */
    bool again; /* it came with another session before, to which it does not belong after all */
};

/* How a control packet explains sessions. */
enum p2i_control_kind {
    P2I_CONTROL_RADIUS, /* it binds a login to a prefix, or ends that */
    P2I_CONTROL_PPPOE,  /* it belongs to a PPPoE session: discovery, LCP, PAP, CHAP, IPCP ...; where
                           it binds the session's login to an address, that is its prefix */
    P2I_CONTROL_FTP,    /* it announces a data connection */
};

/* A control packet. What does not apply is 0. */
struct p2i_control_facts {
    size_t struct_size; /* as above */
    uint64_t packet;    /* number in its capture, from 1 */
    uint32_t capture;
    enum p2i_control_kind kind;
    uint64_t session;        /* FTP: SESSION_ID of the data connection */
    uint32_t scope;          /* PPPoE: that of the sessions inside; of discovery without a session
                                id: that of the frame */
    bool discovery;          /* PPPoE: it belongs to the stage of discovery */
    const uint8_t *mac[2];   /* source and destination, 6 bytes; NULL: the link has none */
    const uint8_t *address;  /* RADIUS, PPPoE: the prefix; 4 or 16 bytes, network order, or NULL */
    uint8_t ip_version;      /* of the prefix: 4 or 6 */
    uint8_t prefix_length;   /* bits */
    uint64_t request_packet; /* RADIUS: the Access-Request that it answers */
    uint32_t request_capture;
};

enum p2i_log_level { P2I_LOG_ERROR, P2I_LOG_WARNING, P2I_LOG_NOTICE };

/* Any member may be NULL. */
struct p2i_engine_callbacks {
    size_t struct_size; /* sizeof(struct p2i_engine_callbacks), set by the caller */
    void *context;      /* first argument of all callbacks */
    /* A record. False: stop; no callback but `log` is called any more. */
    bool (*record)(void *context, const struct p2i_record *record);
    /* A session begins or ends. It ends behind its last record. False: stop. */
    bool (*session)(void *context, const struct p2i_session_facts *session);
    /* A packet of a session, in the order of the packets. A SYN on the ports of a live session
     * comes with that session; if an answer shows later that it began a new one, it comes again
     * with the new session, whose facts count it then. Of a packet that was reassembled, all
     * frames come, when the last one has come. False: stop. */
    bool (*packet)(void *context, const struct p2i_packet_facts *packet);
    /* A capture of p2i_engine_read() is refused, damaged or cut (P2I_LOG_ERROR), or something else
     * is to be known. `error` has the place; both live for the call. */
    void (*log)(void *context, enum p2i_log_level level, const struct p2i_error *error);
    /* A control packet; once for each prefix that it binds. An announcement of FTP comes before
     * each of the first packets of the session that it announces, if `packet` is set, too. False:
     * stop. */
    bool (*control)(void *context, const struct p2i_control_facts *control);
};

/* A captured frame. */
struct p2i_engine_frame {
    size_t struct_size;     /* sizeof(struct p2i_engine_frame), set by the caller */
    const void *data;       /* borrowed for the call */
    uint32_t size;          /* bytes at data, at most 16 MiB */
    uint32_t original_size; /* bytes on the wire; 0: all were captured */
    uint64_t time_ns;       /* Unix time */
    uint16_t link_type; /* LINKTYPE_ number, as in a pcap file; that of pcap_datalink() will do */
    uint32_t interface_id; /* pcapng interface; 0 where there is one only */
    uint32_t capture;      /* number of the capture that the frame is from, from 0 */
};

struct p2i_engine;

/* Makes an engine. The settings (NULL: the defaults) must live, unchanged, until it is freed; the
 * callbacks are copied. Of the settings, captures, outputs and collectors are not used. P2I_OK: the
 * caller frees *engine; P2I_USAGE: a setting is wrong; P2I_INPUT: a file that a setting names
 * cannot be read; P2I_INTERNAL: out of memory. *engine is NULL after an error. */
enum p2i_result p2i_engine_new(struct p2i_engine **engine, const struct p2i_settings *settings,
                               const struct p2i_engine_callbacks *callbacks,
                               struct p2i_error *error);

/* Takes one frame; it is numbered within its capture in the order of the calls. Records may come
 * later, at the latest with p2i_engine_flush(). Time that goes back, an unknown link type and a
 * damaged frame are no errors: the statistics count them. P2I_OK; P2I_END: a callback said stop, or
 * the settings' is_stopped; P2I_USAGE: NULL, more than 16 MiB, a struct of another size than any
 * version knows, a capture number above 65,535, a filter that does not compile, or the engine is
 * finished: the frame is ignored; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_engine_feed(struct p2i_engine *engine, const struct p2i_engine_frame *frame,
                                struct p2i_error *error);

/* Reads captures to their end ("-": standard input), all of them in the order that the settings
 * name. May be called again, and mixed with p2i_engine_feed(). P2I_OK; P2I_DAMAGED, P2I_INPUT: a
 * capture is damaged, or cannot be opened; the log callback was called for each, `error` is that of
 * the first, and all others were read; P2I_END, P2I_INTERNAL as above; P2I_USAGE: NULL, the
 * filter does not compile, or the engine is finished. */
enum p2i_result p2i_engine_read(struct p2i_engine *engine, const char *const *paths,
                                size_t path_count, struct p2i_error *error);

/* Delivers the records of all frames so far. Sessions go on. For long runs: call it when no frame
 * has come for a while. P2I_OK, P2I_END, P2I_INTERNAL; P2I_USAGE: the engine is finished. */
enum p2i_result p2i_engine_flush(struct p2i_engine *engine, struct p2i_error *error);

/* Ends all sessions and delivers their records. Afterwards the engine only gives statistics.
 * P2I_OK; P2I_END: a callback said stop, and nothing was ended; P2I_INTERNAL; P2I_USAGE: it is
 * finished already. */
enum p2i_result p2i_engine_finish(struct p2i_engine *engine, struct p2i_error *error);

/* The statistics of all frames so far, without outputs and collectors; complete after
 * p2i_engine_flush() or _finish(). They live as long as the engine, and change with the next call.
 * To be called when nothing is in flight: behind new, read, flush or finish. */
const struct p2i_statistics *p2i_engine_statistics(struct p2i_engine *engine);

/* Frees the engine; what was not delivered is lost. NULL is fine. */
void p2i_engine_free(struct p2i_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
