/* SPDX-License-Identifier: MIT */
#include "export/dns_log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/put.h"
#include "export/output_file.h"
#include "pcap2ipfix/values.h"
#include "record/decode.h"
#include "record/dns_rdata.h"

enum {
    COLUMNS_MAX = 32,
    ESCAPE_MAX = 4, /* longest escape of a byte: \xHH, \DDD */
    ID_RRTYPE = 3203,
};

enum form {
    FORM_PLAIN, /* a number or an address */
    FORM_TEXT,
    FORM_NAME,  /* in presentation form already */
    FORM_SIZE,  /* of the field */
    FORM_RDATA, /* by the type of the record */
};

struct column {
    const char *name;
    uint16_t ids[2]; /* of the field, in IPv4 and IPv6 records */
    enum form form;
};

/* clang-format off */
static const struct column columns[] = {
    {"ts", {1001, 1001}, FORM_PLAIN},
    {"ssid", {2000, 2000}, FORM_PLAIN},
    {"login", {1002, 1002}, FORM_TEXT},
    {"ipsrc", {1003, 1103}, FORM_PLAIN},
    {"ipdst", {1004, 1104}, FORM_PLAIN},
    {"psrc", {1013, 1013}, FORM_PLAIN},
    {"pdst", {1014, 1014}, FORM_PLAIN},
    {"transport", {3200, 3200}, FORM_PLAIN},
    {"host", {3201, 3201}, FORM_NAME},
    {"rrtype", {ID_RRTYPE, ID_RRTYPE}, FORM_PLAIN},
    {"rrclass", {3202, 3202}, FORM_PLAIN},
    {"ttl", {3204, 3204}, FORM_PLAIN},
    {"rdlen", {3205, 3205}, FORM_SIZE},
    {"rdata", {3205, 3205}, FORM_RDATA},
};
/* clang-format on */
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

/* The columns that a format names. */
struct row {
    const struct column *columns[COLUMNS_MAX];
    size_t count;
};

struct dns_log {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct row row;
    struct p2i_output_file *output;
    struct p2i_buffer line;
};

static const struct column *find_column(struct p2i_view name)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (p2i_view_equals(name, p2i_view_of(columns[i].name, strlen(columns[i].name)))) {
            return &columns[i];
        }
    }
    return NULL;
}

static enum p2i_result read_format(struct row *row, const char *format, struct p2i_error *error)
{
    struct p2i_view rest = p2i_view_of(format, strlen(format));
    row->count = 0;
    for (bool more = true; more;) {
        size_t size = p2i_view_find(rest, ':');
        const struct column *column = find_column(p2i_view_first(rest, size));
        if (column == NULL) {
            return p2i_fail(error, P2I_USAGE, "the DNS log has no column '%.*s'",
                            size < 80 ? (int)size : 80, (const char *)rest.data);
        }
        if (row->count == COLUMNS_MAX) {
            return p2i_fail(error, P2I_USAGE, "the DNS log has more than %d columns", COLUMNS_MAX);
        }
        row->columns[row->count++] = column;
        more = size < rest.size;
        rest = p2i_view_from(rest, size + 1);
    }
    return P2I_OK;
}

static enum p2i_result check_folder(const char *folder, struct p2i_error *error)
{
    struct stat status;
    bool there = stat(folder, &status) == 0;
    if (there && S_ISDIR(status.st_mode) && access(folder, W_OK | X_OK) == 0) {
        return P2I_OK;
    }
    int system_error = there && !S_ISDIR(status.st_mode) ? ENOTDIR : errno;
    (void)p2i_fail(error, P2I_OUTPUT, "cannot write the DNS log there");
    error->file = folder;
    error->system_error = system_error;
    return P2I_OUTPUT;
}

/* True when the byte belongs to a control character: C0, DEL, or C1, which is c2 80 to c2 9f in
 * UTF-8. */
static bool is_control(struct p2i_view text, size_t i)
{
    uint8_t byte = text.data[i];
    uint8_t before = i > 0 ? text.data[i - 1] : 0;
    uint8_t behind = i + 1 < text.size ? text.data[i + 1] : 0;
    return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && behind >= 0x80 && behind < 0xa0) ||
           (before == 0xc2 && byte >= 0x80 && byte < 0xa0);
}

static bool append_text(struct p2i_buffer *line, struct p2i_view text)
{
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    if (!p2i_buffer_reserve(line, ESCAPE_MAX * text.size + 1)) { /* there is memory in any case */
        return false;
    }
    uint8_t *to = line->data + line->size;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte < sizeof letters && letters[byte] != 0) {
            *to++ = '\\';
            *to++ = (uint8_t)letters[byte];
        } else if (is_control(text, i)) {
            to = p2i_put_hex_escape(to, byte);
        } else {
            *to++ = byte;
        }
    }
    line->size = (size_t)(to - line->data);
    return true;
}

/* The parser gives printable ASCII; any other byte becomes \DDD, as it does there. */
static bool append_name(struct p2i_buffer *line, struct p2i_view name)
{
    if (!p2i_buffer_reserve(line, ESCAPE_MAX * name.size + 1)) {
        return false;
    }
    uint8_t *to = line->data + line->size;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        if (byte > 0x20 && byte < 0x7f) {
            *to++ = byte;
        } else {
            *to++ = '\\';
            *to++ = (uint8_t)('0' + byte / 100);
            *to++ = (uint8_t)('0' + byte / 10 % 10);
            *to++ = (uint8_t)('0' + byte % 10);
        }
    }
    line->size = (size_t)(to - line->data);
    return true;
}

static bool append_size(struct p2i_buffer *line, size_t size)
{
    uint8_t bytes[4];
    (void)p2i_put32(bytes, (uint32_t)size);
    return p2i_format_text(line, P2I_TYPE_UNSIGNED32, p2i_view_of(bytes, sizeof bytes));
}

/* The values of a record by its template. */
struct decoded {
    const struct p2i_template *of;
    struct p2i_view values[P2I_FIELDS_MAX];
};

static bool append_column(struct p2i_buffer *line, const struct column *column,
                          const struct decoded *record)
{
    const struct p2i_template *of = record->of;
    size_t at = p2i_field_index(of, P2I_PEN, column->ids[of->ip_version == 6]);
    struct p2i_view value = record->values[at];
    switch (column->form) {
    case FORM_TEXT:
        return append_text(line, value);
    case FORM_NAME:
        return append_name(line, value);
    case FORM_SIZE:
        return append_size(line, value.size);
    case FORM_RDATA: {
        struct p2i_view rr_type = record->values[p2i_field_index(of, P2I_PEN, ID_RRTYPE)];
        return p2i_dns_rdata_text(line, (uint16_t)p2i_value_number(rr_type), value);
    }
    case FORM_PLAIN:
        break;
    }
    int type = of->fields[at].element->type;
    /* Seconds since 1970, as in the record. */
    return p2i_format_text(line, type == P2I_TYPE_SECONDS ? P2I_TYPE_UNSIGNED32 : type, value);
}

static bool append_line(struct dns_log *log, const struct decoded *record)
{
    bool done = true;
    log->line.size = 0;
    for (size_t i = 0; done && i < log->row.count; i++) {
        done = (i == 0 || p2i_append(&log->line, P2I_VIEW("\t"))) &&
               append_column(&log->line, log->row.columns[i], record);
    }
    return done && p2i_append(&log->line, P2I_VIEW("\n"));
}

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct dns_log *log = (struct dns_log *)exporter;
    struct decoded decoded = {.of = p2i_template_of_record(record)};
    if (record->kind != P2I_RECORD_DNS ||
        p2i_decode_record(decoded.of, record->bytes, decoded.values) == 0) {
        return p2i_fail(error, P2I_INTERNAL, "a record does not belong to the DNS log");
    }
    if (!append_line(log, &decoded)) {
        return p2i_fail_memory(error);
    }
    exporter->records_written++;
    exporter->bytes_written += log->line.size;
    return p2i_output_file_write(log->output, p2i_view_of(log->line.data, log->line.size), error);
}

static enum p2i_result finish(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error)
{
    (void)time_s;
    return p2i_output_file_finish(((struct dns_log *)exporter)->output, error);
}

static void free_log(struct p2i_exporter *exporter)
{
    struct dns_log *log = (struct dns_log *)exporter;
    if (log != NULL) {
        p2i_output_file_free(log->output);
        p2i_buffer_free(&log->line);
        free(log);
    }
}

static const struct p2i_exporter_methods methods = {write_record, finish, free_log};

enum p2i_result p2i_dns_log_check(const struct p2i_dns_log_settings *settings,
                                  struct p2i_error *error)
{
    struct row row;
    enum p2i_result result = read_format(&row, settings->format, error);
    return result == P2I_OK ? check_folder(settings->folder, error) : result;
}

enum p2i_result p2i_dns_log_open(struct p2i_exporter **exporter, const char *path,
                                 const char *format, const struct p2i_output_rules *rules,
                                 struct p2i_error *error)
{
    *exporter = NULL;
    struct dns_log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        return p2i_fail_memory(error);
    }
    log->exporter.methods = &methods;
    enum p2i_result result = read_format(&log->row, format, error);
    if (result == P2I_OK) {
        struct p2i_output_rules new_file = rules != NULL ? *rules : (struct p2i_output_rules){0};
        new_file.must_be_new = true;
        result = p2i_output_file_open_by(&log->output, path, &new_file, error);
    }
    if (result != P2I_OK) {
        free_log(&log->exporter);
        return result;
    }
    *exporter = &log->exporter;
    return P2I_OK;
}
