/* SPDX-License-Identifier: MIT */
/* Applies a BPF expression to frames of any link type. */
#ifndef P2I_CAPTURE_FILTER_H
#define P2I_CAPTURE_FILTER_H

#include "capture/capture.h"

struct p2i_filter;

/* `expression` and the settings must outlive the filter. Returns P2I_OK; P2I_USAGE: syntax error;
 * P2I_END: stopped meanwhile; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_filter_new(struct p2i_filter **opened, const char *expression,
                               const struct p2i_capture_settings *settings,
                               struct p2i_error *error);
void p2i_filter_free(struct p2i_filter *filter); /* NULL is fine */

/* Marks frames that do not match with P2I_FATE_FILTERED. An expression that is invalid for a link
 * type ("ether host" on raw IP) matches none of its frames. Returns P2I_OK; P2I_END: stopped while
 * compiling; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_filter_apply(struct p2i_filter *filter, struct p2i_block *block,
                                 struct p2i_error *error);

#endif
