/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/vertical.h"

#include <inttypes.h>

static const char *name_of(const struct p2i_vertical *vertical, const struct p2i_layout *layout,
                           size_t index)
{
    return vertical->columns->count > 0 ? vertical->columns->names[index]
                                        : layout->fields[index].name;
}

static size_t widest_name(const struct p2i_vertical *vertical, const struct p2i_layout *layout,
                          size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(vertical, layout, i);
        size_t width = p2i_tool_width(p2i_view_of(name, strlen(name)));
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* An empty field has no space after its name. */
static bool print_field(struct p2i_vertical *vertical, const struct p2i_layout *layout,
                        const struct p2i_read_record *record, size_t index, size_t width)
{
    const char *name = name_of(vertical, layout, index);
    int column = vertical->columns->count > 0 ? p2i_layout_column(layout, name) : (int)index;
    vertical->cell.size = 0;
    if (!p2i_layout_text(&vertical->cell, layout, record, column, SHOWN_DECODED)) {
        return false;
    }
    size_t used = p2i_tool_width(p2i_view_of(name, strlen(name)));
    fprintf(vertical->out, "  %s", name);
    if (vertical->cell.size > 0) {
        fprintf(vertical->out, "%*s", (int)(width - used + 2), "");
        (void)fwrite(vertical->cell.data, 1, vertical->cell.size, vertical->out);
    }
    fputc('\n', vertical->out);
    return true;
}

bool p2i_vertical_print(struct p2i_vertical *vertical, const struct p2i_layout *layout,
                        const struct p2i_read_record *record)
{
    size_t count = vertical->columns->count > 0 ? vertical->columns->count : layout->field_count;
    size_t width = widest_name(vertical, layout, count);
    bool done = true;
    fputs(vertical->printed++ > 0 ? "\n" : "", vertical->out);
    fprintf(vertical->out, "record %" PRIu64 ": %s\n", vertical->printed, layout->kind);
    for (size_t i = 0; done && i < count; i++) {
        done = print_field(vertical, layout, record, i, width);
    }
    return done;
}

void p2i_vertical_free(struct p2i_vertical *vertical)
{
    p2i_buffer_free(&vertical->cell);
}
