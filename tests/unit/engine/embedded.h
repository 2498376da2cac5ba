/* SPDX-License-Identifier: MIT */
/* A program that embeds the engine, for tests: frames to feed, and a run that notes all that the
 * callbacks get. */
#ifndef TEST_EMBEDDED_H
#define TEST_EMBEDDED_H

#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/fate.h"

/* ---- frames ---- */

/* Frames with their bytes; start zeroed. */
struct frames {
    struct p2i_engine_frame *list;
    size_t count, capacity;
};

/* Adds a copy of a frame. Its struct_size is set. */
void frames_add(struct frames *frames, struct p2i_engine_frame frame);
/* Adds those of a sample capture ("dns-udp.pcap"), read by libpcap. */
void frames_load(struct frames *frames, const char *sample, uint32_t capture);
/* Adds those of all sample captures that libpcap can read, numbered in the order of
 * sample_paths(). */
void frames_load_all(struct frames *frames);
void frames_free(struct frames *frames);

/* An IPv4 packet between 10.0.0.1 and 10.0.0.2, by default from the first to the second. */
struct sent {
    uint8_t transport; /* 6 or 17 */
    bool back;         /* from the second to the first */
    uint16_t port;     /* of the first; the second has 9999, or `server` */
    uint16_t server;
    uint8_t flags; /* TCP: F 1, S 2, R 4, P 8, A 16 */
    uint32_t sequence, acknowledgement;
    const char *text;    /* payload; NULL: none */
    uint32_t uncaptured; /* bytes of the payload that the snaplen cut */
    uint64_t time_ms;    /* after the first packet */
    size_t text_size;    /* of a payload with zero bytes; 0: up to its NUL */
};
void frames_send(struct frames *frames, struct sent sent);

/* Path of a sample capture; static until the next call. */
const char *sample_path(const char *sample);
/* Paths of the sample captures that libpcap can read; static. */
const char *const *sample_paths(size_t *count);

/* ---- runs ---- */

enum event_kind { RECORD, BEGIN, END, PACKET, LOGGED };

struct event {
    enum event_kind what;
    uint64_t session, packet;
    uint32_t capture;
    bool again;                     /* PACKET */
    enum p2i_record_kind kind;      /* RECORD */
    size_t text, text_size;         /* RECORD, LOGGED: place of JSON or message in the log */
    struct p2i_session_facts facts; /* BEGIN, END; the addresses are not valid */
};

struct run {
    struct p2i_settings *settings;
    struct p2i_engine *engine;
    struct p2i_engine_callbacks callbacks;
    struct p2i_error error;
    struct p2i_buffer log; /* all events as text */
    struct event *events;
    size_t count, capacity;
    enum event_kind stop_kind; /* a callback says stop ... */
    uint64_t stop_at;          /* ... at this event of that kind, counted from 1; 0: never */
    uint64_t of_kind;          /* events of that kind so far */
    size_t after;              /* events after that */
    /* Called for each record; NULL: not. */
    void (*look)(struct run *run, const struct p2i_record *record);
    unsigned looked;
    const char *wrong; /* what look() or a callback did not like; NULL: nothing */
};

/* Makes settings with so many threads, callbacks of all kinds, no engine yet. */
void run_prepare(struct run *run, unsigned threads);
void run_set(struct run *run, const char *key, const char *value);
/* Makes the engine. */
void run_begin(struct run *run);
/* Frees the run; *run is as before run_prepare(). */
void run_end(struct run *run);
/* Feeds frames; all must be taken. */
void run_feed(struct run *run, const struct frames *frames);
/* A finished run of all frames. */
void run_of(struct run *run, unsigned threads, const struct frames *frames);
void run_finish(struct run *run);
/* Asserts that two runs had the same events. */
void run_expect_same(const struct run *run, const struct run *expected, const char *what);
/* The only session that ended. */
const struct p2i_session_facts *run_only_end(const struct run *run);
/* Number of events of a kind. */
size_t run_count(const struct run *run, enum event_kind what);

static const unsigned thread_counts[] = {1, 2, 3, 8};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof *thread_counts };

#endif
