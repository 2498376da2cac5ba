/* SPDX-License-Identifier: MIT */
/* STUN, DTLS, RTP and RTCP are known by what they say. */
#include <criterion/criterion.h>

#include "script.h"

#define COOKIE "!2112a442 "
#define RTP_HEAD(number) "> !80 00 " number " 00000320 1badcafe "

Test(recognise_voice, stun_is_known_by_its_cookie)
{
    EXPECT_UDP(STUN, 40000, 50000, "> !00 01 00!08 " COOKIE "11*12 0006 0004 'user'");
    EXPECT_UDP(STUN, 40000, 50000, "> 0001 0000 " COOKIE "22*12");
    EXPECT_UDP(STUN, 40000, 3478, "< 0113 0004 " COOKIE "22*12 80220000"); /* TURN's Allocate */
    EXPECT_UDP(STUN, 40000, 50000, "> 0001 0100 " COOKIE "22*12"); /* the snaplen has cut it */
}

Test(recognise_voice, stun_is_not_what_only_has_a_cookie)
{
    EXPECT_UDP(UNKNOWN, 40000, 50000, "> 0001 0004 2112a442 22*12 80220000 00");
    EXPECT_UDP(UNKNOWN, 40000, 50000, "> 0001 0003 2112a442 22*12 802200");
    EXPECT_UDP(UNKNOWN, 40000, 50000, "> 4001 0000 2112a442 22*12");
    EXPECT_UDP(UNKNOWN, 40000, 50000, "> 0001 0000 2112a443 22*12");
    EXPECT_UDP(UNKNOWN, 40000, 50000, "> 0001 0000 2112a442 22*11");
    EXPECT_UDP(UNKNOWN, 40000, 50000, ">");
}

Test(recognise_voice, stun_over_tcp_is_known_with_and_without_a_frame)
{
    EXPECT_TCP_CUT(STUN, 40000, 3478, "> 0003 0008 " COOKIE "11*12 0019 0004 11000000");
    EXPECT_TCP_CUT(STUN, 40000, 50000, "> 001c 0001 0008 " COOKIE "11*12 0006 0004 'user'");
}

Test(recognise_voice, stun_without_cookie_is_known_by_port_and_attributes)
{
    const char *request = "> !0001 !0018 55*16 0004 !0000 0101 !0010 33*16";
    EXPECT_UDP(STUN, 40000, 3478, request);
    EXPECT_UDP(STUN, 40000, 3479, request);
    EXPECT_UDP(UNKNOWN, 40000, 3480, request);
    EXPECT_UDP(UNKNOWN, 40000, 3478, "> 0001 0018 55*16 0004 0000 0101 0011 33*16");
    EXPECT_UDP(UNKNOWN, 40000, 3478, "> 0003 0000 55*16");
}

Test(recognise_voice, dtls_is_known_by_a_hello)
{
    EXPECT_UDP(DTLS, 40000, 4433,
               "> !16 !feff !0000 00*6 011a !01 00000e 0000 000000 00000e 'hello is here.'");
    EXPECT_UDP(DTLS, 40000, 4433,
               "> 16 feff 0000 00*6 001a 03 00000e 0000 000000 00000e fefd 0b 'cookiecooki'");
    /* As before RFC 4347, and as the first fragment of a larger one. */
    EXPECT_UDP(DTLS, 40000, 4433,
               "> 16 !0100 0000 00*6 001a 01 00000e 0000 000000 00000e 'hello is here.'");
    EXPECT_UDP(DTLS, 40000, 4433,
               "> 16 fefd 0000 00*6 0014 01 000200 0000 000000 000008 'hello is'");
}

Test(recognise_voice, dtls_is_known_by_records_that_fill_a_datagram)
{
    EXPECT_UDP(DTLS, 40000, 4433,
               "> !17 !fefd 0001 000000000007 !0010 99*16 !15 !fefd 0001 000000000008 !0002 0100");
    EXPECT_UDP(DTLS, 40000, 4433, "> !14 !feff 0000 000000000003 !0001 01");
    EXPECT_UDP(UNKNOWN, 40000, 4433, "> 17 fefd 0001 000000000007 0010 99*16 00");
    EXPECT_UDP(UNKNOWN, 40000, 4433, "> 17 0100 0001 000000000007 0010 99*16");
    EXPECT_UDP(UNKNOWN, 40000, 4433, "> 13 fefd 0001 000000000007 0010 99*16");
    EXPECT_UDP(UNKNOWN, 40000, 4433, "> 17 fefd 0001 000000000007 0000");
}

Test(recognise_voice, dtls_is_not_a_hello_whose_fragment_does_not_fit)
{
    EXPECT_UDP(UNKNOWN, 40000, 4433,
               "> 16 0100 0000 00*6 001a 01 00000e 0000 000001 00000e 'hello is here.'");
    EXPECT_UDP(UNKNOWN, 40000, 4433,
               "> 16 0100 0000 00*6 0019 01 00000e 0000 000000 00000e 'hello is here.'");
    EXPECT_UDP(UNKNOWN, 40000, 4433, "> 16 0100 0000 00*6 000c 01 00000e 0000 000000 000000");
}

Test(recognise_voice, rtp_is_known_with_its_second_datagram)
{
    EXPECT_UDP(RTP, 40000, 40002,
               "> !80 00 1234 00000320 !1badcafe 55*160 > !80 80 !1235 000003c0 !1badcafe 55*160");
    /* Silence, and another stream's packet in between; numbers begin again. */
    EXPECT_UDP(RTP, 40000, 40002, RTP_HEAD("fffe") "55*20 > 55*20 " RTP_HEAD("!0004") "55*20");
    /* With an extension, of another payload type. */
    EXPECT_UDP(RTP, 40000, 40002,
               "< 90 60 0001 00000001 00000009 bede 0001 10ff0000 55 "
               "< 90 e0 0002 00000001 00000009 bede !0001 10ff0000 55");
}

Test(recognise_voice, rtp_is_not_what_does_not_go_on)
{
    EXPECT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20" RTP_HEAD("0001") "55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0002") "55*20" RTP_HEAD("0001") "55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") "55*20" RTP_HEAD("000a") "55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002, RTP_HEAD("0001") RTP_HEAD("0002")); /* no payload */
    EXPECT_UDP(UNKNOWN, 40000, 40002,
               "> 80 00 0001 00000320 1badcafe 55*20 < 80 00 0002 00000320 1badcafe 55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002,
               "> 80 00 0001 00000320 00000000 55*20 > 80 00 0002 00000320 00000000 55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002,
               "> 82 00 0001 00000320 1badcafe 55*20 > 82 00 0002 00000320 1badcafe 55*20");
    EXPECT_UDP(UNKNOWN, 40000, 40002,
               "> 80 14 0001 00000320 1badcafe 55*20 > 80 14 0002 00000320 1badcafe 55*20");
}

Test(recognise_voice, rtcp_is_known_at_once)
{
    EXPECT_UDP(RTCP, 40001, 40003,
               "> !80 !c8 !0006 00000001 99*20 !81 !ca !0003 00000001 0103 'a@b' 00*3");
    EXPECT_UDP(RTCP, 40001, 40003, "> !80 !c9 !0001 00000001");
    EXPECT_UDP(RTCP, 40001, 40003, "> !81 !c9 !0007 00000001 00*24");
    EXPECT_UDP(RTCP, 40001, 40003, "> !81 !ce !0002 00000001 00000002"); /* RFC 5506 */
}

Test(recognise_voice, rtcp_is_not_what_does_not_fill_the_datagram)
{
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 00");
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 80 c9 0002 00000001");
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 80 c9 0001 00000001 80 d0 0001 00000001");
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 81 c9 0001 00000001"); /* no room for a report */
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 80 cb 0000");
    EXPECT_UDP(UNKNOWN, 40001, 40003, "> 80 c7 0001 00000001");
}

Test(recognise_voice, both_on_one_port_are_rtp)
{
    EXPECT_UDP(RTP, 40000, 40002, RTP_HEAD("0001") "55*20 > !80 !c9 !0001 00000001");
}
