/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

Test(crypto_pan, needs_openssl, .disabled = true)
{
}
