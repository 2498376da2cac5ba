/* SPDX-License-Identifier: MIT */
/* Charsets by the names that mail gives them, converted to UTF-8 by iconv. Opening a charset can
 * take longer than reading a hundred messages (its tables are a file of their own), so an open
 * charset stays open: their number is finite. */
#ifndef P2I_PROTOCOL_MAIL_CHARSETS_H
#define P2I_PROTOCOL_MAIL_CHARSETS_H

#include <iconv.h>

#include "pcap2ipfix/view.h"

enum { P2I_CHARSET_MAX = 40 }; /* bytes of a name */

/* The open charsets. Belongs to one thread. */
struct p2i_charsets;

/* NULL: out of memory. */
struct p2i_charsets *p2i_charsets_new(void);
void p2i_charsets_free(struct p2i_charsets *charsets); /* NULL is fine */

/* A charset in use. */
struct p2i_charset {
    iconv_t to_utf8; /* in its initial state */
    bool kept;       /* it belongs to the cache and stays open */
};

/* Returns false if iconv does not know the charset. `charsets` NULL: it is closed after use. */
bool p2i_charset_open(struct p2i_charsets *charsets, struct p2i_view name,
                      struct p2i_charset *charset);
void p2i_charset_close(const struct p2i_charset *charset);

#endif
