/* SPDX-License-Identifier: MIT */
/* What is peculiar to one transport session (RFC 7011 section 2): the sequence numbers, and which
 * templates it has heard of. Messages are made once, with data sets only; in a session they get a
 * header of their own, and in front of their sets the templates of their domain that are new. */
#ifndef P2I_TRANSPORT_TRANSPORT_SESSION_H
#define P2I_TRANSPORT_TRANSPORT_SESSION_H

#include "base/error.h"
#include "transport/outbox.h"

struct p2i_known_template;
struct p2i_transport_session_domain;

/* Start with {0}. Templates stay known from one session to the next. */
struct p2i_transport_session {
    struct p2i_known_template *templates;
    size_t template_count;
    struct p2i_transport_session_domain *domains;
    size_t domain_count;
};

/* Makes a template record known (set 2 or 3); false when out of memory. */
bool p2i_transport_session_define(struct p2i_transport_session *session, uint32_t domain,
                                  uint16_t set_id, struct p2i_view record);
/* A new session: nothing was sent, nothing was heard of. */
void p2i_transport_session_begin(struct p2i_transport_session *session);

/* How long templates that were sent hold where nothing acknowledges them. */
struct p2i_template_timer {
    uint32_t seconds;  /* by the clock, and by the export times of messages */
    uint32_t messages; /* of the domain */
};

/* Before a message of the domain that is exported at `time_s`: makes its templates due again when
 * the timer says so, and when one of them is stamped later than the message. A collector may age
 * templates by export time (RFC 7011 section 8.4): to it they would not have come yet. */
void p2i_transport_session_age_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, uint64_t now_ns,
                                         const struct p2i_template_timer *timer);

/* Appends to `out` the templates of the domain that were not sent yet, in messages of their own,
 * exported at `time_s`, with at most `limit` bytes where the templates are not longer than that.
 * False: memory. */
bool p2i_transport_session_put_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, size_t limit, struct p2i_buffer *out);

/* Appends a message as it belongs here, with the templates that it needs, in front of its sets or,
 * where there is not enough room below `limit`, in messages of their own. `time_s` 0: the export
 * time stays. False: out of memory. */
bool p2i_transport_session_put(struct p2i_transport_session *session,
                               const struct p2i_outgoing *outgoing, uint32_t time_s, size_t limit,
                               struct p2i_buffer *out);

void p2i_transport_session_free(struct p2i_transport_session *session);

#endif
