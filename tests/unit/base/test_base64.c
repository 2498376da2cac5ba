/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/base64.h"

/* Decodes a heap copy, so that nothing outside of it is touched. */
static void expect(struct p2i_view text, struct p2i_view wanted)
{
    uint8_t *copy = malloc(text.size > 0 ? text.size : 1);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    size_t size = p2i_base64_decode(copy, text.size);
    cr_assert(p2i_view_equals(p2i_view_of(copy, size), wanted), "%.*s became %zu bytes",
              (int)text.size, (const char *)text.data, size);
    free(copy);
}

/* RFC 4648 section 10. */
Test(base64, vectors)
{
    expect(P2I_VIEW(""), P2I_VIEW(""));
    expect(P2I_VIEW("Zg=="), P2I_VIEW("f"));
    expect(P2I_VIEW("Zm8="), P2I_VIEW("fo"));
    expect(P2I_VIEW("Zm9v"), P2I_VIEW("foo"));
    expect(P2I_VIEW("Zm9vYg=="), P2I_VIEW("foob"));
    expect(P2I_VIEW("Zm9vYmE="), P2I_VIEW("fooba"));
    expect(P2I_VIEW("Zm9vYmFy"), P2I_VIEW("foobar"));
    expect(P2I_VIEW("+/+/AAAA"), P2I_VIEW("\xfb\xff\xbf\0\0\0"));
}

Test(base64, what_is_none_is_passed_over)
{
    expect(P2I_VIEW(" Zm 9\r\nv!"), P2I_VIEW("foo"));
    expect(P2I_VIEW("Zm9vY"), P2I_VIEW("foo"));
    expect(P2I_VIEW("="), P2I_VIEW(""));
}

Test(base64, encode)
{
    static const struct {
        const char *group, *text;
    } rows[] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff\xbf", "+/+/"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t text[4];
        p2i_base64_encode(p2i_view_of(rows[i].group, strlen(rows[i].group)), text);
        cr_expect_eq(memcmp(text, rows[i].text, sizeof text), 0, "%s", rows[i].text);
    }
}
