/* SPDX-License-Identifier: MIT */
/* The table of protocols: what is fixed by the gateway's documentation and what a run may change.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/counts.h"
#include "enrich/protocol_table.h"
#include "pcap2ipfix/view.h"

static const struct p2i_protocol_facts *facts(int id)
{
    return p2i_protocol_facts((enum p2i_protocol_id)id);
}

Test(protocol_numbers, names_and_numbers_are_unique)
{
    for (int a = 0; a < P2I_PROTOCOL_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            cr_expect_str_neq(facts(a)->name, facts(b)->name);
            cr_expect_neq(facts(a)->number, facts(b)->number, "%s and %s", facts(a)->name,
                          facts(b)->name);
        }
    }
}

/* A lower-case word, since files and options name protocols by it. */
Test(protocol_numbers, names_are_words)
{
    for (int id = 0; id < P2I_PROTOCOL_COUNT; id++) {
        size_t size = strspn(facts(id)->name, "abcdefghijklmnopqrstuvwxyz0123456789-");
        cr_expect(size > 0 && facts(id)->name[size] == '\0', "%s", facts(id)->name);
    }
}

/* An IANA port, or 49152 to 65534; 65535 stands for what is not recognised, and for nothing else.
 */
Test(protocol_numbers, ranges)
{
    cr_expect_eq(facts(P2I_ID_UNKNOWN)->number, 65535);
    for (int id = 1; id < P2I_PROTOCOL_COUNT; id++) {
        cr_expect(facts(id)->number > 0 && facts(id)->number < 65535, "%s", facts(id)->name);
    }
}

/* Those without a port of their own, and WireGuard, whose usual port lies in that range. */
Test(protocol_numbers, floating_protocols)
{
    static const uint8_t floating[] = {
        P2I_ID_QUIC,       P2I_ID_ZELLO,     P2I_ID_DTLS, P2I_ID_STUN, P2I_ID_RTP,  P2I_ID_RTCP,
        P2I_ID_BITTORRENT, P2I_ID_WIREGUARD, P2I_ID_ICMP, P2I_ID_IGMP, P2I_ID_OSPF, P2I_ID_SCTP,
    };
    for (int id = 1; id < P2I_PROTOCOL_COUNT; id++) {
        bool floats = memchr(floating, id, sizeof floating) != NULL;
        cr_expect_eq(facts(id)->number >= 49152, floats, "%s", facts(id)->name);
    }
}

/* Collectors know these. META_PROTO is the place in the list, which never changes. */
Test(protocol_numbers, fixed)
{
    static const struct {
        const char *name;
        uint16_t number;
        uint8_t meta;
    } fixed[] = {
        {"http", 80, 1},      {"tls", 443, 2},      {"quic", 49152, 3},        {"dns", 53, 4},
        {"sip", 5060, 5},     {"ftp", 21, 6},       {"smtp", 25, 8},           {"pop3", 110, 9},
        {"imap", 143, 10},    {"icq", 5190, 11},    {"xmpp", 5222, 12},        {"stun", 49155, 15},
        {"rtp", 49153, 16},   {"rtcp", 49154, 17},  {"h323", 1720, 18},        {"mgcp", 2427, 19},
        {"skinny", 2000, 20}, {"rtsp", 554, 21},    {"ssh", 22, 23},           {"telnet", 23, 24},
        {"ntp", 123, 41},     {"radius", 1812, 45}, {"bittorrent", 49165, 54}, {"modbus", 502, 69},
        {"sctp", 49162, 73},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        cr_expect_str_eq(facts(fixed[i].meta)->name, fixed[i].name);
        cr_expect_eq(facts(fixed[i].meta)->number, fixed[i].number, "%s", fixed[i].name);
    }
    cr_expect_geq(P2I_PROTOCOL_COUNT, 74);
}

/* What a file of this text does to the defaults. */
static enum p2i_result load(struct p2i_view text, struct p2i_protocol_numbers *numbers,
                            struct p2i_error *error)
{
    char path[] = "/tmp/test-protocol-numbers-XXXXXX";
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text.data, text.size), (ssize_t)text.size);
    close(file);
    p2i_protocol_numbers_default(numbers);
    enum p2i_result result = p2i_protocol_numbers_load(numbers, path, error);
    if (result != P2I_OK) {
        cr_expect_eq(error->code, result);
        cr_expect_str_eq(error->file, path);
        error->file = NULL;
    }
    unlink(path);
    return result;
}

Test(protocol_numbers, defaults_are_the_table)
{
    struct p2i_protocol_numbers numbers;
    p2i_protocol_numbers_default(&numbers);
    for (int id = 0; id < P2I_PROTOCOL_COUNT; id++) {
        cr_expect_eq(numbers.number[id], facts(id)->number);
    }
}

Test(protocol_numbers, a_file_changes_the_protocols_it_names)
{
    struct p2i_protocol_numbers numbers;
    struct p2i_error error;
    cr_assert_eq(load(P2I_VIEW("# numbers of our collector\n"
                               "\n"
                               "  rtp\t 50001  # media\r\n"
                               "netbios-ns 65535\n"
                               "unknown 0\n"
                               "quic 1\n"
                               "quic 443"),
                      &numbers, &error),
                 P2I_OK);
    cr_expect_eq(numbers.number[P2I_ID_RTP], 50001);
    cr_expect_eq(numbers.number[P2I_ID_NETBIOS_NS], 65535);
    cr_expect_eq(numbers.number[P2I_ID_UNKNOWN], 0);
    cr_expect_eq(numbers.number[P2I_ID_QUIC], 443);
    cr_expect_eq(numbers.number[P2I_ID_HTTP], 80);
    cr_expect_eq(load(P2I_VIEW(""), &numbers, &error), P2I_OK);
}

/* Nothing is changed by a file that is wrong somewhere. */
Test(protocol_numbers, wrong_lines_are_named)
{
    static const struct {
        struct p2i_view text;
        const char *says;
    } cases[] = {
        {{(const uint8_t *)"rtp 1\nskype 2\n", 14}, "line 2: unknown protocol 'skype'"},
        {{(const uint8_t *)"rtp 1\n#\nRTP 2\n", 14}, "line 3: unknown protocol 'RTP'"},
        {{(const uint8_t *)"rtp 65536\n", 10}, "line 1: '65536' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rtp 42949672970\n", 16},
         "line 1: '42949672970' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rtp -1\n", 7}, "line 1: '-1' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rtp 0x10\n", 9}, "line 1: '0x10' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rtp 1 2\n", 8}, "line 1: '1 2' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rtp\n", 4}, "line 1: '' is not a number from 0 to 65535"},
        {{(const uint8_t *)"rt\0p 1\n", 7}, "line 1: unknown protocol 'rt'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_protocol_numbers numbers;
        struct p2i_error error;
        cr_expect_eq(load(cases[i].text, &numbers, &error), P2I_USAGE);
        cr_expect_str_eq(error.text, cases[i].says);
        cr_expect_eq(numbers.number[P2I_ID_RTP], facts(P2I_ID_RTP)->number);
    }
}

Test(protocol_numbers, a_file_that_cannot_be_read)
{
    struct p2i_protocol_numbers numbers;
    struct p2i_error error;
    p2i_protocol_numbers_default(&numbers);
    cr_expect_eq(p2i_protocol_numbers_load(&numbers, "/no/such/file", &error), P2I_USAGE);
    cr_expect_str_eq(error.file, "/no/such/file");
    cr_expect_neq(error.system_error, 0);
    cr_expect_eq(p2i_protocol_numbers_load(&numbers, "/", &error), P2I_USAGE);
}
