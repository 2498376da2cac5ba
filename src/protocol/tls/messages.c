/* SPDX-License-Identifier: MIT */
#include "protocol/tls/parser.h"
#include "protocol/tls/x509.h"

void p2i_tls_server_done(const struct p2i_tls_work *work, struct p2i_view certificate_name)
{
    p2i_tls_release(work->parser, &work->tls->pairing, certificate_name);
    work->half->done = true;
}

void p2i_tls_give_up(const struct p2i_tls_work *work)
{
    if (work->half->role != P2I_TLS_CLIENT) {
        p2i_tls_server_done(work, (struct p2i_view){0});
        return;
    }
    work->half->done = true;
    if (work->peer->done) {
        p2i_tls_release_request(work->parser, &work->tls->pairing);
    }
}

/* The server's answer brings a client here: if that was not captured, there is nothing to wait
 * for. */
void p2i_tls_past_hellos(const struct p2i_tls_work *work)
{
    p2i_tls_give_up(work);
    if (!work->segment->peer_seen) {
        p2i_tls_release_request(work->parser, &work->tls->pairing);
    }
}

static void count_up(uint8_t *count)
{
    *count = (uint8_t)(*count + (*count < UINT8_MAX));
}

void p2i_tls_retry(const struct p2i_tls_work *work)
{
    count_up(&work->tls->retries);
    p2i_tls_release_request(work->parser, &work->tls->pairing);
}

static void client_hello(const struct p2i_tls_work *work, struct p2i_view body,
                         enum p2i_completeness completeness)
{
    struct p2i_client_hello hello;
    bool whole = completeness == P2I_WHOLE;
    bool ssl2 = work->half->message == P2I_TLS_SSL2_CLIENT_HELLO;
    bool read = ssl2 ? p2i_ssl2_client_hello_read(body, whole, &hello)
                     : p2i_client_hello_read(body, whole, &hello);
    if (!read) {
        if (whole) {
            p2i_report_broken(work->parser);
            p2i_tls_give_up(work);
        }
        return;
    }
    count_up(&work->half->hellos);
    work->tls->early_data = hello.early_data;
    work->tls->ssl2 = ssl2;
    bool wait = !work->peer->done && work->tls->retries == 0; /* only TLS 1.3 has retries */
    p2i_tls_pair_request(work->parser, &work->tls->pairing, work->segment->direction,
                         &work->half->info, &hello, wait, completeness);
}

static void server_hello(const struct p2i_tls_work *work, struct p2i_view body,
                         enum p2i_completeness completeness)
{
    struct p2i_server_hello hello;
    struct p2i_view certificate = {0};
    bool whole = completeness == P2I_WHOLE;
    bool ssl2 = work->half->message == P2I_TLS_SSL2_SERVER_HELLO;
    bool read = ssl2 ? p2i_ssl2_server_hello_read(body, &hello, &certificate)
                     : p2i_server_hello_read(body, whole, &hello);
    if (!read) {
        if (whole) {
            p2i_report_broken(work->parser);
            p2i_tls_give_up(work);
        }
        return;
    }
    if (hello.retry) {
        p2i_tls_retry(work);
        return;
    }
    work->half->hellos = 1;
    p2i_tls_pair_reply(&work->tls->pairing, work->segment->direction, &work->half->info, &hello,
                       completeness);
    if (ssl2 || hello.encrypted) {
        uint8_t buffer[P2I_X509_NAME_MAX];
        p2i_tls_server_done(work, p2i_x509_name(certificate, buffer, sizeof buffer));
    }
}

void p2i_tls_message(const struct p2i_tls_work *work, struct p2i_view body,
                     enum p2i_completeness completeness)
{
    uint8_t buffer[P2I_X509_NAME_MAX];
    switch (work->half->message) {
    case P2I_TLS_CLIENT_HELLO:
    case P2I_TLS_SSL2_CLIENT_HELLO:
        client_hello(work, body, completeness);
        break;
    case P2I_TLS_SERVER_HELLO:
    case P2I_TLS_SSL2_SERVER_HELLO:
        server_hello(work, body, completeness);
        break;
    default: /* the leaf of P2I_TLS_CERTIFICATE; its name may lie in the captured part */
        p2i_tls_server_done(work, p2i_x509_name(body, buffer, sizeof buffer));
        break;
    }
}

/* True when an alert ends the session. */
static bool ends_session(struct p2i_view alert)
{
    enum { FATAL = 2, CLOSE_NOTIFY = 0 };
    return alert.size == 2 && (alert.data[0] == FATAL || alert.data[1] == CLOSE_NOTIFY);
}

void p2i_tls_other_record(const struct p2i_tls_work *work, uint8_t type, struct p2i_view payload)
{
    struct p2i_tls_half *half = work->half;
    bool answered = half->role == P2I_TLS_SERVER && half->hellos > 0;
    if (type == P2I_TLS_CHANGE_CIPHER_SPEC) {
        /* Before its second ClientHello, or behind its HelloRetryRequest, a side may send a
         * ChangeCipherSpec that changes nothing (RFC 8446 D.4). */
        half->ciphered = true;
        if (answered) {
            p2i_tls_server_done(work, (struct p2i_view){0});
        }
    } else if (type == P2I_TLS_APPLICATION_DATA &&
               !(half->role == P2I_TLS_CLIENT && work->tls->early_data)) {
        p2i_tls_past_hellos(work);
    } else if (type == P2I_TLS_ALERT && ends_session(payload) &&
               (half->role != P2I_TLS_CLIENT || !work->segment->peer_seen)) {
        /* A side that refuses shows no certificate. If the session continues all the same,
         * reading does too. */
        p2i_tls_release(work->parser, &work->tls->pairing, (struct p2i_view){0});
    }
}
