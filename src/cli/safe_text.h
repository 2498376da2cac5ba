/* SPDX-License-Identifier: MIT */
/* Names of files and other text of strangers, in messages for people and in JSON. */
#ifndef P2I_CLI_SAFE_TEXT_H
#define P2I_CLI_SAFE_TEXT_H

#include <stdio.h>

/* With \xHH for each byte of what a terminal may obey (p2i_utf8_control()) and of what is no UTF-8:
 * one line, whatever the text is. */
void p2i_print_safe(FILE *out, const char *text);
/* The same in quotes, as a JSON string (RFC 8259 section 7); what a terminal may obey is \uHHHH. */
void p2i_print_json_string(FILE *out, const char *text);

#endif
