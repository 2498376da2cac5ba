/* SPDX-License-Identifier: MIT */
/* embed CAPTURE...: two engines side by side, each with three threads, take the captures and made
 * frames, flush now and then, and end in different ways; engines with one thread must give the
 * same. For the thread sanitizer. */
#include <pcap2ipfix/engine.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 12000, FLUSH_EACH = 1500 };

struct run {
    const char *threads;
    const char *const *paths;
    size_t path_count;
    uint64_t stop_at; /* event at which a callback says stop; 0: none */
    uint64_t events;
    uint64_t sum; /* of all that the callbacks got */
};

static bool add(struct run *run, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        run->sum = (run->sum ^ bytes[i]) * UINT64_C(1099511628211);
    }
    return ++run->events != run->stop_at;
}

static bool take_record(void *context, const struct p2i_record *record)
{
    size_t size = 0;
    const char *json = p2i_record_json(record, &size);
    return add(context, json, size);
}

static bool take_session(void *context, const struct p2i_session_facts *facts)
{
    return add(context, &facts->id, sizeof facts->id) && add(context, facts->address[0], 4) &&
           add(context, facts->packets, sizeof facts->packets);
}

static bool take_packet(void *context, const struct p2i_packet_facts *facts)
{
    return add(context, &facts->packet, sizeof facts->packet);
}

static void check(const struct run *run, enum p2i_result result, const struct p2i_error *error)
{
    if (result != (run->stop_at > 0 && run->events >= run->stop_at ? P2I_END : P2I_OK)) {
        fprintf(stderr, "embed: result %d: %s\n", (int)result, error->text);
        exit(1);
    }
}

/* A DNS query from one of 500 ports. */
static enum p2i_result feed(struct p2i_engine *engine, unsigned number, struct p2i_error *error)
{
    uint8_t bytes[] = "\x45\0\0\x3d\0\0\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2\0\0\0\x35\0\x29\0\0"
                      "\1\2\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1";
    bytes[20] = (uint8_t)(16 + number % 500 / 250);
    bytes[21] = (uint8_t)(number % 250);
    struct p2i_engine_frame frame = {
        .struct_size = sizeof frame,
        .data = bytes,
        .size = sizeof bytes - 1,
        .time_ns = UINT64_C(1800000000000000000) + number * UINT64_C(20000000),
        .link_type = 101,
        .capture = 1000,
    };
    return p2i_engine_feed(engine, &frame, error);
}

static void *run_engine(void *context)
{
    struct run *run = context;
    struct p2i_error error = {0};
    struct p2i_engine *engine = NULL;
    struct p2i_settings *settings = p2i_settings_new();
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = run,
        .record = take_record,
        .session = take_session,
        .packet = take_packet,
    };
    check(run, p2i_settings_set(settings, "threads", run->threads, &error), &error);
    check(run, p2i_settings_set(settings, "dns_export", "both", &error), &error);
    check(run, p2i_engine_new(&engine, settings, &callbacks, &error), &error);
    enum p2i_result result = p2i_engine_read(engine, run->paths, run->path_count, &error);
    for (unsigned i = 0; i < FRAMES && result == P2I_OK; i++) {
        result = feed(engine, i, &error);
        if (result == P2I_OK && i % FLUSH_EACH == 0) {
            result = p2i_engine_flush(engine, &error);
        }
    }
    enum p2i_result finished = p2i_engine_finish(engine, &error);
    check(run, result != P2I_OK ? result : finished, &error);
    if (p2i_engine_statistics(engine)->frames == 0) {
        fprintf(stderr, "embed: no frames\n");
        exit(1);
    }
    p2i_engine_free(engine);
    p2i_settings_free(settings);
    return NULL;
}

int main(int argc, char **argv)
{
    static const uint64_t stops[] = {0, 1, 400, 9000, 11000, 13000, 15000, 17000, 19000, 21000};
    enum { STOPS = sizeof stops / sizeof *stops };
    struct run runs[STOPS][2];
    for (unsigned i = 0; i < STOPS; i++) {
        pthread_t thread;
        struct run run = {.threads = "3",
                          .paths = (const char *const *)&argv[1],
                          .path_count = (size_t)argc - 1,
                          .stop_at = stops[i]};
        runs[i][0] = runs[i][1] = run;
        if (pthread_create(&thread, NULL, run_engine, &runs[i][0]) != 0) {
            return 1;
        }
        (void)run_engine(&runs[i][1]);
        (void)pthread_join(thread, NULL);
        run.threads = "1";
        (void)run_engine(&run);
        for (unsigned j = 0; j < 2; j++) {
            if (runs[i][j].sum != run.sum || runs[i][j].events != run.events) {
                fprintf(stderr, "embed: other events with 3 threads, stop at %u\n",
                        (unsigned)stops[i]);
                return 1;
            }
        }
    }
    if (runs[0][0].events <= stops[STOPS - 1]) {
        fprintf(stderr, "embed: %u events only\n", (unsigned)runs[0][0].events);
        return 1;
    }
    return 0;
}
