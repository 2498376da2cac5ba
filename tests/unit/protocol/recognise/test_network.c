/* SPDX-License-Identifier: MIT */
/* Time, addresses, names, logs, routes, devices. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "dialog.h"
#include "script.h"

#define NAME "20 'CKFDENECFDEFFCFGEFFCCACACACACACA' 00"

static const struct script rows[] = {
    SCRIPT_ABOUT("ntp"),
    SCRIPT_FIRST_UDP(NTP, 123, "> 23 00 06 20 00*36 e9000000 00000000", "1"),
    SCRIPT_FIRST_UDP(NTP, 123, "> 1b 00*47", NULL),
    SCRIPT_FIRST_UDP(NTP, 123, "> 17 00 03 2a 00000000", NULL),           /* monlist */
    SCRIPT_FIRST_UDP(NTP, 123, "> 16 02 0001 0000 0000 0000 0000", NULL), /* control */
    SCRIPT_FIRST_UDP(
        NTP, 1234,
        "< 24 01 06 e9 00*8 'GPS' 00 e9000000 00000000 e9000001 00000000 e9000002 00000000 "
        "e9000002 00100000",
        "0 1 32 40"),

    SCRIPT_ABOUT("snmp"),
    SCRIPT_FIRST_UDP(
        SNMP, 1161,
        "> 30 26 02 01 01 04 06 'public' a0 19 02 01 01 02 01 00 02 01 00 30 0e 30 0c 06 08 "
        "2b06010201010500 05 00",
        "0 1 2 3 4 5 6 13 14"),
    SCRIPT_FIRST_UDP(
        SNMP, 162,
        "> 30 26 02 01 00 04 06 'public' a4 19 02 01 01 02 01 00 02 01 00 30 0e 30 0c 06 08 "
        "2b06010201010500 05 00",
        "4 13"),
    SCRIPT_FIRST_UDP(
        SNMP, 161,
        "> 30 3e 02 01 03 30 11 02 04 01020304 02 03 00ffe3 04 01 04 02 01 03 04 10 30 0e 04 00 "
        "02 01 00 02 01 00 04 00 04 00 04 00 30 14 04 00 04 00 a0 0e 02 04 01020304 02 01 00 "
        "02 01 00 30 00",
        "0 2 3 4 5 7 13"),

    SCRIPT_ABOUT("dhcp"),
    SCRIPT_FIRST_UDP(DHCP, 1067, "> 01 01 06 00 12345678 00*228 63825363 35 01 01 ff",
                     "0 2 3 236 237 238 239"),
    SCRIPT_FIRST_UDP(DHCP, 1067, "< 02 01 06 01 12345678 00*228 63825363 35 01 02 ff", "0"),
    SCRIPT_FIRST_UDP(DHCP, 67, "> 01 01 06 00 12345678 00*228 63825363", "0"),
    SCRIPT_FIRST_UDP(DHCPV6, 547, "> 01 123456 0001 000a 00030001 020000000001 0006 0004 0017 0018",
                     "0 6 21"),
    SCRIPT_FIRST_UDP(DHCPV6, 547,
                     "> 0c 00 00*32 0009 000c 01 123456 0001 0004 00030001 0012 0002 6574", "0 36"),

    SCRIPT_ABOUT("aaa"),
    SCRIPT_FIRST_UDP(RADIUS, 1812, "> 01 2a 001b 00*16 01 07 'guest'", "0 2 21"),
    SCRIPT_FIRST_UDP(RADIUS, 1813, "> 04 2a 0014 00*16", "0 2"),
    SCRIPT_FIRST_UDP(RADIUS, 3799, "> 28 2a 0021 00*16 01 07 'guest' 08 06 c0000201",
                     "0 2 3 21 28"),
    SCRIPT_FIRST_UDP(RADIUS, 1646, "> 04 2a 0060 00*16 01 07 'guest' 08 06 c000", "0 2 21"),
    SCRIPT_FIRST_TCP(
        DIAMETER, 3869,
        "> 01 000028 80 000101 00000000 12345678 87654321 00000108 40 000014 'peer.example'",
        "0 1 3 4 20 21 24 25"),
    SCRIPT_FIRST_TCP(DIAMETER, 3868,
                     "< 01 000020 00 000101 00000000 12345678 87654321 0000010c 40 00000c 000007d1",
                     "0 4 24"),

    SCRIPT_ABOUT("syslog"),
    SCRIPT_FIRST_UDP(SYSLOG, 1514, "> '<34>1 2003-10-11T22:14:15.003Z host su - ID47 - text'",
                     "0 1 2 3 4 5 6 10"),
    SCRIPT_FIRST_UDP(SYSLOG, 1514, "> '<0>1 - - - - - -'", "0 1 2"),
    SCRIPT_FIRST_UDP(SYSLOG, 1514, "> '<165>Oct 11 22:14:15 host su: text'", "0 1 4 5 8 11 14"),
    SCRIPT_FIRST_UDP(SYSLOG, 514, "> '<13>text'", "0 1 3"),
    SCRIPT_FIRST_TCP(SYSLOG, 601, "> '<34>Oct 11 22:14:15 host su: text' 0a", "0 3 4"),
    SCRIPT_FIRST_TCP(SYSLOG, 601, "> '53 <34>1 2003-10-11T22:14:15.003Z host su - ID47 - text'",
                     "2 3 6"),
    SCRIPT_FIRST_TCP(SYSLOG, 514, "> '<13>text' 0a", "0 3"),

    SCRIPT_ABOUT("devices"),
    SCRIPT_FIRST_UDP(TFTP, 1069, "> 0001 'boot.img' 00 'octet' 00", "0 1 2 10 11 16"),
    SCRIPT_FIRST_UDP(TFTP, 69, "> 0002 'boot.img' 00 'NetASCII' 00 'blksize' 00 '1428' 00", "0"),
    SCRIPT_FIRST_UDP(TFTP, 69, "< 0003 0001 'text'", "0 1"),
    SCRIPT_FIRST_UDP(TFTP, 69, "< 0004 0000", "0 1"),
    SCRIPT_FIRST_UDP(TFTP, 69, "< 0005 0001 'File not found' 00", "0 1"),
    SCRIPT_FIRST_UDP(
        SSDP, 1901,
        "> 'M-SEARCH * HTTP/1.1' 0d0a 'HOST: 239.255.255.250:1900' 0d0a 'MAN: \"ssdp:discover\"' "
        "0d0a 'MX: 1' 0d0a 'ST: ssdp:all' 0d0a0d0a",
        "0 9 16"),
    SCRIPT_FIRST_UDP(SSDP, 1900, "> 'NOTIFY * HTTP/1.1' 0d0a 'NT: upnp:rootdevice' 0d0a", "0"),
    SCRIPT_FIRST_UDP(SSDP, 40000,
                     "< 'HTTP/1.1 200 OK' 0d0a 'USN: uuid:1' 0d0a 'ST: upnp:rootdevice' 0d0a0d0a",
                     "0 17 30"),
    SCRIPT_FIRST_UDP(COAP, 5683, "> 44 01 1234 01020304 bb '.well-known' 04 'core'", "0 1 8"),
    SCRIPT_FIRST_UDP(COAP, 5683, "< 64 45 1234 01020304 c1 28 ff '</a>'", "0 8"),
    SCRIPT_FIRST_UDP(COAP, 5683, "> 40 00 1234", "0"),
    SCRIPT_FIRST_TCP(MODBUS, 502, "> 0001 0000 0006 01 03 0000 000a", "2 3 4"),
    SCRIPT_FIRST_TCP(MODBUS, 502, "< 0001 0000 0003 01 83 02", "2 3"),

    SCRIPT_ABOUT("netbios"),
    SCRIPT_FIRST_UDP(NETBIOS_NS, 137, "> 1234 0110 0001 0000 0000 0000" NAME "0020 0001",
                     "4 6 12 13 44"),
    SCRIPT_FIRST_UDP(NETBIOS_NS, 137,
                     "< 1234 8500 0000 0001 0000 0000" NAME "0020 0001 000493e0 0006 0000 c0000201",
                     "12"),
    SCRIPT_FIRST_UDP(NETBIOS_DGM, 138,
                     "> 11 02 1234 c0000201 008a 0060 0000" NAME NAME "ff 'SMB' 25 00*23",
                     "0 1 10 14 15"),
    SCRIPT_FIRST_UDP(NETBIOS_DGM, 138, "> 13 02 1234 c0000201 008a 82", "0 1"),

    SCRIPT_ABOUT("routes"),
    SCRIPT_FIRST_TCP(BGP, 1790, "> ff*16 001d 01 04 fde8 00b4 c0000201 00", "0 7 15 16 18"),
    SCRIPT_FIRST_TCP(BGP, 179, "< ff*16 0013 04", "0 15 16 18"),

    /* Traffic whose first bytes look like one of these protocols, but that is another or
     * unknown. */
    SCRIPT_ABOUT("others"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1234, "> 23 00 06 20 00*36 e9000000 00000000"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 123, "> 23 00 06 20 00*20"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1161, "> 30 26 02 01 01 04 06 'public' a0 19 02 01 01"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 161, "> 30 0c 02 01 02 04 06 'public' a0 00"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1067, "> 01 01 06 00 12345678 00*228"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5547, "> 01 123456 0001 000a 00030001 020000000001"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 547, "> 01 123456 0001 000b 00030001 020000000001"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 11812, "> 01 2a 001b 00*16 01 07 'guest'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1812, "> 01 2a 001c 00*16 01 07 'guest' 00"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1514, "> '<34>text without a time'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 514, "> '<192>text'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 514, "> '<1234>text'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 514, "> '<>text'"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 601, "> '<html><body>' 0a"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1069, "> 0003 0001 'text'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1069, "> 0001 'boot.img' 00 'binary' 00"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 69, "> 0004 0000 00"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5684, "> 44 01 1234 01020304 bb '.well-known' 04 'core'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5683, "> 44 01 1234 01020304 bb '.well'"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5000, "> 'NOTIFY * HTTP/1.1' 0d0a 'Host: a' 0d0a0d0a"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5000, "> 'HTTP/1.1 200 OK' 0d0a 'ST: b' 0d0a0d0a"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 137, "> 1234 0110 0001 0000 0000 0000 05 'abcde' 00*40"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 5020, "> 0001 0000 0006 01 03 0000 000a 0000 0000"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 179, "> ff*16 0012 04"),
};

Test(recognise, network)
{
    script_expect(rows, SCRIPT_COUNT(rows));
}

/* A datagram of another protocol does not hide the datagrams behind it. */
Test(recognise_network, inspection_continues_over_udp)
{
    static const struct dialog_step steps[] = {
        DIALOG_CLIENT("\x30\x0d\x02\x01\x01\x04\x06public\xa0\x00"),
        DIALOG_CLIENT("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01"
                      "a\x00\x00\x01\x00\x01"),
    };
    struct dialog dialog = {.ends = {P2I_OVER_UDP, {50000, 53}},
                            .settings = {.dns_queries = true},
                            .steps = steps,
                            .step_count = sizeof steps / sizeof *steps};
    dialog_expect(&dialog, "dns C domain=\"a\" rdata= ttl=0 rr_class=1 rr_type=1 @1\n");
}

/* A session is not inspected behind SSH; IRC can turn into another protocol. */
Test(recognise_network, opaque_or_not)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct dialog_step steps[] = {
        DIALOG_CLIENT("SSH-2.0-Client\r\n"),
        {P2I_FROM_INITIATOR, request, sizeof request - 1},
    };
    struct dialog dialog = {.ends = {P2I_OVER_TCP, {50000, 7000}},
                            .steps = steps,
                            .step_count = sizeof steps / sizeof *steps};
    char *messages = dialog_play(&dialog, 0);
    cr_expect_str_eq(messages, "");
    free(messages);
    steps[0] = (struct dialog_step)DIALOG_CLIENT("NICK some_guest\r\n");
    messages = dialog_play(&dialog, 0);
    cr_expect_eq(strncmp(messages, "clickstream C ", 14), 0, "%s", messages);
    free(messages);
}
