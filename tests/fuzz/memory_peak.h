/* SPDX-License-Identifier: MIT */
/* The most memory that was allocated at a time, by all threads. Measured with the sanitizer of
 * addresses alone. */
#ifndef FUZZ_MEMORY_PEAK_H
#define FUZZ_MEMORY_PEAK_H

#include <stdint.h>

void memory_peak_begin(void);
/* Bytes above those that were allocated at the beginning; 0: not measured. */
uint64_t memory_peak_end(void);

#endif
