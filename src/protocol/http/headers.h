/* SPDX-License-Identifier: MIT */
/* Message heads of lines "Name: value", as HTTP (RFC 9112 section 5), SIP (RFC 3261 section 7.3)
 * and relatives have. Lines may end in LF alone. All functions are pure. */
#ifndef P2I_PROTOCOL_HTTP_HEADERS_H
#define P2I_PROTOCOL_HTTP_HEADERS_H

#include "base/ascii.h"
#include "protocol/protocol.h"

enum {
    /* A longer first line is only believed with further evidence. */
    P2I_LINE_MAX = 4096,
};

/* tchar of RFC 9110 section 5.6.2; includes the token characters of RFC 3261 section 25.1. */
static inline bool p2i_is_token_char(uint8_t byte)
{
    /* A bit for each byte below 128, in four words. */
    static const uint32_t tokens[4] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    return byte < 128 && (tokens[byte >> 5] >> (byte & 31) & 1u) != 0;
}

/* Number of CR and LF before a message (RFC 9112 section 2.2, RFC 3261 section 7.5). */
size_t p2i_line_ends(struct p2i_view bytes);

/* Start of the line with the byte at `at`; at most P2I_LINE_MAX before it. */
size_t p2i_line_before(struct p2i_view bytes, size_t at);

/* Does a header line begin here? */
enum p2i_match p2i_match_header(struct p2i_view bytes);

/* Does the line end here? */
enum p2i_match p2i_match_line_end(struct p2i_view bytes);

/* True for "" and CR: the line that ends a head. */
static inline bool p2i_line_ends_head(struct p2i_view line)
{
    return line.size == 0 || (line.size == 1 && line.data[0] == '\r');
}

/* Reads the bytes behind the version of a status line (RFC 9112 section 4, RFC 3261 section
 * 7.2): a number of three digits; the reason and the space before it may be missing. `whole`:
 * `rest` goes up to the line end; else it may be cut. */
enum p2i_match p2i_match_status(struct p2i_view rest, bool whole, uint16_t *status);

/* Views live as long as the lines. */
struct p2i_header {
    struct p2i_view name;  /* trimmed */
    struct p2i_view value; /* trimmed; a folded value includes its line ends */
};

/* Takes the next header off `lines`. Ignores lines that are no header, and an incomplete last
 * line. False: none is left before the empty line or the end. */
bool p2i_next_header(struct p2i_view *lines, struct p2i_header *header);

/* A header value in one line, its parts joined by one space. `scratch` has room for the value; a
 * folded value is joined there, and the used part is taken off it. `scratch` NULL: only the
 * first line. */
struct p2i_view p2i_unfold(struct p2i_view value, uint8_t **scratch);

/* The number that `text` is, at most UINT64_MAX; false if it is none. */
bool p2i_read_decimal(struct p2i_view text, uint64_t *number);

#endif
