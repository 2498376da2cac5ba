/* SPDX-License-Identifier: MIT */
/* The tables against a list of what they must be, which was not made from them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "pcap2ipfix/fields.h"
#include "record/decode.h"

static FILE *open_list(const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", TEST_FOLDER, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    return file;
}

Test(fields, templates_are_those_of_the_list)
{
    FILE *file = open_list("templates.expected.tsv");
    char line[256];
    size_t rows = 0;
    size_t previous = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char record[32], name[64];
        unsigned id, version, order, pen, element, length;
        if (line[0] == '#') {
            continue;
        }
        cr_assert_eq(sscanf(line, "%31s %u %u %u %u %u %u %63s", record, &id, &version, &order,
                            &pen, &element, &length, name),
                     8, "%s", line);
        const struct p2i_template *of = p2i_template_by_id((uint16_t)id);
        cr_assert_not_null(of, "%s", line);
        cr_assert_str_eq(of->name, record);
        cr_assert_eq(of->ip_version, version);
        if (order == 1) {
            previous = 0;
        }
        cr_assert_eq(order, previous + 1);
        previous = order;
        cr_assert_leq(order, of->field_count, "%s", line);
        const struct p2i_field *field = &of->fields[order - 1];
        cr_expect_eq(field->element->pen, pen, "%s", line);
        cr_expect_eq(field->element->id, element, "%s", line);
        cr_expect_eq(field->length, length, "%s", line);
        cr_expect_str_eq(field->element->name, name, "%s", line);
        rows++;
    }
    fclose(file);
    size_t fields = 0;
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        fields += p2i_template_of((enum p2i_record_kind)kind, 4)->field_count;
        fields += p2i_template_of((enum p2i_record_kind)kind, 6)->field_count;
    }
    cr_expect_eq(rows, fields, "the tables have fields that the list has not");
}

/* Behind the fields of the plain template. */
static void check_extension(const char *line, const struct p2i_field *field)
{
    unsigned pen, element, length;
    char name[64];
    cr_assert_eq(sscanf(line, "%*s %*u %u %u %u %63s", &pen, &element, &length, name), 4);
    cr_expect_eq(field->element->pen, pen, "%s", line);
    cr_expect_eq(field->element->id, element, "%s", line);
    cr_expect_eq(field->length, length, "%s", line);
    cr_expect_str_eq(field->element->name, name, "%s", line);
}

Test(fields, extended_templates_are_plain_ones_and_those_of_the_list)
{
    size_t at[P2I_RECORD_KINDS] = {0};
    FILE *file = open_list("extended.expected.tsv");
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        char record[32];
        unsigned id;
        if (line[0] == '#') {
            continue;
        }
        cr_assert_eq(sscanf(line, "%31s %u", record, &id), 2, "%s", line);
        for (unsigned version = 0; version < 2; version++) {
            const struct p2i_template *of = p2i_template_by_id((uint16_t)(id + 256 * version));
            cr_assert_not_null(of, "%s", line);
            cr_expect_str_eq(of->name, record);
            const struct p2i_template *plain = p2i_template_of(of->kind, of->ip_version);
            size_t place = plain->field_count + at[of->kind];
            cr_assert_lt(place, of->field_count, "%s", line);
            check_extension(line, &of->fields[place]);
            at[of->kind] += version;
        }
    }
    fclose(file);
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
            const struct p2i_template *plain = p2i_template_of((enum p2i_record_kind)kind, version);
            const struct p2i_template *of =
                p2i_extended_template_of((enum p2i_record_kind)kind, version);
            cr_expect_eq(of->field_count, plain->field_count + at[kind], "%s", of->name);
            cr_expect_eq(of->id, plain->id + 1024);
            cr_expect_eq(of->domain, plain->domain);
            cr_expect_eq(of->ip_version, version);
            cr_expect(of->extended && !plain->extended);
            for (size_t i = 0; i < plain->field_count; i++) {
                cr_expect_eq(of->fields[i].element, plain->fields[i].element);
                cr_expect_eq(of->fields[i].length, plain->fields[i].length);
            }
            for (size_t i = plain->field_count; i < of->field_count; i++) {
                const struct p2i_element *element = of->fields[i].element;
                cr_expect_eq(p2i_field_index(plain, element->pen, element->id), plain->field_count,
                             "%s is in the plain record too", element->name);
            }
            cr_expect_eq(p2i_template_by_id(of->id), of);
            cr_expect_leq(of->field_count, P2I_FIELDS_MAX);
        }
    }
}

static const char *type_name(int type)
{
    static const char *const names[] = {
        [P2I_TYPE_OCTETS] = "octetArray",
        [P2I_TYPE_UNSIGNED8] = "unsigned8",
        [P2I_TYPE_UNSIGNED16] = "unsigned16",
        [P2I_TYPE_UNSIGNED32] = "unsigned32",
        [P2I_TYPE_UNSIGNED64] = "unsigned64",
        [P2I_TYPE_MAC] = "macAddress",
        [P2I_TYPE_STRING] = "string",
        [P2I_TYPE_SECONDS] = "dateTimeSeconds",
        [P2I_TYPE_MILLISECONDS] = "dateTimeMilliseconds",
        [P2I_TYPE_NANOSECONDS] = "dateTimeNanoseconds",
        [P2I_TYPE_IPV4] = "ipv4Address",
        [P2I_TYPE_IPV6] = "ipv6Address",
    };
    return names[type];
}

Test(fields, elements_are_those_of_the_list)
{
    FILE *file = open_list("elements.expected.tsv");
    char line[256];
    size_t rows = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char name[64], type[32];
        unsigned pen, id;
        if (line[0] == '#') {
            continue;
        }
        cr_assert_eq(sscanf(line, "%u %u %63s %31s", &pen, &id, name, type), 4, "%s", line);
        const struct p2i_element *element = p2i_element_find(pen, (uint16_t)id);
        cr_assert_not_null(element, "%s", line);
        cr_expect_str_eq(element->name, name);
        cr_expect_str_eq(type_name(element->type), type, "%s", line);
        rows++;
    }
    fclose(file);
    size_t count;
    (void)p2i_elements(&count);
    cr_expect_eq(rows, count, "the tables have elements that the list has not");
}

Test(fields, elements_are_unique_and_explained)
{
    size_t count;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        const struct p2i_element *element = &elements[i];
        cr_expect_eq(p2i_element_find(element->pen, element->id), element, "%s is there twice",
                     element->name);
        size_t size = strlen(element->meaning);
        cr_expect(size > 3 && size < 255, "%s", element->name);
        cr_expect_null(strchr(element->meaning, '\n'), "%s", element->name);
        cr_expect_neq(element->meaning[size - 1], '.', "%s", element->name);
        cr_expect_gt(strlen(element->source), 0, "%s", element->name);
        cr_expect_leq(element->semantics, P2I_SEMANTICS_FLAGS);
    }
}

Test(fields, every_element_is_used)
{
    size_t count;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        bool used = false;
        for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
            for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
                const struct p2i_template *of =
                    p2i_extended_template_of((enum p2i_record_kind)kind, version);
                used |= p2i_field_index(of, elements[i].pen, elements[i].id) < of->field_count;
            }
        }
        cr_expect(used, "%s", elements[i].name);
    }
}

Test(fields, lookups)
{
    static const struct {
        enum p2i_record_kind kind;
        const char *name;
        uint32_t domain;
    } kinds[] = {
        {P2I_RECORD_CLICKSTREAM, "clickstream", 1},
        {P2I_RECORD_HTTP_REPLY, "http_reply", 1},
        {P2I_RECORD_SSL_REPLY, "ssl_reply", 1},
        {P2I_RECORD_SIP, "sip", 3},
        {P2I_RECORD_FTP, "ftp", 3},
        {P2I_RECORD_IM, "im", 3},
        {P2I_RECORD_MAIL, "mail", 3},
        {P2I_RECORD_RAW, "raw", 3},
        {P2I_RECORD_DNS, "dns", 4},
        {P2I_RECORD_FLOW, "flow", 2},
        {P2I_RECORD_BIFLOW, "biflow", 2},
    };
    cr_assert_eq(sizeof kinds / sizeof kinds[0], P2I_RECORD_KINDS);
    for (size_t i = 0; i < P2I_RECORD_KINDS; i++) {
        cr_expect_str_eq(p2i_record_name(kinds[i].kind), kinds[i].name);
        for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
            const struct p2i_template *of = p2i_template_of(kinds[i].kind, version);
            cr_expect_eq(of->kind, kinds[i].kind);
            cr_expect_eq(of->ip_version, version);
            cr_expect_eq(of->domain, kinds[i].domain);
            cr_expect_eq(p2i_template_by_id(of->id), of);
            cr_expect_leq(of->field_count, P2I_FIELDS_MAX);
            cr_expect_gt(strlen(of->meaning), 0);
        }
    }
    cr_expect_null(p2i_template_by_id(255));
    cr_expect_null(p2i_template_by_id(267));
    cr_expect_null(p2i_element_find(P2I_PEN, 4));
    cr_expect_null(p2i_element_find(0, 1001));
}
