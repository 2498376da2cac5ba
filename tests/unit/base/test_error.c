/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "pcap2ipfix/error.h"

Test(error, leaves_nothing_of_what_was_there)
{
    struct p2i_error error;
    memset(&error, 0xff, sizeof error);
    cr_assert_eq(p2i_fail(&error, P2I_DAMAGED, "wanted %d bytes, found %s", 4, "none"),
                 P2I_DAMAGED);
    cr_assert_eq(error.code, P2I_DAMAGED);
    cr_assert_eq(error.system_error, 0);
    cr_assert_null(error.file);
    cr_assert_eq(error.offset, UINT64_MAX);
    cr_assert_eq(error.packet, 0);
    cr_assert_str_eq(error.text, "wanted 4 bytes, found none");
}

Test(error, long_texts_are_cut)
{
    struct p2i_error error;
    char text[2 * sizeof error.text];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert_eq(p2i_fail(&error, P2I_USAGE, "%s", text), P2I_USAGE);
    cr_assert_eq(strlen(error.text), sizeof error.text - 1);
}
