/* SPDX-License-Identifier: MIT */
#include "config/configuration.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"

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

enum p2i_result p2i_configuration_parse(struct p2i_settings *settings, struct p2i_arena *arena,
                                        const char *bytes, size_t size, struct p2i_error *error)
{
    struct p2i_yaml *root = NULL;
    enum p2i_result result = p2i_yaml_read(&root, arena, bytes, size, error);
    if (result != P2I_OK) {
        return result;
    }
    if (root->type != P2I_YAML_MAP) {
        (void)p2i_fail(error, P2I_USAGE, "a configuration is a map: KEY: VALUE");
        error->line = root->line;
        return P2I_USAGE;
    }
    struct p2i_reading reading = {.settings = settings, .arena = arena, .error = error};
    return p2i_config_keys_read(&reading, "", root);
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

enum p2i_result p2i_configuration_read(struct p2i_settings *settings, struct p2i_arena *arena,
                                       const char *path, struct p2i_error *error)
{
    size_t size;
    char *bytes = read_file(path, &size);
    enum p2i_result result = P2I_USAGE;
    if (bytes != NULL) {
        result = p2i_configuration_parse(settings, arena, bytes, size, error);
        free(bytes);
    } else {
        int system_error = errno;
        (void)p2i_fail(error, P2I_USAGE, "cannot read the configuration: %s",
                       strerror(system_error));
        error->system_error = system_error;
    }
    if (result != P2I_OK) {
        error->file = path;
    }
    return result;
}

enum p2i_result p2i_configuration_print(FILE *file, const struct p2i_settings *settings,
                                        struct p2i_error *error)
{
    struct p2i_yaml_printer *printer = p2i_yaml_printer_new(file);
    if (printer == NULL) {
        return p2i_fail_memory(error);
    }
    p2i_config_keys_print(printer, "", settings);
    return p2i_yaml_printer_end(printer, error);
}

enum p2i_result p2i_configuration_option(struct p2i_reading *reading,
                                         const struct p2i_option *option, const char *text)
{
    const struct p2i_config_key *key = p2i_config_key_find(option->key);
    assert(key != NULL); /* a row without a key is the caller's to read */
    struct p2i_yaml value = {.type = P2I_YAML_SCALAR, .quoted = true};
    bool number = option->argument == P2I_ARGUMENT_SIZE || option->argument == P2I_ARGUMENT_NUMBER;
    while (number && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
        text++; /* octal in YAML, not on a command line */
    }
    if (option->argument != P2I_ARGUMENT_NONE && text[0] == '\0') {
        /* In a file it switches a setting off. Here it is a shell's variable that is not set: to
         * go on without --anonymise, say, would give away what is to be hidden. */
        return p2i_fail(reading->error, P2I_USAGE, "--%s: must not be empty", option->name);
    }
    value.text = option->argument == P2I_ARGUMENT_NONE ? option->words : text;
    reading->option = option->name;
    enum p2i_result result = key->kind->read(reading, key, &value);
    reading->option = NULL;
    return result;
}

const char *p2i_option_words(const struct p2i_option *option)
{
    const struct p2i_config_key *key =
        option->words[0] == '\0' ? p2i_config_key_find(option->key) : NULL;
    return key != NULL && key->kind == &p2i_config_key_choice ? key->detail : option->words;
}
