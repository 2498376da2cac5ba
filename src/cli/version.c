/* SPDX-License-Identifier: MIT */
#include "cli/version.h"

#include <stddef.h>
#include <string.h>

#include "pcap2ipfix/version.h"

static const struct {
    const char *name, *purpose;
    bool for_captures;
} libraries[] = {
    {"zlib", "gzip", false},
    {"libyaml", "configuration", false},
    {"libzstd", "zstd", false},
    {"openssl", "TLS, QUIC, MD5, SHA-256", false},
    {"libpcap", "filters", true},
    {"isa-l", "gzip, faster", true},
    {"liblzma", "captures in xz", true},
    {"liblz4", "captures in lz4", true},
    {"libbz2", "captures in bzip2", true},
    {"expat", "XMPP", true},
    {"libmaxminddb", "AS numbers", true},
    {"libseccomp", "system calls of the sandbox", false},
};

/* Some libraries have text around their number: "libpcap version 1.10.3 (...)", "OpenSSL 3.0.19 27
 * Jan 2026". */
static void print_library(FILE *out, const char *name, const char *purpose)
{
    const char *version = p2i_version_of(name);
    if (version == NULL) {
        fprintf(out, "  %-13s not built in (%s)\n", name, purpose);
        return;
    }
    version += strcspn(version, "0123456789");
    fprintf(out, "  %-13s %.*s (%s)\n", name, (int)strspn(version, "0123456789."), version,
            purpose);
}

void p2i_print_version(FILE *out, const char *program, bool reads_captures)
{
    fprintf(out, "%s " P2I_VERSION "\n", program);
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        if (reads_captures || !libraries[i].for_captures) {
            print_library(out, libraries[i].name, libraries[i].purpose);
        }
    }
}
