/* SPDX-License-Identifier: MIT */
/* Versions of this library and of those that it uses. Any thread may call the functions. */
#ifndef PCAP2IPFIX_VERSION_H
#define PCAP2IPFIX_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this library, "1.2.3"; static. */
const char *p2i_version(void);

/* The version of "zlib", "libyaml", "libzstd", "openssl", "libpcap", "isa-l", "liblzma", "liblz4",
 * "libbz2", "expat", "libmaxminddb" or "libseccomp", in the words of that library: "1.2.13",
 * "OpenSSL 3.0.19 27 Jan 2026". Static. NULL: this library was built without it, or there is no
 * such name. */
const char *p2i_version_of(const char *name);

#ifdef __cplusplus
}
#endif
#endif
