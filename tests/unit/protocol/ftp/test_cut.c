/* SPDX-License-Identifier: MIT */
/* Incomplete captures of logins. */
#include <criterion/criterion.h>

#include "ftp_talk.h"

Test(ftp_cut, client_only)
{
    EXPECT(LOGIN("a", "b", "0", "1 cut", "0") LOGIN("c", "", "0", "0 cut", "3"),
           CLIENT("USER a\r\n"), CLIENT("PASS b\r\n"), CLIENT("PASV\r\nPORT 1,1\r\n"),
           CLIENT("USER c\r\nPORT 1,1\r\n"), CLIENT("QUIT\r\n"));
}

Test(ftp_cut, server_only)
{
    EXPECT(LOGIN_OF("C", "a.example", "", "", "530", "255 cut", "1")
               LOGIN_OF("C", "a.example", "", "", "230", "1 cut", "3"),
           SERVER("220 a.example FTP\r\n"), SERVER("331 x\r\n"), SERVER("530 x\r\n"),
           SERVER("331-x\r\nx\r\n331 x\r\n"), SERVER("332 x\r\n"), SERVER("230 x\r\n"),
           SERVER("215 x\r\n"), SERVER("229 x\r\n"), SERVER("150 x\r\n226 x\r\n"),
           SERVER("221 x\r\n"));
    EXPECT(NOTHING, GREETING, SERVER("331 x\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("", "", "230", "255 cut", "1"), GREETING, SERVER("230 x\r\n"),
           SERVER("550 x\r\n"));
}

Test(ftp_cut, capture_joins_late)
{
    EXPECT(LOGIN("", "b", "530", "255 cut", "0"), SERVER("331 Password required\r\n"),
           CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
    EXPECT(LOGIN("", "b", "230", "1 cut", "0"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"),
           CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(NOTHING, SERVER("530 Login incorrect.\r\n"), CLIENT("QUIT\r\n"), SERVER("221 x\r\n"));
    EXPECT(NOTHING, CLIENT("RETR x\r\n"), SERVER("150 x\r\n226 x\r\n"));
}

Test(ftp_cut, lost_reply)
{
    EXPECT(LOGIN("a", "b", "530", "255", "1"), GREETING, CLIENT("USER a\r\n"),
           DIALOG_SERVER_LOSES(20), CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230-x\r\n"), DIALOG_SERVER_LOSES(20),
           SERVER("e\r\n230 x\r\n"));
    EXPECT(LOGIN("a", "b", "530", "255", "1"), GREETING, CLIENT("USER a\r\nPASS b\r\n"),
           DIALOG_SERVER_LOSES(20), SERVER("530 x\r\n"));
}

/* A login with its commands and its final reply is complete. */
Test(ftp_cut, lost_final_reply)
{
    EXPECT(LOGIN("a", "b", "0", "255 cut", "1"), GREETING, CLIENT("USER a\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), DIALOG_SERVER_LOSES(20));
    EXPECT(LOGIN("a", "b", "0", "255 cut", "1") LOGIN("c", "", "230", "255", "4"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), CLIENT("USER c\r\n"),
           DIALOG_SERVER_LOSES(20), SERVER("230 x\r\n"));
}

/* The record shows whether the capture ended or one of the sides. */
Test(ftp_cut, ends_without_a_reply)
{
    EXPECT(LOGIN("a", "", "0", "255 cut", "1"), GREETING, CLIENT("USER a\r\n"));
    EXPECT(LOGIN("a", "", "0", "255 cut", "1"), GREETING, CLIENT("USER a\r\n"),
           DIALOG_CLIENT_CLOSES);
    EXPECT(LOGIN("a", "", "0", "255", "1"), GREETING, CLIENT("USER a\r\n"), DIALOG_SERVER_CLOSES);
    EXPECT(LOGIN("a", "", "0", "255 cut", "1"), GREETING, CLIENT("USER a\r\n"),
           SERVER("331 x\r\n"));
    EXPECT(LOGIN("a", "", "0", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           DIALOG_CLIENT_CLOSES);
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230-Welcome\r\nto"));
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230 Welc"));
    EXPECT(LOGIN("a", "b", "0", "255 cut", "1"), GREETING, CLIENT("USER a\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("23"));
}

Test(ftp_cut, lost_commands)
{
    EXPECT(LOGIN("a", "", "230", "1 cut", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           DIALOG_CLIENT_LOSES(20), SERVER("230 x\r\n"), CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("", "b", "230", "255 cut", "2"), GREETING, DIALOG_CLIENT_LOSES(20),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("a", "1", "530", "255", "1") LOGIN("", "2", "230", "255 cut", "6"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS 1\r\n"), SERVER("530 x\r\n"),
           DIALOG_CLIENT_LOSES(20), CLIENT("PASS 2\r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), DIALOG_CLIENT_LOSES(20), SERVER("230 x\r\n"));
    EXPECT(LOGIN("a", "", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"),
           DIALOG_CLIENT_LOSES(20), SERVER("230 x\r\n"));
}

/* A cut password is kept as far as captured; a cut name is dropped. */
Test(ftp_cut, cut_lines)
{
    EXPECT(LOGIN("alice", "sec", "230", "255 cut", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS sec"), DIALOG_CLIENT_LOSES(5), CLIENT("QUIT\r\n"),
           SERVER("230 x\r\n"));
    EXPECT(LOGIN("alice", "sec", "0", "255 cut", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS sec"));
    EXPECT(LOGIN("alice", "sec", "230", "255", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS sec"), DIALOG_CLIENT_CLOSES, SERVER("230 x"),
           DIALOG_SERVER_CLOSES);
    EXPECT(LOGIN("", "secret", "230", "255 cut", "1"), GREETING, CLIENT("USER ali"),
           DIALOG_CLIENT_LOSES(5), SERVER("331 x\r\n"), CLIENT("PASS secret\r\n"),
           SERVER("230 x\r\n"));
    EXPECT(LOGIN("", "", "530", "255 cut", "1"), GREETING, CLIENT("USER ali"),
           DIALOG_CLIENT_LOSES(5), SERVER("530 x\r\n"));
    EXPECT(NOTHING, GREETING, CLIENT("USER ali"));
    EXPECT(LOGIN("alice", "", "0", "255 cut", "1"), GREETING, CLIENT("USER alice\r"));
}

Test(ftp_cut, cut_server_name)
{
    EXPECT(LOGIN("a", "", "230", "255", "0"), CLIENT("USER a\r\n"), SERVER("220 FTP at ftp.exam"),
           DIALOG_SERVER_LOSES(5), SERVER("230 x\r\n"));
    EXPECT(LOGIN_OF("C", "ftp.example", "a", "", "230", "255", "0"), CLIENT("USER a\r\n"),
           SERVER("220 ftp.example FT"), DIALOG_SERVER_LOSES(5), SERVER("230 x\r\n"));
}
