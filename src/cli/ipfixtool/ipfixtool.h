/* SPDX-License-Identifier: MIT */
/* The verbs of ipfixtool, their exit statuses and messages. */
#ifndef P2I_CLI_IPFIXTOOL_IPFIXTOOL_H
#define P2I_CLI_IPFIXTOOL_IPFIXTOOL_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"

struct p2i_output_mode;
struct p2i_reader_losses;

/* Exit status. */
enum { TOOL_OK, TOOL_DAMAGED, TOOL_USAGE, TOOL_INPUT, TOOL_OUTPUT, TOOL_COLLECTOR, TOOL_INTERNAL };

/* Run a verb; argv[0] is the verb. Return the exit status. */
int p2i_tool_view(int argc, char **argv);
int p2i_tool_check(int argc, char **argv);
int p2i_tool_fields(int argc, char **argv);
int p2i_tool_listen(int argc, char **argv);
int p2i_tool_send(int argc, char **argv);
int p2i_tool_merge(int argc, char **argv);
int p2i_tool_extract(int argc, char **argv);
int p2i_tool_diff(int argc, char **argv);
int p2i_tool_top(int argc, char **argv);
int p2i_tool_join(int argc, char **argv);
int p2i_tool_report(int argc, char **argv);
int p2i_tool_corpus(int argc, char **argv);

/* Prints "ipfixtool: MESSAGE" and a hint at --help on standard error; returns TOOL_USAGE. */
int p2i_tool_usage(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* Reports an unknown kind of record with a list of all kinds and `others`; returns TOOL_USAGE. */
int p2i_tool_unknown_kind(const char *verb, const char *name, const char *others);
/* Prints why an argument was refused; returns TOOL_USAGE, or TOOL_INTERNAL: out of memory. */
int p2i_tool_refuse(const char *verb, const struct p2i_error *error);
/* Prints "ipfixtool: out of memory"; returns TOOL_INTERNAL. */
int p2i_tool_out_of_memory(void);
/* Prints an error of a file; returns the exit status for it. */
int p2i_tool_fail(const char *file, const struct p2i_error *error);
/* Prints losses of a reader, if any. `file` may be NULL. Returns TOOL_DAMAGED if there are any,
 * else TOOL_OK. */
int p2i_tool_losses(const char *file, const struct p2i_reader_losses *losses);
/* The folder of temporary files: that of the environment variable TMPDIR, else /tmp. */
const char *p2i_tool_temporary_folder(void);
/* Reads the value of --output-mode. Returns TOOL_OK, or TOOL_USAGE, which was reported. */
int p2i_tool_set_mode(const char *verb, const char *value, struct p2i_output_mode *mode);
/* The worse (larger) one of two exit statuses. */
int p2i_tool_worse(int status, int other);

#endif
