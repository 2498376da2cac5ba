/* SPDX-License-Identifier: MIT */
#include "settings/time_offsets.h"

#include "base/capture_name.h"
#include "pcap2ipfix/nearest.h"

enum p2i_result p2i_time_offsets_check(const struct p2i_settings *settings,
                                       const char *const *captures, size_t count,
                                       struct p2i_error *error)
{
    for (size_t i = 0; i < settings->time_offset_count; i++) {
        const struct p2i_time_offset *offset = &settings->time_offsets[i];
        bool known = offset->capture == NULL;
        struct p2i_nearest nearest = p2i_nearest_to(known ? "" : offset->capture);
        for (size_t j = 0; j < count && !known; j++) {
            known = p2i_time_offset_names(offset, captures[j]);
            p2i_nearest_offer(&nearest, captures[j]);
            p2i_nearest_offer(&nearest, p2i_last_part(captures[j]));
        }
        if (!known) {
            return p2i_fail(error, P2I_USAGE, "a time offset is for '%.80s', no capture%s%.80s%s",
                            offset->capture, nearest.name != NULL ? "; did you mean '" : "",
                            nearest.name != NULL ? nearest.name : "",
                            nearest.name != NULL ? "'?" : "");
        }
    }
    return P2I_OK;
}
