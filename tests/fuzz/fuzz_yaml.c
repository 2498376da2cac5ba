/* SPDX-License-Identifier: MIT */
/* Any bytes as a configuration: a refused one has a line and a reason; an accepted one can be
 * printed, and the printed text is accepted and prints the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"
#include "pcap2ipfix/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* Reads and prints a configuration; the caller frees the text. NULL: it was refused. */
static char *print(const char *bytes, size_t size, size_t *printed)
{
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_error error = {0};
    char *text = NULL;
    require(settings != NULL);
    enum p2i_result result = p2i_settings_parse(settings, bytes, size, &error);
    if (result == P2I_OK) {
        FILE *file = open_memstream(&text, printed);
        require(file != NULL);
        require(p2i_settings_print(settings, file, &error) == P2I_OK);
        (void)fclose(file);
    } else {
        require(result == P2I_USAGE && error.text[0] != '\0');
        require(error.line > 0 || size > P2I_YAML_BYTES_MAX);
    }
    p2i_settings_free(settings);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t first_size = 0;
    size_t second_size = 0;
    char *first = print((const char *)data, size, &first_size);
    if (first == NULL) {
        return 0;
    }
    char *second = print(first, first_size, &second_size);
    require(second != NULL && first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first);
    free(second);
    return 0;
}
