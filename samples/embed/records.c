/* SPDX-License-Identifier: MIT */
/* records CAPTURE: prints the host name of each record that has one, one a line.
 *
 *     cc records.c -o records $(pkg-config --cflags --libs pcap2ipfix)
 */
#include <pcap2ipfix/engine.h>
#include <stdio.h>

static bool print_host(void *context, const struct p2i_record *record)
{
    (void)context;
    size_t size = 0;
    const char *host = p2i_record_string(record, "HOSTNAME", &size);
    if (host == NULL) {
        host = p2i_record_string(record, "DOMAIN", &size); /* of a DNS record */
    }
    if (host != NULL && size > 0) {
        printf("%.*s\n", (int)size, host);
    }
    return true;
}

static bool succeeded(enum p2i_result result, const struct p2i_error *error)
{
    if (result != P2I_OK) {
        fprintf(stderr, "records: %s\n", error->text);
    }
    return result == P2I_OK;
}

int main(int argc, char **argv)
{
    struct p2i_error error = {.text = "usage: records CAPTURE"};
    struct p2i_engine_callbacks callbacks = {.struct_size = sizeof callbacks, .record = print_host};
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_engine *engine = NULL;
    bool good = succeeded(argc == 2 ? P2I_OK : P2I_USAGE, &error) &&
                succeeded(p2i_engine_new(&engine, settings, &callbacks, &error), &error);
    if (good) {
        /* What comes before the damage of a capture gives records, too. */
        good = succeeded(p2i_engine_read(engine, (const char *const *)&argv[1], 1, &error), &error);
        good = succeeded(p2i_engine_finish(engine, &error), &error) && good;
    }
    p2i_engine_free(engine);
    p2i_settings_free(settings);
    return good ? 0 : 1;
}
