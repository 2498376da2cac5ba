/* SPDX-License-Identifier: MIT */
/* Sessions of the records of a file. */
#ifndef P2I_EXTRACT_RECORD_FILES_H
#define P2I_EXTRACT_RECORD_FILES_H

#include "extract/origin.h"
#include "extract/selection.h"

struct p2i_record_filter;

/* Wants the sessions of the records of a file, IPFIX or JSON Lines, that match the filter (NULL:
 * all). An extended record whose capture is one of the origins leads by its packet; its SESSION_ID
 * may be of a run with other settings. Others lead by their SESSION_ID. P2I_OK; P2I_INPUT: it
 * cannot be opened; P2I_DAMAGED: it is damaged, or no record of it has a SESSION_ID; P2I_INTERNAL:
 * out of memory. */
enum p2i_result p2i_want_records(struct p2i_selection *selection, const struct p2i_origins *origins,
                                 const char *path, struct p2i_record_filter *filter,
                                 struct p2i_error *error);

#endif
