/* SPDX-License-Identifier: MIT */
#include "convert/outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "export/dns_log.h"
#include "export/rotating.h"
#include "ipfix/md5.h"
#include "pcap2ipfix/convert.h"
#include "transport/collector.h"

enum {
    NS_PER_MS = 1000000,
    FILES = 3, /* IPFIX, JSON, DNS log */
};

/* Refuses to overwrite a capture. Names of rotated files are not known when the command line is
 * checked, so this is done at opening. */
static enum p2i_result refuse_capture_as_output(const struct p2i_settings *settings,
                                                const char *path, struct p2i_error *error)
{
    struct stat written;
    struct stat read;
    for (size_t i = 0; i < settings->capture_count && stat(path, &written) == 0; i++) {
        if (stat(settings->captures[i], &read) == 0 && read.st_dev == written.st_dev &&
            read.st_ino == written.st_ino) {
            (void)p2i_fail(error, P2I_OUTPUT, "is one of the captures");
            error->file = path;
            return P2I_OUTPUT;
        }
    }
    return P2I_OK;
}

static enum p2i_result open_ipfix(void *context, struct p2i_exporter **exporter, const char *path,
                                  struct p2i_error *error)
{
    const struct p2i_outputs *outputs = context;
    *exporter = NULL;
    enum p2i_result result = refuse_capture_as_output(outputs->settings, path, error);
    return result == P2I_OK
               ? p2i_ipfix_file_open(exporter, path, &outputs->rules, &outputs->ipfix, error)
               : result;
}

static enum p2i_result open_json(void *context, struct p2i_exporter **exporter, const char *path,
                                 struct p2i_error *error)
{
    const struct p2i_outputs *outputs = context;
    *exporter = NULL;
    enum p2i_result result = refuse_capture_as_output(outputs->settings, path, error);
    return result == P2I_OK ? p2i_json_file_open(exporter, path, &outputs->rules, error) : result;
}

/* Place of the next exporter. */
static struct p2i_exporter **next_place(const struct p2i_outputs *outputs)
{
    return &outputs->exporters[outputs->count];
}

/* True when output under this path is visible at once: standard output, pipes, devices. */
static bool is_direct(const char *path)
{
    struct stat status;
    return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

/* Opens a file, or a rotation of files with names from the pattern `path`. NULL: no file. */
static enum p2i_result open_file(struct p2i_outputs *outputs, const char *path,
                                 enum p2i_result (*open)(void *, struct p2i_exporter **,
                                                         const char *, struct p2i_error *),
                                 struct p2i_error *error)
{
    const struct p2i_settings *settings = outputs->settings;
    enum p2i_result result;
    if (path == NULL) {
        return P2I_OK;
    }
    bool single = settings->rotate_bytes == 0 && settings->rotate_s == 0;
    outputs->is_file[outputs->count] = !single || !is_direct(path);
    if (single) {
        result = open(outputs, next_place(outputs), path, error);
    } else {
        struct p2i_rotation rotation = {
            .pattern = path,
            .bytes = settings->rotate_bytes,
            .seconds = settings->rotate_s,
            .sync = outputs->rules.sync,
            .open = open,
            .context = outputs,
        };
        result = p2i_rotating_open(next_place(outputs), &rotation, error);
    }
    outputs->count += result == P2I_OK;
    return result;
}

static enum p2i_result open_dns_log_file(void *context, struct p2i_exporter **exporter,
                                         const char *path, struct p2i_error *error)
{
    const struct p2i_outputs *outputs = context;
    return p2i_dns_log_open(exporter, path, outputs->settings->dns_log.format,
                            &outputs->plain_rules, error);
}

static enum p2i_result open_dns_log(struct p2i_outputs *outputs, struct p2i_error *error)
{
    const struct p2i_settings *settings = outputs->settings;
    const struct p2i_dns_log_settings *log = &settings->dns_log;
    uint32_t dns = UINT32_C(1) << P2I_RECORD_DNS;
    if (!log->wanted) {
        return P2I_OK;
    }
    if ((settings->records & dns) == 0) {
        return p2i_fail(error, P2I_USAGE, "the DNS log needs dns in --records");
    }
    struct p2i_rotation rotation = {
        .folder = log->folder,
        .pattern = P2I_DNS_LOG_PATTERN,
        .bytes = log->file_bytes,
        .seconds = log->file_seconds,
        .from_first = true,
        .kinds = dns,
        .open = open_dns_log_file,
        .context = outputs,
    };
    enum p2i_result result = p2i_dns_log_check(log, error);
    if (result == P2I_OK) {
        outputs->is_file[outputs->count] = true;
        result = p2i_rotating_open(next_place(outputs), &rotation, error);
    }
    outputs->count += result == P2I_OK;
    return result;
}

static enum p2i_result open_collectors(struct p2i_outputs *outputs, struct p2i_error *error)
{
    const struct p2i_settings *settings = outputs->settings;
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < settings->collector_count && result == P2I_OK; i++) {
        struct p2i_collector_summary *summary =
            p2i_statistics_add_collector(outputs->statistics, settings->collectors[i].url);
        result = summary != NULL
                     ? p2i_collector_open(next_place(outputs), &settings->collectors[i],
                                          &settings->delivery, &outputs->ipfix, summary, error)
                     : p2i_fail_memory(error);
        if (result == P2I_OK) {
            p2i_collector_set_rules(*next_place(outputs), &outputs->rules);
            outputs->count++;
        }
    }
    return result;
}

/* Notes what is known of the captures before reading. Files that are rotated early use this, so
 * that their contents do not depend on how far reading is ahead of writing. */
static bool name_sources(struct p2i_outputs *outputs, const struct p2i_capture *capture)
{
    size_t count = p2i_capture_count(capture);
    outputs->sources = calloc(count > 0 ? count : 1, sizeof *outputs->sources);
    for (size_t i = 0; outputs->sources != NULL && i < count; i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(capture, i);
        outputs->sources[i] =
            (struct p2i_file_source){.name = facts->path, .size_bytes = facts->size_bytes};
    }
    return outputs->sources != NULL;
}

static void set_rules(struct p2i_outputs *outputs)
{
    static const uint32_t with_passwords = 1U << P2I_RECORD_FTP | 1U << P2I_RECORD_IM;
    const struct p2i_settings *settings = outputs->settings;
    outputs->plain_rules = (struct p2i_output_rules){
        .must_be_new = settings->must_be_new,
        .sync = settings->sync ? &outputs->sync : NULL,
    };
    p2i_convert_output_mode(settings, &outputs->plain_rules.mode);
    outputs->rules = outputs->plain_rules;
    if (settings->keep_passwords && (settings->records & with_passwords) != 0) {
        outputs->rules.mode.denied |= 0077;
    }
}

static bool make_places(struct p2i_outputs *outputs)
{
    size_t collectors = outputs->settings->collector_count;
    outputs->exporters = calloc(collectors + FILES, sizeof(struct p2i_exporter *));
    outputs->is_file = calloc(collectors + FILES, sizeof *outputs->is_file);
    return outputs->exporters != NULL && outputs->is_file != NULL;
}

enum p2i_result p2i_outputs_open(struct p2i_outputs *outputs, const struct p2i_settings *settings,
                                 const struct p2i_wire_form *form,
                                 const struct p2i_capture *capture,
                                 struct p2i_statistics *statistics, struct p2i_error *error)
{
    outputs->settings = settings;
    outputs->statistics = statistics;
    p2i_sync_init(&outputs->sync, settings->delivery.clock);
    set_rules(outputs);
    if (!make_places(outputs) || !name_sources(outputs, capture)) {
        return p2i_fail_memory(error);
    }
    outputs->ipfix = (struct p2i_ipfix_settings){
        .element_types = settings->element_types,
        .message_limit = UINT16_MAX,
        .form = *form,
        .file_options = settings->file_options,
        .sources = outputs->sources,
        .source_count = p2i_capture_count(capture),
    };
    enum p2i_result result = P2I_OK;
    if ((settings->file_options & P2I_FILE_CHECKSUM) != 0) {
        result = p2i_md5_check(error);
    }
    if (result == P2I_OK) {
        result = open_collectors(outputs, error);
    }
    if (result == P2I_OK) {
        result = open_dns_log(outputs, error);
    }
    if (result == P2I_OK) {
        result = open_file(outputs, settings->ipfix_path, open_ipfix, error);
    }
    if (result == P2I_OK) {
        result = open_file(outputs, settings->json_path, open_json, error);
    }
    return result;
}

/* Updates the capture facts for the files not finished yet. Returns the newest frame time, seconds.
 */
static uint32_t complete_sources(struct p2i_outputs *outputs, const struct p2i_capture *capture)
{
    uint64_t last_ns = 0;
    for (size_t i = 0; i < p2i_capture_count(capture); i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(capture, i);
        outputs->sources[i] = (struct p2i_file_source){
            .name = facts->path,
            .size_bytes = facts->hashed ? facts->hashed_bytes : facts->size_bytes,
            .packets = facts->frame_count,
            .first_ms = facts->first_ns / NS_PER_MS,
            .last_ms = facts->last_ns / NS_PER_MS,
            .hashed = facts->hashed,
        };
        memcpy(outputs->sources[i].sha256, facts->sha256, sizeof facts->sha256);
        last_ns = facts->last_ns > last_ns ? facts->last_ns : last_ns;
    }
    return (uint32_t)(last_ns / NS_PER_MS / 1000);
}

enum p2i_result p2i_outputs_finish(struct p2i_outputs *outputs, const struct p2i_capture *capture,
                                   uint32_t now_s, bool complete, struct p2i_error *error)
{
    const struct p2i_delivery *delivery = &outputs->settings->delivery;
    uint32_t newest_s = complete_sources(outputs, capture);
    uint32_t last_s = now_s > 0 ? now_s : newest_s;
    enum p2i_result worst = P2I_OK;
    /* Files first: they wait for nobody. */
    for (size_t i = outputs->count; i > 0; i--) {
        struct p2i_exporter *output = outputs->exporters[i - 1];
        struct p2i_error failed = {0};
        if (!complete && outputs->is_file[i - 1]) {
            continue;
        }
        enum p2i_result result = output->methods->finish(output, last_s, &failed);
        enum p2i_result synced = p2i_sync_finish(outputs->rules.sync, error);
        if (synced != P2I_OK) {
            return synced;
        }
        if (result != P2I_OK && result != P2I_COLLECTOR) {
            *error = failed;
            return result;
        }
        if (result == P2I_COLLECTOR && worst == P2I_COLLECTOR && delivery->report != NULL) {
            delivery->report(delivery->context, false, failed.text);
        } else if (result == P2I_COLLECTOR) {
            *error = failed;
            worst = P2I_COLLECTOR;
        }
    }
    return worst;
}

void p2i_outputs_free(struct p2i_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        outputs->exporters[i]->methods->free(outputs->exporters[i]);
    }
    p2i_sync_free(outputs->rules.sync);
    free(outputs->exporters);
    free(outputs->is_file);
    free(outputs->sources);
    *outputs = (struct p2i_outputs){0};
}
