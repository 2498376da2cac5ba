/* SPDX-License-Identifier: MIT */
/* Settings of one run, which a configuration file does not have. */
#include <string.h>

#include "base/ascii.h"
#include "base/time_text.h"
#include "config/key.h"
#include "pcap2ipfix/option.h"

enum { ROTATE_LEAST = 64 << 10, SHARDS_MOST = 64, DAY_S = 86400 };

static void print_nothing(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                          const struct p2i_settings *settings)
{
    (void)printer;
    (void)key;
    (void)settings;
}

static enum p2i_result read_capture(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value)
{
    (void)key;
    return p2i_settings_add_capture(reading->settings, value->text, false)
               ? P2I_OK
               : p2i_fail_memory(reading->error);
}

const struct p2i_config_key_kind p2i_config_key_capture = {read_capture, print_nothing};

/* The beginning of the time that is written: of a date its first moment. */
static enum p2i_result read_time(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    struct p2i_time_span_ns span;
    if (!p2i_time_span_parse(p2i_view_of(value->text, strlen(value->text)), &span)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is no time like 2026-01-31T12:00:00Z, 2026-01-31 or "
                                   "@1769860800.5",
                                   value->text);
    }
    uint64_t time_ns = (uint64_t)span.begin_ns;
    if (time_ns < key->least) {
        return p2i_config_key_fail(reading, key, value, "no packet is before '%.80s'", value->text);
    }
    *(uint64_t *)(void *)((char *)reading->settings + key->offset) = time_ns;
    return P2I_OK;
}

const struct p2i_config_key_kind p2i_config_key_time = {read_time, print_nothing};

/* Seconds with an optional sign and up to 9 digits behind a dot. */
static bool parse_offset(const char *text, int64_t *ns)
{
    enum { DIGITS = 9 };
    static const uint64_t seconds_most = 4000000000;
    bool negative = text[0] == '-';
    text += negative || text[0] == '+';
    size_t whole = strcspn(text, ".");
    const char *fraction = text[whole] == '.' ? text + whole + 1 : "0";
    size_t digits = strlen(fraction);
    uint64_t seconds;
    uint64_t part;
    if (digits > DIGITS || !p2i_parse_decimal(p2i_view_of(text, whole), seconds_most, &seconds) ||
        !p2i_parse_decimal(p2i_view_of(fraction, digits), UINT64_MAX, &part)) {
        return false;
    }
    for (; digits < DIGITS; digits++) {
        part *= 10;
    }
    int64_t size = (int64_t)(seconds * 1000000000 + part);
    *ns = negative ? -size : size;
    return true;
}

/* "[CAPTURE:]SECONDS". */
static enum p2i_result read_time_offset(struct p2i_reading *reading,
                                        const struct p2i_config_key *key,
                                        const struct p2i_yaml *value)
{
    struct p2i_settings *settings = reading->settings;
    const char *colon = strrchr(value->text, ':');
    struct p2i_time_offset offset = {0};
    if (colon == value->text ||
        !parse_offset(colon != NULL ? colon + 1 : value->text, &offset.ns)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not [CAPTURE:]SECONDS, like -3600 or a.pcap:+0.25",
                                   value->text);
    }
    size_t count = settings->time_offset_count;
    struct p2i_time_offset *all = p2i_arena_take(&settings->arena, (count + 1) * sizeof *all);
    if (all != NULL && colon != NULL) {
        offset.capture =
            p2i_arena_text(&settings->arena, value->text, (size_t)(colon - value->text));
    }
    if (all == NULL || (colon != NULL && offset.capture == NULL)) {
        return p2i_fail_memory(reading->error);
    }
    if (count > 0) {
        memcpy(all, settings->time_offsets, count * sizeof *all);
    }
    all[count] = offset;
    settings->time_offsets = all;
    settings->time_offset_count = count + 1;
    return P2I_OK;
}

const struct p2i_config_key_kind p2i_config_key_time_offset = {read_time_offset, print_nothing};

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

/* A size ("100M", at least 64K) or a time ("300s", "5m", "1h", "1d"); each stays until another one
 * of its own kind is set. */
static enum p2i_result read_rotation(struct p2i_reading *reading, const struct p2i_config_key *key,
                                     const struct p2i_yaml *value)
{
    uint64_t size;
    if (parse_time(value->text, &reading->settings->rotate_s)) {
        return P2I_OK;
    }
    if (p2i_parse_size(value->text, &size) && size >= ROTATE_LEAST) {
        reading->settings->rotate_bytes = size;
        return P2I_OK;
    }
    return p2i_config_key_fail(reading, key, value,
                               "'%.80s' is neither a size of at least 64K nor a time like 300s, "
                               "5m, 1h or 1d",
                               value->text);
}

const struct p2i_config_key_kind p2i_config_key_rotation = {read_rotation, print_nothing};

/* A list of window, session, checksum, captures, all, none. */
static enum p2i_result read_file_options(struct p2i_reading *reading,
                                         const struct p2i_config_key *key,
                                         const struct p2i_yaml *value)
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
    const char *at = value->text;
    reading->settings->file_options = 0;
    for (; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t size = strcspn(at, ",");
        bool known = false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (strlen(names[i].name) == size && memcmp(names[i].name, at, size) == 0) {
                reading->settings->file_options |= names[i].bits;
                known = true;
            }
        }
        if (!known) {
            return p2i_config_key_fail(reading, key, value,
                                       "'%.*s' is none of window, session, checksum, captures, "
                                       "all, none",
                                       size < 80 ? (int)size : 80, at);
        }
    }
    return P2I_OK;
}

const struct p2i_config_key_kind p2i_config_key_file_options = {read_file_options, print_nothing};

static enum p2i_result read_shard(struct p2i_reading *reading, const struct p2i_config_key *key,
                                  const struct p2i_yaml *value)
{
    const char *text = value->text;
    const char *slash = strchr(text, '/');
    uint64_t shard = 0;
    uint64_t count = 0;
    if (slash == NULL ||
        !p2i_parse_decimal(p2i_view_of(text, (size_t)(slash - text)), SHARDS_MOST, &shard) ||
        !p2i_parse_decimal(p2i_view_of(slash + 1, strlen(slash + 1)), SHARDS_MOST, &count) ||
        shard < 1 || shard > count) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not I/N, shard I from 1 to N of at most 64", text);
    }
    reading->settings->shard = (unsigned)shard;
    reading->settings->shard_count = (unsigned)count;
    return P2I_OK;
}

const struct p2i_config_key_kind p2i_config_key_shard = {read_shard, print_nothing};
