/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/announcement.h"

#include "protocol/ftp/line.h"

static bool read_line(struct p2i_view line, struct p2i_ftp_listener *listener)
{
    struct p2i_ftp_reply reply;
    if (p2i_ftp_read_reply(line, &reply)) {
        return !reply.more && p2i_ftp_read_passive(reply.code, reply.text, listener);
    }
    struct p2i_ftp_command command = p2i_ftp_read_command(line);
    return command.verb == P2I_FTP_ACTIVE &&
           p2i_ftp_read_active(command.name, command.argument, listener);
}

bool p2i_ftp_read_announcement(struct p2i_view payload, struct p2i_ftp_listener *listener)
{
    bool found = false;
    for (;;) {
        size_t end = p2i_ftp_line_end(payload);
        if (end == payload.size) {
            return found; /* digits may be missing */
        }
        struct p2i_ftp_listener read;
        if (read_line(p2i_view_first(payload, end), &read)) {
            *listener = read;
            found = true;
        }
        payload = p2i_view_from(payload, end + 1);
    }
}
