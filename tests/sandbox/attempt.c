/* SPDX-License-Identifier: MIT */
/* Preloaded: what a hostile capture could make a program do. The functions that parsers and readers
 * call with bytes from outside do what follows the word "ATTEMPT:" in them, once, by the bare
 * system call, and report on standard error "NAME: done" or "NAME: denied: REASON". In a parser:
 * memchr(), memmem() and memrchr(); with HOOK=input: read(), fread(), recv() and recvfrom(). */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const char *path_of(const char *name)
{
    const char *path = getenv(name);
    return path != NULL ? path : "/nowhere";
}

static long open_path(const char *path, int flags)
{
    return syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

static long read_file(void)
{
    return open_path("/etc/passwd", O_RDONLY);
}
static long list_folder(void)
{
    return open_path("/", O_RDONLY | O_DIRECTORY);
}
static long write_outside(void)
{
    return open_path(path_of("OUTSIDE"), O_WRONLY | O_CREAT);
}
static long write_capture(void)
{
    return open_path(path_of("INPUT"), O_WRONLY);
}
static long cut_capture(void)
{
    return syscall(SYS_truncate, path_of("INPUT"), 24);
}
static long remove_capture(void)
{
    return syscall(SYS_unlink, path_of("INPUT"));
}
static long make_link(void)
{
    return syscall(SYS_symlink, "/etc/passwd", path_of("INSIDE"));
}
static long make_device(void)
{
    return syscall(SYS_mknod, path_of("INSIDE"), S_IFCHR | 0600, 0x101);
}
static long make_process(void)
{
    long process = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (process == 0) {
        _exit(0);
    }
    return process;
}
static long execute(void)
{
    char *const arguments[] = {(char *)"true", NULL};
    return syscall(SYS_execve, "/bin/true", arguments, NULL);
}
static long trace(void)
{
    return syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}
static long read_memory(void)
{
    char byte = 0;
    char other = 0;
    const struct iovec to = {&byte, 1};
    const struct iovec from = {&other, 1};
    return syscall(SYS_process_vm_readv, getpid(), &to, 1UL, &from, 1UL, 0UL);
}
static long send_signal(void)
{
    return syscall(SYS_kill, getppid(), 0);
}
static long become_root(void)
{
    return syscall(SYS_setuid, 0);
}
static long leave_namespace(void)
{
    return syscall(SYS_unshare, CLONE_FS);
}
static long make_ring(void)
{
    char parameters[256] = {0};
    return syscall(SYS_io_uring_setup, 1, parameters);
}

static long connect_tcp(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const char *port = getenv("PORT");
    to.sin_port = htons((uint16_t)(port != NULL ? atoi(port) : 9));
    long descriptor = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    return descriptor < 0 ? descriptor : syscall(SYS_connect, descriptor, &to, sizeof to);
}
static long make_datagram_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
}
static long make_local_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}
static long listen_tcp(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    long descriptor = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    return descriptor < 0 ? descriptor : syscall(SYS_bind, descriptor, &at, sizeof at);
}

static long map(int protection, int flags, int descriptor)
{
    return syscall(SYS_mmap, NULL, PAGE, protection, flags, descriptor, 0) == -1 ? -1 : 0;
}
static long map_executable(void)
{
    return map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}
static long map_all(void)
{
    return map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}
static long map_capture(void)
{
    long descriptor = open_path(path_of("INPUT"), O_RDONLY);
    return descriptor < 0 ? descriptor : map(PROT_READ | PROT_EXEC, MAP_PRIVATE, (int)descriptor);
}
static long make_executable(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return syscall(SYS_mprotect, page, PAGE, PROT_READ | PROT_EXEC);
}

static const struct {
    const char *name;
    long (*try)(void);
} attempts[] = {
    {"read-file", read_file},
    {"list-folder", list_folder},
    {"write-outside", write_outside},
    {"write-capture", write_capture},
    {"cut-capture", cut_capture},
    {"remove-capture", remove_capture},
    {"make-link", make_link},
    {"make-device", make_device},
    {"make-process", make_process},
    {"execute", execute},
    {"trace", trace},
    {"read-memory", read_memory},
    {"send-signal", send_signal},
    {"become-root", become_root},
    {"leave-namespace", leave_namespace},
    {"make-ring", make_ring},
    {"connect", connect_tcp},
    {"make-datagram-socket", make_datagram_socket},
    {"make-local-socket", make_local_socket},
    {"listen", listen_tcp},
    {"map-executable", map_executable},
    {"map-all", map_all},
    {"map-capture", map_capture},
    {"make-executable", make_executable},
};

static void report(const char *name, const char *outcome, const char *reason)
{
    char line[256];
    int size = snprintf(line, sizeof line, "%s: %s%s\n", name, outcome, reason);
    (void)!write(STDERR_FILENO, line, (size_t)size);
}

static void look(const char *data, size_t size)
{
    static const char word[] = "ATTEMPT:";
    static atomic_bool tried;
    const size_t length = sizeof word - 1;
    for (size_t i = 0; i + length < size; i++) {
        if (data[i] != 'A' || strncmp(data + i, word, length) != 0) {
            continue;
        }
        const char *name = data + i + length;
        size_t rest = size - i - length;
        for (size_t j = 0; j < sizeof attempts / sizeof *attempts; j++) {
            size_t own = strlen(attempts[j].name);
            if (own < rest && strncmp(name, attempts[j].name, own) == 0 && name[own] == '.' &&
                !atomic_exchange(&tried, true)) {
                report(attempts[j].name, "tries", "");
                bool done = attempts[j].try() >= 0;
                report(attempts[j].name, done ? "done" : "denied: ", done ? "" : strerror(errno));
            }
        }
    }
}

static bool in_input(void)
{
    const char *hook = getenv("HOOK");
    return hook != NULL && strcmp(hook, "input") == 0;
}

static void look_in_parser(const void *data, size_t size)
{
    if (!in_input()) {
        look(data, size);
    }
}

static ssize_t look_at_input(const void *data, ssize_t size)
{
    if (size > 0 && in_input()) {
        int before = errno;
        look(data, (size_t)size);
        errno = before;
    }
    return size;
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

void *memmem(const void *data, size_t size, const void *word, size_t word_size)
{
    look_in_parser(data, size);
    return REAL(memmem)(data, size, word, word_size);
}
void *memchr(const void *data, int byte, size_t size)
{
    look_in_parser(data, size);
    return REAL(memchr)(data, byte, size);
}
void *memrchr(const void *data, int byte, size_t size)
{
    look_in_parser(data, size);
    return REAL(memrchr)(data, byte, size);
}
ssize_t read(int descriptor, void *data, size_t size)
{
    return look_at_input(data, REAL(read)(descriptor, data, size));
}
ssize_t recv(int descriptor, void *data, size_t size, int flags)
{
    return look_at_input(data, REAL(recv)(descriptor, data, size, flags));
}
ssize_t recvfrom(int descriptor, void *data, size_t size, int flags, struct sockaddr *from,
                 socklen_t *from_size)
{
    return look_at_input(data, REAL(recvfrom)(descriptor, data, size, flags, from, from_size));
}
size_t fread(void *data, size_t size, size_t count, FILE *file)
{
    size_t done = REAL(fread)(data, size, count, file);
    (void)look_at_input(data, (ssize_t)(done * size));
    return done;
}
