/* SPDX-License-Identifier: MIT */
/* libpcap's compiler of filters, which can take minutes and cannot be interrupted. */
#ifndef P2I_CAPTURE_COMPILE_FILTER_H
#define P2I_CAPTURE_COMPILE_FILTER_H

#include <pcap/pcap.h>

#include "capture/capture.h"

/* Compiles `expression` for frames of the DLT_ value into *code, which is then pcap_freecode()'s.
 * P2I_OK; P2I_USAGE: it cannot be compiled, in libpcap's words; P2I_END: settings->is_stopped()
 * said so meanwhile, and a thread is left behind that frees what it holds when libpcap is done;
 * P2I_INTERNAL. */
enum p2i_result p2i_compile_filter(struct bpf_program *code, const char *expression, int dlt,
                                   const struct p2i_capture_settings *settings,
                                   struct p2i_error *error);

#endif
