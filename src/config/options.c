/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/url.h"
#include "config/configuration.h"
#include "config/conflicts.h"
#include "config/delivery.h"
#include "config/files.h"
#include "config/records.h"

enum {
    CAPTURE = 256, /* not an option */
    OPTION_LIST,
    OPTION_RECORDS,
    OPTION_ORDER,
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_STATS,
    OPTION_PROGRESS,
    OPTION_NO_PROGRESS,
    OPTION_STRICT,
    OPTION_NO_ELEMENT_TYPES,
    OPTION_NO_SYNC,
    OPTION_AS_DATABASE,
    OPTION_SUBSCRIBERS,
    OPTION_RATE,
    OPTION_PACE,
    OPTION_EXPORT_TIME,
    OPTION_SPOOL,
    OPTION_RETRY,
    OPTION_PRINT_CONFIG,
    OPTION_DNS_LOG,
    OPTION_DNS_EXPORT,
    OPTION_REDACT,
    OPTION_ANONYMISE,
    OPTION_ROTATE,
    OPTION_SHARD,
    OPTION_FILE_OPTIONS,
    OPTION_HELP,
    OPTION_VERSION,
};

static const char short_options[] = "+:w:j:e:c:f:F:r:0Rqvh";

static const struct option long_options[] = {
    {"write", required_argument, NULL, 'w'},
    {"json", required_argument, NULL, 'j'},
    {"export", required_argument, NULL, 'e'},
    {"config", required_argument, NULL, 'c'},
    {"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"pace", required_argument, NULL, OPTION_PACE},
    {"export-time", required_argument, NULL, OPTION_EXPORT_TIME},
    {"spool", required_argument, NULL, OPTION_SPOOL},
    {"retry", required_argument, NULL, OPTION_RETRY},
    {"dns-log", required_argument, NULL, OPTION_DNS_LOG},
    {"dns-export", required_argument, NULL, OPTION_DNS_EXPORT},
    {"redact", no_argument, NULL, OPTION_REDACT},
    {"anonymise", required_argument, NULL, OPTION_ANONYMISE},
    {"filter", required_argument, NULL, 'f'},
    {"filter-file", required_argument, NULL, 'F'},
    {"read", required_argument, NULL, 'r'},
    {"list", required_argument, NULL, OPTION_LIST},
    {"null", no_argument, NULL, '0'},
    {"recursive", no_argument, NULL, 'R'},
    {"records", required_argument, NULL, OPTION_RECORDS},
    {"order", required_argument, NULL, OPTION_ORDER},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"stats", optional_argument, NULL, OPTION_STATS},
    {"progress", no_argument, NULL, OPTION_PROGRESS},
    {"no-progress", no_argument, NULL, OPTION_NO_PROGRESS},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"no-element-types", no_argument, NULL, OPTION_NO_ELEMENT_TYPES},
    {"no-sync", no_argument, NULL, OPTION_NO_SYNC},
    {"as-database", required_argument, NULL, OPTION_AS_DATABASE},
    {"subscribers", required_argument, NULL, OPTION_SUBSCRIBERS},
    {"rotate", required_argument, NULL, OPTION_ROTATE},
    {"shard", required_argument, NULL, OPTION_SHARD},
    {"file-options", required_argument, NULL, OPTION_FILE_OPTIONS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

const char *p2i_options_help(void)
{
    return "usage: pcap2ipfix [options] CAPTURE...\n"
           "\n"
           "Reads pcap and pcapng captures ('-': standard input; plain, gzip or zstd) and writes\n"
           "what was said in them as IPFIX records.\n"
           "\n"
           "  -w, --write FILE       IPFIX file; '-' standard output\n"
           "                         (without -w, -j and -e: NAME.ipfix of the first capture)\n"
           "  -j, --json FILE        JSON Lines of the same records; '-' standard output\n"
           "                         names that end in .gz: packed\n"
           "      --rotate SIZE|TIME a new file from this size on (64K, 100M), or each 300s, 5m,\n"
           "                         1h of capture time; may be given twice; names by letters of\n"
           "                         strftime (%Y%m%d-%H%M%S), else numbered: out.000001.ipfix\n"
           "      --file-options LIST\n"
           "                         of window,session,checksum,captures or all: what the IPFIX\n"
           "                         file says about itself (RFC 5655); default: none\n"
           "  -e, --export URL       collector: tcp://HOST:PORT, udp://, tls://; may repeat;\n"
           "                         ?channels=LIST of clickstream,flow,meta,dns;\n"
           "                         tls: ca=FILE, cert=FILE, key=FILE, name=NAME, insecure=1\n"
           "      --rate SIZE        bytes a second to each collector; default: UDP 3M\n"
           "      --pace SPEED       send at SPEED times the rhythm of the capture\n"
           "      --export-time capture|now\n"
           "                         in the headers of messages to collectors\n"
           "      --spool DIR        for what a collector does not take; default: here\n"
           "      --retry SECONDS    until it is spooled; default 300\n"
           "  -c, --config FILE      YAML, see pcap2ipfix.yaml(5); options override it\n"
           "      --print-config     show the effective configuration, itself such a file\n"
           "      --dns-log DIR      text log of DNS records, in files below DIR\n"
           "      --dns-export answers|queries|both\n"
           "                         what gives DNS records; default: answers\n"
           "      --redact           '*' instead of passwords\n"
           "      --anonymise FILE   other addresses instead of the real ones; FILE has the key,\n"
           "                         32 bytes or 64 hexadecimal digits\n"
           "  -r, --read FILE        same as an argument\n"
           "      --list FILE        names of captures, one a line; '-' standard input\n"
           "  -0, --null             names in the list end with NUL (find -print0)\n"
           "  -R, --recursive        walk directories\n"
           "      --order time|args|name\n"
           "                         of the captures; default: by time\n"
           "  -f, --filter EXPR      BPF expression, see pcap-filter(7)\n"
           "  -F, --filter-file FILE the expression is in FILE\n"
           "      --records LIST     of clickstream,http_reply,ssl_reply,sip,ftp,im,mail,raw,\n"
           "                         dns,flow,biflow or all; default: all but raw and flows\n"
           "      --threads N        workers; 0: one per core (default)\n"
           "      --shard I/N        only the sessions of share I of N; see ipfixtool merge\n"
           "      --memory SIZE      for sessions and reassembly; default 1G\n"
           "      --no-element-types leave out the type records (RFC 5610)\n"
           "      --no-sync          do not wait for the disk when a file is complete\n"
           "      --as-database FILE MaxMind file: AS numbers of flow records\n"
           "      --subscribers FILE of lines prefix,login[,channel[,from,to]]: LOGIN\n"
           "      --strict           stop at the first damaged capture\n"
           "      --stats[=json]     the books of the run, to standard error\n"
           "      --progress, --no-progress\n"
           "                         a line that shows how far it is; default: on a terminal\n"
           "  -q, --quiet            only errors\n"
           "  -v, --verbose          also what is usual\n"
           "      --version, --help\n"
           "\n"
           "Exit status: 0 all done; 1 done, but input was damaged; 2 usage; 3 an input could not\n"
           "be opened; 4 output failed; 5 a collector did not take all (spooled); 6 limit or\n"
           "internal. Manual: pcap2ipfix(1).\n";
}

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *number = value;
    return errno == 0 && *end == '\0' && value <= most;
}

static enum p2i_result parse_records(struct p2i_options *options, const char *list,
                                     struct p2i_error *error)
{
    options->settings.records = 0;
    for (const char *at = list; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t size = strcspn(at, ",");
        uint32_t bits = p2i_records_named(at, size);
        if (bits == 0) {
            return p2i_fail(error, P2I_USAGE, "--records: '%.*s' is none of " P2I_RECORD_NAMES,
                            (int)size, at);
        }
        options->settings.records |= bits;
    }
    return P2I_OK;
}

static enum p2i_result parse_order(struct p2i_options *options, const char *text,
                                   struct p2i_error *error)
{
    if (strcmp(text, "time") == 0) {
        options->settings.order = P2I_BY_TIME;
    } else if (strcmp(text, "args") == 0) {
        options->settings.order = P2I_BY_ARGS;
    } else if (strcmp(text, "name") == 0) {
        options->settings.order = P2I_BY_NAME;
    } else {
        return p2i_fail(error, P2I_USAGE, "--order: '%s' is none of time, args, name", text);
    }
    return P2I_OK;
}

static enum p2i_result parse_dns_export(struct p2i_options *options, const char *text,
                                        struct p2i_error *error)
{
    if (strcmp(text, "answers") == 0) {
        options->settings.dns_export = P2I_DNS_ANSWERS;
    } else if (strcmp(text, "queries") == 0) {
        options->settings.dns_export = P2I_DNS_QUERIES;
    } else if (strcmp(text, "both") == 0) {
        options->settings.dns_export = P2I_DNS_BOTH;
    } else {
        return p2i_fail(error, P2I_USAGE, "--dns-export: '%.80s' is none of answers, queries, both",
                        text);
    }
    return P2I_OK;
}

static enum p2i_result parse_threads(struct p2i_options *options, const char *text,
                                     struct p2i_error *error)
{
    uint64_t threads;
    if (!parse_number(text, 64, &threads)) {
        return p2i_fail(error, P2I_USAGE, "--threads: '%s' is not a number from 0 to 64", text);
    }
    options->settings.threads = (unsigned)threads;
    return P2I_OK;
}

static enum p2i_result parse_memory(struct p2i_options *options, const char *text,
                                    struct p2i_error *error)
{
    if (!p2i_parse_size(text, &options->settings.memory_bytes) ||
        options->settings.memory_bytes < UINT64_C(16) << 20) {
        return p2i_fail(error, P2I_USAGE, "--memory: '%s' is not a size of at least 16M", text);
    }
    return P2I_OK;
}

static enum p2i_result add_collector(struct p2i_options *options, const char *url,
                                     struct p2i_error *error)
{
    struct p2i_url parsed;
    enum p2i_result result = p2i_url_parse(&parsed, url, error);
    if (result != P2I_OK) {
        return result;
    }
    /* The first one replaces those of the configuration. */
    size_t count = options->collectors != NULL ? options->settings.collector_count : 0;
    struct p2i_collector_settings *all =
        realloc(options->collectors, (count + 1) * sizeof *options->collectors);
    if (all == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    all[count] = (struct p2i_collector_settings){.url = url};
    options->collectors = all;
    options->settings.collectors = all;
    options->settings.collector_count = count + 1;
    return P2I_OK;
}

static enum p2i_result parse_stats(struct p2i_options *options, const char *text,
                                   struct p2i_error *error)
{
    if (text == NULL || strcmp(text, "text") == 0) {
        options->statistics = P2I_STATISTICS_TEXT;
    } else if (strcmp(text, "json") == 0) {
        options->statistics = P2I_STATISTICS_JSON;
    } else {
        return p2i_fail(error, P2I_USAGE, "--stats: '%s' is neither text nor json", text);
    }
    return P2I_OK;
}

static enum p2i_result read_filter(struct p2i_options *options, const char *path,
                                   struct p2i_error *error)
{
    FILE *file = fopen(path, "re");
    size_t capacity = 0;
    /* Up to a NUL, which no text has: the whole file. */
    ssize_t size = file != NULL ? getdelim(&options->filter, &capacity, '\0', file) : -1;
    bool failed = file == NULL || ferror(file);
    int system_error = errno;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (failed) {
        (void)p2i_fail(error, P2I_INPUT, "cannot read the filter: %s", strerror(system_error));
        error->system_error = system_error;
        error->file = path;
        return P2I_INPUT;
    }
    options->settings.filter = size > 0 ? options->filter : "";
    return P2I_OK;
}

/* What must wait until all options are known. */
struct pending {
    const char *list;
    bool nul_separated;
    bool recursive;
};

/* What the program says and does beside converting. */
static enum p2i_result take_own_option(struct p2i_options *options, int option,
                                       struct p2i_error *error)
{
    switch (option) {
    case OPTION_PRINT_CONFIG:
        options->print_config = true;
        return P2I_OK;
    case OPTION_STATS:
        return parse_stats(options, optarg, error);
    case OPTION_PROGRESS:
    case OPTION_NO_PROGRESS:
        options->progress = option == OPTION_PROGRESS;
        return P2I_OK;
    case 'q':
        options->quiet = true;
        return P2I_OK;
    case 'v':
        options->verbose = true;
        return P2I_OK;
    case 'h':
    case OPTION_HELP:
        options->help = true;
        return P2I_OK;
    case OPTION_VERSION:
        options->version = true;
        return P2I_OK;
    default:
        return P2I_USAGE;
    }
}

static enum p2i_result take_option(struct p2i_options *options, struct pending *pending, int option,
                                   struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    switch (option) {
    case 'w':
        settings->ipfix_path = optarg;
        return P2I_OK;
    case 'j':
        settings->json_path = optarg;
        return P2I_OK;
    case 'e':
        return add_collector(options, optarg, error);
    case OPTION_RATE:
        return p2i_delivery_option(&settings->delivery, "rate", optarg, error);
    case OPTION_PACE:
        return p2i_delivery_option(&settings->delivery, "pace", optarg, error);
    case OPTION_EXPORT_TIME:
        return p2i_delivery_option(&settings->delivery, "export-time", optarg, error);
    case OPTION_SPOOL:
        return p2i_delivery_option(&settings->delivery, "spool", optarg, error);
    case OPTION_RETRY:
        return p2i_delivery_option(&settings->delivery, "retry", optarg, error);
    case 'c':
        return P2I_OK; /* has been read */
    case OPTION_DNS_LOG:
        settings->dns_log.wanted = true;
        settings->dns_log.folder = optarg;
        return P2I_OK;
    case OPTION_DNS_EXPORT:
        return parse_dns_export(options, optarg, error);
    case OPTION_REDACT:
        settings->keep_passwords = false;
        return P2I_OK;
    case OPTION_ANONYMISE:
        settings->anonymise_key = optarg;
        return P2I_OK;
    case 'f':
        settings->filter = optarg;
        return P2I_OK;
    case 'F':
        return read_filter(options, optarg, error);
    case 'r':
        return p2i_inputs_add(&options->inputs, optarg, error);
    case OPTION_LIST:
        pending->list = optarg;
        return P2I_OK;
    case '0':
        pending->nul_separated = true;
        return P2I_OK;
    case 'R':
        pending->recursive = true;
        return P2I_OK;
    case OPTION_RECORDS:
        return parse_records(options, optarg, error);
    case OPTION_ORDER:
        return parse_order(options, optarg, error);
    case OPTION_THREADS:
        return parse_threads(options, optarg, error);
    case OPTION_MEMORY:
        return parse_memory(options, optarg, error);
    case OPTION_STRICT:
        settings->strict = true;
        return P2I_OK;
    case OPTION_NO_ELEMENT_TYPES:
        settings->element_types = false;
        return P2I_OK;
    case OPTION_NO_SYNC:
        settings->sync = false;
        return P2I_OK;
    case OPTION_AS_DATABASE:
        settings->as_database = optarg;
        return P2I_OK;
    case OPTION_SUBSCRIBERS:
        settings->subscriber_file = optarg;
        return P2I_OK;
    case OPTION_ROTATE:
        return p2i_parse_rotation(settings, optarg, error);
    case OPTION_SHARD:
        return p2i_parse_shard(settings, optarg, error);
    case OPTION_FILE_OPTIONS:
        return p2i_parse_file_options(settings, optarg, error);
    default:
        return take_own_option(options, option, error);
    }
}

static enum p2i_result refuse_option(int option, char **argv, struct p2i_error *error)
{
    const char *name = argv[optind - 1];
    if (option == ':') {
        return p2i_fail(error, P2I_USAGE, "option '%s' needs a value", name);
    }
    if (optopt == 'i') {
        return p2i_fail(error, P2I_USAGE, "there is no -i: captures are read, not interfaces");
    }
    if (optopt > 0 && optopt < 256) {
        return p2i_fail(error, P2I_USAGE, "unknown option '-%c'", optopt);
    }
    return p2i_fail(error, P2I_USAGE, "option '%s' is unknown, ambiguous or takes no value", name);
}

/* "dir/trace.pcap.gz" gives "trace.ipfix". */
static enum p2i_result name_output(struct p2i_options *options, struct p2i_error *error)
{
    const char *first = options->inputs.paths[0];
    if (strcmp(first, "-") == 0) {
        return p2i_fail(error, P2I_USAGE,
                        "standard input has no name: say -w FILE, -j FILE or -e URL");
    }
    const char *slash = strrchr(first, '/');
    const char *name = slash != NULL ? slash + 1 : first;
    size_t size = strlen(name);
    static const char *const endings[] = {".gz", ".zst", ".pcap", ".pcapng", ".cap", ".dmp"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && memcmp(name + size - ending, endings[i], ending) == 0) {
            size -= ending;
        }
    }
    if (asprintf(&options->default_path, "%.*s.ipfix", (int)size, name) < 0) {
        options->default_path = NULL;
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    options->settings.ipfix_path = options->default_path;
    options->settings.ipfix_must_be_new = true;
    return P2I_OK;
}

static bool is_standard_output(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static enum p2i_result complete(struct p2i_options *options, const struct pending *pending,
                                struct p2i_error *error)
{
    struct p2i_settings *settings = &options->settings;
    enum p2i_result result = P2I_OK;
    if (pending->list != NULL) {
        result =
            p2i_inputs_add_list(&options->inputs, pending->list, pending->nul_separated, error);
    }
    if (result == P2I_OK && pending->recursive) {
        result = p2i_inputs_walk(&options->inputs, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    if (options->inputs.count == 0) {
        return p2i_fail(error, P2I_USAGE, "no capture was named");
    }
    if (is_standard_output(settings->ipfix_path) && is_standard_output(settings->json_path)) {
        return p2i_fail(error, P2I_USAGE, "-w - and -j - cannot share standard output");
    }
    if (settings->threads == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        settings->threads = cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
    }
    settings->captures = (const char *const *)options->inputs.paths;
    settings->capture_count = options->inputs.count;
    if (settings->ipfix_path == NULL && settings->json_path == NULL &&
        settings->collector_count == 0) {
        return name_output(options, error); /* which must be new: it replaces nothing */
    }
    result = p2i_check_files(settings, error);
    return result == P2I_OK ? p2i_find_conflicts(settings, error) : result;
}

/* The next option (its value is in optarg), or CAPTURE: argv[optind], to be stepped over; -1 at the
 * end. Captures and options may stand in any order. */
static int next_option(int argc, char **argv, bool *only_captures)
{
    if (optind >= argc || *only_captures) {
        return optind < argc ? CAPTURE : -1;
    }
    int option = getopt_long(argc, argv, short_options, long_options, NULL);
    if (option >= 0) {
        return option;
    }
    *only_captures = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
    return optind < argc ? CAPTURE : -1;
}

/* Before anything else, wherever it stands: options override the configuration. What is wrong with
 * the others is said later. */
static enum p2i_result read_configuration(struct p2i_options *options, int argc, char **argv,
                                          struct p2i_error *error)
{
    const char *path = NULL;
    bool only_captures = false;
    bool help = false;
    optind = 0; /* glibc and musl begin afresh, also inside a cluster of letters */
    for (int option; (option = next_option(argc, argv, &only_captures)) >= 0;) {
        if (option == 'c' && path != NULL) {
            return p2i_fail(error, P2I_USAGE, "-c is there twice");
        }
        path = option == 'c' ? optarg : path;
        help = help || option == 'h' || option == OPTION_HELP || option == OPTION_VERSION;
        optind += option == CAPTURE;
    }
    return path != NULL && !help
               ? p2i_configuration_read(&options->settings, &options->kept, path, error)
               : P2I_OK;
}

enum p2i_result p2i_options_parse(struct p2i_options *options, int argc, char **argv,
                                  struct p2i_error *error)
{
    *options = (struct p2i_options){.progress = -1};
    p2i_settings_default(&options->settings);
    options->settings.threads = 0;
    struct pending pending = {0};
    enum p2i_result result = read_configuration(options, argc, argv, error);
    bool only_captures = false;
    optind = 0;
    while (result == P2I_OK) {
        int option = next_option(argc, argv, &only_captures);
        if (option < 0) {
            break;
        }
        if (option == CAPTURE) {
            result = p2i_inputs_add(&options->inputs, argv[optind++], error);
        } else if (option == ':' || option == '?') {
            result = refuse_option(option, argv, error);
        } else {
            result = take_option(options, &pending, option, error);
        }
    }
    if (result == P2I_OK && !options->help && !options->version && !options->print_config) {
        result = complete(options, &pending, error);
    }
    return result;
}

void p2i_options_free(struct p2i_options *options)
{
    p2i_inputs_free(&options->inputs);
    p2i_kept_free(&options->kept);
    free(options->collectors);
    free(options->filter);
    free(options->default_path);
}
