/* SPDX-License-Identifier: MIT */
/* What each stage costs: the pipeline is run over a capture up to one stage more each time, and the
 * difference is that stage's. One thread; best of some turns; output goes nowhere. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "capture/capture.h"
#include "engine/worker.h"
#include "protocol/protocols.h"

enum stage { READ, DECODE, SESSIONS, PARSE, ENCODE, STAGES };

enum { TURNS = 5 };

struct bench {
    enum stage last; /* up to here */
    const char *path;
    uint64_t packets;
    uint64_t bytes;
    uint64_t messages;
    struct p2i_buffer result;
    struct p2i_encoding encoding;
    struct p2i_encode_counts counts;
};

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void take(void *context, const struct p2i_session_message *message)
{
    struct bench *bench = context;
    bench->messages++;
    if (bench->last < ENCODE) {
        return;
    }
    struct p2i_record_facts facts = {
        .source = message->source,
        .destination = message->destination,
        .info = message->info,
        .session_id = message->session_id,
        .source_port = message->source_port,
        .destination_port = message->destination_port,
        .ip_version = message->ip_version,
        .transport = message->transport,
    };
    bench->result.size = 0;
    (void)p2i_encode(&bench->encoding, message->kind, &facts, message->message, &bench->result,
                     &bench->counts);
}

static void walk(struct bench *bench, const struct p2i_block *block,
                 struct p2i_block_decoder *decoder, struct p2i_decoded_block *decoded,
                 struct p2i_sessions *sessions)
{
    for (size_t at = 0; at < block->frame_count;) {
        struct p2i_arrivals_place place = {0};
        p2i_decode_block(decoder, block, &at, P2I_BATCH, decoded);
        if (bench->last >= SESSIONS) {
            p2i_sessions_handle(sessions, &decoded->arrivals, 0, &place, decoded->last_number);
        }
    }
}

static void complain(void *context, const struct p2i_error *error)
{
    (void)context;
    fprintf(stderr, "stages: %s\n", error->text);
}

static void run(struct bench *bench)
{
    static const struct p2i_protocol *const none[] = {NULL};
    struct p2i_session_settings settings = {
        .protocols = bench->last >= PARSE ? p2i_protocols : none,
        .parse = {.dns_answers = true, .dns_empty_responses = true},
        .memory_bytes = UINT64_C(1) << 30,
        .emit = take,
        .context = bench,
    };
    struct p2i_capture_settings how = {.order = P2I_ORDER_ARGS};
    struct p2i_capture *capture = NULL;
    struct p2i_error error;
    struct p2i_block block;
    struct p2i_settings decoding = {.threads = 1, .memory_bytes = UINT64_C(1) << 30};
    struct p2i_block_decoder decoder;
    struct p2i_decoded_block decoded = {0};
    struct p2i_sessions *sessions = p2i_sessions_new(&settings);
    if (!p2i_block_init(&block) || !p2i_block_decoder_init(&decoder, &decoding) ||
        sessions == NULL ||
        p2i_capture_open(&capture, &how, &bench->path, 1, complain, NULL, &error) != P2I_OK) {
        exit(1);
    }
    bench->packets = bench->messages = 0;
    while (p2i_capture_read(capture, &block, &error) == P2I_OK) {
        bench->packets += block.frame_count;
        if (bench->last >= DECODE) {
            walk(bench, &block, &decoder, &decoded, sessions);
        }
    }
    if (bench->last >= SESSIONS) {
        p2i_sessions_finish(sessions, bench->packets + 1);
    }
    bench->bytes = p2i_capture_facts(capture, 0)->read_bytes;
    p2i_capture_close(capture);
    p2i_block_free(&block);
    p2i_block_decoder_free(&decoder);
    p2i_decoded_block_free(&decoded);
    p2i_sessions_free(sessions);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        [READ] = "read and find frames",
        [DECODE] = "decode, dispatch",
        [SESSIONS] = "sessions, reassembly",
        [PARSE] = "parse",
        [ENCODE] = "encode",
    };
    if (argc != 2) {
        fprintf(stderr, "usage: stages CAPTURE\n");
        return 2;
    }
    struct bench bench = {.path = argv[1], .encoding = {.string_limit = 4096}};
    double best[STAGES];
    for (int turn = 0; turn < TURNS; turn++) {
        for (bench.last = READ; bench.last < STAGES; bench.last++) {
            double begun = now();
            run(&bench);
            double seconds = now() - begun;
            if (turn == 0 || seconds < best[bench.last]) {
                best[bench.last] = seconds;
            }
        }
    }
    printf("%-24s %9s %9s %12s\n", "stage", "s", "s so far", "ns a packet");
    for (enum stage stage = READ; stage < STAGES; stage++) {
        double own = best[stage] - (stage > READ ? best[stage - 1] : 0);
        printf("%-24s %9.3f %9.3f %12.1f\n", names[stage], own, best[stage],
               own * 1e9 / (double)(bench.packets > 0 ? bench.packets : 1));
    }
    printf("%llu packets, %llu messages, %.1f MB\n", (unsigned long long)bench.packets,
           (unsigned long long)bench.messages, (double)bench.bytes / 1e6);
    p2i_buffer_free(&bench.result);
    return 0;
}
