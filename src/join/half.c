/* SPDX-License-Identifier: MIT */
#include "join/half.h"

#include "base/ascii.h"
#include "base/hash.h"
#include "base/ntp.h"
#include "pcap2ipfix/record_parts.h"
#include "pcap2ipfix/value_names.h"

enum {
    RR_CNAME = 5,
    HOST_TYPE_QUIC = 4,
    EVENT_RECEIVED = 2,
    SIP_FINAL = 200, /* the least status of a final response: RFC 3261 7.2 */
    TRANSPORT_UDP = 17,
    S_NS = 1000000000,
};

/* The fields that exchanges are made of. An IPv6 form follows that of IPv4. */
#define HALF_FIELDS(X)                                                                             \
    X(TIME, P2I_PEN, 1001)                                                                         \
    X(TIME_NS, 0, 325)                                                                             \
    X(LOGIN, P2I_PEN, 1002)                                                                        \
    X(HOSTNAME, P2I_PEN, 1005)                                                                     \
    X(PATH, P2I_PEN, 1006)                                                                         \
    X(HOST_TYPE, P2I_PEN, 1011)                                                                    \
    X(METHOD, P2I_PEN, 1012)                                                                       \
    X(TCP_SEQUENCE, P2I_PEN, 2018)                                                                 \
    X(RESULT_CODE, P2I_PEN, 1020)                                                                  \
    X(CONTENT_TYPE, P2I_PEN, 1022)                                                                 \
    X(LOCATION, P2I_PEN, 1023)                                                                     \
    X(SSL_VERSION, P2I_PEN, 1030)                                                                  \
    X(CIPHER_SUITE, P2I_PEN, 1031)                                                                 \
    X(MSG_CODE, P2I_PEN, 3000)                                                                     \
    X(STATUS_CODE, P2I_PEN, 3001)                                                                  \
    X(URI, P2I_PEN, 3002)                                                                          \
    X(TO, P2I_PEN, 3004)                                                                           \
    X(CALLID, P2I_PEN, 3005)                                                                       \
    X(CSEQ, P2I_PEN_FLOWMON, 108)                                                                  \
    X(SERVER_NAME, P2I_PEN, 3050)                                                                  \
    X(USER, P2I_PEN, 3051)                                                                         \
    X(IM_LOGIN, P2I_PEN, 3100)                                                                     \
    X(IM_RECEIVERS, P2I_PEN, 3105)                                                                 \
    X(MAIL_SENDER, P2I_PEN, 3150)                                                                  \
    X(MAIL_RECEIVER, P2I_PEN, 3151)                                                                \
    X(MAIL_SUBJECT, P2I_PEN, 3153)                                                                 \
    X(MAIL_SERVERS, P2I_PEN, 3154)                                                                 \
    X(EVENT, P2I_PEN, 3156)                                                                        \
    X(MAIL_PROTOCOL, P2I_PEN, 3158)                                                                \
    X(IM_PROTOCOL, P2I_PEN, 3104)                                                                  \
    X(DOMAIN, P2I_PEN, 3201)                                                                       \
    X(RRTYPE, P2I_PEN, 3203)                                                                       \
    X(RDATA, P2I_PEN, 3205)                                                                        \
    X(RCODE, P2I_PEN_FLOWMON, 1)                                                                   \
    X(DNS_ID, P2I_PEN_CERT, 226)                                                                   \
    X(DNS_RESPONSE, P2I_PEN_CERT, 174)                                                             \
    X(FLOW_LOGIN, P2I_PEN, 2003)                                                                   \
    X(TRANSPORT, 0, 4)                                                                             \
    X(OCTETS, 0, 1)                                                                                \
    X(REVERSE_OCTETS, P2I_PEN_REVERSE, 1)                                                          \
    X(PACKETS, 0, 2)                                                                               \
    X(REVERSE_PACKETS, P2I_PEN_REVERSE, 2)

enum half_field {
#define FIELD_ID(name, pen, id) FIELD_##name,
    HALF_FIELDS(FIELD_ID)
#undef FIELD_ID
};

static const struct p2i_wanted_field wanted[] = {
#define FIELD_ELEMENT(name, pen, id) {pen, id},
    HALF_FIELDS(FIELD_ELEMENT)
#undef FIELD_ELEMENT
};

/* A record while it is read. */
struct half_fields {
    struct p2i_half_reader *reader;
    const struct p2i_read_record *record;
    const struct p2i_field_places *places;
};

void p2i_half_reader_begin(struct p2i_half_reader *reader, uint64_t seed)
{
    *reader = (struct p2i_half_reader){
        .seed = seed,
        .finder = {.wanted = wanted, .wanted_count = sizeof wanted / sizeof *wanted},
    };
}

void p2i_half_reader_free(struct p2i_half_reader *reader)
{
    p2i_field_finder_free(&reader->finder);
    p2i_buffer_free(&reader->request);
    p2i_buffer_free(&reader->answer);
}

/* ---- Fields ---- */

static bool has(const struct half_fields *fields, enum half_field field)
{
    return fields->places->at[field] >= 0;
}

static struct p2i_view text(const struct half_fields *fields, enum half_field field)
{
    return p2i_value_at(fields->record, fields->places->at[field]);
}

static struct p2i_view part(const struct half_fields *fields, int index)
{
    return p2i_value_at(fields->record, index);
}

static uint64_t number(const struct half_fields *fields, enum half_field field)
{
    return p2i_value_number(text(fields, field));
}

static int64_t code(const struct half_fields *fields, enum half_field field)
{
    return has(fields, field) ? (int64_t)number(fields, field) : -1;
}

/* Appends a value as tables show it, behind a blank if there is something before it. */
static bool add_named(struct p2i_buffer *out, const struct half_fields *fields,
                      enum half_field field, int rr_type)
{
    int at = fields->places->at[field];
    if (at < 0) {
        return true;
    }
    const struct p2i_value *value = &fields->record->values[at];
    const struct p2i_element *element = p2i_element_find(value->pen, value->id);
    return (out->size == 0 || value->size == 0 || p2i_append(out, P2I_VIEW(" "))) &&
           p2i_format_named(out, value, element != NULL ? element->type : P2I_TYPE_OCTETS, rr_type);
}

static bool add_word(struct p2i_buffer *out, struct p2i_view word)
{
    return word.size == 0 ||
           ((out->size == 0 || p2i_append(out, P2I_VIEW(" "))) && p2i_append(out, word));
}

/* ---- Kinds ---- */

static bool read_clickstream(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_buffer *request = &fields->reader->request;
    bool http = number(fields, FIELD_METHOD) != 0;
    bool udp = has(fields, FIELD_TRANSPORT) ? number(fields, FIELD_TRANSPORT) == TRANSPORT_UDP
                                            : number(fields, FIELD_TCP_SEQUENCE) == 0;
    bool quic = !http && (number(fields, FIELD_HOST_TYPE) == HOST_TYPE_QUIC || udp);
    half->kind = http ? "http" : quic ? "quic" : "tls";
    half->role = HALF_REQUEST;
    half->match = http ? MATCH_OLDEST : MATCH_LATEST;
    half->complete = quic;
    half->host = text(fields, FIELD_HOSTNAME);
    half->key = p2i_mix(half->key, http ? 1 : quic ? 2 : 3);
    return !http || (add_named(request, fields, FIELD_METHOD, -1) &&
                     add_word(request, text(fields, FIELD_PATH)));
}

static bool read_http_reply(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_view location = text(fields, FIELD_LOCATION);
    struct p2i_buffer *answer = &fields->reader->answer;
    half->kind = "http";
    half->role = HALF_REPLY;
    half->match = MATCH_OLDEST;
    half->status = code(fields, FIELD_RESULT_CODE);
    half->key = p2i_mix(half->key, 1);
    return add_word(answer, text(fields, FIELD_CONTENT_TYPE)) &&
           (location.size == 0 ||
            (add_word(answer, P2I_VIEW("location")) && add_word(answer, location)));
}

static bool read_ssl_reply(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_buffer *answer = &fields->reader->answer;
    half->kind = "tls";
    half->role = HALF_REPLY;
    half->match = MATCH_LATEST;
    half->host = text(fields, FIELD_HOSTNAME);
    half->key = p2i_mix(half->key, 3);
    return add_named(answer, fields, FIELD_SSL_VERSION, -1) &&
           add_named(answer, fields, FIELD_CIPHER_SUITE, -1);
}

/* The host of a SIP URI or of an address with one: RFC 3261 19.1.1. */
static struct p2i_view sip_host(struct p2i_view uri)
{
    struct p2i_view open = p2i_view_from(uri, p2i_view_find(uri, '<') + 1);
    struct p2i_view rest = open.size > 0 ? open : uri;
    struct p2i_view scheme = p2i_view_from(rest, p2i_view_find(rest, ':') + 1);
    rest = scheme.size > 0 ? scheme : rest;
    struct p2i_view behind = p2i_view_from(rest, p2i_view_find(rest, '@') + 1);
    rest = behind.size > 0 ? behind : rest;
    size_t size = 0;
    bool bracket = rest.size > 0 && rest.data[0] == '[';
    while (size < rest.size &&
           memchr(bracket ? "]" : ":;?>, ", rest.data[size], bracket ? 1 : 6) == NULL) {
        size++;
    }
    return p2i_view_first(rest, size + (bracket ? 1 : 0));
}

/* The transaction: of the same Call-ID and CSeq between the same hosts, as each hop has its own. An
 * ACK belongs to the INVITE that it ends (RFC 3261 17.1.1.3), and asks for nothing. */
static bool read_sip(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_view method = text(fields, FIELD_MSG_CODE);
    uint64_t status = number(fields, FIELD_STATUS_CODE);
    struct p2i_view cseq = text(fields, FIELD_CSEQ);
    uint64_t ends =
        p2i_mix_bytes(fields->reader->seed, part(fields, fields->places->parts.source)) +
        p2i_mix_bytes(fields->reader->seed, part(fields, fields->places->parts.destination));
    if (status == 0 && p2i_view_equals(method, P2I_VIEW("ACK"))) {
        return true;
    }
    half->kind = "sip";
    half->role = status == 0 ? HALF_REQUEST : status < SIP_FINAL ? HALF_PROVISIONAL : HALF_REPLY;
    half->match = MATCH_SAME;
    half->status = status == 0 ? -1 : (int64_t)status;
    half->host = sip_host(text(fields, status == 0 ? FIELD_URI : FIELD_TO));
    half->key = p2i_mix_bytes(p2i_mix(ends, 4), text(fields, FIELD_CALLID));
    half->key = p2i_mix_bytes(half->key, cseq.size > 0 ? cseq : method);
    return add_word(&fields->reader->request, method) &&
           add_word(&fields->reader->request, text(fields, FIELD_URI));
}

static bool read_dns(const struct half_fields *fields, struct p2i_half *half)
{
    const struct p2i_record_parts *parts = &fields->places->parts;
    struct p2i_view data = text(fields, FIELD_RDATA);
    bool told = has(fields, FIELD_DNS_RESPONSE);
    bool response = told ? number(fields, FIELD_DNS_RESPONSE) == 1 : data.size > 0;
    int rr_type = (int)number(fields, FIELD_RRTYPE);
    half->kind = "dns";
    half->role = response ? HALF_REPLY : told ? HALF_REQUEST : HALF_WHOLE;
    half->match = MATCH_OLDEST;
    half->host = half->owner = text(fields, FIELD_DOMAIN);
    half->status = told && response ? code(fields, FIELD_RCODE) : -1;
    half->key = p2i_mix(p2i_mix(half->key, 5), number(fields, FIELD_DNS_ID));
    if (parts->packet >= 0) {
        half->message = p2i_mix(p2i_mix(1, p2i_value_number(part(fields, parts->capture))),
                                p2i_value_number(part(fields, parts->packet)));
    }
    bool done =
        add_named(&fields->reader->request, fields, FIELD_RRTYPE, -1) &&
        (data.size == 0 || add_named(&fields->reader->answer, fields, FIELD_RDATA, rr_type));
    if (rr_type == RR_CNAME) {
        half->alias = p2i_view_of(fields->reader->answer.data, fields->reader->answer.size);
    }
    return done;
}

static bool read_mail(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_buffer *request = &fields->reader->request;
    struct p2i_view servers = text(fields, FIELD_MAIL_SERVERS);
    half->kind = "mail";
    half->role = HALF_WHOLE;
    half->status = code(fields, FIELD_RESULT_CODE);
    half->host = p2i_view_first(servers, p2i_view_find(servers, ','));
    return add_named(request, fields, FIELD_MAIL_PROTOCOL, -1) &&
           add_named(request, fields, FIELD_EVENT, -1) &&
           add_word(request, text(fields, FIELD_MAIL_SENDER)) &&
           add_word(request, P2I_VIEW("->")) &&
           add_word(request, text(fields, FIELD_MAIL_RECEIVER)) &&
           add_word(request, text(fields, FIELD_MAIL_SUBJECT));
}

static bool read_ftp(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_buffer *request = &fields->reader->request;
    half->kind = "ftp";
    half->role = HALF_WHOLE;
    half->status = code(fields, FIELD_RESULT_CODE);
    half->host = text(fields, FIELD_SERVER_NAME);
    return add_word(request, P2I_VIEW("USER")) && add_word(request, text(fields, FIELD_USER));
}

static bool read_im(const struct half_fields *fields, struct p2i_half *half)
{
    struct p2i_buffer *request = &fields->reader->request;
    struct p2i_view receivers = text(fields, FIELD_IM_RECEIVERS);
    half->kind = "im";
    half->role = HALF_WHOLE;
    half->status = code(fields, FIELD_RESULT_CODE);
    return add_named(request, fields, FIELD_IM_PROTOCOL, -1) &&
           add_word(request, text(fields, FIELD_IM_LOGIN)) &&
           (receivers.size == 0 ||
            (add_word(request, P2I_VIEW("->")) && add_word(request, receivers)));
}

static bool read_flow(const struct half_fields *fields, struct p2i_half *half)
{
    half->role = HALF_FLOW;
    half->login = text(fields, FIELD_FLOW_LOGIN);
    half->bytes = number(fields, FIELD_OCTETS) + number(fields, FIELD_REVERSE_OCTETS);
    half->packets = number(fields, FIELD_PACKETS) + number(fields, FIELD_REVERSE_PACKETS);
    return true;
}

static const struct {
    const char *name;
    bool (*read)(const struct half_fields *fields, struct p2i_half *half);
} kinds[] = {
    {"clickstream", read_clickstream},
    {"dns", read_dns},
    {"http_reply", read_http_reply},
    {"ssl_reply", read_ssl_reply},
    {"sip", read_sip},
    {"mail", read_mail},
    {"ftp", read_ftp},
    {"im", read_im},
    {"flow", read_flow},
    {"biflow", read_flow},
};

/* ---- Records ---- */

static void read_time(const struct half_fields *fields, struct p2i_half *half)
{
    half->time_ns = number(fields, FIELD_TIME) * S_NS;
    half->exact = has(fields, FIELD_TIME_NS);
    if (half->exact) {
        int64_t seconds;
        uint32_t nanoseconds;
        p2i_ntp_split(number(fields, FIELD_TIME_NS), &seconds, &nanoseconds);
        half->time_ns = (uint64_t)(seconds > 0 ? seconds : 0) * S_NS + nanoseconds;
    }
}

/* A reply comes from the server, and so does mail that was fetched. */
static void read_ends(const struct half_fields *fields, struct p2i_half *half)
{
    bool from_server = half->role == HALF_REPLY || half->role == HALF_PROVISIONAL ||
                       (half->role == HALF_WHOLE && strcmp(half->kind, "mail") == 0 &&
                        number(fields, FIELD_EVENT) == EVENT_RECEIVED);
    const struct p2i_record_parts *parts = &fields->places->parts;
    struct p2i_view port[] = {part(fields, parts->source_port),
                              part(fields, parts->destination_port)};
    half->client = part(fields, from_server ? parts->destination : parts->source);
    half->server = part(fields, from_server ? parts->source : parts->destination);
    half->client_port = (uint16_t)p2i_value_number(port[from_server]);
    half->server_port = (uint16_t)p2i_value_number(port[!from_server]);
}

bool p2i_half_read(struct p2i_half_reader *reader, const struct p2i_source_record *record,
                   struct p2i_half *half)
{
    struct half_fields fields = {reader, &record->record,
                                 p2i_find_fields(&reader->finder, &record->record)};
    *half = (struct p2i_half){.status = -1, .matches = true};
    if (fields.places == NULL) {
        return false;
    }
    reader->request.size = reader->answer.size = 0;
    half->session = p2i_value_number(part(&fields, fields.places->parts.session));
    half->key = p2i_mix(reader->seed, half->session);
    half->login = text(&fields, FIELD_LOGIN);
    read_time(&fields, half);
    bool done = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, fields.places->kind) == 0) {
            done = kinds[i].read(&fields, half);
            break;
        }
    }
    read_ends(&fields, half);
    half->request = p2i_view_of(reader->request.data, reader->request.size);
    half->answer = p2i_view_of(reader->answer.data, reader->answer.size);
    half->key &= ~UINT64_C(1); /* odd keys are those of sessions */
    return done;
}
