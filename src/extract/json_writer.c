/* SPDX-License-Identifier: MIT */
#include "extract/json_writer.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/utf8.h"

enum { LINES_TO = 2 }; /* members of deeper brackets stand on one line */

static void put(struct p2i_json_writer *writer, const char *text)
{
    writer->failed |= !p2i_append(&writer->text, p2i_view_of(text, strlen(text)));
}

static void put_string(struct p2i_json_writer *writer, const char *text)
{
    size_t size = strlen(text);
    bool escaped;
    bool cut;
    uint8_t *clean = malloc(4 * size + 1);
    if (clean == NULL) {
        writer->failed = true;
        return;
    }
    size_t used = p2i_utf8_clean(p2i_view_of(text, size), clean, 4 * size, &escaped, &cut);
    writer->failed |= !p2i_format_json(&writer->text, P2I_TYPE_STRING, P2I_SEMANTICS_DEFAULT,
                                       p2i_view_of(clean, used));
    free(clean);
}

static void begin(struct p2i_json_writer *writer, const char *name)
{
    if (writer->behind) {
        put(writer, ",");
    }
    if (writer->depth > 0 && writer->depth <= LINES_TO) {
        put(writer, writer->depth == 1 ? "\n " : "\n  ");
    } else if (writer->behind) {
        put(writer, " ");
    }
    if (name != NULL) {
        put_string(writer, name);
        put(writer, ": ");
    }
    writer->behind = true;
}

void p2i_json_open(struct p2i_json_writer *writer, const char *name, char bracket)
{
    begin(writer, name);
    put(writer, bracket == '{' ? "{" : "[");
    writer->depth++;
    writer->behind = false;
}

void p2i_json_close(struct p2i_json_writer *writer, char bracket)
{
    writer->depth--;
    if (writer->behind && writer->depth < LINES_TO) {
        put(writer, writer->depth == 0 ? "\n" : "\n ");
    }
    put(writer, bracket == '}' ? "}" : "]");
    writer->behind = true;
}

void p2i_json_put_text(struct p2i_json_writer *writer, const char *name, const char *text)
{
    if (text != NULL) {
        begin(writer, name);
        put_string(writer, text);
    }
}

void p2i_json_put_number(struct p2i_json_writer *writer, const char *name, uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    begin(writer, name);
    put(writer, text);
}

void p2i_json_put_bool(struct p2i_json_writer *writer, const char *name, bool value)
{
    begin(writer, name);
    put(writer, value ? "true" : "false");
}

void p2i_json_put_time(struct p2i_json_writer *writer, const char *name, uint64_t time_ns)
{
    enum { NS_PER_S = 1000000000 };
    time_t seconds = (time_t)(time_ns / NS_PER_S);
    struct tm parts;
    char text[64];
    if (gmtime_r(&seconds, &parts) != NULL) {
        size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
        (void)snprintf(text + size, sizeof text - size, ".%09uZ", (unsigned)(time_ns % NS_PER_S));
        p2i_json_put_text(writer, name, text);
    }
}

void p2i_json_put_address(struct p2i_json_writer *writer, const char *name, const uint8_t *address,
                          unsigned ip_version)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(ip_version == 4 ? AF_INET : AF_INET6, address, text, sizeof text) != NULL) {
        p2i_json_put_text(writer, name, text);
    }
}
