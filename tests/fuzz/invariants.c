/* SPDX-License-Identifier: MIT */
#include "invariants.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "capture/capture.h"
#include "memory_file.h"
#include "memory_peak.h"
#include "pcap2ipfix/convert.h"
#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/record_source.h"
#include "pcap2ipfix/utf8.h"
#include "record_list.h"

/* The budget, and what a conversion may take beside it: statistics, buffers of outputs, contexts of
 * libraries, and for each thread its parsers. */
#define MEMORY "16M"
enum {
    CAPTURES_MAX = 32,
    BUDGET_BYTES = 16 << 20,
    BESIDE_BYTES = 12 << 20,
    THREAD_BYTES = 2 << 20
};

static char broken[1024];

/* Returns the text, so that a check can end with this call. */
static const char *fault(const char *format, ...) P2I_PRINTF(1, 2);
static const char *fault(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(broken, sizeof broken, format, values);
    va_end(values);
    return broken;
}

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

/* ---- A conversion with its outputs ------------------------------------------------------- */

struct conversion {
    enum p2i_result result;
    struct p2i_statistics *statistics;
    struct p2i_error error;
    uint8_t *file; /* the IPFIX file */
    size_t size;
    uint64_t peak_bytes;
};

/* Paths of the outputs, in a folder of this process. */
struct outputs {
    char folder[256], ipfix[300], json[300];
};

static void outputs_open(struct outputs *outputs)
{
    const char *folder = getenv("TMPDIR");
    (void)snprintf(outputs->folder, sizeof outputs->folder, "%s/p2i-fuzz.XXXXXX",
                   folder != NULL ? folder : "/dev/shm");
    require(mkdtemp(outputs->folder) != NULL);
    (void)snprintf(outputs->ipfix, sizeof outputs->ipfix, "%s/out.ipfix", outputs->folder);
    (void)snprintf(outputs->json, sizeof outputs->json, "%s/out.json", outputs->folder);
}

/* Fails, and leaves the folder, when there is another file in it. */
static bool outputs_remove(const struct outputs *outputs)
{
    (void)unlink(outputs->ipfix);
    (void)unlink(outputs->json);
    return rmdir(outputs->folder) == 0;
}

/* No file: *size is 0. */
static uint8_t *read_file(const char *path, size_t *size)
{
    struct stat status;
    *size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return NULL;
    }
    require(fstat(descriptor, &status) == 0);
    uint8_t *bytes = malloc((size_t)status.st_size + 1);
    require(bytes != NULL && read(descriptor, bytes, (size_t)status.st_size) == status.st_size);
    *size = (size_t)status.st_size;
    (void)close(descriptor);
    return bytes;
}

static void set(struct p2i_settings *settings, const char *key, const char *value)
{
    struct p2i_error error;
    require(p2i_settings_set(settings, key, value, &error) == P2I_OK);
}

static struct p2i_settings *make_settings(const char *threads, unsigned parts)
{
    struct p2i_settings *settings = p2i_settings_new();
    require(settings != NULL);
    set(settings, "threads", threads);
    set(settings, "memory", MEMORY);
    set(settings, "records", "all,biflow");
    set(settings, "order", "args");
    set(settings, "sync", "false");
    set(settings, "subscribers.radius", "true");
    set(settings, "subscribers.pppoe", "true");
    set(settings, "extended", (parts & INVARIANTS_EXTENDED) != 0 ? "true" : "false");
    return settings;
}

static void convert(struct conversion *conversion, const struct memory_file *files, size_t count,
                    const struct outputs *outputs, const char *threads, unsigned parts)
{
    struct p2i_settings *settings = make_settings(threads, parts);
    for (size_t i = 0; i < count; i++) {
        set(settings, "capture", files[i].path);
    }
    set(settings, "write", outputs->ipfix);
    if ((parts & INVARIANTS_JSON) != 0) {
        set(settings, "json", outputs->json);
    }
    *conversion = (struct conversion){.statistics = p2i_statistics_new()};
    require(conversion->statistics != NULL);
    memory_peak_begin();
    conversion->result = p2i_convert(settings, conversion->statistics, &conversion->error);
    conversion->peak_bytes = memory_peak_end();
    conversion->file = read_file(outputs->ipfix, &conversion->size);
    p2i_settings_free(settings);
}

static void conversion_free(struct conversion *conversion)
{
    p2i_statistics_free(conversion->statistics);
    free(conversion->file);
}

/* ---- Counters ---------------------------------------------------------------------------- */

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += counts[i];
    }
    return sum;
}

static const char *check_counters(const struct p2i_statistics *counters)
{
    uint64_t payload =
        counters->parsed_bytes + counters->ignored_bytes + counters->retransmitted_bytes;
    uint64_t sessions = counters->tcp_sessions + counters->udp_sessions + counters->other_sessions;
    uint64_t frames = 0;
    for (size_t i = 0; i < counters->capture_count; i++) {
        frames += counters->captures[i]->frames;
    }
    if (counters->frames != sum_of(counters->fates, counters->fate_count)) {
        return fault("%" PRIu64 " frames are not the sum of fates", counters->frames);
    }
    if (counters->frames != frames) {
        return fault("%" PRIu64 " frames, the captures have %" PRIu64, counters->frames, frames);
    }
    if (counters->payload_bytes != payload) {
        return fault("%" PRIu64 " bytes of payload, the sum is %" PRIu64, counters->payload_bytes,
                     payload);
    }
    if (sum_of(counters->protocols, counters->protocol_count) != sessions) {
        return fault("%" PRIu64 " sessions are not those of the protocols", sessions);
    }
    for (size_t i = 0; i < counters->kind_count; i++) {
        if (counters->messages_cut[i] > counters->records[i]) {
            return fault("more messages of kind %zu were cut than recorded", i);
        }
    }
    return NULL;
}

/* A copy without what points elsewhere. */
static struct p2i_statistics numbers_of(const struct p2i_statistics *counters)
{
    struct p2i_statistics numbers = *counters;
    numbers.fates = NULL;
    numbers.protocols = NULL;
    numbers.records = NULL;
    numbers.messages_cut = NULL;
    numbers.captures = NULL;
    numbers.collectors = NULL;
    return numbers;
}

static const char *compare_counters(const struct p2i_statistics *one,
                                    const struct p2i_statistics *three)
{
    const struct p2i_statistics ours = numbers_of(one);
    const struct p2i_statistics theirs = numbers_of(three);
    for (size_t at = 0; at + 8 <= sizeof ours; at += 8) {
        if (memcmp((const char *)&ours + at, (const char *)&theirs + at, 8) != 0) {
            return fault("threads: the statistics differ at byte %zu of the struct", at);
        }
    }
    if (memcmp(one->fates, three->fates, one->fate_count * sizeof *one->fates) != 0 ||
        memcmp(one->protocols, three->protocols, one->protocol_count * sizeof *one->protocols) !=
            0 ||
        memcmp(one->records, three->records, one->kind_count * sizeof *one->records) != 0 ||
        memcmp(one->messages_cut, three->messages_cut,
               one->kind_count * sizeof *one->messages_cut) != 0) {
        return fault("threads: counters of fates, protocols or records differ");
    }
    return NULL;
}

/* ---- The files --------------------------------------------------------------------------- */

static void on_defect(void *context, uint64_t offset, const char *text)
{
    const char **found = context;
    *found = *found != NULL ? *found : fault("IPFIX file, byte %" PRIu64 ": %s", offset, text);
}

static bool is_utf8(struct p2i_view text)
{
    size_t size = 1;
    while (text.size > 0 && size > 0) {
        size = p2i_utf8_sequence(text);
        text = p2i_view_from(text, size);
    }
    return size > 0;
}

static const char *check_strings(const struct p2i_reader *reader,
                                 const struct p2i_read_record *record)
{
    for (size_t i = 0; i < record->value_count; i++) {
        const struct p2i_value *value = &record->values[i];
        int type;
        const char *name = p2i_reader_element(reader, value->pen, value->id, &type);
        if (type == P2I_TYPE_STRING && !is_utf8(p2i_view_of(value->data, value->size))) {
            return fault("%s at byte %" PRIu64 " is not UTF-8", name, record->offset);
        }
    }
    return NULL;
}

/* A file without a name is none: the captures were refused. */
static const char *check_ipfix(const struct conversion *conversion)
{
    const struct p2i_statistics *counters = conversion->statistics;
    const char *found = NULL;
    struct p2i_reader *reader = NULL;
    struct p2i_read_record record;
    struct p2i_error error;
    uint64_t records = 0;
    enum p2i_result result = p2i_reader_open_bytes(&reader, conversion->file, conversion->size,
                                                   on_defect, &found, &error);
    require(result == P2I_OK);
    while (found == NULL && (result = p2i_reader_next(reader, &record, &error)) == P2I_OK) {
        records += !record.options;
        found = check_strings(reader, &record);
    }
    if (found == NULL && result != P2I_END) {
        found = fault("IPFIX file: %s", error.text);
    }
    if (found == NULL && records != sum_of(counters->records, counters->kind_count)) {
        found = fault("%" PRIu64 " records in the file are not those of the statistics", records);
    }
    p2i_reader_close(reader);
    return found;
}

static const char *check_json(const char *path, const struct p2i_statistics *counters)
{
    struct p2i_record_source *source;
    struct p2i_source_record record;
    struct p2i_error error;
    uint64_t records = 0;
    enum p2i_result result = p2i_record_source_open(&source, path, &error);
    while (result == P2I_OK &&
           (result = p2i_record_source_next(source, &record, &error)) == P2I_OK) {
        records++;
        if (!is_utf8(record.line)) {
            result = p2i_fail(&error, P2I_DAMAGED, "record %" PRIu64 " is not UTF-8", records);
        }
    }
    p2i_record_source_close(source);
    uint64_t counted = sum_of(counters->records, counters->kind_count);
    if (records != counted) {
        return fault("JSON Lines: %" PRIu64 " records of %" PRIu64 ": %s", records, counted,
                     result == P2I_END ? "" : error.text);
    }
    return NULL;
}

/* ---- One conversion, and two compared ---------------------------------------------------- */

static const char *check_conversion(const struct conversion *conversion,
                                    const struct outputs *outputs, uint64_t memory_bytes,
                                    unsigned parts)
{
    if (conversion->result != P2I_OK && conversion->result != P2I_DAMAGED &&
        conversion->result != P2I_INPUT) {
        return fault("result %d: %s", (int)conversion->result, conversion->error.text);
    }
    if (conversion->peak_bytes > memory_bytes) {
        return fault("%" PRIu64 " bytes of memory, %" PRIu64 " expected at most",
                     conversion->peak_bytes, memory_bytes);
    }
    const char *found = check_counters(conversion->statistics);
    if (found == NULL && conversion->file != NULL) {
        found = check_ipfix(conversion);
    }
    if (found == NULL && conversion->file != NULL && (parts & INVARIANTS_JSON) != 0) {
        found = check_json(outputs->json, conversion->statistics);
    }
    return found;
}

static const char *compare(const struct conversion *one, const struct conversion *three)
{
    if (one->result != three->result) {
        return fault("threads: result %d with one, %d with three", (int)one->result,
                     (int)three->result);
    }
    if (one->size != three->size ||
        (one->size > 0 && memcmp(one->file, three->file, one->size) != 0)) {
        return fault("threads: the files differ, %zu and %zu bytes", one->size, three->size);
    }
    return compare_counters(one->statistics, three->statistics);
}

static const char *check_threads(const struct memory_file *files, size_t count,
                                 const struct conversion *one, unsigned parts)
{
    struct outputs outputs;
    struct conversion three;
    outputs_open(&outputs);
    convert(&three, files, count, &outputs, "3", parts);
    const char *found = check_conversion(
        &three, &outputs, BUDGET_BYTES + BESIDE_BYTES + UINT64_C(2) * THREAD_BYTES, parts);
    found = found != NULL ? found : compare(one, &three);
    conversion_free(&three);
    require(outputs_remove(&outputs));
    return found;
}

/* ---- Captures that end at a frame -------------------------------------------------------- */

static const char *check_prefix(const struct memory_file *files, size_t count, uint64_t frames,
                                unsigned parts)
{
    struct p2i_settings *settings = make_settings("1", parts);
    const char *paths[CAPTURES_MAX];
    struct record_list whole;
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        paths[i] = files[i].path;
    }
    require(record_list_make(&whole, settings, paths, count, UINT64_MAX));
    for (uint64_t part = 1; part <= 2 && found == NULL; part++) {
        struct record_list first;
        uint64_t end = frames * part / 3;
        require(record_list_make(&first, settings, paths, count, end));
        size_t same = record_list_equal(&first, &whole);
        if (same < first.before_end) {
            found = fault("record %zu of %zu is another one when the captures end at frame "
                          "%" PRIu64 " of %" PRIu64,
                          same + 1, first.before_end, end, frames);
        }
        record_list_free(&first);
    }
    record_list_free(&whole);
    p2i_settings_free(settings);
    return found;
}

const char *invariants_check(const struct p2i_view *captures, size_t count, unsigned parts,
                             struct invariants_counts *counts)
{
    struct memory_file files[CAPTURES_MAX];
    struct conversion one;
    struct outputs outputs;
    require(count <= CAPTURES_MAX);
    for (size_t i = 0; i < count; i++) {
        memory_file_open(&files[i], captures[i]);
    }
    outputs_open(&outputs);
    convert(&one, files, count, &outputs, "1", parts);
    const char *found = check_conversion(&one, &outputs, BUDGET_BYTES + BESIDE_BYTES, parts);
    if (!outputs_remove(&outputs) && found == NULL) {
        found = fault("a temporary file is left in %s", outputs.folder);
    }
    if (found == NULL && (parts & INVARIANTS_THREADS) != 0) {
        found = check_threads(files, count, &one, parts);
    }
    if (found == NULL && (parts & INVARIANTS_PREFIX) != 0) {
        found = check_prefix(files, count, one.statistics->frames, parts);
    }
    *counts = (struct invariants_counts){
        .frames = one.statistics->frames,
        .records = sum_of(one.statistics->records, one.statistics->kind_count),
        .peak_bytes = one.peak_bytes,
        .damaged = one.result != P2I_OK,
    };
    conversion_free(&one);
    for (size_t i = 0; i < count; i++) {
        memory_file_close(&files[i]);
    }
    return found;
}
