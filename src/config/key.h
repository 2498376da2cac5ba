/* SPDX-License-Identifier: MIT */
/* A key of the configuration: one row says how its value is read, checked and printed. */
#ifndef P2I_CONFIG_KEY_H
#define P2I_CONFIG_KEY_H

#include "config/yaml.h"
#include "config/yaml_print.h"
#include "pcap2ipfix/convert.h"

/* A file being read. */
struct p2i_reading {
    struct p2i_settings *settings;
    struct p2i_arena *arena; /* texts and arrays that the settings point to */
    struct p2i_error *error;
    const char *section;                       /* that the key stands in; NULL: none */
    bool records_named;                        /* the key `records` was there */
    unsigned flow_transport;                   /* netflow_full_collector_type */
    struct p2i_collector_settings *collectors; /* what settings->collectors is; NULL: none yet */
    const char **networks;                     /* likewise, settings->subscriber_networks */
};

struct p2i_config_key_kind;

/* A table of keys ends with a row without name. */
struct p2i_config_key {
    const char *name;
    const struct p2i_config_key_kind *kind;
    size_t offset;        /* in struct p2i_settings */
    size_t size;          /* of what is there */
    uint64_t least, most; /* see the kind */
    const void *detail;   /* likewise */
};

struct p2i_config_key_kind {
    enum p2i_result (*read)(struct p2i_reading *reading, const struct p2i_config_key *key,
                            const struct p2i_yaml *value);
    void (*print)(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                  const struct p2i_settings *settings);
};

/* Keys that have keys themselves; detail: their table. */
extern const struct p2i_config_key_kind p2i_config_key_section;

/* key_values.c */
extern const struct p2i_config_key_kind p2i_config_key_flag;   /* bool, true or false */
extern const struct p2i_config_key_kind p2i_config_key_switch; /* the same, printed as 1 or 0 */
extern const struct p2i_config_key_kind
    p2i_config_key_record; /* bit `least` of settings->records, 1 or 0 */
extern const struct p2i_config_key_kind p2i_config_key_number; /* least..most */
/* Bytes, with K, M, G; least..most; detail not NULL: or 0. */
extern const struct p2i_config_key_kind p2i_config_key_size;
extern const struct p2i_config_key_kind p2i_config_key_fixed; /* a size that can only be `least` */
extern const struct p2i_config_key_kind p2i_config_key_pace;  /* double */
extern const struct p2i_config_key_kind
    p2i_config_key_text; /* const char *; least 1: '' is refused, else NULL */
extern const struct p2i_config_key_kind
    p2i_config_key_choice; /* bool or enum; detail: names, by value, NULL */
extern const struct p2i_config_key_kind p2i_config_key_columns; /* of the DNS log; const char * */

/* key_lists.c */
extern const struct p2i_config_key_kind p2i_config_key_records; /* settings->records */
extern const struct p2i_config_key_kind
    p2i_config_key_domain; /* of the records of the mask `least` */
extern const struct p2i_config_key_kind p2i_config_key_protocols; /* settings->raw_protocols */
extern const struct p2i_config_key_kind p2i_config_key_networks; /* settings->subscriber_networks */
extern const struct p2i_config_key_kind
    p2i_config_key_channels; /* by `least`, numbers up to `most` */

/* key_collectors.c */
extern const struct p2i_config_key_kind
    p2i_config_key_collectors; /* detail: struct p2i_collector_names */
extern const struct p2i_config_key_kind p2i_config_key_flow_collector_type;
extern const struct p2i_config_key_kind p2i_config_key_flow_collector;
extern const struct p2i_config_key_kind p2i_config_key_export; /* URLs of all others */

/* How the URL of a collector begins and ends; HOST:PORT is between. */
struct p2i_collector_names {
    const char *prefix, *suffix;
};
extern const struct p2i_collector_names p2i_clickstream_udp, p2i_clickstream_tcp, p2i_meta_udp,
    p2i_meta_tcp, p2i_dns_udp, p2i_dns_tcp;

/* Reads a map by a table: the keys in the order of the table, not of the map; P2I_USAGE for one
 * that is not in it. */
enum p2i_result p2i_config_keys_read(struct p2i_reading *reading, const struct p2i_config_key *keys,
                                     const struct p2i_yaml *map);
void p2i_config_keys_print(struct p2i_yaml_printer *printer, const struct p2i_config_key *keys,
                           const struct p2i_settings *settings);

/* P2I_USAGE with the line of `value` and "KEY: text". */
enum p2i_result p2i_config_key_fail(const struct p2i_reading *reading,
                                    const struct p2i_config_key *key, const struct p2i_yaml *value,
                                    const char *format, ...) P2I_PRINTF(4, 5);
/* P2I_OK if the value is of that type and not missing. */
enum p2i_result p2i_config_key_expect(const struct p2i_reading *reading,
                                      const struct p2i_config_key *key,
                                      const struct p2i_yaml *value, enum p2i_yaml_type type);
/* Calls `take` for each item of a list, or of a text with ',' between them ('': none). */
enum p2i_result p2i_config_key_each(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value,
                                    enum p2i_result (*take)(struct p2i_reading *reading,
                                                            const struct p2i_config_key *key,
                                                            const struct p2i_yaml *item));

/* Decimal, without sign or leading zeros. */
bool p2i_config_key_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number);

#endif
