/* SPDX-License-Identifier: MIT */
/* The grammar of filters:
 *
 *     any       = all { ("or" | "||") all }
 *     all       = part { ("and" | "&&") part }
 *     part      = { "not" | "!" } ("(" any ")" | condition)
 *     condition = field [ operator value | "in" (prefix | "{" value { "," value } "}") ] */
#include <stdlib.h>

#include "filter/scanner.h"
#include "pcap2ipfix/error.h"

struct parser {
    struct p2i_filter_scanner scanner;
    struct p2i_record_filter *filter;
    unsigned depth;
};

/* `error` has no place when memory runs out. */
static enum p2i_result new_node(struct parser *parser, enum p2i_filter_node_kind kind,
                                uint32_t first, uint32_t *index)
{
    struct p2i_filter_node *node = p2i_filter_append(&parser->filter->nodes, sizeof *node);
    if (node == NULL) {
        return p2i_fail_memory(parser->scanner.error);
    }
    *node = (struct p2i_filter_node){.kind = kind, .first = first, .next = NODE_NONE};
    *index = (uint32_t)(parser->filter->nodes.count - 1);
    return P2I_OK;
}

/* ---- Conditions ---- */

static enum p2i_result refuse_field(struct p2i_filter_scanner *scanner)
{
    if (p2i_scanner_is_at_end(scanner)) {
        return p2i_scanner_fail(scanner, scanner->at, "expected a field, not the end");
    }
    struct p2i_view found = p2i_scanner_found(scanner);
    return p2i_scanner_fail(scanner, scanner->at, "expected a field, not '%.*s'", (int)found.size,
                            (const char *)found.data);
}

static bool is_reserved(struct p2i_filter_scanner scanner)
{
    static const char *const words[] = {"and", "or", "not", "in", "contains"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (p2i_scanner_take_word(&scanner, words[i])) {
            return true;
        }
    }
    return false;
}

static enum p2i_result take_field(struct parser *parser, struct p2i_filter_condition *condition)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    struct p2i_view name = p2i_scanner_word(scanner);
    if (name.size == 0 || is_reserved(*scanner)) {
        return refuse_field(scanner);
    }
    condition->text = parser->filter->texts.count;
    condition->offset = scanner->at;
    (void)p2i_filter_find_field(name, &condition->field);
    condition->name = strndup((const char *)name.data, name.size);
    scanner->at += name.size;
    return condition->name != NULL ? P2I_OK : p2i_fail_memory(scanner->error);
}

static const char *describe(enum p2i_filter_class class)
{
    switch (class) {
    case CLASS_BOOLEAN:
        return "true or false";
    case CLASS_HOST:
        return "a host name";
    case CLASS_TIME:
        return "a time";
    case CLASS_OCTETS:
        return "octets";
    case CLASS_RDATA:
        return "resource record data";
    case CLASS_MAC:
        return "a MAC address";
    case CLASS_ADDRESS:
        return "an address";
    case CLASS_KIND:
        return "a kind of record";
    default:
        return "a number";
    }
}

static enum p2i_result check_operator(struct parser *parser,
                                      const struct p2i_filter_condition *condition, size_t offset)
{
    enum p2i_filter_class class = condition->field.class;
    bool contains = condition->op == FILTER_CONTAINS;
    if (p2i_filter_can_compare(class, condition->op)) {
        return P2I_OK;
    }
    return p2i_scanner_fail(
        &parser->scanner, offset, "%.40s is %s: %s", condition->name, describe(class),
        contains ? "'contains' is for texts and octets" : "it has no order, only ==, != and in");
}

static enum p2i_result add_value(struct parser *parser, struct p2i_filter_condition *condition,
                                 enum p2i_value_place place)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    struct p2i_filter_operand operand;
    size_t offset = scanner->at;
    enum p2i_result result = p2i_scanner_take_value(scanner, place, &operand);
    if (result != P2I_OK) {
        return result;
    }
    p2i_filter_prepare_operand(&operand, condition->op);
    result = p2i_filter_read_operand(&operand, &condition->field, condition->name, scanner->error);
    if (result != P2I_OK) {
        scanner->error->offset = offset;
        return result;
    }
    struct p2i_filter_operand *added = p2i_filter_append(&parser->filter->operands, sizeof *added);
    if (added == NULL) {
        return p2i_fail_memory(scanner->error);
    }
    *added = operand;
    condition->operand_count++;
    return P2I_OK;
}

/* "{A, B}", or a prefix. */
static enum p2i_result take_set(struct parser *parser, struct p2i_filter_condition *condition)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    enum p2i_filter_class class = condition->field.class;
    size_t begin = scanner->at;
    if (!p2i_scanner_take_sign(scanner, "{")) {
        return class == CLASS_ADDRESS || class == CLASS_RDATA || class == CLASS_OPEN
                   ? add_value(parser, condition, VALUE_WORD)
                   : p2i_scanner_fail(scanner, begin, "expected '{': in {A, B}");
    }
    enum p2i_result result;
    do {
        p2i_scanner_skip_blanks(scanner);
        result = add_value(parser, condition, VALUE_IN_SET);
        p2i_scanner_skip_blanks(scanner);
    } while (result == P2I_OK && p2i_scanner_take_sign(scanner, ","));
    if (result == P2I_OK && !p2i_scanner_take_sign(scanner, "}")) {
        return p2i_scanner_is_at_end(scanner)
                   ? p2i_scanner_fail(scanner, begin, "the '{' is not closed")
                   : p2i_scanner_fail(scanner, scanner->at, "expected ',' or '}'");
    }
    return result;
}

static enum p2i_result take_comparison(struct parser *parser,
                                       struct p2i_filter_condition *condition)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    size_t behind_name = scanner->at;
    bool is_set;
    p2i_scanner_skip_blanks(scanner);
    size_t begin = scanner->at;
    bool is_text = condition->field.class == CLASS_TEXT && begin == behind_name;
    enum p2i_result result =
        p2i_scanner_take_operator(scanner, condition->name, is_text, &condition->op, &is_set);
    if (result == P2I_OK) {
        result = check_operator(parser, condition, begin);
    }
    if (result != P2I_OK || condition->op == FILTER_EXISTS) {
        return result;
    }
    size_t behind_operator = scanner->at;
    p2i_scanner_skip_blanks(scanner);
    if (is_set) {
        return take_set(parser, condition);
    }
    bool close =
        condition->op == FILTER_EQUAL && begin == behind_name && scanner->at == behind_operator;
    return add_value(parser, condition, close ? VALUE_CLOSE : VALUE_WORD);
}

static enum p2i_result take_condition(struct parser *parser, uint32_t *index)
{
    struct p2i_filter_condition condition = {.operand = parser->filter->operands.count};
    enum p2i_result result = take_field(parser, &condition);
    if (result == P2I_OK) {
        result = take_comparison(parser, &condition);
    }
    struct p2i_filter_condition *added =
        result == P2I_OK ? p2i_filter_append(&parser->filter->conditions, sizeof *added) : NULL;
    if (added == NULL) {
        free(condition.name);
        return result != P2I_OK ? result : p2i_fail_memory(parser->scanner.error);
    }
    *added = condition;
    return new_node(parser, NODE_CONDITION, (uint32_t)(parser->filter->conditions.count - 1),
                    index);
}

/* ---- Joined conditions ---- */

static enum p2i_result take_any(struct parser *parser, uint32_t *index);

static enum p2i_result take_brackets(struct parser *parser, uint32_t *index)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    size_t begin = scanner->at - 1;
    if (parser->depth == P2I_FILTER_DEPTH_MAX) {
        return p2i_scanner_fail(scanner, begin, "more than %d brackets in brackets",
                                P2I_FILTER_DEPTH_MAX);
    }
    parser->depth++;
    enum p2i_result result = take_any(parser, index);
    parser->depth--;
    if (result != P2I_OK || p2i_scanner_take_sign(scanner, ")")) {
        return result;
    }
    return p2i_scanner_is_at_end(scanner)
               ? p2i_scanner_fail(scanner, begin, "the bracket is not closed")
               : p2i_scanner_fail(scanner, scanner->at, "expected 'and', 'or' or ')'");
}

static bool take_not(struct p2i_filter_scanner *scanner)
{
    return p2i_scanner_take_word(scanner, "not") || p2i_scanner_take_sign(scanner, "!");
}

static enum p2i_result take_part(struct parser *parser, uint32_t *index)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    bool negated = false;
    *index = NODE_NONE;
    p2i_scanner_skip_blanks(scanner);
    while (take_not(scanner)) {
        negated = !negated;
        p2i_scanner_skip_blanks(scanner);
    }
    enum p2i_result result = p2i_scanner_take_sign(scanner, "(") ? take_brackets(parser, index)
                                                                 : take_condition(parser, index);
    if (result == P2I_OK) {
        p2i_scanner_skip_blanks(scanner);
    }
    return result == P2I_OK && negated ? new_node(parser, NODE_NOT, *index, index) : result;
}

/* Takes parts of one kind, with a word or sign between them, and sets *index to the node of all. */
static enum p2i_result take_list(struct parser *parser, enum p2i_filter_node_kind kind,
                                 uint32_t *index)
{
    struct p2i_filter_scanner *scanner = &parser->scanner;
    bool all = kind == NODE_AND;
    uint32_t first = NODE_NONE;
    uint32_t last = NODE_NONE;
    do {
        uint32_t part;
        enum p2i_result result =
            all ? take_part(parser, &part) : take_list(parser, NODE_AND, &part);
        if (result != P2I_OK) {
            return result;
        }
        struct p2i_filter_node *nodes = parser->filter->nodes.items;
        if (last == NODE_NONE) {
            first = part;
        } else {
            nodes[last].next = part;
        }
        last = part;
    } while (p2i_scanner_take_word(scanner, all ? "and" : "or") ||
             p2i_scanner_take_sign(scanner, all ? "&&" : "||"));
    *index = first;
    return first == last ? P2I_OK : new_node(parser, kind, first, index);
}

static enum p2i_result take_any(struct parser *parser, uint32_t *index)
{
    return take_list(parser, NODE_OR, index);
}

static enum p2i_result refuse_rest(struct p2i_filter_scanner *scanner)
{
    struct p2i_view found = p2i_scanner_found(scanner);
    if (p2i_view_equals(found, P2I_VIEW(")"))) {
        return p2i_scanner_fail(scanner, scanner->at, "')' without '('");
    }
    if (p2i_view_equals(found, P2I_VIEW("&")) || p2i_view_equals(found, P2I_VIEW("|"))) {
        return p2i_scanner_fail(scanner, scanner->at, "unknown operator '%c'; did you mean '%c%c'?",
                                found.data[0], found.data[0], found.data[0]);
    }
    return p2i_scanner_fail(scanner, scanner->at,
                            "expected 'and' or 'or' before '%.*s'; a value with blanks needs "
                            "quotes",
                            (int)found.size, (const char *)found.data);
}

enum p2i_result p2i_filter_compile(struct p2i_record_filter *filter, uint8_t *text, size_t size,
                                   uint32_t *root, struct p2i_error *error)
{
    struct parser parser = {.filter = filter,
                            .scanner = {.text = text, .size = size, .error = error}};
    enum p2i_result result = take_any(&parser, root);
    if (result == P2I_OK && !p2i_scanner_is_at_end(&parser.scanner)) {
        return refuse_rest(&parser.scanner);
    }
    return result;
}
