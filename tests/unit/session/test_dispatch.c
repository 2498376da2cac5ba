/* SPDX-License-Identifier: MIT */
/* How packets are distributed to workers, and what leaves a mark. */
#include "deliver.h"
#include "session/table.h"

enum { NOW = 1000000, PACKETS = 5000 };

static struct p2i_dispatch dispatch;
static struct p2i_arrivals arrivals;

static void begin_shard(unsigned workers, unsigned shard, unsigned shard_count, bool flows)
{
    p2i_dispatch_init(&dispatch, workers, shard, shard_count, flows);
    arrivals = (struct p2i_arrivals){0};
    cr_assert(p2i_arrivals_reserve(&arrivals, PACKETS));
}

static void begin(unsigned workers)
{
    begin_shard(workers, 0, 1, false);
}

static void end(void)
{
    p2i_arrivals_free(&arrivals);
    p2i_dispatch_free(&dispatch);
}

static void put(const struct p2i_packet *packet, uint64_t number)
{
    arrivals.list[arrivals.count].packet = *packet;
    p2i_dispatch_packet(&dispatch, &arrivals, number);
}

/* Number of packets that workers get. */
static size_t handed_over(void)
{
    size_t count = 0;
    for (unsigned i = 0; i < P2I_SHARDS; i++) {
        count += arrivals.counts[i];
    }
    return count;
}

/* A packet between 10.0.0.1:`port` and 10.0.0.2:8080. */
static struct p2i_packet packet_of(uint16_t port, bool reply, uint32_t stamp_s)
{
    const struct p2i_address ends[2] = {{.bytes = {10, 0, 0, 1}}, {.bytes = {10, 0, 0, 2}}};
    return (struct p2i_packet){
        .source = ends[reply],
        .destination = ends[!reply],
        .source_port = reply ? 8080 : port,
        .destination_port = reply ? port : 8080,
        .time_ns = stamp_s * UINT64_C(1000000000),
        .ip_version = 4,
        .transport = P2I_PROTO_TCP,
        .fate = P2I_FATE_HANDLED,
    };
}

static void put_from(uint16_t port, bool reply, uint32_t stamp_s, uint64_t number)
{
    struct p2i_packet packet = packet_of(port, reply, stamp_s);
    put(&packet, number);
}

/* ---- workers ---- */

/* Both directions of a session come to one worker, with one hash; the sessions of two hosts are
 * spread over all workers. */
Test(dispatch, worker_of_a_session)
{
    for (unsigned workers = 1; workers <= 3; workers++) {
        unsigned count[3] = {0};
        begin(workers);
        for (uint16_t i = 0; i < 300; i++) {
            put_from(10000 + i, false, NOW, 2U * i + 1);
            put_from(10000 + i, true, NOW, 2U * i + 2);
            const struct p2i_arrival *request = &arrivals.list[2 * i];
            const struct p2i_arrival *reply = &arrivals.list[2 * i + 1];
            cr_assert_lt(request->worker, workers);
            cr_assert_eq(reply->worker, request->worker);
            cr_assert_eq(reply->hash, request->hash);
            cr_assert_eq(reply->from, !request->from);
            cr_assert_eq(request->packet.key.port[request->from], 10000 + i);
            cr_assert_eq(reply->packet.key.port[request->from], 10000 + i);
            count[request->worker]++;
        }
        cr_assert_eq(arrivals.count, 600);
        for (unsigned i = 0; i < workers; i++) {
            cr_expect_gt(count[i], 300 / workers / 2, "worker %u of %u", i, workers);
        }
        end();
    }
}

/* The worker depends on every member of the key. */
Test(dispatch, worker_by_the_whole_key)
{
    for (unsigned member = 0; member < 5; member++) {
        unsigned seen = 0;
        begin(3);
        for (unsigned i = 0; i < 64; i++) {
            struct p2i_packet packet = packet_of(40000, false, NOW);
            packet.source.bytes[3] = (uint8_t)(member == 0 ? i + 10 : 1);
            packet.destination.bytes[3] = (uint8_t)(member == 1 ? i + 10 : 2);
            packet.source_port = (uint16_t)(40000 + (member == 2 ? i : 0));
            packet.destination_port = (uint16_t)(8080 + (member == 3 ? i : 0));
            packet.scope = member == 4 ? i : 0;
            put(&packet, i + 1);
            seen |= 1U << arrivals.list[i].worker;
        }
        cr_expect_eq(seen, 7, "member %u: workers %x", member, seen);
        end();
    }
}

/* `order` lists each worker's packets in the order of the run, and every packet once. */
Test(dispatch, groups_by_worker)
{
    for (unsigned workers = 1; workers <= 3; workers++) {
        begin(workers);
        for (uint64_t i = 0; i < PACKETS; i++) {
            put_from((uint16_t)(10000 + i * 7919 % 500), i % 3 == 0, NOW, i + 1);
        }
        p2i_dispatch_group(&dispatch, &arrivals);
        size_t next = 0;
        for (unsigned worker = 0; worker < workers; worker++) {
            uint64_t last = 0;
            cr_assert_eq(arrivals.first[worker], next);
            cr_assert_gt(arrivals.counts[worker], 0);
            next += arrivals.counts[worker];
            for (size_t i = 0; i < arrivals.counts[worker]; i++) {
                size_t place = arrivals.order[arrivals.first[worker] + i];
                const struct p2i_arrival *arrival = &arrivals.list[place];
                cr_assert_eq(arrival->worker, worker);
                cr_assert_gt(arrival->number, last);
                last = arrival->number;
            }
        }
        cr_assert_eq(next, PACKETS);
        end();
    }
}

Test(dispatch, groups_nothing)
{
    begin(3);
    p2i_dispatch_group(&dispatch, &arrivals);
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(arrivals.first[i], 0);
        cr_expect_eq(arrivals.counts[i], 0);
    }
    end();
}

/* ---- split runs ---- */

/* Each packet belongs to one of the shards of a split run, and is counted in the others. */
Test(dispatch, split_runs)
{
    enum { SHARDS = 4, SESSIONS = 400 };
    unsigned owners[SESSIONS] = {0};
    for (unsigned shard = 0; shard < SHARDS; shard++) {
        unsigned workers_seen = 0;
        begin_shard(2, shard, SHARDS, false);
        for (uint16_t i = 0; i < SESSIONS; i++) {
            put_from(10000 + i, false, NOW, 2U * i + 1);
            put_from(10000 + i, true, NOW, 2U * i + 2);
        }
        cr_expect_eq(arrivals.count, 2 * SESSIONS);
        cr_expect_gt(handed_over(), SESSIONS / SHARDS);
        cr_expect_eq(handed_over() + dispatch.other_shard_packets, 2 * SESSIONS);
        for (size_t i = 0; i < arrivals.count; i++) {
            bool own = arrivals.list[i].worker != P2I_SHARDS;
            owners[(arrivals.list[i].number - 1) / 2] += own;
            workers_seen |= own ? 1U << arrivals.list[i].worker : 0;
        }
        cr_expect_eq(workers_seen, 3, "a shard has all workers");
        end();
    }
    for (unsigned i = 0; i < SESSIONS; i++) {
        cr_assert_eq(owners[i], 2, "session %u has %u packets", i, owners[i]);
    }
}

/* ---- packets without a session ---- */

/* They only move the clock. Other transports have sessions if flow records are wanted. */
Test(dispatch, packets_without_a_session)
{
    for (unsigned flows = 0; flows < 2; flows++) {
        begin_shard(2, 0, 1, flows != 0);
        for (uint8_t fate = 0; fate < P2I_FATE_COUNT; fate++) {
            struct p2i_packet packet = packet_of(40000, false, NOW + fate);
            packet.fate = fate;
            packet.transport = fate == P2I_FATE_HANDLED ? P2I_PROTO_UDP : P2I_PROTO_ICMP;
            size_t before = handed_over();
            put(&packet, fate + 1U);
            bool wanted =
                fate == P2I_FATE_HANDLED || (fate == P2I_FATE_TRANSPORT_OTHER && flows != 0);
            cr_expect_eq(handed_over() - before, wanted, "fate %u", fate);
        }
        p2i_dispatch_group(&dispatch, &arrivals);
        cr_expect_eq(arrivals.first[1] + arrivals.counts[1], 1 + flows, "no others are grouped");
        cr_expect_eq(arrivals.mark_count, P2I_FATE_COUNT);
        cr_expect_eq(dispatch.clock.now_s, NOW + P2I_FATE_COUNT - 1);
        end();
    }
}

/* Packets of other transports are not counted as handled ones of another shard. */
Test(dispatch, other_transports_of_other_shards)
{
    begin_shard(1, 1, 2, true);
    for (uint16_t i = 0; i < 100; i++) {
        struct p2i_packet packet = packet_of(0, false, NOW);
        packet.source.bytes[3] = (uint8_t)i;
        packet.destination_port = 0;
        packet.transport = P2I_PROTO_ICMP;
        packet.fate = P2I_FATE_TRANSPORT_OTHER;
        put(&packet, i + 1);
    }
    cr_expect(handed_over() > 20 && handed_over() < 80);
    cr_expect_eq(dispatch.other_shard_packets, 0);
    end();
}

/* ---- marks ---- */

static void expect_mark(size_t index, uint64_t number, uint32_t stamp_s)
{
    cr_assert_lt(index, arrivals.mark_count);
    cr_expect_eq(arrivals.marks[index].number, number, "mark %zu", index);
    cr_expect_eq(arrivals.marks[index].stamp_s, stamp_s, "mark %zu", index);
}

/* Only stamps that change the clock leave one: new seconds, odd stamps, and what follows them. */
Test(dispatch, marks)
{
    static const struct {
        uint32_t stamp_s;
        bool mark;
    } packets[] = {
        {NOW, true},                                                               /* the start */
        {NOW, false},        {NOW + 1, true},    {NOW + 1, false},   {NOW, false}, /* disorder */
        {NOW - 299, false},  {NOW + 1, false},   {NOW + 4000, true},               /* odd */
        {NOW + 1, true},                                             /* not confirmed */
        {NOW + 1, false},    {NOW + 4000, true}, {NOW + 4001, true}, /* confirmed */
        {NOW + 4001, false}, {NOW, true},        {NOW, true},        /* set back */
        {NOW, false},
    };
    size_t count = 0;
    begin(2);
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        put_from(40000, false, packets[i].stamp_s, i + 1);
        count += packets[i].mark;
        cr_expect_eq(arrivals.mark_count, count, "packet %zu", i + 1);
        if (packets[i].mark) {
            expect_mark(count - 1, i + 1, packets[i].stamp_s);
        }
    }
    end();
}

Test(dispatch, untimed_packets_leave_none)
{
    begin(1);
    put_from(40000, false, NOW, 1);
    struct p2i_packet packet = packet_of(40000, false, NOW + 10);
    packet.untimed = true;
    put(&packet, 2);
    cr_expect_eq(arrivals.mark_count, 1);
    cr_expect_eq(arrivals.count, 2);
    cr_expect_eq(dispatch.clock.now_s, NOW);
    end();
}

/* Clearing keeps the room and the state of the clock. */
Test(dispatch, clear)
{
    begin(1);
    for (uint32_t i = 0; i < 1000; i++) {
        put_from(40000, false, NOW + i, i + 1);
    }
    cr_expect_eq(arrivals.mark_count, 1000);
    p2i_arrivals_clear(&arrivals);
    cr_expect_eq(arrivals.count, 0);
    cr_expect_eq(handed_over(), 0);
    put_from(40000, false, NOW + 999, 1001);
    cr_expect_eq(arrivals.mark_count, 0, "the clock is there already");
    cr_expect_eq(arrivals.count, 1);
    cr_expect_eq(arrivals.capacity, PACKETS);
    cr_expect_not(arrivals.out_of_memory);
    end();
}

Test(dispatch, reserve_keeps_packets)
{
    p2i_dispatch_init(&dispatch, 1, 0, 1, false);
    arrivals = (struct p2i_arrivals){0};
    for (uint16_t i = 0; i < 100; i++) {
        cr_assert(p2i_arrivals_reserve(&arrivals, i + 1U));
        put_from(10000 + i, false, NOW, i + 1);
    }
    cr_assert(p2i_arrivals_reserve(&arrivals, 10), "less than there is");
    cr_expect_eq(arrivals.capacity, 100);
    for (uint16_t i = 0; i < 100; i++) {
        cr_assert_eq(arrivals.list[i].packet.key.port[arrivals.list[i].from], 10000 + i);
        cr_assert_eq(arrivals.list[i].number, i + 1);
    }
    end();
}

/* ---- announcements ---- */

static void put_payload(uint8_t transport, const char *payload, uint64_t number)
{
    struct p2i_packet packet = packet_of(21, true, NOW);
    packet.source_port = 40000;
    packet.transport = transport;
    packet.payload = p2i_view_of(payload, strlen(payload));
    put(&packet, number);
}

static unsigned announced_for(uint16_t port, uint8_t transport, uint64_t number)
{
    struct p2i_packet packet = packet_of(port, true, NOW);
    packet.source_port = 5000;
    packet.transport = transport;
    put(&packet, number);
    return arrivals.list[arrivals.count - 1].announced;
}

/* The packets of the announced session have the mark, those before the announcement do not. */
Test(dispatch, announced_sessions)
{
    begin(3);
    cr_expect_eq(announced_for(41000, P2I_PROTO_TCP, 1), P2I_ID_UNKNOWN);
    put_payload(P2I_PROTO_UDP, "229 x (|||5000|)\r\n", 2);
    cr_expect_eq(announced_for(41000, P2I_PROTO_TCP, 3), P2I_ID_UNKNOWN, "over UDP");
    put_payload(P2I_PROTO_TCP, "PORT 10,0,0,2,19,136\r\n", 4);
    cr_expect_eq(arrivals.list[arrivals.count - 1].announced, P2I_ID_UNKNOWN, "not itself");
    cr_expect_eq(announced_for(41000, P2I_PROTO_UDP, 5), P2I_ID_UNKNOWN);
    cr_expect_eq(announced_for(41000, P2I_PROTO_TCP, 6), P2I_ID_FTP_DATA);
    cr_expect_eq(announced_for(41000, P2I_PROTO_TCP, 7), P2I_ID_FTP_DATA);
    cr_expect_eq(announced_for(41001, P2I_PROTO_TCP, 8), P2I_ID_UNKNOWN, "another session");
    end();
}

/* A split run reads the announcements of all its packets, whatever shard they belong to. */
Test(dispatch, announcements_of_other_shards)
{
    unsigned announced = 0;
    for (unsigned shard = 0; shard < 8; shard++) {
        begin_shard(1, shard, 8, false);
        put_payload(P2I_PROTO_TCP, "229 x (|||5000|)\r\n", 1);
        struct p2i_packet packet = packet_of(41000, true, NOW);
        packet.source_port = 5000;
        put(&packet, 2);
        const struct p2i_arrival *arrival = &arrivals.list[1];
        announced += arrival->worker == 0 && arrival->announced == P2I_ID_FTP_DATA;
        end();
    }
    cr_expect_eq(announced, 1);
}
