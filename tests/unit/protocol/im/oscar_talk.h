/* SPDX-License-Identifier: MIT */
/* OSCAR dialogues for the tests: frames built from their parts in memory that is never freed, and
 * the lines of their records. */
#ifndef TEST_OSCAR_TALK_H
#define TEST_OSCAR_TALK_H

#include "dialog.h"

struct p2i_view join(const struct p2i_view *parts, size_t count);
struct p2i_view number(int size, uint64_t value);
struct p2i_view repeat(uint8_t byte, size_t count);
struct p2i_view tlv(unsigned type, struct p2i_view value);
struct p2i_view flap(unsigned channel, unsigned sequence, struct p2i_view payload);
struct p2i_view sign_on(struct p2i_view tlvs);
struct p2i_view snac(uint32_t kind, struct p2i_view body);
struct p2i_view name(struct p2i_view text);
struct p2i_view user(struct p2i_view screen_name, struct p2i_view nick);
/* The TLV of a message on channel 1. */
struct p2i_view text(struct p2i_view content);
struct p2i_view sent(unsigned channel, struct p2i_view to, struct p2i_view tlvs);
struct p2i_view received(unsigned channel, struct p2i_view from, struct p2i_view tlvs);
/* The TLV of a message on channel 2. */
struct p2i_view rendezvous(unsigned type, struct p2i_view capability, struct p2i_view plugin,
                           struct p2i_view message);
struct dialog_step sends(enum p2i_direction from, struct p2i_view bytes);
struct dialog oscar_dialog_of(const struct dialog_step *steps, size_t count);
/* A sign-on frame of 1234. */
struct p2i_view login(struct p2i_view password);

#define JOIN(...)                                                                                  \
    join((const struct p2i_view[]){__VA_ARGS__},                                                   \
         sizeof((const struct p2i_view[]){__VA_ARGS__}) / sizeof(struct p2i_view))
#define T(literal) P2I_VIEW(literal)
#define RELAY "\x09\x46\x13\x49\x4c\x7f\x11\xd1\x82\x22\x44\x45\x53\x54\x00\x00"
#define FILES "\x09\x46\x13\x43\x4c\x7f\x11\xd1\x82\x22\x44\x45\x53\x54\x00\x00"
#define NO_PLUGIN "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

#define CLIENT(...) sends(P2I_FROM_INITIATOR, __VA_ARGS__)
#define SERVER(...) sends(P2I_FROM_RESPONDER, __VA_ARGS__)
#define EXPECT(expected, ...)                                                                      \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        struct dialog dialog = oscar_dialog_of(steps, sizeof steps / sizeof *steps);               \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)
#define RECORD_OF(from, login, password, nick, uin, receivers, code, cut, at)                      \
    "im " from " login=\"" login "\" password=\"" password "\" screen_name=\"" nick                \
    "\" uin=\"" uin "\" receivers=\"" receivers "\" result_code=" code " protocol=0" cut " @" at   \
    "\n"
#define RECORD(from, login, password, nick, uin, receivers, code, at)                              \
    RECORD_OF(from, login, password, nick, uin, receivers, code, "", at)
#define LOGIN(login, password, uin, code, at) RECORD("C", login, password, login, uin, "", code, at)
#define SENT(login, uin, to, at) RECORD("C", login, "", login, uin, to, "0", at)
#define RECEIVED(login, uin, to, at) RECORD("S", login, "", login, uin, to, "0", at)
#define NOTHING ""
/* "secret" */
#define ROASTED "\x80\x43\xe2\xb6\x5c\xf2"
#define HELLO sign_on(T(""))
#define COOKIE tlv(6, repeat(0xc0, 40))
#define WELCOME flap(4, 9, JOIN(tlv(1, T("1234")), tlv(5, T("192.0.2.1:5190")), COOKIE))

#endif
