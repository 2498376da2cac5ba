/* SPDX-License-Identifier: MIT */
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail(const char *what, const struct p2i_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    exit(2);
}

void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity > 0 ? 2 * *capacity : 256;
    list = realloc(list, *capacity * size);
    if (list == NULL) {
        exit(6);
    }
    return list;
}

pcap_t *read_frames(const char *path, struct frames *frames)
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
    if (pcap == NULL) {
        fprintf(stderr, "%s: %s\n", path, text);
        exit(3);
    }
    struct pcap_pkthdr *header;
    const u_char *data;
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        frames->list = grow(frames->list, frames->count, &frames->capacity, sizeof *frames->list);
        uint8_t *copy = malloc(header->caplen + 1);
        if (copy == NULL) {
            exit(6);
        }
        memcpy(copy, data, header->caplen);
        frames->list[frames->count++] = (struct p2i_engine_frame){
            .struct_size = sizeof(struct p2i_engine_frame),
            .data = copy,
            .size = header->caplen,
            .original_size = header->len,
            .time_ns = (uint64_t)header->ts.tv_sec * 1000000000U + (uint64_t)header->ts.tv_usec,
            .link_type = (uint16_t)pcap_datalink(pcap),
        };
    }
    return pcap;
}

void free_frames(struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        free((void *)(uintptr_t)frames->list[i].data);
    }
    free(frames->list);
}

struct p2i_rewrite *rewrite_of(const char *key)
{
    struct p2i_error error;
    struct p2i_rewrite *rewrite = NULL;
    struct p2i_settings *settings = p2i_settings_new();
    bool redact = strcmp(key, "-") == 0;
    if (p2i_settings_set(settings, redact ? "keep_passwords" : "anonymise", redact ? "false" : key,
                         &error) != P2I_OK ||
        p2i_rewrite_new(&rewrite, settings, &error) != P2I_OK) {
        fail("rewrite", &error);
    }
    p2i_settings_free(settings);
    return rewrite;
}
