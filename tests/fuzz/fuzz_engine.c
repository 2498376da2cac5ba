/* SPDX-License-Identifier: MIT */
/* Frames of any link type, time and capture, fed to the engine as a program that embeds it does:
 * every session begins before and ends behind its records and packets, all getters work, and
 * nothing comes after a callback that says stop. The first byte has the settings, the second says
 * which callback stops; then follow calls, see feed(). */
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIVE_MAX = 4096 };

struct run {
    struct p2i_engine *engine;
    uint64_t time_ns;
    uint64_t fed;
    unsigned stop_at; /* this callback says stop; 0: none */
    unsigned calls;
    uint64_t live[LIVE_MAX]; /* ids of sessions that have begun and not ended */
    size_t live_count;
};

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static size_t find_live(const struct run *run, uint64_t id)
{
    size_t i = 0;
    while (i < run->live_count && run->live[i] != id) {
        i++;
    }
    return i;
}

static bool goes_on(struct run *run)
{
    require(run->stop_at == 0 || run->calls < run->stop_at);
    return ++run->calls != run->stop_at;
}

static void look_at_field(const struct p2i_record *record, const struct p2i_field *field,
                          const struct p2i_value *value)
{
    const char *name = field->element->name;
    size_t size;
    uint64_t number;
    uint8_t address[16];
    const char *string = p2i_record_string(record, name, &size);
    bool is_number = p2i_record_unsigned(record, name, &number);
    size_t address_size = p2i_record_address(record, name, address);
    require((string != NULL) + is_number + (address_size > 0) == 1);
    require(string == NULL || (size == value->size && memcmp(string, value->data, size) == 0));
    require(address_size == 0 || memcmp(address, value->data, address_size) == 0);
}

static bool take_record(void *context, const struct p2i_record *record)
{
    struct run *run = context;
    const struct p2i_template *of = p2i_record_template(record);
    size_t size;
    const char *json = p2i_record_json(record, &size);
    require(json != NULL && size >= 2 && json[0] == '{' && json[size - 1] == '}');
    require(strlen(json) == size);
    for (size_t i = 0; i < of->field_count; i++) {
        struct p2i_value value;
        require(p2i_record_field_at(record, i, &value));
        look_at_field(record, &of->fields[i], &value);
    }
    require(p2i_record_bytes(record, &size) != NULL && size > 0);
    require(p2i_record_packet(record, NULL) > 0);
    require(find_live(run, p2i_record_session(record)) < run->live_count);
    return goes_on(run);
}

static bool take_session(void *context, const struct p2i_session_facts *facts)
{
    struct run *run = context;
    size_t at = find_live(run, facts->id);
    require((at < run->live_count) == facts->ended);
    if (facts->ended) {
        require(facts->packets[0] + facts->packets[1] > 0);
        require((facts->records == 0) == (facts->no_record_reason != P2I_NO_RECORD_NONE));
        run->live[at] = run->live[--run->live_count];
    } else {
        require(run->live_count < LIVE_MAX);
        run->live[run->live_count++] = facts->id;
    }
    return goes_on(run);
}

static bool take_packet(void *context, const struct p2i_packet_facts *facts)
{
    struct run *run = context;
    require(facts->packet > 0 && facts->packet <= run->fed);
    require(find_live(run, facts->session) < run->live_count);
    return goes_on(run);
}

static void move_time(struct run *run, unsigned how, struct p2i_cursor *input)
{
    switch (how) {
    case 0:
        break;
    case 1:
        run->time_ns += p2i_u8(input) * UINT64_C(500000000);
        break;
    case 2:
        run->time_ns -= p2i_u8(input) * UINT64_C(10000000000);
        break;
    default:
        run->time_ns = (uint64_t)p2i_be32(input) << 32 | p2i_be32(input);
    }
}

/* Byte: 3 bits link type, 2 bits change of time, 3 bits capture; time; 2 bytes size, 1 byte bytes
 * that were not captured; bytes of the frame. */
static enum p2i_result feed(struct run *run, uint8_t what, struct p2i_cursor *input)
{
    static const uint16_t link_types[] = {1, 101, 113, 276, 9, 105, 0};
    struct p2i_engine_frame frame = {.struct_size = sizeof frame};
    frame.link_type = link_types[what & 7];
    if ((what & 7) == 6) {
        frame.link_type = p2i_be16(input);
    }
    move_time(run, what >> 3 & 3, input);
    frame.capture = what >> 5;
    frame.time_ns = run->time_ns;
    size_t size = p2i_be16(input);
    uint8_t cut = p2i_u8(input);
    struct p2i_view bytes = p2i_view_first(input->rest, size);
    frame.data = bytes.data;
    frame.size = (uint32_t)bytes.size;
    frame.original_size = frame.size + cut;
    p2i_skip(input, bytes.size);
    run->fed++;
    return p2i_engine_feed(run->engine, &frame, NULL);
}

/* Feeds the frames; 7 in place of a link type flushes. */
static void feed_all(struct run *run, struct p2i_cursor *input)
{
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && input->rest.size > 0 && !input->failed) {
        uint8_t what = p2i_u8(input);
        result = (what & 7) == 7 ? p2i_engine_flush(run->engine, NULL) : feed(run, what, input);
    }
    if (result == P2I_OK) {
        result = p2i_engine_finish(run->engine, NULL);
    }
    bool stopped = run->stop_at > 0 && run->calls >= run->stop_at;
    require(result == (stopped ? P2I_END : P2I_OK));
    if (stopped) {
        require(p2i_engine_finish(run->engine, NULL) == P2I_END);
        require(run->calls == run->stop_at);
    } else {
        require(run->live_count == 0);
        require(p2i_engine_statistics(run->engine)->frames == run->fed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct p2i_cursor input = p2i_cursor_of(p2i_view_of(data, size));
    uint8_t options = p2i_u8(&input);
    run = (struct run){.time_ns = UINT64_C(1700000000000000000), .stop_at = p2i_u8(&input)};
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = &run,
        .record = take_record,
        .session = take_session,
        .packet = take_packet,
    };
    struct p2i_settings *settings = p2i_settings_new();
    if (settings != NULL && size < LIVE_MAX * 4 &&
        p2i_settings_set(settings, "threads", options & 1 ? "2" : "1", NULL) == P2I_OK &&
        p2i_settings_set(settings, "memory", "16M", NULL) == P2I_OK &&
        (!(options & 2) || p2i_settings_set(settings, "records", "all", NULL) == P2I_OK) &&
        (!(options & 4) || p2i_settings_set(settings, "filter", "tcp", NULL) == P2I_OK) &&
        p2i_engine_new(&run.engine, settings, &callbacks, NULL) == P2I_OK) {
        feed_all(&run, &input);
    }
    p2i_engine_free(run.engine);
    p2i_settings_free(settings);
    return 0;
}
