/* SPDX-License-Identifier: MIT */
/* What fail.c gives to the functions that stand in for those of libc (fail_calls.c). */
#ifndef TORTURE_FAIL_H
#define TORTURE_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Calls that fail together. */
#define KINDS                                                                                      \
    KIND(ALLOC, "alloc")                                                                           \
    KIND(MAP, "map")                                                                               \
    KIND(OPEN, "open")                                                                             \
    KIND(READ, "read")                                                                             \
    KIND(WRITE, "write")                                                                           \
    KIND(CLOSE, "close")                                                                           \
    KIND(SYNC, "sync")                                                                             \
    KIND(NAME, "name")                                                                             \
    KIND(REMOVE, "remove")                                                                         \
    KIND(FOLDER, "folder")                                                                         \
    KIND(SIZE, "size")                                                                             \
    KIND(STAT, "stat")                                                                             \
    KIND(MODE, "mode")                                                                             \
    KIND(SEEK, "seek")                                                                             \
    KIND(SOCKET, "socket")                                                                         \
    KIND(CONNECT, "connect")                                                                       \
    KIND(SEND, "send")                                                                             \
    KIND(RECEIVE, "receive")                                                                       \
    KIND(POLL, "poll")                                                                             \
    KIND(THREAD, "thread")                                                                         \
    KIND(LOCK, "lock")                                                                             \
    KIND(RESOLVE, "resolve")                                                                       \
    KIND(RANDOM, "random")

enum kind {
#define KIND(id, name) KIND_##id,
    KINDS
#undef KIND
        KIND_COUNT
};

enum { MODE_ONCE, MODE_FROM, MODE_EVERY, MODE_KILL, MODE_TERM };
enum {
    EXIT_BROKEN = 77,     /* the test itself failed */
    FIRST_ARGUMENT = 5,   /* of the program, in the line of a run */
    FIRST_INTERNAL = 200, /* descriptors from here on never fail */
};

/* Counts a call. Whether it must fail, with errno set. */
bool fails(enum kind kind);
/* The same for calls that may do less than they were asked to: makes *size smaller and returns
 * false where that is what must happen. */
bool fails_wholly(enum kind kind, size_t *size);
/* Whether the calls of this thread are left alone from now on; returns whether they were before. */
bool spare(bool spared);
/* Adds a line to the journal. */
void note(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* Whether the descriptor is one of standard error or of fail.c. */
bool is_internal(int descriptor);
/* Replaces stdin and stdout by streams whose reads and writes are those of fail_calls.c. */
void own_streams(void);

/* The main() of the program. */
int program_main(int argc, char **argv);

#endif
