/* SPDX-License-Identifier: MIT */
/* Compiles filters with libpcap, which can take minutes and cannot be interrupted. */
#ifndef P2I_CAPTURE_COMPILE_FILTER_H
#define P2I_CAPTURE_COMPILE_FILTER_H

#include <pcap/pcap.h>

#include "capture/capture.h"

/* Compiles `expression` for frames of the DLT_ value. Returns P2I_OK: *code must be freed with
 * pcap_freecode(); P2I_USAGE: a syntax error, with libpcap's message; P2I_END: stopped meanwhile (a
 * detached thread frees the job when libpcap returns); P2I_INTERNAL: out of memory. */
enum p2i_result p2i_compile_filter(struct bpf_program *code, const char *expression, int dlt,
                                   const struct p2i_capture_settings *settings,
                                   struct p2i_error *error);

#endif
