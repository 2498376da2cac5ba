/* SPDX-License-Identifier: MIT */
/* Without OpenSSL no context is made, so that nothing else is called with one. */
#include <stddef.h>

#include "transport/tls.h"

static enum p2i_result refuse(struct p2i_tls_context **context, struct p2i_error *error)
{
    *context = NULL;
    return p2i_fail(error, P2I_USAGE, "tls:// needs a program built with OpenSSL");
}

enum p2i_result p2i_tls_client_context(struct p2i_tls_context **context,
                                       const struct p2i_collector_url *url, struct p2i_error *error)
{
    (void)url;
    return refuse(context, error);
}

enum p2i_result p2i_tls_server_context(struct p2i_tls_context **context, const char *cert,
                                       const char *key, const char *ca, struct p2i_error *error)
{
    (void)cert;
    (void)key;
    (void)ca;
    return refuse(context, error);
}

void p2i_tls_context_free(struct p2i_tls_context *context)
{
    (void)context;
}

struct p2i_tls_connection *p2i_tls_connection_new(struct p2i_tls_context *context, int descriptor)
{
    (void)context;
    (void)descriptor;
    return NULL;
}

void p2i_tls_connection_free(struct p2i_tls_connection *tls)
{
    (void)tls;
}

static enum p2i_tls_state fail(struct p2i_error *error)
{
    (void)p2i_fail(error, P2I_INTERNAL, "no TLS");
    return P2I_TLS_FAILED;
}

enum p2i_tls_state p2i_tls_connection_shake(struct p2i_tls_connection *tls, struct p2i_error *error)
{
    (void)tls;
    return fail(error);
}

enum p2i_tls_state p2i_tls_connection_write(struct p2i_tls_connection *tls, struct p2i_view bytes,
                                            size_t *written, struct p2i_error *error)
{
    (void)tls;
    (void)bytes;
    *written = 0;
    return fail(error);
}

enum p2i_tls_state p2i_tls_connection_read(struct p2i_tls_connection *tls, uint8_t *to, size_t size,
                                           size_t *got, struct p2i_error *error)
{
    (void)tls;
    (void)to;
    (void)size;
    *got = 0;
    return fail(error);
}

enum p2i_tls_state p2i_tls_connection_close(struct p2i_tls_connection *tls)
{
    (void)tls;
    return P2I_TLS_DONE;
}

uint64_t p2i_tls_connection_sent_bytes(const struct p2i_tls_connection *tls)
{
    (void)tls;
    return 0;
}

bool p2i_tls_connection_refused(const struct p2i_tls_connection *tls)
{
    (void)tls;
    return true;
}
