/* SPDX-License-Identifier: MIT */
#include "engine/results.h"

bool p2i_results_add(struct p2i_worker_results *results, enum p2i_result_kind what,
                     uint64_t completed_by, uint64_t order, const void *item, size_t size)
{
    struct p2i_buffer *to = &results->records;
    struct p2i_result_header head = {
        .completed_by = completed_by,
        .order = order,
        .size = (uint32_t)size,
        .what = (uint8_t)what,
    };
    if (!p2i_buffer_reserve(to, sizeof head + size)) {
        return false;
    }
    memcpy(to->data + to->size, &head, sizeof head);
    memcpy(to->data + to->size + sizeof head, item, size);
    to->size += sizeof head + size;
    return true;
}

void p2i_worker_results_free(struct p2i_worker_results *results)
{
    p2i_buffer_free(&results->records);
    p2i_buffer_free(&results->live);
}
