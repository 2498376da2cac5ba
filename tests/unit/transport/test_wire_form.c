/* SPDX-License-Identifier: MIT */
/* What a user may choose about IPFIX: domains, elements of IPv6 addresses; in files and to
 * collectors. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/counts.h"
#include "helpers/fake_clock.h"
#include "helpers/folder.h"
#include "helpers/samples.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/reader.h"
#include "transport/collector.h"

static const uint32_t domains[P2I_RECORD_KINDS] = {
    [P2I_RECORD_CLICKSTREAM] = 10,  [P2I_RECORD_HTTP_REPLY] = 10,  [P2I_RECORD_SSL_REPLY] = 10,
    [P2I_RECORD_SIP] = 4294967295,  [P2I_RECORD_FTP] = 4294967295, [P2I_RECORD_IM] = 4294967295,
    [P2I_RECORD_MAIL] = 4294967295, [P2I_RECORD_RAW] = 4294967295, [P2I_RECORD_DNS] = 0,
    [P2I_RECORD_FLOW] = 0,          [P2I_RECORD_BIFLOW] = 10};

/* What was read, by kind, IPv4 first. */
struct seen {
    size_t records[P2I_RECORD_KINDS][2];
    size_t distinct[P2I_RECORD_KINDS][2]; /* values of 1103 and 1104 */
    size_t plain[P2I_RECORD_KINDS][2];    /* values of 1003 and 1004 */
};

static void expect_no_defect(void *context, uint64_t offset, const char *text)
{
    (void)context;
    cr_expect(false, "at %zu: %s", (size_t)offset, text);
}

static void take(struct seen *seen, const struct p2i_read_record *record,
                 const uint32_t *expected_domains)
{
    const struct p2i_template *of = p2i_template_by_id(record->template_id);
    cr_assert_not_null(of, "%u", record->template_id);
    cr_expect_eq(record->domain, expected_domains != NULL ? expected_domains[of->kind] : of->domain,
                 "template %u in domain %u", record->template_id, record->domain);
    size_t six = of->ip_version == 6;
    seen->records[of->kind][six]++;
    for (size_t i = 0; i < record->value_count; i++) {
        const struct p2i_value *value = &record->values[i];
        bool ours = value->pen == P2I_PEN;
        bool distinct = ours && (value->id == 1103 || value->id == 1104);
        bool plain = ours && (value->id == 1003 || value->id == 1004);
        cr_expect(!(distinct || plain) || value->size == (six ? 16 : 4));
        seen->distinct[of->kind][six] += distinct;
        seen->plain[of->kind][six] += plain;
    }
}

static void read_all(struct seen *seen, struct p2i_view bytes, const struct p2i_wire_form *form)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    memset(seen, 0, sizeof *seen);
    cr_assert_eq(
        p2i_reader_open_bytes(&reader, bytes.data, bytes.size, expect_no_defect, NULL, &error),
        P2I_OK);
    enum p2i_result result = p2i_reader_next(reader, &record, &error);
    for (; result == P2I_OK; result = p2i_reader_next(reader, &record, &error)) {
        if (!record.options) {
            take(seen, &record, form->domains);
        }
    }
    cr_expect_eq(result, P2I_END);
    p2i_reader_close(reader);
}

/* Flow records have the elements of IANA, which are distinct anyway. */
static void check(struct p2i_view bytes, const struct p2i_wire_form *form)
{
    struct seen seen;
    read_all(&seen, bytes, form);
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        bool ours = kind != P2I_RECORD_FLOW && kind != P2I_RECORD_BIFLOW;
        bool distinct = form->ipv6_distinct || kind == P2I_RECORD_DNS;
        cr_expect_eq(seen.records[kind][0], 1);
        cr_expect_eq(seen.records[kind][1], 1);
        cr_expect_eq(seen.plain[kind][0], ours ? 2 : 0, "kind %d", kind);
        cr_expect_eq(seen.distinct[kind][0], 0, "kind %d", kind);
        cr_expect_eq(seen.plain[kind][1], ours && !distinct ? 2 : 0, "kind %d", kind);
        cr_expect_eq(seen.distinct[kind][1], ours && distinct ? 2 : 0, "kind %d", kind);
    }
}

static void write_all(struct p2i_exporter *exporter)
{
    struct p2i_buffer buffer = {0};
    struct p2i_error error;
    for (int i = 0; i < 2 * P2I_RECORD_KINDS; i++) {
        buffer.size = 0;
        struct p2i_record record =
            sample_record(&buffer, (enum p2i_record_kind)(i / 2), i % 2 == 0 ? 4 : 6, 1000, 10);
        cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK, "%s", error.text);
    }
    p2i_buffer_free(&buffer);
    cr_assert_eq(exporter->methods->finish(exporter, 1000, &error), P2I_OK, "%s", error.text);
    exporter->methods->free(exporter);
}

static const struct p2i_wire_form forms[] = {
    {NULL, false}, {NULL, true}, {domains, false}, {domains, true}};
enum { FORMS = sizeof forms / sizeof *forms };

Test(wire_form, of_files)
{
    for (size_t i = 0; i < FORMS; i++) {
        struct folder folder = folder_make();
        struct p2i_exporter *exporter;
        struct p2i_error error;
        struct p2i_ipfix_settings settings = {
            .element_types = true, .message_limit = 65535, .form = forms[i]};
        cr_assert_eq(p2i_ipfix_file_open(&exporter, folder.file, NULL, &settings, &error), P2I_OK);
        write_all(exporter);
        struct p2i_view bytes = file_read(folder.file);
        check(bytes, &forms[i]);
        free((void *)(uintptr_t)bytes.data);
        folder_remove(&folder);
    }
}

static size_t receive_all(int socket, uint8_t *bytes, size_t room)
{
    size_t size = 0;
    for (ssize_t more = 0; more >= 0; size += (size_t)(more > 0 ? more : 0)) {
        more = recv(socket, bytes + size, room - size, MSG_DONTWAIT);
    }
    return size;
}

Test(wire_form, of_collectors)
{
    static uint8_t bytes[1 << 20];
    for (size_t i = 0; i < FORMS; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof address;
        struct fake_clock time = {.now_ns = UINT64_C(1000000000000)};
        struct p2i_clock clock = {fake_now, fake_wall, fake_wait, &time};
        char spool[P2I_SPOOL_PATH_MAX] = "";
        struct p2i_collector_summary summary = {.spool = spool};
        struct p2i_exporter *exporter;
        struct p2i_delivery delivery;
        struct p2i_error error;
        char url[64];
        int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        cr_assert_eq(bind(peer, (struct sockaddr *)&address, sizeof address), 0);
        cr_assert_eq(getsockname(peer, (struct sockaddr *)&address, &size), 0);
        (void)snprintf(url, sizeof url, "udp://127.0.0.1:%d", ntohs(address.sin_port));
        struct p2i_collector_settings settings = {.url = url};
        struct p2i_ipfix_settings ipfix = {.form = forms[i]};
        p2i_delivery_default(&delivery);
        delivery.report = fake_report;
        delivery.is_stopped = fake_stopped;
        delivery.context = &time;
        delivery.clock = &clock;
        cr_assert_eq(p2i_collector_open(&exporter, &settings, &delivery, &ipfix, &summary, &error),
                     P2I_OK, "%s", error.text);
        write_all(exporter);
        check(p2i_view_of(bytes, receive_all(peer, bytes, sizeof bytes)), &forms[i]);
        (void)close(peer);
    }
}
