/* SPDX-License-Identifier: MIT */
/* The list elements of CERT, which yaf and super_mediator export, with ids and types from the
 * element files of yaf 3. Without them the templates of yafDPIList would be lost in files without
 * type records. */
#include "ipfix/list_elements.h"

#include <stddef.h>

#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/reader.h"

enum {
    PEN_CERT = 6871,
    CERT_REVERSE = 0x4000, /* bit of reverse elements */
};

struct range {
    uint32_t pen;
    uint16_t first, last;
    uint8_t type;
};

static const struct range ranges[] = {
    {0, 442, 443, P2I_TYPE_SUB_TEMPLATE_LIST},        /* mibObjectValueTable, mibObjectValueRow */
    {PEN_CERT, 305, 307, P2I_TYPE_SUB_TEMPLATE_LIST}, /* pipelineDNSARecord ... */
    {PEN_CERT, 331, 335, P2I_TYPE_BASIC_LIST},        /* smtpResponseList ... */
    {PEN_CERT, 336, 337, P2I_TYPE_SUB_TEMPLATE_LIST}, /* smtpMessageList, smtpHeaderList */
    {PEN_CERT, 338, 422, P2I_TYPE_BASIC_LIST},        /* httpServerStringList ... dhcpOptionList */
    {PEN_CERT, 424, 428,
     P2I_TYPE_SUB_TEMPLATE_LIST},              /* mysqlCommandTextCodeList, sslCertList ... */
    {PEN_CERT, 429, 429, P2I_TYPE_BASIC_LIST}, /* sslBinaryCertificateList */
    {PEN_CERT, 430, 432, P2I_TYPE_SUB_TEMPLATE_LIST}, /* dnp3RecordList, dnsDetailRecordList,
                                                         yafDPIList */
    {PEN_CERT, 450, 459, P2I_TYPE_BASIC_LIST},        /* sslCertIssuerOrgNameList ... */
    {PEN_CERT, 554, 554, P2I_TYPE_SUB_TEMPLATE_LIST}, /* certToolTombstoneAccessList */
};

bool p2i_is_list(int type)
{
    return type >= P2I_TYPE_BASIC_LIST && type <= P2I_TYPE_SUB_TEMPLATE_MULTI_LIST;
}

uint8_t p2i_list_type(uint32_t pen, uint16_t id)
{
    uint16_t forward = (uint16_t)(pen == PEN_CERT ? id & ~CERT_REVERSE : id);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (ranges[i].pen == pen && forward >= ranges[i].first && forward <= ranges[i].last) {
            return ranges[i].type;
        }
    }
    return P2I_TYPE_OCTETS;
}
