/* SPDX-License-Identifier: MIT */
#include "convert/each.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/filter.h"
#include "settings/output_name.h"

/* An output and the capture that it is of. */
struct named {
    const char *path;
    const char *capture;
};

static enum p2i_result fail_on(struct p2i_error *error, enum p2i_result result, const char *path,
                               const char *what)
{
    (void)p2i_fail(error, result, "%s", what);
    error->file = path;
    return result;
}

static enum p2i_result check_folder(const char *path, struct p2i_error *error)
{
    struct stat status;
    if (path == NULL || (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE,
                    "with --each, -w and -j name a folder that exists, unlike '%.80s'", path);
}

/* What makes no sense for many outputs, or would be one output for many captures. */
static enum p2i_result check_settings(const struct p2i_settings *settings, struct p2i_error *error)
{
    if (settings->collector_count > 0) {
        return p2i_fail(error, P2I_USAGE,
                        "--each writes a file for each capture, which ipfixtool send delivers to a "
                        "collector");
    }
    if (settings->dns_log.wanted || settings->rotate_bytes > 0 || settings->rotate_s > 0) {
        return p2i_fail(error, P2I_USAGE, "--each excludes --rotate and --dns-log");
    }
    for (size_t i = 0; i < settings->capture_count; i++) {
        if (strcmp(settings->captures[i], "-") == 0) {
            return p2i_fail(error, P2I_USAGE, "--each: standard input has no name for its output");
        }
    }
    enum p2i_result result = check_folder(settings->ipfix_path, error);
    return result == P2I_OK ? check_folder(settings->json_path, error) : result;
}

static int by_path(const void *left, const void *right)
{
    const struct named *a = left;
    const struct named *b = right;
    return strcmp(a->path, b->path);
}

/* Two captures must not have the same output, and none may exist. */
static enum p2i_result check_names(struct named *names, size_t count, struct p2i_error *error)
{
    struct stat status;
    if (count > 1) {
        qsort(names, count, sizeof *names, by_path);
    }
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1].path, names[i].path) == 0) {
            return p2i_fail(error, P2I_USAGE,
                            "--each: '%.70s' would be the output of '%.70s' and of '%.70s'",
                            names[i].path, names[i - 1].capture, names[i].capture);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (lstat(names[i].path, &status) == 0) {
            return fail_on(error, P2I_OUTPUT, names[i].path, "already exists");
        }
    }
    return P2I_OK;
}

static enum p2i_result name_outputs(const struct p2i_settings *settings, struct p2i_arena *arena,
                                    struct p2i_each_output *outputs, struct p2i_error *error)
{
    size_t count = 0;
    struct named *names = calloc(2 * settings->capture_count + 1, sizeof *names);
    bool named = names != NULL;
    for (size_t i = 0; i < settings->capture_count && named; i++) {
        named = p2i_each_output_name(settings, i, arena, &outputs[i]);
        if (named && outputs[i].ipfix != NULL) {
            names[count++] = (struct named){outputs[i].ipfix, settings->captures[i]};
        }
        if (named && outputs[i].json != NULL) {
            names[count++] = (struct named){outputs[i].json, settings->captures[i]};
        }
    }
    enum p2i_result result = named ? check_names(names, count, error) : p2i_fail_memory(error);
    free(names);
    return result;
}

/* A run over many captures. */
struct each {
    const struct p2i_settings *settings;
    enum p2i_result (*convert)(const struct p2i_settings *settings,
                               struct p2i_statistics *statistics, struct p2i_error *error);
    struct p2i_statistics *statistics;
    bool opened; /* a file that is a capture, or that cannot be opened */
};

static enum p2i_result convert_one(struct each *each, size_t index,
                                   const struct p2i_each_output *output, struct p2i_error *error)
{
    struct p2i_settings settings = *each->settings;
    settings.captures = &each->settings->captures[index];
    settings.capture_count = 1;
    if (settings.captures_found != NULL) {
        settings.captures_found = &each->settings->captures_found[index];
    }
    settings.ipfix_path = output->ipfix;
    settings.json_path = output->json;
    settings.must_be_new = true;
    struct p2i_statistics *one = p2i_statistics_new();
    if (one == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = each->convert(&settings, one, error);
    bool skipped = one->capture_count == 1 && one->captures[0]->skipped;
    if (!p2i_statistics_add(each->statistics, one) && result != P2I_INTERNAL) {
        result = p2i_fail_memory(error);
    }
    p2i_statistics_free(one);
    each->opened |= !skipped;
    return skipped && result == P2I_INPUT ? P2I_OK : result;
}

static bool is_stopped(const struct p2i_settings *settings)
{
    return settings->is_stopped != NULL && settings->is_stopped(settings->context);
}

static enum p2i_result convert_all(struct each *each, const struct p2i_each_output *outputs,
                                   struct p2i_error *error)
{
    const struct p2i_settings *settings = each->settings;
    enum p2i_result worst = P2I_OK;
    for (size_t i = 0; i < settings->capture_count && !is_stopped(settings); i++) {
        struct p2i_error one = {0};
        enum p2i_result result = convert_one(each, i, &outputs[i], &one);
        bool capture = result == P2I_DAMAGED || result == P2I_INPUT;
        if (result != P2I_OK && (worst == P2I_OK || !capture)) {
            *error = one;
        }
        worst = result > worst ? result : worst;
        if (result != P2I_OK && (!capture || settings->strict)) {
            return result;
        }
    }
    if (!each->opened && settings->capture_count > 0 && !is_stopped(settings)) {
        (void)p2i_fail(error, P2I_INPUT, "no capture found below the directories");
        worst = P2I_INPUT;
        if (settings->report != NULL) {
            settings->report(settings->context, error);
        }
    }
    return worst;
}

/* Compiles the filter for all captures: later the program may be sealed off, and could not look up
 * names in it. */
static enum p2i_result compile_filter(struct p2i_settings *settings,
                                      struct p2i_capture_settings *compilation,
                                      struct p2i_error *error)
{
    *compilation = (struct p2i_capture_settings){.is_stopped = settings->is_stopped,
                                                 .stop_context = settings->context};
    return settings->filter == NULL
               ? P2I_OK
               : p2i_filter_new(&settings->compiled_filter, settings->filter, compilation, error);
}

enum p2i_result p2i_convert_each(const struct p2i_settings *settings,
                                 enum p2i_result (*convert)(const struct p2i_settings *settings,
                                                            struct p2i_statistics *statistics,
                                                            struct p2i_error *error),
                                 struct p2i_statistics *statistics, struct p2i_error *error)
{
    struct p2i_settings common = *settings;
    struct p2i_capture_settings compilation;
    struct each each = {.settings = &common, .convert = convert, .statistics = statistics};
    /* An error may name an output, so the names live as long as the statistics. */
    struct p2i_arena *arena = p2i_statistics_arena(statistics);
    struct p2i_each_output *outputs = calloc(settings->capture_count + 1, sizeof *outputs);
    if (outputs == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = check_settings(settings, error);
    if (result == P2I_OK) {
        result = name_outputs(settings, arena, outputs, error);
    }
    if (result == P2I_OK) {
        result = compile_filter(&common, &compilation, error);
    }
    if (result == P2I_OK) {
        result = convert_all(&each, outputs, error);
    }
    p2i_filter_free(common.compiled_filter);
    free(outputs);
    return result;
}
