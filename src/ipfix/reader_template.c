/* SPDX-License-Identifier: MIT */
#include "ipfix/reader_template.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/hash_secret.h"
#include "ipfix/list_elements.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/fields.h"

enum {
    DOMAIN_MAX = 4096,
    DOMAIN_SLOTS = 2 * DOMAIN_MAX, /* a power of two */
    PAGE_SIZE = 256,
    BYTES_MAX = 64 * 1024 * 1024, /* all templates of a session together */
    EMPTY_FIELDS_MAX = 64, /* fields of 0 bytes of a template: a record of few bytes has them all */
    TEMPLATE_HEADER = 4,
};

/* The set that is being read. */
struct template_set {
    struct p2i_templates *templates;
    struct p2i_domain *domain;
    struct p2i_element_names *names;
    struct p2i_defects *defects;
    bool options;
};

static size_t empty_fields(const struct p2i_read_template *template)
{
    size_t count = 0;
    for (size_t i = 0; i < template->field_count; i++) {
        count += template->fields[i].length == 0;
    }
    return count;
}

static size_t bytes_of(const struct p2i_read_template *template)
{
    return sizeof(*template) + template->field_count * sizeof(template->fields[0]);
}

struct p2i_domain *p2i_templates_domain(struct p2i_templates *templates, uint32_t id)
{
    if (templates->domains == NULL) {
        templates->domains = calloc(DOMAIN_SLOTS, sizeof(*templates->domains));
        if (templates->domains == NULL) {
            templates->out_of_memory = true;
            return NULL;
        }
        templates->bytes_used += DOMAIN_SLOTS * sizeof(*templates->domains);
        templates->seed = p2i_hash_secret();
    }
    size_t slot = (size_t)(p2i_mix(templates->seed, id) % DOMAIN_SLOTS);
    while (templates->domains[slot] != NULL) {
        if (templates->domains[slot]->id == id) {
            return templates->domains[slot];
        }
        slot = (slot + 1) % DOMAIN_SLOTS;
    }
    if (templates->domain_count >= DOMAIN_MAX) {
        return NULL;
    }
    struct p2i_domain *domain = calloc(1, sizeof(*domain));
    if (domain == NULL) {
        templates->out_of_memory = true;
        return NULL;
    }
    domain->id = id;
    templates->domains[slot] = domain;
    templates->domain_count++;
    templates->bytes_used += sizeof(*domain);
    return domain;
}

const struct p2i_read_template *p2i_templates_find(const struct p2i_domain *domain, uint16_t id)
{
    const struct p2i_template_page *page = domain->pages[id / PAGE_SIZE];
    return page != NULL ? page->templates[id % PAGE_SIZE] : NULL;
}

/* Copies the templates whose serial is above `serial` to `to`, unless that is NULL. Returns how
 * many. */
static size_t pick_since(const struct p2i_domain *domain, uint64_t serial,
                         const struct p2i_read_template **to)
{
    size_t count = 0;
    for (size_t high = 0; high < PAGE_SIZE; high++) {
        const struct p2i_template_page *page = domain->pages[high];
        for (size_t low = 0; page != NULL && low < PAGE_SIZE; low++) {
            const struct p2i_read_template *template = page->templates[low];
            if (template != NULL && template->serial > serial) {
                if (to != NULL) {
                    to[count] = template;
                }
                count++;
            }
        }
    }
    return count;
}

static int compare_serials(const void *left, const void *right)
{
    const struct p2i_read_template *const *a = left;
    const struct p2i_read_template *const *b = right;
    return ((*a)->serial > (*b)->serial) - ((*a)->serial < (*b)->serial);
}

bool p2i_templates_since(const struct p2i_domain *domain, uint64_t serial,
                         struct p2i_template_list *list)
{
    size_t count = pick_since(domain, serial, NULL);
    *list = (struct p2i_template_list){.templates = malloc((count + 1) * sizeof *list->templates)};
    if (list->templates == NULL) {
        return false;
    }
    list->count = pick_since(domain, serial, list->templates);
    qsort(list->templates, count, sizeof *list->templates, compare_serials);
    return true;
}

/* Replaces the template of `id` by `template` (NULL: none), and frees the old one. False: out of
 * memory. */
static bool put(struct p2i_templates *templates, struct p2i_domain *domain, uint16_t id,
                struct p2i_read_template *template)
{
    struct p2i_template_page **page = &domain->pages[id / PAGE_SIZE];
    if (*page == NULL) {
        *page = calloc(1, sizeof(**page));
        if (*page == NULL) {
            templates->out_of_memory = true;
            return false;
        }
        templates->bytes_used += sizeof(**page);
    }
    struct p2i_read_template **place = &(*page)->templates[id % PAGE_SIZE];
    if (*place != NULL) {
        templates->bytes_used -= bytes_of(*place);
        (*page)->count[(*place)->options]--;
        free(*place);
    }
    *place = template;
    if (template != NULL) {
        templates->bytes_used += bytes_of(template);
        (*page)->count[template->options]++;
    }
    return true;
}

static bool same_fields(const struct p2i_read_template *a, const struct p2i_read_template *b)
{
    if (a->field_count != b->field_count || a->options != b->options ||
        a->scope_count != b->scope_count) {
        return false;
    }
    for (size_t i = 0; i < a->field_count; i++) {
        if (a->fields[i].pen != b->fields[i].pen || a->fields[i].id != b->fields[i].id ||
            a->fields[i].length != b->fields[i].length) {
            return false;
        }
    }
    return true;
}

/* Withdraws all templates, or all options templates, of the domain (RFC 7011 section 8.1). */
static void withdraw_all(const struct template_set *set)
{
    for (size_t high = 0; high < PAGE_SIZE; high++) {
        struct p2i_template_page *page = set->domain->pages[high];
        for (size_t low = 0; page != NULL && page->count[set->options] > 0; low++) {
            const struct p2i_read_template *template = page->templates[low];
            if (template != NULL && template->options == set->options) {
                (void)put(set->templates, set->domain, template->id, NULL);
            }
        }
    }
}

static void withdraw(const struct template_set *set, uint16_t id, const uint8_t *where)
{
    if (id == (set->options ? P2I_SET_OPTIONS_TEMPLATES : P2I_SET_TEMPLATES)) {
        withdraw_all(set);
        return;
    }
    const struct p2i_read_template *old = p2i_templates_find(set->domain, id);
    if (old == NULL && set->domain->midway.joined) {
        p2i_defect_note(set->defects, where, "withdrawal of template %u, which was defined earlier",
                        id);
    } else if (old == NULL) {
        p2i_defect(set->defects, where, "withdrawal of template %u, which is not defined", id);
    } else if (old->options != set->options) {
        p2i_defect(set->defects, where, "withdrawal of template %u in a set of the other kind", id);
    } else {
        (void)put(set->templates, set->domain, id, NULL);
    }
}

/* By the vendor's documentation these two, of type ipv4Address, also carry IPv6 addresses. */
static bool is_documented_exception(const struct p2i_read_field *field)
{
    return field->pen == P2I_PEN && (field->id == 1003 || field->id == 1004) && field->length == 16;
}

static void read_field(const struct template_set *set, struct p2i_cursor *body,
                       struct p2i_read_template *template, struct p2i_read_field *field)
{
    const uint8_t *where = body->rest.data;
    uint16_t id = p2i_be16(body);
    field->length = p2i_be16(body);
    field->id = id & 0x7fff;
    field->pen = (id & P2I_ENTERPRISE_BIT) != 0 ? p2i_be32(body) : 0;
    field->type = P2I_TYPE_OCTETS;
    if (body->failed) {
        return;
    }
    int known = P2I_TYPE_OCTETS;
    if (field->pen == P2I_PEN_REVERSE) {
        p2i_element_learn_reverse(set->names, field->id);
    }
    const char *name = p2i_element_name(set->names, field->pen, field->id, &known);
    int type = p2i_element_type(set->names, field->pen, field->id);
    field->type = (uint8_t)type;
    field->unknown = name == NULL && type == P2I_TYPE_OCTETS;
    template->lists = template->lists || p2i_is_list(type);
    template->opaque = template->opaque || (field->unknown && field->length == P2I_VARIABLE);
    if (!p2i_element_length_fits(type, field->length) && !is_documented_exception(field)) {
        p2i_defect(set->defects, where, "template %u: %s cannot have length %u", template->id, name,
                   field->length);
        field->type = P2I_TYPE_OCTETS;
    }
}

/* False: the template does not fit into its set. */
static bool read_fields(const struct template_set *set, struct p2i_cursor *body,
                        struct p2i_read_template *template)
{
    for (size_t i = 0; i < template->field_count; i++) {
        read_field(set, body, template, &template->fields[i]);
        if (body->failed) {
            return false;
        }
        uint16_t length = template->fields[i].length;
        template->shortest += length == P2I_VARIABLE ? 1 : length;
    }
    return true;
}

/* True when the complete template is valid. */
static bool is_acceptable(const struct template_set *set, const struct p2i_read_template *template,
                          const uint8_t *where)
{
    bool good = true;
    if (template->id < P2I_SET_DATA_FIRST) {
        p2i_defect(set->defects, where, "template id %u is under 256", template->id);
        good = false;
    }
    if (template->options && template->scope_count == 0) {
        p2i_defect(set->defects, where, "options template %u has no scope", template->id);
    }
    if (template->scope_count > template->field_count) {
        p2i_defect(set->defects, where, "options template %u has %u scope fields of %zu fields",
                   template->id, template->scope_count, template->field_count);
        good = false;
    }
    if (empty_fields(template) > EMPTY_FIELDS_MAX) {
        p2i_defect(set->defects, where, "template %u has %zu fields of 0 bytes", template->id,
                   empty_fields(template));
        good = false;
    }
    if (template->shortest == 0) {
        p2i_defect(set->defects, where, "template %u describes records of 0 bytes", template->id);
    }
    const struct p2i_read_template *old = p2i_templates_find(set->domain, template->id);
    if (old != NULL && !same_fields(old, template)) {
        p2i_defect(set->defects, where, "template %u is redefined without withdrawal",
                   template->id);
    }
    return good;
}

/* Over UDP templates are repeated (RFC 7011 section 8.4). A repeated template keeps its serial, so
 * that users of serials do not take it for a new one. Types may have been learned since. */
static bool is_known(const struct template_set *set, const struct p2i_read_template *template)
{
    const struct p2i_read_template *old = p2i_templates_find(set->domain, template->id);
    if (old == NULL || !same_fields(old, template)) {
        return false;
    }
    for (size_t i = 0; i < old->field_count; i++) {
        if (old->fields[i].type != template->fields[i].type ||
            old->fields[i].unknown != template->fields[i].unknown) {
            return false;
        }
    }
    return true;
}

static void keep(const struct template_set *set, struct p2i_read_template *template,
                 const uint8_t *where)
{
    set->templates->defined++;
    template->serial = ++set->templates->serial;
    if (!is_acceptable(set, template, where) || is_known(set, template)) {
        free(template);
        return;
    }
    p2i_midway_came(&set->domain->midway, template->id);
    size_t most = set->templates->bytes_max > 0 ? set->templates->bytes_max : BYTES_MAX;
    if (set->templates->bytes_used + bytes_of(template) > most) {
        p2i_defect(set->defects, where, "too many templates: %u is not kept", template->id);
        free(template);
    } else if (!put(set->templates, set->domain, template->id, template)) {
        free(template);
    }
}

/* Reads one template record. False: the rest of the set cannot be read. */
static bool read_template(const struct template_set *set, struct p2i_cursor *body)
{
    const uint8_t *where = body->rest.data;
    uint16_t id = p2i_be16(body);
    uint16_t count = p2i_be16(body);
    if (count == 0) {
        withdraw(set, id, where);
        return true;
    }
    uint16_t scope_count = set->options ? p2i_be16(body) : 0;
    /* A field takes at least four bytes: do not allocate for a count that cannot fit. */
    if (body->failed || count > body->rest.size / 4) {
        p2i_defect(set->defects, where, "template %u is cut by the end of its set", id);
        return false;
    }
    struct p2i_read_template *template =
        calloc(1, sizeof(*template) + count * sizeof(template->fields[0]));
    if (template == NULL) {
        set->templates->out_of_memory = true;
        return false;
    }
    template->id = id;
    template->scope_count = scope_count;
    template->options = set->options;
    template->field_count = count;
    if (!read_fields(set, body, template)) {
        p2i_defect(set->defects, where, "template %u is cut by the end of its set", id);
        free(template);
        return false;
    }
    keep(set, template, where);
    return true;
}

/* Padding is shorter than any record, and zero (RFC 7011 section 3.3.1). Longer padding looks like
 * an empty record. */
static bool is_padding(struct p2i_view rest)
{
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] != 0) {
            return false;
        }
    }
    return true;
}

void p2i_templates_read(struct p2i_templates *templates, struct p2i_domain *domain, uint16_t set_id,
                        struct p2i_cursor body, struct p2i_element_names *names,
                        struct p2i_defects *defects)
{
    struct template_set set = {.templates = templates,
                               .domain = domain,
                               .names = names,
                               .defects = defects,
                               .options = set_id == P2I_SET_OPTIONS_TEMPLATES};
    if (body.rest.size < TEMPLATE_HEADER) {
        p2i_defect(defects, body.rest.data, "template set without a template");
    }
    while (body.rest.size >= TEMPLATE_HEADER) {
        if (is_padding(body.rest)) {
            p2i_defect(defects, body.rest.data, "template set with %zu bytes of padding",
                       body.rest.size);
            return;
        }
        if (!read_template(&set, &body)) {
            return;
        }
    }
    if (!is_padding(body.rest)) {
        p2i_defect(defects, body.rest.data, "template set with padding that is not zero");
    }
}

/* An exporter may send the types of its list elements after the templates that use them. */
static bool learn_list(struct p2i_read_template *template, uint32_t pen, uint16_t id, int type)
{
    bool changed = false;
    bool opaque = false;
    for (size_t i = 0; i < template->field_count; i++) {
        struct p2i_read_field *field = &template->fields[i];
        if (field->unknown && field->pen == pen && field->id == id) {
            field->type = (uint8_t)type;
            field->unknown = false;
            changed = true;
        }
        opaque = opaque || (field->unknown && field->length == P2I_VARIABLE);
    }
    template->lists = template->lists || changed;
    template->opaque = opaque;
    return changed;
}

void p2i_templates_learn_list(struct p2i_templates *templates, uint32_t pen, uint16_t id, int type)
{
    for (size_t i = 0; templates->domains != NULL && i < DOMAIN_SLOTS; i++) {
        const struct p2i_domain *domain = templates->domains[i];
        for (size_t high = 0; domain != NULL && high < PAGE_SIZE; high++) {
            const struct p2i_template_page *page = domain->pages[high];
            for (size_t low = 0; page != NULL && low < PAGE_SIZE; low++) {
                struct p2i_read_template *template = page->templates[low];
                if (template != NULL && template->opaque && learn_list(template, pen, id, type)) {
                    template->serial = ++templates->serial;
                }
            }
        }
    }
}

void p2i_templates_check_end(const struct p2i_templates *templates, struct p2i_defects *defects)
{
    for (size_t i = 0; templates->domains != NULL && i < DOMAIN_SLOTS; i++) {
        const struct p2i_domain *domain = templates->domains[i];
        for (size_t j = 0; domain != NULL && j < domain->midway.count; j++) {
            p2i_defect_at(defects, defects->message_offset,
                          "template %u is missing: its data sets cannot be read (domain %u)",
                          domain->midway.ids[j], domain->id);
        }
    }
}

static void free_domain(struct p2i_domain *domain)
{
    for (size_t high = 0; domain != NULL && high < PAGE_SIZE; high++) {
        for (size_t low = 0; domain->pages[high] != NULL && low < PAGE_SIZE; low++) {
            free(domain->pages[high]->templates[low]);
        }
        free(domain->pages[high]);
    }
    free(domain);
}

void p2i_templates_free(struct p2i_templates *templates)
{
    for (size_t i = 0; templates->domains != NULL && i < DOMAIN_SLOTS; i++) {
        free_domain(templates->domains[i]);
    }
    free(templates->domains);
    *templates = (struct p2i_templates){0};
}
