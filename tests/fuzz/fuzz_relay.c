/* SPDX-License-Identifier: MIT */
/* Any bytes as messages of two exporters whose records are relayed into one file: the file must be
 * well-formed and have all records. */
#include <stdlib.h>
#include <string.h>

#include "ipfix/relay.h"
#include "message_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Totals of both inputs. */
struct sums {
    uint64_t records;
    bool refused;
};

static void relay(struct p2i_messages *messages, struct p2i_view input, struct sums *sums)
{
    struct p2i_reader *reader = NULL;
    struct p2i_relay relay = {0};
    struct p2i_read_record record;
    struct p2i_error error;
    if (p2i_reader_open_bytes(&reader, input.data, input.size, NULL, NULL, &error) != P2I_OK) {
        return;
    }
    while (!sums->refused && p2i_reader_next(reader, &record, &error) == P2I_OK) {
        struct p2i_raw_record raw = p2i_reader_raw(reader);
        sums->records++;
        sums->refused = p2i_relay_record(&relay, messages, &raw, &error) != P2I_OK;
    }
    p2i_reader_close(reader);
    p2i_relay_free(&relay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = UINT16_MAX};
    struct message_bytes out = {0};
    struct sums in = {0};
    struct p2i_error error;
    if (size == 0) {
        return 0;
    }
    struct p2i_messages *messages =
        p2i_messages_new(&settings, (struct p2i_message_receiver){message_bytes_take, &out, NULL});
    /* The first byte selects where the second exporter's bytes begin. */
    struct p2i_view inputs = p2i_view_of(data + 1, size - 1);
    size_t middle = inputs.size * data[0] / 255;
    if (messages == NULL) {
        return 0;
    }
    relay(messages, p2i_view_first(inputs, middle), &in);
    relay(messages, p2i_view_from(inputs, middle), &in);
    if (!in.refused && p2i_messages_flush(messages, 0, &error) == P2I_OK) {
        struct p2i_reader *reader = NULL;
        struct p2i_read_record record;
        if (p2i_reader_open_bytes(&reader, out.data, out.size, NULL, NULL, &error) != P2I_OK) {
            abort();
        }
        while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        }
        struct p2i_reader_losses losses = p2i_reader_losses(reader);
        if (p2i_reader_counts(reader).records != in.records || losses.sets > 0 ||
            losses.missing_records > 0) {
            abort();
        }
        p2i_reader_close(reader);
    }
    p2i_messages_free(messages);
    free(out.data);
    return 0;
}
