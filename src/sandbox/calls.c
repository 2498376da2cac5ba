/* SPDX-License-Identifier: MIT */
/* Three answers to a call that is not on the list:
 *
 * - The process is ended by SIGSYS, and the kernel logs it, where nothing in the programs or their
 *   libraries ever makes the call: a parser has been taken over, and what it would still write is
 *   worth nothing.
 * - EPERM, where a library may try and can go on without: executable memory, sockets, processes.
 * - ENOSYS for all others, as from an older kernel, for which libraries are prepared. A libc that
 *   begins to use a new call must not cost the output of a run. */
#include "sandbox/calls.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Files that are open, and those that Landlock allows; memory, threads, time. */
static const char usual_calls[] =
    /* files */
    "read readv pread64 write writev pwrite64 lseek _llseek close dup fcntl fcntl64 open "
    "openat openat2 fadvise64 fadvise64_64 fallocate ftruncate ftruncate64 fsync "
    "fdatasync sync_file_range "
    /* what is known of them, and their names */
    "stat stat64 fstat fstat64 lstat lstat64 newfstatat fstatat64 statx access faccessat "
    "faccessat2 readlink readlinkat getcwd getdents getdents64 statfs statfs64 fstatfs "
    "fstatfs64 rename renameat renameat2 link linkat unlink unlinkat mkdir rmdir mkdirat "
    "umask fchmod fchmodat fchown "
    /* memory and threads */
    "brk munmap mremap madvise membarrier futex futex_time64 futex_waitv set_robust_list "
    "rseq sched_yield sched_getaffinity getcpu gettid getpid exit exit_group sysinfo "
    "uname getrandom getrlimit ugetrlimit prlimit64 getrusage getuid getuid32 geteuid "
    "geteuid32 getgid getgid32 getegid getegid32 "
    /* signals, waiting and time */
    "rt_sigaction rt_sigprocmask rt_sigreturn sigreturn sigaltstack tgkill "
    "restart_syscall poll ppoll ppoll_time64 select pselect6 _newselect clock_gettime "
    "clock_gettime64 clock_getres clock_nanosleep clock_nanosleep_time64 nanosleep "
    "gettimeofday time";

#ifdef P2I_SANITIZED
/* A sanitizer stops threads at the end to look for leaks, and asks a program for names. */
static const char sanitizer_calls[] =
    "clone clone3 fork vfork execve wait4 ptrace prctl arch_prctl kill mmap mmap2 "
    "mprotect pipe pipe2 dup2 dup3 getppid process_vm_readv sched_setaffinity personality "
    "setpgid close_range set_tid_address";
#endif

/* A list of rules; the first error number ends it. */
struct filter {
    scmp_filter_ctx context;
    int error;
};

static void add(struct filter *filter, uint32_t action, const char *name,
                const struct scmp_arg_cmp *arguments, unsigned count)
{
    int call = seccomp_syscall_resolve_name(name);
    if (filter->error != 0 || call == __NR_SCMP_ERROR) {
        return; /* this libseccomp does not know the call */
    }
    int result = seccomp_rule_add_array(filter->context, action, call, count, arguments);
    /* EDOM: this machine has no such call. */
    filter->error = result == -EDOM || result == -EACCES ? 0 : -result;
}

/* Adds all calls of a list, whose names are separated by spaces. */
static void add_all(struct filter *filter, uint32_t action, const char *names)
{
    char name[32];
    for (; *names != '\0'; names += strspn(names, " ")) {
        size_t size = strcspn(names, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)size, names);
        add(filter, action, name, NULL, 0);
        names += size;
    }
}

/* Allows the call if the bits `mask` of argument `at` are `bits`. */
static void allow_bits(struct filter *filter, const char *name, unsigned at, uint64_t mask,
                       uint64_t bits)
{
    const struct scmp_arg_cmp are = SCMP_CMP(at, SCMP_CMP_MASKED_EQ, mask, bits);
    add(filter, SCMP_ACT_ALLOW, name, &are, 1);
}

static void allow_value(struct filter *filter, const char *name, unsigned at, uint64_t value)
{
    allow_bits(filter, name, at, UINT64_MAX, value);
}

#ifdef P2I_SANITIZED
static void add_process(struct filter *filter, unsigned wanted)
{
    (void)wanted;
    add_all(filter, SCMP_ACT_ALLOW, sanitizer_calls);
}
#else
static const char deadly_calls[] =
    "execve execveat ptrace process_vm_readv process_vm_writev bpf mount umount2 "
    "pivot_root chroot setns unshare init_module finit_module delete_module kexec_load "
    "keyctl userfaultfd perf_event_open io_uring_setup setuid setgid setresuid setresgid "
    "capset";

/* Executable memory is that of libraries: private, never writable, at an address that was reserved
 * before, which is how the C library loads one. */
static void add_memory(struct filter *filter, unsigned wanted)
{
    static const char *const calls[] = {"mmap", "mmap2", "mprotect", "pkey_mprotect"};
    const struct scmp_arg_cmp executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp library[] = {
        SCMP_A2(SCMP_CMP_EQ, PROT_READ | PROT_EXEC),
        SCMP_A3(SCMP_CMP_EQ, MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE),
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        allow_bits(filter, calls[i], 2, PROT_EXEC, 0);
        bool map = i < 2;
        if (!map || (wanted & P2I_CALLS_LOAD) == 0) {
            add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], &executable, 1);
        } else {
            add(filter, SCMP_ACT_ALLOW, calls[i], library, 2);
        }
    }
}

/* A new task is a thread. */
static void add_process(struct filter *filter, unsigned wanted)
{
    const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    add_memory(filter, wanted);
    allow_bits(filter, "clone", 0, CLONE_THREAD, CLONE_THREAD);
    add(filter, SCMP_ACT_ERRNO(EPERM), "clone", &process, 1);
    add(filter, SCMP_ACT_ERRNO(EPERM), "fork", NULL, 0);
    add(filter, SCMP_ACT_ERRNO(EPERM), "vfork", NULL, 0);
    /* clone3() has its flags in memory, where no filter sees them: ENOSYS leads to clone(). */
    add_all(filter, SCMP_ACT_KILL_PROCESS, deadly_calls);
}
#endif

/* Terminals are asked for their size, connections for what is not acknowledged. */
static void add_ioctl(struct filter *filter)
{
    allow_value(filter, "ioctl", 1, TCGETS);
    allow_value(filter, "ioctl", 1, TIOCGWINSZ);
    allow_value(filter, "ioctl", 1, TIOCOUTQ); /* SIOCOUTQ */
}

static void add_sockets(struct filter *filter, unsigned wanted)
{
    static const char socket_calls[] =
        "recvfrom recvmsg recvmmsg shutdown setsockopt getsockopt getsockname getpeername";
    static const char socket_types[] = "socket socketpair connect bind listen";
    if (wanted != 0) {
        add_all(filter, SCMP_ACT_ALLOW, socket_calls);
        allow_value(filter, "sendto", 4, 0); /* only to the peer of a connected socket */
    }
    if ((wanted & P2I_CALLS_ACCEPT) != 0) {
        add(filter, SCMP_ACT_ALLOW, "accept4", NULL, 0);
    }
    if ((wanted & P2I_CALLS_CONNECT) == 0) {
        add_all(filter, SCMP_ACT_ERRNO(EPERM), socket_types);
        return;
    }
    const uint64_t type = ~(uint64_t)(SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct scmp_arg_cmp stream[] = {
            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]),
            SCMP_A1(SCMP_CMP_MASKED_EQ, type & UINT32_MAX, SOCK_STREAM),
        };
        add(filter, SCMP_ACT_ALLOW, "socket", stream, 2);
    }
    add(filter, SCMP_ACT_ALLOW, "connect", NULL, 0);
}

int p2i_calls_enforce(unsigned wanted, bool *enforced)
{
    struct filter filter = {.context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS))};
    *enforced = false;
    if (filter.context == NULL) {
        return ENOMEM;
    }
    (void)seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    (void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_NNP, 0);
    (void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_TSYNC, 1);
    (void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
    add_all(&filter, SCMP_ACT_ALLOW, usual_calls);
    add_process(&filter, wanted);
    add_ioctl(&filter);
    add_sockets(&filter, wanted);
    int result = filter.error != 0 ? -filter.error : seccomp_load(filter.context);
    seccomp_release(filter.context);
    /* A kernel without seccomp filters. */
    bool missing = result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP;
    *enforced = result == 0;
    return missing ? 0 : -result;
}
