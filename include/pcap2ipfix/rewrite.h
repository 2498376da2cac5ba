/* SPDX-License-Identifier: MIT */
/* Rewrites the frames of sessions, so that a capture can be passed on: addresses, names of hosts
 * and people, passwords, cookies and contents are replaced by others of the same length under a
 * key, and checksums that were right are right again. The records of the rewritten frames are those
 * of the original ones with every text and address replaced likewise.
 *
 *     struct p2i_rewrite *rewrite;
 *     if (p2i_settings_set(settings, "anonymise", "key.file", &error) == P2I_OK &&
 *         p2i_rewrite_new(&rewrite, settings, &error) == P2I_OK) {
 *         ... p2i_rewrite_add(rewrite, &frame, &error), for each frame in the order of the captures
 *         if (p2i_rewrite_run(rewrite, &error) == P2I_OK) {
 *             ... p2i_rewrite_frame(rewrite, place), for each frame
 *         }
 *         p2i_rewrite_free(rewrite);
 *     }
 *
 * Equal addresses and equal words become equal ones, wherever they stand, in any capture rewritten
 * with the same key. What is not understood is overwritten. All frames are held in memory: this is
 * for extracts, not for archives. Threads: an object belongs to one thread at a time. */
#ifndef PCAP2IPFIX_REWRITE_H
#define PCAP2IPFIX_REWRITE_H

#include "pcap2ipfix/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_rewrite;

/* Of the settings, two are used. `anonymise`: everything is replaced under the key of that file.
 * `keep_passwords: false`: passwords and other credentials become asterisks; without `anonymise`
 * nothing else is changed. The settings may be freed afterwards. P2I_OK: the caller frees *rewrite;
 * P2I_USAGE: NULL, neither setting asks for a change, the key file is unreadable or wrong, or the
 * program was built without OpenSSL; P2I_INTERNAL: out of memory. *rewrite is NULL after an
 * error. */
enum p2i_result p2i_rewrite_new(struct p2i_rewrite **rewrite, const struct p2i_settings *settings,
                                struct p2i_error *error);

/* Copies a frame. P2I_OK; P2I_USAGE: as p2i_engine_feed(), or the frames have been rewritten;
 * P2I_INTERNAL: out of memory. */
enum p2i_result p2i_rewrite_add(struct p2i_rewrite *rewrite, const struct p2i_engine_frame *frame,
                                struct p2i_error *error);

/* Rewrites all frames, once. P2I_OK; P2I_USAGE: they are rewritten already; P2I_INTERNAL: out of
 * memory: no frame may be used. */
enum p2i_result p2i_rewrite_run(struct p2i_rewrite *rewrite, struct p2i_error *error);

/* The bytes of the frame that was added as number `place`, from 0: as many as it had. Live as long
 * as `rewrite`. NULL: there is none, or the frames are not rewritten. */
const void *p2i_rewrite_frame(const struct p2i_rewrite *rewrite, size_t place);

/* Replaces a text of a record, in place, as in the frames. For comments of packets and names of
 * interfaces too. Nothing without a key. */
void p2i_rewrite_text(struct p2i_rewrite *rewrite, void *text, size_t size);
/* The same for an address of 4 or 16 bytes. */
void p2i_rewrite_address(struct p2i_rewrite *rewrite, void *address, size_t size);

/* NULL is fine. */
void p2i_rewrite_free(struct p2i_rewrite *rewrite);

#ifdef __cplusplus
}
#endif
#endif
