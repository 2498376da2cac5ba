/* SPDX-License-Identifier: MIT */
/* The times of RFC 7011 sections 6.1.9 and 6.1.10 are those of NTP: 32 bits of seconds since 1900,
 * 32 bits of their fraction. */
#ifndef P2I_BASE_NTP_H
#define P2I_BASE_NTP_H

#include <stdbool.h>
#include <stdint.h>

/* 1900 to 1970 in seconds: the eras of NTP and Unix. */
#define P2I_NTP_EPOCH_S INT64_C(2208988800)

/* Splits such a time into Unix seconds and nanoseconds. The seconds wrap in 2036: a small number
 * other than 0 counts from there (RFC 4330 section 3). */
static inline void p2i_ntp_split(uint64_t ntp, int64_t *seconds, uint32_t *nanoseconds)
{
    uint32_t since_1900 = (uint32_t)(ntp >> 32);
    bool wrapped = since_1900 != 0 && since_1900 >> 31 == 0;
    *seconds = (int64_t)since_1900 - P2I_NTP_EPOCH_S + (wrapped ? INT64_C(1) << 32 : 0);
    *nanoseconds = (uint32_t)(((ntp & UINT32_MAX) * UINT64_C(1000000000)) >> 32);
}

/* The same the other way, from Unix nanoseconds; the fraction is rounded up, so that readers that
 * round down get the same nanoseconds. */
static inline uint64_t p2i_ntp_of(uint64_t time_ns)
{
    const uint64_t ns_per_s = 1000000000;
    uint64_t fraction = (((time_ns % ns_per_s) << 32) + ns_per_s - 1) / ns_per_s;
    return (time_ns / ns_per_s + (uint64_t)P2I_NTP_EPOCH_S) << 32 | fraction;
}

#endif
