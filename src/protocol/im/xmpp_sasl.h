/* SPDX-License-Identifier: MIT */
/* The user in the client's SASL messages (RFC 4422). */
#ifndef P2I_PROTOCOL_IM_XMPP_SASL_H
#define P2I_PROTOCOL_IM_XMPP_SASL_H

#include "pcap2ipfix/view.h"

enum p2i_sasl {
    P2I_SASL_UNKNOWN = 0, /* its beginning was not seen */
    P2I_SASL_OTHER,       /* does not name the user in a known way */
    P2I_SASL_PLAIN,       /* RFC 4616 */
    P2I_SASL_TOKEN,       /* X-OAUTH2, X-GOOGLE-TOKEN: as PLAIN, but for the password */
    P2I_SASL_LOGIN,       /* name and password in a message each */
    P2I_SASL_SCRAM,       /* RFC 5802, with or without channel binding */
    P2I_SASL_DIGEST,      /* RFC 2831 */
    P2I_SASL_EXTERNAL,    /* RFC 4422 appendix A */
};

/* Missing values are empty. Views into the message. */
struct p2i_sasl_names {
    struct p2i_view name;
    struct p2i_view password;
};

enum p2i_sasl p2i_sasl_mechanism(struct p2i_view name);

/* A decoded message of the client. */
struct p2i_sasl_message {
    uint8_t *bytes; /* escapes in it are undone in place */
    size_t size;
    bool is_second; /* LOGIN: the name came before */
    bool whole; /* otherwise it was cut: a name counts only with its delimiter, a password as far as
                   it goes */
};

struct p2i_sasl_names p2i_sasl_read(enum p2i_sasl mechanism,
                                    const struct p2i_sasl_message *message);

#endif
