/* SPDX-License-Identifier: MIT */
/* Stores rows of tables in a temporary file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/table.h"
#include "pcap2ipfix/error.h"

static enum p2i_result fail(struct p2i_error *error)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_OUTPUT, "cannot use the temporary file of the tables");
    error->system_error = system_error;
    return P2I_OUTPUT;
}

/* Appends the rows of a group in memory to the file. */
static enum p2i_result store(struct p2i_tables *tables, struct p2i_table_group *group,
                             struct p2i_error *error)
{
    size_t cells = group->rows * group->column_count;
    struct p2i_table_extent *extents =
        realloc(group->extents, (group->extent_count + 1) * sizeof(*extents));
    if (extents == NULL) {
        return p2i_fail_memory(error);
    }
    group->extents = extents;
    long offset = fseek(tables->spill, 0, SEEK_END) == 0 ? ftell(tables->spill) : -1;
    if (offset < 0 || fwrite(group->ends, sizeof(*group->ends), cells, tables->spill) != cells ||
        fwrite(group->text.data, 1, group->text.size, tables->spill) != group->text.size) {
        return fail(error);
    }
    extents[group->extent_count++] = (struct p2i_table_extent){
        .offset = offset, .rows = group->rows, .text_size = group->text.size};
    group->rows = 0;
    group->text.size = 0;
    return P2I_OK;
}

/* A file without a name. NULL: it cannot be made; errno says why. */
static FILE *open_temporary(void)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/ipfixtool.XXXXXX", p2i_tool_temporary_folder());
    int descriptor = size > 0 && (size_t)size < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w+b") : NULL;
    if (descriptor >= 0) {
        (void)unlink(path);
    }
    if (descriptor >= 0 && file == NULL) {
        (void)close(descriptor);
    }
    return file;
}

void p2i_tables_prepare(struct p2i_tables *tables)
{
    tables->prepared = open_temporary();
}

enum p2i_result p2i_tables_relieve(struct p2i_tables *tables, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (tables->spill == NULL) {
        tables->spill = tables->prepared != NULL ? tables->prepared : open_temporary();
        tables->prepared = NULL;
        if (tables->spill == NULL) {
            return fail(error);
        }
    }
    for (size_t i = 0; i < tables->group_count && result == P2I_OK; i++) {
        struct p2i_table_group *group = &tables->groups[i];
        if (group->rows == 0) {
            continue;
        }
        if (i == 0) {
            p2i_table_print(tables, group, false);
        } else {
            result = store(tables, group, error);
        }
    }
    tables->held_rows = 0;
    tables->held_bytes = 0;
    return result;
}

enum p2i_result p2i_table_recall(struct p2i_tables *tables, struct p2i_table_group *group,
                                 const struct p2i_table_extent *extent, struct p2i_error *error)
{
    size_t cells = extent->rows * group->column_count;
    group->text.size = 0;
    if (!p2i_table_reserve(group, extent->rows) ||
        !p2i_buffer_reserve(&group->text, extent->text_size)) {
        return p2i_fail_memory(error);
    }
    if (fseek(tables->spill, extent->offset, SEEK_SET) != 0 ||
        fread(group->ends, sizeof(*group->ends), cells, tables->spill) != cells ||
        fread(group->text.data, 1, extent->text_size, tables->spill) != extent->text_size) {
        return fail(error);
    }
    group->rows = extent->rows;
    group->text.size = extent->text_size;
    return P2I_OK;
}
