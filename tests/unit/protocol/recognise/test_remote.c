/* SPDX-License-Identifier: MIT */
/* Terminals, talk, file servers, directories. */
#include <criterion/criterion.h>

#include "script.h"

#define CALL "72fe1d13 00000000 00000002"
#define NULL_AUTH "00000000 00000000 00000000 00000000"

static const struct script rows[] = {
    SCRIPT_ABOUT("terminals"),
    SCRIPT_FIRST_TCP(SSH, 22, "< 'SSH-2.0-OpenSSH_9.2' 0d0a", "0 3"),
    SCRIPT_FIRST_TCP(SSH, 2222, "> 'SSH-1.99-Client' 0d0a", "1"),
    SCRIPT_FIRST_TCP(TELNET, 23, "< fffd18", "0 1 2"),
    SCRIPT_FIRST_TCP(TELNET, 2323, "< fffd18 fffb01 fffd1f 'login: '", "0 1 2 3 4 5"),
    SCRIPT_FIRST_TCP(VNC, 5901, "< 'RFB 003.008' 0a", "0 1 2 3 4 6 7 8 10 11"),
    SCRIPT_FIRST_TCP(
        RDP, 13389,
        "> 03 00 00 2a 25 e0 0000 0000 00 'Cookie: mstshash=user' 0d0a 01 00 08 00 03000000",
        "0 1 2 3 4 5 10 11 20"),
    SCRIPT_FIRST_TCP(RDP, 3390, "> 03 00 00 13 0e e0 0000 0000 00 01 00 08 00 0b000000",
                     "11 13 14"),
    SCRIPT_FIRST_TCP(RDP, 3390, "< 03 00 00 13 0e d0 0000 1234 00 02 1f 08 00 02000000",
                     "5 11 13 14"),
    SCRIPT_FIRST_TCP(RDP, 3390, "< 03 00 00 13 0e d0 0000 1234 00 03 00 08 00 05000000",
                     "11 13 14"),
    SCRIPT_FIRST_TCP(RDP, 3389, "> 03 00 00 0b 06 e0 0000 0000 00", "0 1 2 3 4 5 10"),

    SCRIPT_ABOUT("chat"),
    SCRIPT_FIRST_TCP(NNTP, 119, "< '200 news.example.org InterNetNews NNRP server ready' 0d0a",
                     "0 1 2 3"),
    SCRIPT_FIRST_TCP(NNTP, 1119, "< '200 news.example.org InterNetNews NNRP server ready' 0d0a",
                     "35"),
    SCRIPT_FIRST_TCP(NNTP, 119, "< '201 Good morning' 0d0a", "2"),
    SCRIPT_FIRST_TCP(NNTP, 1119, "> 'MODE READER' 0d0a", "0 5 10 11 12"),
    SCRIPT_FIRST_TCP(IRC, 7000, "> 'NICK guest' 0d0a 'USER guest 0 * :Ronnie' 0d0a", "0 4"),
    SCRIPT_FIRST_TCP(IRC, 7000, "> 'NICK :guest' 0a", "0"),
    SCRIPT_FIRST_TCP(IRC, 7000, "> 'USER guest tolmoon tolsun :Ronnie Reagan' 0d0a", "0 25"),
    SCRIPT_FIRST_TCP(IRC, 7000, "> 'CAP LS 302' 0d0a", "0 4"),
    SCRIPT_FIRST_TCP(IRC, 6667, "> 'PASS secret' 0d0a 'NICK guest' 0d0a", "0"),
    SCRIPT_FIRST_TCP(IRC, 7000,
                     "< ':irc.example.org NOTICE AUTH :*** Looking up your hostname...' 0d0a",
                     "0 17"),
    SCRIPT_FIRST_TCP(IRC, 7000, "< ':irc.example.org 001 guest :Welcome' 0d0a", "0 16 17 18 19 20"),
    SCRIPT_FIRST_TCP(IRC, 6669, "< ':irc.example.org 303 guest :friend ' 0d0a", "0 17"),
    SCRIPT_FIRST_TCP(IRC, 7000, "< ':a!~b@192.0.2.1 PRIVMSG #channel :hello' 0d0a", "0 16"),
    SCRIPT_FIRST_TCP(
        IRC, 7000,
        "< ':a.very.long.name.of.a.server.example.org NOTICE * :and its very long text' 0d0a", "0"),

    SCRIPT_ABOUT("file transfer"),
    SCRIPT_FIRST_TCP(RSYNC, 873, "< '@RSYNCD: 31.0' 0a", "0 1 7 8"),
    SCRIPT_FIRST_TCP(GIT, 9418, "> '0032git-upload-pack /project.git' 00 'host=example.org' 00",
                     "0 1 2 3 4 8 18"),
    SCRIPT_FIRST_TCP(GIT, 19418, "> '0034git-receive-pack /project.git' 00 'host=example.org' 00",
                     "8"),

    SCRIPT_ABOUT("file servers"),
    SCRIPT_FIRST_TCP(SMB, 445, "> 00 000045 ff 'SMB' 72 00000000 18 53c8 00*26 00 2200 'x'",
                     "0 4 5 6 7"),
    SCRIPT_FIRST_TCP(SMB, 1445, "> 00 0000b0 fe 'SMB' 4000 00*62", "0 4 5 6 7"),
    SCRIPT_FIRST_TCP(SMB, 445, "< 00 000100 fd 'SMB' 00*60", "4"),
    SCRIPT_FIRST_TCP(NETBIOS_SSN, 139,
                     "> 81 00 0044 20 'CKFDENECFDEFFCFGEFFCCACACACACACA' 00 20 "
                     "'EHEPCNEECNECEBFCEBCACACACACACAAA' 00",
                     "0 1 2 3 4 5 36"),
    SCRIPT_FIRST_TCP(DCERPC, 49152, "> 05 00 0b 03 10000000 4800 0000 01000000 b810 b810 00*40",
                     "0 1 2 4 5 6 7"),
    SCRIPT_FIRST_TCP(DCERPC, 135, "< 05 00 02 03 00000000 001c 0000 01000000 00*12", "4 5 6 7"),
    SCRIPT_FIRST_UDP(DCERPC, 1026,
                     "> 04 00 28 00 100000 00 00*48 00000000 01000000 00000000 0000 ffff "
                     "ffff 0800 0000 00 00 00*8",
                     "0 1 4 5 6 74 75"),

    SCRIPT_ABOUT("rpc"),
    SCRIPT_FIRST_UDP(NFS, 2049, "> " CALL "000186a3 00000003 00000000" NULL_AUTH,
                     "4 7 8 11 13 20 24 28"),
    SCRIPT_FIRST_UDP(RPC, 111, "> " CALL "000186a0 00000002 00000003" NULL_AUTH " 00*16",
                     "4 7 11 13"),
    SCRIPT_FIRST_UDP(RPC, 1111, "> " CALL "000186a0 0001977c 00000000" NULL_AUTH, NULL),
    SCRIPT_FIRST_UDP(RPC, 111,
                     "< 72fe1d13 00000001 00000000 00000000 00000000 00000000 00000801 00000000",
                     "4 7 8 11 12 16"),
    SCRIPT_FIRST_TCP(NFS, 2049, "> 80000028" CALL "000186a3 00000004 00000000" NULL_AUTH,
                     "0 8 11 12 15 17"),
    SCRIPT_FIRST_TCP(RPC, 40000, "> 80000028" CALL "000186a5 00000003 00000000" NULL_AUTH,
                     "0 3 8 11 17"),
    SCRIPT_FIRST_TCP(
        NFS, 2049, "< 80000024 00000001 00000001 00000000 00000000 00000000 00000000 00000000 00*8",
        "0 8 11 12 16 20"),

    SCRIPT_ABOUT("directories"),
    SCRIPT_FIRST_TCP(LDAP, 389, "> 30 0c 02 01 01 60 07 02 01 03 04 00 80 00", "0 2 3 5 6 7 8"),
    SCRIPT_FIRST_TCP(LDAP, 3268, "< 30 84 00000010 02 01 01 61 84 00000007 0a 01 00 04 00 04 00",
                     "0 2 6 7 9 15 16"),
    SCRIPT_FIRST_TCP(LDAP, 389, "> 30 05 02 01 03 42 00", "0 1 2 3 5 6"),
    SCRIPT_FIRST_TCP(LDAP, 389, "> 30 1d 02 01 01 77 18 80 16 '1.3.6.1.4.1.1466.20037'",
                     "0 1 2 3 5 6 7"),
    SCRIPT_FIRST_UDP(LDAP, 389,
                     "> 30 25 02 01 01 63 20 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 "
                     "87 0b 'objectClass' 30 00",
                     "0 1 2 3 5 6 7"),
    SCRIPT_FIRST_UDP(KERBEROS, 88,
                     "> 6a 17 30 15 a1 03 02 01 05 a2 03 02 01 0a a4 09 30 07 a0 05 03 03 00 00 10",
                     "0 1 2 3 4 5 6 7 8 9 10 11 12 13"),
    SCRIPT_FIRST_TCP(KERBEROS, 1088,
                     "< 00000015 7e 13 30 11 a0 03 02 01 05 a1 03 02 01 1e a4 05 02 03 01 02 03",
                     "0 3 4 5 6 7 8 12 17"),

    /* Traffic whose first bytes look like one of these protocols, but that is another or
     * unknown. */
    SCRIPT_ABOUT("others"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 2323, "< fffd18"), /* one option, no port */
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 3390,
                         "> 03 00 00 0b 06 e0 0000 0000 00"), /* X.224 of another protocol */
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 102, "> 03 00 00 16 11 e0 0000 0014 00 c1020100 c2020102 c0010a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 2000, "< '200 Welcome to this server' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 7000, "< ':irc.example.org 303 guest :friend ' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(FTP, 2121, "> 'USER guest' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 445, "> 00 000010 ff 'SMB' 00*16"), /* too short for its header */
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 1111,
                         "< 72fe1d13 00000001 00000000 00000000 00000000 00000000 00000000 "
                         "00000000"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 5000, "> 30 0c 02 01 01 60 07 02 01 03 04 00 80 00 00"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 389, "> 30 0c 02 01 01 60 09 02 01 03 04 00 80 00 00 00"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 1080, "< 05 00 05 00 00 01 00000000 0000 00*8"), /* SOCKS */
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 9418, "> '0032get-upload-pack /project.git' 00"),
};

Test(recognise, remote)
{
    script_expect(rows, SCRIPT_COUNT(rows));
}
