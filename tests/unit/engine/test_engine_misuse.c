/* SPDX-License-Identifier: MIT */
/* Calls and frames that make no sense, callbacks that say stop, and engines that end early. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "embedded.h"

/* ---- calls ---- */

Test(engine_misuse, nothing_given)
{
    struct p2i_error error = {0};
    struct p2i_engine_frame frame = {.struct_size = sizeof frame};
    cr_expect_eq(p2i_engine_feed(NULL, &frame, &error), P2I_USAGE);
    cr_expect_str_neq(error.text, "");
    cr_expect_eq(p2i_engine_feed(NULL, &frame, NULL), P2I_USAGE);
    cr_expect_eq(p2i_engine_read(NULL, NULL, 0, NULL), P2I_USAGE);
    cr_expect_eq(p2i_engine_flush(NULL, NULL), P2I_USAGE);
    cr_expect_eq(p2i_engine_finish(NULL, NULL), P2I_USAGE);
    p2i_engine_free(NULL);
}

/* No settings, no callbacks, no errors wanted. */
Test(engine_misuse, defaults)
{
    struct frames frames = {0};
    struct p2i_engine *engine;
    frames_load(&frames, "http-keepalive.pcap", 0);
    cr_assert_eq(p2i_engine_new(&engine, NULL, NULL, NULL), P2I_OK);
    for (size_t i = 0; i < frames.count; i++) {
        cr_expect_eq(p2i_engine_feed(engine, &frames.list[i], NULL), P2I_OK);
    }
    cr_expect_eq(p2i_engine_flush(engine, NULL), P2I_OK);
    cr_expect_eq(p2i_engine_finish(engine, NULL), P2I_OK);
    cr_expect_gt(p2i_engine_statistics(engine)->records[P2I_RECORD_CLICKSTREAM], 0);
    p2i_engine_free(engine);
    frames_free(&frames);
}

Test(engine_misuse, unused)
{
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        run_end(&run);
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        run_finish(&run);
        cr_expect_eq(run.count, 0);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, 0);
        run_end(&run);
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        cr_expect_eq(p2i_engine_read(run.engine, NULL, 1, &run.error), P2I_USAGE);
        cr_expect_eq(p2i_engine_read(run.engine, NULL, 0, &run.error), P2I_OK);
        run_finish(&run);
        run_end(&run);
    }
}

/* With frames in flight; no callback comes after the return. */
Test(engine_misuse, freed_without_finish)
{
    struct frames frames = {0};
    frames_load_all(&frames);
    for (unsigned i = 0; i < 4 * THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i % THREAD_COUNTS]);
        run_begin(&run);
        for (unsigned j = 0; j <= i / 4; j++) {
            run_feed(&run, &frames);
        }
        p2i_engine_free(run.engine);
        run.engine = NULL;
        cr_expect_eq(run_count(&run, END) > run_count(&run, BEGIN), false);
        run_end(&run);
    }
    frames_free(&frames);
}

Test(engine_misuse, after_finish)
{
    struct frames frames = {0};
    frames_load(&frames, "dns-udp.pcap", 0);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        const char *const paths[] = {sample_path("dns-udp.pcap")};
        struct run run;
        run_of(&run, thread_counts[i], &frames);
        size_t count = run.count;
        cr_expect_gt(count, 0);
        cr_expect_eq(p2i_engine_finish(run.engine, &run.error), P2I_USAGE);
        cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_USAGE);
        cr_expect_eq(p2i_engine_feed(run.engine, frames.list, &run.error), P2I_USAGE);
        cr_expect_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_USAGE);
        cr_expect_str_eq(run.error.text, "the engine is finished");
        cr_expect_eq(run.count, count);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, frames.count);
        cr_expect_eq(p2i_engine_statistics(run.engine)->records[P2I_RECORD_DNS],
                     run_count(&run, RECORD));
        run_end(&run);
    }
    frames_free(&frames);
}

/* ---- frames ---- */

/* Frames that are refused leave no trace. */
Test(engine_misuse, refused_frames)
{
    static const uint8_t bytes[64];
    static const struct p2i_engine_frame good = {
        .struct_size = sizeof good, .data = bytes, .size = 64, .link_type = 1};
    struct p2i_engine_frame bad[6];
    struct run run;
    run_prepare(&run, 1);
    run_begin(&run);
    for (size_t i = 0; i < 6; i++) {
        bad[i] = good;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = offsetof(struct p2i_engine_frame, capture);
    bad[2].data = NULL;
    bad[3].size = (16 << 20) + 1;
    bad[4].capture = 65536;
    bad[5].capture = UINT32_MAX;
    cr_expect_eq(p2i_engine_feed(run.engine, NULL, &run.error), P2I_USAGE);
    for (size_t i = 0; i < 6; i++) {
        run.error = (struct p2i_error){0};
        cr_expect_eq(p2i_engine_feed(run.engine, &bad[i], &run.error), P2I_USAGE, "%zu", i);
        cr_expect_eq(run.error.code, P2I_USAGE);
        cr_expect_str_neq(run.error.text, "");
        cr_expect_eq(p2i_engine_feed(run.engine, &bad[i], NULL), P2I_USAGE);
    }
    cr_expect_eq(p2i_engine_feed(run.engine, &good, &run.error), P2I_OK);
    cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_OK);
    cr_expect_eq(p2i_engine_statistics(run.engine)->frames, 1);
    run_finish(&run);
    run_end(&run);
}

/* A frame of the largest size, one without bytes, a link type that nobody has, an original size
 * below the size: all are counted. */
Test(engine_misuse, odd_frames)
{
    enum { LARGEST = 16 << 20 };
    static uint8_t bytes[LARGEST];
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct frames frames = {0};
        struct run run;
        frames_add(&frames, (struct p2i_engine_frame){.size = 0, .link_type = 1});
        frames_add(&frames,
                   (struct p2i_engine_frame){.data = bytes, .size = LARGEST, .link_type = 1});
        frames_add(&frames,
                   (struct p2i_engine_frame){.data = bytes, .size = 60, .link_type = 65535});
        frames_load(&frames, "dns-udp.pcap", 65535);
        for (size_t j = 0; j < frames.count; j++) {
            frames.list[j].original_size = (uint32_t)(j % 2);
            frames.list[j].interface_id = UINT32_MAX;
        }
        run_of(&run, thread_counts[i], &frames);
        const struct p2i_statistics *statistics = p2i_engine_statistics(run.engine);
        cr_expect_eq(statistics->frames, frames.count);
        cr_expect_eq(statistics->fates[P2I_FATE_LINK_TYPE], 1);
        cr_expect_eq(statistics->fates[P2I_FATE_HANDLED], 58); /* two frames are ARP */
        cr_expect_eq(statistics->cut_bytes, 0);
        cr_expect_gt(run_count(&run, RECORD), 20);
        run_end(&run);
        frames_free(&frames);
    }
}

/* Time goes back, stands at 0, or is as large as can be. */
Test(engine_misuse, odd_times)
{
    static const uint64_t times[] = {0,
                                     UINT64_MAX,
                                     1,
                                     UINT64_MAX,
                                     UINT64_MAX - 1,
                                     0,
                                     0,
                                     UINT64_C(4294967295999999999),
                                     UINT64_C(4294967296000000000)};
    enum { TIMES = sizeof times / sizeof *times };
    struct frames frames = {0};
    struct run expected = {0};
    frames_load_all(&frames);
    for (size_t i = 0; i < frames.count; i++) {
        frames.list[i].time_ns =
            i % 40 < 20 ? times[i % TIMES] : frames.list[frames.count - i].time_ns;
    }
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_set(&run, "records", "all");
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, frames.count);
        cr_expect_eq(run_count(&run, BEGIN), run_count(&run, END));
        if (i == 0) {
            expected = run;
        } else {
            run_expect_same(&run, &expected, "odd times");
            run_end(&run);
        }
    }
    run_end(&expected);
    frames_free(&frames);
}

/* ---- filters ---- */

Test(engine_misuse, a_filter)
{
    struct frames frames = {0};
    frames_load_all(&frames);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_set(&run, "filter", "udp port 53");
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        const struct p2i_statistics *statistics = p2i_engine_statistics(run.engine);
        cr_expect_gt(statistics->fates[P2I_FATE_FILTERED], 1000);
        cr_expect_gt(statistics->records[P2I_RECORD_DNS], 50);
        cr_expect_eq(statistics->records[P2I_RECORD_DNS], run_count(&run, RECORD));
        run_end(&run);
    }
    frames_free(&frames);
}

/* Frames that are fed are chosen as those of captures are. */
Test(engine_misuse, times)
{
    struct frames frames = {0};
    frames_load(&frames, "dns-udp.pcap", 0);
    uint64_t from_ns = frames.list[frames.count / 2].time_ns;
    uint64_t outside = 0;
    for (size_t j = 0; j < frames.count; j++) {
        outside += frames.list[j].time_ns < from_ns;
    }
    char from[32];
    (void)snprintf(from, sizeof from, "@%" PRIu64 ".%09" PRIu64, from_ns / 1000000000,
                   from_ns % 1000000000);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_set(&run, "from", from);
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        const struct p2i_statistics *statistics = p2i_engine_statistics(run.engine);
        cr_expect_eq(statistics->fates[P2I_FATE_OUTSIDE_TIME], outside);
        cr_expect_eq(statistics->frames, frames.count);
        run_end(&run);
    }
    frames_free(&frames);
}

/* Each frame is refused; the engine can still be finished. */
Test(engine_misuse, a_filter_that_does_not_compile)
{
    struct frames frames = {0};
    frames_load(&frames, "dns-udp.pcap", 0);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        const char *const paths[] = {sample_path("dns-udp.pcap")};
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_set(&run, "filter", "host and and");
        run_begin(&run);
        for (size_t j = 0; j < frames.count; j++) {
            cr_expect_eq(p2i_engine_feed(run.engine, &frames.list[j], &run.error), P2I_USAGE);
        }
        cr_expect_eq(p2i_engine_read(run.engine, paths, 1, &run.error), P2I_USAGE);
        cr_expect_eq(p2i_engine_flush(run.engine, &run.error), P2I_OK);
        run_finish(&run);
        cr_expect_eq(run.count, 0);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, 0);
        run_end(&run);
    }
    frames_free(&frames);
}

/* ---- captures ---- */

/* The others are read; the log callback has each that is bad, the error is that of the first. */
Test(engine_misuse, captures_that_cannot_be_read)
{
    char good[1024];
    (void)snprintf(good, sizeof good, "%s", sample_path("dns-udp.pcap"));
    const char *const paths[] = {"/nonexistent/a", good, "/dev/null", "/nonexistent/b"};
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_begin(&run);
        cr_expect_eq(p2i_engine_read(run.engine, paths, 4, &run.error), P2I_INPUT);
        cr_expect_eq(run.error.code, P2I_INPUT);
        cr_expect_str_eq(run.error.file, paths[0]);
        cr_expect_eq(run_count(&run, LOGGED), 3);
        cr_expect_eq(p2i_engine_read(run.engine, paths + 1, 1, &run.error), P2I_OK);
        run_finish(&run);
        cr_expect_eq(p2i_engine_statistics(run.engine)->frames, 120);
        cr_expect_eq(p2i_engine_statistics(run.engine)->capture_count, 5);
        run_end(&run);
    }
}

/* ---- callbacks ---- */

/* A program that was built with fewer callbacks gets those. */
Test(engine_misuse, callbacks_of_an_older_program)
{
    struct frames frames = {0};
    frames_load(&frames, "dns-udp.pcap", 0);
    static const size_t sizes[] = {
        offsetof(struct p2i_engine_callbacks, session),
        offsetof(struct p2i_engine_callbacks, packet),
        offsetof(struct p2i_engine_callbacks, log),
        sizeof(struct p2i_engine_callbacks),
    };
    for (size_t i = 0; i < 4; i++) {
        struct run run;
        run_prepare(&run, 1);
        run.callbacks.struct_size = sizes[i];
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        cr_expect_gt(run_count(&run, RECORD), 0);
        cr_expect_eq(run_count(&run, END) > 0, i >= 1);
        cr_expect_eq(run_count(&run, PACKET) > 0, i >= 2);
        run_end(&run);
    }
    frames_free(&frames);
}

/* And one that was built with more, or that says no size. */
Test(engine_misuse, callbacks_of_another_size)
{
    struct run run;
    struct {
        struct p2i_engine_callbacks callbacks;
        void *unknown;
    } newer;
    run_prepare(&run, 1);
    newer.callbacks = run.callbacks;
    newer.callbacks.struct_size = sizeof newer;
    newer.unknown = &run;
    cr_assert_eq(p2i_engine_new(&run.engine, run.settings, &newer.callbacks, &run.error), P2I_OK);
    run_finish(&run);
    p2i_engine_free(run.engine);
    run.callbacks.struct_size = 0;
    cr_expect_eq(p2i_engine_new(&run.engine, run.settings, &run.callbacks, &run.error), P2I_USAGE);
    cr_expect_null(run.engine);
    run.callbacks.struct_size = offsetof(struct p2i_engine_callbacks, record);
    cr_expect_eq(p2i_engine_new(&run.engine, run.settings, &run.callbacks, NULL), P2I_USAGE);
    cr_expect_null(run.engine);
    run_end(&run);
}

/* Feeds until the engine has had enough, and finishes. Returns the first result that is not P2I_OK.
 */
static enum p2i_result feed_until_stopped(struct run *run, const struct frames *frames,
                                          unsigned flush_each)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < frames->count && result == P2I_OK; i++) {
        result = p2i_engine_feed(run->engine, &frames->list[i], &run->error);
        if (result == P2I_OK && flush_each > 0 && i % flush_each == 0) {
            result = p2i_engine_flush(run->engine, &run->error);
        }
    }
    return result == P2I_OK ? p2i_engine_finish(run->engine, &run->error) : result;
}

static void expect_stopped(struct run *run, const struct frames *frames)
{
    size_t count = run->count;
    cr_expect_eq(run->after, 0, "%zu callbacks after the stop", run->after);
    cr_expect_eq(run->of_kind, run->stop_at);
    cr_expect_eq(p2i_engine_feed(run->engine, frames->list, &run->error), P2I_END);
    cr_expect_eq(p2i_engine_read(run->engine, NULL, 0, &run->error), P2I_END);
    cr_expect_eq(p2i_engine_flush(run->engine, &run->error), P2I_END);
    cr_expect_eq(p2i_engine_finish(run->engine, &run->error), P2I_END);
    cr_expect_eq(p2i_engine_finish(run->engine, &run->error), P2I_END);
    cr_expect_gt(p2i_engine_statistics(run->engine)->frames, 0);
    cr_expect_eq(run->count, count);
    cr_expect_eq(run->after, 0);
}

/* Callbacks of each kind say stop at the first call, or later; nothing is called any more. */
Test(engine_misuse, callbacks_that_say_stop)
{
    static const enum event_kind kinds[] = {RECORD, BEGIN, END, PACKET};
    static const uint64_t at[] = {1, 50};
    struct frames frames = {0};
    frames_load_all(&frames);
    for (unsigned i = 0; i < 4 * 2 * 2 * 3; i++) {
        struct run run;
        run_prepare(&run, i / 8 % 2 == 0 ? 1 : 3);
        run.stop_kind = kinds[i % 4];
        run.stop_at = at[i / 4 % 2];
        run_begin(&run);
        if (i / 16 == 2) {
            size_t count;
            const char *const *paths = sample_paths(&count);
            enum p2i_result read = p2i_engine_read(run.engine, paths, count, &run.error);
            cr_expect(read == P2I_END || (read == P2I_OK && run.stop_kind == END));
            cr_expect_eq(p2i_engine_finish(run.engine, &run.error), P2I_END);
        } else {
            cr_expect_eq(feed_until_stopped(&run, &frames, i / 16 == 1 ? 100 : 0), P2I_END);
        }
        expect_stopped(&run, &frames);
        run_end(&run);
    }
    frames_free(&frames);
}
