/* SPDX-License-Identifier: MIT */
#include "corpus/manifest.h"

#include <inttypes.h>
#include <stdio.h>

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
        p2i_json_put_number(writer, "size", source->size);
        p2i_json_put_text(writer, "sha256", hash_or_null(source->sha256));
        if (source->damaged || source->refused) {
            p2i_json_put_bool(writer, source->refused ? "refused" : "damaged", true);
        }
        p2i_json_close(writer, '}');
    }
    p2i_json_close(writer, ']');
}

/* SESSION_IDs are strings of digits, as in JSON Lines. */
static void put_files(struct p2i_json_writer *writer, const struct p2i_corpus_contents *contents)
{
    const struct p2i_candidates *candidates = contents->candidates;
    p2i_json_open(writer, "files", '[');
    for (size_t i = 0; i < contents->file_count; i++) {
        const struct p2i_corpus_file *file = &contents->files[i];
        p2i_json_open(writer, NULL, '{');
        p2i_json_put_text(writer, "name", file->name);
        p2i_json_put_number(writer, "size", file->size);
        p2i_json_put_text(writer, "sha256", hash_or_null(file->sha256));
        p2i_json_put_text(writer, "path",
                          file->capture_path[0] != '\0' ? file->capture_path : NULL);
        p2i_json_put_number(writer, "capture", file->capture + 1);
        p2i_json_open(writer, "sessions", '[');
        for (size_t j = 0; j < candidates->count; j++) {
            if (!contents->anonymised && candidates->list[j].chosen &&
                candidates->list[j].capture == file->capture) {
                char id[24];
                (void)snprintf(id, sizeof id, "%" PRIu64, candidates->list[j].session);
                p2i_json_put_text(writer, NULL, id);
            }
        }
        p2i_json_close(writer, ']');
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

/* Whether a chosen session has the combination. */
static bool was_chosen(const struct p2i_candidates *candidates, uint32_t combination)
{
    for (size_t i = 0; i < candidates->count; i++) {
        const struct p2i_candidate *candidate = &candidates->list[i];
        for (size_t j = 0; candidate->chosen && j < candidate->traits.count; j++) {
            if (candidate->traits.list[j].combination == combination &&
                p2i_trait_counts(&candidates->all, &candidate->traits.list[j])) {
                return true;
            }
        }
    }
    return false;
}

static void put_combinations(struct p2i_json_writer *writer,
                             const struct p2i_corpus_contents *contents)
{
    const struct p2i_candidates *candidates = contents->candidates;
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
                            was_chosen(candidates, (uint32_t)i) ? "not in the copy of its session"
                                                                : "over the limit of size");
        }
    }
    p2i_json_close(writer, '}');
}

enum p2i_result p2i_corpus_manifest_write(const struct p2i_corpus_contents *contents,
                                          const char *path, struct p2i_error *error)
{
    struct p2i_json_writer writer = {0};
    char version[64];
    (void)snprintf(version, sizeof version, "pcap2ipfix %s", p2i_version());
    p2i_json_open(&writer, NULL, '{');
    p2i_json_put_text(&writer, "made_by", version);
    p2i_json_put_text(&writer, "settings", P2I_CORPUS_SETTINGS);
    if (contents->anonymised) {
        p2i_json_put_bool(&writer, "anonymised", true);
    }
    p2i_json_open(&writer, "summary", '{');
    p2i_json_put_number(&writer, "combinations", contents->counts->combinations);
    p2i_json_put_number(&writer, "covered", contents->counts->covered);
    p2i_json_put_number(&writer, "sessions", contents->counts->sessions);
    p2i_json_put_number(&writer, "bytes", contents->counts->bytes);
    p2i_json_put_number(&writer, "bytes_of_captures", contents->counts->source_bytes);
    p2i_json_close(&writer, '}');
    put_sources(&writer, contents);
    put_files(&writer, contents);
    put_combinations(&writer, contents);
    p2i_json_close(&writer, '}');
    writer.failed |= !p2i_append(&writer.text, P2I_VIEW("\n"));
    enum p2i_result result =
        writer.failed
            ? p2i_fail_memory(error)
            : p2i_corpus_write_file(path, p2i_view_of(writer.text.data, writer.text.size), error);
    p2i_buffer_free(&writer.text);
    return result;
}

/* ---- Reading ---- */

static bool read_file(struct p2i_view text, struct p2i_corpus_file *file)
{
    struct p2i_json_member members[] = {{.name = P2I_VIEW("name")},
                                        {.name = P2I_VIEW("sha256")},
                                        {.name = P2I_VIEW("size")},
                                        {.name = P2I_VIEW("path")}};
    *file = (struct p2i_corpus_file){0};
    if (!p2i_json_object(text, members, 4) || members[0].value.type != P2I_JSON_STRING ||
        !p2i_corpus_is_name(members[0].value.raw) ||
        !p2i_json_whole(&members[2].value, &file->size)) {
        return false;
    }
    memcpy(file->name, members[0].value.raw.data, members[0].value.raw.size);
    struct p2i_view sha256 = members[1].value.raw;
    if (members[1].value.type == P2I_JSON_STRING && sha256.size < sizeof file->sha256) {
        memcpy(file->sha256, sha256.data, sha256.size);
    }
    if (members[3].value.raw.size < sizeof file->capture_path) { /* never longer than its text */
        (void)p2i_json_string(&members[3].value, (uint8_t *)file->capture_path);
    }
    return members[3].value.raw.size < sizeof file->capture_path;
}

enum p2i_result p2i_corpus_manifest_read(struct p2i_view manifest, p2i_corpus_take_file *take,
                                         void *context, struct p2i_error *error)
{
    struct p2i_json_member files = {.name = P2I_VIEW("files")};
    struct p2i_json_value value;
    if (!p2i_json_object(manifest, &files, 1) || files.value.type != P2I_JSON_ARRAY) {
        return p2i_fail(error, P2I_USAGE, "not the manifest of a corpus");
    }
    struct p2i_view rest = files.value.raw;
    while (p2i_json_next(&rest, &value)) {
        struct p2i_corpus_file file;
        if (value.type != P2I_JSON_OBJECT || !read_file(value.raw, &file)) {
            return p2i_fail(error, P2I_USAGE, "the manifest has a capture without name or size");
        }
        enum p2i_result result = take(context, &file, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}
