/* SPDX-License-Identifier: MIT */
/* What a protocol is: a table of functions over ordered bytes, and nothing else. A parser knows
 * its own state and the bytes; it knows no file, clock, address or record format.
 *
 * The rule for every parser: any way of cutting a stream into segments gives the same messages.
 * It follows if `data` consumes a message as soon as it is complete and never looks at where the
 * view ends except to ask for more. */
#ifndef P2I_PROTOCOL_PROTOCOL_H
#define P2I_PROTOCOL_PROTOCOL_H

#include "base/pool.h"
#include "base/view.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/record.h"

struct p2i_protocol;
struct p2i_charsets; /* mail_charsets.h */

enum p2i_direction {
    P2I_FROM_INITIATOR = 0, /* who sent the first packet, or the SYN */
    P2I_FROM_RESPONDER = 1,
};

enum p2i_transport {
    P2I_OVER_UDP = 0,
    P2I_OVER_TCP = 1,
};

/* Who talks to whom. Ports are those of the initiator and the responder. */
struct p2i_ends {
    enum p2i_transport transport;
    uint16_t port[2]; /* by enum p2i_direction */
};

/* True when either end uses `port`. */
static inline bool p2i_ends_use(const struct p2i_ends *ends, uint16_t port)
{
    return ends->port[0] == port || ends->port[1] == port;
}

enum p2i_match {
    P2I_MATCH_NO,
    P2I_MATCH_MORE, /* these bytes are too few to tell */
    P2I_MATCH_YES,
};

/* A session of another protocol will be opened to here. A hint: whoever says so may be wrong, or
 * lie, so parsers are asked first. */
struct p2i_expectation {
    uint8_t protocol;            /* enum p2i_protocol_id */
    enum p2i_direction listener; /* who listens */
    struct p2i_view address;     /* 4 or 16 bytes as announced; empty: the listener's own; call */
    uint16_t port;
};

/* How much of a message is in its record. */
enum p2i_completeness {
    P2I_WHOLE,
    P2I_CUT,     /* the capture has not all of it: snaplen, gap, end, time-out, memory pressure */
    P2I_LIMITED, /* it is longer than a limit of ours */
};

/* Takes messages. `message` is the struct of message.h that belongs to `kind`; it and its views
 * are copied before the call returns. `sender` is the direction the message travelled in. */
struct p2i_sink {
    void (*emit)(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness);
    void *context;
    void (*expect)(void *context, const struct p2i_expectation *expected); /* NULL: nobody asks */
};

/* Settings that parsers obey; one for a run. */
struct p2i_parse_settings {
    bool dns_queries;         /* a record for each query */
    bool dns_answers;         /* records for responses */
    bool dns_empty_responses; /* a record for a response without an answer */
    bool multicast_dns;       /* mDNS and LLMNR too */
};

/* A parser at work in one session. Made by the stream layer; `state` is the protocol's own. */
struct p2i_parser {
    void *state; /* state_size bytes, zeroed at the start; suitably aligned for any type */
    const struct p2i_protocol *protocol;
    struct p2i_ends ends;
    const struct p2i_parse_settings *settings;
    const struct p2i_sink *sink;
    struct p2i_pool *pool; /* for what must outlive a call; give all back in free() */
    struct p2i_account *account;
    struct p2i_charsets *charsets; /* that stay open; NULL: none does */
};

/* What the stream layer says about the bytes it offers. */
struct p2i_stream_segment {
    enum p2i_direction direction;
    struct p2i_view bytes;              /* call; begins where the last call's `consumed` ended */
    const struct p2i_packet_info *info; /* of the first of these bytes; call */
    const struct p2i_packet_info
        *last;        /* of the newest of these bytes; call. A message that begins
                    behind one that was completed by this call begins in the
                    newest packet, so this is its packet info (see p2i_packet_info_at) */
    size_t fresh;     /* offset of the first byte that `last` carries */
    uint64_t offset;  /* of the first byte in this direction's stream; lost bytes
                         count */
    uint64_t lost;    /* bytes lost so far in this direction */
    uint64_t missing; /* in datagram(): bytes behind these that were not captured */
    bool full;        /* no more can be held: consume something or lose it */
    bool ended;       /* in close(): the sender ended the direction (FIN or RST);
                         false: time-out, memory pressure, end of the capture */
    bool peer_seen;   /* the other direction has carried bytes */
};

/* Packet info of the byte at `at` of a segment. */
static inline const struct p2i_packet_info *
p2i_packet_info_at(const struct p2i_stream_segment *segment, size_t at)
{
    return at >= segment->fresh ? segment->last : segment->info;
}

enum p2i_verdict {
    P2I_CONTINUE = 0,
    P2I_FINISHED, /* this session yields nothing more: the parser is freed, payload not touched */
    P2I_RESTART,  /* this protocol ends where `consumed` ends; what follows, and what the other
                  direction has not consumed, is looked at again, or given to `next` */
};

struct p2i_step {
    uint64_t consumed; /* may be more than was offered: what exceeds it is skipped unseen, also over
                          lost bytes; UINT64_MAX: the rest of this direction */
    size_t need;       /* offer again only when this many bytes are there, counted from behind
                          `consumed`; 0: whenever there are more. Never more than P2I_HEAD_MAX. */
    enum p2i_verdict verdict;
    const struct p2i_protocol *next; /* with P2I_RESTART; NULL: probe */
};

struct p2i_protocol {
    uint8_t id;         /* enum p2i_protocol_id */
    size_t state_size;  /* 0: no state is made */
    bool over[2];       /* by enum p2i_transport */
    bool urgent_inline; /* TCP: the urgent byte is part of what is said (Telnet, and what is built
                           on it); of all others it is not in the stream (RFC 6093) */

    /* Do these bytes begin a message of this protocol? Pure; looks at the bytes; ports only break
     * ties. For TCP the bytes are the first of a direction, or those behind a gap, or (while
     * nothing is recognised) those of a later segment. */
    enum p2i_match (*probe)(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes);

    /* Optional: can this protocol begin with a message that is cut? Asked when nothing is
     * recognised and the bytes that probe() said MORE about are all there will be: a gap or the end
     * is behind them (UDP: the snaplen cut them off), and nothing was ignored or lost in front of
     * them. On true the parser is made as if probe() had said YES, is offered the bytes, and is
     * told of the gap() or close(). The first of the protocols that says true gets them. Pure, and
     * strict: true only for bytes of which a part of a message can be emitted, and that are nobody
     * else's. */
    bool (*probe_cut)(const struct p2i_ends *ends, enum p2i_direction direction,
                      struct p2i_view bytes);

    /* TCP: ordered bytes. Called again with the rest while it makes progress (consumed > 0 and
     * bytes are left). */
    struct p2i_step (*data)(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

    /* TCP: `missing` bytes behind segment->bytes were lost (0: they could not be held).
     * segment->bytes are what was offered and not consumed; they are gone after this call. The next
     * data() is offered what follows the gap, and has to find its feet. */
    void (*gap)(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing);

    /* TCP: nothing more comes in this direction (FIN, RST, time-out, end of the capture).
     * segment->bytes as in gap(). Called once a direction. */
    void (*close)(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

    /* UDP: one datagram, whole or cut by the snaplen. `info` lives for the call. Returns
     * P2I_FINISHED when later datagrams of the session are of no interest. */
    enum p2i_verdict (*datagram)(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment);

    /* TCP and UDP: may this parser be forgotten while nobody speaks? True when nothing is waiting,
     * and a new parser would recognise and understand what comes next alike. */
    bool (*is_dormant)(const struct p2i_parser *parser);

    /* Last call, after close() for both directions, or instead of them after P2I_FINISHED,
     * P2I_RESTART or is_dormant(): emit what is waiting, give memory back. */
    void (*free)(struct p2i_parser *parser);
};

/* NULL in a slot of the table above is allowed for probe_cut, gap, close, free, is_dormant (then it
 * is true only without a state), and for data or datagram where the transport is not used. */

static inline void p2i_emit(const struct p2i_parser *parser, enum p2i_record_kind kind,
                            enum p2i_direction sender, const struct p2i_packet_info *info,
                            const void *message)
{
    parser->sink->emit(parser->sink->context, kind, sender, info, message, P2I_WHOLE);
}

/* Emits a message of which only a part is there, see enum p2i_completeness. */
static inline void p2i_emit_part(const struct p2i_parser *parser, enum p2i_record_kind kind,
                                 enum p2i_direction sender, const struct p2i_packet_info *info,
                                 const void *message, enum p2i_completeness completeness)
{
    parser->sink->emit(parser->sink->context, kind, sender, info, message, completeness);
}

static inline void p2i_expect(const struct p2i_parser *parser,
                              const struct p2i_expectation *expected)
{
    if (parser->sink->expect != NULL) {
        parser->sink->expect(parser->sink->context, expected);
    }
}

#endif
