/* SPDX-License-Identifier: MIT */
#include "ipfix/record_time.h"

#include "base/ntp.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/fields.h"
#include "record/decode.h"

enum { TIME_STAMP = 1001 };

/* RFC 7011 sections 6.1.7 to 6.1.10. */
enum unit { SECONDS, MILLISECONDS, NTP };

/* IANA's elements with the time of packets. */
static const struct {
    uint16_t id;
    bool is_end;
    enum unit unit;
} times[] = {
    {150, false, SECONDS},      /* flowStartSeconds */
    {151, true, SECONDS},       /* flowEndSeconds */
    {152, false, MILLISECONDS}, /* flowStartMilliseconds */
    {153, true, MILLISECONDS},  /* flowEndMilliseconds */
    {154, false, NTP},          /* flowStartMicroseconds */
    {155, true, NTP},           /* flowEndMicroseconds */
    {156, false, NTP},          /* flowStartNanoseconds */
    {157, true, NTP},           /* flowEndNanoseconds */
    {322, false, SECONDS},      /* observationTimeSeconds */
    {323, false, MILLISECONDS}, /* observationTimeMilliseconds */
    {324, false, NTP},          /* observationTimeMicroseconds */
    {325, false, NTP},          /* observationTimeNanoseconds */
};

/* The end of a flow is rounded up. */
static uint32_t seconds_of(const struct p2i_value *value, enum unit unit, bool is_end)
{
    struct p2i_view bytes = p2i_view_of(value->data, value->size);
    if (unit == NTP) {
        if (bytes.size != 8) {
            return 0;
        }
        return p2i_load_be32(bytes.data) - (uint32_t)P2I_NTP_EPOCH_S +
               (is_end && p2i_load_be32(bytes.data + 4) != 0);
    }
    uint64_t number = p2i_value_number(bytes);
    return (uint32_t)(unit == MILLISECONDS ? (number + (is_end ? 999 : 0)) / 1000 : number);
}

struct p2i_time_span p2i_record_times(const struct p2i_read_record *record)
{
    struct p2i_time_span span = {0};
    for (size_t i = 0; i < record->value_count; i++) {
        const struct p2i_value *value = &record->values[i];
        if (value->pen == P2I_PEN && value->id == TIME_STAMP) {
            uint32_t time_s = seconds_of(value, SECONDS, false);
            return (struct p2i_time_span){true, time_s, time_s};
        }
        for (size_t j = 0; value->pen == 0 && j < sizeof times / sizeof *times; j++) {
            if (times[j].id == value->id) {
                uint32_t time_s = seconds_of(value, times[j].unit, times[j].is_end);
                p2i_span_add(&span, time_s, time_s);
            }
        }
    }
    return span;
}
