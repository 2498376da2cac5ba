/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/protocols.h"
#include "protocol/recognise/recognise.h"

enum { SEGMENTS_MAX = 16, BYTES_MAX = 8192, CUTS_MAX = 70 };

/* The bytes of a row. */
struct session {
    size_t count;
    enum p2i_direction from[SEGMENTS_MAX];
    size_t begin[SEGMENTS_MAX + 1];
    uint8_t bytes[BYTES_MAX];
    bool matters[BYTES_MAX];
};

static unsigned digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = strchr(digits, c);
    cr_assert(c != '\0' && found != NULL, "'%c' is not a hex digit", c);
    return (unsigned)(found - digits);
}

/* Reads a word into `session`; returns the address behind it. */
static const char *read_word(struct session *session, const char *at)
{
    size_t *end = &session->begin[session->count];
    size_t begin = *end;
    bool matters = *at == '!';
    at += matters;
    if (*at == '\'') {
        for (at++; *at != '\''; at++) {
            session->bytes[(*end)++] = (uint8_t)*at;
        }
        at++;
    } else {
        for (; *at != '\0' && strchr(" *!", *at) == NULL; at += 2) {
            session->bytes[(*end)++] = (uint8_t)(digit_of(at[0]) << 4 | digit_of(at[1]));
        }
    }
    size_t size = *end - begin;
    unsigned long times = 1;
    if (*at == '*') {
        char *behind = NULL;
        times = strtoul(at + 1, &behind, 10);
        at = behind;
    }
    cr_assert(begin + size * times <= BYTES_MAX);
    for (unsigned long i = 1; i < times; i++) {
        memcpy(session->bytes + begin + size * i, session->bytes + begin, size);
    }
    *end = begin + size * times;
    memset(session->matters + begin, matters, size * times);
    return at;
}

static void mark(struct session *session, const char *places)
{
    for (char *end; places != NULL && *places != '\0'; places = end) {
        size_t place = strtoul(places, &end, 10);
        cr_assert(end != places && place < session->begin[session->count], "%s", places);
        session->matters[place] = true;
    }
}

static struct session *read_script(const struct script *row)
{
    struct session *session = calloc(1, sizeof *session);
    cr_assert(session != NULL);
    size_t end = 0;
    for (const char *at = row->text; *at != '\0';) {
        if (*at == '>' || *at == '<') {
            cr_assert(session->count < SEGMENTS_MAX);
            session->from[session->count] = *at == '>' ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
            session->begin[session->count++] = end;
            session->begin[session->count] = end;
            at++;
        } else if (*at == ' ') {
            at++;
        } else {
            at = read_word(session, at);
            end = session->begin[session->count];
        }
    }
    mark(session, row->matter);
    return session;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    (void)completeness;
    (void)context;
    (void)kind;
    (void)sender;
    (void)info;
    (void)message;
}

/* Copies each segment to a block of its own, so that the sanitizer catches a read past its end. */
static void give(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                 enum p2i_direction from, struct p2i_view bytes)
{
    struct p2i_packet_info info = {0};
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    cr_assert(copy != NULL);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    if (stream->ends.transport == P2I_OVER_TCP) {
        p2i_stream_data(stream, worker, from, p2i_view_of(copy, bytes.size), &info);
    } else {
        p2i_stream_datagram(stream, worker, from, p2i_view_of(copy, bytes.size), 0, &info);
    }
    free(copy);
}

/* Where to cut: segment `segment` at `at`; its rest comes next or is not sent at all. `every`: all
 * segments byte by byte. */
struct cut {
    size_t segment;
    size_t at;
    bool drop;
    bool every;
};

static const struct cut whole = {.segment = SIZE_MAX};

static void give_segment(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                         enum p2i_direction from, struct p2i_view bytes, const struct cut *cut)
{
    if (cut->every) {
        for (size_t i = 0; i < bytes.size; i++) {
            give(stream, worker, from, p2i_view_of(bytes.data + i, 1));
        }
    } else if (cut->segment != SIZE_MAX) {
        give(stream, worker, from, p2i_view_first(bytes, cut->at));
        if (!cut->drop) {
            give(stream, worker, from, p2i_view_from(bytes, cut->at));
        }
    } else {
        give(stream, worker, from, bytes);
    }
}

static struct p2i_ends ends_of(const struct script *row)
{
    return (struct p2i_ends){row->transport, {row->port[0], row->port[1]}};
}

/* The protocol that the stream layer finds. */
static enum p2i_protocol_id name_of(const struct script *row, const struct session *session,
                                    struct cut cut)
{
    static const struct p2i_parse_settings settings = {true, true, true, true};
    struct p2i_message_sink sink = {emit, NULL};
    struct p2i_account account = {0};
    struct p2i_stream_worker worker;
    cr_assert(p2i_stream_worker_open(&worker, p2i_protocols, &settings, &sink));
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, ends_of(row), &account);
    for (size_t i = 0; i < session->count; i++) {
        struct cut here = i == cut.segment || cut.every ? cut : whole;
        size_t size = session->begin[i + 1] - session->begin[i];
        give_segment(&stream, &worker, session->from[i],
                     p2i_view_of(session->bytes + session->begin[i], size), &here);
    }
    enum p2i_protocol_id id = stream.id;
    p2i_stream_end(&stream, &worker);
    if (row->check == SCRIPT_FIRST || row->check == SCRIPT_NOT_FIRST) {
        id = stream.id;
    }
    cr_assert_eq(account.used, 0);
    p2i_stream_worker_close(&worker);
    return id;
}

/* The recognisers' answer to the first `size` bytes, which lie in a heap block of their own. */
static enum p2i_match ask(const struct script *row, const struct session *session, size_t size,
                          enum p2i_protocol_id *id)
{
    uint8_t *block = malloc(size > 0 ? size : 1);
    cr_assert_not_null(block);
    memcpy(block, session->bytes, size);
    struct p2i_ends ends = ends_of(row);
    uint64_t note = 0;
    const struct p2i_recogniser *found = NULL;
    enum p2i_match match =
        p2i_recognise(&ends, session->from[0], p2i_view_of(block, size), &note, &found);
    *id = match == P2I_MATCH_YES ? (enum p2i_protocol_id)found->id : P2I_ID_UNKNOWN;
    free(block);
    return match;
}

/* True when a recogniser that is not asked about so few bytes would match them. */
static bool is_too_small_for_one(const struct script *row, const struct session *session,
                                 size_t size)
{
    static const struct p2i_recogniser *const lists[] = {
        p2i_recognise_remote, p2i_recognise_files,   p2i_recognise_data,  p2i_recognise_network,
        p2i_recognise_tunnel, p2i_recognise_sharing, p2i_recognise_calls, p2i_recognise_voice,
    };
    struct p2i_ends ends = ends_of(row);
    struct p2i_view bytes = p2i_view_of(session->bytes, size);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const struct p2i_recogniser *at = lists[i]; at->id != P2I_ID_UNKNOWN; at++) {
            uint64_t note = 0;
            if (size < at->least[ends.transport] &&
                at->probe(&ends, session->from[0], bytes, &note) != P2I_MATCH_NO) {
                return true;
            }
        }
    }
    return false;
}

/* ---- checks ---- */

static void expect_matters(const struct script *row, struct session *session)
{
    for (size_t i = 0; i < session->begin[session->count]; i++) {
        if (session->matters[i]) {
            enum p2i_protocol_id id = P2I_ID_UNKNOWN;
            session->bytes[i] ^= 0xff;
            if (row->check == SCRIPT_FIRST) {
                (void)ask(row, session, session->begin[1], &id);
            } else {
                id = name_of(row, session, whole);
            }
            cr_expect_neq(id, row->id, "byte %zu does not matter: %s", i, row->text);
            session->bytes[i] ^= 0xff;
        }
    }
}

static void expect_nothing_else(const struct script *row, const struct session *session)
{
    bool tcp = row->transport == P2I_OVER_TCP;
    for (size_t i = tcp ? 0 : session->count - 1; i < session->count; i++) {
        size_t size = session->begin[i + 1] - session->begin[i];
        for (size_t at = 0; at < size; at++) {
            struct cut cut = {.segment = i, .at = at, .drop = !tcp};
            enum p2i_protocol_id got = name_of(row, session, cut);
            cr_expect(got == row->id || got == P2I_ID_UNKNOWN, "cut at %zu it is %d: %s", at, got,
                      row->text);
        }
    }
}

static void expect_every_cut(const struct script *row, const struct session *session, size_t most)
{
    cr_expect_eq(name_of(row, session, (struct cut){.every = true}), row->id, "byte by byte: %s",
                 row->text);
    for (size_t i = 0; i < session->count; i++) {
        size_t size = session->begin[i + 1] - session->begin[i];
        for (size_t at = 1; at < size && at < most; at++) {
            cr_expect_eq(name_of(row, session, (struct cut){.segment = i, .at = at}), row->id,
                         "cut at %zu: %s", at, row->text);
        }
    }
}

/* TCP: MORE up to some length, the protocol from there on. UDP: never MORE. */
static void expect_growing(const struct script *row, const struct session *session)
{
    enum p2i_match before = P2I_MATCH_MORE;
    enum p2i_protocol_id id = P2I_ID_UNKNOWN;
    bool tcp = row->transport == P2I_OVER_TCP;
    for (size_t size = tcp ? 1 : 0; size <= session->begin[1]; size++) {
        enum p2i_match match = ask(row, session, size, &id);
        if (!tcp) {
            cr_expect_neq(match, P2I_MATCH_MORE, "%s cut to %zu", row->text, size);
            cr_expect(!is_too_small_for_one(row, session, size), "%s cut to %zu", row->text, size);
            continue;
        }
        cr_expect_geq(match, before, "%s: the first %zu bytes give %d", row->text, size,
                      (int)match);
        cr_expect(match != P2I_MATCH_MORE || size < P2I_RECOGNISE_BYTES, "%s", row->text);
        before = match;
    }
    cr_expect_eq(id, row->id, "%s is %d", row->text, (int)id);
}

static void expect_not_first(const struct script *row, const struct session *session)
{
    size_t size = row->transport == P2I_OVER_TCP ? 1 : session->begin[1];
    for (; size <= session->begin[1]; size++) {
        enum p2i_protocol_id id;
        cr_expect_neq(ask(row, session, size, &id), P2I_MATCH_YES, "%s cut to %zu is taken for %d",
                      row->text, size, (int)id);
    }
}

static void expect_row(const struct script *row, struct session *session)
{
    enum p2i_protocol_id got = name_of(row, session, whole);
    cr_expect_eq(got, row->id, "it is %d: %s", (int)got, row->text);
    switch (row->check) {
    case SCRIPT_EVERY_CUT:
        expect_every_cut(row, session, SIZE_MAX);
        break;
    case SCRIPT_SESSION:
        break;
    case SCRIPT_FIRST:
        expect_growing(row, session);
        if (row->transport == P2I_OVER_TCP) {
            expect_every_cut(row, session, CUTS_MAX);
        }
        break;
    case SCRIPT_NOT_FIRST:
        expect_not_first(row, session);
        return;
    }
    if (row->id != P2I_ID_UNKNOWN) {
        expect_matters(row, session);
    }
    if (row->id != P2I_ID_UNKNOWN && row->check != SCRIPT_FIRST) {
        expect_nothing_else(row, session);
    }
}

void script_expect(const struct script *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].about == NULL) {
            struct session *session = read_script(&rows[i]);
            expect_row(&rows[i], session);
            free(session);
        }
    }
}
