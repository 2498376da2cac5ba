/* SPDX-License-Identifier: MIT */
/* An exporter for programs, with all that exporters of a run share. */
#include "pcap2ipfix/writer.h"

#include <stdlib.h>

#include "export/exporter.h"
#include "pcap2ipfix/output_file.h"
#include "settings/settings.h"
#include "settings/statistics.h"
#include "transport/collector.h"
#include "transport/url.h"

enum { RELAYS = 64 };

struct p2i_writer {
    struct p2i_exporter *exporter;
    struct p2i_sync sync;
    struct p2i_statistics *statistics;     /* own the summary */
    struct p2i_collector_summary *summary; /* NULL: a file */
    struct p2i_relay *relays[RELAYS]; /* of readers, by their ids; readers with the same remainder
                                         share one */
};

static enum p2i_result new_writer(struct p2i_writer **writer, struct p2i_error *error)
{
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL) {
        return p2i_fail_memory(error);
    }
    p2i_sync_init(&(*writer)->sync, NULL);
    return P2I_OK;
}

/* Ends the opening of a writer: frees it after an error. */
static enum p2i_result keep_if(enum p2i_result result, struct p2i_writer **writer)
{
    if (result != P2I_OK) {
        p2i_writer_free(*writer);
        *writer = NULL;
    }
    return result;
}

enum p2i_result p2i_writer_open_file(struct p2i_writer **writer, const char *path, unsigned flags,
                                     const struct p2i_output_mode *mode, struct p2i_error *error)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = UINT16_MAX};
    enum p2i_result result = new_writer(writer, error);
    if (result == P2I_OK) {
        const struct p2i_output_rules rules = {
            .must_be_new = (flags & P2I_OUTPUT_NEW) != 0,
            .sync = (flags & P2I_OUTPUT_SYNC) != 0 ? &(*writer)->sync : NULL,
            .mode = mode != NULL ? *mode : (struct p2i_output_mode){0},
        };
        result = p2i_ipfix_file_open(&(*writer)->exporter, path, &rules, &settings, error);
    }
    return keep_if(result, writer);
}

static enum p2i_result open_collector(struct p2i_writer *writer, const char *url,
                                      const struct p2i_settings *settings, struct p2i_error *error)
{
    struct p2i_collector_url parsed;
    enum p2i_result result = p2i_collector_url_parse(&parsed, url, error);
    if (result != P2I_OK) {
        return result;
    }
    if (parsed.records != UINT32_MAX) {
        return p2i_fail(error, P2I_USAGE, "all records are sent: remove the channels from the URL");
    }
    writer->statistics = p2i_statistics_new();
    if (writer->statistics != NULL) {
        writer->summary = p2i_statistics_add_collector(writer->statistics, url);
    }
    if (writer->summary == NULL) {
        return p2i_fail_memory(error);
    }
    const struct p2i_collector_settings collector = {.url = writer->summary->url};
    result = p2i_collector_open(&writer->exporter, &collector, &settings->delivery, NULL,
                                writer->summary, error);
    if (result == P2I_OK) {
        const struct p2i_output_rules rules = {.sync = settings->sync ? &writer->sync : NULL,
                                               .mode.exact = settings->output_mode};
        p2i_collector_set_rules(writer->exporter, &rules);
    }
    return result;
}

enum p2i_result p2i_writer_open_collector(struct p2i_writer **writer, const char *url,
                                          const struct p2i_settings *settings,
                                          struct p2i_error *error)
{
    enum p2i_result result = new_writer(writer, error);
    if (*writer != NULL) {
        result = open_collector(*writer, url, settings, error);
    }
    return keep_if(result, writer);
}

enum p2i_result p2i_writer_put(struct p2i_writer *writer, const struct p2i_reader *reader,
                               struct p2i_error *error)
{
    struct p2i_raw_record record = p2i_reader_raw(reader);
    struct p2i_relay **relay = &writer->relays[record.reader % RELAYS];
    if (record.template == NULL) {
        return p2i_fail(error, P2I_USAGE, "the reader has no record");
    }
    if (*relay == NULL) {
        *relay = calloc(1, sizeof **relay);
    }
    if (*relay == NULL) {
        return p2i_fail_memory(error);
    }
    return writer->exporter->methods->relay(writer->exporter, *relay, &record, error);
}

enum p2i_result p2i_writer_finish(struct p2i_writer *writer, uint32_t time_s,
                                  struct p2i_error *error)
{
    enum p2i_result result = writer->exporter->methods->finish(writer->exporter, time_s, error);
    struct p2i_error failure;
    if ((result == P2I_OK || result == P2I_COLLECTOR) &&
        p2i_sync_finish(&writer->sync, &failure) != P2I_OK) {
        *error = failure;
        result = failure.code;
    }
    return result;
}

const struct p2i_collector_summary *p2i_writer_summary(const struct p2i_writer *writer)
{
    return writer->summary;
}

void p2i_writer_free(struct p2i_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->exporter != NULL) {
        writer->exporter->methods->free(writer->exporter);
    }
    for (size_t i = 0; i < RELAYS; i++) {
        if (writer->relays[i] != NULL) {
            p2i_relay_free(writer->relays[i]);
            free(writer->relays[i]);
        }
    }
    p2i_sync_free(&writer->sync);
    p2i_statistics_free(writer->statistics);
    free(writer);
}
