/* SPDX-License-Identifier: MIT */
#include "record/dns_rdata.h"

#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "record/dns_service.h"
#include "record/dns_text.h"

/* The parts of the data of each type, one letter for each:
 *   1 2 4  number of so many bytes        n  name              a  IPv4 address
 *   s      character-string in quotes     S  one or more       A  IPv6 address
 *   t      bare character-string (a tag)  q  the rest, quoted  x  the rest in hexadecimal
 *   p      service parameters (RFC 9460)
 */
static const char *parts_of(uint16_t rr_type)
{
    static const struct {
        uint16_t rr_type;
        const char *parts;
    } types[] = {
        {1, "a"},       /* A, RFC 1035 3.4.1 */
        {28, "A"},      /* AAAA, RFC 3596 2.2 */
        {5, "n"},       /* CNAME, RFC 1035 3.3 and so on */
        {65, "2np"},    /* HTTPS, RFC 9460 2.1 */
        {12, "n"},      /* PTR */
        {2, "n"},       /* NS */
        {6, "nn44444"}, /* SOA */
        {15, "2n"},     /* MX */
        {16, "S"},      /* TXT */
        {33, "222n"},   /* SRV, RFC 2782 */
        {64, "2np"},    /* SVCB */
        {257, "1tq"},   /* CAA, RFC 8659 4.1 */
        {39, "n"},      /* DNAME, RFC 6672 2.1 */
        {13, "ss"},     /* HINFO */
        {17, "nn"},     /* RP, RFC 1183 2.2 */
        {18, "2n"},     /* AFSDB, RFC 1183 1 */
        {35, "22sssn"}, /* NAPTR, RFC 3403 4.1 */
        {36, "2n"},     /* KX, RFC 2230 3.1 */
        {43, "211x"},   /* DS, RFC 4034 5.1 */
        {44, "11x"},    /* SSHFP, RFC 4255 3.1 */
        {52, "111x"},   /* TLSA, RFC 6698 2.1 */
        {99, "S"},      /* SPF, RFC 7208 3.1 */
        {256, "22q"},   /* URI, RFC 7553 4.5 */
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].rr_type == rr_type) {
            return types[i].parts;
        }
    }
    return "";
}

/* RFC 8659 section 4.1: letters and digits; any other byte would be ambiguous before the value. */
static bool put_tag(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    struct p2i_view tag = p2i_take(rdata, p2i_u8(rdata));
    rdata->failed |= tag.size == 0;
    for (size_t i = 0; i < tag.size; i++) {
        rdata->failed |= !p2i_is_letter(tag.data[i]) && !p2i_is_digit(tag.data[i]);
    }
    return rdata->failed || p2i_append(out, tag);
}

static bool put_strings(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    bool done = p2i_dns_put_string(out, rdata);
    while (done && rdata->rest.size > 0 && !rdata->failed) {
        done = p2i_append(out, P2I_VIEW(" ")) && p2i_dns_put_string(out, rdata);
    }
    return done;
}

static bool put_part(struct p2i_buffer *out, char part, struct p2i_cursor *rdata)
{
    switch (part) {
    case '1':
        return p2i_dns_put_number(out, p2i_u8(rdata));
    case '2':
        return p2i_dns_put_number(out, p2i_be16(rdata));
    case '4':
        return p2i_dns_put_number(out, p2i_be32(rdata));
    case 'a':
        return p2i_dns_put_address(out, rdata, 4);
    case 'A':
        return p2i_dns_put_address(out, rdata, 16);
    case 'n':
        return p2i_dns_put_name(out, rdata);
    case 's':
        return p2i_dns_put_string(out, rdata);
    case 'S':
        return put_strings(out, rdata);
    case 't':
        return put_tag(out, rdata);
    case 'p':
        return p2i_dns_put_parameters(out, rdata);
    default: {
        struct p2i_view rest = p2i_take(rdata, rdata->rest.size);
        return part == 'q' ? p2i_dns_put_quoted(out, rest) : p2i_dns_put_hex(out, rest);
    }
    }
}

/* RFC 3597 section 5. */
static bool put_unknown(struct p2i_buffer *out, struct p2i_view rdata)
{
    return p2i_append(out, P2I_VIEW("\\# ")) && p2i_dns_put_number(out, (uint32_t)rdata.size) &&
           p2i_append(out, P2I_VIEW(" ")) && p2i_dns_put_hex(out, rdata);
}

bool p2i_dns_rdata_text(struct p2i_buffer *out, uint16_t rr_type, struct p2i_view rdata)
{
    size_t before = out->size;
    struct p2i_cursor at = p2i_cursor_of(rdata);
    bool done = true;
    for (const char *part = parts_of(rr_type); done && *part != '\0' && !at.failed; part++) {
        /* Parameters write their own spaces, because there may be none. */
        bool blank = out->size > before && *part != 'p';
        done = (!blank || p2i_append(out, P2I_VIEW(" "))) && put_part(out, *part, &at);
    }
    if (done && (at.failed || at.rest.size > 0)) {
        out->size = before;
        done = rdata.size == 0 || put_unknown(out, rdata);
    }
    return done;
}
