/* SPDX-License-Identifier: MIT */
/* Views are part of the public API. */
#ifndef P2I_BASE_VIEW_H
#define P2I_BASE_VIEW_H

#include "pcap2ipfix/view.h"

#endif
