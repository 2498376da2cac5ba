/* SPDX-License-Identifier: MIT */
#include "record/json.h"

#include "pcap2ipfix/values.h"
#include "record/decode.h"

static bool append_name(struct p2i_buffer *line, const char *name)
{
    return p2i_format_json(line, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                           p2i_view_of(name, strlen(name)));
}

bool p2i_record_append_json(struct p2i_buffer *line, const struct p2i_record *record)
{
    const struct p2i_template *of = p2i_template_of(record->kind, record->ip_version);
    struct p2i_view values[P2I_FIELDS_MAX];
    if (p2i_decode_record(of, record->bytes, values) == 0) {
        return false;
    }
    bool done = p2i_append(line, P2I_VIEW("{\"record\":")) && append_name(line, of->name);
    for (size_t i = 0; done && i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        done = p2i_append(line, P2I_VIEW(",")) && append_name(line, element->name) &&
               p2i_append(line, P2I_VIEW(":")) &&
               p2i_format_json(line, element->type, element->semantics, values[i]);
    }
    return done && (!record->cut || p2i_append(line, P2I_VIEW(",\"cut\":true"))) &&
           p2i_append(line, P2I_VIEW("}"));
}
