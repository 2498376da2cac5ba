/* SPDX-License-Identifier: MIT */
/* Errors are part of the public API. */
#ifndef P2I_BASE_ERROR_H
#define P2I_BASE_ERROR_H

#include "pcap2ipfix/error.h"

#endif
