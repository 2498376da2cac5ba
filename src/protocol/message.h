/* SPDX-License-Identifier: MIT */
/* Messages that parsers emit: one plain struct for each kind of record. Views live for the call
 * of emit(). Strings are bytes as captured (the record layer makes them UTF-8 and cuts them); an
 * unknown string is empty, an unknown number 0. Meanings: pcap2ipfix-records(7). */
#ifndef P2I_PROTOCOL_MESSAGE_H
#define P2I_PROTOCOL_MESSAGE_H

#include "pcap2ipfix/view.h"

enum p2i_host_type {
    P2I_HOST_NONE = 0,
    P2I_HOST_HTTP = 1,
    P2I_HOST_CERTIFICATE = 2,
    P2I_HOST_SNI = 3,
    P2I_HOST_QUIC = 4,
};

enum p2i_method {
    P2I_METHOD_NONE = 0,
    P2I_METHOD_GET = 1,
    P2I_METHOD_POST = 2,
    P2I_METHOD_PUT = 3,
    P2I_METHOD_DELETE = 4,
    P2I_METHOD_HEAD = 5,
    P2I_METHOD_OPTIONS = 6,
    P2I_METHOD_CONNECT = 7,
    P2I_METHOD_TRACE = 8,
    P2I_METHOD_PATCH = 9,
    P2I_METHOD_OTHER = 255,
};

struct p2i_clickstream {
    struct p2i_view host;
    struct p2i_view path;
    struct p2i_view referer;
    struct p2i_view user_agent;
    struct p2i_view cookie;
    struct p2i_view cipher_suites; /* at most 16 suites of 2 bytes, as sent */
    uint64_t locked;
    uint16_t cipher_suites_length; /* bytes in the ClientHello */
    uint8_t host_type;             /* enum p2i_host_type */
    uint8_t method;                /* enum p2i_method */
};

struct p2i_http_reply {
    struct p2i_view content_type;
    struct p2i_view location;
    uint64_t content_length;
    uint32_t result_code;
};

struct p2i_ssl_reply {
    struct p2i_view host;
    uint16_t version;
    uint16_t cipher_suite;
    uint8_t compression_method;
    uint8_t host_type;
};

struct p2i_sip {
    struct p2i_view method; /* of the request; of CSeq in a response */
    struct p2i_view uri;
    struct p2i_view from;
    struct p2i_view to;
    struct p2i_view call_id;
    struct p2i_view user_agent;
    struct p2i_view content_type;
    struct p2i_view gateways;
    struct p2i_view cseq;
    uint16_t status_code;
};

struct p2i_ftp {
    struct p2i_view server_name;
    struct p2i_view user;
    struct p2i_view password;
    uint32_t result_code;
    uint8_t mode; /* 0 active, 1 passive, 255 no data connection seen */
};

struct p2i_im {
    struct p2i_view login;
    struct p2i_view password;
    struct p2i_view screen_name;
    struct p2i_view uin;
    struct p2i_view receivers;
    uint32_t result_code;
    uint8_t protocol; /* 0 ICQ, 7 XMPP, 106 Zello */
};

struct p2i_mail {
    struct p2i_view sender;
    struct p2i_view receiver;
    struct p2i_view cc;
    struct p2i_view subject;
    struct p2i_view servers;
    struct p2i_view reply_to;
    uint32_t result_code;
    uint8_t event;      /* 1 send, 2 receive */
    uint8_t attachment; /* 1 there is one */
    uint8_t protocol;   /* 0 SMTP, 1 POP3, 2 IMAP */
};

struct p2i_raw {
    struct p2i_view data; /* from the IP header on */
    uint16_t tcp_flags;
    uint8_t flow_direction;
    uint8_t data_direction;
};

struct p2i_dns {
    struct p2i_view domain; /* presentation form without the last dot */
    struct p2i_view rdata;  /* wire form, names expanded */
    uint32_t ttl;
    uint16_t rr_class;
    uint16_t rr_type;
    uint16_t transaction_id;
    uint8_t response_code;
    uint8_t query_response; /* 0 the message is a query, 1 a response */
};

struct p2i_flow {
    struct p2i_view host;
    uint64_t octets;
    uint64_t packets;
    uint64_t start_ms;
    uint64_t end_ms;
    uint32_t ingress_interface;
    uint32_t egress_interface;
    uint16_t source_port;
    uint16_t destination_port; /* ICMP: type * 256 + code */
    uint8_t class_of_service;
    uint8_t end_reason; /* enum p2i_flow_end */
    /* Of the session, both directions, from its beginning to this record: */
    uint64_t lost_bytes; /* TCP: missing in the capture, or cut by the snaplen */
    uint64_t cut_bytes;  /* payload that the snaplen cut */
};

/* Values of IANA's flowEndReason (RFC 5102 section 5.11.3). */
enum p2i_flow_end {
    P2I_FLOW_IDLE = 1,
    P2I_FLOW_ACTIVE = 2,    /* it lasted longer than the active time-out */
    P2I_FLOW_ENDED = 3,     /* FIN of both ends, RST, or a new session on the same ports */
    P2I_FLOW_FORCED = 4,    /* the capture ends, or its times are not in order */
    P2I_FLOW_RESOURCES = 5, /* out of memory */
};

/* RFC 5103 section 6.3 */
enum p2i_biflow_direction {
    P2I_BIFLOW_INITIATOR = 1,         /* forward is what the initiator sent */
    P2I_BIFLOW_REVERSE_INITIATOR = 2, /* forward is what was sent to the initiator */
};

struct p2i_biflow {
    struct p2i_flow forward;
    uint64_t reverse_octets;
    uint64_t reverse_packets;
    uint64_t reverse_start_ms;
    uint64_t reverse_end_ms;
    uint8_t reverse_class_of_service;
    uint8_t biflow_direction; /* enum p2i_biflow_direction */
};

#endif
