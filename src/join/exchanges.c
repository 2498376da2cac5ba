/* SPDX-License-Identifier: MIT */
#include "join/exchanges.h"

#include <stdlib.h>

enum {
    BUCKETS_LEAST = 1024,
    BLOCK_HEAD = 16,         /* what an allocation takes beside its bytes */
    ANSWER_MOST = 64 * 1024, /* longer answers get no more records */
};

/* ---- Groups ---- */

/* Keys are mixed with a secret, so their low bits are as good as any. */
static struct p2i_join_group **bucket_of(const struct p2i_exchanges *exchanges, uint64_t key)
{
    return &exchanges->buckets[key & (exchanges->bucket_count - 1)];
}

/* As many buckets as groups, at least. */
static bool grow(struct p2i_exchanges *exchanges)
{
    if (exchanges->group_count < exchanges->bucket_count) {
        return true;
    }
    struct p2i_exchanges larger = {
        .bucket_count = exchanges->bucket_count > 0 ? 2 * exchanges->bucket_count : BUCKETS_LEAST};
    larger.buckets = calloc(larger.bucket_count, sizeof(struct p2i_join_group *));
    if (larger.buckets == NULL) {
        return false;
    }
    for (size_t i = 0; i < exchanges->bucket_count; i++) {
        while (exchanges->buckets[i] != NULL) {
            struct p2i_join_group *group = exchanges->buckets[i];
            struct p2i_join_group **bucket = bucket_of(&larger, group->key);
            exchanges->buckets[i] = group->next;
            group->next = *bucket;
            *bucket = group;
        }
    }
    exchanges->bytes += (larger.bucket_count - exchanges->bucket_count) * sizeof larger.buckets;
    free(exchanges->buckets);
    exchanges->buckets = larger.buckets;
    exchanges->bucket_count = larger.bucket_count;
    return true;
}

struct p2i_join_group *p2i_exchanges_group(struct p2i_exchanges *exchanges, uint64_t key, bool make)
{
    if (make && !grow(exchanges)) {
        return NULL;
    }
    struct p2i_join_group *group = exchanges->bucket_count > 0 ? *bucket_of(exchanges, key) : NULL;
    while (group != NULL && group->key != key) {
        group = group->next;
    }
    if (group != NULL || !make) {
        return group;
    }
    group = calloc(1, sizeof *group);
    if (group != NULL) {
        struct p2i_join_group **bucket = bucket_of(exchanges, key);
        group->key = key;
        group->next = *bucket;
        *bucket = group;
        exchanges->group_count++;
        exchanges->bytes += sizeof *group + BLOCK_HEAD;
    }
    return group;
}

static void use(struct p2i_join_group *group)
{
    if (group != NULL) {
        group->users++;
    }
}

/* Forgets a group that nobody uses any more; NULL is fine. Of a session, drop_flow() has freed the
 * login. */
static void release(struct p2i_exchanges *exchanges, struct p2i_join_group *group)
{
    if (group == NULL || --group->users > 0) {
        return;
    }
    struct p2i_join_group **at = bucket_of(exchanges, group->key);
    while (*at != group) {
        at = &(*at)->next;
    }
    *at = group->next;
    exchanges->group_count--;
    exchanges->bytes -= sizeof *group + BLOCK_HEAD;
    free(group);
}

void p2i_exchanges_wait(struct p2i_held *held)
{
    struct p2i_join_group *group = held->group;
    held->waits = true;
    held->before = group->last;
    held->behind = NULL;
    *(group->last != NULL ? &group->last->behind : &group->first) = held;
    group->last = held;
}

void p2i_exchanges_settle(struct p2i_held *held)
{
    struct p2i_join_group *group = held->group;
    if (!held->waits) {
        return;
    }
    held->waits = false;
    *(held->before != NULL ? &held->before->behind : &group->first) = held->behind;
    *(held->behind != NULL ? &held->behind->before : &group->last) = held->before;
}

void p2i_exchanges_close(struct p2i_exchanges *exchanges, struct p2i_held *held)
{
    struct p2i_join_group *group = held->group;
    if (group == NULL) {
        return;
    }
    p2i_exchanges_settle(held);
    if (group->latest == held) {
        group->latest = NULL;
    }
    held->group = NULL;
    release(exchanges, group);
}

/* ---- Exchanges ---- */

static void charge(struct p2i_exchanges *exchanges, struct p2i_held *held)
{
    uint32_t bytes = (uint32_t)sizeof *held + held->login_size + held->host_size +
                     held->request_size + held->answer_size + 3 * BLOCK_HEAD;
    exchanges->bytes += bytes;
    exchanges->bytes -= held->charged;
    held->charged = bytes;
}

/* Replaces a text by several, one behind the other. False: out of memory. */
static bool keep_text(uint8_t **text, const struct p2i_view *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += parts[i].size;
    }
    uint8_t *all = malloc(size + 1);
    if (all == NULL) {
        return false;
    }
    uint8_t *at = all;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            memcpy(at, parts[i].data, parts[i].size);
        }
        at += parts[i].size;
    }
    free(*text);
    *text = all;
    return true;
}

/* Keeps what was asked. */
static bool keep_asked(struct p2i_held *held, struct p2i_view login, struct p2i_view host,
                       struct p2i_view request)
{
    const struct p2i_view parts[] = {login, host, request};
    if (login.size + host.size + request.size > 0 && !keep_text(&held->asked, parts, 3)) {
        return false;
    }
    held->login_size = (uint32_t)login.size;
    held->host_size = (uint32_t)host.size;
    held->request_size = (uint32_t)request.size;
    return true;
}

/* Adds an answer behind those that it has. */
static bool keep_answer(struct p2i_held *held, struct p2i_view answer)
{
    const struct p2i_view parts[] = {p2i_view_of(held->answer, held->answer_size),
                                     held->answer_size > 0 ? P2I_VIEW(", ") : P2I_VIEW(""), answer};
    if (answer.size == 0 || held->answer_size > ANSWER_MOST) {
        return true;
    }
    if (!keep_text(&held->answer, parts, 3)) {
        return false;
    }
    held->answer_size = (uint32_t)(parts[0].size + parts[1].size + answer.size);
    return true;
}

static struct p2i_view login_of(const struct p2i_held *held)
{
    return p2i_view_of(held->asked, held->login_size);
}

static struct p2i_view host_of(const struct p2i_held *held)
{
    return held->host_size > 0 ? p2i_view_of(held->asked + held->login_size, held->host_size)
                               : p2i_view_of(NULL, 0);
}

static struct p2i_view request_of(const struct p2i_held *held)
{
    return held->request_size > 0
               ? p2i_view_of(held->asked + held->login_size + held->host_size, held->request_size)
               : p2i_view_of(NULL, 0);
}

static struct p2i_view or_else(struct p2i_view first, struct p2i_view second)
{
    return first.size > 0 ? first : second;
}

static void keep_address(uint8_t *out, uint8_t *size, struct p2i_view address)
{
    if (*size == 0 && address.size <= 16 && address.size > 0) {
        memcpy(out, address.data, address.size);
        *size = (uint8_t)address.size;
    }
}

static void keep_ends(struct p2i_held *held, const struct p2i_half *half)
{
    keep_address(held->client, &held->client_size, half->client);
    keep_address(held->server, &held->server_size, half->server);
    held->client_port = held->client_port != 0 ? held->client_port : half->client_port;
    held->server_port = held->server_port != 0 ? held->server_port : half->server_port;
}

static void keep_time(struct p2i_held *held, const struct p2i_half *half)
{
    bool reply = half->role == HALF_REPLY || half->role == HALF_PROVISIONAL;
    if (reply && !held->has_reply) {
        held->reply_ns = half->time_ns;
        held->reply_exact = half->exact;
    } else if (!reply && !held->has_request) {
        held->request_ns = half->time_ns;
        held->request_exact = half->exact;
    }
    held->has_reply = held->has_reply || half->role == HALF_REPLY;
    held->has_request = held->has_request || !reply;
}

/* The name that was asked for stays; of the records of a DNS response the last says the type,
 * because a CNAME stands before what was asked for. */
bool p2i_exchanges_extend(struct p2i_exchanges *exchanges, struct p2i_held *held,
                          const struct p2i_half *half)
{
    bool request = half->role == HALF_REQUEST;
    bool type = !request && !held->has_request && half->request.size > 0;
    struct p2i_view text = type ? half->request : or_else(request_of(held), half->request);
    if (!keep_asked(held, or_else(login_of(held), half->login), or_else(host_of(held), half->host),
                    text) ||
        !keep_answer(held, half->answer)) {
        return false;
    }
    held->matches = held->matches || half->matches;
    keep_ends(held, half);
    keep_time(held, half);
    held->status = half->status >= 0 ? half->status : held->status;
    charge(exchanges, held);
    return true;
}

struct p2i_held *p2i_exchanges_add(struct p2i_exchanges *exchanges, const struct p2i_half *half,
                                   uint64_t session)
{
    struct p2i_held *held = calloc(1, sizeof *held);
    struct p2i_join_group *group = p2i_exchanges_group(exchanges, half->key, true);
    struct p2i_join_group *of_session = p2i_exchanges_group(exchanges, session, true);
    use(group);
    use(of_session);
    if (held == NULL || group == NULL || of_session == NULL) {
        release(exchanges, of_session);
        release(exchanges, group);
        free(held);
        return NULL;
    }
    held->kind = half->kind;
    held->status = -1;
    held->group = group;
    held->session = of_session;
    of_session->id = half->session;
    group->latest = held;
    *(exchanges->last != NULL ? &exchanges->last->next : &exchanges->first) = held;
    exchanges->last = held;
    return p2i_exchanges_extend(exchanges, held, half) ? held : NULL;
}

bool p2i_exchanges_add_flow(struct p2i_exchanges *exchanges, const struct p2i_half *half,
                            uint64_t session)
{
    struct p2i_join_group *group = p2i_exchanges_group(exchanges, session, true);
    if (group == NULL) {
        return false;
    }
    if (!group->has_flow) {
        group->has_flow = true;
        group->users++;
        *(exchanges->newest_flow != NULL ? &exchanges->newest_flow->newer_flow
                                         : &exchanges->oldest_flow) = group;
        exchanges->newest_flow = group;
    }
    group->bytes += half->bytes;
    group->packets += half->packets;
    if (group->login != NULL || half->login.size == 0) {
        return true;
    }
    group->login_size = (uint32_t)half->login.size;
    exchanges->bytes += half->login.size + BLOCK_HEAD;
    return keep_text(&group->login, &half->login, 1);
}

void p2i_exchanges_show(const struct p2i_held *held, struct p2i_exchange *out)
{
    const struct p2i_join_group *session = held->session;
    bool exact = held->request_exact && held->reply_exact && held->has_request && held->has_reply &&
                 held->reply_ns >= held->request_ns;
    *out = (struct p2i_exchange){
        .kind = held->kind,
        .time_ns = held->has_request ? held->request_ns : held->reply_ns,
        .exact = held->has_request ? held->request_exact : held->reply_exact,
        .latency_ns = exact ? (int64_t)(held->reply_ns - held->request_ns) : -1,
        .client = p2i_view_of(held->client, held->client_size),
        .server = p2i_view_of(held->server, held->server_size),
        .client_port = held->client_port,
        .server_port = held->server_port,
        .login = or_else(login_of(held), p2i_view_of(session->login, session->login_size)),
        .host = host_of(held),
        .request = request_of(held),
        .status = held->status,
        .answer = p2i_view_of(held->answer, held->answer_size),
        .session = session->id,
        .has_flow = session->has_flow,
        .bytes = session->bytes,
        .packets = session->packets,
    };
}

static void drop_flow(struct p2i_exchanges *exchanges)
{
    struct p2i_join_group *group = exchanges->oldest_flow;
    exchanges->oldest_flow = group->newer_flow;
    if (exchanges->oldest_flow == NULL) {
        exchanges->newest_flow = NULL;
    }
    group->has_flow = false;
    exchanges->bytes -= group->login != NULL ? group->login_size + BLOCK_HEAD : 0;
    free(group->login);
    group->login = NULL;
    release(exchanges, group);
}

void p2i_exchanges_drop(struct p2i_exchanges *exchanges)
{
    struct p2i_held *held = exchanges->first;
    if (held == NULL) {
        if (exchanges->oldest_flow != NULL) {
            drop_flow(exchanges);
        }
        return;
    }
    p2i_exchanges_close(exchanges, held);
    exchanges->first = held->next;
    exchanges->last = held->next != NULL ? exchanges->last : NULL;
    release(exchanges, held->session);
    exchanges->bytes -= held->charged;
    free(held->answer);
    free(held->asked);
    free(held);
}

void p2i_exchanges_free(struct p2i_exchanges *exchanges)
{
    while (exchanges->first != NULL || exchanges->oldest_flow != NULL) {
        p2i_exchanges_drop(exchanges);
    }
    free(exchanges->buckets);
    *exchanges = (struct p2i_exchanges){0};
}
