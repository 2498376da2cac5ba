/* SPDX-License-Identifier: MIT */
/* Terminals, talk, file servers, directories. */
#include <criterion/criterion.h>

#include "naming.h"

Test(recognise_remote, terminals)
{
    static const struct naming cases[] = {
        TCP(SSH, 22, S, "'SSH-2.0-OpenSSH_9.2' 0d0a", "0 3"),
        TCP(SSH, 2222, C, "'SSH-1.99-Client' 0d0a", "1"),
        TCP(TELNET, 23, S, "fffd18", "0 1 2"),
        TCP(TELNET, 2323, S, "fffd18 fffb01 fffd1f 'login: '", "0 1 2 3 4 5"),
        TCP(VNC, 5901, S, "'RFB 003.008' 0a", "0 1 2 3 4 6 7 8 10 11"),
        TCP(RDP, 13389, C,
            "03 00 00 2a 25 e0 0000 0000 00 'Cookie: mstshash=user' 0d0a 01 00 08 00 03000000",
            "0 1 2 3 4 5 10 11 20"),
        TCP(RDP, 3390, C, "03 00 00 13 0e e0 0000 0000 00 01 00 08 00 0b000000", "11 13 14"),
        TCP(RDP, 3390, S, "03 00 00 13 0e d0 0000 1234 00 02 1f 08 00 02000000", "5 11 13 14"),
        TCP(RDP, 3390, S, "03 00 00 13 0e d0 0000 1234 00 03 00 08 00 05000000", "11 13 14"),
        TCP(RDP, 3389, C, "03 00 00 0b 06 e0 0000 0000 00", "0 1 2 3 4 5 10"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_remote, talk)
{
    static const struct naming cases[] = {
        TCP(NNTP, 119, S, "'200 news.example.org InterNetNews NNRP server ready' 0d0a", "0 1 2 3"),
        TCP(NNTP, 1119, S, "'200 news.example.org InterNetNews NNRP server ready' 0d0a", "35"),
        TCP(NNTP, 119, S, "'201 Good morning' 0d0a", "2"),
        TCP(NNTP, 1119, C, "'MODE READER' 0d0a", "0 5 10 11 12"),
        TCP(IRC, 7000, C, "'NICK guest' 0d0a 'USER guest 0 * :Ronnie' 0d0a", "0 4"),
        TCP(IRC, 7000, C, "'NICK :guest' 0a", "0"),
        TCP(IRC, 7000, C, "'USER guest tolmoon tolsun :Ronnie Reagan' 0d0a", "0 25"),
        TCP(IRC, 7000, C, "'CAP LS 302' 0d0a", "0 4"),
        TCP(IRC, 6667, C, "'PASS secret' 0d0a 'NICK guest' 0d0a", "0"),
        TCP(IRC, 7000, S, "':irc.example.org NOTICE AUTH :*** Looking up your hostname...' 0d0a",
            "0 17"),
        TCP(IRC, 7000, S, "':irc.example.org 001 guest :Welcome' 0d0a", "0 16 17 18 19 20"),
        TCP(IRC, 6669, S, "':irc.example.org 303 guest :friend ' 0d0a", "0 17"),
        TCP(IRC, 7000, S, "':a!~b@192.0.2.1 PRIVMSG #channel :hello' 0d0a", "0 16"),
        TCP(IRC, 7000, S,
            "':a.very.long.name.of.a.server.example.org NOTICE * :and its very long text' 0d0a",
            "0"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_remote, fetching)
{
    static const struct naming cases[] = {
        TCP(RSYNC, 873, S, "'@RSYNCD: 31.0' 0a", "0 1 7 8"),
        TCP(GIT, 9418, C, "'0032git-upload-pack /project.git' 00 'host=example.org' 00",
            "0 1 2 3 4 8 18"),
        TCP(GIT, 19418, C, "'0034git-receive-pack /project.git' 00 'host=example.org' 00", "8"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_remote, file_servers)
{
    static const struct naming cases[] = {
        TCP(SMB, 445, C, "00 000045 ff 'SMB' 72 00000000 18 53c8 00*26 00 2200 'x'", "0 4 5 6 7"),
        TCP(SMB, 1445, C, "00 0000b0 fe 'SMB' 4000 00*62", "0 4 5 6 7"),
        TCP(SMB, 445, S, "00 000100 fd 'SMB' 00*60", "4"),
        TCP(NETBIOS_SSN, 139, C,
            "81 00 0044 20 'CKFDENECFDEFFCFGEFFCCACACACACACA' 00 20 "
            "'EHEPCNEECNECEBFCEBCACACACACACAAA' 00",
            "0 1 2 3 4 5 36"),
        TCP(DCERPC, 49152, C, "05 00 0b 03 10000000 4800 0000 01000000 b810 b810 00*40",
            "0 1 2 4 5 6 7"),
        TCP(DCERPC, 135, S, "05 00 02 03 00000000 001c 0000 01000000 00*12", "4 5 6 7"),
        UDP(DCERPC, 1026, C,
            "04 00 28 00 100000 00 00*48 00000000 01000000 00000000 0000 ffff "
            "ffff 0800 0000 00 00 00*8",
            "0 1 4 5 6 74 75"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

#define CALL "72fe1d13 00000000 00000002"
#define NULL_AUTH "00000000 00000000 00000000 00000000"

Test(recognise_remote, rpc)
{
    static const struct naming cases[] = {
        UDP(NFS, 2049, C, CALL "000186a3 00000003 00000000" NULL_AUTH, "4 7 8 11 13 20 24 28"),
        UDP(RPC, 111, C, CALL "000186a0 00000002 00000003" NULL_AUTH "00*16", "4 7 11 13"),
        UDP(RPC, 1111, C, CALL "000186a0 0001977c 00000000" NULL_AUTH, NULL),
        UDP(RPC, 111, S, "72fe1d13 00000001 00000000 00000000 00000000 00000000 00000801 00000000",
            "4 7 8 11 12 16"),
        TCP(NFS, 2049, C, "80000028" CALL "000186a3 00000004 00000000" NULL_AUTH,
            "0 8 11 12 15 17"),
        TCP(RPC, 40000, C, "80000028" CALL "000186a5 00000003 00000000" NULL_AUTH, "0 3 8 11 17"),
        TCP(NFS, 2049, S,
            "80000024 00000001 00000001 00000000 00000000 00000000 00000000 00000000 00*8",
            "0 8 11 12 16 20"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_remote, directories)
{
    static const struct naming cases[] = {
        TCP(LDAP, 389, C, "30 0c 02 01 01 60 07 02 01 03 04 00 80 00", "0 2 3 5 6 7 8"),
        TCP(LDAP, 3268, S, "30 84 00000010 02 01 01 61 84 00000007 0a 01 00 04 00 04 00",
            "0 2 6 7 9 15 16"),
        TCP(LDAP, 389, C, "30 05 02 01 03 42 00", "0 1 2 3 5 6"),
        TCP(LDAP, 389, C, "30 1d 02 01 01 77 18 80 16 '1.3.6.1.4.1.1466.20037'", "0 1 2 3 5 6 7"),
        UDP(LDAP, 389, C,
            "30 25 02 01 01 63 20 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 "
            "87 0b 'objectClass' 30 00",
            "0 1 2 3 5 6 7"),
        UDP(KERBEROS, 88, C,
            "6a 17 30 15 a1 03 02 01 05 a2 03 02 01 0a a4 09 30 07 a0 05 03 03 00 00 10",
            "0 1 2 3 4 5 6 7 8 9 10 11 12 13"),
        TCP(KERBEROS, 1088, S,
            "00000015 7e 13 30 11 a0 03 02 01 05 a1 03 02 01 1e a4 05 02 03 01 02 03",
            "0 3 4 5 6 7 8 12 17"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

/* What looks like it in its first bytes and is something else, or nothing. */
Test(recognise_remote, others)
{
    static const struct naming cases[] = {
        TCP(UNKNOWN, 2323, S, "fffd18", NULL),                         /* one option, no port */
        TCP(UNKNOWN, 3390, C, "03 00 00 0b 06 e0 0000 0000 00", NULL), /* X.224 of others */
        TCP(UNKNOWN, 102, C, "03 00 00 16 11 e0 0000 0014 00 c1020100 c2020102 c0010a", NULL),
        TCP(UNKNOWN, 2000, S, "'200 Welcome to this server' 0d0a", NULL),
        TCP(UNKNOWN, 7000, S, "':irc.example.org 303 guest :friend ' 0d0a", NULL),
        TCP(FTP, 2121, C, "'USER guest' 0d0a", NULL),
        TCP(UNKNOWN, 445, C, "00 000010 ff 'SMB' 00*16", NULL), /* too short for its header */
        UDP(UNKNOWN, 1111, S,
            "72fe1d13 00000001 00000000 00000000 00000000 00000000 00000000 "
            "00000000",
            NULL),
        UDP(UNKNOWN, 5000, C, "30 0c 02 01 01 60 07 02 01 03 04 00 80 00 00", NULL),
        TCP(UNKNOWN, 389, C, "30 0c 02 01 01 60 09 02 01 03 04 00 80 00 00 00", NULL),
        TCP(UNKNOWN, 1080, S, "05 00 05 00 00 01 00000000 0000 00*8", NULL), /* SOCKS */
        TCP(UNKNOWN, 9418, C, "'0032get-upload-pack /project.git' 00", NULL),
    };
    naming_refuse(cases, NAMING_COUNT(cases));
}
