/* SPDX-License-Identifier: MIT */
#include "engine/capture_list.h"

#include <stdlib.h>

#include "engine/statistics.h"

void p2i_capture_list_init(struct p2i_capture_list *list)
{
    (void)pthread_mutex_init(&list->lock, NULL);
    list->facts = NULL;
    list->count = 0;
}

void p2i_capture_list_free(struct p2i_capture_list *list)
{
    (void)pthread_mutex_destroy(&list->lock);
    free(list->facts);
}

void p2i_capture_list_update(struct p2i_capture_list *list, const struct p2i_capture *captures)
{
    size_t count = p2i_capture_count(captures);
    (void)pthread_mutex_lock(&list->lock);
    if (list->count != count) {
        free(list->facts);
        list->facts = calloc(count > 0 ? count : 1, sizeof *list->facts);
    }
    list->count = list->facts != NULL ? count : 0;
    for (size_t i = 0; i < list->count; i++) {
        list->facts[i] = *p2i_capture_facts(captures, i);
    }
    (void)pthread_mutex_unlock(&list->lock);
}

void p2i_capture_list_put(struct p2i_capture_list *list, struct p2i_statistics *statistics)
{
    (void)pthread_mutex_lock(&list->lock);
    for (size_t i = 0; i < list->count; i++) {
        p2i_statistics_list_one(statistics, &list->facts[i]);
    }
    (void)pthread_mutex_unlock(&list->lock);
}
