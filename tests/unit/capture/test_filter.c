/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "pcap2ipfix/fate.h"

/* An IPv4 packet with UDP from port 1000 to `port`. */
static void udp(struct file *file, unsigned port)
{
    put(file, "\x45\0\0\x1c\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x03\xe8", 22);
    put8(file, port >> 8);
    put8(file, port);
    put(file, "\0\x08\0\0", 4);
}

static struct file sample(void)
{
    static const unsigned link_types[] = {1, 101, 147};
    struct file file = {0};
    pcapng_section(&file);
    for (size_t i = 0; i < 3; i++) {
        pcapng_interface(&file, link_types[i], 0);
    }
    for (unsigned i = 0; i < 6; i++) {
        bool ethernet = i % 3 == 0;
        size_t begin = block_begin(&file, 6);
        put32(&file, i % 3);
        put32(&file, 0);
        put32(&file, i);
        put32(&file, ethernet ? 42 : 28);
        put32(&file, ethernet ? 42 : 28);
        if (ethernet) {
            put(&file, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0", 14);
        }
        udp(&file, i < 3 ? 53 : 54);
        block_end(&file, begin);
    }
    return file;
}

/* One character a frame: '1' passes, '-' is filtered. */
static void expect_match(const char *expression, const char *wanted)
{
    struct file file = sample();
    struct seen seen;
    const char *path = path_of_file(&file);
    read_all(&seen, &(struct p2i_capture_settings){.filter = expression}, &path, 1);
    cr_assert_eq(seen.count, 6, "%s", expression);
    char found[7] = "";
    for (size_t i = 0; i < 6; i++) {
        cr_assert(seen.frames[i].skip == P2I_FATE_HANDLED ||
                  seen.frames[i].skip == P2I_FATE_FILTERED);
        found[i] = seen.frames[i].skip == P2I_FATE_HANDLED ? '1' : '-';
    }
    cr_expect_str_eq(found, wanted, "%s: %s", expression, found);
    seen_free(&seen);
    file_free(&file);
}

/* Link type 147 is not assigned: an expression that needs a link layer does not compile for it. */
Test(filter, compiles_for_each_link_type)
{
    expect_match("", "111111");
    expect_match("udp port 53", "11----");
    expect_match("udp port 54", "---11-");
    expect_match("ether host 02:00:00:00:00:01", "1--1--");
    expect_match("host 10.0.0.3", "------");
    expect_match("greater 40", "1--1--");
    expect_match("less 40", "-11-11");
}

Test(filter, expressions_for_other_links_match_nothing)
{
    expect_match("wlan addr1 02:00:00:00:00:01", "------");
}

Test(filter, syntax_errors_are_usage_errors)
{
    struct p2i_capture *capture;
    struct p2i_error error;
    const char *path = "/nonexistent";
    cr_expect_eq(p2i_capture_open(&capture, &(struct p2i_capture_settings){.filter = "tcp prot 80"},
                                  &path, 1, NULL, NULL, &error),
                 P2I_USAGE);
    cr_expect_null(capture);
    cr_expect_eq(error.code, P2I_USAGE);
    cr_expect_eq(strncmp(error.text, "cannot compile the filter: ", 27), 0, "%s", error.text);
    cr_expect_gt(strlen(error.text), 35);
}

Test(filter, cut_frames_do_not_match)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 101);
    size_t full = file.size;
    put32(&file, 1);
    put32(&file, 0);
    put32(&file, 28);
    put32(&file, 28);
    udp(&file, 53);
    struct file cut = {0};
    for (uint32_t size = 0; size <= 28; size++) {
        if (size == 0) {
            put(&cut, file.data, full);
        }
        put32(&cut, 1);
        put32(&cut, 0);
        put32(&cut, size);
        put32(&cut, 28);
        put(&cut, file.data + full + 16, size);
    }
    struct seen seen;
    const char *path = path_of_file(&cut);
    read_all(&seen, &(struct p2i_capture_settings){.filter = "udp dst port 53"}, &path, 1);
    cr_assert_eq(seen.count, 29);
    for (size_t i = 0; i < 29; i++) {
        cr_expect_eq(seen.frames[i].skip == P2I_FATE_HANDLED, i >= 24, "%zu bytes", i);
    }
    seen_free(&seen);
    file_free(&file);
    file_free(&cut);
}

static bool always(void *context)
{
    (void)context;
    return true;
}

/* Takes minutes to compile. */
Test(filter, a_long_compilation_can_be_stopped)
{
    enum { TERMS = 3000, ROOM = 64 };
    char *expression = malloc(TERMS * ROOM);
    size_t size = 0;
    for (int i = 0; i < TERMS; i++) {
        size += (size_t)snprintf(expression + size, ROOM, "%s(src host 10.%d.%d.1 and dst port %d)",
                                 i > 0 ? " or " : "", i / 250, i % 250, i + 1);
    }
    struct p2i_capture_settings settings = {.filter = expression, .is_stopped = always};
    struct p2i_capture *capture;
    struct p2i_error error = {0};
    cr_expect_eq(p2i_capture_open(&capture, &settings, NULL, 0, NULL, NULL, &error), P2I_END);
    cr_expect_null(capture);
    free(expression); /* the detached compilation has its own copy */
}

static enum p2i_result open_as_captures(const char *const *paths, size_t count,
                                        struct p2i_error *error)
{
    struct p2i_capture *capture;
    enum p2i_result result = p2i_capture_open(&capture, &(struct p2i_capture_settings){0}, paths,
                                              count, NULL, NULL, error);
    p2i_capture_close(capture);
    return result;
}

Test(filter, a_filter_among_the_captures_is_reported)
{
    struct p2i_error error = {0};
    static const char *const apart[] = {"/dev/null", "udp", "port", "53", "nowhere/x.pcap"};
    cr_expect_eq(open_as_captures(apart, 4, &error), P2I_USAGE);
    cr_expect_not_null(strstr(error.text, "-f 'udp port 53'"), "%s", error.text);
    cr_expect_eq(open_as_captures(apart, 5, &error), P2I_OK); /* is none any more */
    cr_expect_eq(open_as_captures((const char *[]){"(tcp or udp)"}, 1, &error), P2I_USAGE);
    cr_expect_eq(open_as_captures((const char *[]){"host 192.0.2.1"}, 1, &error), P2I_USAGE);
    cr_expect_eq(open_as_captures((const char *[]){"port"}, 1, &error), P2I_OK);
    cr_expect_eq(open_as_captures((const char *[]){"nowhere.pcap"}, 1, &error), P2I_OK);
    cr_expect_eq(open_as_captures((const char *[]){"tcp.pcap"}, 1, &error), P2I_OK);
}
