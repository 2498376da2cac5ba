/* SPDX-License-Identifier: MIT */
#include "export/relay.h"

#include <stdlib.h>

#include "base/put.h"

enum {
    ENTERPRISE_BIT = 0x8000,
    PLACES = 1024, /* a power of two */
};

/* Has its place by domain and id in the reader; another one that belongs there takes it. */
struct p2i_relayed {
    uint64_t serial; /* of the template in its reader; 0: none */
    uint16_t id;     /* under which it is written */
};

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
        at = p2i_put16(at, (uint16_t)(field->id | (field->pen != 0 ? ENTERPRISE_BIT : 0)));
        at = p2i_put16(at, field->length);
        if (field->pen != 0) {
            at = p2i_put32(at, field->pen);
        }
    }
    out->size = (size_t)(at - out->data);
    return true;
}

static struct p2i_relayed *place_of(const struct p2i_relay *relay,
                                    const struct p2i_raw_record *record)
{
    return &relay->templates[(record->domain * 31U + record->template->id) % PLACES];
}

static enum p2i_result define(struct p2i_messages *messages, const struct p2i_raw_record *record,
                              uint16_t *id, struct p2i_error *error)
{
    struct p2i_buffer out = {0};
    if (!p2i_template_record(&out, record->template)) {
        return p2i_fail(error, P2I_INTERNAL, "memory is out");
    }
    uint16_t set_id = record->template->options ? P2I_SET_OPTIONS_TEMPLATES : P2I_SET_TEMPLATES;
    enum p2i_result result =
        p2i_messages_define(messages, record->domain, set_id, p2i_view_of(out.data, out.size),
                            record->export_time_s, id, error);
    p2i_buffer_free(&out);
    return result;
}

enum p2i_result p2i_relay_template(struct p2i_relay *relay, struct p2i_messages *messages,
                                   const struct p2i_raw_record *record, uint16_t *id,
                                   struct p2i_error *error)
{
    if (relay->templates == NULL) {
        relay->templates = calloc(PLACES, sizeof *relay->templates);
        if (relay->templates == NULL) {
            return p2i_fail(error, P2I_INTERNAL, "memory is out");
        }
    }
    struct p2i_relayed *place = place_of(relay, record);
    enum p2i_result result = P2I_OK;
    if (place->serial != record->template->serial) {
        result = define(messages, record, &place->id, error);
        place->serial = result == P2I_OK ? record->template->serial : 0;
    }
    *id = place->id;
    return result;
}

enum p2i_result p2i_relay_record(struct p2i_relay *relay, struct p2i_messages *messages,
                                 const struct p2i_raw_record *record, struct p2i_error *error)
{
    uint16_t id = 0;
    enum p2i_result result = p2i_relay_template(relay, messages, record, &id, error);
    return result == P2I_OK ? p2i_messages_add_raw(messages, record->domain, id, record->bytes,
                                                   record->export_time_s, error)
                            : result;
}

void p2i_relay_free(struct p2i_relay *relay)
{
    free(relay->templates);
    *relay = (struct p2i_relay){0};
}
