/* SPDX-License-Identifier: MIT */
/* Templates of all merged files, each once, and the stored form of records between reading and
 * writing. One thread. */
#ifndef P2I_EXPORT_MERGE_TEMPLATES_H
#define P2I_EXPORT_MERGE_TEMPLATES_H

#include <stdbool.h>

#include "ipfix/message.h"
#include "ipfix/reader_raw.h"

enum { P2I_MERGE_TEMPLATES_MAX = 16384 }; /* damage can look like any number of templates */

struct p2i_merge_template {
    uint32_t domain;
    uint16_t set_id; /* 0: its file does not define it */
    uint16_t id;     /* in the output; 0: not written yet */
    bool used;       /* by data records */
    bool ours;       /* has elements of our tables */
    bool opaque;     /* its records may use any template of the domain */
    int32_t next;    /* next one of the hash chain */
    struct p2i_buffer record;
};

struct p2i_merge_templates;

struct p2i_merge_templates *p2i_merge_templates_new(void); /* NULL: out of memory */
void p2i_merge_templates_free(struct p2i_merge_templates *all);
/* Begins another file. */
void p2i_merge_templates_next_file(struct p2i_merge_templates *all);

size_t p2i_merge_templates_count(const struct p2i_merge_templates *all);
/* The template of a number from 0; valid until the next one is added. */
struct p2i_merge_template *p2i_merge_templates_at(const struct p2i_merge_templates *all,
                                                  size_t number);

/* Gives the number of the template of a record. P2I_INTERNAL: too many templates, or out of
 * memory. */
enum p2i_result p2i_merge_templates_number(struct p2i_merge_templates *all,
                                           const struct p2i_raw_record *raw, uint32_t *number,
                                           struct p2i_error *error);
/* Gives the stored form of a record: `*tag` has the number of its template, see
 * p2i_merge_templates_of_tag(); `*bytes` are valid until the next call. */
enum p2i_result p2i_merge_templates_take(struct p2i_merge_templates *all,
                                         const struct p2i_raw_record *raw, uint32_t *tag,
                                         struct p2i_view *bytes, struct p2i_error *error);
uint32_t p2i_merge_templates_of_tag(uint32_t tag);
/* Writes a stored record, and before it the new ones of its templates. */
enum p2i_result p2i_merge_templates_put(struct p2i_merge_templates *all,
                                        struct p2i_messages *messages, uint32_t tag,
                                        struct p2i_view bytes, uint32_t time_s,
                                        struct p2i_error *error);

#endif
