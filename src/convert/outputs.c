/* SPDX-License-Identifier: MIT */
#include "convert/outputs.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "export/dns_log.h"
#include "export/rotating.h"

enum { NS_PER_MS = 1000000 };

/* The name of a file of many is not known when the command line is looked at. */
static enum p2i_result spare_captures(const struct p2i_settings *settings, const char *path,
                                      struct p2i_error *error)
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
    enum p2i_result result = spare_captures(outputs->settings, path, error);
    return result == P2I_OK
               ? p2i_ipfix_file_open(exporter, path, outputs->settings->ipfix_must_be_new,
                                     &outputs->ipfix, error)
               : result;
}

static enum p2i_result open_json(void *context, struct p2i_exporter **exporter, const char *path,
                                 struct p2i_error *error)
{
    const struct p2i_outputs *outputs = context;
    *exporter = NULL;
    enum p2i_result result = spare_captures(outputs->settings, path, error);
    return result == P2I_OK ? p2i_json_file_open(exporter, path, false, error) : result;
}

static enum p2i_result open_dns_log_file(void *context, struct p2i_exporter **exporter,
                                         const char *path, struct p2i_error *error)
{
    const struct p2i_outputs *outputs = context;
    return p2i_dns_log_open(exporter, path, outputs->settings->dns_log.format, error);
}

static enum p2i_result open_dns_log(struct p2i_outputs *outputs, struct p2i_exporter **exporter,
                                    struct p2i_error *error)
{
    const struct p2i_settings *settings = outputs->settings;
    const struct p2i_dns_log_settings *log = &settings->dns_log;
    uint32_t dns = UINT32_C(1) << P2I_RECORD_DNS;
    if ((settings->records & dns) == 0) {
        return p2i_fail(error, P2I_USAGE, "a DNS log needs dns among the records");
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
    return result == P2I_OK ? p2i_rotating_open(exporter, &rotation, error) : result;
}

/* `open` with the path itself, or with one name after another. */
static enum p2i_result open_output(struct p2i_outputs *outputs, const char *path,
                                   enum p2i_result (*open)(void *, struct p2i_exporter **,
                                                           const char *, struct p2i_error *),
                                   struct p2i_exporter **exporter, struct p2i_error *error)
{
    const struct p2i_settings *settings = outputs->settings;
    if (settings->rotate_bytes == 0 && settings->rotate_s == 0) {
        return open(outputs, exporter, path, error);
    }
    struct p2i_rotation rotation = {
        .pattern = path,
        .bytes = settings->rotate_bytes,
        .seconds = settings->rotate_s,
        .open = open,
        .context = outputs,
    };
    return p2i_rotating_open(exporter, &rotation, error);
}

/* What is known before anything is read, so that files that end early do not depend on how far the
 * reading is ahead of the writing. */
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

enum p2i_result p2i_outputs_open(struct p2i_outputs *outputs, const struct p2i_settings *settings,
                                 const struct p2i_wire_form *form,
                                 const struct p2i_capture *capture, struct p2i_exporter **exporters,
                                 size_t *count, struct p2i_error *error)
{
    outputs->settings = settings;
    if (!name_sources(outputs, capture)) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
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
    if (settings->dns_log.wanted) {
        result = open_dns_log(outputs, &exporters[*count], error);
        *count += result == P2I_OK;
    }
    if (result == P2I_OK && settings->ipfix_path != NULL) {
        result = open_output(outputs, settings->ipfix_path, open_ipfix, &exporters[*count], error);
        *count += result == P2I_OK;
    }
    if (result == P2I_OK && settings->json_path != NULL) {
        result = open_output(outputs, settings->json_path, open_json, &exporters[*count], error);
        *count += result == P2I_OK;
    }
    return result;
}

void p2i_outputs_complete(struct p2i_outputs *outputs, const struct p2i_capture *capture)
{
    for (size_t i = 0; outputs->sources != NULL && i < p2i_capture_count(capture); i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(capture, i);
        outputs->sources[i] = (struct p2i_file_source){
            .name = facts->path,
            .size_bytes = facts->size_bytes,
            .packets = facts->frame_count,
            .first_ms = facts->first_ns / NS_PER_MS,
            .last_ms = facts->last_ns / NS_PER_MS,
        };
    }
}

void p2i_outputs_free(struct p2i_outputs *outputs)
{
    free(outputs->sources);
    outputs->sources = NULL;
}
