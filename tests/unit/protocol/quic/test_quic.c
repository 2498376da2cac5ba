/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/protocols.h"
#include "quic_flight.h"

/* ---- Vectors ---- */

static void expect_keys(enum p2i_quic_family family, const char *key, const char *iv,
                        const char *mask_key)
{
    struct p2i_quic_crypto crypto = {0};
    struct p2i_quic_keys keys;
    cr_assert(p2i_quic_client_keys(&crypto, family, CID, &keys));
    p2i_quic_crypto_free(&crypto);
    cr_assert_arr_eq(keys.key, key, sizeof keys.key);
    cr_assert_arr_eq(keys.iv, iv, sizeof keys.iv);
    cr_assert_arr_eq(keys.mask_key, mask_key, sizeof keys.mask_key);
}

Test(quic, keys_of_rfc_9001_a1_and_rfc_9369_a1)
{
    expect_keys(P2I_QUIC_V1, "\x1f\x36\x96\x13\xdd\x76\xd5\x46\x77\x30\xef\xcb\xe3\xb1\xa2\x2d",
                "\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c",
                "\x9f\x50\x44\x9e\x04\xa0\xe8\x10\x28\x3a\x1e\x99\x33\xad\xed\xd2");
    expect_keys(P2I_QUIC_V2, "\x8b\x1a\x0b\xc1\x21\x28\x42\x90\xa2\x9e\x09\x71\xb5\xcd\x04\x5d",
                "\x91\xf7\x3e\x23\x51\xd8\xfa\x91\x66\x0e\x90\x9f",
                "\x45\xb9\x5e\x15\x23\x5d\x6f\x45\xa6\xb1\x9c\xbc\xb0\x29\x4b\xa9");
}

/* RFC 9001 A.2: the frames of both RFCs' client Initial, of 1,162 bytes with padding. */
static const char vector_frames[] =
    "\x06\x00\x40\xf1\x01\x00\x00\xed\x03\x03\xeb\xf8\xfa\x56\xf1\x29\x39\xb9\x58\x4a\x38\x96\x47"
    "\x2e\xc4\x0b\xb8\x63\xcf\xd3\xe8\x68\x04\xfe\x3a\x47\xf0\x6a\x2b\x69\x48\x4c\x00\x00\x04\x13"
    "\x01\x13\x02\x01\x00\x00\xc0\x00\x00\x00\x10\x00\x0e\x00\x00\x0b\x65\x78\x61\x6d\x70\x6c\x65"
    "\x2e\x63\x6f\x6d\xff\x01\x00\x01\x00\x00\x0a\x00\x08\x00\x06\x00\x1d\x00\x17\x00\x18\x00\x10"
    "\x00\x07\x00\x05\x04\x61\x6c\x70\x6e\x00\x05\x00\x05\x01\x00\x00\x00\x00\x00\x33\x00\x26\x00"
    "\x24\x00\x1d\x00\x20\x93\x70\xb2\xc9\xca\xa4\x7f\xba\xba\xf4\x55\x9f\xed\xba\x75\x3d\xe1\x71"
    "\xfa\x71\xf5\x0f\x1c\xe1\x5d\x43\xe9\x94\xec\x74\xd7\x48\x00\x2b\x00\x03\x02\x03\x04\x00\x0d"
    "\x00\x10\x00\x0e\x04\x03\x05\x03\x06\x03\x02\x03\x08\x04\x08\x05\x08\x06\x00\x2d\x00\x02\x01"
    "\x01\x00\x1c\x00\x02\x40\x01\x00\x39\x00\x32\x04\x08\xff\xff\xff\xff\xff\xff\xff\xff\x05\x04"
    "\x80\x00\xff\xff\x07\x04\x80\x00\xff\xff\x08\x01\x10\x01\x04\x80\x00\x75\x30\x09\x01\x10\x0f"
    "\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x06\x04\x80\x00\xff\xff";

/* The tag at the end vouches for the whole packet. */
static void expect_vector(uint32_t version, struct p2i_view begin, struct p2i_view end)
{
    static struct flight flight;
    flight.count = 0;
    struct quic_seal seal = {
        .version = version,
        .destination = CID,
        .frames = p2i_view_of(vector_frames, sizeof vector_frames - 1),
        .payload_size = 1162,
        .number = 2,
        .number_size = 4,
    };
    send_initial(&flight, &seal);
    struct p2i_view packet = sealed_view(&flight.datagram[0]);
    cr_assert_eq(packet.size, 1200);
    cr_assert(p2i_view_starts(packet, begin));
    cr_assert(p2i_view_equals(p2i_view_from(packet, packet.size - end.size), end));
    quic_expect(&flight, RECORD("C", "example.com", "13011302", "4", "0"));
}

Test(quic, client_initial_of_rfc_9001_a2)
{
    expect_vector(V1,
                  P2I_VIEW("\xc0\x00\x00\x00\x01\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x00\x00\x44"
                           "\x9e\x7b\x9a\xec\x34\xd1\xb1\xc9\x8d\xd7\x68\x9f\xb8\xec\x11"),
                  P2I_VIEW("\xe2\x21\xaf\x44\x86\x00\x18\xab\x08\x56\x97\x2e\x19\x4c\xd9\x34"));
}

Test(quic, client_initial_of_rfc_9369_a2)
{
    expect_vector(V2,
                  P2I_VIEW("\xd7\x6b\x33\x43\xcf\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x00\x00\x44"
                           "\x9e\xa0\xc9\x5e\x82\xff\xe6\x7b\x6a\xbc\xdb\x42\x98\xb4\x85"),
                  P2I_VIEW("\xa1\x8b\x2f\xaa\x74\x5b\x6f\xe1\x89\xcf\x77\x2a\x9f\x84\xcb\xfc"));
}

Test(quic, server_initial_gives_no_record)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 800);
    send_bytes(&flight, P2I_FROM_RESPONDER, SERVER_INITIAL);
    quic_expect(&flight, "");
    send_part(&flight, hello, 0, 500);
    send_bytes(&flight, P2I_FROM_RESPONDER, SERVER_INITIAL);
    send_part(&flight, hello, 500, hello.size);
    quic_expect(&flight, EXAMPLE_AT("1"));
}

/* ---- One hello in many shapes ---- */

Test(quic, every_known_version)
{
    static const uint32_t versions[] = {V1,         0xff000015, 0xff000016, 0xff000017, 0xff00001c,
                                        DRAFT_29,   0xff000020, 0xff000021, 0xff000022, V2,
                                        0xfaceb001, 0xfaceb002, 0xfaceb00e, 0x54303530, 0x54303531};
    static struct flight flight;
    static struct quic_sealed frames;
    put_crypto(&frames, client_hello(EXAMPLE, 300), 0, client_hello(EXAMPLE, 300).size);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        flight.count = 0;
        struct quic_seal seal = initial(&frames);
        seal.version = versions[i];
        send_initial(&flight, &seal);
        quic_expect(&flight, EXAMPLE_AT("0"));
    }
}

Test(quic, hello_without_a_name)
{
    static struct flight flight;
    struct p2i_view hello = client_hello((struct p2i_view){0}, 100);
    send_part(&flight, hello, 0, hello.size);
    quic_expect(&flight, RECORD("C", "", "13011302", "4", "0"));
}

Test(quic, a_session_to_a_host_of_zello)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(P2I_VIEW("zello.com"), 100);
    send_part(&flight, hello, 0, hello.size);
    quic_expect(&flight, RECORD("C", "zello.com", "13011302", "4",
                                "0") "im C login=\"\" password=\"\" screen_name=\"\" uin=\"\" "
                                     "receivers=\"\" result_code=0"
                                     " protocol=106 @0\n");
}

Test(quic, the_client_may_be_the_responder)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    send_bytes(&flight, P2I_FROM_INITIATOR, SERVER_INITIAL);
    send_part(&flight, hello, 0, hello.size);
    flight.from[1] = P2I_FROM_RESPONDER;
    quic_expect(&flight, RECORD("S", "example.org", "13011302", "4", "1"));
}

Test(quic, one_record_a_session)
{
    static struct flight flight;
    for (unsigned i = 0; i < 3; i++) {
        struct p2i_view hello = client_hello(EXAMPLE, 100 * i);
        send_part(&flight, hello, 0, hello.size);
    }
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* The hello in four parts, in every order, in one to four datagrams. */
static void expect_order(struct p2i_view hello, const unsigned order[4], unsigned grouping)
{
    static struct flight flight;
    static struct quic_sealed frames;
    flight.count = 0;
    frames.size = 0;
    size_t first = 0;
    for (unsigned i = 0; i < 4; i++) {
        size_t begin = hello.size * order[i] / 4;
        size_t end = hello.size * (order[i] + 1) / 4;
        put_crypto(&frames, hello, begin, end);
        first = order[i] == 0 ? flight.count : first;
        if (i == 3 || (grouping >> i & 1) != 0) {
            struct quic_seal seal = initial(&frames);
            seal.number = flight.count;
            send_initial(&flight, &seal);
            frames.size = 0;
        }
    }
    char expected[512];
    snprintf(expected, sizeof expected,
             "clickstream C host=\"example.org\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\""
             " cipher_suites=13011302 locked=0 cipher_suites_length=4 host_type=4 method=0 @%zu\n",
             first);
    quic_expect(&flight, expected);
}

Test(quic, parts_in_every_order_over_datagrams)
{
    struct p2i_view hello = client_hello(EXAMPLE, 2500);
    for (unsigned code = 0; code < 256; code++) {
        unsigned order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned seen = 1U << order[0] | 1U << order[1] | 1U << order[2] | 1U << order[3];
        for (unsigned grouping = 0; grouping < 8 && seen == 15; grouping++) {
            expect_order(hello, order, grouping);
        }
    }
}

Test(quic, parts_cut_at_every_byte_and_repeated)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 40);
    for (size_t cut = 1; cut < hello.size; cut++) {
        frames.size = flight.count = 0;
        put_crypto(&frames, hello, cut, hello.size);
        put_crypto(&frames, hello, cut / 2, hello.size);
        put_crypto(&frames, hello, 0, cut);
        struct quic_seal seal = initial(&frames);
        send_initial(&flight, &seal);
        quic_expect(&flight, EXAMPLE_AT("0"));
    }
}

Test(quic, the_first_bytes_count)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    send_part(&flight, hello, 20, hello.size);
    hello = client_hello(P2I_VIEW("forgery.net"), 100);
    send_part(&flight, hello, 0, hello.size);
    quic_expect(&flight, EXAMPLE_AT("1"));
}

Test(quic, other_frames_between)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    put_bytes(&frames, P2I_VIEW("\0\0\0\0\0\0\0\0\0\0\0\x01\0"));
    put_crypto(&frames, hello, 100, hello.size);
    put_bytes(&frames, P2I_VIEW("\x02\x40\x99\x05\x02\x03\x00\x01\x02\x03")); /* ACK, two ranges */
    put_crypto(&frames, hello, 50, 100);
    put_bytes(&frames, P2I_VIEW("\x03\x09\x00\x00\x03\x01\x41\x00\x00")); /* with ECN counts */
    put_crypto(&frames, hello, 0, 50);
    struct quic_seal seal = initial(&frames);
    send_initial(&flight, &seal);
    quic_expect(&flight, EXAMPLE_AT("0"));
}

Test(quic, nothing_is_read_behind_a_frame_that_closes)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    put_bytes(&frames, P2I_VIEW("\x1c\x00\x00\x00"));
    put_crypto(&frames, hello, 0, hello.size);
    struct quic_seal seal = initial(&frames);
    send_initial(&flight, &seal);
    quic_expect(&flight, "");
}

/* ---- Packets around it ---- */

/* A 0-RTT packet of version 1, with 30 bytes of ciphertext. */
#define ZERO_RTT                                                                                   \
    P2I_VIEW("\xd2\x00\x00\x00\x01\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x00\x1e"                    \
             "012345678901234567890123456789")

Test(quic, early_data_before_the_hello)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    put_crypto(&frames, hello, 0, hello.size);
    struct quic_seal seal = initial(&frames);
    send_bytes(&flight, P2I_FROM_INITIATOR, ZERO_RTT);
    put_bytes(next_datagram(&flight, P2I_FROM_INITIATOR), ZERO_RTT); /* in one datagram with it */
    quic_seal(&flight.datagram[1], &seal);
    put_bytes(&flight.datagram[1], ZERO_RTT);
    quic_expect(&flight, EXAMPLE_AT("1"));
}

Test(quic, two_initials_in_a_datagram)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    put_crypto(&frames, hello, 80, hello.size);
    struct quic_seal seal = initial(&frames);
    seal.payload_size = frames.size;
    send_initial(&flight, &seal);
    frames.size = 0;
    put_crypto(&frames, hello, 0, 80);
    seal = initial(&frames);
    seal.number = 1;
    quic_seal(&flight.datagram[0], &seal);
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* A datagram with `count` Initials that no key opens, to `other`, in front of one with the hello.
 */
static void send_behind_useless_ones(struct flight *flight, unsigned count, struct p2i_view other)
{
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    frames.size = 0;
    put_crypto(&frames, hello, 0, hello.size);
    struct quic_seal seal = initial(&frames);
    struct quic_sealed *datagram = next_datagram(flight, P2I_FROM_INITIATOR);
    struct quic_seal useless = seal;
    useless.destination = other;
    for (unsigned i = 0; i < count; i++) {
        quic_seal(datagram, &useless);
        datagram->data[datagram->size - 1] ^= 1;
    }
    quic_seal(datagram, &seal);
}

/* RFC 9000 12.2 */
Test(quic, packets_of_a_datagram_have_one_connection_id)
{
    static struct flight flight[2];
    send_behind_useless_ones(&flight[0], 1, CID);
    quic_expect(&flight[0], EXAMPLE_AT("0"));
    send_behind_useless_ones(&flight[1], 1, OTHER_CID);
    quic_expect(&flight[1], "");
}

Test(quic, useless_initials_in_a_datagram_are_limited)
{
    static struct flight flight[2];
    send_behind_useless_ones(&flight[0], 3, CID);
    quic_expect(&flight[0], EXAMPLE_AT("0"));
    send_behind_useless_ones(&flight[1], 4, CID);
    quic_expect(&flight[1], "");
}

/* RFC 9000 7.2: the client takes the server's connection id, but its keys stay. */
Test(quic, later_initial_to_another_connection_id)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 1500);
    send_part(&flight, hello, 0, 900);
    send_bytes(&flight, P2I_FROM_RESPONDER, SERVER_INITIAL);
    put_crypto(&frames, hello, 900, hello.size);
    struct quic_seal seal = initial(&frames);
    seal.destination = OTHER_CID;
    seal.key_cid = CID;
    seal.number = 3;
    send_initial(&flight, &seal);
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* RFC 9000 17.2.5: a Retry brings new keys and a token, and the hello once more. */
Test(quic, retry)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 1500);
    send_part(&flight, hello, 0, 900);
    send_bytes(&flight, P2I_FROM_RESPONDER,
               P2I_VIEW("\xff\x00\x00\x00\x01\x02\x5c\x1d\x09\xf0\x67\xa5\x50\x2a\x42\x62\xb5\x11"
                        "token and the sixteen bytes behind it"));
    for (unsigned i = 0; i < 2; i++) {
        frames.size = 0;
        put_crypto(&frames, hello, i == 0 ? 0 : 900, i == 0 ? 900 : hello.size);
        struct quic_seal seal = initial(&frames);
        seal.destination = OTHER_CID;
        seal.token = P2I_VIEW("token");
        seal.number = 1 + i;
        send_initial(&flight, &seal);
    }
    quic_expect(&flight, EXAMPLE_AT("2"));
}

/* RFC 9000 6: the first packets had a version that the server, and maybe we, do not know. */
Test(quic, version_negotiation)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    put_crypto(&frames, hello, 0, 60);
    struct quic_seal seal = initial(&frames);
    seal.version = DRAFT_29;
    send_initial(&flight, &seal);
    flight.datagram[0].data[1] = 0xba; /* unknown */
    send_initial(&flight, &seal);
    send_bytes(&flight, P2I_FROM_RESPONDER,
               P2I_VIEW("\xca\x00\x00\x00\x00\x02\x5c\x1d\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08"
                        "\x00\x00\x00\x01\x6b\x33\x43\xcf"));
    send_part(&flight, hello, 0, 90);
    send_part(&flight, hello, 90, hello.size);
    quic_expect(&flight, EXAMPLE_AT("3"));
}

/* RFC 9000 A.3 */
Test(quic, packet_numbers_are_completed)
{
    static struct flight flight;
    static struct quic_sealed frames;
    struct p2i_view hello = client_hello(EXAMPLE, 300);
    static const uint64_t numbers[] = {0xa82f30ea, 0xa82f30ff, 0xa82f3101, 0xa82f30fe};
    static const unsigned sizes[] = {4, 1, 1, 2};
    for (unsigned i = 0; i < 4; i++) {
        frames.size = 0;
        put_crypto(&frames, hello, hello.size * i / 4, hello.size * (i + 1) / 4);
        struct quic_seal seal = initial(&frames);
        seal.number = numbers[i];
        seal.number_size = sizes[i];
        send_initial(&flight, &seal);
    }
    quic_expect(&flight, EXAMPLE_AT("0"));
}

/* ---- Damage and hostility ---- */

Test(quic, every_bit_flipped)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 20);
    send_part(&flight, hello, 0, hello.size);
    for (size_t bit = 0; bit < 8 * flight.datagram[0].size; bit++) {
        flight.datagram[0].data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        char *got = play(&flight);
        cr_assert(got[0] == '\0' || strcmp(got, EXAMPLE_AT("0")) == 0, "bit %zu: %s", bit, got);
        free(got);
        flight.datagram[0].data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

/* Frames that claim more than there is, sealed as they should be. */
static void expect_frames(struct p2i_view bytes)
{
    static struct flight flight;
    static struct quic_sealed frames;
    frames.size = flight.count = 0;
    put_bytes(&frames, bytes);
    struct quic_seal seal = initial(&frames);
    seal.payload_size = bytes.size < 4 ? 4 : bytes.size;
    send_initial(&flight, &seal);
    quic_expect(&flight, "");
}

Test(quic, malformed_frames)
{
    expect_frames(P2I_VIEW("\x06"));
    expect_frames(P2I_VIEW("\x06\x00\x7f\xff\x01\x00\x00\x10"));
    expect_frames(P2I_VIEW("\x06\x00\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x00\x10"));
    expect_frames(P2I_VIEW("\x06\xff\xff\xff\xff\xff\xff\xff\xff\x04\x01\x00\x00\x10"));
    expect_frames(P2I_VIEW("\x06\x80\x00\xff\xfe\x04\x01\x00\x00\x10"));
    expect_frames(P2I_VIEW("\x06\x00\x04\x02\x00\x00\x10")); /* a ServerHello */
    expect_frames(P2I_VIEW("\x06\x00\x04\x01\x00\x00\x00")); /* with nothing in it */
    expect_frames(P2I_VIEW("\x06\x00\x06\x01\x00\x00\x02\x03\x03"));
    expect_frames(P2I_VIEW("\x06\x00\x00\x06\x00\x00\x06\x00\x00"));
    expect_frames(
        P2I_VIEW("\x02\xff\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff"));
    expect_frames(P2I_VIEW("\x08\x00\x04"
                           "CHLO"));
}

/* Headers whose lengths go beyond the datagram. */
Test(quic, malformed_headers)
{
    static const struct p2i_view headers[] = {
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x08"
                          "1234567",
         13},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\xff"
                          "1234567",
         14},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 15},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 16},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\x00\x00\x00", 9},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\x00\x00\x10"
                          "0123456789012345",
         25},
        {(const uint8_t *)"\xc0\x00\x00\x00\x01\x00\x00\x00\x14"
                          "01234567890123456789",
         29},
        {(const uint8_t *)"\xe0\x00\x00\x00\x01\x00\x00\x00", 8},
        {(const uint8_t *)"\xe0\x00\x00\x00\x01\x00\x00\x01\xe0\x00\x00\x00\x01\x00\x00\x00", 16},
    };
    static struct flight flight;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        flight.count = 0;
        send_bytes(&flight, P2I_FROM_INITIATOR, headers[i]);
        quic_expect(&flight, "");
    }
}

/* The parser itself, to see when it has had enough. */
struct lone {
    struct quic_sealed junk;
    struct p2i_parser parser;
    struct p2i_account account;
    uint64_t state[64];
};

static void count(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                  const struct p2i_packet_info *info, const void *message,
                  enum p2i_completeness completeness)
{
    (void)completeness;
    (void)kind, (void)sender, (void)info, (void)message;
    ++*(unsigned *)context;
}

/* How many times the datagram, padded, is looked at, up to 1,000. */
static unsigned endurance(struct p2i_view datagram)
{
    static struct lone lone;
    static uint8_t padded[DATAGRAM_MIN];
    memset(padded, 0, sizeof padded);
    if (datagram.size > 0) {
        memcpy(padded, datagram.data, datagram.size);
    }
    unsigned records = 0;
    struct p2i_message_sink sink = {count, &records};
    struct p2i_packet_info info = {0};
    cr_assert_leq(p2i_quic.state_size, sizeof lone.state);
    memset(lone.state, 0, sizeof lone.state);
    lone.parser = (struct p2i_parser){.state = lone.state,
                                      .shared = p2i_quic.family->open(NULL),
                                      .sink = &sink,
                                      .pool = p2i_pool_new(),
                                      .account = &lone.account};
    struct p2i_stream_segment segment = {
        .bytes = p2i_view_of(padded, sizeof padded), .info = &info, .last = &info};
    unsigned times = 1;
    while (times < 1000 && p2i_quic.datagram(&lone.parser, &segment) == P2I_CONTINUE) {
        times++;
    }
    p2i_quic.free(&lone.parser);
    cr_assert_eq(records, 0);
    cr_assert_eq(lone.account.used, 0);
    p2i_quic.family->close(lone.parser.shared);
    p2i_pool_free(lone.parser.pool);
    return times;
}

Test(quic, gives_up)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    send_part(&flight, hello, 40, hello.size);
    struct p2i_view part = sealed_view(&flight.datagram[0]);
    cr_assert_eq(endurance(part), 17); /* the first is new */
    flight.datagram[0].data[part.size - 1] ^= 1;
    cr_assert_eq(endurance(part), 16);
    cr_assert_eq(endurance(ZERO_RTT), 256);
    cr_assert_eq(endurance(P2I_VIEW("\x40 a short header")), 256);
    cr_assert_eq(endurance((struct p2i_view){0}), 256);
}

Test(quic, fifteen_useless_initials_are_tolerated)
{
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    for (unsigned i = 0; i < 15; i++) {
        send_bytes(&flight, P2I_FROM_INITIATOR, SERVER_INITIAL);
    }
    send_part(&flight, hello, 0, hello.size);
    quic_expect(&flight, EXAMPLE_AT("15"));
}

/* RFC 9000 section 14.1: whole datagrams of fewer bytes than 1,200 are not looked at. */
Test(quic, short_datagrams_are_left_out)
{
    static const struct p2i_protocol *const only_quic[] = {&p2i_quic, NULL};
    static struct flight flight;
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    send_part(&flight, hello, 0, hello.size);
    struct p2i_view datagram = sealed_view(&flight.datagram[0]);
    char bytes[DATAGRAM_MIN] = {0};
    memcpy(bytes, datagram.data, datagram.size);
    for (size_t missing = 0; missing < 2; missing++) {
        struct dialog_step step = {P2I_FROM_INITIATOR, bytes, sizeof bytes - 1 + missing};
        struct dialog dialog = {
            .ends = {.transport = P2I_OVER_UDP, .port = {50000, 443}},
            .protocols = only_quic,
            .steps = &step,
            .step_count = 1,
        };
        char *got = dialog_play(&dialog, 0);
        cr_assert_str_eq(got, missing == 0 ? "" : EXAMPLE_AT("0"));
        free(got);
    }
}

/* Each connection begins a hello; that of the fifth is not read. */
Test(quic, keys_are_taken_four_times)
{
    struct p2i_view hello = client_hello(EXAMPLE, 100);
    for (unsigned before = 3; before < 5; before++) {
        static struct flight flight;
        static struct quic_sealed frames;
        uint8_t cid[8] = {0};
        flight.count = 0;
        for (unsigned i = 0; i <= before; i++) {
            frames.size = 0;
            put_crypto(&frames, hello, 0, i < before ? 40 : hello.size);
            struct quic_seal seal = initial(&frames);
            cid[0] = (uint8_t)i;
            seal.destination = p2i_view_of(cid, sizeof cid);
            send_initial(&flight, &seal);
        }
        char *got = play(&flight);
        cr_assert_eq(strstr(got, "example.org") != NULL, before < 4, "%u: %s", before, got);
        free(got);
    }
}

/* ---- Probe ---- */

static enum p2i_match probe(struct p2i_view bytes)
{
    struct p2i_ends ends = {.transport = P2I_OVER_UDP, .port = {50000, 443}};
    return p2i_quic.probe(&ends, P2I_FROM_INITIATOR, bytes);
}

Test(quic, probe_knows_long_headers_of_known_versions)
{
    cr_assert_eq(probe(SERVER_INITIAL), P2I_MATCH_YES);
    cr_assert_eq(probe(ZERO_RTT), P2I_MATCH_YES);
    cr_assert_eq(probe(P2I_VIEW("\xc0\x6b\x33\x43\xcf\x00\x00")), P2I_MATCH_YES);
    cr_assert_eq(probe(P2I_VIEW("\x0dxxxxxxxxQ043")), P2I_MATCH_YES);
    cr_assert_eq(probe(P2I_VIEW("\xc3Q046\x50xxxxxxxx")), P2I_MATCH_YES);
}

Test(quic, probe_refuses_what_is_not_quic)
{
    cr_assert_eq(probe((struct p2i_view){0}), P2I_MATCH_NO);
    cr_assert_eq(probe(P2I_VIEW("\xc0\x00\x00\x00\x01\x00")), P2I_MATCH_NO);     /* short */
    cr_assert_eq(probe(P2I_VIEW("\x80\x00\x00\x00\x01\x00\x00")), P2I_MATCH_NO); /* no fixed bit */
    cr_assert_eq(probe(P2I_VIEW("\x40\x00\x00\x00\x01\x00\x00")), P2I_MATCH_NO); /* short header */
    cr_assert_eq(probe(P2I_VIEW("\xc0\x00\x00\x00\x01\x15\x00")), P2I_MATCH_NO); /* cid too long */
    cr_assert_eq(probe(P2I_VIEW("\xc0\x00\x00\x00\x00\x00\x00")), P2I_MATCH_NO); /* negotiation */
    cr_assert_eq(probe(P2I_VIEW("\xc0\xba\xba\xba\xba\x00\x00")), P2I_MATCH_NO);
    cr_assert_eq(probe(P2I_VIEW("\xc0\xff\x00\x00\x14\x00\x00")), P2I_MATCH_NO); /* draft 20 */
    cr_assert_eq(probe(P2I_VIEW("\xc0\xff\x00\x00\x23\x00\x00")), P2I_MATCH_NO); /* draft 35 */
    cr_assert_eq(probe(P2I_VIEW("\x80\x60\x12\x34\x00\x00\x00\xa0\x11\x22\x33\x44")),
                 P2I_MATCH_NO);                                      /* RTP */
    cr_assert_eq(probe(P2I_VIEW("\x0bxxxxxxxxQ043")), P2I_MATCH_NO); /* a reset of Google's */
    cr_assert_eq(probe(P2I_VIEW("\x09xxxxxxxxQ099")), P2I_MATCH_NO);
    cr_assert_eq(probe(P2I_VIEW("\x09xxxxxxxxQ04")), P2I_MATCH_NO);
}
