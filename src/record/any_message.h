/* SPDX-License-Identifier: MIT */
/* A message of any kind, copied so that it can be changed before it is encoded. One thread. */
#ifndef P2I_RECORD_ANY_MESSAGE_H
#define P2I_RECORD_ANY_MESSAGE_H

#include "protocol/message.h"
#include "record/record.h"

union p2i_any_message {
    struct p2i_clickstream clickstream;
    struct p2i_http_reply http_reply;
    struct p2i_ssl_reply ssl_reply;
    struct p2i_sip sip;
    struct p2i_ftp ftp;
    struct p2i_im im;
    struct p2i_mail mail;
    struct p2i_raw raw;
    struct p2i_dns dns;
    struct p2i_flow flow;
    struct p2i_biflow biflow;
};

/* Copies a struct of protocol/message.h; the views still point to the bytes of the original. */
void p2i_any_message_copy(union p2i_any_message *copy, enum p2i_record_kind kind,
                          const void *message);

/* Texts that replace texts of a message until it is encoded. Start with {0}. */
enum { P2I_TEXTS_MAX = 24 }; /* of one message; none needs more */
struct p2i_texts {
    struct p2i_buffer buffers[P2I_TEXTS_MAX];
    size_t used;
};

/* Returns an empty buffer for the next text, valid until p2i_texts_reset(). NULL: none is left. */
struct p2i_buffer *p2i_texts_next(struct p2i_texts *texts);
/* Call for each message: frees all texts for reuse, and releases the memory of long ones. */
void p2i_texts_reset(struct p2i_texts *texts);
void p2i_texts_free(struct p2i_texts *texts);

#endif
