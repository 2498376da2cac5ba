/* SPDX-License-Identifier: MIT */
#include "config/values.h"

#include <string.h>

#include "base/ascii.h"

enum { ROTATE_LEAST = 64 << 10, SHARDS_MOST = 64, DAY_S = 86400 };

bool p2i_parse_size(const char *text, uint64_t *size)
{
    uint64_t value;
    unsigned shift = 0;
    const char *end = text + p2i_take_decimal(p2i_view_of(text, strlen(text)), UINT64_MAX, &value);
    if (end == text) {
        return false;
    }
    switch (*end) {
    case '\0':
        break;
    case 'k':
    case 'K':
        shift = 10;
        break;
    case 'm':
    case 'M':
        shift = 20;
        break;
    case 'g':
    case 'G':
        shift = 30;
        break;
    default:
        return false;
    }
    if ((shift > 0 && end[1] != '\0') || value > (UINT64_C(1) << 62) >> shift) {
        return false;
    }
    *size = value << shift;
    return true;
}

static bool parse_time(const char *text, uint32_t *seconds)
{
    size_t size = strlen(text);
    uint64_t unit = 0;
    uint64_t number;
    switch (size > 0 ? text[size - 1] : '\0') {
    case 's':
        unit = 1;
        break;
    case 'm': /* of sizes it is M */
        unit = 60;
        break;
    case 'h':
        unit = 3600;
        break;
    case 'd':
        unit = DAY_S;
        break;
    default:
        return false;
    }
    if (!p2i_parse_decimal(p2i_view_of(text, size - 1), 1000 * UINT64_C(365) * DAY_S, &number) ||
        number == 0 || number * unit > UINT32_MAX) {
        return false;
    }
    *seconds = (uint32_t)(number * unit);
    return true;
}

enum p2i_result p2i_parse_rotation(struct p2i_settings *settings, const char *text,
                                   struct p2i_error *error)
{
    uint64_t size;
    if (parse_time(text, &settings->rotate_s)) {
        return P2I_OK;
    }
    if (p2i_parse_size(text, &size) && size >= ROTATE_LEAST) {
        settings->rotate_bytes = size;
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE,
                    "--rotate: '%.80s' is neither a size of at least 64K nor a time like 300s, 5m, "
                    "1h or 1d",
                    text);
}

enum p2i_result p2i_parse_file_options(struct p2i_settings *settings, const char *list,
                                       struct p2i_error *error)
{
    static const struct {
        const char *name;
        uint32_t bits;
    } names[] = {
        {"window", P2I_FILE_WINDOW},
        {"session", P2I_FILE_SESSION},
        {"checksum", P2I_FILE_CHECKSUM},
        {"captures", P2I_FILE_CAPTURES},
        {"all", P2I_FILE_WINDOW | P2I_FILE_SESSION | P2I_FILE_CHECKSUM | P2I_FILE_CAPTURES},
        {"none", 0},
    };
    settings->file_options = 0;
    for (const char *at = list; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t size = strcspn(at, ",");
        bool known = false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (strlen(names[i].name) == size && memcmp(names[i].name, at, size) == 0) {
                settings->file_options |= names[i].bits;
                known = true;
            }
        }
        if (!known) {
            return p2i_fail(error, P2I_USAGE,
                            "--file-options: '%.*s' is none of window, session, checksum, "
                            "captures, all, none",
                            size < 80 ? (int)size : 80, at);
        }
    }
    return P2I_OK;
}

enum p2i_result p2i_parse_shard(struct p2i_settings *settings, const char *text,
                                struct p2i_error *error)
{
    const char *slash = strchr(text, '/');
    uint64_t shard = 0;
    uint64_t count = 0;
    if (slash == NULL ||
        !p2i_parse_decimal(p2i_view_of(text, (size_t)(slash - text)), SHARDS_MOST, &shard) ||
        !p2i_parse_decimal(p2i_view_of(slash + 1, strlen(slash + 1)), SHARDS_MOST, &count) ||
        shard < 1 || shard > count) {
        return p2i_fail(error, P2I_USAGE,
                        "--shard: '%.80s' is not I/N, shard I from 1 to N of at most 64", text);
    }
    settings->shard = (unsigned)shard;
    settings->shard_count = (unsigned)count;
    return P2I_OK;
}

static bool is_standard(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

enum p2i_result p2i_check_rotation(const struct p2i_settings *settings, struct p2i_error *error)
{
    bool rotates = settings->rotate_bytes != 0 || settings->rotate_s != 0;
    if (rotates && (is_standard(settings->ipfix_path) || is_standard(settings->json_path))) {
        return p2i_fail(error, P2I_USAGE, "--rotate: standard output cannot be rotated");
    }
    if (rotates && settings->ipfix_path == NULL && settings->json_path == NULL) {
        return p2i_fail(error, P2I_USAGE, "--rotate: no output file given; add -w FILE or -j FILE");
    }
    return P2I_OK;
}
