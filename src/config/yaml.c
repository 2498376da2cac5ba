/* SPDX-License-Identifier: MIT */
#include "config/yaml.h"

#include <string.h>
#include <yaml.h>

/* An open list or map, or the document. */
struct open {
    struct p2i_yaml *node;  /* NULL: the document */
    struct p2i_yaml **tail; /* place of the next node */
    const char *name;       /* of a map: key whose value comes next */
    uint64_t name_line;
};

struct building {
    struct p2i_arena *arena;
    struct p2i_error *error;
    struct p2i_yaml *root; /* NULL: no node yet */
    struct open open[P2I_YAML_DEPTH_MAX + 1];
    struct open *top; /* the innermost */
    size_t nodes;
    bool had_document;
};

static enum p2i_result fail_at(struct building *building, const yaml_event_t *event,
                               const char *text)
{
    (void)p2i_fail(building->error, P2I_USAGE, "%s", text);
    building->error->line = (uint64_t)event->start_mark.line + 1;
    return P2I_USAGE;
}

static enum p2i_result take_key(struct building *building, const yaml_event_t *event)
{
    struct open *map = building->top;
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    if (memchr(text, '\0', size) != NULL) {
        return fail_at(building, event, "a NUL in a key");
    }
    for (const struct p2i_yaml *at = map->node->first; at != NULL; at = at->next) {
        if (strcmp(at->name, text) == 0) {
            (void)p2i_fail(building->error, P2I_USAGE, "%.80s: duplicate key, first in line %llu",
                           text, (unsigned long long)at->name_line);
            building->error->line = (uint64_t)event->start_mark.line + 1;
            return P2I_USAGE;
        }
    }
    map->name = p2i_arena_text(building->arena, text, size);
    map->name_line = (uint64_t)event->start_mark.line + 1;
    return map->name != NULL ? P2I_OK : p2i_fail_memory(building->error);
}

static void attach(struct open *parent, struct p2i_yaml *node)
{
    node->name = parent->name;
    node->name_line = parent->name_line;
    parent->name = NULL;
    *parent->tail = node;
    parent->tail = &node->next;
    if (parent->node != NULL) {
        parent->node->count++;
    }
}

static enum p2i_result take_node(struct building *building, const yaml_event_t *event,
                                 enum p2i_yaml_type type)
{
    if (building->nodes++ >= P2I_YAML_NODES_MAX) {
        return fail_at(building, event, "too many values");
    }
    struct p2i_yaml *node = p2i_arena_take(building->arena, sizeof *node);
    if (node == NULL) {
        return p2i_fail_memory(building->error);
    }
    node->type = type;
    node->line = (uint64_t)event->start_mark.line + 1;
    if (type == P2I_YAML_SCALAR) {
        const char *text = (const char *)event->data.scalar.value;
        size_t size = event->data.scalar.length;
        if (memchr(text, '\0', size) != NULL) {
            return fail_at(building, event, "a NUL in a text");
        }
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        node->text = p2i_arena_text(building->arena, text, size);
        if (node->text == NULL) {
            return p2i_fail_memory(building->error);
        }
    } else if (building->top == &building->open[P2I_YAML_DEPTH_MAX]) {
        return fail_at(building, event, "too deep");
    }
    attach(building->top, node);
    if (type != P2I_YAML_SCALAR) {
        *++building->top = (struct open){.node = node, .tail = &node->first};
    }
    return P2I_OK;
}

static bool is_key_next(const struct building *building)
{
    const struct open *top = building->top;
    return top->node != NULL && top->node->type == P2I_YAML_MAP && top->name == NULL;
}

static enum p2i_result take_value(struct building *building, const yaml_event_t *event,
                                  enum p2i_yaml_type type, const yaml_char_t *anchor,
                                  const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return fail_at(building, event, "anchors (&name) are not allowed");
    }
    if (tag != NULL) {
        return fail_at(building, event, "tags (!name) are not allowed");
    }
    if (!is_key_next(building)) {
        return take_node(building, event, type);
    }
    if (type != P2I_YAML_SCALAR) {
        return fail_at(building, event, "a key cannot be a list or a map");
    }
    return take_key(building, event);
}

static enum p2i_result take_event(struct building *building, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (building->had_document) {
            return fail_at(building, event, "a second document begins here");
        }
        building->had_document = true;
        return P2I_OK;
    case YAML_ALIAS_EVENT:
        return fail_at(building, event, "aliases (*name) are not allowed");
    case YAML_SCALAR_EVENT:
        return take_value(building, event, P2I_YAML_SCALAR, event->data.scalar.anchor,
                          event->data.scalar.tag);
    case YAML_SEQUENCE_START_EVENT:
        return take_value(building, event, P2I_YAML_LIST, event->data.sequence_start.anchor,
                          event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return take_value(building, event, P2I_YAML_MAP, event->data.mapping_start.anchor,
                          event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        building->top -= building->top > building->open;
        return P2I_OK;
    default:
        return P2I_OK;
    }
}

static uint64_t line_of(const char *bytes, size_t size, size_t offset)
{
    uint64_t line = 1;
    for (size_t i = 0; i < offset && i < size; i++) {
        line += bytes[i] == '\n';
    }
    return line;
}

/* Fills the error from the state of libyaml. */
static enum p2i_result explain(const yaml_parser_t *parser, const char *bytes, size_t size,
                               struct p2i_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return p2i_fail_memory(error);
    }
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";
    if (parser->error == YAML_READER_ERROR) {
        (void)p2i_fail(error, P2I_USAGE, "broken YAML: %s", problem);
        error->line = line_of(bytes, size, parser->problem_offset);
        return P2I_USAGE;
    }
    (void)p2i_fail(error, P2I_USAGE, "broken YAML: %s%s%s, in column %zu",
                   parser->context != NULL ? parser->context : "",
                   parser->context != NULL ? ", " : "", problem, parser->problem_mark.column + 1);
    error->line = (uint64_t)parser->problem_mark.line + 1;
    return P2I_USAGE;
}

enum p2i_result p2i_yaml_read(struct p2i_yaml **root, struct p2i_arena *arena, const char *bytes,
                              size_t size, struct p2i_error *error)
{
    yaml_parser_t parser;
    if (size > P2I_YAML_BYTES_MAX) {
        return p2i_fail(error, P2I_USAGE, "more than %d bytes", P2I_YAML_BYTES_MAX);
    }
    if (yaml_parser_initialize(&parser) == 0) {
        return p2i_fail_memory(error);
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    struct building building = {.arena = arena, .error = error};
    building.open[0].tail = &building.root;
    building.top = building.open;
    enum p2i_result result = P2I_OK;
    bool ended = false;
    while (result == P2I_OK && !ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            result = explain(&parser, bytes, size, error);
        } else {
            result = take_event(&building, &event);
            ended = event.type == YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    if (result == P2I_OK && building.root == NULL) {
        building.root = p2i_arena_take(arena, sizeof *building.root);
        if (building.root == NULL) {
            return p2i_fail_memory(error);
        }
        *building.root = (struct p2i_yaml){.type = P2I_YAML_MAP, .line = 1};
    }
    *root = building.root;
    return result;
}
