/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/listener.h"

#include <arpa/inet.h>

#include "base/ascii.h"

enum { NUMBERS_MAX = 21 }; /* of LPRT with an IPv6 address */

/* Takes up to `most` comma-separated numbers of a byte each and returns their count. Servers
 * disagree about the brackets around them (RFC 1123 section 4.1.2.6), so anything may follow. */
static size_t take_bytes(struct p2i_view text, uint8_t *bytes, size_t most)
{
    size_t count = 0;
    while (count < most) {
        uint64_t number;
        size_t digits = p2i_take_decimal(text, UINT8_MAX, &number);
        if (digits == 0) {
            return 0;
        }
        text = p2i_view_from(text, digits);
        bytes[count++] = (uint8_t)number;
        if (text.size == 0 || text.data[0] != ',') {
            break;
        }
        text = p2i_view_from(text, 1);
    }
    return count;
}

/* An address of zeros means that the sender does not know its address. */
static bool set_listener(struct p2i_ftp_listener *listener, const uint8_t *address, size_t size,
                         unsigned port)
{
    static const uint8_t none[sizeof listener->address];
    bool is_known = memcmp(address, none, size) != 0;
    memcpy(listener->address, address, size);
    listener->address_size = (uint8_t)(is_known ? size : 0);
    listener->port = (uint16_t)port;
    return port != 0;
}

/* "h1,h2,h3,h4,p1,p2" */
static bool read_short(struct p2i_view text, struct p2i_ftp_listener *listener)
{
    uint8_t bytes[6];
    return take_bytes(text, bytes, sizeof bytes) == sizeof bytes &&
           set_listener(listener, bytes, 4, (unsigned)bytes[4] << 8 | bytes[5]);
}

/* "4,4,h1,h2,h3,h4,2,p1,p2", or 6 and 16 numbers (RFC 1639) */
static bool read_long(struct p2i_view text, struct p2i_ftp_listener *listener)
{
    uint8_t bytes[NUMBERS_MAX];
    size_t count = take_bytes(text, bytes, sizeof bytes);
    size_t size = count > 1 ? bytes[1] : 0;
    bool known = (size == 4 && bytes[0] == 4) || (size == 16 && bytes[0] == 6);
    return known && count == size + 5 && bytes[size + 2] == 2 &&
           set_listener(listener, bytes + 2, size,
                        (unsigned)bytes[size + 3] << 8 | bytes[size + 4]);
}

/* Reads a textual address of the family that RFC 2428 section 2 gives this number. */
static bool read_address(struct p2i_view family, struct p2i_view text, unsigned port,
                         struct p2i_ftp_listener *listener)
{
    char name[INET6_ADDRSTRLEN];
    uint8_t address[16];
    bool is_4 = p2i_view_equals(family, P2I_VIEW("1"));
    if ((!is_4 && !p2i_view_equals(family, P2I_VIEW("2"))) || text.size >= sizeof name) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        name[i] = (char)text.data[i];
    }
    name[text.size] = '\0';
    return inet_pton(is_4 ? AF_INET : AF_INET6, name, address) == 1 &&
           set_listener(listener, address, is_4 ? 4 : 16, port);
}

/* "|2|address|port|" with any sign for the bar; `may_be_bare` (229): "|||port|" (RFC 2428). */
static bool read_extended(struct p2i_view text, bool may_be_bare, struct p2i_ftp_listener *listener)
{
    struct p2i_view fields[2];
    uint8_t bar = text.size > 0 ? text.data[0] : 0;
    text = p2i_view_from(text, 1);
    for (size_t i = 0; i < 2; i++) {
        fields[i] = p2i_view_first(text, p2i_view_find(text, bar));
        text = p2i_view_from(text, fields[i].size + 1);
    }
    uint64_t port = 0;
    size_t digits = p2i_take_decimal(text, UINT16_MAX, &port);
    text = p2i_view_from(text, digits);
    if (digits == 0 || text.size == 0 || text.data[0] != bar) {
        return false;
    }
    if (may_be_bare && fields[1].size == 0) {
        *listener = (struct p2i_ftp_listener){.port = (uint16_t)port};
        return port != 0;
    }
    return read_address(fields[0], fields[1], (unsigned)port, listener);
}

bool p2i_ftp_read_active(struct p2i_view name, struct p2i_view argument,
                         struct p2i_ftp_listener *listener)
{
    argument = p2i_view_trim(argument);
    if (p2i_view_equals_nocase(name, P2I_VIEW("PORT"))) {
        return read_short(argument, listener);
    }
    if (p2i_view_equals_nocase(name, P2I_VIEW("LPRT"))) {
        return read_long(argument, listener);
    }
    return p2i_view_equals_nocase(name, P2I_VIEW("EPRT")) &&
           read_extended(argument, false, listener);
}

bool p2i_ftp_read_passive(unsigned code, struct p2i_view text, struct p2i_ftp_listener *listener)
{
    if (code == 229) {
        return read_extended(p2i_view_from(text, p2i_view_find(text, '(') + 1), true, listener);
    }
    if (code != 227 && code != 228) {
        return false;
    }
    /* The first digits need not belong to the address. */
    while (text.size > 0) {
        if (p2i_is_digit(text.data[0])) {
            if (code == 227 ? read_short(text, listener) : read_long(text, listener)) {
                return true;
            }
            text = p2i_view_from(text, p2i_digits(text));
        }
        text = p2i_view_from(text, 1);
    }
    return false;
}
