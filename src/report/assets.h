/* SPDX-License-Identifier: MIT */
/* The style and the script of the page, and their hashes (CSP Level 3 section 2.3.1); made of
 * page.css and page.js. */
#ifndef P2I_REPORT_ASSETS_H
#define P2I_REPORT_ASSETS_H

extern const char p2i_report_page_css[], p2i_report_page_css_hash[];
extern const char p2i_report_page_js[], p2i_report_page_js_hash[];

#endif
