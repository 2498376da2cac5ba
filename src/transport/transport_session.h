/* SPDX-License-Identifier: MIT */
/* The state of one transport session (RFC 7011 section 2): sequence numbers, and the templates that
 * the collector has. Messages are made once, with data sets only; each session adds its own header,
 * and in front of the sets the templates of the domain that it did not send yet. One thread. */
#ifndef P2I_TRANSPORT_TRANSPORT_SESSION_H
#define P2I_TRANSPORT_TRANSPORT_SESSION_H

#include "transport/outbox.h"

struct p2i_known_template;
struct p2i_transport_session_domain;

/* Start with {0}. Templates stay defined from one session to the next. */
struct p2i_transport_session {
    struct p2i_known_template *templates;
    size_t template_count;
    struct p2i_transport_session_domain *domains;
    size_t domain_count;
};

/* Defines a template record (set 2 or 3); copies it. False: out of memory. */
bool p2i_transport_session_define(struct p2i_transport_session *session, uint32_t domain,
                                  uint16_t set_id, struct p2i_view record);
/* Begins a new session, in which no template was sent. */
void p2i_transport_session_begin(struct p2i_transport_session *session);

/* The lifetime of templates that were sent over UDP (RFC 7011 section 8.4). */
struct p2i_template_timer {
    uint32_t seconds;  /* by the clock, and by the export times of messages */
    uint32_t messages; /* of the domain */
};

/* Call before a message of the domain with export time `time_s`: marks its templates as not sent
 * when their lifetime ended, or when one of them has a later export time than the message. A
 * collector may age templates by export time (RFC 7011 section 8.4), and would not know that one
 * yet. */
void p2i_transport_session_age_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, uint64_t now_ns,
                                         const struct p2i_template_timer *timer);

/* Appends to `out` the templates of the domain that were not sent yet, in messages of their own
 * with export time `time_s`, of at most `limit` bytes unless a single template is longer. False:
 * out of memory. */
bool p2i_transport_session_put_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, size_t limit, struct p2i_buffer *out);

/* Appends a message of this session with the templates that it needs: in front of its sets or, when
 * that would exceed `limit`, in messages of their own. `time_s` 0 keeps the export time. False: out
 * of memory. */
bool p2i_transport_session_put(struct p2i_transport_session *session,
                               const struct p2i_outgoing *outgoing, uint32_t time_s, size_t limit,
                               struct p2i_buffer *out);

void p2i_transport_session_free(struct p2i_transport_session *session);

#endif
