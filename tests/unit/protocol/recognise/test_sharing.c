/* SPDX-License-Identifier: MIT */
/* BitTorrent and SOCKS are recognised by content. */
#include <criterion/criterion.h>

#include "script.h"

static const struct script rows[] = {
    SCRIPT_ABOUT("peer handshake"),
    SCRIPT_TCP_CUT(BITTORRENT, 40000, 40001, "> !13 !'BitTorrent protocol' 00*8 'h'*20 'p'*20"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 13 'BitTorrent Protocol' 00*8"),

    SCRIPT_ABOUT("distributed hash table"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001, "> !'d1:ad2:id20:' 'n'*20 'e1:q4:ping1:t2:aa1:y1:qe'"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001, "< !'d1:rd2:id20:' 'n'*20 'e1:t2:aa1:y1:re'"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001, "< !'d1:eli20' '1e5:Errore1:t2:aa1:y1:ee'"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001,
               "< !'d2:ip6:' 010203040506 !'1:rd2:id20:' 'n'*20 'e1:t2:aa1:y1:re'"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001, "< 'd2:ip6:' 0102030405 '1:rd2:id20:'"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001, "> 'd1:ad2:id2'"),

    SCRIPT_ABOUT("tracker and local peer searches"),
    SCRIPT_UDP(BITTORRENT, 40000, 6969, "> !0000041727101980 !00000000 12345678"),
    SCRIPT_UDP(UNKNOWN, 40000, 6969, "> 0000041727101980 00000000 12345678 00"),
    SCRIPT_UDP(BITTORRENT, 6771, 6771, "> !'BT-SEARCH * HTTP/' '1.1' 0d0a 'Port: 51413' 0d0a0d0a"),

    SCRIPT_ABOUT("utp is known when it opens a connection"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001, "> !41 !00 1234 11223344 !00000000 00380000 !0001 !0000"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001,
               "> 41 !02 1234 11223344 !00000000 00380000 !0001 !0000 !00 !08 00*8"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001, "> 41 00 1234 11223344 00000000 00380000 0001 0000 00"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001,
               "> 41 02 1234 11223344 00000000 00380000 0001 0000 00 09 00*8"),

    SCRIPT_ABOUT("utp is known with the second packet of a connection"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001,
               "> !01 !00 !1234 11223344 55667788 00380000 !0101 0001 'x'*9 "
               "> !01 !00 !1234 !11 224444 55667788 00380000 !0102 0001 'x'*9"),
    SCRIPT_UDP(BITTORRENT, 40000, 40001,
               "< 21 00 1234 00fffff0 55667788 00380000 0101 0001 "
               "< 21 !01 1234 01000000 55667788 00380000 0101 0001 !00 !04 00000001"),
    /* Time stands still, or leaps; the numbers leap; another connection. */
    SCRIPT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 11223355 55667788 00380000 0102 0001 'x'*9"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 18223344 55667788 00380000 0102 0001 'x'*9"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 11224444 55667788 00380000 010a 0001 'x'*9"),
    SCRIPT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1235 11224444 55667788 00380000 0102 0001 'x'*9"),

    SCRIPT_ABOUT("socks 4 is known by port or a name"),
    SCRIPT_TCP(SOCKS, 40000, 1080, "> !04 !01 0050 c0000207 !'me' !00 > 16 03 01"),
    SCRIPT_TCP(SOCKS, 40000, 1080, "> 04 02 0050 c0000207 00 > 'hello'"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 04 01 0050 c0000207 'me' 00"),
    SCRIPT_TCP(UNKNOWN, 40000, 1080, "> 04 03 0050 c0000207 'me' 00 'hello'"),
    SCRIPT_TCP(UNKNOWN, 40000, 1080, "> 04 01 0000 c0000207 'me' 00"),
    SCRIPT_TCP(SOCKS, 40000, 40001, "> !04 !01 0050 !000000 01 'me' !00 'www.example' !00"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 04 01 0050 00000001 'me' 00 00"),

    SCRIPT_ABOUT("socks 5 is known by port or with its request"),
    SCRIPT_TCP(SOCKS, 40000, 1080, "> !05 !02 00 01 01 01 000c 'token'*2 'to'"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 05 02 00 01 01 01 000c 'token'*2 'to'"),
    SCRIPT_TCP(UNKNOWN, 40000, 1080, "> 05 02 00 0a 01 01 000c 'token'*2 'to'"),
    SCRIPT_TCP(UNKNOWN, 40000, 1080, "> 05 00 00"),
    SCRIPT_TCP(SOCKS, 40000, 40001,
               "> !05 !01 00 < 05 00 > !05 !01 !00 !01 c0000207 0050 > 16 03 01"),
    SCRIPT_TCP(SOCKS, 40000, 40001, "> 05 01 00 < 05 00 > 05 01 00 !03 !0b 'www.example' 0050"),
    SCRIPT_TCP(SOCKS, 40000, 40001, "> 05 01 00 > 05 01 00 !04 20010db8 00*12 0050"),
    SCRIPT_TCP(SOCKS, 40000, 40001,
               "> 05 02 00 02 > 01 02 'me' 02 'pw' > 05 01 00 01 c0000207 0050 > 16 03 01"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 05 01 00 < 05 00 > 05 01 00 02 c0000207 0050 00"),
    SCRIPT_TCP(UNKNOWN, 40000, 40001, "> 05 01 00 01 c0000207 0050 > 'hello'"),
};

Test(recognise, sharing)
{
    script_expect(rows, SCRIPT_COUNT(rows));
}
