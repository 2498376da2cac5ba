/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "pcap2ipfix/sandbox.h"

static enum p2i_result become(const struct passwd *user, struct p2i_error *error)
{
    /* The user last: before, the process may still change its groups. */
    if (initgroups(user->pw_name, user->pw_gid) != 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
        int system_error = errno;
        (void)p2i_fail(error, P2I_INTERNAL, "cannot become the user '%.80s': %s", user->pw_name,
                       strerror(system_error));
        error->system_error = system_error;
        return P2I_INTERNAL;
    }
    if (user->pw_uid != 0 && setuid(0) == 0) {
        return p2i_fail(error, P2I_INTERNAL, "the user '%.80s' could become root again",
                        user->pw_name);
    }
    return P2I_OK;
}

enum p2i_result p2i_become_user(const char *name, struct p2i_error *error)
{
    errno = 0;
    const struct passwd *user = getpwnam(name);
    if (user == NULL) {
        return p2i_fail(error, P2I_USAGE, "there is no user '%.80s'", name);
    }
    uid_t uid = geteuid();
    if (uid != 0 && uid == user->pw_uid && getuid() == uid) {
        return P2I_OK;
    }
    if (uid != 0) {
        return p2i_fail(error, P2I_USAGE, "only root can become the user '%.80s'", name);
    }
    return become(user, error);
}
