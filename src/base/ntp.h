/* SPDX-License-Identifier: MIT */
/* The times of RFC 7011 sections 6.1.9 and 6.1.10 are those of NTP. */
#ifndef P2I_BASE_NTP_H
#define P2I_BASE_NTP_H

#include <stdint.h>

/* 1900 to 1970 in seconds: the eras of NTP and Unix. */
#define P2I_NTP_EPOCH_S INT64_C(2208988800)

#endif
