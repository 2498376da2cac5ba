/* SPDX-License-Identifier: MIT */
/* The order in which the frames of several captures are handled. */
#ifndef P2I_BASE_CAPTURE_ORDER_H
#define P2I_BASE_CAPTURE_ORDER_H

enum p2i_capture_order {
    P2I_ORDER_TIME, /* frame by frame, by time, over all captures that overlap (default) */
    P2I_ORDER_ARGS, /* one capture after the other, as given */
    P2I_ORDER_NAME, /* one capture after the other, by name (bytewise) */
};

#endif
