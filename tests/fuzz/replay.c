/* SPDX-License-Identifier: MIT */
/* Feeds files to a fuzz target, for compilers without libFuzzer: replay TARGET FILE|DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* LLVMFuzzerTestOneInput() of each target. */
typedef int target_function(const uint8_t *data, size_t size);
#define TARGET(name) target_function replay_##name;
TARGETS
#undef TARGET

static const struct target {
    const char *name;
    target_function *run;
} targets[] = {
#define TARGET(name) {#name, replay_##name},
    TARGETS
#undef TARGET
};

static target_function *run_target;

enum { SIZE_MAX_BYTES = 1 << 24 };

/* The bytes are in a heap block of exactly their size, so that a read past them is detected. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *buffer = malloc(SIZE_MAX_BYTES);
    size_t size = buffer != NULL ? fread(buffer, 1, SIZE_MAX_BYTES, file) : 0;
    (void)fclose(file);
    uint8_t *data = buffer != NULL ? realloc(buffer, size > 0 ? size : 1) : NULL;
    if (data == NULL) {
        perror(path);
        free(buffer);
        return 1;
    }
    (void)run_target(data, size);
    free(data);
    return 0;
}

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return 1;
    }
    int status = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[4096];
        int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof name) {
            status |= replay_file(name);
        }
    }
    (void)closedir(folder);
    return status;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(argv[1], targets[i].name) == 0) {
            run_target = targets[i].run;
        }
    }
    if (run_target == NULL) {
        (void)fprintf(stderr, "replay: no such target\n");
        return 2;
    }
    int status = 0;
    for (int i = 2; i < argc; i++) {
        struct stat state;
        if (stat(argv[i], &state) == 0 && S_ISDIR(state.st_mode)) {
            status |= replay_folder(argv[i]);
        } else {
            status |= replay_file(argv[i]);
        }
    }
    return status;
}
