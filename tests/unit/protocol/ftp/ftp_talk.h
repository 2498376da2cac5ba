/* SPDX-License-Identifier: MIT */
/* FTP dialogues and their expected messages. */
#ifndef TEST_FTP_TALK_H
#define TEST_FTP_TALK_H

#include "protocol/protocols.h"
#include "talk.h"

static const struct p2i_protocol *const ftp_protocols[] = {&p2i_ftp, &talk_secret, NULL};

static inline struct dialog ftp_dialog(uint16_t port, const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, port}},
        .protocols = ftp_protocols,
        .steps = steps,
        .step_count = count,
    };
}

#define EXPECT_ON(port, expected, ...) TALK_EXPECT(ftp_protocols, port, expected, __VA_ARGS__)
#define EXPECT(expected, ...) EXPECT_ON(21, expected, __VA_ARGS__)

#define LOGIN_OF(from, name, user, password, code, mode, at)                                       \
    "ftp " from " server_name=\"" name "\" user=\"" user "\" password=\"" password                 \
    "\" result_code=" code " mode=" mode " @" at "\n"
#define LOGIN(user, password, code, mode, at) LOGIN_OF("C", "", user, password, code, mode, at)
#define NOTHING ""

#define CLIENT DIALOG_CLIENT
#define SERVER DIALOG_SERVER
#define GREETING SERVER("220 FTP ready\r\n")

#endif
