/* SPDX-License-Identifier: MIT */
#include "protocol/dns/message.h"

enum { LABEL_MAX = 63, POINTER = 0xc0 };

enum p2i_dns_status p2i_dns_read_header(struct p2i_cursor *at, struct p2i_dns_header *header)
{
    struct p2i_cursor block = p2i_sub(at, P2I_DNS_HEADER_SIZE);
    header->id = p2i_be16(&block);
    header->flags = p2i_be16(&block);
    for (int section = P2I_DNS_QUESTION; section <= P2I_DNS_ADDITIONAL; section++) {
        header->count[section] = p2i_be16(&block);
    }
    return block.failed ? P2I_DNS_SHORT : P2I_DNS_OK;
}

/* Skips the name at `at`; only lengths count. The two upper bits of a length mark pointers; 01
 * and 10 were never used (RFC 6891 section 5). */
static enum p2i_dns_status skip_name(struct p2i_cursor *at)
{
    uint8_t length;
    do {
        length = p2i_u8(at);
        if (length >= POINTER) {
            p2i_skip(at, 1);
            return at->failed ? P2I_DNS_SHORT : P2I_DNS_OK;
        }
        if (length > LABEL_MAX) {
            return P2I_DNS_BAD;
        }
        p2i_skip(at, length);
    } while (length > 0);
    return at->failed ? P2I_DNS_SHORT : P2I_DNS_OK;
}

/* Appends a label whose length was just read. */
static bool add_label(struct p2i_dns_name *name, struct p2i_cursor *at, size_t length)
{
    size_t size = name->size;
    /* Every label but the last leaves room for the last. */
    if (length > LABEL_MAX || size + 1 + length + (length > 0) > P2I_DNS_NAME_MAX) {
        return false;
    }
    struct p2i_view label = p2i_take(at, length);
    if (at->failed) {
        return false;
    }
    name->wire[size] = (uint8_t)length;
    if (length > 0) {
        memcpy(name->wire + size + 1, label.data, length);
    }
    name->size = size + 1 + length;
    return true;
}

/* Expands the name at `here`. A pointer should lead to a prior name (RFC 1035 section 4.1.4),
 * but some servers point forward, and resolvers follow. The limit ends loops. */
static bool expand_name(struct p2i_view message, struct p2i_cursor here, struct p2i_dns_name *name)
{
    unsigned jumps = 0;
    name->size = 0;
    for (;;) {
        uint8_t length = p2i_u8(&here);
        if (length >= POINTER) {
            size_t target = (size_t)(length - POINTER) << 8 | p2i_u8(&here);
            if (here.failed || target < P2I_DNS_HEADER_SIZE || ++jumps > P2I_DNS_JUMPS_MAX) {
                return false;
            }
            here = p2i_cursor_of(p2i_view_from(message, target));
            continue;
        }
        if (here.failed || !add_label(name, &here, length)) {
            return false;
        }
        if (length == 0) {
            return true;
        }
    }
}

enum p2i_dns_status p2i_dns_read_name(struct p2i_view message, struct p2i_cursor *at,
                                      struct p2i_dns_name *name)
{
    struct p2i_cursor begin = *at;
    enum p2i_dns_status status = skip_name(at);
    if (status != P2I_DNS_OK) {
        return status;
    }
    return expand_name(message, begin, name) ? P2I_DNS_OK : P2I_DNS_BAD_NAME;
}

/* `status`, or SHORT when the fixed fields before `at` are not all there. */
static enum p2i_dns_status with_fields(enum p2i_dns_status status, const struct p2i_cursor *at)
{
    return at->failed ? P2I_DNS_SHORT : status;
}

enum p2i_dns_status p2i_dns_skip_question(struct p2i_cursor *at)
{
    enum p2i_dns_status status = skip_name(at);
    if (status == P2I_DNS_OK) {
        p2i_skip(at, 4);
        status = with_fields(status, at);
    }
    return status;
}

enum p2i_dns_status p2i_dns_read_question(struct p2i_view message, struct p2i_cursor *at,
                                          struct p2i_dns_question *question)
{
    enum p2i_dns_status status = p2i_dns_read_name(message, at, &question->name);
    if (status != P2I_DNS_OK && status != P2I_DNS_BAD_NAME) {
        return status;
    }
    question->rr_type = p2i_be16(at);
    question->rr_class = p2i_be16(at);
    return with_fields(status, at);
}

enum p2i_dns_status p2i_dns_read_record(struct p2i_view message, struct p2i_cursor *at,
                                        struct p2i_dns_record *record)
{
    enum p2i_dns_status status = p2i_dns_read_question(message, at, &record->owner);
    if (status != P2I_DNS_OK && status != P2I_DNS_BAD_NAME) {
        return status;
    }
    record->ttl = p2i_be32(at);
    record->rdata = p2i_take(at, p2i_be16(at));
    return with_fields(status, at);
}

static size_t put_escaped(uint8_t byte, uint8_t *out)
{
    out[0] = '\\';
    if (byte == '.' || byte == '\\') {
        out[1] = byte;
        return 2;
    }
    out[1] = (uint8_t)('0' + byte / 100);
    out[2] = (uint8_t)('0' + byte / 10 % 10);
    out[3] = (uint8_t)('0' + byte % 10);
    return 4;
}

static bool is_plain(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7f && byte != '.' && byte != '\\';
}

/* Writes one label; returns the bytes written. */
static size_t put_label(const uint8_t *label, size_t length, uint8_t *out)
{
    size_t plain = 0;
    while (plain < length && is_plain(label[plain])) {
        plain++;
    }
    memcpy(out, label, plain);
    size_t written = plain;
    for (size_t i = plain; i < length; i++) {
        if (is_plain(label[i])) {
            out[written++] = label[i];
        } else {
            written += put_escaped(label[i], out + written);
        }
    }
    return written;
}

size_t p2i_dns_name_text(const struct p2i_dns_name *name, uint8_t out[P2I_DNS_TEXT_MAX])
{
    size_t written = 0;
    size_t size = name->size;
    for (size_t at = 0; at < size && name->wire[at] > 0;) {
        size_t length = name->wire[at];
        if (at > 0) {
            out[written++] = '.';
        }
        written += put_label(name->wire + at + 1, length, out + written);
        at += 1 + length;
    }
    return written;
}

/* Start of the data of a type: `prefix` bytes, `strings` character-strings, `names` names; no
 * names follow. */
struct layout {
    uint8_t prefix;
    uint8_t strings;
    uint8_t names;
};

/* The types of RFC 3597 section 4, whose names receivers must or should decompress, and those
 * that RFC 6762 section 18.14 also compresses (KX, DNAME, NSEC). */
static const struct layout *layout_of(uint16_t rr_type)
{
    static const struct layout layouts[] = {
        [2] = {0, 0, 1},   /* NS */
        [3] = {0, 0, 1},   /* MD */
        [4] = {0, 0, 1},   /* MF */
        [5] = {0, 0, 1},   /* CNAME */
        [6] = {0, 0, 2},   /* SOA */
        [7] = {0, 0, 1},   /* MB */
        [8] = {0, 0, 1},   /* MG */
        [9] = {0, 0, 1},   /* MR */
        [12] = {0, 0, 1},  /* PTR */
        [14] = {0, 0, 2},  /* MINFO */
        [15] = {2, 0, 1},  /* MX */
        [17] = {0, 0, 2},  /* RP */
        [18] = {2, 0, 1},  /* AFSDB */
        [21] = {2, 0, 1},  /* RT */
        [24] = {18, 0, 1}, /* SIG */
        [26] = {2, 0, 2},  /* PX */
        [30] = {0, 0, 1},  /* NXT */
        [33] = {6, 0, 1},  /* SRV */
        [35] = {4, 3, 1},  /* NAPTR */
        [36] = {2, 0, 1},  /* KX */
        [39] = {0, 0, 1},  /* DNAME */
        [47] = {0, 0, 1},  /* NSEC */
    };
    if (rr_type >= sizeof layouts / sizeof layouts[0] || layouts[rr_type].names == 0) {
        return NULL;
    }
    return &layouts[rr_type];
}

size_t p2i_dns_rdata_room(uint16_t rr_type, size_t rdata_size)
{
    const struct layout *layout = layout_of(rr_type);
    if (layout == NULL || rdata_size == 0) {
        return 0;
    }
    size_t room = rdata_size + layout->names * (size_t)P2I_DNS_NAME_MAX;
    return room < P2I_DNS_RDATA_MAX ? room : P2I_DNS_RDATA_MAX;
}

/* Output that may grow too large. */
struct output {
    uint8_t *data;
    size_t size;
    size_t room;
};

static bool put(struct output *output, const uint8_t *data, size_t size)
{
    if (size > output->room - output->size) {
        return false;
    }
    if (size > 0) {
        memcpy(output->data + output->size, data, size);
        output->size += size;
    }
    return true;
}

bool p2i_dns_expand_rdata(struct p2i_view message, uint16_t rr_type, struct p2i_view rdata,
                          uint8_t *out, size_t *size)
{
    const struct layout *layout = layout_of(rr_type);
    struct output output = {.room = p2i_dns_rdata_room(rr_type, rdata.size)};
    output.data = out;
    struct p2i_cursor at = p2i_cursor_of(rdata);
    if (layout == NULL) {
        return false;
    }
    p2i_skip(&at, layout->prefix);
    for (unsigned i = 0; i < layout->strings; i++) {
        p2i_skip(&at, p2i_u8(&at));
    }
    if (at.failed || !put(&output, rdata.data, rdata.size - at.rest.size)) {
        return false;
    }
    for (unsigned i = 0; i < layout->names; i++) {
        struct p2i_dns_name name;
        if (p2i_dns_read_name(message, &at, &name) != P2I_DNS_OK ||
            !put(&output, name.wire, name.size)) {
            return false;
        }
    }
    if (!put(&output, at.rest.data, at.rest.size)) {
        return false;
    }
    *size = output.size;
    return true;
}
