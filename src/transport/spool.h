/* SPDX-License-Identifier: MIT */
/* Saves records that a collector did not take in an IPFIX file, which can be sent later. One
 * thread. */
#ifndef P2I_TRANSPORT_SPOOL_H
#define P2I_TRANSPORT_SPOOL_H

#include "export/output_file.h"
#include "settings/statistics.h"
#include "transport/transport_session.h"
#include "transport/url.h"

struct p2i_spool {
    struct p2i_output_file *file; /* NULL: not needed so far */
    char *path;                   /* P2I_SPOOL_PATH_MAX bytes of the caller, for the file's path */
    bool claimed;                 /* our empty file reserves the name until the file is complete */
    struct p2i_buffer frame;
};

/* Creates HOST_PORT.spool.ipfix in the folder (NULL: the working directory), with a number when
 * that exists: no file is ever replaced. P2I_OK; P2I_OUTPUT: cannot be created; P2I_INTERNAL: out
 * of memory. Only its owner may read it, unless the rules have exact permissions. */
enum p2i_result p2i_spool_open(struct p2i_spool *spool, const char *folder,
                               const struct p2i_collector_url *url,
                               const struct p2i_output_rules *rules, struct p2i_error *error);
enum p2i_result p2i_spool_put(struct p2i_spool *spool, struct p2i_transport_session *session,
                              const struct p2i_outgoing *outgoing, struct p2i_error *error);
/* Completes the file; does nothing when there is none. */
enum p2i_result p2i_spool_finish(struct p2i_spool *spool, struct p2i_error *error);
/* Removes an incomplete file. */
void p2i_spool_free(struct p2i_spool *spool);

#endif
