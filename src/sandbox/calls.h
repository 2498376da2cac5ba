/* SPDX-License-Identifier: MIT */
/* The system calls that the programs need, enforced by seccomp. */
#ifndef P2I_SANDBOX_CALLS_H
#define P2I_SANDBOX_CALLS_H

#include <stdbool.h>

/* P2I_SANITIZED: a build with a sanitizer, which needs more than the program itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define P2I_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define P2I_SANITIZED
#endif
#endif

/* What is needed beside reading and writing files; bits. */
enum p2i_calls {
    P2I_CALLS_SEND = 1,    /* over connected sockets, that is also to receive */
    P2I_CALLS_CONNECT = 2, /* sockets of TCP are made and connected */
    P2I_CALLS_ACCEPT = 4,  /* connections are accepted, datagrams received */
    P2I_CALLS_LOAD = 8,    /* libraries are loaded, as iconv does */
};

/* Enforces the list for all threads of the process. no_new_privs must be set. Returns 0 or an error
 * number; *enforced: whether this kernel and this build can do so. */
int p2i_calls_enforce(unsigned wanted, bool *enforced);

#endif
