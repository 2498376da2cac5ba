/* SPDX-License-Identifier: MIT */
/* Collectors that map elements to names and types of their own. */
#include <stdbool.h>

#include "cli/ipfixtool/registry.h"

/* Names of our types in the collectors. */
static const struct {
    const char *logstash; /* bytes of any length are a string there */
    const char *telegraf; /* "ip" takes 4 and 16 bytes; there is no type for MAC addresses */
    const char *pmacct;
    const char *protobuf, *render; /* goflow2; render NULL: a plain number, bytes in hexadecimal */
} types[] = {
    [P2I_TYPE_OCTETS] = {"string", "hex", "raw", "bytes", NULL},
    [P2I_TYPE_UNSIGNED8] = {"uint8", "uint", "u_int", "varint", NULL},
    [P2I_TYPE_UNSIGNED16] = {"uint16", "uint", "u_int", "varint", NULL},
    [P2I_TYPE_UNSIGNED32] = {"uint32", "uint", "u_int", "varint", NULL},
    [P2I_TYPE_UNSIGNED64] = {"uint64", "uint", "u_int", "varint", NULL},
    [P2I_TYPE_MAC] = {"mac_addr", "hex", "mac", "varint", "mac"},
    [P2I_TYPE_STRING] = {"string", "string", "str", "string", "string"},
    [P2I_TYPE_SECONDS] = {"uint32", "uint", "u_int", "varint", "datetime"},
    [P2I_TYPE_MILLISECONDS] = {"uint64", "uint", "u_int", "varint", NULL},
    [P2I_TYPE_NANOSECONDS] = {"uint64", "hex", "raw", "bytes", NULL},
    [P2I_TYPE_IPV4] = {"ip4_addr", "ip", "ip", "bytes", "ip"},
    [P2I_TYPE_IPV6] = {"ip6_addr", "ip", "ip", "bytes", "ip"},
};

void p2i_tool_logstash(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    fprintf(out, "---\n%u:\n", (unsigned)P2I_PEN);
    for (size_t i = 0; i < count; i++) {
        if (elements[i].pen == P2I_PEN) {
            fprintf(out, "  %u:\n  - :%s\n  - :%s\n", elements[i].id,
                    types[elements[i].type].logstash, elements[i].name);
        }
    }
}

void p2i_tool_telegraf(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    fputs("# PEN.ID, name, type\n", out);
    for (size_t i = 0; i < count; i++) {
        if (elements[i].pen != 0) {
            fprintf(out, "%u.%u,%s,%s\n", elements[i].pen, elements[i].id, elements[i].name,
                    types[elements[i].type].telegraf);
        }
    }
}

static void print_graylog(FILE *out, unsigned pen)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    const char *before = "";
    fprintf(out, "{\n  \"enterprise_number\": %u,\n  \"information_elements\": [\n", pen);
    for (size_t i = 0; i < count; i++) {
        if (elements[i].pen == pen) {
            fprintf(out, "%s    {\"element_id\": %u, \"name\": \"%s\", \"data_type\": \"%s\"}",
                    before, elements[i].id, elements[i].name, p2i_tool_type_name(elements[i].type));
            before = ",\n";
        }
    }
    fputs("\n  ]\n}\n", out);
}

void p2i_tool_graylog(FILE *out)
{
    print_graylog(out, P2I_PEN);
}

void p2i_tool_graylog_reverse(FILE *out)
{
    print_graylog(out, P2I_PEN_REVERSE);
}

static bool template_has(const struct p2i_template *of, const struct p2i_element *element)
{
    for (size_t i = 0; i < of->field_count; i++) {
        if (of->fields[i].element == element) {
            return true;
        }
    }
    return false;
}

/* Whether a kind of record has the element: one of the channel meta, or one of the others. All may
 * have our addresses of IPv6 (ipv6_elements: distinct). */
static bool channel_has(bool meta, const struct p2i_element *element)
{
    if (element->pen == P2I_PEN && element->type == P2I_TYPE_IPV6) {
        return true;
    }
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        enum p2i_record_kind kind = (enum p2i_record_kind)i;
        bool is_meta = kind == P2I_RECORD_SIP || kind == P2I_RECORD_FTP || kind == P2I_RECORD_IM ||
                       kind == P2I_RECORD_MAIL || kind == P2I_RECORD_RAW;
        if (is_meta == meta && (template_has(p2i_template_of(kind, 4), element) ||
                                template_has(p2i_template_of(kind, 6), element))) {
            return true;
        }
    }
    return false;
}

/* A file may have 63 primitives: nfacctd ignores or crashes on more. */
static void print_primitives(FILE *out, bool meta)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        const struct p2i_element *element = &elements[i];
        if (element->pen == 0 || !channel_has(meta, element)) {
            continue;
        }
        unsigned length = p2i_tool_type_length(element->type);
        fprintf(out, "name=%s field_type=%u:%u len=", element->name, element->pen, element->id);
        if (length == P2I_VARIABLE) {
            fputs("vlen", out);
        } else {
            fprintf(out, "%u", length);
        }
        fprintf(out, " semantics=%s\n", types[element->type].pmacct);
    }
}

void p2i_tool_pmacct(FILE *out)
{
    print_primitives(out, false);
}

void p2i_tool_pmacct_meta(FILE *out)
{
    print_primitives(out, true);
}

/* IANA elements that goflow2 has no columns for. */
static bool goflow2_lacks(const struct p2i_element *element)
{
    static const uint16_t lacking[] = {
        136, /* flowEndReason */
        138, /* observationPointId */
        225, /* postNATSourceIPv4Address */
        227, /* postNAPTSourceTransportPort */
        239, /* biflowDirection */
        318, /* selectorIdTotalPktsObserved */
        325, /* observationTimeNanoseconds */
    };
    bool lacks = element->pen != 0;
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
        lacks = lacks || element->id == lacking[i];
    }
    return lacks;
}

/* The number of the protobuf field: above those of goflow2's own message, below the range that
 * protobuf keeps to itself (19000 to 19999) or above it. */
static unsigned goflow2_index(const struct p2i_element *element)
{
    static const struct {
        uint32_t pen;
        unsigned first;
    } ranges[] = {{P2I_PEN, 10000},
                  {P2I_PEN_REVERSE, 20000},
                  {0, 30000},
                  {P2I_PEN_FLOWMON, 40000},
                  {P2I_PEN_CERT, 50000}};
    size_t i = 0;
    while (ranges[i].pen != element->pen) {
        i++;
    }
    return element->id + ranges[i].first;
}

static void goflow2_field(FILE *out, const struct p2i_element *element)
{
    fprintf(out, "    - %s\n", element->name);
}

static void goflow2_protobuf(FILE *out, const struct p2i_element *element)
{
    fprintf(out, "    - name: %s\n      index: %u\n      type: %s\n", element->name,
            goflow2_index(element), types[element->type].protobuf);
}

static void goflow2_render(FILE *out, const struct p2i_element *element)
{
    if (types[element->type].render != NULL) {
        fprintf(out, "    %s: %s\n", element->name, types[element->type].render);
    }
}

static void goflow2_mapping(FILE *out, const struct p2i_element *element)
{
    fprintf(out, "    - field: %u\n", element->id);
    if (element->pen != 0) {
        fprintf(out, "      penprovided: true\n      pen: %u\n", element->pen);
    }
    fprintf(out, "      destination: %s\n", element->name);
}

void p2i_tool_goflow2(FILE *out)
{
    static const struct {
        const char *heading;
        void (*print)(FILE *out, const struct p2i_element *element);
    } parts[] = {
        {"formatter:\n  fields:\n"
         "    - type\n    - sampler_address\n    - sequence_num\n"
         "    - time_received_ns\n    - time_flow_start_ns\n    - time_flow_end_ns\n"
         "    - bytes\n    - packets\n    - src_addr\n    - dst_addr\n    - etype\n    - proto\n"
         "    - src_port\n    - dst_port\n    - in_if\n    - out_if\n    - src_mac\n    - dst_mac\n"
         "    - src_vlan\n    - dst_vlan\n    - ip_tos\n    - tcp_flags\n    - src_as\n"
         "    - dst_as\n",
         goflow2_field},
        {"  key:\n    - sampler_address\n  protobuf:\n", goflow2_protobuf},
        {"  render:\n", goflow2_render},
        {"ipfix:\n  mapping:\n", goflow2_mapping},
    };
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
        fputs(parts[part].heading, out);
        for (size_t i = 0; i < count; i++) {
            if (goflow2_lacks(&elements[i])) {
                parts[part].print(out, &elements[i]);
            }
        }
    }
}
