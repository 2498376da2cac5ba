/* SPDX-License-Identifier: MIT */
/* JSON texts (RFC 8259) that say little: the members wanted of one object, whose values are
 * scalars, or arrays of strings. Everything else is checked and stepped over. Pure functions over
 * views; nothing is allocated, and each byte is looked at once. */
#ifndef P2I_PROTOCOL_IM_JSON_H
#define P2I_PROTOCOL_IM_JSON_H

#include "base/view.h"

enum {
    P2I_JSON_DEPTH_MAX = 64, /* of arrays and objects in one another */
};

enum p2i_json_type {
    P2I_JSON_NONE = 0, /* there is no such member */
    P2I_JSON_NULL,
    P2I_JSON_FALSE,
    P2I_JSON_TRUE,
    P2I_JSON_NUMBER,
    P2I_JSON_STRING,
    P2I_JSON_ARRAY,
    P2I_JSON_OBJECT,
};

struct p2i_json_value {
    struct p2i_view raw; /* as it stands in the text, a string without its quotes */
    enum p2i_json_type type;
};

/* A member that is looked for. */
struct p2i_json_member {
    struct p2i_view name; /* as UTF-8, without escapes */
    struct p2i_json_value value;
};

/* Fills the values of `members` from the object that `text` is, blanks around it aside; of members
 * with the same name the last one counts. False when `text` is anything else, or malformed in any
 * place, or deeper than P2I_JSON_DEPTH_MAX; the values mean nothing then. */
bool p2i_json_object(struct p2i_view text, struct p2i_json_member *members, size_t count);

/* The same for the beginning of an object, of which the rest is not there: members that are whole
 * have their values, the others none. A number at the end may go on and is not whole. */
bool p2i_json_part(struct p2i_view text, struct p2i_json_member *members, size_t count);

/* The next value of an array: `rest` is at the start the raw text of an array that
 * p2i_json_object() found, and what is behind the value afterwards. False at the end. */
bool p2i_json_next(struct p2i_view *rest, struct p2i_json_value *value);

/* Writes a string's characters as UTF-8 and returns how many bytes they take: never more than
 * raw.size. Half a surrogate pair becomes U+FFFD. 0 for what is no string. */
size_t p2i_json_string(const struct p2i_json_value *value, uint8_t *out);

/* Is this the string `text` (UTF-8)? */
bool p2i_json_is(const struct p2i_json_value *value, struct p2i_view text);

/* A whole number from 0 to 2^64 - 1; false for all others, and for what is no number. */
bool p2i_json_whole(const struct p2i_json_value *value, uint64_t *number);

#endif
