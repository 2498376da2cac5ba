/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/record_filter.h"

#include <stdlib.h>

#include "pcap2ipfix/nearest.h"

struct p2i_record_filter {
    size_t text_count;
};

struct p2i_record_filter *p2i_record_filter_new(void)
{
    return calloc(1, sizeof(struct p2i_record_filter));
}

void p2i_record_filter_free(struct p2i_record_filter *filter)
{
    free(filter);
}

enum p2i_result p2i_record_filter_add(struct p2i_record_filter *filter, const char *text,
                                      size_t size, struct p2i_error *error)
{
    (void)filter;
    (void)text;
    (void)size;
    return p2i_fail(error, P2I_USAGE, "filters are not there yet");
}

enum p2i_result p2i_record_filter_match(struct p2i_record_filter *filter,
                                        const struct p2i_record *record, bool *matches)
{
    (void)record;
    *matches = filter->text_count == 0;
    return P2I_OK;
}

enum p2i_result p2i_record_filter_match_read(struct p2i_record_filter *filter,
                                             const struct p2i_reader *reader,
                                             const struct p2i_read_record *record, bool *matches)
{
    (void)reader;
    (void)record;
    *matches = filter->text_count == 0;
    return P2I_OK;
}

bool p2i_record_filter_field(const struct p2i_record_filter *filter, size_t index,
                             struct p2i_filter_field *field)
{
    (void)index;
    (void)field;
    return index < filter->text_count;
}

void p2i_record_filter_offer(struct p2i_nearest *nearest)
{
    (void)nearest;
}
