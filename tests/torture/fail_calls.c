/* SPDX-License-Identifier: MIT */
/* The functions of libc that fail on demand. Each counts its call, fails if it must, and calls the
 * real one: that of the sanitizers if there is one, else that of libc. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fail.h"

/* real_NAME() gives the function; the sanitizers of clang have it under another name. */
#define REAL(type, name, ...)                                                                      \
    extern type sanitized_##name(__VA_ARGS__) __asm__("__interceptor_" #name)                      \
        __attribute__((__weak__));                                                                 \
    typedef type function_##name(__VA_ARGS__);                                                     \
    static function_##name *real_##name(void)                                                      \
    {                                                                                              \
        static function_##name *function;                                                          \
        if (function == NULL) {                                                                    \
            function = sanitized_##name;                                                           \
        }                                                                                          \
        if (function == NULL) {                                                                    \
            *(void **)&function = dlsym(RTLD_NEXT, #name);                                         \
        }                                                                                          \
        return function;                                                                           \
    }

/* A function that fails by the value `failed`. */
#define PLAIN(type, name, kind, failed, parameters, arguments)                                     \
    REAL(type, name, UNWRAP parameters)                                                            \
    type name parameters                                                                           \
    {                                                                                              \
        return fails(kind) ? (failed) : real_##name() arguments;                                   \
    }
#define UNWRAP(...) __VA_ARGS__

PLAIN(void *, malloc, KIND_ALLOC, NULL, (size_t size), (size))
PLAIN(void *, calloc, KIND_ALLOC, NULL, (size_t count, size_t size), (count, size))
PLAIN(void *, realloc, KIND_ALLOC, NULL, (void *memory, size_t size), (memory, size))
PLAIN(void *, aligned_alloc, KIND_ALLOC, NULL, (size_t align, size_t size), (align, size))
PLAIN(int, posix_memalign, KIND_ALLOC, ENOMEM, (void **memory, size_t align, size_t size),
      (memory, align, size))
PLAIN(char *, strdup, KIND_ALLOC, NULL, (const char *text), (text))

/* The sanitizers have it, but not by a name of their own. */
char *strndup(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    char *copy = malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

PLAIN(void *, mmap, KIND_MAP, MAP_FAILED,
      (void *at, size_t size, int protection, int flags, int descriptor, off_t offset),
      (at, size, protection, flags, descriptor, offset))
PLAIN(int, madvise, KIND_MAP, -1, (void *at, size_t size, int advice), (at, size, advice))
PLAIN(int, bind, KIND_SOCKET, -1, (int socket, const struct sockaddr *address, socklen_t size),
      (socket, address, size))
PLAIN(int, listen, KIND_SOCKET, -1, (int socket, int backlog), (socket, backlog))
PLAIN(int, socket, KIND_SOCKET, -1, (int family, int type, int protocol), (family, type, protocol))
PLAIN(int, setsockopt, KIND_SOCKET, -1,
      (int socket, int level, int option, const void *value, socklen_t size),
      (socket, level, option, value, size))
PLAIN(int, connect, KIND_CONNECT, -1, (int socket, const struct sockaddr *address, socklen_t size),
      (socket, address, size))
PLAIN(int, accept4, KIND_CONNECT, -1,
      (int socket, struct sockaddr *address, socklen_t *size, int flags),
      (socket, address, size, flags))
PLAIN(int, poll, KIND_POLL, -1, (struct pollfd * set, nfds_t count, int wait_ms),
      (set, count, wait_ms))
PLAIN(int, ppoll, KIND_POLL, -1,
      (struct pollfd * set, nfds_t count, const struct timespec *wait, const sigset_t *mask),
      (set, count, wait, mask))
PLAIN(int, getaddrinfo, KIND_RESOLVE, EAI_AGAIN,
      (const char *host, const char *service, const struct addrinfo *hints,
       struct addrinfo **addresses),
      (host, service, hints, addresses))
PLAIN(ssize_t, getrandom, KIND_RANDOM, -1, (void *bytes, size_t size, unsigned flags),
      (bytes, size, flags))
PLAIN(int, pthread_create, KIND_THREAD, EAGAIN,
      (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context),
      (thread, attributes, run, context))
PLAIN(int, pthread_mutex_init, KIND_LOCK, ENOMEM,
      (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes), (mutex, attributes))
PLAIN(int, pthread_cond_init, KIND_LOCK, ENOMEM,
      (pthread_cond_t * condition, const pthread_condattr_t *attributes), (condition, attributes))
PLAIN(int, stat, KIND_STAT, -1, (const char *path, struct stat *status), (path, status))
PLAIN(int, lstat, KIND_STAT, -1, (const char *path, struct stat *status), (path, status))
PLAIN(int, fstat, KIND_STAT, -1, (int descriptor, struct stat *status), (descriptor, status))
PLAIN(int, fchmod, KIND_MODE, -1, (int descriptor, mode_t mode), (descriptor, mode))
PLAIN(char *, realpath, KIND_STAT, NULL, (const char *path, char *resolved), (path, resolved))
PLAIN(off_t, lseek, KIND_SEEK, -1, (int descriptor, off_t offset, int whence),
      (descriptor, offset, whence))
PLAIN(DIR *, opendir, KIND_OPEN, NULL, (const char *path), (path))
PLAIN(FTS *, fts_open, KIND_OPEN, NULL,
      (char *const *paths, int options, int (*compare)(const FTSENT **, const FTSENT **)),
      (paths, options, compare))

/* Calls that change files. The journal has what succeeded. */
REAL(int, rename, const char *from, const char *to)
REAL(int, link, const char *from, const char *to)
REAL(int, unlink, const char *path)
REAL(int, mkdir, const char *path, mode_t mode)
REAL(int, fsync, int descriptor)
REAL(int, fdatasync, int descriptor)
REAL(int, ftruncate, int descriptor, off_t size)
REAL(int, close, int descriptor)
REAL(int, open, const char *path, int flags, ...)
REAL(ssize_t, write, int descriptor, const void *bytes, size_t size)
REAL(ssize_t, pwrite, int descriptor, const void *bytes, size_t size, off_t offset)

int rename(const char *from, const char *to)
{
    int result = fails(KIND_NAME) ? -1 : real_rename()(from, to);
    if (result == 0) {
        note("rename\t%s\t%s\n", from, to);
    }
    return result;
}

int link(const char *from, const char *to)
{
    int result = fails(KIND_NAME) ? -1 : real_link()(from, to);
    if (result == 0) {
        note("link\t%s\t%s\n", from, to);
    }
    return result;
}

int unlink(const char *path)
{
    int result = fails(KIND_REMOVE) ? -1 : real_unlink()(path);
    if (result == 0) {
        note("unlink\t%s\n", path);
    }
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    int result = fails(KIND_FOLDER) ? -1 : real_mkdir()(path, mode);
    if (result == 0) {
        note("mkdir\t%s\n", path);
    }
    return result;
}

int fsync(int descriptor)
{
    int result = fails(KIND_SYNC) ? -1 : real_fsync()(descriptor);
    if (result == 0) {
        note("sync\t%d\n", descriptor);
    }
    return result;
}

int fdatasync(int descriptor)
{
    int result = fails(KIND_SYNC) ? -1 : real_fdatasync()(descriptor);
    if (result == 0) {
        note("sync\t%d\n", descriptor);
    }
    return result;
}

int ftruncate(int descriptor, off_t size)
{
    int result = fails(KIND_SIZE) ? -1 : real_ftruncate()(descriptor, size);
    if (result == 0) {
        note("write\t%d\t0\n", descriptor);
    }
    return result;
}

/* A close() that fails has closed the descriptor all the same, as on Linux. */
int close(int descriptor)
{
    bool failed = !is_internal(descriptor) && fails(KIND_CLOSE);
    int error = errno;
    int result = real_close()(descriptor);
    if (result == 0) {
        note("close\t%d\n", descriptor);
    }
    if (failed) {
        errno = error;
    }
    return failed ? -1 : result;
}

static int open_file(const char *path, int flags, mode_t mode)
{
    int descriptor = fails(KIND_OPEN) ? -1 : real_open()(path, flags, mode);
    if (descriptor >= 0) {
        note("open\t%d\t%d\t%s\n", descriptor, (flags & O_CREAT) != 0, path);
    }
    return descriptor;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_file(path, flags, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    if (!is_internal(descriptor) && fails_wholly(KIND_WRITE, &size)) {
        return -1;
    }
    ssize_t result = real_write()(descriptor, bytes, size);
    if (result > 0) {
        note("write\t%d\t%zd\n", descriptor, result);
    }
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    if (fails_wholly(KIND_WRITE, &size)) {
        return -1;
    }
    ssize_t result = real_pwrite()(descriptor, bytes, size, offset);
    if (result > 0) {
        note("write\t%d\t%zd\n", descriptor, result);
    }
    return result;
}

/* The template's last letters become those of a name that nobody has. */
#define TEMPORARY(name, flags_parameter, flags)                                                    \
    REAL(int, name, char *template flags_parameter)                                                \
    int name(char *template flags_parameter)                                                       \
    {                                                                                              \
        int descriptor = fails(KIND_OPEN) ? -1 : real_##name()(template flags);                    \
        if (descriptor >= 0) {                                                                     \
            note("open\t%d\t1\t%s\n", descriptor, template);                                       \
        }                                                                                          \
        return descriptor;                                                                         \
    }
#define COMMA ,
TEMPORARY(mkstemp, , )
TEMPORARY(mkostemp, COMMA int flags, COMMA flags)

/* Calls that may read or send less than they were given room for. */
#define PARTIAL(name, kind, parameters, arguments)                                                 \
    REAL(ssize_t, name, UNWRAP parameters)                                                         \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        return fails_wholly(kind, &size) ? -1 : real_##name() arguments;                           \
    }
PARTIAL(read, KIND_READ, (int descriptor, void *bytes, size_t size), (descriptor, bytes, size))
PARTIAL(pread, KIND_READ, (int descriptor, void *bytes, size_t size, off_t offset),
        (descriptor, bytes, size, offset))
PARTIAL(send, KIND_SEND, (int socket, const void *bytes, size_t size, int flags),
        (socket, bytes, size, flags))
PARTIAL(sendto, KIND_SEND,
        (int socket, const void *bytes, size_t size, int flags, const struct sockaddr *address,
         socklen_t address_size),
        (socket, bytes, size, flags, address, address_size))
PARTIAL(recv, KIND_RECEIVE, (int socket, void *bytes, size_t size, int flags),
        (socket, bytes, size, flags))
PARTIAL(recvfrom, KIND_RECEIVE,
        (int socket, void *bytes, size_t size, int flags, struct sockaddr *address,
         socklen_t *address_size),
        (socket, bytes, size, flags, address, address_size))

/* Streams: libc calls its own read() and write(), so that streams of fopen() become streams of
 * fopencookie(), which call those above. The cookie is the descriptor. */
static int descriptor_of(void *cookie)
{
    return (int)(intptr_t)cookie;
}

/* Streams do not repeat an interrupted call, and need not: a signal that does not end the program
 * interrupts none of them. */
static ssize_t read_stream(void *cookie, char *bytes, size_t size)
{
    ssize_t result;
    do {
        result = read(descriptor_of(cookie), bytes, size);
    } while (result < 0 && errno == EINTR);
    return result;
}

/* 0 is the sign of an error here. */
static ssize_t write_stream(void *cookie, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t result = write(descriptor_of(cookie), bytes + done, size - done);
        if (result < 0 && errno != EINTR) {
            return 0;
        }
        done += result > 0 ? (size_t)result : 0;
    }
    return (ssize_t)done;
}

static int seek_stream(void *cookie, off64_t *offset, int whence)
{
    off_t at = lseek(descriptor_of(cookie), *offset, whence);
    *offset = at;
    return at < 0 ? -1 : 0;
}

static int close_stream(void *cookie)
{
    return close(descriptor_of(cookie));
}

static FILE *stream_of(int descriptor, const char *mode)
{
    static const cookie_io_functions_t functions = {read_stream, write_stream, seek_stream,
                                                    close_stream};
    char plain[4] = {mode[0], strchr(mode, '+') != NULL ? '+' : '\0'};
    return fopencookie((void *)(intptr_t)descriptor, plain, functions);
}

static int flags_of(const char *mode)
{
    int flags = mode[0] == 'r' ? O_RDONLY : O_WRONLY | O_CREAT;
    flags = strchr(mode, '+') != NULL ? (flags & ~O_WRONLY) | O_RDWR : flags;
    flags |= mode[0] == 'w' ? O_TRUNC : mode[0] == 'a' ? O_APPEND : 0;
    flags |= strchr(mode, 'x') != NULL ? O_EXCL : 0;
    return flags | (strchr(mode, 'e') != NULL ? O_CLOEXEC : 0);
}

FILE *fopen(const char *path, const char *mode)
{
    int descriptor = open(path, flags_of(mode), 0666);
    FILE *stream = descriptor >= 0 ? stream_of(descriptor, mode) : NULL;
    if (stream == NULL && descriptor >= 0) {
        (void)close(descriptor);
    }
    return stream;
}

FILE *fdopen(int descriptor, const char *mode)
{
    return fails(KIND_OPEN) ? NULL : stream_of(descriptor, mode);
}

void own_streams(void)
{
    stdin = stream_of(STDIN_FILENO, "r");
    stdout = stream_of(STDOUT_FILENO, "w");
}

/* The names of those for large files, which a program uses that is built with _FILE_OFFSET_BITS. */
#define LARGE_AS(name, large)                                                                      \
    extern __typeof__(name) large_##name __asm__(large) __attribute__((__alias__(#name)));
#define LARGE(name) LARGE_AS(name, #name "64")
LARGE(open)
LARGE(fopen)
LARGE(mmap)
LARGE(lseek)
LARGE(pread)
LARGE(pwrite)
LARGE(ftruncate)
LARGE(stat)
LARGE(lstat)
LARGE(fstat)
LARGE(mkstemp)
LARGE(mkostemp)
LARGE_AS(fts_open, "fts64_open")

/* The sanitizers ask for it in each new thread, and give up where its allocations fail. */
REAL(int, pthread_getattr_np, pthread_t thread, pthread_attr_t *attributes)
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    bool before = spare(true);
    int result = real_pthread_getattr_np()(thread, attributes);
    (void)spare(before);
    return result;
}
