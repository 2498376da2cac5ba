/* SPDX-License-Identifier: MIT */
/* Facts of the captures that are being read, for statistics that another thread gives. */
#ifndef P2I_ENGINE_CAPTURE_LIST_H
#define P2I_ENGINE_CAPTURE_LIST_H

#include <pthread.h>

#include "capture/capture.h"
#include "settings/statistics.h"

/* A copy of the facts. */
struct p2i_capture_list {
    pthread_mutex_t lock; /* of the two below */
    struct p2i_capture_facts *facts;
    size_t count;
};

void p2i_capture_list_init(struct p2i_capture_list *list);
void p2i_capture_list_free(struct p2i_capture_list *list);
/* Copies the facts; by the thread that reads. Without memory the list is empty. */
void p2i_capture_list_update(struct p2i_capture_list *list, const struct p2i_capture *captures);
/* Adds the captures of the list to statistics; by any thread. */
void p2i_capture_list_put(struct p2i_capture_list *list, struct p2i_statistics *statistics);

#endif
