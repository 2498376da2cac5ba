/* SPDX-License-Identifier: MIT */
#include "packet/feature_set.h"

#include "packet/packet.h"
#include "packet/transport.h"

const char *p2i_feature_name(unsigned feature)
{
#define NAME(name, text) text,
    static const char *const names[] = {P2I_FEATURES(NAME)
#define LINK(number, name, decode, what) "link." #name,
#define ETHERTYPE(number, name, decode, what, source) "ethertype." #name,
#define LLC(number, name, decode, what, source) "llc." #name,
#define SNAP(number, name, decode, what, source) "snap." #name,
#define NLPID(number, name, decode, what, source) "nlpid." #name,
#define PPP(number, name, decode, what, source) "ppp." #name,
#define IP_PROTOCOL(number, name, decode, what, source) "ip." #name,
#define GRE(number, name, decode, what, source) "gre." #name,
#define UDP_TO(number, name, decode, what, source) "udp." #name,
#define UDP_EITHER UDP_TO
#define UDP_ANY UDP_TO
#define UDP_ENCRYPTED UDP_TO
#include "packet/encapsulations.def"
    };
    _Static_assert(sizeof names / sizeof *names == P2I_FEATURE_COUNT, "a name for each feature");
    return feature < P2I_FEATURE_COUNT ? names[feature] : NULL;
}

static void add_tcp_option(uint8_t kind, struct p2i_features *features)
{
    switch (kind) {
    case 3:
        p2i_features_set(features, P2I_FEATURE_TCP_WINDOW_SCALE);
        break;
    case 5:
        p2i_features_set(features, P2I_FEATURE_TCP_SACK);
        break;
    case 8:
        p2i_features_set(features, P2I_FEATURE_TCP_TIMESTAMPS);
        break;
    case 19:
    case 29:
        p2i_features_set(features, P2I_FEATURE_TCP_SIGNATURE);
        break;
    case 30:
        p2i_features_set(features, P2I_FEATURE_TCP_MULTIPATH);
        break;
    case 34:
        p2i_features_set(features, P2I_FEATURE_TCP_FAST_OPEN);
        break;
    default:
        break;
    }
}

static void add_tcp(const struct p2i_packet *packet, struct p2i_features *features)
{
    enum { ECE_CWR = 0xc0 };
    struct p2i_cursor options = p2i_cursor_of(p2i_tcp_options(packet));
    uint8_t kind;
    while (p2i_tcp_option_next(&options, &kind, NULL)) {
        add_tcp_option(kind, features);
    }
    if ((packet->tcp_flags & ECE_CWR) != 0) {
        p2i_features_set(features, P2I_FEATURE_ECN);
    }
    if ((packet->tcp_flags & P2I_TCP_URG) != 0) {
        p2i_features_set(features, P2I_FEATURE_URGENT);
    }
    if ((packet->tcp_flags & P2I_TCP_SYN) != 0 && packet->payload_length > 0) {
        p2i_features_set(features, P2I_FEATURE_SYN_DATA);
    }
    if ((packet->tcp_flags & (P2I_TCP_SYN | P2I_TCP_RST)) == 0 && p2i_tcp_window(packet) == 0) {
        p2i_features_set(features, P2I_FEATURE_ZERO_WINDOW);
    }
}

void p2i_features_of_headers(const struct p2i_packet *packet, struct p2i_features *features)
{
    enum { PLAIN_IPV4 = 0x45 };
    if (packet->ip_version == 4 && packet->ip.size > 0 && packet->ip.data[0] != PLAIN_IPV4) {
        p2i_features_set(features, P2I_FEATURE_IPV4_OPTIONS);
    }
    if (packet->payload.size < packet->payload_length) {
        p2i_features_set(features, P2I_FEATURE_CUT);
    }
    if (packet->transport == P2I_PROTO_TCP && packet->fate == P2I_FATE_HANDLED) {
        add_tcp(packet, features);
    }
}
