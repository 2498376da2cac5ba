/* SPDX-License-Identifier: MIT */
/* Signals that end listen, send and merge early, with all that was read so far. */
#ifndef P2I_CLI_IPFIXTOOL_STOP_H
#define P2I_CLI_IPFIXTOOL_STOP_H

#include <signal.h>

/* Number of the signal that was caught; 0: none. */
extern volatile sig_atomic_t p2i_tool_stopped;

/* From now on SIGINT and SIGTERM set p2i_tool_stopped, and SIGPIPE is ignored. */
void p2i_tool_catch_signals(void);

#endif
