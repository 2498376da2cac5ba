/* SPDX-License-Identifier: MIT */
/* Tables of ClickHouse for our JSON Lines: one for each kind of record, and "records", which stores
 * nothing: a line inserted there goes to the table of its kind. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "cli/ipfixtool/registry.h"
#include "pcap2ipfix/value_names.h"

/* What a version of ClickHouse can do. */
struct dialect {
    bool fine_times; /* DateTime64 */
    bool codecs;     /* CODEC of a column */
};
static const struct dialect present = {.fine_times = true, .codecs = true};
static const struct dialect old = {0}; /* 18.16 */

/* Types for the values of the JSON. Addresses and octets (in hexadecimal) are text: a column
 * has addresses of both IP versions. */
static const char *const types[] = {
    [P2I_TYPE_OCTETS] = "String",       [P2I_TYPE_UNSIGNED8] = "UInt8",
    [P2I_TYPE_UNSIGNED16] = "UInt16",   [P2I_TYPE_UNSIGNED32] = "UInt32",
    [P2I_TYPE_UNSIGNED64] = "UInt64",   [P2I_TYPE_MAC] = "LowCardinality(String)",
    [P2I_TYPE_STRING] = "String",       [P2I_TYPE_SECONDS] = "DateTime('UTC')",
    [P2I_TYPE_MILLISECONDS] = "UInt64", [P2I_TYPE_NANOSECONDS] = "String",
    [P2I_TYPE_IPV4] = "String",         [P2I_TYPE_IPV6] = "String",
};

/* Texts of which there are few compared with the records. */
static const char *const few[] = {"LOGIN",    "FLOW_LOGIN",  "HOSTNAME",     "FLOW_HOST",
                                  "UAGENT",   "USER_AGENT",  "CONTENT_TYPE", "CTYPE",
                                  "MSG_CODE", "SERVER_NAME", "MAIL_SERVERS", "MPLS_LABELS"};

/* What each kind is asked, and by what it is therefore sorted; behind these by its time. */
static const struct {
    const char *question;
    const char *columns[2];
} orders[] = {
    [P2I_RECORD_CLICKSTREAM] = {"who visited a host", {"HOSTNAME", NULL}},
    [P2I_RECORD_HTTP_REPLY] = {"the replies of a session, for its requests", {"SESSION_ID", NULL}},
    [P2I_RECORD_SSL_REPLY] = {"the replies of a session, for its hellos", {"SESSION_ID", NULL}},
    [P2I_RECORD_SIP] = {"the messages of a call", {"CALLID", NULL}},
    [P2I_RECORD_FTP] = {"the logins of a server", {"SERVER_NAME", NULL}},
    [P2I_RECORD_IM] = {"what an account did", {"IM_PROTOCOL", "IM_LOGIN"}},
    [P2I_RECORD_MAIL] = {"the mails of a sender", {"MAIL_SENDER", NULL}},
    [P2I_RECORD_DNS] = {"who asked for a name, and what it was", {"DOMAIN", NULL}},
    [P2I_RECORD_FLOW] = {"the flows of a host", {"sourceIPv4Address", NULL}},
    [P2I_RECORD_BIFLOW] = {"the flows of a host", {"sourceIPv4Address", NULL}},
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
static const struct member {
    const char *name, *type, *meaning;
    bool of_flows;
} members[] = {
    {"cut", "UInt8", "1: the message is not whole, the record has what there was of it", false},
    {"lost_bytes", "UInt64", "bytes of TCP that are missing in the capture", true},
    {"cut_bytes", "UInt64", "payload that the snaplen cut", true},
    {"capture", "LowCardinality(String)", "name of the capture", false},
    {"packet", "UInt64", "number of the packet in its capture", false},
    {"time", "String", "time of the packet, with nanoseconds", false},
    {"community_id", "String", "Community ID of the flow", false},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

static bool is_few(const char *name)
{
    for (size_t i = 0; i < sizeof few / sizeof *few; i++) {
        if (strcmp(few[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The type of a value in JSON. */
static const char *json_type(const struct p2i_element *element)
{
    return is_few(element->name) ? "LowCardinality(String)" : types[element->type];
}

/* Prints type, meaning and compression of a column. Times go from row to row by little. */
static void print_column(FILE *out, const struct dialect *dialect, const char *name,
                         const char *type, const char *meaning)
{
    bool time = strncmp(type, "DateTime", 8) == 0 || strcmp(name, "packet") == 0;
    fprintf(out, "    `%s` %s COMMENT ", name, type);
    print_text(out, meaning);
    if (dialect->codecs) {
        fputs(time ? " CODEC(Delta, ZSTD)" : " CODEC(ZSTD)", out);
    }
}

static void print_member(FILE *out, const struct dialect *dialect, const struct member *member)
{
    bool time = dialect->fine_times && strcmp(member->name, "time") == 0;
    print_column(out, dialect, member->name, time ? "DateTime64(9, 'UTC')" : member->type,
                 member->meaning);
}

static const char *stored_type(const struct dialect *dialect, const struct p2i_element *element)
{
    if (dialect->fine_times && element->type == P2I_TYPE_MILLISECONDS) {
        return "DateTime64(3, 'UTC')";
    }
    if (dialect->fine_times && element->type == P2I_TYPE_NANOSECONDS) {
        return "DateTime64(9, 'UTC')";
    }
    return json_type(element);
}

/* ---- names of values ---- */

enum { NUMBERS = 1024 }; /* names of elements other than protocols are of numbers below */

static const char *value_name(const struct p2i_element *element, unsigned number)
{
    uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    return p2i_value_name(element->pen, element->id,
                          (struct p2i_view){.data = bytes, .size = sizeof bytes});
}

/* Protocols have numbers that an Enum cannot hold. */
static bool has_names(const struct p2i_element *element)
{
    bool any = false;
    for (unsigned i = 0; i < NUMBERS && !any; i++) {
        any = value_name(element, i) != NULL;
    }
    return any && value_name(element, UINT16_MAX) == NULL;
}

/* Prints a column that has the name in place of the number; it takes no space. */
static void print_names(FILE *out, const struct p2i_element *element)
{
    const char *comma = "";
    fprintf(out, ",\n    `%s_NAME` ALIAS CAST(if(`%s` IN (", element->name, element->name);
    for (unsigned i = 0; i < NUMBERS; i++) {
        if (value_name(element, i) != NULL) {
            fprintf(out, "%s%u", comma, i);
            comma = ", ";
        }
    }
    fprintf(out, "), toInt16(`%s`), toInt16(-1)) AS Enum16('' = -1", element->name);
    for (unsigned i = 0; i < NUMBERS; i++) {
        const char *name = value_name(element, i);
        if (name != NULL) {
            fputs(", ", out);
            print_text(out, name);
            fprintf(out, " = %u", i);
        }
    }
    fputs("))", out);
}

/* ---- columns ---- */

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

/* How columns are printed. */
struct printing {
    FILE *out;
    const struct dialect *dialect;
};

static void print_definition(const struct printing *printing, const struct p2i_element *element)
{
    print_column(printing->out, printing->dialect, element->name,
                 stored_type(printing->dialect, element), element->meaning);
    if (has_names(element)) {
        print_names(printing->out, element);
    }
}

/* A value of "records" as the table of its kind has it. */
static void print_value(const struct printing *printing, const struct p2i_element *element)
{
    FILE *out = printing->out;
    if (printing->dialect->fine_times && element->type == P2I_TYPE_MILLISECONDS) {
        fprintf(out, "    fromUnixTimestamp64Milli(toInt64(`%s`)) AS `%s`", element->name,
                element->name);
    } else if (printing->dialect->fine_times && element->type == P2I_TYPE_NANOSECONDS) {
        fprintf(out, "    parseDateTime64BestEffortOrZero(`%s`, 9, 'UTC') AS `%s`", element->name,
                element->name);
    } else {
        fprintf(out, "    `%s`", element->name);
    }
}

/* Fields of a kind, one a line with commas between: those of IPv4, each followed by that of IPv6
 * where there is another one. */
static void print_fields(const struct printing *printing, enum p2i_record_kind kind,
                         void (*print)(const struct printing *printing,
                                       const struct p2i_element *element))
{
    const struct p2i_template *four = p2i_extended_template_of(kind, 4);
    const struct p2i_template *six = p2i_extended_template_of(kind, 6);
    for (size_t i = 0; i < four->field_count; i++) {
        fputs(i > 0 ? ",\n" : "", printing->out);
        print(printing, four->fields[i].element);
        const struct p2i_element *other = ipv6_element(&four->fields[i], &six->fields[i]);
        if (other != NULL) {
            fputs(",\n", printing->out);
            print(printing, other);
        }
    }
    fputc('\n', printing->out);
}

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

/* Parts by day, and the order of the rows in them. */
static void print_engine(const struct printing *printing, enum p2i_record_kind kind)
{
    FILE *out = printing->out;
    const struct p2i_element *time = time_of(p2i_template_of(kind, 4));
    bool number = time->type == P2I_TYPE_MILLISECONDS && !printing->dialect->fine_times;
    bool sorted = (size_t)kind < sizeof orders / sizeof *orders && orders[kind].question != NULL;
    fprintf(out,
            number ? ")\nENGINE = MergeTree PARTITION BY toYYYYMMDD(toDateTime(intDiv(`%s`, 1000), "
                     "'UTC'))\n"
                   : ")\nENGINE = MergeTree PARTITION BY toYYYYMMDD(`%s`)\n",
            time->name);
    fputs("ORDER BY (", out);
    for (size_t i = 0; sorted && i < 2 && orders[kind].columns[i] != NULL; i++) {
        fprintf(out, "`%s`, ", orders[kind].columns[i]);
    }
    fprintf(out, "`%s`, `packet`, `line`);\n", time->name);
}

static void print_table(const struct printing *printing, enum p2i_record_kind kind)
{
    FILE *out = printing->out;
    const struct dialect *dialect = printing->dialect;
    const char *name = p2i_template_of(kind, 4)->name;
    bool flow = kind == P2I_RECORD_FLOW || kind == P2I_RECORD_BIFLOW;
    bool sorted = (size_t)kind < sizeof orders / sizeof *orders && orders[kind].question != NULL;
    fprintf(out, "\n-- Sorted for: %s.\nCREATE TABLE `%s`\n(\n",
            sorted ? orders[kind].question : "what happened at a time", name);
    print_column(out, dialect, "line", "UInt64", "place in the lines that were inserted together");
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (flow || !members[i].of_flows) {
            fputs(",\n", out);
            print_member(out, dialect, &members[i]);
        }
    }
    fputs(",\n", out);
    print_fields(printing, kind, print_definition);
    print_engine(printing, kind);
    fprintf(out, "\nCREATE MATERIALIZED VIEW `to_%s` TO `%s` AS SELECT\n", name, name);
    fputs("    rowNumberInAllBlocks() AS `line`,\n", out);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        bool time = dialect->fine_times && strcmp(members[i].name, "time") == 0;
        if (flow || !members[i].of_flows) {
            fprintf(out,
                    time ? "    parseDateTime64BestEffortOrZero(`%s`, 9, 'UTC') AS `time`,\n"
                         : "    `%s`,\n",
                    members[i].name);
        }
    }
    print_fields(printing, kind, print_value);
    fprintf(out, "FROM `records` WHERE `record` = '%s';\n", name);
}

static void print_records(const struct printing *printing)
{
    size_t count = 0;
    FILE *out = printing->out;
    const struct p2i_element *elements = p2i_elements(&count);
    const struct dialect plain = {0};
    fputs("\n-- Takes lines of all kinds, and gives them to the tables below.\n"
          "CREATE TABLE `records`\n(\n    `record` LowCardinality(String) COMMENT 'kind of record'",
          out);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        fputs(",\n", out);
        print_member(out, &plain, &members[i]);
    }
    for (size_t i = 0; i < count; i++) {
        fputs(",\n", out);
        print_column(out, &plain, elements[i].name, json_type(&elements[i]), elements[i].meaning);
    }
    fputs("\n)\nENGINE = Null;\n", out);
}

/* The rows of a session in their order; the n-th reply is that of the n-th request. */
static void print_views(FILE *out)
{
    fputs(
        "\n-- Each HTTP request with its reply: the n-th reply of a session is that of its n-th "
        "request.\n"
        "-- RESULT_CODE 0: there is no reply.\n"
        "CREATE VIEW `requests` AS SELECT\n"
        "    TIME_STAMP, SESSION_ID, n, LOGIN, CLIENT, SERVER, METHOD, HOSTNAME, PATH,\n"
        "    RESULT_CODE, CONTENT_LENGTH, CONTENT_TYPE\n"
        "FROM\n(\n"
        "    SELECT SESSION_ID, TIME_STAMP, LOGIN, CLIENT, SERVER, METHOD, HOSTNAME, PATH, n FROM\n"
        "    (\n"
        "        SELECT SESSION_ID, groupArray(TIME_STAMP) AS times, groupArray(LOGIN) AS logins,\n"
        "            groupArray(IP_SOURCE) AS clients, groupArray(IP_DESTINATION) AS servers,\n"
        "            groupArray(METHOD) AS methods, groupArray(HOSTNAME) AS hosts, "
        "groupArray(PATH) AS paths\n"
        "        FROM (SELECT * FROM clickstream WHERE METHOD != 0 ORDER BY SESSION_ID, "
        "TIME_STAMP, packet, line)\n"
        "        GROUP BY SESSION_ID\n"
        "    )\n"
        "    ARRAY JOIN times AS TIME_STAMP, logins AS LOGIN, clients AS CLIENT, servers AS "
        "SERVER,\n"
        "        methods AS METHOD, hosts AS HOSTNAME, paths AS PATH, arrayEnumerate(times) AS n\n"
        ") AS request\nALL LEFT JOIN\n(\n"
        "    SELECT SESSION_ID, n, RESULT_CODE, CONTENT_LENGTH, CONTENT_TYPE FROM\n"
        "    (\n"
        "        SELECT SESSION_ID, groupArray(RESULT_CODE) AS codes, groupArray(CONTENT_LENGTH) "
        "AS lengths,\n"
        "            groupArray(CONTENT_TYPE) AS kinds\n"
        "        FROM (SELECT * FROM http_reply ORDER BY SESSION_ID, TIME_STAMP, packet, line) "
        "GROUP BY SESSION_ID\n"
        "    )\n"
        "    ARRAY JOIN codes AS RESULT_CODE, lengths AS CONTENT_LENGTH, kinds AS CONTENT_TYPE,\n"
        "        arrayEnumerate(codes) AS n\n"
        ") AS reply\nUSING (SESSION_ID, n);\n"
        "\n-- Hosts by the number of their visits.\n"
        "CREATE VIEW `top_hosts` AS SELECT\n"
        "    HOSTNAME, count() AS visits, uniqExact(IP_SOURCE) AS clients,\n"
        "    min(TIME_STAMP) AS first, max(TIME_STAMP) AS last\n"
        "FROM clickstream WHERE HOSTNAME != '' GROUP BY HOSTNAME ORDER BY visits DESC, HOSTNAME;\n"
        "\n-- Clients by the number of their visits.\n"
        "CREATE VIEW `clients` AS SELECT\n"
        "    IP_SOURCE AS client, count() AS visits, uniqExact(HOSTNAME) AS hosts,\n"
        "    groupUniqArray(LOGIN) AS logins, min(TIME_STAMP) AS first, max(TIME_STAMP) AS last\n"
        "FROM clickstream GROUP BY IP_SOURCE ORDER BY visits DESC, client;\n",
        out);
}

static void print_schema(FILE *out, const struct dialect *dialect)
{
    struct printing printing = {out, dialect};
    fputs(dialect->fine_times ? "-- For ClickHouse 21 and newer.\n"
                              : "-- For ClickHouse 18.16, which has no times finer than seconds "
                                "and one compression.\n"
                                "SET allow_experimental_low_cardinality_type = 1;\n",
          out);
    print_records(&printing);
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        print_table(&printing, (enum p2i_record_kind)i);
    }
    print_views(out);
}

void p2i_tool_clickhouse(FILE *out)
{
    print_schema(out, &present);
}

void p2i_tool_clickhouse_18(FILE *out)
{
    print_schema(out, &old);
}
