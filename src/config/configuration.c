/* SPDX-License-Identifier: MIT */
#include "config/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"
#include "pcap2ipfix/option.h"

#define AT(member) offsetof(struct p2i_settings, member), sizeof(((struct p2i_settings *)0)->member)
#define NOWHERE 0, 0
#define BIT(kind) (UINT64_C(1) << (kind))
#define KIB(number) (UINT64_C(number) << 10)
#define MIB(number) (UINT64_C(number) << 20)
#define SIZE_TOP P2I_CONFIG_SIZE_TOP

const struct p2i_config_key p2i_config_keys[] = {
#define KEY(section, name, kind, place, least, most, detail, initial)                              \
    {section, name, &p2i_config_key_##kind, place, least, most, detail, initial},
#include "config/keys.def"
#undef KEY
    {0},
};

const struct p2i_config_key p2i_config_run_keys[] = {
    {"", "capture", &p2i_config_key_capture, NOWHERE, 0, 0, NULL, ""},
    {"", "write", &p2i_config_key_text, AT(ipfix_path), 1, 0, NULL, ""},
    {"", "json", &p2i_config_key_text, AT(json_path), 1, 0, NULL, ""},
    {"", "from", &p2i_config_key_time, AT(from_ns), 0, 0, NULL, ""},
    {"", "to", &p2i_config_key_time, AT(to_ns), 1, 0, NULL, ""},
    {"", "time-offset", &p2i_config_key_time_offset, NOWHERE, 0, 0, NULL, ""},
    {"", "each", &p2i_config_key_flag, AT(each), 0, 0, NULL, ""},
    {"", "rotate", &p2i_config_key_rotation, NOWHERE, 0, 0, NULL, ""},
    {"", "file-options", &p2i_config_key_file_options, NOWHERE, 0, 0, NULL, ""},
    {"", "shard", &p2i_config_key_shard, NOWHERE, 0, 0, NULL, ""},
    {0},
};

/* After an error the settings are what they were before; what they allocated meanwhile stays
 * theirs.
 */
static enum p2i_result keep_if(enum p2i_result result, struct p2i_settings *settings,
                               const struct p2i_settings *before)
{
    if (result != P2I_OK) {
        struct p2i_arena arena = settings->arena;
        *settings = *before;
        settings->arena = arena;
    }
    return result;
}

enum p2i_result p2i_config_map_read(struct p2i_settings *settings, const struct p2i_yaml *map,
                                    struct p2i_error *error)
{
    struct p2i_settings before = *settings;
    struct p2i_reading reading = {.settings = settings, .error = error};
    return keep_if(p2i_config_keys_read(&reading, "", map), settings, &before);
}

enum p2i_result p2i_settings_parse(struct p2i_settings *settings, const char *bytes, size_t size,
                                   struct p2i_error *error)
{
    struct p2i_yaml *root = NULL;
    enum p2i_result result = p2i_yaml_read(&root, &settings->arena, bytes, size, error);
    if (result != P2I_OK) {
        return result;
    }
    if (root->type != P2I_YAML_MAP) {
        (void)p2i_fail(error, P2I_USAGE, "a configuration is a map: KEY: VALUE");
        error->line = root->line;
        return P2I_USAGE;
    }
    return p2i_config_map_read(settings, root, error);
}

/* The bytes of a file, one more than the limit at most; the caller frees them. NULL: see errno. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *bytes = file != NULL ? malloc(P2I_YAML_BYTES_MAX + 1) : NULL;
    *size = bytes != NULL ? fread(bytes, 1, P2I_YAML_BYTES_MAX + 1, file) : 0;
    bool failed = file == NULL || bytes == NULL || ferror(file);
    int system_error = errno;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (failed) {
        free(bytes);
        bytes = NULL;
    }
    errno = system_error;
    return bytes;
}

enum p2i_result p2i_config_file_read(char **bytes, size_t *size, const char *path,
                                     struct p2i_error *error)
{
    *bytes = read_file(path, size);
    if (*bytes != NULL) {
        return P2I_OK;
    }
    int system_error = errno;
    (void)p2i_fail(error, P2I_USAGE, "cannot read the configuration: %s", strerror(system_error));
    error->system_error = system_error;
    return P2I_USAGE;
}

enum p2i_result p2i_settings_read(struct p2i_settings *settings, const char *path,
                                  struct p2i_error *error)
{
    char *bytes;
    size_t size;
    enum p2i_result result = p2i_config_file_read(&bytes, &size, path, error);
    if (result == P2I_OK) {
        result = p2i_settings_parse(settings, bytes, size, error);
    }
    free(bytes);
    if (result != P2I_OK) {
        error->file = path;
    }
    return result;
}

enum p2i_result p2i_settings_print(const struct p2i_settings *settings, FILE *file,
                                   struct p2i_error *error)
{
    struct p2i_yaml_printer *printer = p2i_yaml_printer_new(file);
    if (printer == NULL) {
        return p2i_fail_memory(error);
    }
    p2i_config_keys_print(printer, "", settings);
    return p2i_yaml_printer_end(printer, error);
}

/* Reads a value as the key demands: maps are YAML, anything else is the text itself. */
static enum p2i_result read_value(struct p2i_reading *reading, const struct p2i_config_key *key,
                                  const char *text)
{
    struct p2i_settings *settings = reading->settings;
    struct p2i_settings before = *settings;
    struct p2i_yaml scalar = {.type = P2I_YAML_SCALAR, .quoted = true};
    struct p2i_yaml *value = &scalar;
    enum p2i_result result = P2I_OK;
    if (key->kind == &p2i_config_key_section || key->kind == &p2i_config_key_channels) {
        result = p2i_yaml_read(&value, &settings->arena, text, strlen(text), reading->error);
    } else {
        scalar.text = p2i_arena_text(&settings->arena, text, strlen(text));
        result = scalar.text != NULL ? P2I_OK : p2i_fail_memory(reading->error);
    }
    if (result == P2I_OK) {
        result = key->kind->read(reading, key, value);
    }
    return keep_if(result, settings, &before);
}

enum p2i_result p2i_settings_set(struct p2i_settings *settings, const char *key, const char *value,
                                 struct p2i_error *error)
{
    struct p2i_reading reading = {.settings = settings, .error = error};
    const struct p2i_config_key *found = p2i_config_key_find(key);
    return found != NULL ? read_value(&reading, found, value)
                         : p2i_config_key_unknown(&reading, key);
}

enum p2i_result p2i_settings_set_option(struct p2i_settings *settings,
                                        const struct p2i_option *option, const char *value,
                                        struct p2i_error *error)
{
    struct p2i_reading reading = {.settings = settings, .error = error, .option = option->name};
    const char *path = option->key[0] != '\0' ? option->key : option->name;
    const struct p2i_config_key *key = p2i_config_key_find(path);
    if (key == NULL) {
        return p2i_config_key_unknown(&reading, path);
    }
    bool number = option->argument == P2I_ARGUMENT_SIZE || option->argument == P2I_ARGUMENT_NUMBER;
    while (number && value[0] == '0' && value[1] >= '0' && value[1] <= '9') {
        value++; /* octal in YAML, not on a command line */
    }
    if (option->argument != P2I_ARGUMENT_NONE && value[0] == '\0') {
        /* In a file it switches a setting off. Here it is a shell's variable that is not set: to
         * go on without --anonymise, say, would give away what is to be hidden. */
        return p2i_fail(error, P2I_USAGE, "--%s: must not be empty", option->name);
    }
    return read_value(&reading, key, option->argument == P2I_ARGUMENT_NONE ? option->words : value);
}

const char *p2i_option_words(const struct p2i_option *option)
{
    const struct p2i_config_key *key =
        option->words[0] == '\0' ? p2i_config_key_find(option->key) : NULL;
    return key != NULL && key->kind == &p2i_config_key_choice ? key->detail : option->words;
}
