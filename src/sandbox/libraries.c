/* SPDX-License-Identifier: MIT */
/* Libraries open files when something is used for the first time: time zones, charsets, the
 * configuration of OpenSSL. */
#include <dlfcn.h>
#include <iconv.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_OPENSSL
#include <openssl/conf.h>
#include <openssl/crypto.h>
#endif

#include "sandbox/calls.h"
#include "sandbox/sandbox.h"

/* OpenSSL reads its configuration when the first QUIC packet or digest comes, which few captures
 * have; reading it now would take a tenth of the time that the program needs to start. */
static void allow_openssl(struct p2i_sandbox *sandbox)
{
#ifdef HAVE_OPENSSL
    char *path = CONF_get1_default_config_file();
    if (path != NULL) {
        p2i_sandbox_allow(sandbox, path, P2I_SANDBOX_READ);
    }
    OPENSSL_free(path);
#else
    (void)sandbox;
#endif
}

/* iconv has a library for each charset beside the C library. Loading those that mail usually has
 * would double the time that the program needs to start. */
static void allow_charsets(struct p2i_sandbox *sandbox)
{
    Dl_info found;
    char path[PATH_MAX];
    void *function = NULL;
    iconv_t (*const of_iconv)(const char *, const char *) = iconv_open;
    memcpy(&function, &of_iconv, sizeof function);
    if (dladdr(function, &found) == 0 || found.dli_fname == NULL) {
        return;
    }
    const char *slash = strrchr(found.dli_fname, '/');
    int size = slash != NULL ? (int)(slash - found.dli_fname) : 0;
    int end = snprintf(path, sizeof path, "%.*s/gconv", size, found.dli_fname);
    if (size > 0 && end > 0 && (size_t)end < sizeof path) {
        p2i_sandbox_allow(sandbox, path, P2I_SANDBOX_READ);
    }
}

void p2i_sandbox_prepare_libraries(struct p2i_sandbox *sandbox)
{
    tzset();
    allow_openssl(sandbox);
    if ((sandbox->calls & P2I_CALLS_LOAD) != 0) {
        allow_charsets(sandbox);
    }
}
