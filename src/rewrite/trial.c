/* SPDX-License-Identifier: MIT */
#include "rewrite/trial.h"

#include <string.h>

static bool is_same(struct p2i_trial *trial)
{
    trial->tries_left--;
    return trial->is_same(trial->context);
}

/* A byte that is needed may be another one of its kind. */
static void try_byte(struct p2i_trial *trial, uint8_t *data, uint8_t original)
{
    enum { OTHERS = 8 };
    for (unsigned i = 0; trial->other != NULL && i < OTHERS && trial->tries_left > 0; i++) {
        *data = trial->other(trial->context, original);
        if (*data != original && is_same(trial)) {
            return;
        }
    }
    *data = original;
}

void p2i_try(struct p2i_trial *trial, uint8_t *data, const uint8_t *original, size_t size)
{
    if (size == 0) {
        return;
    }
    trial->blank(trial->context, data, size);
    if (trial->tries_left == 0 || is_same(trial)) {
        return;
    }
    memcpy(data, original, size);
    if (size == 1) {
        try_byte(trial, data, *original);
        return;
    }
    p2i_try(trial, data, original, size / 2);
    p2i_try(trial, data + size / 2, original + size / 2, size - size / 2);
}
