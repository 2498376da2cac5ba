/* SPDX-License-Identifier: MIT */
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_SIZE = 64 << 10 };

/* Fields that name no one, or that a rewrite cannot keep. */
static bool is_left_out(const struct p2i_element *element)
{
    static const char *const names[] = {"SESSION_ID", "MAC_SOURCE",   "MAC_DESTINATION",
                                        "RAW_DATA",   "CONTENT_TYPE", "CTYPE",
                                        "METHOD",     "MSG_CODE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(element->name, names[i]) == 0) {
            return element->type == P2I_TYPE_STRING ? strcmp(names[i], "METHOD") != 0 : true;
        }
    }
    return element->type == P2I_TYPE_MAC || element->type == P2I_TYPE_OCTETS;
}

/* Undoes "\\DDD" of names in DNS records, or writes it. Returns the size. */
static size_t unescape(uint8_t *text, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && i + 3 < size && text[i + 1] >= '0' && text[i + 1] <= '9') {
            text[out++] = (uint8_t)((text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 +
                                    (text[i + 3] - '0'));
            i += 3;
        } else {
            text[out++] = text[i];
        }
    }
    return out;
}

static void put_field(const struct lines *lines, char *line, size_t *size,
                      const struct p2i_element *element, const struct p2i_value *value)
{
    uint8_t bytes[8192];
    size_t count = value->size < sizeof bytes ? value->size : sizeof bytes;
    memcpy(bytes, value->data, count);
    if (is_left_out(element) || strncmp(element->name, "postNAT", 7) == 0) {
        return;
    }
    bool text = element->type == P2I_TYPE_STRING;
    bool address = element->type == P2I_TYPE_IPV4 || element->type == P2I_TYPE_IPV6;
    if (lines->strings) {
        for (size_t i = 0; text && i < count; i++) {
            printf("%02x%s", bytes[i], i + 1 == count ? "\n" : "");
        }
        return;
    }
    if (strcmp(element->name, "DOMAIN") == 0) {
        count = unescape(bytes, count);
    }
    if (lines->rewrite != NULL && text) {
        p2i_rewrite_text(lines->rewrite, bytes, count);
    } else if (lines->rewrite != NULL && address) {
        p2i_rewrite_address(lines->rewrite, bytes, count);
    }
    if (text && count > 4000) {
        count = 3000; /* cut by a limit, perhaps in a word */
    }
    *size += (size_t)snprintf(line + *size, LINE_MAX_SIZE - *size, " %s=", element->name);
    for (size_t i = 0; i < count && *size + 8 < LINE_MAX_SIZE; i++) {
        *size += (size_t)(text && bytes[i] >= ' ' ? snprintf(line + *size, 2, "%c", bytes[i])
                                                  : snprintf(line + *size, 4, "%02x", bytes[i]));
    }
}

static bool note_record(void *context, const struct p2i_record *record)
{
    struct lines *lines = context;
    const struct p2i_template *template = p2i_record_template(record);
    char *line = malloc(LINE_MAX_SIZE);
    if (line == NULL) {
        return false;
    }
    size_t size = (size_t)snprintf(line, LINE_MAX_SIZE, "%s packet=%llu%s", template->name,
                                   (unsigned long long)p2i_record_packet(record, NULL),
                                   p2i_record_is_cut(record) ? " cut" : "");
    for (size_t i = 0; i < template->field_count; i++) {
        struct p2i_value value;
        if (p2i_record_field_at(record, i, &value)) {
            put_field(lines, line, &size, template->fields[i].element, &value);
        }
    }
    char *fitting = realloc(line, size + 1);
    line = fitting != NULL ? fitting : line;
    lines->list = grow(lines->list, lines->count, &lines->capacity, sizeof *lines->list);
    lines->list[lines->count++] = line;
    return true;
}

void convert_frames(const struct frames *frames, struct lines *lines, bool flows)
{
    struct p2i_error error;
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks, .context = lines, .record = note_record};
    struct p2i_engine *engine;
    if (p2i_settings_set(settings, "records",
                         flows ? "all" : "clickstream,http_reply,ssl_reply,sip,ftp,im,mail,dns",
                         &error) != P2I_OK ||
        p2i_engine_new(&engine, settings, &callbacks, &error) != P2I_OK) {
        fail("settings", &error);
    }
    for (size_t i = 0; i < frames->count; i++) {
        if (p2i_engine_feed(engine, &frames->list[i], &error) != P2I_OK) {
            fail("feed", &error);
        }
    }
    (void)p2i_engine_finish(engine, &error);
    p2i_engine_free(engine);
    p2i_settings_free(settings);
}

int compare_lines(const struct lines *wanted, const struct lines *found)
{
    int status = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < wanted->count || j < found->count) {
        bool one = i < wanted->count;
        bool other = j < found->count;
        if (one && other && strcmp(wanted->list[i], found->list[j]) == 0) {
            i++;
            j++;
            continue;
        }
        status = 1;
        bool pairs = one && other &&
                     strncmp(wanted->list[i], found->list[j], strcspn(wanted->list[i], "=")) == 0;
        if (one) {
            printf("-%s\n", wanted->list[i++]);
        }
        if (pairs || !one) {
            printf("+%s\n", found->list[j++]);
        }
    }
    return status;
}

void free_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->list[i]);
    }
    free(lines->list);
}
