/* SPDX-License-Identifier: MIT */
/* The form in which verbs show values: table, JSON Lines, CSV; names or numbers; the time zone. */
#ifndef P2I_CLI_IPFIXTOOL_FORM_H
#define P2I_CLI_IPFIXTOOL_FORM_H

#include "pcap2ipfix/values.h"

enum p2i_format { FORMAT_TABLE, FORMAT_VERTICAL, FORMAT_JSON, FORMAT_CSV, FORMAT_TSV, FORMAT_SQL };

/* Start with the verb set. */
struct p2i_form {
    const char *verb; /* for messages */
    enum p2i_format format;
    bool names;   /* --names: coded values by name in JSON, too */
    bool numbers; /* --numbers: coded values as numbers everywhere */
    bool quoted;  /* --csv-safe: FORMAT_CSV with all texts in quotes */
    bool local;   /* --tz: times are those of the C library's time zone, not UTC */
};

/* Takes one of the options that these verbs share. TOOL_OK, or the status of p2i_tool_usage(). */
int p2i_form_option(struct p2i_form *form, int option, const char *value);
/* Checks the options together. Results as above. */
int p2i_form_check(const struct p2i_form *form);

/* Whether values of an element, `rr_type` being the value of RRTYPE or -1, are shown by name. */
bool p2i_form_has_name(const struct p2i_form *form, const struct p2i_value *value, int rr_type);

/* Appends a value of a type as tables show it. False: out of memory. */
bool p2i_form_text(struct p2i_buffer *out, const struct p2i_form *form, int type,
                   struct p2i_view value);
/* Appends a coded value: its name, or its number with --numbers. Others as p2i_form_text(). */
bool p2i_form_named(struct p2i_buffer *out, const struct p2i_form *form,
                    const struct p2i_value *value, int type, int rr_type);

#endif
