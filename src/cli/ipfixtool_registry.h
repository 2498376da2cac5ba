/* SPDX-License-Identifier: MIT */
/* The elements of our enterprise for collectors, in the forms that they read, and the words of
 * RFC 7012 and RFC 5610. */
#ifndef P2I_CLI_IPFIXTOOL_REGISTRY_H
#define P2I_CLI_IPFIXTOOL_REGISTRY_H

#include <stdio.h>

#include "pcap2ipfix/fields.h"

const char *p2i_tool_type_name(int type);           /* "unsigned16" */
const char *p2i_tool_semantics_name(int semantics); /* "identifier" */
/* Bytes that an element has by itself; P2I_VARIABLE for strings and octets. */
unsigned p2i_tool_type_length(int type);

void p2i_tool_libfds(FILE *out);   /* XML of libfds, ipfixcol2 */
void p2i_tool_cert(FILE *out);     /* XML of libfixbuf, SiLK, super_mediator */
void p2i_tool_logstash(FILE *out); /* YAML of logstash-codec-netflow */
void p2i_tool_iespec(FILE *out);   /* lines of the IPFIX module of Python, and of yaf's tools */

#endif
