/* SPDX-License-Identifier: MIT */
#include "corpus/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ascii.h"
#include "base/capture_name.h"
#include "pcap2ipfix/convert.h"
#include "pcap2ipfix/output_file.h"
#include "settings/settings.h"

bool p2i_corpus_path(char path[P2I_CORPUS_PATH_MAX], const char *folder, const char *name,
                     const char *ending)
{
    int size = snprintf(path, P2I_CORPUS_PATH_MAX, "%s/%s%s", folder, name, ending);
    return size > 0 && size < P2I_CORPUS_PATH_MAX;
}

static bool is_plain(uint8_t byte)
{
    return p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
}

bool p2i_corpus_is_name(struct p2i_view name)
{
    bool good = name.size > 0 && name.size < P2I_CORPUS_NAME_MAX && name.data[0] != '.';
    for (size_t i = 0; good && i < name.size; i++) {
        good = is_plain(name.data[i]);
    }
    return good;
}

void p2i_corpus_name(const char *path, char name[P2I_CORPUS_NAME_MAX])
{
    enum { ROOM = P2I_CORPUS_NAME_MAX - 16 }; /* for a number behind it */
    const char *from = p2i_last_part(path);
    size_t stem = p2i_capture_stem(from);
    size_t size = stem < ROOM ? stem : ROOM;
    for (size_t i = 0; i < size; i++) {
        bool plain = is_plain((uint8_t)from[i]) && !(i == 0 && from[i] == '.');
        name[i] = '_';
        if (plain) {
            name[i] = from[i];
        }
    }
    name[size] = '\0';
    if (size == 0) {
        (void)snprintf(name, P2I_CORPUS_NAME_MAX, "capture");
    }
}

static enum p2i_result fail_folder(struct p2i_error *error, const char *folder, int number,
                                   const char *text)
{
    (void)p2i_fail(error, P2I_OUTPUT, "%s", text);
    error->system_error = number;
    error->file = folder;
    return P2I_OUTPUT;
}

enum p2i_result p2i_corpus_make_folder(const char *folder, struct p2i_error *error)
{
    if (mkdir(folder, 0777) == 0) {
        return P2I_OK;
    }
    if (errno != EEXIST) {
        return fail_folder(error, folder, errno, "cannot make the folder");
    }
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return fail_folder(error, folder, errno, "cannot use the folder");
    }
    size_t count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count <= 2 ? P2I_OK : fail_folder(error, folder, 0, "the folder is not empty");
}

enum p2i_result p2i_corpus_read_file(const char *path, struct p2i_buffer *bytes,
                                     struct p2i_error *error)
{
    enum { PIECE = 64 * 1024 };
    FILE *file = fopen(path, "rbe");
    enum p2i_result result = P2I_OK;
    size_t got = PIECE;
    if (file == NULL) {
        int number = errno;
        (void)p2i_fail(error, P2I_INPUT, "cannot open: %s", strerror(number));
        error->system_error = number;
        return P2I_INPUT;
    }
    while (result == P2I_OK && got == PIECE) {
        if (!p2i_buffer_reserve(bytes, PIECE)) {
            result = p2i_fail_memory(error);
        } else {
            got = fread(bytes->data + bytes->size, 1, PIECE, file);
            bytes->size += got;
        }
    }
    if (result == P2I_OK && ferror(file) != 0) {
        result = p2i_fail(error, P2I_INPUT, "cannot read: %s", strerror(errno));
    }
    (void)fclose(file);
    return result;
}

enum p2i_result p2i_corpus_write_file(const char *path, struct p2i_view bytes,
                                      struct p2i_error *error)
{
    struct p2i_output_file *file = NULL;
    enum p2i_result result = p2i_output_file_open(&file, path, 0, error);
    if (result == P2I_OK) {
        result = p2i_output_file_write(file, bytes, error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, error);
    }
    p2i_output_file_free(file);
    return result;
}

char *p2i_corpus_relative(const char *folder, const char *path)
{
    char *from = realpath(folder, NULL);
    char *to = realpath(path, NULL);
    char *relative = NULL;
    size_t common = 0; /* bytes of the folders that are the same */
    size_t up = 1;
    if (from != NULL && to != NULL) {
        size_t at = 0;
        for (; from[at] != '\0' && from[at] == to[at]; at++) {
            common = from[at] == '/' ? at + 1 : common;
        }
        if (from[at] == '\0' && to[at] == '/') {
            common = at + 1;
            up = 0;
        }
        for (size_t i = common; up > 0 && from[i] != '\0'; i++) {
            up += from[i] == '/';
        }
        size_t size = 3 * up + strlen(to + common) + 1;
        relative = malloc(size);
        for (size_t i = 0; relative != NULL && i < up; i++) {
            memcpy(relative + 3 * i, "../", 3);
        }
        if (relative != NULL) {
            memcpy(relative + 3 * up, to + common, size - 3 * up);
        }
    }
    free(from);
    free(to);
    return relative;
}

/* The corpus may come from others: of its settings only those that shape records count, so that
 * nothing is read, written or sent because of them. */
static void drop_inputs_and_outputs(struct p2i_settings *settings)
{
    settings->capture_count = 0;
    settings->collector_count = 0;
    settings->dns_log.wanted = false;
    settings->rotate_bytes = 0;
    settings->rotate_s = 0;
    settings->each = false;
}

enum p2i_result p2i_corpus_convert(struct p2i_view settings, unsigned threads, const char *capture,
                                   const char *ipfix, const char *json, struct p2i_error *error)
{
    struct p2i_settings *made = p2i_settings_new();
    struct p2i_statistics *statistics = p2i_statistics_new();
    enum p2i_result result =
        made != NULL && statistics != NULL
            ? p2i_settings_parse(made, (const char *)settings.data, settings.size, error)
            : p2i_fail_memory(error);
    if (result == P2I_OK && made != NULL) {
        drop_inputs_and_outputs(made);
    }
    const char *const pairs[][2] = {
        {"capture", capture}, {"write", ipfix}, {"json", json}, {"sync", "false"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && result == P2I_OK; i++) {
        result = p2i_settings_set(made, pairs[i][0], pairs[i][1], error);
    }
    if (result == P2I_OK && threads > 0) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", threads);
        result = p2i_settings_set(made, "threads", number, error);
    }
    if (result == P2I_OK) {
        result = p2i_convert(made, statistics, error);
    }
    error->file = NULL; /* may be one of the settings */
    p2i_statistics_free(statistics);
    p2i_settings_free(made);
    return result;
}
