/* SPDX-License-Identifier: MIT */
/* Feeds files to a fuzz target, for compilers without libFuzzer: replay FILE|DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    (void)LLVMFuzzerTestOneInput(data, size);
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
    int status = 0;
    for (int i = 1; i < argc; i++) {
        struct stat state;
        if (stat(argv[i], &state) == 0 && S_ISDIR(state.st_mode)) {
            status |= replay_folder(argv[i]);
        } else {
            status |= replay_file(argv[i]);
        }
    }
    return status;
}
