/* SPDX-License-Identifier: MIT */
/* The engine as a program that embeds it sees it: the same records whatever way frames get in, and
 * the values of records. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embedded.h"
#include "pcap2ipfix/convert.h"

static enum p2i_result read_all(struct run *run)
{
    size_t count;
    const char *const *paths = sample_paths(&count);
    return p2i_engine_read(run->engine, paths, count, &run->error);
}

/* A finished run of all sample captures. */
static void run_of_files(struct run *run, unsigned threads)
{
    run_prepare(run, threads);
    run_begin(run);
    cr_assert_eq(read_all(run), P2I_OK, "%s", run->error.text);
    run_finish(run);
}

/* ---- the same events ---- */

Test(engine, fed_frames_are_as_captures_that_are_read)
{
    struct frames frames = {0};
    struct run expected;
    frames_load_all(&frames);
    run_of_files(&expected, 1);
    cr_assert_gt(run_count(&expected, RECORD), 500);
    cr_assert_gt(run_count(&expected, PACKET), 3000);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_of(&run, thread_counts[i], &frames);
        run_expect_same(&run, &expected, "fed");
        run_end(&run);
        run_of_files(&run, thread_counts[i]);
        run_expect_same(&run, &expected, "read");
        run_end(&run);
    }
    run_end(&expected);
    frames_free(&frames);
}

/* Many blocks, so that threads work side by side. */
Test(engine, many_frames)
{
    struct frames frames = {0};
    struct run expected;
    for (unsigned i = 0; i < 60000; i++) {
        char text[64];
        unsigned port = 20000 + i * 7919 % 600;
        (void)snprintf(text, sizeof text, "GET /%u HTTP/1.1\r\nHost: h%u.example\r\n\r\n",
                       10000 + i, port);
        frames_send(&frames, (struct sent){.transport = 6,
                                           .port = (uint16_t)port,
                                           .server = 80,
                                           .flags = 24,
                                           .sequence = i / 600 * (uint32_t)strlen(text),
                                           .text = text,
                                           .time_ms = i + i / 20000 * 500000ULL});
    }
    run_of(&expected, 1, &frames);
    cr_expect_gt(run_count(&expected, RECORD), 40000);
    cr_expect_geq(run_count(&expected, END), 600);
    for (unsigned i = 1; i < THREAD_COUNTS; i++) {
        struct run run;
        run_of(&run, thread_counts[i], &frames);
        run_expect_same(&run, &expected, "many frames");
        run_end(&run);
    }
    run_end(&expected);
    frames_free(&frames);
}

/* The JSON of all records, a line each; free it. */
static char *json_of(const struct run *run)
{
    char *lines = malloc(run->log.size + run->count + 1);
    size_t size = 0;
    cr_assert_not_null(lines);
    for (size_t i = 0; i < run->count; i++) {
        const struct event *event = &run->events[i];
        if (event->what == RECORD) {
            memcpy(lines + size, run->log.data + event->text, event->text_size);
            size += event->text_size;
            lines[size++] = '\n';
        }
    }
    lines[size] = '\0';
    return lines;
}

static void expect_same_numbers(const uint64_t *counts, const uint64_t *expected, size_t size,
                                const char *what)
{
    for (size_t i = 0; i < size; i++) {
        cr_expect_eq(counts[i], expected[i], "%s %zu", what, i);
    }
}

/* `read`: the captures were read, so that the statistics list them. */
static void expect_same_statistics(const struct p2i_statistics *statistics,
                                   const struct p2i_statistics *expected, bool read)
{
    cr_assert_eq(statistics->struct_size, sizeof *statistics);
    expect_same_numbers(statistics->fates, expected->fates, expected->fate_count, "fate");
    expect_same_numbers(statistics->protocols, expected->protocols, expected->protocol_count,
                        "protocol");
    expect_same_numbers(statistics->records, expected->records, expected->kind_count, "records");
    expect_same_numbers(statistics->messages_cut, expected->messages_cut, expected->kind_count,
                        "messages cut");
    struct p2i_statistics numbers = *expected;
    numbers.fates = statistics->fates;
    numbers.protocols = statistics->protocols;
    numbers.records = statistics->records;
    numbers.messages_cut = statistics->messages_cut;
    numbers.captures = statistics->captures;
    numbers.collectors = statistics->collectors;
    numbers.written_bytes = 0;
    if (!read) {
        numbers.read_bytes = 0;
        numbers.capture_count = 0;
    }
    const uint64_t *a = (const uint64_t *)(const void *)statistics;
    const uint64_t *b = (const uint64_t *)(const void *)&numbers;
    _Static_assert(sizeof numbers % sizeof *a == 0, "all members are words");
    expect_same_numbers(a, b, sizeof numbers / sizeof *a, "word");
    for (size_t i = 0; i < statistics->capture_count; i++) {
        cr_expect_str_eq(statistics->captures[i]->path, expected->captures[i]->path);
        cr_expect_eq(statistics->captures[i]->frames, expected->captures[i]->frames);
        cr_expect_eq(statistics->captures[i]->last_ns, expected->captures[i]->last_ns);
    }
}

Test(engine, records_and_statistics_are_those_of_p2i_convert)
{
    char file[] = "/tmp/p2i_test_XXXXXX";
    size_t count;
    const char *const *paths = sample_paths(&count);
    struct p2i_statistics *statistics = p2i_statistics_new();
    struct p2i_error error;
    int descriptor = mkstemp(file);
    cr_assert_geq(descriptor, 0);
    struct run run;
    run_prepare(&run, 2);
    run_set(&run, "json", file);
    for (size_t i = 0; i < count; i++) {
        run_set(&run, "capture", paths[i]);
    }
    cr_assert_eq(p2i_convert(run.settings, statistics, &error), P2I_OK, "%s", error.text);
    run_begin(&run);
    cr_assert_eq(read_all(&run), P2I_OK);
    run_finish(&run);
    FILE *stream = fopen(file, "r");
    char *json = json_of(&run);
    size_t size = strlen(json);
    char *written = calloc(1, size + 2);
    cr_assert_not_null(stream);
    cr_assert_not_null(written);
    cr_expect_eq(fread(written, 1, size + 1, stream), size);
    cr_expect(strcmp(written, json) == 0, "other JSON");
    expect_same_statistics(p2i_engine_statistics(run.engine), statistics, true);
    free(written);
    free(json);
    (void)fclose(stream);
    (void)close(descriptor);
    (void)unlink(file);
    run_end(&run);
    struct frames frames = {0};
    frames_load_all(&frames);
    run_of(&run, 3, &frames);
    expect_same_statistics(p2i_engine_statistics(run.engine), statistics, false);
    run_end(&run);
    frames_free(&frames);
    p2i_statistics_free(statistics);
}

/* ---- packets and captures of records ---- */

/* Captures are counted over all that is read; fed frames have the number that they say. */
Test(engine, captures_are_numbered)
{
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        char path[1024];
        const char *const paths[] = {path};
        struct frames frames = {0};
        struct run run;
        uint64_t last = 0;
        size_t of_capture[12] = {0};
        (void)snprintf(path, sizeof path, "%s", sample_path("dns-tcp.pcap"));
        frames_load(&frames, "dns-tcp.pcap", 9);
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
        cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
        run_feed(&run, &frames);
        cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
        run_finish(&run);
        for (size_t j = 0; j < run.count; j++) {
            const struct event *event = &run.events[j];
            cr_assert_lt(event->capture, 12);
            if (event->what == PACKET) {
                cr_expect_eq(event->packet, last % 20 + 1);
                last = event->packet;
                of_capture[event->capture]++;
            }
        }
        cr_expect_eq(of_capture[0], 20);
        cr_expect_eq(of_capture[1], 20);
        cr_expect_eq(of_capture[9], 20);
        cr_expect_eq(of_capture[10], 20);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, 80);
        cr_expect_eq(p2i_engine_statistics(run.engine)->capture_count, 3);
        run_end(&run);
        frames_free(&frames);
    }
}

/* A record has the packet of its first byte, though it is complete with a later one. */
Test(engine, packet_of_a_record)
{
    struct frames frames = {0};
    struct run run;
    struct sent sent = {.transport = 6, .port = 4000, .server = 80, .flags = 2};
    frames_send(&frames, sent);
    frames_send(&frames, (struct sent){6, true, 4000, 80, 18, 0, 1, NULL, 0, 1});
    frames_send(&frames, (struct sent){6, false, 4000, 80, 24, 1, 1, "GET /a HTTP/1.1\r\n", 0, 2});
    frames_send(&frames, (struct sent){6, false, 4000, 80, 24, 18, 1, "Host: a\r\n\r\n", 0, 3000});
    for (size_t i = 0; i < frames.count; i++) {
        frames.list[i].capture = 65535;
    }
    run_of(&run, 1, &frames);
    cr_assert_eq(run_count(&run, RECORD), 1);
    for (size_t i = 0; i < run.count; i++) {
        if (run.events[i].what == RECORD) {
            cr_expect_eq(run.events[i].packet, 3);
            cr_expect_eq(run.events[i].capture, 65535);
            cr_expect_eq(run.events[i].session, run_only_end(&run)->id);
        }
    }
    cr_expect_not_null(strstr((const char *)run.log.data, "3 of 65535 at 1700000003: "));
    run_end(&run);
    frames_free(&frames);
}

/* ---- values ---- */

static bool is_same_value(const struct p2i_value *a, const struct p2i_value *b)
{
    return a->pen == b->pen && a->id == b->id && a->size == b->size && a->data == b->data;
}

static uint64_t number_of(const struct p2i_value *value)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value->size; i++) {
        number = number << 8 | value->data[i];
    }
    return number;
}

/* Checks the getters by type against the value. Returns what is wrong, or NULL. */
static const char *check_typed(const struct p2i_record *record, const struct p2i_element *element,
                               const struct p2i_value *value)
{
    size_t size = 1;
    uint64_t number = 1;
    uint8_t address[16];
    const char *string = p2i_record_string(record, element->name, &size);
    bool is_number = p2i_record_unsigned(record, element->name, &number);
    size_t address_size = p2i_record_address(record, element->name, address);
    switch ((enum p2i_type)element->type) {
    case P2I_TYPE_STRING:
    case P2I_TYPE_OCTETS:
    case P2I_TYPE_MAC:
        return string == NULL || size != value->size ||
                       (size > 0 && memcmp(string, value->data, size) != 0) || is_number ||
                       address_size != 0
                   ? "string"
                   : NULL;
    case P2I_TYPE_IPV4:
    case P2I_TYPE_IPV6:
        return string != NULL || size != 0 || is_number || address_size != value->size ||
                       memcmp(address, value->data, address_size) != 0
                   ? "address"
                   : NULL;
    default:
        return string != NULL || size != 0 || !is_number || number != number_of(value) ||
                       address_size != 0
                   ? "number"
                   : NULL;
    }
}

static void look_at_values(struct run *run, const struct p2i_record *record)
{
    const struct p2i_template *of = p2i_record_template(record);
    struct p2i_value value, same;
    size_t size;
    const uint8_t *at = p2i_record_bytes(record, &size);
    const uint8_t *end = at + size;
    if (of->kind != p2i_record_kind_of(record)) {
        run->wrong = "template";
    }
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        const char *wrong = "value";
        if (p2i_record_field_at(record, i, &value)) {
            wrong = check_typed(record, element, &value);
        }
        if (!p2i_record_field(record, element->name, &same) || !is_same_value(&same, &value)) {
            wrong = "name";
        }
        if (!p2i_record_field_by_id(record, element->pen, element->id, &same) ||
            !is_same_value(&same, &value)) {
            wrong = "number";
        }
        /* RFC 7011 section 7: the length precedes a value of variable length. */
        at += of->fields[i].length != P2I_VARIABLE ? 0 : *at < 255 ? 1 : 3;
        if (value.size > 0 && value.data != at) {
            wrong = "place";
        }
        at += value.size;
        run->wrong = wrong != NULL ? wrong : run->wrong;
        run->looked |= 1U << element->type;
    }
    if (at != end) {
        run->wrong = "bytes";
    }
    uint64_t session;
    if (p2i_record_unsigned(record, "SESSION_ID", &session) &&
        session != p2i_record_session(record)) {
        run->wrong = "SESSION_ID";
    }
}

Test(engine, getters_of_all_fields)
{
    size_t count;
    const char *const *paths = sample_paths(&count);
    struct run run;
    run_prepare(&run, 1);
    run_set(&run, "records", "all");
    run.look = look_at_values;
    run_begin(&run);
    cr_assert_eq(p2i_engine_read(run.engine, paths, count, &run.error), P2I_OK);
    run_finish(&run);
    cr_expect_eq(run.looked,
                 1U << P2I_TYPE_OCTETS | 1U << P2I_TYPE_UNSIGNED8 | 1U << P2I_TYPE_UNSIGNED16 |
                     1U << P2I_TYPE_UNSIGNED32 | 1U << P2I_TYPE_UNSIGNED64 | 1U << P2I_TYPE_MAC |
                     1U << P2I_TYPE_STRING | 1U << P2I_TYPE_SECONDS | 1U << P2I_TYPE_MILLISECONDS |
                     1U << P2I_TYPE_IPV4 | 1U << P2I_TYPE_IPV6);
    run_end(&run);
}

static void look_for_nothing(struct run *run, const struct p2i_record *record)
{
    struct p2i_value value;
    size_t size = 1;
    uint64_t number = 1;
    uint8_t address[16];
    static const char *const names[] = {"", "HOSTNAM", "HOSTNAMEX", "hostname", "octetDeltaCount"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (p2i_record_field(record, names[i], &value) ||
            p2i_record_string(record, names[i], &size) != NULL || size != 0 ||
            p2i_record_unsigned(record, names[i], &number) || number != 0 ||
            p2i_record_address(record, names[i], address) != 0) {
            run->wrong = names[i];
        }
    }
    if (p2i_record_field_by_id(record, 0, 1, &value) ||
        p2i_record_field_by_id(record, P2I_PEN, 65535, &value) ||
        p2i_record_field_at(record, p2i_record_template(record)->field_count, &value) ||
        p2i_record_field_at(record, SIZE_MAX, &value)) {
        run->wrong = "a field that is not there";
    }
    run->looked++;
}

Test(engine, fields_that_are_not_there)
{
    const char *const paths[] = {sample_path("http-keepalive.pcap")};
    struct run run;
    run_prepare(&run, 1);
    run.look = look_for_nothing;
    run_begin(&run);
    cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
    run_finish(&run);
    cr_expect_gt(run.looked, 10);
    run_end(&run);
}

static void look_at_host(struct run *run, const struct p2i_record *record)
{
    size_t size;
    uint64_t number;
    uint8_t address[16];
    const char *host = p2i_record_string(record, "HOSTNAME", &size);
    if (p2i_record_kind_of(record) == P2I_RECORD_CLICKSTREAM && host != NULL && size > 0) {
        run->looked++;
        if (size < 8 || memcmp(host + size - 8, ".example", 8) != 0 ||
            !p2i_record_unsigned(record, "PORT_DESTINATION", &number) || number != 80 ||
            p2i_record_address(record, "IP_DESTINATION", address) != 4 || address[0] == 0) {
            run->wrong = "host, port or address";
        }
    }
}

Test(engine, values_of_a_request)
{
    const char *const paths[] = {sample_path("http-keepalive.pcap")};
    struct run run;
    run_prepare(&run, 1);
    run.look = look_at_host;
    run_begin(&run);
    cr_assert_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_OK);
    run_finish(&run);
    cr_expect_gt(run.looked, 5);
    run_end(&run);
}

/* ---- flush ---- */

/* All that is complete comes with the flush; what is not goes on. */
Test(engine, flush)
{
    static const char *const texts[] = {"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b HTTP/1.1\r\n",
                                        "Host: b\r\n\r\n"};
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        static const size_t records[] = {1, 1, 2};
        struct run run;
        uint32_t sequence = 1;
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_OK);
        for (size_t j = 0; j < 3; j++) {
            struct frames frames = {0};
            frames_send(&frames,
                        (struct sent){6, false, 4000, 80, 24, sequence, 1, texts[j], 0, j});
            run_feed(&run, &frames);
            cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_OK);
            cr_expect_eq(run_count(&run, RECORD), records[j]);
            cr_expect_eq(run_count(&run, PACKET), j + 1);
            cr_expect_eq(p2i_engine_statistics(run.engine)->frames, j + 1);
            sequence += (uint32_t)strlen(texts[j]);
            frames_free(&frames);
        }
        cr_expect_eq(run_count(&run, BEGIN), 1);
        cr_expect_eq(run_count(&run, END), 0);
        cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_OK);
        run_finish(&run);
        cr_expect_eq(run_count(&run, RECORD), 2);
        cr_expect_eq(run_only_end(&run)->records, 2);
        cr_expect_eq(p2i_engine_statistics(run.engine)->records[P2I_RECORD_CLICKSTREAM], 2);
        run_end(&run);
    }
}

/* The settings' is_stopped() ends feeding and reading; the sessions end as usual. */
static bool is_stopped(void *context)
{
    return *(const bool *)context;
}

Test(engine, is_stopped)
{
    struct frames frames = {0};
    frames_load_all(&frames);
    for (unsigned i = 0; i < 2 * THREAD_COUNTS; i++) {
        bool stopped = false;
        const struct p2i_settings_callbacks callbacks = {
            .struct_size = sizeof callbacks, .context = &stopped, .is_stopped = is_stopped};
        struct run run;
        run_prepare(&run, thread_counts[i / 2]);
        p2i_settings_set_callbacks(run.settings, &callbacks);
        run_begin(&run);
        run_feed(&run, &frames);
        stopped = true;
        enum p2i_result result = P2I_OK;
        for (size_t j = 0; j < 20 && result == P2I_OK && i % 2 == 0; j++) {
            for (size_t k = 0; k < frames.count && result == P2I_OK; k++) {
                result = p2i_engine_feed(run.engine, &frames.list[k], &run.error);
            }
        }
        if (i % 2 == 1) {
            result = read_all(&run);
        }
        cr_expect_eq(result, P2I_END);
        run_finish(&run);
        cr_expect_gt(run_count(&run, END), 0);
        cr_expect_eq(run_count(&run, END), run_count(&run, BEGIN));
        cr_expect_gt(run_count(&run, RECORD), 500);
        run_end(&run);
    }
    frames_free(&frames);
}
