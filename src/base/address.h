/* SPDX-License-Identifier: MIT */
/* Addresses are part of the public API. */
#ifndef P2I_BASE_ADDRESS_H
#define P2I_BASE_ADDRESS_H

#include "pcap2ipfix/address.h"

#endif
