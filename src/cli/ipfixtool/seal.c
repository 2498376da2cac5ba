/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/seal.h"

#include <sys/stat.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/seal.h"

/* The options, which the process has once. */
static struct {
    const char *user;
    bool open; /* no sandbox */
} given;

bool p2i_tool_seal_option(int option, const char *value)
{
    if (option == TOOL_OPTION_USER) {
        given.user = value;
    } else if (option == TOOL_OPTION_NO_SANDBOX) {
        given.open = true;
    } else {
        return false;
    }
    return true;
}

int p2i_tool_become_user(void)
{
    struct p2i_error error = {0};
    if (given.user == NULL || p2i_become_user(given.user, &error) == P2I_OK) {
        return TOOL_OK;
    }
    return error.code == P2I_USAGE ? p2i_tool_usage("--user: %s", error.text)
                                   : p2i_tool_fail("--user", &error);
}

static void allow_folder(struct p2i_sandbox *sandbox, const char *folder)
{
    struct stat status;
    const unsigned access = P2I_SANDBOX_READ | P2I_SANDBOX_MAKE;
    if (stat(folder, &status) == 0) {
        p2i_sandbox_allow(sandbox, folder, access);
    } else {
        p2i_sandbox_allow_parent(sandbox, folder, access | P2I_SANDBOX_MAKE_FOLDERS);
    }
}

static void allow_files(struct p2i_sandbox *sandbox, const struct p2i_tool_needs *needs)
{
    for (int i = 0; i < needs->file_count; i++) {
        p2i_sandbox_allow(sandbox, needs->files[i], P2I_SANDBOX_READ);
    }
    for (size_t i = 0; i < needs->more_file_count; i++) {
        p2i_sandbox_allow(sandbox, needs->more_files[i], P2I_SANDBOX_READ);
    }
    if (needs->file != NULL) {
        p2i_sandbox_allow(sandbox, needs->file, P2I_SANDBOX_READ);
    }
    if (needs->reads_named) {
        p2i_sandbox_allow(sandbox, "/", P2I_SANDBOX_READ);
    }
    if (needs->output != NULL) {
        p2i_sandbox_allow_output(sandbox, needs->output);
    }
    if (needs->reads_output) {
        p2i_sandbox_allow_parent(sandbox, needs->output, P2I_SANDBOX_READ);
    }
    if (needs->folder != NULL) {
        allow_folder(sandbox, needs->folder);
    }
    if (needs->temporary != NULL) {
        p2i_sandbox_allow(sandbox, needs->temporary,
                          P2I_SANDBOX_READ | P2I_SANDBOX_MAKE | P2I_SANDBOX_MAKE_FOLDERS);
    }
}

int p2i_tool_seal(const struct p2i_tool_needs *needs)
{
    struct p2i_error error = {0};
    if (given.open) {
        return TOOL_OK;
    }
    struct p2i_sandbox *sandbox = p2i_sandbox_new();
    allow_files(sandbox, needs);
    if (needs->run != NULL) {
        p2i_sandbox_allow_run(sandbox, needs->run);
        p2i_sandbox_allow_files(sandbox, needs->run);
    }
    if (needs->collector != NULL) {
        p2i_sandbox_allow_collector(sandbox, needs->collector, needs->delivery);
    }
    if (needs->receives) {
        p2i_sandbox_allow_receiving(sandbox);
    }
    enum p2i_result result = p2i_seal(sandbox, "ipfixtool", false, &error);
    p2i_sandbox_free(sandbox);
    return result == P2I_OK ? TOOL_OK : p2i_tool_fail("sandbox", &error);
}
