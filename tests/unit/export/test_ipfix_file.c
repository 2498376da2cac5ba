/* SPDX-License-Identifier: MIT */
/* The two kinds of files through the exporter's interface. */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/counts.h"
#include "export/exporter.h"
#include "helpers/folder.h"
#include "helpers/samples.h"
#include "pcap2ipfix/cursor.h"

static const struct p2i_output_rules new_file = {.must_be_new = true};
static const struct p2i_ipfix_settings settings = {.element_types = true, .message_limit = 65535};

static void write_records(struct p2i_exporter *exporter, size_t count)
{
    struct p2i_buffer buffer = {0};
    struct p2i_error error;
    for (size_t i = 0; i < count; i++) {
        buffer.size = 0;
        struct p2i_record record =
            sample_record(&buffer, (enum p2i_record_kind)(i % P2I_RECORD_KINDS), i % 4 < 2 ? 4 : 6,
                          (uint32_t)i, i % 300);
        cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK);
    }
    p2i_buffer_free(&buffer);
}

/* Messages that fill the file to its last byte. */
static size_t count_messages(struct p2i_view bytes)
{
    size_t count = 0;
    while (bytes.size > 0) {
        cr_assert_geq(bytes.size, 16);
        cr_assert_eq(p2i_load_be16(bytes.data), 10);
        size_t size = p2i_load_be16(bytes.data + 2);
        cr_assert(size >= 16 && size <= bytes.size);
        bytes = p2i_view_from(bytes, size);
        count++;
    }
    return count;
}

Test(ipfix_file, is_a_row_of_messages)
{
    struct folder folder = folder_make();
    struct p2i_exporter *exporter;
    struct p2i_error error;
    cr_assert_eq(p2i_ipfix_file_open(&exporter, folder.file, NULL, &settings, &error), P2I_OK);
    write_records(exporter, 3000);
    cr_assert_eq(exporter->methods->finish(exporter, 5, &error), P2I_OK);
    struct p2i_view bytes = file_read(folder.file);
    cr_expect_gt(count_messages(bytes), 4);
    cr_expect_eq(exporter->bytes_written, bytes.size);
    cr_expect_eq(exporter->records_written, 3000);
    exporter->methods->free(exporter);
    free((void *)(uintptr_t)bytes.data);
    folder_remove(&folder);
}

Test(ipfix_file, without_records_is_a_valid_file)
{
    for (int types = 0; types < 2; types++) {
        struct folder folder = folder_make();
        struct p2i_exporter *exporter;
        struct p2i_error error;
        struct p2i_ipfix_settings other = {.element_types = types != 0, .message_limit = 65535};
        cr_assert_eq(p2i_ipfix_file_open(&exporter, folder.file, &new_file, &other, &error),
                     P2I_OK);
        cr_assert_eq(exporter->methods->finish(exporter, 5, &error), P2I_OK);
        exporter->methods->free(exporter);
        struct p2i_view bytes = file_read(folder.file);
        cr_expect_eq(count_messages(bytes), 1);
        cr_expect_eq(p2i_load_be32(bytes.data + 4), 5);
        cr_expect_eq(p2i_load_be32(bytes.data + 12), 1);
        free((void *)(uintptr_t)bytes.data);
        folder_remove(&folder);
    }
}

Test(ipfix_file, unfinished_leaves_nothing)
{
    struct folder folder = folder_make();
    struct p2i_exporter *exporter;
    struct p2i_error error;
    cr_assert_eq(p2i_ipfix_file_open(&exporter, folder.file, NULL, &settings, &error), P2I_OK);
    write_records(exporter, 3000);
    exporter->methods->free(exporter);
    cr_expect_eq(folder_count(&folder), 0);
    folder_remove(&folder);
}

Test(ipfix_file, a_full_device_is_an_error)
{
    struct p2i_exporter *exporter;
    struct p2i_error error;
    cr_assert_eq(p2i_ipfix_file_open(&exporter, "/dev/full", NULL, &settings, &error), P2I_OK);
    write_records(exporter, 10);
    cr_expect_eq(exporter->methods->finish(exporter, 5, &error), P2I_OUTPUT);
    cr_expect_eq(error.system_error, ENOSPC);
    cr_expect_str_eq(error.file, "/dev/full");
    exporter->methods->free(exporter);
    cr_assert_eq(p2i_json_file_open(&exporter, "/dev/full", NULL, &error), P2I_OK);
    write_records(exporter, 10);
    cr_expect_eq(exporter->methods->finish(exporter, 5, &error), P2I_OUTPUT);
    exporter->methods->free(exporter);
}

Test(ipfix_file, must_be_new)
{
    struct folder folder = folder_make();
    struct p2i_exporter *exporter;
    struct p2i_error error;
    file_write(folder.file, "old");
    cr_expect_eq(p2i_ipfix_file_open(&exporter, folder.file, &new_file, &settings, &error),
                 P2I_OUTPUT);
    cr_expect_null(exporter);
    cr_expect_eq(p2i_json_file_open(&exporter, folder.file, &new_file, &error), P2I_OUTPUT);
    cr_expect_null(exporter);
    expect_file(folder.file, "old");
    folder_remove(&folder);
}

Test(json_file, lines)
{
    struct folder folder = folder_make();
    struct p2i_exporter *exporter;
    struct p2i_error error;
    struct p2i_buffer buffer = {0};
    cr_assert_eq(p2i_json_file_open(&exporter, folder.file, NULL, &error), P2I_OK);
    struct p2i_record record = sample_record(&buffer, P2I_RECORD_DNS, 6, 1700000000, 2);
    cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK);
    buffer.size = 0;
    record = sample_record(&buffer, P2I_RECORD_FLOW, 4, 1700000000, 0);
    cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK);
    record.bytes.size--;
    cr_expect_eq(exporter->methods->write(exporter, &record, &error), P2I_INTERNAL);
    cr_assert_eq(exporter->methods->finish(exporter, 5, &error), P2I_OK);
    cr_expect_eq(exporter->records_written, 2);
    exporter->methods->free(exporter);
    expect_file(
        folder.file,
        "{\"record\":\"dns\",\"TIME_STAMP\":1700000000,\"LOGIN\":\"login\","
        "\"IP_SOURCE_V6\":\"2001:db8::1\",\"IP_DESTINATION_V6\":\"2001:db8::2\","
        "\"PORT_SOURCE\":40000,\"PORT_DESTINATION\":53,\"SESSION_ID\":\"18446744073709551615\","
        "\"TRANSPORT\":0,\"DOMAIN\":\"www.example.com\",\"RRCLASS\":0,\"RRTYPE\":0,\"TTL\":0,"
        "\"RDATA\":\"0000\",\"vlanId\":0,\"postVlanId\":0,"
        "\"sourceMacAddress\":\"00:00:00:00:00:00\","
        "\"postDestinationMacAddress\":\"00:00:00:00:00:00\",\"MPLS_LABELS\":\"\","
        "\"BRIDGE_CHANNEL_NUM\":0}\n"
        "{\"record\":\"flow\",\"octetDeltaCount\":0,\"packetDeltaCount\":0,"
        "\"protocolIdentifier\":17,\"ipClassOfService\":0,\"sourceTransportPort\":0,"
        "\"sourceIPv4Address\":\"32.1.13.184\",\"destinationTransportPort\":0,"
        "\"destinationIPv4Address\":\"32.1.13.184\",\"bgpSourceAsNumber\":0,"
        "\"bgpDestinationAsNumber\":0,\"flowStartMilliseconds\":0,\"flowEndMilliseconds\":0,"
        "\"ingressInterface\":0,\"egressInterface\":0,\"ipVersion\":4,"
        "\"SESSION_ID\":\"18446744073709551615\",\"FLOW_HOST\":\"\",\"DPI_PROTOCOL\":0,"
        "\"FLOW_LOGIN\":\"login\",\"postNATSourceIPv4Address\":\"0.0.0.0\","
        "\"postNAPTSourceTransportPort\":0}\n");
    p2i_buffer_free(&buffer);
    folder_remove(&folder);
}
