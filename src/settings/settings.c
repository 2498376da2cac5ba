/* SPDX-License-Identifier: MIT */
#include "settings/settings.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/fields.h"

/* Frames are decoded by one thread at a time, which takes a third of the time that one thread needs
 * for all: a fourth thread would find nothing to do. */
enum { THREADS_THAT_PAY = 3 };

void p2i_delivery_default(struct p2i_delivery *delivery)
{
    *delivery = (struct p2i_delivery){
        .udp_message_limit = 1400,
        .udp_template_timer_s = 30,
        .connect_s = 10,
        .retry_s = 300,
        .linger_s = 40,
    };
}

void p2i_settings_default(struct p2i_settings *settings)
{
    *settings = (struct p2i_settings){
        .records = (UINT32_C(1) << P2I_RECORD_KINDS) - 1,
        .threads = 1,
        .memory_bytes = UINT64_C(1) << 30,
        .string_limit = 4096,
        .out_of_order_bytes = 256 << 10,
        .element_types = true,
        .dns_empty_responses = true,
        .flow_idle_s = 60,
        .flow_transport = 1,
        .raw_protocols =
            {
                [P2I_ID_STUN] = true,
                [P2I_ID_RTCP] = true,
                [P2I_ID_H323] = true,
                [P2I_ID_MGCP] = true,
                [P2I_ID_SKINNY] = true,
                [P2I_ID_RTSP] = true,
            },
        .raw_bytes = 256,
        .raw_packets = 16,
        .subscriber_radius = true,
        .subscriber_pppoe = true,
        .keep_passwords = true,
        .sync = true,
        .dns_log =
            {
                .folder = ".",
                .format = "ts:ssid:login:ipsrc:ipdst:psrc:pdst:transport:host:rrtype:rrclass:ttl:"
                          "rdlen:rdata",
                .file_bytes = UINT64_C(100) << 20,
                .file_seconds = 300,
            },
    };
    settings->records &= ~(UINT32_C(1) << P2I_RECORD_RAW | UINT32_C(1) << P2I_RECORD_FLOW |
                           UINT32_C(1) << P2I_RECORD_BIFLOW);
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        settings->domains[i] = p2i_template_of((enum p2i_record_kind)i, 4)->domain;
    }
    p2i_delivery_default(&settings->delivery);
}

struct p2i_settings *p2i_settings_new(void)
{
    struct p2i_settings *settings = malloc(sizeof *settings);
    if (settings != NULL) {
        p2i_settings_default(settings);
    }
    return settings;
}

void p2i_settings_free(struct p2i_settings *settings)
{
    if (settings != NULL) {
        p2i_arena_free(&settings->arena);
        free(settings);
    }
}

unsigned p2i_settings_threads(const struct p2i_settings *settings)
{
    if (settings->threads > 0) {
        return settings->threads;
    }
    cpu_set_t cores; /* that this process may use */
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count > THREADS_THAT_PAY ? THREADS_THAT_PAY : (unsigned)count;
}

bool p2i_settings_add_capture(struct p2i_settings *settings, const char *path, bool found)
{
    size_t count = settings->capture_count;
    char *copy = p2i_arena_text(&settings->arena, path, strlen(path));
    if (copy == NULL) {
        return false;
    }
    /* The arrays double when a power of two is full. */
    if ((count & (count - 1)) == 0) {
        size_t capacity = count > 0 ? 2 * count : 1;
        const char **paths = p2i_arena_take(&settings->arena, capacity * sizeof *paths);
        bool *all_found = p2i_arena_take(&settings->arena, capacity * sizeof *all_found);
        if (paths == NULL || all_found == NULL) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            paths[i] = settings->captures[i];
            all_found[i] = settings->captures_found[i];
        }
        settings->captures = paths;
        settings->captures_found = all_found;
    }
    settings->captures[count] = copy;
    settings->captures_found[count] = found;
    settings->capture_count = count + 1;
    return true;
}

void p2i_settings_set_callbacks(struct p2i_settings *settings,
                                const struct p2i_settings_callbacks *callbacks)
{
    struct p2i_settings_callbacks known = {0};
    bool all = callbacks->struct_size >= sizeof known;
    memcpy(&known, callbacks, all ? sizeof known : callbacks->struct_size);
    settings->report = known.report;
    settings->warning = known.warning;
    settings->progress = known.progress;
    settings->is_stopped = known.is_stopped;
    settings->session = known.session;
    settings->opened = known.opened;
    settings->context = known.context;
    settings->delivery.report = known.delivery;
    settings->delivery.log = known.log;
    settings->delivery.is_stopped = known.is_stopped;
    settings->delivery.context = known.context;
}
