/* SPDX-License-Identifier: MIT */
#include "ipfix/file_check.h"

#include "ipfix/md5.h"
#include "ipfix/record_time.h"
#include "record/decode.h"

static const struct p2i_value *find(const struct p2i_read_record *record, uint16_t id)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].pen == 0 && record->values[i].id == id) {
            return &record->values[i];
        }
    }
    return NULL;
}

static bool has_scope(const struct p2i_read_record *record, uint16_t id)
{
    return record->scope_count > 0 && record->values[0].pen == 0 && record->values[0].id == id;
}

bool p2i_describes_its_file(const struct p2i_read_record *record)
{
    return record->options && (has_scope(record, P2I_ELEMENT_SESSION_SCOPE) ||
                               has_scope(record, P2I_ELEMENT_MESSAGE_SCOPE));
}

static uint32_t seconds_of(const struct p2i_value *value)
{
    return (uint32_t)p2i_value_number(p2i_view_of(value->data, value->size));
}

/* Takes both times, or neither. */
static void note_claim(struct p2i_file_claim *claim, const struct p2i_read_record *record,
                       uint16_t first_id, uint16_t last_id)
{
    const struct p2i_value *first = find(record, first_id);
    const struct p2i_value *last = find(record, last_id);
    if (first != NULL && last != NULL) {
        claim->span = (struct p2i_time_span){true, seconds_of(first), seconds_of(last)};
        claim->offset = record->offset;
    }
}

/* RFC 5655 section 8.2, messageMD5Checksum: the MD5 of the message with zeros in place of the
 * digest. */
static void check_checksum(struct p2i_file_check *check, const struct p2i_value *checksum,
                           struct p2i_view message, struct p2i_defects *defects)
{
    static const uint8_t zeros[P2I_MD5_SIZE];
    uint8_t digest[P2I_MD5_SIZE];
    if (checksum->size != P2I_MD5_SIZE) {
        p2i_defect(defects, checksum->data, "message checksum of %u bytes", checksum->size);
        return;
    }
    size_t before = (size_t)(checksum->data - message.data);
    const struct p2i_view parts[3] = {p2i_view_first(message, before),
                                      p2i_view_of(zeros, sizeof zeros),
                                      p2i_view_from(message, before + P2I_MD5_SIZE)};
    if (!p2i_md5(parts, digest)) {
        if (!check->unverified) {
            p2i_defect_note(defects, checksum->data,
                            "message checksums are not verified: that needs OpenSSL");
        }
        check->unverified = true;
    } else if (memcmp(digest, checksum->data, sizeof digest) != 0) {
        p2i_defect(defects, checksum->data, "message checksum is wrong: the message is damaged");
    }
}

void p2i_file_check_message(struct p2i_file_check *check, uint32_t export_time_s)
{
    p2i_span_add(&check->exports, export_time_s, export_time_s);
}

void p2i_file_check_record(struct p2i_file_check *check, const struct p2i_read_record *record,
                           struct p2i_view message, struct p2i_defects *defects)
{
    if (!record->options) {
        struct p2i_time_span times = p2i_record_times(record);
        if (times.known) {
            p2i_span_add(&check->window, times.first_s, times.last_s);
        }
        return;
    }
    const struct p2i_value *checksum = find(record, P2I_ELEMENT_MESSAGE_MD5_CHECKSUM);
    if (checksum != NULL && has_scope(record, P2I_ELEMENT_MESSAGE_SCOPE)) {
        check_checksum(check, checksum, message, defects);
    }
    if (has_scope(record, P2I_ELEMENT_SESSION_SCOPE)) {
        note_claim(&check->window_claim, record, P2I_ELEMENT_MIN_FLOW_START_SECONDS,
                   P2I_ELEMENT_MAX_FLOW_END_SECONDS);
        note_claim(&check->exports_claim, record, P2I_ELEMENT_MIN_EXPORT_SECONDS,
                   P2I_ELEMENT_MAX_EXPORT_SECONDS);
    }
}

static void check_claim(const struct p2i_file_claim *claim, const struct p2i_time_span *found,
                        const char *what, struct p2i_defects *defects)
{
    if (!claim->span.known) {
        return;
    }
    if (claim->span.first_s > claim->span.last_s) {
        p2i_defect_at(defects, claim->offset, "%s from %u to %u ends before it begins", what,
                      claim->span.first_s, claim->span.last_s);
    } else if (found->known &&
               (found->first_s < claim->span.first_s || found->last_s > claim->span.last_s)) {
        p2i_defect_at(defects, claim->offset, "%s from %u to %u, but the file has %u to %u", what,
                      claim->span.first_s, claim->span.last_s, found->first_s, found->last_s);
    }
}

void p2i_file_check_end(const struct p2i_file_check *check, struct p2i_defects *defects)
{
    check_claim(&check->window_claim, &check->window, "file time window", defects);
    check_claim(&check->exports_claim, &check->exports, "export times", defects);
}
