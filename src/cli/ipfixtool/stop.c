/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/stop.h"

#include <stddef.h>

volatile sig_atomic_t p2i_tool_stopped;

static void on_signal(int number)
{
    p2i_tool_stopped = number;
}

void p2i_tool_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}
