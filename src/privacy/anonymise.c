/* SPDX-License-Identifier: MIT */
#include "privacy/anonymise.h"

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/values.h"
#include "privacy/anonymise_packet.h"
#include "privacy/anonymise_text.h"

enum {
    RR_A = 1,
    RR_AAAA = 28,
    RR_SVCB = 64,
    RR_HTTPS = 65,
    KEY_IPV4HINT = 4, /* RFC 9460 section 7.3 */
    KEY_IPV6HINT = 6,
};

bool p2i_anonymise_facts(struct p2i_crypto_pan *pan, struct p2i_record_facts *facts,
                         struct p2i_anonymous_facts *own, struct p2i_texts *texts)
{
    own->info = *facts->info;
    memset(own->info.source_mac, 0, sizeof own->info.source_mac);
    memset(own->info.destination_mac, 0, sizeof own->info.destination_mac);
    bool done = p2i_crypto_pan_map(pan, facts->ip_version, facts->source, &own->source) &&
                p2i_crypto_pan_map(pan, facts->ip_version, facts->destination, &own->destination) &&
                p2i_crypto_pan_number(pan, facts->session_id, &facts->session_id) &&
                p2i_anonymise_text(pan, &facts->login, texts);
    facts->source = &own->source;
    facts->destination = &own->destination;
    facts->info = &own->info;
    return done;
}

/* Maps a sequence of addresses in place. Leftover bytes are not an address. */
static bool map_row(struct p2i_crypto_pan *pan, uint8_t *row, size_t row_size, uint8_t ip_version)
{
    size_t size = ip_version == 6 ? 16 : 4;
    bool done = true;
    for (size_t at = 0; done && row_size - at >= size; at += size) {
        struct p2i_address address = {0};
        struct p2i_address mapped;
        memcpy(address.bytes, row + at, size);
        done = p2i_crypto_pan_map(pan, ip_version, &address, &mapped);
        if (done) {
            memcpy(row + at, mapped.bytes, size);
        }
    }
    return done;
}

/* Changes service parameters, which follow priority and target, in place. */
static bool map_hints(struct p2i_crypto_pan *pan, uint8_t *data, size_t size)
{
    struct p2i_cursor at = p2i_cursor_of(p2i_view_of(data, size));
    bool done = true;
    p2i_skip(&at, 2);
    for (uint8_t label = p2i_u8(&at); label != 0; label = p2i_u8(&at)) {
        p2i_skip(&at, label);
    }
    while (done && !at.failed && at.rest.size > 0) {
        uint16_t key = p2i_be16(&at);
        uint16_t length = p2i_be16(&at);
        uint8_t *value = data + (size - at.rest.size);
        p2i_skip(&at, length);
        if (!at.failed && (key == KEY_IPV4HINT || key == KEY_IPV6HINT)) {
            done = map_row(pan, value, length, key == KEY_IPV6HINT ? 6 : 4);
        }
    }
    return done;
}

static bool anonymise_rdata(struct p2i_crypto_pan *pan, struct p2i_dns *dns,
                            struct p2i_texts *texts)
{
    bool one = (dns->rr_type == RR_A && dns->rdata.size == 4) ||
               (dns->rr_type == RR_AAAA && dns->rdata.size == 16);
    bool hints = dns->rr_type == RR_SVCB || dns->rr_type == RR_HTTPS;
    if (!one && !hints) {
        return true;
    }
    struct p2i_buffer *out = p2i_texts_next(texts);
    if (out == NULL || !p2i_append(out, dns->rdata)) {
        return false;
    }
    dns->rdata = p2i_view_of(out->data, out->size);
    return one ? map_row(pan, out->data, out->size, dns->rr_type == RR_A ? 4 : 6)
               : map_hints(pan, out->data, out->size);
}

/* The texts of a message; NULL ends them. */
static bool anonymise_texts(struct p2i_crypto_pan *pan, struct p2i_view *const *views,
                            struct p2i_texts *texts)
{
    bool done = true;
    for (; done && *views != NULL; views++) {
        done = p2i_anonymise_text(pan, *views, texts);
    }
    return done;
}
#define TEXTS(...) anonymise_texts(pan, (struct p2i_view *const[]){__VA_ARGS__, NULL}, texts)

bool p2i_anonymise(struct p2i_crypto_pan *pan, enum p2i_record_kind kind,
                   union p2i_any_message *message, struct p2i_texts *texts)
{
    union p2i_any_message *m = message;
    switch (kind) {
    case P2I_RECORD_CLICKSTREAM:
        return TEXTS(&m->clickstream.host, &m->clickstream.path, &m->clickstream.referer,
                     &m->clickstream.cookie);
    case P2I_RECORD_HTTP_REPLY:
        return TEXTS(&m->http_reply.location);
    case P2I_RECORD_SSL_REPLY:
        return TEXTS(&m->ssl_reply.host);
    case P2I_RECORD_SIP:
        return TEXTS(&m->sip.uri, &m->sip.from, &m->sip.to, &m->sip.call_id, &m->sip.gateways,
                     &m->sip.cseq);
    case P2I_RECORD_FTP:
        return TEXTS(&m->ftp.server_name, &m->ftp.user);
    case P2I_RECORD_IM:
        return TEXTS(&m->im.login, &m->im.screen_name, &m->im.receivers);
    case P2I_RECORD_MAIL:
        return TEXTS(&m->mail.sender, &m->mail.receiver, &m->mail.cc, &m->mail.servers,
                     &m->mail.reply_to);
    case P2I_RECORD_RAW:
        return p2i_anonymise_packet(pan, &m->raw.data, texts);
    case P2I_RECORD_DNS:
        return p2i_anonymise_domain(pan, &m->dns.domain, texts) &&
               anonymise_rdata(pan, &m->dns, texts);
    case P2I_RECORD_FLOW:
        return TEXTS(&m->flow.host);
    case P2I_RECORD_BIFLOW:
        return TEXTS(&m->biflow.forward.host);
    }
    return true;
}
