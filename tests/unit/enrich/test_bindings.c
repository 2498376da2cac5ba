/* SPDX-License-Identifier: MIT */
/* What the packets before a number bound stays visible, whatever later packets bind, until it is
 * released. The rules of binding itself are tested with RADIUS and PPPoE packets. */
#include "enrich/bindings.h"

#include <criterion/criterion.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static struct p2i_bindings *bindings;

static void begin_with(uint64_t memory_bytes)
{
    bindings = p2i_bindings_new(memory_bytes);
    cr_assert_not_null(bindings);
}

static void begin(void)
{
    begin_with(1 << 20);
}

static void end(void)
{
    p2i_bindings_free(bindings);
}

static struct p2i_binding_key key_of(unsigned host)
{
    struct p2i_prefix prefix = {.ip_version = 4, .length = 32};
    prefix.address.bytes[0] = 10;
    prefix.address.bytes[2] = (uint8_t)(host >> 8);
    prefix.address.bytes[3] = (uint8_t)host;
    return p2i_binding_of_prefix(P2I_BOUND_RADIUS, &prefix);
}

static void bind(uint64_t number, unsigned host, uint64_t time_ns, const char *login)
{
    struct p2i_binding_key key = key_of(host);
    p2i_bindings_begin_packet(bindings, number);
    p2i_bindings_bind(bindings, &key, time_ns, time_ns, 1, p2i_view_of(login, strlen(login)));
}

static void bind_number(uint64_t number, unsigned host)
{
    char login[24];
    (void)snprintf(login, sizeof login, "user%u", (unsigned)number);
    bind(number, host, number, login);
}

static void end_binding(uint64_t number, unsigned host, uint64_t time_ns)
{
    struct p2i_binding_key key = key_of(host);
    p2i_bindings_begin_packet(bindings, number);
    p2i_bindings_end(bindings, &key, time_ns);
}

static const struct p2i_binding *find(unsigned host, uint64_t before, uint64_t time_ns)
{
    struct p2i_binding_key key = key_of(host);
    return p2i_bindings_find(bindings, &key, before, time_ns);
}

/* The login, "" if there is none. */
static const char *at(unsigned host, uint64_t before, uint64_t time_ns)
{
    static char login[P2I_LOGIN_MAX + 1];
    const struct p2i_binding *found = find(host, before, time_ns);
    if (found == NULL) {
        return "";
    }
    memcpy(login, found->login, found->login_size);
    login[found->login_size] = '\0';
    return login;
}

/* ---- versions ---- */

Test(binding_versions, seen_by_number, .init = begin, .fini = end)
{
    bind(10, 1, 100, "anna");
    bind(20, 1, 200, "boris");
    end_binding(30, 1, 300);
    cr_expect_str_eq(at(1, 10, 100), "", "a packet does not see its own binding");
    cr_expect_str_eq(at(1, 11, 100), "anna");
    cr_expect_str_eq(at(1, 20, 250), "anna", "nobody knew that it would end");
    cr_expect_str_eq(at(1, 21, 250), "boris");
    cr_expect_str_eq(at(1, 21, 150), "anna");
    cr_expect_str_eq(at(1, 30, 350), "boris");
    cr_expect_str_eq(at(1, 31, 350), "");
    cr_expect_str_eq(at(1, 31, 299), "boris");
    cr_expect_str_eq(at(2, 31, 299), "");
}

/* Of several changes by one packet others see the last alone. */
Test(binding_versions, unused_until_something_is_bound, .init = begin, .fini = end)
{
    cr_expect_not(p2i_bindings_used(bindings));
    end_binding(3, 1, 3);
    cr_expect_not(p2i_bindings_used(bindings));
    bind(4, 1, 4, "a");
    cr_expect(p2i_bindings_used(bindings));
    end_binding(5, 1, 5);
    cr_expect(p2i_bindings_used(bindings));
}

Test(binding_versions, changes_of_one_packet, .init = begin, .fini = end)
{
    bind(10, 1, 100, "anna");
    bind(20, 1, 200, "boris");
    bind(20, 1, 200, "clara");
    end_binding(20, 1, 210);
    cr_expect_str_eq(at(1, 20, 205), "anna");
    cr_expect_str_eq(at(1, 21, 205), "clara");
    cr_expect_str_eq(at(1, 21, 215), "");
    p2i_bindings_release(bindings, 20, 20);
    cr_expect_str_eq(at(1, 21, 205), "clara");
}

Test(binding_versions, address_of_a_session, .init = begin, .fini = end)
{
    struct p2i_binding_key key = key_of(1);
    bind(10, 1, 100, "anna");
    p2i_bindings_begin_packet(bindings, 11);
    p2i_bindings_give(bindings, &key, 7);
    cr_expect_eq(find(1, 11, 100)->given, 0);
    cr_expect_eq(find(1, 12, 100)->given, 7);
    cr_expect_eq(p2i_bindings_newest(bindings, &key)->given, 7);
    end_binding(12, 1, 200);
    p2i_bindings_begin_packet(bindings, 13);
    p2i_bindings_give(bindings, &key, 8);
    cr_expect_eq(find(1, 14, 100)->given, 7, "it was over");
    cr_expect_null(p2i_bindings_newest(bindings, &key));
}

/* A reader is behind while thousands of keys are added. */
Test(binding_versions, growth, .init = begin, .fini = end)
{
    enum { KEYS = 5000 };
    for (unsigned i = 1; i <= KEYS; i++) {
        bind_number(i, i);
    }
    for (unsigned i = 1; i <= KEYS; i++) {
        char login[24];
        (void)snprintf(login, sizeof login, "user%u", i);
        cr_assert_str_eq(at(i, i, KEYS), "");
        cr_assert_str_eq(at(i, i + 1, KEYS), login);
    }
    p2i_bindings_release(bindings, KEYS, KEYS);
    for (unsigned i = 1; i <= KEYS; i++) {
        cr_assert_not_null(find(i, KEYS + 1, KEYS));
    }
}

/* ---- dropped keys ---- */

enum { SMALL = 2000, FEW = 100 }; /* bytes, for some ten keys */

static void begin_small(void)
{
    begin_with(SMALL);
}

/* The first packet that does not see the key any more. */
static uint64_t dropped_before(unsigned host, uint64_t from, uint64_t to)
{
    for (uint64_t before = from; before <= to; before++) {
        if (find(host, before, UINT64_MAX - 1) == NULL) {
            return before;
        }
    }
    return UINT64_MAX;
}

Test(binding_versions, dropped_keys, .init = begin_small, .fini = end)
{
    for (unsigned i = 1; i <= FEW; i++) {
        bind_number(i, i);
    }
    uint64_t keys = dropped_before(1, 2, FEW + 1) - 2;
    cr_assert(keys > 5 && keys < 15, "%u", (unsigned)keys);
    for (unsigned i = 1; i <= FEW - keys; i++) {
        cr_expect_null(find(i, i, FEW));
        cr_expect_eq(dropped_before(i, i + 1U, FEW + 1), i + keys + 1, "key %u", i);
    }
    p2i_bindings_release(bindings, FEW, FEW);
    cr_expect_null(find((unsigned)(FEW - keys), FEW + 1, FEW));
    cr_expect_not_null(find((unsigned)(FEW - keys + 1), FEW + 1, FEW));
}

/* A dropped key that is bound again is the youngest, and what it was before is forgotten. */
Test(binding_versions, dropped_and_bound_again, .init = begin_small, .fini = end)
{
    bind(1, 0, 1, "first");
    for (unsigned i = 2; i <= FEW; i++) {
        bind_number(i, i);
    }
    uint64_t dropped = dropped_before(0, 2, FEW);
    bind(FEW + 1, 0, FEW + 1, "again");
    for (unsigned i = FEW + 2; i <= FEW + 4; i++) {
        bind_number(i, i);
    }
    cr_expect_str_eq(at(0, dropped - 1, 50), "first");
    cr_expect_str_eq(at(0, FEW + 1, 50), "");
    cr_expect_str_eq(at(0, FEW + 2, 50), "");
    cr_expect_str_eq(at(0, FEW + 2, FEW + 1), "again");
    p2i_bindings_release(bindings, dropped, FEW + 4);
    cr_expect_str_eq(at(0, FEW + 5, FEW + 1), "again", "it is not the key that was dropped");
    for (unsigned i = FEW + 5; i <= 2 * FEW; i++) {
        bind_number(i, i);
    }
    cr_expect_str_eq(at(0, 2 * FEW + 1, FEW + 1), "");
    bind(2 * FEW + 1, 0, 2 * FEW + 1, "thrice");
    cr_expect_str_eq(at(0, FEW + 2, FEW + 1), "again");
    p2i_bindings_release(bindings, 2 * FEW + 1, 2 * FEW + 1);
    cr_expect_str_eq(at(0, 2 * FEW + 2, 2 * FEW + 1), "thrice");
}

/* ---- freeing ---- */

/* True when memory was freed, as far as the address sanitizer tells. */
static bool is_freed(const void *memory, bool otherwise)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)otherwise;
    return __asan_address_is_poisoned(memory) != 0;
#else
    (void)memory;
    return otherwise;
#endif
}

Test(binding_versions, freed_when_all_have_passed, .init = begin, .fini = end)
{
    bind(10, 1, 100, "anna");
    const struct p2i_binding *anna = find(1, 11, 100);
    bind(20, 1, 200, "boris");
    p2i_bindings_release(bindings, 19, 20);
    cr_expect_not(is_freed(anna, false), "packet 20 has still to see it");
    p2i_bindings_release(bindings, 20, 20);
    cr_expect(is_freed(anna, true));
    cr_expect_str_eq(at(1, 21, 150), "anna", "a copy, in the next version");
}

/* A worker may be looking at the key of a dropped entry until it has passed all packets that were
 * on their way when the key was taken out. */
Test(binding_versions, dropped_keys_are_freed_later, .init = begin_small, .fini = end)
{
    bind(1, 0, 1, "first");
    for (unsigned i = 2; i <= FEW; i++) {
        bind_number(i, i);
    }
    uint64_t dropped = dropped_before(0, 2, FEW) - 1;
    const struct p2i_binding *first = find(0, dropped, 50);
    p2i_bindings_release(bindings, dropped - 1, FEW);
    cr_expect_not(is_freed(first, false));
    cr_expect_str_eq(at(0, dropped, 50), "first");
    p2i_bindings_release(bindings, dropped, FEW);
    cr_expect(is_freed(first, true));
    cr_expect_null(find(0, FEW + 1, 50));
    p2i_bindings_release(bindings, FEW, FEW);
    cr_expect_null(find(0, FEW + 1, 50));
}

/* ---- any sequence ---- */

enum { PACKETS = 20000, HOSTS = 40, WINDOW = 50 };

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static void change(uint64_t number, uint64_t *state)
{
    char login[300];
    unsigned host = next_random(state) % HOSTS;
    switch (next_random(state) % 8) {
    case 0:
        end_binding(number, host, number);
        break;
    case 1:
        memset(login, 'x', sizeof login - 1);
        login[next_random(state) % sizeof login] = '\0';
        bind(number, host, number, login);
        break;
    default:
        bind_number(number, host);
    }
}

/* What all keys have, in one number. */
static uint64_t digest(uint64_t before, uint64_t time_ns)
{
    uint64_t sum = 0;
    for (unsigned host = 0; host < HOSTS; host++) {
        const struct p2i_binding *found = find(host, before, time_ns);
        sum = sum * 31 + (found != NULL ? found->from_ns * 7 + found->login_size : 0);
    }
    return sum;
}

/* For every packet the answers stay as they were when it came, and do not depend on when something
 * is released: at once, late, or never. */
Test(binding_versions, any_sequence)
{
    static uint64_t expected[PACKETS + 1];
    for (unsigned lag = 0; lag < 3; lag++) {
        uint64_t state = 1;
        begin_with(SMALL);
        for (uint64_t number = 1; number <= PACKETS; number++) {
            uint64_t found = digest(number, number);
            expected[number] = lag == 0 ? found : expected[number];
            cr_assert_eq(found, expected[number]);
            change(number, &state);
            for (uint64_t i = number > WINDOW ? number - WINDOW : 1; lag > 0 && i < number;
                 i += 7) {
                cr_assert_eq(digest(i, i), expected[i], "packet %u", (unsigned)i);
            }
            if (lag < 2 && (lag == 0 || number > WINDOW)) {
                p2i_bindings_release(bindings, lag == 0 ? number : number - WINDOW - 1, number);
            }
        }
        end();
    }
}

/* Each length costs every lookup. */
Test(bindings, lengths_of_prefixes_are_limited, .init = begin, .fini = end)
{
    struct p2i_prefix prefix = {.ip_version = 6, .address.bytes = {0x20, 1, 0x0d, 0xb8, 1}};
    struct p2i_address host = prefix.address;
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned length = 0; length <= 128; length++) {
            prefix.length = (uint8_t)length;
            struct p2i_binding_key key = p2i_binding_of_prefix(P2I_BOUND_RADIUS, &prefix);
            p2i_bindings_begin_packet(bindings, 1 + turn);
            p2i_bindings_bind(bindings, &key, 10 + turn, 10 + turn, turn, P2I_VIEW("login"));
            bool bound = p2i_bindings_newest(bindings, &key) != NULL;
            cr_assert_eq(bound,
                         length >= P2I_BINDING_LENGTH_MIN &&
                             length < P2I_BINDING_LENGTH_MIN + P2I_BINDING_LENGTHS_MAX,
                         "%u", length);
        }
    }
    cr_assert_eq(p2i_bindings_refused(bindings), 2 * (129 - P2I_BINDING_LENGTHS_MAX));
    cr_assert_not_null(p2i_bindings_find_address(bindings, P2I_BOUND_RADIUS, &host, 6, 9, 12));
    bind(3, 1, 10, "other version");
    cr_assert_str_eq(at(1, 9, 10), "other version");
}
