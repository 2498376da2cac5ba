/* SPDX-License-Identifier: MIT */
/* What an exporter sends, as a stream in segments and as datagrams: the first byte is the size of a
 * segment. A stream gives the same records in any segments as far as it is IPFIX. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "transport/receiver_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

struct received {
    uint64_t records, hash, closed;
};

static enum p2i_result take_record(void *context, struct p2i_receiver_source *source,
                                   const struct p2i_read_record *record, struct p2i_error *error)
{
    struct received *received = context;
    (void)error;
    received->records++;
    for (size_t i = 0; i < record->value_count; i++) {
        const struct p2i_value *value = &record->values[i];
        int type;
        (void)p2i_reader_element(source->reader, value->pen, value->id, &type);
        received->hash = p2i_mix_bytes(received->hash, p2i_view_of(value->data, value->size));
    }
    return P2I_OK;
}

static void take_report(void *context, const struct p2i_receiver_source *source,
                        enum p2i_receiver_event event, const char *text)
{
    (void)context;
    (void)event;
    require(text[0] != '\0' && source->host != NULL);
}

static void take_end(void *context, struct p2i_receiver_source *source, enum p2i_result why)
{
    struct received *received = context;
    (void)why;
    require(source->state == NULL);
    received->closed++;
}

static struct p2i_receiver_session *open_session(struct p2i_receiver_settings *settings,
                                                 struct received *received, int descriptor)
{
    struct sockaddr_storage peer = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 1};
    memcpy(&peer, &address, sizeof address);
    *received = (struct received){0};
    *settings = (struct p2i_receiver_settings){
        .struct_size = sizeof *settings,
        .context = received,
        .record = take_record,
        .report = take_report,
        .closed = take_end,
    };
    struct p2i_receiver_session *session =
        p2i_receiver_session_new(descriptor, NULL, &peer, sizeof address, settings);
    require(session != NULL);
    return session;
}

static struct received receive_stream(struct p2i_view stream, size_t segment)
{
    struct p2i_receiver_settings settings;
    struct received received;
    struct p2i_error error;
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    struct p2i_receiver_session *session = open_session(&settings, &received, ends[0]);
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && stream.size > 0) {
        struct p2i_view part = p2i_view_first(stream, segment);
        require(write(ends[1], part.data, part.size) == (ssize_t)part.size);
        result = p2i_receiver_session_read(session, &error);
        stream = p2i_view_from(stream, part.size);
    }
    (void)close(ends[1]);
    while (result == P2I_OK) {
        result = p2i_receiver_session_read(session, &error);
    }
    require(result == P2I_END || result == P2I_DAMAGED);
    p2i_receiver_session_free(session, result);
    require(received.closed == 1);
    return received;
}

static void receive_datagrams(struct p2i_view stream, size_t size)
{
    struct p2i_receiver_settings settings;
    struct received received;
    struct p2i_error error;
    struct p2i_receiver_session *session = open_session(&settings, &received, -1);
    while (stream.size > 0) {
        enum p2i_result result =
            p2i_receiver_session_datagram(session, p2i_view_first(stream, size), &error);
        require(result == P2I_OK || result == P2I_DAMAGED);
        stream = p2i_view_from(stream, size);
    }
    p2i_receiver_session_free(session, P2I_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct p2i_view stream = p2i_view_of(data + 1, size - 1);
    size_t segment = (size_t)data[0] * 4 + 1;
    struct received parts = receive_stream(stream, segment);
    struct received whole = receive_stream(stream, 65536);
    require(parts.records == whole.records && parts.hash == whole.hash);
    receive_datagrams(stream, segment + 16);
    return 0;
}
