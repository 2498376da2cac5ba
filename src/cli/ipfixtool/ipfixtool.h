/* SPDX-License-Identifier: MIT */
/* The verbs of ipfixtool, and what they share. */
#ifndef P2I_CLI_IPFIXTOOL_IPFIXTOOL_H
#define P2I_CLI_IPFIXTOOL_IPFIXTOOL_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"

struct p2i_reader_losses;

/* Exit status. */
enum { TOOL_OK, TOOL_DAMAGED, TOOL_USAGE, TOOL_INPUT, TOOL_OUTPUT, TOOL_COLLECTOR, TOOL_INTERNAL };

/* Arguments from the verb on: argv[0] is the verb. Each gives the exit status. */
int p2i_tool_view(int argc, char **argv);
int p2i_tool_check(int argc, char **argv);
int p2i_tool_fields(int argc, char **argv);
int p2i_tool_listen(int argc, char **argv);
int p2i_tool_send(int argc, char **argv);
int p2i_tool_merge(int argc, char **argv);

/* "ipfixtool: " and the message on standard error; gives TOOL_USAGE. */
int p2i_tool_usage(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* Refuses a kind of record with a list of all; `others` is appended to the list. Gives TOOL_USAGE.
 */
int p2i_tool_unknown_kind(const char *verb, const char *name, const char *others);
/* The same for an error in a file; gives the exit status that belongs to it. */
int p2i_tool_fail(const char *file, const struct p2i_error *error);
/* Reports what could not be read, with the file where there is one; gives TOOL_DAMAGED then, else
 * TOOL_OK. */
int p2i_tool_losses(const char *file, const struct p2i_reader_losses *losses);
/* The worse of two exit statuses: what could not be done at all before what was cut. */
int p2i_tool_worse(int status, int other);

#endif
