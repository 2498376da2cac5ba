/* SPDX-License-Identifier: MIT */
/* ipfixtool: looks into IPFIX files, ours or anyone's. */
#include "cli/ipfixtool.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
    {"view", p2i_tool_view},     {"check", p2i_tool_check}, {"fields", p2i_tool_fields},
    {"listen", p2i_tool_listen}, {"send", p2i_tool_send},   {"merge", p2i_tool_merge},
};
enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

static const char help[] =
    "usage: ipfixtool VERB [options] [FILE...]\n"
    "\n"
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
    "  check FILE...   check files against RFC 7011 and RFC 5655\n"
    "      -q, --quiet          only the last line of each file\n"
    "  fields          the records and fields of pcap2ipfix\n"
    "      --format FORMAT      md (default), json, mdoc; for collectors libfds, cert, logstash,\n"
    "                           goflow2, pmacct, pmacct-meta, graylog, graylog-reverse,\n"
    "                           telegraf, clickhouse, iespec\n"
    "      --protocols          the numbers of protocols instead; md, json or mdoc\n"
    "\n"
    "  listen URL      collect from tcp://HOST:PORT, udp://HOST:PORT or tls://HOST:PORT\n"
    "      -w, --write FILE     into an IPFIX file, or\n"
    "      -j, --json FILE      as JSON Lines; '-' is standard output\n"
    "      -n, --count N        end after N records\n"
    "      --once               end when the first connection has closed\n"
    "      --idle SECONDS       end when nothing came for so long\n"
    "      --cert FILE, --key FILE, --ca FILE\n"
    "                           TLS: own certificate and key; clients must have one by this CA\n"
    "      -q, --quiet          only errors\n"
    "  send FILE... URL         send files to a collector\n"
    "      --rate SIZE          bytes a second; default: UDP 3M\n"
    "      --pace SPEED         at SPEED times the rhythm of the export times\n"
    "      --export-time capture|now\n"
    "                           as in the files, or the time of sending\n"
    "      --spool DIR          for what the collector does not take; default: here\n"
    "      --retry SECONDS      until it is spooled; default 300\n"
    "      --no-element-types   leave out the type records (RFC 5610)\n"
    "      -q, --quiet; -v, --verbose\n"
    "  merge FILE... -w FILE    one file out of many (shares, rotations), by time and session\n"
    "      -u, --unique         records that are the same byte for byte once only\n"
    "      --no-element-types   leave out the type records (RFC 5610)\n"
    "      -m, --memory SIZE    before temporary files are used; default 1G\n"
    "      -q, --quiet\n"
    "\n"
    "  -h, --help      this text\n"
    "  -V, --version   the version\n"
    "\n"
    "FILE may be gzip-compressed; '-' is standard input.\n"
    "Exit status: 0 all well; 1 damaged or defects; 2 usage; 3 a file cannot be opened;\n"
    "4 output failed; 5 the collector did not take all (spooled); 6 out of memory.\n";

int p2i_tool_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("ipfixtool: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    fputs("\nTry 'ipfixtool --help'.\n", stderr);
    va_end(arguments);
    return TOOL_USAGE;
}

int p2i_tool_fail(const char *file, const struct p2i_error *error)
{
    (void)fflush(stdout); /* keep the order where both go to the same place */
    fprintf(stderr, "ipfixtool: %s: %s", file, error->text);
    if (error->code == P2I_OUTPUT && error->system_error != 0) {
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

int p2i_tool_worse(int status, int other)
{
    return status > other ? status : other;
}

/* What stdio still holds must reach its place, or the status says that it did not. */
static int finish_output(int status)
{
    bool failed = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (failed) {
        perror("ipfixtool: standard output");
    }
    return failed ? p2i_tool_worse(status, TOOL_OUTPUT) : status;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        fputs(help, stdout);
        return finish_output(TOOL_OK);
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("ipfixtool " P2I_VERSION);
        return finish_output(TOOL_OK);
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            return finish_output(verbs[i].run(argc - 1, argv + 1));
        }
    }
    return argc < 2
               ? p2i_tool_usage("a verb is missing: view, check, fields, listen, send or merge")
               : p2i_tool_usage("unknown verb '%s'", name);
}
