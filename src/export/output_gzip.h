/* SPDX-License-Identifier: MIT */
/* Bytes become one gzip member (RFC 1952), without a name or a time in its header: the same bytes
 * give the same file. One thread. */
#ifndef P2I_EXPORT_OUTPUT_GZIP_H
#define P2I_EXPORT_OUTPUT_GZIP_H

#include "base/error.h"
#include "base/view.h"

struct p2i_gzip;

/* Takes packed bytes, which live for the call; its result is given on. */
typedef enum p2i_result p2i_gzip_take(void *context, struct p2i_view bytes,
                                      struct p2i_error *error);

struct p2i_gzip *p2i_gzip_new(void); /* NULL: memory is out */
/* With `last` the member ends; nothing may be written afterwards. */
enum p2i_result p2i_gzip_write(struct p2i_gzip *gzip, struct p2i_view bytes, bool last,
                               p2i_gzip_take *take, void *context, struct p2i_error *error);
void p2i_gzip_free(struct p2i_gzip *gzip); /* NULL is fine */

#endif
