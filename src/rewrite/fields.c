/* SPDX-License-Identifier: MIT */
/* Header fields of HTTP, SIP and mail: names stay that are listed, and one table says what of a
 * value stays. Everything else is text that is substituted. */
#include "base/ascii.h"
#include "protocol/sip/head.h"
#include "rewrite/text.h"

enum { LENGTH_DIGITS = 12 };

enum manner {
    TEXT,   /* substituted */
    WORDS,  /* substituted but for listed words */
    LENGTH, /* a number that says where the message ends */
    CSEQ,   /* the method stays */
    MEDIA,  /* a media type or disposition with parameters */
    SECRET, /* credentials, perhaps behind a scheme */
};

static const char codings[] =
    "chunked gzip x-gzip deflate br zstd compress identity trailers close keep-alive upgrade te "
    "websocket h2c tls/1.0 http2-settings permessage-deflate client_no_context_takeover "
    "server_no_context_takeover client_max_window_bits server_max_window_bits";

static const struct {
    const char *name;
    uint8_t manner;    /* enum manner */
    const char *words; /* NULL: none */
} fields_known[] = {
    {"content-length", LENGTH, NULL},
    {"l", LENGTH, NULL},
    {"transfer-encoding", WORDS, codings},
    {"connection", WORDS, codings},
    {"proxy-connection", WORDS, codings},
    {"upgrade", WORDS, codings},
    {"te", WORDS, codings},
    {"content-encoding", WORDS, codings},
    {"accept-encoding", WORDS, codings},
    {"sec-websocket-extensions", WORDS, codings},
    {"sec-websocket-version", WORDS, "13"},
    {"content-range", WORDS, "bytes"},
    {"expect", WORDS, "100-continue"},
    {"content-transfer-encoding", WORDS, "7bit 8bit binary base64 quoted-printable x-uuencode"},
    {"mime-version", WORDS, "1.0"},
    {"cseq", CSEQ, NULL},
    {"content-type", MEDIA, NULL},
    {"c", MEDIA, NULL},
    {"content-disposition", MEDIA, NULL},
    {"via", WORDS,
     "sip/2.0/udp sip/2.0/tcp sip/2.0/tls sip/2.0/sctp sip/2.0/tls-sctp sip/2.0/ws sip/2.0/wss sip "
     "/ 2.0 udp tcp tls sctp ws wss http/1.0 http/1.1 http/2 http/2.0 1.0 1.1"},
    {"v", WORDS,
     "sip/2.0/udp sip/2.0/tcp sip/2.0/tls sip/2.0/sctp sip/2.0/tls-sctp sip/2.0/ws sip/2.0/wss sip "
     "/ 2.0 udp tcp tls sctp ws wss"},
    {"authorization", SECRET, NULL},
    {"proxy-authorization", SECRET, NULL},
    {"received", WORDS,
     "from by with for id via smtp smtps smtpa esmtp esmtps esmtpa esmtpsa lmtp"},
};

/* Names of other fields that stay: they say nothing about anybody. */
static const char names_kept[] =
    "a accept accept-ch accept-charset accept-contact accept-datetime accept-language accept-patch "
    "accept-post accept-ranges access-control-allow-credentials access-control-allow-headers "
    "access-control-allow-methods access-control-allow-origin access-control-expose-headers "
    "access-control-max-age access-control-request-headers access-control-request-method age "
    "alert-info allow allow-events alt-svc apparently-to arc-authentication-results "
    "arc-message-signature arc-seal authentication-info authentication-results auto-submitted b "
    "bcc cache-control call-id call-info cc clear-site-data comments contact content-description "
    "content-disposition content-features content-id content-language content-location content-md5 "
    "content-security-policy content-security-policy-report-only cookie "
    "cross-origin-embedder-policy "
    "cross-origin-opener-policy cross-origin-resource-policy d date deferred-delivery delivered-to "
    "depth destination dkim-signature disposition-notification-to dnt dpr e envelope-to error-info "
    "errors-to etag event expect-ct expires ext f feature-policy forwarded from history-info "
    "host http2-settings i if if-match if-modified-since if-none-match if-range "
    "if-unmodified-since "
    "importance in-reply-to j keep-alive k keywords last-event-id last-modified lines link "
    "list-archive list-help list-id list-owner list-post list-subscribe list-unsubscribe "
    "list-unsubscribe-post location lock-token m mailing-list man max-forwards message-id "
    "min-expires "
    "min-se mx n nel nt nts o opt organization origin original-recipient overwrite "
    "p-access-network-info p-asserted-identity p-called-party-id p-charging-vector "
    "p-preferred-identity path permissions-policy pragma precedence prevent-nondelivery-report "
    "priority privacy proxy-authenticate proxy-authentication-info proxy-require r rack range read "
    "reason received-spf record-route refer-sub refer-to referer referred-by references "
    "referrer-policy refresh reject-contact replaces reply-by reply-to report-to "
    "request-disposition "
    "require resent-bcc resent-cc resent-date resent-from resent-message-id resent-reply-to "
    "resent-sender resent-to retry-after return-path return-receipt-to route rseq s save-data "
    "sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site "
    "sec-fetch-user sec-gpc sec-websocket-accept sec-websocket-key sec-websocket-protocol sender "
    "sensitivity server server-timing service-route session-expires set-cookie sip-etag "
    "sip-if-match "
    "soapaction st status strict-transport-security subject subscription-state supported t "
    "thread-index thread-topic timeout timestamp timing-allow-origin to trailer transport u "
    "unsupported upgrade-insecure-requests user-agent usn vary via warning www-authenticate x "
    "x-cache "
    "x-content-type-options x-correlation-id x-csrf-token x-envelope-from x-envelope-to x-face "
    "x-forwarded-for x-forwarded-host x-forwarded-proto x-frame-options x-mailer "
    "x-mime-autoconverted "
    "x-mimeole x-msmail-priority x-original-to x-originating-ip x-powered-by x-priority x-real-ip "
    "x-received x-request-id x-requested-with x-spam-flag x-spam-level x-spam-score x-spam-status "
    "x-status x-uid x-xss-protection y z";

/* The row of a field in the table; its size: none. */
static size_t row_of(struct p2i_view name)
{
    size_t row = 0;
    while (row < sizeof fields_known / sizeof *fields_known) {
        const char *known = fields_known[row].name;
        if (p2i_view_equals_nocase(name, p2i_view_of(known, strlen(known)))) {
            break;
        }
        row++;
    }
    return row;
}

static bool is_known(struct p2i_bytes name)
{
    return row_of(p2i_span_view(name)) < sizeof fields_known / sizeof *fields_known ||
           p2i_is_listed(name, names_kept);
}

/* A name that is not listed must not become one that is. */
static void write_name(struct p2i_writing *writing, struct p2i_bytes name)
{
    if (writing->words == NULL || name.size == 0 || is_known(name)) {
        return;
    }
    p2i_write_text(writing, name);
    if (is_known(name)) {
        name.data[0] = name.size == 1 ? 'q' : 'x';
    }
}

/* ---- Values ---- */

/* Bytes up to `byte`, quoted strings passed over. */
static size_t find_outside_quotes(struct p2i_bytes span, uint8_t byte)
{
    bool quoted = false;
    for (size_t i = 0; i < span.size; i++) {
        if (quoted && span.data[i] == '\\') {
            i++;
        } else if (span.data[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && span.data[i] == byte) {
            return i;
        }
    }
    return span.size;
}

static struct p2i_bytes trim(struct p2i_bytes span)
{
    while (span.size > 0 && p2i_is_space(span.data[0])) {
        span = p2i_span_from(span, 1);
    }
    while (span.size > 0 && p2i_is_space(span.data[span.size - 1])) {
        span.size--;
    }
    return span;
}

static struct p2i_bytes without_quotes(struct p2i_bytes value)
{
    if (value.size >= 2 && value.data[0] == '"') {
        size_t end = p2i_view_find(p2i_view_from(p2i_span_view(value), 1), '"');
        return p2i_span_first(p2i_span_from(value, 1), end);
    }
    return value;
}

static const char media_types[] =
    "text/plain text/html text/css text/csv text/xml text/javascript text/calendar text/enriched "
    "text/x-vcard text/vcard text/rfc822-headers multipart/mixed multipart/alternative "
    "multipart/related multipart/report multipart/signed multipart/encrypted multipart/digest "
    "multipart/parallel multipart/form-data multipart/byteranges multipart/x-mixed-replace "
    "message/rfc822 message/global message/delivery-status message/disposition-notification "
    "message/partial message/external-body message/http message/sip message/sipfrag "
    "application/octet-stream application/json application/xml application/sdp application/pdf "
    "application/zip application/gzip application/javascript application/x-javascript "
    "application/x-www-form-urlencoded application/xhtml+xml application/soap+xml "
    "application/rtf application/msword application/pkcs7-mime application/pkcs7-signature "
    "application/pgp-signature application/pgp-encrypted application/pidf+xml "
    "application/dtmf-relay "
    "application/dns-message application/grpc application/ocsp-request application/ocsp-response "
    "application/wasm application/x-protobuf image/gif image/jpeg image/png image/webp "
    "image/svg+xml "
    "image/bmp image/tiff image/x-icon image/vnd.microsoft.icon audio/mpeg audio/ogg audio/wav "
    "video/mp4 video/mpeg video/webm video/quicktime font/woff font/woff2 font/ttf";
static const char dispositions[] = "attachment inline form-data session render alert signal";
static const char media_parameters[] =
    "charset boundary name filename format delsp type start protocol micalg report-type "
    "access-type "
    "version method profile codecs size creation-date modification-date read-date handling q";
/* A type without its parameters; of "multipart/..." the first part stays in any case. */
static void write_type(struct p2i_writing *writing, struct p2i_bytes type)
{
    if (p2i_is_listed(type, media_types) || p2i_is_listed(type, dispositions)) {
        return;
    }
    if (p2i_span_starts_nocase(type, P2I_VIEW("multipart/"))) {
        type = p2i_span_from(type, sizeof "multipart/" - 1);
    }
    p2i_write_text_but(writing, type, dispositions);
}

/* The name of a parameter, perhaps of a part of one: "name*0*" (RFC 2231 section 3). */
static void write_parameter_name(struct p2i_writing *writing, struct p2i_bytes name)
{
    struct p2i_bytes first = p2i_span_first(name, p2i_view_find(p2i_span_view(name), '*'));
    if (p2i_is_listed(first, media_parameters)) {
        p2i_write_text(writing, p2i_span_from(name, first.size + 3));
    } else {
        p2i_write_text(writing, name);
    }
}

static void write_parameter(struct p2i_writing *writing, struct p2i_bytes parameter,
                            struct p2i_fields *fields)
{
    size_t equals = p2i_view_find(p2i_span_view(parameter), '=');
    struct p2i_bytes name = trim(p2i_span_first(parameter, equals));
    struct p2i_bytes given = trim(p2i_span_from(parameter, equals + 1));
    if (p2i_is_listed(name, "charset")) {
        p2i_write_text_but(writing, given, p2i_charsets);
    } else if (p2i_is_listed(name, "format delsp")) {
        p2i_write_text_but(writing, given, "flowed fixed yes no");
    } else {
        p2i_write_encoded(writing, given);
    }
    if (p2i_view_equals_nocase(p2i_span_view(name), P2I_VIEW("boundary"))) {
        fields->boundary = without_quotes(given);
    }
    write_parameter_name(writing, name);
}

/* A media type with parameters (RFC 2045 section 5.1). A boundary changes as the lines do that it
 * stands in. */
static void write_media(struct p2i_writing *writing, struct p2i_bytes value,
                        struct p2i_fields *fields)
{
    struct p2i_bytes type = trim(p2i_span_first(value, find_outside_quotes(value, ';')));
    bool disposition = p2i_view_find(p2i_span_view(type), '/') == type.size;
    if (!disposition) {
        fields->multipart = p2i_span_starts_nocase(type, P2I_VIEW("multipart/"));
        fields->message = p2i_is_listed(type, "message/rfc822 message/global");
        fields->sdp = p2i_span_starts_nocase(type, P2I_VIEW("application/sdp"));
    }
    write_type(writing, type);
    value = p2i_span_from(value, find_outside_quotes(value, ';'));
    while (value.size > 0) {
        value = p2i_span_from(value, 1);
        size_t end = find_outside_quotes(value, ';');
        write_parameter(writing, p2i_span_first(value, end), fields);
        value = p2i_span_from(value, end);
    }
}

/* "17 INVITE" (RFC 3261 section 20.16). */
static void write_cseq(struct p2i_writing *writing, struct p2i_bytes value)
{
    struct p2i_bytes method = trim(value);
    size_t size = method.size;
    while (size > 0 && !p2i_is_space(method.data[size - 1])) {
        size--;
    }
    method = p2i_span_from(method, size);
    bool stays = p2i_sip_is_method(p2i_span_view(method));
    p2i_write_text(writing,
                   stays ? p2i_span_first(value, (size_t)(method.data - value.data)) : value);
}

/* The number of bytes of a body. */
static void write_length(struct p2i_writing *writing, struct p2i_bytes value)
{
    struct p2i_bytes number = trim(value);
    bool stays = number.size > 0 && number.size <= LENGTH_DIGITS &&
                 p2i_digits(p2i_span_view(number)) == number.size;
    if (!stays) {
        p2i_write_text(writing, value);
    }
}

/* "Basic YTpi": without a scheme all of it is secret. */
static void write_credentials(struct p2i_writing *writing, struct p2i_bytes value)
{
    struct p2i_bytes given = trim(value);
    struct p2i_bytes scheme = p2i_first_word(given);
    bool stays = p2i_is_listed(scheme, "basic bearer digest negotiate ntlm hoba mutual oauth "
                                       "scram-sha-1 scram-sha-256 vapid aws4-hmac-sha256");
    p2i_write_secret(writing, stays ? p2i_span_from(given, scheme.size + 1) : given);
}

static void note(struct p2i_fields *fields, struct p2i_view name, struct p2i_bytes value)
{
    uint64_t number;
    value = trim(value);
    if (p2i_view_equals_nocase(name, P2I_VIEW("content-length")) ||
        p2i_view_equals_nocase(name, P2I_VIEW("l"))) {
        if (p2i_parse_decimal(p2i_span_view(value), UINT64_MAX / 2, &number)) {
            fields->content_length = number;
        }
    } else if (p2i_view_equals_nocase(name, P2I_VIEW("transfer-encoding"))) {
        size_t size = sizeof "chunked" - 1;
        fields->chunked =
            value.size >= size &&
            p2i_span_starts_nocase(p2i_span_from(value, value.size - size), P2I_VIEW("chunked"));
    } else if (p2i_view_equals_nocase(name, P2I_VIEW("upgrade"))) {
        fields->websocket = p2i_span_starts_nocase(value, P2I_VIEW("websocket"));
    }
}

static void write_value(struct p2i_writing *writing, struct p2i_view name, struct p2i_bytes value,
                        bool mail, struct p2i_fields *fields)
{
    size_t row = row_of(name);
    bool known = row < sizeof fields_known / sizeof *fields_known;
    switch (known ? (enum manner)fields_known[row].manner : TEXT) {
    case LENGTH:
    case WORDS:
        note(fields, name, value);
        if (known && fields_known[row].words != NULL) {
            p2i_write_text_but(writing, value, fields_known[row].words);
        } else {
            write_length(writing, value);
        }
        break;
    case CSEQ:
        write_cseq(writing, value);
        break;
    case MEDIA:
        write_media(writing, value, fields);
        break;
    case SECRET:
        write_credentials(writing, value);
        break;
    default:
        if (mail) {
            p2i_write_encoded(writing, value);
        } else {
            p2i_write_text(writing, value);
        }
        break;
    }
}

/* The field at the start of `span`, with its folded lines. */
static struct p2i_bytes field_of(struct p2i_bytes span)
{
    size_t size = p2i_line_of(span).size;
    while (size < span.size && p2i_is_blank(span.data[size])) {
        size += p2i_line_of(p2i_span_from(span, size)).size;
    }
    return p2i_span_first(span, size);
}

size_t p2i_write_fields(struct p2i_writing *writing, struct p2i_bytes span, bool mail,
                        struct p2i_fields *fields)
{
    *fields = (struct p2i_fields){.content_length = UINT64_MAX};
    size_t at = 0;
    while (at < span.size) {
        struct p2i_bytes rest = p2i_span_from(span, at);
        struct p2i_bytes line = p2i_line_of(rest);
        fields->cut = line.data[line.size - 1] == 0;
        if (p2i_line_content(line).size == 0) {
            return at + line.size;
        }
        struct p2i_bytes field = fields->cut ? line : field_of(rest);
        size_t colon = p2i_view_find(p2i_view_first(p2i_span_view(field), line.size), ':');
        if (colon >= line.size) {
            p2i_write_text(writing, field);
        } else {
            struct p2i_bytes name = trim(p2i_span_first(field, colon));
            write_value(writing, p2i_span_view(name), p2i_span_from(field, colon + 1), mail,
                        fields);
            write_name(writing, name);
        }
        at += field.size;
        if (fields->cut) {
            break;
        }
    }
    return at;
}
