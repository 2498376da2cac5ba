/* SPDX-License-Identifier: MIT */
#include "protocol/mail/mime.h"

#include "base/ascii.h"
#include "protocol/mail/address.h"
#include "protocol/mail/mime_skip.h"

enum {
    HEADER_LINE_MAX = 4096, /* longest header line that is buffered whole; RFC 5322 section 2.1.1
                               allows 998 bytes */
    DASH_LINE_MAX = P2I_MIME_BOUNDARY_MAX + 64, /* a longer line, with its end, is not a boundary */
    DOT_LINE_MAX = 3,
    /* Received fields whose host is listed; RFC 5321 section 6.3 asks for 100 hops. */
    RECEIVED_MAX = 128,
};

enum field {
    OTHER_FIELD = 0,
    FROM,
    TO,
    CC,
    REPLY_TO,
    SUBJECT,
    RECEIVED,
    CONTENT_TYPE,
    CONTENT_DISPOSITION,
};

static enum field field_of(struct p2i_view name, bool in_part)
{
    static const struct {
        const char *name;
        uint8_t size;
        uint8_t field;
    } fields[] = {
        {"Content-Type", 12, CONTENT_TYPE},
        {"Content-Disposition", 19, CONTENT_DISPOSITION},
        {"From", 4, FROM},
        {"To", 2, TO},
        {"Cc", 2, CC},
        {"Reply-To", 8, REPLY_TO},
        {"Subject", 7, SUBJECT},
        {"Received", 8, RECEIVED},
    };
    /* The size alone rules out most names. */
    static const uint32_t sizes = 1U << 12 | 1U << 19 | 1U << 4 | 1U << 2 | 1U << 8 | 1U << 7;
    if (name.size > 19 || (sizes >> name.size & 1) == 0) {
        return OTHER_FIELD;
    }
    /* Only the first two matter in the header of a part. */
    size_t count = in_part ? 2 : sizeof fields / sizeof *fields;
    for (size_t i = 0; i < count; i++) {
        if (p2i_view_equals_nocase(name, p2i_view_of(fields[i].name, fields[i].size))) {
            return (enum field)fields[i].field;
        }
    }
    return OTHER_FIELD;
}

/* ---- header ---- */

/* Moves the value to `*text`. If there is a text already, appends the value where the field is a
 * list, and drops it otherwise. */
static void keep_value(const struct p2i_parser *parser, struct p2i_mime *mime,
                       struct p2i_text *text, bool is_list)
{
    if (text->size == 0) {
        struct p2i_text unused = *text;
        *text = mime->value;
        mime->value = unused;
    } else if (is_list && !mime->once && mime->value.size > 0) {
        uint32_t before = text->size;
        p2i_text_list(parser, text, p2i_text_view(&mime->value), P2I_MIME_VALUE_MAX);
        mime->limited = mime->limited || text->size == before;
    }
}

static void take_received(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    if (mime->received_count == RECEIVED_MAX) {
        mime->limited = true;
        return;
    }
    mime->received_count++;
    p2i_text_list(parser, &mime->hosts, p2i_mail_received_by(p2i_text_view(&mime->value)),
                  P2I_MIME_VALUE_MAX);
}

/* Removes a cut address or host from the end of the value: its beginning would be another one. */
static void drop_half_names(struct p2i_mime *mime, enum field field)
{
    struct p2i_view value = p2i_text_view(&mime->value);
    if (field == FROM || field == TO || field == CC || field == REPLY_TO) {
        mime->value.size = (uint32_t)p2i_mail_whole_addresses(value).size;
    } else if (field == RECEIVED) {
        mime->value.size = (uint32_t)p2i_mail_whole_words(value).size;
    }
    mime->subject_cut = mime->subject_cut || (field == SUBJECT && mime->subject.size == 0);
    mime->value_cut = false;
}

static void finish_field(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    enum field field = (enum field)mime->field;
    mime->field = OTHER_FIELD;
    if (mime->value_cut) {
        drop_half_names(mime, field);
    }
    switch (field) {
    case OTHER_FIELD:
        return;
    case FROM:
        keep_value(parser, mime, &mime->from, false);
        break;
    case TO:
        keep_value(parser, mime, &mime->to, true);
        break;
    case CC:
        keep_value(parser, mime, &mime->cc, true);
        break;
    case REPLY_TO:
        keep_value(parser, mime, &mime->reply_to, false);
        break;
    case SUBJECT:
        keep_value(parser, mime, &mime->subject, false);
        break;
    case RECEIVED:
        take_received(parser, mime);
        break;
    case CONTENT_TYPE:
        p2i_mime_content_type(&mime->part, p2i_text_view(&mime->value));
        break;
    case CONTENT_DISPOSITION:
        p2i_mime_content_disposition(&mime->part, p2i_text_view(&mime->value));
        break;
    }
    mime->value.size = 0;
}

static inline bool has_open_field(const struct p2i_mime *mime)
{
    return mime->field != OTHER_FIELD || mime->value_cut;
}

static inline void end_field(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    if (has_open_field(mime)) {
        finish_field(parser, mime);
    }
}

/* Counts an attachment if the part whose header has been read is one. */
static void note_attachment(struct p2i_mime *mime)
{
    const struct p2i_mime_part *part = &mime->part;
    mime->attachment = mime->attachment || part->is_attachment || part->has_file_name;
}

static void begin_part(struct p2i_mime *mime)
{
    struct p2i_mime_part *part = &mime->part; /* its boundary is large, and need not be cleared */
    part->kind = P2I_MIME_LEAF;
    part->has_type = false;
    part->has_file_name = false;
    part->is_attachment = false;
    part->boundary_size = 0;
    mime->in_body = false;
    mime->in_part = true;
}

/* The bit of `boundary_bits` for a boundary, which is not empty: similar ones differ in size or at
 * their end. */
static inline uint64_t bit_of(struct p2i_view boundary)
{
    return UINT64_C(1) << ((boundary.data[boundary.size - 1] + 5 * boundary.size) & 63);
}

/* Stores a multipart's boundary for its body. */
static void open_multipart(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    const struct p2i_mime_part *part = &mime->part;
    if (part->kind != P2I_MIME_MULTIPART || part->boundary_size == 0 ||
        mime->depth == P2I_MIME_DEPTH) {
        return;
    }
    uint32_t before = mime->boundaries.size;
    p2i_text_add(parser, &mime->boundaries, p2i_view_of(part->boundary, part->boundary_size),
                 P2I_MIME_BOUNDARY_MAX * P2I_MIME_DEPTH);
    if (mime->boundaries.size == before + part->boundary_size) {
        mime->boundary_size[mime->depth++] = part->boundary_size;
        mime->boundary_bits |= bit_of(p2i_view_of(part->boundary, part->boundary_size));
    }
}

static void end_header(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    const struct p2i_mime_part *part = &mime->part;
    note_attachment(mime);
    if (part->kind == P2I_MIME_MESSAGE) {
        begin_part(mime);
        return;
    }
    open_multipart(parser, mime);
    mime->in_body = true;
    mime->in_part = true;
}

static void add_to_value(const struct p2i_parser *parser, struct p2i_mime *mime,
                         struct p2i_view more)
{
    if (mime->field == OTHER_FIELD) {
        return;
    }
    if (more.size > P2I_MIME_VALUE_MAX - mime->value.size) {
        mime->value_cut = true;
        mime->limited = true;
    }
    p2i_text_add(parser, &mime->value, more, P2I_MIME_VALUE_MAX);
}

static void begin_field(const struct p2i_parser *parser, struct p2i_mime *mime,
                        struct p2i_view line, bool ends)
{
    size_t colon = p2i_view_find(line, ':');
    struct p2i_view name = p2i_view_first(line, colon);
    if (colon == line.size) {
        /* Not a field. If bytes are missing, the end of the header may be among them. */
        if (mime->holed && ends) {
            end_header(parser, mime);
        }
        return;
    }
    mime->field = (uint8_t)field_of(p2i_view_trim(name), mime->in_part);
    add_to_value(parser, mime, p2i_view_from(line, colon + 1));
}

static void header_line(const struct p2i_parser *parser, struct p2i_mime *mime,
                        struct p2i_view line, bool begins, bool ends)
{
    if (begins && ends && line.size == 0) {
        end_field(parser, mime);
        end_header(parser, mime);
    } else if (!begins || line.size == 0 || line.data[0] == ' ' || line.data[0] == '\t') {
        /* Folded field: only the line end is removed (RFC 5322 section 2.2.3). */
        add_to_value(parser, mime, line);
    } else {
        end_field(parser, mime);
        begin_field(parser, mime, line, ends);
    }
}

/* ---- multiparts ---- */

/* Returns false if a line, without its first "--", is certainly no boundary. */
static inline bool may_be_boundary(const struct p2i_mime *mime, struct p2i_view line)
{
    if (line.size == 0) {
        return false;
    }
    uint64_t bits = bit_of(line);
    if (line.size > 2) {
        bits |= bit_of(p2i_view_first(line, line.size - 2)); /* it ends its multipart */
    }
    return (mime->boundary_bits & bits) != 0;
}

/* Ends the parts inside `depth` multiparts. */
static void close_to(struct p2i_mime *mime, size_t depth)
{
    if (mime->depth == depth) {
        return;
    }
    mime->depth = (uint8_t)depth;
    mime->boundaries.size = 0;
    mime->boundary_bits = 0;
    for (size_t level = 0; level < depth; level++) {
        size_t size = mime->boundary_size[level];
        mime->boundary_bits |=
            bit_of(p2i_view_of(mime->boundaries.data + mime->boundaries.size, size));
        mime->boundaries.size += (uint32_t)size;
    }
}

/* Returns true if `line`, without its first "--", is this boundary, with another "--" behind it if
 * `closes`. The sizes fit. */
static bool is_boundary(struct p2i_view line, struct p2i_view boundary, bool closes)
{
    /* Similar boundaries differ at their end, so that is compared first. */
    return line.data[boundary.size - 1] == boundary.data[boundary.size - 1] &&
           memcmp(line.data, boundary.data, boundary.size) == 0 &&
           (!closes || p2i_view_equals(p2i_view_from(line, boundary.size), P2I_VIEW("--")));
}

/* Returns true if a line that begins with "--" separates or ends the parts of a multipart (RFC 2046
 * section 5.1.1). The boundary of an outer multipart ends the inner ones. */
static bool at_boundary(const struct p2i_parser *parser, struct p2i_mime *mime,
                        struct p2i_view line)
{
    line = p2i_view_from(p2i_view_trim(line), 2);
    if (!may_be_boundary(mime, line)) {
        return false;
    }
    size_t at = mime->boundaries.size;
    for (size_t level = mime->depth; level > 0; level--) {
        size_t size = mime->boundary_size[level - 1];
        bool closes = size + 2 == line.size;
        at -= size;
        if ((closes || size == line.size) &&
            is_boundary(line, p2i_view_of(mime->boundaries.data + at, size), closes)) {
            end_field(parser, mime);
            note_attachment(mime);
            close_to(mime, closes ? level - 1 : level);
            begin_part(mime);
            mime->in_body = closes;
            return true;
        }
    }
    return false;
}

/* ---- lines ---- */

static bool is_dashed(struct p2i_view line)
{
    return line.size >= 2 && line.data[0] == '-' && line.data[1] == '-';
}

/* Reads a line, or a part of one, without its line end. */
static void take_line(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view line,
                      bool begins, bool ends)
{
    bool fits = begins && ends && mime->depth > 0 && line.size < DASH_LINE_MAX - 4;
    if (fits && is_dashed(line) && at_boundary(parser, mime, line)) {
        return;
    }
    if (!mime->in_body) {
        header_line(parser, mime, line, begins, ends);
    }
}

/* Returns true if this line, which begins with a dot and has its end, is the final one. The line
 * ends must be correct (RFC 5321 section 4.1.1.4). */
static bool is_final_dot(struct p2i_mime *mime, struct p2i_view line)
{
    bool by_the_letter = line.size == DOT_LINE_MAX && line.data[1] == '\r' && !mime->after_text;
    bool bare = line.size == 2 && mime->bare_lf;
    mime->loose_end = line.size == 2 || (line.size == DOT_LINE_MAX && line.data[1] == '\r');
    return by_the_letter || bare;
}

/* Reads a whole line with its end, which begins with no dot if lines are dotted. */
static void take_whole(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view line)
{
    bool has_cr = line.size > 1 && line.data[line.size - 2] == '\r';
    mime->loose_end = false;
    mime->after_text = !has_cr && !mime->bare_lf;
    mime->after_cr = false;
    take_line(parser, mime, p2i_view_first(line, line.size - (has_cr ? 2 : 1)), true, true);
}

/* Reads a line with its end, or a part of one. Returns true if it is the final dot. */
static bool take_raw(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view line)
{
    bool begins = !mime->mid_line;
    bool ends = line.data[line.size - 1] == '\n';
    mime->loose_end = false;
    if (mime->dotted && begins && line.data[0] == '.') {
        if (ends && is_final_dot(mime, line)) {
            return true;
        }
        line = p2i_view_from(line, 1);
    }
    if (line.size == 0) {
        return false; /* patience() waits for more than the dot */
    }
    bool cr_held = mime->after_cr && !begins;
    bool has_cr = line.size > 1 ? line.data[line.size - 2] == '\r' : cr_held;
    if (cr_held && line.data[0] != '\n') {
        take_line(parser, mime, P2I_VIEW("\r"), false, false);
    }
    mime->after_text = ends && !has_cr && !mime->bare_lf;
    mime->mid_line = !ends;
    mime->after_cr = !ends && line.data[line.size - 1] == '\r';
    size_t end_size = mime->after_cr || (ends && (!has_cr || line.size == 1)) ? 1 : ends ? 2 : 0;
    take_line(parser, mime, p2i_view_first(line, line.size - end_size), begins, ends);
    return false;
}

/* Bytes of a line without an end that must be present before it is read. */
static size_t patience(const struct p2i_mime *mime, struct p2i_view line)
{
    if (mime->mid_line) {
        return 0;
    }
    if (!mime->in_body) {
        return HEADER_LINE_MAX;
    }
    size_t dot = mime->dotted && line.data[0] == '.' ? 1 : 0;
    line = p2i_view_from(line, dot);
    bool may_separate = mime->depth > 0 && line.size > 0 && line.data[0] == '-' &&
                        (line.size < 2 || line.data[1] == '-') && !mime->attachment;
    return may_separate ? DASH_LINE_MAX + dot : dot > 0 ? DOT_LINE_MAX : 0;
}

/* Adds `bytes` (with the line's end, if present) to the buffered line and reads it when it is
 * complete. Returns true if it is the final dot. */
static bool take_held(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view bytes)
{
    bool has_end = bytes.data[bytes.size - 1] == '\n';
    p2i_text_add(parser, &mime->line, bytes, SIZE_MAX);
    struct p2i_view line = p2i_text_view(&mime->line);
    if (line.size == 0 || (!has_end && line.size < patience(mime, line))) {
        return false;
    }
    bool ended = take_raw(parser, mime, line);
    mime->line.size = 0;
    return ended;
}

/* ---- fields of no interest ---- */

/* Returns true if a line that begins with this byte may be a field of field_of(), whose
 * name may have blanks around it. */
static inline bool may_begin_field(uint8_t first)
{
    static const bool initials[UINT8_MAX + 1] = {
        ['\v'] = true, ['\f'] = true, ['\r'] = true, ['C'] = true, ['F'] = true,
        ['R'] = true,  ['S'] = true,  ['T'] = true,  ['c'] = true, ['f'] = true,
        ['r'] = true,  ['s'] = true,  ['t'] = true};
    return initials[first];
}

/* Passes over whole lines of a header that are of no interest, and returns their size. No field is
 * open. */
static size_t skip_fields(struct p2i_mime *mime, struct p2i_view bytes)
{
    size_t at = 0;
    bool has_cr = false;
    while (at < bytes.size) {
        struct p2i_view line = p2i_view_from(bytes, at);
        uint8_t first = line.data[0];
        bool is_empty = first == '\n' || (first == '\r' && line.size > 1 && line.data[1] == '\n');
        if (is_empty || first == '.' || first == '-') {
            break;
        }
        size_t end = p2i_view_find(line, '\n');
        if (end == line.size) {
            break;
        }
        line = p2i_view_first(line, end);
        if (may_begin_field(first)) {
            size_t colon = p2i_view_find(line, ':');
            struct p2i_view name = p2i_view_trim(p2i_view_first(line, colon));
            if (colon < end && field_of(name, mime->in_part) != OTHER_FIELD) {
                break;
            }
        }
        has_cr = line.data[end - 1] == '\r';
        at += end + 1;
    }
    if (at > 0) {
        mime->after_text = !has_cr && !mime->bare_lf;
        mime->loose_end = false;
    }
    return at;
}

/* ---- content ---- */

/* Passes over whole lines that are of no interest, if a line begins here, and returns their size.
 */
static inline size_t skip_dull(struct p2i_mime *mime, struct p2i_view bytes)
{
    if (mime->mid_line || mime->line.size > 0) {
        return 0;
    }
    if (mime->in_body) {
        return p2i_mime_skip_lines(mime, bytes);
    }
    /* Where bytes are missing, a line that is no field may be of the body. */
    return has_open_field(mime) || mime->holed ? 0 : skip_fields(mime, bytes);
}

size_t p2i_mime_read(const struct p2i_parser *parser, struct p2i_mime *mime, struct p2i_view bytes,
                     bool *ended)
{
    size_t at = 0;
    bool found = false;
    mime->behind_gap = mime->behind_gap && bytes.size == 0;
    if (!mime->dotted && p2i_mime_idle(mime)) {
        at = bytes.size;
    }
    while (at < bytes.size && !found) {
        struct p2i_view rest = p2i_view_from(bytes, at);
        size_t skipped = skip_dull(mime, rest);
        if (skipped > 0) {
            at += skipped;
            continue;
        }
        size_t end = p2i_view_find(rest, '\n');
        bool has_end = end < rest.size;
        struct p2i_view line = p2i_view_first(rest, end + 1);
        at += line.size;
        if (mime->line.size > 0 || (!has_end && line.size < patience(mime, line))) {
            found = take_held(parser, mime, line);
        } else if (has_end && !mime->mid_line && !(mime->dotted && line.data[0] == '.')) {
            take_whole(parser, mime, line);
        } else {
            found = take_raw(parser, mime, line);
        }
    }
    if (ended != NULL) {
        *ended = found;
    }
    return at;
}

/* ---- end and gaps ---- */

void p2i_mime_end(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    if (mime->line.size > 0) {
        struct p2i_view line = p2i_text_view(&mime->line);
        line.size -= line.data[line.size - 1] == '\r';
        take_line(parser, mime, line, true, true);
        mime->line.size = 0;
    }
    if (!mime->in_body) {
        end_field(parser, mime);
        end_header(parser, mime);
    }
    mime->mid_line = false;
    mime->after_cr = false;
    /* Frees the buffers early: the message's record may be emitted much later. */
    p2i_text_free(parser, &mime->line);
    p2i_text_free(parser, &mime->value);
}

void p2i_mime_expect_header(const struct p2i_parser *parser, struct p2i_mime *mime, bool part)
{
    p2i_mime_end(parser, mime);
    begin_part(mime);
    mime->in_part = part;
}

void p2i_mime_gap(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    if (!mime->in_body) {
        /* Uses the present bytes of the field. */
        struct p2i_view line = p2i_text_view(&mime->line);
        bool in_line = mime->mid_line || line.size > 0;
        if (line.size > 0) {
            line.size -= line.data[line.size - 1] == '\r';
            take_line(parser, mime, line, true, false);
        }
        mime->value_cut = mime->value_cut || (in_line && mime->field != OTHER_FIELD);
        end_field(parser, mime);
    }
    mime->line.size = 0;
    mime->mid_line = true;
    mime->after_cr = false;
    mime->after_text = false;
    mime->behind_gap = true;
    mime->holed = true;
}

void p2i_mime_free(const struct p2i_parser *parser, struct p2i_mime *mime)
{
    p2i_text_free(parser, &mime->from);
    p2i_text_free(parser, &mime->to);
    p2i_text_free(parser, &mime->cc);
    p2i_text_free(parser, &mime->reply_to);
    p2i_text_free(parser, &mime->subject);
    p2i_text_free(parser, &mime->hosts);
    p2i_text_free(parser, &mime->value);
    p2i_text_free(parser, &mime->line);
    p2i_text_free(parser, &mime->boundaries);
}
