/* SPDX-License-Identifier: MIT */
/* The build defines HAVE_... for each library, and P2I_READS_CAPTURES for a program that reads
 * captures. ipfixtool does not, and is not linked with the libraries for that. */
#include "cli/version.h"

#include <string.h>
#include <yaml.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_OPENSSL
#include <openssl/crypto.h>
#endif
#ifdef P2I_READS_CAPTURES
#include <pcap/pcap.h>
#ifdef HAVE_ISAL
#include <isa-l.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_LZ4
#include <lz4.h>
#endif
#ifdef HAVE_BZ2
#include <bzlib.h>
#endif
#ifdef P2I_HAVE_MAXMINDDB
#include <maxminddb.h>
#endif
#ifdef HAVE_EXPAT
#include <expat.h>
#endif
#endif

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

/* `version` NULL: the library is not built in. Some libraries have text around their number:
 * "libpcap version 1.10.3 (...)", "1.0.8, 13-Jul-2019". */
static void print_library(FILE *out, const char *name, const char *version, const char *purpose)
{
    if (version == NULL) {
        fprintf(out, "  %-13s not built in (%s)\n", name, purpose);
        return;
    }
    version += strcspn(version, "0123456789");
    fprintf(out, "  %-13s %.*s (%s)\n", name, (int)strspn(version, "0123456789."), version,
            purpose);
}

static const char *zstd_version(void)
{
#ifdef HAVE_ZSTD
    return ZSTD_versionString();
#else
    return NULL;
#endif
}

static const char *openssl_version(char *text, size_t size)
{
#ifdef HAVE_OPENSSL
    (void)snprintf(text, size, "%u.%u.%u", OPENSSL_version_major(), OPENSSL_version_minor(),
                   OPENSSL_version_patch());
    return text;
#else
    (void)text;
    (void)size;
    return NULL;
#endif
}

#ifdef P2I_READS_CAPTURES

/* The version of the header: ISA-L has no function that gives its version. */
static const char *isal_version(char *text, size_t size)
{
#ifdef HAVE_ISAL
    (void)snprintf(text, size, "%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
                   ISAL_PATCH_VERSION);
    return text;
#else
    (void)text;
    (void)size;
    return NULL;
#endif
}

static const char *lzma_version(void)
{
#ifdef HAVE_LZMA
    return lzma_version_string();
#else
    return NULL;
#endif
}

static const char *lz4_version(void)
{
#ifdef HAVE_LZ4
    return LZ4_versionString();
#else
    return NULL;
#endif
}

static const char *bzip2_version(void)
{
#ifdef HAVE_BZ2
    return BZ2_bzlibVersion();
#else
    return NULL;
#endif
}

static const char *expat_version(void)
{
#ifdef HAVE_EXPAT
    return XML_ExpatVersion();
#else
    return NULL;
#endif
}

static const char *maxminddb_version(void)
{
#ifdef P2I_HAVE_MAXMINDDB
    return MMDB_lib_version();
#else
    return NULL;
#endif
}

static void print_capture_libraries(FILE *out)
{
    char isal[32];
    print_library(out, "libpcap", pcap_lib_version(), "filters");
    print_library(out, "isa-l", isal_version(isal, sizeof isal), "gzip, faster");
    print_library(out, "liblzma", lzma_version(), "captures in xz");
    print_library(out, "liblz4", lz4_version(), "captures in lz4");
    print_library(out, "libbz2", bzip2_version(), "captures in bzip2");
    print_library(out, "expat", expat_version(), "XMPP");
    print_library(out, "libmaxminddb", maxminddb_version(), "AS numbers");
}

#endif

void p2i_print_version(FILE *out, const char *program)
{
    char openssl[32];
    fprintf(out, "%s " P2I_VERSION "\n", program);
    print_library(out, "zlib", zlibVersion(), "gzip");
    print_library(out, "libyaml", yaml_get_version_string(), "configuration");
    print_library(out, "libzstd", zstd_version(), "zstd");
    print_library(out, "openssl", openssl_version(openssl, sizeof openssl), "TLS, QUIC, MD5");
#ifdef P2I_READS_CAPTURES
    print_capture_libraries(out);
#endif
}
