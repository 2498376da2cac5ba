/* SPDX-License-Identifier: MIT */
#include "cli/seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void p2i_guard_descriptors(void)
{
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        if (fcntl(i, F_GETFD) < 0) {
            (void)open("/dev/null", O_PATH); /* the lowest number that is free */
        }
    }
}

enum p2i_result p2i_seal(struct p2i_sandbox *sandbox, const char *program, bool verbose,
                         struct p2i_error *error)
{
    static const struct {
        enum p2i_sandbox_part part;
        const char *name;
    } all[] = {{P2I_SANDBOX_FILES, "files"},
               {P2I_SANDBOX_PORTS, "TCP ports"},
               {P2I_SANDBOX_CALLS, "system calls"}};
    enum p2i_result result = p2i_sandbox_enter(sandbox, error);
    unsigned parts = p2i_sandbox_parts(sandbox);
    const char *before = ": ";
    char missing[64] = "";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if ((parts & all[i].part) == 0) {
            size_t size = strlen(missing);
            (void)snprintf(missing + size, sizeof missing - size, "%s%s", before, all[i].name);
            before = ", ";
        }
    }
    if (result == P2I_OK && verbose && missing[0] != '\0') {
        fprintf(stderr, "%s: not in the sandbox, as this kernel or build has no means%s\n", program,
                missing);
    }
    if (result != P2I_OK) {
        size_t size = strlen(error->text);
        (void)snprintf(error->text + size, sizeof error->text - size,
                       "; --no-sandbox runs without it");
    }
    return result;
}
