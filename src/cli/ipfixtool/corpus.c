/* SPDX-License-Identifier: MIT */
/* ipfixtool corpus: makes a regression corpus of captures, and verifies it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/diff_print.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "cli/safe_text.h"
#include "pcap2ipfix/corpus.h"

struct corpus {
    struct p2i_corpus_settings settings;
    struct p2i_corpus_check check;
    const char *config;
    bool quiet;
};

static bool is_stopped(void *context)
{
    (void)context;
    return p2i_tool_stopped != 0;
}

static void log_capture(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    const struct corpus *corpus = context;
    if (corpus->quiet && level != P2I_LOG_ERROR) {
        return;
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, error->file != NULL ? error->file : "corpus");
    fputs(": ", stderr);
    p2i_print_safe(stderr, error->text);
    fputc('\n', stderr);
}

static enum p2i_result read_config(const struct corpus *corpus, struct p2i_settings **settings,
                                   struct p2i_error *error)
{
    *settings = p2i_settings_new();
    if (*settings == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_settings_set(*settings, "records", "all", error);
    return result == P2I_OK && corpus->config != NULL
               ? p2i_settings_read(*settings, corpus->config, error)
               : result;
}

static int make(struct corpus *corpus)
{
    struct p2i_settings *settings = NULL;
    struct p2i_error error = {0};
    struct p2i_corpus_counts counts = {.struct_size = sizeof counts};
    if (read_config(corpus, &settings, &error) != P2I_OK) {
        p2i_settings_free(settings);
        return p2i_tool_fail(corpus->config != NULL ? corpus->config : "corpus", &error);
    }
    corpus->settings.settings = settings;
    int status = p2i_tool_seal(&(struct p2i_tool_needs){
        .more_files = corpus->settings.paths,
        .more_file_count = corpus->settings.path_count,
        .file = corpus->settings.anonymise,
        .folder = corpus->settings.folder,
        .run = settings,
    });
    if (status != TOOL_OK) {
        p2i_settings_free(settings);
        return status;
    }
    enum p2i_result result = p2i_corpus_make(&corpus->settings, &counts, &error);
    p2i_settings_free(settings);
    if (result == P2I_END) {
        fputs("ipfixtool: corpus: stopped\n", stderr);
        return TOOL_DAMAGED;
    }
    if (result != P2I_OK) {
        return p2i_tool_fail(error.file != NULL ? error.file : corpus->settings.folder, &error);
    }
    if (!corpus->quiet) {
        printf("%" PRIu64 " of %" PRIu64 " combinations in %" PRIu64 " capture%s with %" PRIu64
               " session%s: %" PRIu64 " of %" PRIu64 " bytes (%.2f %%)\n",
               counts.covered, counts.combinations, counts.files, counts.files == 1 ? "" : "s",
               counts.sessions, counts.sessions == 1 ? "" : "s", counts.bytes, counts.source_bytes,
               counts.source_bytes > 0 ? 100.0 * (double)counts.bytes / (double)counts.source_bytes
                                       : 0.0);
    }
    return TOOL_OK;
}

static void print_difference(void *context, const char *file, const char *text,
                             const struct p2i_diff *diff)
{
    static char old_name[] = "the corpus";
    static char new_name[] = "this version";
    char *const names[2] = {old_name, new_name};
    (void)context;
    p2i_print_safe(stdout, file);
    fputs(": ", stdout);
    p2i_print_safe(stdout, text);
    fputc('\n', stdout);
    if (diff != NULL) {
        p2i_diff_print_summary(stdout, diff, names);
        fputc('\n', stdout);
    }
}

static int verify(struct corpus *corpus)
{
    struct p2i_error error = {0};
    struct p2i_settings *settings = p2i_settings_new(); /* the manifest has the true ones */
    int status = settings == NULL
                     ? TOOL_INTERNAL
                     : p2i_tool_seal(&(struct p2i_tool_needs){.folder = corpus->check.folder,
                                                              .temporary = corpus->check.temporary,
                                                              .run = settings,
                                                              .reads_named = true});
    p2i_settings_free(settings);
    if (status != TOOL_OK) {
        return status;
    }
    enum p2i_result result = p2i_corpus_verify(&corpus->check, &error);
    if (result == P2I_END) {
        fputs("ipfixtool: corpus: stopped\n", stderr);
        return TOOL_DAMAGED;
    }
    if (result != P2I_OK && result != P2I_DAMAGED) {
        status = p2i_tool_fail(corpus->check.folder, &error);
        return result == P2I_USAGE ? TOOL_DAMAGED : status; /* the manifest is damaged */
    }
    if (!corpus->quiet) {
        const struct p2i_corpus_check *check = &corpus->check;
        printf("%" PRIu64 " capture%s, %" PRIu64 " difference%s", check->files,
               check->files == 1 ? "" : "s", check->differences,
               check->differences == 1 ? "" : "s");
        if (check->update && check->differences > 0) {
            printf(": %" PRIu64 " accepted, %" PRIu64 " left", check->updated,
                   check->differences - check->updated);
        }
        putchar('\n');
    }
    return result == P2I_OK ? TOOL_OK : TOOL_DAMAGED;
}

static int set_size(struct corpus *corpus, const char *value)
{
    enum { PERCENT = 100 };
    size_t size = strlen(value);
    char number[8];
    uint64_t percent = 0;
    if (size > 1 && size < sizeof number && value[size - 1] == '%') {
        (void)snprintf(number, sizeof number, "%.*s", (int)size - 1, value);
        if (p2i_tool_parse_number(number, PERCENT, &percent) && percent > 0) {
            corpus->settings.percent_most = (unsigned)percent;
            return TOOL_OK;
        }
    } else if (p2i_parse_size(value, &corpus->settings.size_most) &&
               corpus->settings.size_most > 0) {
        return TOOL_OK;
    }
    return p2i_tool_usage("corpus: --size: '%s' is neither a size nor 1%% to 100%%", value);
}

static int set_threads(struct corpus *corpus, const char *value)
{
    enum { THREADS_MOST = 64 };
    uint64_t threads = 0;
    if (!p2i_tool_parse_number(value, THREADS_MOST, &threads) || threads == 0) {
        return p2i_tool_usage("corpus: --threads needs a number from 1 to %d", THREADS_MOST);
    }
    corpus->check.threads = (unsigned)threads;
    return TOOL_OK;
}

static int set_option(struct corpus *corpus, int option, const char *value)
{
    switch (option) {
    case TOOL_OPTION_CORPUS_OUTPUT:
        corpus->settings.folder = value;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_VERIFY:
        corpus->check.folder = value;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_UPDATE:
        corpus->check.update = true;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_CONFIG:
        corpus->config = value;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_SIZE:
        return set_size(corpus, value);
    case TOOL_OPTION_CORPUS_WHOLE:
        corpus->settings.whole = corpus->check.whole = true;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_REDACT:
        corpus->settings.redact = true;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_ANONYMISE:
        corpus->settings.anonymise = value;
        return TOOL_OK;
    case TOOL_OPTION_CORPUS_THREADS:
        return set_threads(corpus, value);
    default: /* TOOL_OPTION_QUIET */
        corpus->quiet = true;
        return TOOL_OK;
    }
}

static int run(struct corpus *corpus, const struct p2i_tool_arguments *arguments)
{
    if (corpus->check.folder != NULL) {
        const struct p2i_corpus_settings *making = &corpus->settings;
        bool others = making->folder != NULL || corpus->config != NULL || making->size_most > 0 ||
                      making->percent_most > 0 || making->redact || making->anonymise != NULL;
        return arguments->count > 0 || others
                   ? p2i_tool_usage("corpus: --verify DIR takes no captures and no option but "
                                    "--update, --whole, --threads and --quiet")
                   : verify(corpus);
    }
    if (corpus->check.update || corpus->check.threads > 0) {
        return p2i_tool_usage("corpus: --%s needs --verify DIR",
                              corpus->check.update ? "update" : "threads");
    }
    if (corpus->settings.folder == NULL) {
        return p2i_tool_usage("corpus: no folder given: -o DIR");
    }
    if (arguments->count == 0) {
        return p2i_tool_usage("corpus: no capture given");
    }
    corpus->settings.paths = (const char *const *)arguments->files;
    corpus->settings.path_count = (size_t)arguments->count;
    return make(corpus);
}

int p2i_tool_corpus(int argc, char **argv)
{
    struct corpus corpus = {
        .settings = {.struct_size = sizeof corpus.settings,
                     .log = log_capture,
                     .is_stopped = is_stopped},
        .check = {.struct_size = sizeof corpus.check,
                  .temporary = p2i_tool_temporary_folder(),
                  .differs = print_difference,
                  .is_stopped = is_stopped},
    };
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    corpus.settings.context = corpus.check.context = &corpus;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_CORPUS, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&corpus, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        p2i_tool_catch_signals();
        status = run(&corpus, &arguments);
    }
    return status;
}
