/* SPDX-License-Identifier: MIT */
#include "extract/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/capture_name.h"
#include "base/sha256.h"
#include "extract/json_writer.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/version.h"

static void put_hash(struct p2i_json_writer *json, const uint8_t *sha256)
{
    char text[2 * P2I_SHA256_SIZE + 1];
    p2i_sha256_text(sha256, text);
    p2i_json_put_text(json, "sha256", text);
}

/* Size and hash of a file, read anew. */
static enum p2i_result put_file(struct p2i_json_writer *json, const char *path,
                                struct p2i_error *error)
{
    uint8_t sha256[P2I_SHA256_SIZE];
    uint64_t size;
    if (!p2i_sha256_is_built_in()) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_sha256_file(path, sha256, &size, error);
    if (result == P2I_OK) {
        p2i_json_put_number(json, "size", size);
        put_hash(json, sha256);
    }
    return result;
}

static const struct p2i_error *problem_of(const struct p2i_manifest *manifest, const char *path)
{
    for (size_t i = 0; i < manifest->problem_count; i++) {
        const struct p2i_error *problem = &manifest->problems[i];
        if (problem->file != NULL && strcmp(problem->file, path) == 0) {
            return problem;
        }
    }
    return NULL;
}

static enum p2i_result put_capture(struct p2i_json_writer *json,
                                   const struct p2i_manifest *manifest, size_t index,
                                   struct p2i_error *error)
{
    const struct p2i_capture_summary *facts = &manifest->captures[index];
    const struct p2i_error *problem = problem_of(manifest, facts->path);
    enum p2i_result result = P2I_OK;
    p2i_json_open(json, NULL, '{');
    p2i_json_put_number(json, "capture", index + 1);
    p2i_json_put_text(json, "name", facts->path);
    p2i_json_put_text(json, "format", facts->format);
    if (facts->hashed) {
        p2i_json_put_number(json, "size", facts->hashed_bytes);
        put_hash(json, facts->sha256);
    } else if (!facts->refused) {
        result = put_file(json, facts->path, error);
    }
    p2i_json_put_number(json, "packets", facts->frames);
    if (facts->frames > 0) {
        p2i_json_put_time(json, "first", facts->first_ns);
        p2i_json_put_time(json, "last", facts->last_ns);
    }
    if (facts->damaged || facts->refused) {
        p2i_json_put_bool(json, facts->refused ? "refused" : "damaged", true);
    }
    if (problem != NULL) {
        p2i_json_put_text(json, "problem", problem->text);
    }
    p2i_json_close(json, '}');
    return result;
}

static enum p2i_result put_output(struct p2i_json_writer *json,
                                  const struct p2i_extracted_file *file, size_t index,
                                  struct p2i_error *error)
{
    if (file->packets == 0) {
        return P2I_OK;
    }
    p2i_json_open(json, NULL, '{');
    p2i_json_put_text(json, "name", p2i_last_part(file->path));
    p2i_json_put_number(json, "capture", index + 1);
    p2i_json_put_number(json, "packets", file->packets);
    enum p2i_result result = put_file(json, file->path, error);
    p2i_json_close(json, '}');
    return result;
}

/* ---- sessions ---- */

/* A text, as in JSON records: readers lose digits of numbers above 2^53. */
static void put_session_id(struct p2i_json_writer *json, uint64_t id)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, id);
    p2i_json_put_text(json, "SESSION_ID", text);
}

/* Records by kind. */
static void put_records(struct p2i_json_writer *json, const struct p2i_chosen_session *session)
{
    p2i_json_open(json, "records", '{');
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        if (session->records[i] > 0) {
            p2i_json_put_number(json, p2i_record_name((enum p2i_record_kind)i),
                                session->records[i]);
        }
    }
    p2i_json_close(json, '}');
    if (session->cut_records > 0) {
        p2i_json_put_number(json, "cut_records", session->cut_records);
    }
}

/* Names of the features that the session has of a list; nothing where it has none. */
static void put_features(struct p2i_json_writer *json, const char *name,
                         const struct p2i_chosen_session *session, const enum p2i_feature *list,
                         size_t count)
{
    bool open = false;
    for (size_t i = 0; i < count; i++) {
        if ((session->features & UINT64_C(1) << list[i]) != 0) {
            if (!open) {
                p2i_json_open(json, name, '[');
                open = true;
            }
            p2i_json_put_text(json, NULL, p2i_feature_name(list[i]));
        }
    }
    if (open) {
        p2i_json_close(json, ']');
    }
}

/* What the capture lacks of the session, what may not be what its ends saw, and which limits of
 * the converter it met. */
static void put_doubts(struct p2i_json_writer *json, const struct p2i_chosen_session *session)
{
    static const enum p2i_feature incomplete[] = {P2I_FEATURE_JOINED, P2I_FEATURE_ONE_DIRECTION,
                                                  P2I_FEATURE_GAP, P2I_FEATURE_CUT};
    static const enum p2i_feature doubtful[] = {
        P2I_FEATURE_DIFFERENT_COPIES, P2I_FEATURE_OUT_OF_WINDOW,  P2I_FEATURE_WRONG_CHECKSUM,
        P2I_FEATURE_TIME_WENT_BACK,   P2I_FEATURE_UNANSWERED_SYN, P2I_FEATURE_REUSED_PORTS,
        P2I_FEATURE_PADDING,          P2I_FEATURE_BROKEN_MESSAGE};
    static const enum p2i_feature limits[] = {P2I_FEATURE_LIMIT, P2I_FEATURE_EVICTED};
    put_features(json, "incomplete", session, incomplete, sizeof incomplete / sizeof *incomplete);
    put_features(json, "doubtful", session, doubtful, sizeof doubtful / sizeof *doubtful);
    put_features(json, "limits", session, limits, sizeof limits / sizeof *limits);
}

static void put_session(struct p2i_json_writer *json, const struct p2i_chosen_session *session)
{
    const struct p2i_session_facts *facts = &session->facts;
    const struct p2i_protocol_facts *protocol = p2i_protocol_facts(facts->protocol);
    p2i_json_open(json, NULL, '{');
    put_session_id(json, session->id);
    if (session->related) {
        p2i_json_put_bool(json, "related", true);
    }
    p2i_json_put_text(json, "protocol", protocol != NULL ? protocol->name : NULL);
    p2i_json_put_number(json, "transport", facts->transport);
    p2i_json_put_address(json, "client", session->address[0].bytes, facts->ip_version);
    p2i_json_put_number(json, "client_port", facts->port[0]);
    p2i_json_put_address(json, "server", session->address[1].bytes, facts->ip_version);
    p2i_json_put_number(json, "server_port", facts->port[1]);
    p2i_json_put_time(json, "first", facts->first_ns);
    p2i_json_put_time(json, "last", facts->last_ns);
    p2i_json_put_number(json, "packets", facts->packets[0] + facts->packets[1]);
    p2i_json_put_number(json, "bytes", facts->bytes[0] + facts->bytes[1]);
    put_records(json, session);
    if (facts->no_record_reason != P2I_NO_RECORD_NONE) {
        p2i_json_put_text(json, "no_records", p2i_no_record_reason_text(facts->no_record_reason));
    }
    p2i_json_open(json, "frames", '[');
    for (size_t i = 0; i < session->span_count; i++) {
        const struct p2i_frame_span *span = &session->spans[i];
        p2i_json_open(json, NULL, '{');
        p2i_json_put_number(json, "capture", p2i_frame_capture(span->first) + UINT64_C(1));
        p2i_json_put_number(json, "first", p2i_frame_number(span->first));
        p2i_json_put_number(json, "last", p2i_frame_number(span->last));
        p2i_json_put_number(json, "count", span->count);
        p2i_json_close(json, '}');
    }
    p2i_json_close(json, ']');
    p2i_json_put_number(json, "cut_frames", session->cut_frames);
    p2i_json_put_number(json, "lost_bytes", facts->lost_bytes);
    put_doubts(json, session);
    p2i_json_close(json, '}');
}

static void put_sessions(struct p2i_json_writer *json, const struct p2i_selection *selection)
{
    p2i_json_open(json, "sessions", '[');
    for (size_t i = 0; i < selection->session_count; i++) {
        if (selection->sessions[i].known) {
            put_session(json, &selection->sessions[i]);
        }
    }
    p2i_json_close(json, ']');
}

static void put_controls(struct p2i_json_writer *json, const struct p2i_selection *selection)
{
    p2i_json_open(json, "control_packets", '[');
    for (size_t i = 0; i < selection->list_count; i++) {
        const struct p2i_listed_frame *frame = &selection->list[i];
        if (frame->reason == P2I_REASON_RADIUS || frame->reason == P2I_REASON_PPPOE) {
            p2i_json_open(json, NULL, '{');
            p2i_json_put_number(json, "capture", p2i_frame_capture(frame->place) + UINT64_C(1));
            p2i_json_put_number(json, "packet", p2i_frame_number(frame->place));
            p2i_json_put_text(json, "protocol",
                              frame->reason == P2I_REASON_RADIUS ? "radius" : "pppoe");
            p2i_json_close(json, '}');
        }
    }
    p2i_json_close(json, ']');
}

/* Sessions and packets that were asked for. */
static void put_missing(struct p2i_json_writer *json, const struct p2i_manifest *manifest)
{
    const struct p2i_selection *selection = manifest->selection;
    p2i_json_open(json, "missing", '[');
    for (size_t i = 0; i < selection->session_count; i++) {
        const struct p2i_chosen_session *session = &selection->sessions[i];
        if (!session->known && !session->related) {
            p2i_json_open(json, NULL, '{');
            put_session_id(json, session->id);
            p2i_json_close(json, '}');
        }
    }
    for (size_t i = 0; i < manifest->missing_count; i++) {
        p2i_json_open(json, NULL, '{');
        p2i_json_put_number(json, "capture", p2i_frame_capture(manifest->missing[i]) + UINT64_C(1));
        p2i_json_put_number(json, "packet", p2i_frame_number(manifest->missing[i]));
        p2i_json_close(json, '}');
    }
    p2i_json_close(json, ']');
}

/* ---- the whole ---- */

static void put_texts(struct p2i_json_writer *json, const char *name, const char *const *texts,
                      size_t count)
{
    if (count == 0) {
        return;
    }
    p2i_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++) {
        p2i_json_put_text(json, NULL, texts[i]);
    }
    p2i_json_close(json, ']');
}

/* Files that said what to extract, or how. */
static enum p2i_result put_inputs(struct p2i_json_writer *json, const char *name,
                                  const char *const *paths, size_t count, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (count > 0) {
        p2i_json_open(json, name, '[');
        for (size_t i = 0; i < count && result == P2I_OK; i++) {
            p2i_json_open(json, NULL, '{');
            p2i_json_put_text(json, "name", paths[i]);
            result = put_file(json, paths[i], error);
            p2i_json_close(json, '}');
        }
        p2i_json_close(json, ']');
    }
    return result;
}

/* What was asked for, and from what. */
static enum p2i_result put_request(struct p2i_json_writer *json,
                                   const struct p2i_manifest *manifest, struct p2i_error *error)
{
    const struct p2i_extract_settings *settings = manifest->settings;
    p2i_json_put_text(json, "manifest", "pcap2ipfix extract");
    p2i_json_put_text(json, "version", p2i_version());
    if (settings->time_ns > 0) {
        p2i_json_put_time(json, "time", settings->time_ns);
    }
    put_texts(json, "arguments", settings->arguments, settings->argument_count);
    put_texts(json, "filters", settings->filter_texts, settings->filter_text_count);
    p2i_json_put_bool(json, "related", settings->related);
    enum p2i_result result = put_inputs(json, "configuration", &settings->config_file,
                                        settings->config_file != NULL, error);
    if (result == P2I_OK) {
        result =
            put_inputs(json, "records", settings->record_files, settings->record_file_count, error);
    }
    if (result == P2I_OK) {
        p2i_json_open(json, "captures", '[');
        for (size_t i = 0; i < settings->path_count && result == P2I_OK; i++) {
            result = put_capture(json, manifest, i, error);
        }
        p2i_json_close(json, ']');
    }
    return result;
}

static enum p2i_result put_all(struct p2i_json_writer *json, const struct p2i_manifest *manifest,
                               struct p2i_error *error)
{
    p2i_json_open(json, NULL, '{');
    enum p2i_result result = put_request(json, manifest, error);
    p2i_json_open(json, "outputs", '[');
    for (size_t i = 0; i < manifest->settings->path_count && result == P2I_OK; i++) {
        result = put_output(json, &manifest->files[i], i, error);
    }
    p2i_json_close(json, ']');
    put_sessions(json, manifest->selection);
    put_controls(json, manifest->selection);
    put_missing(json, manifest);
    p2i_json_close(json, '}');
    json->failed |= !p2i_append(&json->text, P2I_VIEW("\n"));
    return result == P2I_OK && json->failed ? p2i_fail_memory(error) : result;
}

enum p2i_result p2i_manifest_write(const struct p2i_manifest *manifest, const char *path,
                                   struct p2i_error *error)
{
    struct p2i_json_writer json = {0};
    struct p2i_output_file *file = NULL;
    enum p2i_result result = put_all(&json, manifest, error);
    if (result == P2I_OK) {
        result = p2i_output_file_open(&file, path, P2I_OUTPUT_SYNC, manifest->mode, error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_write(file, p2i_view_of(json.text.data, json.text.size), error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, error);
    }
    p2i_output_file_free(file);
    p2i_buffer_free(&json.text);
    return result;
}
