/* SPDX-License-Identifier: MIT */
/* Keys of the configuration: a row of keys.def defines how a value is read, checked and printed. */
#ifndef P2I_CONFIG_KEY_H
#define P2I_CONFIG_KEY_H

#include "config/yaml.h"
#include "config/yaml_print.h"
#include "settings/settings.h"

/* Values that are being read. */
struct p2i_reading {
    struct p2i_settings *settings; /* their arena owns the texts of the values */
    struct p2i_error *error;
    const char *option; /* name of the option that gives the value; NULL: none does */
};

struct p2i_config_key_kind;

/* A row of keys.def. */
struct p2i_config_key {
    const char *section; /* key of the map that this one is in; "": none */
    const char *name;
    const struct p2i_config_key_kind *kind;
    size_t offset;        /* of the member of struct p2i_settings */
    size_t size;          /* of that member */
    uint64_t least, most; /* see the kind */
    const void *detail;   /* likewise */
    const char *initial;  /* default, as the manual shows it */
};

/* `most` of a size that has no limit. */
#define P2I_CONFIG_SIZE_TOP (UINT64_C(1) << 62)

/* All keys; a row without a name ends them. */
extern const struct p2i_config_key p2i_config_keys[];
/* Settings of a run that are no keys of a file; likewise. */
extern const struct p2i_config_key p2i_config_run_keys[];

struct p2i_config_key_kind {
    enum p2i_result (*read)(struct p2i_reading *reading, const struct p2i_config_key *key,
                            const struct p2i_yaml *value);
    void (*print)(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                  const struct p2i_settings *settings);
};

/* A map of keys: the rows whose section is this key. */
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
extern const struct p2i_config_key_kind
    p2i_config_key_mode; /* permissions in octal digits, least..most; '': 0 */
extern const struct p2i_config_key_kind p2i_config_key_pace; /* double; detail likewise */
extern const struct p2i_config_key_kind
    p2i_config_key_text; /* const char *; least 1: '' is refused, else NULL */
extern const struct p2i_config_key_kind
    p2i_config_key_choice; /* bool or enum; detail: names by value, with '|' between them */
extern const struct p2i_config_key_kind p2i_config_key_columns; /* of the DNS log; const char * */

/* key_lists.c */
extern const struct p2i_config_key_kind p2i_config_key_records; /* settings->records */
extern const struct p2i_config_key_kind
    p2i_config_key_domain; /* of the records of the mask `least` */
extern const struct p2i_config_key_kind p2i_config_key_protocols; /* settings->raw_protocols */
extern const struct p2i_config_key_kind p2i_config_key_networks;  /* struct p2i_networks */
extern const struct p2i_config_key_kind
    p2i_config_key_channels; /* by `least`, numbers up to `most` */

/* key_collectors.c */
extern const struct p2i_config_key_kind
    p2i_config_key_collectors; /* detail: struct p2i_collector_names */
extern const struct p2i_config_key_kind p2i_config_key_flow_collector_type;
extern const struct p2i_config_key_kind p2i_config_key_flow_collector;
extern const struct p2i_config_key_kind p2i_config_key_export; /* URLs of all others */

/* key_run.c; they print nothing */
extern const struct p2i_config_key_kind p2i_config_key_capture; /* adds one */
extern const struct p2i_config_key_kind p2i_config_key_time;    /* uint64_t, ns; at least `least` */
extern const struct p2i_config_key_kind p2i_config_key_time_offset; /* adds one */
extern const struct p2i_config_key_kind p2i_config_key_rotation;    /* rotate_bytes or rotate_s */
extern const struct p2i_config_key_kind p2i_config_key_file_options;
extern const struct p2i_config_key_kind p2i_config_key_shard; /* "I/N" */

/* How the URL of a collector begins and ends; HOST:PORT is between. */
struct p2i_collector_names {
    const char *prefix, *suffix;
};
extern const struct p2i_collector_names p2i_clickstream_udp, p2i_clickstream_tcp, p2i_meta_udp,
    p2i_meta_tcp, p2i_dns_udp, p2i_dns_tcp;

/* Reads the keys of a section ("": the file itself) from a map, in the order of the table.
 * P2I_USAGE: a key is unknown, or a value wrong; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_config_keys_read(struct p2i_reading *reading, const char *section,
                                     const struct p2i_yaml *map);
void p2i_config_keys_print(struct p2i_yaml_printer *printer, const char *section,
                           const struct p2i_settings *settings);
/* The key of a path, "memory" or "subscribers.file", also of a run; NULL: there is none. */
const struct p2i_config_key *p2i_config_key_find(const char *path);
/* P2I_USAGE: there is no key of this path. */
enum p2i_result p2i_config_key_unknown(const struct p2i_reading *reading, const char *path);

/* P2I_USAGE with the line of `value` and "KEY: text", or "--OPTION: text". */
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
