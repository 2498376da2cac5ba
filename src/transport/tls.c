/* SPDX-License-Identifier: MIT */
#include "transport/tls.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum {
    ALERT_REASONS = SSL_AD_REASON_OFFSET, /* larger reasons are alerts of the peer */
    KEY_FILE_MAX = 1 << 20,
};

struct p2i_tls_context {
    SSL_CTX *ssl;
    char name[P2I_COLLECTOR_HOST_MAX]; /* sent to clients that check it */
    bool server;
    bool insecure;
};

struct p2i_tls_connection {
    SSL *ssl;
    bool refused;
};

static enum p2i_result fail_file(const char *what, const char *path, struct p2i_error *error)
{
    /* For a file that cannot be opened, the first error has the system's reason; later ones are its
     * consequences. */
    unsigned long first = ERR_peek_error();
    const char *reason = ERR_SYSTEM_ERROR(first) ? strerror(ERR_GET_REASON(first))
                                                 : ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return p2i_fail(error, P2I_USAGE, "%s '%.120s': %s", what, path,
                    reason != NULL ? reason : "cannot be read");
}

/* OpenSSL would read the file through a buffer that it does not wipe. */
static enum p2i_result use_key(SSL_CTX *ssl, const char *path, struct p2i_error *error)
{
    uint8_t *text = NULL;
    size_t size = 0;
    enum p2i_result result = p2i_secret_read(&text, &size, path, KEY_FILE_MAX, error);
    if (result == P2I_USAGE) {
        return p2i_fail(error, P2I_USAGE, "key '%.120s': %s", path, strerror(error->system_error));
    }
    if (result != P2I_OK) {
        return result;
    }
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    if (key == NULL || SSL_CTX_use_PrivateKey(ssl, key) != 1) {
        result = fail_file("key", path, error);
    }
    EVP_PKEY_free(key);
    BIO_free(bio);
    p2i_secret_free(text, KEY_FILE_MAX + 1);
    return result;
}

static enum p2i_result use_own(SSL_CTX *ssl, const char *cert, const char *key,
                               struct p2i_error *error)
{
    if (cert[0] == '\0') {
        return P2I_OK;
    }
    key = key[0] != '\0' ? key : cert;
    if (SSL_CTX_use_certificate_chain_file(ssl, cert) != 1) {
        return fail_file("certificate", cert, error);
    }
    return use_key(ssl, key, error);
}

/* A name as c_rehash(1) makes them: eight hexadecimal digits of a hash, '.', a number. */
static bool is_hash_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
           name[9 + strspn(name + 9, "0123456789")] == '\0';
}

/* OpenSSL would look into the folders of the system's certificates when a collector shows its own.
 * The program may be sealed off then, so all are read now. */
static void read_authorities(SSL_CTX *ssl)
{
    const char *named = secure_getenv(X509_get_default_cert_dir_env());
    const char *folders = named != NULL ? named : X509_get_default_cert_dir();
    while (*folders != '\0') {
        char path[PATH_MAX];
        size_t size = strcspn(folders, ":");
        int end = snprintf(path, sizeof path, "%.*s/", (int)size, folders);
        DIR *directory = end > 0 && (size_t)end < sizeof path ? opendir(path) : NULL;
        const struct dirent *entry;
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
            size_t room = sizeof path - (size_t)end;
            if (is_hash_name(entry->d_name) && strlen(entry->d_name) < room) {
                (void)snprintf(path + end, room, "%s", entry->d_name);
                (void)X509_STORE_load_file(SSL_CTX_get_cert_store(ssl), path);
            }
        }
        if (directory != NULL) {
            (void)closedir(directory);
        }
        folders += size + (folders[size] == ':');
    }
    ERR_clear_error(); /* a file that is no certificate is none to trust */
}

static enum p2i_result use_authority(SSL_CTX *ssl, const char *ca, struct p2i_error *error)
{
    if (ca[0] != '\0') {
        return SSL_CTX_load_verify_file(ssl, ca) == 1 ? P2I_OK : fail_file("CA file", ca, error);
    }
    if (SSL_CTX_set_default_verify_file(ssl) != 1) {
        return fail_file("CA file", ca, error);
    }
    read_authorities(ssl);
    return P2I_OK;
}

/* Creates a context with the settings common to client and server. */
static struct p2i_tls_context *new_context(const SSL_METHOD *method, struct p2i_error *error)
{
    struct p2i_tls_context *context = calloc(1, sizeof *context);
    if (context != NULL) {
        context->ssl = SSL_CTX_new(method);
    }
    if (context == NULL || context->ssl == NULL) {
        free(context);
        (void)p2i_fail_memory(error);
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION);
    (void)SSL_CTX_set_mode(context->ssl,
                           SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* A peer that closes without close_notify ends the connection, as over TCP. */
    (void)SSL_CTX_set_options(context->ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
    return context;
}

enum p2i_result p2i_tls_client_context(struct p2i_tls_context **context,
                                       const struct p2i_collector_url *url, struct p2i_error *error)
{
    *context = new_context(TLS_client_method(), error);
    if (*context == NULL) {
        return P2I_INTERNAL;
    }
    const char *name = url->name[0] != '\0' ? url->name : url->host;
    (void)snprintf((*context)->name, sizeof(*context)->name, "%s", name);
    (*context)->insecure = url->insecure;
    enum p2i_result result = use_own((*context)->ssl, url->cert, url->key, error);
    if (result == P2I_OK && !url->insecure) {
        SSL_CTX_set_verify((*context)->ssl, SSL_VERIFY_PEER, NULL);
        result = use_authority((*context)->ssl, url->ca, error);
    }
    if (result != P2I_OK) {
        p2i_tls_context_free(*context);
        *context = NULL;
    }
    return result;
}

enum p2i_result p2i_tls_server_context(struct p2i_tls_context **context, const char *cert,
                                       const char *key, const char *ca, struct p2i_error *error)
{
    *context = new_context(TLS_server_method(), error);
    if (*context == NULL) {
        return P2I_INTERNAL;
    }
    (*context)->server = true;
    enum p2i_result result = use_own((*context)->ssl, cert, key, error);
    if (result == P2I_OK && ca[0] != '\0') {
        SSL_CTX_set_verify((*context)->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           NULL);
        result = use_authority((*context)->ssl, ca, error);
    }
    if (result != P2I_OK) {
        p2i_tls_context_free(*context);
        *context = NULL;
    }
    return result;
}

void p2i_tls_context_free(struct p2i_tls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(context->ssl);
        free(context);
    }
}

/* Sets the name or address that the certificate must have; a name is also sent to the server (SNI).
 */
static bool expect_name(SSL *ssl, const char *name)
{
    struct in6_addr address;
    bool is_address =
        inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
    if (is_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct p2i_tls_connection *p2i_tls_connection_new(struct p2i_tls_context *context, int descriptor)
{
    struct p2i_tls_connection *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return NULL;
    }
    tls->ssl = SSL_new(context->ssl);
    if (tls->ssl == NULL || SSL_set_fd(tls->ssl, descriptor) != 1 ||
        (!context->server && !expect_name(tls->ssl, context->name))) {
        p2i_tls_connection_free(tls);
        return NULL;
    }
    if (context->server) {
        SSL_set_accept_state(tls->ssl);
    } else {
        SSL_set_connect_state(tls->ssl);
    }
    return tls;
}

void p2i_tls_connection_free(struct p2i_tls_connection *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls);
    }
}

static enum p2i_tls_state fail_ssl(struct p2i_tls_connection *tls, int system_error,
                                   struct p2i_error *error)
{
    unsigned long code = ERR_peek_error();
    long verified = SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(code);
    if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        (void)p2i_fail(error, P2I_COLLECTOR, "the certificate is not accepted: %s",
                       X509_verify_cert_error_string(verified));
        tls->refused = true;
    } else if (code != 0) {
        (void)p2i_fail(error, P2I_COLLECTOR, "TLS: %s", reason != NULL ? reason : "failed");
        tls->refused =
            ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > (int)ALERT_REASONS;
    } else {
        (void)p2i_fail(error, P2I_COLLECTOR, "%s",
                       system_error != 0 ? strerror(system_error) : "the connection was closed");
        error->system_error = system_error;
    }
    ERR_clear_error();
    return P2I_TLS_FAILED;
}

static enum p2i_tls_state state_of(struct p2i_tls_connection *tls, int result,
                                   struct p2i_error *error)
{
    int system_error = errno;
    if (result > 0) {
        return P2I_TLS_DONE;
    }
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return P2I_TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return P2I_TLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return P2I_TLS_CLOSED;
    default:
        return fail_ssl(tls, system_error, error);
    }
}

enum p2i_tls_state p2i_tls_connection_shake(struct p2i_tls_connection *tls, struct p2i_error *error)
{
    ERR_clear_error();
    errno = 0;
    return state_of(tls, SSL_do_handshake(tls->ssl), error);
}

enum p2i_tls_state p2i_tls_connection_write(struct p2i_tls_connection *tls, struct p2i_view bytes,
                                            size_t *written, struct p2i_error *error)
{
    ERR_clear_error();
    errno = 0;
    *written = 0;
    return state_of(tls, SSL_write_ex(tls->ssl, bytes.data, bytes.size, written), error);
}

enum p2i_tls_state p2i_tls_connection_read(struct p2i_tls_connection *tls, uint8_t *to, size_t size,
                                           size_t *got, struct p2i_error *error)
{
    ERR_clear_error();
    errno = 0;
    *got = 0;
    return state_of(tls, SSL_read_ex(tls->ssl, to, size, got), error);
}

enum p2i_tls_state p2i_tls_connection_close(struct p2i_tls_connection *tls)
{
    struct p2i_error error;
    ERR_clear_error();
    errno = 0;
    int result = SSL_shutdown(tls->ssl);
    return result >= 0 ? P2I_TLS_DONE : state_of(tls, result, &error);
}

uint64_t p2i_tls_connection_sent_bytes(const struct p2i_tls_connection *tls)
{
    return BIO_number_written(SSL_get_wbio(tls->ssl));
}

bool p2i_tls_connection_refused(const struct p2i_tls_connection *tls)
{
    return tls->refused;
}
