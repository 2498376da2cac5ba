/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/diff.h"

#include "helpers/folder.h"

/* What p2i_diff_run() gave: a line for each difference, and counters. */
struct found {
    char lines[4096];
    struct p2i_diff_kind kind; /* the first one with records */
    uint64_t split[2];
    bool same, same_order;
    char missing[256]; /* "A:NAME " for each field that A misses */
};

static void append(char *to, size_t room, const char *text, size_t size)
{
    size_t used = strlen(to);
    (void)snprintf(to + used, room - used, "%.*s", (int)size, text);
}

static enum p2i_result take(void *context, const struct p2i_diff_record *record,
                            struct p2i_error *error)
{
    struct found *found = context;
    (void)error;
    append(found->lines, sizeof found->lines, record->here[0] ? "A" : "", 1);
    append(found->lines, sizeof found->lines, record->here[1] ? "B" : "", 1);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct p2i_diff_field *field = &record->fields[i];
        if (field->differs) {
            char text[256];
            int size = snprintf(text, sizeof text, " %s:%.*s>%.*s", field->name,
                                (int)field->text[0].size, (const char *)field->text[0].data,
                                (int)field->text[1].size, (const char *)field->text[1].data);
            append(found->lines, sizeof found->lines, text, (size_t)size);
        }
    }
    append(found->lines, sizeof found->lines, "\n", 1);
    return P2I_OK;
}

static void collect(const struct p2i_diff *diff, struct found *found)
{
    struct p2i_diff_field_count field;
    size_t kind = 0;
    while (p2i_diff_kind_at(diff, kind, &found->kind) &&
           found->kind.records[0] + found->kind.records[1] == 0) {
        kind++;
    }
    for (size_t i = 0; p2i_diff_field_at(diff, kind, i, &field); i++) {
        for (int side = 0; side < 2; side++) {
            if (field.missing[side]) {
                char text[64];
                int size = snprintf(text, sizeof text, "%c:%s ", "AB"[side], field.name);
                append(found->missing, sizeof found->missing, text, (size_t)size);
            }
        }
    }
    for (int side = 0; side < 2; side++) {
        found->split[side] = p2i_diff_split_sessions(diff, side);
    }
    found->same = p2i_diff_is_same(diff);
    found->same_order = p2i_diff_is_same_order(diff);
}

/* Compares two texts of JSON Lines. */
static struct found compare_with(const struct p2i_diff_settings *given, const char *a,
                                 const char *b)
{
    struct p2i_diff_settings settings = *given;
    struct folder folder = folder_make();
    struct found found = {.lines = ""};
    struct p2i_error error;
    struct p2i_diff *diff;
    const char *texts[2] = {a, b};
    settings.struct_size = sizeof settings;
    settings.memory_bytes = settings.memory_bytes > 0 ? settings.memory_bytes : 1 << 20;
    settings.folder = folder.path;
    cr_assert_eq(p2i_diff_new(&diff, &settings, &error), P2I_OK);
    for (int side = 0; side < 2; side++) {
        file_write(folder.file, texts[side]);
        cr_assert_eq(p2i_diff_add(diff, side, folder.file, &error), P2I_OK, "%s", error.text);
    }
    cr_assert_eq(p2i_diff_run(diff, take, &found, &error), P2I_OK);
    collect(diff, &found);
    p2i_diff_free(diff);
    folder_remove(&folder);
    return found;
}

static struct found compare(const char *a, const char *b)
{
    struct p2i_diff_settings settings = {0};
    return compare_with(&settings, a, b);
}

#define ENDS "\"IP_SOURCE\":\"192.0.2.1\",\"IP_DESTINATION\":\"192.0.2.2\","
#define DNS(time, session, domain, ttl)                                                            \
    "{\"record\":\"dns\",\"TIME_STAMP\":" time "," ENDS "\"SESSION_ID\":\"" session                \
    "\",\"DOMAIN\":\"" domain "\",\"RRTYPE\":1,\"RRCLASS\":1,\"TTL\":" ttl "}\n"

Test(diff, order_session_and_form_do_not_count)
{
    struct found found = compare(DNS("1", "7", "a.example", "60") DNS("2", "8", "b.example", "60"),
                                 DNS("2", "10", "b\\u002eexample",
                                     "60") " \n"
                                           "{\"TTL\":60,\"record\":\"dns\"," ENDS
                                           "\"RRCLASS\" : 1,\"RRTYPE\":1,\"DOMAIN\":\"a.example\","
                                           "\"SESSION_ID\":\"9\",\"TIME_STAMP\":1}");
    cr_assert_str_eq(found.lines, "");
    cr_assert(found.same && !found.same_order);
    cr_assert_eq(found.kind.same, 2);
    cr_assert(found.split[0] == 0 && found.split[1] == 0);
    found = compare(DNS("1", "7", "a.example", "60"), DNS("1", "9", "a.example", "60"));
    cr_assert(found.same_order);
}

Test(diff, fields_that_differ)
{
    struct found found = compare(DNS("1", "7", "a.example", "60") DNS("1", "7", "b.example", "60"),
                                 DNS("1", "7", "a.example", "61") DNS("1", "7", "b.example", "62"));
    cr_assert_str_eq(found.lines, "AB TTL:60>61\nAB TTL:60>62\n", "%s", found.lines);
    cr_assert(!found.same && found.kind.different == 2 && found.kind.same == 0);
}

/* Copies count: two of a record are not one. */
Test(diff, records_of_one_side)
{
    struct found found =
        compare(DNS("1", "7", "a.example", "60") DNS("1", "7", "a.example", "60"),
                DNS("1", "7", "a.example", "60")
                    DNS("9", "7", "other.example", "4") "{\"record\":\"mail\",\"TIME_STAMP\":5}\n");
    cr_assert_str_eq(found.lines, "A\nB\nB\n", "%s", found.lines);
    cr_assert(found.kind.same == 1 && found.kind.only[0] == 1 && found.kind.only[1] == 1);
    found = compare("", DNS("1", "7", "a.example", "60"));
    cr_assert(!found.same && found.kind.only[1] == 1);
    found = compare("", "");
    cr_assert(found.same && found.same_order);
}

/* Of several that are alike, that with most fields in common, then the nearest in time. */
Test(diff, the_most_alike_are_a_pair)
{
    struct found found = compare(DNS("5", "7", "a.example", "60") DNS("9", "7", "a.example", "60"),
                                 DNS("6", "7", "a.example", "61") DNS("9", "7", "b.example", "60")
                                     DNS("5", "7", "a.example", "62"));
    cr_assert_str_eq(found.lines, "AB TTL:60>62\nB\nAB DOMAIN:a.example>b.example\n", "%s",
                     found.lines);
}

Test(diff, times_within_the_tolerance)
{
    struct p2i_diff_settings settings = {.tolerance_s = 2};
    struct found found = compare_with(&settings, DNS("10", "7", "a.example", "60"),
                                      DNS("12", "7", "a.example", "60"));
    cr_assert(found.same && found.kind.same == 1);
    found = compare_with(&settings, DNS("10", "7", "a.example", "60"),
                         DNS("13", "7", "a.example", "60"));
    cr_assert_str_eq(found.lines, "AB TIME_STAMP:10>13\n");
}

Test(diff, ignored_fields)
{
    static const char *const names[] = {"ttl", "43823/3201"};
    struct p2i_diff_settings settings = {.ignored = names, .ignored_count = 2};
    struct found found =
        compare_with(&settings, DNS("1", "7", "a.example", "60"), DNS("1", "7", "b.example", "61"));
    cr_assert(found.same);
    settings.ignored_count = 1;
    found =
        compare_with(&settings, DNS("1", "7", "a.example", "60"), DNS("1", "7", "b.example", "61"));
    cr_assert_str_eq(found.lines, "AB DOMAIN:a.example>b.example\n");
}

/* A field that one side never has is named once; one that only some records lack is a difference.
 */
Test(diff, fields_that_a_side_misses)
{
    struct found found = compare("{\"record\":\"dns\",\"DOMAIN\":\"a\",\"TTL\":1}\n"
                                 "{\"record\":\"dns\",\"DOMAIN\":\"b\",\"TTL\":2}\n",
                                 "{\"record\":\"dns\",\"DOMAIN\":\"a\",\"RRTYPE\":1}\n"
                                 "{\"record\":\"dns\",\"DOMAIN\":\"b\",\"RRTYPE\":1}\n");
    cr_assert(found.same);
    cr_assert_str_eq(found.missing, "B:TTL A:RRTYPE ", "%s", found.missing);
    found = compare("{\"record\":\"dns\",\"DOMAIN\":\"a\",\"TTL\":1,\"cut\":true}\n"
                    "{\"record\":\"dns\",\"DOMAIN\":\"b\",\"TTL\":2}\n",
                    "{\"record\":\"dns\",\"DOMAIN\":\"a\",\"TTL\":1}\n"
                    "{\"record\":\"dns\",\"DOMAIN\":\"b\",\"TTL\":2}\n");
    cr_assert_str_eq(found.lines, "AB cut:true>\n", "%s", found.lines);
}

/* Addresses of IPv6 have elements of their own in some exporters. */
Test(diff, addresses_by_their_role)
{
    struct found found = compare("{\"record\":\"dns\",\"IP_SOURCE\":\"2001:db8::1\",\"TTL\":1}\n",
                                 "{\"record\":\"dns\",\"IP_SOURCE_V6\":\"2001:DB8:0::1\","
                                 "\"TTL\":1}\n");
    cr_assert(found.same);
    cr_assert_str_eq(found.missing, "");
    found = compare("{\"record\":\"dns\",\"IP_SOURCE\":\"2001:db8::1\",\"TTL\":1}\n",
                    "{\"record\":\"dns\",\"IP_SOURCE_V6\":\"2001:db8::2\",\"TTL\":1}\n");
    cr_assert_str_eq(found.lines, "A\nB\n"); /* other ends: not a pair */
}

Test(diff, sessions_that_are_grouped_otherwise)
{
    struct found found =
        compare(DNS("1", "7", "a", "1") DNS("2", "7", "b", "1") DNS("3", "8", "c", "1"),
                DNS("1", "1", "a", "1") DNS("2", "2", "b", "1") DNS("3", "2", "c", "1"));
    cr_assert(found.same);
    cr_assert(found.split[0] == 1 && found.split[1] == 1);
}

Test(diff, one_kind)
{
    struct p2i_diff_settings settings = {.kind = "mail"};
    struct found found = compare_with(&settings, DNS("1", "7", "a", "1"), "");
    cr_assert(found.same);
    settings.kind = "dns";
    found = compare_with(&settings, DNS("1", "7", "a", "1"), "");
    cr_assert(!found.same);
}

/* More than one group holds, and more than memory does: temporary files. */
Test(diff, many_records)
{
    enum { COUNT = 20000 };
    size_t room = COUNT * 256;
    char *texts[2] = {malloc(room), malloc(room)};
    size_t sizes[2] = {0, 0};
    for (unsigned i = 0; i < COUNT; i++) {
        for (int side = 0; side < 2; side++) {
            bool other = side == 1 && i % 4 == 0;
            int size =
                snprintf(texts[side] + sizes[side], room - sizes[side],
                         "{\"record\":\"dns\",\"TIME_STAMP\":%u," ENDS "\"SESSION_ID\":\"%u\","
                         "\"DOMAIN\":\"%u.example\",\"RRTYPE\":1,\"TTL\":%d}\n",
                         i, i + 1, i, other ? 61 : 60);
            sizes[side] += (size_t)size;
        }
    }
    struct p2i_diff_settings settings = {.memory_bytes = 1 << 20};
    struct found found = compare_with(&settings, texts[0], texts[1]);
    cr_assert_eq(found.kind.same, COUNT - COUNT / 4);
    cr_assert_eq(found.kind.different, COUNT / 4);
    free(texts[0]);
    free(texts[1]);
}

Test(diff, lines_that_are_no_objects)
{
    static const char *const wrong[] = {"{\"a\":1}\n{\"a\":}\n", "{\"a\":1}\nx\n",
                                        "{\"a\":1}\n{\"a\":1}}\n", "{\"a\":1}\n{\"a\":1\n"};
    struct folder folder = folder_make();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct p2i_diff_settings settings = {
            .struct_size = sizeof settings, .memory_bytes = 1 << 20, .folder = folder.path};
        struct p2i_error error;
        struct p2i_diff *diff;
        struct found found = {.lines = ""};
        file_write(folder.file, wrong[i]);
        cr_assert_eq(p2i_diff_new(&diff, &settings, &error), P2I_OK);
        cr_assert_eq(p2i_diff_add(diff, 0, folder.file, &error), P2I_DAMAGED, "%s", wrong[i]);
        cr_assert_eq(error.line, 2);
        cr_assert_eq(p2i_diff_run(diff, take, &found, &error), P2I_OK);
        cr_assert_str_eq(found.lines, "A\n"); /* the record before the damage */
        p2i_diff_free(diff);
    }
    folder_remove(&folder);
}

/* A line of members "prefixN", N from `first` on, upwards or downwards. */
static char *line_of(const char *kind, const char *prefix, unsigned first, unsigned count,
                     bool downwards)
{
    size_t room = 64 + (size_t)count * 24;
    char *line = malloc(room);
    cr_assert_not_null(line);
    size_t size = (size_t)snprintf(line, room, "{\"record\":\"%s\"", kind);
    for (unsigned i = 0; i < count; i++) {
        unsigned number = first + (downwards ? count - 1 - i : i);
        size += (size_t)snprintf(line + size, room - size, ",\"%s%u\":1", prefix, number);
    }
    (void)snprintf(line + size, room - size, "}\n");
    return line;
}

static char *joined(char *first, char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *both = malloc(size);
    cr_assert_not_null(both);
    (void)snprintf(both, size, "%s%s", first, second);
    free(first);
    free(second);
    return both;
}

/* Reads the text, which it frees, as side 0. */
static enum p2i_result read_text(char *text, struct p2i_error *error)
{
    struct folder folder = folder_make();
    struct p2i_diff_settings settings = {
        .struct_size = sizeof settings, .memory_bytes = 1 << 20, .folder = folder.path};
    struct p2i_diff *diff;
    file_write(folder.file, text);
    free(text);
    cr_assert_eq(p2i_diff_new(&diff, &settings, error), P2I_OK);
    enum p2i_result result = p2i_diff_add(diff, 0, folder.file, error);
    p2i_diff_free(diff);
    folder_remove(&folder);
    return result;
}

/* More than any exporter has is damage, with its line, and not the end of the memory. */
Test(diff, limits)
{
    struct p2i_error error;
    cr_assert_eq(read_text(line_of("dns", "a", 0, 65535, false), &error), P2I_OK);
    cr_assert_eq(
        read_text(joined(line_of("dns", "a", 0, 9, false), line_of("dns", "a", 0, 65536, false)),
                  &error),
        P2I_DAMAGED);
    cr_assert_eq(error.line, 2);
    cr_assert_str_eq(error.text, "a JSON object of more than 65535 members");
    cr_assert_eq(read_text(joined(line_of("dns", "a", 0, 40000, false),
                                  line_of("dns", "b", 0, 40000, false)),
                           &error),
                 P2I_DAMAGED);
    cr_assert_eq(error.line, 2);
    cr_assert_str_eq(error.text, "more than 65536 different fields");
    char *text = line_of("dns", "a", 0, 60000, false);
    for (int i = 0; i < 17; i++) {
        char kind[16];
        (void)snprintf(kind, sizeof kind, "k%d", i);
        text = joined(text, line_of(kind, "a", 59999, 1, false));
    }
    cr_assert_eq(read_text(text, &error), P2I_DAMAGED);
    cr_assert_eq(error.line, 18);
    cr_assert_str_eq(error.text, "too many fields in too many kinds of records");
    text = line_of("k", "a", 0, 1, false);
    for (int i = 1; i < 1025; i++) {
        char kind[16];
        (void)snprintf(kind, sizeof kind, "k%d", i);
        text = joined(text, line_of(kind, "a", 0, 1, false));
    }
    cr_assert_eq(read_text(text, &error), P2I_DAMAGED);
    cr_assert_eq(error.line, 1025);
}

/* Members in another order, and members that are there again, take no quadratic time. */
Test(diff, many_members, .timeout = 60)
{
    enum { COUNT = 60000, LINES = 20 };
    char *text = line_of("dns", "a", 0, COUNT, false);
    for (int i = 0; i < LINES; i++) {
        text = joined(text, line_of("dns", "a", 0, COUNT, true));
    }
    struct p2i_error error;
    cr_assert_eq(read_text(text, &error), P2I_OK, "%s", error.text);
    size_t room = 64 + (size_t)COUNT * 8;
    text = NULL;
    for (int i = 0; i < LINES; i++) { /* each line is another layout */
        char *line = malloc(room);
        cr_assert_not_null(line);
        size_t size = (size_t)snprintf(line, room, "{\"record\":\"dns\"");
        for (int j = 0; j < COUNT - i; j++) {
            size += (size_t)snprintf(line + size, room - size, ",\"TTL\":1");
        }
        (void)snprintf(line + size, room - size, "}\n");
        text = text != NULL ? joined(text, line) : line;
    }
    cr_assert_eq(read_text(text, &error), P2I_OK, "%s", error.text);
}
