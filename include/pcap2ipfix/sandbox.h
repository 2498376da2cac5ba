/* SPDX-License-Identifier: MIT */
/* Seals a program off: from then on it can use only the files, folders and connections that it
 * named, and only the system calls that its work needs. What a hostile capture could make a parser
 * do is then harmless. The library seals nothing by itself; a program does it when its inputs and
 * outputs are known, before its first thread starts:
 *
 *     static enum p2i_result seal(void *context, struct p2i_error *error)
 *     {
 *         struct p2i_sandbox *sandbox = p2i_sandbox_new();
 *         p2i_sandbox_allow_run(sandbox, context);
 *         enum p2i_result result = p2i_sandbox_enter(sandbox, error);
 *         p2i_sandbox_free(sandbox);
 *         return result;
 *     }
 *
 * as the callback opened() of the settings, with the settings as the context. Linux only:
 * Landlock confines files (5.13), truncation (6.2) and TCP ports (6.7), seccomp the system calls,
 * if the library was built with libseccomp. A sandbox belongs to one thread. */
#ifndef PCAP2IPFIX_SANDBOX_H
#define PCAP2IPFIX_SANDBOX_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a program may still do. */
struct p2i_sandbox;

/* Bits. */
enum p2i_sandbox_access {
    P2I_SANDBOX_READ = 1,         /* read files, list folders */
    P2I_SANDBOX_MAKE = 2,         /* make, write, replace and remove files in a folder */
    P2I_SANDBOX_MAKE_FOLDERS = 4, /* make and remove folders in it, too */
};

/* Parts of a sandbox; bits. */
enum p2i_sandbox_part {
    P2I_SANDBOX_FILES = 1,
    P2I_SANDBOX_PORTS = 2, /* of TCP */
    P2I_SANDBOX_CALLS = 4, /* system calls */
};

/* A sandbox in which no file can be opened and no connection made; descriptors that are open stay
 * usable. NULL: out of memory. The functions below do nothing with NULL, but entering it fails. */
struct p2i_sandbox *p2i_sandbox_new(void);
void p2i_sandbox_free(struct p2i_sandbox *sandbox); /* NULL is fine */

/* Allows `access` (enum p2i_sandbox_access) to a file, or to a folder and everything below it. A
 * path that is not there is left out, and so is "-". The file itself is meant, not its name:
 * another file that gets this name later is not allowed. */
void p2i_sandbox_allow(struct p2i_sandbox *sandbox, const char *path, unsigned access);
/* Allows what p2i_output_file_open() and p2i_output_file_finish() do for this path: the folder in
 * which a file gets its name can be written, or the device or FIFO itself. */
void p2i_sandbox_allow_output(struct p2i_sandbox *sandbox, const char *path);
/* Allows `access` to the folder that a path is in. */
void p2i_sandbox_allow_parent(struct p2i_sandbox *sandbox, const char *path, unsigned access);
/* Allows to connect to this collector, or once more: tcp:// and tls:// to its port, and to spool
 * what it does not take as the settings say. It must be open: its name is looked up then. */
void p2i_sandbox_allow_collector(struct p2i_sandbox *sandbox, const char *text,
                                 const struct p2i_settings *settings);
/* Allows to accept connections at a socket that listens, and to receive from it. */
void p2i_sandbox_allow_receiving(struct p2i_sandbox *sandbox);
/* Allows what a run of these settings does after opened() was called: it reads the captures, writes
 * the outputs and delivers to the collectors, or spools. */
void p2i_sandbox_allow_run(struct p2i_sandbox *sandbox, const struct p2i_settings *settings);
/* Allows to read the files that the settings name, such as databases and keys, for a program that
 * makes further runs of them. */
void p2i_sandbox_allow_files(struct p2i_sandbox *sandbox, const struct p2i_settings *settings);

/* Seals the calling thread, and those that it starts from now on, off for good. Parts that this
 * kernel or this build does not have are left out. P2I_OK; P2I_INTERNAL: out of memory, or the
 * kernel refuses. */
enum p2i_result p2i_sandbox_enter(struct p2i_sandbox *sandbox, struct p2i_error *error);
/* The parts (enum p2i_sandbox_part) that an entered sandbox has. */
unsigned p2i_sandbox_parts(const struct p2i_sandbox *sandbox);

/* Makes this process one of another user, with the user's groups, for good: for a program that root
 * started. P2I_OK, also if it is the user's already; P2I_USAGE: there is no such user, or the
 * process is not root's; P2I_INTERNAL: the kernel refuses. */
enum p2i_result p2i_become_user(const char *name, struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
