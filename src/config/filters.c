/* SPDX-License-Identifier: MIT */
#include "config/filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum p2i_result p2i_filters_add(struct p2i_filters *filters, const char *expression,
                                struct p2i_error *error)
{
    size_t size = (filters->count + 1) * sizeof *filters->expressions;
    const char **expressions = realloc(filters->expressions, size);
    if (expressions == NULL) {
        return p2i_fail_memory(error);
    }
    expressions[filters->count++] = expression;
    filters->expressions = expressions;
    return P2I_OK;
}

enum p2i_result p2i_filters_read(struct p2i_filters *filters, const char *path,
                                 struct p2i_error *error)
{
    FILE *file = fopen(path, "re");
    size_t capacity = 0;
    free(filters->from_file);
    filters->from_file = NULL;
    /* Reads the whole file: a text has no NUL. */
    ssize_t size = file != NULL ? getdelim(&filters->from_file, &capacity, '\0', file) : -1;
    bool failed = file == NULL || ferror(file);
    int system_error = errno;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (failed) {
        (void)p2i_fail(error, P2I_INPUT, "cannot read the filter: %s", strerror(system_error));
        error->system_error = system_error;
        error->file = path;
        return P2I_INPUT;
    }
    if (size < 0) { /* an empty file matches everything */
        free(filters->from_file);
        filters->from_file = strdup("");
    }
    return filters->from_file != NULL ? P2I_OK : p2i_fail_memory(error);
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* Appends " and (EXPRESSION)" unless it is empty. False: out of memory. */
static bool put(struct p2i_buffer *out, const char *expression)
{
    return is_blank(expression) ||
           (p2i_append(out, out->size > 0 ? P2I_VIEW(" and (") : P2I_VIEW("(")) &&
            p2i_append(out, p2i_view_of(expression, strlen(expression))) &&
            p2i_append(out, P2I_VIEW(")")));
}

enum p2i_result p2i_filters_join(struct p2i_filters *filters, const char **expression,
                                 struct p2i_error *error)
{
    size_t total = filters->count + (filters->from_file != NULL);
    if (total <= 1) {
        *expression = filters->count == 1 ? filters->expressions[0]
                      : total == 1        ? filters->from_file
                                          : *expression;
        return P2I_OK;
    }
    struct p2i_buffer *joined = &filters->joined;
    joined->size = 0;
    bool done = true;
    for (size_t i = 0; i < filters->count; i++) {
        done = done && put(joined, filters->expressions[i]);
    }
    if (filters->from_file != NULL) {
        done = done && put(joined, filters->from_file);
    }
    if (!done || !p2i_append(joined, p2i_view_of("", 1))) {
        return p2i_fail_memory(error);
    }
    *expression = (const char *)joined->data;
    return P2I_OK;
}

void p2i_filters_free(struct p2i_filters *filters)
{
    free(filters->expressions);
    free(filters->from_file);
    p2i_buffer_free(&filters->joined);
    *filters = (struct p2i_filters){0};
}
