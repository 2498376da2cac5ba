/* SPDX-License-Identifier: MIT */
/* Keys with a single value. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"
#include "pcap2ipfix/option.h"

static void *place(const struct p2i_reading *reading, const struct p2i_config_key *key)
{
    return (char *)reading->settings + key->offset;
}

static const void *place_of(const struct p2i_settings *settings, const struct p2i_config_key *key)
{
    return (const char *)settings + key->offset;
}

/* An unsigned integer of key->size bytes. */
static void store(const struct p2i_reading *reading, const struct p2i_config_key *key,
                  uint64_t number)
{
    switch (key->size) {
    case 1:
        *(uint8_t *)place(reading, key) = (uint8_t)number;
        break;
    case 2:
        *(uint16_t *)place(reading, key) = (uint16_t)number;
        break;
    case 4:
        *(uint32_t *)place(reading, key) = (uint32_t)number;
        break;
    default:
        *(uint64_t *)place(reading, key) = number;
        break;
    }
}

static uint64_t load(const struct p2i_settings *settings, const struct p2i_config_key *key)
{
    switch (key->size) {
    case 1:
        return *(const uint8_t *)place_of(settings, key);
    case 2:
        return *(const uint16_t *)place_of(settings, key);
    case 4:
        return *(const uint32_t *)place_of(settings, key);
    default:
        return *(const uint64_t *)place_of(settings, key);
    }
}

static enum p2i_result parse_flag(const struct p2i_reading *reading,
                                  const struct p2i_config_key *key, const struct p2i_yaml *value,
                                  bool *flag)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    *flag = strcmp(value->text, "true") == 0 || strcmp(value->text, "1") == 0;
    if (!*flag && strcmp(value->text, "false") != 0 && strcmp(value->text, "0") != 0) {
        return p2i_config_key_fail(reading, key, value, "'%.80s' is none of true, false, 1, 0",
                                   value->text);
    }
    return P2I_OK;
}

static enum p2i_result read_flag(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    return parse_flag(reading, key, value, place(reading, key));
}

static void print_flag(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                       const struct p2i_settings *settings)
{
    p2i_yaml_print_word(printer, *(const bool *)place_of(settings, key) ? "true" : "false");
}

static void print_switch(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    p2i_yaml_print_number(printer, *(const bool *)place_of(settings, key));
}

const struct p2i_config_key_kind p2i_config_key_flag = {read_flag, print_flag};
const struct p2i_config_key_kind p2i_config_key_switch = {read_flag, print_switch};

static enum p2i_result read_record(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *value)
{
    bool wanted;
    uint32_t bit = UINT32_C(1) << key->least;
    enum p2i_result result = parse_flag(reading, key, value, &wanted);
    if (result == P2I_OK) {
        reading->settings->records &= ~bit;
        reading->settings->records |= wanted ? bit : 0;
    }
    return result;
}

static void print_record(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    p2i_yaml_print_number(printer, settings->records >> key->least & 1);
}

const struct p2i_config_key_kind p2i_config_key_record = {read_record, print_record};

static enum p2i_result read_number(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *value)
{
    uint64_t number;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    if (!p2i_config_key_parse_number(value->text, key->least, key->most, &number)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not a number from %" PRIu64 " to %" PRIu64,
                                   value->text, key->least, key->most);
    }
    store(reading, key, number);
    return P2I_OK;
}

static void print_number(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    p2i_yaml_print_number(printer, load(settings, key));
}

const struct p2i_config_key_kind p2i_config_key_number = {read_number, print_number};

enum { SIZE_TEXT = 24 };

/* In the largest unit that divides it. */
static const char *size_text(uint64_t size, char text[SIZE_TEXT])
{
    static const char units[] = "\0KMG";
    unsigned unit = 0;
    while (unit < 3 && size > 0 && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    (void)snprintf(text, SIZE_TEXT, "%" PRIu64 "%.1s", size, &units[unit]);
    return text;
}

static enum p2i_result parse_size(const struct p2i_reading *reading,
                                  const struct p2i_config_key *key, const struct p2i_yaml *value,
                                  uint64_t *size)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    bool zeros = value->text[0] == '0' && value->text[1] != '\0'; /* YAML: octal */
    if (zeros || !p2i_parse_size(value->text, size)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not a size such as 4096, 64K, 1G", value->text);
    }
    return P2I_OK;
}

/* A file may set 0 for no limit; an option is left out for that. */
static bool may_be_zero(const struct p2i_reading *reading, const struct p2i_config_key *key)
{
    return key->detail != NULL && reading->option == NULL;
}

static enum p2i_result refuse_size(const struct p2i_reading *reading,
                                   const struct p2i_config_key *key, const struct p2i_yaml *value,
                                   const char *or_zero)
{
    char least[SIZE_TEXT];
    char most[SIZE_TEXT];
    if (key->most == P2I_CONFIG_SIZE_TOP) {
        return p2i_config_key_fail(reading, key, value, "'%.80s' is not a size of at least %s%s",
                                   value->text, size_text(key->least, least), or_zero);
    }
    return p2i_config_key_fail(reading, key, value, "'%.80s' is not a size from %s to %s%s",
                               value->text, size_text(key->least, least),
                               size_text(key->most, most), or_zero);
}

static enum p2i_result read_size(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    uint64_t size = 0;
    enum p2i_result result = parse_size(reading, key, value, &size);
    if (result != P2I_OK) {
        return result;
    }
    bool zero = may_be_zero(reading, key);
    if ((!zero || size != 0) && (size < key->least || size > key->most)) {
        return refuse_size(reading, key, value, zero ? ", or 0" : "");
    }
    store(reading, key, size);
    return P2I_OK;
}

static void print_size(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                       const struct p2i_settings *settings)
{
    char text[SIZE_TEXT];
    p2i_yaml_print_word(printer, size_text(load(settings, key), text));
}

const struct p2i_config_key_kind p2i_config_key_size = {read_size, print_size};

static enum p2i_result read_fixed(struct p2i_reading *reading, const struct p2i_config_key *key,
                                  const struct p2i_yaml *value)
{
    uint64_t size = 0;
    char text[SIZE_TEXT];
    enum p2i_result result = parse_size(reading, key, value, &size);
    if (result == P2I_OK && size != key->least) {
        return p2i_config_key_fail(reading, key, value, "is built in: it can only be %s",
                                   size_text(key->least, text));
    }
    return result;
}

static void print_fixed(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                        const struct p2i_settings *settings)
{
    char text[SIZE_TEXT];
    (void)settings;
    p2i_yaml_print_word(printer, size_text(key->least, text));
}

const struct p2i_config_key_kind p2i_config_key_fixed = {read_fixed, print_fixed};

static enum p2i_result read_mode(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    unsigned mode = 0;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    bool none = value->text[0] == '\0' && reading->option == NULL;
    if (!none && !p2i_parse_mode(value->text, &mode)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not a mode from %04o to %04o, such as 0640",
                                   value->text, (unsigned)key->least, (unsigned)key->most);
    }
    store(reading, key, mode);
    return P2I_OK;
}

static void print_mode(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                       const struct p2i_settings *settings)
{
    char text[SIZE_TEXT] = "";
    unsigned mode = (unsigned)load(settings, key);
    if (mode != 0) {
        (void)snprintf(text, sizeof text, "%04o", mode);
    }
    p2i_yaml_print_text(printer, text);
}

const struct p2i_config_key_kind p2i_config_key_mode = {read_mode, print_mode};

static enum p2i_result read_pace(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    char *end = NULL;
    bool digits = value->text[0] != '\0' &&
                  strspn(value->text, "0123456789.e-+") == strlen(value->text) &&
                  value->text[0] >= '0' && value->text[0] <= '9';
    double pace = digits ? strtod(value->text, &end) : -1;
    bool zero = may_be_zero(reading, key);
    if (!digits || *end != '\0' || ((!zero || pace != 0) && (pace < 0.001 || pace > 1e6))) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not a number from 0.001 to 1000000%s", value->text,
                                   zero ? ", or 0" : "");
    }
    *(double *)place(reading, key) = pace;
    return P2I_OK;
}

static void print_pace(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                       const struct p2i_settings *settings)
{
    double pace = *(const double *)place_of(settings, key);
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, pace);
        if (strtod(text, NULL) == pace) {
            break;
        }
    }
    p2i_yaml_print_word(printer, text);
}

const struct p2i_config_key_kind p2i_config_key_pace = {read_pace, print_pace};

static enum p2i_result read_text(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *value)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    if (value->text[0] == '\0' && key->least > 0) {
        return p2i_config_key_fail(reading, key, value, "must not be empty");
    }
    *(const char **)place(reading, key) = value->text[0] != '\0' ? value->text : NULL;
    return P2I_OK;
}

static void print_text(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                       const struct p2i_settings *settings)
{
    const char *text = *(const char *const *)place_of(settings, key);
    p2i_yaml_print_text(printer, text != NULL ? text : "");
}

const struct p2i_config_key_kind p2i_config_key_text = {read_text, print_text};

/* The number of a word among "a|b|c" from 0; -1: it is none of them. */
static int find_word(const char *words, const char *word)
{
    int number = 0;
    for (const char *at = words;; at += strcspn(at, "|") + 1, number++) {
        size_t size = strcspn(at, "|");
        if (strlen(word) == size && memcmp(at, word, size) == 0) {
            return number;
        }
        if (at[size] == '\0') {
            return -1;
        }
    }
}

static enum p2i_result read_choice(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *value)
{
    const char *words = key->detail;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    int number = find_word(words, value->text);
    if (number >= 0) {
        store(reading, key, (uint64_t)number);
        return P2I_OK;
    }
    char list[96] = "";
    size_t used = 0;
    for (; *words != '\0' && used + 2 < sizeof list; words++) { /* "a, b, c" */
        if (*words == '|') {
            list[used++] = ',';
            list[used++] = ' ';
        } else {
            list[used++] = *words;
        }
    }
    return p2i_config_key_fail(reading, key, value, "'%.80s' is none of %s", value->text, list);
}

static void print_choice(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    char word[32];
    const char *at = key->detail;
    for (uint64_t number = load(settings, key); number > 0; number--) {
        at += strcspn(at, "|") + 1;
    }
    (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(at, "|"), at);
    p2i_yaml_print_word(printer, word);
}

const struct p2i_config_key_kind p2i_config_key_choice = {read_choice, print_choice};

static bool is_column(const char *name, size_t size)
{
    static const char *const names[] = {"ts",      "ssid", "login",     "ipsrc", "ipdst",
                                        "psrc",    "pdst", "transport", "host",  "rrtype",
                                        "rrclass", "ttl",  "rdlen",     "rdata"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) {
            return true;
        }
    }
    return false;
}

static enum p2i_result read_columns(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    const char *at = value->text;
    bool more = true;
    while (more) {
        size_t size = strcspn(at, ":");
        if (!is_column(at, size)) {
            return p2i_config_key_fail(
                reading, key, value,
                "'%.*s' is none of ts, ssid, login, ipsrc, ipdst, psrc, pdst, "
                "transport, host, rrtype, rrclass, ttl, rdlen, rdata",
                (int)(size < 40 ? size : 40), at);
        }
        more = at[size] == ':';
        at += size + 1;
    }
    return read_text(reading, key, value);
}

const struct p2i_config_key_kind p2i_config_key_columns = {read_columns, print_text};
