/* SPDX-License-Identifier: MIT */
/* The encoder writes each value directly into the buffer. It makes room once, for the longest
 * possible record. */
#include "record/record.h"

#include "base/counts.h"
#include "base/ntp.h"
#include "base/put.h"
#include "pcap2ipfix/utf8.h"
#include "protocol/message.h"
#include "record/decode.h"
#include "record/lengths.h"
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

/* What the fields of a record are written from, beside its message. */
struct writer {
    const struct p2i_record_facts *facts;
    size_t string_limit; /* longest string, in bytes */
    size_t octets_limit;
    bool long_form; /* the length of a variable field always has PREFIX_MAX bytes */
    struct p2i_encode_counts counts;
};

/* Each of these functions writes a value, and returns where the next field begins. There is room
 * for the longest possible record. */

static inline uint8_t *put_u8(uint8_t *at, uint8_t value, struct writer *writer)
{
    (void)writer;
    *at = value;
    return at + 1;
}

static inline uint8_t *put_u16(uint8_t *at, uint16_t value, struct writer *writer)
{
    (void)writer;
    return p2i_put16(at, value);
}

static inline uint8_t *put_u32(uint8_t *at, uint32_t value, struct writer *writer)
{
    (void)writer;
    return p2i_put32(at, value);
}

static inline uint8_t *put_u64(uint8_t *at, uint64_t value, struct writer *writer)
{
    (void)writer;
    return p2i_put64(at, value);
}

static inline uint8_t *put_mac(uint8_t *at, const uint8_t *value, struct writer *writer)
{
    (void)writer;
    memcpy(at, value, MAC_SIZE);
    return at + MAC_SIZE;
}

/* Writes the low `length` bytes of a number that may be too large for them. */
static inline uint8_t *put_narrow(uint8_t *at, uint32_t value, size_t length)
{
    if (length < 4 && value >> (8 * length) != 0) {
        value = UINT32_MAX;
    }
    for (size_t i = 0; i < length; i++) {
        at[i] = (uint8_t)(value >> (8 * (length - 1 - i)));
    }
    return at + length;
}

/* Always copies all bytes: the next fields overwrite those that an IPv4 record has not. */
static inline uint8_t *put_address(uint8_t *at, const struct p2i_address *address,
                                   const struct writer *writer)
{
    memcpy(at, address->bytes, sizeof address->bytes);
    return at + (writer->facts->ip_version == 6 ? sizeof address->bytes : IPV4_SIZE);
}

/* Writes the length of a variable field in front of the `size` bytes that stand at `at + guess`;
 * moves them when the guess was wrong. */
static inline uint8_t *put_prefix(uint8_t *at, size_t guess, size_t size, bool long_form)
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

static uint8_t *put_text(uint8_t *at, struct p2i_view value, struct writer *writer)
{
    bool short_form = (value.size < 255 || writer->string_limit < 255) && !writer->long_form;
    size_t guess = short_form ? 1 : PREFIX_MAX;
    bool escaped;
    bool cut;
    size_t size = p2i_utf8_clean(value, at + guess, writer->string_limit, &escaped, &cut);
    writer->counts.strings_cut += cut;
    writer->counts.strings_escaped += escaped;
    return put_prefix(at, guess, size, writer->long_form);
}

static uint8_t *put_bytes(uint8_t *at, struct p2i_view value, struct writer *writer)
{
    struct p2i_view kept = p2i_view_first(value, writer->octets_limit);
    size_t prefix = kept.size < 255 && !writer->long_form ? 1 : PREFIX_MAX;
    writer->counts.strings_cut += kept.size < value.size;
    memcpy(at + prefix, kept.data, kept.size);
    return put_prefix(at, prefix, kept.size, writer->long_form);
}

/* Most variable fields of a record are empty. */
static inline uint8_t *put_string(uint8_t *at, struct p2i_view value, struct writer *writer)
{
    return value.size > 0 ? put_text(at, value, writer) : put_prefix(at, 1, 0, writer->long_form);
}

static inline uint8_t *put_octets(uint8_t *at, struct p2i_view value, struct writer *writer)
{
    return value.size > 0 ? put_bytes(at, value, writer) : put_prefix(at, 1, 0, writer->long_form);
}

/* The rows of fields.def become two functions for each kind of record, which write one field after
 * the other: source and width of each value are constants. The second one has the rows behind
 * EXTENDED. */
/* clang-format off */
#define VALUE(struct_, member)                                                                     \
    (_Generic((struct p2i_##struct_ *)0,                                                           \
        struct p2i_record_facts *: writer->facts,                                                  \
        struct p2i_packet_info *: writer->facts->info,                                             \
        default: message)->member)
#define RECORD(kind, name, id, domain, meaning)                                                    \
    static uint8_t *put_##name(uint8_t *at, const void *any_message, struct writer *writer)        \
    {                                                                                              \
        const struct p2i_##name *message = any_message;
#define EXTENDED(name)                                                                             \
        return at;                                                                                 \
    }                                                                                              \
    static uint8_t *put_extended_##name(uint8_t *at, const void *any_message,                      \
                                        struct writer *writer)                                     \
    {                                                                                              \
        const struct p2i_##name *message = any_message;                                            \
        (void)message;
#define FIELD(name, struct_, member)                                                               \
        at = _Generic(VALUE(struct_, member),                                                      \
            uint8_t: put_u8,                                                                       \
            uint16_t: put_u16,                                                                     \
            uint32_t: put_u32,                                                                     \
            uint64_t: put_u64,                                                                     \
            const uint8_t *: put_mac,                                                              \
            struct p2i_view: P2I_IS_STRING_##name ? put_string : put_octets)                       \
            (at, VALUE(struct_, member), writer);
#define NARROW(name, length, struct_, member) at = put_narrow(at, VALUE(struct_, member), length);
#define ADDRESS(name4, name6, member) at = put_address(at, writer->facts->member, writer);
#define SPECIAL(name, form) at = PUT_##form(P2I_LENGTH_##name);
#define END(name)                                                                                  \
        return at;                                                                                 \
    }

/* The forms of SPECIAL: time of the packet info; its label stack; 1 for TCP, 0 for UDP; number of the
 * capture; no source. */
#define PUT_SECONDS(length) p2i_put32(at, (uint32_t)(writer->facts->info->time_ns / NS_PER_S))
#define PUT_MPLS(length)                                                                           \
    put_octets(at, p2i_view_of(writer->facts->info->mpls, writer->facts->info->mpls_size), writer)
#define PUT_OVER_TCP(length) put_u8(at, writer->facts->transport == P2I_PROTO_TCP, writer)
#define PUT_NANOSECONDS(length) p2i_put64(at, p2i_ntp_of(writer->facts->info->time_ns))
#define PUT_CAPTURE(length) p2i_put32(at, writer->facts->info->capture + 1)
#define PUT_ZERO(length) put_narrow(at, 0, length)
#include "record/fields.def"

static uint8_t *(*const put_record[P2I_RECORD_KINDS])(uint8_t *, const void *, struct writer *) = {
#define RECORD(kind, name, id, domain, meaning) [P2I_RECORD_##kind] = put_##name,
#include "record/fields.def"
};

static uint8_t *(*const put_extension[P2I_RECORD_KINDS])(uint8_t *, const void *,
                                                         struct writer *) = {
#define RECORD(kind, name, id, domain, meaning) [P2I_RECORD_##kind] = put_extended_##name,
#include "record/fields.def"
};
/* clang-format on */

/* An upper bound of the bytes that a record takes. Does not look at the message: unused room costs
 * nothing, but a second walk over the fields would. */
static size_t bound_of(const struct p2i_record_table *table, const struct writer *writer)
{
    return table->templates[1][0].field_count * FIELD_MAX +
           table->string_count * (writer->string_limit + PREFIX_MAX) +
           table->octets_count * (writer->octets_limit + PREFIX_MAX);
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

/* Writes all fields. Returns their bytes. */
static size_t put_all(uint8_t *start, enum p2i_record_kind kind, const void *message, bool extended,
                      struct writer *writer)
{
    uint8_t *end = put_record[kind](start, message, writer);
    if (extended) {
        end = put_extension[kind](end, message, writer);
    }
    return (size_t)(end - start);
}

bool p2i_encode(const struct p2i_encoding *encoding, enum p2i_record_kind kind,
                const struct p2i_record_facts *facts, const void *message,
                struct p2i_buffer *buffer, struct p2i_encode_counts *counts)
{
    const struct p2i_record_table *table = p2i_record_table_of(kind);
    size_t string_limit =
        encoding->string_limit < VALUE_LIMIT ? encoding->string_limit : VALUE_LIMIT;
    struct writer writer = {.facts = facts,
                            .string_limit = string_limit,
                            .octets_limit = VALUE_LIMIT,
                            .long_form = encoding->varlen_long};
    if (!p2i_buffer_reserve(buffer, bound_of(table, &writer))) {
        return false;
    }
    uint8_t *start = buffer->data + buffer->size;
    size_t size = put_all(start, kind, message, encoding->extended, &writer);
    if (size > RECORD_LIMIT) {
        const struct p2i_template *of = encoding->extended
                                            ? p2i_extended_template_of(kind, facts->ip_version)
                                            : p2i_template_of(kind, facts->ip_version);
        writer.octets_limit = fair_limit(of, p2i_view_of(start, size));
        writer.string_limit =
            string_limit < writer.octets_limit ? string_limit : writer.octets_limit;
        writer.counts = (struct p2i_encode_counts){0};
        size = put_all(start, kind, message, encoding->extended, &writer);
    }
    buffer->size += size;
    counts->strings_cut += writer.counts.strings_cut;
    counts->strings_escaped += writer.counts.strings_escaped;
    return true;
}
