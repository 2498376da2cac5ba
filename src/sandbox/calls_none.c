/* SPDX-License-Identifier: MIT */
/* In place of calls.c, without libseccomp. */
#include "sandbox/calls.h"

int p2i_calls_enforce(unsigned wanted, bool *enforced)
{
    (void)wanted;
    *enforced = false;
    return 0;
}
