/* SPDX-License-Identifier: MIT */
#include "enrich/pppoe.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { LCP = 0xc021, PAP = 0xc023, CHAP = 0xc223, IPCP = 0x8021 };
enum { SCOPE = 0x12345 };

static const uint8_t client[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t other_client[6] = {2, 0, 0, 0, 0, 6};
static const uint8_t server[6] = {2, 0, 0, 0, 0, 9};

struct frame {
    const uint8_t *from, *to;
    uint64_t time_ns;
    uint16_t protocol;
};

#define UP(protocol, time)                                                                         \
    (struct frame)                                                                                 \
    {                                                                                              \
        client, server, time, protocol                                                             \
    }
#define DOWN(protocol, time)                                                                       \
    (struct frame)                                                                                 \
    {                                                                                              \
        server, client, time, protocol                                                             \
    }

static void give_cut(struct p2i_bindings *bindings, struct frame frame, const void *bytes,
                     size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, size);
    struct p2i_packet packet = {
        .payload = p2i_view_of(copy, size),
        .time_ns = frame.time_ns,
        .ppp_control = frame.protocol,
        .scope = SCOPE,
        .source_mac = frame.from,
        .destination_mac = frame.to,
    };
    p2i_pppoe_take(bindings, &packet);
    free(copy);
}

#define GIVE(bindings, frame, literal) give_cut(bindings, frame, literal, sizeof(literal) - 1)

#define PAP_ANNA                                                                                   \
    "\x01\x07\x00\x10\x04"                                                                         \
    "anna\x06secret"
#define CHAP_BORIS                                                                                 \
    "\x02\x07\x00\x0c\x02\xaa\xbb"                                                                 \
    "boris"
#define ACK_7 "\x02\x01\x00\x0a\x03\x06\xcb\x00\x71\x07"      /* 203.0.113.7 */
#define ACK_8 "\x02\x01\x00\x0a\x03\x06\xcb\x00\x71\x08"      /* 203.0.113.8 */
#define ACK_SERVER "\x02\x01\x00\x0a\x03\x06\xc0\x00\x02\xfe" /* 192.0.2.254 */
#define TERMINATE "\x05\x09\x00\x04"

static const char *text_of(const struct p2i_binding *binding)
{
    static char login[P2I_LOGIN_MAX + 1];
    if (binding == NULL) {
        return "";
    }
    memcpy(login, binding->login, binding->login_size);
    login[binding->login_size] = '\0';
    return login;
}

static const char *at(const struct p2i_bindings *bindings, const char *text, uint64_t time_ns)
{
    struct p2i_prefix prefix;
    cr_assert_null(p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefix));
    return text_of(p2i_bindings_find_address(bindings, P2I_BOUND_PPPOE, &prefix.address, 4,
                                             UINT64_MAX, time_ns));
}

static const char *in_session(const struct p2i_bindings *bindings, uint64_t time_ns)
{
    struct p2i_binding_key key = {.words = {SCOPE}, .kind = P2I_BOUND_PPPOE_SESSION};
    return text_of(p2i_bindings_find(bindings, &key, UINT64_MAX, time_ns));
}

Test(pppoe, pap_and_ipcp)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, UP(PAP, 100), PAP_ANNA);
    GIVE(bindings, UP(IPCP, 110), ACK_SERVER);
    GIVE(bindings, DOWN(IPCP, 120), ACK_7);
    cr_assert_str_eq(in_session(bindings, 99), "");
    cr_assert_str_eq(in_session(bindings, 100), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 119), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "anna");
    cr_assert_str_eq(at(bindings, "192.0.2.254", 120), "", "the address of the other end");
    GIVE(bindings, UP(LCP, 200), TERMINATE);
    cr_assert_str_eq(in_session(bindings, 199), "anna");
    cr_assert_str_eq(in_session(bindings, 200), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 199), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 200), "");
    p2i_bindings_free(bindings);
}

Test(pppoe, chap)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, DOWN(CHAP, 90),
         "\x01\x07\x00\x0b\x02\xaa\xbb"
         "bras");
    cr_assert_str_eq(in_session(bindings, 90), "", "the challenge names the server");
    GIVE(bindings, UP(CHAP, 100), CHAP_BORIS "padding");
    GIVE(bindings, DOWN(IPCP, 120), ACK_7);
    cr_assert_str_eq(in_session(bindings, 100), "boris");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "boris");
    p2i_bindings_free(bindings);
}

/* Another address, another name, the same name said again. */
Test(pppoe, changes)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, UP(PAP, 100), PAP_ANNA);
    GIVE(bindings, DOWN(IPCP, 120), ACK_7);
    GIVE(bindings, UP(PAP, 130), PAP_ANNA);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 130), "anna");
    GIVE(bindings, DOWN(IPCP, 140), ACK_8);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 140), "");
    cr_assert_str_eq(at(bindings, "203.0.113.8", 140), "anna");
    GIVE(bindings, UP(CHAP, 150), CHAP_BORIS);
    cr_assert_str_eq(in_session(bindings, 149), "anna");
    cr_assert_str_eq(in_session(bindings, 150), "boris");
    cr_assert_str_eq(at(bindings, "203.0.113.8", 150), "", "the session is another one");
    p2i_bindings_free(bindings);
}

Test(pppoe, time_set_back)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, UP(PAP, 9000), PAP_ANNA);
    GIVE(bindings, DOWN(IPCP, 9000), ACK_7);
    GIVE(bindings, UP(PAP, 100), PAP_ANNA);
    GIVE(bindings, DOWN(IPCP, 120), ACK_7);
    cr_assert_str_eq(in_session(bindings, 100), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "anna");
    p2i_bindings_free(bindings);
}

/* Numbers of sessions belong to a pair of stations. */
Test(pppoe, others_with_the_same_number)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, UP(PAP, 100), PAP_ANNA);
    struct frame elsewhere = {server, other_client, 110, IPCP};
    GIVE(bindings, elsewhere, ACK_7);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 110), "");
    struct frame nowhere = {NULL, NULL, 120, IPCP};
    GIVE(bindings, nowhere, ACK_7);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "", "nobody knows whose it is");
    struct frame half = {server, NULL, 130, IPCP};
    GIVE(bindings, half, ACK_7);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 130), "anna", "as Linux cooked captures have it");
    p2i_bindings_free(bindings);
}

Test(pppoe, cut_anywhere)
{
    for (size_t size = 0; size < sizeof PAP_ANNA - 1; size++) {
        struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
        give_cut(bindings, UP(PAP, 100), PAP_ANNA, size);
        cr_assert_str_eq(in_session(bindings, 100), "");
        give_cut(bindings, UP(CHAP, 100), CHAP_BORIS, size < 12 ? size : 11);
        cr_assert_str_eq(in_session(bindings, 100), "");
        GIVE(bindings, UP(PAP, 100), PAP_ANNA);
        give_cut(bindings, DOWN(IPCP, 120), ACK_7, size < 10 ? size : 9);
        cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "");
        give_cut(bindings, UP(LCP, 130), TERMINATE, size < 4 ? size : 3);
        cr_assert_str_eq(in_session(bindings, 130), "anna");
        p2i_bindings_free(bindings);
    }
}

Test(pppoe, lengths_that_lie)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    GIVE(bindings, UP(PAP, 100),
         "\x01\x07\x00\x08\x04"
         "anna\x06secret");
    cr_assert_str_eq(in_session(bindings, 100), "");
    GIVE(bindings, UP(PAP, 100),
         "\x01\x07\x00\x03\x04"
         "anna\x06secret");
    cr_assert_str_eq(in_session(bindings, 100), "");
    GIVE(bindings, UP(CHAP, 100),
         "\x02\x07\x00\x0c\xff\xaa\xbb"
         "boris");
    cr_assert_str_eq(in_session(bindings, 100), "");
    GIVE(bindings, UP(PAP, 100), "\x01\x07\x00\x05\x00");
    cr_assert_str_eq(in_session(bindings, 100), "", "a name of no bytes");
    GIVE(bindings, UP(PAP, 100), PAP_ANNA);
    GIVE(bindings, DOWN(IPCP, 120), "\x02\x01\x00\x0a\x03\x01\xcb\x00\x71\x07");
    GIVE(bindings, DOWN(IPCP, 120), "\x02\x01\x00\x0a\x03\x07\xcb\x00\x71\x07");
    GIVE(bindings, DOWN(IPCP, 120), "\x02\x01\x00\x0a\x03\x00\xcb\x00\x71\x07");
    GIVE(bindings, DOWN(IPCP, 120), "\x02\x01\x00\x0a\x02\x06\xcb\x00\x71\x07");
    GIVE(bindings, DOWN(IPCP, 120), "\x01\x01\x00\x0a\x03\x06\xcb\x00\x71\x07");
    GIVE(bindings, DOWN(0x8057, 120), ACK_7);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "");
    p2i_bindings_free(bindings);
}

/* A CHAP name may be longer than what is kept. */
Test(pppoe, long_name)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    uint8_t response[5 + 1000] = {2, 1, (5 + 1000) >> 8, (5 + 1000) & 255, 0};
    memset(response + 5, 'x', 1000);
    give_cut(bindings, UP(CHAP, 100), response, sizeof response);
    give_cut(bindings, UP(CHAP, 110), response, sizeof response);
    cr_assert_eq(strlen(in_session(bindings, 110)), (size_t)P2I_LOGIN_MAX);
    p2i_bindings_free(bindings);
}
