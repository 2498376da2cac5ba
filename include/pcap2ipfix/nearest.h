/* SPDX-License-Identifier: MIT */
/* Finds the name that a mistyped one probably means: "did you mean ...".
 *
 *     struct p2i_nearest nearest = p2i_nearest_to("HOSTNAM");
 *     for (size_t i = 0; i < count; i++) {
 *         p2i_nearest_offer(&nearest, names[i]);
 *     }
 *     if (nearest.name != NULL) {
 *         printf("did you mean %s?\n", nearest.name);
 *     }
 *
 * The functions have no state but the struct. */
#ifndef PCAP2IPFIX_NEAREST_H
#define PCAP2IPFIX_NEAREST_H

#ifdef __cplusplus
extern "C" {
#endif

/* The best candidate so far. Upper and lower case are the same. Never changes. */
struct p2i_nearest {
    const char *text; /* as it was typed */
    const char *name; /* best candidate; NULL: none is near enough */
    unsigned least;   /* a better candidate needs fewer edits than this */
};

/* Starts a search for `text`, then takes one candidate name a call. `text` and the names must
 * outlive the struct. */
struct p2i_nearest p2i_nearest_to(const char *text);
void p2i_nearest_offer(struct p2i_nearest *nearest, const char *name);

#ifdef __cplusplus
}
#endif
#endif
