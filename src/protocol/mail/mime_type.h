/* SPDX-License-Identifier: MIT */
/* Content-Type and Content-Disposition of a MIME part (RFC 2045 section 5, RFCs 2183, 2231). */
#ifndef P2I_PROTOCOL_MAIL_MIME_TYPE_H
#define P2I_PROTOCOL_MAIL_MIME_TYPE_H

#include "protocol/mail/text.h"

enum {
    P2I_MIME_BOUNDARY_MAX = 200, /* bytes; RFC 2046 section 5.1.1 allows 70. Longer ones are no
                                    boundaries */
};

enum p2i_mime_kind {
    P2I_MIME_LEAF = 0,
    P2I_MIME_MULTIPART,
    P2I_MIME_MESSAGE, /* message/rfc822, message/global: a header and a body of its own */
};

struct p2i_mime_part {
    uint8_t kind;       /* enum p2i_mime_kind */
    bool has_type;      /* a Content-Type was read; a second one is ignored */
    bool has_file_name; /* in Content-Type or Content-Disposition */
    bool is_attachment; /* by its Content-Disposition */
    uint8_t boundary_size;
    uint8_t boundary[P2I_MIME_BOUNDARY_MAX];
};

/* Reads the unfolded value of Content-Type or Content-Disposition. */
void p2i_mime_content_type(struct p2i_mime_part *part, struct p2i_view value);
void p2i_mime_content_disposition(struct p2i_mime_part *part, struct p2i_view value);

#endif
