/* SPDX-License-Identifier: MIT */
/* BitTorrent and SOCKS are known by what they say. */
#include <criterion/criterion.h>

#include "script.h"

Test(recognise_sharing, peers_greet)
{
    EXPECT_TCP_CUT(BITTORRENT, 40000, 40001, "> !13 !'BitTorrent protocol' 00*8 'h'*20 'p'*20");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 13 'BitTorrent Protocol' 00*8");
}

Test(recognise_sharing, the_table_of_peers_is_asked)
{
    EXPECT_UDP(BITTORRENT, 40000, 40001, "> !'d1:ad2:id20:' 'n'*20 'e1:q4:ping1:t2:aa1:y1:qe'");
    EXPECT_UDP(BITTORRENT, 40000, 40001, "< !'d1:rd2:id20:' 'n'*20 'e1:t2:aa1:y1:re'");
    EXPECT_UDP(BITTORRENT, 40000, 40001, "< !'d1:eli20' '1e5:Errore1:t2:aa1:y1:ee'");
    EXPECT_UDP(BITTORRENT, 40000, 40001,
               "< !'d2:ip6:' 010203040506 !'1:rd2:id20:' 'n'*20 'e1:t2:aa1:y1:re'");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "< 'd2:ip6:' 0102030405 '1:rd2:id20:'");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 'd1:ad2:id2'");
}

Test(recognise_sharing, trackers_and_neighbours_are_asked)
{
    EXPECT_UDP(BITTORRENT, 40000, 6969, "> !0000041727101980 !00000000 12345678");
    EXPECT_UDP(UNKNOWN, 40000, 6969, "> 0000041727101980 00000000 12345678 00");
    EXPECT_UDP(BITTORRENT, 6771, 6771, "> !'BT-SEARCH * HTTP/' '1.1' 0d0a 'Port: 51413' 0d0a0d0a");
}

Test(recognise_sharing, utp_is_known_when_it_opens)
{
    EXPECT_UDP(BITTORRENT, 40000, 40001, "> !41 !00 1234 11223344 !00000000 00380000 !0001 !0000");
    EXPECT_UDP(BITTORRENT, 40000, 40001,
               "> 41 !02 1234 11223344 !00000000 00380000 !0001 !0000 !00 !08 00*8");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 41 00 1234 11223344 00000000 00380000 0001 0000 00");
    EXPECT_UDP(UNKNOWN, 40000, 40001,
               "> 41 02 1234 11223344 00000000 00380000 0001 0000 00 09 00*8");
}

Test(recognise_sharing, utp_is_known_with_the_second_of_a_connection)
{
    EXPECT_UDP(BITTORRENT, 40000, 40001,
               "> !01 !00 !1234 11223344 55667788 00380000 !0101 0001 'x'*9 "
               "> !01 !00 !1234 !11 224444 55667788 00380000 !0102 0001 'x'*9");
    EXPECT_UDP(BITTORRENT, 40000, 40001,
               "< 21 00 1234 00fffff0 55667788 00380000 0101 0001 "
               "< 21 !01 1234 01000000 55667788 00380000 0101 0001 !00 !04 00000001");
    /* Time stands still, or leaps; the numbers leap; another connection. */
    EXPECT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 11223355 55667788 00380000 0102 0001 'x'*9");
    EXPECT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 18223344 55667788 00380000 0102 0001 'x'*9");
    EXPECT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1234 11224444 55667788 00380000 010a 0001 'x'*9");
    EXPECT_UDP(UNKNOWN, 40000, 40001,
               "> 01 00 1234 11223344 55667788 00380000 0101 0001 'x'*9 "
               "> 01 00 1235 11224444 55667788 00380000 0102 0001 'x'*9");
}

Test(recognise_sharing, socks_4_is_known_by_port_or_a_name)
{
    EXPECT_TCP(SOCKS, 40000, 1080, "> !04 !01 0050 c0000207 !'me' !00 > 16 03 01");
    EXPECT_TCP(SOCKS, 40000, 1080, "> 04 02 0050 c0000207 00 > 'hello'");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 04 01 0050 c0000207 'me' 00");
    EXPECT_TCP(UNKNOWN, 40000, 1080, "> 04 03 0050 c0000207 'me' 00 'hello'");
    EXPECT_TCP(UNKNOWN, 40000, 1080, "> 04 01 0000 c0000207 'me' 00");
    EXPECT_TCP(SOCKS, 40000, 40001, "> !04 !01 0050 !000000 01 'me' !00 'www.example' !00");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 04 01 0050 00000001 'me' 00 00");
}

Test(recognise_sharing, socks_5_is_known_by_port_or_with_its_request)
{
    EXPECT_TCP(SOCKS, 40000, 1080, "> !05 !02 00 01 01 01 000c 'token'*2 'to'");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 05 02 00 01 01 01 000c 'token'*2 'to'");
    EXPECT_TCP(UNKNOWN, 40000, 1080, "> 05 02 00 0a 01 01 000c 'token'*2 'to'");
    EXPECT_TCP(UNKNOWN, 40000, 1080, "> 05 00 00");
    EXPECT_TCP(SOCKS, 40000, 40001,
               "> !05 !01 00 < 05 00 > !05 !01 !00 !01 c0000207 0050 > 16 03 01");
    EXPECT_TCP(SOCKS, 40000, 40001, "> 05 01 00 < 05 00 > 05 01 00 !03 !0b 'www.example' 0050");
    EXPECT_TCP(SOCKS, 40000, 40001, "> 05 01 00 > 05 01 00 !04 20010db8 00*12 0050");
    EXPECT_TCP(SOCKS, 40000, 40001,
               "> 05 02 00 02 > 01 02 'me' 02 'pw' > 05 01 00 01 c0000207 0050 > 16 03 01");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 05 01 00 < 05 00 > 05 01 00 02 c0000207 0050 00");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 05 01 00 01 c0000207 0050 > 'hello'");
}
