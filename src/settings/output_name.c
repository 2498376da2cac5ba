/* SPDX-License-Identifier: MIT */
#include "settings/output_name.h"

#include <string.h>

#include "base/capture_name.h"
#include "settings/settings.h"

char *p2i_output_name(struct p2i_arena *arena, struct p2i_view folder, const char *capture,
                      const char *ending)
{
    const char *name = p2i_last_part(capture);
    size_t size = p2i_capture_stem(name);
    bool slash = folder.size > 0 && folder.data[folder.size - 1] != '/';
    char *path = p2i_arena_take(arena, folder.size + slash + size + strlen(ending) + 1);
    if (path == NULL) {
        return NULL;
    }
    char *at = path;
    if (folder.size > 0) {
        at = (char *)memcpy(at, folder.data, folder.size) + folder.size;
    }
    if (slash) {
        *at++ = '/';
    }
    at = (char *)memcpy(at, name, size) + size;
    memcpy(at, ending, strlen(ending) + 1);
    return path;
}

bool p2i_each_output_name(const struct p2i_settings *settings, size_t index,
                          struct p2i_arena *arena, struct p2i_each_output *output)
{
    const char *capture = settings->captures[index];
    struct p2i_view beside = p2i_view_of(capture, (size_t)(p2i_last_part(capture) - capture));
    const char *folder = settings->ipfix_path;
    bool ipfix = folder != NULL || settings->json_path == NULL;
    *output = (struct p2i_each_output){0};
    if (ipfix) {
        struct p2i_view in = folder != NULL ? p2i_view_of(folder, strlen(folder)) : beside;
        output->ipfix = p2i_output_name(arena, in, capture, ".ipfix");
    }
    if (settings->json_path != NULL) {
        struct p2i_view in = p2i_view_of(settings->json_path, strlen(settings->json_path));
        output->json = p2i_output_name(arena, in, capture, ".jsonl");
    }
    return (output->ipfix != NULL || !ipfix) &&
           (output->json != NULL || settings->json_path == NULL);
}
