/* SPDX-License-Identifier: MIT */
/* DNS over UDP and TCP (RFC 1035), multicast DNS (RFC 6762) and LLMNR (RFC 4795). No state: over
 * UDP a datagram is a message, over TCP the stream layer holds a message until it is whole. */
#include "protocol/dns_message.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

enum { PORT_DNS = 53, PORT_NETBIOS_NS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };
enum { FLAG_RESPONSE = 0x8000, FLAG_Z = 0x0040 };
enum { OPCODE_UPDATE = 5 };
enum { PREFIX_SIZE = 2 }; /* RFC 1035 section 4.2.2 */

/* How much a message has to prove before it is taken for one. */
enum doubt {
    DOUBT_LITTLE, /* a port of DNS, or a session known to be DNS */
    DOUBT_PLACE,  /* bytes were lost: does a message begin here? */
    DOUBT_ALL,    /* any port */
};

static bool is_multicast(const struct p2i_ends *ends)
{
    if (p2i_ends_use(ends, PORT_DNS)) {
        return false;
    }
    return p2i_ends_use(ends, PORT_LLMNR) ||
           (ends->transport == P2I_OVER_UDP && p2i_ends_use(ends, PORT_MDNS));
}

static bool is_dns_port(const struct p2i_ends *ends)
{
    return p2i_ends_use(ends, PORT_DNS) || is_multicast(ends);
}

static bool is_response(const struct p2i_dns_header *header)
{
    return (header->flags & FLAG_RESPONSE) != 0;
}

static unsigned opcode(const struct p2i_dns_header *header)
{
    return header->flags >> 11 & 15U;
}

/* As in use by clients and servers: a standard query with one question, and its response. */
static bool header_is_usual(const struct p2i_dns_header *header)
{
    enum { RCODE = 0x000f, AA = 0x0400, TC = 0x0200, RA = 0x0080, LAST_RCODE = 10 };
    if (opcode(header) != 0 || (header->flags & FLAG_Z) != 0 ||
        header->count[P2I_DNS_QUESTION] != 1) {
        return false;
    }
    if (is_response(header)) {
        return (header->flags & RCODE) <= LAST_RCODE;
    }
    /* An authority record in a query is that of IXFR (RFC 1995); additional ones are OPT and the
     * signatures. */
    return (header->flags & (AA | TC | RA | RCODE)) == 0 && header->count[P2I_DNS_ANSWER] == 0 &&
           header->count[P2I_DNS_AUTHORITY] <= 1 && header->count[P2I_DNS_ADDITIONAL] <= 2;
}

static size_t least_size_of_records(const struct p2i_dns_header *header)
{
    size_t records = (size_t)header->count[P2I_DNS_ANSWER] + header->count[P2I_DNS_AUTHORITY] +
                     header->count[P2I_DNS_ADDITIONAL];
    return records * P2I_DNS_RECORD_MIN;
}

static bool counts_fit(const struct p2i_dns_header *header, size_t size)
{
    size_t questions = (size_t)header->count[P2I_DNS_QUESTION] * P2I_DNS_QUESTION_MIN;
    return P2I_DNS_HEADER_SIZE + questions + least_size_of_records(header) <= size;
}

/* Do `left` bytes behind the only question suit the counts? */
static bool rest_is_usual(const struct p2i_dns_header *header, size_t left)
{
    size_t least = least_size_of_records(header);
    return least > 0 ? left >= least : left == 0;
}

static bool type_and_class_are_usual(const struct p2i_dns_question *entry)
{
    enum { TYPE_TA = 32768, TYPE_DLV = 32769, LAST_TYPE = 511 };
    enum { CLASS_IN = 1, CLASS_CH = 3, CLASS_HS = 4, CLASS_NONE = 254, CLASS_ANY = 255 };
    bool type = (entry->rr_type > 0 && entry->rr_type <= LAST_TYPE) || entry->rr_type == TYPE_TA ||
                entry->rr_type == TYPE_DLV;
    switch (entry->rr_class) {
    case CLASS_IN:
    case CLASS_CH:
    case CLASS_HS:
    case CLASS_NONE:
    case CLASS_ANY:
        return type;
    default:
        return false;
    }
}

/* Looks at the header and the first question, or the first record where there is no question.
 * `size` is what the message should have, of which `message` may be the beginning; SIZE_MAX when
 * that is not known. */
static enum p2i_match judge(struct p2i_view message, size_t size, enum doubt doubt)
{
    enum { MOST_QUESTIONS = 255 }; /* many only in multicast */
    struct p2i_cursor at = p2i_cursor_of(message);
    struct p2i_dns_header header;
    if (size < P2I_DNS_HEADER_SIZE) {
        return P2I_MATCH_NO;
    }
    if (p2i_dns_read_header(&at, &header) != P2I_DNS_OK) {
        return P2I_MATCH_MORE;
    }
    if (header.count[P2I_DNS_QUESTION] > MOST_QUESTIONS || !counts_fit(&header, size) ||
        (doubt == DOUBT_ALL && !header_is_usual(&header))) {
        return P2I_MATCH_NO;
    }
    if (header.count[P2I_DNS_QUESTION] == 0 && header.count[P2I_DNS_ANSWER] == 0) {
        return doubt == DOUBT_LITTLE ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    struct p2i_dns_question first;
    enum p2i_dns_status status = p2i_dns_read_question(message, &at, &first);
    if (status == P2I_DNS_SHORT) {
        return message.size < size ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    if (status == P2I_DNS_BAD || (doubt != DOUBT_LITTLE && !type_and_class_are_usual(&first))) {
        return P2I_MATCH_NO;
    }
    if (doubt == DOUBT_ALL && !rest_is_usual(&header, size - (message.size - at.rest.size))) {
        return P2I_MATCH_NO;
    }
    return P2I_MATCH_YES;
}

static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)direction;
    enum doubt doubt = is_dns_port(ends) ? DOUBT_LITTLE : DOUBT_ALL;
    if (ends->transport == P2I_OVER_TCP) {
        if (bytes.size < PREFIX_SIZE) {
            return P2I_MATCH_MORE;
        }
        size_t length = p2i_load_be16(bytes.data);
        return judge(p2i_view_first(p2i_view_from(bytes, PREFIX_SIZE), length), length, doubt);
    }
    if (doubt == DOUBT_LITTLE) {
        /* The snaplen may have cut the datagram behind its header. */
        bool whole = bytes.size >= P2I_DNS_HEADER_SIZE;
        return whole && judge(bytes, SIZE_MAX, doubt) != P2I_MATCH_NO ? P2I_MATCH_YES
                                                                      : P2I_MATCH_NO;
    }
    /* RFC 1002 messages look much like these. */
    if (p2i_ends_use(ends, PORT_NETBIOS_NS)) {
        return P2I_MATCH_NO;
    }
    return judge(bytes, bytes.size, doubt);
}

/* One message on its way to the sink. */
struct reading {
    const struct p2i_parser *parser;
    const struct p2i_origin *origin;
    enum p2i_direction sender;
    struct p2i_view message;
    struct p2i_cursor at;
};

static void emit(const struct reading *reading, const struct p2i_dns_question *owner, uint32_t ttl,
                 struct p2i_view rdata)
{
    uint8_t text[P2I_DNS_TEXT_MAX];
    struct p2i_dns dns = {
        .domain = p2i_view_of(text, p2i_dns_name_text(&owner->name, text)),
        .rdata = rdata,
        .ttl = ttl,
        .rr_class = owner->rr_class,
        .rr_type = owner->rr_type,
    };
    p2i_emit(reading->parser, P2I_RECORD_DNS, reading->sender, reading->origin, &dns);
}

/* `out` has room for the expanded data. A record with a bad name in its data goes out without them;
 * false: the message goes no further. */
static bool emit_expanded(const struct reading *reading, const struct p2i_dns_record *record,
                          uint8_t *out)
{
    size_t size = 0;
    bool good =
        p2i_dns_expand_rdata(reading->message, record->owner.rr_type, record->rdata, out, &size);
    emit(reading, &record->owner, record->ttl, p2i_view_of(out, good ? size : 0));
    return good;
}

static bool emit_record(const struct reading *reading, const struct p2i_dns_record *record)
{
    uint8_t small[1024];
    size_t room = p2i_dns_rdata_room(record->owner.rr_type, record->rdata.size);
    if (room == 0) {
        emit(reading, &record->owner, record->ttl, record->rdata);
        return true;
    }
    if (room <= sizeof small) {
        return emit_expanded(reading, record, small);
    }
    const struct p2i_parser *parser = reading->parser;
    uint8_t *large = p2i_pool_get(parser->pool, parser->account, room, NULL);
    bool good = large != NULL && emit_expanded(reading, record, large);
    p2i_pool_put(parser->pool, parser->account, large, room);
    return good;
}

/* The records of the answer section, up to one that is cut or malformed. */
static void read_answers(struct reading *reading, const struct p2i_dns_header *header)
{
    struct p2i_dns_question question;
    for (unsigned i = 0; i < header->count[P2I_DNS_QUESTION]; i++) {
        if (p2i_dns_read_question(reading->message, &reading->at, &question) != P2I_DNS_OK) {
            return;
        }
    }
    struct p2i_dns_record record;
    for (unsigned i = 0; i < header->count[P2I_DNS_ANSWER]; i++) {
        if (p2i_dns_read_record(reading->message, &reading->at, &record) != P2I_DNS_OK ||
            !emit_record(reading, &record)) {
            return;
        }
    }
}

static void read_first_question(struct reading *reading, const struct p2i_dns_header *header)
{
    struct p2i_dns_question question;
    if (header->count[P2I_DNS_QUESTION] > 0 &&
        p2i_dns_read_question(reading->message, &reading->at, &question) == P2I_DNS_OK) {
        emit(reading, &question, 0, (struct p2i_view){0});
    }
}

/* `message` may be cut anywhere. */
static void read_message(const struct p2i_parser *parser, enum p2i_direction sender,
                         const struct p2i_origin *origin, struct p2i_view message)
{
    const struct p2i_parse_settings *settings = parser->settings;
    struct reading reading = {parser, origin, sender, message, p2i_cursor_of(message)};
    struct p2i_dns_header header;
    /* The sections of an update are other things (RFC 2136 section 2). */
    if (p2i_dns_read_header(&reading.at, &header) != P2I_DNS_OK ||
        opcode(&header) == OPCODE_UPDATE) {
        return;
    }
    if (!is_response(&header)) {
        if (settings->dns_queries) {
            read_first_question(&reading, &header);
        }
    } else if (!settings->dns_answers) {
        return;
    } else if (header.count[P2I_DNS_ANSWER] > 0) {
        read_answers(&reading, &header);
    } else if (settings->dns_empty_responses) {
        read_first_question(&reading, &header);
    }
}

/* True when no message of the session gives a record. */
static bool is_unwanted(const struct p2i_parser *parser)
{
    return !parser->settings->multicast_dns && is_multicast(&parser->ends);
}

static enum p2i_verdict on_datagram(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    if (is_unwanted(parser)) {
        return P2I_FINISHED;
    }
    read_message(parser, piece->direction, piece->origin, piece->bytes);
    return P2I_CONTINUE;
}

/* The message at `at` of a piece, which may not be there in full. */
struct framed {
    struct p2i_view bytes; /* behind the prefix */
    size_t length;         /* as the prefix has it */
    enum p2i_match match;
};

/* `lost`: of the direction's bytes so far; after a loss a message has to be found again. */
static struct framed frame_at(const struct p2i_parser *parser, const struct p2i_piece *piece,
                              size_t at, uint64_t lost)
{
    struct p2i_view rest = p2i_view_from(piece->bytes, at);
    struct framed framed = {.match = P2I_MATCH_MORE};
    if (rest.size < PREFIX_SIZE) {
        return framed;
    }
    enum doubt doubt = DOUBT_LITTLE;
    if (lost > 0) {
        doubt = is_dns_port(&parser->ends) ? DOUBT_PLACE : DOUBT_ALL;
    }
    framed.length = p2i_load_be16(rest.data);
    framed.bytes = p2i_view_first(p2i_view_from(rest, PREFIX_SIZE), framed.length);
    framed.match = judge(framed.bytes, framed.length, doubt);
    return framed;
}

static struct p2i_step on_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    if (is_unwanted(parser)) {
        return (struct p2i_step){.consumed = UINT64_MAX, .verdict = P2I_FINISHED};
    }
    size_t at = 0;
    while (at < piece->bytes.size) {
        struct framed framed = frame_at(parser, piece, at, piece->lost);
        size_t size = PREFIX_SIZE + framed.length;
        if (framed.match != P2I_MATCH_NO) {
            bool whole = framed.match == P2I_MATCH_YES && framed.bytes.size == framed.length;
            if (!whole && !(piece->full && at == 0)) {
                size_t need = framed.match == P2I_MATCH_YES ? size : 0;
                return (struct p2i_step){.consumed = at, .need = need};
            }
            read_message(parser, piece->direction, p2i_origin_at(piece, at), framed.bytes);
        } else if (piece->lost > 0) {
            /* This was not a message's beginning: try again with the next segment. Where nothing
             * was lost the prefix still tells where the next message begins. */
            return (struct p2i_step){.consumed = piece->bytes.size};
        }
        at += size;
    }
    return (struct p2i_step){.consumed = at};
}

/* A message that is cut by a gap or the end: the records before that are good. */
static void on_cut(const struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t lost)
{
    struct framed framed = frame_at(parser, piece, 0, lost);
    if (!is_unwanted(parser) && framed.match == P2I_MATCH_YES) {
        read_message(parser, piece->direction, piece->origin, framed.bytes);
    }
}

static void on_gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    /* The piece's own loss lies behind it. */
    on_cut(parser, piece, piece->lost > missing ? piece->lost - missing : 0);
}

static void on_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    on_cut(parser, piece, piece->lost);
}

const struct p2i_protocol p2i_dns = {
    .id = P2I_ID_DNS,
    .over = {[P2I_OVER_UDP] = true, [P2I_OVER_TCP] = true},
    .probe = probe,
    .data = on_data,
    .gap = on_gap,
    .close = on_close,
    .datagram = on_datagram,
};
