/* SPDX-License-Identifier: MIT */
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers are the same on all machines that Debian runs on. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule 445
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

enum {
    ASK_VERSION = 1,    /* flag: returns the version of the ABI */
    RULE_PATH = 1,      /* struct path_rule */
    RULE_PORT = 2,      /* struct port_rule */
    PORTS_VERSION = 4,  /* the first with TCP ports */
    SCOPES_VERSION = 6, /* the first with scopes */
    BIND_TCP = 1 << 0,  /* rights to ports */
    CONNECT_TCP = 1 << 1,
    ABSTRACT_SOCKETS = 1 << 0, /* scopes: not to those of other programs, */
    SIGNALS = 1 << 1,          /* and none to these */
};

/* The rights of files that each version of the ABI knows. */
static const uint64_t rights_of_version[] = {
    0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1};

/* What only a folder can have. */
static const uint64_t folder_rights = P2I_LANDLOCK_READ_DIR | P2I_LANDLOCK_REMOVE_DIR |
                                      P2I_LANDLOCK_REMOVE_FILE | P2I_LANDLOCK_MAKE_DIR |
                                      P2I_LANDLOCK_MAKE_REG;

/* struct landlock_ruleset_attr. Members that a kernel does not know must be 0. */
struct rules {
    uint64_t files, ports, scopes;
};

/* struct landlock_path_beneath_attr and struct landlock_net_port_attr. */
struct path_rule {
    uint64_t rights;
    int32_t descriptor;
} __attribute__((__packed__));
struct port_rule {
    uint64_t rights, port;
};

void p2i_landlock_open(struct p2i_landlock *landlock)
{
    const size_t last = sizeof rights_of_version / sizeof *rights_of_version - 1;
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, ASK_VERSION);
    *landlock = (struct p2i_landlock){.descriptor = -1};
    if (version <= 0) {
        return;
    }
    landlock->ports = version >= PORTS_VERSION;
    landlock->known = rights_of_version[(size_t)version < last ? (size_t)version : last];
    const struct rules rules = {
        .files = landlock->known,
        .ports = landlock->ports ? BIND_TCP | CONNECT_TCP : 0,
        .scopes = version >= SCOPES_VERSION ? ABSTRACT_SOCKETS | SIGNALS : 0,
    };
    landlock->descriptor = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
}

void p2i_landlock_close(struct p2i_landlock *landlock)
{
    if (landlock->descriptor >= 0) {
        (void)close(landlock->descriptor);
    }
    landlock->descriptor = -1;
}

int p2i_landlock_allow(const struct p2i_landlock *landlock, const char *path, uint64_t rights)
{
    struct stat status;
    struct path_rule rule = {.rights = rights & landlock->known, .descriptor = -1};
    if (landlock->descriptor < 0) {
        return 0;
    }
    rule.descriptor = open(path, O_PATH | O_CLOEXEC);
    if (rule.descriptor < 0) {
        return errno;
    }
    int system_error = fstat(rule.descriptor, &status) == 0 ? 0 : errno;
    if (system_error == 0 && !S_ISDIR(status.st_mode)) {
        rule.rights &= ~folder_rights;
    }
    /* Pipes, by a name like /dev/fd/63, belong to no folder: they can be opened anyway. */
    if (system_error == 0 &&
        syscall(SYS_landlock_add_rule, landlock->descriptor, RULE_PATH, &rule, 0) != 0) {
        system_error = errno == EBADFD ? 0 : errno;
    }
    (void)close(rule.descriptor);
    return system_error;
}

void p2i_landlock_allow_port(const struct p2i_landlock *landlock, uint16_t port)
{
    const struct port_rule rule = {.rights = CONNECT_TCP, .port = port};
    if (landlock->ports) {
        (void)syscall(SYS_landlock_add_rule, landlock->descriptor, RULE_PORT, &rule, 0);
    }
}

int p2i_landlock_enforce(const struct p2i_landlock *landlock)
{
    return syscall(SYS_landlock_restrict_self, landlock->descriptor, 0) == 0 ? 0 : errno;
}
