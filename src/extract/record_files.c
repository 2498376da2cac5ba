/* SPDX-License-Identifier: MIT */
#include "extract/record_files.h"

#include "pcap2ipfix/record_source.h"
#include "pcap2ipfix/record_filter.h"
#include "pcap2ipfix/record_parts.h"

/* The SESSION_ID of a record. False: it has none. */
static bool session_of(const struct p2i_read_record *record, uint64_t *id)
{
    struct p2i_record_parts parts = {.struct_size = sizeof parts};
    p2i_record_parts_find(record, &parts);
    if (parts.session < 0) {
        return false;
    }
    const struct p2i_value *value = &record->values[parts.session];
    *id = p2i_value_number(p2i_view_of(value->data, value->size));
    return true;
}

static enum p2i_result want_record(struct p2i_selection *selection,
                                   struct p2i_record_source *source,
                                   const struct p2i_read_record *record,
                                   struct p2i_record_filter *filter, bool *has_session)
{
    uint64_t id;
    bool matches = true;
    if (!session_of(record, &id)) {
        return P2I_OK;
    }
    *has_session = true;
    if (filter != NULL && p2i_record_filter_match_read(filter, p2i_record_source_reader(source),
                                                       record, &matches) != P2I_OK) {
        selection->out_of_memory = true;
    }
    if (matches) {
        p2i_selection_want(selection, id, false);
    }
    return selection->out_of_memory ? P2I_INTERNAL : P2I_OK;
}

enum p2i_result p2i_want_records(struct p2i_selection *selection, const char *path,
                                 struct p2i_record_filter *filter, struct p2i_error *error)
{
    struct p2i_record_source *source;
    struct p2i_source_record record;
    bool has_session = false;
    enum p2i_result result = p2i_record_source_open(&source, path, error);
    while (result == P2I_OK) {
        result = p2i_record_source_next(source, &record, error);
        if (result == P2I_OK) {
            result = want_record(selection, source, &record.record, filter, &has_session);
        }
    }
    p2i_record_source_close(source);
    if (selection->out_of_memory) {
        return p2i_fail_memory(error);
    }
    if (result == P2I_END && !has_session) {
        result = p2i_fail(error, P2I_DAMAGED, "no record has a SESSION_ID");
    }
    error->file = path;
    return result == P2I_END ? P2I_OK : result;
}
