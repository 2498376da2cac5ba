/* SPDX-License-Identifier: MIT */
#include "enrich/radius.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)

enum { ACCESS_REQUEST = 1, ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE };
enum { START = 1, STOP, INTERIM };

/* A packet, built attribute by attribute. */
struct radius {
    uint8_t data[4200];
    size_t size;
};

static struct radius begin(uint8_t code, uint8_t identifier)
{
    return (struct radius){.data = {code, identifier}, .size = 20};
}

static void add(struct radius *radius, uint8_t type, const void *value, size_t size)
{
    radius->data[radius->size++] = type;
    radius->data[radius->size++] = (uint8_t)(size + 2);
    memcpy(radius->data + radius->size, value, size);
    radius->size += size;
}

static void add_text(struct radius *radius, uint8_t type, const char *text)
{
    add(radius, type, text, strlen(text));
}

static void add_number(struct radius *radius, uint8_t type, uint32_t number)
{
    add(radius, type,
        (uint8_t[]){(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                    (uint8_t)number},
        4);
}

static struct p2i_address address_of(const char *text)
{
    struct p2i_prefix prefix;
    cr_assert_null(p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefix));
    return prefix.address;
}

static void end(struct radius *radius)
{
    radius->data[2] = (uint8_t)(radius->size >> 8);
    radius->data[3] = (uint8_t)radius->size;
}

/* A block of its own, so that a read past its end is seen. */
/* Clients that are believed; NULL: all. */
static const struct p2i_prefix_ranges *believed;

static void give_bytes(struct p2i_bindings *bindings, const struct radius *radius, size_t size,
                       uint64_t time_s)
{
    bool answer = radius->data[0] != ACCESS_REQUEST && radius->data[0] != ACCOUNTING_REQUEST;
    struct p2i_address nas = address_of("192.0.2.1");
    struct p2i_address server = address_of("192.0.2.2");
    uint8_t *copy = malloc(size > 0 ? size : 1);
    cr_assert_not_null(copy);
    memcpy(copy, radius->data, size);
    struct p2i_packet packet = {
        .source = answer ? server : nas,
        .destination = answer ? nas : server,
        .source_port = answer ? 1812 : 40000,
        .destination_port = answer ? 40000 : 1812,
        .ip_version = 4,
        .payload = p2i_view_of(copy, size),
        .time_ns = time_s * SECOND,
    };
    p2i_radius_take(bindings, believed, &packet);
    free(copy);
}

static void give(struct p2i_bindings *bindings, struct radius *radius, uint64_t time_s)
{
    end(radius);
    give_bytes(bindings, radius, radius->size, time_s);
}

/* The login, "" if nobody has the address. */
static const char *at(const struct p2i_bindings *bindings, const char *text, uint64_t time_s)
{
    static char login[P2I_LOGIN_MAX + 1];
    struct p2i_prefix prefix;
    cr_assert_null(p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefix));
    const struct p2i_binding *found =
        p2i_bindings_find_address(bindings, P2I_BOUND_RADIUS, &prefix.address, prefix.ip_version,
                                  UINT64_MAX, time_s * SECOND);
    if (found == NULL) {
        return "";
    }
    memcpy(login, found->login, found->login_size);
    login[found->login_size] = '\0';
    return login;
}

static struct radius accounting(uint32_t status, const char *user, const char *session,
                                const char *address)
{
    struct radius radius = begin(ACCOUNTING_REQUEST, 1);
    add_number(&radius, 40, status);
    if (user != NULL) {
        add_text(&radius, 1, user);
    }
    if (session != NULL) {
        add_text(&radius, 44, session);
    }
    if (address != NULL) {
        struct p2i_address ipv4 = address_of(address);
        add(&radius, 8, ipv4.bytes, 4);
    }
    return radius;
}

static void account(struct p2i_bindings *bindings, uint64_t time_s, uint32_t status,
                    const char *user, const char *session)
{
    struct radius radius = accounting(status, user, session, "203.0.113.7");
    give(bindings, &radius, time_s);
}

Test(radius, start_and_stop)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    account(bindings, 100, START, "anna", "1");
    account(bindings, 150, START, "anna", "1");
    account(bindings, 200, STOP, "anna", "1");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 99), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 100), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 199), "anna", "what is over stays known");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 200), "");
    cr_assert_str_eq(at(bindings, "203.0.113.8", 100), "");
    p2i_bindings_free(bindings);
}

Test(radius, a_stop_ends_its_own_session_alone)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    account(bindings, 100, START, "anna", "1");
    account(bindings, 200, START, "boris", "2");
    account(bindings, 210, STOP, "anna", "1");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 199), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 220), "boris");
    account(bindings, 230, STOP, "boris", "1");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 240), "boris", "another session of his");
    account(bindings, 250, STOP, NULL, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 249), "boris");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 250), "", "nothing says that it is another's");
    account(bindings, 260, STOP, "boris", "2");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 255), "", "ended once");
    p2i_bindings_free(bindings);
}

/* It has the time of its beginning, but an earlier binding stays. */
Test(radius, interim_update)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    struct radius radius = accounting(INTERIM, "anna", "1", "203.0.113.7");
    add_number(&radius, 46, 60);
    give(bindings, &radius, 1000);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 939), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 940), "anna");
    account(bindings, 1100, STOP, "anna", "1");
    radius = accounting(INTERIM, "boris", "2", "203.0.113.7");
    add_number(&radius, 46, 600);
    give(bindings, &radius, 1200);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 1099), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 1100), "boris");
    radius = accounting(INTERIM, "clara", "3", "203.0.113.9");
    add_number(&radius, 46, UINT32_MAX);
    give(bindings, &radius, 1200);
    cr_assert_str_eq(at(bindings, "203.0.113.9", 0), "clara");
    p2i_bindings_free(bindings);
}

Test(radius, ipv6_prefixes)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    struct radius radius = accounting(START, "anna", "1", NULL);
    struct p2i_address framed = address_of("2001:db8:1::");
    struct p2i_address delegated = address_of("2001:db8:2::");
    struct p2i_address single = address_of("2001:db8:3::9");
    uint8_t value[18] = {0, 64};
    memcpy(value + 2, framed.bytes, 8);
    add(&radius, 97, value, 10);
    value[1] = 56;
    memcpy(value + 2, delegated.bytes, 16);
    add(&radius, 123, value, 18);
    add(&radius, 168, single.bytes, 16);
    give(bindings, &radius, 100);
    cr_assert_str_eq(at(bindings, "2001:db8:1::77", 100), "anna");
    cr_assert_str_eq(at(bindings, "2001:db8:1:1::77", 100), "");
    cr_assert_str_eq(at(bindings, "2001:db8:2:ff::1", 100), "anna");
    cr_assert_str_eq(at(bindings, "2001:db8:2:100::1", 100), "");
    cr_assert_str_eq(at(bindings, "2001:db8:3::9", 100), "anna");
    radius = accounting(START, "boris", "2", NULL);
    value[1] = 60;
    add(&radius, 123, value, 10);
    give(bindings, &radius, 110);
    cr_assert_str_eq(at(bindings, "2001:db8:2:1::1", 110), "boris", "the longer prefix");
    cr_assert_str_eq(at(bindings, "2001:db8:2:10::1", 110), "anna");
    p2i_bindings_free(bindings);
}

Test(radius, prefixes_that_lie)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    struct radius radius = accounting(START, "anna", "1", NULL);
    add(&radius, 97, (uint8_t[18]){0, 129}, 18);
    add(&radius, 97, (uint8_t[9]){0, 64}, 9); /* one byte short */
    add(&radius, 97, (uint8_t[1]){0}, 1);
    add(&radius, 97, (uint8_t[20]){0, 64}, 20);
    add(&radius, 97, (uint8_t[2]){0, 0}, 2); /* all there is */
    add(&radius, 168, (uint8_t[15]){1}, 15);
    add(&radius, 8, (uint8_t[5]){203, 0, 113, 7, 0}, 5);
    add(&radius, 8, (uint8_t[4]){255, 255, 255, 255}, 4);
    add(&radius, 8, (uint8_t[4]){255, 255, 255, 254}, 4);
    add(&radius, 8, (uint8_t[4]){0}, 4);
    give(bindings, &radius, 100);
    cr_assert_str_eq(at(bindings, "::1", 100), "");
    cr_assert_str_eq(at(bindings, "255.255.255.255", 100), "");
    cr_assert_str_eq(at(bindings, "255.255.255.254", 100), "");
    cr_assert_str_eq(at(bindings, "0.0.0.0", 100), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 100), "");
    p2i_bindings_free(bindings);
}

static void ask(struct p2i_bindings *bindings, uint64_t time_s, uint8_t identifier,
                const char *user)
{
    struct radius radius = begin(ACCESS_REQUEST, identifier);
    add_text(&radius, 1, user);
    give(bindings, &radius, time_s);
}

static void answer(struct p2i_bindings *bindings, uint64_t time_s, uint8_t code, uint8_t identifier,
                   const char *user)
{
    struct radius radius = begin(code, identifier);
    if (user != NULL) {
        add_text(&radius, 1, user);
    }
    add(&radius, 8, (uint8_t[]){203, 0, 113, 7}, 4);
    give(bindings, &radius, time_s);
}

Test(radius, access)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    answer(bindings, 90, ACCESS_ACCEPT, 7, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 90), "", "the request is not there");
    ask(bindings, 100, 7, "anna");
    ask(bindings, 101, 8, "boris");
    answer(bindings, 102, ACCESS_REJECT, 7, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 102), "");
    answer(bindings, 103, ACCESS_ACCEPT, 7, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 103), "anna");
    answer(bindings, 104, ACCESS_ACCEPT, 8, "boris@isp.example");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 104), "boris@isp.example",
                     "the name in the answer counts");
    ask(bindings, 200, 7, "clara");
    answer(bindings, 201, ACCESS_ACCEPT, 7, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 201), "clara", "identifiers come again");
    ask(bindings, 300, 9, "dora");
    answer(bindings, 360, ACCESS_ACCEPT, 9, NULL);
    cr_assert_str_eq(at(bindings, "203.0.113.7", 360), "clara", "much too late");
    p2i_bindings_free(bindings);
}

/* Only a complete packet has an effect. */
Test(radius, cut_anywhere)
{
    struct radius radius = accounting(START, "anna", "1", "203.0.113.7");
    end(&radius);
    for (size_t size = 0; size <= radius.size; size++) {
        struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
        give_bytes(bindings, &radius, size, 100);
        cr_assert_str_eq(at(bindings, "203.0.113.7", 100), size == radius.size ? "anna" : "");
        p2i_bindings_free(bindings);
    }
    /* The length in the packet, likewise; what is behind it is padding. */
    for (unsigned length = 0; length <= radius.size + 4; length++) {
        struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
        radius.data[3] = (uint8_t)length;
        give_bytes(bindings, &radius, radius.size + 2, 100);
        bool whole = length == radius.size;
        cr_assert_str_eq(at(bindings, "203.0.113.7", 100), whole ? "anna" : "", "%u", length);
        p2i_bindings_free(bindings);
    }
}

Test(radius, attributes_that_lie)
{
    for (unsigned size = 0; size < 2; size++) {
        struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
        struct radius radius = accounting(START, "anna", "1", "203.0.113.7");
        radius.data[radius.size++] = 26;
        radius.data[radius.size++] = (uint8_t)size;
        give(bindings, &radius, 100);
        cr_assert_str_eq(at(bindings, "203.0.113.7", 100), "");
        p2i_bindings_free(bindings);
    }
}

/* Of each key the last few. */
Test(bindings, of_one_key)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    for (uint64_t i = 1; i <= 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "user%u", (unsigned)i);
        account(bindings, i * 100, START, name, "1");
    }
    cr_assert_str_eq(at(bindings, "203.0.113.7", 699), "");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 700), "user7");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 1000), "user10");
    p2i_bindings_free(bindings);
    p2i_bindings_free(NULL);
}

/* Where time is set back, what is bound holds from then on, be it the same name. */
Test(bindings, time_set_back)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    account(bindings, 9000, START, "anna", "1");
    account(bindings, 100, START, "anna", "1");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 100), "anna");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 99), "");
    account(bindings, 90, START, "boris", "2");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 90), "boris");
    cr_assert_str_eq(at(bindings, "203.0.113.7", 120), "boris");
    p2i_bindings_free(bindings);
}

/* Binds 10.0.x.y one after the other; returns how many of them are known then. */
static unsigned flood(struct p2i_bindings *bindings, unsigned count, const char *name)
{
    char address[32];
    unsigned known = 0;
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        struct radius radius = accounting(START, name, "1", address);
        give(bindings, &radius, 100 + i);
    }
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        known += strcmp(at(bindings, address, 100 + count), name) == 0;
    }
    return known;
}

/* What is known fits into the memory, whatever the length of names; the last ones are known. */
Test(bindings, a_flood_is_bounded)
{
    enum { MEMORY = 1 << 16, COUNT = 5000, LONGEST = 253 };
    char name[LONGEST + 1];
    memset(name, 'x', LONGEST);
    name[LONGEST] = '\0';
    for (unsigned round = 0; round < 2; round++) {
        struct p2i_bindings *bindings = p2i_bindings_new(MEMORY);
        unsigned known = flood(bindings, COUNT, round == 0 ? "x" : name);
        cr_assert_gt(known, round == 0 ? 300U : 100U);
        cr_assert_lt(known, (unsigned)MEMORY / (round == 0 ? 80U : 330U));
        cr_assert_str_eq(at(bindings, "10.0.0.0", 100 + COUNT), "", "the first gave way");
        cr_assert_str_eq(at(bindings, "10.0.19.135", 100 + COUNT), round == 0 ? "x" : name);
        p2i_bindings_free(bindings);
    }
}

/* What addresses were bound to before counts too. */
Test(bindings, a_flood_of_names_is_bounded)
{
    struct p2i_bindings *bindings = p2i_bindings_new(3 << 13);
    cr_assert_eq(flood(bindings, 100, "first"), 100);
    unsigned least = 100;
    for (unsigned i = 0; i < 8; i++) {
        unsigned known = flood(bindings, 100, i % 2 != 0 ? "other" : "again");
        least = known < least ? known : least;
    }
    cr_assert(least > 50 && least < 100, "%u", least);
    p2i_bindings_free(bindings);
}

/* Requests without answers take nothing from those who have addresses. */
Test(bindings, a_flood_of_requests)
{
    struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
    account(bindings, 100, START, "anna", "1");
    for (unsigned i = 0; i < 20000; i++) {
        struct radius radius = begin(ACCESS_REQUEST, (uint8_t)i);
        add_text(&radius, 1, "nobody");
        end(&radius);
        struct p2i_packet packet = {
            .source = address_of("192.0.2.1"),
            .source_port = (uint16_t)(i >> 8),
            .ip_version = 4,
            .payload = p2i_view_of(radius.data, radius.size),
            .time_ns = 200 * SECOND,
        };
        p2i_radius_take(bindings, NULL, &packet);
    }
    cr_assert_str_eq(at(bindings, "203.0.113.7", 300), "anna");
    p2i_bindings_free(bindings);
}

Test(bindings, many)
{
    struct p2i_bindings *bindings = p2i_bindings_new(4 << 20);
    char address[16];
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        struct radius radius = accounting(START, address, "1", address);
        give(bindings, &radius, 100);
    }
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        cr_assert_str_eq(at(bindings, address, 100), address);
    }
    p2i_bindings_free(bindings);
}

/* Requests come from the client, answers go to it. */
Test(radius, clients_that_are_not_listed)
{
    for (unsigned listed = 0; listed < 2; listed++) {
        struct p2i_prefix nas;
        struct p2i_prefix_ranges ranges = {0};
        const char *text = listed == 1 ? "192.0.2.1" : "192.0.2.2"; /* that is the server */
        cr_assert_null(p2i_prefix_parse(p2i_view_of(text, strlen(text)), &nas));
        nas.value = 1;
        cr_assert(p2i_prefix_ranges_build(&ranges, &nas, 1));
        believed = &ranges;
        struct p2i_bindings *bindings = p2i_bindings_new(1 << 20);
        struct radius start = accounting(1, "anna", NULL, "198.51.100.1");
        give(bindings, &start, 10);
        struct radius accept = begin(2, 1);
        add_text(&accept, 1, "boris");
        add(&accept, 8, (uint8_t[]){198, 51, 100, 2}, 4);
        give(bindings, &accept, 10);
        cr_assert_str_eq(at(bindings, "198.51.100.1", 11), listed == 1 ? "anna" : "");
        cr_assert_str_eq(at(bindings, "198.51.100.2", 11), listed == 1 ? "boris" : "");
        p2i_bindings_free(bindings);
        p2i_prefix_ranges_free(&ranges);
        believed = NULL;
    }
}
