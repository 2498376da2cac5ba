/* SPDX-License-Identifier: MIT */
/* ipfixtool: looks into IPFIX files, ours or anyone's. */
#include "cli/ipfixtool/ipfixtool.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/safe_text.h"
#include "ipfix/reader_raw.h"
#include "pcap2ipfix/fields.h"

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

static const char view_help[] =
    "  view FILE...    show the records of IPFIX files\n"
    "      -j, --json           one JSON object a line\n"
    "      -c, --csv            comma-separated values (RFC 4180)\n"
    "      -r, --record KIND    only records of this kind: clickstream, dns, ...,\n"
    "                           a template id, \"options\" or \"all\"\n"
    "      -F, --fields LIST    only these fields, in this order: HOSTNAME,PATH or time,src,dst\n"
    "      -f, --filter N=V     only records where field N is V; may repeat, all must hold;\n"
    "                           host=example.org, host=.example.org, src=192.0.2.0/24, port=53\n"
    "      -n, --limit N        stop after N records\n"
    "      -w, --width N        cut lines to N columns (default: the terminal's width; 0: never)\n"
    "      --vertical           a field a line instead of tables\n";

static const char check_help[] = "  check FILE...   check files against RFC 7011 and RFC 5655\n"
                                 "      -q, --quiet          only the last line of each file\n";

static const char fields_help[] =
    "  fields          the records and fields of pcap2ipfix\n"
    "      -f, --format FORMAT  md (default), json, mdoc; for collectors libfds, cert, logstash,\n"
    "                           goflow2, pmacct, pmacct-meta, graylog, graylog-reverse,\n"
    "                           telegraf, clickhouse, iespec\n"
    "      -r, --record KIND    only this kind of record; md, json or mdoc\n"
    "      -p, --protocols      the numbers of protocols instead; md, json or mdoc\n";

static const char listen_help[] =
    "  listen URL      collect from tcp://HOST:PORT, udp://HOST:PORT or tls://HOST:PORT\n"
    "      -w, --write FILE     into an IPFIX file, or\n"
    "      -j, --json FILE      as JSON Lines; '-' is standard output\n"
    "      -n, --count N        end after N records\n"
    "      --once               end when the first connection has closed\n"
    "      --idle SECONDS       end when nothing came for so long\n"
    "      --cert FILE, --key FILE, --ca FILE\n"
    "                           TLS: own certificate and key; clients must have one by this CA\n"
    "      -q, --quiet          only errors\n"
    "      -v, --verbose        tell at once of what cannot be read and what is missing\n"
    "      --no-sync            do not wait for the disk when the file is complete\n";

static const char send_help[] =
    "  send FILE... URL         send files to a collector: tcp://HOST:PORT, udp:// or tls://\n"
    "      --rate SIZE          bytes a second; default: UDP 3M\n"
    "      --pace SPEED         at SPEED times the rhythm of the export times\n"
    "      --export-time capture|now\n"
    "                           as in the files, or the time of sending\n"
    "      --spool DIR          for what the collector does not take; default: here\n"
    "      --retry SECONDS      until it is spooled; default 300\n"
    "      --no-element-types   leave out the type records (RFC 5610)\n"
    "      --no-sync            do not wait for the disk when a spool file is complete\n"
    "      -q, --quiet          only errors\n"
    "      -v, --verbose        tell of connections, and how many records were sent\n";

static const char merge_help[] =
    "  merge FILE... -w FILE    one file out of many (shares, rotations), by time and session\n"
    "      -w, --write FILE     the output; '-' is standard output\n"
    "      -u, --unique         records that are the same byte for byte once only\n"
    "      --no-element-types   leave out the type records (RFC 5610)\n"
    "      -m, --memory SIZE    before temporary files are used; default 1G\n"
    "      --no-sync            do not wait for the disk when the file is complete\n"
    "      -q, --quiet          only errors\n";

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct verb verbs[] = {
    {"view", p2i_tool_view, view_help},       {"check", p2i_tool_check, check_help},
    {"fields", p2i_tool_fields, fields_help}, {"listen", p2i_tool_listen, listen_help},
    {"send", p2i_tool_send, send_help},       {"merge", p2i_tool_merge, merge_help},
};
enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

/* Of one verb, or of all. */
static void print_help(const struct verb *only)
{
    printf("usage: ipfixtool %s [options] [FILE...]\n", only != NULL ? only->name : "VERB");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (only == NULL || only == &verbs[i]) {
            printf("\n%s", verbs[i].help);
        }
    }
    fputs("\n"
          "  -h, --help      this text, or after a verb that of the verb\n"
          "  -V, --version   the version\n"
          "\n"
          "FILE may be compressed with gzip or zstd; '-' is standard input.\n"
          "Exit status: 0 all well; 1 damaged or defects; 2 usage; 3 a file cannot be opened;\n"
          "4 output failed; 5 the collector did not take all (spooled); 6 out of memory.\n",
          stdout);
}

int p2i_tool_usage(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, text);
    fputs("\nTry 'ipfixtool --help'.\n", stderr);
    return TOOL_USAGE;
}

int p2i_tool_bad_option(const char *verb, int option, const char *shown)
{
    /* getopt_long() leaves optopt 0 for a long option that there is not. */
    char letter[3] = {'-', (char)optopt, '\0'};
    bool with_value = strncmp(shown, "--", 2) == 0 && strchr(shown, '=') != NULL;
    if (option == ':') {
        return p2i_tool_usage("%s: '%s' wants an argument", verb, shown);
    }
    if (with_value && optopt != 0) {
        return p2i_tool_usage("%s: '%s': that option takes no argument", verb, shown);
    }
    return p2i_tool_usage("%s: unknown option '%s'", verb, optopt != 0 ? letter : shown);
}

/* Those that begin with `name`, as "--a, --b" into `list`; how many there are. */
static size_t list_options(const struct option *options, const char *name, char *list, size_t room)
{
    size_t count = 0;
    size_t used = 0;
    for (; options->name != NULL; options++) {
        if (strncmp(options->name, name, strlen(name)) == 0) {
            int more =
                snprintf(list + used, room - used, "%s--%s", count > 0 ? ", " : "", options->name);
            used += more > 0 && (size_t)more < room - used ? (size_t)more : 0;
            count++;
        }
    }
    return count;
}

int p2i_tool_bad_option_of(const char *verb, const struct option *options, int option,
                           const char *shown)
{
    char list[256] = "";
    char name[64];
    bool is_long = option == '?' && strncmp(shown, "--", 2) == 0 && optopt == 0;
    size_t size = is_long ? strcspn(shown + 2, "=") : 0;
    if (!is_long || size >= sizeof name) {
        return p2i_tool_bad_option(verb, option, shown);
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)size, shown + 2);
    if (list_options(options, name, list, sizeof list) > 1) {
        return p2i_tool_usage("%s: option '--%s' is ambiguous: %s", verb, name, list);
    }
    struct p2i_nearest nearest = p2i_nearest_to(name);
    for (; options->name != NULL; options++) {
        p2i_nearest_offer(&nearest, options->name);
    }
    return nearest.name != NULL ? p2i_tool_usage("%s: unknown option '--%s'; did you mean '--%s'?",
                                                 verb, name, nearest.name)
                                : p2i_tool_bad_option(verb, option, shown);
}

int p2i_tool_unknown_kind(const char *verb, const char *name, const char *others)
{
    char list[256] = "";
    size_t size = 0;
    for (int i = 0; i < P2I_RECORD_KINDS && size < sizeof list; i++) {
        int more = snprintf(list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "",
                            p2i_record_name((enum p2i_record_kind)i));
        size += more > 0 ? (size_t)more : 0;
    }
    return p2i_tool_usage("%s: unknown kind of record '%s'; there are %s%s", verb, name, list,
                          others);
}

int p2i_tool_fail(const char *file, const struct p2i_error *error)
{
    bool output = error->code == P2I_OUTPUT;
    (void)fflush(stdout); /* keep the order where both go to the same place */
    if (strcmp(file, "-") == 0) {
        file = output ? "standard output" : "standard input";
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, file);
    fputs(": ", stderr);
    p2i_print_safe(stderr, error->text);
    if (output && error->system_error != 0) {
        fprintf(stderr, ": %s", strerror(error->system_error));
    }
    if (error->code == P2I_DAMAGED && error->offset != UINT64_MAX) {
        fprintf(stderr, " (message at byte %" PRIu64 ")", error->offset);
    }
    fputc('\n', stderr);
    switch (error->code) {
    case P2I_DAMAGED:
        return TOOL_DAMAGED;
    case P2I_USAGE:
        return TOOL_USAGE;
    case P2I_INPUT:
        return TOOL_INPUT;
    case P2I_OUTPUT:
        return TOOL_OUTPUT;
    default:
        return TOOL_INTERNAL;
    }
}

static int tell_loss(const char *file, uint64_t count, const char *one, const char *many,
                     const char *what)
{
    if (count == 0) {
        return TOOL_OK;
    }
    fputs("ipfixtool: ", stderr);
    p2i_print_safe(stderr, file != NULL ? file : "");
    fprintf(stderr, "%s%" PRIu64 " %s %s\n", file != NULL ? ": " : "", count,
            count == 1 ? one : many, what);
    return TOOL_DAMAGED;
}

int p2i_tool_losses(const char *file, const struct p2i_reader_losses *losses)
{
    int status = tell_loss(file, losses->sets, "data set", "data sets",
                           "could not be read: no template for it, or damaged");
    status |= tell_loss(file, losses->lists, "list in a record", "lists in records",
                        "could not be read: no template for it, or damaged");
    status |= tell_loss(file, losses->missing_records, "record", "records",
                        "missing, by the sequence numbers");
    return status;
}

int p2i_tool_worse(int status, int other)
{
    return status > other ? status : other;
}

/* What stdio still holds must reach its place, or the status says that it did not. */
static int finish_output(int status)
{
    bool failed = ferror(stdout) != 0;
    int reason = errno;
    if (fflush(stdout) != 0) {
        failed = true;
        reason = errno;
    }
    if (failed) {
        fprintf(stderr, "ipfixtool: standard output: %s\n",
                reason != 0 ? strerror(reason) : "cannot be written");
    }
    return failed ? p2i_tool_worse(status, TOOL_OUTPUT) : status;
}

/* Behind "--" there are no options. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    if (wants_help(argc, argv)) {
        print_help(verb);
        return TOOL_OK;
    }
    return verb->run(argc, argv);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(NULL);
        return finish_output(TOOL_OK);
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("ipfixtool " P2I_VERSION);
        return finish_output(TOOL_OK);
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            return finish_output(run_verb(&verbs[i], argc - 1, argv + 1));
        }
    }
    static const char names[] = "view, check, fields, listen, send or merge";
    return argc < 2 ? p2i_tool_usage("a verb is missing: %s", names)
                    : p2i_tool_usage("unknown verb '%s': it is not %s", name, names);
}
