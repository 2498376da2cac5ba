/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "ipfix/message.h"

enum {
    BUFFER_SIZE = 512 * 1024, /* at least one message and what a read gives */
    TURNS = 16,               /* reads before another exporter has its turn */
    IPFIX_VERSION = 10,
};

struct p2i_intake *p2i_intake_new(int descriptor, struct p2i_tls_context *tls,
                                  p2i_reader_defect *defect)
{
    struct p2i_intake *intake = calloc(1, sizeof *intake);
    struct p2i_error error;
    if (intake == NULL) {
        return NULL;
    }
    intake->descriptor = descriptor;
    intake->buffer = descriptor >= 0 ? malloc(BUFFER_SIZE) : NULL;
    intake->tls = tls != NULL ? p2i_tls_new(tls, descriptor) : NULL;
    intake->shaking = tls != NULL;
    if ((descriptor >= 0 && intake->buffer == NULL) || (tls != NULL && intake->tls == NULL) ||
        p2i_reader_open_messages(&intake->reader, defect, intake, &error) != P2I_OK) {
        intake->descriptor = -1;
        p2i_intake_free(intake);
        return NULL;
    }
    p2i_reader_notes(intake->reader, defect);
    return intake;
}

static enum p2i_result take_message(struct p2i_intake *intake, struct p2i_sink *sink,
                                    struct p2i_view message, struct p2i_error *error)
{
    struct p2i_read_record record;
    p2i_reader_feed(intake->reader, message);
    for (;;) {
        enum p2i_result result = p2i_reader_next(intake->reader, &record, error);
        if (result != P2I_OK) {
            return result == P2I_END ? P2I_OK : result;
        }
        intake->records++;
        result = p2i_sink_put(sink, &intake->source, intake->reader, &record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
}

/* The whole messages in the buffer. */
static enum p2i_result take_messages(struct p2i_intake *intake, struct p2i_sink *sink,
                                     struct p2i_error *error)
{
    struct p2i_view rest = p2i_view_of(intake->buffer, intake->size);
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && rest.size >= P2I_MESSAGE_HEADER) {
        unsigned version = p2i_load_be16(rest.data);
        size_t size = p2i_load_be16(rest.data + 2);
        if (version != IPFIX_VERSION || size < P2I_MESSAGE_HEADER) {
            return p2i_fail(error, P2I_DAMAGED, "sends what is not IPFIX: version %u, length %zu",
                            version, size);
        }
        if (size > rest.size) {
            break;
        }
        result = take_message(intake, sink, p2i_view_first(rest, size), error);
        rest = p2i_view_from(rest, size);
    }
    memmove(intake->buffer, intake->buffer + (intake->size - rest.size), rest.size);
    intake->size = rest.size;
    return result;
}

static enum p2i_result read_plain(struct p2i_intake *intake, size_t *got, struct p2i_error *error)
{
    ssize_t size = recv(intake->descriptor, intake->buffer + intake->size,
                        BUFFER_SIZE - intake->size, MSG_DONTWAIT);
    *got = size > 0 ? (size_t)size : 0;
    if (size == 0) {
        return P2I_END;
    }
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
        return p2i_fail(error, P2I_DAMAGED, "%s", strerror(errno));
    }
    return P2I_OK;
}

static enum p2i_result read_tls(struct p2i_intake *intake, size_t *got, struct p2i_error *error)
{
    enum p2i_tls_state state = P2I_TLS_DONE;
    *got = 0;
    if (intake->shaking) {
        state = p2i_tls_shake(intake->tls, error);
        intake->shaking = state != P2I_TLS_DONE;
    }
    if (state == P2I_TLS_DONE) {
        state = p2i_tls_read(intake->tls, intake->buffer + intake->size, BUFFER_SIZE - intake->size,
                             got, error);
    }
    intake->wants_write = state == P2I_TLS_WANT_WRITE;
    if (state == P2I_TLS_CLOSED) {
        (void)p2i_tls_close(intake->tls);
        return P2I_END;
    }
    if (state == P2I_TLS_FAILED) {
        error->code = P2I_DAMAGED;
        return P2I_DAMAGED;
    }
    return P2I_OK;
}

enum p2i_result p2i_intake_read(struct p2i_intake *intake, struct p2i_sink *sink,
                                struct p2i_error *error)
{
    for (int turn = 0; turn < TURNS; turn++) {
        size_t got = 0;
        enum p2i_result result =
            intake->tls != NULL ? read_tls(intake, &got, error) : read_plain(intake, &got, error);
        intake->size += got;
        if (result == P2I_END && intake->size > 0) {
            result = p2i_fail(error, P2I_DAMAGED, "has closed within a message");
        }
        if (result != P2I_OK || got == 0) {
            return result;
        }
        result = take_messages(intake, sink, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

enum p2i_result p2i_intake_datagram(struct p2i_intake *intake, struct p2i_sink *sink,
                                    struct p2i_view datagram, struct p2i_error *error)
{
    if (datagram.size < P2I_MESSAGE_HEADER || p2i_load_be16(datagram.data) != IPFIX_VERSION ||
        p2i_load_be16(datagram.data + 2) != datagram.size) {
        return p2i_fail(error, P2I_DAMAGED, "sends what is not IPFIX");
    }
    return take_message(intake, sink, datagram, error);
}

void p2i_intake_free(struct p2i_intake *intake)
{
    if (intake == NULL) {
        return;
    }
    p2i_tls_free(intake->tls);
    if (intake->descriptor >= 0) {
        (void)close(intake->descriptor);
    }
    p2i_reader_close(intake->reader);
    p2i_sink_source_free(&intake->source);
    free(intake->buffer);
    free(intake);
}
