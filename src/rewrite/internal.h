/* SPDX-License-Identifier: MIT */
/* Interfaces between the files of this folder.
 *
 * Rewriting has two passes. The first gives the frames to an engine, which tells the session and
 * protocol of each packet. The second decodes them again, with a trace of their headers; puts the
 * payload of each direction of a TCP session in order; lets the writer of the session's protocol
 * change the ordered bytes (of UDP: each datagram) in place; copies them back into the packets,
 * retransmissions included; and changes the headers. A writer keeps what its protocol needs to be
 * read, substitutes texts, and overwrites everything else. At last all bytes that nobody has
 * claimed are overwritten, and checksums that were right are made right. */
#ifndef P2I_REWRITE_INTERNAL_H
#define P2I_REWRITE_INTERNAL_H

#include "packet/packet.h"
#include "packet/trace.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/rewrite.h"
#include "privacy/substitute.h"
#include "protocol/protocol.h"

/* ---- Writing ---- */

/* What a writer needs. */
struct p2i_writing {
    struct p2i_substitution *words; /* NULL: only secrets are replaced */
    bool redacts;                   /* secrets become asterisks */
    uint64_t salt;                  /* of fillers: differs for each stream */
    bool out_of_memory;
};

/* Bytes that may be changed. */
struct p2i_bytes {
    uint8_t *data;
    size_t size;
};

static inline struct p2i_bytes p2i_span_of(uint8_t *data, size_t size)
{
    return (struct p2i_bytes){data, size};
}

/* The part from `from` on; empty if that is behind the end. */
static inline struct p2i_bytes p2i_span_from(struct p2i_bytes span, size_t from)
{
    return from < span.size ? p2i_span_of(span.data + from, span.size - from)
                            : p2i_span_of(NULL, 0);
}

static inline struct p2i_bytes p2i_span_first(struct p2i_bytes span, size_t size)
{
    return p2i_span_of(span.data, size < span.size ? size : span.size);
}

static inline struct p2i_view p2i_span_view(struct p2i_bytes span)
{
    return p2i_view_of(span.data, span.size);
}

/* write.c: all of them do nothing, or only p2i_write_secret() does, as the settings say. */
void p2i_write_text(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_secret(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_letters(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_binary(struct p2i_writing *writing, struct p2i_bytes span);
/* Letters, but line ends and dots in front of lines stay. */
void p2i_write_lines(struct p2i_writing *writing, struct p2i_bytes span);
/* The same unless all bytes are zero: padding. */
void p2i_write_nonzero(struct p2i_writing *writing, struct p2i_bytes span);
/* Filler that is the same wherever the bytes are the same. */
void p2i_write_token(struct p2i_writing *writing, struct p2i_bytes span);
/* All bytes, also of an address that is cut. */
void p2i_write_ipv4(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_ipv6(struct p2i_writing *writing, struct p2i_bytes span);
/* Base64 of a SASL message (RFC 4422): names are substituted; of PLAIN, which has NULs between its
 * parts, the last one is a secret. */
void p2i_write_sasl(struct p2i_writing *writing, struct p2i_bytes span);
/* Encodes bytes over Base64 text: the characters of the alphabet get new values, others stay. */
void p2i_base64_over(struct p2i_bytes span, struct p2i_view bytes);

/* Writers: each handles the ordered bytes of one direction, or one datagram. */
struct p2i_stream_ends {
    struct p2i_ends ends;
    enum p2i_direction direction;
    size_t first; /* bytes in the first packet */
};
void p2i_write_http(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_sip(struct p2i_writing *writing, struct p2i_bytes span);        /* a datagram */
void p2i_write_sip_stream(struct p2i_writing *writing, struct p2i_bytes span); /* over TCP */
void p2i_write_ftp(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_smtp(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_pop3(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_imap(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_xmpp(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_oscar(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_tls(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_websocket(struct p2i_writing *writing, struct p2i_bytes span);
/* Messages, each with its length in front over TCP. */
void p2i_write_dns_stream(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_dns(struct p2i_writing *writing, struct p2i_bytes span);
void p2i_write_radius(struct p2i_writing *writing, struct p2i_bytes span);
/* The contents of a PPP control frame. */
void p2i_write_ppp(struct p2i_writing *writing, uint16_t protocol, struct p2i_bytes span);
/* Bytes of a protocol that is known by its name alone, or not at all (0): keeps as few bytes as its
 * recogniser needs. */
void p2i_write_opaque(struct p2i_writing *writing, const struct p2i_stream_ends *ends, uint8_t id,
                      struct p2i_bytes span);

/* tls.c: a ClientHello from its handshake header on, as far as it is there; also of QUIC. */
void p2i_write_client_hello(struct p2i_writing *writing, struct p2i_bytes span);
/* tls.c: names of protocols with their lengths (RFC 7301 section 3.1): those that are not
 * registered are substituted. */
void p2i_write_protocols(struct p2i_writing *writing, struct p2i_bytes data);
/* True where a TLS record begins: a text protocol has turned to TLS. */
bool p2i_begins_tls(struct p2i_bytes span);
/* The same for a record with a hello and nothing else: for sure. */
bool p2i_begins_tls_hello(struct p2i_bytes span);

/* mail.c: a message with header fields and body. */
void p2i_write_mail(struct p2i_writing *writing, struct p2i_bytes span);
/* The same without the header that names its boundary. */
void p2i_write_mail_body(struct p2i_writing *writing, struct p2i_bytes span);
/* json.c */
void p2i_write_json(struct p2i_writing *writing, struct p2i_bytes span);

/* quic.c: the datagrams of one QUIC session in their order. */
struct p2i_quic_writer;
void p2i_write_quic(struct p2i_writing *writing, struct p2i_bytes *datagrams, size_t count);

/* ---- Frames ---- */

/* What becomes of a byte. */
enum p2i_claim {
    P2I_UNCLAIMED,   /* it is overwritten at last */
    P2I_CLAIMED,     /* it stays, or was changed */
    P2I_CLAIMED_MAC, /* the same, of a MAC address */
    P2I_CLEARED,     /* of the header of a link or tunnel: becomes zero unless it is claimed */
};

/* Bytes that packets are decoded from: a frame, or a packet reassembled of fragments. */
struct p2i_rewrite_area {
    uint8_t *data;
    uint8_t *claimed; /* one byte each: enum p2i_claim */
    size_t size;
    size_t fragments; /* of a reassembled packet: the first one, P2I_NO_FRAGMENT behind the last */
    bool owned;       /* `data` is to be freed */
};

enum { P2I_FRAGMENT_CHAINS = 1 << 14 };
#define P2I_NO_FRAGMENT SIZE_MAX

/* Where bytes of a reassembled packet come from. */
struct p2i_fragment_place {
    size_t joined, joined_at; /* area of the packet, offset in it; joined SIZE_MAX: in none yet */
    size_t area, at, size;
    size_t next; /* of the same hash, or of the same packet: P2I_NO_FRAGMENT: none */
    struct p2i_address source, destination;
    uint32_t identification, offset;
    uint8_t ip_version, protocol;
};

/* A header, see packet/trace.h. */
struct p2i_header_place {
    size_t area, at, size; /* captured bytes */
    size_t ip;             /* element of the IP header in front; SIZE_MAX: none */
    uint32_t length;
    uint16_t was;     /* the checksum that would have been right */
    uint8_t kind;     /* enum p2i_trace_kind */
    uint8_t protocol; /* IP protocol number of TRANSPORT */
    uint8_t checksum; /* enum p2i_checksum before the rewrite; see checksums.c */
};

/* A frame as it was added, and what the passes find out. */
struct p2i_rewrite_frame {
    struct p2i_engine_frame given; /* its data: area of the same number */
    uint64_t session;              /* SESSION_ID; 0: none */
    uint64_t number;               /* within its capture */
    struct p2i_address source;
    size_t area, at, size; /* payload of TCP or UDP, or contents of a PPP control frame */
    uint32_t sequence;
    uint16_t port[2]; /* source, destination */
    uint16_t ppp_control;
    uint8_t transport; /* 0: no payload to handle */
    bool doubtful;     /* its checksum is wrong, or it is padding */
};

struct p2i_rewrite_session {
    uint64_t id;
    struct p2i_address initiator;
    uint16_t port[2];
    uint8_t transport;
    uint8_t protocol; /* enum p2i_protocol_id */
};

struct p2i_rewrite {
    struct p2i_substitution *words;
    bool redacts;
    bool done;
    bool out_of_memory;
    struct p2i_rewrite_frame *frames;
    size_t frame_count, frame_capacity;
    struct p2i_rewrite_area *areas; /* those of the frames come first */
    size_t area_count, area_capacity;
    struct p2i_header_place *elements;
    size_t element_count, element_capacity;
    struct p2i_fragment_place *fragments;
    size_t fragment_count, fragment_capacity;
    size_t *chains; /* by hash: the newest fragment that is in no packet yet */
    struct p2i_rewrite_session *sessions; /* sorted by id after the first pass */
    size_t session_count, session_capacity;
    struct p2i_joined_buffers joined;
    size_t *first;  /* by capture: where its frames are in `places`; one more at the end */
    size_t *places; /* of the frames, sorted by capture */
};

/* p2i_rewrite_new() with the key itself, of P2I_CRYPTO_PAN_KEY bytes; NULL: only passwords are
 * replaced. NULL: out of memory. */
struct p2i_rewrite *p2i_rewrite_open(const uint8_t *key, bool redacts);

/* Makes room for one more element of `size` bytes in *list. False: out of memory. */
bool p2i_rewrite_reserve(void **list, size_t count, size_t *capacity, size_t size);

/* first_pass.c. P2I_OK; P2I_INTERNAL. */
enum p2i_result p2i_rewrite_sessions(struct p2i_rewrite *rewrite, struct p2i_error *error);
/* NULL: there is none. */
const struct p2i_rewrite_session *p2i_rewrite_session_of(const struct p2i_rewrite *rewrite,
                                                         uint64_t id);
/* areas.c: decodes the frames. False: out of memory. */
bool p2i_rewrite_decode(struct p2i_rewrite *rewrite);
void p2i_claim(struct p2i_rewrite_area *area, size_t at, size_t size);
/* links.c: marks the bytes between the headers; before anything is changed. False: out of memory.
 */
bool p2i_rewrite_links(struct p2i_rewrite *rewrite);
/* streams.c. False: out of memory. */
bool p2i_rewrite_payload(struct p2i_rewrite *rewrite);
/* headers.c */
void p2i_rewrite_headers(struct p2i_rewrite *rewrite);
/* checksums.c: judges before the rewrite; repairs, and copies reassembled packets back into their
 * fragments, behind it. */
void p2i_rewrite_judge(struct p2i_rewrite *rewrite);
void p2i_rewrite_repair(struct p2i_rewrite *rewrite);
/* Of a whole header that is in no trace. */
void p2i_rewrite_ipv4_checksum(uint8_t *header);

#endif
