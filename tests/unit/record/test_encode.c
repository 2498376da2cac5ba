/* SPDX-License-Identifier: MIT */
/* Every field of every record from its struct to the wire and back; limits; hostile strings. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/utf8.h"
#include "pcap2ipfix/values.h"
#include "protocol/message.h"
#include "record/decode.h"
#include "record/record.h"

static const struct p2i_encoding usual = {.string_limit = 4096};
static const struct p2i_encoding extended = {.string_limit = 4096, .extended = true};

static const struct p2i_address source4 = {.bytes = {192, 0, 2, 1}};
static const struct p2i_address destination4 = {.bytes = {198, 51, 100, 2}};
static const struct p2i_address source6 = {.bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
static const struct p2i_address destination6 = {.bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};

static const struct p2i_packet_info info = {
    .time_ns = UINT64_C(1700000000999999999),
    .number = UINT64_C(0x123456789a),
    .capture = 65535,
    .tcp_sequence = 0xfedcba98,
    .vlan_id = 100,
    .post_vlan_id = 4095,
    .source_mac = {2, 0, 0, 0, 0, 0xaa},
    .destination_mac = {2, 0, 0, 0, 0, 0xbb},
    .mpls = {0, 1, 0x01, 0x40, 0, 2, 0x01, 0x40},
    .mpls_size = 8,
};

static struct p2i_record_facts facts_of(uint8_t ip_version)
{
    return (struct p2i_record_facts){
        .source = ip_version == 6 ? &source6 : &source4,
        .destination = ip_version == 6 ? &destination6 : &destination4,
        .info = &info,
        .login = P2I_VIEW("subscriber"),
        .session_id = UINT64_C(0xfffffffffffffffe),
        .source_port = 40000,
        .destination_port = 65535,
        .channel = 7,
        .source_as = 4200000000,
        .destination_as = 64500,
        .protocol_number = 65535,
        .meta_protocol = 16,
        .ip_version = ip_version,
        .transport = P2I_PROTO_TCP,
        .end_reason = 4,
    };
}

static const struct p2i_template *template_of(const struct p2i_encoding *encoding,
                                              enum p2i_record_kind kind, uint8_t ip_version)
{
    return encoding->extended ? p2i_extended_template_of(kind, ip_version)
                              : p2i_template_of(kind, ip_version);
}

/* Encodes and decodes; the values live as long as the buffer. */
static void encode(struct p2i_buffer *buffer, const struct p2i_encoding *encoding,
                   enum p2i_record_kind kind, uint8_t ip_version, const void *message,
                   struct p2i_encode_counts *counts, struct p2i_view *values)
{
    struct p2i_record_facts facts = facts_of(ip_version);
    size_t before = buffer->size;
    cr_assert(p2i_encode(encoding, kind, &facts, message, buffer, counts));
    struct p2i_view record = p2i_view_of(buffer->data + before, buffer->size - before);
    cr_assert_eq(p2i_decode_record(template_of(encoding, kind, ip_version), record, values),
                 record.size);
}

struct expected {
    const char *name;
    const char *text;
};

static const struct expected common[] = {
    {"TIME_STAMP", "2023-11-14T22:13:20Z"},
    {"LOGIN", "subscriber"},
    {"FLOW_LOGIN", "subscriber"},
    {"IP_SOURCE", "192.0.2.1 2001:db8::1"},
    {"IP_SOURCE_V6", "192.0.2.1 2001:db8::1"},
    {"IP_DESTINATION", "198.51.100.2 2001:db8::2"},
    {"IP_DESTINATION_V6", "198.51.100.2 2001:db8::2"},
    {"sourceIPv4Address", "192.0.2.1 2001:db8::1"},
    {"sourceIPv6Address", "192.0.2.1 2001:db8::1"},
    {"destinationIPv4Address", "198.51.100.2 2001:db8::2"},
    {"destinationIPv6Address", "198.51.100.2 2001:db8::2"},
    {"SESSION_ID", "18446744073709551614"},
    {"PORT_SOURCE", "40000"},
    {"PORT_DESTINATION", "65535"},
    {"sourceTransportPort", "40000"},
    {"destinationTransportPort", "65535"},
    {"protocolIdentifier", "6"},
    {"ipVersion", "4 6"},
    {"BRIDGE_CHANNEL_NUM", "7"},
    {"vlanId", "100"},
    {"postVlanId", "4095"},
    {"sourceMacAddress", "02:00:00:00:00:aa"},
    {"postDestinationMacAddress", "02:00:00:00:00:bb"},
    {"MPLS_LABELS", "0001014000020140"},
    {"TCP_SEQUENCE", "4275878552"},
    {"TRANSPORT", "1"},
    {"postNATSourceIPv4Address", "0.0.0.0"},
    {"postNAPTSourceTransportPort", "0"},
    {"observationTimeNanoseconds", "2023-11-14T22:13:20.999999999Z"},
    {"observationPointId", "65536"},
    {"selectorIdTotalPktsObserved", "78187493530"},
    {"flowEndReason", "4"},
    {NULL, NULL},
};

static const char *lookup(const struct expected *list, const char *name)
{
    while (list->name != NULL && strcmp(list->name, name) != 0) {
        list++;
    }
    return list->text;
}

/* "A B" is A in IPv4 and B in IPv6 for the fields of `common`. */
static struct p2i_view common_text(const char *name, uint8_t ip_version)
{
    const char *text = lookup(common, name);
    cr_assert_not_null(text, "%s", name);
    struct p2i_view view = p2i_view_of(text, strlen(text));
    size_t space = p2i_view_find(view, ' ');
    if (space == view.size) {
        return view;
    }
    return ip_version == 6 ? p2i_view_from(view, space + 1) : p2i_view_first(view, space);
}

/* Of the expected own fields, all are in the extended record. */
static void check_form(const struct p2i_encoding *encoding, enum p2i_record_kind kind,
                       const void *message, const struct expected *own)
{
    for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
        struct p2i_buffer buffer = {0};
        struct p2i_buffer text = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        encode(&buffer, encoding, kind, version, message, &counts, values);
        const struct p2i_template *of = template_of(encoding, kind, version);
        size_t own_seen = 0;
        for (size_t i = 0; i < of->field_count; i++) {
            const struct p2i_element *element = of->fields[i].element;
            const char *own_text = lookup(own, element->name);
            own_seen += own_text != NULL;
            struct p2i_view want = own_text != NULL ? p2i_view_of(own_text, strlen(own_text))
                                                    : common_text(element->name, version);
            text.size = 0;
            cr_assert(p2i_format_text(&text, element->type, values[i]));
            cr_expect(p2i_view_equals(want, p2i_view_of(text.data, text.size)),
                      "%s IPv%u %s: %.*s, not %.*s", of->name, version, element->name,
                      (int)text.size, (const char *)text.data, (int)want.size,
                      (const char *)want.data);
        }
        size_t own_count = 0;
        while (own[own_count].name != NULL) {
            own_count++;
        }
        cr_expect(own_seen == own_count || !encoding->extended);
        cr_expect_eq(counts.strings_cut, 0);
        cr_expect_eq(counts.strings_escaped, 0);
        p2i_buffer_free(&buffer);
        p2i_buffer_free(&text);
    }
}

static void check(enum p2i_record_kind kind, const void *message, const struct expected *own)
{
    check_form(&usual, kind, message, own);
    check_form(&extended, kind, message, own);
}

/* Readers may round down or to the nearest: each nanosecond is found again either way. */
Test(encode, nanoseconds_survive)
{
    static const uint64_t times[] = {0,
                                     1,
                                     999999999,
                                     UINT64_C(1700000000000000001),
                                     UINT64_C(1700000000333333333),
                                     UINT64_C(2085978496000000000),
                                     UINT64_C(4294967295999999998)};
    for (uint64_t i = 0; i < sizeof times / sizeof *times + 1000; i++) {
        uint64_t time_ns = i < sizeof times / sizeof *times ? times[i] : i * UINT64_C(98765432109);
        struct p2i_packet_info at = {.time_ns = time_ns};
        struct p2i_record_facts facts = facts_of(4);
        facts.info = &at;
        struct p2i_dns message = {0};
        struct p2i_buffer buffer = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        cr_assert(p2i_encode(&extended, P2I_RECORD_DNS, &facts, &message, &buffer, &counts));
        const struct p2i_template *of = p2i_extended_template_of(P2I_RECORD_DNS, 4);
        cr_assert_gt(p2i_decode_record(of, p2i_view_of(buffer.data, buffer.size), values), 0);
        struct p2i_view value = values[p2i_field_index(of, 0, 325)];
        uint64_t seconds = (uint32_t)(p2i_load_be32(value.data) - UINT32_C(2208988800));
        uint64_t fraction = p2i_load_be32(value.data + 4);
        cr_assert_eq(seconds * 1000000000 + (fraction * 1000000000 >> 32), time_ns);
        cr_assert_eq(seconds * 1000000000 + ((fraction * 1000000000 + (UINT64_C(1) << 31)) >> 32),
                     time_ns);
        p2i_buffer_free(&buffer);
    }
}

Test(encode, clickstream)
{
    static const uint8_t suites[] = {0x13, 0x01, 0x13, 0x02};
    struct p2i_clickstream message = {
        .host = P2I_VIEW("example.com"),
        .path = P2I_VIEW("/a?b=c"),
        .referer = P2I_VIEW("http://example.org/"),
        .user_agent = P2I_VIEW("agent/1"),
        .cookie = P2I_VIEW("k=v"),
        .cipher_suites = p2i_view_of(suites, sizeof suites),
        .locked = UINT64_C(0x8000000000000001),
        .cipher_suites_length = 62000,
        .host_type = P2I_HOST_SNI,
        .method = P2I_METHOD_OTHER,
    };
    check(P2I_RECORD_CLICKSTREAM, &message,
          (const struct expected[]){{"HOSTNAME", "example.com"},
                                    {"PATH", "/a?b=c"},
                                    {"REFER", "http://example.org/"},
                                    {"USER_AGENT", "agent/1"},
                                    {"COOKIE", "k=v"},
                                    {"LOCKED", "9223372036854775809"},
                                    {"HOST_TYPE", "3"},
                                    {"METHOD", "255"},
                                    {"CIPHER_SUITES_LEN", "62000"},
                                    {"CIPHER_SUITES", "13011302"},
                                    {NULL, NULL}});
}

Test(encode, http_reply)
{
    struct p2i_http_reply message = {
        .content_type = P2I_VIEW("text/html; charset=utf-8"),
        .location = P2I_VIEW("/elsewhere"),
        .content_length = UINT64_C(0x123456789abcdef0),
        .result_code = 0xfffffffe,
    };
    check(P2I_RECORD_HTTP_REPLY, &message,
          (const struct expected[]){{"CONTENT_TYPE", "text/html; charset=utf-8"},
                                    {"LOCATION", "/elsewhere"},
                                    {"CONTENT_LENGTH", "1311768467463790320"},
                                    {"RESULT_CODE", "4294967294"},
                                    {NULL, NULL}});
}

Test(encode, ssl_reply)
{
    struct p2i_ssl_reply message = {
        .host = P2I_VIEW("example.net"),
        .version = 0x0304,
        .cipher_suite = 0xc02f,
        .compression_method = 1,
        .host_type = P2I_HOST_CERTIFICATE,
    };
    check(P2I_RECORD_SSL_REPLY, &message,
          (const struct expected[]){{"HOSTNAME", "example.net"},
                                    {"SSL_VERSION", "772"},
                                    {"CIPHER_SUITE", "49199"},
                                    {"COMPRESSION_METHOD", "1"},
                                    {"HOST_TYPE", "2"},
                                    {NULL, NULL}});
}

Test(encode, sip)
{
    struct p2i_sip message = {
        .method = P2I_VIEW("INVITE"),
        .uri = P2I_VIEW("sip:bob@example.com"),
        .from = P2I_VIEW("<sip:alice@example.com>;tag=1"),
        .to = P2I_VIEW("<sip:bob@example.com>"),
        .call_id = P2I_VIEW("abc@host"),
        .user_agent = P2I_VIEW("phone"),
        .content_type = P2I_VIEW("application/sdp"),
        .gateways = P2I_VIEW("192.0.2.9,192.0.2.10"),
        .cseq = P2I_VIEW("314159 INVITE"),
        .status_code = 603,
    };
    check(P2I_RECORD_SIP, &message,
          (const struct expected[]){{"MSG_CODE", "INVITE"},
                                    {"STATUS_CODE", "603"},
                                    {"URI", "sip:bob@example.com"},
                                    {"FROM", "<sip:alice@example.com>;tag=1"},
                                    {"TO", "<sip:bob@example.com>"},
                                    {"CALLID", "abc@host"},
                                    {"UAGENT", "phone"},
                                    {"CTYPE", "application/sdp"},
                                    {"GATEWAYS", "192.0.2.9,192.0.2.10"},
                                    {"SIPCseq", "314159 INVITE"},
                                    {NULL, NULL}});
}

Test(encode, ftp)
{
    struct p2i_ftp message = {
        .server_name = P2I_VIEW("ftp.example.com"),
        .user = P2I_VIEW("anonymous"),
        .password = P2I_VIEW("guest"),
        .result_code = 230,
        .mode = 255,
    };
    check(P2I_RECORD_FTP, &message,
          (const struct expected[]){{"SERVER_NAME", "ftp.example.com"},
                                    {"USER", "anonymous"},
                                    {"PASSWORD", "guest"},
                                    {"RESULT_CODE", "230"},
                                    {"MODE", "255"},
                                    {NULL, NULL}});
}

Test(encode, im)
{
    struct p2i_im message = {
        .login = P2I_VIEW("alice@example.com"),
        .password = P2I_VIEW("secret"),
        .screen_name = P2I_VIEW("Alice"),
        .uin = P2I_VIEW("123456"),
        .receivers = P2I_VIEW("bob@example.com"),
        .result_code = 401,
        .protocol = 106,
    };
    check(P2I_RECORD_IM, &message,
          (const struct expected[]){{"IM_LOGIN", "alice@example.com"},
                                    {"IM_PASSW", "secret"},
                                    {"IM_SCREEN_NAME", "Alice"},
                                    {"IM_UIN", "123456"},
                                    {"IM_RECEIVERS", "bob@example.com"},
                                    {"IM_PROTOCOL", "106"},
                                    {"RESULT_CODE", "401"},
                                    {NULL, NULL}});
}

Test(encode, mail)
{
    struct p2i_mail message = {
        .sender = P2I_VIEW("a@example.com"),
        .receiver = P2I_VIEW("b@example.com,c@example.com"),
        .cc = P2I_VIEW("d@example.com"),
        .subject = P2I_VIEW("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"),
        .servers = P2I_VIEW("mx.example.com"),
        .reply_to = P2I_VIEW("e@example.com"),
        .result_code = 250,
        .event = 1,
        .attachment = 1,
        .protocol = 2,
    };
    check(P2I_RECORD_MAIL, &message,
          (const struct expected[]){
              {"MAIL_SENDER", "a@example.com"},
              {"MAIL_RECEIVER", "b@example.com,c@example.com"},
              {"MAIL_CC", "d@example.com"},
              {"MAIL_SUBJECT", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"},
              {"MAIL_SERVERS", "mx.example.com"},
              {"MAIL_REPLY", "e@example.com"},
              {"EVENT", "1"},
              {"ATTACHMENT", "1"},
              {"MAIL_PROTOCOL", "2"},
              {"RESULT_CODE", "250"},
              {NULL, NULL}});
}

Test(encode, raw)
{
    static const uint8_t packet[] = {0x45, 0x00, 0xff};
    struct p2i_raw message = {
        .data = p2i_view_of(packet, sizeof packet),
        .tcp_flags = 0x1ff,
        .flow_direction = 1,
        .data_direction = 1,
    };
    check(P2I_RECORD_RAW, &message,
          (const struct expected[]){{"RAW_DATA", "4500ff"},
                                    {"VDPI_PROTO", "65535"},
                                    {"META_PROTO", "16"},
                                    {"tcpControlBits", "511"},
                                    {"FLW_DIR", "1"},
                                    {"DIR_DATA", "1"},
                                    {NULL, NULL}});
}

Test(encode, dns)
{
    static const uint8_t rdata[] = {192, 0, 2, 53};
    struct p2i_dns message = {
        .domain = P2I_VIEW("www.example.com"),
        .rdata = p2i_view_of(rdata, sizeof rdata),
        .ttl = 0x80000001,
        .rr_class = 1,
        .rr_type = 28,
        .transaction_id = 0xfffe,
        .response_code = 3,
        .query_response = 1,
    };
    check(P2I_RECORD_DNS, &message,
          (const struct expected[]){{"DOMAIN", "www.example.com"},
                                    {"RDATA", "c0000235"},
                                    {"TTL", "2147483649"},
                                    {"RRCLASS", "1"},
                                    {"RRTYPE", "28"},
                                    {"DNSRCode", "3"},
                                    {"dnsID", "65534"},
                                    {"dnsQueryResponse", "1"},
                                    {NULL, NULL}});
}

Test(encode, flow)
{
    struct p2i_flow message = {
        .host = P2I_VIEW("example.com"),
        .octets = UINT64_C(5000000000),
        .packets = UINT64_C(4294967296),
        .start_ms = UINT64_C(1700000000001),
        .end_ms = UINT64_C(1700000000999),
        .ingress_interface = 65534,
        .egress_interface = 65536, /* does not fit into the two bytes that it has */
        .source_port = 0,
        .destination_port = 0x0800,
        .class_of_service = 0xb8,
    };
    check(P2I_RECORD_FLOW, &message,
          (const struct expected[]){{"FLOW_HOST", "example.com"},
                                    {"octetDeltaCount", "5000000000"},
                                    {"packetDeltaCount", "4294967296"},
                                    {"flowStartMilliseconds", "2023-11-14T22:13:20.001Z"},
                                    {"flowEndMilliseconds", "2023-11-14T22:13:20.999Z"},
                                    {"bgpSourceAsNumber", "4200000000"},
                                    {"bgpDestinationAsNumber", "64500"},
                                    {"sourceTransportPort", "0"},
                                    {"destinationTransportPort", "2048"},
                                    {"ingressInterface", "65534"},
                                    {"egressInterface", "65535"},
                                    {"DPI_PROTOCOL", "65535"},
                                    {"ipClassOfService", "184"},
                                    {NULL, NULL}});
}

Test(encode, biflow)
{
    struct p2i_biflow message = {
        .forward = {.host = P2I_VIEW("example.com"), .octets = 100, .packets = 2},
        .reverse_octets = UINT64_C(5000000000),
        .reverse_packets = 3,
        .reverse_start_ms = UINT64_C(1700000000001),
        .reverse_end_ms = UINT64_C(1700000000999),
        .reverse_class_of_service = 0xb8,
        .biflow_direction = P2I_BIFLOW_REVERSE_INITIATOR,
    };
    check(P2I_RECORD_BIFLOW, &message,
          (const struct expected[]){{"FLOW_HOST", "example.com"},
                                    {"octetDeltaCount", "100"},
                                    {"packetDeltaCount", "2"},
                                    {"ipClassOfService", "0"},
                                    {"flowStartMilliseconds", "1970-01-01T00:00:00.000Z"},
                                    {"flowEndMilliseconds", "1970-01-01T00:00:00.000Z"},
                                    {"bgpSourceAsNumber", "4200000000"},
                                    {"bgpDestinationAsNumber", "64500"},
                                    {"sourceTransportPort", "0"},
                                    {"destinationTransportPort", "0"},
                                    {"ingressInterface", "0"},
                                    {"egressInterface", "0"},
                                    {"DPI_PROTOCOL", "65535"},
                                    {"biflowDirection", "2"},
                                    {"reverseOctetDeltaCount", "5000000000"},
                                    {"reversePacketDeltaCount", "3"},
                                    {"reverseIpClassOfService", "184"},
                                    {"reverseFlowStartMilliseconds", "2023-11-14T22:13:20.001Z"},
                                    {"reverseFlowEndMilliseconds", "2023-11-14T22:13:20.999Z"},
                                    {NULL, NULL}});
}

Test(encode, dns_over_udp)
{
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    struct p2i_view values[P2I_FIELDS_MAX];
    struct p2i_record_facts facts = facts_of(4);
    facts.transport = P2I_PROTO_UDP;
    struct p2i_dns message = {0};
    cr_assert(p2i_encode(&usual, P2I_RECORD_DNS, &facts, &message, &buffer, &counts));
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_DNS, 4);
    cr_assert_gt(p2i_decode_record(of, p2i_view_of(buffer.data, buffer.size), values), 0);
    cr_expect_eq(p2i_value_number(values[p2i_field_index(of, P2I_PEN, 3200)]), 0);
    p2i_buffer_free(&buffer);
}

/* The short form up to 254 bytes, the long form from 255 (RFC 7011 section 7), and what lies
 * behind stays where it belongs. */
Test(encode, variable_lengths)
{
    static uint8_t bytes[70000];
    memset(bytes, 'a', sizeof bytes);
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_CLICKSTREAM, 4);
    size_t host = p2i_field_index(of, P2I_PEN, 1005);
    size_t suites = p2i_field_index(of, P2I_PEN, 1025);
    for (size_t size = 0; size < 600; size++) {
        struct p2i_buffer buffer = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        struct p2i_clickstream message = {.host = p2i_view_of(bytes, size),
                                          .cipher_suites = p2i_view_of(bytes, size)};
        encode(&buffer, &usual, P2I_RECORD_CLICKSTREAM, 4, &message, &counts, values);
        cr_assert(p2i_view_equals(values[host], message.host));
        cr_assert(p2i_view_equals(values[suites], message.cipher_suites));
        size_t prefix = size < 255 ? 1 : 3;
        cr_assert_eq(values[host].data[-(ptrdiff_t)prefix], prefix == 1 ? size : 255);
        p2i_buffer_free(&buffer);
    }
}

/* Every variable field of every kind has its length in three bytes, at any length. */
Test(encode, long_variable_lengths)
{
    static const struct p2i_encoding long_form = {.string_limit = 4096, .varlen_long = true};
    static uint8_t bytes[600];
    memset(bytes, 'a', sizeof bytes);
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        for (size_t size = 0; size < sizeof bytes; size += 1 + size / 2) {
            const struct p2i_template *of = p2i_template_of((enum p2i_record_kind)kind, 6);
            struct p2i_buffer buffer = {0};
            struct p2i_encode_counts counts = {0};
            struct p2i_view values[P2I_FIELDS_MAX];
            union {
                struct p2i_view views[8]; /* every message begins with its views */
                uint8_t room[512];
            } message = {.room = {0}};
            message.views[0] = p2i_view_of(bytes, size);
            encode(&buffer, &long_form, (enum p2i_record_kind)kind, 6, &message, &counts, values);
            for (size_t i = 0; i < of->field_count; i++) {
                if (of->fields[i].length == P2I_VARIABLE) {
                    const uint8_t *value = values[i].data;
                    cr_assert_eq(value[-3], 255, "kind %d field %zu", kind, i);
                    cr_assert_eq(p2i_load_be16(value - 2), values[i].size);
                }
            }
            p2i_buffer_free(&buffer);
        }
    }
}

/* A string whose escapes make it longer than 254 bytes, and one that the limit makes shorter. */
Test(encode, length_form_follows_the_encoded_length)
{
    static uint8_t bad[100];
    static uint8_t wide[300]; /* characters of 3 bytes, which do not end at 254 */
    memset(bad, 0xff, sizeof bad);
    for (size_t i = 0; i + 3 <= sizeof wide; i += 3) {
        memcpy(wide + i, "\xe2\x82\xac", 3);
    }
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_CLICKSTREAM, 4);
    size_t host = p2i_field_index(of, P2I_PEN, 1005);
    size_t path = p2i_field_index(of, P2I_PEN, 1006);
    for (uint32_t limit = 250; limit < 262; limit++) {
        struct p2i_buffer buffer = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        struct p2i_encoding encoding = {.string_limit = limit};
        struct p2i_clickstream message = {.host = p2i_view_of(bad, sizeof bad),
                                          .path = p2i_view_of(wide, sizeof wide)};
        encode(&buffer, &encoding, P2I_RECORD_CLICKSTREAM, 4, &message, &counts, values);
        cr_expect_eq(values[host].size, limit / 4 * 4);
        cr_expect_eq(values[path].size, limit / 3 * 3);
        cr_expect_eq(memcmp(values[host].data, "\\xff", 4), 0);
        cr_expect_eq(memcmp(values[path].data, wide, values[path].size), 0);
        cr_expect_eq(counts.strings_cut, 2);
        cr_expect_eq(counts.strings_escaped, 1);
        p2i_buffer_free(&buffer);
    }
}

Test(encode, a_string_is_cut_between_characters)
{
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    struct p2i_view values[P2I_FIELDS_MAX];
    struct p2i_encoding encoding = {.string_limit = 4};
    struct p2i_ftp message = {.server_name = P2I_VIEW("abc\xd0\x9f"),
                              .user = P2I_VIEW("abcd"),
                              .password = P2I_VIEW("ab\xff")};
    encode(&buffer, &encoding, P2I_RECORD_FTP, 6, &message, &counts, values);
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_FTP, 6);
    cr_expect(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 3050)], P2I_VIEW("abc")));
    cr_expect(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 3051)], P2I_VIEW("abcd")));
    cr_expect(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 3052)], P2I_VIEW("ab")));
    cr_expect(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 1002)], P2I_VIEW("subs")));
    cr_expect_eq(counts.strings_cut, 3);
    p2i_buffer_free(&buffer);
}

/* Octets are not under the limit of strings, and not made UTF-8. */
Test(encode, octets_stay_raw)
{
    static uint8_t bytes[60000];
    memset(bytes, 0xff, sizeof bytes);
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    struct p2i_view values[P2I_FIELDS_MAX];
    struct p2i_dns message = {.rdata = p2i_view_of(bytes, sizeof bytes)};
    encode(&buffer, &usual, P2I_RECORD_DNS, 4, &message, &counts, values);
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_DNS, 4);
    cr_expect(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 3205)], message.rdata));
    cr_expect_eq(counts.strings_cut + counts.strings_escaped, 0);
    p2i_buffer_free(&buffer);
}

/* The longest fields give way; short ones stay whole; the record comes near its limit. */
Test(encode, the_record_has_a_limit)
{
    static uint8_t bytes[65535];
    memset(bytes, 'a', sizeof bytes);
    struct p2i_encoding encoding = {.string_limit = UINT32_MAX};
    for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
        struct p2i_buffer buffer = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        struct p2i_clickstream message = {.host = P2I_VIEW("example.com"),
                                          .path = p2i_view_of(bytes, 65535),
                                          .referer = p2i_view_of(bytes, 15000),
                                          .user_agent = p2i_view_of(bytes, 30000),
                                          .cookie = p2i_view_of(bytes, 50000)};
        encode(&buffer, &encoding, P2I_RECORD_CLICKSTREAM, version, &message, &counts, values);
        const struct p2i_template *of = p2i_template_of(P2I_RECORD_CLICKSTREAM, version);
        cr_expect_leq(buffer.size, 65000);
        cr_expect_gt(buffer.size, 64950);
        cr_expect_eq(values[p2i_field_index(of, P2I_PEN, 1005)].size, 11);
        cr_expect_eq(values[p2i_field_index(of, P2I_PEN, 1007)].size, 15000);
        size_t path = values[p2i_field_index(of, P2I_PEN, 1006)].size;
        cr_expect_eq(values[p2i_field_index(of, P2I_PEN, 1008)].size, path);
        cr_expect_eq(values[p2i_field_index(of, P2I_PEN, 1009)].size, path);
        cr_expect_eq(counts.strings_cut, 3);
        p2i_buffer_free(&buffer);
    }
}

Test(encode, the_record_limit_holds_for_octets_and_at_the_edge)
{
    static uint8_t bytes[65535];
    memset(bytes, 0xff, sizeof bytes);
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_DNS, 6);
    for (size_t size = 64700; size < 65535; size++) {
        struct p2i_buffer buffer = {0};
        struct p2i_encode_counts counts = {0};
        struct p2i_view values[P2I_FIELDS_MAX];
        struct p2i_dns message = {.domain = P2I_VIEW("example.com"),
                                  .rdata = p2i_view_of(bytes, size)};
        encode(&buffer, &usual, P2I_RECORD_DNS, 6, &message, &counts, values);
        size_t kept = values[p2i_field_index(of, P2I_PEN, 3205)].size;
        cr_expect_leq(buffer.size, 65000);
        cr_expect(kept == size || buffer.size > 64980);
        cr_expect_eq(counts.strings_cut, kept < size);
        cr_expect_eq(values[p2i_field_index(of, P2I_PEN, 3201)].size, 11);
        p2i_buffer_free(&buffer);
    }
}

Test(encode, records_follow_each_other)
{
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    struct p2i_ftp message = {.user = P2I_VIEW("user")};
    for (size_t i = 0; i < 1000; i++) {
        struct p2i_view values[P2I_FIELDS_MAX];
        encode(&buffer, &usual, P2I_RECORD_FTP, 4, &message, &counts, values);
    }
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_FTP, 4);
    struct p2i_view rest = p2i_view_of(buffer.data, buffer.size);
    size_t count = 0;
    while (rest.size > 0) {
        struct p2i_view values[P2I_FIELDS_MAX];
        size_t size = p2i_decode_record(of, rest, values);
        cr_assert_gt(size, 0);
        cr_assert(p2i_view_equals(values[p2i_field_index(of, P2I_PEN, 3051)], message.user));
        rest = p2i_view_from(rest, size);
        count++;
    }
    cr_expect_eq(count, 1000);
    p2i_buffer_free(&buffer);
}

Test(encode, no_memory_leaves_the_buffer_alone)
{
    struct p2i_buffer buffer = {0};
    cr_assert(p2i_buffer_reserve(&buffer, 10));
    buffer.size = 10;
    cr_expect_not(p2i_buffer_reserve(&buffer, SIZE_MAX));
    cr_expect_not(p2i_buffer_reserve(&buffer, SIZE_MAX / 2));
    cr_expect_eq(buffer.size, 10);
    cr_expect_geq(buffer.capacity, 10);
    p2i_buffer_free(&buffer);
    cr_expect_null(buffer.data);
}
