/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/diff_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/safe_text.h"

enum {
    VALUE_MOST = 60, /* bytes of a value in lines for people */
};

static const char *const sides[2] = {"A", "B"};
static const char *const json_sides[2] = {"a", "b"};

/* ---- Lines ---- */

/* The size of the escape of JSON or of the byte that a text begins with; its byte is in *byte. Only
 * control characters have escapes with numbers. */
static size_t take_byte(struct p2i_view text, char *byte)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    *byte = (char)text.data[0];
    const char *at = text.size > 1 && *byte == '\\' ? strchr(escapes, text.data[1]) : NULL;
    if (at != NULL && *at != '\0') {
        *byte = bytes[at - escapes];
        return 2;
    }
    char digits[5] = "";
    if (text.size < 6 || *byte != '\\' || text.data[1] != 'u') {
        return 1;
    }
    memcpy(digits, text.data + 2, 4);
    unsigned long number = strtoul(digits, NULL, 16);
    if (number == 0 || number > 0x7f) {
        return 1;
    }
    *byte = (char)number;
    return 6;
}

/* As other verbs show it: without the escapes of JSON. */
static void print_value(FILE *out, struct p2i_view text)
{
    char room[VALUE_MOST + 1];
    size_t size = 0;
    size_t at = 0;
    while (at < text.size && size < VALUE_MOST) {
        at += take_byte(p2i_view_from(text, at), &room[size++]);
    }
    while (at < text.size && size > 0 && (text.data[at] & 0xc0) == 0x80) {
        at--; /* a character stays whole */
        size--;
    }
    room[size] = '\0';
    p2i_print_safe(out, size > 0 ? room : "''");
    fputs(at < text.size ? "..." : "", out);
}

/* A field that says nothing: empty, or 0. */
static bool is_empty(struct p2i_view text)
{
    return text.size == 0 || p2i_view_equals(text, P2I_VIEW("0"));
}

static void print_pair(FILE *out, const struct p2i_diff_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_diff_field *field = &record->fields[i];
        if (field->is_end) {
            fputc(' ', out);
            print_value(out, field->text[field->here[0] ? 0 : 1]);
        }
    }
    fputc('\n', out);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_diff_field *field = &record->fields[i];
        if (field->differs) {
            fputs("    ", out);
            p2i_print_safe(out, field->name);
            fputs(": ", out);
            print_value(out, field->text[0]);
            fputs(" -> ", out);
            print_value(out, field->text[1]);
            fputc('\n', out);
        }
    }
}

static void print_single(FILE *out, const struct p2i_diff_record *record, int side)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_diff_field *field = &record->fields[i];
        if (!is_empty(field->text[side])) {
            fputc(' ', out);
            p2i_print_safe(out, field->name);
            fputc('=', out);
            print_value(out, field->text[side]);
        }
    }
    fputc('\n', out);
}

void p2i_diff_print_lines(FILE *out, const struct p2i_diff_record *record)
{
    bool pair = record->here[0] && record->here[1];
    fputs(pair ? "~ " : record->here[0] ? "- " : "+ ", out);
    p2i_print_safe(out, record->kind);
    if (pair) {
        print_pair(out, record);
    } else {
        print_single(out, record, record->here[0] ? 0 : 1);
    }
}

/* ---- Summary ---- */

static void print_counts(FILE *out, const struct p2i_diff *diff)
{
    struct p2i_diff_kind kind;
    fprintf(out, "%-12s %10s %10s %10s %10s %10s %10s\n", "record", "A", "B", "same", "different",
            "only A", "only B");
    for (size_t i = 0; p2i_diff_kind_at(diff, i, &kind); i++) {
        if (kind.records[0] + kind.records[1] > 0) {
            p2i_print_safe(out, kind.name);
            fprintf(out,
                    "%*s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
                    " %10" PRIu64 "\n",
                    strlen(kind.name) < 12 ? (int)(12 - strlen(kind.name)) : 0, "", kind.records[0],
                    kind.records[1], kind.same, kind.different, kind.only[0], kind.only[1]);
        }
    }
}

static void print_field(FILE *out, const struct p2i_diff_kind *kind,
                        const struct p2i_diff_field_count *field)
{
    if (field->different > 0) {
        fprintf(out, "%10" PRIu64 "  ", field->different);
        p2i_print_safe(out, kind->name);
        fputc(' ', out);
        p2i_print_safe(out, field->name);
        fputs(", first: ", out);
        print_value(out, field->example[0]);
        fputs(" -> ", out);
        print_value(out, field->example[1]);
        fputc('\n', out);
    }
}

static void print_fields(FILE *out, const struct p2i_diff *diff)
{
    struct p2i_diff_kind kind;
    struct p2i_diff_field_count field;
    bool begun = false;
    for (size_t i = 0; p2i_diff_kind_at(diff, i, &kind); i++) {
        for (size_t j = 0; p2i_diff_field_at(diff, i, j, &field); j++) {
            if (field.different > 0 && !begun) {
                fputs("\n different  field\n", out);
                begun = true;
            }
            print_field(out, &kind, &field);
        }
    }
}

/* Fields that one side never has, in one line for each kind and side. */
static void print_missing(FILE *out, const struct p2i_diff *diff)
{
    struct p2i_diff_kind kind;
    struct p2i_diff_field_count field;
    for (size_t i = 0; p2i_diff_kind_at(diff, i, &kind); i++) {
        for (int side = 0; side < 2; side++) {
            bool begun = false;
            for (size_t j = 0; p2i_diff_field_at(diff, i, j, &field); j++) {
                if (field.missing[side] && !field.ignored) {
                    if (begun) {
                        fputs(", ", out);
                    } else {
                        fprintf(out, "not compared, missing in %s: %s ", sides[side], kind.name);
                    }
                    p2i_print_safe(out, field.name);
                    begun = true;
                }
            }
            fputs(begun ? "\n" : "", out);
        }
    }
}

void p2i_diff_print_summary(FILE *out, const struct p2i_diff *diff, char *const names[2])
{
    for (int side = 0; side < 2; side++) {
        fprintf(out, "%s: ", sides[side]);
        p2i_print_safe(out, names[side]);
        fputc('\n', out);
    }
    print_counts(out, diff);
    print_fields(out, diff);
    print_missing(out, diff);
    for (int side = 0; side < 2; side++) {
        uint64_t split = p2i_diff_split_sessions(diff, side);
        if (split > 0) {
            fprintf(out, "grouped otherwise: %" PRIu64 " session%s of %s: several in %s\n", split,
                    split == 1 ? "" : "s", sides[side], sides[1 - side]);
        }
    }
    if (p2i_diff_is_same(diff)) {
        fputs(p2i_diff_is_same_order(diff) ? "the same records\n"
                                           : "the same records, in another order\n",
              out);
    }
}

/* ---- JSON ---- */

static void print_json_field(FILE *out, const struct p2i_diff_field *field, int side)
{
    const char *quote = field->number[side] ? "" : "\"";
    fprintf(out, "\"%s\":%s%.*s%s", field->name, quote, (int)field->text[side].size,
            field->text[side].size > 0 ? (const char *)field->text[side].data : "", quote);
}

void p2i_diff_print_json(FILE *out, const struct p2i_diff_record *record)
{
    bool pair = record->here[0] && record->here[1];
    fprintf(out, "{\"record\":\"%s\",\"in\":\"%s\"", record->kind,
            pair ? "both" : json_sides[record->here[0] ? 0 : 1]);
    bool more = false;
    for (size_t i = 0; pair && i < record->field_count; i++) {
        if (record->fields[i].differs) {
            fprintf(out, "%s\"%s\"", more ? "," : ",\"different\":[", record->fields[i].name);
            more = true;
        }
    }
    fputs(more ? "]" : "", out);
    for (int side = 0; side < 2; side++) {
        const char *before = "";
        if (!record->here[side]) {
            continue;
        }
        fprintf(out, ",\"%s\":{", json_sides[side]);
        for (size_t i = 0; i < record->field_count; i++) {
            if (record->fields[i].here[side]) {
                fputs(before, out);
                print_json_field(out, &record->fields[i], side);
                before = ",";
            }
        }
        fputc('}', out);
    }
    fputs("}\n", out);
}

static void print_json_kind(FILE *out, const struct p2i_diff *diff, size_t index,
                            const struct p2i_diff_kind *kind)
{
    struct p2i_diff_field_count field;
    fprintf(out,
            "{\"record\":\"%s\",\"a\":%" PRIu64 ",\"b\":%" PRIu64 ",\"same\":%" PRIu64
            ",\"different\":%" PRIu64 ",\"only_a\":%" PRIu64 ",\"only_b\":%" PRIu64 ",\"fields\":{",
            kind->name, kind->records[0], kind->records[1], kind->same, kind->different,
            kind->only[0], kind->only[1]);
    const char *before = "";
    for (size_t i = 0; p2i_diff_field_at(diff, index, i, &field); i++) {
        if (field.different > 0) {
            fprintf(out, "%s\"%s\":%" PRIu64, before, field.name, field.different);
            before = ",";
        }
    }
    fputc('}', out);
    for (int side = 0; side < 2; side++) {
        fprintf(out, ",\"missing_in_%s\":[", json_sides[side]);
        before = "";
        for (size_t i = 0; p2i_diff_field_at(diff, index, i, &field); i++) {
            if (field.missing[side] && !field.ignored) {
                fprintf(out, "%s\"%s\"", before, field.name);
                before = ",";
            }
        }
        fputc(']', out);
    }
    fputc('}', out);
}

void p2i_diff_print_json_summary(FILE *out, const struct p2i_diff *diff)
{
    struct p2i_diff_kind kind;
    const char *before = "";
    fprintf(out,
            "{\"same\":%s,\"same_order\":%s,\"split_sessions_a\":%" PRIu64
            ",\"split_sessions_b\":%" PRIu64 ",\"records\":[",
            p2i_diff_is_same(diff) ? "true" : "false",
            p2i_diff_is_same_order(diff) ? "true" : "false", p2i_diff_split_sessions(diff, 0),
            p2i_diff_split_sessions(diff, 1));
    for (size_t i = 0; p2i_diff_kind_at(diff, i, &kind); i++) {
        if (kind.records[0] + kind.records[1] > 0) {
            fputs(before, out);
            print_json_kind(out, diff, i, &kind);
            before = ",";
        }
    }
    fputs("]}\n", out);
}
