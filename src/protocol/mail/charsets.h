/* SPDX-License-Identifier: MIT */
/* Charsets by the names that mail gives them, and what iconv makes UTF-8 of them. To open one can
 * take longer than to read a hundred messages (its tables are a file of their own), so that what
 * has been opened once stays open: their names are finite in number. */
#ifndef P2I_PROTOCOL_MAIL_CHARSETS_H
#define P2I_PROTOCOL_MAIL_CHARSETS_H

#include <iconv.h>

#include "base/view.h"

enum { P2I_CHARSET_MAX = 40 }; /* bytes of a name */

/* Those that are open. Belongs to one thread. */
struct p2i_charsets;

/* NULL: out of memory. */
struct p2i_charsets *p2i_charsets_new(void);
void p2i_charsets_free(struct p2i_charsets *charsets); /* NULL is fine */

/* One that is in use. */
struct p2i_charset {
    iconv_t to_utf8; /* in its initial state */
    bool kept;       /* it stays open */
};

/* False: nobody knows it. `charsets` NULL: it does not stay open. */
bool p2i_charset_open(struct p2i_charsets *charsets, struct p2i_view name,
                      struct p2i_charset *charset);
void p2i_charset_close(const struct p2i_charset *charset);

#endif
