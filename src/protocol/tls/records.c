/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/cursor.h"
#include "protocol/tls/parser.h"

enum {
    GATHERED_MAX = 64 << 10,
    GATHERED_FIRST = 2048,   /* a hello cut by a segment border mostly fits */
    SEARCHED_MAX = 64 << 10, /* bytes of a direction */
    ALERT_SIZE = 2,
};

/* ---- assembled messages ---- */

void p2i_tls_forget_message(struct p2i_parser *parser, struct p2i_tls_half *half)
{
    p2i_pool_put(parser->pool, parser->account, half->gathered, half->gathered_capacity);
    half->gathered = NULL;
    half->gathered_capacity = 0;
    half->gathered_size = 0;
    half->wanted = 0;
}

/* Appends to the gathered bytes. False: out of memory. */
static bool gather(struct p2i_parser *parser, struct p2i_tls_half *half, struct p2i_view bytes)
{
    size_t size = half->gathered_size + bytes.size;
    if (size > half->gathered_capacity) {
        size_t capacity = half->gathered_capacity;
        uint8_t *larger =
            p2i_pool_grow(parser->pool, parser->account, half->gathered, half->gathered_size,
                          size < GATHERED_FIRST ? GATHERED_FIRST : size, &capacity);
        if (larger == NULL) {
            return false;
        }
        half->gathered = larger;
        half->gathered_capacity = capacity;
    }
    if (bytes.size > 0) {
        memcpy(half->gathered + half->gathered_size, bytes.data, bytes.size);
    }
    half->gathered_size = (uint32_t)size;
    return true;
}

static struct p2i_view gathered(const struct p2i_tls_half *half)
{
    return p2i_view_of(half->gathered, half->gathered_size);
}

/* Takes bytes of a message that matters. Returns their number. */
static uint32_t take_message(const struct p2i_tls_work *work, struct p2i_view bytes)
{
    struct p2i_tls_half *half = work->half;
    struct p2i_view part = p2i_view_first(bytes, half->wanted - half->gathered_size);
    enum p2i_completeness completeness = half->message_left > part.size
                                             ? P2I_LIMITED
                                             : P2I_WHOLE; /* once all wanted bytes are there */
    if (part.size == half->wanted) {                      /* all of it at once: no copy */
        p2i_tls_message(work, part, completeness);
    } else if (!gather(work->parser, half, part)) {
        p2i_tls_message(work, gathered(half), P2I_CUT);
    } else if (half->gathered_size < half->wanted) {
        return (uint32_t)part.size;
    } else {
        p2i_tls_message(work, gathered(half), completeness);
    }
    p2i_tls_forget_message(work->parser, half);
    return (uint32_t)part.size;
}

/* ---- message headers ---- */

/* Begins a message whose header was read: `left` bytes of it follow, the first `wanted` matter. */
static void begin_body(struct p2i_tls_half *half, uint32_t left, uint32_t wanted)
{
    half->header_size = 0;
    half->message_left = left;
    half->wanted = wanted < GATHERED_MAX ? wanted : GATHERED_MAX;
    half->in_message = left > 0;
}

/* Begins a message before the hello, or between two ClientHellos. False: there can be none here. */
static bool begin_hello(const struct p2i_tls_work *work, uint8_t type, uint32_t size)
{
    struct p2i_tls_half *half = work->half;
    if (type == P2I_TLS_HELLO_REQUEST && size == 0 && half->role != P2I_TLS_CLIENT &&
        !half->ciphered) {
        begin_body(half, 0, 0);
        return true;
    }
    if (type == P2I_TLS_HELLO_RETRY_REQUEST && half->role != P2I_TLS_CLIENT &&
        work->peer->hellos > 0) {
        half->role = P2I_TLS_SERVER;
        p2i_tls_retry(work);
        begin_body(half, size, 0);
        return true;
    }
    enum p2i_tls_role role = type == P2I_TLS_CLIENT_HELLO   ? P2I_TLS_CLIENT
                             : type == P2I_TLS_SERVER_HELLO ? P2I_TLS_SERVER
                                                            : P2I_TLS_ROLE_UNKNOWN;
    if (role == P2I_TLS_ROLE_UNKNOWN ||
        (half->role != P2I_TLS_ROLE_UNKNOWN && half->role != role) || size < P2I_TLS_HELLO_MIN ||
        size > P2I_TLS_HELLO_MAX) {
        return false;
    }
    /* Behind ChangeCipherSpec this may be ciphertext. A hello there fills its record, because
     * the next record has other keys. */
    if (half->ciphered && size + P2I_TLS_MESSAGE_HEADER < half->record_size) {
        return false;
    }
    half->role = (uint8_t)role;
    half->message = type;
    begin_body(half, size, size);
    return true;
}

/* Begins a message behind the ServerHello. */
static void begin_answer(const struct p2i_tls_work *work, uint8_t type, uint32_t size)
{
    if (type == P2I_TLS_HELLO_REQUEST || type == P2I_TLS_ENCRYPTED_EXTENSIONS ||
        type == P2I_TLS_SUPPLEMENTAL_DATA) {
        begin_body(work->half, size, 0);
    } else if (type != P2I_TLS_CERTIFICATE || size < P2I_TLS_LEAF_HEADER - P2I_TLS_MESSAGE_HEADER) {
        p2i_tls_server_done(work, (struct p2i_view){0});
    }
    /* P2I_TLS_CERTIFICATE: more of its header follows. */
}

/* True for the certificate of a server whose hello was lost. It is in the clear as long as the
 * cipher was not changed. */
static bool is_late_certificate(const struct p2i_tls_work *work, uint8_t type)
{
    const struct p2i_tls_half *half = work->half;
    return type == P2I_TLS_CERTIFICATE && half->lossy && half->role != P2I_TLS_CLIENT &&
           !half->ciphered && work->peer->role == P2I_TLS_CLIENT;
}

static void begin_leaf(const struct p2i_tls_work *work)
{
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(work->half->header, P2I_TLS_LEAF_HEADER));
    p2i_skip(&cursor, 1);
    uint32_t left = p2i_be24(&cursor) - (P2I_TLS_LEAF_HEADER - P2I_TLS_MESSAGE_HEADER);
    p2i_skip(&cursor, 3);
    uint32_t leaf = p2i_be24(&cursor);
    leaf = leaf < left ? leaf : left;
    if (leaf == 0) {
        p2i_tls_server_done(work, (struct p2i_view){0});
        return;
    }
    work->half->message = P2I_TLS_CERTIFICATE;
    begin_body(work->half, left, leaf);
}

/* Takes bytes of a message header. Returns their number. */
static uint32_t take_header(const struct p2i_tls_work *work, struct p2i_view bytes, uint64_t at)
{
    struct p2i_tls_half *half = work->half;
    if (half->header_size == 0 && half->record_left < half->record_size) {
        /* The message does not begin with the record. */
        half->info = *p2i_packet_info_at(work->segment, at);
    }
    size_t size =
        half->header_size < P2I_TLS_MESSAGE_HEADER ? P2I_TLS_MESSAGE_HEADER : P2I_TLS_LEAF_HEADER;
    struct p2i_view part = p2i_view_first(bytes, size - half->header_size);
    if (part.size > 0) {
        memcpy(half->header + half->header_size, part.data, part.size);
    }
    half->header_size = (uint8_t)(half->header_size + part.size);
    if (half->header_size < size) {
        return (uint32_t)part.size;
    }
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(half->header, P2I_TLS_MESSAGE_HEADER));
    uint8_t type = p2i_u8(&cursor);
    uint32_t length = p2i_be24(&cursor);
    bool answers = half->role == P2I_TLS_SERVER && half->hellos > 0;
    if (size == P2I_TLS_LEAF_HEADER) {
        begin_leaf(work);
    } else if (answers || is_late_certificate(work, type)) {
        begin_answer(work, type, length);
    } else if (!begin_hello(work, type, length)) {
        p2i_tls_past_hellos(work);
    }
    return (uint32_t)part.size;
}

/* ---- records ---- */

/* Takes bytes of a handshake record. Returns their number. */
static uint32_t take_handshake(const struct p2i_tls_work *work, uint64_t at)
{
    struct p2i_tls_half *half = work->half;
    struct p2i_view bytes =
        p2i_view_first(p2i_view_from(work->segment->bytes, at), half->record_left);
    uint32_t taken;
    if (!half->in_message) {
        taken = take_header(work, bytes, at);
        half->record_left -= taken;
        return taken;
    }
    if (half->wanted > 0) {
        taken = take_message(work, bytes);
    } else {
        taken = half->message_left < half->record_left ? half->message_left : half->record_left;
    }
    half->record_left -= taken;
    half->message_left -= taken;
    half->in_message = half->message_left > 0;
    return taken;
}

/* Takes the record header of an SSL 2.0 hello at the start of a direction. Returns its size; 0:
 * something else begins here. */
static size_t take_ssl2_header(const struct p2i_tls_work *work, struct p2i_view bytes)
{
    struct p2i_tls_half *half = work->half;
    uint32_t length = 0;
    size_t header = p2i_tls_ssl2_header(bytes, &length);
    if (header == 0 || length < P2I_TLS_SSL2_HELLO_HEADER) {
        return 0;
    }
    bool answer = work->peer->role == P2I_TLS_CLIENT && work->tls->ssl2;
    uint8_t type = bytes.data[header];
    if (type !=
        (answer ? P2I_TLS_SSL2_SERVER_HELLO : P2I_TLS_SSL2_CLIENT_HELLO) - P2I_TLS_SSL2_HELLO) {
        return 0;
    }
    half->message = (uint16_t)(P2I_TLS_SSL2_HELLO + type);
    half->role = answer ? P2I_TLS_SERVER : P2I_TLS_CLIENT;
    half->record_size = half->record_left = length;
    begin_body(half, length, length);
    return header;
}

/* Takes all of a record that is no handshake; of an alert in the clear, its two bytes count. */
static uint32_t take_other(const struct p2i_tls_work *work, struct p2i_view bytes, uint32_t length)
{
    struct p2i_view payload = {0};
    if (bytes.data[0] == P2I_TLS_ALERT && length == ALERT_SIZE) {
        payload = p2i_view_from(bytes, P2I_TLS_RECORD_HEADER);
        if (payload.size < ALERT_SIZE) {
            return 0;
        }
        payload = p2i_view_first(payload, ALERT_SIZE);
    }
    p2i_tls_other_record(work, bytes.data[0], payload);
    return P2I_TLS_RECORD_HEADER + length;
}

/* Takes the header of a record, and all of a record that is no handshake. */
static uint32_t take_record(const struct p2i_tls_work *work, uint64_t at)
{
    struct p2i_tls_half *half = work->half;
    struct p2i_view bytes = p2i_view_from(work->segment->bytes, at);
    if (bytes.size < P2I_TLS_RECORD_HEADER) {
        return 0;
    }
    if (!half->in_message && half->header_size == 0) {
        half->info = *p2i_packet_info_at(work->segment, at);
    }
    if (p2i_tls_match_record(bytes) == P2I_MATCH_YES) {
        uint32_t length = p2i_load_be16(bytes.data + 3);
        if (bytes.data[0] != P2I_TLS_HANDSHAKE) {
            return take_other(work, bytes, length);
        }
        half->record_size = half->record_left = length;
        return P2I_TLS_RECORD_HEADER;
    }
    size_t header = half->role == P2I_TLS_ROLE_UNKNOWN ? take_ssl2_header(work, bytes) : 0;
    if (header == 0) {
        p2i_report_broken(work->parser);
        p2i_tls_give_up(work);
    }
    return (uint32_t)header;
}

/* ---- losses ---- */

/* The start of a record is not known: searches for it. Returns the bytes passed over. */
static uint64_t find_record(const struct p2i_tls_work *work, uint64_t at)
{
    struct p2i_tls_half *half = work->half;
    struct p2i_view bytes = p2i_view_from(work->segment->bytes, at);
    if (half->place == P2I_TLS_BEHIND_LOSS) { /* segments often begin with a record */
        enum p2i_match match = p2i_tls_match_record(bytes);
        if (match == P2I_MATCH_MORE) {
            return 0;
        }
        half->place = match == P2I_MATCH_YES ? P2I_TLS_IN_STEP : P2I_TLS_SEARCHING;
    }
    if (half->place == P2I_TLS_IN_STEP) {
        return take_record(work, at);
    }
    bool certain;
    size_t passed = p2i_tls_find_hello(bytes, &certain);
    half->place = certain ? P2I_TLS_IN_STEP : P2I_TLS_SEARCHING;
    half->searched += (uint32_t)passed;
    if (half->searched > SEARCHED_MAX) {
        p2i_tls_give_up(work);
    }
    return certain && passed == 0 ? take_record(work, at) : passed;
}

uint64_t p2i_tls_take(const struct p2i_tls_work *work, uint64_t at)
{
    const struct p2i_tls_half *half = work->half;
    if (half->record_left > 0) {
        return take_handshake(work, at);
    }
    return half->place == P2I_TLS_IN_STEP ? take_record(work, at) : find_record(work, at);
}

bool p2i_tls_lose(const struct p2i_tls_work *work, uint64_t missing)
{
    struct p2i_tls_half *half = work->half;
    bool within = half->in_message && missing > 0 && missing <= half->message_left &&
                  missing <= half->record_left;
    half->lossy = true;
    if (half->in_message && half->wanted > 0) {
        p2i_tls_message(work, gathered(half), P2I_CUT);
    }
    p2i_tls_forget_message(work->parser, half);
    if (within) {
        half->message_left -= (uint32_t)missing;
        half->record_left -= (uint32_t)missing;
        half->in_message = half->message_left > 0;
        return true;
    }
    half->in_message = false;
    half->header_size = 0;
    half->record_left = 0;
    half->place = P2I_TLS_BEHIND_LOSS;
    return false;
}
