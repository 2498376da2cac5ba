/* SPDX-License-Identifier: MIT */
/* Sessions and packets at the callbacks of the engine. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/* ---- what holds for all runs ---- */

/* A session that has begun, and what came of it so far. */
struct open_session {
    uint64_t id;
    uint64_t packets, records;
    uint64_t flow_packets, flow_bytes; /* of its flow records */
};

struct open_sessions {
    struct open_session *list;
    size_t count, capacity;
};

static struct open_session *find_open(const struct open_sessions *open, uint64_t id)
{
    for (size_t i = open->count; i > 0; i--) {
        if (open->list[i - 1].id == id) {
            return &open->list[i - 1];
        }
    }
    return NULL;
}

static void begin_session(struct open_sessions *open, uint64_t id)
{
    cr_assert_null(find_open(open, id), "session %" PRIx64 " begins twice", id);
    if (open->count == open->capacity) {
        open->capacity = open->capacity > 0 ? 2 * open->capacity : 64;
        open->list = realloc(open->list, open->capacity * sizeof *open->list);
        cr_assert_not_null(open->list);
    }
    open->list[open->count++] = (struct open_session){.id = id};
}

/* A number in the JSON of a record. */
static uint64_t json_number(const struct run *run, const struct event *event, const char *name)
{
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr((const char *)run->log.data + event->text, key);
    cr_assert_not_null(found);
    return strtoull(found + strlen(key), NULL, 10);
}

static void end_session(struct open_sessions *open, const struct event *event, bool flows)
{
    struct open_session *session = find_open(open, event->session);
    const struct p2i_session_facts *facts = &event->facts;
    cr_assert_not_null(session, "session %" PRIx64 " ends, but did not begin", event->session);
    cr_expect_eq(facts->packets[0] + facts->packets[1], session->packets,
                 "session %" PRIx64 ": %" PRIu64 " + %" PRIu64 " packets, but %" PRIu64
                 " were seen",
                 facts->id, facts->packets[0], facts->packets[1], session->packets);
    cr_expect_eq(facts->records, session->records);
    cr_expect_eq(facts->no_record_reason == P2I_NO_RECORD_NONE, session->records > 0);
    cr_expect_leq(facts->first_ns, facts->last_ns);
    if (flows) {
        cr_expect_eq(session->flow_packets, session->packets);
        cr_expect_eq(session->flow_bytes, facts->bytes[0] + facts->bytes[1]);
    }
    *session = open->list[--open->count];
}

/* Every session begins once and ends once, with its records and packets between; its counts are
 * those of the callbacks, and with `flows` those of its flow records. Packets come once, in order.
 */
static void check_events(const struct run *run, bool flows)
{
    struct open_sessions open = {0};
    uint64_t last = 0;
    for (size_t i = 0; i < run->count; i++) {
        const struct event *event = &run->events[i];
        struct open_session *session = find_open(&open, event->session);
        uint64_t place = (uint64_t)event->capture << 40 | event->packet;
        switch (event->what) {
        case BEGIN:
            begin_session(&open, event->session);
            break;
        case END:
            end_session(&open, event, flows);
            break;
        case PACKET:
            cr_assert_not_null(session, "packet %" PRIu64 " of no session", event->packet);
            cr_assert_gt(place, last, "packet %" PRIu64 " comes late, or twice", event->packet);
            last = place;
            session->packets++;
            break;
        case RECORD:
            cr_assert_not_null(session, "record of packet %" PRIu64 " of no session",
                               event->packet);
            session->records++;
            if (event->kind == P2I_RECORD_FLOW) {
                session->flow_packets += json_number(run, event, "packetDeltaCount");
                session->flow_bytes += json_number(run, event, "octetDeltaCount");
            }
            break;
        case LOGGED:
            break;
        }
    }
    cr_expect_eq(open.count, 0, "%zu sessions did not end", open.count);
    free(open.list);
}

Test(engine_sessions, begin_and_end_around_their_records)
{
    struct frames frames = {0};
    frames_load_all(&frames);
    struct run run;
    run_of(&run, 3, &frames);
    check_events(&run, false);
    const struct p2i_statistics *statistics = p2i_engine_statistics(run.engine);
    cr_expect_eq(run_count(&run, END), statistics->tcp_sessions + statistics->udp_sessions);
    cr_expect_eq(run_count(&run, PACKET), statistics->fates[P2I_FATE_HANDLED]);
    uint64_t lost = 0;
    uint64_t *protocols = calloc(statistics->protocol_count, sizeof *protocols);
    cr_assert_not_null(protocols);
    for (size_t i = 0; i < run.count; i++) {
        if (run.events[i].what == END) {
            lost += run.events[i].facts.lost_bytes;
            protocols[run.events[i].facts.protocol]++;
        }
    }
    cr_expect_gt(lost, 0);
    cr_expect_eq(lost, statistics->lost_bytes);
    cr_expect_arr_eq(protocols, statistics->protocols,
                     statistics->protocol_count * sizeof *protocols);
    free(protocols);
    run_end(&run);
    frames_free(&frames);
}

Test(engine_sessions, counts_are_those_of_flow_records)
{
    struct frames frames = {0};
    frames_load_all(&frames);
    for (unsigned i = 0; i < THREAD_COUNTS; i++) {
        struct run run;
        run_prepare(&run, thread_counts[i]);
        run_set(&run, "records", "all");
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        check_events(&run, true);
        cr_expect_gt(p2i_engine_statistics(run.engine)->other_sessions, 0);
        run_end(&run);
    }
    frames_free(&frames);
}

/* One callback alone gives the same sequence as among the others. */
Test(engine_sessions, callbacks_do_not_depend_on_each_other)
{
    struct frames frames = {0};
    struct run all;
    frames_load_all(&frames);
    run_of(&all, 1, &frames);
    for (unsigned i = 0; i < 4; i++) {
        struct run run;
        run_prepare(&run, 2);
        run.callbacks.record = i == 0 ? run.callbacks.record : NULL;
        run.callbacks.session = i == 1 ? run.callbacks.session : NULL;
        run.callbacks.packet = i == 2 ? run.callbacks.packet : NULL;
        run_begin(&run);
        run_feed(&run, &frames);
        run_finish(&run);
        size_t at = 0;
        for (size_t j = 0; j < all.count; j++) {
            const struct event *expected = &all.events[j];
            if (i == 3 || (expected->what == RECORD) != (i == 0) ||
                (expected->what == PACKET) != (i == 2)) {
                continue;
            }
            cr_assert_lt(at, run.count);
            cr_expect_eq(run.events[at].what, expected->what);
            cr_expect_eq(run.events[at].session, expected->session);
            cr_expect_eq(run.events[at].packet, expected->packet);
            cr_expect_eq(run.events[at].facts.records, expected->facts.records);
            at++;
        }
        cr_expect_eq(run.count, at);
        cr_expect_eq(p2i_engine_statistics(run.engine)->records[P2I_RECORD_DNS],
                     p2i_engine_statistics(all.engine)->records[P2I_RECORD_DNS]);
        run_end(&run);
    }
    run_end(&all);
    frames_free(&frames);
}

/* ---- facts ---- */

Test(engine_sessions, facts)
{
    struct frames frames = {0};
    struct run run;
    frames_send(&frames, (struct sent){17, false, 4000, 0, 0, 0, 0, "other", 0, 0});
    frames_send(&frames, (struct sent){6, true, 5000, 80, 18, 499, 100, NULL, 0, 10});
    frames_send(&frames,
                (struct sent){6, false, 5000, 80, 16, 100, 500, "GET / HTTP/1.1\r\n", 0, 20});
    frames_send(&frames, (struct sent){6, false, 5000, 80, 24, 116, 500, "\r\n", 0, 30});
    for (size_t i = 0; i < frames.count; i++) {
        frames.list[i].capture = 7;
    }
    run_of(&run, 1, &frames);
    const struct p2i_session_facts *facts = NULL;
    for (size_t i = 0; i < run.count; i++) {
        if (run.events[i].what == BEGIN && run.events[i].facts.transport == 6) {
            facts = &run.events[i].facts;
            cr_expect_not(facts->ended);
            cr_expect_eq(facts->port[0], 5000);
            cr_expect_eq(facts->port[1], 80);
            cr_expect_eq(facts->packet, 2);
            cr_expect_eq(facts->capture, 7);
            cr_expect_eq(facts->first_ns + facts->last_ns + facts->packets[0] + facts->packets[1] +
                             facts->bytes[0] + facts->bytes[1] + facts->records,
                         0);
            cr_expect_eq(facts->protocol, P2I_ID_UNKNOWN);
        } else if (run.events[i].what == END && run.events[i].facts.transport == 6) {
            facts = &run.events[i].facts;
            cr_expect(facts->ended);
            cr_expect_eq(facts->first_ns, UINT64_C(1700000000010000000));
            cr_expect_eq(facts->last_ns, UINT64_C(1700000000030000000));
            cr_expect_eq(facts->packets[0], 2);
            cr_expect_eq(facts->packets[1], 1);
            cr_expect_eq(facts->bytes[0], 40 + 16 + 40 + 2);
            cr_expect_eq(facts->bytes[1], 40);
            cr_expect_eq(facts->records, 1);
            cr_expect_eq(facts->protocol, P2I_ID_HTTP);
            cr_expect_eq(facts->ip_version, 4);
            cr_expect_eq(facts->scope, 0);
        }
    }
    cr_assert_not_null(facts);
    /* The initiator is 10.0.0.1, though the other end's packet came first. */
    cr_expect_not_null(strstr((const char *)run.log.data, " of 7 0a000001:5000 0 0 0a000002:80 0"));
    run_end(&run);
    frames_free(&frames);
}

/* Bytes that are given up while a session is idle are its own, whatever packet comes next. */
Test(engine_sessions, bytes_lost_by_an_idle_session)
{
    struct frames frames = {0};
    frames_send(&frames, (struct sent){6, false, 4000, 80, 2, 99, 0, NULL, 0, 0});
    frames_send(&frames, (struct sent){6, true, 4000, 80, 18, 499, 100, NULL, 0, 10});
    frames_send(&frames,
                (struct sent){6, false, 4000, 80, 24, 100, 500, "GET /a HTTP/1.1\r\n", 0, 20});
    frames_send(&frames, (struct sent){6, false, 4000, 80, 24, 617, 500, "early", 0, 30});
    for (unsigned second = 0; second < 40; second++) {
        for (uint16_t port = 5000; port < 5008; port++) {
            frames_send(&frames, (struct sent){6, false, port, 81, 24, 100 + 5 * second, 500,
                                               "other", 0, 1000 * second + 40});
        }
    }
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct run run;
        run_of(&run, threads, &frames);
        for (size_t i = 0; i < run.count; i++) {
            if (run.events[i].what == END) {
                const struct p2i_session_facts *facts = &run.events[i].facts;
                cr_expect_eq(facts->lost_bytes, facts->port[1] == 80 ? 500 : 0, "%u threads",
                             threads);
            }
        }
        run_end(&run);
    }
    frames_free(&frames);
}

/* The counts of each end, when 10.0.0.2 is the initiator. */
Test(engine_sessions, facts_of_the_other_initiator)
{
    struct frames frames = {0};
    struct run run;
    frames_send(&frames, (struct sent){6, true, 80, 6000, 2, 99, 0, NULL, 0, 0});
    frames_send(&frames,
                (struct sent){6, true, 80, 6000, 24, 100, 0, "GET / HTTP/1.1\r\n\r\n", 0, 1});
    frames_send(&frames, (struct sent){6, false, 80, 6000, 16, 500, 118, NULL, 0, 2});
    run_of(&run, 1, &frames);
    const struct p2i_session_facts *facts = run_only_end(&run);
    cr_expect_eq(facts->port[0], 6000);
    cr_expect_eq(facts->port[1], 80);
    cr_expect_eq(facts->packets[0], 2);
    cr_expect_eq(facts->packets[1], 1);
    cr_expect_eq(facts->bytes[0], 40 + 40 + 18);
    cr_expect_eq(facts->bytes[1], 40);
    run_end(&run);
    frames_free(&frames);
}

/* ---- SYNs on the ports of a live session ---- */

static void send_live_session(struct frames *frames)
{
    frames_send(frames, (struct sent){6, false, 4000, 80, 2, 99, 0, NULL, 0, 0});
    frames_send(frames, (struct sent){6, true, 4000, 80, 18, 499, 100, NULL, 0, 1});
    frames_send(frames,
                (struct sent){6, false, 4000, 80, 16, 100, 500, "GET / HTTP/1.1\r\n\r\n", 0, 2});
    frames_send(frames, (struct sent){6, false, 4000, 80, 2, 90000, 0, NULL, 0, 3});
}

static void run_of_syns(struct run *run, const struct frames *frames)
{
    run_prepare(run, 1);
    run_set(run, "records", "all");
    run_begin(run);
    run_feed(run, frames);
    run_finish(run);
}

/* The SYN is answered, and so began a new session. */
Test(engine_sessions, an_answered_syn)
{
    struct frames frames = {0};
    struct run run;
    send_live_session(&frames);
    frames_send(&frames, (struct sent){6, true, 4000, 80, 18, 7000, 90001, NULL, 0, 4});
    frames_send(&frames, (struct sent){6, false, 4000, 80, 16, 90001, 7001, NULL, 0, 5});
    run_of_syns(&run, &frames);
    uint64_t packets[2] = {0};
    uint64_t first[2] = {0};
    size_t ended = 0;
    size_t seen = 0;
    for (size_t i = 0; i < run.count; i++) {
        if (run.events[i].what == PACKET) {
            static const uint64_t numbers[] = {1, 2, 3, 4, 4, 5, 6}; /* the SYN again */
            cr_assert_lt(seen, 7);
            cr_expect_eq(run.events[i].packet, numbers[seen]);
            cr_expect_eq(run.events[i].again, seen == 4);
            seen++;
        } else if (run.events[i].what == END) {
            cr_assert_lt(ended, 2);
            first[ended] = run.events[i].facts.packet;
            packets[ended++] = run.events[i].facts.packets[0] + run.events[i].facts.packets[1];
        }
    }
    cr_expect_eq(seen, 7);
    cr_expect_eq(ended, 2);
    cr_expect_eq(packets[0], 3);
    cr_expect_eq(packets[1], 3);
    cr_expect_eq(first[1], 4);
    run_end(&run);
    frames_free(&frames);
}

/* Nobody answers the SYN, so it belongs to the live session. */
Test(engine_sessions, a_syn_without_an_answer)
{
    struct frames frames = {0};
    struct run run;
    send_live_session(&frames);
    frames_send(&frames, (struct sent){6, true, 4000, 80, 16, 500, 118, NULL, 0, 4});
    run_of_syns(&run, &frames);
    check_events(&run, true);
    cr_expect_eq(run_only_end(&run)->packets[0], 3);
    run_end(&run);
    frames_free(&frames);
}
