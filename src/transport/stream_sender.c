/* SPDX-License-Identifier: MIT */
/* TCP and TLS: every message arrives at least once. A message is kept until the collector has
 * certainly read it; when a connection breaks, the kept messages are sent again over the next one,
 * which is a new transport session. */
#include <inttypes.h>
#include <stdlib.h>

#include "transport/connection.h"
#include "transport/sender.h"

enum {
    QUEUE_BYTES = 1 << 20, /* unsent bytes; beyond this, reading waits */
    BACK_OFF_MAX_S = 30,
    STOPPED_S = 5,       /* time that a stopped run still waits for a collector */
    TURNS = 64,          /* messages written between two reads from the collector */
    GRANT_MAX = 1 << 16, /* as good as no limit */
    /* A message and its templates fit into one TLS record, which is also read as one: a collector
     * that closes behind a message has no part of the next one. */
    TCP_LIMIT = 65535,
    TLS_LIMIT = 16384,
    RATE_BURST = 64 * 1024,
};
#define NS_PER_S UINT64_C(1000000000)
#define SLICE_NS (NS_PER_S / 4) /* waiting for longer looks up now and then */
#define QUIET_NS (NS_PER_S / 5) /* see struct stream.grant */

struct stream {
    struct p2i_sender sender; /* first, so that it is the same address */
    struct p2i_tls_context *context;
    struct p2i_connection connection;
    struct p2i_outbox outbox;
    struct p2i_buffer frame; /* the message that is being handed over */
    size_t frame_at;         /* how far */
    bool open;               /* the connection is, and a session has begun in it */
    bool finished;           /* we ended the stream */
    bool ever_confirmed;
    uint64_t confirmed;      /* messages in all */
    uint64_t confirmed_here; /* of these, over this connection */
    uint64_t most_sent;      /* messages that were ever sent */
    size_t most_sent_bytes;  /* of the one after those */
    uint64_t progress_ns;    /* when there was some last */
    uint64_t rate_ns;        /* last time that we held messages back, for the rate */
    uint64_t next_try_ns;
    unsigned back_off_s;
    /* A collector that closes before it has read everything resets the connection, and it is not
     * known how much it read. If no message was known to be read, the next connection gets one
     * message at first, and more only when the collector has left it open for a while. So each
     * connection makes progress, even if the collector reads one message from each. */
    unsigned grant;    /* messages that a careful connection may get; 0: no limit */
    unsigned left;     /* of the grant */
    uint64_t quiet_ns; /* since when nothing was handed over */
    uint64_t unacknowledged;
    uint64_t linger_ns; /* until then the collector may close; 0: not known yet */
};

static uint64_t now_ns(const struct stream *stream)
{
    return p2i_sender_now(&stream->sender);
}

static void note_progress(struct stream *stream)
{
    stream->progress_ns = now_ns(stream);
    stream->back_off_s = 1;
}

static void confirm(struct stream *stream, uint64_t read)
{
    uint64_t count = p2i_outbox_confirm(&stream->outbox, read);
    if (count > 0) {
        stream->confirmed += count;
        stream->confirmed_here += count;
        stream->ever_confirmed = true;
        note_progress(stream);
    }
}

static void begin_session(struct stream *stream)
{
    stream->open = true;
    stream->finished = false;
    stream->linger_ns = 0;
    stream->unacknowledged = 0;
    stream->confirmed_here = 0;
    stream->frame.size = 0;
    stream->frame_at = 0;
    stream->left = stream->grant;
    stream->quiet_ns = now_ns(stream);
    stream->sender.summary->connections++;
    p2i_transport_session_begin(&stream->sender.session);
    p2i_sender_report(&stream->sender, true, "connected");
}

/* The collector left a careful connection open with all its messages: the grant doubles. */
static void widen(struct stream *stream)
{
    if (now_ns(stream) - stream->quiet_ns < QUIET_NS ||
        p2i_connection_unacknowledged(&stream->connection) > 0) {
        return;
    }
    stream->grant = stream->grant < GRANT_MAX ? 2 * stream->grant : 0;
    stream->left = stream->grant;
}

/* True when there are bytes to write. */
static bool take_next(struct stream *stream)
{
    struct p2i_outgoing next;
    if (!p2i_outbox_next(&stream->outbox, &next)) {
        return false;
    }
    if (p2i_rate_wait(&stream->sender.rate, now_ns(stream)) > 0) {
        stream->rate_ns = now_ns(stream);
        return false;
    }
    if (stream->grant > 0 && stream->left == 0) {
        widen(stream);
        if (stream->grant > 0 && stream->left == 0) {
            return false;
        }
    }
    stream->frame.size = 0;
    stream->frame_at = 0;
    size_t limit = stream->context != NULL ? TLS_LIMIT : TCP_LIMIT;
    return p2i_transport_session_put(&stream->sender.session, &next,
                                     p2i_sender_export_time(&stream->sender), limit,
                                     &stream->frame);
}

static void note_sent(struct stream *stream)
{
    struct p2i_collector_summary *summary = stream->sender.summary;
    struct p2i_outgoing sent;
    (void)p2i_outbox_next(&stream->outbox, &sent);
    uint32_t records = sent.records;
    p2i_outbox_sent(&stream->outbox, p2i_connection_sent(&stream->connection));
    summary->messages++;
    uint64_t number = stream->confirmed + stream->outbox.sent_count;
    if (number > stream->most_sent) {
        summary->records_sent += records;
        stream->most_sent = number;
        stream->most_sent_bytes = 0;
        note_progress(stream);
    } else {
        summary->records_resent += records;
    }
    stream->left -= stream->left > 0;
    stream->quiet_ns = now_ns(stream);
    stream->frame.size = 0;
    stream->frame_at = 0;
}

/* Part of a message counts as progress, too: the window may be small. */
static void note_part(struct stream *stream)
{
    uint64_t number = stream->confirmed + stream->outbox.sent_count;
    if (number == stream->most_sent && stream->frame_at > stream->most_sent_bytes) {
        stream->most_sent_bytes = stream->frame_at;
        note_progress(stream);
    }
}

/* Writes as much as the system accepts. */
static void push(struct stream *stream)
{
    for (int turn = 0; turn < TURNS && stream->connection.state == P2I_CONNECTION_OPEN; turn++) {
        if (stream->frame_at == stream->frame.size && !take_next(stream)) {
            return;
        }
        struct p2i_view rest =
            p2i_view_from(p2i_view_of(stream->frame.data, stream->frame.size), stream->frame_at);
        size_t size = p2i_connection_write(&stream->connection, rest);
        stream->frame_at += size;
        *stream->sender.bytes_written += size;
        p2i_rate_take(&stream->sender.rate, size);
        if (stream->frame_at == stream->frame.size) {
            note_sent(stream);
            confirm(stream, p2i_connection_read(&stream->connection));
        } else {
            note_part(stream);
            if (stream->connection.wants_write) {
                return;
            }
        }
    }
}

/* Seconds until the next try; doubles them for the one after that. */
static unsigned next_back_off(struct stream *stream)
{
    unsigned seconds = stream->back_off_s;
    stream->back_off_s = 2 * seconds < BACK_OFF_MAX_S ? 2 * seconds : BACK_OFF_MAX_S;
    return seconds;
}

/* The connection is gone, or could not be made. */
static void lose(struct stream *stream)
{
    struct p2i_connection *connection = &stream->connection;
    if (connection->state == P2I_CONNECTION_ENDED) {
        confirm(stream, UINT64_MAX);
    }
    uint64_t again = stream->outbox.sent_records;
    bool nothing_read = stream->confirmed_here == 0 && stream->outbox.sent_count > 0;
    if (stream->open && (nothing_read || stream->grant > 0)) {
        stream->grant = 1; /* also when it is one that closes often */
    }
    bool further = stream->open && stream->confirmed_here > 0;
    if (stream->open && p2i_outbox_unsent_bytes(&stream->outbox) == 0) {
        stream->progress_ns = now_ns(stream); /* until now there was nothing to send */
    }
    p2i_outbox_rewind(&stream->outbox);
    bool done = p2i_outbox_unsent_bytes(&stream->outbox) == 0;
    unsigned seconds = further || done ? 0 : next_back_off(stream);
    stream->next_try_ns = now_ns(stream) + seconds * NS_PER_S;
    if (again > 0) {
        p2i_sender_report(&stream->sender, false,
                          "%s; %" PRIu64 " records may arrive twice; next try in %u s",
                          connection->error.text, again, seconds);
    } else {
        p2i_sender_report(&stream->sender, done || further, "%s%s", connection->error.text,
                          done ? "" : "; trying again");
    }
    stream->open = false;
    p2i_connection_close(connection);
}

static enum p2i_result give_up(struct stream *stream, const char *reason, struct p2i_error *error)
{
    enum p2i_result result = p2i_sender_give_up(&stream->sender, reason, error);
    struct p2i_outgoing next;
    p2i_outbox_rewind(&stream->outbox);
    while (result == P2I_OK && p2i_outbox_next(&stream->outbox, &next)) {
        result = p2i_sender_spool(&stream->sender, &next, error);
        p2i_outbox_sent(&stream->outbox, 0);
        (void)p2i_outbox_confirm(&stream->outbox, UINT64_MAX);
    }
    stream->open = false;
    p2i_connection_close(&stream->connection);
    return result;
}

static bool has_given_up(const struct stream *stream)
{
    return stream->sender.spool.file != NULL;
}

/* True when no collector took anything for too long. */
static bool is_over(struct stream *stream)
{
    bool stopped = p2i_sender_is_stopped(&stream->sender);
    uint64_t since_ns =
        stopped || stream->progress_ns > stream->rate_ns ? stream->progress_ns : stream->rate_ns;
    uint64_t patience_ns = stream->sender.delivery->retry_s * NS_PER_S;
    if (stopped) {
        since_ns = since_ns > stream->sender.stopped_ns ? since_ns : stream->sender.stopped_ns;
        patience_ns = patience_ns < STOPPED_S * NS_PER_S ? patience_ns : STOPPED_S * NS_PER_S;
    }
    return now_ns(stream) - since_ns >= patience_ns;
}

/* Does everything that is possible without waiting. */
static enum p2i_result advance(struct stream *stream, struct p2i_error *error)
{
    struct p2i_connection *connection = &stream->connection;
    if (connection->state == P2I_CONNECTION_NONE && now_ns(stream) >= stream->next_try_ns &&
        p2i_outbox_unsent_bytes(&stream->outbox) > 0) {
        p2i_connection_start(connection);
    }
    p2i_connection_step(connection);
    if (connection->state == P2I_CONNECTION_OPEN && !stream->open) {
        begin_session(stream);
    }
    if (stream->open && connection->state == P2I_CONNECTION_OPEN && !stream->finished) {
        push(stream);
    }
    if (connection->state == P2I_CONNECTION_OPEN) {
        confirm(stream, p2i_connection_read(connection));
    }
    if (connection->state == P2I_CONNECTION_ENDED || connection->state == P2I_CONNECTION_BROKEN) {
        if (connection->hopeless && !stream->ever_confirmed) {
            return give_up(stream, connection->error.text, error);
        }
        lose(stream);
    }
    return P2I_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Time until the next thing to do, unless the socket becomes ready. */
static uint64_t patience(struct stream *stream)
{
    uint64_t now = now_ns(stream);
    uint64_t wait_ns = SLICE_NS;
    if (stream->connection.state == P2I_CONNECTION_NONE && stream->next_try_ns > now) {
        wait_ns = least(wait_ns, stream->next_try_ns - now);
    }
    uint64_t rate_ns = p2i_rate_wait(&stream->sender.rate, now);
    if (rate_ns > 0) {
        wait_ns = least(wait_ns, rate_ns);
    }
    return stream->grant > 0 ? least(wait_ns, QUIET_NS / 4) : wait_ns;
}

static void wait_for(struct stream *stream, uint64_t most_ns)
{
    const struct p2i_clock *clock = stream->sender.clock;
    const struct p2i_connection *connection = &stream->connection;
    clock->wait(clock->context, connection->descriptor, connection->wants_write,
                least(most_ns, patience(stream)));
}

static enum p2i_result check_patience(struct stream *stream, struct p2i_error *error)
{
    if (has_given_up(stream) || !is_over(stream)) {
        return P2I_OK;
    }
    char reason[sizeof stream->connection.error.text] = "the collector does not accept more";
    if (stream->connection.state != P2I_CONNECTION_OPEN && stream->connection.error.text[0] != 0) {
        memcpy(reason, stream->connection.error.text, sizeof reason);
    }
    return give_up(stream, reason, error);
}

static enum p2i_result send_message(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                                    struct p2i_error *error)
{
    struct stream *stream = (struct stream *)sender;
    if (has_given_up(stream)) {
        return p2i_sender_spool(sender, outgoing, error);
    }
    if (p2i_outbox_unsent_bytes(&stream->outbox) == 0) {
        stream->progress_ns = now_ns(stream);
    }
    if (!p2i_outbox_add(&stream->outbox, outgoing->message, outgoing->records)) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = advance(stream, error);
    while (result == P2I_OK && !has_given_up(stream) &&
           p2i_outbox_unsent_bytes(&stream->outbox) > QUEUE_BYTES) {
        result = check_patience(stream, error);
        if (result == P2I_OK && !has_given_up(stream)) {
            wait_for(stream, UINT64_MAX);
            result = advance(stream, error);
        }
    }
    return result;
}

static enum p2i_result idle(struct p2i_sender *sender, uint64_t until_ns, struct p2i_error *error)
{
    struct stream *stream = (struct stream *)sender;
    enum p2i_result result = P2I_OK;
    for (uint64_t now = now_ns(stream);
         result == P2I_OK && now < until_ns && !p2i_sender_is_stopped(sender);
         now = now_ns(stream)) {
        wait_for(stream, until_ns - now);
        if (!has_given_up(stream)) {
            result = advance(stream, error);
        }
        if (result == P2I_OK && p2i_outbox_unsent_bytes(&stream->outbox) > 0) {
            result = check_patience(stream, error);
        }
    }
    return result;
}

/* After the last message: ends the stream, and waits for the collector to close. True: the time is
 * up. */
static bool await_close(struct stream *stream)
{
    struct p2i_sender *sender = &stream->sender;
    if (stream->grant > 0 && now_ns(stream) - stream->quiet_ns < QUIET_NS) {
        return false; /* a close_notify would be more unread data */
    }
    if (!stream->finished) {
        stream->finished = p2i_connection_finish(&stream->connection);
        return false;
    }
    uint64_t unacknowledged = p2i_connection_unacknowledged(&stream->connection);
    if (unacknowledged != stream->unacknowledged) {
        stream->unacknowledged = unacknowledged;
        note_progress(stream);
    }
    if (unacknowledged > 0) {
        return false;
    }
    stream->progress_ns = now_ns(stream); /* it has everything: only the close is missing */
    if (stream->linger_ns == 0) {
        stream->linger_ns = now_ns(stream) + sender->delivery->linger_s * NS_PER_S;
    }
    uint64_t until_ns = stream->linger_ns;
    if (p2i_sender_is_stopped(sender)) {
        until_ns = least(until_ns, sender->stopped_ns + STOPPED_S * NS_PER_S);
    }
    if (now_ns(stream) < until_ns) {
        return false;
    }
    p2i_sender_report(sender, false,
                      "did not close the connection: %" PRIu64
                      " records were received, but perhaps "
                      "not read",
                      stream->outbox.sent_records);
    return true;
}

static bool has_messages(const struct stream *stream)
{
    return p2i_outbox_unsent_bytes(&stream->outbox) + p2i_outbox_sent_bytes(&stream->outbox) > 0;
}

static enum p2i_result finish(struct p2i_sender *sender, struct p2i_error *error)
{
    struct stream *stream = (struct stream *)sender;
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && !has_given_up(stream) && has_messages(stream)) {
        result = advance(stream, error);
        if (result != P2I_OK || has_given_up(stream) || !has_messages(stream)) {
            break;
        }
        if (stream->open && p2i_outbox_unsent_bytes(&stream->outbox) == 0 && await_close(stream)) {
            break;
        }
        result = check_patience(stream, error);
        if (result == P2I_OK && !has_given_up(stream)) {
            wait_for(stream, UINT64_MAX);
        }
    }
    return result == P2I_OK ? p2i_sender_finish_spool(sender, error) : result;
}

static void free_stream(struct p2i_sender *sender)
{
    struct stream *stream = (struct stream *)sender;
    p2i_connection_free(&stream->connection);
    p2i_tls_context_free(stream->context);
    p2i_outbox_free(&stream->outbox);
    p2i_buffer_free(&stream->frame);
    p2i_sender_free_common(sender);
    free(stream);
}

static const struct p2i_sender_methods methods = {send_message, idle, finish, free_stream};

enum p2i_result p2i_stream_sender_new(struct p2i_sender **sender, const struct p2i_sender *common,
                                      struct p2i_error *error)
{
    *sender = NULL;
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return p2i_fail_memory(error);
    }
    stream->sender = *common;
    stream->sender.methods = &methods;
    stream->back_off_s = 1;
    if (common->url->transport == P2I_COLLECTOR_TLS) {
        enum p2i_result result = p2i_tls_client_context(&stream->context, common->url, error);
        if (result != P2I_OK) {
            free(stream);
            return result;
        }
    }
    stream->connection =
        (struct p2i_connection){.clock = common->clock,
                                .context = stream->context,
                                .connect_ns = common->delivery->connect_s * NS_PER_S,
                                .descriptor = -1};
    /* The name is looked up once, before anything is read: later the program may be sealed off. */
    stream->connection.lookup =
        p2i_sender_resolve(&stream->sender, SOCK_STREAM, &stream->connection.addresses);
    p2i_rate_init(&stream->sender.rate, common->delivery->rate_bytes, RATE_BURST, now_ns(stream));
    *sender = &stream->sender;
    return P2I_OK;
}
