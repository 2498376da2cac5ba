/* SPDX-License-Identifier: MIT */
/* Captures that a command line names become settings. */
#include <string.h>

#include "config/inputs.h"
#include "settings/settings.h"

static enum p2i_result add_all(struct p2i_inputs *inputs, const struct p2i_capture_search *names,
                               struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < names->path_count && result == P2I_OK; i++) {
        result = p2i_inputs_add(inputs, names->paths[i], error);
    }
    if (result == P2I_OK && names->list != NULL) {
        result = p2i_inputs_add_list(inputs, names->list, names->null_separated, error);
    }
    return result;
}

static enum p2i_result walk(struct p2i_inputs *inputs, const struct p2i_capture_search *names,
                            struct p2i_notes *notes, struct p2i_error *error)
{
    struct p2i_patterns patterns = {0};
    bool added = true;
    for (size_t i = 0; i < names->pattern_count && added; i++) {
        added = p2i_patterns_add(&patterns, names->patterns[i]);
    }
    enum p2i_result result =
        added ? p2i_inputs_walk(inputs, &patterns, notes, error) : p2i_fail_memory(error);
    p2i_patterns_free(&patterns);
    return result;
}

enum p2i_result p2i_inputs_find(struct p2i_inputs *inputs, const struct p2i_capture_search *names,
                                struct p2i_settings *settings, struct p2i_notes *notes,
                                struct p2i_error *error)
{
    if (names->pattern_count > 0 && !names->recursive) {
        return p2i_fail(error, P2I_USAGE, "--include chooses files below directories: it needs -R");
    }
    enum p2i_result result = add_all(inputs, names, error);
    if (result == P2I_OK && inputs->count == 0) {
        return p2i_fail(error, P2I_USAGE, "no capture file given");
    }
    if (result == P2I_OK && names->recursive) {
        result = walk(inputs, names, notes, error);
    }
    if (result == P2I_OK && inputs->count == 0) {
        result = p2i_fail(error, P2I_INPUT, "no file found below the directories");
    }
    for (size_t i = 0; i < inputs->count && result == P2I_OK; i++) {
        bool added = p2i_settings_add_capture(settings, inputs->paths[i], inputs->found[i]);
        result = added ? P2I_OK : p2i_fail_memory(error);
    }
    return result;
}

enum p2i_result p2i_settings_find_captures(struct p2i_settings *settings,
                                           const struct p2i_capture_search *names,
                                           struct p2i_error *error)
{
    struct p2i_capture_search known = {0};
    struct p2i_inputs inputs = {0};
    struct p2i_notes notes = {0};
    memcpy(&known, names, names->struct_size < sizeof known ? names->struct_size : sizeof known);
    enum p2i_result result = p2i_inputs_find(&inputs, &known, settings, &notes, error);
    for (size_t i = 0; i < notes.count && known.note != NULL; i++) {
        known.note(known.context, notes.texts[i]);
    }
    if (result != P2I_OK && error->file != NULL) {
        error->file = p2i_arena_text(&settings->arena, error->file, strlen(error->file));
    }
    p2i_notes_free(&notes);
    p2i_inputs_free(&inputs);
    return result;
}

const char *const *p2i_settings_captures(const struct p2i_settings *settings, size_t *count)
{
    *count = settings->capture_count;
    return (const char *const *)settings->captures;
}
