/* SPDX-License-Identifier: MIT */
/* The encoder walks the rows of a record and writes each value directly into the buffer. It makes
 * room once, for the longest possible record. */
#include "record/record.h"

#include "base/put.h"
#include "pcap2ipfix/utf8.h"
#include "record/decode.h"
#include "record/shorten.h"
#include "record/table.h"

enum {
    RECORD_LIMIT = 65000, /* leaves room for headers in a message of 65,535 bytes */
    VALUE_LIMIT = 65535,  /* RFC 7011 section 7 */
    PREFIX_MAX = 3,       /* bytes of the length in front of a variable field */
    FIELD_MAX = PREFIX_MAX + P2I_MPLS_MAX, /* longest field that is neither string nor octets */
    MAC_SIZE = 6,
    IPV4_SIZE = 4,
    NS_PER_S = 1000000000,
};

/* Encoding of the variable fields of this record. */
struct limits {
    size_t string; /* longest, in bytes */
    size_t octets;
    bool long_form; /* their length always has PREFIX_MAX bytes */
};

/* Writes the low `length` bytes of a number that may be too large for them. */
static void put_narrow(uint8_t *at, uint32_t value, size_t length)
{
    if (length < 4 && value >> (8 * length) != 0) {
        value = UINT32_MAX;
    }
    for (size_t i = 0; i < length; i++) {
        at[i] = (uint8_t)(value >> (8 * (length - 1 - i)));
    }
}

/* Constant lengths, so that no call is made. */
static void put_address(uint8_t *at, const struct p2i_address *address, size_t length)
{
    if (length == IPV4_SIZE) {
        memcpy(at, address->bytes, IPV4_SIZE);
    } else {
        memcpy(at, address->bytes, sizeof address->bytes);
    }
}

/* Writes the length of a variable field in front of the `size` bytes that stand at `at + guess`;
 * moves them when the guess was wrong. Returns where the next field begins. */
static uint8_t *put_prefix(uint8_t *at, size_t guess, size_t size, bool long_form)
{
    size_t prefix = size < 255 && !long_form ? 1 : PREFIX_MAX;
    if (prefix != guess) {
        memmove(at + prefix, at + guess, size);
    }
    if (prefix == 1) {
        at[0] = (uint8_t)size;
    } else {
        at[0] = 255;
        p2i_put16(at + 1, (uint16_t)size);
    }
    return at + prefix + size;
}

static uint8_t *put_string(uint8_t *at, struct p2i_view value, struct limits limits,
                           struct p2i_encode_counts *counts)
{
    if (value.size == 0) {
        return put_prefix(at, 1, 0, limits.long_form);
    }
    bool short_form = (value.size < 255 || limits.string < 255) && !limits.long_form;
    size_t guess = short_form ? 1 : PREFIX_MAX;
    bool escaped;
    bool cut;
    size_t size = p2i_utf8_clean(value, at + guess, limits.string, &escaped, &cut);
    counts->strings_cut += cut;
    counts->strings_escaped += escaped;
    return put_prefix(at, guess, size, limits.long_form);
}

static uint8_t *put_octets(uint8_t *at, struct p2i_view value, struct limits limits,
                           struct p2i_encode_counts *counts)
{
    struct p2i_view kept = p2i_view_first(value, limits.octets);
    size_t prefix = kept.size < 255 && !limits.long_form ? 1 : PREFIX_MAX;
    counts->strings_cut += kept.size < value.size;
    if (kept.size > 0) {
        memcpy(at + prefix, kept.data, kept.size);
    }
    return put_prefix(at, prefix, kept.size, limits.long_form);
}

/* Writes the value of a row. Returns where the next field begins. */
static inline uint8_t *put_value(uint8_t *at, const struct p2i_row *row, size_t length,
                                 const void *value, const struct p2i_record_facts *facts,
                                 struct limits limits, struct p2i_encode_counts *counts)
{
    switch ((enum p2i_form)row->form) {
    case P2I_FORM_STRING:
        return put_string(at, *(const struct p2i_view *)value, limits, counts);
    case P2I_FORM_OCTETS:
        return put_octets(at, *(const struct p2i_view *)value, limits, counts);
    case P2I_FORM_MPLS:
        return put_octets(at, p2i_view_of(facts->info->mpls, facts->info->mpls_size), limits,
                          counts);
    case P2I_FORM_U8:
        *at = *(const uint8_t *)value;
        break;
    case P2I_FORM_U16:
        p2i_put16(at, *(const uint16_t *)value);
        break;
    case P2I_FORM_U32:
        p2i_put32(at, *(const uint32_t *)value);
        break;
    case P2I_FORM_U64:
        p2i_put64(at, *(const uint64_t *)value);
        break;
    case P2I_FORM_NARROW:
        put_narrow(at, *(const uint32_t *)value, length);
        break;
    case P2I_FORM_MAC:
        memcpy(at, value, MAC_SIZE);
        break;
    case P2I_FORM_ADDRESS:
        put_address(at, *(const struct p2i_address *const *)value, length);
        break;
    case P2I_FORM_SECONDS:
        p2i_put32(at, (uint32_t)(facts->info->time_ns / NS_PER_S));
        break;
    case P2I_FORM_OVER_TCP:
        *at = facts->transport == P2I_PROTO_TCP;
        break;
    default:
        memset(at, 0, length);
        break;
    }
    return at + length;
}

static size_t write_record(uint8_t *start, const struct p2i_record_table *table,
                           const struct p2i_record_facts *facts, const void *message,
                           struct limits limits, struct p2i_encode_counts *counts)
{
    const uint8_t *bases[] = {[P2I_FROM_MESSAGE] = message,
                              [P2I_FROM_FACTS] = (const uint8_t *)facts,
                              [P2I_FROM_PACKET_INFO] = (const uint8_t *)facts->info};
    size_t version = facts->ip_version == 6;
    uint8_t *at = start;
    const struct p2i_row *end = table->rows + table->row_count;
    for (const struct p2i_row *row = table->rows; row < end; row++) {
        at = put_value(at, row, row->length[version], bases[row->from] + row->offset, facts, limits,
                       counts);
    }
    return (size_t)(at - start);
}

/* An upper bound of the bytes that write_record() writes. Does not look at the message: unused room
 * costs nothing, but a second walk over the rows would. */
static size_t bound_of(const struct p2i_record_table *table, struct limits limits)
{
    return table->row_count * FIELD_MAX + table->string_count * (limits.string + PREFIX_MAX) +
           table->octets_count * (limits.octets + PREFIX_MAX);
}

/* The limit for variable fields with which the record fits. */
static size_t fair_limit(const struct p2i_template *of, struct p2i_view record)
{
    struct p2i_view values[P2I_FIELDS_MAX];
    size_t sizes[P2I_FIELDS_MAX];
    size_t count = 0;
    size_t room = RECORD_LIMIT;
    (void)p2i_decode_record(of, record, values);
    for (size_t i = 0; i < of->field_count; i++) {
        uint16_t length = of->fields[i].length;
        room -= length == P2I_VARIABLE ? PREFIX_MAX : length;
        if (length == P2I_VARIABLE) {
            sizes[count++] = values[i].size;
        }
    }
    return p2i_fair_share(sizes, count, room);
}

bool p2i_encode(const struct p2i_encoding *encoding, enum p2i_record_kind kind,
                const struct p2i_record_facts *facts, const void *message,
                struct p2i_buffer *buffer, struct p2i_encode_counts *counts)
{
    const struct p2i_record_table *table = p2i_record_table_of(kind);
    size_t string_limit =
        encoding->string_limit < VALUE_LIMIT ? encoding->string_limit : VALUE_LIMIT;
    struct limits limits = {
        .string = string_limit, .octets = VALUE_LIMIT, .long_form = encoding->varlen_long};
    if (!p2i_buffer_reserve(buffer, bound_of(table, limits))) {
        return false;
    }
    uint8_t *start = buffer->data + buffer->size;
    struct p2i_encode_counts fresh = {0};
    size_t size = write_record(start, table, facts, message, limits, &fresh);
    if (size > RECORD_LIMIT) {
        limits.octets =
            fair_limit(p2i_template_of(kind, facts->ip_version), p2i_view_of(start, size));
        limits.string = string_limit < limits.octets ? string_limit : limits.octets;
        fresh = (struct p2i_encode_counts){0};
        size = write_record(start, table, facts, message, limits, &fresh);
    }
    buffer->size += size;
    counts->strings_cut += fresh.strings_cut;
    counts->strings_escaped += fresh.strings_escaped;
    return true;
}
