/* SPDX-License-Identifier: MIT */
/* The words, signs and values of a filter text. Errors have the place in `offset`. */
#ifndef P2I_FILTER_SCANNER_H
#define P2I_FILTER_SCANNER_H

#include "filter/filter.h"

struct p2i_filter_scanner {
    uint8_t *text; /* is overwritten where quoted values lose their escapes */
    size_t size;
    size_t at;
    struct p2i_error *error;
};

/* Sets error->offset; returns P2I_USAGE. */
enum p2i_result p2i_scanner_fail(struct p2i_filter_scanner *scanner, size_t offset,
                                 const char *format, ...) P2I_PRINTF(3, 4);
void p2i_scanner_skip_blanks(struct p2i_filter_scanner *scanner);
bool p2i_scanner_is_at_end(const struct p2i_filter_scanner *scanner);
/* The word that begins here, without taking it: letters, digits, '_', '-', '.', '/'; may be empty.
 */
struct p2i_view p2i_scanner_word(const struct p2i_filter_scanner *scanner);
/* The word, or the sign, for a message. */
struct p2i_view p2i_scanner_found(const struct p2i_filter_scanner *scanner);
/* Takes a word in any case, or a sign such as "&&", if it is the next. */
bool p2i_scanner_take_word(struct p2i_filter_scanner *scanner, const char *word);
bool p2i_scanner_take_sign(struct p2i_filter_scanner *scanner, const char *sign);

/* What may follow a condition: `and`, `or`, `&&`, `||`, ')', or the end. */
bool p2i_scanner_is_behind_condition(const struct p2i_filter_scanner *scanner);

/* Takes an operator and sets *op; FILTER_EXISTS: there is none, and nothing is taken. `in` is
 * FILTER_EQUAL, with *is_set. `field`: its name, for messages. `is_text`: what follows a '=' begins
 * a value, as in `TO=<sip:anna@sip.example>`, and is no mistyped operator. P2I_OK; P2I_USAGE: it is
 * unknown. */
enum p2i_result p2i_scanner_take_operator(struct p2i_filter_scanner *scanner, const char *field,
                                          bool is_text, enum p2i_filter_operator *op, bool *is_set);

enum p2i_value_place {
    VALUE_WORD,   /* ends at a blank */
    VALUE_IN_SET, /* also at ',' and '}' */
    VALUE_CLOSE,  /* behind `=` without blanks: may have blanks, and may be empty */
};
/* Takes a value; sets operand->text and ->quoted. P2I_OK; P2I_USAGE. */
enum p2i_result p2i_scanner_take_value(struct p2i_filter_scanner *scanner,
                                       enum p2i_value_place place,
                                       struct p2i_filter_operand *operand);

#endif
