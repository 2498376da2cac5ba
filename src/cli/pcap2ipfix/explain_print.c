/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/pcap2ipfix/explain.h"
#include "cli/safe_text.h"
#include "pcap2ipfix/fate.h"

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

enum { TCP = 6, UDP = 17 };

/* Reasons with sessions, the most frequent first. Returns their number. */
static size_t list_reasons(const struct p2i_explanation *explanation, unsigned *list)
{
    size_t count = 0;
    for (unsigned i = P2I_NO_RECORD_NONE + 1; i < P2I_EXPLAIN_REASONS; i++) {
        uint64_t sessions = explanation->reasons[i].amount.sessions;
        if (sessions == 0) {
            continue;
        }
        size_t at = count++;
        for (; at > 0 && explanation->reasons[list[at - 1]].amount.sessions < sessions; at--) {
            list[at] = list[at - 1];
        }
        list[at] = i;
    }
    return count;
}

static const char *text_of(unsigned reason)
{
    return p2i_no_record_reason_text((enum p2i_no_record_reason)reason);
}

static const char *transport_name(uint8_t transport, char *number, size_t size)
{
    (void)snprintf(number, size, "%u", transport);
    return transport == TCP ? "tcp" : transport == UDP ? "udp" : number;
}

static const char *capture_name(const struct p2i_statistics *statistics, uint32_t capture)
{
    return capture < statistics->capture_count ? statistics->captures[capture]->path : "";
}

static void address_text(const struct p2i_explained *example, unsigned end, char *text,
                         socklen_t size)
{
    (void)inet_ntop(example->facts.ip_version == 4 ? AF_INET : AF_INET6, example->address[end],
                    text, size);
}

/* Patterns that are printed, and what is behind them. */
struct shown {
    size_t count, left;
    uint64_t sessions_left;
};

static struct shown shown_patterns(const struct p2i_explanation *explanation)
{
    struct shown shown = {.count = explanation->pattern_count};
    for (; shown.count > P2I_EXPLAIN_SHOWN; shown.count--) {
        shown.left++;
        shown.sessions_left += explanation->patterns[shown.count - 1].sessions;
    }
    return shown;
}

/* ---- text ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_amount(FILE *out, const char *name, const struct p2i_amount *amount)
{
    fprintf(out, "%-32s %12" PRIu64 " %14" PRIu64 " %17" PRIu64 "\n", name, amount->sessions,
            amount->packets, amount->bytes);
}

/* Prints the first bytes of an end, ".." where sessions differ, and as characters. */
static void print_bytes(FILE *out, const struct p2i_pattern *pattern, unsigned end)
{
    for (unsigned i = 0; i < P2I_EXPLAIN_BYTES; i++) {
        if (i >= pattern->size[end]) {
            fputs("   ", out);
        } else if ((pattern->same[end] >> i & 1) != 0) {
            fprintf(out, "%02x ", pattern->bytes[end][i]);
        } else {
            fputs(".. ", out);
        }
    }
    fputs(" |", out);
    for (unsigned i = 0; i < pattern->size[end]; i++) {
        uint8_t byte = pattern->bytes[end][i];
        bool shown = (pattern->same[end] >> i & 1) != 0 && byte >= ' ' && byte <= '~';
        fputc(shown ? byte : '.', out);
    }
    fputs("|\n", out);
}

static void print_pattern(FILE *out, const struct p2i_pattern *pattern)
{
    char number[8];
    char port[8] = "*";
    const char *transport = transport_name(pattern->transport, number, sizeof number);
    if (!pattern->ports_differ) {
        (void)snprintf(port, sizeof port, "%u", pattern->port);
    }
    fprintf(out, "  %10" PRIu64 "  %s %-6s", pattern->sessions, transport, port);
    bool first = true;
    for (unsigned end = 0; end < 2; end++) {
        if (pattern->same[end] != 0) {
            fprintf(out, "%*s%c ", first ? 1 : 25, "", end == 0 ? '>' : '<');
            print_bytes(out, pattern, end);
            first = false;
        }
    }
    fputs(first ? " the first bytes differ\n" : "", out);
}

static void print_patterns(FILE *out, const struct p2i_explanation *explanation)
{
    struct shown shown = shown_patterns(explanation);
    fputs("    sessions  server     first bytes: > of the client, < of the server\n", out);
    for (size_t i = 0; i < shown.count; i++) {
        print_pattern(out, &explanation->patterns[i]);
    }
    if (shown.left > 0) {
        fprintf(out, "  %10" PRIu64 "  in %zu other pattern%s\n", shown.sessions_left, shown.left,
                plural(shown.left));
    }
    if (explanation->without_pattern > 0) {
        fprintf(out, "  %10" PRIu64 "  not grouped: there were more patterns than are kept\n",
                explanation->without_pattern);
    }
}

static void print_protocols(FILE *out, const struct p2i_reason *reason)
{
    const char *before = "  protocols: ";
    const struct p2i_protocol_facts *facts;
    bool any = false;
    for (unsigned i = P2I_ID_UNKNOWN + 1; i < P2I_EXPLAIN_PROTOCOLS; i++) {
        facts = reason->protocols[i] > 0 ? p2i_protocol_facts((enum p2i_protocol_id)i) : NULL;
        if (facts != NULL) {
            fprintf(out, "%s%s %" PRIu64, before, facts->name, reason->protocols[i]);
            before = ", ";
            any = true;
        }
    }
    if (any && reason->protocols[P2I_ID_UNKNOWN] > 0) {
        fprintf(out, "%snot recognised %" PRIu64, before, reason->protocols[P2I_ID_UNKNOWN]);
    }
    fputs(any ? "\n" : "", out);
}

static void print_end(FILE *out, const struct p2i_explained *example, unsigned end)
{
    char address[INET6_ADDRSTRLEN] = "";
    bool bracket = example->facts.ip_version != 4 && example->facts.port[end] != 0;
    address_text(example, end, address, sizeof address);
    fprintf(out, "%s%s%s", bracket ? "[" : "", address, bracket ? "]" : "");
    if (example->facts.port[end] != 0) {
        fprintf(out, ":%u", example->facts.port[end]);
    }
}

/* What a reason means, or what to do about it; pcap2ipfix(1), EXPLANATION, has more. */
static const char *meaning_of(unsigned reason)
{
    static const char *const meanings[P2I_EXPLAIN_REASONS] = {
        [P2I_NO_RECORD_NO_PAYLOAD] = "nothing but headers: a scan, a refused or idle connection",
        [P2I_NO_RECORD_NOT_RECOGNISED] = "no protocol that is known",
        [P2I_NO_RECORD_NOTHING_TO_RECORD] =
            "known by name only (--records flow), or nothing was said that has records",
        [P2I_NO_RECORD_ENCRYPTED] = "encrypted, so that nothing in it can be read",
        [P2I_NO_RECORD_LOST] = "missing in the capture, or cut by its snaplen",
        [P2I_NO_RECORD_JOINED] = "the connection is older than the capture",
        [P2I_NO_RECORD_ONE_DIRECTION] = "the packets of the other end are not in the capture",
        [P2I_NO_RECORD_NOT_SELECTED] = "see --records",
        [P2I_NO_RECORD_EVICTED] = "see --memory",
        [P2I_NO_RECORD_LIMIT] = "see limits in pcap2ipfix.yaml(5)",
        [P2I_NO_RECORD_BROKEN] = "the protocol is known, but a message of it is broken",
    };
    return meanings[reason];
}

/* The name of the capture is left out where there is one only. */
static void print_example(FILE *out, const struct p2i_explained *example,
                          const struct p2i_statistics *statistics)
{
    char number[8];
    const struct p2i_session_facts *facts = &example->facts;
    fputs("  ", out);
    if (statistics->capture_count > 1) {
        p2i_print_safe(out, capture_name(statistics, facts->capture));
        fputs(": ", out);
    }
    fprintf(out, "packet %" PRIu64 ": %s ", facts->packet,
            transport_name(facts->transport, number, sizeof number));
    print_end(out, example, 0);
    fputs(" > ", out);
    print_end(out, example, 1);
    if (facts->protocol != P2I_ID_UNKNOWN) {
        fprintf(out, ", %s", p2i_protocol_facts(facts->protocol)->name);
    }
    fprintf(out, ", %" PRIu64 " packet%s, %" PRIu64 " bytes", example->packets,
            plural(example->packets), example->bytes);
    if (facts->reason_packet > 0) {
        fputs(", seen at packet ", out);
        if (facts->reason_capture != facts->capture) {
            p2i_print_safe(out, capture_name(statistics, facts->reason_capture));
            fputc(':', out);
        }
        fprintf(out, "%" PRIu64, facts->reason_packet);
    }
    fprintf(out, ", session %" PRIu64 "\n", facts->id);
}

static void print_reason(FILE *out, const struct p2i_explanation *explanation, unsigned number,
                         const struct p2i_statistics *statistics)
{
    const struct p2i_reason *reason = &explanation->reasons[number];
    const char *meaning = meaning_of(number);
    fprintf(out, "\n%s: %" PRIu64 " session%s%s%s\n", text_of(number), reason->amount.sessions,
            plural(reason->amount.sessions), meaning != NULL ? ": " : "",
            meaning != NULL ? meaning : "");
    print_protocols(out, reason);
    if (number == P2I_NO_RECORD_NOT_RECOGNISED) {
        print_patterns(out, explanation);
    }
    for (size_t i = 0; i < reason->example_count; i++) {
        print_example(out, &reason->examples[i], statistics);
    }
}

static void print_frames(FILE *out, const struct p2i_statistics *statistics)
{
    fputs("frames by fate\n", out);
    for (size_t i = 0; i < statistics->fate_count; i++) {
        if (statistics->fates[i] > 0) {
            fprintf(out, "%-32s %12" PRIu64 "  %s\n", p2i_fate_name((enum p2i_fate)i),
                    statistics->fates[i], p2i_fate_text((enum p2i_fate)i));
        }
    }
}

void p2i_print_explanation_text(FILE *out, const struct p2i_explanation *explanation,
                                const struct p2i_statistics *statistics)
{
    unsigned reasons[P2I_EXPLAIN_REASONS];
    size_t count = list_reasons(explanation, reasons);
    fprintf(out, "%-32s %12s %14s %17s\n", "", "sessions", "packets", "bytes");
    print_amount(out, "all", &explanation->all);
    print_amount(out, "gave records", &explanation->reasons[P2I_NO_RECORD_NONE].amount);
    for (size_t i = 0; i < count; i++) {
        print_amount(out, text_of(reasons[i]), &explanation->reasons[reasons[i]].amount);
    }
    fputc('\n', out);
    print_frames(out, statistics);
    for (size_t i = 0; i < count; i++) {
        print_reason(out, explanation, reasons[i], statistics);
    }
    if (count > 0) {
        fputs("\nThe packets of a session: ipfixtool extract --session ID CAPTURE... -w "
              "FILE.pcapng\n",
              out);
    }
}

/* ---- JSON ---- */

static void print_amount_json(FILE *out, const struct p2i_amount *amount)
{
    fprintf(out, "\"sessions\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64,
            amount->sessions, amount->packets, amount->bytes);
}

/* Hexadecimal digits, ".." where sessions differ. */
static void print_bytes_json(FILE *out, const char *name, const struct p2i_pattern *pattern,
                             unsigned end)
{
    fprintf(out, ",\"%s\":\"", name);
    for (unsigned i = 0; i < pattern->size[end]; i++) {
        if ((pattern->same[end] >> i & 1) != 0) {
            fprintf(out, "%02x", pattern->bytes[end][i]);
        } else {
            fputs("..", out);
        }
    }
    fputc('"', out);
}

static void print_pattern_json(FILE *out, const struct p2i_pattern *pattern)
{
    char number[8];
    fprintf(out, "{\"sessions\":%" PRIu64 ",\"transport\":\"%s\",\"port\":", pattern->sessions,
            transport_name(pattern->transport, number, sizeof number));
    if (pattern->ports_differ) {
        fputs("null", out);
    } else {
        fprintf(out, "%u", pattern->port);
    }
    print_bytes_json(out, "client", pattern, 0);
    print_bytes_json(out, "server", pattern, 1);
    fputc('}', out);
}

static void print_patterns_json(FILE *out, const struct p2i_explanation *explanation)
{
    struct shown shown = shown_patterns(explanation);
    fputs(",\"patterns\":[", out);
    for (size_t i = 0; i < shown.count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_pattern_json(out, &explanation->patterns[i]);
    }
    fprintf(out,
            "],\"other_patterns\":%zu,\"sessions_of_other_patterns\":%" PRIu64
            ",\"sessions_not_grouped\":%" PRIu64,
            shown.left, shown.sessions_left, explanation->without_pattern);
}

static void print_protocols_json(FILE *out, const struct p2i_reason *reason)
{
    const char *comma = "";
    const struct p2i_protocol_facts *facts;
    fputs(",\"protocols\":{", out);
    for (unsigned i = P2I_ID_UNKNOWN + 1; i < P2I_EXPLAIN_PROTOCOLS; i++) {
        facts = reason->protocols[i] > 0 ? p2i_protocol_facts((enum p2i_protocol_id)i) : NULL;
        if (facts != NULL) {
            fprintf(out, "%s\"%s\":%" PRIu64, comma, facts->name, reason->protocols[i]);
            comma = ",";
        }
    }
    fputc('}', out);
}

static void print_end_json(FILE *out, const char *name, const struct p2i_explained *example,
                           unsigned end)
{
    char address[INET6_ADDRSTRLEN] = "";
    address_text(example, end, address, sizeof address);
    fprintf(out, ",\"%s\":\"%s\",\"%s_port\":%u", name, address, name, example->facts.port[end]);
}

static void print_example_json(FILE *out, const struct p2i_explained *example,
                               const struct p2i_statistics *statistics)
{
    char number[8];
    const struct p2i_session_facts *facts = &example->facts;
    fputs("{\"capture\":", out);
    p2i_print_json_string(out, capture_name(statistics, facts->capture));
    fprintf(out, ",\"packet\":%" PRIu64 ",\"session\":\"%" PRIu64 "\",\"transport\":\"%s\"",
            facts->packet, facts->id, transport_name(facts->transport, number, sizeof number));
    print_end_json(out, "client", example, 0);
    print_end_json(out, "server", example, 1);
    if (facts->protocol != P2I_ID_UNKNOWN) {
        fprintf(out, ",\"protocol\":\"%s\"", p2i_protocol_facts(facts->protocol)->name);
    }
    fprintf(out, ",\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64, example->packets, example->bytes);
    if (facts->reason_packet > 0) {
        fputs(",\"at_capture\":", out);
        p2i_print_json_string(out, capture_name(statistics, facts->reason_capture));
        fprintf(out, ",\"at_packet\":%" PRIu64, facts->reason_packet);
    }
    fputc('}', out);
}

static void print_reason_json(FILE *out, const struct p2i_explanation *explanation, unsigned number,
                              const struct p2i_statistics *statistics)
{
    const struct p2i_reason *reason = &explanation->reasons[number];
    fprintf(out, "{\"reason\":\"%s\",", text_of(number));
    print_amount_json(out, &reason->amount);
    print_protocols_json(out, reason);
    if (number == P2I_NO_RECORD_NOT_RECOGNISED) {
        print_patterns_json(out, explanation);
    }
    fputs(",\"examples\":[", out);
    for (size_t i = 0; i < reason->example_count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_example_json(out, &reason->examples[i], statistics);
    }
    fputs("]}", out);
}

void p2i_print_explanation_json(FILE *out, const struct p2i_explanation *explanation,
                                const struct p2i_statistics *statistics)
{
    unsigned reasons[P2I_EXPLAIN_REASONS];
    size_t count = list_reasons(explanation, reasons);
    fputs("{\"program\":\"pcap2ipfix\",\"version\":\"" P2I_VERSION "\",", out);
    print_amount_json(out, &explanation->all);
    fputs(",\"with_records\":{", out);
    print_amount_json(out, &explanation->reasons[P2I_NO_RECORD_NONE].amount);
    fputs("},\"reasons\":[", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_reason_json(out, explanation, reasons[i], statistics);
    }
    fprintf(out, "],\"frames\":%" PRIu64 ",\"fates\":{", statistics->frames);
    for (size_t i = 0; i < statistics->fate_count; i++) {
        fprintf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", p2i_fate_name((enum p2i_fate)i),
                statistics->fates[i]);
    }
    fputs("}}\n", out);
}
