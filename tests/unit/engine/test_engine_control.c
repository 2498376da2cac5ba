/* SPDX-License-Identifier: MIT */
/* Control packets at the callback of the engine. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "embedded.h"

enum { TEXT_MAX = 8192, SESSIONS_MAX = 64 };

/* What the callbacks got: one line for each control packet. */
struct told {
    char text[TEXT_MAX];
    size_t size;
    unsigned count, stop_at; /* stop_at: says stop at this control packet; 0: never */
    uint64_t announced[SESSIONS_MAX];
    size_t announced_count;
    uint64_t begun[SESSIONS_MAX]; /* sessions with a packet so far */
    size_t begun_count;
    unsigned late; /* first announcements behind a packet of their session */
};

static bool is_in(const uint64_t *list, size_t count, uint64_t id)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        found = list[i] == id;
    }
    return found;
}

static void note(uint64_t *list, size_t *count, uint64_t id)
{
    if (!is_in(list, *count, id) && *count < SESSIONS_MAX) {
        list[(*count)++] = id;
    }
}

static bool tell_control(void *context, const struct p2i_control_facts *facts)
{
    struct told *told = context;
    char address[33] = "-";
    for (unsigned i = 0; facts->address != NULL && i < (facts->ip_version == 4 ? 4U : 16U); i++) {
        (void)snprintf(address + 2 * (size_t)i, 3, "%02x", facts->address[i]);
    }
    if (facts->kind == P2I_CONTROL_FTP) {
        told->late += !is_in(told->announced, told->announced_count, facts->session) &&
                      is_in(told->begun, told->begun_count, facts->session);
        note(told->announced, &told->announced_count, facts->session);
    }
    int size = snprintf(told->text + told->size, TEXT_MAX - told->size,
                        "%d %" PRIu64 " %" PRIu64 " %s/%u%s%s\n", (int)facts->kind, facts->packet,
                        facts->request_packet, address, facts->prefix_length,
                        facts->scope != 0 ? " scope" : "", facts->discovery ? " discovery" : "");
    told->size += size > 0 && (size_t)size < TEXT_MAX - told->size ? (size_t)size : 0;
    return ++told->count != told->stop_at;
}

static bool tell_packet(void *context, const struct p2i_packet_facts *facts)
{
    struct told *told = context;
    note(told->begun, &told->begun_count, facts->session);
    return true;
}

static enum p2i_result tell(struct told *told, unsigned threads, const char *sample, bool packets)
{
    struct run run;
    const char *path = sample_path(sample);
    run_prepare(&run, threads);
    run.callbacks = (struct p2i_engine_callbacks){.struct_size = sizeof run.callbacks,
                                                  .context = told,
                                                  .packet = packets ? tell_packet : NULL,
                                                  .control = tell_control};
    run_begin(&run);
    enum p2i_result result = p2i_engine_read(run.engine, &path, 1, &run.error);
    if (result == P2I_OK) {
        result = p2i_engine_finish(run.engine, &run.error);
    }
    run_end(&run);
    return result;
}

Test(engine_control, radius_binds_prefixes)
{
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        struct told told = {0};
        cr_assert_eq(tell(&told, thread_counts[i], "subscribers-radius.pcap", false), P2I_OK);
        cr_expect_str_eq(told.text, "0 10 9 cb007107/32\n"
                                    "0 19 0 cb007107/32\n"
                                    "0 29 0 cb007107/32\n"
                                    "0 39 0 cb007107/32\n"
                                    "0 51 0 20010db8000100000000000000000000/64\n"
                                    "0 51 0 20010db8000200000000000000000000/56\n");
    }
}

Test(engine_control, pppoe_comes_whole)
{
    struct told one = {0};
    cr_assert_eq(tell(&one, 1, "subscribers-pppoe.pcap", false), P2I_OK);
    cr_expect_not_null(strstr(one.text, "1 1 0 -/0 scope\n"), "%s", one.text);
    cr_expect_not_null(strstr(one.text, "1 10 0 -/0 scope\n1 10 0 cb007114/32 scope\n"));
    for (size_t i = 1; i < THREAD_COUNTS; i++) {
        struct told told = {0};
        cr_assert_eq(tell(&told, thread_counts[i], "subscribers-pppoe.pcap", false), P2I_OK);
        cr_expect_str_eq(told.text, one.text);
    }
}

Test(engine_control, ftp_announces_before_the_first_packet)
{
    struct told one = {0};
    cr_assert_eq(tell(&one, 1, "ftp-passive.pcap", true), P2I_OK);
    cr_expect_gt(one.announced_count, 2);
    cr_expect_eq(one.late, 0);
    for (size_t i = 0; i < one.announced_count; i++) {
        cr_expect(is_in(one.begun, one.begun_count, one.announced[i]));
    }
    for (size_t i = 1; i < THREAD_COUNTS; i++) {
        struct told told = {0};
        cr_assert_eq(tell(&told, thread_counts[i], "ftp-passive.pcap", true), P2I_OK);
        cr_expect_str_eq(told.text, one.text);
        cr_expect_eq(told.late, 0);
    }
}

Test(engine_control, says_stop)
{
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        struct told told = {.stop_at = 3};
        cr_expect_eq(tell(&told, thread_counts[i], "subscribers-radius.pcap", false), P2I_END);
        cr_expect_eq(told.count, 3);
    }
}
