/* SPDX-License-Identifier: MIT */
/* Whether a record matches a filter. */
#include "filter/binding.h"

struct evaluation {
    struct p2i_record_filter *filter;
    const struct p2i_filter_binding *binding;
    const struct p2i_read_record *record;
    int rr_type; /* value of RRTYPE; -1: there is none */
    bool failed; /* out of memory */
};

/* Reads an operand whose class was not known before the record came. False: the field cannot have
 * such a value. */
static bool read_open(struct p2i_filter_operand *operand, enum p2i_filter_class class,
                      const struct p2i_filter_condition *condition)
{
    struct p2i_error ignored;
    struct p2i_filter_reference field = condition->field;
    field.class = class;
    return p2i_filter_can_compare(class, condition->op) &&
           p2i_filter_read_operand(operand, &field, condition->name, &ignored) == P2I_OK;
}

/* Whether a value compares as the operator wants it to one of the operands. FILTER_UNEQUAL is that
 * it equals none: the caller negates. */
static bool matches_any(struct evaluation *evaluation, const struct p2i_filter_condition *condition,
                        enum p2i_filter_class class, const struct p2i_filter_value *value)
{
    const struct p2i_filter_operand *operands = evaluation->filter->operands.items;
    enum p2i_filter_operator op = condition->op == FILTER_UNEQUAL ? FILTER_EQUAL : condition->op;
    bool matches = false;
    for (size_t i = 0; i < condition->operand_count && !matches; i++) {
        const struct p2i_filter_operand *operand = &operands[condition->operand + i];
        struct p2i_filter_operand open;
        if (condition->field.class == CLASS_OPEN) {
            open = *operand;
            operand = &open;
            if (!read_open(&open, class, condition)) {
                continue;
            }
        }
        if (!p2i_filter_compare(&evaluation->filter->scratch, class, op, operand, value,
                                &matches)) {
            evaluation->failed = true;
            return false;
        }
    }
    return matches;
}

/* The time of a record without one is that of its message. */
static void set_export_time(const struct p2i_read_record *record, struct p2i_value *value,
                            uint8_t bytes[4])
{
    uint32_t time_s = record->export_time_s;
    for (size_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(time_s >> (24 - 8 * i));
    }
    *value = (struct p2i_value){.id = 322, .size = 4, .data = bytes}; /* observationTimeSeconds */
}

/* Whether one value matches; in *there, whether it counts for FILTER_EXISTS. */
static bool value_matches(struct evaluation *evaluation,
                          const struct p2i_filter_condition *condition,
                          const struct p2i_bound_field *bound, const struct p2i_value *value)
{
    if (condition->op == FILTER_EXISTS) {
        return value->size > 0;
    }
    const struct p2i_filter_value compared = {
        .value = value,
        .type = bound->type,
        .rr_type = evaluation->rr_type,
        .strip_port = condition->field.subject == FILTER_HOST,
    };
    return matches_any(evaluation, condition, bound->class, &compared);
}

/* The two ends, or the one of them that is the client or the server. */
static bool ends_match(struct evaluation *evaluation, const struct p2i_filter_condition *condition,
                       const struct p2i_bound_field *bound, bool *there)
{
    enum p2i_filter_subject subject = condition->field.subject;
    bool matches = false;
    for (size_t i = 0; i < 2 && !matches; i++) {
        bool left_out = false;
        if (subject == FILTER_CLIENT || subject == FILTER_SERVER) {
            bool source = p2i_source_is_server(evaluation->record, &evaluation->binding->parts) ==
                          (subject == FILTER_SERVER);
            left_out = source != (i == 0);
        }
        if (bound->at[i] >= 0 && !left_out) {
            *there = true;
            matches = value_matches(evaluation, condition, bound,
                                    &evaluation->record->values[bound->at[i]]);
        }
    }
    return matches;
}

static bool range_matches(struct evaluation *evaluation,
                          const struct p2i_filter_condition *condition,
                          const struct p2i_bound_field *bound)
{
    const struct p2i_value *values = evaluation->record->values;
    bool matches = false;
    for (int i = bound->at[0]; i <= bound->at[1] && !matches; i++) {
        matches = p2i_filter_same_element(&values[i], &values[bound->at[0]]) &&
                  value_matches(evaluation, condition, bound, &values[i]);
    }
    return matches;
}

static bool kind_matches(const struct evaluation *evaluation,
                         const struct p2i_filter_condition *condition)
{
    const struct p2i_filter_operand *operands = evaluation->filter->operands.items;
    const char *kind = evaluation->binding->parts.kind;
    uint16_t template_id = evaluation->record->template_id;
    bool matches = condition->op == FILTER_EXISTS;
    for (size_t i = 0; i < condition->operand_count && !matches; i++) {
        const struct p2i_filter_operand *operand = &operands[condition->operand + i];
        if (!p2i_filter_is_pattern(operand)) {
            matches = operand->kind.name != NULL
                          ? kind != NULL && strcmp(kind, operand->kind.name) == 0
                          : operand->kind.template_id == template_id;
        } else if (kind != NULL) {
            matches = p2i_filter_text_matches(p2i_view_of(kind, strlen(kind)), operand, true);
        }
    }
    return matches;
}

static bool time_matches(struct evaluation *evaluation,
                         const struct p2i_filter_condition *condition,
                         const struct p2i_bound_field *bound)
{
    uint8_t bytes[4];
    struct p2i_value value;
    struct p2i_bound_field exported = *bound;
    exported.type = P2I_TYPE_SECONDS;
    set_export_time(evaluation->record, &value, bytes);
    return value_matches(evaluation, condition, &exported, &value);
}

static bool condition_matches(struct evaluation *evaluation, uint32_t index)
{
    const struct p2i_filter_condition *conditions = evaluation->filter->conditions.items;
    const struct p2i_filter_condition *condition = &conditions[index];
    const struct p2i_bound_field *bound = &evaluation->binding->fields[index];
    bool there = true;
    bool matches;
    if (condition->field.subject == FILTER_RECORD) {
        matches = kind_matches(evaluation, condition);
    } else if (bound->range) {
        matches = range_matches(evaluation, condition, bound);
    } else if (condition->field.subject == FILTER_TIME && bound->at[0] < 0) {
        matches = time_matches(evaluation, condition, bound);
    } else {
        there = false;
        matches = ends_match(evaluation, condition, bound, &there);
    }
    return there && matches != (condition->op == FILTER_UNEQUAL);
}

/* The tree is not deeper than P2I_FILTER_DEPTH_MAX brackets are. */
static bool node_matches(struct evaluation *evaluation, uint32_t index)
{
    const struct p2i_filter_node *nodes = evaluation->filter->nodes.items;
    const struct p2i_filter_node *node = &nodes[index];
    if (node->kind == NODE_CONDITION) {
        return condition_matches(evaluation, node->first);
    }
    if (node->kind == NODE_NOT) {
        return !node_matches(evaluation, node->first);
    }
    bool decides = node->kind == NODE_OR;
    for (uint32_t part = node->first; part != NODE_NONE; part = nodes[part].next) {
        if (node_matches(evaluation, part) == decides) {
            return decides;
        }
    }
    return !decides;
}

enum p2i_result p2i_filter_evaluate(struct p2i_record_filter *filter,
                                    const struct p2i_reader *reader,
                                    const struct p2i_read_record *record, bool *matches)
{
    *matches = true;
    if (filter->texts.count == 0) {
        return P2I_OK;
    }
    struct evaluation evaluation = {.filter = filter,
                                    .binding = p2i_filter_binding_of(filter, reader, record),
                                    .record = record};
    if (evaluation.binding == NULL) {
        return P2I_INTERNAL;
    }
    int at = evaluation.binding->rr_type;
    evaluation.rr_type = at >= 0 ? (int)(uint16_t)p2i_value_number(p2i_view_of(
                                       record->values[at].data, record->values[at].size))
                                 : -1;
    const struct p2i_filter_text *texts = filter->texts.items;
    for (size_t i = 0; i < filter->texts.count && *matches; i++) {
        *matches = node_matches(&evaluation, texts[i].root);
    }
    return evaluation.failed ? P2I_INTERNAL : P2I_OK;
}
