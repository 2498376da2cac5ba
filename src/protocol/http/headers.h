/* SPDX-License-Identifier: MIT */
/* Heads made of lines, "Name: value": what HTTP (RFC 9112 section 5), SIP (RFC 3261 section 7.3)
 * and their kin have in common. Lines may end in LF alone. */
#ifndef P2I_PROTOCOL_HTTP_HEADERS_H
#define P2I_PROTOCOL_HTTP_HEADERS_H

#include "base/ascii.h"
#include "protocol/protocol.h"

enum {
    /* A first line longer than this is believed to be one only if there is more to say for
     * it. */
    P2I_LINE_MAX = 4096,
};

/* tchar of RFC 9110 section 5.6.2; the token of RFC 3261 section 25.1 is a part of it. */
bool p2i_is_token_char(uint8_t byte);

/* How many CR and LF stand in front of a message (RFC 9112 section 2.2, RFC 3261 section 7.5). */
size_t p2i_line_ends(struct p2i_view bytes);

/* Where the line begins that holds the byte at `at`; not further back than P2I_LINE_MAX. */
size_t p2i_line_before(struct p2i_view bytes, size_t at);

/* Does a header line begin here? */
enum p2i_match p2i_match_header(struct p2i_view bytes);

/* Is there nothing but the end of a line here? */
enum p2i_match p2i_match_line_end(struct p2i_view bytes);

/* "", or CR: the line that ends a head. */
static inline bool p2i_line_ends_head(struct p2i_view line)
{
    return line.size == 0 || (line.size == 1 && line.data[0] == '\r');
}

/* What stands behind the version in a status line (RFC 9112 section 4, RFC 3261 section 7.2): a
 * number of three digits; the reason and the space before it may be missing. `whole`: `rest` is all
 * of it, up to the line's end; else it may be the beginning. */
enum p2i_match p2i_match_status(struct p2i_view rest, bool whole, uint16_t *status);

/* Views as those of the lines they were read from. */
struct p2i_header {
    struct p2i_view name;  /* trimmed */
    struct p2i_view value; /* trimmed; with its line ends where it is folded */
};

/* Takes the next header off `lines`. Lines that are no header are passed over, a last line that is
 * not complete too. False: there is no more in front of the empty line, or of the end. */
bool p2i_next_header(struct p2i_view *lines, struct p2i_header *header);

/* A header's value in one line, its parts joined by one space. `scratch` has room for the value and
 * is used when it is folded; the part used is taken off it. NULL: only the first line of it. */
struct p2i_view p2i_unfold(struct p2i_view value, uint8_t **scratch);

/* The number that `text` is, at most UINT64_MAX; false if it is none. */
bool p2i_read_decimal(struct p2i_view text, uint64_t *number);

#endif
