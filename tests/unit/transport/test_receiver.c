/* SPDX-License-Identifier: MIT */
/* A receiver and exporters of this process, over the loopback device. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pcap2ipfix/receiver.h"

enum { SOURCES_MAX = 4, WAIT_MS = 5000, QUIET_MS = 50 };

/* Template 256 of one element of one byte, and two records. */
static const uint8_t message[] = {0, 10, 0,  34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0,
                                  2, 0,  12, 1,  0, 0, 1, 0, 4, 0, 1, 1, 0, 0, 6, 6, 17};

/* What the callbacks saw. */
struct seen {
    struct p2i_receiver *receiver;
    struct sockaddr_in address;
    int records, events[3], closed[P2I_INTERNAL + 1];
    int sources;
    int most; /* records until is_stopped; 0: never */
    enum p2i_result answer;
};

static enum p2i_result take_record(void *context, struct p2i_receiver_source *source,
                                   const struct p2i_read_record *record, struct p2i_error *error)
{
    struct seen *seen = context;
    cr_expect_eq(record->value_count, 1);
    cr_expect_eq(record->domain, 7);
    if (source->state == NULL) {
        cr_expect_str_eq(source->host, "127.0.0.1");
        source->state = &seen->sources;
        seen->sources++;
    }
    seen->records++;
    return seen->answer == P2I_OK ? P2I_OK : p2i_fail(error, seen->answer, "no");
}

static void report(void *context, const struct p2i_receiver_source *source,
                   enum p2i_receiver_event event, const char *text)
{
    struct seen *seen = context;
    cr_expect_not_null(source->port);
    cr_expect_neq(text[0], '\0');
    seen->events[event]++;
}

static void on_closed(void *context, struct p2i_receiver_source *source, enum p2i_result why)
{
    struct seen *seen = context;
    cr_expect_not_null(source->reader);
    seen->closed[why]++;
}

static bool is_stopped(void *context)
{
    const struct seen *seen = context;
    return seen->most > 0 && seen->records >= seen->most;
}

static int open_socket(int type)
{
    int descriptor = socket(AF_INET, type, 0);
    cr_assert_geq(descriptor, 0);
    return descriptor;
}

/* Listens on a port that was free a moment ago. */
static struct seen *begin(const char *scheme, int type)
{
    static struct seen seen;
    static char url[64];
    socklen_t size = sizeof seen.address;
    struct p2i_error error;
    const struct p2i_receiver_settings settings = {.struct_size = sizeof settings,
                                                   .url = url,
                                                   .context = &seen,
                                                   .record = take_record,
                                                   .report = report,
                                                   .closed = on_closed,
                                                   .is_stopped = is_stopped};
    int descriptor = open_socket(type);
    seen = (struct seen){.address = {.sin_family = AF_INET}};
    seen.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(descriptor, (struct sockaddr *)&seen.address, size), 0);
    cr_assert_eq(getsockname(descriptor, (struct sockaddr *)&seen.address, &size), 0);
    (void)close(descriptor);
    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u", scheme, ntohs(seen.address.sin_port));
    cr_assert_eq(p2i_receiver_new(&seen.receiver, &settings, &error), P2I_OK, "%s", error.text);
    cr_assert_eq(p2i_receiver_listen(seen.receiver, &error), P2I_OK, "%s", error.text);
    return &seen;
}

static int connect_to(const struct seen *seen, int type)
{
    int descriptor = open_socket(type);
    cr_assert_eq(connect(descriptor, (const struct sockaddr *)&seen->address, sizeof seen->address),
                 0);
    return descriptor;
}

static void send_bytes(int descriptor, const void *bytes, size_t size)
{
    cr_assert_eq(send(descriptor, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

/* Receives until nothing more comes. Returns the first error. */
static enum p2i_result receive(const struct seen *seen)
{
    struct p2i_error error;
    enum p2i_result result = p2i_receiver_wait(seen->receiver, WAIT_MS, &error);
    while (result == P2I_OK) {
        result = p2i_receiver_wait(seen->receiver, QUIET_MS, &error);
    }
    return result == P2I_END ? P2I_OK : result;
}

Test(receiver, datagrams_of_two_exporters)
{
    struct seen *seen = begin("udp", SOCK_DGRAM);
    int first = connect_to(seen, SOCK_DGRAM);
    int second = connect_to(seen, SOCK_DGRAM);
    send_bytes(first, message, sizeof message);
    send_bytes(second, message, sizeof message);
    send_bytes(second, "not IPFIX", 9);
    send_bytes(second, message, sizeof message - 1);
    send_bytes(first, message, sizeof message); /* repeats its sequence number: a defect */
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->sources, 2);
    cr_expect_eq(seen->records, 6);
    cr_expect_eq(seen->events[P2I_RECEIVER_DAMAGED], 1);
    cr_expect_eq(seen->events[P2I_RECEIVER_DEFECT], 1);
    cr_expect_eq(seen->closed[P2I_OK], 0);
    p2i_receiver_free(seen->receiver);
    cr_expect_eq(seen->closed[P2I_OK], 2);
    (void)close(first);
    (void)close(second);
}

Test(receiver, it_stops_between_datagrams)
{
    struct seen *seen = begin("udp", SOCK_DGRAM);
    int exporter = connect_to(seen, SOCK_DGRAM);
    struct p2i_error error;
    seen->most = 1;
    send_bytes(exporter, message, sizeof message);
    send_bytes(exporter, message, sizeof message);
    cr_expect_eq(p2i_receiver_wait(seen->receiver, WAIT_MS, &error), P2I_OK);
    cr_expect_eq(seen->records, 2);
    p2i_receiver_free(seen->receiver);
    (void)close(exporter);
}

Test(receiver, a_message_in_parts_over_a_connection)
{
    struct seen *seen = begin("tcp", SOCK_STREAM);
    int exporter = connect_to(seen, SOCK_STREAM);
    send_bytes(exporter, message, 20);
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->records, 0);
    send_bytes(exporter, message + 20, sizeof message - 20);
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->records, 2);
    (void)close(exporter);
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->closed[P2I_END], 1);
    p2i_receiver_free(seen->receiver);
    cr_expect_eq(seen->closed[P2I_OK], 0);
    cr_expect_eq(seen->events[P2I_RECEIVER_DEFECT] + seen->events[P2I_RECEIVER_DAMAGED], 0);
}

Test(receiver, damage_closes_a_connection_and_no_other)
{
    struct seen *seen = begin("tcp", SOCK_STREAM);
    int bad = connect_to(seen, SOCK_STREAM);
    int good = connect_to(seen, SOCK_STREAM);
    int cut = connect_to(seen, SOCK_STREAM);
    send_bytes(bad, "GET / HTTP/1.1\r\n\r\n", 18);
    send_bytes(cut, message, 20);
    (void)close(cut);
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->closed[P2I_DAMAGED], 2);
    cr_expect_eq(seen->events[P2I_RECEIVER_DAMAGED], 2);
    send_bytes(good, message, sizeof message);
    cr_expect_eq(receive(seen), P2I_OK);
    cr_expect_eq(seen->records, 2);
    p2i_receiver_free(seen->receiver);
    (void)close(bad);
    (void)close(good);
}

Test(receiver, an_error_of_the_program_ends_the_wait)
{
    struct seen *seen = begin("tcp", SOCK_STREAM);
    int exporter = connect_to(seen, SOCK_STREAM);
    seen->answer = P2I_OUTPUT;
    send_bytes(exporter, message, sizeof message);
    cr_expect_eq(receive(seen), P2I_OUTPUT);
    cr_expect_eq(seen->records, 1);
    cr_expect_eq(seen->closed[P2I_OUTPUT], 1);
    p2i_receiver_free(seen->receiver);
    (void)close(exporter);
}

Test(receiver, wrong_settings)
{
    static const char *const urls[] = {"", "tcp://127.0.0.1", "tcp://127.0.0.1:4739?channels=dns"};
    struct p2i_receiver_settings settings = {.struct_size = sizeof settings, .record = take_record};
    struct p2i_receiver *receiver;
    struct p2i_error error;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        settings.url = urls[i];
        cr_expect_eq(p2i_receiver_new(&receiver, &settings, &error), P2I_USAGE, "%s", urls[i]);
        cr_expect_null(receiver);
    }
    settings.url = "tls://127.0.0.1:4739";
    cr_assert_eq(p2i_receiver_new(&receiver, &settings, &error), P2I_OK);
    cr_expect_eq(p2i_receiver_listen(receiver, &error), P2I_USAGE);
    p2i_receiver_free(receiver);
    settings.url = "tcp://192.0.2.1:4739"; /* an address of no device */
    cr_assert_eq(p2i_receiver_new(&receiver, &settings, &error), P2I_OK);
    cr_expect_eq(p2i_receiver_listen(receiver, &error), P2I_INPUT);
    p2i_receiver_free(receiver);
}
