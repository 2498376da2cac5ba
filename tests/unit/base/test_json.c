/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

/* Copies the text to a block of its own, so that the sanitizer catches a read past its end. */
static bool read_object(struct p2i_view text, struct p2i_json_member *members, size_t count,
                        uint8_t **copy)
{
    *copy = malloc(text.size > 0 ? text.size : 1);
    if (text.size > 0) {
        memcpy(*copy, text.data, text.size);
    }
    return p2i_json_object(p2i_view_of(*copy, text.size), members, count);
}

static bool is_object(struct p2i_view text)
{
    uint8_t *copy;
    struct p2i_json_member none = {.name = P2I_VIEW("none")};
    bool good = read_object(text, &none, 1, &copy);
    free(copy);
    return good;
}

static void expect_raw(const struct p2i_json_value *value, enum p2i_json_type type,
                       const char *expected)
{
    cr_assert_eq(value->type, type, "%d instead of %d", (int)value->type, (int)type);
    cr_assert(p2i_view_equals(value->raw, p2i_view_of(expected, strlen(expected))), "%.*s != %s",
              (int)value->raw.size, (const char *)value->raw.data, expected);
}

Test(json, members)
{
    uint8_t *copy;
    struct p2i_json_member member[] = {
        {.name = P2I_VIEW("s")}, {.name = P2I_VIEW("n")},  {.name = P2I_VIEW("t")},
        {.name = P2I_VIEW("f")}, {.name = P2I_VIEW("z")},  {.name = P2I_VIEW("a")},
        {.name = P2I_VIEW("o")}, {.name = P2I_VIEW("no")},
    };
    struct p2i_view text =
        P2I_VIEW(" \t\r\n{ \"s\" : \"x\" ,\"n\":-1.5e+3,\"t\":true,\"f\":false,\"z\":null,\"a\": "
                 "[1,[\"no\"],{}],\"o\":{\"no\":1,\"x\":[]} }\n");
    cr_assert(read_object(text, member, 8, &copy));
    expect_raw(&member[0].value, P2I_JSON_STRING, "x");
    expect_raw(&member[1].value, P2I_JSON_NUMBER, "-1.5e+3");
    expect_raw(&member[2].value, P2I_JSON_TRUE, "true");
    expect_raw(&member[3].value, P2I_JSON_FALSE, "false");
    expect_raw(&member[4].value, P2I_JSON_NULL, "null");
    expect_raw(&member[5].value, P2I_JSON_ARRAY, "[1,[\"no\"],{}]");
    expect_raw(&member[6].value, P2I_JSON_OBJECT, "{\"no\":1,\"x\":[]}");
    cr_assert_eq(member[7].value.type, P2I_JSON_NONE, "a member of an inner object does not count");
    free(copy);
}

Test(json, last_member_of_a_name_counts_and_names_may_be_escaped)
{
    uint8_t *copy;
    struct p2i_json_member member[] = {{.name = P2I_VIEW("aé")}, {.name = P2I_VIEW("a")}};
    cr_assert(
        read_object(P2I_VIEW("{\"\\u0061\\u00e9\":1,\"aé\":2,\"\\u0061\":3}"), member, 2, &copy));
    expect_raw(&member[0].value, P2I_JSON_NUMBER, "2");
    expect_raw(&member[1].value, P2I_JSON_NUMBER, "3");
    free(copy);
}

Test(json, objects)
{
    static const char *const good[] = {
        "{}",
        " { } ",
        "{\"\":0}",
        "{\"a\":0.0E-0,\"b\":-0,\"c\":12e5}",
        "{\"a\":{\"b\":{\"c\":[[],[{}],{}]}}}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00AF\"}",
        "{\"a\":[ ] , \"b\" : { } }",
        "{\"a\":[ 1 , 2 ]}",
        "{\"a\":\"\x7f\xff\"}",
    };
    static const char *const bad[] = {
        "",
        " ",
        "[]",
        "1",
        "\"{}\"",
        "{",
        "}",
        "{]",
        "{}x",
        "{}{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.1}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":nul",
        "{\"a\":[1}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":{\"b\"}}",
        "{\"a\":{1:2}}",
        "{\"a\":[}]",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u123\"}",
        "{\"a\":\"x}",
        "{\"a\":\"x\\",
        "{\"a\":1}}",
        "{/**/}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert(is_object(p2i_view_of(good[i], strlen(good[i]))), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_not(is_object(p2i_view_of(bad[i], strlen(bad[i]))), "%s", bad[i]);
    }
    cr_assert_not(is_object(p2i_view_of("{\0}", 3)), "NUL is not a blank");
    cr_assert_not(is_object(p2i_view_of("{}\0", 3)), "NUL is not the end");
}

Test(json, object_cut_at_any_byte_is_rejected)
{
    struct p2i_view text = P2I_VIEW("{\"a\":[1,{\"b\":\"\\u00e9\\n\"},true],\"c\":-1.5e3}");
    for (size_t size = 0; size < text.size; size++) {
        cr_assert_not(is_object(p2i_view_first(text, size)), "%zu bytes", size);
    }
    cr_assert(is_object(text));
}

/* Complete members of a cut object have their values, all others none. */
Test(json, beginning_of_an_object)
{
    const struct p2i_view text =
        P2I_VIEW(" {\"s\":\"x\\u00e9\",\"n\": 12 ,\"t\":true,\"a\":[\"b\",{}],\"m\":34}");
    const size_t ends[] = {15, 24, 33, 46, 54}; /* for a number one byte more */
    for (size_t size = 0; size <= text.size; size++) {
        struct p2i_json_member member[] = {{.name = P2I_VIEW("s")},
                                           {.name = P2I_VIEW("n")},
                                           {.name = P2I_VIEW("t")},
                                           {.name = P2I_VIEW("a")},
                                           {.name = P2I_VIEW("m")}};
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, text.data, size);
        cr_assert_eq(p2i_json_part(p2i_view_of(copy, size), member, 5), size > 1, "%zu bytes",
                     size);
        for (size_t i = 0; i < 5; i++) {
            cr_assert_eq(member[i].value.type != P2I_JSON_NONE, size >= ends[i],
                         "%zu bytes, member %zu", size, i);
        }
        free(copy);
    }
}

Test(json, rejected_beginnings)
{
    static const char *const bad[] = {"",          " ",         "[",
                                      "t",         "x{",        "{]",
                                      "{\"a\"]",   "{\"a\":01", "{\"a\":\"\\x",
                                      "{\"a\":tx", "{\"a\":1x", "{\"a\" 1",
                                      "{}x",       "{,",        "{\"a\":\"\n"};
    struct p2i_json_member none = {.name = P2I_VIEW("none")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_not(p2i_json_part(p2i_view_of(bad[i], strlen(bad[i])), &none, 1), "%s", bad[i]);
    }
}

/* {"a":[[[...]]]} with `depth` arrays. */
static bool is_deep_object(unsigned depth)
{
    char text[512] = "{\"a\":";
    size_t size = strlen(text);
    memset(text + size, '[', depth);
    memset(text + size + depth, ']', depth);
    size += 2 * (size_t)depth;
    text[size++] = '}';
    return is_object(p2i_view_of(text, size));
}

Test(json, depth)
{
    cr_assert(is_deep_object(P2I_JSON_DEPTH_MAX));
    cr_assert_not(is_deep_object(P2I_JSON_DEPTH_MAX + 1));
}

static void expect_string(struct p2i_view raw, struct p2i_view expected)
{
    uint8_t out[64];
    cr_assert_leq(raw.size, sizeof out);
    struct p2i_json_value value = {.raw = raw, .type = P2I_JSON_STRING};
    struct p2i_view read = p2i_view_of(out, p2i_json_string(&value, out));
    cr_assert(p2i_view_equals(read, expected), "%.*s gives %.*s", (int)raw.size,
              (const char *)raw.data, (int)read.size, (const char *)read.data);
    cr_assert_leq(read.size, raw.size);
    cr_assert(p2i_json_is(&value, expected));
}

Test(json, strings)
{
    expect_string(P2I_VIEW(""), P2I_VIEW(""));
    expect_string(P2I_VIEW("plain ü"), P2I_VIEW("plain ü"));
    expect_string(P2I_VIEW("\\\"\\\\\\/\\b\\f\\n\\r\\t"), P2I_VIEW("\"\\/\b\f\n\r\t"));
    expect_string(P2I_VIEW("\\u0041\\u00e9\\u20AC"), P2I_VIEW("Aé€"));
    expect_string(P2I_VIEW("\\u0000"), p2i_view_of("\0", 1));
    expect_string(P2I_VIEW("\\u007f\\u0080\\u07ff\\u0800\\uffff"),
                  P2I_VIEW("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"));
    expect_string(P2I_VIEW("\\ud83d\\ude00!"), P2I_VIEW("\xf0\x9f\x98\x80!"));
    expect_string(P2I_VIEW("\\uD800\\uDC00\\udbff\\udfff"),
                  P2I_VIEW("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

Test(json, lone_surrogates)
{
    expect_string(P2I_VIEW("\\ud83d"), P2I_VIEW("\xef\xbf\xbd"));
    expect_string(P2I_VIEW("\\ude00x"), P2I_VIEW("\xef\xbf\xbdx"));
    expect_string(P2I_VIEW("\\udc00\\udc00"), P2I_VIEW("\xef\xbf\xbd\xef\xbf\xbd"));
    expect_string(P2I_VIEW("\\ud83d\\n"), P2I_VIEW("\xef\xbf\xbd\n"));
    expect_string(P2I_VIEW("\\ud83d\\u0041"), P2I_VIEW("\xef\xbf\xbd"
                                                       "A"));
    expect_string(P2I_VIEW("\\ud83d\\ud83d\\ude00"), P2I_VIEW("\xef\xbf\xbd\xf0\x9f\x98\x80"));
}

Test(json, only_strings_are_strings)
{
    uint8_t out[8];
    struct p2i_json_value number = {.raw = P2I_VIEW("1"), .type = P2I_JSON_NUMBER};
    struct p2i_json_value string = {.raw = P2I_VIEW("ab"), .type = P2I_JSON_STRING};
    cr_assert_eq(p2i_json_string(&number, out), 0);
    cr_assert_not(p2i_json_is(&number, P2I_VIEW("1")));
    cr_assert_not(p2i_json_is(&string, P2I_VIEW("a")));
    cr_assert_not(p2i_json_is(&string, P2I_VIEW("abc")));
    cr_assert_not(p2i_json_is(&string, P2I_VIEW("aB")));
}

Test(json, arrays)
{
    uint8_t *copy;
    struct p2i_json_member member = {.name = P2I_VIEW("a")};
    struct p2i_json_value value;
    cr_assert(
        read_object(P2I_VIEW("{\"a\":[ \"x\" , [1,\"y\"],2 ,\"z\" ],\"b\":3}"), &member, 1, &copy));
    struct p2i_view rest = member.value.raw;
    cr_assert(p2i_json_next(&rest, &value));
    expect_raw(&value, P2I_JSON_STRING, "x");
    cr_assert(p2i_json_next(&rest, &value));
    expect_raw(&value, P2I_JSON_ARRAY, "[1,\"y\"]");
    cr_assert(p2i_json_next(&rest, &value));
    expect_raw(&value, P2I_JSON_NUMBER, "2");
    cr_assert(p2i_json_next(&rest, &value));
    expect_raw(&value, P2I_JSON_STRING, "z");
    cr_assert_not(p2i_json_next(&rest, &value));
    cr_assert_not(p2i_json_next(&rest, &value));
    free(copy);
    rest = P2I_VIEW("[ ]");
    cr_assert_not(p2i_json_next(&rest, &value));
}

static bool is_whole(const char *raw, enum p2i_json_type type, uint64_t *number)
{
    struct p2i_json_value value = {.raw = p2i_view_of(raw, strlen(raw)), .type = type};
    return p2i_json_whole(&value, number);
}

Test(json, whole_numbers)
{
    uint64_t number = 7;
    cr_assert(is_whole("0", P2I_JSON_NUMBER, &number));
    cr_assert_eq(number, 0);
    cr_assert(is_whole("18446744073709551615", P2I_JSON_NUMBER, &number));
    cr_assert_eq(number, UINT64_MAX);
    cr_assert_not(is_whole("18446744073709551616", P2I_JSON_NUMBER, &number));
    cr_assert_not(is_whole("99999999999999999999999", P2I_JSON_NUMBER, &number));
    cr_assert_not(is_whole("-1", P2I_JSON_NUMBER, &number));
    cr_assert_not(is_whole("1.0", P2I_JSON_NUMBER, &number));
    cr_assert_not(is_whole("1", P2I_JSON_STRING, &number));
}

/* Names and values of all members, "name=value" joined by blanks; "!" behind a malformed object. */
static void expect_members(const char *text, const char *expected)
{
    char found[256] = "";
    struct p2i_json_member member;
    struct p2i_view rest = p2i_view_of(text, strlen(text));
    while (p2i_json_next_member(&rest, &member)) {
        size_t size = strlen(found);
        (void)snprintf(found + size, sizeof found - size, "%.*s=%.*s ", (int)member.name.size,
                       (const char *)member.name.data, (int)member.value.raw.size,
                       (const char *)member.value.raw.data);
    }
    if (rest.size > 0 && strspn((const char *)rest.data, " \n") < rest.size) {
        (void)strncat(found, "!", sizeof found - strlen(found) - 1);
    }
    cr_assert_str_eq(found, expected, "%s: '%s' instead of '%s'", text, found, expected);
}

Test(json, all_members)
{
    expect_members("{}", "");
    expect_members(" { } \n", "");
    expect_members("{\"a\":1,\"b\" : \"x\", \"c\":[1,{}]} ", "a=1 b=x c=[1,{}] ");
    expect_members("{\"a\\n\":true}", "a\\n=true ");
    expect_members("{\"a\":1,}", "a=1 !");
    expect_members("{,\"a\":1}", "!");
    expect_members("{\"a\":1 \"b\":2}", "!");
    expect_members("{\"a\":1", "!");
    expect_members("{\"a\":1}x", "a=1 !");
    expect_members("[1]", "!");
    expect_members("", "");
}
