/* SPDX-License-Identifier: MIT */
/* The tables of a report: what they count, and how their rows are found again. */
#ifndef P2I_REPORT_TABLES_H
#define P2I_REPORT_TABLES_H

#include <stdbool.h>

enum p2i_report_table {
    TABLE_HOSTS,
    TABLE_CLIENTS,
    TABLE_SERVERS,
    TABLE_SUBSCRIBERS,
    TABLE_DNS_NAMES,
    TABLE_DNS_TYPES,
    TABLE_TLS_VERSIONS,
    TABLE_CIPHER_SUITES,
    TABLE_METHODS,
    TABLE_STATUSES,
    TABLE_AGENTS,
    TABLE_MAIL,
    TABLE_SIP,
    TABLE_LOGINS,
    TABLE_FLOWS,
    TABLE_COUNT,
};

enum { P2I_TABLE_KEYS = 5 };

/* Never changes. The parts of a key are joined by tabs, which no shown value has. */
struct p2i_table_spec {
    const char *id, *title;
    const char *about;                /* one sentence */
    const char *keys[P2I_TABLE_KEYS]; /* heads of the parts of the key; NULL: there are fewer */
    const char *count;                /* head of the count */
    const char *others;               /* head of the number of different ones; NULL: none */
    const char *sum;                  /* head of the sum; NULL: none */
    bool sum_is_bytes;                /* and what the rows are sorted by */
    const char *filter;               /* of ipfixtool; {0} stands for the first part of the key */
};

extern const struct p2i_table_spec p2i_report_tables[TABLE_COUNT];

#endif
