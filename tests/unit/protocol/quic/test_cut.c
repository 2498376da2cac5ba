/* SPDX-License-Identifier: MIT */
/* QUIC hellos that are not all there: datagrams cut by the snaplen, datagrams lost. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "quic_flight.h"

/* Offset of the hello's first byte in a datagram of send_part() with its beginning, and the
 * bytes of a packet that are needed to remove its protection. */
enum { HELLO_AT = 25, PROTECTED = 40, VERSION_END = 6, LENGTH_END = 45, SUITES_END = 49 };

/* The record of `size` bytes of client_hello() of `whole` bytes. */
static void put_expected(char *out, size_t capacity, size_t size, size_t whole)
{
    size_t suites = size > SUITES_END ? 4 : size < LENGTH_END ? 0 : size - LENGTH_END;
    snprintf(out, capacity,
             "clickstream C host=\"%s\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" "
             "cipher_suites=%.*s locked=0 cipher_suites_length=%d host_type=4 method=0%s @0\n",
             size >= whole ? "example.org" : "", (int)(suites / 2 * 4), "13011302",
             size < LENGTH_END ? 0 : 4, size >= whole ? "" : " cut");
    if (size < VERSION_END) {
        out[0] = '\0';
    }
}

/* The snaplen cuts the datagram: the captured part of the hello is emitted. */
Test(quic_cut, at_every_byte)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 50);
    send_part(&flight, hello, 0, hello.size);
    for (size_t size = 0; size < flight.datagram[0].size; size++) {
        char expected[300] = "";
        if (size >= PROTECTED) {
            put_expected(expected, sizeof expected, size - HELLO_AT, hello.size);
        }
        cut_newest(&flight, size);
        char *got = play(&flight);
        cr_assert_str_eq(got, expected, "%zu: %s instead of %s", size, got, expected);
        free(got);
    }
}

/* A packet with a length beyond its whole datagram: no receiver takes it. */
Test(quic_cut, wrong_lengths)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 50);
    send_part(&flight, hello, 0, hello.size);
    for (size_t size = PROTECTED; size < flight.datagram[0].size; size++) {
        size_t whole = flight.datagram[0].size;
        flight.datagram[0].size = size;
        quic_expect(&flight, "");
        flight.datagram[0].size = whole;
    }
}

/* A cut packet cannot be authenticated, but the next one can. */
Test(quic_cut, before_whole)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 50);
    send_bytes(&flight, P2I_FROM_RESPONDER, SERVER_INITIAL);
    cut_newest(&flight, 100);
    for (unsigned i = 0; i < 3; i++) {
        send_part(&flight, hello, 0, hello.size);
    }
    flight.missing[1] = flight.datagram[1].size - 60;
    flight.missing[2] = flight.datagram[2].size - 100;
    quic_expect(&flight, EXAMPLE_AT("2")); /* the cuts are steps, too */
}

/* Datagrams that are all cut: their parts are put together. */
Test(quic_cut, parts_in_any_order)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 400);
    static const size_t begins[] = {0, 150, 300, 450};
    for (unsigned code = 0; code < 256; code++) {
        unsigned order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned seen = 1U << order[0] | 1U << order[1] | 1U << order[2] | 1U << order[3];
        if (seen != 15) {
            continue;
        }
        flight.count = 0;
        size_t first = 0;
        for (unsigned i = 0; i < 4; i++) {
            size_t end = order[i] == 3 ? hello.size : begins[order[i] + 1];
            first = order[i] == 0 ? 2 * i : first; /* the cuts are steps, too */
            send_part(&flight, hello, begins[order[i]], end);
            cut_newest(&flight, HELLO_AT + 3 + (end - begins[order[i]]));
        }
        char expected[300];
        snprintf(expected, sizeof expected, EXAMPLE_AT("%zu"), first);
        quic_expect(&flight, expected);
    }
}

/* A hole: the part before it is emitted when the session ends; a copy may fill it. */
Test(quic_cut, a_hole)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 800);
    send_part(&flight, hello, 0, 500);
    quic_expect(&flight, CUT_AT("0"));
    send_part(&flight, hello, 550, hello.size);
    quic_expect(&flight, CUT_AT("0"));
    send_part(&flight, hello, 500, 549);
    quic_expect(&flight, CUT_AT("0"));
    send_part(&flight, hello, 549, 550);
    quic_expect(&flight, EXAMPLE_AT("0"));
    flight.count = 0;
    send_part(&flight, hello, 500, hello.size);
    quic_expect(&flight, "");
    send_part(&flight, hello, 0, 5);
    quic_expect(&flight, ""); /* no version */
    send_part(&flight, hello, 5, 6);
    quic_expect(&flight, RECORD_OF("C", "", "", "0", " cut", "1"));
}

/* The beginning is cut, the rest is not. */
Test(quic_cut, a_hole_in_the_first_datagram)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 1800);
    send_part(&flight, hello, 0, 1000);
    cut_newest(&flight, 300);
    send_part(&flight, hello, 1000, hello.size);
    quic_expect(&flight, CUT_AT("0"));
    send_part(&flight, hello, 0, 1000);
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* A client whose first number needs four bytes and whose next is sent as one. */
Test(quic_cut, numbers_are_completed)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 300);
    static const uint64_t numbers[] = {0xa82f30ea, 0xa82f30ff};
    for (unsigned i = 0; i < 2; i++) {
        frames.size = 0;
        put_crypto(&frames, hello, i == 0 ? 0 : 200, i == 0 ? 200 : hello.size);
        struct quic_seal seal = initial(&frames);
        seal.number = numbers[i];
        seal.number_size = i == 0 ? 4 : 1;
        send_initial(&flight, &seal);
        cut_newest(&flight, 300);
    }
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* Cut packets with other keys: of a server, of a client whose beginning was not captured, behind
 * a Retry. None of them spoils known bytes, and the beginning of a hello is believed. */
Test(quic_cut, other_keys)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 300), other = client_hello(EXAMPLE, 301);
    for (unsigned number = 0; number < 2000; number++) {
        flight.count = frames.size = 0;
        put_crypto(&frames, other, 0, 200);
        struct quic_seal seal = initial(&frames);
        seal.number = number;
        seal.number_size = 2;
        seal.destination = OTHER_CID;
        seal.key_cid =
            P2I_VIEW("third"); /* noise when opened with the keys of its own connection id */
        send_initial(&flight, &seal);
        cut_newest(&flight, 150);
        hello = client_hello(EXAMPLE, 300);
        send_part(&flight, hello, 0, hello.size);
        cut_newest(&flight, HELLO_AT + hello.size);
        if (number % 2 == 0) { /* the noise comes from the other end */
            flight.from[0] = P2I_FROM_RESPONDER;
        }
        quic_expect(&flight, EXAMPLE_AT("2"));
    }
    flight.count = frames.size = 0;
    send_part(&flight, hello, 0, 200);
    cut_newest(&flight, 150);
    put_crypto(&frames, hello, 0, hello.size);
    struct quic_seal seal = initial(&frames);
    seal.destination = OTHER_CID;
    seal.token = P2I_VIEW("token");
    send_initial(&flight, &seal);
    cut_newest(&flight, 150); /* no more than is known */
    quic_expect(&flight, CUT_AT("0"));
    send_initial(&flight, &seal); /* whole: the hello begins again */
    quic_expect(&flight, EXAMPLE_AT("4"));
}
