/* SPDX-License-Identifier: MIT */
/* A key that was read is nowhere in the memory of the process but where it has to be. Not a test of
 * Criterion, which shares memory with the tests. */
#include "engine/privacy.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failed;
static int count_of_tests;

static void test(bool good, const char *name)
{
    count_of_tests++;
    failed += !good;
    printf("%s %d - %s\n", good ? "ok" : "not ok", count_of_tests, name);
}

static void need(bool good)
{
    if (!good) {
        printf("Bail out! the memory of the process cannot be read\n");
        exit(1);
    }
}

enum { HALF = P2I_CRYPTO_PAN_KEY / 2 };

/* Byte `i` of the key, which no memory has before. */
static uint8_t key_byte(size_t i)
{
    return (uint8_t)(i * 73 + 41);
}

static uint8_t digit(size_t i)
{
    uint8_t value = i % 2 == 0 ? key_byte(i / 2) >> 4 : key_byte(i / 2) & 15;
    return (uint8_t)(value < 10 ? '0' + value : 'a' + value - 10);
}

static void write_key(const char *path, bool hex)
{
    FILE *file = fopen(path, "wbe");
    need(file != NULL);
    setvbuf(file, NULL, _IONBF, 0);
    for (size_t i = 0; i < (hex ? 2 : 1) * (size_t)P2I_CRYPTO_PAN_KEY; i++) {
        fputc(hex ? digit(i) : key_byte(i), file);
    }
    (void)fclose(file);
}

/* Places in a block of memory where `count` bytes are those of make() from `first` on. */
static size_t find_in(const uint8_t *bytes, size_t size, uint8_t (*make)(size_t i), size_t first,
                      size_t count)
{
    size_t found = 0;
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + size;
    while ((at = memchr(at, make(first), (size_t)(end - at))) != NULL) {
        size_t same = 0;
        while (same < count && at + same < end && at[same] == make(first + same)) {
            same++;
        }
        found += same == count;
        at++;
    }
    return found;
}

/* The same in the pages of a mapping that the process has used. */
static size_t find_in_pages(uintptr_t from, uintptr_t to, uint8_t (*make)(size_t i), size_t first,
                            size_t count)
{
    enum { PAGE = 4096, ENTRIES = 512, MORE = 2 * P2I_CRYPTO_PAN_KEY };
    static uint64_t entries[ENTRIES];
    static uint8_t page[PAGE + MORE];
    int used = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    size_t found = 0;
    need(used >= 0 && memory >= 0);
    for (uintptr_t at = from; at < to; at += PAGE) {
        size_t index = (at - from) / PAGE % ENTRIES;
        if (index == 0) {
            need(pread(used, entries, sizeof entries, (off_t)(at / PAGE * 8)) > 0);
        }
        bool present = entries[index] >> 62 != 0; /* in memory, or swapped out */
        bool own = at + sizeof page > (uintptr_t)page && at < (uintptr_t)page + sizeof page;
        ssize_t got = present && !own ? pread(memory, page, sizeof page, (off_t)at) : 0;
        size_t size = got > PAGE ? PAGE + count - 1 : (size_t)(got > 0 ? got : 0);
        found += find_in(page, size, make, first, count);
    }
    explicit_bzero(page, sizeof page);
    (void)close(memory);
    (void)close(used);
    return found;
}

/* The same in all memory that can be written and that core dumps have. */
static size_t find(uint8_t (*make)(size_t i), size_t first, size_t count)
{
    static const uintptr_t most = 64 << 20; /* larger: shadows of sanitizers */
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[512];
    uintptr_t from = 0;
    uintptr_t to = 0;
    bool writable = false;
    size_t found = 0;
    need(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        char rights[8];
        uintptr_t begin;
        uintptr_t end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &begin, &end, rights) == 3) {
            from = begin;
            to = end;
            writable = rights[1] == 'w' && to - from <= most;
        }
        bool dumped = strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " dd") == NULL;
        found += writable && dumped ? find_in_pages(from, to, make, first, count) : 0;
    }
    (void)fclose(maps);
    return found;
}

static void check_memory(const char *path, bool hex)
{
    struct p2i_settings settings = {.keep_passwords = true, .anonymise_key = path};
    struct p2i_privacy_rules rules;
    struct p2i_privacy *privacy;
    struct p2i_error error = {0};
    write_key(path, hex);
    need(p2i_privacy_read(&rules, &settings, &error) == P2I_OK);
    test(rules.key[5] == key_byte(5), "the key is read");
    test(find(key_byte, 0, HALF) + find(key_byte, HALF, HALF) == 0, "core dumps do not have it");
    need(p2i_privacy_new(&privacy, &rules));
    p2i_privacy_forget(&rules);
    test(rules.key == NULL, "it is forgotten");
    test(find(key_byte, HALF, HALF) == 0, "nothing has the seed of the padding");
    test(find(key_byte, 0, HALF) <= 1, "only the cipher has its key");
    p2i_privacy_free(privacy);
    test(find(key_byte, 0, HALF) == 0, "the cipher wipes its key");
    test(find(digit, 0, HALF) + find(digit, HALF, HALF) == 0, "nothing has the text of the file");
}

int main(void)
{
    char path[] = "/tmp/p2i_test_XXXXXX";
    uint8_t *copy = malloc(P2I_CRYPTO_PAN_KEY);
    struct p2i_error error = {0};
    int file = mkstemp(path);
    need(copy != NULL && file >= 0);
    if (p2i_crypto_pan_check(&error) != P2I_OK) {
        printf("1..0 # SKIP built without OpenSSL\n");
    } else {
        check_memory(path, false);
        check_memory(path, true);
        for (size_t i = 0; i < P2I_CRYPTO_PAN_KEY; i++) {
            copy[i] = key_byte(i);
        }
        test(find(key_byte, 0, HALF) > 0 && find(key_byte, HALF, HALF) > 0,
             "the search finds a key");
        printf("1..%d\n", count_of_tests);
    }
    free(copy);
    (void)close(file);
    (void)unlink(path);
    return failed > 0;
}
