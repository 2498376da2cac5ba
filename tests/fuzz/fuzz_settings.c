/* SPDX-License-Identifier: MIT */
/* A setting and its value as texts: the first byte is the number of the key. A refused value has a
 * reason and changes nothing; with an accepted one the settings can be printed, and what is printed
 * is accepted. URLs of collectors and names of files are parsed where a run would do so later. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"
#include "export/file_name.h"
#include "pcap2ipfix/settings.h"
#include "transport/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEY_MAX = 100 };

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

/* The name of key `number` of both tables, with that of its section. */
static void name_key(char name[KEY_MAX], size_t number)
{
    const struct p2i_config_key *key = p2i_config_keys;
    size_t count = 0;
    while (p2i_config_keys[count].name != NULL) {
        count++;
    }
    if (number < count) {
        key = &p2i_config_keys[number];
    } else {
        key = p2i_config_run_keys;
        for (size_t i = count; i < number && key->name != NULL; i++) {
            key++;
        }
    }
    if (key->name == NULL) {
        key = p2i_config_keys;
    }
    (void)snprintf(name, KEY_MAX, "%s%s%s", key->section, key->section[0] != '\0' ? "." : "",
                   key->name);
}

/* The caller frees the text. */
static char *print(const struct p2i_settings *settings, size_t *size)
{
    char *text = NULL;
    struct p2i_error error;
    FILE *file = open_memstream(&text, size);
    require(file != NULL && p2i_settings_print(settings, file, &error) == P2I_OK);
    (void)fclose(file);
    return text;
}

static void check_set(const char *key, const char *value)
{
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_settings *again = p2i_settings_new();
    struct p2i_error error = {0};
    size_t size = 0;
    size_t size_before = 0;
    require(settings != NULL && again != NULL);
    char *before = print(settings, &size_before);
    enum p2i_result result = p2i_settings_set(settings, key, value, &error);
    require(result == P2I_OK || (result == P2I_USAGE && error.text[0] != '\0'));
    char *text = NULL;
    FILE *file = open_memstream(&text, &size);
    require(file != NULL);
    enum p2i_result printed = p2i_settings_print(settings, file, &error);
    (void)fclose(file);
    require(printed == P2I_OK || (printed == P2I_USAGE && result == P2I_OK)); /* no UTF-8 */
    if (result != P2I_OK) {
        require(size == size_before && memcmp(text, before, size) == 0);
    }
    if (printed == P2I_OK) {
        require(p2i_settings_parse(again, text, size, &error) == P2I_OK);
    }
    free(text);
    free(before);
    p2i_settings_free(settings);
    p2i_settings_free(again);
}

static void check_names(const char *value)
{
    struct p2i_collector_url url;
    char name[P2I_FILE_NAME_MAX];
    struct p2i_error error;
    if (p2i_collector_url_parse(&url, value, &error) == P2I_OK) {
        require(p2i_collector_check(value, &error) == P2I_OK);
        require(atoi(url.port) > 0 && atoi(url.port) < 65536 && url.host[0] != '\0');
    }
    if (p2i_file_name(name, value, 1700000000, 1, &error) == P2I_OK) {
        require(strlen(name) < sizeof name);
    }
    (void)p2i_file_name_varies(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char key[KEY_MAX];
    char *value = malloc(size + 1);
    require(value != NULL);
    if (size > 0) {
        memcpy(value, data + 1, size - 1);
        value[size - 1] = '\0';
        name_key(key, data[0]);
        check_set(key, value);
        check_names(value);
    }
    free(value);
    return 0;
}
