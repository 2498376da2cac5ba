/* SPDX-License-Identifier: MIT */
#include "extract/record_files.h"

#include <stdlib.h>

#include "ipfix/file_options.h"
#include "pcap2ipfix/record_filter.h"
#include "pcap2ipfix/record_parts.h"
#include "pcap2ipfix/record_source.h"

static const uint32_t no_capture = UINT32_MAX;

/* A record that matches. */
struct match {
    uint64_t session, packet;
    uint32_t point; /* number of its capture in the file; 0: it has none */
};

/* A file of records while it is read. What an observation point is may stand behind its records. */
struct record_file {
    const struct p2i_origins *origins;
    struct p2i_record_filter *filter;
    struct match *matches;
    size_t count, capacity;
    struct p2i_number_map points; /* by number: index of the capture, or no_capture */
    bool has_session;
    bool out_of_memory;
};

/* Of a number that stands for two captures, as in files put together, neither is known. */
static void note_point(struct record_file *file, uint32_t number, const struct p2i_origin *origin)
{
    size_t index = p2i_origin_find(file->origins, origin);
    uint32_t capture = index < no_capture ? (uint32_t)index : no_capture;
    const uint32_t *known = p2i_number_map_find(&file->points, number);
    if (known != NULL && *known != capture) {
        capture = no_capture;
    }
    file->out_of_memory |= !p2i_number_map_put(&file->points, number, capture);
}

static struct p2i_view bytes_of(const struct p2i_value *value)
{
    return p2i_view_of(value->data, value->size);
}

/* The options record of a capture. */
static void take_point(struct record_file *file, const struct p2i_read_record *record)
{
    const struct p2i_view prefix = P2I_VIEW("sha256:");
    enum { SIZE = P2I_POINT_HASH + 1 };
    struct p2i_view hash = bytes_of(&record->values[P2I_POINT_HASH]);
    struct p2i_origin origin = {.name = bytes_of(&record->values[P2I_POINT_NAME])};
    if (p2i_view_starts(hash, prefix) && record->value_count > SIZE) {
        origin.sha256 = p2i_view_from(hash, prefix.size);
        origin.size = p2i_value_number(bytes_of(&record->values[SIZE]));
    }
    note_point(file, (uint32_t)p2i_value_number(bytes_of(&record->values[P2I_POINT_NUMBER])),
               &origin);
}

/* JSON has the name of the capture in each record. */
static void take_name(struct record_file *file, struct p2i_record_source *source, uint32_t number,
                      const struct p2i_source_record *record, const struct p2i_record_parts *parts)
{
    if (p2i_number_map_find(&file->points, number) == NULL) {
        const struct p2i_origin origin = {.name = p2i_record_source_capture(source, record, parts)};
        note_point(file, number, &origin);
    }
}

static void add_match(struct record_file *file, const struct match *match)
{
    if (file->count == file->capacity) {
        size_t capacity = file->capacity > 0 ? 2 * file->capacity : 64;
        struct match *matches = realloc(file->matches, capacity * sizeof *matches);
        if (matches == NULL) {
            file->out_of_memory = true;
            return;
        }
        file->matches = matches;
        file->capacity = capacity;
    }
    file->matches[file->count++] = *match;
}

static uint64_t number_at(const struct p2i_read_record *record, int index)
{
    return index >= 0 ? p2i_value_number(bytes_of(&record->values[index])) : 0;
}

static void take_record(struct record_file *file, struct p2i_record_source *source,
                        const struct p2i_source_record *record)
{
    const struct p2i_reader *reader = p2i_record_source_reader(source);
    struct p2i_record_parts parts = {.struct_size = sizeof parts};
    bool matches = true;
    if (p2i_is_observation_point(&record->record)) {
        take_point(file, &record->record);
        return;
    }
    p2i_record_parts_find(&record->record, &parts);
    if (parts.session < 0) {
        return;
    }
    file->has_session = true;
    if (file->filter != NULL &&
        p2i_record_filter_match_read(file->filter, reader, &record->record, &matches) != P2I_OK) {
        file->out_of_memory = true;
    }
    if (!matches) {
        return;
    }
    const struct match match = {number_at(&record->record, parts.session),
                                number_at(&record->record, parts.packet),
                                (uint32_t)number_at(&record->record, parts.capture)};
    if (match.point != 0 && reader == NULL) {
        take_name(file, source, match.point, record, &parts);
    }
    add_match(file, &match);
}

static void want_matches(struct p2i_selection *selection, const struct record_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        const struct match *match = &file->matches[i];
        const uint32_t *capture = p2i_number_map_find(&file->points, match->point);
        if (match->point != 0 && p2i_is_packet_number(match->packet) && capture != NULL &&
            *capture != no_capture) {
            p2i_selection_ask(selection, p2i_frame_place(*capture, match->packet), false);
        } else {
            p2i_selection_want(selection, match->session, false);
        }
    }
}

enum p2i_result p2i_want_records(struct p2i_selection *selection, const struct p2i_origins *origins,
                                 const char *path, struct p2i_record_filter *filter,
                                 struct p2i_error *error)
{
    struct p2i_record_source *source;
    struct p2i_source_record record;
    struct record_file file = {.origins = origins, .filter = filter};
    enum p2i_result result = p2i_record_source_open(&source, path, error);
    while (result == P2I_OK && !file.out_of_memory) {
        result = p2i_record_source_next(source, &record, error);
        if (result == P2I_OK) {
            take_record(&file, source, &record);
        }
    }
    p2i_record_source_close(source);
    want_matches(selection, &file);
    if (file.out_of_memory || selection->out_of_memory) {
        result = p2i_fail_memory(error);
    } else if (result == P2I_END && !file.has_session) {
        result = p2i_fail(error, P2I_DAMAGED, "no record has a SESSION_ID");
    }
    free(file.matches);
    p2i_number_map_free(&file.points);
    error->file = path;
    return result == P2I_END ? P2I_OK : result;
}
