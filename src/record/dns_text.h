/* SPDX-License-Identifier: MIT */
/* Parts of DNS record data in presentation form (RFC 1035 section 5.1): printable ASCII whatever
 * the bytes are. The functions take their input off the cursor, which has `failed` when the data
 * are too short; the appended text is then meaningless. They return false only when out of memory.
 */
#ifndef P2I_RECORD_DNS_TEXT_H
#define P2I_RECORD_DNS_TEXT_H

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/values.h"
#include "record/record.h"

bool p2i_dns_put_number(struct p2i_buffer *out, uint32_t number);
/* Lower-case digits, without spaces. */
bool p2i_dns_put_hex(struct p2i_buffer *out, struct p2i_view bytes);
/* An address of 4 or 16 bytes. */
bool p2i_dns_put_address(struct p2i_buffer *out, struct p2i_cursor *at, size_t size);
/* A name that is not compressed; written without the last dot, the root as ".". */
bool p2i_dns_put_name(struct p2i_buffer *out, struct p2i_cursor *at);
/* One byte, escaped for a quoted string. */
bool p2i_dns_put_byte(struct p2i_buffer *out, uint8_t byte);
bool p2i_dns_put_quoted(struct p2i_buffer *out, struct p2i_view bytes);
/* A character-string: a length byte, and so many bytes (RFC 1035 section 3.3). */
bool p2i_dns_put_string(struct p2i_buffer *out, struct p2i_cursor *at);

#endif
