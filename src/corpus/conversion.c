/* SPDX-License-Identifier: MIT */
#include "corpus/conversion.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/convert.h"
#include "settings/settings.h"

/* The files that settings may name, and their names in a corpus. */
static const struct input {
    size_t member; /* of struct p2i_settings */
    const char *key, *name;
    bool names_people; /* subscribers, or what they visit */
} inputs[] = {
    {offsetof(struct p2i_settings, as_database), "as_database", "settings-as-database", false},
    {offsetof(struct p2i_settings, protocol_numbers), "protocol_numbers",
     "settings-protocol-numbers", false},
    {offsetof(struct p2i_settings, subscriber_file), "subscribers.file", "settings-subscribers",
     true},
    {offsetof(struct p2i_settings, locked_hosts), "locked.hosts", "settings-locked-hosts", true},
    {offsetof(struct p2i_settings, locked_urls), "locked.urls", "settings-locked-urls", true},
};
enum { INPUT_COUNT = sizeof inputs / sizeof *inputs };

static const char **input_of(struct p2i_settings *settings, size_t index)
{
    return (const char **)((char *)settings + inputs[index].member);
}

/* The defaults, with the settings of `from` that shape records; borrows its texts. */
static void take_shaping(const struct p2i_settings *from, struct p2i_settings *to)
{
    p2i_settings_default(to);
    to->records = from->records;
    to->records_named = from->records_named;
    to->extended = from->extended;
    to->memory_bytes = from->memory_bytes;
    to->string_limit = from->string_limit;
    to->out_of_order_bytes = from->out_of_order_bytes;
    to->element_types = from->element_types;
    to->ipv6_distinct = from->ipv6_distinct;
    to->varlen_long = from->varlen_long;
    memcpy(to->domains, from->domains, sizeof to->domains);
    to->dns_export = from->dns_export;
    to->dns_empty_responses = from->dns_empty_responses;
    to->flow_idle_s = from->flow_idle_s;
    to->flow_active_s = from->flow_active_s;
    memcpy(to->raw_protocols, from->raw_protocols, sizeof to->raw_protocols);
    to->raw_bytes = from->raw_bytes;
    to->raw_packets = from->raw_packets;
    to->subscriber_radius = from->subscriber_radius;
    to->subscriber_pppoe = from->subscriber_pppoe;
    to->subscriber_networks = from->subscriber_networks;
    to->subscriber_nas = from->subscriber_nas;
    to->channels = from->channels;
    to->channel_count = from->channel_count;
    to->keep_passwords = from->keep_passwords;
    to->as_database = from->as_database;
    to->protocol_numbers = from->protocol_numbers;
    to->subscriber_file = from->subscriber_file;
    to->locked_hosts = from->locked_hosts;
    to->locked_urls = from->locked_urls;
}

/* ---- What is refused ---- */

static enum p2i_result refuse(const char *key, const char *why, struct p2i_error *error)
{
    return p2i_fail(error, P2I_USAGE, "a corpus cannot have the setting %s: %s", key, why);
}

/* A filter may ask the network for addresses of names; a key must not be passed on. */
static enum p2i_result check(const struct p2i_settings *settings, struct p2i_error *error)
{
    if (settings->filter != NULL) {
        return refuse("filter", "filter its captures before", error);
    }
    return settings->anonymise_key != NULL
               ? refuse("anonymise", "its captures can be anonymised instead", error)
               : P2I_OK;
}

enum p2i_result p2i_corpus_conversion_check(const struct p2i_settings *given, bool anonymised,
                                            struct p2i_error *error)
{
    static const char why[] = "it may name what is to be replaced";
    struct p2i_settings shaping;
    struct p2i_settings *settings = &shaping;
    if (given == NULL) {
        return P2I_OK;
    }
    take_shaping(given, settings);
    enum p2i_result result = check(given, error);
    if (result != P2I_OK || !anonymised) {
        return result;
    }
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        if (inputs[i].names_people && *input_of(settings, i) != NULL) {
            return refuse(inputs[i].key, why, error);
        }
    }
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (settings->channels[i].by == P2I_CHANNEL_BY_FILE) {
            return refuse("channels.file", why, error);
        }
    }
    if (settings->subscriber_nas.count > 0) {
        return refuse("subscribers.nas", why, error);
    }
    return settings->subscriber_networks.count > 0 ? refuse("subscribers.networks", why, error)
                                                   : P2I_OK;
}

/* ---- A new corpus ---- */

static enum p2i_result print_settings(const struct p2i_settings *settings, struct p2i_buffer *text,
                                      struct p2i_error *error)
{
    FILE *stream = p2i_buffer_stream(text);
    if (stream == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_settings_print(settings, stream, error);
    bool whole = ferror(stream) == 0;
    whole = fclose(stream) == 0 && whole;
    return whole || result == P2I_INTERNAL ? result : p2i_fail_memory(error);
}

static enum p2i_result write_file(const char *folder, const char *name,
                                  const struct p2i_buffer *bytes,
                                  const struct p2i_output_mode *mode, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    if (!p2i_corpus_path(path, folder, name, "")) {
        return p2i_fail(error, P2I_OUTPUT, "the path is too long");
    }
    enum p2i_result result =
        p2i_corpus_write_file(path, p2i_view_of(bytes->data, bytes->size), mode, error);
    error->file = NULL; /* does not live as long as the error */
    return result;
}

/* The caller may name a link, but the file must end. */
static enum p2i_result copy_input(const char *path, const char *key, const char *folder,
                                  const char *name, struct p2i_error *error)
{
    struct p2i_buffer bytes = {0};
    struct p2i_error why;
    struct p2i_output_mode mode = {0};
    char *resolved = realpath(path, NULL);
    enum p2i_result result = p2i_corpus_read_file(resolved != NULL ? resolved : path, &bytes, &why);
    if (result == P2I_OK) {
        p2i_output_mode_limit(&mode, path);
        result = write_file(folder, name, &bytes, &mode, error);
    } else {
        (void)p2i_fail(error, result, "the setting %s: '%.300s': %s", key, path, why.text);
    }
    free(resolved);
    p2i_buffer_free(&bytes);
    return result;
}

static enum p2i_result make(struct p2i_corpus_conversion *conversion,
                            const struct p2i_settings *given, struct p2i_error *error)
{
    struct p2i_settings shaping;
    enum p2i_result result = P2I_OK;
    take_shaping(given, &shaping);
    for (size_t i = 0; i < INPUT_COUNT && result == P2I_OK; i++) {
        const char **path = input_of(&shaping, i);
        if (*path != NULL) {
            result = copy_input(*path, inputs[i].key, conversion->folder, inputs[i].name, error);
            *path = inputs[i].name;
            conversion->needed |= 1U << i;
        }
    }
    if (result == P2I_OK) {
        result = print_settings(&shaping, &conversion->text, error);
    }
    return result == P2I_OK
               ? write_file(conversion->folder, P2I_CORPUS_SETTINGS, &conversion->text, NULL, error)
               : result;
}

enum p2i_result p2i_corpus_conversion_make(struct p2i_corpus_conversion *conversion,
                                           const char *folder, const struct p2i_settings *given,
                                           struct p2i_error *error)
{
    *conversion = (struct p2i_corpus_conversion){.folder = folder};
    if (given != NULL) {
        return make(conversion, given, error);
    }
    struct p2i_settings *defaults = p2i_settings_new();
    if (defaults == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_settings_set(defaults, "records", "all", error);
    if (result == P2I_OK) {
        result = make(conversion, defaults, error);
    }
    p2i_settings_free(defaults);
    return result;
}

/* ---- A corpus that is there ---- */

/* Puts the paths of the files in place of their names. */
static enum p2i_result place_inputs(const struct p2i_corpus_conversion *conversion,
                                    struct p2i_settings *settings, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        const char **input = input_of(settings, i);
        if (*input == NULL) {
            continue;
        }
        if (strcmp(*input, inputs[i].name) != 0) {
            return p2i_fail(error, P2I_USAGE,
                            "%s: the setting %s names a file outside of the corpus",
                            P2I_CORPUS_SETTINGS, inputs[i].key);
        }
        if (!p2i_corpus_path(path, conversion->folder, inputs[i].name, "") ||
            p2i_corpus_look(path) != P2I_CORPUS_REGULAR) {
            return p2i_fail(error, P2I_INPUT, "%s: missing, or not a regular file", inputs[i].name);
        }
        *input = p2i_arena_text(&settings->arena, path, strlen(path));
        if (*input == NULL) {
            return p2i_fail_memory(error);
        }
    }
    return P2I_OK;
}

static enum p2i_result parse(const struct p2i_corpus_conversion *conversion,
                             struct p2i_settings *settings, struct p2i_error *error)
{
    const struct p2i_buffer *text = &conversion->text;
    struct p2i_error why;
    enum p2i_result result =
        p2i_settings_parse(settings, (const char *)text->data, text->size, &why);
    if (result == P2I_USAGE) {
        (void)p2i_fail(error, result, "%s: %s", P2I_CORPUS_SETTINGS, why.text);
        error->line = why.line;
        return result;
    }
    return result == P2I_OK ? check(settings, error) : p2i_fail_memory(error);
}

enum p2i_result p2i_corpus_conversion_settings(const struct p2i_corpus_conversion *conversion,
                                               struct p2i_settings **settings,
                                               struct p2i_error *error)
{
    struct p2i_settings *made = p2i_settings_new();
    *settings = made;
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = parse(conversion, made, error);
    if (result == P2I_OK) {
        struct p2i_settings shaping;
        take_shaping(made, &shaping);
        shaping.arena = made->arena;
        *made = shaping;
        result = place_inputs(conversion, made, error);
    }
    return result;
}

enum p2i_result p2i_corpus_conversion_read(struct p2i_corpus_conversion *conversion,
                                           const char *folder, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    struct p2i_error why;
    *conversion = (struct p2i_corpus_conversion){.folder = folder};
    if (!p2i_corpus_path(path, folder, P2I_CORPUS_SETTINGS, "")) {
        return p2i_fail(error, P2I_INPUT, "the path is too long");
    }
    enum p2i_result result = p2i_corpus_read_file(path, &conversion->text, &why);
    if (result != P2I_OK) {
        return p2i_fail(error, result, "%s: %s", P2I_CORPUS_SETTINGS, why.text);
    }
    struct p2i_settings *settings = NULL;
    result = p2i_corpus_conversion_settings(conversion, &settings, error);
    for (size_t i = 0; i < INPUT_COUNT && result == P2I_OK; i++) {
        conversion->needed |= *input_of(settings, i) != NULL ? 1U << i : 0;
    }
    p2i_settings_free(settings);
    return result;
}

void p2i_corpus_conversion_free(struct p2i_corpus_conversion *conversion)
{
    p2i_buffer_free(&conversion->text);
}

const char *p2i_corpus_conversion_file(const struct p2i_corpus_conversion *conversion, size_t index)
{
    if (index == 0) {
        return P2I_CORPUS_SETTINGS;
    }
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        if ((conversion->needed >> i & 1) != 0 && --index == 0) {
            return inputs[i].name;
        }
    }
    return NULL;
}

enum p2i_result p2i_corpus_convert(const struct p2i_corpus_conversion *conversion, unsigned threads,
                                   const char *capture, const char *ipfix, const char *json,
                                   bool sync, struct p2i_error *error)
{
    struct p2i_settings *settings = NULL;
    struct p2i_statistics *statistics = p2i_statistics_new();
    enum p2i_result result = p2i_corpus_conversion_settings(conversion, &settings, error);
    const char *const pairs[][2] = {
        {"capture", capture}, {"write", ipfix}, {"json", json}, {"sync", sync ? "true" : "false"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && result == P2I_OK; i++) {
        result = p2i_settings_set(settings, pairs[i][0], pairs[i][1], error);
    }
    if (result == P2I_OK && threads > 0) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", threads);
        result = p2i_settings_set(settings, "threads", number, error);
    }
    if (result == P2I_OK) {
        result =
            statistics != NULL ? p2i_convert(settings, statistics, error) : p2i_fail_memory(error);
        error->file = NULL; /* may be one of the settings */
    }
    p2i_statistics_free(statistics);
    p2i_settings_free(settings);
    return result;
}
