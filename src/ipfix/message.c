/* SPDX-License-Identifier: MIT */
#include "ipfix/message.h"

#include <stdlib.h>

#include "base/counts.h"
#include "base/file_options.h"
#include "base/hash.h"
#include "base/hash_secret.h"
#include "base/put.h"
#include "ipfix/checksum.h"
#include "ipfix/md5.h"
#include "ipfix/type_records.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/fields.h"
#include "record/table.h"

enum {
    TEMPLATE_MAX = 4 + 8 * 40, /* bytes of a template record with P2I_FIELDS_MAX fields */
    TEMPLATE_IDS = 65536,
    BUCKETS = 256,
    /* Limits for templates of other exporters. More than this is treated as hostile: the message is
     * refused. */
    DOMAINS_MAX = 4096,
    DEFINED_BYTES_MAX = 64 * 1024 * 1024,
};

/* A template that p2i_messages_define() was given. */
struct definition {
    struct definition *next;
    uint64_t hash; /* of the record without its id */
    uint16_t id;
    uint16_t set_id;
    size_t size;
    uint8_t record[];
};

/* The definitions of a domain. */
struct definitions {
    struct definition *buckets[BUCKETS]; /* by hash */
    uint64_t seed;                       /* of the hashes; a secret */
    unsigned next_id;                    /* all ids from P2I_SET_DATA_FIRST up to it are taken */
    uint8_t taken[TEMPLATE_IDS / 8];     /* a bit for each id */
};

/* An observation domain, with its open message. */
struct domain {
    uint32_t id;
    uint32_t sequence;     /* data records in its earlier messages (RFC 7011 section 3.1) */
    uint32_t record_count; /* data records in this message */
    uint32_t time_s;       /* of the newest record in this message */
    size_t size;           /* bytes of this message; 0: none is open */
    size_t set;            /* offset of the open set; 0: none is open */
    uint16_t set_id;       /* of the open set */
    bool raw;              /* records come by p2i_messages_add_raw() */
    bool types_sent;
    bool checksum_defined;
    size_t checksum; /* offset of the digest in this message; 0: none */
    bool template_sent[P2I_RECORD_KINDS][2];
    struct definitions *definitions; /* NULL: none so far */
    uint8_t *message;                /* P2I_MESSAGE_MAX bytes */
};

struct p2i_messages {
    struct p2i_ipfix_settings settings;
    struct p2i_message_receiver receiver;
    uint32_t taken_records; /* in the message that the receiver got last */
    size_t defined_bytes;   /* of definitions */
    size_t domain_count;
    size_t last_domain; /* index of the domain used last */
    struct domain *domains;
};

struct p2i_messages *p2i_messages_new(const struct p2i_ipfix_settings *settings,
                                      struct p2i_message_receiver receiver)
{
    struct p2i_messages *messages = calloc(1, sizeof *messages);
    if (messages != NULL) {
        messages->settings = *settings;
        messages->receiver = receiver;
    }
    return messages;
}

static void free_definitions(struct definitions *definitions)
{
    for (size_t i = 0; definitions != NULL && i < BUCKETS; i++) {
        while (definitions->buckets[i] != NULL) {
            struct definition *next = definitions->buckets[i]->next;
            free(definitions->buckets[i]);
            definitions->buckets[i] = next;
        }
    }
    free(definitions);
}

void p2i_messages_free(struct p2i_messages *messages)
{
    if (messages == NULL) {
        return;
    }
    for (size_t i = 0; i < messages->domain_count; i++) {
        free_definitions(messages->domains[i].definitions);
        free(messages->domains[i].message);
    }
    free(messages->domains);
    free(messages);
}

static struct domain *find_domain(struct p2i_messages *messages, uint32_t id)
{
    for (size_t i = 0; i < messages->domain_count; i++) {
        size_t at = (messages->last_domain + i) % messages->domain_count;
        if (messages->domains[at].id == id) {
            messages->last_domain = at;
            return &messages->domains[at];
        }
    }
    return NULL;
}

static enum p2i_result find_or_add_domain(struct p2i_messages *messages, uint32_t id,
                                          struct domain **domain, struct p2i_error *error)
{
    *domain = find_domain(messages, id);
    if (*domain != NULL) {
        return P2I_OK;
    }
    if (messages->domain_count >= DOMAINS_MAX) {
        return p2i_fail(error, P2I_DAMAGED, "more than %d observation domains", DOMAINS_MAX);
    }
    struct domain *domains =
        realloc(messages->domains, (messages->domain_count + 1) * sizeof *domains);
    uint8_t *message = malloc(P2I_MESSAGE_MAX);
    if (domains != NULL) {
        messages->domains = domains;
    }
    if (domains == NULL || message == NULL) {
        free(message);
        return p2i_fail_memory(error);
    }
    *domain = &domains[messages->domain_count++];
    **domain = (struct domain){.id = id, .message = message};
    return P2I_OK;
}

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

static void begin_message(const struct p2i_messages *messages, struct domain *domain)
{
    domain->size = P2I_MESSAGE_HEADER;
    domain->time_s = 0;
    domain->record_count = 0;
    if ((messages->settings.file_options & P2I_FILE_CHECKSUM) != 0) {
        size_t digest_from_end;
        domain->size += p2i_put_checksum(domain->message + domain->size, !domain->checksum_defined,
                                         &digest_from_end);
        domain->checksum = domain->size - digest_from_end;
        domain->checksum_defined = true;
        domain->record_count++;
    }
}

/* Pads data sets of our records to a multiple of 4. Template sets are not padded, because
 * python-ipfix takes the padding for a template; nor are records of other exporters, which may be
 * so short that the padding would be one (RFC 7011 section 3.3.1). */
static bool pads(const struct domain *domain, uint16_t set_id)
{
    return set_id > P2I_SET_OPTIONS_TEMPLATES && !domain->raw;
}

static void close_set(struct domain *domain)
{
    if (domain->set == 0) {
        return;
    }
    size_t size = pads(domain, domain->set_id) ? padded(domain->size) : domain->size;
    memset(domain->message + domain->size, 0, size - domain->size);
    domain->size = size;
    (void)p2i_put16(domain->message + domain->set + 2, (uint16_t)(size - domain->set));
    domain->set = 0;
}

static enum p2i_result give_message(struct p2i_messages *messages, struct domain *domain,
                                    struct p2i_error *error)
{
    close_set(domain);
    struct p2i_view message = p2i_view_of(domain->message, domain->size);
    uint8_t *at = p2i_put16(domain->message, P2I_IPFIX_VERSION);
    at = p2i_put16(at, (uint16_t)message.size);
    at = p2i_put32(at, domain->time_s);
    at = p2i_put32(at, domain->sequence);
    (void)p2i_put32(at, domain->id);
    if (domain->checksum != 0) {
        const struct p2i_view whole[3] = {message};
        if (!p2i_md5(whole, domain->message + domain->checksum)) {
            return p2i_fail(error, P2I_INTERNAL, "MD5 is not allowed by the library for it");
        }
    }
    domain->sequence += domain->record_count;
    domain->size = 0;
    messages->taken_records = domain->record_count;
    return messages->receiver.take(messages->receiver.context, message, error);
}

/* Opens a set `set_id` with room for a record of `size` bytes, in a new message when the open one
 * is too full. */
static enum p2i_result make_room(struct p2i_messages *messages, struct domain *domain,
                                 uint16_t set_id, size_t size, struct p2i_error *error)
{
    bool same = domain->set > 0 && domain->set_id == set_id;
    size_t end = same ? domain->size + size : padded(domain->size) + P2I_SET_HEADER + size;
    if (domain->size > 0 && padded(end) > messages->settings.message_limit) {
        enum p2i_result result = give_message(messages, domain, error);
        if (result != P2I_OK) {
            return result;
        }
        same = false;
    }
    if (domain->size == 0) {
        begin_message(messages, domain);
    }
    size_t room = pads(domain, set_id) ? padded(size) : size;
    if (!same && padded(domain->size) + P2I_SET_HEADER + room > P2I_MESSAGE_MAX) {
        return p2i_fail(error, P2I_INTERNAL, "a record of %zu bytes fits into no message", size);
    }
    if (!same) {
        close_set(domain);
        domain->set = domain->size;
        domain->set_id = set_id;
        (void)p2i_put16(domain->message + domain->size, set_id);
        domain->size += P2I_SET_HEADER;
    }
    return P2I_OK;
}

/* Adds a record of any kind. The message gets the newest time of its records. */
static enum p2i_result add(struct p2i_messages *messages, struct domain *domain, uint16_t set_id,
                           struct p2i_view bytes, uint32_t time_s, struct p2i_error *error)
{
    enum p2i_result result = make_room(messages, domain, set_id, bytes.size, error);
    if (result != P2I_OK) {
        return result;
    }
    memcpy(domain->message + domain->size, bytes.data, bytes.size);
    domain->size += bytes.size;
    domain->record_count += set_id > P2I_SET_OPTIONS_TEMPLATES;
    if (time_s > domain->time_s) {
        domain->time_s = time_s;
    }
    return P2I_OK;
}

static enum p2i_result add_types(struct p2i_messages *messages, struct domain *domain,
                                 uint32_t time_s, struct p2i_error *error)
{
    domain->types_sent = true;
    enum p2i_result result =
        add(messages, domain, P2I_SET_OPTIONS_TEMPLATES, p2i_type_template(), time_s, error);
    size_t count;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        bool borrowed = p2i_element_is_borrowed(&elements[i]);
        if (elements[i].pen != 0 && (!borrowed || messages->settings.form.extended)) {
            uint8_t record[P2I_TYPE_RECORD_MAX];
            size_t size = p2i_type_record(&elements[i], record);
            result = add(messages, domain, P2I_TYPE_TEMPLATE_ID, p2i_view_of(record, size), time_s,
                         error);
        }
    }
    return result;
}

/* Writes the template in front of the records, or gives it to the receiver. Each template has a set
 * of its own. */
static enum p2i_result put_template(struct p2i_messages *messages, struct domain *domain,
                                    uint16_t set_id, struct p2i_view record, uint32_t time_s,
                                    struct p2i_error *error)
{
    const struct p2i_message_receiver *receiver = &messages->receiver;
    if (receiver->define != NULL) {
        return receiver->define(receiver->context, domain->id, set_id, record, error);
    }
    enum p2i_result result = add(messages, domain, set_id, record, time_s, error);
    close_set(domain);
    return result;
}

static uint32_t domain_id(const struct p2i_messages *messages, enum p2i_record_kind kind)
{
    const uint32_t *domains = messages->settings.form.domains;
    return domains != NULL ? domains[kind] : p2i_template_of(kind, 4)->domain;
}

/* RFC 7011 section 3.4.1. */
static enum p2i_result add_template(struct p2i_messages *messages, struct domain *domain,
                                    const struct p2i_template *of, uint32_t time_s,
                                    struct p2i_error *error)
{
    uint8_t record[TEMPLATE_MAX];
    uint8_t *at = p2i_put16(record, of->id);
    at = p2i_put16(at, (uint16_t)of->field_count);
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        if (of->ip_version == 6 && messages->settings.form.ipv6_distinct) {
            element = p2i_element_distinct(element);
        }
        at = p2i_put16(at, (uint16_t)(element->id | (element->pen != 0 ? P2I_ENTERPRISE_BIT : 0)));
        at = p2i_put16(at, of->fields[i].length);
        if (element->pen != 0) {
            at = p2i_put32(at, element->pen);
        }
    }
    return put_template(messages, domain, P2I_SET_TEMPLATES,
                        p2i_view_of(record, (size_t)(at - record)), time_s, error);
}

enum p2i_result p2i_messages_add(struct p2i_messages *messages, const struct p2i_record *record,
                                 struct p2i_error *error)
{
    const struct p2i_template *of = p2i_template_of_record(record);
    struct domain *domain;
    enum p2i_result result =
        find_or_add_domain(messages, domain_id(messages, of->kind), &domain, error);
    if (result != P2I_OK) {
        return result;
    }
    if (messages->settings.element_types && messages->receiver.define == NULL &&
        !domain->types_sent) {
        result = add_types(messages, domain, record->time_s, error);
    }
    bool *sent = &domain->template_sent[of->kind][of->ip_version == 6];
    if (result == P2I_OK && !*sent) {
        *sent = true;
        result = add_template(messages, domain, of, record->time_s, error);
    }
    return result == P2I_OK ? add(messages, domain, of->id, record->bytes, record->time_s, error)
                            : result;
}

/* A template record without its id, to compare templates. */
static struct p2i_view meaning_of(struct p2i_view record)
{
    return p2i_view_from(record, 2);
}

static struct definition **bucket_of(struct definitions *definitions, uint64_t hash)
{
    return &definitions->buckets[hash % BUCKETS];
}

static const struct definition *find_definition(struct definitions *definitions, uint16_t set_id,
                                                uint64_t hash, struct p2i_view record)
{
    const struct definition *at = *bucket_of(definitions, hash);
    while (at != NULL &&
           (at->hash != hash || at->set_id != set_id ||
            !p2i_view_equals(meaning_of(p2i_view_of(at->record, at->size)), meaning_of(record)))) {
        at = at->next;
    }
    return at;
}

static bool is_taken(const struct definitions *definitions, unsigned id)
{
    return (definitions->taken[id / 8] >> id % 8 & 1) != 0;
}

/* Returns `wanted`, or else the first free id; 0: all are taken. */
static uint16_t free_id(struct definitions *definitions, uint16_t wanted)
{
    if (!is_taken(definitions, wanted)) {
        return wanted;
    }
    while (definitions->next_id < TEMPLATE_IDS && is_taken(definitions, definitions->next_id)) {
        definitions->next_id++;
    }
    return definitions->next_id < TEMPLATE_IDS ? (uint16_t)definitions->next_id : 0;
}

/* NULL when out of memory. */
static const struct definition *keep_definition(struct definitions *definitions, uint16_t set_id,
                                                uint16_t id, uint64_t hash, struct p2i_view record)
{
    struct definition *kept = malloc(sizeof *kept + record.size);
    if (kept == NULL) {
        return NULL;
    }
    struct definition **bucket = bucket_of(definitions, hash);
    *kept = (struct definition){
        .next = *bucket, .hash = hash, .id = id, .set_id = set_id, .size = record.size};
    memcpy(kept->record, record.data, record.size);
    (void)p2i_put16(kept->record, id);
    *bucket = kept;
    definitions->taken[id / 8] |= (uint8_t)(1 << id % 8);
    return kept;
}

static struct definitions *definitions_of(struct domain *domain)
{
    if (domain->definitions == NULL) {
        domain->definitions = calloc(1, sizeof *domain->definitions);
        if (domain->definitions != NULL) {
            domain->definitions->next_id = P2I_SET_DATA_FIRST;
            domain->definitions->seed = p2i_hash_secret();
        }
    }
    return domain->definitions;
}

enum p2i_result p2i_messages_define(struct p2i_messages *messages, uint32_t domain_id,
                                    uint16_t set_id, struct p2i_view record, uint32_t time_s,
                                    uint16_t *id, struct p2i_error *error)
{
    struct domain *domain;
    enum p2i_result result = find_or_add_domain(messages, domain_id, &domain, error);
    if (result != P2I_OK) {
        return result;
    }
    struct definitions *definitions = definitions_of(domain);
    if (definitions == NULL) {
        return p2i_fail_memory(error);
    }
    uint64_t hash = p2i_mix_bytes(p2i_mix(definitions->seed, set_id), meaning_of(record));
    const struct definition *known = find_definition(definitions, set_id, hash, record);
    if (known != NULL) {
        *id = known->id;
        return P2I_OK;
    }
    *id = free_id(definitions, p2i_load_be16(record.data));
    if (*id == 0 || messages->defined_bytes + record.size > DEFINED_BYTES_MAX) {
        return p2i_fail(error, P2I_DAMAGED, "too many templates in domain %u", domain_id);
    }
    known = keep_definition(definitions, set_id, *id, hash, record);
    if (known == NULL) {
        return p2i_fail_memory(error);
    }
    messages->defined_bytes += sizeof *known + known->size;
    return put_template(messages, domain, set_id, p2i_view_of(known->record, known->size), time_s,
                        error);
}

bool p2i_messages_defines(const struct p2i_messages *messages, uint32_t domain, uint16_t id)
{
    for (size_t i = 0; i < messages->domain_count; i++) {
        if (messages->domains[i].id == domain) {
            const struct definitions *definitions = messages->domains[i].definitions;
            return definitions != NULL && is_taken(definitions, id);
        }
    }
    return false;
}

enum p2i_result p2i_messages_add_raw(struct p2i_messages *messages, uint32_t domain_id, uint16_t id,
                                     struct p2i_view bytes, uint32_t time_s,
                                     struct p2i_error *error)
{
    struct domain *domain;
    enum p2i_result result = find_or_add_domain(messages, domain_id, &domain, error);
    if (result != P2I_OK) {
        return result;
    }
    domain->raw = true;
    return add(messages, domain, id, bytes, time_s, error);
}

uint32_t p2i_messages_taken(const struct p2i_messages *messages)
{
    return messages->taken_records;
}

size_t p2i_messages_pending(const struct p2i_messages *messages)
{
    size_t size = 0;
    for (size_t i = 0; i < messages->domain_count; i++) {
        size += messages->domains[i].size;
    }
    return size;
}

enum p2i_result p2i_messages_push(struct p2i_messages *messages, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < messages->domain_count && result == P2I_OK; i++) {
        if (messages->domains[i].size > 0) {
            result = give_message(messages, &messages->domains[i], error);
        }
    }
    return result;
}

/* Makes the only message of an output without records. */
static enum p2i_result begin_empty(struct p2i_messages *messages, uint32_t time_s,
                                   struct p2i_error *error)
{
    struct domain *domain;
    enum p2i_result result =
        find_or_add_domain(messages, domain_id(messages, P2I_RECORD_CLICKSTREAM), &domain, error);
    if (result != P2I_OK) {
        return result;
    }
    begin_message(messages, domain);
    domain->time_s = time_s;
    return messages->settings.element_types ? add_types(messages, domain, time_s, error) : P2I_OK;
}

enum p2i_result p2i_messages_flush(struct p2i_messages *messages, uint32_t time_s,
                                   struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (messages->domain_count == 0) {
        result = begin_empty(messages, time_s, error);
    }
    return result == P2I_OK ? p2i_messages_push(messages, error) : result;
}
