/* SPDX-License-Identifier: MIT */
#include "transport/collector.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ipfix/file_options.h"
#include "ipfix/list_elements.h"
#include "ipfix/message.h"
#include "ipfix/wire.h"
#include "pcap2ipfix/fields.h"
#include "record/decode.h"
#include "record/shorten.h"
#include "transport/sender.h"
#include "transport/url.h"

enum {
    TCP_MESSAGE = 32 * 1024,
    TLS_MESSAGE = 14 * 1024, /* with templates within one record of TLS (16 KiB) */
    RECORDS_PER_LOOK = 64,   /* records between two looks at the clock */
    REPORT_S = 30,
    HEADERS = P2I_MESSAGE_HEADER + P2I_SET_HEADER, /* of a message with one set */
};
#define NS_PER_S UINT64_C(1000000000)
#define CYCLE_NS (P2I_CYCLE_US * UINT64_C(1000))

struct collector {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct p2i_collector_url url;
    const struct p2i_delivery *delivery;
    struct p2i_collector_summary *summary;
    struct p2i_ipfix_settings ipfix;
    struct p2i_messages *messages;
    struct p2i_sender *sender;
    struct p2i_pace pace;
    size_t record_limit;   /* bytes; longer ones are shortened */
    uint8_t *shortened;    /* that many */
    uint64_t pushed_ns;    /* last time without an open message */
    uint64_t reported_ns;  /* when the statistics were logged last */
    unsigned records_left; /* until the next look at the clock */
};

/* In the form of the gateway: cycles, cycles longer than the period, their share, the longest, the
 * period. */
static void log_statistics(const struct collector *collector)
{
    const struct p2i_collector_summary *summary = collector->summary;
    uint64_t cycles = summary->cycles > 0 ? summary->cycles : 1;
    uint64_t share = (summary->cycles_over * 10000 + cycles / 2) / cycles; /* in 1/100 per cent */
    p2i_sender_log(collector->sender, true, "STAT",
                   "Statistics on NFLW_export : {%" PRIu64 "/%" PRIu64 "/%" PRIu64
                   ".%02u%%/%" PRIu64 "us/%dus}",
                   summary->cycles, summary->cycles_over, share / 100, (unsigned)(share % 100),
                   summary->longest_us, P2I_CYCLE_US);
}

static void note_cycle(struct collector *collector, uint64_t begun_ns, uint64_t ended_ns)
{
    struct p2i_collector_summary *summary = collector->summary;
    uint64_t us = (ended_ns - begun_ns) / 1000;
    summary->cycles++;
    summary->longest_us = us > summary->longest_us ? us : summary->longest_us;
    if (us > P2I_CYCLE_US) {
        summary->cycles_over++;
        p2i_sender_log(collector->sender, false, "WARNING",
                       "[NFLW] very long operation %" PRIu64 "us", us);
    }
    collector->pushed_ns = ended_ns;
    if (ended_ns - collector->reported_ns >= REPORT_S * NS_PER_S) {
        collector->reported_ns = ended_ns;
        log_statistics(collector);
    }
}

static enum p2i_result take_message(void *context, struct p2i_view message, struct p2i_error *error)
{
    struct collector *collector = context;
    struct p2i_outgoing outgoing = {.message = message,
                                    .records = p2i_messages_taken(collector->messages)};
    uint64_t begun_ns = p2i_sender_now(collector->sender);
    enum p2i_result result = collector->sender->methods->send(collector->sender, &outgoing, error);
    note_cycle(collector, begun_ns, p2i_sender_now(collector->sender));
    return result;
}

static enum p2i_result take_template(void *context, uint32_t domain, uint16_t set_id,
                                     struct p2i_view record, struct p2i_error *error)
{
    struct collector *collector = context;
    return p2i_transport_session_define(&collector->sender->session, domain, set_id, record)
               ? P2I_OK
               : p2i_fail_memory(error);
}

/* Call before a record is added: sends open messages in time, and waits for the pace. */
static enum p2i_result keep_time(struct collector *collector, uint32_t time_s,
                                 struct p2i_error *error)
{
    struct p2i_sender *sender = collector->sender;
    bool new_second = collector->pace.speed > 0 && time_s != collector->pace.last_s;
    if (!new_second && collector->records_left-- > 0) {
        return P2I_OK;
    }
    collector->records_left = RECORDS_PER_LOOK;
    uint64_t now = p2i_sender_now(sender);
    uint64_t due_ns =
        p2i_sender_is_stopped(sender) ? 0 : p2i_pace_due_ns(&collector->pace, time_s, now);
    enum p2i_result result = P2I_OK;
    if (due_ns > 0 || now - collector->pushed_ns >= CYCLE_NS) {
        collector->pushed_ns = now;
        result = p2i_messages_push(collector->messages, error);
    }
    return result == P2I_OK && due_ns > 0 ? sender->methods->idle(sender, due_ns, error) : result;
}

/* Returns the record, or a shortened one that fits; empty: it cannot be shortened enough. */
static struct p2i_view fit(struct collector *collector, const struct p2i_wire_field *fields,
                           size_t count, struct p2i_view bytes)
{
    size_t size = p2i_shorten(fields, count, bytes, collector->record_limit, collector->shortened);
    collector->summary->records_cut += size > 0;
    return p2i_view_of(collector->shortened, size);
}

static enum p2i_result refuse(const struct collector *collector, size_t size,
                              struct p2i_error *error)
{
    return p2i_fail(error, P2I_USAGE, "cannot shorten a record of %zu bytes to %zu for UDP", size,
                    collector->record_limit);
}

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct collector *collector = (struct collector *)exporter;
    if ((collector->url.records & UINT32_C(1) << record->kind) == 0) {
        return P2I_OK;
    }
    enum p2i_result result = keep_time(collector, record->time_s, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_record fitting = *record;
    if (record->bytes.size > collector->record_limit) {
        const struct p2i_template *of = p2i_template_of_record(record);
        struct p2i_wire_field fields[P2I_FIELDS_MAX];
        for (size_t i = 0; i < of->field_count; i++) {
            fields[i] =
                (struct p2i_wire_field){.length = of->fields[i].length,
                                        .text = of->fields[i].element->type == P2I_TYPE_STRING};
        }
        fitting.bytes = fit(collector, fields, of->field_count, record->bytes);
        if (fitting.bytes.size == 0) {
            return refuse(collector, record->bytes.size, error);
        }
    }
    exporter->records_written++;
    collector->summary->records++;
    return p2i_messages_add(collector->messages, &fitting, error);
}

void p2i_collector_set_rules(struct p2i_exporter *exporter, const struct p2i_output_rules *rules)
{
    struct p2i_sender *sender = ((struct collector *)exporter)->sender;
    sender->spool_rules = *rules;
    sender->spool_rules.must_be_new = false; /* an empty file has its name already */
}

/* Shortens a record of another exporter to fit into a message. Lists, and fields that may be lists,
 * are useless when cut: if nothing else can be cut, the record stays as it is, and IP fragments the
 * datagram. */
static struct p2i_view fit_relayed(struct collector *collector, const struct p2i_raw_record *record)
{
    const struct p2i_read_template *template = record->template;
    struct p2i_wire_field fields[P2I_SHORTEN_MAX];
    for (size_t i = 0; i < template->field_count && i < P2I_SHORTEN_MAX; i++) {
        const struct p2i_read_field *field = &template->fields[i];
        fields[i] = (struct p2i_wire_field){.length = field->length,
                                            .text = field->type == P2I_TYPE_STRING,
                                            .rigid = field->unknown || p2i_is_list(field->type)};
    }
    struct p2i_view shorter = fit(collector, fields, template->field_count, record->bytes);
    bool sendable = record->bytes.size <= P2I_UDP_MESSAGE_MAX - HEADERS;
    return shorter.size == 0 && sendable ? record->bytes : shorter;
}

static enum p2i_result relay_record(struct p2i_exporter *exporter, struct p2i_relay *relay,
                                    const struct p2i_raw_record *record, struct p2i_error *error)
{
    struct collector *collector = (struct collector *)exporter;
    enum p2i_result result = keep_time(collector, record->export_time_s, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_raw_record fitting = *record;
    if (record->bytes.size > collector->record_limit) {
        fitting.bytes = fit_relayed(collector, record);
        if (fitting.bytes.size == 0) {
            return refuse(collector, record->bytes.size, error);
        }
    }
    exporter->records_written++;
    collector->summary->records++;
    return p2i_relay_record(relay, collector->messages, &fitting, error);
}

static enum p2i_result finish(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error)
{
    struct collector *collector = (struct collector *)exporter;
    enum p2i_result result = P2I_OK;
    if (collector->ipfix.form.extended && exporter->records_written > 0) {
        result = p2i_put_captures(collector->messages, &collector->ipfix, time_s, error);
    }
    if (result == P2I_OK) {
        result = p2i_messages_push(collector->messages, error);
    }
    if (result == P2I_OK) {
        result = collector->sender->methods->finish(collector->sender, error);
    }
    log_statistics(collector);
    return result;
}

static void free_collector(struct p2i_exporter *exporter)
{
    struct collector *collector = (struct collector *)exporter;
    if (collector == NULL) {
        return;
    }
    if (collector->sender != NULL) {
        collector->sender->methods->free(collector->sender);
    }
    p2i_messages_free(collector->messages);
    free(collector->shortened);
    free(collector);
}

static const struct p2i_exporter_methods methods = {write_record, finish, free_collector,
                                                    relay_record};

static size_t message_limit(const struct collector *collector)
{
    switch (collector->url.transport) {
    case P2I_COLLECTOR_UDP:
        return collector->delivery->udp_message_limit;
    case P2I_COLLECTOR_TLS:
        return TLS_MESSAGE;
    default:
        return TCP_MESSAGE;
    }
}

static enum p2i_result make_parts(struct collector *collector, const char *name,
                                  const struct p2i_ipfix_settings *ipfix, struct p2i_error *error)
{
    const struct p2i_delivery *delivery = collector->delivery;
    size_t limit = message_limit(collector);
    bool udp = collector->url.transport == P2I_COLLECTOR_UDP;
    if (ipfix != NULL) {
        collector->ipfix = *ipfix;
    }
    collector->ipfix.message_limit = (uint16_t)limit;
    collector->ipfix.file_options = 0;
    struct p2i_message_receiver receiver = {take_message, collector, take_template};
    collector->record_limit = udp ? (limit & ~(size_t)3) - HEADERS : SIZE_MAX;
    collector->shortened = udp ? malloc(collector->record_limit) : NULL;
    collector->messages = p2i_messages_new(&collector->ipfix, receiver);
    if (collector->messages == NULL || (udp && collector->shortened == NULL)) {
        return p2i_fail_memory(error);
    }
    struct p2i_sender common = {
        .name = name,
        .url = &collector->url,
        .delivery = delivery,
        .clock = delivery->clock != NULL ? delivery->clock : &p2i_system_clock,
        .summary = collector->summary,
        .bytes_written = &collector->exporter.bytes_written,
    };
    return udp ? p2i_udp_sender_new(&collector->sender, &common, error)
               : p2i_stream_sender_new(&collector->sender, &common, error);
}

enum p2i_result p2i_collector_open(struct p2i_exporter **exporter,
                                   const struct p2i_collector_settings *settings,
                                   const struct p2i_delivery *delivery,
                                   const struct p2i_ipfix_settings *ipfix,
                                   struct p2i_collector_summary *summary, struct p2i_error *error)
{
    *exporter = NULL;
    struct collector *collector = calloc(1, sizeof *collector);
    if (collector == NULL) {
        return p2i_fail_memory(error);
    }
    collector->exporter.methods = &methods;
    collector->delivery = delivery;
    collector->summary = summary;
    collector->pace.speed = delivery->pace;
    enum p2i_result result = p2i_collector_url_parse(&collector->url, settings->url, error);
    if (result == P2I_OK && (delivery->udp_message_limit < P2I_UDP_MESSAGE_MIN ||
                             delivery->udp_message_limit > P2I_UDP_MESSAGE_MAX)) {
        result = p2i_fail(error, P2I_USAGE, "a UDP message has %d to %d bytes", P2I_UDP_MESSAGE_MIN,
                          P2I_UDP_MESSAGE_MAX);
    }
    if (result == P2I_OK) {
        result = make_parts(collector, settings->url, ipfix, error);
    }
    if (result != P2I_OK) {
        free_collector(&collector->exporter);
        return result;
    }
    collector->pushed_ns = p2i_sender_now(collector->sender);
    collector->reported_ns = collector->pushed_ns;
    *exporter = &collector->exporter;
    return P2I_OK;
}
