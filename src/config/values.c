/* SPDX-License-Identifier: MIT */
#include "config/values.h"

#include <string.h>

#include "base/ascii.h"
#include "pcap2ipfix/option.h"

bool p2i_parse_size(const char *text, uint64_t *size)
{
    uint64_t value;
    unsigned shift = 0;
    const char *end = text + p2i_take_decimal(p2i_view_of(text, strlen(text)), UINT64_MAX, &value);
    if (end == text) {
        return false;
    }
    switch (*end) {
    case '\0':
        break;
    case 'k':
    case 'K':
        shift = 10;
        break;
    case 'm':
    case 'M':
        shift = 20;
        break;
    case 'g':
    case 'G':
        shift = 30;
        break;
    default:
        return false;
    }
    if ((shift > 0 && end[1] != '\0') || value > (UINT64_C(1) << 62) >> shift) {
        return false;
    }
    *size = value << shift;
    return true;
}

bool p2i_parse_mode(const char *text, unsigned *mode)
{
    enum { DIGITS = 4, READABLE = 0400, MOST = 0777 };
    unsigned value = 0;
    size_t size = strspn(text, "01234567");
    for (size_t i = 0; i < size && i < DIGITS; i++) {
        value = value * 8 + (unsigned)(text[i] - '0');
    }
    if (size < DIGITS - 1 || size > DIGITS || text[size] != '\0' || value < READABLE ||
        value > MOST) {
        return false;
    }
    *mode = value;
    return true;
}

static bool is_standard(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

enum p2i_result p2i_check_rotation(const struct p2i_settings *settings, struct p2i_error *error)
{
    bool rotates = settings->rotate_bytes != 0 || settings->rotate_s != 0;
    if (rotates && (is_standard(settings->ipfix_path) || is_standard(settings->json_path))) {
        return p2i_fail(error, P2I_USAGE, "--rotate: standard output cannot be rotated");
    }
    if (rotates && settings->ipfix_path == NULL && settings->json_path == NULL) {
        return p2i_fail(error, P2I_USAGE, "--rotate: no output file given; add -w FILE or -j FILE");
    }
    return P2I_OK;
}
