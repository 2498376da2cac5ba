/* SPDX-License-Identifier: MIT */
/* libfixbuf learns an element only from a record that has all nine fields and precedes the template
 * that uses the element. */
#include "ipfix/type_records.h"

#include "base/put.h"
#include "ipfix/wire.h"
#include "record/number.h"

/* RFC 5610 section 3.9; the first two fields are the scope. The low end of the range is 0 for all
 * our elements, so one byte is enough (RFC 7011 section 6.2). */
static const uint8_t type_template[] = {
    P2I_BE16(P2I_TYPE_TEMPLATE_ID),
    P2I_BE16(9),
    P2I_BE16(2), /* id, fields, scope fields */
    P2I_BE16(346),
    P2I_BE16(4), /* privateEnterpriseNumber */
    P2I_BE16(303),
    P2I_BE16(2), /* informationElementId */
    P2I_BE16(339),
    P2I_BE16(1), /* informationElementDataType */
    P2I_BE16(344),
    P2I_BE16(1), /* informationElementSemantics */
    P2I_BE16(345),
    P2I_BE16(2), /* informationElementUnits */
    P2I_BE16(342),
    P2I_BE16(1), /* informationElementRangeBegin */
    P2I_BE16(343),
    P2I_BE16(8), /* informationElementRangeEnd */
    P2I_BE16(341),
    P2I_BE16(P2I_VARIABLE), /* informationElementName */
    P2I_BE16(340),
    P2I_BE16(P2I_VARIABLE), /* informationElementDescription */
};

struct p2i_view p2i_type_template(void)
{
    return p2i_view_of(type_template, sizeof type_template);
}

/* The length takes one byte: texts of the tables are shorter than 255 bytes, as a test checks. */
static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t size = strnlen(text, 254);
    *at++ = (uint8_t)size;
    memcpy(at, text, size);
    return at + size;
}

size_t p2i_type_record(const struct p2i_element *element, uint8_t *out)
{
    uint8_t *at = p2i_put32(out, element->pen);
    at = p2i_put16(at, element->id);
    *at++ = element->type;
    *at++ = element->semantics;
    at = p2i_put16(at, 0); /* units: none */
    *at++ = 0;
    at = p2i_put64(at, p2i_number_most(element->type)); /* 0: no range */
    at = put_text(at, element->name);
    at = put_text(at, element->meaning);
    return (size_t)(at - out);
}
