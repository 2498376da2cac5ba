/* SPDX-License-Identifier: MIT */
/* Cursors are part of the public API. */
#ifndef P2I_BASE_CURSOR_H
#define P2I_BASE_CURSOR_H

#include "pcap2ipfix/cursor.h"

#endif
