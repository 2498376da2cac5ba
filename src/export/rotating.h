/* SPDX-License-Identifier: MIT */
/* One output in many files: the next one begins when this one is large enough, or a new period of
 * capture time. Each is an exporter of its own, complete in itself. */
#ifndef P2I_EXPORT_ROTATING_H
#define P2I_EXPORT_ROTATING_H

#include "export/exporter.h"

struct p2i_rotation {
    const char *folder;  /* of the files; NULL: the pattern says it */
    const char *pattern; /* see file_name.h; without letters the files are numbered from 1 */
    uint64_t bytes;      /* a file that has reached this is closed; 0 off */
    uint32_t seconds;    /* files end at multiples of this; 0 off */
    bool from_first;     /* they end so long after their first record instead */
    uint32_t kinds;      /* bits of the kinds that are written, the others only tell the time; there
                            may be no file. 0: all kinds, and one file at least */
    /* Opens a file; `path` lives as long as the exporter. */
    enum p2i_result (*open)(void *context, struct p2i_exporter **exporter, const char *path,
                            struct p2i_error *error);
    void *context;
};

/* Nothing is opened before the first record (or the end). A file is named by the export time of
 * its first record; a name that this output has had before gets a number, .000002 and so on.
 * `rotation` is copied, its texts and context are kept. Errors of files have the folder, or else
 * the pattern, for their file, and its name in their text. P2I_USAGE: see p2i_file_name(). */
enum p2i_result p2i_rotating_open(struct p2i_exporter **exporter,
                                  const struct p2i_rotation *rotation, struct p2i_error *error);

#endif
