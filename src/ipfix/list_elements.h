/* SPDX-License-Identifier: MIT */
/* Elements that are lists (RFC 6313), known without type records. Pure functions. */
#ifndef P2I_IPFIX_LIST_ELEMENTS_H
#define P2I_IPFIX_LIST_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

bool p2i_is_list(int type /* enum p2i_type or p2i_foreign_type */);
/* P2I_TYPE_BASIC_LIST, P2I_TYPE_SUB_TEMPLATE_LIST or P2I_TYPE_SUB_TEMPLATE_MULTI_LIST;
 * P2I_TYPE_OCTETS when the element is not known to be a list. */
uint8_t p2i_list_type(uint32_t pen, uint16_t id);

#endif
