/* SPDX-License-Identifier: MIT */
#include "transport/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { NAMES_MAX = 10000, MESSAGE_LIMIT = 65535 };

/* Reserves a free name with an empty file, which the complete one replaces, with its permissions.
 */
static enum p2i_result claim_name(struct p2i_spool *spool, const char *folder,
                                  const struct p2i_collector_url *url, struct p2i_error *error)
{
    const char *slash = "/";
    if (folder == NULL || folder[0] == '\0') {
        folder = "";
        slash = "";
    }
    for (unsigned number = 1; number < NAMES_MAX; number++) {
        char suffix[16] = "";
        if (number > 1) {
            (void)snprintf(suffix, sizeof suffix, "-%u", number);
        }
        int size = snprintf(spool->path, P2I_SPOOL_PATH_MAX, "%s%s%s_%s.spool%s.ipfix", folder,
                            slash, url->host, url->port, suffix);
        if (size < 0 || (size_t)size >= P2I_SPOOL_PATH_MAX) {
            return p2i_fail(error, P2I_OUTPUT, "the name of the spool file is too long");
        }
        int claim = open(spool->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (claim >= 0) {
            (void)close(claim);
            spool->claimed = true;
            return P2I_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    int system_error = errno;
    (void)p2i_fail(error, P2I_OUTPUT, "cannot create the spool file %.180s", spool->path);
    error->system_error = system_error;
    return P2I_OUTPUT;
}

enum p2i_result p2i_spool_open(struct p2i_spool *spool, const char *folder,
                               const struct p2i_collector_url *url,
                               const struct p2i_output_rules *rules, struct p2i_error *error)
{
    enum p2i_result result = claim_name(spool, folder, url, error);
    if (result != P2I_OK) {
        spool->path[0] = '\0';
        return result;
    }
    return p2i_output_file_open_by(&spool->file, spool->path, rules, error);
}

enum p2i_result p2i_spool_put(struct p2i_spool *spool, struct p2i_transport_session *session,
                              const struct p2i_outgoing *outgoing, struct p2i_error *error)
{
    spool->frame.size = 0;
    if (!p2i_transport_session_put(session, outgoing, 0, MESSAGE_LIMIT, &spool->frame)) {
        return p2i_fail_memory(error);
    }
    return p2i_output_file_write(spool->file, p2i_view_of(spool->frame.data, spool->frame.size),
                                 error);
}

enum p2i_result p2i_spool_finish(struct p2i_spool *spool, struct p2i_error *error)
{
    enum p2i_result result =
        spool->file != NULL ? p2i_output_file_finish(spool->file, error) : P2I_OK;
    spool->claimed = spool->claimed && result != P2I_OK;
    return result;
}

void p2i_spool_free(struct p2i_spool *spool)
{
    p2i_output_file_free(spool->file);
    if (spool->claimed) {
        (void)unlink(spool->path);
        spool->path[0] = '\0';
    }
    p2i_buffer_free(&spool->frame);
}
