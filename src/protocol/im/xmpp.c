/* SPDX-License-Identifier: MIT */
/* XMPP over TCP (RFC 6120, RFC 6121) in the clear, up to STARTTLS; logins by SASL and by the older
 * iq authentication (XEP-0078). Emits an instant message for each login, when its result comes, and
 * for each message stanza with a body.
 *
 * A login's direction and time are those of the client's first byte of <auth/> or <iq/>; its name
 * is as sent. Its result is 0 if none was seen. The sender of a message without `from` is the
 * session's client: the address that the server bound (RFC 6120 section 7), else the address that
 * the server sends to, else the name of the login.
 *
 * A cut part gives its complete elements and the present bytes of a password: a message once its
 * <body> has begun, a login once its start tag (or that of its query) has ended. */
#include "protocol/im/xmpp_probe.h"
#include "protocol/im/xmpp_scan.h"
#include "protocol/im/xmpp_session.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

enum {
    TLS_HANDSHAKE = 0x16, /* first byte of a TLS handshake record */
    /* The shortest declaration of a namespace that matters. */
    DECLARATION_MIN = sizeof "xmlns='jabber:client'" - 1,
};

struct half {
    struct p2i_xmpp_scan scan;
    uint32_t scanned; /* bytes of this part that are scanned and buffered */
    bool skipping;    /* this part is of no interest or too large to buffer */
    bool lost;        /* resynchronising: waits for a known part */
};

struct xmpp {
    struct half half[2];
    struct p2i_xmpp_session session;
};

static inline bool has(struct p2i_view bytes, struct p2i_view text)
{
    enum { SHORT = 64 }; /* memmem() fills a table first */
    if (bytes.size > SHORT) {
        return memmem(bytes.data, bytes.size, text.data, text.size) != NULL;
    }
    for (size_t at = 0; at + text.size <= bytes.size; at++) {
        if (bytes.data[at] == text.data[0] && memcmp(bytes.data + at, text.data, text.size) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns true if the client's address may still be learned from the server's stanzas. */
static bool is_learning(const struct p2i_parser *parser, enum p2i_direction sender)
{
    return p2i_xmpp_is_learning(parser, &((const struct xmpp *)parser->state)->session, sender);
}

/* ---- stanzas ---- */

static void take_iq(struct p2i_parser *parser, const struct p2i_xmpp_part *part,
                    const struct p2i_xmpp_stanza *stanza)
{
    struct p2i_xmpp_session *session = &((struct xmpp *)parser->state)->session;
    bool is_result = p2i_view_equals(stanza->type, P2I_VIEW("result"));
    if (p2i_xmpp_take_iq_answer(parser, session, part, stanza)) {
        return;
    }
    if (stanza->logs_in) {
        p2i_xmpp_take_iq_login(parser, session, part, stanza);
    } else if (stanza->binds && is_result && stanza->jid.size > 0) {
        p2i_xmpp_note_client(session, part->segment->direction == P2I_FROM_INITIATOR
                                          ? P2I_FROM_RESPONDER
                                          : P2I_FROM_INITIATOR);
        p2i_xmpp_set_client(parser, session, stanza->jid);
    }
}

static void take_message(struct p2i_parser *parser, const struct p2i_xmpp_part *part,
                         const struct p2i_xmpp_stanza *stanza)
{
    const struct p2i_xmpp_session *session = &((const struct xmpp *)parser->state)->session;
    const struct p2i_stream_segment *segment = part->segment;
    if (!stanza->has_body || p2i_view_equals(stanza->type, P2I_VIEW("error"))) {
        return;
    }
    /* A stanza from the server without `from` comes from the account (RFC 6120 section 8.1.2.1),
     * not from this resource of it. */
    bool is_own = stanza->from.size == 0;
    struct p2i_view from = is_own ? p2i_text_view(&session->jid) : stanza->from;
    struct p2i_view bare = p2i_view_first(from, p2i_view_find(from, '/'));
    struct p2i_view resource = p2i_view_from(from, bare.size + 1);
    if (is_own && segment->direction != p2i_xmpp_client_of(parser, session)) {
        resource = (struct p2i_view){0};
    }
    struct p2i_im message = {
        .login = bare,
        .screen_name = resource,
        .receivers = stanza->to,
        .protocol = P2I_IM_XMPP,
    };
    p2i_emit_part(parser, P2I_RECORD_IM, segment->direction, p2i_packet_info_at(segment, 0),
                  &message, part->completeness);
}

/* ---- parts of a stream ---- */

/* Returns true if the part's name makes it the head of a stream. */
static bool is_head_of_stream(struct p2i_view part)
{
    struct p2i_view name = p2i_xmpp_name(part);
    return p2i_view_equals(p2i_view_from(name, p2i_view_find(name, ':')), P2I_VIEW(":stream"));
}

/* Returns what an element of this name, without its prefix, may be; ELSE for others. */
static enum p2i_xmpp_kind kind_named(struct p2i_view name)
{
    switch (name.size) {
    case 2:
        return p2i_view_equals(name, P2I_VIEW("iq")) ? P2I_XMPP_IQ : P2I_XMPP_ELSE;
    case 4:
        return p2i_view_equals(name, P2I_VIEW("auth")) ? P2I_XMPP_AUTH : P2I_XMPP_ELSE;
    case 6:
        return p2i_view_equals(name, P2I_VIEW("stream")) ? P2I_XMPP_STREAM : P2I_XMPP_ELSE;
    case 7:
        return p2i_view_equals(name, P2I_VIEW("message"))   ? P2I_XMPP_MESSAGE
               : p2i_view_equals(name, P2I_VIEW("success")) ? P2I_XMPP_SUCCESS
               : p2i_view_equals(name, P2I_VIEW("failure")) ? P2I_XMPP_FAILURE
               : p2i_view_equals(name, P2I_VIEW("proceed")) ? P2I_XMPP_PROCEED
                                                            : P2I_XMPP_ELSE;
    case 8:
        return p2i_view_equals(name, P2I_VIEW("presence"))   ? P2I_XMPP_PRESENCE
               : p2i_view_equals(name, P2I_VIEW("response")) ? P2I_XMPP_RESPONSE
                                                             : P2I_XMPP_ELSE;
    case 10:
        return p2i_view_equals(name, P2I_VIEW("compressed")) ? P2I_XMPP_COMPRESSED : P2I_XMPP_ELSE;
    default:
        return P2I_XMPP_ELSE;
    }
}

/* What a part may be by its name alone; ELSE: nothing that matters. `*prefixed`: it has a
 * prefix. */
static enum p2i_xmpp_kind likely_kind(const struct p2i_parser *parser, enum p2i_direction sender,
                                      struct p2i_view part, bool *prefixed)
{
    struct p2i_view name = p2i_xmpp_name(part);
    enum p2i_xmpp_kind kind = kind_named(name);
    *prefixed = false;
    if (kind == P2I_XMPP_ELSE) {
        size_t colon = 0;
        while (colon < name.size && name.data[colon] != ':') {
            colon++;
        }
        *prefixed = colon < name.size;
        kind = *prefixed ? kind_named(p2i_view_from(name, colon + 1)) : kind;
    }
    return kind == P2I_XMPP_PRESENCE && !is_learning(parser, sender) ? P2I_XMPP_ELSE : kind;
}

/* Decides by the whole part: parsing takes a hundred times as long as a search for a word. The
 * names of elements and attributes have no other spelling in XML. */
static bool does_matter(const struct p2i_parser *parser, enum p2i_direction sender,
                        struct p2i_view part)
{
    const struct p2i_xmpp_session *session = &((const struct xmpp *)parser->state)->session;
    bool prefixed;
    enum p2i_xmpp_kind kind = likely_kind(parser, sender, part, &prefixed);
    if (kind == P2I_XMPP_ELSE) {
        return false;
    }
    bool learns = is_learning(parser, sender) && has(part, P2I_VIEW("to"));
    switch (prefixed ? P2I_XMPP_ELSE : kind) {
    case P2I_XMPP_MESSAGE:
        return learns || has(part, P2I_VIEW("body"));
    case P2I_XMPP_PRESENCE:
        return learns;
    case P2I_XMPP_IQ:
        return learns || (has(part, P2I_VIEW("type")) &&
                          (session->login != NULL || has(part, P2I_VIEW("jabber:iq:auth")) ||
                           has(part, P2I_VIEW("urn:ietf:params:xml:ns:xmpp-bind"))));
    case P2I_XMPP_SUCCESS:
    case P2I_XMPP_FAILURE:
        return session->login != NULL;
    default:
        /* All others are in a namespace of their own, but for the head of a stream. */
        return (part.size > DECLARATION_MIN && has(part, P2I_VIEW("xmlns"))) ||
               is_head_of_stream(part);
    }
}

static enum p2i_verdict take_stanza(struct p2i_parser *parser, const struct p2i_xmpp_part *part,
                                    struct p2i_xmpp_stanza *stanza)
{
    struct p2i_xmpp_session *session = &((struct xmpp *)parser->state)->session;
    const struct p2i_stream_segment *segment = part->segment;
    bool is_native = stanza->kind == P2I_XMPP_MESSAGE || stanza->kind == P2I_XMPP_PRESENCE ||
                     stanza->kind == P2I_XMPP_IQ;
    if (is_native && is_learning(parser, segment->direction) &&
        p2i_view_find(stanza->to, '/') < stanza->to.size) {
        p2i_xmpp_set_client(parser, session, stanza->to);
    }
    switch (stanza->kind) {
    case P2I_XMPP_STREAM:
        p2i_xmpp_begin_stream(parser, session, segment, stanza);
        break;
    case P2I_XMPP_MESSAGE:
        take_message(parser, part, stanza);
        break;
    case P2I_XMPP_IQ:
        take_iq(parser, part, stanza);
        break;
    case P2I_XMPP_AUTH:
        p2i_xmpp_take_auth(parser, session, part, stanza);
        break;
    case P2I_XMPP_RESPONSE:
        p2i_xmpp_take_response(parser, session, part, stanza);
        break;
    case P2I_XMPP_SUCCESS:
        p2i_xmpp_take_outcome(parser, session, segment, 0);
        break;
    case P2I_XMPP_FAILURE:
        p2i_xmpp_take_outcome(parser, session, segment, P2I_XMPP_UNAUTHORISED);
        break;
    case P2I_XMPP_PROCEED:
        return P2I_RESTART;
    case P2I_XMPP_COMPRESSED:
        return P2I_FINISHED;
    case P2I_XMPP_PRESENCE:
    case P2I_XMPP_ELSE:
        break;
    }
    return P2I_CONTINUE;
}

/* Reads the part at the start of the segment, of which `size` bytes are present. */
static enum p2i_verdict take_part(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment, size_t size,
                                  enum p2i_completeness completeness)
{
    struct p2i_view bytes = p2i_view_first(segment->bytes, size);
    if (!does_matter(parser, segment->direction, bytes)) {
        return P2I_CONTINUE;
    }
    struct p2i_xmpp_part part = {segment, completeness};
    struct p2i_xmpp_stanza stanza;
    enum p2i_verdict verdict = P2I_CONTINUE;
    if (p2i_xmpp_read(parser, bytes, &stanza)) {
        verdict = take_stanza(parser, &part, &stanza);
        p2i_xmpp_stanza_free(parser, &stanza);
    }
    return verdict;
}

/* ---- the stream ---- */

static void begin_part(struct half *half)
{
    half->scan = (struct p2i_xmpp_scan){0};
    half->scanned = 0;
    half->skipping = false;
}

static void get_lost(struct half *half)
{
    begin_part(half);
    half->lost = true;
}

/* The scanned bytes are the whole part. */
static struct p2i_step end_part(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct xmpp *)parser->state)->half[segment->direction];
    struct p2i_step step = {.consumed = half->scanned};
    if (!half->skipping) {
        step.verdict = take_part(parser, segment, half->scanned, P2I_WHOLE);
    }
    begin_part(half);
    return step;
}

/* More of the part is to come. */
static struct p2i_step keep_part(struct p2i_parser *parser,
                                 const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct xmpp *)parser->state)->half[segment->direction];
    if (!half->skipping && !segment->full) {
        return p2i_keep();
    }
    size_t size = half->scanned;
    struct p2i_step step = {.consumed = size};
    if (!half->skipping) {
        step.verdict = take_part(parser, segment, size, P2I_LIMITED);
    }
    half->scanned = 0;
    half->skipping = true;
    return step;
}

static struct p2i_step in_part(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct xmpp *)parser->state)->half[segment->direction];
    for (;;) {
        bool prefixed;
        size_t used;
        enum p2i_xmpp_seen seen =
            p2i_xmpp_scan(&half->scan, p2i_view_from(segment->bytes, half->scanned), &used);
        half->scanned += (uint32_t)used;
        struct p2i_view part = p2i_view_first(segment->bytes, half->scanned);
        switch (seen) {
        case P2I_XMPP_MORE:
            return keep_part(parser, segment);
        case P2I_XMPP_ENDED:
            return end_part(parser, segment);
        case P2I_XMPP_OPENED:
            if (!half->skipping && is_head_of_stream(part)) {
                return end_part(parser, segment);
            }
            half->skipping = half->skipping || likely_kind(parser, segment->direction, part,
                                                           &prefixed) == P2I_XMPP_ELSE;
            break;
        case P2I_XMPP_BROKEN:
            p2i_report_broken(parser);
            get_lost(half);
            return p2i_consume(part.size);
        }
    }
}

/* Blanks keep a connection alive; Flash clients end each stanza with NUL. */
static size_t count_blanks(struct p2i_view bytes)
{
    size_t count = 0;
    while (count < bytes.size &&
           (bytes.data[count] == ' ' || bytes.data[count] == '\t' || bytes.data[count] == '\r' ||
            bytes.data[count] == '\n' || bytes.data[count] == '\0')) {
        count++;
    }
    return count;
}

/* Passes over bytes that are not of a stream, up to the known beginning of a part. */
static struct p2i_step find_part(const struct p2i_stream_segment *segment, struct half *half)
{
    bool certain;
    size_t at = p2i_xmpp_find(segment->bytes, &certain);
    half->lost = !certain;
    return p2i_consume(at);
}

/* Returns the bytes of whole parts at the front that do not matter. */
static size_t dull_size(const struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    size_t at = 0;
    for (;;) {
        struct p2i_view rest = p2i_view_from(segment->bytes, at);
        struct p2i_xmpp_scan scan = {0};
        size_t size = 0;
        size_t used;
        enum p2i_xmpp_seen seen = P2I_XMPP_OPENED;
        if (rest.size == 0 || rest.data[0] != '<') {
            return at;
        }
        while (seen == P2I_XMPP_OPENED) {
            seen = p2i_xmpp_scan(&scan, p2i_view_from(rest, size), &used);
            size += used;
            if (seen == P2I_XMPP_OPENED && is_head_of_stream(rest)) {
                return at;
            }
        }
        if (seen != P2I_XMPP_ENDED ||
            does_matter(parser, segment->direction, p2i_view_first(rest, size))) {
            return at;
        }
        at += size;
    }
}

static struct p2i_step turn(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct xmpp *xmpp = parser->state;
    struct half *half = &xmpp->half[segment->direction];
    bool begins = half->scanned == 0 && !half->skipping;
    if (begins && !half->lost && segment->bytes.data[0] != '<') {
        size_t blanks = count_blanks(segment->bytes);
        if (blanks > 0) {
            return p2i_consume(blanks);
        }
        if (segment->bytes.data[0] == TLS_HANDSHAKE) {
            return (struct p2i_step){.verdict = P2I_RESTART};
        }
        half->lost = true;
    }
    if (begins && !half->lost) {
        size_t dull = dull_size(parser, segment);
        if (dull > 0) {
            return p2i_consume(dull);
        }
    }
    if (half->lost) {
        struct p2i_step step = find_part(segment, half);
        if (half->lost || step.consumed > 0) {
            return step;
        }
    }
    return in_part(parser, segment);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    return p2i_turns(parser, segment, turn);
}

/* Reads a part of which only the buffered bytes will ever come. */
static void cut_part(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct half *half = &((struct xmpp *)parser->state)->half[segment->direction];
    if (half->scanned > 0 && !half->skipping) {
        (void)take_part(parser, segment, half->scanned, P2I_CUT);
    }
    get_lost(half);
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    (void)missing;
    cut_part(parser, segment);
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    cut_part(parser, segment);
}

static bool is_dormant(const struct p2i_parser *parser)
{
    const struct xmpp *xmpp = parser->state;
    for (int i = 0; i < 2; i++) {
        const struct half *half = &xmpp->half[i];
        if (half->lost || half->skipping || half->scanned > 0) {
            return false;
        }
    }
    /* The client's address is not sent a second time. */
    const struct p2i_xmpp_session *session = &xmpp->session;
    return session->login == NULL && session->jid.size == 0 && session->domain.size == 0;
}

static void at_end(struct p2i_parser *parser)
{
    p2i_xmpp_session_end(parser, &((struct xmpp *)parser->state)->session);
}

static const struct p2i_protocol_family family = {p2i_xmpp_open_reader, p2i_xmpp_close_reader};

const struct p2i_protocol p2i_xmpp = {
    .id = P2I_ID_XMPP,
    .state_size = sizeof(struct xmpp),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_xmpp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .is_dormant = is_dormant,
    .free = at_end,
    .family = &family,
};
