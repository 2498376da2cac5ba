/* SPDX-License-Identifier: MIT */
#include "embedded.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINK_RAW = 101, MANY = 64 };

/* ---- frames ---- */

void frames_add(struct frames *frames, struct p2i_engine_frame frame)
{
    if (frames->count == frames->capacity) {
        frames->capacity = frames->capacity > 0 ? 2 * frames->capacity : 64;
        frames->list = realloc(frames->list, frames->capacity * sizeof *frames->list);
        cr_assert_not_null(frames->list);
    }
    uint8_t *data = malloc(frame.size > 0 ? frame.size : 1);
    cr_assert_not_null(data);
    if (frame.size > 0) {
        memcpy(data, frame.data, frame.size);
    }
    frame.struct_size = sizeof frame;
    frame.data = data;
    frames->list[frames->count++] = frame;
}

void frames_load(struct frames *frames, const char *sample, uint32_t capture)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *data;
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(sample_path(sample),
                                                           PCAP_TSTAMP_PRECISION_NANO, error);
    cr_assert_not_null(pcap, "%s", error);
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        frames_add(frames, (struct p2i_engine_frame){
                               .data = data,
                               .size = header->caplen,
                               .original_size = header->len,
                               .time_ns = (uint64_t)header->ts.tv_sec * UINT64_C(1000000000) +
                                          (uint64_t)header->ts.tv_usec,
                               .link_type = (uint16_t)pcap_datalink(pcap),
                               .capture = capture,
                           });
    }
    pcap_close(pcap);
}

void frames_load_all(struct frames *frames)
{
    size_t count;
    const char *const *paths = sample_paths(&count);
    for (size_t i = 0; i < count; i++) {
        frames_load(frames, strrchr(paths[i], '/') + 1, (uint32_t)i);
    }
}

void frames_free(struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        free((void *)(uintptr_t)frames->list[i].data);
    }
    free(frames->list);
    *frames = (struct frames){0};
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

void frames_send(struct frames *frames, struct sent sent)
{
    uint8_t bytes[2048] = {0x45, [8] = 64, [12] = 10, [16] = 10};
    size_t header = sent.transport == 6 ? 40 : 28;
    size_t payload = sent.text_size > 0  ? sent.text_size
                     : sent.text != NULL ? strlen(sent.text)
                                         : 0;
    size_t size = header + payload;
    unsigned server = sent.server != 0 ? sent.server : 9999;
    cr_assert_leq(size, sizeof bytes);
    put16(bytes + 2, (unsigned)size);
    bytes[9] = sent.transport;
    bytes[15] = sent.back ? 2 : 1;
    bytes[19] = sent.back ? 1 : 2;
    put16(bytes + 20, sent.back ? server : sent.port);
    put16(bytes + 22, sent.back ? sent.port : server);
    if (sent.transport == 6) {
        put32(bytes + 24, sent.sequence);
        put32(bytes + 28, sent.acknowledgement);
        put16(bytes + 32, 0x5000U | sent.flags);
        put16(bytes + 34, 65535);
    } else {
        put16(bytes + 24, (unsigned)(8 + payload));
    }
    if (payload > 0) {
        memcpy(bytes + header, sent.text, payload);
    }
    frames_add(frames, (struct p2i_engine_frame){
                           .data = bytes,
                           .size = (uint32_t)size - sent.uncaptured,
                           .original_size = (uint32_t)size,
                           .time_ns = (UINT64_C(1700000000000) + sent.time_ms) * 1000000,
                           .link_type = LINK_RAW,
                       });
}

const char *sample_path(const char *sample)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", SAMPLES, sample);
    return path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *const *sample_paths(size_t *count)
{
    static const char *paths[MANY];
    static size_t found;
    DIR *folder = found == 0 ? opendir(SAMPLES) : NULL;
    cr_assert(folder != NULL || found > 0);
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && (strcmp(end, ".pcap") == 0 || strcmp(end, ".pcapng") == 0)) {
            cr_assert_lt(found, MANY);
            paths[found] = strdup(sample_path(entry->d_name));
            cr_assert_not_null(paths[found++]);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
        qsort(paths, found, sizeof *paths, by_name);
    }
    *count = found;
    return paths;
}

/* ---- callbacks: perhaps in another thread, so they assert nothing ---- */

static void log_text(struct run *run, const char *format, ...) P2I_PRINTF(2, 3);

static void log_text(struct run *run, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line ||
        !p2i_append(&run->log, (struct p2i_view){(const uint8_t *)line, (size_t)size})) {
        run->wrong = "log";
    }
}

/* Returns whether the engine shall go on. */
static bool note(struct run *run, const struct event *event)
{
    if (run->count == run->capacity) {
        run->capacity = run->capacity > 0 ? 2 * run->capacity : 256;
        run->events = realloc(run->events, run->capacity * sizeof *run->events);
        if (run->events == NULL) {
            abort();
        }
    }
    run->events[run->count++] = *event;
    if (run->stop_at == 0 || event->what == LOGGED) {
        return true;
    }
    run->after += run->of_kind >= run->stop_at;
    run->of_kind += event->what == run->stop_kind;
    return run->of_kind < run->stop_at;
}

static bool take_record(void *context, const struct p2i_record *record)
{
    struct run *run = context;
    size_t json_size, size;
    struct event event = {
        .what = RECORD,
        .session = p2i_record_session(record),
        .kind = p2i_record_kind_of(record),
    };
    event.packet = p2i_record_packet(record, &event.capture);
    const char *json = p2i_record_json(record, &json_size);
    const void *bytes = p2i_record_bytes(record, &size);
    if (json == NULL || bytes == NULL || strlen(json) != json_size) {
        run->wrong = "JSON or bytes";
        return false;
    }
    if (run->look != NULL) {
        run->look(run, record);
    }
    log_text(run, "record %s %" PRIx64 " %" PRIu64 " of %u at %u%s: ", p2i_record_name(event.kind),
             event.session, event.packet, event.capture, p2i_record_time_s(record),
             p2i_record_is_cut(record) ? " cut" : "");
    event.text = run->log.size;
    event.text_size = json_size;
    if (!p2i_append(&run->log, (struct p2i_view){(const uint8_t *)json, json_size}) ||
        !p2i_append(&run->log, (struct p2i_view){bytes, size})) {
        run->wrong = "log";
    }
    log_text(run, "\n");
    return note(run, &event);
}

static bool take_session(void *context, const struct p2i_session_facts *facts)
{
    struct run *run = context;
    struct event event = {
        .what = facts->ended ? END : BEGIN,
        .session = facts->id,
        .packet = facts->packet,
        .capture = facts->capture,
        .facts = *facts,
    };
    log_text(run, "%s %" PRIx64 " %" PRIu64 " of %u", facts->ended ? "end" : "begin", facts->id,
             facts->packet, facts->capture);
    for (unsigned i = 0; i < 2; i++) {
        log_text(run, " ");
        for (unsigned j = 0; j < (facts->ip_version == 4 ? 4U : 16U); j++) {
            log_text(run, "%02x", facts->address[i][j]);
        }
        log_text(run, ":%u %" PRIu64 " %" PRIu64, facts->port[i], facts->packets[i],
                 facts->bytes[i]);
    }
    log_text(run, " %u %u %u: %" PRIu64 "-%" PRIu64 " %" PRIu64 " %" PRIu64 " %d %s",
             facts->ip_version, facts->transport, facts->scope, facts->first_ns, facts->last_ns,
             facts->records, facts->lost_bytes, facts->protocol,
             p2i_no_record_reason_text(facts->no_record_reason));
    for (unsigned i = 0; p2i_feature_name(i) != NULL; i++) {
        if (p2i_session_has(facts, i)) {
            log_text(run, " %s", p2i_feature_name(i));
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned j = 0; j < facts->first_size[i]; j++) {
            log_text(run, "%s%02x", j == 0 ? " " : "", facts->first_bytes[i][j]);
        }
    }
    log_text(run, " decided at %" PRIu64 " of %u\n", facts->reason_packet, facts->reason_capture);
    if (facts->struct_size != sizeof *facts) {
        run->wrong = "size of session facts";
    }
    return note(run, &event);
}

static bool take_packet(void *context, const struct p2i_packet_facts *facts)
{
    struct run *run = context;
    struct event event = {
        .what = PACKET,
        .session = facts->session,
        .packet = facts->packet,
        .capture = facts->capture,
        .again = facts->again,
    };
    log_text(run, "packet %" PRIu64 " of %u: %" PRIx64 "\n", facts->packet, facts->capture,
             facts->session);
    if (facts->struct_size != sizeof *facts) {
        run->wrong = "size of packet facts";
    }
    return note(run, &event);
}

static void take_log(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    struct run *run = context;
    struct event event = {.what = LOGGED, .text = run->log.size};
    log_text(run, "log %d %d %s %s", level, error->code, error->file != NULL ? error->file : "",
             error->text);
    event.text_size = run->log.size - event.text;
    log_text(run, "\n");
    (void)note(run, &event);
}

/* ---- runs ---- */

void run_prepare(struct run *run, unsigned threads)
{
    char text[16];
    *run = (struct run){.settings = p2i_settings_new()};
    cr_assert_not_null(run->settings);
    (void)snprintf(text, sizeof text, "%u", threads);
    run_set(run, "threads", text);
    run_set(run, "order", "args");
    run->callbacks = (struct p2i_engine_callbacks){
        .struct_size = sizeof run->callbacks,
        .context = run,
        .record = take_record,
        .session = take_session,
        .packet = take_packet,
        .log = take_log,
    };
}

void run_set(struct run *run, const char *key, const char *value)
{
    cr_assert_eq(p2i_settings_set(run->settings, key, value, &run->error), P2I_OK, "%s",
                 run->error.text);
}

void run_begin(struct run *run)
{
    cr_assert_eq(p2i_engine_new(&run->engine, run->settings, &run->callbacks, &run->error), P2I_OK,
                 "%s", run->error.text);
}

void run_end(struct run *run)
{
    cr_expect_null(run->wrong, "%s", run->wrong);
    p2i_engine_free(run->engine);
    p2i_settings_free(run->settings);
    p2i_buffer_free(&run->log);
    free(run->events);
    *run = (struct run){0};
}

void run_feed(struct run *run, const struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        enum p2i_result result = p2i_engine_feed(run->engine, &frames->list[i], &run->error);
        cr_assert_eq(result, P2I_OK, "frame %zu: %s", i, run->error.text);
    }
}

void run_finish(struct run *run)
{
    cr_assert_eq(p2i_engine_finish(run->engine, &run->error), P2I_OK, "%s", run->error.text);
    cr_expect_null(run->wrong, "%s", run->wrong);
}

void run_of(struct run *run, unsigned threads, const struct frames *frames)
{
    run_prepare(run, threads);
    run_begin(run);
    run_feed(run, frames);
    run_finish(run);
}

void run_expect_same(const struct run *run, const struct run *expected, const char *what)
{
    const char *a = (const char *)run->log.data;
    const char *b = (const char *)expected->log.data;
    size_t size = run->log.size < expected->log.size ? run->log.size : expected->log.size;
    size_t line = 0;
    for (size_t i = 0; i < size; i++) {
        cr_assert(a[i] == b[i], "%s: %.150s\ninstead of\n%.150s", what, a + line, b + line);
        line = a[i] == '\n' ? i + 1 : line;
    }
    cr_assert_eq(run->log.size, expected->log.size, "%s: %zu events instead of %zu", what,
                 run->count, expected->count);
}

const struct p2i_session_facts *run_only_end(const struct run *run)
{
    const struct p2i_session_facts *facts = NULL;
    for (size_t i = 0; i < run->count; i++) {
        if (run->events[i].what == END) {
            cr_assert_null(facts);
            facts = &run->events[i].facts;
        }
    }
    cr_assert_not_null(facts);
    return facts;
}

size_t run_count(const struct run *run, enum event_kind what)
{
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        count += run->events[i].what == what;
    }
    return count;
}
