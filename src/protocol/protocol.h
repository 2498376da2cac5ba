/* SPDX-License-Identifier: MIT */
/* The interface of a protocol parser: a table of functions over ordered bytes. A parser knows its
 * own state and the bytes; it knows no file, clock, address or record format.
 *
 * Rule for every parser: the same stream gives the same messages, however it is cut into segments.
 * It follows if data() consumes a message as soon as it is complete and uses the end of the view
 * only to ask for more.
 *
 * Threads: all calls for one session come from the worker that owns it, one at a time. Parsers have
 * no globals; state that the sessions of a worker share belongs to a struct p2i_protocol_family. */
#ifndef P2I_PROTOCOL_PROTOCOL_H
#define P2I_PROTOCOL_PROTOCOL_H

#include "base/pool.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/record.h"
#include "pcap2ipfix/view.h"

struct p2i_parse_settings; /* protocols.h */

enum p2i_direction {
    P2I_FROM_INITIATOR = 0, /* sent by the host that sent the first packet, or the SYN */
    P2I_FROM_RESPONDER = 1,
};

enum p2i_transport {
    P2I_OVER_UDP = 0,
    P2I_OVER_TCP = 1,
};

/* Transport and ports of a session. */
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
    P2I_MATCH_MORE, /* too few bytes to decide */
    P2I_MATCH_YES,
};

/* How much of a message is in its record. */
enum p2i_completeness {
    P2I_WHOLE,
    P2I_CUT, /* part of it is not in the capture: snaplen, gap, end, time-out, memory pressure */
    P2I_LIMITED, /* it is longer than one of our limits */
};

/* Receives messages. `message` points to the struct of message.h that belongs to `kind`; emit()
 * copies it and its views before it returns. `sender` is the direction the message travelled in. */
struct p2i_message_sink {
    void (*emit)(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness);
    void *context;
    /* A parser met bytes that are no message of its protocol, or one that it cannot read. NULL:
     * nobody wants to know. */
    void (*broken)(void *context);
};

/* One parser in one session, as its functions get it. The stream layer makes it for each call: keep
 * no pointer to it, or to what it points to, in the state. */
struct p2i_parser {
    void *state;  /* state_size bytes, zeroed at the start; suitably aligned for any type */
    void *shared; /* made by the open() of the protocol's family; NULL: it has none */
    struct p2i_ends ends;
    const struct p2i_message_sink *sink;
    struct p2i_pool *pool; /* for memory that outlives a call; give it all back in free() */
    struct p2i_account *account;
};

/* Bytes for a parser: all unconsumed bytes of a direction, which may come from several TCP
 * segments; and what the stream layer knows about them. Lives for the call. */
struct p2i_stream_segment {
    enum p2i_direction direction;
    struct p2i_view bytes;              /* begins where the last call's `consumed` ended */
    const struct p2i_packet_info *info; /* of the packet with the first byte */
    const struct p2i_packet_info *last; /* of the newest packet. A message that begins behind one
                                           completed by this call begins in the newest packet: use
                                           p2i_packet_info_at() */
    size_t fresh;     /* offset in `bytes` of the first byte of the newest packet */
    uint64_t offset;  /* of the first byte in this direction's stream, lost bytes included */
    uint64_t lost;    /* bytes lost so far in this direction */
    uint64_t missing; /* in datagram(): bytes behind these that were not captured */
    bool full;        /* no more bytes can be held: consume some or lose them all */
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
    P2I_FINISHED, /* the session yields nothing more: frees the parser, ignores later payload */
    P2I_RESTART,  /* the protocol ends where `consumed` ends: frees the parser and probes the bytes
                     behind it, and the unconsumed ones of the other direction, or gives them to
                     `next` */
};

struct p2i_step {
    uint64_t consumed; /* may exceed the segment: the stream layer then skips the bytes that follow,
                          lost ones included; UINT64_MAX: the rest of this direction */
    size_t need;       /* call again when this many bytes are there, counted from the end of
                          `consumed`; 0: as soon as there are more. At most P2I_HEAD_MAX. */
    enum p2i_verdict verdict;
    const struct p2i_protocol *next; /* with P2I_RESTART; NULL: probe. Of the same family, of a
                                        family of the worker's list of protocols, or of none */
};

/* Consumes nothing: the bytes are kept, and come again with more behind them. */
static inline struct p2i_step p2i_keep(void)
{
    return (struct p2i_step){0};
}

static inline struct p2i_step p2i_consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

/* Consumes `size` bytes of the segment and waits for new ones behind it. Bytes of the other
 * direction, for which kept ones are offered again, change nothing here. */
static inline struct p2i_step p2i_consume_and_wait(const struct p2i_stream_segment *segment,
                                                   size_t size)
{
    return (struct p2i_step){.consumed = size, .need = segment->bytes.size - size + 1};
}

/* Consumes `size` bytes and skips `more` behind them unseen. */
static inline struct p2i_step p2i_consume_and_skip(size_t size, uint64_t more)
{
    return p2i_consume(more > UINT64_MAX - size ? UINT64_MAX : size + more);
}

/* Protocols whose parsers share state in each worker, such as caches. */
struct p2i_protocol_family {
    /* Makes the state for one worker; `settings` live as long as it. NULL: out of memory. */
    void *(*open)(const struct p2i_parse_settings *settings);
    /* Called when the worker ends, after the last parser was freed. */
    void (*close)(void *shared); /* NULL: nothing to free */
};

/* A protocol. probe_cut, gap, close, free, is_dormant, family may be NULL, and data or datagram
 * where the transport is not used. */
struct p2i_protocol {
    uint8_t id;         /* enum p2i_protocol_id */
    size_t state_size;  /* bytes of p2i_parser.state; 0: it has none */
    bool over[2];       /* by enum p2i_transport */
    bool urgent_inline; /* TCP: the urgent byte belongs to the stream; for other protocols it is
                           left out (RFC 6093) */

    const struct p2i_protocol_family *family; /* NULL: parsers share nothing */

    /* Do these bytes begin a message of this protocol? Pure; looks at the bytes; ports only break
     * ties. For TCP the bytes are the first of a direction, or those behind a gap, or (while no
     * protocol is recognised) those of a later segment. */
    enum p2i_match (*probe)(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes);

    /* Can this protocol begin with a message that is cut? Asked while no protocol is recognised,
     * about bytes for which probe() wanted more, when no more can follow: a gap or the end is
     * behind them (UDP: the snaplen cut them off), and no byte in front of them was ignored or
     * lost. After true the parser is made as after P2I_MATCH_YES, and gets the bytes and then
     * gap() or close(). The first protocol that returns true gets them. Pure, and strict: true
     * only where part of a message can be emitted and no other protocol matches. */
    bool (*probe_cut)(const struct p2i_ends *ends, enum p2i_direction direction,
                      struct p2i_view bytes);

    /* TCP: ordered bytes. Called again with the rest while it makes progress (consumed > 0 and
     * bytes are left). */
    struct p2i_step (*data)(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

    /* TCP: `missing` bytes behind segment->bytes were lost (0: an unknown number, or more than can
     * be held). segment->bytes are the unconsumed ones; they are gone after this call. The next
     * data() gets the bytes behind the gap; the parser must resynchronise. */
    void (*gap)(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing);

    /* TCP: no more bytes come in this direction (FIN, RST, time-out, end of the capture).
     * segment->bytes as in gap(). Called once a direction. */
    void (*close)(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

    /* UDP: one datagram, whole or cut by the snaplen. P2I_CONTINUE, or P2I_FINISHED when later
     * datagrams of the session are of no interest. */
    enum p2i_verdict (*datagram)(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment);

    /* May this parser be freed while both hosts are silent? True when no message is incomplete, and
     * a new parser would recognise and read the next bytes alike. NULL: true if it has no state. */
    bool (*is_dormant)(const struct p2i_parser *parser);

    /* The last call: after close() for both directions, or instead of them after P2I_FINISHED,
     * P2I_RESTART or is_dormant(). Emits messages that wait, gives memory back. */
    void (*free)(struct p2i_parser *parser);
};

/* Reports a message that cannot be read. */
static inline void p2i_report_broken(const struct p2i_parser *parser)
{
    if (parser->sink->broken != NULL) {
        parser->sink->broken(parser->sink->context);
    }
}

/* Parses the next line, element or part of a direction, as p2i_protocol.data(). */
typedef struct p2i_step p2i_turn(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment);

/* Takes turns while they consume bytes and more follow: a segment may hold many short lines. For
 * use in p2i_protocol.data(). */
static inline struct p2i_step p2i_turns(struct p2i_parser *parser,
                                        const struct p2i_stream_segment *segment, p2i_turn *turn)
{
    struct p2i_stream_segment rest = *segment;
    size_t before = 0;
    for (;;) {
        struct p2i_step step = turn(parser, &rest);
        if (step.consumed == 0 || step.consumed >= rest.bytes.size || step.need > 0 ||
            step.verdict != P2I_CONTINUE) {
            step.consumed = p2i_consume_and_skip(before, step.consumed).consumed;
            return step;
        }
        size_t size = (size_t)step.consumed;
        before += size;
        rest.bytes = p2i_view_from(rest.bytes, size);
        rest.fresh -= size < rest.fresh ? size : rest.fresh;
        rest.offset += size;
        rest.full = false;
    }
}

/* Emits a whole message. */
static inline void p2i_emit(const struct p2i_parser *parser, enum p2i_record_kind kind,
                            enum p2i_direction sender, const struct p2i_packet_info *info,
                            const void *message)
{
    parser->sink->emit(parser->sink->context, kind, sender, info, message, P2I_WHOLE);
}

/* Emits a message that may not be whole. */
static inline void p2i_emit_part(const struct p2i_parser *parser, enum p2i_record_kind kind,
                                 enum p2i_direction sender, const struct p2i_packet_info *info,
                                 const void *message, enum p2i_completeness completeness)
{
    parser->sink->emit(parser->sink->context, kind, sender, info, message, completeness);
}

#endif
