/* SPDX-License-Identifier: MIT */
/* The build defines HAVE_... for each library that may be missing. */
#include "pcap2ipfix/version.h"

#include <pcap/pcap.h>
#include <stddef.h>
#include <string.h>
#include <yaml.h>
#include <zlib.h>

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_OPENSSL
#include <openssl/crypto.h>
#endif
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
#ifdef HAVE_EXPAT
#include <expat.h>
#endif
#ifdef HAVE_MAXMINDDB
#include <maxminddb.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#define QUOTE_AS_IS(text) #text
#define QUOTE(macro) QUOTE_AS_IS(macro)

const char *p2i_version_of(const char *name)
{
    const struct {
        const char *name, *version;
    } libraries[] = {
        {"zlib", zlibVersion()},
        {"libyaml", yaml_get_version_string()},
        {"libpcap", pcap_lib_version()},
#ifdef HAVE_ZSTD
        {"libzstd", ZSTD_versionString()},
#endif
#ifdef HAVE_OPENSSL
        {"openssl", OpenSSL_version(OPENSSL_VERSION)},
#endif
#ifdef HAVE_ISAL /* of its header: it has no function for this text */
        {"isa-l",
         QUOTE(ISAL_MAJOR_VERSION) "." QUOTE(ISAL_MINOR_VERSION) "." QUOTE(ISAL_PATCH_VERSION)},
#endif
#ifdef HAVE_LZMA
        {"liblzma", lzma_version_string()},
#endif
#ifdef HAVE_LZ4
        {"liblz4", LZ4_versionString()},
#endif
#ifdef HAVE_BZ2
        {"libbz2", BZ2_bzlibVersion()},
#endif
#ifdef HAVE_EXPAT
        {"expat", XML_ExpatVersion()},
#endif
#ifdef HAVE_MAXMINDDB
        {"libmaxminddb", MMDB_lib_version()},
#endif
#ifdef HAVE_SECCOMP /* likewise */
        {"libseccomp", QUOTE(SCMP_VER_MAJOR) "." QUOTE(SCMP_VER_MINOR) "." QUOTE(SCMP_VER_MICRO)},
#endif
    };
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        if (strcmp(libraries[i].name, name) == 0) {
            return libraries[i].version;
        }
    }
    return NULL;
}

const char *p2i_version(void)
{
    return P2I_VERSION;
}
