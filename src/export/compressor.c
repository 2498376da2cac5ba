/* SPDX-License-Identifier: MIT */
#include "export/compressor.h"

#ifdef HAVE_ZSTD
#define ZSTD_NEW p2i_zstd_compressor_new
#define ENDINGS ".gz or .zst"
#else
#define ZSTD_NEW NULL
#define ENDINGS ".gz"
#endif

/* Endings that stand for compression, supported or not: a plain file must not get such a name. */
static const struct method {
    const char *ending, *name;
    struct p2i_compressor *(*make)(void); /* NULL: not supported */
} methods[] = {
    {".gz", "gzip", p2i_gzip_compressor_new},
    {".zst", "zstd", ZSTD_NEW},
    {".xz", "xz", NULL},
    {".bz2", "bzip2", NULL},
    {".lz4", "lz4", NULL},
    {".lzma", "lzma", NULL},
    {".lzo", "lzop", NULL},
    {".lz", "lzip", NULL},
    {".br", "brotli", NULL},
    {".Z", "compress", NULL},
    {".zip", "zip", NULL},
    {".7z", "7-Zip", NULL},
};

static const struct method *method_of(const char *path)
{
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        size_t ending = strlen(methods[i].ending);
        if (size > ending && memcmp(path + size - ending, methods[i].ending, ending) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

enum p2i_result p2i_compressor_check(const char *path, struct p2i_error *error)
{
    const struct method *method = method_of(path);
    if (method == NULL || method->make != NULL) {
        return P2I_OK;
    }
    (void)p2i_fail(error, P2I_USAGE,
                   "outputs are not compressed with %s; a name ending in " ENDINGS
                   " is compressed, any other is plain",
                   method->name);
    error->file = path;
    return P2I_USAGE;
}

enum p2i_result p2i_compressor_new(struct p2i_compressor **compressor, const char *path,
                                   struct p2i_error *error)
{
    *compressor = NULL;
    const struct method *method = method_of(path);
    enum p2i_result result = p2i_compressor_check(path, error);
    if (method == NULL || result != P2I_OK) {
        return result;
    }
    *compressor = method->make();
    return *compressor != NULL ? P2I_OK : p2i_fail_memory(error);
}
