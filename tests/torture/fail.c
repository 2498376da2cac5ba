/* SPDX-License-Identifier: MIT */
/* A program whose system and library calls fail on demand. It is linked with the objects of
 * pcap2ipfix or ipfixtool, whose main() is called program_main(). The functions below stand in for
 * those of libc and of the sanitizers, also where libraries call them.
 *
 * As a server, without arguments, it forks a process for each run, which is ten times faster than
 * to start one. A line of standard input is a run: FOLDER KIND MODE NTH ERRNO ARGUMENT...,
 * separated by tabs. FOLDER becomes the working directory, with standard output and error in `out`
 * and `err`. KIND is a row of kinds below, or - for none; MODE says which calls of that kind fail:
 *   once   the NTH one
 *   from   the NTH one and all after it
 *   every  each NTH one
 *   kill   none, but before the NTH one the process gets SIGKILL
 *   term   none, but before the NTH one the process gets SIGTERM
 * ERRNO is the number of the error; 0: the call succeeds, but for less bytes than it was given
 * (half as many), where it is one that may. The answer is a line: wait status, failed calls, the
 * number of calls of each kind. With NTH 0 nothing fails, and the file `calls` tells the place of
 * each call, the file `journal` what was written, synced and named, in order.
 */
#include "fail.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CALLS = 1 << 16,    /* of a kind whose place is kept */
    PLACES = 1 << 13,   /* different ones; a power of two */
    FRAMES = 14,        /* callers by which places differ */
    ARGUMENTS = 64,     /* of a run */
    LINE_BYTES = 16384, /* of a run */
    HANG_S = 120,       /* a run that takes longer is ended by SIGALRM */
};

static const char *const kind_names[KIND_COUNT] = {
#define KIND(id, name) [KIND_##id] = (name),
    KINDS
#undef KIND
};

/* Where a call comes from. */
struct place {
    uint32_t hash;
    unsigned count;
    void *frames[FRAMES];
};

/* Shared by the server and the process of the run. */
struct control {
    atomic_uint counts[KIND_COUNT];
    atomic_uint failed;
    unsigned kind, mode, nth;
    int error;
    struct place failed_at; /* the first call that failed */
    /* Without failures only: */
    struct place places[PLACES];
    uint16_t calls[KIND_COUNT][CALLS]; /* the place of each call; 0: not known */
};

void __lsan_disable(void) __attribute__((__weak__));
void __lsan_enable(void) __attribute__((__weak__));

static struct control *control; /* NULL: nothing is counted */
static atomic_bool armed;
static int journal = -1;
static _Thread_local bool spared; /* the calls of this thread are left alone */

static uint32_t hash_frames(void *const *frames, int count)
{
    uint32_t hash = 2166136261U;
    for (int i = 0; i < count; i++) {
        hash = (hash ^ (uint32_t)((uintptr_t)frames[i] & UINT32_MAX)) * 16777619U;
    }
    return hash;
}

/* The index of a place; it is added unless it is known. Another thread may add one at the same
 * time, so that a place is there twice. */
static uint16_t index_of_place(const struct place *place)
{
    uint32_t at = place->hash % PLACES;
    for (unsigned tries = 0; tries < PLACES; tries++, at = (at + 1) % PLACES) {
        struct place *known = &control->places[at];
        if (at > 0 && known->count == 0) {
            *known = *place;
        }
        if (at > 0 && known->hash == place->hash) {
            return (uint16_t)at;
        }
    }
    return 0;
}

/* Keeps where the call comes from: of all calls, or of the first that fails. */
static void keep_place(enum kind kind, unsigned number)
{
    struct place place;
    place.count = (unsigned)backtrace(place.frames, FRAMES);
    place.hash = hash_frames(place.frames, (int)place.count);
    if (control->nth > 0) {
        control->failed_at = place;
    } else if (number <= CALLS) {
        control->calls[kind][number - 1] = index_of_place(&place);
    }
}

static bool is_chosen(unsigned number)
{
    switch (control->mode) {
    case MODE_ONCE:
        return number == control->nth;
    case MODE_FROM:
        return number >= control->nth;
    case MODE_EVERY:
        return number % control->nth == 0;
    default:
        if (number == control->nth) {
            (void)kill(getpid(), control->mode == MODE_KILL ? SIGKILL : SIGTERM);
        }
        return false;
    }
}

bool fails(enum kind kind)
{
    if (!atomic_load(&armed) || spared) {
        return false;
    }
    spared = true;
    unsigned number = atomic_fetch_add(&control->counts[kind], 1) + 1;
    bool chosen = false;
    if (control->nth == 0) {
        keep_place(kind, number);
    } else if (kind == control->kind && is_chosen(number)) {
        chosen = true;
        if (atomic_fetch_add(&control->failed, 1) == 0) {
            keep_place(kind, number);
        }
    }
    spared = false;
    if (chosen) {
        errno = control->error;
    }
    return chosen;
}

bool fails_wholly(enum kind kind, size_t *size)
{
    if (!fails(kind)) {
        return false;
    }
    if (control->error == 0) {
        *size = (*size + 1) / 2;
        return false;
    }
    return true;
}

bool spare(bool now)
{
    bool before = spared;
    spared = now;
    return before;
}

void note(const char *format, ...)
{
    char line[LINE_BYTES];
    int error = errno;
    if (journal < 0 || !atomic_load(&armed) || spared) {
        return;
    }
    spared = true;
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)syscall(SYS_write, journal, line, (size_t)size);
    spared = false;
    errno = error;
}

bool is_internal(int descriptor)
{
    return descriptor == STDERR_FILENO || descriptor >= FIRST_INTERNAL;
}

static void write_place(const struct place *place, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file >= 0) {
        backtrace_symbols_fd(place->frames, (int)place->count, file);
        (void)write(file, "\n", 1);
        (void)close(file);
    }
}

/* Writes the places of all calls: a line KIND PLACE... for each kind; and the callers of each
 * place. */
static void write_calls(void)
{
    FILE *file = fopen("calls", "w");
    for (int kind = 0; kind < KIND_COUNT && file != NULL; kind++) {
        unsigned count = atomic_load(&control->counts[kind]);
        fputs(kind_names[kind], file);
        for (unsigned i = 0; i < count && i < CALLS; i++) {
            fprintf(file, " %u", control->calls[kind][i]);
        }
        fputc('\n', file);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        char title[16];
        if (control->places[i].count > 0) {
            int out = open("places", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
            (void)snprintf(title, sizeof title, "%u\n", i);
            (void)write(out, title, strlen(title));
            (void)close(out);
            write_place(&control->places[i], "places");
        }
    }
}

static void redirect(int to, const char *path, int flags)
{
    int descriptor = open(path, flags, 0666);
    if (descriptor < 0 || dup2(descriptor, to) < 0) {
        _exit(EXIT_BROKEN);
    }
    (void)close(descriptor);
}

static void run_program(char **arguments, int count)
{
    if (chdir(arguments[0]) != 0) {
        _exit(EXIT_BROKEN);
    }
    redirect(STDIN_FILENO, access("in", R_OK) == 0 ? "in" : "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC);
    if (control->nth == 0) {
        redirect(FIRST_INTERNAL, "journal", O_WRONLY | O_CREAT | O_TRUNC);
        journal = FIRST_INTERNAL;
    }
    own_streams();
    (void)alarm(HANG_S);
    atomic_store(&armed, true);
    int status = program_main(count - FIRST_ARGUMENT, arguments + FIRST_ARGUMENT);
    atomic_store(&armed, false);
    exit(status);
}

static unsigned index_of(const char *name, const char *const *names, unsigned count)
{
    unsigned i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

static void serve_run(char *line)
{
    static const char *const modes[] = {"once", "from", "every", "kill", "term"};
    char *arguments[ARGUMENTS + 1] = {NULL};
    int count = 0;
    for (char *at = strtok(line, "\t\n"); at != NULL && count < ARGUMENTS;
         at = strtok(NULL, "\t\n")) {
        arguments[count++] = at;
    }
    if (count <= FIRST_ARGUMENT) {
        exit(EXIT_BROKEN);
    }
    unsigned nth = (unsigned)strtoul(arguments[3], NULL, 10);
    memset(control, 0, nth == 0 ? sizeof *control : offsetof(struct control, places));
    control->kind = index_of(arguments[1], kind_names, KIND_COUNT);
    control->mode = index_of(arguments[2], modes, sizeof modes / sizeof *modes);
    control->nth = nth;
    control->error = atoi(arguments[4]);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        run_program(arguments, count);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || chdir(arguments[0]) != 0) {
        exit(EXIT_BROKEN);
    }
    if (control->nth == 0) {
        write_calls();
    } else {
        write_place(&control->failed_at, "place");
    }
    printf("%d %u", status, atomic_load(&control->failed));
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        printf(" %s=%u", kind_names[kind], atomic_load(&control->counts[kind]));
    }
    putchar('\n');
    (void)fflush(stdout);
}

/* backtrace() loads a library on its first call, by an allocation that nobody frees. */
static void load_backtrace(void)
{
    void *frames[1];
    if (__lsan_disable != NULL && __lsan_enable != NULL) {
        __lsan_disable();
    }
    (void)backtrace(frames, 1);
    if (__lsan_disable != NULL && __lsan_enable != NULL) {
        __lsan_enable();
    }
}

int main(void)
{
    static char line[LINE_BYTES];
    load_backtrace();
    control =
        mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (control == MAP_FAILED) {
        return EXIT_BROKEN;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        serve_run(line);
    }
    return 0;
}
