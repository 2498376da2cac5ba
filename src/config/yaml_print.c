/* SPDX-License-Identifier: MIT */
#include "config/yaml_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "pcap2ipfix/utf8.h"

struct p2i_yaml_printer {
    yaml_emitter_t emitter;
    FILE *file;
    unsigned depth;
    bool not_utf8; /* a text was not UTF-8 */
    bool out_of_memory;
    bool failed;
    int system_error;
};

static int write_bytes(void *context, unsigned char *bytes, size_t size)
{
    struct p2i_yaml_printer *printer = context;
    if (fwrite(bytes, 1, size, printer->file) == size) {
        return 1;
    }
    printer->system_error = errno;
    return 0;
}

/* `made`: result of yaml_*_event_initialize(). */
static void emit(struct p2i_yaml_printer *printer, yaml_event_t *event, int made)
{
    if (made == 0) {
        printer->out_of_memory = true;
    } else if (printer->failed || printer->not_utf8 || printer->out_of_memory) {
        yaml_event_delete(event);
    } else if (yaml_emitter_emit(&printer->emitter, event) == 0) {
        printer->failed = true;
        printer->out_of_memory = printer->emitter.error == YAML_MEMORY_ERROR;
    }
}

struct p2i_yaml_printer *p2i_yaml_printer_new(FILE *file)
{
    struct p2i_yaml_printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL || yaml_emitter_initialize(&printer->emitter) == 0) {
        free(printer);
        return NULL;
    }
    printer->file = file;
    yaml_emitter_set_output(&printer->emitter, write_bytes, printer);
    yaml_emitter_set_unicode(&printer->emitter, 1);
    yaml_emitter_set_width(&printer->emitter, -1); /* lines are not folded */
    yaml_event_t event;
    emit(printer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(printer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    return printer;
}

/* The outermost map has a line for each key; inner maps and lists stay on that line. */
void p2i_yaml_open_map(struct p2i_yaml_printer *printer)
{
    yaml_event_t event;
    yaml_mapping_style_t style =
        printer->depth++ == 0 ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE;
    emit(printer, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style));
}

void p2i_yaml_close_map(struct p2i_yaml_printer *printer)
{
    yaml_event_t event;
    printer->depth--;
    emit(printer, &event, yaml_mapping_end_event_initialize(&event));
}

void p2i_yaml_open_list(struct p2i_yaml_printer *printer)
{
    yaml_event_t event;
    printer->depth++;
    emit(printer, &event,
         yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_FLOW_SEQUENCE_STYLE));
}

void p2i_yaml_close_list(struct p2i_yaml_printer *printer)
{
    yaml_event_t event;
    printer->depth--;
    emit(printer, &event, yaml_sequence_end_event_initialize(&event));
}

static bool is_utf8(const char *text)
{
    struct p2i_view rest = p2i_view_of(text, strlen(text));
    size_t size = 1;
    while (rest.size > 0 && size > 0) {
        size = p2i_utf8_sequence(rest);
        rest = p2i_view_from(rest, size);
    }
    return rest.size == 0;
}

static void print_scalar(struct p2i_yaml_printer *printer, const char *text,
                         yaml_scalar_style_t style)
{
    yaml_event_t event;
    if (!is_utf8(text)) {
        printer->not_utf8 = true;
        return;
    }
    emit(printer, &event,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                      (int)strlen(text), 1, 1, style));
}

void p2i_yaml_print_word(struct p2i_yaml_printer *printer, const char *word)
{
    print_scalar(printer, word, YAML_PLAIN_SCALAR_STYLE);
}

void p2i_yaml_print_text(struct p2i_yaml_printer *printer, const char *text)
{
    print_scalar(printer, text, YAML_SINGLE_QUOTED_SCALAR_STYLE);
}

void p2i_yaml_print_number(struct p2i_yaml_printer *printer, uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    p2i_yaml_print_word(printer, text);
}

enum p2i_result p2i_yaml_printer_end(struct p2i_yaml_printer *printer, struct p2i_error *error)
{
    yaml_event_t event;
    enum p2i_result result = P2I_OK;
    emit(printer, &event, yaml_document_end_event_initialize(&event, 1));
    emit(printer, &event, yaml_stream_end_event_initialize(&event));
    if (printer->not_utf8) {
        result = p2i_fail(error, P2I_USAGE, "a text is not UTF-8: YAML cannot hold it");
    } else if (printer->out_of_memory) {
        result = p2i_fail_memory(error);
    } else if (printer->failed || fflush(printer->file) != 0) {
        int system_error = printer->system_error != 0 ? printer->system_error : errno;
        result = p2i_fail(error, P2I_OUTPUT, "cannot write");
        error->system_error = system_error;
    }
    yaml_emitter_delete(&printer->emitter);
    free(printer);
    return result;
}
