/* SPDX-License-Identifier: MIT */
#include "cli/safe_text.h"

#include <string.h>

#include "pcap2ipfix/utf8.h"

static void print_bytes(FILE *out, const char *before, struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        fprintf(out, "%s%02x", before, bytes.data[i]);
    }
}

void p2i_print_safe(FILE *out, const char *text)
{
    struct p2i_view rest = p2i_view_of(text, strlen(text));
    while (rest.size > 0) {
        size_t size = p2i_utf8_sequence(rest);
        size_t unsafe = size > 0 ? p2i_utf8_control(rest) : 1;
        if (unsafe > 0) {
            print_bytes(out, "\\x", p2i_view_first(rest, unsafe));
        } else {
            (void)fwrite(rest.data, 1, size, out);
        }
        rest = p2i_view_from(rest, unsafe > 0 ? unsafe : size);
    }
}

/* The code point of a UTF-8 sequence of `size` bytes. */
static unsigned number_of(const uint8_t *bytes, size_t size)
{
    unsigned number = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        number = number << 6 | (bytes[i] & 0x3fU);
    }
    return number;
}

void p2i_print_json_string(FILE *out, const char *text)
{
    struct p2i_view rest = p2i_view_of(text, strlen(text));
    fputc('"', out);
    while (rest.size > 0) {
        size_t size = p2i_utf8_sequence(rest);
        if (size == 0) {
            size = 1;
            print_bytes(out, "\\\\x", p2i_view_first(rest, size));
        } else if (p2i_utf8_control(rest) > 0) {
            fprintf(out, "\\u%04x", number_of(rest.data, size));
        } else {
            fputs(rest.data[0] == '"' || rest.data[0] == '\\' ? "\\" : "", out);
            (void)fwrite(rest.data, 1, size, out);
        }
        rest = p2i_view_from(rest, size);
    }
    fputc('"', out);
}
