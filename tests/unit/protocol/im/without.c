/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

Test(xmpp, needs_expat, .disabled = true)
{
}
