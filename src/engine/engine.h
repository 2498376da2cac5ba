/* SPDX-License-Identifier: MIT */
/* Parts of the engine that p2i_convert() uses beside pcap2ipfix/engine.h: captures are opened
 * before the outputs, which want to know them, and read afterwards. */
#ifndef P2I_ENGINE_ENGINE_H
#define P2I_ENGINE_ENGINE_H

#include "capture/capture.h"
#include "pcap2ipfix/engine.h"

/* The two steps of p2i_engine_read(). `found` as in struct p2i_capture_settings. The first returns
 * P2I_OK, P2I_USAGE, P2I_END or P2I_INTERNAL, and must be followed by the second. */
enum p2i_result p2i_engine_open(struct p2i_engine *engine, const char *const *paths,
                                const bool *found, size_t path_count, struct p2i_error *error);
enum p2i_result p2i_engine_read_opened(struct p2i_engine *engine, struct p2i_error *error);

/* The captures that were opened last, until the next ones are; NULL: none. */
const struct p2i_capture *p2i_engine_captures(const struct p2i_engine *engine);
/* Current second of the clock; 0: no frame yet. */
uint32_t p2i_engine_now_s(const struct p2i_engine *engine);
/* Where statistics of a run that goes on are given. */
struct p2i_statistics_sink {
    /* Gets the counters, and the captures that were opened last; may add more. From any thread, but
     * nobody writes records meanwhile. */
    void (*give)(void *context, struct p2i_statistics *statistics);
    void *context;
};
/* Gives there what the settings' wants_statistics asks for. Must be called before captures are
 * opened. */
void p2i_engine_on_statistics(struct p2i_engine *engine, const struct p2i_statistics_sink *sink);
/* Gives statistics if they are wanted, from within a callback for records. */
void p2i_engine_ask(const struct p2i_engine *engine);
/* Fills new statistics with the counters, and with the captures that were opened last. */
void p2i_engine_fill_statistics(const struct p2i_engine *engine, struct p2i_statistics *statistics);

#endif
