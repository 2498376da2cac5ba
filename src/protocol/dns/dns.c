/* SPDX-License-Identifier: MIT */
/* DNS over UDP and TCP (RFC 1035), multicast DNS (RFC 6762) and LLMNR (RFC 4795). Over UDP a
 * datagram is a message, and the parser keeps no state. Over TCP the stream layer holds a
 * message until it is whole; bytes lost in one message cost no other. */
#include "protocol/dns/message.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

enum { PORT_DNS = 53, PORT_NETBIOS_NS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };
enum { FLAG_RESPONSE = 0x8000, FLAG_Z = 0x0040 };
enum { OPCODE_UPDATE = 5 };
enum { PREFIX_SIZE = 2 }; /* RFC 1035 section 4.2.2 */

/* How strictly a message is checked before it is accepted. */
enum doubt {
    DOUBT_LITTLE, /* a DNS port, or a session known to be DNS */
    DOUBT_PLACE,  /* a DNS session, but the place of messages is not known */
    DOUBT_ALL,    /* any port: only usual messages of clients and servers */
};

/* One direction over TCP. */
struct half {
    uint32_t skip; /* bytes left of a message with lost bytes */
    bool lost; /* bytes were lost, and the start of the next message with them; from then on each
                  message is searched for, and must pass DOUBT_PLACE */
};

struct dns {
    struct half half[2];
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

/* True for the header of a standard query with one question, or of its response. */
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
    /* A query has an authority record for IXFR (RFC 1995); its additional records are OPT and
     * signatures. */
    return (header->flags & (AA | TC | RA | RCODE)) == 0 && header->count[P2I_DNS_ANSWER] == 0 &&
           header->count[P2I_DNS_AUTHORITY] <= 1 && header->count[P2I_DNS_ADDITIONAL] <= 2;
}

/* True for the header of a later message of a zone transfer, which needs no question (RFC 5936
 * section 2.2.1). */
static bool header_is_of_transfer(const struct p2i_dns_header *header)
{
    enum { AA = 0x0400, RD = 0x0100, RA = 0x0080, AD = 0x0020, CD = 0x0010 };
    return (header->flags & ~(AA | RD | RA | AD | CD)) == FLAG_RESPONSE &&
           header->count[P2I_DNS_QUESTION] == 0 && header->count[P2I_DNS_ANSWER] > 0 &&
           header->count[P2I_DNS_AUTHORITY] == 0 && header->count[P2I_DNS_ADDITIONAL] <= 2;
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

/* True when `left` bytes behind the only question fit the counts. */
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

/* True when an entry has no pointer: the first name of a message has nothing to point to. */
static bool is_plain(const struct p2i_dns_question *entry, size_t size_in_message)
{
    enum { TYPE_AND_CLASS = 4 };
    return entry->name.size + TYPE_AND_CLASS == size_in_message;
}

/* Does the rest of the message fit its first question, or its first record behind name, type and
 * class? `left`: bytes that the message should have behind these; `at` stands at the first of
 * them. */
static enum p2i_match judge_rest(const struct p2i_dns_header *header, struct p2i_cursor at,
                                 size_t left)
{
    enum { TTL_SIZE = 4, FIELDS_SIZE = TTL_SIZE + 2 };
    if (header->count[P2I_DNS_QUESTION] > 0) {
        return rest_is_usual(header, left) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    p2i_skip(&at, TTL_SIZE);
    size_t rdata_size = p2i_be16(&at);
    if (at.failed) {
        return left < FIELDS_SIZE ? P2I_MATCH_NO : P2I_MATCH_MORE;
    }
    return rdata_size <= left - FIELDS_SIZE ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* Judges the first question, or the first record if there is no question, of a message with a
 * good header. `at` stands behind the header. */
static enum p2i_match judge_beginning(struct p2i_view message, size_t size,
                                      const struct p2i_dns_header *header, struct p2i_cursor at)
{
    struct p2i_dns_question first;
    size_t before = at.rest.size;
    enum p2i_dns_status status = p2i_dns_read_question(message, &at, &first);
    if (status == P2I_DNS_SHORT) {
        return message.size < size ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    if (status != P2I_DNS_OK || !is_plain(&first, before - at.rest.size) ||
        !type_and_class_are_usual(&first)) {
        return P2I_MATCH_NO;
    }
    return judge_rest(header, at, size - (message.size - at.rest.size));
}

/* Judges a message by its header and the bytes behind it. `size`: its full size, of which
 * `message` may be the beginning; SIZE_MAX: not known. */
static enum p2i_match judge(struct p2i_view message, size_t size, enum doubt doubt)
{
    enum { MOST_QUESTIONS = 255 }; /* many in multicast only */
    struct p2i_cursor at = p2i_cursor_of(message);
    struct p2i_dns_header header;
    if (size < P2I_DNS_HEADER_SIZE) {
        return P2I_MATCH_NO;
    }
    if (p2i_dns_read_header(&at, &header) != P2I_DNS_OK) {
        return P2I_MATCH_MORE;
    }
    if (header.count[P2I_DNS_QUESTION] > MOST_QUESTIONS || !counts_fit(&header, size)) {
        return P2I_MATCH_NO;
    }
    if (doubt != DOUBT_LITTLE) {
        bool good =
            header_is_usual(&header) || (doubt == DOUBT_PLACE && header_is_of_transfer(&header));
        return good ? judge_beginning(message, size, &header, at) : P2I_MATCH_NO;
    }
    if (header.count[P2I_DNS_QUESTION] == 0 && header.count[P2I_DNS_ANSWER] == 0) {
        return P2I_MATCH_YES;
    }
    enum p2i_dns_status status = p2i_dns_skip_question(&at);
    if (status == P2I_DNS_SHORT) {
        return message.size < size ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    return status == P2I_DNS_OK ? P2I_MATCH_YES : P2I_MATCH_NO;
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
    /* Messages of RFC 1002 look like DNS. */
    if (p2i_ends_use(ends, PORT_NETBIOS_NS)) {
        return P2I_MATCH_NO;
    }
    return judge(bytes, bytes.size, doubt);
}

/* Which records are wanted. */
static const struct p2i_parse_settings *wanted(const struct p2i_parser *parser)
{
    return parser->shared;
}

/* Names and data that the records of a message may have, for each byte of it. Only names of bytes
 * that are escaped, many of which point to one place, have more. */
enum { GROWTH_MAX = 16 };
enum { MESSAGE_MAX = 65535 }; /* the rest of a jumbogram (RFC 2675) is not read */

/* One message on its way to the sink. */
struct reading {
    const struct p2i_parser *parser;
    const struct p2i_packet_info *info;
    enum p2i_direction sender;
    enum p2i_completeness completeness;
    struct p2i_view message;
    struct p2i_cursor at; /* behind the header */
    struct p2i_dns_header header;
    size_t room;              /* bytes of names and data that its records may still have */
    struct p2i_dns_name name; /* of the last record, and its text */
    size_t text_size;
    uint8_t text[P2I_DNS_TEXT_MAX];
};

/* The text of an owner's name, which lives until the next call. Records that follow each other have
 * mostly the same owner, whose text is made once. */
static struct p2i_view text_of(struct reading *reading, const struct p2i_dns_name *name)
{
    if (!p2i_view_equals(p2i_view_of(name->wire, name->size),
                         p2i_view_of(reading->name.wire, reading->name.size))) {
        reading->name = *name;
        reading->text_size = p2i_dns_name_text(name, reading->text);
    }
    return p2i_view_of(reading->text, reading->text_size);
}

/* The record for which there is no room left is the last one of its message. */
static void take_room(struct reading *reading, size_t size)
{
    if (size > reading->room && reading->completeness == P2I_WHOLE) {
        reading->completeness = P2I_LIMITED;
    }
    reading->room -= size < reading->room ? size : reading->room;
}

static void emit(struct reading *reading, const struct p2i_dns_question *owner, uint32_t ttl,
                 struct p2i_view rdata)
{
    struct p2i_dns dns = {
        .domain = text_of(reading, &owner->name),
        .rdata = rdata,
        .ttl = ttl,
        .rr_class = owner->rr_class,
        .rr_type = owner->rr_type,
        .transaction_id = reading->header.id,
        .response_code = (uint8_t)(reading->header.flags & 0x0f),
        .query_response = is_response(&reading->header),
    };
    take_room(reading, dns.domain.size + rdata.size);
    p2i_emit_part(reading->parser, P2I_RECORD_DNS, reading->sender, reading->info, &dns,
                  reading->completeness);
}

/* Emits a record with its names expanded into `out`, which has room. Data that cannot be
 * expanded are left out, since they are unreadable without the message. */
static void emit_expanded(struct reading *reading, const struct p2i_dns_record *record,
                          uint8_t *out)
{
    size_t size = 0;
    bool good =
        p2i_dns_expand_rdata(reading->message, record->owner.rr_type, record->rdata, out, &size);
    emit(reading, &record->owner, record->ttl, p2i_view_of(out, good ? size : 0));
}

static void emit_record(struct reading *reading, const struct p2i_dns_record *record)
{
    uint8_t small[1024];
    size_t room = p2i_dns_rdata_room(record->owner.rr_type, record->rdata.size);
    if (room == 0) {
        emit(reading, &record->owner, record->ttl, record->rdata);
        return;
    }
    if (room <= sizeof small) {
        emit_expanded(reading, record, small);
        return;
    }
    const struct p2i_parser *parser = reading->parser;
    uint8_t *large = p2i_pool_get(parser->pool, parser->account, room, NULL);
    if (large != NULL) {
        emit_expanded(reading, record, large);
    }
    p2i_pool_put(parser->pool, parser->account, large, room);
}

/* Emits the records of the answer section, up to the first incomplete one, or while there is room;
 * skips records with a bad owner name. Returns the number emitted. */
static unsigned read_answers(struct reading *reading)
{
    const struct p2i_dns_header *header = &reading->header;
    struct p2i_cursor at = reading->at;
    for (unsigned i = 0; i < header->count[P2I_DNS_QUESTION]; i++) {
        if (p2i_dns_skip_question(&at) != P2I_DNS_OK) {
            return 0;
        }
    }
    struct p2i_dns_record record;
    unsigned given = 0;
    for (unsigned i = 0; i < header->count[P2I_DNS_ANSWER] && reading->room > 0; i++) {
        enum p2i_dns_status status = p2i_dns_read_record(reading->message, &at, &record);
        if (status == P2I_DNS_OK) {
            emit_record(reading, &record);
            given++;
        } else if (status != P2I_DNS_BAD_NAME) {
            if (reading->completeness == P2I_WHOLE) {
                p2i_report_broken(reading->parser);
            }
            break;
        }
    }
    return given;
}

static void read_first_question(struct reading *reading)
{
    struct p2i_cursor at = reading->at;
    struct p2i_dns_question question;
    if (reading->header.count[P2I_DNS_QUESTION] > 0 &&
        p2i_dns_read_question(reading->message, &at, &question) == P2I_DNS_OK) {
        emit(reading, &question, 0, (struct p2i_view){0});
    }
}

static void read_response(struct reading *reading)
{
    bool empty = reading->header.count[P2I_DNS_ANSWER] == 0;
    unsigned given = empty ? 0 : read_answers(reading);
    bool nothing_left = given == 0 && reading->completeness != P2I_WHOLE;
    if ((empty || nothing_left) && wanted(reading->parser)->dns_empty_responses) {
        read_first_question(reading);
    }
}

/* Emits the records of a message. `message` may be cut anywhere, even if `completeness` is
 * P2I_WHOLE: its sender made it so. */
static void read_message(const struct p2i_parser *parser, enum p2i_direction sender,
                         const struct p2i_packet_info *info, struct p2i_view message,
                         enum p2i_completeness completeness)
{
    if (message.size > MESSAGE_MAX) {
        message = p2i_view_first(message, MESSAGE_MAX);
        completeness = P2I_LIMITED;
    }
    struct reading reading;
    reading.parser = parser;
    reading.info = info;
    reading.sender = sender;
    reading.completeness = completeness;
    reading.message = message;
    reading.at = p2i_cursor_of(message);
    reading.room = GROWTH_MAX * message.size;
    reading.name.size = 0;
    const struct p2i_dns_header *header = &reading.header;
    /* The sections of an update have other meanings (RFC 2136 section 2). */
    if (p2i_dns_read_header(&reading.at, &reading.header) != P2I_DNS_OK ||
        opcode(header) == OPCODE_UPDATE) {
        return;
    }
    if (!is_response(header)) {
        if (wanted(parser)->dns_queries) {
            read_first_question(&reading);
        }
    } else if (wanted(parser)->dns_answers) {
        read_response(&reading);
    }
}

/* True when no message of the session gives a record. */
static bool is_unwanted(const struct p2i_parser *parser)
{
    return !wanted(parser)->multicast_dns && is_multicast(&parser->ends);
}

static enum p2i_verdict on_datagram(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment)
{
    if (is_unwanted(parser)) {
        return P2I_FINISHED;
    }
    read_message(parser, segment->direction, segment->info, segment->bytes,
                 segment->missing > 0 ? P2I_CUT : P2I_WHOLE);
    return P2I_CONTINUE;
}

/* The message at an offset of a segment; it may be incomplete. */
struct framed {
    struct p2i_view bytes; /* behind the prefix */
    size_t length;         /* according to the prefix */
    bool has_length;       /* the prefix is there */
    enum p2i_match match;
};

static struct framed frame_at(const struct half *half, const struct p2i_stream_segment *segment,
                              size_t at)
{
    struct p2i_view rest = p2i_view_from(segment->bytes, at);
    struct framed framed = {.match = P2I_MATCH_MORE};
    if (rest.size < PREFIX_SIZE) {
        return framed;
    }
    framed.has_length = true;
    framed.length = p2i_load_be16(rest.data);
    framed.bytes = p2i_view_first(p2i_view_from(rest, PREFIX_SIZE), framed.length);
    framed.match = judge(framed.bytes, framed.length, half->lost ? DOUBT_PLACE : DOUBT_LITTLE);
    return framed;
}

/* First offset at or behind `at` where a message begins, or may begin if more bytes come. */
static size_t find_message(const struct half *half, const struct p2i_stream_segment *segment,
                           size_t at)
{
    enum { QUESTIONS_AT = PREFIX_SIZE + 4 };
    const uint8_t *bytes = segment->bytes.data;
    for (; at < segment->bytes.size; at++) {
        bool has_count = at + QUESTIONS_AT + 1 < segment->bytes.size;
        if (has_count && (bytes[at + QUESTIONS_AT] != 0 || bytes[at + QUESTIONS_AT + 1] > 1)) {
            continue; /* neither one question nor none */
        }
        if (frame_at(half, segment, at).match != P2I_MATCH_NO) {
            break;
        }
    }
    return at;
}

static struct p2i_step on_data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct dns *)parser->state)->half[segment->direction];
    if (is_unwanted(parser)) {
        return (struct p2i_step){.consumed = UINT64_MAX, .verdict = P2I_FINISHED};
    }
    size_t at = half->skip;
    half->skip = 0;
    while (at < segment->bytes.size) {
        at = half->lost ? find_message(half, segment, at) : at;
        struct framed framed = frame_at(half, segment, at);
        size_t size = PREFIX_SIZE + framed.length;
        if (framed.match == P2I_MATCH_MORE) {
            return p2i_consume(at);
        }
        if (framed.match == P2I_MATCH_YES) {
            if (framed.bytes.size < framed.length) {
                return (struct p2i_step){.consumed = at, .need = size};
            }
            read_message(parser, segment->direction, p2i_packet_info_at(segment, at), framed.bytes,
                         P2I_WHOLE);
        }
        at += size; /* also over other bytes: the prefix gives the next start */
    }
    return p2i_consume(at);
}

/* Emits the captured part of the message that is cut here. Returns its size with the prefix; 0:
 * not known, or there is none. */
static size_t cut_message(const struct p2i_parser *parser, const struct half *half,
                          const struct p2i_stream_segment *segment)
{
    struct framed framed = frame_at(half, segment, 0);
    if (!is_unwanted(parser) && framed.match == P2I_MATCH_YES) {
        read_message(parser, segment->direction, segment->info, framed.bytes, P2I_CUT);
    }
    bool known = framed.has_length && (!half->lost || framed.match == P2I_MATCH_YES);
    return known ? PREFIX_SIZE + framed.length : 0;
}

/* If all lost bytes are of one message, the start of the next one is still known. */
static void on_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                   uint64_t missing)
{
    struct half *half = &((struct dns *)parser->state)->half[segment->direction];
    uint64_t gone = segment->bytes.size + missing;
    size_t left = half->skip > 0 ? half->skip : cut_message(parser, half, segment);
    half->lost = half->lost || left == 0 || left < gone;
    half->skip = left > gone ? (uint32_t)(left - gone) : 0;
}

static void on_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    const struct half *half = &((const struct dns *)parser->state)->half[segment->direction];
    if (half->skip == 0) {
        (void)cut_message(parser, half, segment);
    }
}

static bool is_dormant(const struct p2i_parser *parser)
{
    const struct half *half = ((const struct dns *)parser->state)->half;
    return !half[0].lost && half[0].skip == 0 && !half[1].lost && half[1].skip == 0;
}

/* The shared state is the settings; wanted() gives them back as const. */
static void *open_family(const struct p2i_parse_settings *settings)
{
    return (void *)settings;
}

static const struct p2i_protocol_family family = {open_family, NULL};

const struct p2i_protocol p2i_dns = {
    .id = P2I_ID_DNS,
    .state_size = sizeof(struct dns),
    .over = {[P2I_OVER_UDP] = true, [P2I_OVER_TCP] = true},
    .family = &family,
    .probe = probe,
    .data = on_data,
    .gap = on_gap,
    .close = on_close,
    .datagram = on_datagram,
    .is_dormant = is_dormant,
};
