/* SPDX-License-Identifier: MIT */
/* Checks whether a field can have a value at all, to find mistyped ones. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/value.h"
#include "cli/ipfixtool/view_filter.h"
#include "pcap2ipfix/error.h"

enum { MAC_TEXT = 17, ID_RDATA = 3205 };

static bool refuse(struct p2i_error *error, const char *name, const char *value, const char *what)
{
    (void)p2i_fail(error, P2I_USAGE, "%.40s is %s, not '%.60s'", name, what, value);
    return false;
}

/* "0x1301" */
static bool is_hex(const char *text)
{
    return strncmp(text, "0x", 2) == 0 && text[2] != '\0' &&
           strspn(text + 2, "0123456789abcdef") == strlen(text + 2);
}

static bool check_number(const struct p2i_element *element, const char *name, const char *value,
                         struct p2i_error *error)
{
    uint64_t number = 0;
    bool hex = p2i_tool_is_hex(element->pen, element->id);
    if (p2i_tool_parse_number(value, UINT64_MAX, &number) || (hex && is_hex(value)) ||
        p2i_tool_is_value_name(element->pen, element->id, value)) {
        return true;
    }
    struct p2i_nearest nearest = p2i_nearest_to(value);
    if (!p2i_tool_offer_value_names(element->pen, element->id, &nearest)) {
        return refuse(error, name, value, hex ? "a number such as 4865 or 0x1301" : "a number");
    }
    if (nearest.name != NULL) {
        (void)p2i_fail(error, P2I_USAGE, "%.40s has no value '%.60s'; did you mean '%s'?", name,
                       value, nearest.name);
        return false;
    }
    return refuse(error, name, value, "a number or a name of a value");
}

static bool check_address(const char *name, const char *value, struct p2i_error *error)
{
    uint8_t address[16];
    if (inet_pton(AF_INET, value, address) == 1 || inet_pton(AF_INET6, value, address) == 1) {
        return true;
    }
    return refuse(error, name, value,
                  strchr(value, '/') != NULL ? "an address (src, dst and ip take prefixes)"
                                             : "an address");
}

/* 2026-01-31T23:59:59Z, with or without a fraction. */
static bool check_time(const char *name, const char *value, struct p2i_error *error)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t i = 0;
    while (form[i] != '\0' &&
           (form[i] == 'd' ? isdigit((unsigned char)value[i]) != 0 : value[i] == form[i])) {
        i++;
    }
    size_t fraction = value[i] == '.' ? 1 + strspn(value + i + 1, "0123456789") : 0;
    if (form[i] == '\0' && strcmp(value + i + fraction, "Z") == 0) {
        return true;
    }
    return refuse(error, name, value, "a time such as 2026-01-31T23:59:59Z");
}

static bool check_octets(const struct p2i_element *element, const char *name, const char *value,
                         struct p2i_error *error)
{
    bool mac = element->type == P2I_TYPE_MAC;
    size_t size = strspn(value, mac ? "0123456789abcdef:" : "0123456789abcdef");
    bool fits = value[size] == '\0' && (mac ? size == MAC_TEXT : size % 2 == 0);
    if (fits || (element->pen == P2I_PEN && element->id == ID_RDATA)) { /* has special forms */
        return true;
    }
    return refuse(error, name, value,
                  mac ? "a MAC address such as 02:00:00:00:00:01" : "a row of hexadecimal digits");
}

static bool check_kind(const char *value, struct p2i_error *error)
{
    if (p2i_tool_is_kind(value)) {
        return true;
    }
    struct p2i_nearest nearest = p2i_nearest_to(value);
    p2i_tool_offer_kinds(&nearest);
    if (nearest.name != NULL) {
        (void)p2i_fail(error, P2I_USAGE, "unknown kind of record '%.60s'; did you mean '%s'?",
                       value, nearest.name);
    } else {
        (void)p2i_fail(error, P2I_USAGE, "unknown kind of record '%.60s'", value);
    }
    return false;
}

bool p2i_view_filter_check_value(const char *name, const char *value, struct p2i_error *error)
{
    const struct p2i_element *element = p2i_tool_element(name);
    size_t size = strlen(value);
    if (size == 0 || value[0] == '*' || value[size - 1] == '*') {
        return true; /* a pattern */
    }
    if (strcasecmp(name, "record") == 0) {
        return check_kind(value, error);
    }
    if (strcasecmp(name, "time") == 0) {
        return check_time(name, value, error);
    }
    if (element == NULL || element->type == P2I_TYPE_STRING) {
        return true;
    }
    switch (element->type) {
    case P2I_TYPE_IPV4:
    case P2I_TYPE_IPV6:
        return check_address(name, value, error);
    case P2I_TYPE_SECONDS:
    case P2I_TYPE_MILLISECONDS:
        return check_time(name, value, error);
    case P2I_TYPE_MAC:
    case P2I_TYPE_OCTETS:
        return check_octets(element, name, value, error);
    default:
        return check_number(element, name, value, error);
    }
}
