/* SPDX-License-Identifier: MIT */
/* Prints untrusted text, such as names of files, in messages and in JSON. */
#ifndef P2I_CLI_SAFE_TEXT_H
#define P2I_CLI_SAFE_TEXT_H

#include <stdio.h>

/* Prints a text on one line: bytes of control characters (p2i_utf8_control()), which a terminal may
 * obey, and bytes that are not UTF-8 become \xHH. */
void p2i_print_safe(FILE *out, const char *text);
/* Prints a text as a JSON string (RFC 8259 section 7); control characters become \uHHHH. */
void p2i_print_json_string(FILE *out, const char *text);

#endif
