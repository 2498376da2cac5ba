/* SPDX-License-Identifier: MIT */
/* Prints the elements of our enterprise in the formats of collectors; names of types and semantics
 * by RFC 7012 and RFC 5610. */
#ifndef P2I_CLI_IPFIXTOOL_REGISTRY_H
#define P2I_CLI_IPFIXTOOL_REGISTRY_H

#include <stdio.h>

#include "pcap2ipfix/fields.h"

const char *p2i_tool_type_name(int type);           /* "unsigned16" */
const char *p2i_tool_semantics_name(int semantics); /* "identifier" */
/* Bytes of an element; P2I_VARIABLE for strings and octets. */
unsigned p2i_tool_type_length(int type);

/* Each collector gets the elements that it does not know. Reverse elements (RFC 5103) are left out
 * for collectors that derive them: libfds, libfixbuf, the codec of Logstash. */
void p2i_tool_libfds(FILE *out); /* XML of libfds, ipfixcol2 */
void p2i_tool_cert(FILE *out);   /* XML of libfixbuf, SiLK, super_mediator */
void p2i_tool_iespec(FILE *out); /* lines of the IPFIX module of Python, and of yaf's tools */

void p2i_tool_logstash(FILE *out);        /* YAML of logstash-codec-netflow */
void p2i_tool_goflow2(FILE *out);         /* YAML of goflow2 */
void p2i_tool_pmacct(FILE *out);          /* primitives of nfacctd: clickstream, flow, dns */
void p2i_tool_pmacct_meta(FILE *out);     /* the same for the channel meta */
void p2i_tool_graylog(FILE *out);         /* JSON of Graylog's IPFIX input */
void p2i_tool_graylog_reverse(FILE *out); /* the same for reverse elements: a file has one PEN */
void p2i_tool_telegraf(FILE *out);        /* CSV of Telegraf's netflow input */

void p2i_tool_clickhouse(FILE *out);    /* tables for JSON Lines */
void p2i_tool_clickhouse_18(FILE *out); /* the same for version 18.16 */

#endif
