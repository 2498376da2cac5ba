/* SPDX-License-Identifier: MIT */
/* A session for the FTP parser. The input is a byte whose lowest bit chooses the port (FTP's or
 * another), then the steps of dialog_driver.h. */
#include "dialog_driver.h"
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

static void expect(void *context, const struct p2i_expectation *expected)
{
    uint64_t *sum = context;
    size_t size = expected->address.size;
    if (expected->listener > 1 || expected->port == 0 || (size != 0 && size != 4 && size != 16)) {
        abort();
    }
    *sum += sum_of(expected->address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    struct p2i_message_sink sink = {emit, &sum, expect};
    if (size == 0) {
        return 0;
    }
    return driver_play(&p2i_ftp, (data[0] & 1) != 0 ? 2121 : 21, &sink,
                       p2i_view_of(data + 1, size - 1));
}
