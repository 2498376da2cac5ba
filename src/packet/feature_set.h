/* SPDX-License-Identifier: MIT */
/* Bit sets of features (pcap2ipfix/feature.h): of packets, and of sessions. */
#ifndef P2I_PACKET_FEATURE_SET_H
#define P2I_PACKET_FEATURE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "pcap2ipfix/feature.h"

struct p2i_packet;

/* Behind the features of feature.h: a row of the table of encapsulations each. */
enum {
#define ADD_ONE(name, text) +1
    P2I_FEATURES_BEFORE_ROWS = P2I_FEATURES(ADD_ONE) - 1,
#undef ADD_ONE
#define LINK(number, name, decode, what) P2I_FEATURE_LINK_##name,
#define ETHERTYPE(number, name, decode, what, source) P2I_FEATURE_ETHERTYPE_##name,
#define LLC(number, name, decode, what, source) P2I_FEATURE_LLC_##name,
#define SNAP(number, name, decode, what, source) P2I_FEATURE_SNAP_##name,
#define NLPID(number, name, decode, what, source) P2I_FEATURE_NLPID_##name,
#define PPP(number, name, decode, what, source) P2I_FEATURE_PPP_##name,
#define IP_PROTOCOL(number, name, decode, what, source) P2I_FEATURE_IP_##name,
#define GRE(number, name, decode, what, source) P2I_FEATURE_GRE_##name,
#define UDP_TO(number, name, decode, what, source) P2I_FEATURE_UDP_##name,
#define UDP_EITHER UDP_TO
#define UDP_ANY UDP_TO
#define UDP_ENCRYPTED UDP_TO
#include "packet/encapsulations.def"
    P2I_FEATURE_COUNT,
    P2I_FEATURE_WORDS = (P2I_FEATURE_COUNT + 63) / 64,
};

/* Starts zeroed. */
struct p2i_features {
    uint64_t words[P2I_FEATURE_WORDS];
};

static inline void p2i_features_set(struct p2i_features *features, unsigned feature)
{
    features->words[feature / 64] |= UINT64_C(1) << feature % 64;
}

static inline bool p2i_features_have(const struct p2i_features *features, unsigned feature)
{
    return (features->words[feature / 64] >> feature % 64 & 1) != 0;
}

static inline void p2i_features_add(struct p2i_features *features, const struct p2i_features *more)
{
    for (unsigned i = 0; i < P2I_FEATURE_WORDS; i++) {
        features->words[i] |= more->words[i];
    }
}

/* Adds what the IP and TCP headers of a handled packet show. */
void p2i_features_of_headers(const struct p2i_packet *packet, struct p2i_features *features);

#endif
