/* SPDX-License-Identifier: MIT */
/* IPFIX messages that tests build byte by byte, and what a reader made of them. */
#ifndef P2I_TESTS_IPFIX_WIRE_H
#define P2I_TESTS_IPFIX_WIRE_H

#include "ipfix/reader_raw.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/view.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { ROOM = 1 << 20, DEFECTS = 64, DOMAIN = 7, TIME = 1700000000 };

/* Messages that are built byte by byte; lengths are filled in when a part is closed. */
struct wire {
    uint8_t bytes[ROOM];
    size_t size, message, set;
};

static struct wire wire;

struct seen {
    struct p2i_reader *reader;
    struct p2i_error error;
    enum p2i_result result;
    size_t defect_count;
    char defects[DEFECTS][256];
    uint64_t offsets[DEFECTS];
    size_t note_count;
    char notes[1024]; /* the first ones, one behind the other */
    struct p2i_reader_counts counts;
    struct p2i_reader_losses losses;
    uint64_t checksum; /* of all values, so that every byte is touched */
};

static struct seen seen;

static inline void u8(unsigned value)
{
    wire.bytes[wire.size++] = (uint8_t)value;
}

static inline void u16(unsigned value)
{
    u8(value >> 8);
    u8(value & 255);
}

static inline void u32(uint32_t value)
{
    u16(value >> 16);
    u16(value & 0xffff);
}

static inline void octets(const void *data, size_t size)
{
    memcpy(wire.bytes + wire.size, data, size);
    wire.size += size;
}

static inline void text(const char *string)
{
    u8((unsigned)strlen(string));
    octets(string, strlen(string));
}

static inline void set_u16(size_t at, size_t value)
{
    wire.bytes[at] = (uint8_t)(value >> 8);
    wire.bytes[at + 1] = (uint8_t)value;
}

static inline void begin_message(uint32_t sequence)
{
    wire.message = wire.size;
    u16(10);
    u16(16);
    u32(TIME);
    u32(sequence);
    u32(DOMAIN);
}

static inline void begin_set(unsigned id)
{
    wire.set = wire.size;
    u16(id);
    u16(0);
}

static inline void end_set(void)
{
    set_u16(wire.set + 2, wire.size - wire.set);
    set_u16(wire.message + 2, wire.size - wire.message);
}

/* Template 256: octetDeltaCount in 4 bytes, and a string of ours. */
static inline void put_template(void)
{
    begin_set(2);
    u16(256);
    u16(2);
    u16(1);
    u16(4);
    u16(0x8000 | 1005);
    u16(65535);
    u32(P2I_PEN);
    end_set();
}

static inline void put_record(uint32_t number, const char *host)
{
    u32(number);
    text(host);
}

static inline void put_data(uint32_t number, const char *host)
{
    begin_set(256);
    put_record(number, host);
    end_set();
}

static inline void start(void)
{
    memset(&wire, 0, sizeof(wire));
    begin_message(0);
}

static inline void on_defect(void *context, uint64_t offset, const char *message)
{
    struct seen *s = context;
    if (s->defect_count < DEFECTS) {
        s->offsets[s->defect_count] = offset;
        (void)snprintf(s->defects[s->defect_count], sizeof(s->defects[0]), "%s", message);
    }
    s->defect_count++;
}

static inline void on_note(void *context, uint64_t offset, const char *message)
{
    struct seen *s = context;
    size_t size = strlen(s->notes);
    (void)offset;
    (void)snprintf(s->notes + size, sizeof(s->notes) - size, "%s\n", message);
    s->note_count++;
}

static inline void open_bytes(const void *data, size_t size)
{
    memset(&seen, 0, sizeof(seen));
    seen.result = p2i_reader_open_bytes(&seen.reader, data, size, on_defect, &seen, &seen.error);
    cr_assert_eq(seen.result, P2I_OK);
    p2i_reader_notes(seen.reader, on_note);
}

static inline bool next(struct p2i_read_record *record)
{
    seen.result = p2i_reader_next(seen.reader, record, &seen.error);
    seen.counts = p2i_reader_counts(seen.reader);
    seen.losses = p2i_reader_losses(seen.reader);
    for (size_t i = 0; seen.result == P2I_OK && i < record->value_count; i++) {
        for (size_t j = 0; j < record->values[i].size; j++) {
            seen.checksum = seen.checksum * 31 + record->values[i].data[j];
        }
    }
    return seen.result == P2I_OK;
}

static inline void done(void)
{
    p2i_reader_close(seen.reader);
    seen.reader = NULL;
}

/* Reads all to the end, from a copy of exactly that size, so that ASan sees each byte too many. */
static inline void read_all_of(const void *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    cr_assert_not_null(copy);
    memcpy(copy, data, size);
    open_bytes(copy, size);
    struct p2i_read_record record;
    while (next(&record)) {
    }
    done();
    free(copy);
}

static inline void read_all(void)
{
    read_all_of(wire.bytes, wire.size);
}

static inline void expect_defect(const char *part)
{
    cr_assert_eq(seen.defect_count, 1, "%zu defects, first: %s", seen.defect_count,
                 seen.defects[0]);
    cr_assert_not_null(strstr(seen.defects[0], part), "%s", seen.defects[0]);
    cr_assert_eq(seen.counts.defects, 1);
}

static inline void expect_clean(unsigned records)
{
    cr_assert_eq(seen.defect_count, 0, "%s", seen.defects[0]);
    cr_assert_eq(seen.result, P2I_END);
    cr_assert_eq(seen.counts.records, records, "%u", (unsigned)seen.counts.records);
}

static inline void put_type_template(void)
{
    begin_set(3);
    u16(300);
    u16(4);
    u16(2);
    u16(346);
    u16(4);
    u16(303);
    u16(2);
    u16(339);
    u16(1);
    u16(341);
    u16(65535);
    end_set();
}

static inline void put_type(uint32_t pen, unsigned id, unsigned type, const char *name)
{
    begin_set(300);
    u32(pen);
    u16(id);
    u8(type);
    text(name);
    end_set();
}

#endif
