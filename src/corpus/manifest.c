/* SPDX-License-Identifier: MIT */
#include "corpus/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/capture_name.h"
#include "base/json.h"
#include "extract/json_writer.h"
#include "pcap2ipfix/version.h"

static const char *hash_or_null(const char *sha256)
{
    return sha256[0] != '\0' ? sha256 : NULL;
}

static void put_sources(struct p2i_json_writer *writer, const struct p2i_corpus_contents *contents)
{
    p2i_json_open(writer, "captures", '[');
    for (size_t i = 0; i < contents->source_count; i++) {
        const struct p2i_corpus_source *source = &contents->sources[i];
        p2i_json_open(writer, NULL, '{');
        p2i_json_put_text(writer, "name",
                          contents->anonymised ? NULL : p2i_last_part(source->path));
        if (!contents->anonymised) { /* size or hash would say which capture it is */
            p2i_json_put_number(writer, "size", source->size);
            p2i_json_put_text(writer, "sha256", hash_or_null(source->sha256));
        }
        if (source->damaged || source->refused || source->same != NULL) {
            p2i_json_put_bool(writer,
                              source->refused        ? "refused"
                              : source->same != NULL ? "given_before"
                                                     : "damaged",
                              true);
        }
        p2i_json_close(writer, '}');
    }
    p2i_json_close(writer, ']');
}

/* SESSION_IDs are strings of digits, as in JSON Lines. */
static void put_files(struct p2i_json_writer *writer, const struct p2i_corpus_contents *contents)
{
    p2i_json_open(writer, "files", '[');
    for (size_t i = 0; i < contents->file_count; i++) {
        const struct p2i_corpus_file *file = &contents->files[i];
        p2i_json_open(writer, NULL, '{');
        p2i_json_put_text(writer, "name", file->name);
        p2i_json_put_number(writer, "size", file->size);
        p2i_json_put_text(writer, "sha256", hash_or_null(file->sha256));
        p2i_json_put_text(writer, "path", file->path);
        p2i_json_put_number(writer, "capture", file->capture + 1);
        p2i_json_open(writer, "sessions", '[');
        for (size_t j = 0; j < file->session_count && !contents->anonymised; j++) {
            char id[24];
            (void)snprintf(id, sizeof id, "%" PRIu64, file->sessions[j]);
            p2i_json_put_text(writer, NULL, id);
        }
        p2i_json_close(writer, ']');
        p2i_json_close(writer, '}');
    }
    p2i_json_close(writer, ']');
}

static void put_inputs(struct p2i_json_writer *writer, const struct p2i_corpus_contents *contents)
{
    p2i_json_open(writer, "settings", '[');
    for (size_t i = 0; i < contents->input_count; i++) {
        p2i_json_open(writer, NULL, '{');
        p2i_json_put_text(writer, "name", contents->inputs[i].name);
        p2i_json_put_text(writer, "sha256", hash_or_null(contents->inputs[i].sha256));
        p2i_json_close(writer, '}');
    }
    p2i_json_close(writer, ']');
}

/* Puts the name of a combination as the name of a member, or as a text in an array. */
static void put_combination(struct p2i_json_writer *writer, const struct p2i_combination *of,
                            const char *value)
{
    struct p2i_buffer name = {0};
    if (!p2i_combination_name(&name, of) || !p2i_append(&name, p2i_view_of("", 1))) {
        writer->failed = true;
    } else {
        p2i_json_put_text(writer, (const char *)name.data, value);
    }
    p2i_buffer_free(&name);
}

/* Marks the combinations of chosen sessions. */
static void mark_chosen(const struct p2i_candidates *candidates, bool *marks)
{
    for (size_t i = 0; i < candidates->count; i++) {
        const struct p2i_candidate *candidate = &candidates->list[i];
        for (size_t j = 0; candidate->chosen && j < candidate->traits.count; j++) {
            const struct p2i_trait *trait = &candidate->traits.list[j];
            marks[trait->combination] =
                marks[trait->combination] || p2i_trait_counts(&candidates->all, trait);
        }
    }
}

static void put_combinations(struct p2i_json_writer *writer,
                             const struct p2i_corpus_contents *contents)
{
    const struct p2i_candidates *candidates = contents->candidates;
    bool *chosen = calloc(candidates->all.count + 1, sizeof *chosen);
    if (chosen == NULL) {
        writer->failed = true;
        return;
    }
    mark_chosen(candidates, chosen);
    p2i_json_open(writer, "covered", '{');
    for (size_t i = 0; i < contents->met; i++) {
        const struct p2i_combination *of = &candidates->all.list[i];
        if (of->file != P2I_COMBINATION_NONE) {
            put_combination(writer, of, contents->files[of->file].name);
        }
    }
    p2i_json_close(writer, '}');
    p2i_json_open(writer, "not_covered", '{');
    for (size_t i = 0; i < contents->met; i++) {
        const struct p2i_combination *of = &candidates->all.list[i];
        if (of->file == P2I_COMBINATION_NONE) {
            put_combination(writer, of,
                            chosen[i] ? "not in the copy of its session"
                                      : "over the limit of size");
        }
    }
    p2i_json_close(writer, '}');
    free(chosen);
}

enum p2i_result p2i_corpus_manifest_write(const struct p2i_corpus_contents *contents,
                                          const char *path, const struct p2i_output_mode *mode,
                                          struct p2i_error *error)
{
    struct p2i_json_writer writer = {0};
    char version[64];
    (void)snprintf(version, sizeof version, "pcap2ipfix %s", p2i_version());
    p2i_json_open(&writer, NULL, '{');
    p2i_json_put_text(&writer, "made_by", version);
    if (contents->anonymised) {
        p2i_json_put_bool(&writer, "anonymised", true);
    }
    p2i_json_open(&writer, "summary", '{');
    p2i_json_put_number(&writer, "combinations", contents->counts->combinations);
    p2i_json_put_number(&writer, "covered", contents->counts->covered);
    p2i_json_put_number(&writer, "sessions", contents->counts->sessions);
    p2i_json_put_number(&writer, "bytes", contents->counts->bytes);
    if (!contents->anonymised) {
        p2i_json_put_number(&writer, "bytes_of_captures", contents->counts->source_bytes);
    }
    p2i_json_close(&writer, '}');
    put_inputs(&writer, contents);
    put_sources(&writer, contents);
    put_files(&writer, contents);
    put_combinations(&writer, contents);
    p2i_json_close(&writer, '}');
    writer.failed |= !p2i_append(&writer.text, P2I_VIEW("\n"));
    enum p2i_result result =
        writer.failed ? p2i_fail_memory(error)
                      : p2i_corpus_write_file(path, p2i_view_of(writer.text.data, writer.text.size),
                                              mode, error);
    p2i_buffer_free(&writer.text);
    return result;
}

/* ---- Reading ---- */

static enum p2i_result refuse(const char *why, struct p2i_error *error)
{
    return p2i_fail(error, P2I_USAGE, "%s: %s", P2I_CORPUS_MANIFEST, why);
}

static bool take_name(const struct p2i_json_value *value, char name[P2I_CORPUS_NAME_MAX])
{
    if (value->type != P2I_JSON_STRING || !p2i_corpus_is_name(value->raw)) {
        return false;
    }
    memcpy(name, value->raw.data, value->raw.size);
    name[value->raw.size] = '\0';
    return true;
}

/* Another text than a hash is none. */
static void take_hash(const struct p2i_json_value *value, char sha256[P2I_CORPUS_HASH_MAX])
{
    bool hash = value->type == P2I_JSON_STRING && value->raw.size == P2I_CORPUS_HASH_MAX - 1;
    if (hash) {
        memcpy(sha256, value->raw.data, P2I_CORPUS_HASH_MAX - 1);
    }
    sha256[hash ? P2I_CORPUS_HASH_MAX - 1 : 0] = '\0';
}

static size_t count_values(const struct p2i_json_value *array)
{
    struct p2i_view rest = array->raw;
    struct p2i_json_value value;
    size_t count = 0;
    while (array->type == P2I_JSON_ARRAY && p2i_json_next(&rest, &value)) {
        count++;
    }
    return count;
}

/* Takes an object of a list. */
typedef enum p2i_result take_entry(struct p2i_corpus_manifest *manifest, struct p2i_view text,
                                   struct p2i_error *error);

static enum p2i_result take_list(struct p2i_corpus_manifest *manifest,
                                 const struct p2i_json_value *array, take_entry *take,
                                 struct p2i_error *error)
{
    struct p2i_view rest = array->raw;
    struct p2i_json_value value;
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && p2i_json_next(&rest, &value)) {
        result = value.type == P2I_JSON_OBJECT
                     ? take(manifest, value.raw, error)
                     : refuse("a list has something else than objects", error);
    }
    return result;
}

static enum p2i_result take_file(struct p2i_corpus_manifest *manifest, struct p2i_view text,
                                 struct p2i_error *error)
{
    enum { NAME, HASH, SIZE, PATH, SESSIONS, COUNT };
    struct p2i_json_member members[COUNT] = {[NAME] = {.name = P2I_VIEW("name")},
                                             [HASH] = {.name = P2I_VIEW("sha256")},
                                             [SIZE] = {.name = P2I_VIEW("size")},
                                             [PATH] = {.name = P2I_VIEW("path")},
                                             [SESSIONS] = {.name = P2I_VIEW("sessions")}};
    struct p2i_corpus_file *file = &manifest->files[manifest->file_count];
    if (!p2i_json_object(text, members, COUNT) || !take_name(&members[NAME].value, file->name) ||
        !p2i_json_whole(&members[SIZE].value, &file->size)) {
        return refuse("a capture without name or size", error);
    }
    take_hash(&members[HASH].value, file->sha256);
    if (members[PATH].value.type == P2I_JSON_STRING) {
        file->path = calloc(1, members[PATH].value.raw.size + 1);
        if (file->path == NULL) {
            return p2i_fail_memory(error);
        }
        (void)p2i_json_string(&members[PATH].value, (uint8_t *)file->path);
    }
    manifest->file_count++;
    manifest->listed.bytes += file->size;
    manifest->listed.sessions += count_values(&members[SESSIONS].value);
    return P2I_OK;
}

static enum p2i_result take_input(struct p2i_corpus_manifest *manifest, struct p2i_view text,
                                  struct p2i_error *error)
{
    struct p2i_json_member members[] = {{.name = P2I_VIEW("name")}, {.name = P2I_VIEW("sha256")}};
    struct p2i_corpus_input *input = &manifest->inputs[manifest->input_count];
    if (!p2i_json_object(text, members, 2) || !take_name(&members[0].value, input->name)) {
        return refuse("a file of settings without name", error);
    }
    take_hash(&members[1].value, input->sha256);
    if (input->sha256[0] != '\0') {
        input->hash_at = (size_t)(members[1].value.raw.data - manifest->text.data);
    }
    manifest->input_count++;
    return P2I_OK;
}

static enum p2i_result take_source(struct p2i_corpus_manifest *manifest, struct p2i_view text,
                                   struct p2i_error *error)
{
    struct p2i_json_member members[] = {{.name = P2I_VIEW("size")},
                                        {.name = P2I_VIEW("given_before")}};
    uint64_t size = 0;
    if (!p2i_json_object(text, members, 2) ||
        (!manifest->anonymised && !p2i_json_whole(&members[0].value, &size))) {
        return refuse("a capture without size", error);
    }
    manifest->listed.source_bytes += members[1].value.type == P2I_JSON_TRUE ? 0 : size;
    return P2I_OK;
}

static int compare_files(const void *left, const void *right)
{
    const struct p2i_corpus_file *a = left;
    const struct p2i_corpus_file *b = right;
    return strcmp(a->name, b->name);
}

/* Counts the members of an object; their values must be names of files if `named`. False: they are
 * not. */
static bool count_members(const struct p2i_corpus_manifest *manifest,
                          const struct p2i_json_value *object, bool named, uint64_t *count)
{
    struct p2i_view rest = object->raw;
    struct p2i_json_member member;
    struct p2i_corpus_file wanted = {.capture = 0};
    *count = 0;
    for (; p2i_json_next_member(&rest, &member); ++*count) {
        if (named && (!take_name(&member.value, wanted.name) || manifest->file_count == 0 ||
                      bsearch(&wanted, manifest->files, manifest->file_count, sizeof wanted,
                              compare_files) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool take_summary(struct p2i_corpus_manifest *manifest, const struct p2i_json_value *object)
{
    struct p2i_json_member members[] = {{.name = P2I_VIEW("combinations")},
                                        {.name = P2I_VIEW("covered")},
                                        {.name = P2I_VIEW("sessions")},
                                        {.name = P2I_VIEW("bytes")},
                                        {.name = P2I_VIEW("bytes_of_captures")}};
    struct p2i_corpus_summary *said = &manifest->said;
    return object->type == P2I_JSON_OBJECT && p2i_json_object(object->raw, members, 5) &&
           p2i_json_whole(&members[0].value, &said->combinations) &&
           p2i_json_whole(&members[1].value, &said->covered) &&
           p2i_json_whole(&members[2].value, &said->sessions) &&
           p2i_json_whole(&members[3].value, &said->bytes) &&
           (manifest->anonymised || p2i_json_whole(&members[4].value, &said->source_bytes));
}

enum member { SUMMARY, INPUTS, SOURCES, FILES, COVERED, NOT_COVERED, ANONYMISED, MEMBERS };

static enum p2i_result take_members(struct p2i_corpus_manifest *manifest,
                                    const struct p2i_json_member *members, struct p2i_error *error)
{
    uint64_t missing = 0;
    manifest->files = calloc(count_values(&members[FILES].value) + 1, sizeof *manifest->files);
    manifest->inputs = calloc(count_values(&members[INPUTS].value) + 1, sizeof *manifest->inputs);
    if (manifest->files == NULL || manifest->inputs == NULL) {
        return p2i_fail_memory(error);
    }
    manifest->anonymised = members[ANONYMISED].value.type == P2I_JSON_TRUE;
    enum p2i_result result = take_list(manifest, &members[FILES].value, take_file, error);
    if (result == P2I_OK) {
        result = take_list(manifest, &members[INPUTS].value, take_input, error);
    }
    if (result == P2I_OK) {
        result = take_list(manifest, &members[SOURCES].value, take_source, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    qsort(manifest->files, manifest->file_count, sizeof *manifest->files, compare_files);
    if (!take_summary(manifest, &members[SUMMARY].value)) {
        return refuse("no summary", error);
    }
    if (!count_members(manifest, &members[COVERED].value, true, &manifest->listed.covered) ||
        !count_members(manifest, &members[NOT_COVERED].value, false, &missing)) {
        return refuse("a combination is covered by a file that is not there", error);
    }
    manifest->listed.combinations = manifest->listed.covered + missing;
    return P2I_OK;
}

enum p2i_result p2i_corpus_manifest_read(struct p2i_corpus_manifest *manifest, const char *path,
                                         struct p2i_error *error)
{
    struct p2i_json_member members[MEMBERS] = {[SUMMARY] = {.name = P2I_VIEW("summary")},
                                               [INPUTS] = {.name = P2I_VIEW("settings")},
                                               [SOURCES] = {.name = P2I_VIEW("captures")},
                                               [FILES] = {.name = P2I_VIEW("files")},
                                               [COVERED] = {.name = P2I_VIEW("covered")},
                                               [NOT_COVERED] = {.name = P2I_VIEW("not_covered")},
                                               [ANONYMISED] = {.name = P2I_VIEW("anonymised")}};
    struct p2i_error why;
    enum p2i_result result = p2i_corpus_read_file(path, &manifest->text, &why);
    if (result != P2I_OK) {
        return p2i_fail(error, result, "%s: %s", P2I_CORPUS_MANIFEST, why.text);
    }
    bool good =
        p2i_json_object(p2i_view_of(manifest->text.data, manifest->text.size), members, MEMBERS);
    for (int i = INPUTS; i <= FILES && good; i++) {
        good = members[i].value.type == P2I_JSON_ARRAY;
    }
    for (int i = COVERED; i <= NOT_COVERED && good; i++) {
        good = members[i].value.type == P2I_JSON_OBJECT;
    }
    return good ? take_members(manifest, members, error)
                : refuse("not the manifest of a corpus", error);
}

void p2i_corpus_manifest_free(struct p2i_corpus_manifest *manifest)
{
    for (size_t i = 0; i < manifest->file_count; i++) {
        free(manifest->files[i].path);
    }
    free(manifest->files);
    free(manifest->inputs);
    p2i_buffer_free(&manifest->text);
}
