/* SPDX-License-Identifier: MIT */
/* Extended records as a program that embeds the engine gets them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/* A run of the frames with extended records of these kinds. */
static void run_extended(struct run *run, unsigned threads, const char *records,
                         const struct frames *frames,
                         void (*look)(struct run *run, const struct p2i_record *record))
{
    run_prepare(run, threads);
    run->look = look;
    run_set(run, "extended", "true");
    run_set(run, "records", records);
    run_begin(run);
    run_feed(run, frames);
    run_finish(run);
    cr_expect_null(run->wrong, "%s", run->wrong);
}

static bool has_number(const struct p2i_record *record, const char *name, uint64_t wanted)
{
    uint64_t number;
    return p2i_record_unsigned(record, name, &number) && number == wanted;
}

/* What the functions say is what the fields have. */
static void look_at_all(struct run *run, const struct p2i_record *record)
{
    uint32_t capture;
    uint64_t packet = p2i_record_packet(record, &capture);
    uint16_t ports[2];
    size_t size;
    const struct p2i_template *of = p2i_record_template(record);
    p2i_record_ports(record, ports);
    if (!of->extended || p2i_template_by_id(of->id) != of ||
        of != p2i_extended_template_of(p2i_record_kind_of(record), of->ip_version)) {
        run->wrong = "the template";
    } else if (!has_number(record, "observationTimeNanoseconds", p2i_record_time_ns(record))) {
        run->wrong = "the time";
    } else if (!has_number(record, "observationPointId", (uint64_t)capture + 1) ||
               !has_number(record, "selectorIdTotalPktsObserved", packet)) {
        run->wrong = "the packet";
    } else if (!has_number(record, "flowEndReason", p2i_record_end_reason(record))) {
        run->wrong = "the end";
    } else if (!has_number(record, "protocolIdentifier", p2i_record_transport(record)) ||
               !has_number(record, "sourceTransportPort", ports[0]) ||
               !has_number(record, "destinationTransportPort", ports[1])) {
        run->wrong = "transport and ports";
    } else if (p2i_record_json(record, &size) == NULL ||
               strstr(p2i_record_json(record, &size), "\"community_id\":\"1:") == NULL) {
        run->wrong = "the JSON";
    }
    run->looked++;
}

Test(extended, functions_and_fields_agree)
{
    struct frames frames = {0};
    struct run expected;
    frames_load_all(&frames);
    run_extended(&expected, 1, "all", &frames, look_at_all);
    cr_expect_gt(expected.looked, 1000);
    for (unsigned i = 1; i < THREAD_COUNTS; i++) {
        struct run run;
        run_extended(&run, thread_counts[i], "all", &frames, look_at_all);
        run_expect_same(&run, &expected, "extended");
        run_end(&run);
    }
    run_end(&expected);
    frames_free(&frames);
}

/* Names of captures outlive the reading in which they were opened. */
Test(extended, captures_have_their_names)
{
    struct run run;
    run_prepare(&run, 1);
    run_set(&run, "extended", "true");
    run_begin(&run);
    for (int i = 0; i < 2; i++) {
        char *path = strdup(sample_path(i == 0 ? "dns-udp.pcap" : "sip-udp.pcap"));
        const char *paths[] = {path};
        cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
        free(path);
    }
    run_finish(&run);
    size_t seen[2] = {0};
    for (size_t i = 0; i < run.count; i++) {
        const struct event *event = &run.events[i];
        if (event->what == RECORD) {
            char text[8192];
            (void)snprintf(text, sizeof text, "%.*s", (int)event->text_size,
                           (const char *)run.log.data + event->text);
            bool second = strstr(text, "/sip-udp.pcap\"") != NULL;
            cr_expect(second || strstr(text, "/dns-udp.pcap\"") != NULL, "%s", text);
            cr_expect_not_null(
                strstr(text, second ? "\"observationPointId\":2" : "\"observationPointId\":1"),
                "%s", text);
            seen[second]++;
        }
    }
    cr_expect(seen[0] > 0 && seen[1] > 0);
    run_end(&run);
}

/* How flows end, and what was lost. `ports` of the sessions: see flow_ends. */
enum { UDP = 17, TCP = 6, FIN = 17, SYN = 2, ACK = 16, RST = 4, DATA = 24 };

static void look_at_flows(struct run *run, const struct p2i_record *record)
{
    static const struct {
        uint16_t port;
        uint8_t reason;
        const char *json;
    } wanted[] = {
        {1001, 1, "\"lost_bytes\":0,\"cut_bytes\":0,"},  /* silent for long */
        {1002, 3, "\"lost_bytes\":10,\"cut_bytes\":0,"}, /* FIN of both, and a gap */
        {1003, 3, "\"lost_bytes\":0,\"cut_bytes\":0,"},  /* RST */
        {1004, 4, "\"lost_bytes\":0,\"cut_bytes\":7,"},  /* the capture ends; cut by the snaplen */
    };
    uint16_t ports[2];
    size_t size;
    p2i_record_ports(record, ports);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (wanted[i].port != ports[0] && wanted[i].port != ports[1]) {
            continue;
        }
        run->looked++;
        const char *json = p2i_record_json(record, &size);
        if (p2i_record_end_reason(record) != wanted[i].reason ||
            strstr(json, wanted[i].json) == NULL) {
            static char text[4096];
            (void)snprintf(text, sizeof text, "wanted %u %s: %s", wanted[i].reason, wanted[i].json,
                           json);
            run->wrong = text;
        }
    }
}

Test(extended, ends_and_losses_of_flows)
{
    static const struct sent sent[] = {
        {.transport = UDP, .port = 1001, .text = "x"},
        {.transport = TCP, .port = 1002, .flags = SYN, .sequence = 99},
        {.transport = TCP, .port = 1002, .flags = DATA, .sequence = 100, .text = "0123456789"},
        {.transport = TCP, .port = 1002, .flags = DATA, .sequence = 120, .text = "0123456789"},
        {.transport = TCP, .port = 1002, .flags = FIN, .sequence = 130},
        {.transport = TCP, .port = 1002, .back = true, .flags = FIN, .acknowledgement = 131},
        {.transport = TCP, .port = 1003, .flags = SYN, .sequence = 99},
        {.transport = TCP, .port = 1003, .back = true, .flags = RST},
        {.transport = UDP, .port = 1004, .text = "x", .time_ms = 2000000},
        {.transport = UDP, .port = 1004, .text = "0123456789", .uncaptured = 7, .time_ms = 2000001},
    };
    static const char *const kinds[] = {"flow", "biflow"};
    for (size_t kind = 0; kind < 2; kind++) {
        struct frames frames = {0};
        struct run run;
        for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
            frames_send(&frames, sent[i]);
        }
        run_extended(&run, 1, kinds[kind], &frames, look_at_flows);
        cr_expect_eq(run.looked, kind == 0 ? 6 : 4, "%u", run.looked);
        run_end(&run);
        frames_free(&frames);
    }
}
