/* SPDX-License-Identifier: MIT */
/* JSON Lines: one object for each record, {"record":"dns","TIME_STAMP":1700000000, ...}, with the
 * names and the order of the template; then "cut":true when the message is incomplete. */
#include "export/exporter.h"

#include <stdlib.h>

#include "export/output_file.h"
#include "pcap2ipfix/values.h"
#include "record/decode.h"

struct json_file {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct p2i_output_file *output;
    struct p2i_buffer line;
};

static bool append_name(struct p2i_buffer *line, const char *name)
{
    return p2i_format_json(line, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                           p2i_view_of(name, strlen(name)));
}

static bool append_fields(struct p2i_buffer *line, const struct p2i_template *of,
                          const struct p2i_view *values, bool cut)
{
    bool done = p2i_append(line, P2I_VIEW("{\"record\":")) && append_name(line, of->name);
    for (size_t i = 0; done && i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        done = p2i_append(line, P2I_VIEW(",")) && append_name(line, element->name) &&
               p2i_append(line, P2I_VIEW(":")) &&
               p2i_format_json(line, element->type, element->semantics, values[i]);
    }
    return done && (!cut || p2i_append(line, P2I_VIEW(",\"cut\":true"))) &&
           p2i_append(line, P2I_VIEW("}\n"));
}

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct json_file *file = (struct json_file *)exporter;
    const struct p2i_template *of = p2i_template_of(record->kind, record->ip_version);
    struct p2i_view values[P2I_FIELDS_MAX];
    if (p2i_decode_record(of, record->bytes, values) == 0) {
        return p2i_fail(error, P2I_INTERNAL, "a record does not fit its template");
    }
    file->line.size = 0;
    if (!append_fields(&file->line, of, values, record->cut)) {
        return p2i_fail_memory(error);
    }
    exporter->records_written++;
    exporter->bytes_written += file->line.size;
    return p2i_output_file_write(file->output, p2i_view_of(file->line.data, file->line.size),
                                 error);
}

static enum p2i_result finish(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error)
{
    struct json_file *file = (struct json_file *)exporter;
    (void)time_s;
    return p2i_output_file_finish(file->output, error);
}

static void free_file(struct p2i_exporter *exporter)
{
    struct json_file *file = (struct json_file *)exporter;
    if (file == NULL) {
        return;
    }
    p2i_output_file_free(file->output);
    p2i_buffer_free(&file->line);
    free(file);
}

static const struct p2i_exporter_methods methods = {write_record, finish, free_file};

enum p2i_result p2i_json_file_open(struct p2i_exporter **exporter, const char *path,
                                   bool must_be_new, struct p2i_sync *sync, struct p2i_error *error)
{
    *exporter = NULL;
    struct json_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return p2i_fail_memory(error);
    }
    file->exporter.methods = &methods;
    enum p2i_result result =
        p2i_output_file_open_synced(&file->output, path, must_be_new, sync, error);
    if (result != P2I_OK) {
        free_file(&file->exporter);
        return result;
    }
    *exporter = &file->exporter;
    return P2I_OK;
}
