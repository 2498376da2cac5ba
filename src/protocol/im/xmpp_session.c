/* SPDX-License-Identifier: MIT */
#include "protocol/im/xmpp_session.h"

#include "base/base64.h"
#include "protocol/im/xmpp_probe.h"
#include "protocol/im/xmpp_sasl.h"
#include "protocol/message.h"

struct p2i_xmpp_login {
    struct p2i_packet_info info;
    struct p2i_text name, password;
    struct p2i_text id; /* of the iq */
    enum p2i_completeness completeness;
    enum p2i_sasl mechanism;
    enum p2i_direction client;
    bool by_iq; /* by iq, not by SASL */
};

/* ---- addresses ---- */

enum p2i_direction p2i_xmpp_client_of(const struct p2i_parser *parser,
                                      const struct p2i_xmpp_session *session)
{
    const struct p2i_ends *ends = &parser->ends;
    if (session->client_known) {
        return (enum p2i_direction)session->client;
    }
    bool called = p2i_xmpp_is_port(ends->port[P2I_FROM_INITIATOR]) &&
                  !p2i_xmpp_is_port(ends->port[P2I_FROM_RESPONDER]);
    return called ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR;
}

void p2i_xmpp_note_client(struct p2i_xmpp_session *session, enum p2i_direction client)
{
    session->client = (uint8_t)client;
    session->client_known = true;
}

static void set_text(const struct p2i_parser *parser, struct p2i_text *text, struct p2i_view value)
{
    text->size = 0;
    p2i_text_add(parser, text, value, P2I_XMPP_STRING_MAX);
}

void p2i_xmpp_set_client(const struct p2i_parser *parser, struct p2i_xmpp_session *session,
                         struct p2i_view jid)
{
    set_text(parser, &session->jid, jid);
}

/* Sets the client's address to `name`, with the server's domain if `name` has none. */
static void set_user(const struct p2i_parser *parser, struct p2i_xmpp_session *session,
                     struct p2i_view name, struct p2i_view domain, struct p2i_view resource)
{
    struct p2i_text *jid = &session->jid;
    set_text(parser, jid, name);
    if (p2i_view_find(name, '@') == name.size && name.size > 0 && domain.size > 0) {
        p2i_text_add(parser, jid, P2I_VIEW("@"), P2I_XMPP_STRING_MAX);
        p2i_text_add(parser, jid, domain, P2I_XMPP_STRING_MAX);
    }
    if (name.size > 0 && resource.size > 0) {
        p2i_text_add(parser, jid, P2I_VIEW("/"), P2I_XMPP_STRING_MAX);
        p2i_text_add(parser, jid, resource, P2I_XMPP_STRING_MAX);
    }
}

bool p2i_xmpp_is_learning(const struct p2i_parser *parser, const struct p2i_xmpp_session *session,
                          enum p2i_direction sender)
{
    struct p2i_view jid = p2i_text_view(&session->jid);
    bool has_resource = p2i_view_find(jid, '/') < jid.size;
    return sender != p2i_xmpp_client_of(parser, session) && !has_resource;
}

/* ---- logins ---- */

/* Emits the waiting login, if there is one. */
static void end_login(struct p2i_parser *parser, struct p2i_xmpp_session *session, uint32_t result)
{
    struct p2i_xmpp_login *login = session->login;
    if (login == NULL) {
        return;
    }
    struct p2i_im message = {
        .login = p2i_text_view(&login->name),
        .password = p2i_text_view(&login->password),
        .result_code = result,
        .protocol = P2I_IM_XMPP,
    };
    p2i_emit_part(parser, P2I_RECORD_IM, login->client, &login->info, &message,
                  login->completeness);
    p2i_text_free(parser, &login->name);
    p2i_text_free(parser, &login->password);
    p2i_text_free(parser, &login->id);
    p2i_pool_put(parser->pool, parser->account, login, sizeof *login);
    session->login = NULL;
    session->jid.size = result != 0 ? 0 : session->jid.size;
}

static struct p2i_xmpp_login *begin_login(struct p2i_parser *parser,
                                          struct p2i_xmpp_session *session,
                                          const struct p2i_xmpp_part *part)
{
    const struct p2i_stream_segment *segment = part->segment;
    end_login(parser, session, 0);
    session->jid.size = 0;
    struct p2i_xmpp_login *login = p2i_pool_get(parser->pool, parser->account, sizeof *login, NULL);
    if (login != NULL) {
        *login = (struct p2i_xmpp_login){.info = *p2i_packet_info_at(segment, 0),
                                         .completeness = part->completeness,
                                         .client = segment->direction};
    }
    p2i_xmpp_note_client(session, segment->direction);
    session->login = login;
    return login;
}

/* Marks the login cut if the part that belongs to it is not whole. */
static void mark_login(struct p2i_xmpp_login *login, enum p2i_completeness completeness)
{
    if (login->completeness == P2I_WHOLE) {
        login->completeness = completeness;
    }
}

/* Returns true if the text of a part can be used: not when the part is broken rather than cut. */
static bool is_readable(const struct p2i_xmpp_part *part, const struct p2i_xmpp_stanza *stanza)
{
    return stanza->whole || part->completeness != P2I_WHOLE;
}

/* ---- SASL ---- */

/* The client's base64 data; "=" is the empty string (RFC 6120 section 6.4.2). */
static void take_sasl(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                      struct p2i_xmpp_stanza *stanza)
{
    struct p2i_xmpp_login *login = session->login;
    struct p2i_sasl_message message = {
        .bytes = stanza->text,
        .size = p2i_base64_decode(stanza->text, stanza->text_size),
        .is_second = login->name.size > 0,
        .whole = stanza->whole,
    };
    struct p2i_sasl_names said = p2i_sasl_read(login->mechanism, &message);
    if (login->name.size == 0 && said.name.size > 0) {
        p2i_text_add(parser, &login->name, said.name, P2I_XMPP_STRING_MAX);
        set_user(parser, session, said.name, p2i_text_view(&session->domain), (struct p2i_view){0});
    }
    if (login->password.size == 0) {
        p2i_text_add(parser, &login->password, said.password, P2I_XMPP_STRING_MAX);
    }
}

void p2i_xmpp_take_auth(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                        const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza)
{
    struct p2i_xmpp_login *login =
        is_readable(part, stanza) ? begin_login(parser, session, part) : NULL;
    if (login != NULL) {
        login->mechanism = p2i_sasl_mechanism(stanza->mechanism);
        take_sasl(parser, session, stanza);
    }
}

/* The login that the response belongs to may have begun before the capture. */
void p2i_xmpp_take_response(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza)
{
    bool goes_on = session->login != NULL && !session->login->by_iq;
    if (!is_readable(part, stanza) || (!goes_on && begin_login(parser, session, part) == NULL)) {
        return;
    }
    mark_login(session->login, part->completeness);
    take_sasl(parser, session, stanza);
}

void p2i_xmpp_take_outcome(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment, uint32_t result)
{
    const struct p2i_xmpp_login *login = session->login;
    if (login != NULL && !login->by_iq && login->client != segment->direction) {
        end_login(parser, session, result);
    }
}

/* ---- iq ---- */

/* An iq of type `set` is a login (XEP-0078 section 3.2). */
void p2i_xmpp_take_iq_login(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, const struct p2i_xmpp_stanza *stanza)
{
    bool logs_in = is_readable(part, stanza) && p2i_view_equals(stanza->type, P2I_VIEW("set"));
    struct p2i_xmpp_login *login = logs_in ? begin_login(parser, session, part) : NULL;
    if (login == NULL) {
        return;
    }
    login->by_iq = true;
    p2i_text_add(parser, &login->name, stanza->username, P2I_XMPP_STRING_MAX);
    p2i_text_add(parser, &login->password, stanza->password, P2I_XMPP_STRING_MAX);
    p2i_text_add(parser, &login->id, stanza->id, P2I_XMPP_STRING_MAX);
    set_user(parser, session, stanza->username,
             stanza->to.size > 0 ? stanza->to : p2i_text_view(&session->domain), stanza->resource);
}

bool p2i_xmpp_take_iq_answer(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                             const struct p2i_xmpp_part *part, const struct p2i_xmpp_stanza *stanza)
{
    struct p2i_xmpp_login *login = session->login;
    bool is_error = p2i_view_equals(stanza->type, P2I_VIEW("error"));
    bool is_result = p2i_view_equals(stanza->type, P2I_VIEW("result"));
    if (login == NULL || !login->by_iq || login->client == part->segment->direction ||
        !p2i_view_equals(stanza->id, p2i_text_view(&login->id)) || (!is_error && !is_result)) {
        return false;
    }
    uint32_t code = stanza->code != 0 ? stanza->code : P2I_XMPP_UNAUTHORISED;
    if (is_error && stanza->code == 0) {
        mark_login(login, part->completeness); /* the code may have been cut off */
    }
    end_login(parser, session, is_error ? code : 0);
    return true;
}

/* ---- streams ---- */

void p2i_xmpp_begin_stream(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment,
                           const struct p2i_xmpp_stanza *stanza)
{
    const struct p2i_xmpp_login *login = session->login;
    bool is_client = segment->direction == p2i_xmpp_client_of(parser, session);
    struct p2i_view domain = is_client ? stanza->to : stanza->from;
    if (domain.size > 0) {
        set_text(parser, &session->domain, domain);
    }
    if (login != NULL && !login->by_iq && login->client == segment->direction) {
        end_login(parser, session, 0);
    }
}

void p2i_xmpp_session_end(struct p2i_parser *parser, struct p2i_xmpp_session *session)
{
    end_login(parser, session, 0);
    p2i_text_free(parser, &session->jid);
    p2i_text_free(parser, &session->domain);
}
