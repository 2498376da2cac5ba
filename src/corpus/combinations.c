/* SPDX-License-Identifier: MIT */
#include "corpus/combinations.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "pcap2ipfix/feature.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/protocols.h"

enum {
    SLOTS_LEAST = 1024,
    NAME_ROOM = 160,
};

/* The parts of a key, from the highest bits: what it is about, two numbers, the state. */
enum about {
    ABOUT_KIND = 1,
    ABOUT_FIELD,
    ABOUT_VALUE,
    ABOUT_PROTOCOL,
    ABOUT_FEATURE,
    ABOUT_NO_RECORD
};
enum state { STATE_NONE, STATE_EMPTY, STATE_FULL, STATE_LONGEST, STATE_CUT, STATE_ESCAPED };
static const char *const state_names[] = {NULL, "empty", "full", "longest", "cut", "escaped"};

static uint64_t make_key(enum about about, unsigned subject, unsigned part, unsigned state)
{
    return (uint64_t)about << 56 | (uint64_t)subject << 40 | (uint64_t)part << 16 | state;
}

/* ---- Table ---- */

static bool grow_slots(struct p2i_combinations *all)
{
    size_t count = all->slot_count > 0 ? 2 * all->slot_count : SLOTS_LEAST;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        size_t slot = (size_t)p2i_mix(0, all->list[i].key);
        while (slots[slot & (count - 1)] != 0) {
            slot++;
        }
        slots[slot & (count - 1)] = (uint32_t)i + 1;
    }
    free(all->slots);
    all->slots = slots;
    all->slot_count = count;
    return true;
}

static bool grow_list(struct p2i_combinations *all)
{
    size_t capacity = all->capacity > 0 ? 2 * all->capacity : SLOTS_LEAST;
    struct p2i_combination *list = realloc(all->list, capacity * sizeof *list);
    if (list == NULL) {
        return false;
    }
    all->list = list;
    all->capacity = capacity;
    return true;
}

/* The number of a combination, which is added if it is new; P2I_COMBINATION_NONE: out of memory. */
static uint32_t find(struct p2i_combinations *all, const struct p2i_combination *wanted)
{
    if ((2 * all->count >= all->slot_count && !grow_slots(all)) ||
        (all->count == all->capacity && !grow_list(all))) {
        return P2I_COMBINATION_NONE;
    }
    size_t slot = (size_t)p2i_mix(0, wanted->key);
    for (;; slot++) {
        uint32_t *place = &all->slots[slot & (all->slot_count - 1)];
        if (*place == 0) {
            all->list[all->count] = *wanted;
            all->list[all->count].file = P2I_COMBINATION_NONE;
            *place = (uint32_t)++all->count;
        }
        if (all->list[*place - 1].key == wanted->key) {
            return *place - 1;
        }
    }
}

static bool add(struct p2i_combinations *all, struct p2i_traits *traits,
                const struct p2i_combination *wanted, uint32_t size)
{
    uint32_t number = find(all, wanted);
    if (number == P2I_COMBINATION_NONE) {
        return false;
    }
    if (all->list[number].is_longest) {
        if (size < all->list[number].longest) {
            return true;
        }
        all->list[number].longest = size;
    }
    if (traits->count == traits->capacity) {
        size_t capacity = traits->capacity > 0 ? 2 * traits->capacity : 64;
        struct p2i_trait *list = realloc(traits->list, capacity * sizeof *list);
        if (list == NULL) {
            return false;
        }
        traits->list = list;
        traits->capacity = capacity;
    }
    traits->list[traits->count++] = (struct p2i_trait){.combination = number, .size = size};
    return true;
}

/* ---- Records ---- */

/* Whether a string has bytes that were not UTF-8, or that JSON and terminals escape. */
static bool is_escaped(struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        bool hex = text.data[i] == '\\' && i + 1 < text.size && text.data[i + 1] == 'x';
        if (hex || text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

struct field_of {
    const struct p2i_template *of;
    size_t place;
    bool cut; /* its record is */
};

static bool add_state(struct p2i_combinations *all, struct p2i_traits *traits,
                      const struct field_of *field, enum state state, uint32_t size)
{
    struct p2i_combination wanted = {
        .key = make_key(ABOUT_FIELD, field->of->kind, (unsigned)field->place, state),
        .subject = field->of->name,
        .part = field->of->fields[field->place].element->name,
        .state = state_names[state],
        .value = -1,
        .is_longest = state == STATE_LONGEST};
    return add(all, traits, &wanted, size);
}

/* Fields that stand for a feature of their protocol by each of their values, beside those of one
 * byte. */
static const uint16_t codes[] = {
    1020, /* RESULT_CODE */
    1030, /* SSL_VERSION */
    1031, /* CIPHER_SUITE */
    2002, /* DPI_PROTOCOL */
    2015, /* VDPI_PROTO */
    2900, /* META_PROTO */
    3001, /* STATUS_CODE */
    3202, /* RRCLASS */
    3203, /* RRTYPE */
};

/* Whether the value of a field is a combination by itself. */
static bool is_code(const struct p2i_element *element, uint64_t value)
{
    if (element->semantics != P2I_SEMANTICS_IDENTIFIER || value > UINT16_MAX) {
        return false;
    }
    bool found = element->type == P2I_TYPE_UNSIGNED8;
    for (size_t i = 0; i < sizeof codes / sizeof *codes && !found; i++) {
        found = element->pen == P2I_PEN && element->id == codes[i];
    }
    return found;
}

static bool add_value(struct p2i_combinations *all, struct p2i_traits *traits,
                      const struct field_of *field, uint16_t value)
{
    struct p2i_combination wanted = {
        .key = make_key(ABOUT_VALUE, field->of->kind, (unsigned)field->place, value),
        .subject = field->of->name,
        .part = field->of->fields[field->place].element->name,
        .value = value};
    return add(all, traits, &wanted, 0);
}

static bool is_zero(struct p2i_view value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool add_field(struct p2i_combinations *all, struct p2i_traits *traits,
                      const struct field_of *field, struct p2i_view value)
{
    const struct p2i_element *element = field->of->fields[field->place].element;
    bool text = element->type == P2I_TYPE_STRING;
    bool variable = text || element->type == P2I_TYPE_OCTETS;
    bool empty = variable ? value.size == 0 : is_zero(value);
    uint64_t number = variable || value.size == 0 ? 0 : p2i_value_number(value);
    if (value.size > 0 && is_code(element, number)) {
        return add_value(all, traits, field, (uint16_t)number);
    }
    bool done = add_state(all, traits, field, empty ? STATE_EMPTY : STATE_FULL, 0);
    if (done && variable && !empty) {
        done = add_state(all, traits, field, STATE_LONGEST, (uint32_t)value.size) &&
               (!field->cut || add_state(all, traits, field, STATE_CUT, 0)) &&
               (!text || !is_escaped(value) || add_state(all, traits, field, STATE_ESCAPED, 0));
    }
    return done;
}

bool p2i_traits_of_record(struct p2i_combinations *all, struct p2i_traits *traits,
                          const struct p2i_record *record)
{
    const struct p2i_template *of = p2i_record_template(record);
    struct field_of field = {.of = of, .cut = p2i_record_is_cut(record)};
    struct p2i_combination kind = {.key = make_key(ABOUT_KIND, of->kind, of->ip_version, 0),
                                   .subject = of->name,
                                   .part = of->ip_version == 4 ? "IPv4" : "IPv6",
                                   .value = -1};
    bool done = add(all, traits, &kind, 0);
    for (; done && field.place < of->field_count; field.place++) {
        struct p2i_value value;
        done = !p2i_record_field_at(record, field.place, &value) ||
               add_field(all, traits, &field, p2i_view_of(value.data, value.size));
    }
    return done;
}

/* ---- Sessions ---- */

bool p2i_traits_of_session(struct p2i_combinations *all, struct p2i_traits *traits,
                           const struct p2i_session_facts *facts)
{
    const struct p2i_protocol_facts *known = p2i_protocol_facts(facts->protocol);
    unsigned subject = (unsigned)facts->protocol;
    const char *protocol = known != NULL ? known->name : "unknown";
    struct p2i_combination alone = {.key = make_key(ABOUT_PROTOCOL, subject, facts->transport, 0),
                                    .subject = protocol,
                                    .part = facts->transport == 6    ? "TCP"
                                            : facts->transport == 17 ? "UDP"
                                                                     : "another transport",
                                    .value = -1};
    bool done = add(all, traits, &alone, 0);
    if (done && facts->no_record_reason != P2I_NO_RECORD_NONE) {
        struct p2i_combination reason = {
            .key = make_key(ABOUT_NO_RECORD, subject, (unsigned)facts->no_record_reason, 0),
            .subject = protocol,
            .part = "no record",
            .state = p2i_no_record_reason_text(facts->no_record_reason),
            .value = -1};
        done = add(all, traits, &reason, 0);
    }
    for (unsigned i = 0; done && p2i_feature_name(i) != NULL; i++) {
        struct p2i_combination feature = {.key = make_key(ABOUT_FEATURE, subject, i, 0),
                                          .subject = protocol,
                                          .state = p2i_feature_name(i),
                                          .value = -1};
        done = !p2i_session_has(facts, i) || add(all, traits, &feature, 0);
    }
    return done;
}

bool p2i_trait_counts(const struct p2i_combinations *all, const struct p2i_trait *trait)
{
    const struct p2i_combination *of = &all->list[trait->combination];
    return !of->is_longest || trait->size == of->longest;
}

/* The longer value of a combination comes first. */
static int compare(const void *left, const void *right)
{
    const struct p2i_trait *a = left;
    const struct p2i_trait *b = right;
    if (a->combination != b->combination) {
        return a->combination < b->combination ? -1 : 1;
    }
    return a->size > b->size ? -1 : a->size < b->size;
}

void p2i_traits_sort(struct p2i_traits *traits)
{
    size_t count = 0;
    if (traits->count > 1) {
        qsort(traits->list, traits->count, sizeof *traits->list, compare);
    }
    for (size_t i = 0; i < traits->count; i++) {
        if (count == 0 || traits->list[count - 1].combination != traits->list[i].combination) {
            traits->list[count++] = traits->list[i];
        }
    }
    traits->count = count;
}

void p2i_traits_free(struct p2i_traits *traits)
{
    free(traits->list);
    *traits = (struct p2i_traits){0};
}

bool p2i_combination_name(struct p2i_buffer *out, const struct p2i_combination *of)
{
    char name[NAME_ROOM];
    int size;
    if (of->value >= 0) {
        size = snprintf(name, sizeof name, "%s.%s %d", of->subject, of->part, of->value);
    } else if (of->part == NULL) {
        size = snprintf(name, sizeof name, "%s with %s", of->subject, of->state);
    } else if (of->key >> 56 == ABOUT_FIELD) {
        size = snprintf(name, sizeof name, "%s.%s %s", of->subject, of->part, of->state);
    } else {
        size = snprintf(name, sizeof name, "%s, %s%s%s", of->subject, of->part,
                        of->state != NULL ? ": " : "", of->state != NULL ? of->state : "");
    }
    return p2i_append(out, p2i_view_of(name, size < NAME_ROOM ? (size_t)size : NAME_ROOM - 1));
}

void p2i_combinations_free(struct p2i_combinations *all)
{
    free(all->list);
    free(all->slots);
    *all = (struct p2i_combinations){0};
}
