/* SPDX-License-Identifier: MIT */
/* Blocks through the pipeline: the same records in the same order for any number of workers, and
 * what ends a run early. */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "block_frames.h"
#include "engine/pipeline.h"

enum { NOW = 1000000, BLOCKS = 300, PER_BLOCK = 40 };

/* ---- a source of frames ---- */

struct source {
    uint64_t state;  /* of the random numbers */
    uint64_t number; /* of the last frame */
    uint64_t time_ns;
    unsigned blocks;       /* given so far */
    unsigned last;         /* number of blocks in all */
    enum p2i_result after; /* result behind the last block */
    uint32_t sequences[64];
    _Atomic unsigned ahead; /* calls of work_ahead() ... */
    _Atomic unsigned going; /* ... and those that have not returned */
};

static void source_begin(struct source *source, unsigned last)
{
    *source = (struct source){
        .state = 1, .time_ns = NOW * UINT64_C(1000000000), .last = last, .after = P2I_END};
}

static uint32_t next_random(struct source *source)
{
    source->state = source->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(source->state >> 33);
}

static void send_text(struct source *source, struct p2i_block *block, struct sent sent,
                      const char *text)
{
    sent.transport = P2I_PROTO_TCP;
    sent.payload = text;
    sent.size = strlen(text);
    (void)block_send(block, sent, source->time_ns);
    source->number++;
}

/* Mostly a request in one of 64 sessions; now and then an FTP data connection and its announcement,
 * or a pause that ends sessions. */
static void send_next(struct source *source, struct p2i_block *block)
{
    char text[64];
    uint8_t client = (uint8_t)(next_random(source) % 64);
    uint16_t port = (uint16_t)(20000 + source->number % 10000);
    source->time_ns += next_random(source) % 500 == 0 ? UINT64_C(70000000000) : 1000000;
    switch (next_random(source) % 16) {
    case 0:
        snprintf(text, sizeof text, "229 x (|||%u|)\r\n", port);
        send_text(source, block, (struct sent){.from = 200, .to = client, 21, 40000}, text);
        send_text(source, block, (struct sent){.from = client, .to = 200, 40001, port}, "data");
        break;
    case 1:
        (void)block_send(block, (struct sent){P2I_PROTO_ICMP, client, 200}, source->time_ns);
        source->number++;
        break;
    default:
        snprintf(text, sizeof text, "GET /%u HTTP/1.1\r\nHost: h%u.example\r\n\r\n",
                 (unsigned)source->number, client);
        send_text(source, block,
                  (struct sent){
                      .from = client, .to = 100, 30000, 80, .sequence = source->sequences[client]},
                  text);
        source->sequences[client] += (uint32_t)strlen(text);
    }
}

/* As in struct p2i_block_source. */
static enum p2i_result read_source(void *context, struct p2i_block *block,
                                   struct p2i_progress *progress, struct p2i_error *error)
{
    struct source *source = context;
    progress->frames = source->number;
    if (source->blocks == source->last) {
        return source->after == P2I_END ? P2I_END
                                        : p2i_fail(error, source->after, "the source is broken");
    }
    source->blocks++;
    block_begin(block, source->number + 1);
    for (unsigned i = 0; i < 1 + source->blocks * 7919 % PER_BLOCK; i++) {
        send_next(source, block);
    }
    return P2I_OK;
}

/* ---- runs ---- */

struct run {
    struct p2i_settings *settings;
    struct p2i_lookups lookups;
    struct p2i_pipeline *pipeline;
    struct source source;
    struct p2i_buffer log; /* kind, time and bytes of each record */
    uint64_t records;
    uint64_t fail_at; /* this record is refused; 0: none */
    unsigned reports;
    uint64_t reported; /* frames in the last report */
    bool wrong;        /* a report contradicts the records, or the report before it */
    struct p2i_error error;
};

/* Called from any thread, so it asserts nothing. */
static enum p2i_result take_record(void *context, const struct p2i_record *record,
                                   struct p2i_error *error)
{
    struct run *run = context;
    if (++run->records == run->fail_at) {
        return p2i_fail(error, P2I_OUTPUT, "no space");
    }
    uint32_t head[] = {(uint32_t)record->kind, record->time_s, record->ip_version, record->cut,
                       (uint32_t)record->bytes.size};
    if (!p2i_buffer_reserve(&run->log, sizeof head + record->bytes.size)) {
        return p2i_fail_memory(error);
    }
    memcpy(run->log.data + run->log.size, head, sizeof head);
    memcpy(run->log.data + run->log.size + sizeof head, record->bytes.data, record->bytes.size);
    run->log.size += sizeof head + record->bytes.size;
    return P2I_OK;
}

static void note_progress(void *context, const struct p2i_progress *progress)
{
    struct run *run = context;
    run->reports++;
    run->wrong |= progress->records != run->records || progress->frames < run->reported;
    run->reported = progress->frames;
}

static void run_begin(struct run *run, unsigned threads, uint64_t memory_bytes)
{
    static const struct p2i_privacy_rules rules = {.keep_passwords = true};
    *run = (struct run){.settings = p2i_settings_new()};
    cr_assert_not_null(run->settings);
    run->settings->threads = threads;
    run->settings->memory_bytes = memory_bytes;
    run->settings->records = UINT32_C(1) << P2I_RECORD_CLICKSTREAM |
                             UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW;
    run->settings->progress = note_progress;
    run->settings->context = run;
    source_begin(&run->source, BLOCKS);
    cr_assert_eq(p2i_lookups_open(&run->lookups, run->settings, &run->error), P2I_OK);
    struct p2i_record_sink sink = {.write = take_record, .context = run};
    cr_assert_eq(
        p2i_pipeline_new(&run->pipeline, run->settings, &run->lookups, &rules, &sink, &run->error),
        P2I_OK);
}

static void run_end(struct run *run)
{
    p2i_pipeline_free(run->pipeline);
    p2i_lookups_close(&run->lookups);
    p2i_settings_free(run->settings);
    p2i_buffer_free(&run->log);
}

/* A pipe with nothing in it for every other question. */
static bool is_ready(void *context)
{
    struct source *source = context;
    return source->blocks % 2 == 0;
}

/* Has something to do every fourth time. */
static bool work_ahead(void *context, bool may_wait)
{
    struct source *source = context;
    (void)may_wait;
    atomic_fetch_add(&source->going, 1);
    usleep(50);
    bool did = atomic_fetch_add(&source->ahead, 1) % 4 == 0;
    atomic_fetch_sub(&source->going, 1);
    return did;
}

static enum p2i_result run_read(struct run *run)
{
    struct p2i_block_source source = {read_source, is_ready, work_ahead, &run->source};
    enum p2i_result result = p2i_pipeline_read(run->pipeline, &source, &run->error);
    cr_expect_eq(atomic_load(&run->source.going), 0, "nobody works ahead after the end");
    if (run->source.last > 0) {
        cr_expect_eq(atomic_load(&run->source.ahead) > 0, run->settings->threads > 1);
    }
    return result;
}

static enum p2i_result run_finish(struct run *run)
{
    return p2i_pipeline_finish(run->pipeline, &run->error);
}

/* Puts up to `blocks` blocks; *left: some are left. */
static enum p2i_result run_put(struct run *run, unsigned blocks, bool *left)
{
    *left = true;
    for (unsigned i = 0; i < blocks && *left; i++) {
        struct p2i_progress progress;
        struct p2i_block *block;
        enum p2i_result result = p2i_pipeline_take(run->pipeline, &block, &run->error);
        if (result != P2I_OK) {
            return result;
        }
        *left = read_source(&run->source, block, &progress, &run->error) == P2I_OK;
        if (!*left) {
            return P2I_OK;
        }
        result = p2i_pipeline_put(run->pipeline, &run->error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

static void expect_log(const struct run *run, const struct p2i_buffer *expected, const char *what)
{
    cr_expect_eq(run->log.size, expected->size, "%s: %zu bytes instead of %zu", what, run->log.size,
                 expected->size);
    cr_expect(run->log.size == expected->size &&
                  memcmp(run->log.data, expected->data, expected->size) == 0,
              "%s: other records with %u workers", what, run->settings->threads);
}

/* A complete run with one worker. */
static void reference_run(struct run *run)
{
    run_begin(run, 1, UINT64_C(1) << 28);
    cr_assert_eq(run_read(run), P2I_OK);
    cr_assert_eq(run_finish(run), P2I_OK);
    cr_assert_gt(run->records, BLOCKS * PER_BLOCK / 4);
}

static const unsigned worker_counts[] = {1, 2, 3, 8};
enum { WORKER_COUNTS = sizeof worker_counts / sizeof *worker_counts };

/* ---- the same records ---- */

Test(pipeline, any_number_of_workers)
{
    struct run one;
    reference_run(&one);
    const struct p2i_record_merge *expected = p2i_pipeline_merge(one.pipeline);
    cr_expect_gt(expected->records[P2I_RECORD_CLICKSTREAM], 0);
    cr_expect_gt(expected->records[P2I_RECORD_FLOW], 0);
    for (unsigned i = 0; i < 3 * WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i % WORKER_COUNTS], UINT64_C(1) << 28);
        cr_assert_eq(run_read(&run), P2I_OK);
        cr_assert_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "read");
        const struct p2i_record_merge *merge = p2i_pipeline_merge(run.pipeline);
        cr_expect_arr_eq(merge->records, expected->records, sizeof merge->records);
        cr_expect_eq(merge->live_peak, expected->live_peak);
        cr_expect_eq(merge->live, 0);
        const struct p2i_block_decoder *decoder = p2i_pipeline_decoder(run.pipeline);
        cr_expect_arr_eq(decoder->fates, p2i_pipeline_decoder(one.pipeline)->fates,
                         sizeof decoder->fates);
        cr_expect_eq(decoder->last_number, run.source.number);
        cr_expect_gt(run.reports, 1);
        cr_expect_not(run.wrong);
        run_end(&run);
    }
    run_end(&one);
}

/* Every session is counted by one worker, and every worker has some. */
Test(pipeline, workers_share_the_sessions)
{
    struct run run;
    uint64_t tcp = 0;
    run_begin(&run, 3, UINT64_C(1) << 28);
    cr_assert_eq(run_read(&run), P2I_OK);
    cr_assert_eq(run_finish(&run), P2I_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct p2i_session_counts counts;
        p2i_sessions_counts(p2i_pipeline_worker(run.pipeline, i)->sessions, &counts);
        cr_expect_gt(counts.tcp_sessions, 0);
        tcp += counts.tcp_sessions;
    }
    struct run one;
    struct p2i_session_counts expected;
    reference_run(&one);
    p2i_sessions_counts(p2i_pipeline_worker(one.pipeline, 0)->sessions, &expected);
    cr_expect_eq(tcp, expected.tcp_sessions);
    run_end(&one);
    run_end(&run);
}

/* Sessions are evicted in the same order, and few blocks are in flight. */
Test(pipeline, little_memory)
{
    struct run one;
    run_begin(&one, 1, 1 << 19);
    cr_assert_eq(run_read(&one), P2I_OK);
    cr_assert_eq(run_finish(&one), P2I_OK);
    for (unsigned i = 1; i < WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i], 1 << 19);
        cr_assert_eq(run_read(&run), P2I_OK);
        cr_assert_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "little memory");
        run_end(&run);
    }
    run_end(&one);
}

/* ---- blocks of the caller ---- */

Test(pipeline, put)
{
    struct run one;
    reference_run(&one);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        bool left;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        cr_assert_eq(run_put(&run, UINT32_MAX, &left), P2I_OK);
        cr_assert_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "put");
        run_end(&run);
    }
    run_end(&one);
}

/* Empty blocks make no difference. */
Test(pipeline, put_nothing)
{
    struct run one;
    reference_run(&one);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        bool left = true;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        while (left) {
            struct p2i_block *block;
            cr_assert_eq(p2i_pipeline_take(run.pipeline, &block, &run.error), P2I_OK);
            block_begin(block, run.source.number + 1);
            cr_assert_eq(p2i_pipeline_put(run.pipeline, &run.error), P2I_OK);
            cr_assert_eq(run_put(&run, 3, &left), P2I_OK);
        }
        cr_assert_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "empty blocks");
        run_end(&run);
    }
    run_end(&one);
}

/* Draining writes all that the blocks so far have completed, no more and no less. */
Test(pipeline, drain)
{
    struct run one;
    struct run runs[WORKER_COUNTS];
    bool left = true;
    run_begin(&one, 1, UINT64_C(1) << 28);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        run_begin(&runs[i], worker_counts[i], UINT64_C(1) << 28);
    }
    while (left) {
        size_t before = one.log.size;
        cr_assert_eq(run_put(&one, 20, &left), P2I_OK);
        cr_assert_eq(p2i_pipeline_drain(one.pipeline, &one.error), P2I_OK);
        cr_assert(one.log.size > before || !left);
        for (unsigned i = 0; i < WORKER_COUNTS; i++) {
            bool more;
            cr_assert_eq(run_put(&runs[i], 20, &more), P2I_OK);
            cr_assert_eq(p2i_pipeline_drain(runs[i].pipeline, &runs[i].error), P2I_OK);
            cr_assert_eq(more, left);
            expect_log(&runs[i], &one.log, "drained");
        }
    }
    cr_assert_eq(run_finish(&one), P2I_OK);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        cr_assert_eq(run_finish(&runs[i]), P2I_OK);
        expect_log(&runs[i], &one.log, "finished");
        run_end(&runs[i]);
    }
    run_end(&one);
}

/* Sources may follow each other, and blocks of the caller may come between them. */
Test(pipeline, read_put_and_read)
{
    struct run one;
    reference_run(&one);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        bool left;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        run.source.last = 100;
        cr_assert_eq(run_read(&run), P2I_OK);
        run.source.last = BLOCKS;
        cr_assert_eq(run_put(&run, 100, &left), P2I_OK);
        cr_assert_eq(run_read(&run), P2I_OK);
        cr_assert_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "read, put, read");
        run_end(&run);
    }
    run_end(&one);
}

/* ---- ends ---- */

Test(pipeline, nothing)
{
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        cr_expect_eq(p2i_pipeline_drain(run.pipeline, &run.error), P2I_OK);
        cr_expect_eq(run_finish(&run), P2I_OK);
        cr_expect_eq(run.records, 0);
        run_end(&run);
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        run.source.last = 0;
        cr_expect_eq(run_read(&run), P2I_OK);
        cr_expect_eq(run_finish(&run), P2I_OK);
        cr_expect_eq(run.records, 0);
        run_end(&run);
    }
    p2i_pipeline_free(NULL);
}

/* With blocks in flight, with a block taken, or drained: all is freed, and no thread is left. */
Test(pipeline, is_freed_early)
{
    for (unsigned i = 0; i < 6 * WORKER_COUNTS; i++) {
        struct run run;
        struct p2i_block *block;
        bool left;
        run_begin(&run, worker_counts[i % WORKER_COUNTS], UINT64_C(1) << 28);
        cr_assert_eq(run_put(&run, i, &left), P2I_OK);
        if (i % 3 == 1) {
            cr_assert_eq(p2i_pipeline_take(run.pipeline, &block, &run.error), P2I_OK);
        } else if (i % 3 == 2) {
            cr_assert_eq(p2i_pipeline_drain(run.pipeline, &run.error), P2I_OK);
        }
        run_end(&run);
    }
}

static void expect_error(const struct run *run, enum p2i_result result, enum p2i_result expected,
                         const char *text)
{
    cr_expect_eq(result, expected, "%u workers: result %d", run->settings->threads, (int)result);
    cr_expect_str_eq(run->error.text, text);
}

/* A source that fails ends the reading, which says so once. The records of the blocks before it are
 * written, and the sessions can be ended. */
Test(pipeline, source_fails)
{
    struct run one;
    run_begin(&one, 1, UINT64_C(1) << 28);
    one.source.last = 100;
    cr_assert_eq(run_read(&one), P2I_OK);
    size_t drained = one.log.size;
    cr_assert_eq(run_finish(&one), P2I_OK);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        run.source.last = 100;
        run.source.after = P2I_DAMAGED;
        expect_error(&run, run_read(&run), P2I_DAMAGED, "the source is broken");
        cr_expect_eq(run.log.size, drained);
        cr_expect_eq(run_finish(&run), P2I_OK);
        expect_log(&run, &one.log, "before the failure");
        run_end(&run);
    }
    run_end(&one);
}

/* A sink that fails stops the run; it gets no more records, also not at the end. */
Test(pipeline, sink_fails)
{
    static const uint64_t at[] = {1, 2, 1000};
    for (unsigned i = 0; i < 3 * WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i % WORKER_COUNTS], UINT64_C(1) << 28);
        run.fail_at = at[i / WORKER_COUNTS];
        expect_error(&run, run_read(&run), P2I_OUTPUT, "no space");
        cr_expect_lt(run.source.blocks, BLOCKS, "it is not read to its end");
        run.error = (struct p2i_error){0};
        expect_error(&run, run_finish(&run), P2I_OUTPUT, "no space");
        cr_expect_eq(run.records, run.fail_at);
        run_end(&run);
    }
}

/* Whoever puts blocks learns of it. */
Test(pipeline, sink_fails_while_blocks_are_put)
{
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        bool left;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        run.fail_at = 100;
        expect_error(&run, run_put(&run, UINT32_MAX, &left), P2I_OUTPUT, "no space");
        cr_expect_lt(run.source.blocks, BLOCKS);
        run.error = (struct p2i_error){0};
        expect_error(&run, p2i_pipeline_drain(run.pipeline, &run.error), P2I_OUTPUT, "no space");
        cr_expect_eq(run.records, run.fail_at);
        run_end(&run);
    }
}

/* The records of sessions that end with the run may be the ones that are refused. */
Test(pipeline, sink_fails_at_the_end)
{
    struct run one;
    reference_run(&one);
    for (unsigned i = 0; i < WORKER_COUNTS; i++) {
        struct run run;
        run_begin(&run, worker_counts[i], UINT64_C(1) << 28);
        run.fail_at = one.records;
        cr_assert_eq(run_read(&run), P2I_OK);
        expect_error(&run, run_finish(&run), P2I_OUTPUT, "no space");
        run_end(&run);
    }
    run_end(&one);
}
