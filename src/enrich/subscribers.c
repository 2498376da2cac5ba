/* SPDX-License-Identifier: MIT */
#include "enrich/subscribers.h"

#define NS_PER_S UINT64_C(1000000000)

static bool take(const struct p2i_binding *binding, struct p2i_subscriber *found)
{
    if (binding == NULL) {
        return false;
    }
    *found = (struct p2i_subscriber){.login = p2i_binding_login(binding)};
    return true;
}

static bool find_end(struct p2i_subscribers *subscribers, const struct p2i_record_facts *facts,
                     const struct p2i_bindings *bindings, const struct p2i_address *end,
                     struct p2i_subscriber *found)
{
    uint64_t before = facts->completed_by;
    uint64_t time_ns = facts->info->time_ns;
    uint8_t version = facts->ip_version;
    if (subscribers->file != NULL &&
        p2i_subscriber_file_find(subscribers->file, &subscribers->memo, end, version,
                                 (uint32_t)(time_ns / NS_PER_S), found)) {
        return true;
    }
    return bindings != NULL && (take(p2i_bindings_find_address(bindings, P2I_BOUND_RADIUS, end,
                                                               version, before, time_ns),
                                     found) ||
                                take(p2i_bindings_find_address(bindings, P2I_BOUND_PPPOE, end,
                                                               version, before, time_ns),
                                     found));
}

bool p2i_subscriber_find(struct p2i_subscribers *subscribers, const struct p2i_record_facts *facts,
                         struct p2i_subscriber *found)
{
    const struct p2i_bindings *bindings = subscribers->bindings;
    if (bindings != NULL && !p2i_bindings_used(bindings)) {
        bindings = NULL;
    }
    if (bindings == NULL && subscribers->file == NULL) {
        return false;
    }
    if (find_end(subscribers, facts, bindings, facts->source, found) ||
        find_end(subscribers, facts, bindings, facts->destination, found)) {
        return true;
    }
    if (bindings == NULL || facts->scope == 0) {
        return false;
    }
    struct p2i_binding_key key = {.words = {facts->scope}, .kind = P2I_BOUND_PPPOE_SESSION};
    return take(p2i_bindings_find(bindings, &key, facts->completed_by, facts->info->time_ns),
                found);
}
