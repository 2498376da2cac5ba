/* SPDX-License-Identifier: MIT */
/* Only records are kept, not the bounds and times of their messages, which depend on the other
 * records of the file. */
#include "pcap2ipfix/merge.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"
#include "export/merge_points.h"
#include "export/merge_templates.h"
#include "export/sorter.h"
#include "ipfix/file_options.h"
#include "ipfix/message.h"
#include "ipfix/reader_raw.h"
#include "ipfix/record_time.h"
#include "ipfix/type_records.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/fields.h"
#include "record/table.h"

enum {
    SESSION_ID = 2000,
    ELEMENT_ID = 303,
    ELEMENT_NAME = 341,
    ELEMENT_PEN = 346,
    TYPES_MAX = 16384,
    CHAINS = 4096,
    NONE = -1,
};

/* A type record (RFC 5610) of an element that is not in our tables. */
struct type {
    uint32_t template; /* of those in `templates` */
    uint64_t hash;
    int32_t next;
    struct p2i_buffer bytes;
};

/* Records with the same key, for `unique`. */
struct group {
    struct p2i_sort_key key;
    struct p2i_buffer bytes;
    struct member {
        uint64_t hash;
        size_t offset, size;
        uint32_t tag;
        uint32_t next; /* number of the next member from 1; 0: the last */
    } * members;
    size_t count, capacity;
    uint32_t chains[CHAINS]; /* numbers of members */
    uint64_t seed;           /* of the hashes; a secret */
};

struct p2i_merge {
    struct p2i_sorter *sorter;
    struct p2i_messages *messages;
    struct p2i_merge_settings settings;
    p2i_merge_take *take; /* of p2i_merge_write() */
    void *take_context;
    struct p2i_merge_templates *templates;
    struct type *types;
    size_t type_count;
    int32_t type_chains[CHAINS];
    uint64_t seed; /* of the hashes of types; a secret */
    struct group group;
    struct p2i_merge_points points;
    bool borrowed; /* the files have type records of the elements of extended records */
    uint64_t options_left;
    uint32_t latest_s; /* largest export time so far */
};

static struct p2i_view view_of(const struct p2i_buffer *buffer)
{
    return p2i_view_of(buffer->data, buffer->size);
}

static bool copy_bytes(struct p2i_buffer *to, struct p2i_view bytes)
{
    if (!p2i_buffer_reserve(to, bytes.size)) {
        return false;
    }
    if (bytes.size > 0) {
        memcpy(to->data + to->size, bytes.data, bytes.size);
        to->size += bytes.size;
    }
    return true;
}

static bool is_stopped(const struct p2i_merge *merge)
{
    return merge->settings.is_stopped != NULL &&
           merge->settings.is_stopped(merge->settings.context);
}

static enum p2i_result take_message(void *context, struct p2i_view message, struct p2i_error *error)
{
    const struct p2i_merge *merge = context;
    return merge->take(merge->take_context, message, error);
}

enum p2i_result p2i_merge_new(struct p2i_merge **merge, const struct p2i_merge_settings *settings,
                              struct p2i_error *error)
{
    static const struct p2i_ipfix_settings messages = {.message_limit = UINT16_MAX};
    *merge = NULL;
    struct p2i_merge *all = calloc(1, sizeof *all);
    if (all == NULL) {
        return p2i_fail_memory(error);
    }
    memset(all->type_chains, NONE, sizeof all->type_chains); /* every byte of it is 0xff */
    all->seed = all->group.seed = p2i_hash_secret();
    bool known = settings->struct_size >= sizeof *settings;
    memcpy(&all->settings, settings, known ? sizeof *settings : settings->struct_size);
    all->sorter = p2i_sorter_new(all->settings.memory_bytes, all->settings.folder);
    all->messages =
        p2i_messages_new(&messages, (struct p2i_message_receiver){take_message, all, NULL});
    all->templates = p2i_merge_templates_new();
    if (all->sorter == NULL || all->messages == NULL || all->templates == NULL) {
        p2i_merge_free(all);
        return p2i_fail_memory(error);
    }
    *merge = all;
    return P2I_OK;
}

static const struct p2i_value *find_value(const struct p2i_read_record *record, uint32_t pen,
                                          uint16_t id)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].pen == pen && record->values[i].id == id) {
            return &record->values[i];
        }
    }
    return NULL;
}

/* A type record of ours; all of those are written again, of borrowed elements if one comes. */
static bool is_known(struct p2i_merge *merge, const struct p2i_read_record *record)
{
    const struct p2i_value *id = find_value(record, 0, ELEMENT_ID);
    const struct p2i_value *pen = find_value(record, 0, ELEMENT_PEN);
    uint64_t pen_number = pen != NULL ? p2i_value_number(p2i_view_of(pen->data, pen->size)) : 0;
    uint64_t id_number = p2i_value_number(p2i_view_of(id->data, id->size)) & 0x7fff;
    const struct p2i_element *element = p2i_element_find((uint32_t)pen_number, (uint16_t)id_number);
    merge->borrowed |= element != NULL && p2i_element_is_borrowed(element);
    return element != NULL;
}

/* Keeps each type record once. */
static enum p2i_result keep_type(struct p2i_merge *merge, struct type *type, struct p2i_view bytes,
                                 struct p2i_error *error)
{
    int32_t *chain = &merge->type_chains[type->hash % CHAINS];
    for (int32_t i = *chain; i != NONE; i = merge->types[i].next) {
        const struct type *known = &merge->types[i];
        if (known->template == type->template && p2i_view_equals(view_of(&known->bytes), bytes)) {
            return P2I_OK;
        }
    }
    if (merge->type_count == TYPES_MAX) {
        return p2i_fail(error, P2I_INTERNAL, "more than %d different type records", TYPES_MAX);
    }
    struct type *types = realloc(merge->types, (merge->type_count + 1) * sizeof *types);
    merge->types = types != NULL ? types : merge->types;
    if (types == NULL || !copy_bytes(&type->bytes, bytes)) {
        return p2i_fail_memory(error);
    }
    type->next = *chain;
    *chain = (int32_t)merge->type_count;
    types[merge->type_count++] = *type;
    return P2I_OK;
}

/* Keeps type records and the captures of extended records; other options records describe the
 * process or file that they come from. */
static enum p2i_result add_options(struct p2i_merge *merge, const struct p2i_read_record *record,
                                   const struct p2i_raw_record *raw, struct p2i_error *error)
{
    struct type type = {.hash = p2i_mix_bytes(merge->seed, raw->bytes)};
    if (p2i_is_observation_point(record)) {
        return p2i_merge_points_keep(&merge->points, merge->templates, record, raw, error);
    }
    if (find_value(record, 0, ELEMENT_ID) == NULL || find_value(record, 0, ELEMENT_NAME) == NULL) {
        merge->options_left += !p2i_describes_its_file(record);
        return P2I_OK;
    }
    if (!merge->settings.element_types || is_known(merge, record)) {
        return P2I_OK;
    }
    enum p2i_result result =
        p2i_merge_templates_number(merge->templates, raw, &type.template, error);
    return result == P2I_OK ? keep_type(merge, &type, raw->bytes, error) : result;
}

static enum p2i_result add_record(struct p2i_merge *merge, const struct p2i_read_record *record,
                                  const struct p2i_raw_record *raw, struct p2i_error *error)
{
    struct p2i_time_span times = p2i_record_times(record);
    const struct p2i_value *session = find_value(record, P2I_PEN, SESSION_ID);
    struct p2i_view bytes;
    uint32_t tag = 0;
    if (!times.known) {
        return p2i_fail(error, P2I_USAGE,
                        "records of template %u in domain %u have no time to sort by",
                        record->template_id, record->domain);
    }
    enum p2i_result result = p2i_merge_templates_take(merge->templates, raw, &tag, &bytes, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_sort_key key = {
        .time_s = times.last_s,
        .session_id =
            session != NULL ? p2i_value_number(p2i_view_of(session->data, session->size)) : 0,
        .domain = record->domain,
    };
    struct p2i_merge_template *template =
        p2i_merge_templates_at(merge->templates, p2i_merge_templates_of_tag(tag));
    template->used = true;
    template->ours |= session != NULL;
    return p2i_sorter_add(merge->sorter, &key, tag, bytes, error);
}

/* Options records describe the others, so none is left out. */
static enum p2i_result add_wanted(struct p2i_merge *merge, const struct p2i_reader *reader,
                                  const struct p2i_read_record *record, struct p2i_error *error)
{
    const struct p2i_merge_settings *settings = &merge->settings;
    bool wanted = true;
    if (settings->select != NULL && !record->options) {
        enum p2i_result result =
            settings->select(settings->context, reader, record, &wanted, error);
        if (result != P2I_OK || !wanted) {
            return result;
        }
    }
    struct p2i_raw_record raw = p2i_reader_raw(reader);
    merge->latest_s = raw.export_time_s > merge->latest_s ? raw.export_time_s : merge->latest_s;
    return record->options ? add_options(merge, record, &raw, error)
                           : add_record(merge, record, &raw, error);
}

enum p2i_result p2i_merge_add(struct p2i_merge *merge, struct p2i_reader *reader,
                              struct p2i_error *error)
{
    struct p2i_read_record record;
    enum p2i_result result = P2I_OK;
    p2i_merge_templates_next_file(merge->templates);
    while (result == P2I_OK && !is_stopped(merge)) {
        result = p2i_reader_next(reader, &record, error);
        if (result == P2I_OK) {
            result = add_wanted(merge, reader, &record, error);
        }
    }
    return result == P2I_END ? P2I_OK : result;
}

/* Whether records of ours, or only any records, are written in a domain. */
static bool has_records(const struct p2i_merge *merge, uint32_t domain, bool ours)
{
    for (size_t i = 0; i < p2i_merge_templates_count(merge->templates); i++) {
        const struct p2i_merge_template *template = p2i_merge_templates_at(merge->templates, i);
        if (template->domain == domain && template->used && (template->ours || !ours)) {
            return true;
        }
    }
    return false;
}

/* Writes our type records as pcap2ipfix does, before its records. */
static enum p2i_result put_our_types(struct p2i_merge *merge, uint32_t domain, uint32_t time_s,
                                     struct p2i_error *error)
{
    uint16_t id = 0;
    size_t count;
    const struct p2i_element *elements = p2i_elements(&count);
    enum p2i_result result = p2i_messages_define(merge->messages, domain, P2I_SET_OPTIONS_TEMPLATES,
                                                 p2i_type_template(), time_s, &id, error);
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        bool borrowed = p2i_element_is_borrowed(&elements[i]);
        if (elements[i].pen != 0 && (!borrowed || merge->borrowed)) {
            uint8_t record[P2I_TYPE_RECORD_MAX];
            struct p2i_view bytes = p2i_view_of(record, p2i_type_record(&elements[i], record));
            result = p2i_messages_add_raw(merge->messages, domain, id, bytes, time_s, error);
        }
    }
    return result;
}

static enum p2i_result put_domain_types(struct p2i_merge *merge, uint32_t domain, uint32_t time_s,
                                        struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (has_records(merge, domain, true)) {
        result = put_our_types(merge, domain, time_s, error);
    }
    for (size_t i = 0; i < merge->type_count && result == P2I_OK; i++) {
        const struct type *type = &merge->types[i];
        if (p2i_merge_templates_at(merge->templates, type->template)->domain == domain &&
            has_records(merge, domain, false)) {
            result = p2i_merge_templates_put(merge->templates, merge->messages, type->template,
                                             view_of(&type->bytes), time_s, error);
        }
    }
    return result;
}

/* Sorted by domain, so that the order of files does not matter. */
static enum p2i_result put_types(struct p2i_merge *merge, uint32_t time_s, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    uint64_t next = 0;
    while (merge->settings.element_types && result == P2I_OK && next <= UINT32_MAX) {
        uint64_t domain = UINT64_MAX;
        for (size_t i = 0; i < p2i_merge_templates_count(merge->templates); i++) {
            uint64_t of = p2i_merge_templates_at(merge->templates, i)->domain;
            domain = of >= next && of < domain ? of : domain;
        }
        if (domain <= UINT32_MAX) {
            result = put_domain_types(merge, (uint32_t)domain, time_s, error);
        }
        next = domain <= UINT32_MAX ? domain + 1 : domain;
    }
    return result;
}

static bool same_key(const struct p2i_sort_key *a, const struct p2i_sort_key *b)
{
    return a->time_s == b->time_s && a->session_id == b->session_id && a->domain == b->domain;
}

/* Forgets the members. */
static void begin_group(struct group *group, const struct p2i_sort_key *key)
{
    if (group->count < CHAINS) {
        for (size_t i = 0; i < group->count; i++) {
            group->chains[group->members[i].hash % CHAINS] = 0;
        }
    } else {
        memset(group->chains, 0, sizeof group->chains);
    }
    group->key = *key;
    group->count = 0;
    group->bytes.size = 0;
}

static bool has_member(const struct group *group, const struct p2i_sorted *sorted, uint64_t hash)
{
    for (uint32_t number = group->chains[hash % CHAINS]; number != 0;) {
        const struct member *member = &group->members[number - 1];
        if (member->hash == hash && member->tag == sorted->tag &&
            p2i_view_equals(p2i_view_of(group->bytes.data + member->offset, member->size),
                            sorted->bytes)) {
            return true;
        }
        number = member->next;
    }
    return false;
}

/* Whether the group has the record already; otherwise adds it. */
static enum p2i_result note_member(struct group *group, const struct p2i_sorted *sorted,
                                   bool *known, struct p2i_error *error)
{
    uint64_t hash = p2i_mix_bytes(group->seed, sorted->bytes);
    if (!same_key(&group->key, &sorted->key)) {
        begin_group(group, &sorted->key);
    }
    *known = has_member(group, sorted, hash);
    if (*known) {
        return P2I_OK;
    }
    if (group->count == group->capacity) {
        size_t capacity = group->capacity > 0 ? 2 * group->capacity : 64;
        struct member *members = realloc(group->members, capacity * sizeof *members);
        if (members == NULL || capacity > UINT32_MAX) {
            group->members = members != NULL ? members : group->members;
            return p2i_fail_memory(error);
        }
        group->members = members;
        group->capacity = capacity;
    }
    uint32_t *chain = &group->chains[hash % CHAINS];
    group->members[group->count++] = (struct member){.hash = hash,
                                                     .offset = group->bytes.size,
                                                     .size = sorted->bytes.size,
                                                     .tag = sorted->tag,
                                                     .next = *chain};
    *chain = (uint32_t)group->count;
    return copy_bytes(&group->bytes, sorted->bytes) ? P2I_OK : p2i_fail_memory(error);
}

static enum p2i_result put_records(struct p2i_merge *merge, struct p2i_error *error)
{
    struct p2i_sorted sorted;
    enum p2i_result result = p2i_sorter_next(merge->sorter, &sorted, error);
    if (result == P2I_OK) {
        result = put_types(merge, (uint32_t)sorted.key.time_s, error);
    }
    while (result == P2I_OK && !is_stopped(merge)) {
        bool known = false;
        if (merge->settings.unique) {
            result = note_member(&merge->group, &sorted, &known, error);
        }
        if (result == P2I_OK && !known) {
            result = p2i_merge_templates_put(merge->templates, merge->messages, sorted.tag,
                                             sorted.bytes, (uint32_t)sorted.key.time_s, error);
        }
        if (result == P2I_OK) {
            result = p2i_sorter_next(merge->sorter, &sorted, error);
        }
    }
    return result == P2I_END ? P2I_OK : result;
}

enum p2i_result p2i_merge_write(struct p2i_merge *merge, p2i_merge_take *take, void *context,
                                struct p2i_error *error)
{
    merge->take = take;
    merge->take_context = context;
    enum p2i_result result = put_records(merge, error);
    if (result == P2I_OK && is_stopped(merge)) {
        return p2i_fail(error, P2I_OUTPUT, "incomplete: interrupted");
    }
    if (result == P2I_OK) {
        result = p2i_merge_points_put(&merge->points, merge->templates, merge->messages,
                                      merge->latest_s, error);
    }
    return result == P2I_OK ? p2i_messages_flush(merge->messages, merge->latest_s, error) : result;
}

bool p2i_merge_has_records(const struct p2i_merge *merge)
{
    for (size_t i = 0; i < p2i_merge_templates_count(merge->templates); i++) {
        if (p2i_merge_templates_at(merge->templates, i)->used) {
            return true;
        }
    }
    return false;
}

uint64_t p2i_merge_options_left(const struct p2i_merge *merge)
{
    return merge->options_left;
}

void p2i_merge_free(struct p2i_merge *merge)
{
    if (merge == NULL) {
        return;
    }
    for (size_t i = 0; i < merge->type_count; i++) {
        p2i_buffer_free(&merge->types[i].bytes);
    }
    p2i_merge_points_free(&merge->points);
    p2i_buffer_free(&merge->group.bytes);
    free(merge->group.members);
    p2i_merge_templates_free(merge->templates);
    free(merge->types);
    p2i_sorter_free(merge->sorter);
    p2i_messages_free(merge->messages);
    free(merge);
}
