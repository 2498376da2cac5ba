/* SPDX-License-Identifier: MIT */
/* Recognises databases, caches and message queues. */
#include "base/ascii.h"
#include "protocol/recognise/bytes.h"
#include "protocol/recognise/recognise.h"

/* All probes have one type; its `note` is writable, though some probes do not write it. */

enum { PORT_MQTT = 1883, PORT_REDIS = 6379, PORT_MEMCACHED = 11211 };

/* MySQL's Protocol::HandshakeV10: length, sequence 0, protocol 10, "8.0.36", NUL, thread id, 8
 * bytes of scramble and a zero. */
static enum p2i_match mysql_greeting(struct p2i_view bytes)
{
    enum { VERSION = 5, SCRAMBLE_END = 4 + 8 };
    if (bytes.size <= VERSION) {
        return P2I_MATCH_MORE;
    }
    struct p2i_view version = p2i_view_from(p2i_view_first(bytes, P2I_RECOGNISE_BYTES), VERSION);
    size_t end = p2i_view_find(version, 0);
    if (!p2i_is_digit(version.data[0]) || !p2i_is_printable(p2i_view_first(version, end))) {
        return P2I_MATCH_NO;
    }
    if (end + 1 + SCRAMBLE_END >= version.size) {
        return p2i_want_more(bytes);
    }
    size_t length = p2i_load_le32(bytes.data) & 0xffffff;
    bool dotted = p2i_view_find(p2i_view_first(version, end), '.') < end;
    return dotted && version.data[end + 1 + SCRAMBLE_END] == 0 && length < 512 &&
                   length > 1 + end + 1 + SCRAMBLE_END
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* MySQL's Protocol::HandshakeResponse41 and SSLRequest: length, sequence 1, flags with
 * CLIENT_PROTOCOL_41, largest packet, character set, 19 bytes (MariaDB uses the last 4 of 23) of
 * zeros. */
static enum p2i_match mysql_response(struct p2i_view bytes)
{
    enum { FLAGS = 4, ZEROS = 13, END = ZEROS + 19, LONGEST = 8192 };
    static const uint8_t zeros[END - ZEROS];
    struct p2i_view filler = p2i_view_first(p2i_view_from(bytes, ZEROS), sizeof zeros);
    if ((bytes.size > FLAGS + 1 && (bytes.data[FLAGS + 1] & 0x02) == 0) ||
        (filler.size > 0 && memcmp(filler.data, zeros, filler.size) != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < END) {
        return P2I_MATCH_MORE;
    }
    size_t length = p2i_load_le32(bytes.data) & 0xffffff;
    return length >= 32 && length <= LONGEST && p2i_load_le32(bytes.data + 8) >= 1024
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

static enum p2i_match probe_mysql(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    if ((bytes.size > 2 && bytes.data[2] != 0) || (bytes.size > 3 && bytes.data[3] > 1)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < 5) {
        return P2I_MATCH_MORE;
    }
    if (bytes.data[3] == 1) {
        return mysql_response(bytes);
    }
    return bytes.data[4] == 10 ? mysql_greeting(bytes) : P2I_MATCH_NO;
}

/* PostgreSQL, "Message Formats": a startup message has no type byte. Length, then a code for SSL,
 * GSSAPI or cancellation, or version 3 and the name of a parameter. */
static enum p2i_match probe_postgresql(const struct p2i_ends *ends, enum p2i_direction direction,
                                       struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { SSL = 80877103, GSSAPI = 80877104, CANCEL = 80877102, LONGEST = 10000, NAME = 8 };
    if (bytes.data[0] != 0 || (bytes.size > 1 && bytes.data[1] != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < NAME) {
        return P2I_MATCH_MORE;
    }
    uint32_t length = p2i_load_be32(bytes.data);
    uint32_t code = p2i_load_be32(bytes.data + 4);
    if (code == SSL || code == GSSAPI) {
        return length == 8 ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (code == CANCEL) {
        return length == 16 ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (code >> 16 != 3 || (code & 0xffff) > 2 || length < NAME + 6 || length > LONGEST) {
        return P2I_MATCH_NO;
    }
    for (size_t i = NAME; i < NAME + 4; i++) {
        if (i == bytes.size) {
            return P2I_MATCH_MORE;
        }
        if (bytes.data[i] < 'a' || bytes.data[i] > 'z') {
            return P2I_MATCH_NO;
        }
    }
    return P2I_MATCH_YES;
}

/* MS-TDS 2.2.6.5: PRELOGIN and its answer begin with a table of option, offset and length (5 bytes
 * each): the version with its 6 bytes first, 0xff last. The first value follows the table. */
static enum p2i_match tds_prelogin(struct p2i_view bytes)
{
    enum { TABLE = 8, ROW = 5 };
    if (bytes.size < TABLE + ROW) {
        return P2I_MATCH_MORE;
    }
    size_t offset = p2i_load_be16(bytes.data + TABLE + 1);
    if (bytes.data[TABLE] != 0 || p2i_load_be16(bytes.data + TABLE + 3) != 6 || offset % ROW != 1 ||
        offset <= ROW || TABLE + offset > P2I_RECOGNISE_BYTES ||
        TABLE + offset + 6 > p2i_load_be16(bytes.data + 2)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < TABLE + offset) {
        return P2I_MATCH_MORE;
    }
    return bytes.data[TABLE + offset - 1] == 0xff ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* MS-TDS 2.2.6.4: LOGIN7 begins with its length, the version 7.x and the packet size. */
static enum p2i_match tds_login(struct p2i_view bytes)
{
    enum { LENGTH = 8, VERSION = 12, END = 20 };
    if (bytes.size < END) {
        return P2I_MATCH_MORE;
    }
    uint32_t length = p2i_load_le32(bytes.data + LENGTH);
    uint32_t version = p2i_load_le32(bytes.data + VERSION) >> 24;
    uint32_t packet = p2i_load_le32(bytes.data + VERSION + 4);
    return length + LENGTH >= p2i_load_be16(bytes.data + 2) && length < 128 << 10 &&
                   version >= 0x70 && version <= 0x75 && packet <= 32767
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* MS-TDS 2.2.3: type, status, length, process id, packet, window (0). */
static enum p2i_match probe_tds(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { PRELOGIN = 0x12, LOGIN7 = 0x10, RESPONSE = 0x04 };
    uint8_t type = bytes.data[0];
    if ((type != PRELOGIN && type != LOGIN7 && type != RESPONSE) ||
        (bytes.size > 1 && bytes.data[1] > 1) || (bytes.size > 7 && bytes.data[7] != 0)) {
        return P2I_MATCH_NO;
    }
    return type == LOGIN7 ? tds_login(bytes) : tds_prelogin(bytes);
}

/* MongoDB, "Wire Protocol": returns true if the bytes behind the header fit the operation. */
static bool is_mongodb_body(uint32_t operation, const uint8_t *body, uint32_t size)
{
    enum { MSG = 2013, COMPRESSED = 2012, QUERY = 2004, REPLY = 1 };
    uint32_t flags = p2i_load_le32(body);
    switch (operation) {
    case MSG: /* flags (checksum, more to come, exhaust); kind of the section; length of the
                 document */
        return (flags & ~0x00010003U) == 0 &&
               (body[4] == 1 || (body[4] == 0 && p2i_load_le32(body + 5) <= size));
    case COMPRESSED: /* original operation, its size, compressor */
        return (flags == MSG || flags == QUERY) && body[8] <= 3;
    case QUERY: /* "admin.$cmd" */
        return flags <= 0xff && p2i_is_printable(p2i_view_of(body + 4, 3));
    case REPLY: /* no cursor */
        return flags <= 0x0f && p2i_load_le32(body + 4) == 0 && body[8] == 0;
    default:
        return false;
    }
}

static enum p2i_match probe_mongodb(const struct p2i_ends *ends, enum p2i_direction direction,
                                    struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { HEAD = 16, BODY = 9, LARGEST = 1 << 20 }; /* of a first message */
    const uint8_t *data = bytes.data;
    if ((bytes.size > 3 && data[3] != 0) || (bytes.size > 13 && data[13] != 7 && data[13] != 0) ||
        (bytes.size > 15 && (data[14] != 0 || data[15] != 0))) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD + BODY) {
        return P2I_MATCH_MORE;
    }
    uint32_t size = p2i_load_le32(data);
    uint32_t answered = p2i_load_le32(data + 8);
    uint32_t operation = p2i_load_le32(data + 12);
    return size > HEAD + BODY && size <= LARGEST && (operation != 1 || answered != 0) &&
                   is_mongodb_body(operation, data + HEAD, size)
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* "*3\r\n$3\r\nSET\r\n": `sign`, a number without leading zeros, CR LF. Sets `*end` to the offset
 * behind them. */
static enum p2i_match redis_count(struct p2i_view bytes, size_t from, uint8_t sign, size_t *end)
{
    enum { DIGITS_MAX = 7 };
    struct p2i_view rest = p2i_view_from(bytes, from);
    if (rest.size < 2) {
        return rest.size == 0 || rest.data[0] == sign ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    size_t count = p2i_digits(p2i_view_from(rest, 1));
    if (rest.data[0] != sign || count == 0 || count > DIGITS_MAX || rest.data[1] == '0') {
        return P2I_MATCH_NO;
    }
    *end = from + 1 + count + 2;
    return p2i_begins(p2i_view_from(rest, 1 + count), P2I_VIEW("\r\n"));
}

/* Redis serialization protocol: an array of bulk strings. IMAP has "* OK" there, OSCAR a binary
 * channel. Other types than arrays are recognised on the port alone. */
static enum p2i_match probe_redis(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.data[0] == '*') {
        size_t end = 0;
        enum p2i_match match = redis_count(bytes, 0, '*', &end);
        return match == P2I_MATCH_YES ? redis_count(bytes, end, '$', &end) : match;
    }
    if ((bytes.data[0] != 'P' && bytes.data[0] != '+') || !p2i_ends_use(ends, PORT_REDIS)) {
        return P2I_MATCH_NO;
    }
    return p2i_either(p2i_begins(bytes, P2I_VIEW("PING\r\n")),
                      p2i_begins(bytes, P2I_VIEW("+PONG\r\n")));
}

/* ---- memcached ---- */

/* `count` decimal numbers, each behind a space, up to the end or " noreply". */
static bool has_numbers(struct p2i_view text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t digits = p2i_digits(p2i_view_from(text, 1));
        if (text.size == 0 || text.data[0] != ' ' || digits == 0) {
            return false;
        }
        text = p2i_view_from(text, 1 + digits);
    }
    return text.size == 0 || p2i_view_equals(text, P2I_VIEW(" noreply"));
}

/* protocol.txt of memcached: a verb, a key, numbers. Commands without numbers are recognised on the
 * port alone. */
static const struct {
    const char *verb;
    uint8_t numbers;
    bool key;
} memcached_verbs[] = {
    {"set", 3, true},     {"add", 3, true},     {"replace", 3, true},  {"append", 3, true},
    {"prepend", 3, true}, {"cas", 4, true},     {"VALUE", 2, true},    {"VALUE", 3, true},
    {"get", 0, true},     {"gets", 0, true},    {"delete", 0, true},   {"incr", 1, true},
    {"decr", 1, true},    {"stats", 0, false},  {"version", 0, false}, {"STORED", 0, false},
    {"END", 0, false},    {"VERSION", 0, true},
};

/* Returns true if the line may be one of memcached; sets `*surely` if its numbers leave no
 * doubt. */
static bool is_memcached_line(struct p2i_view line, bool *surely)
{
    size_t verb_size = p2i_view_find(line, ' ');
    struct p2i_view verb = p2i_view_first(line, verb_size);
    struct p2i_view rest = p2i_view_from(line, verb_size + 1);
    size_t key_size = p2i_view_find(rest, ' ');
    for (size_t i = 0; i < sizeof memcached_verbs / sizeof *memcached_verbs; i++) {
        const char *name = memcached_verbs[i].verb;
        if (p2i_view_equals(verb, p2i_view_of(name, strlen(name))) &&
            memcached_verbs[i].key == (key_size > 0) && p2i_is_printable(rest) &&
            (memcached_verbs[i].numbers == 0 ||
             has_numbers(p2i_view_from(rest, key_size), memcached_verbs[i].numbers))) {
            *surely = memcached_verbs[i].numbers > 1;
            return true;
        }
    }
    return false;
}

static enum p2i_match memcached_text(const struct p2i_ends *ends, struct p2i_view bytes)
{
    if (!p2i_is_one_of(bytes.data[0], "sarpcgdivVSE")) {
        return P2I_MATCH_NO;
    }
    size_t letters = 1;
    while (letters < bytes.size && p2i_is_letter(bytes.data[letters])) {
        letters++;
    }
    if (letters > 7 ||
        (letters < bytes.size && bytes.data[letters] != ' ' && bytes.data[letters] != '\r')) {
        return P2I_MATCH_NO;
    }
    struct p2i_view line;
    enum p2i_match ended = p2i_first_line(bytes, &line);
    bool surely = false;
    if (ended != P2I_MATCH_YES) {
        return ended;
    }
    return is_memcached_line(line, &surely) && (surely || p2i_ends_use(ends, PORT_MEMCACHED))
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* BinaryProtocolRevamped of memcached: magic, operation, lengths of key and extras, data type 0,
 * status 0 in a request, total length. */
static enum p2i_match memcached_binary(struct p2i_view bytes)
{
    enum { HEAD = 24, REQUEST = 0x80, LAST_OPERATION = 0x22, KEY_MAX = 250, BODY_MAX = 1 << 25 };
    const uint8_t *data = bytes.data;
    if ((bytes.size > 1 && data[1] > LAST_OPERATION) || (bytes.size > 5 && data[5] != 0)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD) {
        return P2I_MATCH_MORE;
    }
    size_t key = p2i_load_be16(data + 2);
    size_t extras = data[4];
    size_t body = p2i_load_be32(data + 8);
    unsigned status = p2i_load_be16(data + 6);
    bool has_key = key > 0 || data[1] == 0x07 || (data[1] >= 0x0a && data[1] <= 0x0b);
    bool fits = data[0] == REQUEST ? status == 0 && has_key : status <= 0x86;
    return fits && key <= KEY_MAX && extras % 4 == 0 && extras <= 20 && body >= key + extras &&
                   body < BODY_MAX && (key > 0 || body < 1024 || data[0] != REQUEST)
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* Over UDP each datagram begins with the request id, the datagram's sequence number, the number of
 * datagrams, and 0. */
static enum p2i_match probe_memcached(const struct p2i_ends *ends, enum p2i_direction direction,
                                      struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    enum { UDP_HEAD = 8 };
    if (ends->transport == P2I_OVER_TCP) {
        bool binary = bytes.data[0] == 0x80 || bytes.data[0] == 0x81;
        return binary ? memcached_binary(bytes) : memcached_text(ends, bytes);
    }
    if (!p2i_ends_use(ends, PORT_MEMCACHED) || bytes.size <= UDP_HEAD) {
        return P2I_MATCH_NO;
    }
    return p2i_load_be16(bytes.data + 2) < p2i_load_be16(bytes.data + 4) &&
                   p2i_load_be16(bytes.data + 6) == 0
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* ---- Queues ---- */

/* MQTT 3.1, 3.1.1 and 5.0: CONNECT, the remaining length in 7-bit groups, name and level of the
 * protocol. CONNACK is so short that it is recognised on the port alone. */
static enum p2i_match probe_mqtt(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.data[0] == 0x20 && p2i_ends_use(ends, PORT_MQTT)) {
        bool wrong = (bytes.size > 1 && bytes.data[1] < 2) || (bytes.size > 2 && bytes.data[2] > 1);
        return wrong ? P2I_MATCH_NO : bytes.size < 4 ? P2I_MATCH_MORE : P2I_MATCH_YES;
    }
    if (bytes.data[0] != 0x10) {
        return P2I_MATCH_NO;
    }
    size_t at = 1;
    while (at < bytes.size && at < 4 && bytes.data[at] >= 0x80) {
        at++;
    }
    struct p2i_view rest = p2i_view_from(bytes, at + 1);
    return p2i_either(p2i_begins(rest, P2I_VIEW("\0\x04MQTT")),
                      p2i_begins(rest, P2I_VIEW("\0\x06MQIsdp\x03")));
}

/* AMQP 0-9-1 section 4.2.2, AMQP 1.0 section 2.2: "AMQP", 0 (2: TLS, 3: SASL), the version. */
static enum p2i_match probe_amqp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum p2i_match match = p2i_begins(bytes, P2I_VIEW("AMQP"));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    for (size_t i = 4; i < 8; i++) {
        if (i == bytes.size) {
            return P2I_MATCH_MORE;
        }
        if (bytes.data[i] > (i == 4 ? 3 : 10)) {
            return P2I_MATCH_NO;
        }
    }
    return P2I_MATCH_YES;
}

const struct p2i_recogniser p2i_recognise_data[] = {
    {P2I_ID_MYSQL, {[P2I_OVER_TCP] = 1}, false, probe_mysql},
    {P2I_ID_POSTGRESQL, {[P2I_OVER_TCP] = 1}, false, probe_postgresql},
    {P2I_ID_TDS, {[P2I_OVER_TCP] = 1}, false, probe_tds},
    {P2I_ID_MONGODB, {[P2I_OVER_TCP] = 1}, true, probe_mongodb},
    {P2I_ID_REDIS, {[P2I_OVER_TCP] = 1}, true, probe_redis},
    {P2I_ID_MEMCACHED, {[P2I_OVER_TCP] = 1}, true, probe_memcached},
    {P2I_ID_MEMCACHED, {[P2I_OVER_UDP] = 9}, false, probe_memcached},
    {P2I_ID_MQTT, {[P2I_OVER_TCP] = 1}, false, probe_mqtt},
    {P2I_ID_AMQP, {[P2I_OVER_TCP] = 1}, false, probe_amqp},
    {0},
};
