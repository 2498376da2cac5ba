/* SPDX-License-Identifier: MIT */
#include "config/notes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

void p2i_notes_add(struct p2i_notes *notes, const char *format, ...)
{
    char **texts = realloc(notes->texts, (notes->count + 1) * sizeof *texts);
    if (texts == NULL) {
        return;
    }
    notes->texts = texts;
    va_list arguments;
    va_start(arguments, format);
    bool made = vasprintf(&texts[notes->count], format, arguments) >= 0;
    va_end(arguments);
    notes->count += made;
}

void p2i_notes_free(struct p2i_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->texts[i]);
    }
    free(notes->texts);
    *notes = (struct p2i_notes){0};
}
