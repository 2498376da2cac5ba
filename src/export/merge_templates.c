/* SPDX-License-Identifier: MIT */
/* Template ids of the output are known only when it is written. Until then a list (RFC 6313) has
 * the number of its template in place of the id, and the places of these numbers are appended to
 * the record. */
#include "export/merge_templates.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"
#include "base/put.h"
#include "ipfix/lists.h"
#include "ipfix/relay.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/values.h"

enum {
    CHAINS = 4096,
    SOURCES = 1024,
    DOMAINS = 16,
    NONE = -1,
    BYTES_MAX = 64 * 1024 * 1024, /* of template records */
};
#define HAS_LISTS UINT32_C(0x80000000) /* in a tag: places are appended to the record */

/* Number of a template of the current file. */
struct source {
    uint64_t serial; /* 0: none */
    uint32_t number;
};

struct p2i_merge_templates {
    struct p2i_merge_template *templates;
    size_t count, bytes;
    uint64_t seed; /* of the hashes; a secret */
    int32_t chains[CHAINS];
    struct source sources[SOURCES]; /* recently used ones */
    struct swept {
        uint32_t domain;
        uint64_t serial; /* templates of the file up to this one are all kept */
    } swept[DOMAINS];
    struct p2i_buffer record; /* as it is kept, or as it is written */
};

struct p2i_merge_templates *p2i_merge_templates_new(void)
{
    struct p2i_merge_templates *all = calloc(1, sizeof *all);
    if (all != NULL) {
        memset(all->chains, NONE, sizeof all->chains); /* every byte of it is 0xff */
        all->seed = p2i_hash_secret();
    }
    return all;
}

void p2i_merge_templates_free(struct p2i_merge_templates *all)
{
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        p2i_buffer_free(&all->templates[i].record);
    }
    if (all != NULL) {
        p2i_buffer_free(&all->record);
        free(all->templates);
    }
    free(all);
}

void p2i_merge_templates_next_file(struct p2i_merge_templates *all)
{
    memset(all->sources, 0, sizeof all->sources);
    memset(all->swept, 0, sizeof all->swept);
}

size_t p2i_merge_templates_count(const struct p2i_merge_templates *all)
{
    return all->count;
}

struct p2i_merge_template *p2i_merge_templates_at(const struct p2i_merge_templates *all,
                                                  size_t number)
{
    return &all->templates[number];
}

static struct p2i_view view_of(const struct p2i_buffer *buffer)
{
    return p2i_view_of(buffer->data, buffer->size);
}

/* The template equal to a template record. A new one takes the record over. */
static enum p2i_result find(struct p2i_merge_templates *all, uint32_t domain, uint16_t set_id,
                            struct p2i_buffer *record, uint32_t *number, struct p2i_error *error)
{
    struct p2i_view bytes = view_of(record);
    int32_t *chain =
        &all->chains[p2i_mix_bytes(p2i_mix(all->seed, domain ^ set_id), bytes) % CHAINS];
    for (int32_t i = *chain; i != NONE; i = all->templates[i].next) {
        const struct p2i_merge_template *known = &all->templates[i];
        if (known->domain == domain && known->set_id == set_id &&
            p2i_view_equals(view_of(&known->record), bytes)) {
            *number = (uint32_t)i;
            return P2I_OK;
        }
    }
    if (all->count == P2I_MERGE_TEMPLATES_MAX || all->bytes + record->size > BYTES_MAX) {
        return p2i_fail(error, P2I_INTERNAL, "more than %d different templates, or %d MiB of them",
                        P2I_MERGE_TEMPLATES_MAX, BYTES_MAX >> 20);
    }
    struct p2i_merge_template *templates =
        realloc(all->templates, (all->count + 1) * sizeof *templates);
    if (templates == NULL) {
        return p2i_fail_memory(error);
    }
    all->templates = templates;
    all->bytes += record->size;
    templates[all->count] = (struct p2i_merge_template){
        .domain = domain, .set_id = set_id, .next = *chain, .record = *record};
    *record = (struct p2i_buffer){0};
    *chain = (int32_t)all->count;
    *number = (uint32_t)all->count++;
    return P2I_OK;
}

static enum p2i_result number_of(struct p2i_merge_templates *all, const struct p2i_raw_record *raw,
                                 const struct p2i_read_template *template, uint32_t *number,
                                 struct p2i_error *error)
{
    struct source *source = &all->sources[template->serial % SOURCES];
    if (source->serial == template->serial) {
        *number = source->number;
        return P2I_OK;
    }
    struct p2i_buffer record = {0};
    *number = 0;
    uint16_t set_id = template->options ? P2I_SET_OPTIONS_TEMPLATES : P2I_SET_TEMPLATES;
    enum p2i_result result = p2i_template_record(&record, template)
                                 ? find(all, raw->domain, set_id, &record, number, error)
                                 : p2i_fail_memory(error);
    p2i_buffer_free(&record);
    if (result == P2I_OK) {
        *source = (struct source){.serial = template->serial, .number = *number};
        all->templates[*number].opaque |= template->opaque;
    }
    return result;
}

enum p2i_result p2i_merge_templates_number(struct p2i_merge_templates *all,
                                           const struct p2i_raw_record *raw, uint32_t *number,
                                           struct p2i_error *error)
{
    return number_of(all, raw, raw->template, number, error);
}

/* Keeps new templates of the domain, since the record may use any of them. */
static enum p2i_result keep_domain(struct p2i_merge_templates *all,
                                   const struct p2i_raw_record *raw, struct p2i_error *error)
{
    struct swept *swept = &all->swept[raw->domain % DOMAINS];
    uint64_t done = swept->domain == raw->domain ? swept->serial : 0;
    struct p2i_template_list list;
    if (done == raw->serial) {
        return P2I_OK;
    }
    if (!p2i_templates_since(raw->templates, done, &list)) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < list.count && result == P2I_OK; i++) {
        uint32_t number;
        result = number_of(all, raw, list.templates[i], &number, error);
    }
    free(list.templates);
    if (result == P2I_OK) {
        *swept = (struct swept){.domain = raw->domain, .serial = raw->serial};
    }
    return result;
}

/* Lists of a record during p2i_merge_templates_take(). */
struct taking {
    struct p2i_merge_templates *all;
    const struct p2i_raw_record *raw;
    struct p2i_error *error;
    enum p2i_result result;
    size_t count; /* of places, appended to the record */
};

/* An undefined template keeps its id. */
static enum p2i_result number_of_undefined(struct p2i_merge_templates *all, uint32_t domain,
                                           uint16_t id, uint32_t *number, struct p2i_error *error)
{
    struct p2i_buffer record = {0};
    uint8_t bytes[2];
    (void)p2i_put16(bytes, id);
    enum p2i_result result = p2i_append(&record, p2i_view_of(bytes, sizeof bytes))
                                 ? find(all, domain, 0, &record, number, error)
                                 : p2i_fail_memory(error);
    p2i_buffer_free(&record);
    return result;
}

static const struct p2i_read_template *take_list(void *context, const uint8_t *id)
{
    struct taking *taking = context;
    struct p2i_merge_templates *all = taking->all;
    const struct p2i_raw_record *raw = taking->raw;
    size_t place = (size_t)(id - raw->bytes.data);
    uint8_t bytes[2];
    uint32_t number = 0;
    if (taking->result != P2I_OK) {
        return NULL;
    }
    const struct p2i_read_template *template =
        p2i_templates_find(raw->templates, p2i_load_be16(id));
    if (template == NULL) {
        taking->result =
            number_of_undefined(all, raw->domain, p2i_load_be16(id), &number, taking->error);
    } else {
        taking->result = number_of(all, raw, template, &number, taking->error);
    }
    if (template != NULL && template->opaque && taking->result == P2I_OK) {
        taking->result = keep_domain(all, raw, taking->error);
    }
    (void)p2i_put16(bytes, (uint16_t)place);
    if (taking->result == P2I_OK && !p2i_append(&all->record, p2i_view_of(bytes, sizeof bytes))) {
        taking->result = p2i_fail_memory(taking->error);
    }
    if (taking->result != P2I_OK) {
        return NULL;
    }
    (void)p2i_put16(all->record.data + place, (uint16_t)number);
    taking->count++;
    return template;
}

static enum p2i_result take_lists(struct p2i_merge_templates *all, const struct p2i_raw_record *raw,
                                  struct p2i_error *error)
{
    struct taking taking = {.all = all, .raw = raw, .error = error};
    const struct p2i_list_visitor visitor = {take_list, NULL, &taking, raw->names};
    uint8_t count[2];
    all->record.size = 0;
    if (!p2i_append(&all->record, raw->bytes)) {
        return p2i_fail_memory(error);
    }
    p2i_lists_walk(&visitor, raw->template, raw->bytes);
    (void)p2i_put16(count, (uint16_t)taking.count);
    if (taking.result == P2I_OK && !p2i_append(&all->record, p2i_view_of(count, sizeof count))) {
        return p2i_fail_memory(error);
    }
    return taking.result;
}

enum p2i_result p2i_merge_templates_take(struct p2i_merge_templates *all,
                                         const struct p2i_raw_record *raw, uint32_t *tag,
                                         struct p2i_view *bytes, struct p2i_error *error)
{
    *bytes = raw->bytes;
    enum p2i_result result = number_of(all, raw, raw->template, tag, error);
    if (result == P2I_OK && raw->template->opaque) {
        result = keep_domain(all, raw, error);
    }
    if (result == P2I_OK && raw->template->lists) {
        result = take_lists(all, raw, error);
        *bytes = view_of(&all->record);
        *tag |= HAS_LISTS;
    }
    return result;
}

uint32_t p2i_merge_templates_of_tag(uint32_t tag)
{
    return tag & ~HAS_LISTS;
}

static enum p2i_result define_one(struct p2i_merge_template *template,
                                  struct p2i_messages *messages, uint32_t time_s,
                                  struct p2i_error *error)
{
    return template->id != 0 || template->set_id == 0
               ? P2I_OK
               : p2i_messages_define(messages, template->domain, template->set_id,
                                     view_of(&template->record), time_s, &template->id, error);
}

/* Writes a template and all that its records may use, so that merging the output again does not
 * change it. */
static enum p2i_result define(struct p2i_merge_templates *all, struct p2i_merge_template *template,
                              struct p2i_messages *messages, uint32_t time_s,
                              struct p2i_error *error)
{
    bool first = template->id == 0;
    enum p2i_result result = define_one(template, messages, time_s, error);
    for (size_t i = 0; first && template->opaque && i < all->count && result == P2I_OK; i++) {
        struct p2i_merge_template *other = &all->templates[i];
        if (other->domain == template->domain) {
            result = define_one(other, messages, time_s, error);
        }
    }
    return result;
}

/* Replaces numbers by ids. A list of an undefined template must not get the id of another one. */
static enum p2i_result put_ids(struct p2i_merge_templates *all, struct p2i_messages *messages,
                               size_t *record_size, uint32_t time_s, struct p2i_error *error)
{
    uint8_t *bytes = all->record.data;
    size_t end = all->record.size - 2;
    size_t count = p2i_load_be16(bytes + end);
    *record_size = end - 2 * count;
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = bytes + p2i_load_be16(bytes + *record_size + 2 * i);
        struct p2i_merge_template *template = &all->templates[p2i_load_be16(at)];
        enum p2i_result result = define(all, template, messages, time_s, error);
        if (result != P2I_OK) {
            return result;
        }
        uint16_t id = template->id;
        if (template->set_id == 0) {
            uint16_t wanted = p2i_load_be16(template->record.data);
            id = p2i_messages_defines(messages, template->domain, wanted) ? 0 : wanted;
        }
        (void)p2i_put16(at, id);
    }
    return P2I_OK;
}

enum p2i_result p2i_merge_templates_put(struct p2i_merge_templates *all,
                                        struct p2i_messages *messages, uint32_t tag,
                                        struct p2i_view bytes, uint32_t time_s,
                                        struct p2i_error *error)
{
    struct p2i_merge_template *template = &all->templates[p2i_merge_templates_of_tag(tag)];
    enum p2i_result result = define(all, template, messages, time_s, error);
    if (result == P2I_OK && (tag & HAS_LISTS) != 0) {
        size_t size = 0;
        all->record.size = 0;
        result = p2i_append(&all->record, bytes) ? put_ids(all, messages, &size, time_s, error)
                                                 : p2i_fail_memory(error);
        bytes = p2i_view_of(all->record.data, size);
    }
    return result == P2I_OK ? p2i_messages_add_raw(messages, template->domain, template->id, bytes,
                                                   time_s, error)
                            : result;
}
