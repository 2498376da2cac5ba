/* SPDX-License-Identifier: MIT */
#include "transport/sender.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NS_PER_S UINT64_C(1000000000)

uint64_t p2i_sender_now(const struct p2i_sender *sender)
{
    return sender->clock->now_ns(sender->clock->context);
}

int p2i_sender_resolve(struct p2i_sender *sender, int type, struct addrinfo **addresses)
{
    const struct p2i_collector_url *url = sender->url;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = type};
    uint64_t until_ns = p2i_sender_now(sender) + sender->delivery->retry_s * NS_PER_S;
    int result = getaddrinfo(url->host, url->port, &hints, addresses);
    while (result == EAI_AGAIN && p2i_sender_now(sender) < until_ns &&
           !p2i_sender_is_stopped(sender)) {
        sender->clock->wait(sender->clock->context, -1, false, NS_PER_S);
        result = getaddrinfo(url->host, url->port, &hints, addresses);
    }
    if (result != 0) {
        *addresses = NULL;
    }
    return result;
}

uint32_t p2i_sender_export_time(const struct p2i_sender *sender)
{
    return sender->delivery->export_time_now
               ? (uint32_t)(sender->clock->wall_us(sender->clock->context) / 1000000)
               : 0;
}

void p2i_sender_report(const struct p2i_sender *sender, bool usual, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (sender->delivery->report == NULL) {
        return;
    }
    int size = snprintf(text, sizeof text, "%.200s: ", sender->name);
    va_start(arguments, format);
    (void)vsnprintf(text + size, sizeof text - (size_t)size, format, arguments);
    va_end(arguments);
    sender->delivery->report(sender->delivery->context, usual, text);
}

void p2i_sender_log(const struct p2i_sender *sender, bool usual, const char *level,
                    const char *format, ...)
{
    const struct p2i_delivery *delivery = sender->delivery;
    char text[256];
    va_list arguments;
    if (delivery->log == NULL) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct p2i_log_line line = {.level = level,
                                .time_us = sender->clock->wall_us(sender->clock->context),
                                .text = text,
                                .url = sender->name};
    delivery->log(delivery->context, usual, &line);
}

bool p2i_sender_is_stopped(struct p2i_sender *sender)
{
    const struct p2i_delivery *delivery = sender->delivery;
    if (sender->stopped_ns == 0 && delivery->is_stopped != NULL &&
        delivery->is_stopped(delivery->context)) {
        sender->stopped_ns = p2i_sender_now(sender);
    }
    return sender->stopped_ns != 0;
}

enum p2i_result p2i_sender_give_up(struct p2i_sender *sender, const char *reason,
                                   struct p2i_error *error)
{
    (void)snprintf(sender->reason, sizeof sender->reason, "%s", reason);
    sender->spool.path = sender->summary->spool;
    enum p2i_result result = p2i_spool_open(&sender->spool, sender->delivery->spool_folder,
                                            sender->url, &sender->spool_rules, error);
    if (result == P2I_OK) {
        p2i_transport_session_begin(&sender->session);
        p2i_sender_report(sender, false, "%s; the remaining records go to %s", reason,
                          sender->spool.path);
    }
    return result;
}

enum p2i_result p2i_sender_spool(struct p2i_sender *sender, const struct p2i_outgoing *outgoing,
                                 struct p2i_error *error)
{
    sender->summary->records_spooled += outgoing->records;
    return p2i_spool_put(&sender->spool, &sender->session, outgoing, error);
}

enum p2i_result p2i_sender_finish_spool(struct p2i_sender *sender, struct p2i_error *error)
{
    if (sender->spool.file == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_spool_finish(&sender->spool, error);
    if (result != P2I_OK) {
        return result;
    }
    const char *path = sender->spool.path;
    char text[sizeof error->text];
    int size = snprintf(
        text, sizeof text,
        "%s: %s; %" PRIu64 " records kept in %s; deliver them with: ipfixtool send %s %s",
        sender->name, sender->reason, sender->summary->records_spooled, path, path, sender->name);
    if (size > 0 && (size_t)size < sizeof text) {
        return p2i_fail(error, P2I_COLLECTOR, "%s", text);
    }
    /* An incomplete command would be useless. */
    return p2i_fail(error, P2I_COLLECTOR,
                    "%.60s: %.90s; %" PRIu64 " records kept in %s (see ipfixtool send)",
                    sender->name, sender->reason, sender->summary->records_spooled, path);
}

void p2i_sender_free_common(struct p2i_sender *sender)
{
    p2i_transport_session_free(&sender->session);
    p2i_spool_free(&sender->spool);
}
