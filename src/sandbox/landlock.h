/* SPDX-License-Identifier: MIT */
/* Landlock, see landlock(7), by its system calls: glibc has no functions for them, and headers of
 * older kernels lack what newer kernels can. */
#ifndef P2I_SANDBOX_LANDLOCK_H
#define P2I_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Rights to files, LANDLOCK_ACCESS_FS_... of <linux/landlock.h>, bits. */
enum p2i_landlock_right {
    P2I_LANDLOCK_EXECUTE = 1 << 0,
    P2I_LANDLOCK_WRITE_FILE = 1 << 1,
    P2I_LANDLOCK_READ_FILE = 1 << 2,
    P2I_LANDLOCK_READ_DIR = 1 << 3,
    P2I_LANDLOCK_REMOVE_DIR = 1 << 4,
    P2I_LANDLOCK_REMOVE_FILE = 1 << 5,
    P2I_LANDLOCK_MAKE_DIR = 1 << 7,
    P2I_LANDLOCK_MAKE_REG = 1 << 8,
    P2I_LANDLOCK_TRUNCATE = 1 << 14,
};

/* Rules, which allow nothing at first. */
struct p2i_landlock {
    int descriptor; /* -1: this kernel has no Landlock, or it is switched off */
    bool ports;     /* the rules can be about TCP ports */
    uint64_t known; /* rights that this kernel knows */
};

void p2i_landlock_open(struct p2i_landlock *landlock);
void p2i_landlock_close(struct p2i_landlock *landlock);
/* Allows rights to a file, or to a folder and everything below it; those that only a folder can
 * have are dropped for a file. Returns 0 or an error number, with which nothing was allowed. */
int p2i_landlock_allow(const struct p2i_landlock *landlock, const char *path, uint64_t rights);
/* Allows to connect to a TCP port. */
void p2i_landlock_allow_port(const struct p2i_landlock *landlock, uint16_t port);
/* Enforces the rules for this thread and those that it starts; no_new_privs must be set. Returns 0
 * or an error number. */
int p2i_landlock_enforce(const struct p2i_landlock *landlock);

#endif
