/* SPDX-License-Identifier: MIT */
#include "transport/transport_session.h"

#include <stdlib.h>

#include "base/put.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"

#define NS_PER_S UINT64_C(1000000000)

struct p2i_known_template {
    uint32_t domain;
    uint16_t set_id;
    bool sent;
    size_t size;
    uint8_t *record;
};

struct p2i_transport_session_domain {
    uint32_t id;
    uint32_t sequence;
    bool all_sent; /* every template of the domain was sent */

    /* For templates that age. */
    bool aged;                   /* the members below are set */
    uint32_t oldest_s, newest_s; /* export times of the templates that were sent */
    uint32_t messages;           /* since all templates were last marked as not sent */
    uint64_t due_ns;             /* time of that, nanoseconds */
};

/* NULL when out of memory. */
static struct p2i_transport_session_domain *domain_of(struct p2i_transport_session *session,
                                                      uint32_t id)
{
    for (size_t i = 0; i < session->domain_count; i++) {
        if (session->domains[i].id == id) {
            return &session->domains[i];
        }
    }
    size_t count = session->domain_count;
    struct p2i_transport_session_domain *domains =
        realloc(session->domains, (count + 1) * sizeof *domains);
    if (domains == NULL) {
        return NULL;
    }
    session->domains = domains;
    domains[count] = (struct p2i_transport_session_domain){.id = id};
    session->domain_count++;
    return &domains[count];
}

bool p2i_transport_session_define(struct p2i_transport_session *session, uint32_t domain,
                                  uint16_t set_id, struct p2i_view record)
{
    size_t count = session->template_count;
    struct p2i_transport_session_domain *of = domain_of(session, domain);
    struct p2i_known_template *all = realloc(session->templates, (count + 1) * sizeof *all);
    if (all != NULL) {
        session->templates = all;
    }
    uint8_t *copy = malloc(record.size);
    if (of == NULL || all == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    memcpy(copy, record.data, record.size);
    all[count] = (struct p2i_known_template){
        .domain = domain, .set_id = set_id, .size = record.size, .record = copy};
    session->template_count++;
    of->all_sent = false;
    return true;
}

void p2i_transport_session_begin(struct p2i_transport_session *session)
{
    for (size_t i = 0; i < session->template_count; i++) {
        session->templates[i].sent = false;
    }
    for (size_t i = 0; i < session->domain_count; i++) {
        session->domains[i] = (struct p2i_transport_session_domain){.id = session->domains[i].id};
    }
}

static bool is_due(const struct p2i_transport_session_domain *domain, uint32_t time_s,
                   uint64_t now_ns, const struct p2i_template_timer *timer)
{
    return !domain->aged || time_s < domain->newest_s ||
           time_s - domain->oldest_s >= timer->seconds || domain->messages >= timer->messages ||
           now_ns - domain->due_ns >= timer->seconds * NS_PER_S;
}

/* Templates defined since then get the export time of the message. */
void p2i_transport_session_age_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, uint64_t now_ns,
                                         const struct p2i_template_timer *timer)
{
    struct p2i_transport_session_domain *of = domain_of(session, domain);
    if (of != NULL && is_due(of, time_s, now_ns, timer)) {
        for (size_t i = 0; i < session->template_count; i++) {
            struct p2i_known_template *template = &session->templates[i];
            template->sent = template->sent &&template->domain != domain;
        }
        of->all_sent = false;
        of->aged = true;
        of->oldest_s = time_s;
        of->messages = 0;
        of->due_ns = now_ns;
    }
    if (of != NULL) {
        of->newest_s = of->all_sent ? of->newest_s : time_s;
        of->messages++;
    }
}

/* Writes a header at `at`; its length covers the bytes appended since. */
static void put_header(struct p2i_buffer *out, size_t at, uint32_t time_s,
                       const struct p2i_transport_session_domain *domain)
{
    uint8_t *to = p2i_put16(out->data + at, P2I_IPFIX_VERSION);
    to = p2i_put16(to, (uint16_t)(out->size - at));
    to = p2i_put32(to, time_s);
    to = p2i_put32(to, domain->sequence);
    (void)p2i_put32(to, domain->id);
}

/* Appends a set with one template, without padding, which python-ipfix would take for a template.
 */
static void put_template(struct p2i_buffer *out, struct p2i_known_template *template)
{
    uint8_t *at = p2i_put16(out->data + out->size, template->set_id);
    at = p2i_put16(at, (uint16_t)(P2I_SET_HEADER + template->size));
    memcpy(at, template->record, template->size);
    out->size += P2I_SET_HEADER + template->size;
    template->sent = true;
}

/* The next template of the domain that was not sent and fits into `room`; NULL: none. */
static struct p2i_known_template *next_template(const struct p2i_transport_session *session,
                                                uint32_t domain, size_t room)
{
    for (size_t i = 0; i < session->template_count; i++) {
        struct p2i_known_template *template = &session->templates[i];
        if (template->domain == domain && !template->sent &&
            P2I_SET_HEADER + template->size <= room) {
            return template;
        }
    }
    return NULL;
}

/* Bytes of the templates that the domain did not send yet. */
static size_t templates_size(const struct p2i_transport_session *session, uint32_t domain)
{
    size_t size = 0;
    for (size_t i = 0; i < session->template_count; i++) {
        const struct p2i_known_template *template = &session->templates[i];
        bool due = template->domain == domain && !template->sent;
        size += due ? P2I_SET_HEADER + template->size : 0;
    }
    return size;
}

static bool put_templates(struct p2i_transport_session *session,
                          struct p2i_transport_session_domain *domain, uint32_t time_s,
                          size_t limit, struct p2i_buffer *out)
{
    struct p2i_known_template *template;
    while ((template = next_template(session, domain->id, SIZE_MAX)) != NULL) {
        size_t begin = out->size;
        if (!p2i_buffer_reserve(out,
                                P2I_MESSAGE_HEADER + P2I_SET_HEADER + template->size + limit)) {
            return false;
        }
        out->size += P2I_MESSAGE_HEADER;
        while (template != NULL) {
            put_template(out, template);
            size_t used = out->size - begin;
            template = next_template(session, domain->id, used < limit ? limit - used : 0);
        }
        put_header(out, begin, time_s, domain);
    }
    domain->all_sent = true;
    return true;
}

bool p2i_transport_session_put_templates(struct p2i_transport_session *session, uint32_t domain,
                                         uint32_t time_s, size_t limit, struct p2i_buffer *out)
{
    struct p2i_transport_session_domain *of = domain_of(session, domain);
    return of != NULL && (of->all_sent || put_templates(session, of, time_s, limit, out));
}

bool p2i_transport_session_put(struct p2i_transport_session *session,
                               const struct p2i_outgoing *outgoing, uint32_t time_s, size_t limit,
                               struct p2i_buffer *out)
{
    struct p2i_view message = outgoing->message;
    struct p2i_transport_session_domain *domain =
        domain_of(session, p2i_load_be32(message.data + 12));
    if (domain == NULL) {
        return false;
    }
    time_s = time_s != 0 ? time_s : p2i_load_be32(message.data + 4);
    size_t templates = domain->all_sent ? 0 : templates_size(session, domain->id);
    if (templates > 0 && message.size + templates > limit) {
        if (!put_templates(session, domain, time_s, limit, out)) {
            return false;
        }
        templates = 0;
    }
    if (!p2i_buffer_reserve(out, message.size + templates)) {
        return false;
    }
    size_t begin = out->size;
    out->size += P2I_MESSAGE_HEADER;
    struct p2i_known_template *template;
    while (templates > 0 && (template = next_template(session, domain->id, SIZE_MAX)) != NULL) {
        put_template(out, template);
    }
    domain->all_sent = true;
    struct p2i_view sets = p2i_view_from(message, P2I_MESSAGE_HEADER);
    if (sets.size > 0) {
        memcpy(out->data + out->size, sets.data, sets.size);
        out->size += sets.size;
    }
    put_header(out, begin, time_s, domain);
    domain->sequence += outgoing->records;
    return true;
}

void p2i_transport_session_free(struct p2i_transport_session *session)
{
    for (size_t i = 0; i < session->template_count; i++) {
        free(session->templates[i].record);
    }
    free(session->templates);
    free(session->domains);
    *session = (struct p2i_transport_session){0};
}
