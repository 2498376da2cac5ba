/* SPDX-License-Identifier: MIT */
#include "enrich/locked.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/hash_secret.h"
#include "enrich/text_lines.h"

enum {
    NAME_MAX_SIZE = 253 + sizeof ":65535"
}; /* RFC 1035 section 2.3.4, with a final dot and a port */

struct pattern {
    struct p2i_view host; /* in the text; lower case */
    struct p2i_view path; /* empty: all paths */
    uint32_t next;        /* in its chain, from 1; 0 none */
    bool below;           /* names below the host, not itself */
    bool begins;          /* paths that begin so */
};

/* One file. */
struct list {
    struct p2i_text_lines text;
    struct pattern *patterns;
    uint32_t *chains; /* first pattern, from 1, by hash of the host */
    size_t count, capacity, chain_count;
};

struct p2i_locked {
    struct list hosts, urls;
    uint64_t seed;
};

static uint64_t hash_of(uint64_t seed, struct p2i_view host, bool below)
{
    uint64_t hash = p2i_mix(seed, below);
    size_t at = 0;
    while (at < host.size) {
        uint64_t word = 0;
        for (unsigned i = 0; i < sizeof word && at < host.size; i++, at++) {
            word = word << 8 | p2i_lower(host.data[at]);
        }
        hash = p2i_mix(hash, word);
    }
    return hash;
}

static bool make_room(struct list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    size_t larger = list->capacity > 0 ? list->capacity * 2 : 64;
    struct pattern *patterns = realloc(list->patterns, larger * sizeof *patterns);
    if (patterns == NULL) {
        return false;
    }
    list->patterns = patterns;
    list->capacity = larger;
    return true;
}

static bool is_host(struct p2i_view host)
{
    for (size_t i = 0; i < host.size; i++) {
        if (host.data[i] <= ' ' || host.data[i] == '*' || host.data[i] == 0x7f) {
            return false;
        }
    }
    return host.size > 0 && host.size <= NAME_MAX_SIZE && host.data[0] != '.';
}

/* NULL, or a text that says what is wrong with the line. */
static const char *parse_pattern(struct p2i_view line, struct pattern *pattern)
{
    *pattern = (struct pattern){0};
    size_t slash = p2i_view_find(line, '/');
    pattern->host = p2i_view_first(line, slash);
    pattern->path = p2i_view_from(line, slash);
    pattern->below = p2i_view_starts(line, P2I_VIEW("*."));
    if (pattern->below) {
        pattern->host = p2i_view_from(pattern->host, 2);
    }
    if (p2i_view_find(line, ':') + 2 < line.size &&
        p2i_view_starts(p2i_view_from(line, p2i_view_find(line, ':')), P2I_VIEW("://"))) {
        return "a pattern begins with the host, not with a scheme";
    }
    if (!is_host(pattern->host)) {
        return "not a host, *.host, or either with a path";
    }
    pattern->begins = pattern->path.size > 0 && line.data[line.size - 1] == '*';
    pattern->path.size -= pattern->begins;
    return NULL;
}

static bool make_chains(struct list *list, uint64_t seed)
{
    list->chain_count = 64;
    while (list->chain_count < list->count) {
        list->chain_count *= 2;
    }
    list->chains = calloc(list->chain_count, sizeof *list->chains);
    if (list->chains == NULL) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct pattern *pattern = &list->patterns[i];
        uint64_t hash = hash_of(seed, pattern->host, pattern->below);
        uint32_t *chain = &list->chains[hash & (list->chain_count - 1)];
        pattern->next = *chain;
        *chain = (uint32_t)i + 1;
    }
    return true;
}

static enum p2i_result load(struct list *list, const char *path, uint64_t seed,
                            struct p2i_error *error)
{
    if (path == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_text_lines_open(&list->text, path, error);
    struct p2i_view line;
    while (result == P2I_OK && p2i_text_lines_next(&list->text, &line)) {
        if (!make_room(list)) {
            return p2i_fail_memory(error);
        }
        const char *wrong = parse_pattern(line, &list->patterns[list->count]);
        if (wrong != NULL) {
            return p2i_text_lines_fail(&list->text, line, wrong, error);
        }
        list->count++;
    }
    if (result == P2I_OK && !make_chains(list, seed)) {
        return p2i_fail_memory(error);
    }
    return result;
}

static void free_list(struct list *list)
{
    p2i_text_lines_free(&list->text);
    free(list->patterns);
    free(list->chains);
}

enum p2i_result p2i_locked_open(struct p2i_locked **locked, const char *hosts, const char *urls,
                                struct p2i_error *error)
{
    struct p2i_locked *opened = calloc(1, sizeof *opened);
    *locked = NULL;
    if (opened == NULL) {
        return p2i_fail_memory(error);
    }
    opened->seed = p2i_hash_secret();
    enum p2i_result result = load(&opened->hosts, hosts, opened->seed, error);
    if (result == P2I_OK) {
        result = load(&opened->urls, urls, opened->seed, error);
    }
    if (result != P2I_OK) {
        p2i_locked_close(opened);
        return result;
    }
    *locked = opened;
    return P2I_OK;
}

void p2i_locked_close(struct p2i_locked *locked)
{
    if (locked != NULL) {
        free_list(&locked->hosts);
        free_list(&locked->urls);
        free(locked);
    }
}

static bool fits_path(const struct pattern *pattern, struct p2i_view path)
{
    if (pattern->path.size == 0) {
        return true;
    }
    return pattern->begins ? p2i_view_starts(path, pattern->path)
                           : p2i_view_equals(path, pattern->path);
}

static bool has(const struct list *list, uint64_t seed, struct p2i_view host, bool below,
                struct p2i_view path)
{
    uint64_t hash = hash_of(seed, host, below);
    for (uint32_t at = list->chains[hash & (list->chain_count - 1)]; at != 0;
         at = list->patterns[at - 1].next) {
        const struct pattern *pattern = &list->patterns[at - 1];
        if (pattern->below == below && p2i_view_equals_nocase(pattern->host, host) &&
            fits_path(pattern, path)) {
            return true;
        }
    }
    return false;
}

/* Looks up the name itself, then each domain above it. Names over the limit are skipped: the cost
 * grows with the square of the length. */
static bool fits(const struct list *list, uint64_t seed, struct p2i_view host, struct p2i_view path)
{
    if (list->count == 0 || host.size > NAME_MAX_SIZE) {
        return false;
    }
    bool found = has(list, seed, host, false, path);
    for (size_t dot = p2i_view_find(host, '.'); !found && dot < host.size;
         dot = p2i_view_find(host, '.')) {
        host = p2i_view_from(host, dot + 1);
        found = has(list, seed, host, true, path);
    }
    return found;
}

/* Removes the port, which follows the last colon and, for IPv6, a bracket; removes a final dot. */
static struct p2i_view bare_host(struct p2i_view host)
{
    size_t end = host.size;
    while (end > 0 && p2i_is_digit(host.data[end - 1])) {
        end--;
    }
    if (end > 0 && host.data[end - 1] == ':') {
        host.size = end - 1;
    }
    if (host.size > 0 && host.data[host.size - 1] == '.') {
        host.size--;
    }
    return host;
}

/* The path of a target, which may be a whole URL (RFC 9112, 3.2.2). */
static struct p2i_view bare_path(struct p2i_view target)
{
    if (!p2i_view_starts_nocase(target, P2I_VIEW("http://"))) {
        return target;
    }
    struct p2i_view rest = p2i_view_from(target, sizeof "http://" - 1);
    struct p2i_view path = p2i_view_from(rest, p2i_view_find(rest, '/'));
    return path.size > 0 ? path : P2I_VIEW("/");
}

static bool fits_either(const struct list *list, uint64_t seed, struct p2i_view host,
                        struct p2i_view path)
{
    struct p2i_view bare = bare_host(host);
    return fits(list, seed, host, path) || (bare.size < host.size && fits(list, seed, bare, path));
}

uint64_t p2i_locked_find(const struct p2i_locked *locked, const struct p2i_clickstream *clickstream)
{
    struct p2i_view host = clickstream->host;
    if (clickstream->method == P2I_METHOD_NONE) {
        /* The path is encrypted: patterns with a path do not match. */
        return fits_either(&locked->hosts, locked->seed, host, P2I_VIEW("")) ? P2I_LOCKED_HTTPS : 0;
    }
    struct p2i_view path = bare_path(clickstream->path);
    if (fits_either(&locked->hosts, locked->seed, host, path)) {
        return P2I_LOCKED_HTTP;
    }
    return fits_either(&locked->urls, locked->seed, host, path) ? P2I_LOCKED_REDIRECT : 0;
}
