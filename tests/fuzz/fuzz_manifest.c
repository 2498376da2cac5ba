/* SPDX-License-Identifier: MIT */
/* Any bytes as the manifest of a corpus: the names that it gives stay within its
 * folder. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "corpus/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_name(const char *name)
{
    require(p2i_corpus_is_name(p2i_view_of(name, strlen(name))) && strchr(name, '/') == NULL);
}

static void read_manifest(const char *path)
{
    struct p2i_corpus_manifest manifest = {0};
    struct p2i_error error = {0};
    enum p2i_result result = p2i_corpus_manifest_read(&manifest, path, &error);
    require(result == P2I_OK || (result == P2I_USAGE && error.text[0] != '\0'));
    for (size_t i = 0; result == P2I_OK && i < manifest.file_count; i++) {
        check_name(manifest.files[i].name);
    }
    for (size_t i = 0; result == P2I_OK && i < manifest.input_count; i++) {
        check_name(manifest.inputs[i].name);
    }
    p2i_corpus_manifest_free(&manifest);
}

/* Symbolic links are not followed, so that the file has a name of its own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/dev/shm/p2i-manifest.XXXXXX";
    int file = mkstemp(path);
    require(file >= 0 && write(file, data, size) == (ssize_t)size && close(file) == 0);
    read_manifest(path);
    (void)unlink(path);
    return 0;
}
