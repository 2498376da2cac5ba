/* SPDX-License-Identifier: MIT */
#include "capture/misplaced_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/compile_filter.h"

enum { TEXT_MAX = 1024 };

/* First words of filters. libpcap would take any other word for a host name and ask the name
 * servers for it. */
static bool begins_like_filter(const char *text)
{
    static const char *const words[] = {
        "host",      "net",       "port",  "portrange", "src",  "dst",  "proto",   "gateway",
        "tcp",       "udp",       "icmp",  "icmp6",     "sctp", "igmp", "pim",     "ah",
        "esp",       "vrrp",      "ip",    "ip6",       "arp",  "rarp", "ether",   "wlan",
        "broadcast", "multicast", "less",  "greater",   "not",  "vlan", "mpls",    "pppoed",
        "pppoes",    "geneve",    "vxlan", "stp",       "llc",  "iso",  "inbound", "outbound",
    };
    if (text[0] == '(' || text[0] == '!') {
        return true;
    }
    size_t size = strcspn(text, " \t([!=<>");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == size && memcmp(words[i], text, size) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_missing(const struct p2i_capture_settings *settings, const char *path, size_t index)
{
    bool found = settings->found != NULL && settings->found[index];
    return !found && strcmp(path, "-") != 0 && access(path, F_OK) != 0;
}

static enum p2i_result try(const struct p2i_capture_settings *settings, const char *text,
                           struct p2i_error *error)
{
    struct bpf_program code;
    struct p2i_error wrong;
    enum p2i_result result = p2i_compile_filter(&code, text, DLT_EN10MB, settings, &wrong);
    if (result == P2I_OK) {
        pcap_freecode(&code);
        return p2i_fail(error, P2I_USAGE,
                        "no file '%.80s', but it is a valid filter: use -f '%.80s'", text, text);
    }
    return result == P2I_END ? P2I_END : P2I_OK;
}

enum p2i_result p2i_find_misplaced_filter(const struct p2i_capture_settings *settings,
                                          const char *const *paths, size_t path_count,
                                          struct p2i_error *error)
{
    char text[TEXT_MAX];
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < path_count && result == P2I_OK; i++) {
        size_t used = 0;
        if (!begins_like_filter(paths[i])) {
            continue;
        }
        for (; i < path_count && used < sizeof text && is_missing(settings, paths[i], i); i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "",
                                     paths[i]);
        }
        if (used > 0 && used < sizeof text) {
            result = try(settings, text, error);
        }
    }
    return result;
}
