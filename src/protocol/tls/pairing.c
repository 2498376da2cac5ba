/* SPDX-License-Identifier: MIT */
#include "protocol/tls/pairing.h"

#include "protocol/im/zello.h"

static void forget_name(struct p2i_parser *parser, struct p2i_tls_pairing *pairing)
{
    p2i_pool_put(parser->pool, parser->account, pairing->name, pairing->name_size);
    pairing->name = NULL;
    pairing->name_size = 0;
    pairing->name_type = P2I_HOST_NONE;
}

static void remember_name(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                          struct p2i_view name, enum p2i_host_type type)
{
    forget_name(parser, pairing);
    pairing->name = p2i_pool_get(parser->pool, parser->account, name.size, NULL);
    if (pairing->name != NULL) {
        memcpy(pairing->name, name.data, name.size);
        pairing->name_size = name.size;
        pairing->name_type = (uint8_t)type;
    }
}

static void emit_request(const struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                         struct p2i_view host, enum p2i_host_type type,
                         enum p2i_completeness completeness)
{
    const struct p2i_tls_request *request = &pairing->request;
    enum p2i_direction sender = (enum p2i_direction)request->sender;
    struct p2i_clickstream message = {
        .host = host,
        .host_type = (uint8_t)(host.size > 0 ? type : P2I_HOST_NONE),
        .cipher_suites = p2i_view_of(request->suites, request->suites_size),
        .cipher_suites_length = request->suites_length,
    };
    p2i_emit_part(parser, P2I_RECORD_CLICKSTREAM, sender, &request->info, &message, completeness);
    pairing->zello = pairing->zello || p2i_zello_session(parser, sender, &request->info, host);
}

void p2i_tls_pair_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                          enum p2i_direction sender, const struct p2i_packet_info *info,
                          const struct p2i_client_hello *hello, bool wait,
                          enum p2i_completeness completeness)
{
    p2i_tls_release_request(parser, pairing);
    pairing->request = (struct p2i_tls_request){
        .info = *info,
        .suites_length = hello->suites_length,
        .suites_size = hello->suites_size,
        .sender = (uint8_t)sender,
    };
    memcpy(pairing->request.suites, hello->suites, sizeof pairing->request.suites);
    if (hello->host.size > 0) {
        emit_request(parser, pairing, hello->host, P2I_HOST_SNI, completeness);
        remember_name(parser, pairing, hello->host, P2I_HOST_SNI);
    } else if (completeness != P2I_WHOLE) {
        emit_request(parser, pairing, (struct p2i_view){0}, P2I_HOST_NONE, completeness);
    } else if (wait) {
        pairing->request.waits = true;
    } else if (pairing->name_type == P2I_HOST_CERTIFICATE) {
        emit_request(parser, pairing, p2i_view_of(pairing->name, pairing->name_size),
                     P2I_HOST_CERTIFICATE, P2I_WHOLE);
    } else {
        emit_request(parser, pairing, (struct p2i_view){0}, P2I_HOST_NONE, P2I_WHOLE);
    }
}

void p2i_tls_pair_reply(struct p2i_tls_pairing *pairing, enum p2i_direction sender,
                        const struct p2i_packet_info *info, const struct p2i_server_hello *hello,
                        enum p2i_completeness completeness)
{
    pairing->reply = (struct p2i_tls_reply){
        .waits = true,
        .info = *info,
        .completeness = completeness,
        .sender = (uint8_t)sender,
        .message = {.version = hello->version,
                    .cipher_suite = hello->cipher_suite,
                    .compression_method = hello->compression_method},
    };
}

static void release_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                            struct p2i_view certificate_name)
{
    if (pairing->request.waits) {
        pairing->request.waits = false;
        emit_request(parser, pairing, certificate_name, P2I_HOST_CERTIFICATE, P2I_WHOLE);
    }
}

static void release_reply(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                          struct p2i_view certificate_name)
{
    if (!pairing->reply.waits) {
        return;
    }
    pairing->reply.waits = false;
    struct p2i_ssl_reply message = pairing->reply.message;
    if (certificate_name.size > 0) {
        message.host = certificate_name;
        message.host_type = P2I_HOST_CERTIFICATE;
    } else if (pairing->name_type == P2I_HOST_SNI) {
        message.host = p2i_view_of(pairing->name, pairing->name_size);
        message.host_type = P2I_HOST_SNI;
    }
    p2i_emit_part(parser, P2I_RECORD_SSL_REPLY, (enum p2i_direction)pairing->reply.sender,
                  &pairing->reply.info, &message, pairing->reply.completeness);
}

void p2i_tls_release_request(struct p2i_parser *parser, struct p2i_tls_pairing *pairing)
{
    release_request(parser, pairing, (struct p2i_view){0});
}

void p2i_tls_release(struct p2i_parser *parser, struct p2i_tls_pairing *pairing,
                     struct p2i_view certificate_name)
{
    release_request(parser, pairing, certificate_name);
    release_reply(parser, pairing, certificate_name);
    if (certificate_name.size > 0 && pairing->name == NULL) {
        /* For a ClientHello captured behind the server's answer. */
        remember_name(parser, pairing, certificate_name, P2I_HOST_CERTIFICATE);
    }
}

void p2i_tls_pairing_free(struct p2i_parser *parser, struct p2i_tls_pairing *pairing)
{
    forget_name(parser, pairing);
}
