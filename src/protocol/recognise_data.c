/* SPDX-License-Identifier: MIT */
#include "protocol/recognise.h"

const struct p2i_recogniser p2i_recognise_data[] = {
    {0},
};
