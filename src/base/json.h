/* SPDX-License-Identifier: MIT */
/* A small reader of JSON texts (RFC 8259): gives the wanted members of an object, or all of them
 * one after the other. Everything else is checked and stepped over. Pure functions over views;
 * nothing is allocated, and each byte is read once. */
#ifndef P2I_BASE_JSON_H
#define P2I_BASE_JSON_H

#include "pcap2ipfix/view.h"

enum {
    P2I_JSON_DEPTH_MAX = 64, /* nested arrays and objects */
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
    struct p2i_view raw; /* the value's bytes in the text, of a string without its quotes */
    enum p2i_json_type type;
};

/* A wanted member and its value. */
struct p2i_json_member {
    struct p2i_view name; /* as UTF-8, without escapes, unless said otherwise */
    struct p2i_json_value value;
};

/* Fills the values of `members` from the object `text`, which may have blanks around it; of members
 * with the same name the last one counts. Values are views into `text`.
 *
 * True: `text` is one well-formed object. False: it is anything else, is malformed at any place, or
 * is nested deeper than P2I_JSON_DEPTH_MAX; the values are undefined then. */
bool p2i_json_object(struct p2i_view text, struct p2i_json_member *members, size_t count);

/* The same for an object whose end is missing: complete members get their values, the others
 * P2I_JSON_NONE. A number at the end of `text` may be cut and does not count as complete. False:
 * `text` is not the beginning of an object. */
bool p2i_json_part(struct p2i_view text, struct p2i_json_member *members, size_t count);

/* Takes the next member of an object; its name is as it stands in the text, with its escapes.
 * `rest` is first the object, which may have blanks around it; each call moves it behind the
 * member. False: the object ends here, and `rest` is empty or has blanks only; or it is malformed,
 * and `rest` is not empty. `*member` is undefined then. */
bool p2i_json_next_member(struct p2i_view *rest, struct p2i_json_member *member);

/* Takes the next value of an array. `rest` is first the raw text of an array from
 * p2i_json_object(); each call moves it behind the value. False at the end of the array; `*value`
 * is undefined then. */
bool p2i_json_next(struct p2i_view *rest, struct p2i_json_value *value);

/* Writes a string's characters as UTF-8 and returns their size in bytes, never more than raw.size:
 * `out` needs that room. Half a surrogate pair becomes U+FFFD. Returns 0 if the value is not a
 * string. */
size_t p2i_json_string(const struct p2i_json_value *value, uint8_t *out);

/* Returns true if the value is the string `text` (UTF-8). */
bool p2i_json_is(const struct p2i_json_value *value, struct p2i_view text);

/* Sets `*number` and returns true if the value is a whole number from 0 to 2^64 - 1; else returns
 * false. */
bool p2i_json_whole(const struct p2i_json_value *value, uint64_t *number);

#endif
