/* SPDX-License-Identifier: MIT */
/* The sandbox of the programs. */
#ifndef P2I_CLI_SEAL_H
#define P2I_CLI_SEAL_H

#include "pcap2ipfix/sandbox.h"

/* Gives standard descriptors that are closed to something that can be neither read nor written, so
 * that no file or socket gets their numbers. Call it first. */
void p2i_guard_descriptors(void);

/* Enters the sandbox. With `verbose` prints which parts this kernel or build does not have, if any.
 * Results as p2i_sandbox_enter(). */
enum p2i_result p2i_seal(struct p2i_sandbox *sandbox, const char *program, bool verbose,
                         struct p2i_error *error);

#endif
