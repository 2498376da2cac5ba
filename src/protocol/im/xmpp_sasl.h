/* SPDX-License-Identifier: MIT */
/* Who logs in with SASL (RFC 4422), as far as the client's messages say it. */
#ifndef P2I_PROTOCOL_IM_XMPP_SASL_H
#define P2I_PROTOCOL_IM_XMPP_SASL_H

#include "base/view.h"

enum p2i_sasl {
    P2I_SASL_UNKNOWN = 0, /* its beginning was not seen */
    P2I_SASL_OTHER,       /* names nobody in a way known here */
    P2I_SASL_PLAIN,       /* RFC 4616 */
    P2I_SASL_TOKEN,       /* X-OAUTH2, X-GOOGLE-TOKEN: as PLAIN, but for the password */
    P2I_SASL_LOGIN,       /* name and password in a message each */
    P2I_SASL_SCRAM,       /* RFC 5802, with or without channel binding */
    P2I_SASL_DIGEST,      /* RFC 2831 */
    P2I_SASL_EXTERNAL,    /* RFC 4422 appendix A */
};

/* What is not said is empty. Views into the message. */
struct p2i_sasl_names {
    struct p2i_view name;
    struct p2i_view password;
};

enum p2i_sasl p2i_sasl_mechanism(struct p2i_view name);

/* A message of the client, decoded. */
struct p2i_sasl_message {
    uint8_t *bytes; /* escapes in it are undone in place */
    size_t size;
    bool is_second; /* LOGIN has told the name */
    bool whole;     /* else it was cut: a name counts when what ends it is there, a password goes as
                       far as it does */
};

struct p2i_sasl_names p2i_sasl_read(enum p2i_sasl mechanism,
                                    const struct p2i_sasl_message *message);

#endif
