/* SPDX-License-Identifier: MIT */
/* What somebody may have meant who mistyped a name. */
#ifndef P2I_BASE_NEAREST_H
#define P2I_BASE_NEAREST_H

/* The best of the names offered so far. Letters count the same in either case. */
struct p2i_nearest {
    const char *text; /* as it was typed */
    const char *name; /* the nearest name; NULL: none is near enough */
    unsigned least;   /* edits that lead to a nearer one are fewer than this */
};

/* `text` must live as long as it is used; so must the names. */
struct p2i_nearest p2i_nearest_to(const char *text);
void p2i_nearest_offer(struct p2i_nearest *nearest, const char *name);

#endif
