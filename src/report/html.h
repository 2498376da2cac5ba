/* SPDX-License-Identifier: MIT */
/* Appends parts of a page. All of them note in the page when memory runs out; nothing is appended
 * from then on. One thread. */
#ifndef P2I_REPORT_HTML_H
#define P2I_REPORT_HTML_H

#include <stdarg.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/values.h"

struct p2i_html {
    struct p2i_buffer *out;
    bool failed; /* out of memory */
};

/* Markup, as it is. */
void p2i_html_put(struct p2i_html *html, const char *markup);
/* The same with numbers and names of this program in it; never with values of records. */
void p2i_html_format(struct p2i_html *html, const char *format, ...) P2I_PRINTF(2, 3);
/* Text that may be anything: as tables show it, escaped for elements and quoted attributes. */
void p2i_html_text(struct p2i_html *html, struct p2i_view text);
/* The same between tags that keep its direction from what stands around it. */
void p2i_html_value(struct p2i_html *html, struct p2i_view text);
/* A number with commas: 1,234,567. */
void p2i_html_number(struct p2i_html *html, uint64_t number);
/* Bytes for people: 12.3 MB. */
void p2i_html_bytes(struct p2i_html *html, uint64_t bytes);
/* A time: 2026-01-31 23:59:59, UTC. */
void p2i_html_time(struct p2i_html *html, uint64_t time_s);

#endif
