/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/reader.h"
#include "ipfix/wire.h"

#include <stdlib.h>
#include <sys/random.h>

#include "ipfix/capture_names.h"
#include "ipfix/defects.h"
#include "ipfix/element_names.h"
#include "ipfix/file_check.h"
#include "ipfix/list_elements.h"
#include "ipfix/lists.h"
#include "ipfix/reader_input.h"
#include "ipfix/reader_raw.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/utf8.h"
#include "record/decode.h"

enum {
    NETFLOW9_VERSION = 9,
    /* Elements of type records (RFC 5610 section 3). */
    ELEMENT_ID = 303,
    ELEMENT_TYPE = 339,
    ELEMENT_NAME = 341,
    ELEMENT_PEN = 346,
    LISTS_LEARNED_MAX = 1024,               /* each one is a walk over all templates */
    LIVE_TEMPLATE_BYTES = 20 * 1024 * 1024, /* limit for each exporter: there may be many */
};

struct p2i_reader {
    uint64_t id; /* random, so that a reader is not taken for an earlier one at its address */
    struct p2i_reader_input input;
    struct p2i_defects defects;
    struct p2i_templates templates;
    struct p2i_element_names names;
    struct p2i_capture_names captures;
    unsigned lists_learned;
    bool strict;                 /* also checks values and file options */
    struct p2i_file_check check; /* if so */
    uint64_t messages, records;
    struct p2i_reader_losses losses;
    enum p2i_result ended; /* P2I_OK: not yet */
    struct p2i_error end_error;

    /* The current message, set and template. */
    uint32_t export_time_s;
    uint32_t sequence;
    uint32_t message_records;
    bool records_skipped; /* their number is not known */
    struct p2i_domain *domain;
    size_t message_size;
    struct p2i_cursor sets;                   /* the bytes behind the current set */
    struct p2i_cursor set_records;            /* the rest of the current data set */
    const struct p2i_read_template *template; /* NULL: not in a data set */

    const struct p2i_read_template *raw_template; /* of the last record; NULL: there is none */
    struct p2i_view raw_bytes;
    struct p2i_value *values;
    size_t value_capacity;
    uint8_t message[P2I_MESSAGE_MAX];
};

static struct p2i_reader *new_reader(p2i_reader_defect *defect, void *context,
                                     struct p2i_error *error)
{
    struct p2i_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        (void)p2i_fail_memory(error);
        return NULL;
    }
    if (getrandom(&reader->id, sizeof reader->id, 0) < 0) {
        reader->id = (uintptr_t)reader;
    }
    reader->strict = defect != NULL;
    reader->defects.report = defect;
    reader->defects.context = context;
    reader->defects.message = reader->message;
    return reader;
}

enum p2i_result p2i_reader_open(struct p2i_reader **reader, const char *path,
                                p2i_reader_defect *defect, void *context, struct p2i_error *error)
{
    *reader = new_reader(defect, context, error);
    if (*reader == NULL) {
        return P2I_INTERNAL;
    }
    enum p2i_result result = p2i_reader_input_open(&(*reader)->input, path, error);
    if (result != P2I_OK) {
        p2i_reader_close(*reader);
        *reader = NULL;
    }
    return result;
}

struct p2i_reader_input *p2i_reader_input_of(struct p2i_reader *reader)
{
    return &reader->input;
}

enum p2i_result p2i_reader_open_bytes(struct p2i_reader **reader, const void *data, size_t size,
                                      p2i_reader_defect *defect, void *context,
                                      struct p2i_error *error)
{
    *reader = new_reader(defect, context, error);
    if (*reader == NULL) {
        return P2I_INTERNAL;
    }
    (*reader)->input.memory = p2i_view_of(data, size);
    return P2I_OK;
}

void p2i_reader_close(struct p2i_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    p2i_reader_input_close(&reader->input);
    p2i_templates_free(&reader->templates);
    p2i_element_names_free(&reader->names);
    p2i_capture_names_free(&reader->captures);
    free(reader->values);
    free(reader);
}

enum p2i_result p2i_reader_open_messages(struct p2i_reader **reader, p2i_reader_defect *defect,
                                         void *context, struct p2i_error *error)
{
    enum p2i_result result = p2i_reader_open_bytes(reader, NULL, 0, defect, context, error);
    if (result == P2I_OK) {
        (*reader)->templates.bytes_max = LIVE_TEMPLATE_BYTES;
        (*reader)->strict = false;
    }
    return result;
}

void p2i_reader_notes(struct p2i_reader *reader, p2i_reader_defect *note)
{
    reader->defects.note = note;
}

void p2i_reader_feed(struct p2i_reader *reader, struct p2i_view message)
{
    reader->input.memory = message;
    reader->ended = P2I_OK;
}

struct p2i_raw_record p2i_reader_raw(const struct p2i_reader *reader)
{
    if (reader->raw_template == NULL) {
        return (struct p2i_raw_record){.template = NULL};
    }
    return (struct p2i_raw_record){.template = reader->raw_template,
                                   .bytes = reader->raw_bytes,
                                   .domain = reader->domain->id,
                                   .export_time_s = reader->export_time_s,
                                   .templates = reader->domain,
                                   .names = &reader->names,
                                   .serial = reader->templates.serial,
                                   .reader = reader->id};
}

size_t p2i_reader_bytes(const struct p2i_reader *reader)
{
    return reader->templates.bytes_used + reader->names.bytes + reader->captures.bytes +
           reader->captures.count * sizeof *reader->captures.names +
           reader->value_capacity * sizeof *reader->values;
}

struct p2i_reader_losses p2i_reader_losses(const struct p2i_reader *reader)
{
    return reader->losses;
}

struct p2i_reader_counts p2i_reader_counts(const struct p2i_reader *reader)
{
    return (struct p2i_reader_counts){.messages = reader->messages,
                                      .templates = reader->templates.defined,
                                      .records = reader->records,
                                      .defects = reader->defects.count};
}

const char *p2i_reader_element(const struct p2i_reader *reader, uint32_t pen, uint16_t id,
                               int *type)
{
    static const struct p2i_element_names none;
    return p2i_element_name(reader != NULL ? &reader->names : &none, pen, id, type);
}

const char *p2i_reader_capture(const struct p2i_reader *reader, uint64_t number)
{
    return p2i_capture_names_find(&reader->captures, number);
}

/* Ends the reading: p2i_reader_next() returns this result from now on. */
static enum p2i_result end(struct p2i_reader *reader, struct p2i_error *error)
{
    error->offset = reader->defects.message_offset;
    reader->ended = error->code;
    reader->end_error = *error;
    return error->code;
}

static enum p2i_result read_bytes(struct p2i_reader *reader, uint8_t *to, size_t size,
                                  const char *what, struct p2i_error *error)
{
    size_t got = 0;
    enum p2i_result result = p2i_reader_input_read(&reader->input, to, size, &got, error);
    if (result == P2I_OK && got < size) {
        result = p2i_fail(error, P2I_DAMAGED, "truncated: %s needs %zu bytes, the file has %zu",
                          what, size, got);
    }
    return result == P2I_OK ? P2I_OK : end(reader, error);
}

/* Names another format that the file may have. pcap files begin with 0xa1b2c3d4 or 0xa1b23c4d in
 * either byte order, pcapng files with 0x0a0d0d0a. */
static const char *guess(uint16_t version, uint64_t offset)
{
    if (offset == 0 &&
        (version == 0xa1b2 || version == 0xd4c3 || version == 0x4d3c || version == 0x0a0d)) {
        return " (a capture? pcap2ipfix reads those)";
    }
    return version == NETFLOW9_VERSION ? " (NetFlow v9?)" : "";
}

/* Fills reader->message. P2I_END: the file ends at the end of a message. */
static enum p2i_result read_message(struct p2i_reader *reader, size_t *size,
                                    struct p2i_error *error)
{
    size_t got = 0;
    reader->defects.message_offset = reader->input.offset;
    enum p2i_result result =
        p2i_reader_input_read(&reader->input, reader->message, P2I_MESSAGE_HEADER, &got, error);
    if (result == P2I_OK && got == 0) {
        reader->ended = P2I_END;
        if (reader->strict) {
            p2i_file_check_end(&reader->check, &reader->defects);
            p2i_templates_check_end(&reader->templates, &reader->defects);
        }
        return P2I_END;
    }
    uint16_t version = got >= 2 ? p2i_load_be16(reader->message) : P2I_IPFIX_VERSION;
    if (result == P2I_OK && version != P2I_IPFIX_VERSION) {
        result =
            p2i_fail(error, P2I_DAMAGED, "not an IPFIX message: expected version 10, found %u%s",
                     version, guess(version, reader->defects.message_offset));
    } else if (result == P2I_OK && got < P2I_MESSAGE_HEADER) {
        result = p2i_fail(error, P2I_DAMAGED,
                          "truncated: the message header needs 16 bytes, the file has %zu", got);
    }
    if (result != P2I_OK) {
        return end(reader, error);
    }
    *size = p2i_load_be16(reader->message + 2);
    if (*size < P2I_MESSAGE_HEADER) {
        (void)p2i_fail(error, P2I_DAMAGED, "message length %zu is under 16", *size);
        return end(reader, error);
    }
    return read_bytes(reader, reader->message + P2I_MESSAGE_HEADER, *size - P2I_MESSAGE_HEADER,
                      "message", error);
}

static void check_sequence(struct p2i_reader *reader)
{
    struct p2i_domain *domain = reader->domain;
    const uint8_t *where = reader->message + 8;
    uint32_t due = domain->sequence.next;
    uint32_t missing = 0;
    switch (p2i_sequence_begin(&domain->sequence, reader->sequence, &missing)) {
    case P2I_SEQUENCE_DUE:
        break;
    case P2I_SEQUENCE_MIDWAY:
        domain->midway.joined = true;
        p2i_defect_note(
            &reader->defects, where,
            "the stream is joined midway: it begins with sequence number %u (domain %u)",
            reader->sequence, domain->id);
        break;
    default:
        reader->losses.missing_records += missing;
        p2i_defect(&reader->defects, where, "sequence number %u where %u is due (domain %u)",
                   reader->sequence, due, domain->id);
    }
}

/* Sets reader->ended when there is no further message. */
static void begin_message(struct p2i_reader *reader, struct p2i_error *error)
{
    size_t size = 0;
    if (read_message(reader, &size, error) != P2I_OK) {
        return;
    }
    reader->messages++;
    reader->message_records = 0;
    reader->records_skipped = false;
    reader->export_time_s = p2i_load_be32(reader->message + 4);
    reader->sequence = p2i_load_be32(reader->message + 8);
    reader->message_size = size;
    p2i_file_check_message(&reader->check, reader->export_time_s);
    reader->sets =
        p2i_cursor_of(p2i_view_of(reader->message + P2I_MESSAGE_HEADER, size - P2I_MESSAGE_HEADER));
    reader->domain = p2i_templates_domain(&reader->templates, p2i_load_be32(reader->message + 12));
    if (reader->domain != NULL) {
        check_sequence(reader);
    } else if (!reader->templates.out_of_memory) {
        p2i_defect(&reader->defects, reader->message + 12,
                   "too many observation domains: the message is skipped");
        reader->losses.sets++;
        reader->sets = p2i_cursor_of((struct p2i_view){0});
    }
}

static void finish_message(struct p2i_reader *reader)
{
    if (reader->domain != NULL) {
        reader->losses.missing_records -=
            p2i_sequence_end(&reader->domain->sequence, reader->sequence, reader->message_records,
                             reader->records_skipped);
        reader->domain = NULL;
    }
}

/* Counts a set whose records cannot be separated. */
static void lose_set(struct p2i_reader *reader)
{
    reader->losses.sets++;
    reader->records_skipped = true;
}

static void skip_rest_of_message(struct p2i_reader *reader)
{
    reader->sets.rest.size = 0;
    lose_set(reader);
}

static void lose_undefined_set(struct p2i_reader *reader, uint16_t id, const uint8_t *where)
{
    lose_set(reader);
    if (p2i_midway_await(&reader->domain->midway, id)) {
        p2i_defect_note(&reader->defects, where, "data set of template %u, which has not come yet",
                        id);
    } else {
        p2i_defect(&reader->defects, where, "data set of template %u, which is not defined", id);
    }
}

static void begin_data_set(struct p2i_reader *reader, uint16_t id, struct p2i_cursor body,
                           const uint8_t *where)
{
    const struct p2i_read_template *template = p2i_templates_find(reader->domain, id);
    if (template == NULL) {
        lose_undefined_set(reader, id, where);
    } else if (template->shortest == 0) {
        /* Records of 0 bytes would never end. */
        p2i_defect(&reader->defects, where, "data set of template %u, whose records have 0 bytes",
                   id);
        lose_set(reader);
    } else {
        if (body.rest.size < template->shortest) {
            p2i_defect(&reader->defects, where, "data set of template %u without a record", id);
        }
        reader->template = template;
        reader->set_records = body;
    }
}

static void begin_set(struct p2i_reader *reader)
{
    const uint8_t *where = reader->sets.rest.data;
    if (reader->sets.rest.size < P2I_SET_HEADER) {
        p2i_defect(&reader->defects, where, "%zu stray bytes behind the last set",
                   reader->sets.rest.size);
        skip_rest_of_message(reader);
        return;
    }
    uint16_t id = p2i_be16(&reader->sets);
    uint16_t length = p2i_be16(&reader->sets);
    if (length < P2I_SET_HEADER || length - P2I_SET_HEADER > (int)reader->sets.rest.size) {
        p2i_defect(&reader->defects, where, "set %u of length %u does not fit: %zu bytes are left",
                   id, length, reader->sets.rest.size + P2I_SET_HEADER);
        skip_rest_of_message(reader);
        return;
    }
    struct p2i_cursor body = p2i_sub(&reader->sets, length - (size_t)P2I_SET_HEADER);
    if (id == P2I_SET_TEMPLATES || id == P2I_SET_OPTIONS_TEMPLATES) {
        p2i_templates_read(&reader->templates, reader->domain, id, body, &reader->names,
                           &reader->defects);
    } else if (id >= P2I_SET_DATA_FIRST) {
        begin_data_set(reader, id, body, where);
    } else {
        p2i_defect(&reader->defects, where, "set id %u is reserved", id);
    }
}

static bool reserve_values(struct p2i_reader *reader, size_t count)
{
    if (count <= reader->value_capacity) {
        return true;
    }
    struct p2i_value *values = realloc(reader->values, count * sizeof(*values));
    if (values == NULL) {
        return false;
    }
    reader->values = values;
    reader->value_capacity = count;
    return true;
}

/* Rules about single values: RFC 7011 sections 6.1.5 and 6.1.6. */
static void check_value(struct p2i_reader *reader, int type, struct p2i_view value)
{
    if (type == P2I_TYPE_BOOLEAN && value.data[0] != 1 && value.data[0] != 2) {
        p2i_defect(&reader->defects, value.data, "boolean of value %u", value.data[0]);
    }
    if (type == P2I_TYPE_STRING) {
        struct p2i_view rest = value;
        while (rest.size > 0) {
            size_t size = p2i_utf8_sequence(rest);
            if (size == 0) {
                p2i_defect(&reader->defects, rest.data, "string is not UTF-8: byte 0x%02x",
                           rest.data[0]);
                return;
            }
            rest = p2i_view_from(rest, size);
        }
    }
}

static void read_values(struct p2i_reader *reader, struct p2i_cursor *cursor)
{
    const struct p2i_read_template *template = reader->template;
    for (size_t i = 0; i < template->field_count; i++) {
        const struct p2i_read_field *field = &template->fields[i];
        struct p2i_view value = p2i_take_value(cursor, field->length);
        if (cursor->failed) {
            return;
        }
        reader->values[i] = (struct p2i_value){
            .pen = field->pen, .id = field->id, .size = (uint16_t)value.size, .data = value.data};
        if (reader->strict) {
            check_value(reader, field->type, value);
        }
    }
}

static uint64_t number_of(const struct p2i_value *value)
{
    return p2i_value_number(p2i_view_of(value->data, value->size));
}

static const struct p2i_value *find_value(const struct p2i_read_record *record, uint16_t id)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].pen == 0 && record->values[i].id == id) {
            return &record->values[i];
        }
    }
    return NULL;
}

/* RFC 5610: an options record can have the name and type of an element. */
static void learn_element(struct p2i_reader *reader, const struct p2i_read_record *record)
{
    const struct p2i_value *id = find_value(record, ELEMENT_ID);
    const struct p2i_value *name = find_value(record, ELEMENT_NAME);
    if (id == NULL || name == NULL) {
        return;
    }
    const struct p2i_value *pen = find_value(record, ELEMENT_PEN);
    const struct p2i_value *type = find_value(record, ELEMENT_TYPE);
    uint64_t type_number = type != NULL ? number_of(type) : P2I_TYPE_OCTETS;
    uint32_t pen_number = pen != NULL ? (uint32_t)number_of(pen) : 0;
    uint16_t id_number = (uint16_t)(number_of(id) & 0x7fff);
    int before = p2i_element_type(&reader->names, pen_number, id_number);
    (void)p2i_element_learn(&reader->names, pen_number, id_number,
                            type_number <= UINT8_MAX ? (int)type_number : P2I_TYPE_OCTETS,
                            p2i_view_of(name->data, name->size));
    int after = p2i_element_type(&reader->names, pen_number, id_number);
    if (p2i_is_list(after) && !p2i_is_list(before) && reader->lists_learned < LISTS_LEARNED_MAX) {
        reader->lists_learned++;
        p2i_templates_learn_list(&reader->templates, pen_number, id_number, after);
    }
}

static void check_padding(struct p2i_reader *reader)
{
    struct p2i_view rest = reader->set_records.rest;
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] != 0) {
            p2i_defect(&reader->defects, rest.data + i,
                       "data set of template %u with padding that is not zero",
                       reader->template->id);
            return;
        }
    }
}

static const struct p2i_read_template *find_template(void *context, const uint8_t *id)
{
    const struct p2i_reader *reader = context;
    return p2i_templates_find(reader->domain, p2i_load_be16(id));
}

static void on_damaged_list(void *context, const uint8_t *where, const char *text)
{
    struct p2i_reader *reader = context;
    reader->losses.lists++;
    p2i_defect(&reader->defects, where, "%s", text);
}

static void check_lists(struct p2i_reader *reader)
{
    const struct p2i_list_visitor visitor = {find_template, on_damaged_list, reader,
                                             &reader->names};
    p2i_lists_walk(&visitor, reader->raw_template, reader->raw_bytes);
}

/* Reads the next record of the current data set. P2I_END: there is none. */
static enum p2i_result read_record(struct p2i_reader *reader, struct p2i_read_record *record,
                                   struct p2i_error *error)
{
    const struct p2i_read_template *template = reader->template;
    const uint8_t *where = reader->set_records.rest.data;
    if (reader->set_records.rest.size < template->shortest) {
        check_padding(reader);
        reader->template = NULL;
        return P2I_END;
    }
    if (!reserve_values(reader, template->field_count)) {
        (void)p2i_fail_memory(error);
        return end(reader, error);
    }
    read_values(reader, &reader->set_records);
    if (reader->set_records.failed) {
        p2i_defect(&reader->defects, where, "record of template %u is cut by the end of its set",
                   template->id);
        reader->template = NULL;
        lose_set(reader);
        return P2I_END;
    }
    reader->records++;
    reader->message_records++;
    reader->raw_template = template;
    reader->raw_bytes = p2i_view_of(where, (size_t)(reader->set_records.rest.data - where));
    *record = (struct p2i_read_record){.domain = reader->domain->id,
                                       .export_time_s = reader->export_time_s,
                                       .sequence = reader->sequence,
                                       .offset = p2i_defects_offset(&reader->defects, where),
                                       .template_id = template->id,
                                       .options = template->options,
                                       .scope_count = template->scope_count,
                                       .value_count = template->field_count,
                                       .values = reader->values};
    if (template->options) {
        learn_element(reader, record);
        p2i_capture_names_learn(&reader->captures, record);
    }
    if (template->lists) {
        check_lists(reader);
    }
    if (reader->strict) {
        p2i_file_check_record(&reader->check, record,
                              p2i_view_of(reader->message, reader->message_size), &reader->defects);
    }
    return P2I_OK;
}

enum p2i_result p2i_reader_next(struct p2i_reader *reader, struct p2i_read_record *record,
                                struct p2i_error *error)
{
    reader->raw_template = NULL;
    while (reader->ended == P2I_OK) {
        if (reader->templates.out_of_memory || reader->names.out_of_memory ||
            reader->captures.out_of_memory) { /* later records need what was lost */
            (void)p2i_fail_memory(error);
            (void)end(reader, error);
        } else if (reader->template != NULL) {
            enum p2i_result result = read_record(reader, record, error);
            if (result != P2I_END) {
                return result;
            }
        } else if (reader->sets.rest.size > 0) {
            begin_set(reader);
        } else {
            finish_message(reader);
            begin_message(reader, error);
        }
    }
    if (reader->ended != P2I_END) {
        *error = reader->end_error;
    }
    return reader->ended;
}
