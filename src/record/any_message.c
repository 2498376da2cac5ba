/* SPDX-License-Identifier: MIT */
#include "record/any_message.h"

#include "base/counts.h"

enum { KEPT_BYTES = 16 * 1024 };

void p2i_any_message_copy(union p2i_any_message *copy, enum p2i_record_kind kind,
                          const void *message)
{
    static const size_t sizes[P2I_RECORD_KINDS] = {
        [P2I_RECORD_CLICKSTREAM] = sizeof copy->clickstream,
        [P2I_RECORD_HTTP_REPLY] = sizeof copy->http_reply,
        [P2I_RECORD_SSL_REPLY] = sizeof copy->ssl_reply,
        [P2I_RECORD_SIP] = sizeof copy->sip,
        [P2I_RECORD_FTP] = sizeof copy->ftp,
        [P2I_RECORD_IM] = sizeof copy->im,
        [P2I_RECORD_MAIL] = sizeof copy->mail,
        [P2I_RECORD_RAW] = sizeof copy->raw,
        [P2I_RECORD_DNS] = sizeof copy->dns,
        [P2I_RECORD_FLOW] = sizeof copy->flow,
        [P2I_RECORD_BIFLOW] = sizeof copy->biflow,
    };
    memcpy(copy, message, sizes[kind]);
}

struct p2i_buffer *p2i_texts_next(struct p2i_texts *texts)
{
    if (texts->used == P2I_TEXTS_MAX) {
        return NULL;
    }
    struct p2i_buffer *buffer = &texts->buffers[texts->used++];
    buffer->size = 0;
    return buffer;
}

void p2i_texts_reset(struct p2i_texts *texts)
{
    for (size_t i = 0; i < texts->used; i++) {
        if (texts->buffers[i].capacity > KEPT_BYTES) {
            p2i_buffer_free(&texts->buffers[i]);
        }
    }
    texts->used = 0;
}

void p2i_texts_free(struct p2i_texts *texts)
{
    for (size_t i = 0; i < P2I_TEXTS_MAX; i++) {
        p2i_buffer_free(&texts->buffers[i]);
    }
}
