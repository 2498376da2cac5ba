/* SPDX-License-Identifier: MIT */
/* Collectors through the exporter's interface, with sockets that the test holds itself and a clock
 * that does not make it wait. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/counts.h"
#include "helpers/fake_clock.h"
#include "helpers/folder.h"
#include "helpers/needs.h"
#include "helpers/samples.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/reader.h"
#include "transport/collector.h"

#define S UINT64_C(1000000000)

struct site {
    int socket; /* what the collector has */
    int connection;
    struct folder folder;
    char url[128];
    struct fake_clock time;
    struct p2i_clock clock;
    struct p2i_delivery delivery;
    struct p2i_collector_settings settings;
    struct p2i_collector_summary summary;
    char spool[P2I_SPOOL_PATH_MAX];
    struct p2i_exporter *exporter;
    struct p2i_buffer record;
    struct p2i_buffer received; /* datagrams or a stream */
    size_t datagrams, largest;
    struct p2i_error error;
};

static struct site site;

static void receive(void *context)
{
    uint8_t bytes[65536];
    ssize_t size;
    (void)context;
    while ((size = recv(site.socket, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        cr_assert(p2i_buffer_reserve(&site.received, (size_t)size));
        memcpy(site.received.data + site.received.size, bytes, (size_t)size);
        site.received.size += (size_t)size;
        site.datagrams++;
        site.largest = (size_t)size > site.largest ? (size_t)size : site.largest;
    }
}

/* A socket on loopback, and everything else but the exporter. */
static void begin(const char *transport, int type, bool listening, const char *parameters)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    site = (struct site){.connection = -1, .folder = folder_make()};
    site.socket = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(site.socket, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(site.socket, (struct sockaddr *)&address, &size), 0);
    cr_assert(!listening || listen(site.socket, 8) == 0);
    (void)snprintf(site.url, sizeof site.url, "%s://127.0.0.1:%d%s", transport,
                   ntohs(address.sin_port), parameters);
    site.time.now_ns = 1000 * S;
    site.clock = (struct p2i_clock){fake_now, fake_wall, fake_wait, &site.time};
    p2i_delivery_default(&site.delivery);
    site.delivery.report = fake_report;
    site.delivery.log = fake_log;
    site.delivery.is_stopped = fake_stopped;
    site.delivery.context = &site.time;
    site.delivery.clock = &site.clock;
    site.delivery.spool_folder = site.folder.path;
    site.settings.url = site.url;
    site.summary.spool = site.spool;
}

static void open_exporter(void)
{
    site.spool[0] = '\0';
    site.summary = (struct p2i_collector_summary){.spool = site.spool};
    cr_assert_eq(p2i_collector_open(&site.exporter, &site.settings, &site.delivery, NULL,
                                    &site.summary, &site.error),
                 P2I_OK, "%s", site.error.text);
}

static void begin_udp(void)
{
    begin("udp", SOCK_DGRAM, false, "");
    site.time.waiting = receive;
}

static void write_one(enum p2i_record_kind kind, uint32_t time_s, size_t octets)
{
    site.record.size = 0;
    struct p2i_record record = sample_record(&site.record, kind, 4, time_s, octets);
    cr_assert_eq(site.exporter->methods->write(site.exporter, &record, &site.error), P2I_OK, "%s",
                 site.error.text);
}

static enum p2i_result finish(void)
{
    return site.exporter->methods->finish(site.exporter, 0, &site.error);
}

static void end(void)
{
    if (site.exporter != NULL) {
        site.exporter->methods->free(site.exporter);
    }
    p2i_buffer_free(&site.record);
    p2i_buffer_free(&site.received);
    (void)close(site.socket);
    if (site.connection >= 0) {
        (void)close(site.connection);
    }
    if (site.summary.spool[0] != '\0') {
        (void)unlink(site.summary.spool);
    }
    folder_remove(&site.folder);
}

/* Records in bytes of messages; nothing may be wrong with them. */
static size_t count_records(const void *data, size_t size)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    enum p2i_result result;
    cr_assert_eq(p2i_reader_open_bytes(&reader, data, size, NULL, NULL, &error), P2I_OK);
    while ((result = p2i_reader_next(reader, &record, &error)) == P2I_OK) {
    }
    cr_expect_eq(result, P2I_END);
    struct p2i_reader_counts counts = p2i_reader_counts(reader);
    cr_expect_eq(counts.defects, 0);
    p2i_reader_close(reader);
    return counts.records;
}

static size_t count_spooled(void)
{
    struct p2i_view bytes = file_read(site.summary.spool);
    size_t count = count_records(bytes.data, bytes.size);
    free((void *)(uintptr_t)bytes.data);
    return count;
}

Test(collector, backs_off_and_spools)
{
    begin("tcp", SOCK_STREAM, false, "");
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    write_one(P2I_RECORD_FLOW, 1, 0);
    uint64_t begun = site.time.now_ns;
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_not_null(strstr(site.error.text, "2 records kept in "), "%s", site.error.text);
    cr_expect(site.time.now_ns - begun >= 300 * S && site.time.now_ns - begun < 301 * S);
    /* One second, doubling to thirty: the time between two reported attempts. */
    static const unsigned waits[] = {1, 2, 4, 8, 16, 30, 30, 30};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        cr_expect_not_null(strstr(site.time.texts[i], "Connection refused"));
        cr_expect_eq((site.time.told_ns[i + 1] - site.time.told_ns[i]) / S, waits[i], "%zu", i);
    }
    cr_expect_eq(site.summary.records_spooled, 2);
    cr_expect_eq(site.summary.connections, 0);
    cr_expect_eq(count_spooled(), 2);
    end();
}

Test(collector, a_command_without_room_is_left_out)
{
    begin("tcp", SOCK_STREAM, false,
          "?channels=dns,flow,meta,clickstream&channels=dns,flow,meta,clickstream");
    site.delivery.retry_s = 1;
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_not_null(strstr(site.error.text, "Connection refused; 1 records kept in "));
    cr_expect_not_null(strstr(site.error.text, ".spool.ipfix (see ipfixtool send)"), "%s",
                       site.error.text);
    end();
}

Test(collector, no_spool_replaces_another)
{
    begin("tcp", SOCK_STREAM, false, "");
    char first[P2I_SPOOL_PATH_MAX];
    site.delivery.retry_s = 1;
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_COLLECTOR);
    site.exporter->methods->free(site.exporter);
    memcpy(first, site.summary.spool, sizeof first);
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_str_neq(first, site.summary.spool);
    cr_expect_eq(count_spooled(), 2);
    cr_expect_eq(folder_count(&site.folder), 2);
    (void)unlink(first);
    end();
}

Test(collector, a_spool_that_cannot_be_written_is_an_error)
{
    begin("tcp", SOCK_STREAM, false, "");
    site.delivery.retry_s = 1;
    site.delivery.spool_folder = "/no/such/folder";
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_OUTPUT);
    cr_expect_not_null(strstr(site.error.text, "/no/such/folder/127.0.0.1_"));
    site.summary.spool[0] = '\0';
    end();
}

Test(collector, a_spool_that_is_not_complete_leaves_no_file)
{
    begin("tcp", SOCK_STREAM, false, "");
    site.delivery.retry_s = 1;
    struct rlimit limit = {16, 16};
    (void)signal(SIGXFSZ, SIG_IGN);
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(finish(), P2I_OUTPUT);
    site.exporter->methods->free(site.exporter);
    cr_expect_eq(folder_count(&site.folder), 0);
    site.exporter = NULL;
    end();
}

Test(collector, a_stopped_run_gives_up_soon)
{
    begin("tcp", SOCK_STREAM, false, "");
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    site.time.stopped = true;
    uint64_t begun = site.time.now_ns;
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_leq(site.time.now_ns - begun, 6 * S);
    cr_expect_eq(count_spooled(), 1);
    end();
}

Test(collector, waits_for_the_close_but_not_for_ever)
{
    begin("tcp", SOCK_STREAM, true, "");
    open_exporter();
    write_one(P2I_RECORD_DNS, 7, 10);
    uint64_t begun = site.time.now_ns;
    cr_expect_eq(finish(), P2I_OK, "%s", site.error.text);
    /* The acknowledgement takes its real time. */
    cr_expect_geq(site.time.now_ns - begun, 40 * S);
    cr_expect(fake_was_told(&site.time, "did not close"));
    cr_expect_eq(site.summary.records_sent, 1);
    cr_expect_eq(site.summary.records_resent, 0);
    uint8_t bytes[4096];
    site.connection = accept(site.socket, NULL, NULL);
    ssize_t size = recv(site.connection, bytes, sizeof bytes, 0);
    cr_assert_gt(size, 0);
    cr_expect_eq(count_records(bytes, (size_t)size), 1);
    cr_expect_eq(p2i_load_be32(bytes + 4), 7);
    cr_expect_eq(recv(site.connection, bytes, sizeof bytes, 0), 0);
    end();
}

Test(collector, export_time_now)
{
    begin("tcp", SOCK_STREAM, true, "");
    site.delivery.export_time_now = true;
    open_exporter();
    write_one(P2I_RECORD_DNS, 7, 10);
    cr_expect_eq(finish(), P2I_OK);
    uint8_t header[16];
    site.connection = accept(site.socket, NULL, NULL);
    cr_assert_eq(recv(site.connection, header, sizeof header, MSG_WAITALL), 16);
    cr_expect_eq(p2i_load_be32(header + 4), 1900000000);
    end();
}

/* Reads all that comes over the only connection. */
static void read_stream(void *context)
{
    static uint8_t bytes[1 << 20];
    (void)context;
    if (site.connection < 0) {
        site.connection = accept4(site.socket, NULL, NULL, SOCK_NONBLOCK);
    }
    if (site.connection >= 0 && recv(site.connection, bytes, sizeof bytes, 0) == 0) {
        (void)shutdown(site.connection, SHUT_WR);
    }
}

/* Keeps the only connection, reads nothing. */
static void accept_only(void *context)
{
    (void)context;
    if (site.connection < 0) {
        site.connection = accept4(site.socket, NULL, NULL, SOCK_NONBLOCK);
    }
}

Test(collector, a_collector_that_reads_nothing_leads_to_the_spool)
{
    begin("tcp", SOCK_STREAM, true, "");
    int small = 4096;
    (void)setsockopt(site.socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    site.time.waiting = accept_only;
    open_exporter();
    size_t count = 0;
    while (site.summary.spool[0] == '\0') {
        write_one(P2I_RECORD_DNS, 1, 1000);
        count++;
        cr_assert_lt(count, 100000);
    }
    /* A bounded queue and the buffers of the system. */
    cr_expect_lt(count, 10000);
    for (int i = 0; i < 10; i++) {
        write_one(P2I_RECORD_DNS, 1, 1000);
    }
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_eq(site.summary.records_spooled, count + 10);
    cr_expect_eq(count_spooled(), count + 10);
    end();
}

Test(collector, gets_its_channels_only)
{
    begin("tcp", SOCK_STREAM, true, "?channels=dns,flow");
    open_exporter();
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        write_one((enum p2i_record_kind)kind, 1, 0);
    }
    cr_expect_eq(site.exporter->records_written, 3); /* dns, flow, biflow */
    cr_expect_eq(site.summary.records, 3);           /* dns, flow, biflow */
    site.time.stopped = true;
    (void)finish();
    end();
}

Test(collector, the_rate_holds)
{
    begin("tcp", SOCK_STREAM, true, "");
    site.delivery.rate_bytes = 100000;
    site.time.waiting = read_stream;
    open_exporter();
    uint64_t begun = site.time.now_ns;
    for (int i = 0; i < 400; i++) {
        write_one(P2I_RECORD_DNS, 1, 1000);
    }
    cr_expect_eq(finish(), P2I_OK);
    uint64_t took = site.time.now_ns - begun;
    cr_expect(took >= 3 * S && took < 5 * S, "%lu ms", (unsigned long)(took / 1000000));
    end();
}

Test(collector, a_slow_rate_is_no_fault_of_the_collector)
{
    begin("tcp", SOCK_STREAM, true, "");
    site.delivery.rate_bytes = 1000;
    site.delivery.retry_s = 3;
    site.time.waiting = read_stream;
    open_exporter();
    for (int i = 0; i < 200; i++) {
        write_one(P2I_RECORD_DNS, 1, 1000);
    }
    cr_expect_eq(finish(), P2I_OK, "%s", site.error.text);
    cr_expect_eq(site.summary.records_spooled, 0);
    end();
}

/* Takes one connection, and is gone much later. */
static void leave_late(void *context)
{
    struct linger linger = {1, 0};
    accept_only(context);
    if (site.time.now_ns < 1050 * S || site.connection < 0 || site.socket < 0) {
        return;
    }
    (void)setsockopt(site.connection, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    (void)close(site.connection);
    (void)close(site.socket);
    site.connection = -1;
    site.socket = -1;
}

Test(collector, a_collector_lost_after_a_long_quiet_time_is_retried_in_full)
{
    begin("tcp", SOCK_STREAM, true, "");
    site.time.waiting = leave_late;
    site.delivery.pace = 1;
    site.delivery.retry_s = 10;
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    write_one(P2I_RECORD_DNS, 201, 10);
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_assert_gt(site.time.text_count, 0);
    for (size_t i = 0; i < site.time.text_count; i++) {
        bool spools = strstr(site.time.texts[i], "the remaining records go to") != NULL;
        cr_expect(!spools || site.time.told_ns[i] >= 1060 * S, "%s", site.time.texts[i]);
    }
    cr_expect_eq(count_spooled(), 2);
    end();
}

/* The template message that begins at each datagram, counted. */
static size_t count_templates(void)
{
    size_t count = 0;
    for (size_t at = 0; at < site.received.size;) {
        count += p2i_load_be16(site.received.data + at + 16) == 2;
        at += p2i_load_be16(site.received.data + at + 2);
    }
    return count;
}

/* Messages that a collector could not read which forgets a template when its data are more than
 * 1,800 seconds of export time ahead of it, or are behind it. Each of ours has one set in it, or
 * templates only; domains and templates have small numbers. */
static size_t lost_by_age(void)
{
    static int64_t stamps[16][1024];
    size_t lost = 0;
    memset(stamps, 0xff, sizeof stamps);
    for (size_t at = 0; at < site.received.size;) {
        const uint8_t *message = site.received.data + at;
        size_t size = p2i_load_be16(message + 2);
        int64_t time_s = p2i_load_be32(message + 4);
        int64_t *of_domain = stamps[p2i_load_be32(message + 12) % 16];
        for (size_t set = 16; set < size; set += p2i_load_be16(message + set + 2)) {
            unsigned id = p2i_load_be16(message + set);
            if (id == 2) {
                of_domain[p2i_load_be16(message + set + 4) % 1024] = time_s;
            } else {
                int64_t stamp = of_domain[id % 1024];
                lost += stamp < 0 || time_s < stamp || time_s - stamp > 1800;
            }
        }
        at += size;
    }
    return lost;
}

Test(collector, udp_templates_have_the_time_of_their_data)
{
    static const uint32_t times[] = {100000, 100010, 101900, 99000, 99001, 200000, 1, 1, 5000};
    begin_udp();
    open_exporter();
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        write_one(P2I_RECORD_DNS, times[i], 1000);
        write_one(P2I_RECORD_DNS, times[i], 1000);
        /* Of another domain, and later. */
        write_one(P2I_RECORD_FLOW, times[i] + 1000, 0);
        site.time.now_ns += 2 * S;
    }
    cr_expect_eq(finish(), P2I_OK, "%s", site.error.text);
    receive(NULL);
    cr_expect_eq(count_records(site.received.data, site.received.size), 3 * 9);
    cr_expect_eq(lost_by_age(), 0);
    end();
}

Test(collector, udp_messages_are_short_and_templates_come_again)
{
    begin_udp();
    open_exporter();
    for (int i = 0; i < 2500; i++) {
        write_one(P2I_RECORD_DNS, 1, 1000);
        receive(NULL);
    }
    cr_expect_eq(site.summary.messages, 2499);
    cr_expect_eq(count_templates(), 3);
    cr_expect_eq(p2i_load_be16(site.received.data + 16), 2);
    site.time.now_ns += 31 * S;
    write_one(P2I_RECORD_FLOW, 1, 0);
    cr_expect_eq(finish(), P2I_OK, "%s", site.error.text);
    receive(NULL);
    cr_expect_leq(site.largest, 1400);
    /* Those of dns after 30 s, and the one of flow, in domains of their own. */
    cr_expect_eq(count_templates(), 5);
    cr_expect_eq(lost_by_age(), 0);
    cr_expect_eq(count_records(site.received.data, site.received.size), 2501);
    end();
}

Test(collector, udp_shortens_long_strings)
{
    for (size_t octets = 1200; octets < 60000; octets = octets < 1400 ? octets + 1 : 2 * octets) {
        begin_udp();
        open_exporter();
        write_one(P2I_RECORD_DNS, 1, octets);
        size_t size = site.record.size;
        cr_expect_eq(finish(), P2I_OK);
        receive(NULL);
        cr_expect_leq(site.largest, 1400);
        cr_expect_eq(site.summary.records_cut, size > 1380);
        cr_expect_eq(count_records(site.received.data, site.received.size), 1);
        end();
    }
}

Test(collector, udp_without_a_listener_is_reported)
{
    begin("udp", SOCK_DGRAM, false, "");
    (void)close(site.socket);
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_COLLECTOR);
    cr_expect_gt(site.summary.refused, 0);
    cr_expect(fake_was_told(&site.time, "port unreachable"));
    site.socket = -1;
    end();
}

Test(collector, udp_keeps_its_rate)
{
    begin_udp();
    site.delivery.rate_bytes = 1000000;
    open_exporter();
    uint64_t begun = site.time.now_ns;
    for (int i = 0; i < 3000; i++) {
        write_one(P2I_RECORD_DNS, 1, 1000);
    }
    cr_expect_eq(finish(), P2I_OK);
    cr_expect_eq(count_records(site.received.data, site.received.size), 3000);
    uint64_t took = site.time.now_ns - begun;
    cr_expect(took >= 3 * S && took < 4 * S, "%lu ms", (unsigned long)(took / 1000000));
    end();
}

Test(collector, the_pace_is_that_of_the_capture)
{
    begin_udp();
    site.delivery.pace = 10;
    open_exporter();
    uint64_t begun = site.time.now_ns;
    write_one(P2I_RECORD_DNS, 5000, 10);
    write_one(P2I_RECORD_DNS, 5000, 10);
    cr_expect_eq(site.time.now_ns, begun);
    write_one(P2I_RECORD_DNS, 5060, 10);
    cr_expect_eq((site.time.now_ns - begun) / S, 6);
    /* What was before has left meanwhile. */
    receive(NULL);
    cr_expect_eq(count_records(site.received.data, site.received.size), 2);
    site.time.stopped = true;
    write_one(P2I_RECORD_DNS, 9000, 10);
    cr_expect_eq((site.time.now_ns - begun) / S, 6);
    cr_expect_eq(finish(), P2I_OK);
    end();
}

Test(collector, open_messages_leave_within_the_period)
{
    begin_udp();
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    site.time.now_ns += 2 * S;
    for (int i = 0; i < 65; i++) {
        write_one(P2I_RECORD_FLOW, 1, 0);
    }
    receive(NULL);
    cr_expect_gt(site.datagrams, 1);
    cr_expect_eq(finish(), P2I_OK);
    end();
}

/* The last reported text. */
static const char *last_text(void)
{
    cr_assert_gt(site.time.text_count, 0);
    return site.time.texts[site.time.text_count - 1];
}

Test(collector, statistics_as_the_gateway_has_them)
{
    char wanted[256];
    begin_udp();
    open_exporter();
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_OK);
    (void)snprintf(wanted, sizeof wanted,
                   "[STAT][1900000000123456] Statistics on NFLW_export : "
                   "{1/0/0.00%%/0us/1000000us} %s",
                   site.url);
    cr_expect_str_eq(last_text(), wanted);
    site.exporter->methods->free(site.exporter);
    /* Now the clock runs while a message is sent. */
    site.time.text_count = 0;
    open_exporter();
    site.time.step_ns = 2 * S;
    write_one(P2I_RECORD_DNS, 1, 10);
    cr_expect_eq(finish(), P2I_OK);
    site.time.step_ns = 0;
    (void)snprintf(wanted, sizeof wanted,
                   "[WARNING][1900000000123456] [NFLW] very long operation %luus %s !",
                   (unsigned long)site.summary.longest_us, site.url);
    cr_expect_str_eq(site.time.texts[site.time.text_count - 2], wanted);
    (void)snprintf(wanted, sizeof wanted,
                   "[STAT][1900000000123456] Statistics on NFLW_export : "
                   "{1/1/100.00%%/%luus/1000000us} %s",
                   (unsigned long)site.summary.longest_us, site.url);
    cr_expect_str_eq(last_text(), wanted);
    site.time.text_count = 0;
    end();
}

/* Of three sends one takes too long. */
Test(collector, the_share_of_long_sends_is_rounded)
{
    begin_udp();
    open_exporter();
    for (int i = 0; i < 3; i++) {
        site.time.step_ns = i == 1 ? 2 * S : 0;
        for (int j = 0; j < 2; j++) {
            write_one(P2I_RECORD_DNS, 1, j == 0 ? 1300 : 1000);
        }
        site.time.step_ns = 0;
    }
    cr_expect_eq(finish(), P2I_OK);
    uint64_t cycles = site.summary.cycles;
    uint64_t over = site.summary.cycles_over;
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "{%lu/%lu/%.2f%%/", (unsigned long)cycles,
                   (unsigned long)over, 100.0 * (double)over / (double)cycles);
    cr_expect(over > 0 && over < cycles);
    cr_expect(fake_was_told(&site.time, wanted), "%s, not %s", last_text(), wanted);
    end();
}

Test(collector, a_wrong_url_or_file_is_wrong_at_once, NEEDS_OPENSSL)
{
    begin("tls", SOCK_STREAM, false, "?ca=/no/such/file");
    cr_expect_eq(p2i_collector_open(&site.exporter, &site.settings, &site.delivery, NULL,
                                    &site.summary, &site.error),
                 P2I_USAGE);
    cr_expect_not_null(strstr(site.error.text, "/no/such/file"), "%s", site.error.text);
    cr_expect_null(site.exporter);
    site.settings.url = "tcp://here";
    cr_expect_eq(p2i_collector_open(&site.exporter, &site.settings, &site.delivery, NULL,
                                    &site.summary, &site.error),
                 P2I_USAGE);
    site.settings.url = "udp://127.0.0.1:1";
    site.delivery.udp_message_limit = 100;
    cr_expect_eq(p2i_collector_open(&site.exporter, &site.settings, &site.delivery, NULL,
                                    &site.summary, &site.error),
                 P2I_USAGE);
    (void)close(site.socket);
    folder_remove(&site.folder);
}
