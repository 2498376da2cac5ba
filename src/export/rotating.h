/* SPDX-License-Identifier: MIT */
/* Splits one output into many files: a new file begins when the current one is large enough, or
 * when a new period of capture time begins. Each file is complete in itself. One thread. */
#ifndef P2I_EXPORT_ROTATING_H
#define P2I_EXPORT_ROTATING_H

#include "export/exporter.h"
#include "export/sync.h"

struct p2i_rotation {
    const char *folder;    /* of the files; NULL: the pattern has it */
    const char *pattern;   /* see file_name.h; without conversions the files are numbered from 1 */
    uint64_t bytes;        /* a file of this size is closed; 0: off */
    uint32_t seconds;      /* files end at multiples of this capture time; 0: off */
    bool from_first;       /* files end this long after their first record instead */
    struct p2i_sync *sync; /* of folders that are made; NULL: none */
    uint32_t kinds;        /* a bit for each kind that is written; others only advance the time, and
                              there may be no file. 0: all kinds, and at least one file */
    /* Opens a file as an exporter; `path` outlives it. */
    enum p2i_result (*open)(void *context, struct p2i_exporter **exporter, const char *path,
                            struct p2i_error *error);
    void *context;
};

/* Creates the exporter; opens the first file at the first record, or at the end. A file is named by
 * the beginning of its period or, without periods from multiples of `seconds`, by the export time
 * of its first record; a name that this output used before gets a number, .000002 and so on. Where
 * the pattern has conversions, folders in it that are missing are made with the first record of a
 * file. Copies `rotation` and borrows its texts and context. Errors about a file have the folder,
 * or the pattern, as their file, and the name in the text. P2I_OK; P2I_USAGE: see p2i_file_name();
 * P2I_INTERNAL: out of memory. */
enum p2i_result p2i_rotating_open(struct p2i_exporter **exporter,
                                  const struct p2i_rotation *rotation, struct p2i_error *error);

#endif
