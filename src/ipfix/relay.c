/* SPDX-License-Identifier: MIT */
#include "ipfix/relay.h"

#include <stdlib.h>

#include "base/put.h"
#include "ipfix/lists.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/values.h"

/* RFC 7011 sections 3.4.1 and 3.4.2.2. */
bool p2i_template_record(struct p2i_buffer *out, const struct p2i_read_template *template)
{
    if (!p2i_buffer_reserve(out, 6 + 8 * template->field_count)) {
        return false;
    }
    uint8_t *at = p2i_put16(out->data, template->id);
    at = p2i_put16(at, (uint16_t) template->field_count);
    if (template->options) {
        at = p2i_put16(at, template->scope_count);
    }
    for (size_t i = 0; i < template->field_count; i++) {
        const struct p2i_read_field *field = &template->fields[i];
        at = p2i_put16(at, (uint16_t)(field->id | (field->pen != 0 ? P2I_ENTERPRISE_BIT : 0)));
        at = p2i_put16(at, field->length);
        if (field->pen != 0) {
            at = p2i_put32(at, field->pen);
        }
    }
    out->size = (size_t)(at - out->data);
    return true;
}

/* Finds the id in the messages of a template of the record's domain. */
static enum p2i_result relay_template(struct p2i_relay *relay, struct p2i_messages *messages,
                                      const struct p2i_raw_record *record,
                                      const struct p2i_read_template *template, uint16_t *id,
                                      struct p2i_error *error)
{
    struct p2i_relayed *known = &relay->known[template->serial % P2I_RELAYED];
    if (known->serial == template->serial) {
        *id = known->id;
        return P2I_OK;
    }
    struct p2i_buffer out = {0};
    if (!p2i_template_record(&out, template)) {
        return p2i_fail_memory(error);
    }
    uint16_t set_id = template->options ? P2I_SET_OPTIONS_TEMPLATES : P2I_SET_TEMPLATES;
    enum p2i_result result =
        p2i_messages_define(messages, record->domain, set_id, p2i_view_of(out.data, out.size),
                            record->export_time_s, id, error);
    p2i_buffer_free(&out);
    if (result == P2I_OK) {
        *known = (struct p2i_relayed){.serial = template->serial, .id = *id};
    }
    return result;
}

/* Defines all templates of the domain that are new since the last call. */
static enum p2i_result relay_domain(struct p2i_relay *relay, struct p2i_messages *messages,
                                    const struct p2i_raw_record *record, struct p2i_error *error)
{
    struct p2i_swept *swept = &relay->swept[record->domain % P2I_SWEPT];
    uint64_t done = swept->domain == record->domain ? swept->serial : 0;
    struct p2i_template_list list;
    if (done == record->serial) {
        return P2I_OK;
    }
    if (!p2i_templates_since(record->templates, done, &list)) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < list.count && result == P2I_OK; i++) {
        uint16_t id;
        result = relay_template(relay, messages, record, list.templates[i], &id, error);
    }
    free(list.templates);
    if (result == P2I_OK) {
        *swept = (struct p2i_swept){.domain = record->domain, .serial = record->serial};
    }
    return result;
}

/* The rewriting of one record. */
struct rewriting {
    struct p2i_relay *relay;
    struct p2i_messages *messages;
    const struct p2i_raw_record *record;
    struct p2i_error *error;
    enum p2i_result result;
    bool copied; /* relay->bytes are those of the record */
};

static void put_id(struct rewriting *rewriting, const uint8_t *at, uint16_t id)
{
    struct p2i_buffer *copy = &rewriting->relay->bytes;
    struct p2i_view bytes = rewriting->record->bytes;
    if (!rewriting->copied) {
        copy->size = 0;
        if (!p2i_append(copy, bytes)) {
            rewriting->result = p2i_fail_memory(rewriting->error);
            return;
        }
        rewriting->copied = true;
    }
    (void)p2i_put16(copy->data + (at - bytes.data), id);
}

/* A list of a template that its exporter did not define must not appear to use another one. */
static const struct p2i_read_template *relay_list(void *context, const uint8_t *at)
{
    struct rewriting *rewriting = context;
    const struct p2i_raw_record *record = rewriting->record;
    uint16_t id = p2i_load_be16(at);
    uint16_t written = id;
    const struct p2i_read_template *template = p2i_templates_find(record->templates, id);
    if (rewriting->result != P2I_OK) {
        return NULL;
    }
    if (template == NULL) {
        written = p2i_messages_defines(rewriting->messages, record->domain, id) ? 0 : id;
    } else {
        rewriting->result = relay_template(rewriting->relay, rewriting->messages, record, template,
                                           &written, rewriting->error);
        if (template->opaque && rewriting->result == P2I_OK) {
            rewriting->result =
                relay_domain(rewriting->relay, rewriting->messages, record, rewriting->error);
        }
    }
    if (written != id) {
        put_id(rewriting, at, written);
    }
    return template;
}

/* Returns the bytes of the record with the new ids in its lists. */
static enum p2i_result rewrite_lists(struct p2i_relay *relay, struct p2i_messages *messages,
                                     const struct p2i_raw_record *record, struct p2i_view *bytes,
                                     struct p2i_error *error)
{
    struct rewriting rewriting = {relay, messages, record, error, P2I_OK, false};
    const struct p2i_list_visitor visitor = {relay_list, NULL, &rewriting, record->names};
    p2i_lists_walk(&visitor, record->template, record->bytes);
    if (rewriting.copied) {
        *bytes = p2i_view_of(relay->bytes.data, relay->bytes.size);
    }
    return rewriting.result;
}

enum p2i_result p2i_relay_record(struct p2i_relay *relay, struct p2i_messages *messages,
                                 const struct p2i_raw_record *record, struct p2i_error *error)
{
    const struct p2i_read_template *template = record->template;
    struct p2i_view bytes = record->bytes;
    uint16_t id = 0;
    if (relay->reader != record->reader) {
        memset(relay->known, 0, sizeof relay->known);
        memset(relay->swept, 0, sizeof relay->swept);
        relay->reader = record->reader;
    }
    enum p2i_result result = relay_template(relay, messages, record, template, &id, error);
    if (result == P2I_OK && template->opaque) {
        result = relay_domain(relay, messages, record, error);
    }
    if (result == P2I_OK && template->lists) {
        result = rewrite_lists(relay, messages, record, &bytes, error);
    }
    return result == P2I_OK ? p2i_messages_add_raw(messages, record->domain, id, bytes,
                                                   record->export_time_s, error)
                            : result;
}

void p2i_relay_free(struct p2i_relay *relay)
{
    p2i_buffer_free(&relay->bytes);
}
