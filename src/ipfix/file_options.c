/* SPDX-License-Identifier: MIT */
#include "ipfix/file_options.h"

#include "base/file_options.h"
#include "base/put.h"
#include "base/sha256.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/utf8.h"
#include "record/decode.h"

enum {
    OPTIONS_DOMAIN = 0,
    NAME_MAX_BYTES = 4096,
    RECORD_MAX = NAME_MAX_BYTES + 256,
    TEMPLATE_MAX = 64,
    OBSERVATION_POINT = 138,
    INTERFACE_NAME = 82,
    INTERFACE_DESCRIPTION = 83,
    TIME_STAMP = 1001,
    FLOW_START = 152,
    FLOW_END = 153,
};

#ifndef P2I_VERSION
#define P2I_VERSION "unknown"
#endif

/* Each options template: id, fields, scope fields; then elements and lengths. */
static const uint8_t window_template[] = {
    P2I_BE16(P2I_WINDOW_TEMPLATE_ID),
    P2I_BE16(3),
    P2I_BE16(1),
    P2I_BE16(P2I_ELEMENT_SESSION_SCOPE),
    P2I_BE16(1),
    P2I_BE16(P2I_ELEMENT_MIN_FLOW_START_SECONDS),
    P2I_BE16(4),
    P2I_BE16(P2I_ELEMENT_MAX_FLOW_END_SECONDS),
    P2I_BE16(4),
};

/* There is no transport session behind the file, so no addresses and ports. */
static const uint8_t session_template[] = {
    P2I_BE16(P2I_SESSION_TEMPLATE_ID),
    P2I_BE16(4),
    P2I_BE16(1),
    P2I_BE16(P2I_ELEMENT_SESSION_SCOPE),
    P2I_BE16(1),
    P2I_BE16(214),
    P2I_BE16(1), /* exportProtocolVersion */
    P2I_BE16(P2I_ELEMENT_MIN_EXPORT_SECONDS),
    P2I_BE16(4),
    P2I_BE16(P2I_ELEMENT_MAX_EXPORT_SECONDS),
    P2I_BE16(4),
};

/* A field of an options template. */
static uint8_t *put_field(uint8_t *at, uint16_t element, uint16_t length)
{
    return p2i_put16(p2i_put16(at, element), length);
}

/* IANA has no elements for programs and files; these are the closest. A capture is the observation
 * point of its packets (RFC 7011 section 2). Extended records have its number: for them it is the
 * only scope, and the hash of the capture is there. Returns the end. */
static uint8_t *put_captures_template(uint8_t *at, bool extended)
{
    at = p2i_put16(at, extended ? P2I_OBSERVATION_POINTS_TEMPLATE_ID : P2I_CAPTURES_TEMPLATE_ID);
    at = p2i_put16(p2i_put16(at, 9), extended ? 1 : 2);
    if (!extended) {
        at = put_field(at, P2I_ELEMENT_SESSION_SCOPE, 1);
    }
    at = put_field(at, OBSERVATION_POINT, 4);         /* captures from 1 */
    at = put_field(at, 96, P2I_VARIABLE);             /* applicationName: program */
    at = put_field(at, 94, P2I_VARIABLE);             /* applicationDescription: version */
    at = put_field(at, INTERFACE_NAME, P2I_VARIABLE); /* name of the capture */
    if (extended) {                                   /* sha256: and 64 digits; empty: not known */
        at = put_field(at, INTERFACE_DESCRIPTION, P2I_VARIABLE);
    }
    at = put_field(at, 85, 8);    /* octetTotalCount: its size */
    at = put_field(at, 86, 8);    /* packetTotalCount */
    at = put_field(at, 272, 8);   /* minFlowStartMilliseconds */
    return put_field(at, 269, 8); /* maxFlowEndMilliseconds */
}

void p2i_span_add(struct p2i_time_span *span, uint32_t first_s, uint32_t last_s)
{
    if (!span->known) {
        *span = (struct p2i_time_span){true, first_s, last_s};
        return;
    }
    span->first_s = first_s < span->first_s ? first_s : span->first_s;
    span->last_s = last_s > span->last_s ? last_s : span->last_s;
}

void p2i_window_add(struct p2i_time_span *window, const struct p2i_record *record)
{
    const struct p2i_template *of = p2i_template_of_record(record);
    struct p2i_view values[P2I_FIELDS_MAX];
    if (p2i_decode_record(of, record->bytes, values) == 0) {
        return;
    }
    size_t at = p2i_field_index(of, P2I_PEN, TIME_STAMP);
    if (at < of->field_count) {
        uint32_t time_s = (uint32_t)p2i_value_number(values[at]);
        p2i_span_add(window, time_s, time_s);
        return;
    }
    size_t start = p2i_field_index(of, 0, FLOW_START);
    size_t end = p2i_field_index(of, 0, FLOW_END);
    if (start < of->field_count && end < of->field_count) {
        p2i_span_add(window, (uint32_t)(p2i_value_number(values[start]) / 1000),
                     (uint32_t)((p2i_value_number(values[end]) + 999) / 1000));
    }
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

static enum p2i_result put_record(struct p2i_messages *messages, struct p2i_view definition,
                                  struct p2i_view record, uint32_t time_s, struct p2i_error *error)
{
    uint16_t id = 0;
    enum p2i_result result = p2i_messages_define(
        messages, OPTIONS_DOMAIN, P2I_SET_OPTIONS_TEMPLATES, definition, time_s, &id, error);
    return result == P2I_OK
               ? p2i_messages_add_raw(messages, OPTIONS_DOMAIN, id, record, time_s, error)
               : result;
}

static enum p2i_result put_window(struct p2i_messages *messages, const struct p2i_time_span *window,
                                  uint32_t time_s, struct p2i_error *error)
{
    uint8_t record[16] = {0};
    uint8_t *at = p2i_put32(p2i_put32(record + 1, window->first_s), window->last_s);
    return put_record(messages, p2i_view_of(window_template, sizeof window_template),
                      p2i_view_of(record, (size_t)(at - record)), time_s, error);
}

static enum p2i_result put_session(struct p2i_messages *messages,
                                   const struct p2i_time_span *exports, uint32_t time_s,
                                   struct p2i_error *error)
{
    uint8_t record[16] = {0, P2I_IPFIX_VERSION};
    uint8_t *at = p2i_put32(p2i_put32(record + 2, exports->first_s), exports->last_s);
    return put_record(messages, p2i_view_of(session_template, sizeof session_template),
                      p2i_view_of(record, (size_t)(at - record)), time_s, error);
}

/* RFC 7011 section 7. */
static uint8_t *put_text(uint8_t *at, const char *text)
{
    uint8_t clean[NAME_MAX_BYTES];
    bool escaped;
    bool cut;
    size_t size =
        p2i_utf8_clean(p2i_view_of(text, strlen(text)), clean, sizeof clean, &escaped, &cut);
    if (size < 255) {
        *at++ = (uint8_t)size;
    } else {
        *at++ = 255;
        at = p2i_put16(at, (uint16_t)size);
    }
    return put_bytes(at, clean, size);
}

static uint8_t *put_hash(uint8_t *at, const struct p2i_file_source *source)
{
    static const char scheme[] = "sha256:";
    char text[sizeof scheme + 2 * P2I_SHA256_SIZE] = "";
    if (source->hashed) {
        memcpy(text, scheme, sizeof scheme);
        p2i_sha256_text(source->sha256, text + sizeof scheme - 1);
    }
    return put_text(at, text);
}

static enum p2i_result put_capture(struct p2i_messages *messages,
                                   const struct p2i_file_source *source, bool extended,
                                   uint32_t number, uint32_t time_s, struct p2i_error *error)
{
    uint8_t record[RECORD_MAX] = {0}; /* begins with the scope of the session, which is 0 */
    uint8_t *at = p2i_put32(record + !extended, number);
    at = put_text(at, "pcap2ipfix");
    at = put_text(at, P2I_VERSION);
    at = put_text(at, source->name);
    if (extended) {
        at = put_hash(at, source);
    }
    at = p2i_put64(at, source->size_bytes);
    at = p2i_put64(at, source->packets);
    at = p2i_put64(at, source->first_ms);
    at = p2i_put64(at, source->last_ms);
    uint8_t definition[TEMPLATE_MAX];
    uint8_t *end = put_captures_template(definition, extended);
    return put_record(messages, p2i_view_of(definition, (size_t)(end - definition)),
                      p2i_view_of(record, (size_t)(at - record)), time_s, error);
}

enum p2i_result p2i_put_captures(struct p2i_messages *messages,
                                 const struct p2i_ipfix_settings *settings, uint32_t time_s,
                                 struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; result == P2I_OK && i < settings->source_count; i++) {
        result = put_capture(messages, &settings->sources[i], settings->form.extended,
                             (uint32_t)(i + 1), time_s, error);
    }
    return result;
}

bool p2i_is_observation_point(const struct p2i_read_record *record)
{
    static const struct {
        size_t place;
        uint16_t id;
    } fields[] = {{P2I_POINT_NUMBER, OBSERVATION_POINT},
                  {P2I_POINT_NAME, INTERFACE_NAME},
                  {P2I_POINT_HASH, INTERFACE_DESCRIPTION}};
    bool is_point = record->options && record->scope_count == 1 &&
                    record->domain == OPTIONS_DOMAIN && record->value_count > P2I_POINT_HASH;
    for (size_t i = 0; is_point && i < sizeof fields / sizeof *fields; i++) {
        const struct p2i_value *value = &record->values[fields[i].place];
        is_point = value->pen == 0 && value->id == fields[i].id;
    }
    return is_point;
}

enum p2i_result p2i_put_file_options(struct p2i_messages *messages,
                                     const struct p2i_ipfix_settings *settings,
                                     const struct p2i_file_facts *facts, uint32_t time_s,
                                     struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if ((settings->file_options & P2I_FILE_WINDOW) != 0 && facts->window.known) {
        result = put_window(messages, &facts->window, time_s, error);
    }
    if (result == P2I_OK && (settings->file_options & P2I_FILE_SESSION) != 0) {
        result = put_session(messages, &facts->exports, time_s, error);
    }
    bool captures = (settings->file_options & P2I_FILE_CAPTURES) != 0 || settings->form.extended;
    return result == P2I_OK && captures ? p2i_put_captures(messages, settings, time_s, error)
                                        : result;
}
