/* SPDX-License-Identifier: MIT */
/* --version of both programs. */
#ifndef P2I_CLI_VERSION_H
#define P2I_CLI_VERSION_H

#include <stdbool.h>
#include <stdio.h>

/* Prints "PROGRAM VERSION" and a line for each library that the program may use, `reads_captures`:
 * also those for captures: its version, or "not built in". Test scripts read these lines to know
 * what to skip. */
void p2i_print_version(FILE *out, const char *program, bool reads_captures);

#endif
