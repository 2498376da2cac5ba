/* SPDX-License-Identifier: MIT */
/* How many values the public enums have. They grow, so that the public headers do not have these
 * numbers: a program would keep those that it was built with. */
#ifndef P2I_BASE_COUNTS_H
#define P2I_BASE_COUNTS_H

#include "pcap2ipfix/fate.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/record.h"

enum {
    P2I_FATE_COUNT = 0
#define ONE_MORE(id, name, text) +1
    P2I_FATES(ONE_MORE),
#undef ONE_MORE
    P2I_RECORD_KINDS = P2I_RECORD_BIFLOW + 1,
    P2I_PROTOCOL_COUNT = 1 /* unknown */
#define PROTOCOL(id, name, number) +1
#include "pcap2ipfix/protocols.def"
#undef PROTOCOL
};

#endif
