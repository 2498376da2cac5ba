/* SPDX-License-Identifier: MIT */
/* Values of fields as numbers, text and JSON, by their type; and the buffer that text is appended
 * to:
 *
 *     struct p2i_buffer text = {0};
 *     for (size_t i = 0; i < record.value_count; i++) {
 *         const struct p2i_value *value = &record.values[i];
 *         int type;
 *         const char *name = p2i_reader_element(reader, value->pen, value->id, &type);
 *         text.size = 0;
 *         if (p2i_format_text(&text, type, p2i_view_of(value->data, value->size))) {
 *             printf("%s %.*s\n", name, (int)text.size, (const char *)text.data);
 *         }
 *     }
 *     p2i_buffer_free(&text);
 *
 * The functions have no state but the buffer. */
#ifndef PCAP2IPFIX_VALUES_H
#define PCAP2IPFIX_VALUES_H

#include <stdio.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types of RFC 5610 section 3.1 and RFC 6313 that our records do not use; see also enum p2i_type.
 */
enum p2i_foreign_type {
    P2I_TYPE_SIGNED8 = 5,
    P2I_TYPE_SIGNED16 = 6,
    P2I_TYPE_SIGNED32 = 7,
    P2I_TYPE_SIGNED64 = 8,
    P2I_TYPE_FLOAT32 = 9,
    P2I_TYPE_FLOAT64 = 10,
    P2I_TYPE_BOOLEAN = 11, /* 1 true, 2 false */
    P2I_TYPE_MICROSECONDS = 16,
    P2I_TYPE_BASIC_LIST = 20,
    P2I_TYPE_SUB_TEMPLATE_LIST = 21,
    P2I_TYPE_SUB_TEMPLATE_MULTI_LIST = 22,
};

/* The value of a field; a list (RFC 6313) is its encoded bytes. Never changes. */
struct p2i_value {
    uint32_t pen;
    uint16_t id;
    uint16_t size;       /* bytes at data */
    const uint8_t *data; /* lives as long as its record */
};

/* A number of 1 to 8 bytes in network order; 0 for any other size. */
uint64_t p2i_value_number(struct p2i_view value);

/* A growing array of bytes. Start with {0}; the owner calls p2i_buffer_free(). Never changes. */
struct p2i_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* Makes room for `size` more bytes behind buffer->size. False: out of memory, buffer unchanged. */
bool p2i_buffer_reserve(struct p2i_buffer *buffer, size_t size);
void p2i_buffer_free(struct p2i_buffer *buffer);
/* Opens a stream whose bytes are appended to the buffer, which must live until fclose(). Where
 * memory runs out the stream's error flag is set, see ferror(); streams of open_memstream() lose
 * bytes without a sign. NULL: out of memory. */
FILE *p2i_buffer_stream(struct p2i_buffer *buffer);

/* The functions below append to `out`; they return false only when out of memory, and then append
 * nothing. They accept any bytes: a value that does not fit its type is shown as octets, and a
 * string is repaired to valid UTF-8. `type` is an enum p2i_type or p2i_foreign_type; a value of any
 * other type and a list are shown as octets. */

/* Appends the bytes unchanged. */
bool p2i_append(struct p2i_buffer *out, struct p2i_view bytes);

/* Appends numbers in decimal, addresses in their usual form, times as 2026-01-31T23:59:59Z, octets
 * in lower-case hex, strings with \xHH for control characters, so that they are safe on a
 * terminal. */
bool p2i_format_text(struct p2i_buffer *out, int type, struct p2i_view value);

/* Appends a JSON value (RFC 8259): numbers, and times (Unix time in seconds or milliseconds) as
 * numbers; booleans as such; 64-bit identifiers as strings of digits, because many readers keep
 * only 53 bits of a number; floating-point numbers that are not finite as null; all others as
 * strings. `semantics` is an enum p2i_semantics. */
bool p2i_format_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value);

#ifdef __cplusplus
}
#endif
#endif
