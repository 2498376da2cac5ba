/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

Test(quic, needs_openssl, .disabled = true)
{
}
