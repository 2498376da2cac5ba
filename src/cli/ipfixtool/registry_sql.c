/* SPDX-License-Identifier: MIT */
/* Tables of ClickHouse for our JSON Lines: one for each kind of record, and "records", which stores
 * nothing: a line inserted there goes to the table of its kind. */
#include <stdbool.h>

#include "cli/ipfixtool/registry.h"

/* Types for the values of the JSON. Addresses and octets (in hexadecimal) are text: a column
 * has addresses of both IP versions. */
static const char *const types[] = {
    [P2I_TYPE_OCTETS] = "String",       [P2I_TYPE_UNSIGNED8] = "UInt8",
    [P2I_TYPE_UNSIGNED16] = "UInt16",   [P2I_TYPE_UNSIGNED32] = "UInt32",
    [P2I_TYPE_UNSIGNED64] = "UInt64",   [P2I_TYPE_MAC] = "String",
    [P2I_TYPE_STRING] = "String",       [P2I_TYPE_SECONDS] = "DateTime('UTC')",
    [P2I_TYPE_MILLISECONDS] = "UInt64", [P2I_TYPE_NANOSECONDS] = "String",
    [P2I_TYPE_IPV4] = "String",         [P2I_TYPE_IPV6] = "String",
};

static void print_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        fputs(*text == '\'' || *text == '\\' ? "\\" : "", out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* Beside the fields. JSON has `cut` where it is true, the others in extended records. */
static const struct {
    const char *name, *type, *meaning;
    bool of_flows;
} members[] = {
    {"cut", "UInt8", "1: the message is not whole, the record has what there was of it", false},
    {"lost_bytes", "UInt64", "bytes of TCP that are missing in the capture", true},
    {"cut_bytes", "UInt64", "payload that the snaplen cut", true},
    {"capture", "String", "name of the capture", false},
    {"packet", "UInt64", "number of the packet in its capture", false},
    {"time", "String", "time of the packet, with nanoseconds", false},
    {"community_id", "String", "Community ID of the flow", false},
};

/* The definitions, or only the names, of the columns beside the fields. */
static void print_members(FILE *out, bool flow, bool definitions)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].of_flows && !flow) {
            continue;
        }
        fprintf(out, "    `%s`", members[i].name);
        if (definitions) {
            fprintf(out, " %s COMMENT '%s'", members[i].type, members[i].meaning);
        }
        fputs(",\n", out);
    }
}

static void print_definition(FILE *out, const struct p2i_element *element)
{
    fprintf(out, "    `%s` %s COMMENT ", element->name, types[element->type]);
    print_text(out, element->meaning);
}

static void print_name(FILE *out, const struct p2i_element *element)
{
    fprintf(out, "    `%s`", element->name);
}

/* The element that records over IPv6 have instead, NULL if it is the same. IP_SOURCE and
 * IP_DESTINATION have one that many collectors are sent (ipv6_elements: distinct) besides. */
static const struct p2i_element *ipv6_element(const struct p2i_field *four,
                                              const struct p2i_field *six)
{
    enum { DISTINCT = 100 }; /* 1103 for 1003, 1104 for 1004 */
    if (four->element != six->element) {
        return six->element;
    }
    bool address = four->element->pen == P2I_PEN && four->element->type == P2I_TYPE_IPV4;
    return address ? p2i_element_find(P2I_PEN, (uint16_t)(four->element->id + DISTINCT)) : NULL;
}

/* Fields of a kind, one a line with commas between: those of IPv4, each followed by that of IPv6
 * where there is another one. */
static void print_columns(FILE *out, enum p2i_record_kind kind,
                          void (*print)(FILE *out, const struct p2i_element *element))
{
    const struct p2i_template *four = p2i_extended_template_of(kind, 4);
    const struct p2i_template *six = p2i_extended_template_of(kind, 6);
    for (size_t i = 0; i < four->field_count; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        print(out, four->fields[i].element);
        const struct p2i_element *other = ipv6_element(&four->fields[i], &six->fields[i]);
        if (other != NULL) {
            fputs(",\n", out);
            print(out, other);
        }
    }
    fputc('\n', out);
}

/* The time by which the table is sorted. */
static const struct p2i_element *time_of(const struct p2i_template *of)
{
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        if (element->type == P2I_TYPE_SECONDS || element->type == P2I_TYPE_MILLISECONDS) {
            return element;
        }
    }
    return of->fields[0].element;
}

static void print_table(FILE *out, enum p2i_record_kind kind)
{
    const struct p2i_template *four = p2i_template_of(kind, 4);
    bool flow = kind == P2I_RECORD_FLOW || kind == P2I_RECORD_BIFLOW;
    fprintf(out, "\nCREATE TABLE `%s`\n(\n", four->name);
    print_members(out, flow, true);
    print_columns(out, kind, print_definition);
    fprintf(out, ")\nENGINE = MergeTree ORDER BY `%s`;\n", time_of(four)->name);
    fprintf(out, "\nCREATE MATERIALIZED VIEW `to_%s` TO `%s` AS SELECT\n", four->name, four->name);
    print_members(out, flow, false);
    print_columns(out, kind, print_name);
    fprintf(out, "FROM `records` WHERE `record` = '%s';\n", four->name);
}

void p2i_tool_clickhouse(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    fputs("CREATE TABLE `records`\n(\n    `record` String COMMENT 'kind of record',\n", out);
    print_members(out, true, true);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        print_definition(out, &elements[i]);
    }
    fputs("\n)\nENGINE = Null;\n", out);
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        print_table(out, (enum p2i_record_kind)i);
    }
}
