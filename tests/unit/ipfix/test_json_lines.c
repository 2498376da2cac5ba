/* SPDX-License-Identifier: MIT */
#include "ipfix/json_lines.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect_line(struct p2i_json_lines *lines, const char *text, uint64_t number)
{
    struct p2i_view line;
    struct p2i_error error;
    cr_assert_eq(p2i_json_lines_next(lines, &line, &error), P2I_OK);
    cr_assert(p2i_view_equals(line, p2i_view_of(text, strlen(text))), "%.*s", (int)line.size,
              (const char *)line.data);
    cr_assert_eq(lines->line, number);
}

static void expect_end(struct p2i_json_lines *lines)
{
    struct p2i_view line;
    struct p2i_error error;
    cr_assert_eq(p2i_json_lines_next(lines, &line, &error), P2I_END);
    cr_assert_eq(p2i_json_lines_next(lines, &line, &error), P2I_END);
    p2i_json_lines_free(lines);
}

Test(json_lines, lines_without_ends_and_blanks)
{
    struct p2i_reader_input input = {.memory = P2I_VIEW("{\"a\":1}\n\n \r\n {\"b\":2}\r\n{}")};
    struct p2i_json_lines lines = {.input = &input};
    uint8_t byte;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_input_peek(&input, &byte, &error), P2I_OK);
    cr_assert_eq(p2i_reader_input_peek(&input, &byte, &error), P2I_OK);
    cr_assert_eq(byte, '{');
    expect_line(&lines, "{\"a\":1}", 1);
    expect_line(&lines, "{\"b\":2}", 4);
    expect_line(&lines, "{}", 5);
    expect_end(&lines);
    cr_assert_eq(input.offset, input.memory.size + 24);
    cr_assert_eq(p2i_reader_input_peek(&input, &byte, &error), P2I_END);
}

/* Lines longer than what is read at once. */
Test(json_lines, long_lines)
{
    enum { SIZE = 200000 };
    char *text = malloc(2 * SIZE + 2);
    memset(text, 'a', SIZE);
    text[SIZE] = '\n';
    memset(text + SIZE + 1, 'b', SIZE);
    struct p2i_reader_input input = {.memory = p2i_view_of(text, 2 * SIZE + 1)};
    struct p2i_json_lines lines = {.input = &input};
    struct p2i_view line;
    struct p2i_error error;
    cr_assert_eq(p2i_json_lines_next(&lines, &line, &error), P2I_OK);
    cr_assert(line.size == SIZE && line.data[0] == 'a' && line.data[SIZE - 1] == 'a');
    cr_assert_eq(p2i_json_lines_next(&lines, &line, &error), P2I_OK);
    cr_assert(line.size == SIZE && line.data[0] == 'b' && line.data[SIZE - 1] == 'b');
    expect_end(&lines);
    free(text);
}

Test(json_lines, a_line_too_long_is_damage)
{
    enum { SIZE = 3 * P2I_JSON_LINE_MAX };
    char *text = calloc(1, SIZE);
    memset(text, 'a', SIZE);
    memcpy(text, "{}\n", 3);
    struct p2i_reader_input input = {.memory = p2i_view_of(text, SIZE)};
    struct p2i_json_lines lines = {.input = &input};
    struct p2i_view line;
    struct p2i_error error;
    expect_line(&lines, "{}", 1);
    cr_assert_eq(p2i_json_lines_next(&lines, &line, &error), P2I_DAMAGED);
    cr_assert_eq(error.line, 2);
    p2i_json_lines_free(&lines);
    free(text);
}
