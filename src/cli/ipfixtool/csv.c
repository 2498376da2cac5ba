/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/csv.h"

#include <ctype.h>

/* In quotes, behind `mark`. */
static bool append_quoted(struct p2i_buffer *line, struct p2i_view mark, struct p2i_view cell)
{
    bool done = p2i_append(line, P2I_VIEW("\"")) && p2i_append(line, mark);
    while (done && cell.size > 0) {
        size_t quote = p2i_view_find(cell, '"');
        done = p2i_append(line, p2i_view_first(cell, quote)) &&
               (quote == cell.size || p2i_append(line, P2I_VIEW("\"\"")));
        cell = p2i_view_from(cell, quote + 1);
    }
    return done && p2i_append(line, P2I_VIEW("\""));
}

/* In quotes only if it needs them. */
static bool append_cell(struct p2i_buffer *line, struct p2i_view mark, struct p2i_view cell)
{
    bool plain = p2i_view_find(cell, ',') == cell.size && p2i_view_find(cell, '"') == cell.size &&
                 p2i_view_find(cell, '\n') == cell.size && p2i_view_find(cell, '\r') == cell.size;
    return plain ? p2i_append(line, mark) && p2i_append(line, cell)
                 : append_quoted(line, mark, cell);
}

/* "-12", "+7.5": numbers, though they begin like a formula. */
static bool is_number(struct p2i_view cell)
{
    size_t digits = 0;
    size_t points = 0;
    for (size_t i = 1; i < cell.size; i++) {
        bool digit = isdigit(cell.data[i]) != 0;
        digits += digit;
        points += cell.data[i] == '.';
        if (!digit && cell.data[i] != '.') {
            return false;
        }
    }
    return digits > 0 && points <= 1 && (cell.data[0] == '-' || cell.data[0] == '+');
}

/* Begins like a formula of a spreadsheet, also in the full width of East Asia. */
static bool is_formula(struct p2i_view cell)
{
    static const char wide[][4] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    bool found = cell.size > 0 && memchr("=+-@\t\r\n", cell.data[0], 7) != NULL;
    for (size_t i = 0; i < 4 && cell.size >= 3; i++) {
        found = found || memcmp(cell.data, wide[i], 3) == 0;
    }
    return found;
}

bool p2i_csv_cell(struct p2i_buffer *line, struct p2i_view cell)
{
    return append_cell(line, P2I_VIEW(""), cell);
}

static struct p2i_view mark_of(struct p2i_view cell)
{
    return is_formula(cell) && !is_number(cell) ? P2I_VIEW("'") : P2I_VIEW("");
}

bool p2i_csv_text(struct p2i_buffer *line, struct p2i_view cell)
{
    return append_cell(line, mark_of(cell), cell);
}

bool p2i_csv_quoted(struct p2i_buffer *line, struct p2i_view cell)
{
    return append_quoted(line, is_formula(cell) ? P2I_VIEW("'") : P2I_VIEW(""), cell);
}

bool p2i_tsv_text(struct p2i_buffer *line, struct p2i_view cell)
{
    return p2i_append(line, mark_of(cell)) && p2i_append(line, cell);
}
