/* SPDX-License-Identifier: MIT */
/* Records over time, as a picture (SVG) and as a table. */
#ifndef P2I_REPORT_CHART_H
#define P2I_REPORT_CHART_H

#include "report/html.h"
#include "report/timeline.h"

/* `names` of the kinds. */
void p2i_chart_print(struct p2i_html *html, const struct p2i_bars *bars,
                     const char *const names[P2I_REPORT_KINDS]);

#endif
