/* SPDX-License-Identifier: MIT */
#include "report/collect.h"

#include <stdlib.h>

#include "base/ntp.h"
#include "pcap2ipfix/value_names.h"
#include "report/cipher_suites.h"

enum {
    CUT_BY_CAPTURE = 4, /* flowEndReason of a message that is not whole */
    CUT_BY_LIMIT = 5,
    KIND_OTHER = P2I_REPORT_KINDS - 1,
    MS_PER_S = 1000,
};

#define REPORT_FIELDS(X)                                                                           \
    X(LOGIN, P2I_PEN, 1002)                                                                        \
    X(FLOW_LOGIN, P2I_PEN, 2003)                                                                   \
    X(HOSTNAME, P2I_PEN, 1005)                                                                     \
    X(USER_AGENT, P2I_PEN, 1008)                                                                   \
    X(METHOD, P2I_PEN, 1012)                                                                       \
    X(RESULT_CODE, P2I_PEN, 1020)                                                                  \
    X(SSL_VERSION, P2I_PEN, 1030)                                                                  \
    X(CIPHER_SUITE, P2I_PEN, 1031)                                                                 \
    X(MSG_CODE, P2I_PEN, 3000)                                                                     \
    X(STATUS_CODE, P2I_PEN, 3001)                                                                  \
    X(CALLID, P2I_PEN, 3005)                                                                       \
    X(SERVER_NAME, P2I_PEN, 3050)                                                                  \
    X(USER, P2I_PEN, 3051)                                                                         \
    X(PASSWORD, P2I_PEN, 3052)                                                                     \
    X(IM_LOGIN, P2I_PEN, 3100)                                                                     \
    X(IM_PASSW, P2I_PEN, 3101)                                                                     \
    X(IM_PROTOCOL, P2I_PEN, 3104)                                                                  \
    X(IM_RECEIVERS, P2I_PEN, 3105)                                                                 \
    X(MAIL_SENDER, P2I_PEN, 3150)                                                                  \
    X(MAIL_SERVERS, P2I_PEN, 3154)                                                                 \
    X(EVENT, P2I_PEN, 3156)                                                                        \
    X(MAIL_PROTOCOL, P2I_PEN, 3158)                                                                \
    X(DOMAIN, P2I_PEN, 3201)                                                                       \
    X(RRTYPE, P2I_PEN, 3203)                                                                       \
    X(RCODE, P2I_PEN_FLOWMON, 1)                                                                   \
    X(DPI_PROTOCOL, P2I_PEN, 2002)                                                                 \
    X(OCTETS, 0, 1)                                                                                \
    X(REVERSE_OCTETS, P2I_PEN_REVERSE, 1)                                                          \
    X(END_REASON, 0, 136)                                                                          \
    /* Of a capture's options record. */                                                           \
    X(INTERFACE_NAME, 0, 82)                                                                       \
    X(INTERFACE_DESCRIPTION, 0, 83)                                                                \
    X(OCTET_TOTAL, 0, 85)                                                                          \
    X(PACKET_TOTAL, 0, 86)                                                                         \
    X(APPLICATION_NAME, 0, 96)                                                                     \
    X(APPLICATION_DESCRIPTION, 0, 94)                                                              \
    X(FLOW_END_MAX, 0, 269)                                                                        \
    X(FLOW_START_MIN, 0, 272)

enum report_field {
#define FIELD_ID(name, pen, id) FIELD_##name,
    REPORT_FIELDS(FIELD_ID)
#undef FIELD_ID
};

static const struct p2i_wanted_field wanted[] = {
#define FIELD_ELEMENT(name, pen, id) {pen, id},
    REPORT_FIELDS(FIELD_ELEMENT)
#undef FIELD_ELEMENT
};

/* A record while it is counted. */
struct counting {
    struct p2i_collected *collected;
    const struct p2i_read_record *record;
    const struct p2i_field_places *places;
    struct p2i_view client, server; /* addresses */
    unsigned parts;                 /* of the key so far */
    bool done;                      /* false: out of memory */
};

bool p2i_collect_begin(struct p2i_collected *collected, uint64_t memory_bytes)
{
    *collected = (struct p2i_collected){
        .finder = {.wanted = wanted, .wanted_count = sizeof wanted / sizeof *wanted}};
    bool done = true;
    for (size_t i = 0; done && i < TABLE_COUNT; i++) {
        const struct p2i_tally_settings settings = {
            .struct_size = sizeof settings,
            .memory_bytes = memory_bytes / TABLE_COUNT,
            .distinct_count = p2i_report_tables[i].others != NULL ? 1 : 0};
        collected->tables[i] = p2i_tally_new(&settings);
        done = collected->tables[i] != NULL;
    }
    return done;
}

static void free_capture(struct p2i_report_capture *capture)
{
    free(capture->name);
    free(capture->hash);
    free(capture->program);
}

void p2i_collect_free(struct p2i_collected *collected)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        p2i_tally_free(collected->tables[i]);
    }
    for (size_t i = 0; i < collected->capture_count; i++) {
        free_capture(&collected->captures[i]);
    }
    free(collected->captures);
    p2i_timeline_free(&collected->timeline);
    p2i_field_finder_free(&collected->finder);
    p2i_buffer_free(&collected->key);
    p2i_buffer_free(&collected->cell);
}

/* ---- Keys ---- */

static struct p2i_view value(const struct counting *counting, enum report_field field)
{
    return p2i_value_at(counting->record, counting->places->at[field]);
}

static uint64_t number(const struct counting *counting, enum report_field field)
{
    return p2i_value_number(value(counting, field));
}

static void begin_key(struct counting *counting)
{
    counting->collected->key.size = 0;
    counting->parts = 0;
}

static void begin_part(struct counting *counting)
{
    bool first = counting->parts++ == 0;
    counting->done =
        counting->done && (first || p2i_append(&counting->collected->key, P2I_VIEW("\t")));
}

/* Adds a part to the key: a text of this program. */
static void add_word(struct counting *counting, const char *word)
{
    struct p2i_buffer *key = &counting->collected->key;
    begin_part(counting);
    counting->done = counting->done && p2i_append(key, p2i_view_of(word, strlen(word)));
}

/* Adds a part to the key: the value of a field, as tables show it. */
static void add_field(struct counting *counting, enum report_field field)
{
    struct p2i_buffer *key = &counting->collected->key;
    int at = counting->places->at[field];
    const struct p2i_element *element = p2i_element_find(wanted[field].pen, wanted[field].id);
    int type = element != NULL ? element->type : P2I_TYPE_OCTETS;
    begin_part(counting);
    counting->done = counting->done &&
                     (at < 0 || p2i_format_named(key, &counting->record->values[at], type, -1));
}

static void add_text(struct counting *counting, struct p2i_view text)
{
    struct p2i_buffer *key = &counting->collected->key;
    begin_part(counting);
    counting->done = counting->done && p2i_format_text(key, P2I_TYPE_STRING, text);
}

static void add_address(struct counting *counting, struct p2i_view address)
{
    struct p2i_buffer *key = &counting->collected->key;
    int type = address.size == 4 ? P2I_TYPE_IPV4 : P2I_TYPE_IPV6;
    counting->done = counting->done && p2i_format_text(key, type, address);
}

static void count(struct counting *counting, enum p2i_report_table table, uint64_t sum,
                  struct p2i_view other)
{
    const struct p2i_buffer *key = &counting->collected->key;
    struct p2i_tally *tally = counting->collected->tables[table];
    if (!counting->done || key->size == 0) {
        return;
    }
    struct p2i_tally_entry *entry = p2i_tally_of(tally, p2i_view_of(key->data, key->size));
    counting->done = entry != NULL;
    if (entry != NULL) {
        entry->count++;
        entry->sums[0] += sum;
        counting->done = other.size == 0 || p2i_report_tables[table].others == NULL ||
                         p2i_tally_add_value(tally, entry, 0, other);
    }
}

/* Counts the value of one field. */
static void count_field(struct counting *counting, enum p2i_report_table table,
                        enum report_field field, uint64_t sum, struct p2i_view other)
{
    begin_key(counting);
    if (value(counting, field).size > 0) {
        add_field(counting, field);
        count(counting, table, sum, other);
    }
}

/* ---- Kinds ---- */

static void count_clickstream(struct counting *counting)
{
    count_field(counting, TABLE_HOSTS, FIELD_HOSTNAME, 0, counting->client);
    if (number(counting, FIELD_METHOD) != 0) {
        count_field(counting, TABLE_METHODS, FIELD_METHOD, 0, counting->client);
        count_field(counting, TABLE_AGENTS, FIELD_USER_AGENT, 0, counting->client);
    }
}

static void count_http_reply(struct counting *counting)
{
    count_field(counting, TABLE_STATUSES, FIELD_RESULT_CODE, 0, counting->server);
}

static void count_ssl_reply(struct counting *counting)
{
    uint16_t suite = (uint16_t)number(counting, FIELD_CIPHER_SUITE);
    const char *name = p2i_cipher_suite_name(suite);
    bool weak = p2i_tls_version_is_weak((uint16_t)number(counting, FIELD_SSL_VERSION));
    begin_key(counting);
    add_field(counting, FIELD_SSL_VERSION);
    add_word(counting, weak ? "weak" : "");
    count(counting, TABLE_TLS_VERSIONS, 0, counting->server);
    begin_key(counting);
    add_field(counting, FIELD_CIPHER_SUITE);
    add_word(counting, name != NULL ? name : "");
    add_word(counting, p2i_cipher_suite_is_weak(suite) ? "weak" : "");
    count(counting, TABLE_CIPHER_SUITES, 0, counting->server);
}

static void count_dns(struct counting *counting)
{
    bool failed = number(counting, FIELD_RCODE) != 0;
    count_field(counting, TABLE_DNS_NAMES, FIELD_DOMAIN, failed, counting->client);
    count_field(counting, TABLE_DNS_TYPES, FIELD_RRTYPE, failed, counting->client);
}

static void count_mail(struct counting *counting)
{
    struct p2i_view servers = value(counting, FIELD_MAIL_SERVERS);
    begin_key(counting);
    add_field(counting, FIELD_MAIL_PROTOCOL);
    add_field(counting, FIELD_EVENT);
    add_text(counting, p2i_view_first(servers, p2i_view_find(servers, ',')));
    add_field(counting, FIELD_RESULT_CODE);
    count(counting, TABLE_MAIL, 0, value(counting, FIELD_MAIL_SENDER));
}

static void count_sip(struct counting *counting)
{
    begin_key(counting);
    add_field(counting, FIELD_MSG_CODE);
    add_field(counting, FIELD_STATUS_CODE);
    count(counting, TABLE_SIP, 0, value(counting, FIELD_CALLID));
}

static void count_login(struct counting *counting, enum report_field user,
                        enum report_field password)
{
    add_field(counting, user);
    add_word(counting, value(counting, password).size > 0 ? "in the clear" : "");
    add_field(counting, FIELD_RESULT_CODE);
    count(counting, TABLE_LOGINS, 0, counting->client);
}

static void count_ftp(struct counting *counting)
{
    begin_key(counting);
    add_word(counting, "ftp");
    add_field(counting, FIELD_SERVER_NAME);
    count_login(counting, FIELD_USER, FIELD_PASSWORD);
}

/* A record with receivers is a message, not a login. */
static void count_im(struct counting *counting)
{
    if (value(counting, FIELD_IM_RECEIVERS).size == 0) {
        begin_key(counting);
        add_field(counting, FIELD_IM_PROTOCOL);
        add_word(counting, "");
        count_login(counting, FIELD_IM_LOGIN, FIELD_IM_PASSW);
    }
}

static void count_flow(struct counting *counting)
{
    uint64_t bytes = number(counting, FIELD_OCTETS) + number(counting, FIELD_REVERSE_OCTETS);
    count_field(counting, TABLE_FLOWS, FIELD_DPI_PROTOCOL, bytes, counting->client);
}

static void (*const by_kind[])(struct counting *counting) = {
    [P2I_RECORD_CLICKSTREAM] = count_clickstream,
    [P2I_RECORD_HTTP_REPLY] = count_http_reply,
    [P2I_RECORD_SSL_REPLY] = count_ssl_reply,
    [P2I_RECORD_SIP] = count_sip,
    [P2I_RECORD_FTP] = count_ftp,
    [P2I_RECORD_IM] = count_im,
    [P2I_RECORD_MAIL] = count_mail,
    [P2I_RECORD_DNS] = count_dns,
    [P2I_RECORD_FLOW] = count_flow,
    [P2I_RECORD_BIFLOW] = count_flow,
};

/* ---- Records ---- */

static size_t kind_of(const char *name)
{
    for (size_t i = 0; i < KIND_OTHER && p2i_record_name((enum p2i_record_kind)i) != NULL; i++) {
        if (strcmp(p2i_record_name((enum p2i_record_kind)i), name) == 0) {
            return i;
        }
    }
    return KIND_OTHER;
}

static void count_ends(struct counting *counting)
{
    begin_key(counting);
    if (counting->client.size > 0) {
        add_address(counting, counting->client);
        count(counting, TABLE_CLIENTS, 0, counting->server);
    }
    begin_key(counting);
    if (counting->server.size > 0) {
        add_address(counting, counting->server);
        count(counting, TABLE_SERVERS, 0, counting->client);
    }
}

/* Seconds; 0: the record has no time. */
static uint64_t time_of(const struct counting *counting)
{
    int at = counting->places->parts.time;
    struct p2i_view time = p2i_value_at(counting->record, at);
    uint64_t as_number = p2i_value_number(time);
    if (at < 0 || time.size == 4) {
        return as_number;
    }
    switch (counting->record->values[at].id) {
    case 325: /* observationTimeNanoseconds, and times of flows in that form */
    case 324:
    case 156:
    case 154: {
        int64_t seconds;
        uint32_t nanoseconds;
        p2i_ntp_split(as_number, &seconds, &nanoseconds);
        return seconds > 0 ? (uint64_t)seconds : 0;
    }
    default:
        return as_number / MS_PER_S;
    }
}

static void count_record(struct counting *counting)
{
    struct p2i_collected *collected = counting->collected;
    const struct p2i_record_parts *parts = &counting->places->parts;
    size_t kind = kind_of(counting->places->kind);
    struct p2i_view source = p2i_value_at(counting->record, parts->source);
    struct p2i_view destination = p2i_value_at(counting->record, parts->destination);
    bool from_server = p2i_source_is_server(counting->record, parts);
    bool flow = kind == P2I_RECORD_FLOW || kind == P2I_RECORD_BIFLOW;
    counting->client = from_server ? destination : source;
    counting->server = from_server ? source : destination;
    collected->records[kind]++;
    if (!flow && counting->places->at[FIELD_END_REASON] >= 0) {
        uint64_t reason = number(counting, FIELD_END_REASON);
        collected->cut += reason == CUT_BY_CAPTURE || reason == CUT_BY_LIMIT;
    }
    uint64_t time_s = time_of(counting);
    if (time_s > 0) {
        counting->done = p2i_timeline_add(&collected->timeline, time_s, kind);
    }
    if (!flow && kind != KIND_OTHER) {
        count_ends(counting);
        count_field(counting, TABLE_SUBSCRIBERS, FIELD_LOGIN, 0, value(counting, FIELD_HOSTNAME));
    }
    if (kind < sizeof by_kind / sizeof *by_kind && by_kind[kind] != NULL) {
        by_kind[kind](counting);
    }
}

static char *shown(struct counting *counting, struct p2i_view text)
{
    struct p2i_buffer *cell = &counting->collected->cell;
    cell->size = 0;
    counting->done = counting->done && p2i_format_text(cell, P2I_TYPE_STRING, text);
    return strndup((const char *)cell->data, cell->size);
}

/* The place of a capture: that of the same one, or the next. Files that are complete before the
 * conversion ends name captures without a hash. */
static size_t find_capture(const struct p2i_collected *collected,
                           const struct p2i_report_capture *capture)
{
    size_t at = 0;
    for (; at < collected->capture_count; at++) {
        const struct p2i_report_capture *other = &collected->captures[at];
        bool hashes = other->hash[0] != '\0' && capture->hash[0] != '\0';
        if (strcmp(other->name, capture->name) == 0 &&
            (!hashes || strcmp(other->hash, capture->hash) == 0)) {
            break;
        }
    }
    return at;
}

/* Keeps a capture, once: as the record with the most packets describes it. False: out of memory. */
static bool keep_capture(struct p2i_collected *collected, struct p2i_report_capture *capture)
{
    size_t at = find_capture(collected, capture);
    if (at == P2I_REPORT_CAPTURES ||
        (at < collected->capture_count && collected->captures[at].packets >= capture->packets)) {
        free_capture(capture);
        return true;
    }
    if (at < collected->capture_count) {
        free_capture(&collected->captures[at]);
        collected->captures[at] = *capture;
        return true;
    }
    struct p2i_report_capture *captures =
        realloc(collected->captures, (at + 1) * sizeof *collected->captures);
    if (captures == NULL) {
        free_capture(capture);
        return false;
    }
    collected->captures = captures;
    captures[collected->capture_count++] = *capture;
    return true;
}

static void note_capture(struct counting *counting)
{
    if (value(counting, FIELD_INTERFACE_NAME).size == 0 ||
        value(counting, FIELD_PACKET_TOTAL).size == 0) {
        return;
    }
    struct p2i_report_capture capture = {
        .name = shown(counting, value(counting, FIELD_INTERFACE_NAME)),
        .hash = shown(counting, value(counting, FIELD_INTERFACE_DESCRIPTION)),
        .program = shown(counting, value(counting, FIELD_APPLICATION_DESCRIPTION)),
        .bytes = number(counting, FIELD_OCTET_TOTAL),
        .packets = number(counting, FIELD_PACKET_TOTAL),
        .first_ms = number(counting, FIELD_FLOW_START_MIN),
        .last_ms = number(counting, FIELD_FLOW_END_MAX),
    };
    if (!counting->done || capture.name == NULL || capture.hash == NULL ||
        capture.program == NULL) {
        free_capture(&capture);
        counting->done = false;
        return;
    }
    counting->done = keep_capture(counting->collected, &capture);
}

bool p2i_collect(struct p2i_collected *collected, const struct p2i_source_record *record)
{
    struct counting counting = {
        .collected = collected,
        .record = &record->record,
        .places = p2i_find_fields(&collected->finder, &record->record),
        .done = true,
    };
    if (counting.places == NULL) {
        return false;
    }
    if (record->record.options) {
        note_capture(&counting);
    } else {
        count_record(&counting);
    }
    return counting.done;
}
