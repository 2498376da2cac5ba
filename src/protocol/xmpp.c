/* SPDX-License-Identifier: MIT */
/* XMPP over TCP (RFC 6120, RFC 6121), in the clear until STARTTLS, with SASL and the login of
 * before (XEP-0078): an instant message for each login, when its result comes, and for each message
 * that has a body.
 *
 * A login is from the client, at the first byte of its <auth/> or <iq/>, with the name as it was
 * sent. Its result is 0 where none was seen. A message without a sender is from the client of the
 * session, whose address is that which the server bound (RFC 6120 section 7), or else addresses, or
 * else what the client logged in as. */
#include "protocol/protocols.h"

#include "base/base64.h"
#include "protocol/mail_text.h"
#include "protocol/message.h"
#include "protocol/xmpp_probe.h"
#include "protocol/xmpp_sasl.h"
#include "protocol/xmpp_scan.h"
#include "protocol/xmpp_stanza.h"

enum {
    IM_XMPP = 7,       /* IM_PROTOCOL */
    STRING_MAX = 4096, /* bytes of a string that is kept */
    UNAUTHORISED = 401,
    TLS_HANDSHAKE = 0x16, /* a record of TLS begins with it */
};

/* A login that waits for its result. */
struct login {
    struct p2i_origin origin;
    struct p2i_text name, password;
    struct p2i_text id; /* of the iq */
    enum p2i_sasl mechanism;
    enum p2i_direction client;
    bool by_iq; /* not by SASL */
};

struct half {
    struct p2i_xmpp_scan scan;
    uint32_t scanned; /* bytes of this part that have been looked at and are held */
    bool skipping;    /* this part is of no interest, or larger than can be held */
    bool lost;        /* until something known begins */
};

struct xmpp {
    struct half half[2];
    struct login *login;
    struct p2i_text jid;    /* of the client, with its resource once that is known */
    struct p2i_text domain; /* of the server */
    bool client_known;
    uint8_t client; /* enum p2i_direction */
};

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

static bool has(struct p2i_view bytes, const char *text)
{
    return memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

/* ---- who is who ---- */

static enum p2i_direction client_of(const struct p2i_parser *parser)
{
    const struct xmpp *xmpp = parser->state;
    const struct p2i_ends *ends = &parser->ends;
    if (xmpp->client_known) {
        return (enum p2i_direction)xmpp->client;
    }
    bool called = p2i_xmpp_is_port(ends->port[P2I_FROM_INITIATOR]) &&
                  !p2i_xmpp_is_port(ends->port[P2I_FROM_RESPONDER]);
    return called ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR;
}

static void note_client(struct xmpp *xmpp, enum p2i_direction client)
{
    xmpp->client = (uint8_t)client;
    xmpp->client_known = true;
}

static void set_text(const struct p2i_parser *parser, struct p2i_text *text, struct p2i_view value)
{
    text->size = 0;
    p2i_text_add(parser, text, value, STRING_MAX);
}

/* The client is `name`, at the server unless it says where itself. */
static void set_user(const struct p2i_parser *parser, struct p2i_view name, struct p2i_view domain,
                     struct p2i_view resource)
{
    struct xmpp *xmpp = parser->state;
    struct p2i_text *jid = &xmpp->jid;
    set_text(parser, jid, name);
    if (p2i_view_find(name, '@') == name.size && name.size > 0 && domain.size > 0) {
        p2i_text_add(parser, jid, P2I_VIEW("@"), STRING_MAX);
        p2i_text_add(parser, jid, domain, STRING_MAX);
    }
    if (name.size > 0 && resource.size > 0) {
        p2i_text_add(parser, jid, P2I_VIEW("/"), STRING_MAX);
        p2i_text_add(parser, jid, resource, STRING_MAX);
    }
}

static bool has_resource(struct p2i_view jid)
{
    return p2i_view_find(jid, '/') < jid.size;
}

/* Is it worth reading whom the server addresses? */
static bool is_learning(const struct p2i_parser *parser, enum p2i_direction sender)
{
    const struct xmpp *xmpp = parser->state;
    return sender != client_of(parser) && !has_resource(p2i_text_view(&xmpp->jid));
}

/* ---- logins ---- */

/* The record of the login that waits, if there is one. */
static void end_login(struct p2i_parser *parser, uint32_t result)
{
    struct xmpp *xmpp = parser->state;
    struct login *login = xmpp->login;
    if (login == NULL) {
        return;
    }
    struct p2i_im message = {
        .login = p2i_text_view(&login->name),
        .password = p2i_text_view(&login->password),
        .result_code = result,
        .protocol = IM_XMPP,
    };
    p2i_emit(parser, P2I_RECORD_IM, login->client, &login->origin, &message);
    p2i_text_free(parser, &login->name);
    p2i_text_free(parser, &login->password);
    p2i_text_free(parser, &login->id);
    p2i_pool_put(parser->pool, parser->account, login, sizeof *login);
    xmpp->login = NULL;
    xmpp->jid.size = result != 0 ? 0 : xmpp->jid.size;
}

static struct login *begin_login(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct xmpp *xmpp = parser->state;
    end_login(parser, 0);
    xmpp->jid.size = 0;
    struct login *login = p2i_pool_get(parser->pool, parser->account, sizeof *login, NULL);
    if (login != NULL) {
        *login = (struct login){.origin = *p2i_origin_at(piece, 0), .client = piece->direction};
    }
    note_client(xmpp, piece->direction);
    xmpp->login = login;
    return login;
}

/* What the client says with SASL, in base64; "=" is nothing (RFC 6120 section 6.4.2). */
static void take_sasl(struct p2i_parser *parser, struct p2i_xmpp_stanza *stanza)
{
    struct xmpp *xmpp = parser->state;
    struct login *login = xmpp->login;
    size_t size = p2i_base64_decode(stanza->text, stanza->text_size);
    struct p2i_sasl_names said =
        p2i_sasl_read(login->mechanism, login->name.size > 0, stanza->text, size);
    if (login->name.size == 0 && said.name.size > 0) {
        p2i_text_add(parser, &login->name, said.name, STRING_MAX);
        set_user(parser, said.name, p2i_text_view(&xmpp->domain), (struct p2i_view){0});
    }
    if (login->password.size == 0) {
        p2i_text_add(parser, &login->password, said.password, STRING_MAX);
    }
}

static void take_auth(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_xmpp_stanza *stanza)
{
    struct login *login = stanza->whole ? begin_login(parser, piece) : NULL;
    if (login != NULL) {
        login->mechanism = p2i_sasl_mechanism(stanza->mechanism);
        take_sasl(parser, stanza);
    }
}

/* The login that it belongs to may have begun unseen. */
static void take_response(struct p2i_parser *parser, const struct p2i_piece *piece,
                          struct p2i_xmpp_stanza *stanza)
{
    const struct xmpp *xmpp = parser->state;
    bool goes_on = xmpp->login != NULL && !xmpp->login->by_iq;
    if (!stanza->whole || (!goes_on && begin_login(parser, piece) == NULL)) {
        return;
    }
    take_sasl(parser, stanza);
}

/* The server's answer to SASL. */
static void take_outcome(struct p2i_parser *parser, const struct p2i_piece *piece, uint32_t result)
{
    const struct login *login = ((const struct xmpp *)parser->state)->login;
    if (login != NULL && !login->by_iq && login->client != piece->direction) {
        end_login(parser, result);
    }
}

/* ---- iq ---- */

/* jabber:iq:auth: a `set` logs in (XEP-0078 section 3.2). */
static void take_iq_login(struct p2i_parser *parser, const struct p2i_piece *piece,
                          const struct p2i_xmpp_stanza *stanza)
{
    const struct xmpp *xmpp = parser->state;
    bool logs_in = stanza->whole && p2i_view_equals(stanza->type, P2I_VIEW("set"));
    struct login *login = logs_in ? begin_login(parser, piece) : NULL;
    if (login == NULL) {
        return;
    }
    login->by_iq = true;
    p2i_text_add(parser, &login->name, stanza->username, STRING_MAX);
    p2i_text_add(parser, &login->password, stanza->password, STRING_MAX);
    p2i_text_add(parser, &login->id, stanza->id, STRING_MAX);
    set_user(parser, stanza->username,
             stanza->to.size > 0 ? stanza->to : p2i_text_view(&xmpp->domain), stanza->resource);
}

/* Does the iq answer the login that waits? */
static bool answers_login(const struct xmpp *xmpp, const struct p2i_piece *piece,
                          const struct p2i_xmpp_stanza *stanza)
{
    const struct login *login = xmpp->login;
    return login != NULL && login->by_iq && login->client != piece->direction &&
           p2i_view_equals(stanza->id, p2i_text_view(&login->id));
}

static void take_iq(struct p2i_parser *parser, const struct p2i_piece *piece,
                    const struct p2i_xmpp_stanza *stanza)
{
    struct xmpp *xmpp = parser->state;
    bool is_result = p2i_view_equals(stanza->type, P2I_VIEW("result"));
    bool is_error = p2i_view_equals(stanza->type, P2I_VIEW("error"));
    if (answers_login(xmpp, piece, stanza) && (is_result || is_error)) {
        uint32_t code = stanza->code != 0 ? stanza->code : UNAUTHORISED;
        end_login(parser, is_error ? code : 0);
    } else if (stanza->logs_in) {
        take_iq_login(parser, piece, stanza);
    } else if (stanza->binds && is_result && stanza->jid.size > 0) {
        note_client(xmpp, piece->direction == P2I_FROM_INITIATOR ? P2I_FROM_RESPONDER
                                                                 : P2I_FROM_INITIATOR);
        set_text(parser, &xmpp->jid, stanza->jid);
    }
}

/* ---- messages ---- */

static void take_message(struct p2i_parser *parser, const struct p2i_piece *piece,
                         const struct p2i_xmpp_stanza *stanza)
{
    const struct xmpp *xmpp = parser->state;
    if (!stanza->has_body || p2i_view_equals(stanza->type, P2I_VIEW("error"))) {
        return;
    }
    /* What the server sends without saying from whom is from the account (RFC 6120 section
     * 8.1.2.1), not from this resource of it. */
    bool is_own = stanza->from.size == 0;
    struct p2i_view from = is_own ? p2i_text_view(&xmpp->jid) : stanza->from;
    struct p2i_view bare = p2i_view_first(from, p2i_view_find(from, '/'));
    struct p2i_view resource = p2i_view_from(from, bare.size + 1);
    if (is_own && piece->direction != client_of(parser)) {
        resource = (struct p2i_view){0};
    }
    struct p2i_im message = {
        .login = bare,
        .screen_name = resource,
        .receivers = stanza->to,
        .protocol = IM_XMPP,
    };
    p2i_emit(parser, P2I_RECORD_IM, piece->direction, p2i_origin_at(piece, 0), &message);
}

/* ---- parts of a stream ---- */

static void take_head(struct p2i_parser *parser, const struct p2i_piece *piece,
                      const struct p2i_xmpp_stanza *stanza)
{
    struct xmpp *xmpp = parser->state;
    bool is_client = piece->direction == client_of(parser);
    struct p2i_view domain = is_client ? stanza->to : stanza->from;
    if (domain.size > 0) {
        set_text(parser, &xmpp->domain, domain);
    }
    /* The client begins anew when it is logged in (RFC 6120 section 6.4.6). */
    if (xmpp->login != NULL && !xmpp->login->by_iq && xmpp->login->client == piece->direction) {
        end_login(parser, 0);
    }
}

/* From its name alone. */
static bool may_matter(const struct p2i_parser *parser, enum p2i_direction sender,
                       struct p2i_view part)
{
    static const char *const names[] = {"message", "iq",      "auth",       "response", "success",
                                        "failure", "proceed", "compressed", "stream",   NULL};
    struct p2i_view name = p2i_xmpp_name(part);
    size_t colon = p2i_view_find(name, ':');
    name = colon < name.size ? p2i_view_from(name, colon + 1) : name;
    for (const char *const *at = names; *at != NULL; at++) {
        if (p2i_view_equals(name, p2i_view_of(*at, strlen(*at)))) {
            return true;
        }
    }
    return p2i_view_equals(name, P2I_VIEW("presence")) && is_learning(parser, sender);
}

/* From all of it: reading takes a hundred times as long as looking for a word. */
static bool does_matter(const struct p2i_parser *parser, enum p2i_direction sender,
                        struct p2i_view part)
{
    const struct xmpp *xmpp = parser->state;
    struct p2i_view name = p2i_xmpp_name(part);
    if (!may_matter(parser, sender, part)) {
        return false;
    }
    if (p2i_view_equals(name, P2I_VIEW("message"))) {
        return is_learning(parser, sender) || has(part, "body");
    }
    if (p2i_view_equals(name, P2I_VIEW("iq"))) {
        return is_learning(parser, sender) || (xmpp->login != NULL && xmpp->login->by_iq) ||
               has(part, "jabber:iq:auth") || has(part, "urn:ietf:params:xml:ns:xmpp-bind");
    }
    return true;
}

static enum p2i_verdict take_stanza(struct p2i_parser *parser, const struct p2i_piece *piece,
                                    struct p2i_xmpp_stanza *stanza)
{
    struct xmpp *xmpp = parser->state;
    bool is_native = stanza->kind == P2I_XMPP_MESSAGE || stanza->kind == P2I_XMPP_PRESENCE ||
                     stanza->kind == P2I_XMPP_IQ;
    if (is_native && is_learning(parser, piece->direction) && has_resource(stanza->to)) {
        set_text(parser, &xmpp->jid, stanza->to);
    }
    switch (stanza->kind) {
    case P2I_XMPP_STREAM:
        take_head(parser, piece, stanza);
        break;
    case P2I_XMPP_MESSAGE:
        take_message(parser, piece, stanza);
        break;
    case P2I_XMPP_IQ:
        take_iq(parser, piece, stanza);
        break;
    case P2I_XMPP_AUTH:
        take_auth(parser, piece, stanza);
        break;
    case P2I_XMPP_RESPONSE:
        take_response(parser, piece, stanza);
        break;
    case P2I_XMPP_SUCCESS:
        take_outcome(parser, piece, 0);
        break;
    case P2I_XMPP_FAILURE:
        take_outcome(parser, piece, UNAUTHORISED);
        break;
    case P2I_XMPP_PROCEED:
        return P2I_ANEW;
    case P2I_XMPP_COMPRESSED:
        return P2I_FINISHED;
    case P2I_XMPP_PRESENCE:
    case P2I_XMPP_ELSE:
        break;
    }
    return P2I_CONTINUE;
}

/* A part at the start of the piece, or as much of it as there is. */
static enum p2i_verdict take_part(struct p2i_parser *parser, const struct p2i_piece *piece,
                                  struct p2i_view part)
{
    struct p2i_xmpp_stanza stanza;
    enum p2i_verdict verdict = P2I_CONTINUE;
    if (does_matter(parser, piece->direction, part) && p2i_xmpp_read(parser, part, &stanza)) {
        verdict = take_stanza(parser, piece, &stanza);
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

/* The bytes looked at are the whole part. */
static struct p2i_step end_part(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct half *half = &((struct xmpp *)parser->state)->half[piece->direction];
    struct p2i_step step = {.consumed = half->scanned};
    if (!half->skipping) {
        step.verdict = take_part(parser, piece, p2i_view_first(piece->bytes, half->scanned));
    }
    begin_part(half);
    return step;
}

/* More of the part is to come. */
static struct p2i_step keep_part(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct half *half = &((struct xmpp *)parser->state)->half[piece->direction];
    if (!half->skipping && !piece->full) {
        return consume(0);
    }
    size_t size = half->scanned;
    struct p2i_step step = {.consumed = size};
    if (!half->skipping) {
        step.verdict = take_part(parser, piece, p2i_view_first(piece->bytes, size));
    }
    half->scanned = 0;
    half->skipping = true;
    return step;
}

static bool is_head_of_stream(struct p2i_view part)
{
    struct p2i_view name = p2i_xmpp_name(part);
    return p2i_view_equals(p2i_view_from(name, p2i_view_find(name, ':')), P2I_VIEW(":stream"));
}

static struct p2i_step in_part(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct half *half = &((struct xmpp *)parser->state)->half[piece->direction];
    for (;;) {
        size_t used;
        enum p2i_xmpp_seen seen =
            p2i_xmpp_scan(&half->scan, p2i_view_from(piece->bytes, half->scanned), &used);
        half->scanned += (uint32_t)used;
        struct p2i_view part = p2i_view_first(piece->bytes, half->scanned);
        switch (seen) {
        case P2I_XMPP_MORE:
            return keep_part(parser, piece);
        case P2I_XMPP_ENDED:
            return end_part(parser, piece);
        case P2I_XMPP_OPENED:
            if (!half->skipping && is_head_of_stream(part)) {
                return end_part(parser, piece);
            }
            half->skipping = half->skipping || !may_matter(parser, piece->direction, part);
            break;
        case P2I_XMPP_BROKEN:
            get_lost(half);
            return consume(part.size);
        }
    }
}

/* Blanks keep a connection alive; clients in Flash end what they send with NUL. */
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

/* What is nothing of a stream is passed over, up to what is known to begin a part. */
static struct p2i_step find_part(const struct p2i_piece *piece, struct half *half)
{
    bool certain;
    size_t at = p2i_xmpp_find(piece->bytes, &certain);
    half->lost = !certain;
    return consume(at);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct xmpp *xmpp = parser->state;
    struct half *half = &xmpp->half[piece->direction];
    bool begins = half->scanned == 0 && !half->skipping;
    if (begins && !half->lost) {
        size_t blanks = count_blanks(piece->bytes);
        if (blanks > 0) {
            return consume(blanks);
        }
        if (piece->bytes.data[0] == TLS_HANDSHAKE) {
            return (struct p2i_step){.verdict = P2I_ANEW};
        }
        half->lost = piece->bytes.data[0] != '<';
    }
    if (half->lost) {
        struct p2i_step step = find_part(piece, half);
        if (half->lost || step.consumed > 0) {
            return step;
        }
    }
    return in_part(parser, piece);
}

/* What is held of a part is all that is known of it. */
static void cut_part(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct half *half = &((struct xmpp *)parser->state)->half[piece->direction];
    if (half->scanned > 0 && !half->skipping) {
        (void)take_part(parser, piece, p2i_view_first(piece->bytes, half->scanned));
    }
    get_lost(half);
}

static void gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    (void)missing;
    cut_part(parser, piece);
}

static void at_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    cut_part(parser, piece);
}

static bool at_rest(const struct p2i_parser *parser)
{
    const struct xmpp *xmpp = parser->state;
    for (int i = 0; i < 2; i++) {
        const struct half *half = &xmpp->half[i];
        if (half->lost || half->skipping || half->scanned > 0) {
            return false;
        }
    }
    /* Who the client is won't be said again. */
    return xmpp->login == NULL && xmpp->jid.size == 0 && xmpp->domain.size == 0;
}

static void at_end(struct p2i_parser *parser)
{
    struct xmpp *xmpp = parser->state;
    end_login(parser, 0);
    p2i_text_free(parser, &xmpp->jid);
    p2i_text_free(parser, &xmpp->domain);
}

const struct p2i_protocol p2i_xmpp = {
    .id = P2I_ID_XMPP,
    .state_size = sizeof(struct xmpp),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_xmpp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .at_rest = at_rest,
    .free = at_end,
};
