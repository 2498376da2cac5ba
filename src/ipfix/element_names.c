/* SPDX-License-Identifier: MIT */
#include "ipfix/element_names.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/hash_secret.h"
#include "ipfix/iana.h"
#include "ipfix/list_elements.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/reader.h"

enum {
    BUCKET_COUNT = 4096,
    LEARNED_MAX = 65536, /* elements; more are treated as hostile */
    NAME_MAX_SIZE = 128,
};

struct p2i_learned_element {
    struct p2i_learned_element *next;
    uint32_t pen;
    uint16_t id;
    uint8_t type;
    char name[]; /* NUL-terminated */
};

static size_t bucket_of(const struct p2i_element_names *names, uint32_t pen, uint16_t id)
{
    return (size_t)(p2i_mix(names->seed, (uint64_t)pen << 16 | id) % BUCKET_COUNT);
}

static const char *find_learned(const struct p2i_element_names *names, uint32_t pen, uint16_t id,
                                int *type)
{
    if (names->buckets == NULL) {
        return NULL;
    }
    const struct p2i_learned_element *element = names->buckets[bucket_of(names, pen, id)];
    while (element != NULL && (element->pen != pen || element->id != id)) {
        element = element->next;
    }
    if (element == NULL) {
        return NULL;
    }
    *type = element->type;
    return element->name;
}

const char *p2i_element_name(const struct p2i_element_names *names, uint32_t pen, uint16_t id,
                             int *type)
{
    *type = P2I_TYPE_OCTETS;
    const struct p2i_element *ours = p2i_element_find(pen, id);
    if (ours != NULL) {
        *type = ours->type;
        return ours->name;
    }
    const struct p2i_iana_element *iana = pen == 0 ? p2i_iana_find(id) : NULL;
    if (iana != NULL) {
        *type = iana->type;
        return iana->name;
    }
    return find_learned(names, pen, id, type);
}

int p2i_element_type(const struct p2i_element_names *names, uint32_t pen, uint16_t id)
{
    int type = P2I_TYPE_OCTETS;
    return p2i_element_name(names, pen, id, &type) != NULL ? type : p2i_list_type(pen, id);
}

/* Names are words (RFC 7012 section 2.3 requires identifiers); any other name would only confuse a
 * reader of the output. */
static bool is_name(struct p2i_view name)
{
    if (name.size == 0 || name.size > NAME_MAX_SIZE) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        if (!p2i_is_letter(byte) && !p2i_is_digit(byte) && byte != '_' && byte != '-' &&
            byte != '.') {
            return false;
        }
    }
    return true;
}

bool p2i_element_learn(struct p2i_element_names *names, uint32_t pen, uint16_t id, int type,
                       struct p2i_view name)
{
    int known = 0;
    if (p2i_element_name(names, pen, id, &known) != NULL) {
        return true;
    }
    if (!is_name(name) || names->count >= LEARNED_MAX) {
        return false;
    }
    if (names->buckets == NULL) {
        names->buckets = calloc(BUCKET_COUNT, sizeof(*names->buckets));
        names->bytes = BUCKET_COUNT * sizeof(*names->buckets);
        names->seed = p2i_hash_secret();
    }
    struct p2i_learned_element *element =
        names->buckets != NULL ? malloc(sizeof(*element) + name.size + 1) : NULL;
    if (element == NULL) {
        names->out_of_memory = true;
        return false;
    }
    struct p2i_learned_element **bucket = &names->buckets[bucket_of(names, pen, id)];
    bool sane = type >= P2I_TYPE_OCTETS && type <= P2I_TYPE_SUB_TEMPLATE_MULTI_LIST;
    element->next = *bucket;
    element->pen = pen;
    element->id = id;
    element->type = (uint8_t)(sane ? type : P2I_TYPE_OCTETS);
    memcpy(element->name, name.data, name.size);
    element->name[name.size] = '\0';
    *bucket = element;
    names->count++;
    names->bytes += sizeof(*element) + name.size + 1;
    return true;
}

void p2i_element_learn_reverse(struct p2i_element_names *names, uint16_t id)
{
    static const char prefix[] = "reverse";
    uint8_t text[NAME_MAX_SIZE];
    size_t size = sizeof(prefix) - 1;
    int type = P2I_TYPE_OCTETS;
    const char *forward = p2i_element_name(names, 0, id, &type);
    size_t forward_size = forward != NULL ? strlen(forward) : 0;
    if (forward_size == 0 || forward_size > sizeof(text) - size) {
        return;
    }
    memcpy(text, prefix, size);
    memcpy(text + size, forward, forward_size);
    if (text[size] >= 'a' && text[size] <= 'z') {
        text[size] = (uint8_t)(text[size] - 'a' + 'A');
    }
    (void)p2i_element_learn(names, P2I_PEN_REVERSE, id, type,
                            p2i_view_of(text, size + forward_size));
}

void p2i_element_names_free(struct p2i_element_names *names)
{
    for (size_t i = 0; names->buckets != NULL && i < BUCKET_COUNT; i++) {
        struct p2i_learned_element *element = names->buckets[i];
        while (element != NULL) {
            struct p2i_learned_element *next = element->next;
            free(element);
            element = next;
        }
    }
    free(names->buckets);
    *names = (struct p2i_element_names){0};
}

bool p2i_element_length_fits(int type, uint16_t length)
{
    switch (type) {
    case P2I_TYPE_UNSIGNED8:
    case P2I_TYPE_SIGNED8:
    case P2I_TYPE_BOOLEAN:
        return length == 1;
    case P2I_TYPE_UNSIGNED16:
    case P2I_TYPE_SIGNED16:
        return length >= 1 && length <= 2;
    case P2I_TYPE_UNSIGNED32:
    case P2I_TYPE_SIGNED32:
        return length >= 1 && length <= 4;
    case P2I_TYPE_UNSIGNED64:
    case P2I_TYPE_SIGNED64:
        return length >= 1 && length <= 8;
    case P2I_TYPE_FLOAT64:
        return length == 4 || length == 8;
    case P2I_TYPE_FLOAT32:
    case P2I_TYPE_SECONDS:
    case P2I_TYPE_IPV4:
        return length == 4;
    case P2I_TYPE_MILLISECONDS:
    case P2I_TYPE_MICROSECONDS:
    case P2I_TYPE_NANOSECONDS:
        return length == 8;
    case P2I_TYPE_MAC:
        return length == 6;
    case P2I_TYPE_IPV6:
        return length == 16;
    default:
        return true;
    }
}
