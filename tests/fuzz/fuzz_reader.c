/* SPDX-License-Identifier: MIT */
/* Any bytes as an IPFIX file: everything that the reader returns must be readable, and reading must
 * end. */
#include <stdlib.h>

#include "pcap2ipfix/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_defect(void *context, uint64_t offset, const char *text)
{
    size_t *size = context;
    if (offset > *size || text[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error;
    if (p2i_reader_open_bytes(&reader, data, size, on_defect, &size, &error) != P2I_OK) {
        return 0;
    }
    struct p2i_read_record record;
    uint64_t records = 0;
    volatile uint8_t sum = 0;
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        records++;
        for (size_t i = 0; i < record.value_count; i++) {
            const struct p2i_value *value = &record.values[i];
            int type = 0;
            (void)p2i_reader_element(reader, value->pen, value->id, &type);
            if (value->size > 0) { /* the sanitizer checks both ends of a value */
                sum = (uint8_t)(sum + value->data[0] + value->data[value->size - 1]);
            }
        }
    }
    /* A record has at least one byte. */
    if (records > size || p2i_reader_counts(reader).records != records) {
        abort();
    }
    p2i_reader_close(reader);
    return 0;
}
