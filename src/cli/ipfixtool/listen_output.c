/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/listen_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Writes lines to the output file, which compresses them by its name and is renamed at the end. */
static ssize_t take_lines(void *context, const char *bytes, size_t size)
{
    struct p2i_listen_output *output = context;
    struct p2i_view view = p2i_view_of(bytes, size);
    if (p2i_output_file_write(output->file, view, &output->failure) == P2I_OK) {
        return (ssize_t)size;
    }
    errno = output->failure.system_error != 0 ? output->failure.system_error : EIO;
    return -1;
}

/* Whether lines are shown at once: all but regular files. */
static bool is_live(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static enum p2i_result open_json(struct p2i_listen_output *output, struct p2i_error *error)
{
    static const cookie_io_functions_t functions = {.write = take_lines};
    output->lines.columns = &output->columns;
    if (strcmp(output->path, "-") == 0) {
        output->lines.out = stdout;
    } else if (is_live(output->path)) {
        output->lines.out = fopen(output->path, "we");
    } else {
        enum p2i_result result =
            p2i_output_file_open(&output->file, output->path, output->flags, &output->mode, error);
        if (result != P2I_OK) {
            return result;
        }
        output->lines.out = fopencookie(output, "w", functions);
    }
    if (output->lines.out != NULL) {
        return P2I_OK;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot open for writing");
    error->file = output->path;
    error->system_error = errno;
    return P2I_OUTPUT;
}

/* The error of the first line that failed. */
static enum p2i_result json_failed(struct p2i_listen_output *output, int system_error,
                                   struct p2i_error *error)
{
    if (output->failure.code != P2I_OK) {
        *error = output->failure;
        return error->code;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot write");
    error->file = output->path;
    error->system_error = system_error;
    return P2I_OUTPUT;
}

enum p2i_result p2i_listen_output_open(struct p2i_listen_output *output, const char *path,
                                       bool json, bool sync, unsigned exact_mode,
                                       struct p2i_error *error)
{
    *output = (struct p2i_listen_output){.path = path,
                                         .flags = sync ? P2I_OUTPUT_SYNC : 0,
                                         .mode = {.exact = exact_mode, .denied = 0077}};
    return json ? open_json(output, error)
                : p2i_writer_open_file(&output->writer, path, output->flags, &output->mode, error);
}

/* Its layouts are the state of a source. NULL: out of memory. */
static struct p2i_layout *layout_of(struct p2i_receiver_source *source,
                                    const struct p2i_read_record *record)
{
    if (source->state == NULL) {
        source->state = calloc(1, sizeof(struct p2i_layouts));
    }
    return source->state != NULL ? p2i_layout_of(source->state, source->reader, record) : NULL;
}

enum p2i_result p2i_listen_output_put(struct p2i_listen_output *output,
                                      struct p2i_receiver_source *source,
                                      const struct p2i_read_record *record, struct p2i_error *error)
{
    if (p2i_describes_its_file(record)) {
        return P2I_OK;
    }
    if (output->writer != NULL) {
        output->records++;
        return p2i_writer_put(output->writer, source->reader, error);
    }
    if (record->options) {
        return P2I_OK;
    }
    output->records++;
    struct p2i_layout *layout = layout_of(source, record);
    const struct p2i_source_record read = {.record = *record};
    if (layout != NULL && layout->parts.capture >= 0) {
        uint64_t number = p2i_value_number(p2i_layout_value(record, layout->parts.capture));
        const char *name = p2i_reader_capture(source->reader, number);
        layout->capture_name = p2i_view_of(name, name != NULL ? strlen(name) : 0);
    }
    if (layout == NULL || !p2i_lines_json(&output->lines, layout, &read)) {
        return p2i_fail_memory(error);
    }
    return ferror(output->lines.out) == 0 ? P2I_OK : json_failed(output, errno, error);
}

void p2i_listen_output_rest(struct p2i_listen_output *output)
{
    if (output->lines.out != NULL && output->file == NULL) {
        (void)fflush(output->lines.out);
    }
}

static enum p2i_result finish_json(struct p2i_listen_output *output, struct p2i_error *error)
{
    FILE *out = output->lines.out;
    bool failed = fflush(out) != 0 || ferror(out) != 0;
    int system_error = errno;
    if (out != stdout && fclose(out) != 0 && !failed) {
        system_error = errno;
        failed = true;
    }
    output->lines.out = NULL;
    if (failed) {
        return json_failed(output, system_error, error);
    }
    return output->file != NULL ? p2i_output_file_finish(output->file, error) : P2I_OK;
}

enum p2i_result p2i_listen_output_finish(struct p2i_listen_output *output, uint32_t time_s,
                                         struct p2i_error *error)
{
    return output->writer != NULL ? p2i_writer_finish(output->writer, time_s, error)
                                  : finish_json(output, error);
}

void p2i_listen_output_free(struct p2i_listen_output *output)
{
    if (output->lines.out != NULL && output->lines.out != stdout) {
        (void)fclose(output->lines.out);
    }
    p2i_lines_free(&output->lines);
    p2i_writer_free(output->writer);
    p2i_output_file_free(output->file);
}

void p2i_listen_output_close(struct p2i_receiver_source *source)
{
    if (source->state != NULL) {
        p2i_layouts_free(source->state);
        free(source->state);
        source->state = NULL;
    }
}
