/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"
#include "config/yaml_print.h"

static struct p2i_arena arena;
static struct p2i_yaml *root;
static struct p2i_error error;

static void done(void)
{
    p2i_arena_free(&arena);
}

static enum p2i_result read_bytes(const char *bytes, size_t size)
{
    error = (struct p2i_error){0};
    return p2i_yaml_read(&root, &arena, bytes, size, &error);
}

static enum p2i_result read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void expect_broken(const char *text, uint64_t line, const char *says)
{
    cr_expect_eq(read_text(text), P2I_USAGE, "%s", text);
    cr_expect_eq(error.line, line, "%s: line %d", text, (int)error.line);
    cr_expect_not_null(strstr(error.text, says), "%s: %s", text, error.text);
    done();
}

Test(yaml, a_document_is_a_tree_with_lines, .fini = done)
{
    cr_assert_eq(read_text("# a comment\na: 1\nb:\n  - 'x'\n  - {c: d,\n     e: f}\ng: >\n  h\n"),
                 P2I_OK, "%s", error.text);
    cr_assert_eq(root->type, P2I_YAML_MAP);
    cr_assert_eq(root->count, 3);
    const struct p2i_yaml *a = root->first;
    cr_assert_str_eq(a->name, "a");
    cr_assert_str_eq(a->text, "1");
    cr_assert_not(a->quoted);
    cr_assert_eq(a->name_line, 2);
    const struct p2i_yaml *b = a->next;
    cr_assert_eq(b->type, P2I_YAML_LIST);
    cr_assert_eq(b->name_line, 3);
    cr_assert_eq(b->line, 4);
    cr_assert_eq(b->count, 2);
    cr_assert_str_eq(b->first->text, "x");
    cr_assert_null(b->first->name);
    cr_assert(b->first->quoted);
    const struct p2i_yaml *map = b->first->next;
    cr_assert_eq(map->type, P2I_YAML_MAP);
    cr_assert_str_eq(map->first->name, "c");
    cr_assert_str_eq(map->first->next->text, "f");
    cr_assert_eq(map->first->next->line, 6);
    cr_assert_null(map->next);
    const struct p2i_yaml *g = b->next;
    cr_assert_str_eq(g->text, "h\n");
    cr_assert(g->quoted);
    cr_assert_null(g->next);
}

Test(yaml, an_empty_document_is_an_empty_map)
{
    static const char *const empty[] = {"", "\n", "# nothing\n", "{}"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        cr_assert_eq(read_text(empty[i]), P2I_OK, "%s", empty[i]);
        cr_assert_eq(root->type, P2I_YAML_MAP);
        cr_assert_eq(root->count, 0);
        cr_assert_null(root->first);
        done();
    }
}

Test(yaml, what_is_broken_has_its_line)
{
    expect_broken("a: 1\nb: [1,\n", 3, "broken YAML");
    expect_broken("a: 1\n b: 2\n", 2, "broken YAML");
    expect_broken("a: 'x\n", 2, "broken YAML");
    expect_broken("a:\n\tb: 1\n", 2, "broken YAML");
    expect_broken("a: 1\nb: \"\xff\"\n", 2, "UTF-8");
    expect_broken("a: 1\nb: \x01\n", 2, "control");
    expect_broken("a: 1\n}\n", 2, "in column 1");
}

Test(yaml, it_is_strict)
{
    expect_broken("a: 1\nb: 2\na: 3\n", 3, "a: duplicate key, first in line 1");
    expect_broken("x:\n  a: 1\n  a: 3\n", 3, "duplicate key");
    expect_broken("a: &x 1\n", 1, "anchors");
    expect_broken("a: &x [1]\n", 1, "anchors");
    expect_broken("a: 1\nb: *x\n", 2, "aliases");
    expect_broken("a: !!str 1\n", 1, "tags");
    expect_broken("a: !x {}\n", 1, "tags");
    expect_broken("&x a: 1\n", 1, "anchors");
    expect_broken("a: 1\n---\nb: 2\n", 2, "second document");
    expect_broken("a: 1\n? [1]\n: 2\n", 2, "a key cannot be");
    expect_broken("a: 1\n? {b: 1}\n: 2\n", 2, "a key cannot be");
    expect_broken("a: 1\nb: \"x\\0y\"\n", 2, "NUL");
    expect_broken("a: 1\n\"x\\0y\": b\n", 2, "NUL");
}

Test(yaml, depth_is_limited)
{
    cr_expect_eq(read_text("[[[[[[[[]]]]]]]]"), P2I_OK);
    done();
    expect_broken("[[[[[[[[\n[]]]]]]]]]", 2, "too deep");
    expect_broken("a: [[[[[[[\n{}]]]]]]]]", 2, "too deep");
}

/* "[,,," with commas and line ends */
Test(yaml, size_is_limited)
{
    size_t size = P2I_YAML_BYTES_MAX + 1;
    char *bytes = malloc(size);
    cr_assert_not_null(bytes);
    memset(bytes, '\n', size);
    cr_expect_eq(read_bytes(bytes, size - 1), P2I_OK);
    done();
    cr_expect_eq(read_bytes(bytes, size), P2I_USAGE);
    done();
    bytes[0] = '[';
    for (size_t i = 1; i + 1 < size; i += 2) {
        bytes[i] = 'x';
        bytes[i + 1] = ',';
    }
    bytes[size - 2] = ']';
    cr_expect_eq(read_bytes(bytes, size - 1), P2I_USAGE);
    cr_expect_str_eq(error.text, "too many values");
    done();
    free(bytes);
}

/* A document cut anywhere is read, or refused with a line of its own; under a sanitizer also: no
 * byte behind it is touched. */
Test(yaml, cut_anywhere)
{
    static const char text[] = "a: {b: [1, 'x', \"y\\n\"], c: d}\n# z\ne: |\n  f\n  g\nh:\n - i\n";
    for (size_t size = 0; size < sizeof text; size++) {
        char *bytes = malloc(size > 0 ? size : 1);
        cr_assert_not_null(bytes);
        memcpy(bytes, text, size);
        enum p2i_result result = read_bytes(bytes, size);
        cr_expect(result == P2I_OK || (result == P2I_USAGE && error.line >= 1 && error.line <= 8),
                  "%zu bytes: %s", size, error.text);
        free(bytes);
        done();
    }
}

Test(yaml, texts_are_printed_so_that_they_are_read_alike)
{
    static const char *const texts[] = {
        "",         "plain",        "it's",    "null",         "~",    "1",
        "a: b",     "# no",         " space ", "two\nlines\n", "\n\n", "tab\there",
        "\"quoted", "\x1b[31m",     "back\\",  "\xc3\xa9",     "*x",   "- a",
        "a\rb",     "\xe2\x80\xa8", "{",       "a  b\n  c",    "'",    "a,b",
    };
    size_t count = sizeof texts / sizeof *texts;
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);
    struct p2i_yaml_printer *printer = p2i_yaml_printer_new(file);
    cr_assert_not_null(printer);
    p2i_yaml_open_list(printer);
    for (size_t i = 0; i < count; i++) {
        p2i_yaml_print_text(printer, texts[i]);
    }
    p2i_yaml_close_list(printer);
    cr_assert_eq(p2i_yaml_printer_end(printer, &error), P2I_OK, "%s", error.text);
    (void)fclose(file);
    cr_assert_eq(read_bytes(bytes, size), P2I_OK, "%s: %s", error.text, bytes);
    cr_assert_eq(root->count, count);
    const struct p2i_yaml *at = root->first;
    for (size_t i = 0; i < count; i++, at = at->next) {
        cr_expect_str_eq(at->text, texts[i], "%s", bytes);
        cr_expect(at->quoted);
    }
    free(bytes);
    done();
}

Test(yaml, what_cannot_be_printed_is_told)
{
    FILE *file = fopen("/dev/full", "we");
    cr_assert_not_null(file);
    struct p2i_yaml_printer *printer = p2i_yaml_printer_new(file);
    p2i_yaml_print_text(printer, "x");
    cr_expect_eq(p2i_yaml_printer_end(printer, &error), P2I_OUTPUT);
    cr_expect_neq(error.system_error, 0);
    (void)fclose(file);
    file = fopen("/dev/null", "we");
    printer = p2i_yaml_printer_new(file);
    p2i_yaml_open_list(printer);
    p2i_yaml_print_text(printer, "\xff");
    p2i_yaml_print_text(printer, "x");
    p2i_yaml_close_list(printer);
    cr_expect_eq(p2i_yaml_printer_end(printer, &error), P2I_USAGE);
    (void)fclose(file);
}
