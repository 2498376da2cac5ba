/* SPDX-License-Identifier: MIT */
/* STUN, DTLS, RTP and RTCP are recognised by content. */
#include <criterion/criterion.h>

#include "script.h"

#define COOKIE "!2112a442 "
#define RTP_HEAD(number) "> !80 00 " number " 00000320 1badcafe "

#define REQUEST "> !0001 !0018 55*16 0004 !0000 0101 !0010 33*16"

static const struct script rows[] = {
    SCRIPT_ABOUT("stun is known by its cookie"),
    SCRIPT_UDP(STUN, 40000, 50000, "> !00 01 00!08 " COOKIE "11*12 0006 0004 'user'"),
    SCRIPT_UDP(STUN, 40000, 50000, "> 0001 0000 " COOKIE "22*12"),
    SCRIPT_UDP(STUN, 40000, 3478, "< 0113 0004 " COOKIE "22*12 80220000"), /* TURN's Allocate */
    SCRIPT_UDP(STUN, 40000, 50000, "> 0001 0100 " COOKIE "22*12"), /* the snaplen has cut it */

    SCRIPT_ABOUT("a cookie alone is not stun"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, "> 0001 0004 2112a442 22*12 80220000 00"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, "> 0001 0003 2112a442 22*12 802200"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, "> 4001 0000 2112a442 22*12"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, "> 0001 0000 2112a443 22*12"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, "> 0001 0000 2112a442 22*11"),
    SCRIPT_UDP(UNKNOWN, 40000, 50000, ">"),

    SCRIPT_ABOUT("stun over tcp is known with and without a frame"),
    SCRIPT_TCP_CUT(STUN, 40000, 3478, "> 0003 0008 " COOKIE "11*12 0019 0004 11000000"),
    SCRIPT_TCP_CUT(STUN, 40000, 50000, "> 001c 0001 0008 " COOKIE "11*12 0006 0004 'user'"),

    SCRIPT_ABOUT("stun without cookie is known by port and attributes"),
    SCRIPT_UDP(STUN, 40000, 3478, REQUEST),
    SCRIPT_UDP(STUN, 40000, 3479, REQUEST),
    SCRIPT_UDP(UNKNOWN, 40000, 3480, REQUEST),
    SCRIPT_UDP(UNKNOWN, 40000, 3478, "> 0001 0018 55*16 0004 0000 0101 0011 33*16"),
    SCRIPT_UDP(UNKNOWN, 40000, 3478, "> 0003 0000 55*16"),

    SCRIPT_ABOUT("dtls is known by a hello"),
    SCRIPT_UDP(DTLS, 40000, 4433,
               "> !16 !feff !0000 00*6 011a !01 00000e 0000 000000 00000e 'hello is here.'"),
    SCRIPT_UDP(DTLS, 40000, 4433,
               "> 16 feff 0000 00*6 001a 03 00000e 0000 000000 00000e fefd 0b 'cookiecooki'"),
    /* The version from before RFC 4347; the first fragment of a larger hello. */
    SCRIPT_UDP(DTLS, 40000, 4433,
               "> 16 !0100 0000 00*6 001a 01 00000e 0000 000000 00000e 'hello is here.'"),
    SCRIPT_UDP(DTLS, 40000, 4433,
               "> 16 fefd 0000 00*6 0014 01 000200 0000 000000 000008 'hello is'"),

    SCRIPT_ABOUT("dtls is known by records that fill a datagram"),
    SCRIPT_UDP(DTLS, 40000, 4433,
               "> !17 !fefd 0001 000000000007 !0010 99*16 !15 !fefd 0001 000000000008 !0002 0100"),
    SCRIPT_UDP(DTLS, 40000, 4433, "> !14 !feff 0000 000000000003 !0001 01"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433, "> 17 fefd 0001 000000000007 0010 99*16 00"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433, "> 17 0100 0001 000000000007 0010 99*16"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433, "> 13 fefd 0001 000000000007 0010 99*16"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433, "> 17 fefd 0001 000000000007 0000"),

    SCRIPT_ABOUT("a hello whose fragment does not fit is not dtls"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433,
               "> 16 0100 0000 00*6 001a 01 00000e 0000 000001 00000e 'hello is here.'"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433,
               "> 16 0100 0000 00*6 0019 01 00000e 0000 000000 00000e 'hello is here.'"),
    SCRIPT_UDP(UNKNOWN, 40000, 4433, "> 16 0100 0000 00*6 000c 01 00000e 0000 000000 000000"),

    SCRIPT_ABOUT("rtp is known with its second datagram"),
    SCRIPT_UDP(RTP, 40000, 40002,
               "> !80 00 1234 00000320 !1badcafe 55*160 > !80 80 !1235 000003c0 !1badcafe 55*160"),
    /* Silence and another stream's packet in between; sequence numbers wrap around. */
    SCRIPT_UDP(RTP, 40000, 40002, RTP_HEAD("fffe") "55*20 > 55*20 " RTP_HEAD("!0004") "55*20"),
    /* With an extension and another payload type. */
    SCRIPT_UDP(RTP, 40000, 40002,
               "< 90 60 0001 00000001 00000009 bede 0001 10ff0000 55 "
               "< 90 e0 0002 00000001 00000009 bede !0001 10ff0000 55"),

    SCRIPT_ABOUT("datagrams without continuity are not rtp"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20" RTP_HEAD("0001") "55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0002") "55*20" RTP_HEAD("0001") "55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20" RTP_HEAD("000a") "55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") RTP_HEAD("0002")), /* no payload */
    SCRIPT_UDP(UNKNOWN, 40000, 40002,
               "> 80 00 0001 00000320 1badcafe 55*20 < 80 00 0002 00000320 1badcafe 55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002,
               "> 80 00 0001 00000320 00000000 55*20 > 80 00 0002 00000320 00000000 55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002,
               "> 82 00 0001 00000320 1badcafe 55*20 > 82 00 0002 00000320 1badcafe 55*20"),
    SCRIPT_UDP(UNKNOWN, 40000, 40002,
               "> 80 14 0001 00000320 1badcafe 55*20 > 80 14 0002 00000320 1badcafe 55*20"),

    SCRIPT_ABOUT("rtcp is known at once"),
    SCRIPT_UDP(RTCP, 40001, 40003,
               "> !80 !c8 !0006 00000001 99*20 !81 !ca !0003 00000001 0103 'a@b' 00*3"),
    SCRIPT_UDP(RTCP, 40001, 40003, "> !80 !c9 !0001 00000001"),
    SCRIPT_UDP(RTCP, 40001, 40003, "> !81 !c9 !0007 00000001 00*24"),
    SCRIPT_UDP(RTCP, 40001, 40003, "> !81 !ce !0002 00000001 00000002"), /* RFC 5506 */

    SCRIPT_ABOUT("rtcp must fill the datagram"),
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 00"),
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 80 c9 0002 00000001"),
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 80 d0 0001 00000001"),
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 81 c9 0001 00000001"), /* no room for a report */
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 80 cb 0000"),
    SCRIPT_UDP(UNKNOWN, 40001, 40003, "> 80 c7 0001 00000001"),

    SCRIPT_ABOUT("rtp and rtcp on one port are rtp"),
    SCRIPT_UDP(RTP, 40000, 40002, RTP_HEAD("0001") "55*20 > !80 !c9 !0001 00000001"),
};

Test(recognise, voice)
{
    script_expect(rows, SCRIPT_COUNT(rows));
}
