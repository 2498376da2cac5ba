/* SPDX-License-Identifier: MIT */
/* DNS messages (RFC 1035 section 4): names, addresses and texts are substituted; of the numbers
 * those stay that every record has, and what is not understood is overwritten. A label is changed
 * where it stands; pointers to it see the change. */
#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

enum { HEADER_SIZE = 12, NAME_MAX = 255, POINTER = 0xc0, JUMPS_MAX = 32 };
enum { QUESTION_SIZE = 4, RECORD_SIZE = 10 /* behind the name */, MESSAGE_MAX = 65535 };

/* RR types (IANA) whose data is more than a list of names. */
enum { A = 1, SOA = 6, HINFO = 13, TXT = 16, AAAA = 28, OPT = 41, SVCB = 64, HTTPS = 65, SPF = 99 };

/* Bytes of a message that are being rewritten: [at, end). */
struct part {
    struct p2i_writing *writing;
    struct p2i_bytes message;
    size_t at, end;
};

static size_t left(const struct part *part)
{
    return part->end - part->at;
}

/* The next bytes, as far as they are there. */
static struct p2i_bytes take(struct part *part, size_t size)
{
    size = size < left(part) ? size : left(part);
    part->at += size;
    return p2i_span_of(part->message.data + part->at - size, size);
}

static void overwrite_rest(struct part *part)
{
    p2i_write_binary(part->writing, take(part, left(part)));
}

/* True for seconds of less than four years: no text begins so. */
static bool is_time(struct p2i_bytes number)
{
    return number.size > 0 && number.data[0] < 8;
}

/* A name as text, and where its bytes stand in the message. */
struct name {
    uint8_t text[NAME_MAX + 1];
    size_t size;        /* of the text */
    size_t inline_size; /* bytes of the text that stand at the name's own place */
    size_t end;         /* behind these */
    bool whole;         /* false: cut or malformed; `end` is then behind the last good label */
};

/* Reads the name at the place, with the labels that pointers lead to, since the words of a text
 * depend on what follows. */
static void read_name(const struct part *part, struct name *name)
{
    const uint8_t *data = part->message.data;
    size_t at = part->at;
    size_t end = part->end; /* of the labels that are read; everywhere behind a pointer */
    unsigned jumps = 0;
    *name = (struct name){.end = at};
    while (at < end) {
        uint8_t length = data[at];
        if (length == 0) {
            name->end = jumps == 0 ? at + 1 : name->end;
            name->whole = true;
            return;
        }
        if ((length & POINTER) == POINTER) {
            if (end - at < 2 || ++jumps > JUMPS_MAX) {
                return;
            }
            name->end = jumps == 1 ? at + 2 : name->end;
            name->whole = true; /* a bad pointer is as good as another one */
            at = (size_t)(length & 0x3f) << 8 | data[at + 1];
            end = part->message.size;
            continue;
        }
        if ((length & POINTER) != 0 || length > end - at - 1 ||
            name->size + length + 1 > NAME_MAX) {
            return;
        }
        if (name->size > 0) {
            name->text[name->size++] = '.';
        }
        memcpy(name->text + name->size, data + at + 1, length);
        name->size += length;
        at += length + 1U;
        name->inline_size = jumps == 0 ? name->size : name->inline_size;
        name->end = jumps == 0 ? at : name->end;
    }
}

/* False: it is cut or malformed. */
static bool write_name(struct part *part)
{
    struct name name;
    read_name(part, &name);
    p2i_write_text(part->writing, p2i_span_of(name.text, name.size));
    size_t at = part->at;
    for (size_t i = 0; i < name.inline_size;) {
        size_t length = part->message.data[at];
        memcpy(part->message.data + at + 1, name.text + i, length);
        at += length + 1;
        i += length + 1;
    }
    part->at = name.end;
    return name.whole;
}

/* Strings with a length in front. */
static void write_strings(struct part *part)
{
    while (left(part) > 0) {
        size_t size = *take(part, 1).data;
        p2i_write_text(part->writing, take(part, size));
    }
}

/* Values of RFC 9460: keys, addresses and names of protocols stay or change, others are
 * overwritten. */
static void write_parameter(struct part *part, uint16_t key, struct p2i_bytes value)
{
    enum { MANDATORY = 0, ALPN = 1, PORT = 3, IPV4HINT = 4, IPV6HINT = 6 };
    switch (key) {
    case MANDATORY: {
        bool numbers = value.size % 2 == 0;
        for (size_t i = 0; i < value.size; i += 2) {
            numbers = numbers && value.data[i] == 0;
        }
        p2i_write_binary(part->writing, numbers ? p2i_span_first(value, 0) : value);
        break;
    }
    case ALPN:
        p2i_write_protocols(part->writing, value);
        break;
    case PORT:
        p2i_write_binary(part->writing, p2i_span_from(value, 2));
        break;
    case IPV4HINT:
    case IPV6HINT:
        for (size_t step = key == IPV4HINT ? 4 : 16; value.size > 0;
             value = p2i_span_from(value, step)) {
            struct p2i_bytes address = p2i_span_first(value, step);
            if (key == IPV4HINT) {
                p2i_write_ipv4(part->writing, address);
            } else {
                p2i_write_ipv6(part->writing, address);
            }
        }
        break;
    default:
        p2i_write_binary(part->writing, value);
        break;
    }
}

/* RFC 9460 section 2.2: priority, target, parameters. */
static void write_service(struct part *part)
{
    (void)take(part, 2);
    if (!write_name(part)) {
        return;
    }
    while (left(part) >= 4) {
        struct p2i_bytes head = take(part, 4);
        write_parameter(part, p2i_load_be16(head.data), take(part, p2i_load_be16(head.data + 2)));
    }
}

/* RFC 6891: a client's subnet (RFC 7871), cookies and all other options are overwritten. */
static void write_options(struct part *part)
{
    while (left(part) >= 4 && part->message.data[part->at] == 0) { /* codes are small */
        struct p2i_bytes head = take(part, 4);
        p2i_write_binary(part->writing, take(part, p2i_load_be16(head.data + 2)));
    }
}

/* Serial, then times (RFC 1035 section 3.3.13), which stay below years. */
static void write_authority(struct part *part)
{
    enum { TIMES = 4 };
    p2i_write_binary(part->writing, take(part, 4));
    for (unsigned i = 0; i < TIMES; i++) {
        struct p2i_bytes time = take(part, 4);
        if (!is_time(time)) {
            p2i_write_binary(part->writing, time);
        }
    }
}

/* Data of names, with numbers in front of them. `cut`: it ends early, and the numbers go too. */
static void write_names(struct part *part, uint16_t type, bool cut)
{
    static const struct layout {
        uint8_t type, front, names;
    } layouts[] = {
        {2, 0, 1},   /* NS */
        {5, 0, 1},   /* CNAME */
        {SOA, 0, 2}, /* numbers behind them */
        {12, 0, 1},  /* PTR */
        {15, 2, 1},  /* MX */
        {17, 0, 2},  /* RP */
        {18, 2, 1},  /* AFSDB */
        {33, 6, 1},  /* SRV */
        {39, 0, 1},  /* DNAME */
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (layouts[i].type != type) {
            continue;
        }
        struct p2i_bytes front = take(part, layouts[i].front);
        if (cut) {
            p2i_write_binary(part->writing, front);
        }
        for (unsigned names = layouts[i].names; names > 0; names--) {
            if (!write_name(part)) {
                return;
            }
        }
        if (type == SOA) {
            write_authority(part);
        }
    }
}

/* Rewrites the data of a record. */
static void write_data(struct part part, uint16_t type, bool cut)
{
    switch (type) {
    case A:
        p2i_write_ipv4(part.writing, take(&part, left(&part)));
        break;
    case AAAA:
        p2i_write_ipv6(part.writing, take(&part, left(&part)));
        break;
    case TXT:
    case SPF:
    case HINFO:
        write_strings(&part);
        break;
    case SVCB:
    case HTTPS:
        write_service(&part);
        break;
    case OPT:
        write_options(&part);
        break;
    default:
        write_names(&part, type, cut);
        break;
    }
    overwrite_rest(&part);
}

/* True for the numbers of OPT (RFC 6891 section 6.1.3): a size, a code, version 0, a flag (DO). */
static bool is_option_head(struct p2i_bytes numbers)
{
    return numbers.size == RECORD_SIZE && numbers.data[4] < 0x20 && numbers.data[5] == 0 &&
           (p2i_load_be16(numbers.data + 6) & 0x7fff) == 0;
}

/* Rewrites a record or a question. False: it is cut or malformed. */
static bool write_entry(struct part *part, bool question)
{
    size_t size = question ? QUESTION_SIZE : RECORD_SIZE;
    if (!write_name(part)) {
        return false;
    }
    struct p2i_bytes numbers = take(part, size);
    uint16_t type = numbers.size >= 2 ? p2i_load_be16(numbers.data) : 0;
    struct p2i_bytes behind_class = p2i_span_from(numbers, 4);
    if (type == OPT ? !is_option_head(numbers) : !is_time(behind_class)) {
        p2i_write_binary(part->writing, p2i_span_first(behind_class, 4));
    }
    if (question || numbers.size < size) {
        return numbers.size == size;
    }
    size_t length = p2i_load_be16(numbers.data + 8);
    struct p2i_bytes data = take(part, length);
    write_data((struct part){part->writing, part->message, part->at - data.size, part->at}, type,
               data.size < length);
    return true;
}

/* True when a message of `size` bytes may have as many entries as its header says. */
static bool is_header(struct p2i_bytes span, size_t size)
{
    size_t least = HEADER_SIZE;
    for (size_t section = 0; span.size >= HEADER_SIZE && section < 4; section++) {
        size_t entry = 1 + (section == 0 ? QUESTION_SIZE : RECORD_SIZE);
        least += entry * p2i_load_be16(span.data + 4 + 2 * section);
    }
    return span.size >= HEADER_SIZE && least <= size;
}

/* `size`: of the whole message, or the most that it may be. */
static void write_message(struct p2i_writing *writing, struct p2i_bytes span, size_t size)
{
    if (span.data == NULL || !is_header(span, size)) {
        p2i_write_binary(writing, span);
        return;
    }
    struct part part = {writing, span, HEADER_SIZE, span.size};
    bool good = true;
    for (size_t section = 0; good && section < 4; section++) {
        unsigned count = p2i_load_be16(span.data + 4 + 2 * section);
        for (; good && count > 0 && left(&part) > 0; count--) {
            good = write_entry(&part, section == 0);
        }
    }
    overwrite_rest(&part);
}

void p2i_write_dns(struct p2i_writing *writing, struct p2i_bytes span)
{
    write_message(writing, span, MESSAGE_MAX);
}

void p2i_write_dns_stream(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size >= 2) {
        size_t length = p2i_load_be16(span.data);
        struct p2i_bytes message = p2i_span_first(p2i_span_from(span, 2), length);
        write_message(writing, message, length);
        span = p2i_span_from(span, 2 + message.size);
    }
    p2i_write_binary(writing, span);
}
