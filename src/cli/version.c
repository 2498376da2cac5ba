/* SPDX-License-Identifier: MIT */
/* The build defines HAVE_... for each library, and P2I_READS_CAPTURES for a program that reads
 * captures. ipfixtool does not, and is not linked with the libraries for that. */
#include "cli/version.h"

#include <string.h>
#include <yaml.h>
#include <zlib.h>

/* NAME_TEXT is a text with the version of a library, NULL if it is not built in. */
#ifdef HAVE_ZSTD
#include <zstd.h>
#define ZSTD_TEXT ZSTD_versionString()
#else
#define ZSTD_TEXT NULL
#endif
#ifdef HAVE_OPENSSL
#include <openssl/crypto.h>
#define OPENSSL_TEXT OpenSSL_version(OPENSSL_VERSION)
#else
#define OPENSSL_TEXT NULL
#endif
#ifdef P2I_READS_CAPTURES
#include <pcap/pcap.h>
#ifdef HAVE_ISAL
#include <isa-l.h>
#define QUOTE_AS_IS(text) #text
#define QUOTE(macro) QUOTE_AS_IS(macro)
/* Of the header: the library has no function for it. */
#define ISAL_TEXT                                                                                  \
    QUOTE(ISAL_MAJOR_VERSION) "." QUOTE(ISAL_MINOR_VERSION) "." QUOTE(ISAL_PATCH_VERSION)
#else
#define ISAL_TEXT NULL
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#define LZMA_TEXT lzma_version_string()
#else
#define LZMA_TEXT NULL
#endif
#ifdef HAVE_LZ4
#include <lz4.h>
#define LZ4_TEXT LZ4_versionString()
#else
#define LZ4_TEXT NULL
#endif
#ifdef HAVE_BZ2
#include <bzlib.h>
#define BZ2_TEXT BZ2_bzlibVersion()
#else
#define BZ2_TEXT NULL
#endif
#ifdef HAVE_EXPAT
#include <expat.h>
#define EXPAT_TEXT XML_ExpatVersion()
#else
#define EXPAT_TEXT NULL
#endif
#ifdef HAVE_MAXMINDDB
#include <maxminddb.h>
#define MAXMINDDB_TEXT MMDB_lib_version()
#else
#define MAXMINDDB_TEXT NULL
#endif
#endif

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

/* `version` NULL: the library is not built in. Some libraries have text around their number:
 * "libpcap version 1.10.3 (...)", "OpenSSL 3.0.19 27 Jan 2026". */
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

void p2i_print_version(FILE *out, const char *program)
{
    fprintf(out, "%s " P2I_VERSION "\n", program);
    print_library(out, "zlib", zlibVersion(), "gzip");
    print_library(out, "libyaml", yaml_get_version_string(), "configuration");
    print_library(out, "libzstd", ZSTD_TEXT, "zstd");
    print_library(out, "openssl", OPENSSL_TEXT, "TLS, QUIC, MD5");
#ifdef P2I_READS_CAPTURES
    print_library(out, "libpcap", pcap_lib_version(), "filters");
    print_library(out, "isa-l", ISAL_TEXT, "gzip, faster");
    print_library(out, "liblzma", LZMA_TEXT, "captures in xz");
    print_library(out, "liblz4", LZ4_TEXT, "captures in lz4");
    print_library(out, "libbz2", BZ2_TEXT, "captures in bzip2");
    print_library(out, "expat", EXPAT_TEXT, "XMPP");
    print_library(out, "libmaxminddb", MAXMINDDB_TEXT, "AS numbers");
#endif
}
