/* SPDX-License-Identifier: MIT */
/* Finds the name that a mistyped one probably means: "did you mean ...". */
#ifndef P2I_BASE_NEAREST_H
#define P2I_BASE_NEAREST_H

/* The best candidate so far. Upper and lower case are the same. */
struct p2i_nearest {
    const char *text; /* as it was typed */
    const char *name; /* best candidate; NULL: none is near enough */
    unsigned least;   /* a better candidate needs fewer edits than this */
};

/* Starts a search for `text`, then takes one candidate name a call. `text` and the names must
 * outlive the struct. */
struct p2i_nearest p2i_nearest_to(const char *text);
void p2i_nearest_offer(struct p2i_nearest *nearest, const char *name);

#endif
