/* SPDX-License-Identifier: MIT */
/* Why sessions gave no record, as the callbacks of the engine get it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/* Why the only session of the frames gave no record. Frees them. */
static enum p2i_no_record_reason reason_of(struct frames *frames)
{
    struct run run;
    run_of(&run, 2, frames);
    enum p2i_no_record_reason reason = run_only_end(&run)->no_record_reason;
    run_end(&run);
    frames_free(frames);
    return reason;
}

/* The same of the session of a protocol in a sample capture. */
static enum p2i_no_record_reason reason_in(const char *sample, enum p2i_protocol_id protocol,
                                           const char *records)
{
    struct frames frames = {0};
    struct run run;
    frames_load(&frames, sample, 0);
    run_prepare(&run, 1);
    run_set(&run, "records", records);
    run_begin(&run);
    run_feed(&run, &frames);
    run_finish(&run);
    int reason = -1;
    for (size_t i = 0; i < run.count; i++) {
        const struct p2i_session_facts *facts = &run.events[i].facts;
        reason = run.events[i].what == END && facts->protocol == protocol
                     ? (int)facts->no_record_reason
                     : reason;
    }
    run_end(&run);
    frames_free(&frames);
    return (enum p2i_no_record_reason)reason;
}

/* "Jabberwocky" is of no protocol. */
static void send_nonsense(struct frames *frames, bool syn, bool answer, uint32_t uncaptured)
{
    if (syn) {
        frames_send(frames, (struct sent){6, false, 4000, 0, 2, 99, 0, NULL, 0, 0});
    }
    frames_send(frames,
                (struct sent){6, false, 4000, 0, 24, 100, 500, "jabberwocky\n", uncaptured, 1});
    if (answer) {
        frames_send(frames, (struct sent){6, true, 4000, 0, 24, 500, 112, "jabberwocky\n", 0, 2});
    }
}

Test(engine_no_record, none)
{
    cr_expect_eq(reason_in("http-keepalive.pcap", P2I_ID_HTTP, "clickstream"), P2I_NO_RECORD_NONE);
}

Test(engine_no_record, no_payload)
{
    struct frames frames = {0};
    frames_send(&frames, (struct sent){6, false, 4000, 0, 2, 99, 0, NULL, 0, 0});
    frames_send(&frames, (struct sent){6, true, 4000, 0, 4, 0, 100, NULL, 0, 1});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NO_PAYLOAD);
}

Test(engine_no_record, not_recognised)
{
    struct frames frames = {0};
    send_nonsense(&frames, true, true, 0);
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NOT_RECOGNISED);
    frames_send(&frames, (struct sent){17, false, 4000, 0, 0, 0, 0, "jabberwocky\n", 0, 1});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NOT_RECOGNISED);
}

Test(engine_no_record, no_records)
{
    cr_expect_eq(reason_in("services.pcap", P2I_ID_REDIS, "clickstream"),
                 P2I_NO_RECORD_NOTHING_TO_RECORD);
}

Test(engine_no_record, encrypted)
{
    cr_expect_eq(reason_in("services.pcap", P2I_ID_SSH, "clickstream"), P2I_NO_RECORD_ENCRYPTED);
}

Test(engine_no_record, lost)
{
    struct frames frames = {0};
    send_nonsense(&frames, true, true, 11);
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_LOST);
}

/* The packet at which it was decided, in the only session of the frames. Frees them. */
static uint64_t place_of(struct frames *frames, enum p2i_no_record_reason reason)
{
    struct run run;
    run_of(&run, 1, frames);
    const struct p2i_session_facts *facts = run_only_end(&run);
    cr_expect_eq(facts->no_record_reason, reason, "%s",
                 p2i_no_record_reason_text(facts->no_record_reason));
    uint64_t place = facts->reason_packet;
    run_end(&run);
    frames_free(frames);
    return place;
}

/* What is lost behind the beginning does not hide a protocol. */
Test(engine_no_record, lost_behind_the_beginning)
{
    struct frames frames = {0};
    char text[201];
    memset(text, 'j', 200);
    text[200] = '\0';
    frames_send(&frames, (struct sent){6, false, 4000, 0, 2, 99, 0, NULL, 0, 0});
    frames_send(&frames, (struct sent){6, false, 4000, 0, 24, 100, 500, text, 0, 1});
    frames_send(&frames, (struct sent){6, true, 4000, 0, 24, 500, 300, text, 0, 2});
    frames_send(&frames, (struct sent){6, false, 4000, 0, 24, 900, 700, text, 0, 3});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NOT_RECOGNISED);
}

Test(engine_no_record, lost_has_a_place)
{
    struct frames frames = {0};
    send_nonsense(&frames, true, true, 11);
    cr_expect_eq(place_of(&frames, P2I_NO_RECORD_LOST), 2);
}

Test(engine_no_record, cut_datagram)
{
    struct frames frames = {0};
    frames_send(&frames, (struct sent){17, true, 4000, 9000, 0, 0, 0, "jabberwocky\n", 0, 1});
    frames_send(&frames, (struct sent){17, false, 4000, 9000, 0, 0, 0, "jabberwocky\n", 8, 2});
    frames_send(&frames, (struct sent){17, false, 4000, 9000, 0, 0, 0, "jabberwocky\n", 0, 3});
    cr_expect_eq(place_of(&frames, P2I_NO_RECORD_LOST), 2);
    frames_send(&frames, (struct sent){17, false, 4000, 9000, 0, 0, 0, "jabberwocky\n", 0, 1});
    frames_send(&frames, (struct sent){17, false, 4000, 9000, 0, 0, 0, "jabberwocky\n", 8, 2});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NOT_RECOGNISED);
}

Test(engine_no_record, empty_datagram)
{
    struct frames frames = {0};
    frames_send(&frames, (struct sent){17, false, 4000, 9000, 0, 0, 0, NULL, 0, 1});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_NO_PAYLOAD);
}

/* A response with a question and an answer, which says that it has more bytes than there are. */
Test(engine_no_record, broken)
{
    static const char response[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\7example\0\0\1\0\1"
                                   "\xc0\x0c\0\1\0\1\0\0\0\x3c\xff\xff\x0a\0\0\1";
    struct frames frames = {0};
    frames_send(&frames,
                (struct sent){17, true, 4000, 53, 0, 0, 0, response, 0, 1, sizeof response - 1});
    cr_expect_eq(place_of(&frames, P2I_NO_RECORD_BROKEN), 1);
}

/* A query without an answer. */
Test(engine_no_record, one_direction_of_datagrams)
{
    static const char query[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\0\0\1\0\1";
    struct frames frames = {0};
    frames_send(&frames,
                (struct sent){17, false, 4000, 53, 0, 0, 0, query, 0, 1, sizeof query - 1});
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_ONE_DIRECTION);
}

/* Nobody has asked for records of raw packets, which this protocol would have. */
Test(engine_no_record, raw_not_selected)
{
    cr_expect_eq(reason_in("services.pcap", P2I_ID_STUN, "clickstream"),
                 P2I_NO_RECORD_NOT_SELECTED);
}

Test(engine_no_record, joined)
{
    struct frames frames = {0};
    send_nonsense(&frames, false, true, 0);
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_JOINED);
}

Test(engine_no_record, one_direction)
{
    struct frames frames = {0};
    send_nonsense(&frames, true, false, 0);
    cr_expect_eq(reason_of(&frames), P2I_NO_RECORD_ONE_DIRECTION);
}

Test(engine_no_record, not_selected)
{
    cr_expect_eq(reason_in("http-keepalive.pcap", P2I_ID_HTTP, "dns"), P2I_NO_RECORD_NOT_SELECTED);
}

Test(engine_no_record, evicted)
{
    struct frames frames = {0};
    for (unsigned i = 0; i < 60000; i++) {
        struct sent sent = {17, false, (uint16_t)i, 0, 0, 0, 0, "jabberwocky\n", 0, i / 1000};
        frames_send(&frames, sent);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct run run;
        run_prepare(&run, thread_counts[2 * i]);
        run_set(&run, "memory", "16M");
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        size_t evicted = 0;
        size_t other = 0;
        for (size_t j = 0; j < run.count; j++) {
            const struct p2i_session_facts *facts = &run.events[j].facts;
            if (run.events[j].what == END) {
                evicted += facts->no_record_reason == P2I_NO_RECORD_EVICTED;
                other += facts->no_record_reason == P2I_NO_RECORD_NOT_RECOGNISED;
            }
        }
        cr_expect_eq(evicted, p2i_engine_statistics(run.engine)->evicted_sessions);
        cr_expect_gt(evicted, 0);
        cr_expect_gt(other, 0);
        cr_expect_eq(evicted + other, 60000);
        run_end(&run);
    }
    frames_free(&frames);
}

Test(engine_no_record, texts)
{
    for (int i = P2I_NO_RECORD_NONE; i <= P2I_NO_RECORD_BROKEN; i++) {
        cr_expect_str_neq(p2i_no_record_reason_text((enum p2i_no_record_reason)i), "unknown");
    }
    cr_expect_str_eq(
        p2i_no_record_reason_text((enum p2i_no_record_reason)(P2I_NO_RECORD_BROKEN + 1)),
        "unknown");
    cr_expect_str_eq(p2i_no_record_reason_text((enum p2i_no_record_reason) - 1), "unknown");
}
