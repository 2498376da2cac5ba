/* SPDX-License-Identifier: MIT */
#include "config/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"

/* Where the value of a key is. */
#define AT(member)                                                                                 \
    .offset = offsetof(struct p2i_settings, member),                                               \
    .size = sizeof(((struct p2i_settings *)0)->member)
#define NOWHERE .size = 0
#define BIT(kind) (UINT64_C(1) << (kind))
#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define SIZE_TOP (UINT64_C(1) << 62)

static const char *const orders[] = {"time", "args", "name", NULL};
static const char *const export_times[] = {"capture", "now", NULL};
static const char *const ipv6_elements[] = {"doc", "distinct", NULL};
static const char *const varlens[] = {"short", "long", NULL};
static const char *const dns_exports[] = {"answers", "queries", "both", NULL};

static const struct p2i_config_key domain_keys[] = {
    {"clickstream", &p2i_config_key_domain, NOWHERE,
     BIT(P2I_RECORD_CLICKSTREAM) | BIT(P2I_RECORD_HTTP_REPLY) | BIT(P2I_RECORD_SSL_REPLY)},
    {"flow", &p2i_config_key_domain, NOWHERE, BIT(P2I_RECORD_FLOW) | BIT(P2I_RECORD_BIFLOW)},
    {"meta", &p2i_config_key_domain, NOWHERE,
     BIT(P2I_RECORD_SIP) | BIT(P2I_RECORD_FTP) | BIT(P2I_RECORD_IM) | BIT(P2I_RECORD_MAIL) |
         BIT(P2I_RECORD_RAW)},
    {"dns", &p2i_config_key_domain, NOWHERE, BIT(P2I_RECORD_DNS)},
    {0},
};

static const struct p2i_config_key raw_keys[] = {
    {"protocols", &p2i_config_key_protocols, NOWHERE},
    {"bytes", &p2i_config_key_number, AT(raw_bytes), 1, UINT16_MAX},
    {"packets", &p2i_config_key_number, AT(raw_packets), 1, 127},
    {0},
};

static const struct p2i_config_key subscriber_keys[] = {
    {"file", &p2i_config_key_text, AT(subscriber_file)},
    {"radius", &p2i_config_key_flag, AT(subscriber_radius)},
    {"pppoe", &p2i_config_key_flag, AT(subscriber_pppoe)},
    {"networks", &p2i_config_key_networks, NOWHERE},
    {0},
};

/* In the order in which the rules are tried. */
static const struct p2i_config_key channel_keys[] = {
    {"vlan", &p2i_config_key_channels, NOWHERE, P2I_CHANNEL_BY_VLAN, 4095},
    {"mpls", &p2i_config_key_channels, NOWHERE, P2I_CHANNEL_BY_MPLS, (1 << 20) - 1},
    {"interface", &p2i_config_key_channels, NOWHERE, P2I_CHANNEL_BY_INTERFACE, UINT32_MAX},
    {"file", &p2i_config_key_channels, NOWHERE, P2I_CHANNEL_BY_FILE},
    {0},
};

static const struct p2i_config_key locked_keys[] = {
    {"hosts", &p2i_config_key_text, AT(locked_hosts)},
    {"urls", &p2i_config_key_text, AT(locked_urls)},
    {0},
};

static const struct p2i_config_key limit_keys[] = {
    {"string", &p2i_config_key_size, AT(string_limit), 16, 16 * KIB},
    {"head", &p2i_config_key_fixed, NOWHERE, 64 * KIB},
    {"out_of_order", &p2i_config_key_size, AT(out_of_order_bytes), 4 * KIB, 16 * MIB},
    {0},
};

/* Some keys count on others having been read: `records` comes first, the type of the collector of
 * flows before the collector. */
static const struct p2i_config_key keys[] = {
    {"records", &p2i_config_key_records, NOWHERE},
    {"http_parse_reply", &p2i_config_key_record, NOWHERE, P2I_RECORD_HTTP_REPLY},
    {"ssl_parse_reply", &p2i_config_key_record, NOWHERE, P2I_RECORD_SSL_REPLY},
    {"ipfix_udp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_clickstream_udp},
    {"ipfix_tcp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_clickstream_tcp},
    {"ipfix_meta_udp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_meta_udp},
    {"ipfix_meta_tcp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_meta_tcp},
    {"ipfix_dns_udp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_dns_udp},
    {"ipfix_dns_tcp_collectors", &p2i_config_key_collectors, NOWHERE, .detail = &p2i_dns_tcp},
    {"netflow_full_collector_type", &p2i_config_key_flow_collector_type, NOWHERE},
    {"netflow_full_collector", &p2i_config_key_flow_collector, NOWHERE},
    {"export", &p2i_config_key_export, NOWHERE},
    {"ipfix_mtu_limit", &p2i_config_key_number, AT(delivery.udp_message_limit), P2I_UDP_MESSAGE_MIN,
     P2I_UDP_MESSAGE_MAX},
    {"ipfix_udp_template_timer", &p2i_config_key_number, AT(delivery.udp_template_timer_s), 1,
     86400},
    {"rate", &p2i_config_key_size, AT(delivery.rate_bytes), 1000, SIZE_TOP, "or 0"},
    {"pace", &p2i_config_key_pace, AT(delivery.pace)},
    {"export_time", &p2i_config_key_choice, AT(delivery.export_time_now), .detail = export_times},
    {"retry", &p2i_config_key_number, AT(delivery.retry_s), 1, 1000000},
    {"spool", &p2i_config_key_text, AT(delivery.spool_folder)},
    {"netflow_passive_timeout", &p2i_config_key_number, AT(flow_idle_s), 1, 86400},
    {"netflow_active_timeout", &p2i_config_key_number, AT(flow_active_s), 0, 86400},
    {"as_database", &p2i_config_key_text, AT(as_database)},
    {"ajb_save_dns", &p2i_config_key_switch, AT(dns_log.wanted)},
    {"ajb_dns_path", &p2i_config_key_text, AT(dns_log.folder), 1},
    {"ajb_dns_fsize", &p2i_config_key_size, AT(dns_log.file_bytes), 1, SIZE_TOP, "or 0"},
    {"ajb_dns_ftimeout", &p2i_config_key_number, AT(dns_log.file_seconds), 0, UINT32_MAX},
    {"ajb_save_dns_format", &p2i_config_key_columns, AT(dns_log.format)},
    {"ipv6_elements", &p2i_config_key_choice, AT(ipv6_distinct), .detail = ipv6_elements},
    {"varlen", &p2i_config_key_choice, AT(varlen_long), .detail = varlens},
    {"element_types", &p2i_config_key_flag, AT(element_types)},
    {"observation_domains", &p2i_config_key_section, NOWHERE, .detail = domain_keys},
    {"dns_export", &p2i_config_key_choice, AT(dns_export), .detail = dns_exports},
    {"dns_empty_responses", &p2i_config_key_flag, AT(dns_empty_responses)},
    {"raw", &p2i_config_key_section, NOWHERE, .detail = raw_keys},
    {"subscribers", &p2i_config_key_section, NOWHERE, .detail = subscriber_keys},
    {"channels", &p2i_config_key_section, NOWHERE, .detail = channel_keys},
    {"locked", &p2i_config_key_section, NOWHERE, .detail = locked_keys},
    {"protocol_numbers", &p2i_config_key_text, AT(protocol_numbers)},
    {"limits", &p2i_config_key_section, NOWHERE, .detail = limit_keys},
    {"keep_passwords", &p2i_config_key_flag, AT(keep_passwords)},
    {"anonymise", &p2i_config_key_text, AT(anonymise_key)},
    {"filter", &p2i_config_key_text, AT(filter)},
    {"order", &p2i_config_key_choice, AT(order), .detail = orders},
    {"threads", &p2i_config_key_number, AT(threads), 0, 64},
    {"memory", &p2i_config_key_size, AT(memory_bytes), 16 * MIB, SIZE_TOP},
    {"strict", &p2i_config_key_flag, AT(strict)},
    {"sync", &p2i_config_key_flag, AT(sync)},
    {0},
};

enum p2i_result p2i_configuration_parse(struct p2i_settings *settings, struct p2i_arena *arena,
                                        const char *bytes, size_t size, struct p2i_error *error)
{
    struct p2i_yaml *root = NULL;
    enum p2i_result result = p2i_yaml_read(&root, arena, bytes, size, error);
    if (result != P2I_OK) {
        return result;
    }
    if (root->type != P2I_YAML_MAP) {
        (void)p2i_fail(error, P2I_USAGE, "a configuration is a map: KEY: VALUE");
        error->line = root->line;
        return P2I_USAGE;
    }
    struct p2i_reading reading = {.settings = settings, .arena = arena, .error = error};
    return p2i_config_keys_read(&reading, keys, root);
}

/* The bytes of a file, one more than is allowed at most; to be freed. NULL: errno says why. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *bytes = file != NULL ? malloc(P2I_YAML_BYTES_MAX + 1) : NULL;
    *size = bytes != NULL ? fread(bytes, 1, P2I_YAML_BYTES_MAX + 1, file) : 0;
    bool failed = file == NULL || bytes == NULL || ferror(file);
    int system_error = errno;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (failed) {
        free(bytes);
        bytes = NULL;
    }
    errno = system_error;
    return bytes;
}

enum p2i_result p2i_configuration_read(struct p2i_settings *settings, struct p2i_arena *arena,
                                       const char *path, struct p2i_error *error)
{
    size_t size;
    char *bytes = read_file(path, &size);
    enum p2i_result result = P2I_USAGE;
    if (bytes != NULL) {
        result = p2i_configuration_parse(settings, arena, bytes, size, error);
        free(bytes);
    } else {
        int system_error = errno;
        (void)p2i_fail(error, P2I_USAGE, "cannot read the configuration: %s",
                       strerror(system_error));
        error->system_error = system_error;
    }
    if (result != P2I_OK) {
        error->file = path;
    }
    return result;
}

enum p2i_result p2i_configuration_print(FILE *file, const struct p2i_settings *settings,
                                        struct p2i_error *error)
{
    struct p2i_yaml_printer *printer = p2i_yaml_printer_new(file);
    if (printer == NULL) {
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    p2i_config_keys_print(printer, keys, settings);
    return p2i_yaml_printer_end(printer, error);
}
