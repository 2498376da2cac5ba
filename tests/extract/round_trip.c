/* SPDX-License-Identifier: MIT */
/* round_trip [-t] [-s I/N] [-g COUNT] FOLDER CAPTURE...: extracts the sessions of captures, each by
 * the number of the packet that its first record has, and converts what was extracted: all records
 * of the session must be there, LOGIN too, but for SESSION_ID, capture and packet. The packets of
 * its other records must be the session's, so that their numbers would lead to the same extract.
 * Prints the records that are lost, and counts. Status 1: a record is lost. FOLDER is for the
 * extracts.
 *
 * -t        reads all captures together; else each alone
 * -s I/N    only every Nth session, from the Ith on
 * -g COUNT  so many sessions at once, in captures with more than 2,000 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcap2ipfix/extract.h"

enum { MANY = 2000, PATH_SIZE = 1024 };

struct record {
    uint64_t session;
    struct p2i_extract_packet place;
    char *text;
};

struct packet {
    struct p2i_extract_packet place;
    uint64_t session;
    size_t order;
};

/* What conversions give. */
struct found {
    struct record *records;
    size_t count, capacity;
    struct packet *packets;
    size_t packet_count, packet_capacity;
};

struct test {
    const char *folder;
    struct p2i_settings *settings;
    bool together;
    unsigned share, shares, group;
    size_t records, sessions, other_ends, lost, failed;
};

static void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity > 0 ? 2 * *capacity : 256;
    list = realloc(list, *capacity * size);
    if (list == NULL) {
        exit(6);
    }
    return list;
}

/* ---- records ---- */

/* Removes a member of a JSON object. */
static void cut_member(char *text, const char *name)
{
    char *at = strstr(text, name);
    if (at == NULL) {
        return;
    }
    char *end = at + strlen(name);
    if (*end == '"') {
        for (end++; *end != '"'; end++) {
            end += *end == '\\';
        }
    }
    end += strcspn(end, ",}");
    memmove(at, end, strlen(end) + 1);
}

/* A record without its place. A flow ends by idle time because of what comes behind it, which an
 * extract lacks; else it ends with the capture. */
static char *contents(const struct p2i_record *record)
{
    size_t size = 0;
    const char *json = p2i_record_json(record, &size);
    char *text = json != NULL ? strdup(json) : NULL;
    if (text == NULL) {
        exit(6);
    }
    cut_member(text, ",\"SESSION_ID\":");
    cut_member(text, ",\"capture\":");
    cut_member(text, ",\"packet\":");
    cut_member(text, ",\"observationPointId\":");
    cut_member(text, ",\"selectorIdTotalPktsObserved\":");
    char *reason = strstr(text, "\"flowEndReason\":1");
    if (reason != NULL) {
        reason[strlen("\"flowEndReason\":")] = '4';
    }
    return text;
}

static bool take_record(void *context, const struct p2i_record *record)
{
    struct found *found = context;
    found->records = grow(found->records, found->count, &found->capacity, sizeof *found->records);
    struct record *taken = &found->records[found->count++];
    taken->session = p2i_record_session(record);
    taken->place.packet = p2i_record_packet(record, &taken->place.capture);
    taken->text = contents(record);
    return true;
}

static bool take_packet(void *context, const struct p2i_packet_facts *facts)
{
    struct found *found = context;
    found->packets =
        grow(found->packets, found->packet_count, &found->packet_capacity, sizeof *found->packets);
    found->packets[found->packet_count] =
        (struct packet){{facts->packet, facts->capture}, facts->session, found->packet_count};
    found->packet_count++;
    return true;
}

static void forget(struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->records[i].text);
    }
    free(found->records);
    free(found->packets);
    *found = (struct found){0};
}

/* Damaged captures have records too. */
static bool convert(const struct test *test, const char *const *paths, size_t count, bool packets,
                    struct found *found)
{
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = found,
        .record = take_record,
        .packet = packets ? take_packet : NULL,
    };
    struct p2i_engine *engine;
    struct p2i_error error;
    if (p2i_engine_new(&engine, test->settings, &callbacks, &error) != P2I_OK) {
        return false;
    }
    enum p2i_result result = p2i_engine_read(engine, paths, count, &error);
    bool converted = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    converted = converted && p2i_engine_finish(engine, &error) == P2I_OK;
    p2i_engine_free(engine);
    return converted;
}

/* ---- order ---- */

static int compare(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int by_session(const void *left, const void *right)
{
    const struct record *a = left;
    const struct record *b = right;
    int order = compare(a->session, b->session);
    return order != 0 ? order : strcmp(a->text, b->text);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(((const struct record *)left)->text, ((const struct record *)right)->text);
}

static int compare_places(const struct p2i_extract_packet *a, const struct p2i_extract_packet *b)
{
    int order = compare(a->capture, b->capture);
    return order != 0 ? order : compare(a->packet, b->packet);
}

static int by_place(const void *left, const void *right)
{
    const struct packet *a = left;
    const struct packet *b = right;
    int order = compare_places(&a->place, &b->place);
    return order != 0 ? order : compare(a->order, b->order);
}

/* The session of a packet, the last one that was said; 0: none. */
static uint64_t session_of(const struct found *found, const struct p2i_extract_packet *place)
{
    size_t low = 0;
    size_t high = found->packet_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(&found->packets[middle].place, place) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_there = low > 0 && compare_places(&found->packets[low - 1].place, place) == 0;
    return is_there ? found->packets[low - 1].session : 0;
}

/* ---- extracts ---- */

/* Removes the files of the folder. */
static void clear(const char *folder)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        exit(6);
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        (void)unlink(path);
    }
    (void)closedir(directory);
}

/* The captures that were written, by the manifest: in the order of those that they are from. */
static size_t list_outputs(const char *folder, char (*paths)[PATH_SIZE], size_t most)
{
    static const char name[] = "\"name\": \"";
    static char text[1 << 24];
    char path[PATH_SIZE];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/out.pcapng.json", folder);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        exit(6);
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    char *outputs = strstr(text, "\"outputs\": [");
    char *end = outputs != NULL ? strstr(outputs, "\"sessions\": [") : NULL;
    char *at = end != NULL ? strstr(outputs, name) : NULL;
    while (at != NULL && at < end && count < most) {
        at += strlen(name);
        (void)snprintf(paths[count++], PATH_SIZE, "%s/%.*s", folder, (int)strcspn(at, "\""), at);
        at = strstr(at, name);
    }
    return count;
}

/* The first record whose text is not before the one given; the records are sorted by text. */
static size_t find(const struct found *found, const char *text)
{
    size_t low = 0;
    size_t high = found->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(found->records[middle].text, text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* A flow may have been ended by the first packet of the next session of the same ends, which is not
 * extracted: then it ends with the capture. */
static bool is_there_but_for_its_end(const struct found *found, const struct record *wanted)
{
    char *text = strdup(wanted->text);
    char *reason = text != NULL ? strstr(text, "\"flowEndReason\":3") : NULL;
    bool is_there = false;
    if (reason != NULL && strncmp(text, "{\"record\":\"flow\"", 16) == 0) {
        reason[strlen("\"flowEndReason\":")] = '4';
        size_t at = find(found, text);
        is_there = at < found->count && strcmp(found->records[at].text, text) == 0;
    }
    free(text);
    return is_there;
}

static size_t count_lost(struct test *test, const char *capture, struct record *wanted,
                         size_t count, const struct found *found)
{
    size_t at = 0;
    size_t lost = 0;
    qsort(found->records, found->count, sizeof *found->records, by_text);
    qsort(wanted, count, sizeof *wanted, by_text);
    for (size_t i = 0; i < count; i++) {
        while (at < found->count && strcmp(found->records[at].text, wanted[i].text) < 0) {
            at++;
        }
        if (at < found->count && strcmp(found->records[at].text, wanted[i].text) == 0) {
            at++;
        } else if (is_there_but_for_its_end(found, &wanted[i])) {
            test->other_ends++;
        } else if (++lost + test->lost <= 20) {
            printf("lost: %s, packet %" PRIu64 " of capture %" PRIu32 ": %s\n", capture,
                   wanted[i].place.packet, wanted[i].place.capture + 1, wanted[i].text);
        }
    }
    return lost;
}

static bool extract(const struct test *test, const char *const *paths, size_t path_count,
                    const struct p2i_extract_packet *packets, size_t count)
{
    char output[PATH_SIZE];
    struct p2i_error error = {0};
    struct p2i_extract_counts counts = {.struct_size = sizeof counts};
    (void)snprintf(output, sizeof output, "%s/out.pcapng", test->folder);
    const struct p2i_extract_settings settings = {
        .struct_size = sizeof settings,
        .settings = test->settings,
        .paths = paths,
        .path_count = path_count,
        .packets = packets,
        .packet_count = count,
        .related = true,
        .output = output,
    };
    enum p2i_result result = p2i_extract(&settings, &counts, &error);
    if (result != P2I_OK || counts.missing > 0) {
        printf("%s: packet %" PRIu64 ": extract: result %d, %s\n", paths[0], packets[0].packet,
               (int)result, error.text);
    }
    return result == P2I_OK && counts.missing == 0;
}

/* Extracts the sessions of the records, which are sorted by session, and looks for these. */
static void check(struct test *test, const char *const *paths, size_t path_count,
                  struct record *records, size_t count)
{
    enum { OUTPUTS_MOST = 64 };
    static char outputs[OUTPUTS_MOST][PATH_SIZE];
    const char *output_paths[OUTPUTS_MOST];
    struct found found = {0};
    struct p2i_extract_packet *packets = calloc(count, sizeof *packets);
    size_t sessions = 0;
    if (packets == NULL) {
        exit(6);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || records[i].session != records[i - 1].session) {
            packets[sessions++] = records[i].place;
        }
    }
    test->records += count;
    test->sessions += sessions;
    if (extract(test, paths, path_count, packets, sessions)) {
        size_t output_count = list_outputs(test->folder, outputs, OUTPUTS_MOST);
        for (size_t i = 0; i < output_count; i++) {
            output_paths[i] = outputs[i];
        }
        if (!convert(test, output_paths, output_count, false, &found)) {
            exit(6);
        }
        test->lost += count_lost(test, paths[0], records, count, &found);
    } else {
        test->lost += count;
    }
    clear(test->folder);
    forget(&found);
    free(packets);
}

/* Counts records whose packet leads elsewhere. */
static void check_packets(struct test *test, const char *capture, const struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct record *record = &found->records[i];
        uint64_t session = session_of(found, &record->place);
        if (session != record->session) {
            test->failed++;
            printf("%s: packet %" PRIu64 " is of session %" PRIu64 ": %s\n", capture,
                   record->place.packet, session, record->text);
        }
    }
}

static size_t count_sessions(const struct found *found)
{
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++) {
        count += i == 0 || found->records[i].session != found->records[i - 1].session;
    }
    return count;
}

static void test_captures(struct test *test, const char *const *paths, size_t count)
{
    struct found found = {0};
    if (!convert(test, paths, count, true, &found)) {
        printf("%s: cannot be converted\n", paths[0]);
        test->failed++;
        return;
    }
    if (found.packet_count > 0) {
        qsort(found.packets, found.packet_count, sizeof *found.packets, by_place);
    }
    check_packets(test, paths[0], &found);
    if (found.count > 0) {
        qsort(found.records, found.count, sizeof *found.records, by_session);
    }
    size_t group = count_sessions(&found) > MANY ? test->group : 1;
    size_t session = 0;
    struct record *chosen = calloc(found.count + 1, sizeof *chosen);
    size_t chosen_count = 0;
    size_t chosen_sessions = 0;
    if (chosen == NULL) {
        exit(6);
    }
    for (size_t i = 0; i < found.count;) {
        size_t next = i;
        bool wanted = session++ % test->shares == test->share - 1;
        for (; next < found.count && found.records[next].session == found.records[i].session;
             next++) {
            if (wanted) {
                chosen[chosen_count++] = found.records[next];
            }
        }
        chosen_sessions += wanted;
        i = next;
        if (chosen_sessions == group || (i == found.count && chosen_sessions > 0)) {
            check(test, paths, count, chosen, chosen_count);
            chosen_count = chosen_sessions = 0;
        }
    }
    free(chosen);
    forget(&found);
}

static bool read_options(struct test *test, int argc, char **argv)
{
    int option;
    bool right = true;
    while (right && (option = getopt(argc, argv, "ts:g:")) != -1) {
        if (option == 't') {
            test->together = true;
        } else if (option == 's') {
            char *slash = NULL;
            test->share = (unsigned)strtoul(optarg, &slash, 10);
            test->shares = *slash == '/' ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
        } else if (option == 'g') {
            test->group = (unsigned)strtoul(optarg, NULL, 10);
        } else {
            right = false;
        }
    }
    return right && test->group > 0 && test->share > 0 && test->share <= test->shares &&
           argc - optind >= 2;
}

int main(int argc, char **argv)
{
    struct test test = {.share = 1, .shares = 1, .group = 1, .settings = p2i_settings_new()};
    struct p2i_error error;
    if (test.settings == NULL || !read_options(&test, argc, argv) ||
        p2i_settings_set(test.settings, "records", "all", &error) != P2I_OK ||
        p2i_settings_set(test.settings, "extended", "true", &error) != P2I_OK) {
        fputs("usage: round_trip [-t] [-s I/N] [-g COUNT] FOLDER CAPTURE...\n", stderr);
        return 2;
    }
    test.folder = argv[optind];
    const char *const *paths = (const char *const *)(argv + optind + 1);
    size_t count = (size_t)(argc - optind - 1);
    if (test.together) {
        test_captures(&test, paths, count);
    } else {
        for (size_t i = 0; i < count; i++) {
            test_captures(&test, paths + i, 1);
        }
    }
    printf(
        "%zu records of %zu sessions, %zu flows that the next session ended, %zu lost, %zu packets "
        "that lead elsewhere\n",
        test.records, test.sessions, test.other_ends, test.lost, test.failed);
    p2i_settings_free(test.settings);
    return test.lost > 0 || test.failed > 0 || test.records == 0;
}
