/* SPDX-License-Identifier: MIT */
/* Elements that are lists (RFC 6313), where files do not say so themselves. */
#ifndef P2I_IPFIX_LIST_ELEMENTS_H
#define P2I_IPFIX_LIST_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

bool p2i_is_list(int type /* enum p2i_type or p2i_foreign_type */);
/* P2I_TYPE_SUB_TEMPLATE_LIST and the like; P2I_TYPE_OCTETS where it is not known to be a list. */
uint8_t p2i_list_type(uint32_t pen, uint16_t id);

#endif
