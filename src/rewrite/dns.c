/* SPDX-License-Identifier: MIT */
/* DNS messages (RFC 1035 section 4): names, addresses and texts; what other record data is, is
 * overwritten. A label is changed where it stands; pointers to it see the change. */
#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

enum { HEADER_SIZE = 12, NAME_MAX = 255, POINTER = 0xc0, JUMPS_MAX = 32 };

/* RR types (IANA) with names or addresses in their data. */
enum {
    A = 1,
    NS = 2,
    CNAME = 5,
    SOA = 6,
    PTR = 12,
    HINFO = 13,
    MX = 15,
    TXT = 16,
    RP = 17,
    AFSDB = 18,
    SIG = 24,
    AAAA = 28,
    SRV = 33,
    NAPTR = 35,
    DNAME = 39,
    OPT = 41,
    SSHFP = 44,
    RRSIG = 46,
    NSEC = 47,
    SPF = 99,
    SVCB = 64,
    HTTPS = 65,
    CAA = 257,
};

/* A name as text, and where its bytes stand in the message. */
struct name {
    uint8_t text[NAME_MAX + 1];
    size_t size;        /* of the text */
    size_t inline_size; /* bytes of the text that stand at the name's own place */
};

/* Reads the name at `at`, with the labels that pointers lead to, since the words of a text depend
 * on what follows. Returns its size in the message; 0: it is cut or malformed. */
static size_t read_name(struct p2i_bytes message, size_t at, struct name *name)
{
    size_t begin = at;
    size_t size = 0;
    *name = (struct name){.size = 0};
    for (unsigned jumps = 0; at < message.size;) {
        uint8_t length = message.data[at];
        if (length == 0) {
            return size > 0 ? size : at + 1 - begin;
        }
        if ((length & POINTER) == POINTER) {
            if (at + 1 >= message.size || ++jumps > JUMPS_MAX) {
                return size;
            }
            size = size > 0 ? size : at + 2 - begin;
            at = (size_t)(length & 0x3f) << 8 | message.data[at + 1];
            continue;
        }
        if ((length & POINTER) != 0 || length > message.size - at - 1 ||
            name->size + length + 1 > NAME_MAX) {
            return size;
        }
        if (name->size > 0) {
            name->text[name->size++] = '.';
        }
        memcpy(name->text + name->size, message.data + at + 1, length);
        name->size += length;
        name->inline_size = size == 0 ? name->size : name->inline_size;
        at += length + 1U;
    }
    return size;
}

/* Rewrites the name at `at`. Returns its size; 0: it is cut or malformed. */
static size_t write_name(struct p2i_writing *writing, struct p2i_bytes message, size_t at)
{
    struct name name;
    size_t size = read_name(message, at, &name);
    p2i_write_text(writing, p2i_span_of(name.text, name.size));
    for (size_t i = 0; i < name.inline_size;) {
        size_t length = message.data[at];
        memcpy(message.data + at + 1, name.text + i, length);
        at += length + 1;
        i += length + 1;
    }
    return size;
}

/* Strings with a length in front. */
static void write_strings(struct p2i_writing *writing, struct p2i_bytes data)
{
    while (data.size > 0) {
        struct p2i_bytes text = p2i_span_first(p2i_span_from(data, 1), data.data[0]);
        p2i_write_text(writing, text);
        data = p2i_span_from(data, text.size + 1);
    }
}

/* RFC 9460: priority, target, parameters: keys, addresses and names of protocols stay or change,
 * others are overwritten. */
static void write_service(struct p2i_writing *writing, struct p2i_bytes message, size_t at,
                          size_t end)
{
    enum { MANDATORY = 0, ALPN = 1, NO_DEFAULT = 2, PORT = 3, IPV4HINT = 4, IPV6HINT = 6 };
    size_t size = write_name(writing, message, at + 2);
    for (at += 2 + size; size > 0 && at + 4 <= end;) {
        uint16_t key = p2i_load_be16(message.data + at);
        size_t length = p2i_load_be16(message.data + at + 2);
        at += 4;
        length = length < end - at ? length : end - at;
        size_t step = key == IPV4HINT ? 4 : 16;
        for (size_t i = 0; (key == IPV4HINT || key == IPV6HINT) && i + step <= length; i += step) {
            struct p2i_bytes address = p2i_span_of(message.data + at + i, step);
            if (key == IPV4HINT) {
                p2i_write_ipv4(writing, address);
            } else {
                p2i_write_ipv6(writing, address);
            }
        }
        if (key != MANDATORY && key != ALPN && key != NO_DEFAULT && key != PORT &&
            key != IPV4HINT && key != IPV6HINT) {
            p2i_write_binary(writing, p2i_span_of(message.data + at, length));
        }
        at += length;
    }
}

/* RFC 6891: options; a client's subnet (RFC 7871), cookies and others are overwritten. */
static void write_options(struct p2i_writing *writing, struct p2i_bytes data)
{
    while (data.size >= 4) {
        size_t length = p2i_load_be16(data.data + 2);
        struct p2i_bytes option = p2i_span_first(p2i_span_from(data, 4), length);
        p2i_write_binary(writing, option);
        data = p2i_span_from(data, 4 + option.size);
    }
}

static void write_names(struct p2i_writing *writing, struct p2i_bytes message, size_t at,
                        size_t end, unsigned count)
{
    for (size_t size = 1; count > 0 && size > 0 && at < end; count--, at += size) {
        size = write_name(writing, message, at);
    }
}

/* Rewrites the data of a record in [at, end). */
static void write_data(struct p2i_writing *writing, struct p2i_bytes message, uint16_t type,
                       size_t at, size_t end)
{
    struct p2i_bytes data = p2i_span_of(message.data + at, end - at);
    switch (type) {
    case A:
        p2i_write_ipv4(writing, data);
        break;
    case AAAA:
        p2i_write_ipv6(writing, data);
        break;
    case NS:
    case CNAME:
    case PTR:
    case DNAME:
        write_names(writing, message, at, end, 1);
        break;
    case SOA:
    case RP:
        write_names(writing, message, at, end, 2);
        break;
    case MX:
    case AFSDB:
        write_names(writing, message, at + 2, end, 1);
        break;
    case SRV:
        write_names(writing, message, at + 6, end, 1);
        break;
    case TXT:
    case SPF:
    case HINFO:
        write_strings(writing, data);
        break;
    case SVCB:
    case HTTPS:
        write_service(writing, message, at, end);
        break;
    case OPT:
        write_options(writing, data);
        break;
    default:
        p2i_write_binary(writing, data);
        break;
    }
}

/* Rewrites a record or a question. Returns the place behind it; 0: it is cut or malformed, and what
 * is left of it is overwritten. */
static size_t write_entry(struct p2i_writing *writing, struct p2i_bytes message, size_t at,
                          bool question)
{
    size_t name = write_name(writing, message, at);
    at += name;
    if (name == 0 || message.size - at < (question ? 4U : 10U)) {
        return 0;
    }
    if (question) {
        return at + 4;
    }
    uint16_t type = p2i_load_be16(message.data + at);
    size_t length = p2i_load_be16(message.data + at + 8);
    at += 10;
    length = length < message.size - at ? length : message.size - at;
    write_data(writing, message, type, at, at + length);
    return at + length;
}

/* Overwrites what is behind the whole labels of a name, which are changed already. */
static void write_cut(struct p2i_writing *writing, struct p2i_bytes span, size_t at)
{
    while (at < span.size && span.data[at] != 0 && (span.data[at] & POINTER) == 0) {
        size_t length = span.data[at];
        if (length > span.size - at - 1) {
            break;
        }
        at += length + 1;
    }
    p2i_write_binary(writing, p2i_span_from(span, at + 1));
}

void p2i_write_dns(struct p2i_writing *writing, struct p2i_bytes span)
{
    if (span.size < HEADER_SIZE) {
        p2i_write_binary(writing, span);
        return;
    }
    size_t at = HEADER_SIZE;
    for (size_t section = 0; section < 4; section++) {
        unsigned count = p2i_load_be16(span.data + 4 + 2 * section);
        for (; count > 0 && at < span.size; count--) {
            size_t next = write_entry(writing, span, at, section == 0);
            if (next == 0) {
                write_cut(writing, span, at);
                return;
            }
            at = next;
        }
    }
    p2i_write_binary(writing, p2i_span_from(span, at));
}

void p2i_write_dns_stream(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size >= 2) {
        size_t length = p2i_load_be16(span.data);
        struct p2i_bytes message = p2i_span_first(p2i_span_from(span, 2), length);
        p2i_write_dns(writing, message);
        span = p2i_span_from(span, 2 + message.size);
    }
}
