/* SPDX-License-Identifier: MIT */
/* Hashes the stored bytes of captures with SHA-256 behind their reader, on any thread that has
 * nothing better to do.
 *
 * Each capture has a queue of copied bytes, and one thread at a time hashes from it, so that the
 * bytes are hashed in order. Where there is no room for a copy the reader hashes itself, so it
 * depends on another thread only while that one hashes a piece of the same capture. */
#ifndef P2I_CAPTURE_HASH_STORED_H
#define P2I_CAPTURE_HASH_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct p2i_capture_facts;

struct p2i_stored_hashes; /* of all captures of a run */
struct p2i_stored_hash;   /* of one capture */

/* `bytes`: memory for copies; 0: there is no other thread, so that nothing is copied. NULL: out of
 * memory. */
struct p2i_stored_hashes *p2i_stored_hashes_new(uint64_t bytes);
/* After its captures; those that have ended need not be complete. NULL is fine. */
void p2i_stored_hashes_free(struct p2i_stored_hashes *hashes);

/* Hashes one piece of one capture. False: there is nothing to do. Any thread may call it. */
bool p2i_stored_hashes_work(struct p2i_stored_hashes *hashes);
/* False: the next bytes are hashed by the thread that adds them. Any thread may call it. */
bool p2i_stored_hashes_has_room(const struct p2i_stored_hashes *hashes);
/* Completes the hashes of the captures that have ended. */
void p2i_stored_hashes_finish(struct p2i_stored_hashes *hashes);

/* Begins the hash of a capture. NULL: out of memory. Its functions are called by one thread at a
 * time; hashes of several captures may be used side by side. */
struct p2i_stored_hash *p2i_stored_hash_new(struct p2i_stored_hashes *hashes);
/* Adds bytes, which are copied where that is needed. */
void p2i_stored_hash_add(struct p2i_stored_hash *hash, const uint8_t *bytes, size_t size);
/* The capture has ended. Sets the members of the facts for the hash, perhaps later and from another
 * thread, at the latest in p2i_stored_hashes_finish(); they must live until then. Frees the hash.
 */
void p2i_stored_hash_end(struct p2i_stored_hash *hash, struct p2i_capture_facts *facts);
/* Frees the hash without a result. Waits for a thread that is at work on it. NULL is fine. */
void p2i_stored_hash_drop(struct p2i_stored_hash *hash);

#endif
