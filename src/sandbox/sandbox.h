/* SPDX-License-Identifier: MIT */
/* The parts of a sandbox, see pcap2ipfix/sandbox.h. */
#ifndef P2I_SANDBOX_SANDBOX_H
#define P2I_SANDBOX_SANDBOX_H

#include "pcap2ipfix/sandbox.h"
#include "pcap2ipfix/view.h"
#include "sandbox/landlock.h"

struct p2i_sandbox {
    struct p2i_landlock landlock;
    unsigned calls;    /* enum p2i_calls */
    unsigned parts;    /* enum p2i_sandbox_part, once entered */
    int system_error;  /* why something was not allowed that was asked for: not entered then */
    char *last_folder; /* that was allowed last, not to do so again for each capture */
    unsigned last_access;
};

/* p2i_sandbox_allow() for the folder of a path; "": the working directory. */
void p2i_sandbox_allow_folder_of(struct p2i_sandbox *sandbox, struct p2i_view path,
                                 unsigned access);

/* Makes libraries read now what they would look for later, or allows it. */
void p2i_sandbox_prepare_libraries(struct p2i_sandbox *sandbox);

#endif
