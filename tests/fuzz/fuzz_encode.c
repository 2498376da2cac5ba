/* SPDX-License-Identifier: MIT */
/* Any bytes as the strings of any record: the encoded record must decode completely, strings must
 * be valid UTF-8, limits must hold, and both formatters must accept it. The input: kind, IP
 * version, two bytes of string limit, then each string with its length in two bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/counts.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/utf8.h"
#include "pcap2ipfix/values.h"
#include "protocol/message.h"
#include "record/decode.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

union message {
    struct p2i_clickstream clickstream;
    struct p2i_http_reply http_reply;
    struct p2i_ssl_reply ssl_reply;
    struct p2i_sip sip;
    struct p2i_ftp ftp;
    struct p2i_im im;
    struct p2i_mail mail;
    struct p2i_raw raw;
    struct p2i_dns dns;
    struct p2i_flow flow;
    struct p2i_biflow biflow;
    struct p2i_view views[8]; /* every struct begins with its views, at most this many */
};

static const size_t view_counts[P2I_RECORD_KINDS] = {6, 2, 1, 8, 3, 5, 6, 1, 2, 1, 1};

static struct p2i_view take_string(struct p2i_cursor *cursor)
{
    size_t size = p2i_be16(cursor);
    return p2i_take(cursor, size < cursor->rest.size ? size : cursor->rest.size);
}

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

static void check_string(struct p2i_view value, uint32_t limit)
{
    require(value.size <= limit);
    while (value.size > 0) {
        size_t size = p2i_utf8_sequence(value);
        require(size > 0);
        value = p2i_view_from(value, size);
    }
}

static void check_record(const struct p2i_template *of, struct p2i_view record, uint32_t limit)
{
    struct p2i_view values[P2I_FIELDS_MAX];
    struct p2i_buffer text = {0};
    require(record.size <= 65000);
    require(p2i_decode_record(of, record, values) == record.size);
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        if (element->type == P2I_TYPE_STRING) {
            check_string(values[i], limit);
        }
        require(p2i_format_text(&text, element->type, values[i]));
        require(p2i_format_json(&text, element->type, element->semantics, values[i]));
    }
    p2i_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p2i_address address;
    static const struct p2i_packet_info info = {.mpls_size = 4};
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(data, size));
    enum p2i_record_kind kind = p2i_u8(&cursor) % P2I_RECORD_KINDS;
    uint8_t ip_version = p2i_u8(&cursor) % 2 == 0 ? 4 : 6;
    struct p2i_encoding encoding = {.string_limit = p2i_be16(&cursor)};
    union message message;
    memset(&message, 0, sizeof message);
    for (size_t i = 0; i < view_counts[kind]; i++) {
        message.views[i] = take_string(&cursor);
    }
    struct p2i_record_facts facts = {.source = &address,
                                     .destination = &address,
                                     .info = &info,
                                     .login = take_string(&cursor),
                                     .ip_version = ip_version};
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    require(p2i_encode(&encoding, kind, &facts, &message, &buffer, &counts));
    check_record(p2i_template_of(kind, ip_version), p2i_view_of(buffer.data, buffer.size),
                 encoding.string_limit);
    p2i_buffer_free(&buffer);
    return 0;
}
