/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/sink.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ipfix/file_check.h"

static enum p2i_result take_message(void *context, struct p2i_view message, struct p2i_error *error)
{
    struct p2i_sink *sink = context;
    return p2i_output_file_write(sink->file, message, error);
}

/* Lines go through the same file as messages: named when it is complete, compressed by its name. */
static ssize_t take_lines(void *context, const char *bytes, size_t size)
{
    struct p2i_sink *sink = context;
    struct p2i_view view = p2i_view_of(bytes, size);
    if (p2i_output_file_write(sink->file, view, &sink->failure) == P2I_OK) {
        return (ssize_t)size;
    }
    errno = sink->failure.system_error != 0 ? sink->failure.system_error : EIO;
    return -1;
}

/* What is no regular file shows lines as they come. */
static bool is_live(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static enum p2i_result open_json(struct p2i_sink *sink, struct p2i_error *error)
{
    static const cookie_io_functions_t functions = {.write = take_lines};
    sink->lines.columns = &sink->columns;
    if (strcmp(sink->path, "-") == 0) {
        sink->lines.out = stdout;
    } else if (is_live(sink->path)) {
        sink->lines.out = fopen(sink->path, "we");
    } else {
        enum p2i_result result =
            p2i_output_file_open(&sink->file, sink->path, false, sink->synced, error);
        if (result != P2I_OK) {
            return result;
        }
        sink->lines.out = fopencookie(sink, "w", functions);
    }
    if (sink->lines.out != NULL) {
        return P2I_OK;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot be opened for writing");
    error->file = sink->path;
    error->system_error = errno;
    return P2I_OUTPUT;
}

/* As it was when the first line failed. */
static enum p2i_result json_failed(struct p2i_sink *sink, int system_error, struct p2i_error *error)
{
    if (sink->failure.code != P2I_OK) {
        *error = sink->failure;
        return error->code;
    }
    (void)p2i_fail(error, P2I_OUTPUT, "cannot be written");
    error->file = sink->path;
    error->system_error = system_error;
    return P2I_OUTPUT;
}

enum p2i_result p2i_sink_open(struct p2i_sink *sink, const char *path, bool json, bool sync,
                              struct p2i_error *error)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = UINT16_MAX};
    *sink = (struct p2i_sink){.path = path};
    p2i_sync_init(&sink->sync, NULL);
    sink->synced = sync ? &sink->sync : NULL;
    if (json) {
        return open_json(sink, error);
    }
    struct p2i_message_receiver receiver = {take_message, sink, NULL};
    sink->messages = p2i_messages_new(&settings, receiver);
    if (sink->messages == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    return p2i_output_file_open(&sink->file, path, false, sink->synced, error);
}

enum p2i_result p2i_sink_put(struct p2i_sink *sink, struct p2i_sink_source *source,
                             const struct p2i_reader *reader, const struct p2i_read_record *record,
                             struct p2i_error *error)
{
    if (p2i_describes_its_file(record)) {
        return P2I_OK;
    }
    if (sink->lines.out == NULL) {
        struct p2i_raw_record raw = p2i_reader_raw(reader);
        sink->records++;
        return p2i_relay_record(&source->relay, sink->messages, &raw, error);
    }
    if (record->options) {
        return P2I_OK;
    }
    sink->records++;
    struct p2i_layout *layout = p2i_layout_of(&source->layouts, reader, record);
    if (layout == NULL || !p2i_lines_json(&sink->lines, layout, record)) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    return ferror(sink->lines.out) == 0 ? P2I_OK : json_failed(sink, errno, error);
}

void p2i_sink_rest(struct p2i_sink *sink)
{
    if (sink->lines.out != NULL && sink->file == NULL) {
        (void)fflush(sink->lines.out);
    }
}

static enum p2i_result finish_json(struct p2i_sink *sink, struct p2i_error *error)
{
    FILE *out = sink->lines.out;
    bool failed = fflush(out) != 0 || ferror(out) != 0;
    int system_error = errno;
    if (out != stdout && fclose(out) != 0 && !failed) {
        system_error = errno;
        failed = true;
    }
    sink->lines.out = NULL;
    if (failed) {
        return json_failed(sink, system_error, error);
    }
    return sink->file != NULL ? p2i_output_file_finish(sink->file, error) : P2I_OK;
}

enum p2i_result p2i_sink_finish(struct p2i_sink *sink, uint32_t time_s, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (sink->lines.out != NULL) {
        result = finish_json(sink, error);
    } else {
        result = p2i_messages_flush(sink->messages, time_s, error);
        result = result == P2I_OK ? p2i_output_file_finish(sink->file, error) : result;
    }
    return result == P2I_OK ? p2i_sync_finish(sink->synced, error) : result;
}

void p2i_sink_free(struct p2i_sink *sink)
{
    if (sink->lines.out != NULL && sink->lines.out != stdout) {
        (void)fclose(sink->lines.out);
    }
    p2i_lines_free(&sink->lines);
    p2i_messages_free(sink->messages);
    p2i_output_file_free(sink->file);
    p2i_sync_free(sink->synced);
}

void p2i_sink_source_free(struct p2i_sink_source *source)
{
    p2i_relay_free(&source->relay);
    p2i_layouts_free(&source->layouts);
}
