/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/announcement.h"

#include "protocol/ftp/line.h"

/* False for nearly all lines that announce nothing. */
static bool may_announce(struct p2i_view line)
{
    enum { LEAST = 8 };
    if (line.size < LEAST) {
        return false;
    }
    const uint8_t *bytes = line.data;
    return (bytes[0] == '2' && bytes[1] == '2') || ((bytes[3] | 0x20) == 't' && bytes[4] == ' ');
}

/* Reads the first line. */
static bool read_line(struct p2i_view bytes, struct p2i_ftp_listener *listener)
{
    size_t end = p2i_ftp_line_end(bytes);
    if (end == bytes.size) {
        return false; /* digits may be missing */
    }
    struct p2i_view line = p2i_view_first(bytes, end);
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
    while (payload.size > 0) {
        struct p2i_ftp_listener read;
        if (may_announce(payload) && read_line(payload, &read)) {
            *listener = read;
            found = true;
        }
        payload = p2i_view_from(payload, p2i_view_find(payload, '\n') + 1);
    }
    return found;
}
