/* SPDX-License-Identifier: MIT */
/* FTP data connections announced in a control connection: the protocol they get, and the effect of
 * false announcements on others. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "deliver.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

enum { CLIENT = 1, SERVER = 2, OTHER = 3 }; /* hosts */

static struct {
    struct p2i_sessions *sessions;
    struct delivery delivery;
    uint64_t number;
    uint64_t time_ns;
    char *text;
    size_t size;
    FILE *log;
} run;

/* Records of requests and flows, with their initiators. */
static void take(void *context, const struct p2i_session_message *message)
{
    (void)context;
    if (message->kind == P2I_RECORD_CLICKSTREAM) {
        const struct p2i_clickstream *request = message->message;
        fprintf(run.log, "request %.*s\n", (int)request->path.size,
                (const char *)request->path.data);
    } else if (message->kind == P2I_RECORD_FLOW && message->source_port != 21 &&
               message->destination_port != 21) {
        fprintf(run.log, "%u:%u>%u:%u %s\n", message->source->bytes[3], message->source_port,
                message->destination->bytes[3], message->destination_port,
                message->protocol == P2I_ID_FTP_DATA  ? "ftp-data"
                : message->protocol == P2I_ID_HTTP    ? "http"
                : message->protocol == P2I_ID_SSH     ? "ssh"
                : message->protocol == P2I_ID_UNKNOWN ? "unknown"
                                                      : "else");
    }
}

static void begin(void)
{
    run.log = open_memstream(&run.text, &run.size);
    run.number = 0;
    run.time_ns = UINT64_C(1000000000) * 1000000;
    struct p2i_session_settings settings = {
        .protocols = p2i_protocols,
        .memory_bytes = UINT64_C(1) << 30,
        .records = UINT32_C(1) << P2I_RECORD_FLOW,
        .flow_idle_s = 60,
        .emit = take,
    };
    run.sessions = p2i_sessions_new(&settings);
    delivery_begin(&run.delivery, 1, true);
    cr_assert_not_null(run.sessions);
}

/* Frees the run. The sessions must have been ended. */
static void stop(void)
{
    p2i_sessions_free(run.sessions);
    delivery_end(&run.delivery);
    fclose(run.log);
    free(run.text);
}

static void expect(const char *expected)
{
    p2i_sessions_finish(run.sessions, run.number + 1);
    fflush(run.log);
    cr_expect_str_eq(run.text, expected, "\n%s\ninstead of\n%s", run.text, expected);
    stop();
}

/* Host and port of the side that opens and of the side that listens, and their sequence numbers. */
struct talk {
    unsigned host[2];
    uint16_t port[2];
    uint32_t next[2];
    uint32_t scope;
};

static void send_segment(struct talk *talk, unsigned from, unsigned flags, const char *payload)
{
    uint8_t *copy = malloc(strlen(payload) + 1);
    memcpy(copy, payload, strlen(payload));
    struct p2i_packet packet = {
        .source = {.bytes = {10, 0, 0, (uint8_t)talk->host[from]}},
        .destination = {.bytes = {10, 0, 0, (uint8_t)talk->host[!from]}},
        .source_port = talk->port[from],
        .destination_port = talk->port[!from],
        .scope = talk->scope,
        .payload = p2i_view_of(copy, strlen(payload)),
        .payload_length = (uint32_t)strlen(payload),
        .ip_length = 40 + (uint32_t)strlen(payload),
        .tcp_sequence = talk->next[from],
        .tcp_acknowledgement = talk->next[!from],
        .tcp_flags = (uint16_t)(flags | (talk->next[!from] > 0 ? P2I_TCP_ACK : 0)),
        .ip_version = 4,
        .transport = P2I_PROTO_TCP,
        .fate = P2I_FATE_HANDLED,
        .time_ns = run.time_ns += 1000000,
    };
    talk->next[from] += packet.payload_length + ((flags & (P2I_TCP_SYN | P2I_TCP_FIN)) != 0);
    deliver(&run.delivery, &run.sessions, &packet, ++run.number);
    free(copy);
}

static struct talk open_to(unsigned from, uint16_t from_port, unsigned to, uint16_t to_port)
{
    struct talk talk = {.host = {from, to}, .port = {from_port, to_port}, .next = {1000, 0}};
    send_segment(&talk, 0, P2I_TCP_SYN, "");
    talk.next[1] = 5000;
    send_segment(&talk, 1, P2I_TCP_SYN, "");
    return talk;
}

/* Replies begin with a digit. */
static void say_lines(struct talk *talk, const char *const *lines)
{
    for (; *lines != NULL; lines++) {
        send_segment(talk, **lines >= '0' && **lines <= '9', 0, *lines);
    }
}

#define SAY(talk, ...) say_lines(talk, (const char *const[]){__VA_ARGS__, NULL})

static struct talk log_in(unsigned client)
{
    struct talk talk = open_to(client, (uint16_t)(40000 + client), SERVER, 21);
    SAY(&talk, "220 FTP\r\n", "USER a\r\n", "331 x\r\n", "PASS b\r\n", "230 x\r\n");
    return talk;
}

static void send_data(unsigned from, uint16_t from_port, unsigned to, uint16_t to_port,
                      const char *data)
{
    struct talk talk = open_to(from, from_port, to, to_port);
    send_segment(&talk, 0, 0, data);
    send_segment(&talk, 0, P2I_TCP_FIN, "");
}

Test(announced, passive_and_active, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "PASV\r\n", "227 x (10,0,0,2,19,136)\r\n");
    send_data(CLIENT, 41000, SERVER, 5000, "some text");
    SAY(&control, "PORT 10,0,0,1,19,137\r\n", "200 x\r\n");
    send_data(SERVER, 20, CLIENT, 5001, "some text");
    SAY(&control, "EPRT |1|10.0.0.1|5002|\r\n", "200 x\r\n");
    send_data(SERVER, 42000, CLIENT, 5002, "some text");
    expect("1:41000>2:5000 ftp-data\n2:5000>1:41000 ftp-data\n"
           "2:20>1:5001 ftp-data\n1:5001>2:20 ftp-data\n"
           "2:42000>1:5002 ftp-data\n1:5002>2:42000 ftp-data\n");
}

/* The connection comes before the announcement, or its first payload does. */
Test(announced, takes_effect_with_the_first_payload, .init = begin)
{
    struct talk control = log_in(CLIENT);
    struct talk data = open_to(SERVER, 20, CLIENT, 5000);
    struct talk early = open_to(SERVER, 20, CLIENT, 5001);
    send_segment(&early, 0, 0, "some");
    SAY(&control, "PORT 10,0,0,1,19,136\r\n", "200 x\r\n", "PORT 10,0,0,1,19,137\r\n", "200 x\r\n");
    send_segment(&data, 0, 0, "some text");
    send_segment(&early, 0, 0, " text");
    expect("2:20>1:5000 ftp-data\n1:5000>2:20 ftp-data\n"
           "2:20>1:5001 unknown\n1:5001>2:20 unknown\n");
}

/* Replies to a command are not waited for, so a refused one is a hint too: parsers are asked first
 * all the same. */
Test(announced, refused_commands_are_hints, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "PORT 10,0,0,1,19,136\r\n", "500 x\r\n");
    send_data(SERVER, 20, CLIENT, 5000, "some text");
    SAY(&control, "PORT 10,0,0,1,19,137\r\n", "500 x\r\n");
    send_data(SERVER, 20, CLIENT, 5001, "GET /one HTTP/1.1\r\nHost: h\r\n\r\n");
    expect("request /one\n"
           "2:20>1:5000 ftp-data\n1:5000>2:20 ftp-data\n"
           "2:20>1:5001 http\n1:5001>2:20 http\n");
}

/* Of the sessions that an announcement fits, it holds for the first one, whatever the order of its
 * packets. */
Test(announced, holds_for_one_session, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "EPSV\r\n", "229 x (|||5000|)\r\n");
    struct talk first = open_to(CLIENT, 41000, SERVER, 5000);
    struct talk second = open_to(CLIENT, 41001, SERVER, 5000);
    send_segment(&second, 0, 0, "SSH-2.0-x\r\n");
    send_segment(&first, 1, 0, "some text");
    expect("1:41001>2:5000 ssh\n2:5000>1:41001 ssh\n"
           "1:41000>2:5000 ftp-data\n2:5000>1:41000 ftp-data\n");
}

/* Announcements are read from TCP packets between ports of control connections only. */
Test(announced, is_read_from_control_connections_only, .init = begin)
{
    struct talk web = open_to(CLIENT, 40000, SERVER, 80);
    SAY(&web, "220 x\r\n", "229 x (|||5000|)\r\n");
    send_data(CLIENT, 41000, SERVER, 5000, "SSH-2.0-x\r\n");
    struct talk other = open_to(CLIENT, 40000, SERVER, 2121);
    SAY(&other, "220 x\r\n", "229 x (|||5001|)\r\n");
    send_data(CLIENT, 41000, SERVER, 5001, "SSH-2.0-x\r\n");
    p2i_sessions_finish(run.sessions, run.number + 1);
    fflush(run.log);
    cr_expect_not_null(strstr(run.text, "1:41000>2:5000 ssh\n"), "%s", run.text);
    cr_expect_not_null(strstr(run.text, "1:41000>2:5001 ftp-data\n"), "%s", run.text);
    stop();
}

/* Parsers see the payload of an announced session; name-only recognisers do not. */
Test(announced, parsers_are_asked_first, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "EPSV\r\n", "229 x (|||5000|)\r\n");
    send_data(CLIENT, 41000, SERVER, 5000, "GET /one HTTP/1.1\r\nHost: h\r\n\r\n");
    SAY(&control, "EPSV\r\n", "229 x (|||5001|)\r\n");
    send_data(CLIENT, 41001, SERVER, 5001, "SSH-2.0-x\r\n");
    SAY(&control, "EPSV\r\n", "229 x (|||5002|)\r\n");
    struct talk slow = open_to(CLIENT, 41002, SERVER, 5002);
    SAY(&slow, "G", "ET /two HTTP/1.1\r\nHost: h\r\n\r\n");
    SAY(&control, "EPSV\r\n", "229 x (|||5003|)\r\n");
    send_data(CLIENT, 41003, SERVER, 5003, "G");
    SAY(&control, "EPSV\r\n", "229 x (|||5004|)\r\n");
    send_data(CLIENT, 41004, SERVER, 5004, "");
    expect("request /one\nrequest /two\n"
           "1:41000>2:5000 http\n2:5000>1:41000 http\n"
           "1:41001>2:5001 ftp-data\n2:5001>1:41001 ftp-data\n"
           "1:41002>2:5002 http\n2:5002>1:41002 http\n"
           "1:41003>2:5003 ftp-data\n2:5003>1:41003 ftp-data\n"
           "1:41004>2:5004 ftp-data\n2:5004>1:41004 ftp-data\n");
}

/* An announcement holds for the two announcing hosts, and not for ports of services. */
Test(announced, does_not_hold_for_other_hosts, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "PORT 10,0,0,3,19,136\r\n", "200 x\r\n", "PORT 10,0,0,2,0,80\r\n", "200 x\r\n",
        "PORT 10,0,0,1,19,137\r\n", "200 x\r\n", "PORT 10,0,0,1,19,138\r\n", "200 x\r\n",
        "PORT 10,0,0,1,19,139\r\n", "500 x\r\n");
    send_data(4, 41000, OTHER, 5000, "SSH-2.0-x\r\n");
    send_data(CLIENT, 41001, SERVER, 80, "SSH-2.0-x\r\n");
    send_data(OTHER, 41002, CLIENT, 5001, "SSH-2.0-x\r\n");
    send_data(SERVER, 79, CLIENT, 5002, "SSH-2.0-x\r\n");
    send_data(SERVER, 41003, CLIENT, 5003, "SSH-2.0-x\r\n");
    expect("4:41000>3:5000 ssh\n3:5000>4:41000 ssh\n"
           "1:41001>2:80 ssh\n2:80>1:41001 ssh\n"
           "3:41002>1:5001 ssh\n1:5001>3:41002 ssh\n"
           "2:79>1:5002 ssh\n1:5002>2:79 ssh\n"
           "2:41003>1:5003 ftp-data\n1:5003>2:41003 ftp-data\n"); /* refused commands are hints */
}

/* Hundreds of other control connections between pairs of hosts do not displace it. */
Test(announced, other_sessions_do_not_displace_it, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "EPSV\r\n", "229 x (|||5000|)\r\n");
    for (unsigned i = 0; i < 200; i++) {
        struct talk other = open_to(50 + i % 2, (uint16_t)(43000 + i), SERVER, 21);
        SAY(&other, "220 FTP\r\n", "USER a\r\n", "230 x\r\n");
        for (unsigned k = 0; k < 4; k++) {
            SAY(&other, "PORT 10,0,0,1,19,136\r\n", "200 x\r\n");
        }
    }
    send_data(CLIENT, 41000, SERVER, 5000, "SSH-2.0-x\r\n");
    expect("1:41000>2:5000 ftp-data\n2:5000>1:41000 ftp-data\n");
}

/* Another network with the same addresses. */
Test(announced, does_not_hold_in_another_scope, .init = begin)
{
    struct talk control = log_in(CLIENT);
    SAY(&control, "EPSV\r\n", "229 x (|||5000|)\r\n");
    for (uint32_t scope = 1; scope < 200; scope++) {
        struct talk talk = {.host = {CLIENT, SERVER},
                            .port = {(uint16_t)(41000 + scope), 5000},
                            .next = {1000, 0},
                            .scope = scope};
        send_segment(&talk, 0, P2I_TCP_SYN, "");
    }
    send_data(CLIENT, 41000, SERVER, 5000, "some text");
    p2i_sessions_finish(run.sessions, run.number + 1);
    fflush(run.log);
    cr_expect_not_null(strstr(run.text, "1:41000>2:5000 ftp-data\n"), "%s", run.text);
    stop();
}
