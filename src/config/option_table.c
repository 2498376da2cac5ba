/* SPDX-License-Identifier: MIT */
#include "config/option_table.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

static const char short_options[] = "+:w:j:e:c:f:F:r:0Rqvh";

static const struct option long_options[] = {
    {"write", required_argument, NULL, 'w'},
    {"json", required_argument, NULL, 'j'},
    {"export", required_argument, NULL, 'e'},
    {"config", required_argument, NULL, 'c'},
    {"print-config", no_argument, NULL, P2I_OPTION_PRINT_CONFIG},
    {"rate", required_argument, NULL, P2I_OPTION_RATE},
    {"pace", required_argument, NULL, P2I_OPTION_PACE},
    {"export-time", required_argument, NULL, P2I_OPTION_EXPORT_TIME},
    {"spool", required_argument, NULL, P2I_OPTION_SPOOL},
    {"retry", required_argument, NULL, P2I_OPTION_RETRY},
    {"dns-log", required_argument, NULL, P2I_OPTION_DNS_LOG},
    {"dns-export", required_argument, NULL, P2I_OPTION_DNS_EXPORT},
    {"redact", no_argument, NULL, P2I_OPTION_REDACT},
    {"anonymise", required_argument, NULL, P2I_OPTION_ANONYMISE},
    {"filter", required_argument, NULL, 'f'},
    {"filter-file", required_argument, NULL, 'F'},
    {"read", required_argument, NULL, 'r'},
    {"list", required_argument, NULL, P2I_OPTION_LIST},
    {"null", no_argument, NULL, '0'},
    {"recursive", no_argument, NULL, 'R'},
    {"include", required_argument, NULL, P2I_OPTION_INCLUDE},
    {"records", required_argument, NULL, P2I_OPTION_RECORDS},
    {"order", required_argument, NULL, P2I_OPTION_ORDER},
    {"threads", required_argument, NULL, P2I_OPTION_THREADS},
    {"memory", required_argument, NULL, P2I_OPTION_MEMORY},
    {"stats", optional_argument, NULL, P2I_OPTION_STATS},
    {"stats-file", required_argument, NULL, P2I_OPTION_STATS_FILE},
    {"progress", no_argument, NULL, P2I_OPTION_PROGRESS},
    {"no-progress", no_argument, NULL, P2I_OPTION_NO_PROGRESS},
    {"strict", no_argument, NULL, P2I_OPTION_STRICT},
    {"no-element-types", no_argument, NULL, P2I_OPTION_NO_ELEMENT_TYPES},
    {"no-sync", no_argument, NULL, P2I_OPTION_NO_SYNC},
    {"as-database", required_argument, NULL, P2I_OPTION_AS_DATABASE},
    {"subscribers", required_argument, NULL, P2I_OPTION_SUBSCRIBERS},
    {"rotate", required_argument, NULL, P2I_OPTION_ROTATE},
    {"shard", required_argument, NULL, P2I_OPTION_SHARD},
    {"file-options", required_argument, NULL, P2I_OPTION_FILE_OPTIONS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, P2I_OPTION_HELP},
    {"version", no_argument, NULL, P2I_OPTION_VERSION},
    {0},
};

void p2i_option_begin(struct p2i_option_scan *scan, int argc, char **argv)
{
    *scan = (struct p2i_option_scan){.argc = argc, .argv = argv};
    opterr = 0;
    optind = 0; /* glibc and musl begin again, also inside a cluster of letters */
}

static int take_argument(struct p2i_option_scan *scan)
{
    if (optind >= scan->argc) {
        return -1;
    }
    scan->at = optind;
    scan->value = scan->argv[optind++];
    return P2I_ARGUMENT;
}

int p2i_option_next(struct p2i_option_scan *scan)
{
    if (optind >= scan->argc || scan->only_captures) {
        return take_argument(scan);
    }
    scan->at = optind > 0 ? optind : 1;
    int option = getopt_long(scan->argc, scan->argv, short_options, long_options, NULL);
    scan->value = optarg;
    if (option >= 0) {
        return option;
    }
    scan->only_captures = optind > 1 && strcmp(scan->argv[optind - 1], "--") == 0;
    return take_argument(scan);
}

const char *p2i_option_name(int option)
{
    const struct option *at = long_options;
    while (at->name != NULL && at->val != option) {
        at++;
    }
    return at->name != NULL ? at->name : "help";
}

bool p2i_option_is_single(int option)
{
    const struct option *at = long_options;
    while (at->name != NULL && at->val != option) {
        at++;
    }
    bool repeats = option == 'r' || option == 'e' || option == 'f' ||
                   option == P2I_OPTION_INCLUDE || option == P2I_OPTION_ROTATE;
    return at->name != NULL && at->has_arg != no_argument && !repeats;
}

/* How many options begin with this text; the last of them in *found. An option that is the text
 * itself is the only one. */
static size_t count_options(const char *text, size_t size, const struct option **found)
{
    size_t count = 0;
    for (const struct option *at = long_options; at->name != NULL; at++) {
        if (strncmp(at->name, text, size) != 0) {
            continue;
        }
        *found = at;
        count++;
        if (at->name[size] == '\0') {
            return 1;
        }
    }
    return count;
}

static enum p2i_result refuse_ambiguous(const char *text, size_t size, struct p2i_error *error)
{
    char names[128] = "";
    size_t used = 0;
    for (const struct option *at = long_options; at->name != NULL && used < sizeof names; at++) {
        if (strncmp(at->name, text, size) == 0) {
            int more = snprintf(names + used, sizeof names - used, "%s--%s", used > 0 ? ", " : "",
                                at->name);
            used += more > 0 ? (size_t)more : 0;
        }
    }
    return p2i_fail(error, P2I_USAGE, "option '--%.*s' is ambiguous: %s", (int)size, text, names);
}

/* `text` without its "--". */
static enum p2i_result refuse_long(const char *text, struct p2i_error *error)
{
    char name[80];
    const struct option *found = NULL;
    size_t size = strcspn(text, "=");
    size_t count = count_options(text, size, &found);
    if (count > 1) {
        return refuse_ambiguous(text, size < sizeof name ? size : sizeof name, error);
    }
    if (count == 1) {
        return p2i_fail(error, P2I_USAGE, "option '--%s' takes no value", found->name);
    }
    (void)snprintf(name, sizeof name, "%.*s", size < sizeof name ? (int)size : (int)sizeof name - 1,
                   text);
    struct p2i_nearest nearest = p2i_nearest_to(name);
    for (const struct option *at = long_options; at->name != NULL; at++) {
        p2i_nearest_offer(&nearest, at->name);
    }
    return nearest.name != NULL
               ? p2i_fail(error, P2I_USAGE, "unknown option '--%s'; did you mean '--%s'?", name,
                          nearest.name)
               : p2i_fail(error, P2I_USAGE, "unknown option '--%s'", name);
}

/* A letter among those of `argument`. "-stats" is a cluster of letters, too. */
static enum p2i_result refuse_mail(const char *argument, int letter, struct p2i_error *error)
{
    const struct option *found = NULL;
    size_t size = strcspn(argument + 1, "=");
    if (size > 1 && count_options(argument + 1, size, &found) == 1) {
        return p2i_fail(error, P2I_USAGE, "unknown option '-%c'; did you mean '--%s'?", letter,
                        found->name);
    }
    if (letter == 'i') {
        return p2i_fail(error, P2I_USAGE, "there is no -i: captures are read, not interfaces");
    }
    return p2i_fail(error, P2I_USAGE, "unknown option '-%c'", letter);
}

enum p2i_result p2i_option_refuse(const struct p2i_option_scan *scan, int option,
                                  struct p2i_error *error)
{
    const char *argument = scan->argv[scan->at];
    bool is_long = argument[0] == '-' && argument[1] == '-';
    if (option == ':' && is_long) {
        return p2i_fail(error, P2I_USAGE, "option '%.80s' needs a value", argument);
    }
    if (option == ':') {
        return p2i_fail(error, P2I_USAGE, "option '-%c' needs a value", optopt);
    }
    return is_long ? refuse_long(argument + 2, error) : refuse_mail(argument, optopt, error);
}
