/* SPDX-License-Identifier: MIT */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/calls.h"

struct p2i_sandbox *p2i_sandbox_new(void)
{
    struct p2i_sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (sandbox != NULL) {
        p2i_landlock_open(&sandbox->landlock);
    }
    return sandbox;
}

void p2i_sandbox_free(struct p2i_sandbox *sandbox)
{
    if (sandbox == NULL) {
        return;
    }
    p2i_landlock_close(&sandbox->landlock);
    free(sandbox->last_folder);
    free(sandbox);
}

static uint64_t rights_of(unsigned access)
{
    uint64_t rights = 0;
    if ((access & P2I_SANDBOX_READ) != 0) {
        rights |= P2I_LANDLOCK_READ_FILE | P2I_LANDLOCK_READ_DIR;
    }
    if ((access & P2I_SANDBOX_MAKE) != 0) {
        /* A folder is opened for reading when its names are synced. */
        rights |= P2I_LANDLOCK_READ_DIR | P2I_LANDLOCK_WRITE_FILE | P2I_LANDLOCK_TRUNCATE |
                  P2I_LANDLOCK_MAKE_REG | P2I_LANDLOCK_REMOVE_FILE;
    }
    if ((access & P2I_SANDBOX_MAKE_FOLDERS) != 0) {
        rights |= P2I_LANDLOCK_MAKE_DIR | P2I_LANDLOCK_REMOVE_DIR;
    }
    return rights;
}

static void note_error(struct p2i_sandbox *sandbox, int system_error)
{
    if (sandbox->system_error == 0) {
        sandbox->system_error = system_error;
    }
}

void p2i_sandbox_allow(struct p2i_sandbox *sandbox, const char *path, unsigned access)
{
    if (sandbox == NULL || strcmp(path, "-") == 0) {
        return;
    }
    int system_error = p2i_landlock_allow(&sandbox->landlock, path, rights_of(access));
    bool lacks = system_error == ENOMEM || system_error == EMFILE || system_error == ENFILE;
    bool missing = system_error == ENOENT || system_error == ENOTDIR;
    /* What cannot be read, or made, is reported when it is; other outputs are open already. */
    if (lacks || ((access & P2I_SANDBOX_MAKE) != 0 && !missing)) {
        note_error(sandbox, system_error);
    }
}

void p2i_sandbox_allow_folder_of(struct p2i_sandbox *sandbox, struct p2i_view path, unsigned access)
{
    if (sandbox == NULL) {
        return;
    }
    const uint8_t *slash = path.size > 0 ? memrchr(path.data, '/', path.size) : NULL;
    size_t size = slash != NULL ? (size_t)(slash - path.data) + 1 : 0;
    char *folder = size > 0 ? strndup((const char *)path.data, size) : strdup(".");
    if (folder == NULL) {
        note_error(sandbox, ENOMEM);
        return;
    }
    const char *last = sandbox->last_folder;
    if (last == NULL || strcmp(last, folder) != 0 || sandbox->last_access != access) {
        p2i_sandbox_allow(sandbox, folder, access);
    }
    free(sandbox->last_folder);
    sandbox->last_folder = folder;
    sandbox->last_access = access;
}

void p2i_sandbox_allow_parent(struct p2i_sandbox *sandbox, const char *path, unsigned access)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') {
        size--;
    }
    p2i_sandbox_allow_folder_of(sandbox, p2i_view_of(path, size), access);
}

void p2i_sandbox_allow_output(struct p2i_sandbox *sandbox, const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0) {
        return;
    }
    bool exists = stat(path, &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        p2i_sandbox_allow(sandbox, path, P2I_SANDBOX_MAKE);
        return;
    }
    /* The file that a link leads to is replaced. */
    char *real = exists ? realpath(path, NULL) : NULL;
    if (sandbox != NULL && exists && real == NULL && errno == ENOMEM) {
        note_error(sandbox, ENOMEM);
    }
    const char *file = real != NULL ? real : path;
    p2i_sandbox_allow_folder_of(sandbox, p2i_view_of(file, strlen(file)), P2I_SANDBOX_MAKE);
    free(real);
}

void p2i_sandbox_allow_receiving(struct p2i_sandbox *sandbox)
{
    if (sandbox != NULL) {
        sandbox->calls |= P2I_CALLS_ACCEPT;
    }
}

unsigned p2i_sandbox_parts(const struct p2i_sandbox *sandbox)
{
    return sandbox != NULL ? sandbox->parts : 0;
}

static enum p2i_result fail(int system_error, struct p2i_error *error)
{
    (void)p2i_fail(error, P2I_INTERNAL, "cannot enter the sandbox: %s", strerror(system_error));
    error->system_error = system_error;
    return P2I_INTERNAL;
}

#ifdef P2I_SANITIZED
/* Sanitizers read what the process is made of when they find something. */
static void allow_sanitizer(struct p2i_sandbox *sandbox)
{
    static const char *const folders[] = {"/proc", "/usr", "/lib", "/lib64", "/etc/ld.so.cache"};
    char program[4096];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        (void)p2i_landlock_allow(&sandbox->landlock, folders[i],
                                 rights_of(P2I_SANDBOX_READ) | P2I_LANDLOCK_EXECUTE);
    }
    ssize_t size = readlink("/proc/self/exe", program, sizeof program);
    if (size > 0) {
        p2i_sandbox_allow_folder_of(sandbox, p2i_view_of(program, (size_t)size), P2I_SANDBOX_READ);
    }
    p2i_sandbox_allow(sandbox, "/dev/null", P2I_SANDBOX_READ);
}
#else
static void allow_sanitizer(struct p2i_sandbox *sandbox)
{
    (void)sandbox;
}
#endif

enum p2i_result p2i_sandbox_enter(struct p2i_sandbox *sandbox, struct p2i_error *error)
{
    bool enforced = false;
#ifdef P2I_PROFILED
    return P2I_OK; /* the profile is written at the end, where the program was built */
#endif
    if (sandbox == NULL) {
        return p2i_fail_memory(error);
    }
    p2i_sandbox_prepare_libraries(sandbox);
    allow_sanitizer(sandbox);
    if (sandbox->system_error != 0) {
        return fail(sandbox->system_error, error);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail(errno, error);
    }
    if (sandbox->landlock.descriptor >= 0) {
        int system_error = p2i_landlock_enforce(&sandbox->landlock);
        if (system_error != 0) {
            return fail(system_error, error);
        }
        sandbox->parts |= P2I_SANDBOX_FILES | (sandbox->landlock.ports ? P2I_SANDBOX_PORTS : 0U);
    }
    int system_error = p2i_calls_enforce(sandbox->calls, &enforced);
    if (system_error != 0) {
        return fail(system_error, error);
    }
    sandbox->parts |= enforced ? P2I_SANDBOX_CALLS : 0U;
    return P2I_OK;
}
