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
/* Fills new statistics with the counters, and with the captures that were opened last. False:
 * out of memory; captures are missing. */
bool p2i_engine_fill_statistics(const struct p2i_engine *engine, struct p2i_statistics *statistics);

#endif
