/* SPDX-License-Identifier: MIT */
/* JSON Lines: one object (record/json.h) for each record. */
#include "export/exporter.h"

#include <stdlib.h>

#include "export/output_file.h"
#include "pcap2ipfix/values.h"
#include "record/json.h"

struct json_file {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct p2i_output_file *output;
    struct p2i_buffer line;
};

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct json_file *file = (struct json_file *)exporter;
    file->line.size = 0;
    if (!p2i_record_append_json(&file->line, record) || !p2i_append(&file->line, P2I_VIEW("\n"))) {
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
                                   const struct p2i_output_rules *rules, struct p2i_error *error)
{
    *exporter = NULL;
    struct json_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return p2i_fail_memory(error);
    }
    file->exporter.methods = &methods;
    enum p2i_result result = p2i_output_file_open_by(&file->output, path, rules, error);
    if (result != P2I_OK) {
        free_file(&file->exporter);
        return result;
    }
    *exporter = &file->exporter;
    return P2I_OK;
}
