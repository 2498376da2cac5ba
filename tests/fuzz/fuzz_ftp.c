/* SPDX-License-Identifier: MIT */
/* A session for the FTP parser. The input is a byte whose lowest bit chooses the port (FTP's or
 * another), then the steps of dialog_driver.h. Announcements are read from every place of it. */
#include "dialog_driver.h"
#include "protocol/ftp/announcement.h"
#include "protocol/message.h"

static uint64_t sum_of(struct p2i_view view)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < view.size; i++) {
        sum += view.data[i];
    }
    return sum;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    const struct p2i_ftp *ftp = message;
    uint64_t *sum = context;
    if (kind != P2I_RECORD_FTP || sender > 1 ||
        (ftp->mode != 0 && ftp->mode != 1 && ftp->mode != 255) || ftp->result_code > 699 ||
        completeness > P2I_LIMITED) {
        abort();
    }
    *sum += info->time_ns + sum_of(ftp->server_name) + sum_of(ftp->user) + sum_of(ftp->password);
}

static void read_announcements(struct p2i_view input)
{
    for (; input.size > 0; input = p2i_view_from(input, 1)) {
        struct p2i_ftp_listener listener;
        if (p2i_ftp_may_announce(input) && p2i_ftp_read_announcement(input, &listener) &&
            (listener.port == 0 || (listener.address_size != 0 && listener.address_size != 4 &&
                                    listener.address_size != 16))) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    struct p2i_message_sink sink = {emit, &sum};
    if (size == 0) {
        return 0;
    }
    read_announcements(p2i_view_of(data + 1, size - 1));
    return driver_play(&p2i_ftp, (data[0] & 1) != 0 ? 2121 : 21, &sink,
                       p2i_view_of(data + 1, size - 1));
}
