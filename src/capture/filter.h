/* SPDX-License-Identifier: MIT */
/* A BPF expression over frames of any link type. */
#ifndef P2I_CAPTURE_FILTER_H
#define P2I_CAPTURE_FILTER_H

#include "capture/capture.h"

struct p2i_filter;

/* `expression` and the settings must outlive the filter. P2I_OK; P2I_USAGE when it cannot be
 * compiled; P2I_END when the run was stopped meanwhile; P2I_INTERNAL. */
enum p2i_result p2i_filter_new(struct p2i_filter **opened, const char *expression,
                               const struct p2i_capture_settings *settings,
                               struct p2i_error *error);
void p2i_filter_free(struct p2i_filter *filter); /* NULL is fine */

/* Marks the frames that do not match with P2I_FATE_FILTERED. An expression that makes no sense for
 * a link type ("ether host" on raw IP) matches none of its frames. P2I_OK; P2I_END: stopped while
 * it was compiled; P2I_INTERNAL. */
enum p2i_result p2i_filter_apply(struct p2i_filter *filter, struct p2i_block *block,
                                 struct p2i_error *error);

#endif
