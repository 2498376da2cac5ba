/* SPDX-License-Identifier: MIT */
/* ipfixtool fields: the tables of our records and protocols, for people, manuals, programs and
 * collectors. */
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/registry.h"
#include "pcap2ipfix/protocols.h"

/* A kind in both IP versions. Fields have the same order in both. */
struct record_table {
    const struct p2i_template *four, *six;
};

static struct record_table table_of(enum p2i_record_kind kind, bool extended)
{
    return extended ? (struct record_table){p2i_extended_template_of(kind, 4),
                                            p2i_extended_template_of(kind, 6)}
                    : (struct record_table){p2i_template_of(kind, 4), p2i_template_of(kind, 6)};
}

/* "4", "4 or 16", "variable". */
static const char *length_text(struct record_table table, size_t field, char *room, size_t size)
{
    unsigned four = table.four->fields[field].length;
    unsigned six = table.six->fields[field].length;
    if (four == P2I_VARIABLE) {
        return "variable";
    }
    (void)snprintf(room, size, four == six ? "%u" : "%u or %u", four, six);
    return room;
}

/* The element of IPv6 if it differs, else NULL. */
static const struct p2i_element *other_element(struct record_table table, size_t field)
{
    const struct p2i_element *six = table.six->fields[field].element;
    return six != table.four->fields[field].element ? six : NULL;
}

static void print_markdown_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        fputs(*text == '|' || *text == '\\' ? "\\" : "", out);
        fputc(*text, out);
    }
}

static void print_markdown_field(FILE *out, const struct p2i_element *element, const char *length)
{
    fprintf(out, "| %s | %u/%u | %s | %s | ", element->name, element->pen, element->id,
            p2i_tool_type_name(element->type), length);
    print_markdown_text(out, element->meaning);
    fprintf(out, " | %s |\n", element->source);
}

static void print_markdown(FILE *out, struct record_table table)
{
    char room[32];
    const struct p2i_template *four = table.four;
    fprintf(out, "## %s\n\nOne for ", four->name);
    print_markdown_text(out, four->meaning);
    fprintf(out, ".\nTemplate %u, for IPv6 %u; observation domain %u.\n\n", four->id, table.six->id,
            four->domain);
    fputs("| field | element | type | bytes | meaning | source |\n"
          "|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < four->field_count; i++) {
        const struct p2i_element *other = other_element(table, i);
        if (other == NULL) {
            print_markdown_field(out, four->fields[i].element,
                                 length_text(table, i, room, sizeof(room)));
            continue;
        }
        (void)snprintf(room, sizeof(room), "%u (IPv4)", four->fields[i].length);
        print_markdown_field(out, four->fields[i].element, room);
        (void)snprintf(room, sizeof(room), "%u (IPv6)", table.six->fields[i].length);
        print_markdown_field(out, other, room);
    }
    fputc('\n', out);
}

/* The texts of the tables are ASCII without control characters. */
static void print_json_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        fputs(*text == '"' || *text == '\\' ? "\\" : "", out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void print_json_template(FILE *out, const struct p2i_template *of)
{
    fprintf(out, "{\"record\":\"%s\",\"ip_version\":%u,\"template_id\":%u,\"domain\":%u,", of->name,
            of->ip_version, of->id, of->domain);
    print_json_text(out, "meaning", of->meaning);
    fputs(",\"fields\":[", out);
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        fprintf(out,
                "%s\n  {\"name\":\"%s\",\"pen\":%u,\"id\":%u,\"type\":\"%s\",\"semantics\":\"%s\","
                "\"length\":%u,",
                i > 0 ? "," : "", element->name, element->pen, element->id,
                p2i_tool_type_name(element->type), p2i_tool_semantics_name(element->semantics),
                of->fields[i].length);
        print_json_text(out, "meaning", element->meaning);
        fputc(',', out);
        print_json_text(out, "source", element->source);
        fputc('}', out);
    }
    fputs("]}", out);
}

static void print_json(FILE *out, struct record_table table)
{
    print_json_template(out, table.four);
    fputs(",\n", out);
    print_json_template(out, table.six);
}

/* A text line of mdoc: "\" is an escape, "." and "'" begin a request. */
static void print_mdoc_text(FILE *out, const char *text)
{
    fputs(*text == '.' || *text == '\'' ? "\\&" : "", out);
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            fputs("\\e", out);
        } else {
            fputc(*text, out);
        }
    }
    fputc('\n', out);
}

static void print_mdoc_field(FILE *out, const struct p2i_element *element, const char *length)
{
    fprintf(out, ".It Sy %s Pq %u/%u, %s, %s\n", element->name, element->pen, element->id,
            p2i_tool_type_name(element->type), length);
    print_mdoc_text(out, element->meaning);
}

static void print_mdoc(FILE *out, struct record_table table)
{
    char room[48];
    fprintf(out,
            ".Pp\nTemplate %u, for IPv6 %u; observation domain %u.\n"
            "Fields in their order:\n.Pp\n.Bl -tag -width Ds -compact\n",
            table.four->id, table.six->id, table.four->domain);
    for (size_t i = 0; i < table.four->field_count; i++) {
        const struct p2i_element *element = table.four->fields[i].element;
        const struct p2i_element *other = other_element(table, i);
        const char *length = length_text(table, i, room, sizeof(room));
        char bytes[64];
        (void)snprintf(bytes, sizeof(bytes), "%s%s", length,
                       strcmp(length, "variable") == 0 ? ""
                       : strcmp(length, "1") == 0      ? " byte"
                                                       : " bytes");
        if (other == NULL) {
            print_mdoc_field(out, element, bytes);
            continue;
        }
        (void)snprintf(bytes, sizeof(bytes), "%u bytes, in IPv4 records",
                       table.four->fields[i].length);
        print_mdoc_field(out, element, bytes);
        (void)snprintf(bytes, sizeof(bytes), "%u bytes, in IPv6 records",
                       table.six->fields[i].length);
        print_mdoc_field(out, other, bytes);
    }
    fputs(".El\n", out);
}

/* Formats of the record tables: one call a kind, with text before, between and behind. */
static const struct {
    const char *name;
    void (*print)(FILE *out, struct record_table table);
    const char *before, *between, *behind;
} tables[] = {
    {"md", print_markdown, "", "", ""},
    {"json", print_json, "[", ",\n", "]\n"},
    {"mdoc", print_mdoc, "", "", ""},
};
enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

/* Formats of the list of elements. */
static const struct {
    const char *name;
    void (*print)(FILE *out);
} registries[] = {
    {"libfds", p2i_tool_libfds},
    {"cert", p2i_tool_cert},
    {"logstash", p2i_tool_logstash},
    {"goflow2", p2i_tool_goflow2},
    {"pmacct", p2i_tool_pmacct},
    {"pmacct-meta", p2i_tool_pmacct_meta},
    {"graylog", p2i_tool_graylog},
    {"graylog-reverse", p2i_tool_graylog_reverse},
    {"telegraf", p2i_tool_telegraf},
    {"clickhouse", p2i_tool_clickhouse},
    {"clickhouse-18", p2i_tool_clickhouse_18},
    {"iespec", p2i_tool_iespec},
};
enum { REGISTRY_COUNT = sizeof(registries) / sizeof(registries[0]) };

static int print_tables(size_t format, const char *record, bool extended)
{
    const char *before = tables[format].before;
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        struct record_table table = table_of((enum p2i_record_kind)i, extended);
        if (record == NULL || strcasecmp(record, table.four->name) == 0) {
            fputs(before, stdout);
            tables[format].print(stdout, table);
            before = tables[format].between;
        }
    }
    fputs(tables[format].behind, stdout);
    return TOOL_OK;
}

static bool is_record(const char *name)
{
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        if (strcasecmp(name, p2i_record_name((enum p2i_record_kind)i)) == 0) {
            return true;
        }
    }
    return false;
}

static void print_markdown_protocol(FILE *out, const struct p2i_protocol_facts *facts, int meta)
{
    fprintf(out, "| %s | %u | %d |\n", facts->name, facts->number, meta);
}

static void print_json_protocol(FILE *out, const struct p2i_protocol_facts *facts, int meta)
{
    fprintf(out, "{\"name\":\"%s\",\"number\":%u,\"meta_proto\":%d}", facts->name, facts->number,
            meta);
}

static void print_mdoc_protocol(FILE *out, const struct p2i_protocol_facts *facts, int meta)
{
    fprintf(out, ".It %s Ta %u Ta %d\n", facts->name, facts->number, meta);
}

/* Formats of the table of protocols: one call a row; META_PROTO is the index of the row. */
static const struct {
    const char *name;
    const char *before, *between, *behind;
    void (*print)(FILE *out, const struct p2i_protocol_facts *facts, int meta);
} protocol_tables[] = {
    {"md", "| protocol | DPI_PROTOCOL, VDPI_PROTO | META_PROTO |\n|---|---|---|\n", "", "",
     print_markdown_protocol},
    {"json", "[", ",\n ", "]\n", print_json_protocol},
    {"mdoc",
     ".Bl -column netbios-dgm DPI_PROTOCOL META_PROTO\n"
     ".It Em protocol Ta Em DPI_PROTOCOL Ta Em META_PROTO\n",
     "", ".El\n", print_mdoc_protocol},
};
enum { PROTOCOL_TABLE_COUNT = sizeof(protocol_tables) / sizeof(protocol_tables[0]) };

static int print_protocols(const char *format)
{
    for (size_t i = 0; i < PROTOCOL_TABLE_COUNT; i++) {
        if (strcmp(format, protocol_tables[i].name) != 0) {
            continue;
        }
        fputs(protocol_tables[i].before, stdout);
        for (int id = 0; p2i_protocol_facts((enum p2i_protocol_id)id) != NULL; id++) {
            fputs(id > 0 ? protocol_tables[i].between : "", stdout);
            protocol_tables[i].print(stdout, p2i_protocol_facts((enum p2i_protocol_id)id), id);
        }
        fputs(protocol_tables[i].behind, stdout);
        return TOOL_OK;
    }
    return p2i_tool_usage("fields: --protocols works with md, json and mdoc only");
}

static int unknown_format(const char *format)
{
    char list[256] = "";
    size_t size = 0;
    for (size_t i = 0; i < TABLE_COUNT + REGISTRY_COUNT && size < sizeof list; i++) {
        const char *name = i < TABLE_COUNT ? tables[i].name : registries[i - TABLE_COUNT].name;
        int more = snprintf(list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "", name);
        size += more > 0 ? (size_t)more : 0;
    }
    return p2i_tool_usage("fields: unknown format '%s'; there are %s", format, list);
}

static int print_format(const char *format, const char *record, bool extended)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(format, tables[i].name) == 0) {
            return print_tables(i, record, extended);
        }
    }
    for (size_t i = 0; i < REGISTRY_COUNT; i++) {
        if (strcmp(format, registries[i].name) == 0) {
            if (record != NULL || extended) {
                return p2i_tool_usage("fields: --%s works with md, json and mdoc only",
                                      record != NULL ? "record" : "extended");
            }
            registries[i].print(stdout);
            return TOOL_OK;
        }
    }
    return unknown_format(format);
}

int p2i_tool_fields(int argc, char **argv)
{
    struct p2i_tool_arguments arguments;
    const char *format = "md";
    const char *record = NULL;
    bool protocols = false;
    bool extended = false;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_FIELDS, argc, argv);
    while ((option = p2i_tool_next(&arguments)) >= 0) {
        format = option == TOOL_OPTION_FIELDS_FORMAT ? arguments.scan.value : format;
        record = option == TOOL_OPTION_FIELDS_RECORD ? arguments.scan.value : record;
        extended = extended || option == TOOL_OPTION_FIELDS_EXTENDED;
        protocols = protocols || option == TOOL_OPTION_FIELDS_PROTOCOLS;
    }
    if (arguments.status != TOOL_OK) {
        return arguments.status;
    }
    if (arguments.count > 0) {
        return p2i_tool_usage("fields: takes no file");
    }
    if (record != NULL && !is_record(record)) {
        return p2i_tool_unknown_kind("fields", record, "");
    }
    if (protocols && (record != NULL || extended)) {
        return p2i_tool_usage("fields: --protocols and --%s exclude each other",
                              record != NULL ? "record" : "extended");
    }
    return protocols ? print_protocols(format) : print_format(format, record, extended);
}
