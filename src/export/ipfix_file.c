/* SPDX-License-Identifier: MIT */
/* An IPFIX file is a sequence of messages and nothing else (RFC 5655 section 3). */
#include "export/exporter.h"

#include <stdlib.h>

#include "base/file_options.h"
#include "export/output_file.h"
#include "ipfix/file_options.h"
#include "ipfix/message.h"
#include "pcap2ipfix/cursor.h"

struct ipfix_file {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct p2i_messages *messages;
    struct p2i_output_file *output;
    struct p2i_ipfix_settings settings;
    struct p2i_file_facts facts;
    uint64_t given_bytes; /* of complete messages */
};

static enum p2i_result take_message(void *context, struct p2i_view message, struct p2i_error *error)
{
    struct ipfix_file *file = context;
    uint32_t time_s = p2i_load_be32(message.data + 4);
    p2i_span_add(&file->facts.exports, time_s, time_s);
    file->given_bytes += message.size;
    file->exporter.bytes_written = file->given_bytes;
    return p2i_output_file_write(file->output, message, error);
}

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct ipfix_file *file = (struct ipfix_file *)exporter;
    exporter->records_written++;
    if ((file->settings.file_options & P2I_FILE_WINDOW) != 0) {
        p2i_window_add(&file->facts.window, record);
    }
    enum p2i_result result = p2i_messages_add(file->messages, record, error);
    exporter->bytes_written = file->given_bytes + p2i_messages_pending(file->messages);
    return result;
}

static enum p2i_result relay_record(struct p2i_exporter *exporter, struct p2i_relay *relay,
                                    const struct p2i_raw_record *record, struct p2i_error *error)
{
    struct ipfix_file *file = (struct ipfix_file *)exporter;
    exporter->records_written++;
    return p2i_relay_record(relay, file->messages, record, error);
}

static enum p2i_result finish(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error)
{
    struct ipfix_file *file = (struct ipfix_file *)exporter;
    enum p2i_result result = p2i_messages_flush(file->messages, time_s, error);
    if (result == P2I_OK) {
        /* The export times in the options include that of their own message. */
        result = p2i_put_file_options(file->messages, &file->settings, &file->facts,
                                      file->facts.exports.last_s, error);
    }
    if (result == P2I_OK) {
        result = p2i_messages_push(file->messages, error);
    }
    return result == P2I_OK ? p2i_output_file_finish(file->output, error) : result;
}

static void free_file(struct p2i_exporter *exporter)
{
    struct ipfix_file *file = (struct ipfix_file *)exporter;
    if (file == NULL) {
        return;
    }
    p2i_output_file_free(file->output);
    p2i_messages_free(file->messages);
    free(file);
}

static const struct p2i_exporter_methods methods = {write_record, finish, free_file, relay_record};

enum p2i_result p2i_ipfix_file_open(struct p2i_exporter **exporter, const char *path,
                                    const struct p2i_output_rules *rules,
                                    const struct p2i_ipfix_settings *settings,
                                    struct p2i_error *error)
{
    *exporter = NULL;
    struct ipfix_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return p2i_fail_memory(error);
    }
    file->exporter.methods = &methods;
    file->settings = *settings;
    file->messages =
        p2i_messages_new(settings, (struct p2i_message_receiver){take_message, file, NULL});
    enum p2i_result result = file->messages != NULL
                                 ? p2i_output_file_open_by(&file->output, path, rules, error)
                                 : p2i_fail_memory(error);
    if (result != P2I_OK) {
        free_file(&file->exporter);
        return result;
    }
    *exporter = &file->exporter;
    return P2I_OK;
}
