/* SPDX-License-Identifier: MIT */
/* H.323, MGCP, Skinny, RTSP and RTMP are known by what they say. */
#include <criterion/criterion.h>

#include "script.h"

#define SETUP "!08 !02 0001 !05 04 03 88 93 a5 28 02 'Al' "

Test(recognise_calls, h323_is_known_by_its_user_information)
{
    EXPECT_TCP(H323, 40000, 41720,
               "> !03 !00 001c " SETUP "!7e 000a !05 20 80 06 00 08 91 4a 00 04");
    EXPECT_TCP(H323, 40000, 41720, "> 03 00 001c > " SETUP "7e 000a 05 20 80 06 00 08 91 4a 00 04");
    EXPECT_TCP(UNKNOWN, 40000, 41720, "> 03 00 0012 " SETUP);
    EXPECT_TCP(UNKNOWN, 40000, 41720, "> 03 00 001c 08 02 0001 06 7e 000a 05 20*9");
    EXPECT_TCP(UNKNOWN, 40000, 41720, "> 03 00 0009 08 02 0001 05"); /* too small */
    EXPECT_TCP(H323, 40000, 1720, "> !03 !00 0012 " SETUP);
    EXPECT_TCP(H323, 40000, 1720, "< 03 00 000e !08 !02 8001 !5a 08 03 80 90 80");
}

Test(recognise_calls, h245_is_known_by_its_name)
{
    EXPECT_TCP(H323, 40000, 41721, "> !03 !00 0014 !02 70 01 !06 !0008817500 05 80 0b 05 00 01");
    EXPECT_TCP(UNKNOWN, 40000, 41721, "> 03 00 0014 02 70 01 06 0008914a00 05 80 0b 05 00 01");
}

Test(recognise_calls, tpkt_of_others_is_not_h323)
{
    EXPECT_TCP(UNKNOWN, 40000, 102,
               "> 03 00 0016 11 e0 0000 0001 00 c1 02 0100 c2 02 0102 c0 01 0a");
}

Test(recognise_calls, ras_is_known_by_its_name_or_the_port_that_is_called)
{
    EXPECT_UDP(H323, 40000, 40001, "> 0e 90 0001 !06 !0008914a00 04 80 80 00 c0 00 02 01");
    EXPECT_UDP(H323, 40000, 1719, "> !26 90 0006 28 00");
    EXPECT_UDP(UNKNOWN, 1719, 40000, "> 26 90 0006 28 00");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 0e 90 0001 06 0008 06 0008 06 914a");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 00*32 06 0008914a00 04");
}

Test(recognise_calls, mgcp_commands_are_known_anywhere)
{
    EXPECT_UDP(MGCP, 40000, 40001, "> !'CRCX' 20 '1204 aaln/1@gw.example' !20 !'MGCP' ' 1.0' 0d0a");
    EXPECT_UDP(MGCP, 2727, 2427, "> 'auep 999999999 * MGCP 1.0' 0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCX 9999999999 a MGCP 1.0' 0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCX 1 a' 0a ' MGCP 1.0' 0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCX 1  MGCP 1.0' 0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCY 1 a MGCP 1.0' 0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCX'");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "> 'CRCX 1'");
}

Test(recognise_calls, mgcp_responses_are_known_on_its_ports)
{
    EXPECT_UDP(MGCP, 2727, 2427, "< !'200' 20 !'1204' 20 'OK' 0d0a");
    EXPECT_UDP(MGCP, 40000, 2727, "< '200 1204' 0d0a");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "< '200 1204 OK' 0d0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "< '200 1204OK' 0d0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "< '200 OK' 0d0a");
    EXPECT_UDP(UNKNOWN, 2727, 2427, "< '2000 1204 OK' 0d0a");
}

Test(recognise_calls, skinny_is_known_on_its_port)
{
    /* A message alone may be too little for others to say that it is not theirs. */
    EXPECT_TCP_CUT(SKINNY, 40000, 2000, "> !04000000 00!000000 00!000000 04000000 00*8");
    EXPECT_TCP(SKINNY, 40000, 2000, "< 08!000000 14!000000 81!000000 00*4");
    EXPECT_TCP(SKINNY, 40000, 2000, "> 0c000000 00000000 03000000 05000000 01000000");
    EXPECT_TCP(UNKNOWN, 40000, 2001, "> 04000000 00000000 00000000");
    EXPECT_TCP(UNKNOWN, 2000, 40000, "> 04000000 00000000 00000000");
    EXPECT_TCP(UNKNOWN, 40000, 2000, "> 03000000 00000000 00000000");
    EXPECT_TCP(UNKNOWN, 40000, 2000, "> 04000000 00000000 4b000000");
    EXPECT_TCP(UNKNOWN, 40000, 2000, "> 05000000 00000000 00000000");
}

Test(recognise_calls, skinny_registration_is_known_anywhere)
{
    EXPECT_TCP(SKINNY, 40000, 40001,
               "> 38000000 00!000000 !01000000 !'SEP001122AABBCC' !00 00*4 01000000 00*20");
    EXPECT_TCP(UNKNOWN, 40000, 40001,
               "> 38000000 00000000 01000000 'SEP001122AABBCG' 00 00*4 01000000 00*20");
    EXPECT_TCP(UNKNOWN, 40000, 40001,
               "> 38000000 00000000 01000000 'SE0001122AABBCC' 00 00*4 01000000 00*20");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 38000000 00000000 01000000 'SEP001122AABBCC'");
}

Test(recognise_calls, rtsp_is_known_by_its_first_line)
{
    EXPECT_TCP_CUT(RTSP, 40000, 554,
                   "> !'DESCRIBE rtsp' '://192.0.2.1/a RTSP/1.0' 0d0a 'CSeq: 1' 0d0a0d0a");
    EXPECT_TCP_CUT(RTSP, 40000, 554, "> !'OPTIONS * RTSP/' '2.0' 0d0a 'CSeq: 1' 0d0a0d0a");
    EXPECT_TCP_CUT(RTSP, 40000, 40001, "< !'RTSP/1.0 ' '200 OK' 0d0a 'CSeq: 1' 0d0a0d0a");
    EXPECT_UDP(RTSP, 40000, 40001, "> 'PLAY rtsp://a RTSP/1.0' 0d0a0d0a");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 'PLAY http://a RTSP/1.0' 0d0a0d0a");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 'RTSP/1.1 200 OK' 0d0a0d0a");
    EXPECT_UDP(UNKNOWN, 40000, 40001, "> 'PLAY rts'");
}

Test(recognise_calls, rtsp_does_not_take_what_http_and_sip_read)
{
    EXPECT_TCP(HTTP, 40000, 554, "> 'OPTIONS * HTTP/1.1' 0d0a 'Host: a' 0d0a0d0a");
    EXPECT_TCP(SIP, 40000, 554, "> 'OPTIONS sip:a SIP/2.0' 0d0a 'Call-ID: 1' 0d0a0d0a");
}

Test(recognise_calls, rtsp_is_known_by_media_between_its_messages)
{
    const char *media = "> !'$' 00 !000c !80 60 0001 00000001 00000009 !'$' 01 0008 !80 c9 0001 "
                        "00000009";
    EXPECT_TCP(RTSP, 40000, 40001, media);
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> '$' 00 000c 80 60 0001 00000001 00000009");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> '$' 00 0000 80 60 0001 '$' 00 0000 80 60 0001 00*8");
}

Test(recognise_calls, rtmp_is_known_by_its_handshake)
{
    EXPECT_TCP(RTMP, 40000, 40001, "> !03 00112233 !00000000 a7*1000");
    EXPECT_TCP(RTMP, 40000, 40001, "> 03 > 00000000 !09007c02 a7*1000");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 03 00000000 0a002002 a7*1000");
    EXPECT_TCP(UNKNOWN, 40000, 40001, "> 03 00112233 00000000 a7*100");
    EXPECT_TCP(RTMP, 40000, 1935, "> !03 00000000 0a002002 a7*100");
    EXPECT_TCP_CUT(RTMP, 40000, 1935, "> 03 00000000 0a002002 a7*100");
    EXPECT_TCP(UNKNOWN, 1935, 40001, "> 03 00000000 0a002002 a7*100");
}
