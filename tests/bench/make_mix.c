/* SPDX-License-Identifier: MIT */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_capture.h"

/* Captures of a laboratory have round trips of microseconds; a copy takes 100 times as long. */
enum { STRETCH = 100, LONGEST_GAP_NS = 1000000000, MOST_BYTES = 262144 };

/* A frame, and where a copy of it changes; 0 where it doesn't. */
struct frame {
    uint8_t *bytes;
    uint32_t size;
    uint32_t original;
    uint64_t time_ns; /* since the first of its capture */
    uint32_t addresses;
    uint32_t address_size; /* 4 or 16, twice */
    uint32_t ip_checksum;
    uint32_t checksum; /* of TCP, UDP or ICMPv6 */
};

struct sample {
    struct frame *frames;
    size_t count;
};

struct mix {
    struct sample *samples;
    size_t count;
    uint64_t lengths_ns; /* of all samples */
};

/* A copy of a sample that is being written. */
struct copy {
    const struct sample *sample;
    size_t next;      /* frame */
    uint64_t time_ns; /* of the next frame */
    uint32_t mask;    /* by which addresses differ from the sample's; never two alike */
};

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("make_capture: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static uint32_t get16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* Where the checksum of the transport is, if it was captured and covers the addresses. */
static uint32_t find_checksum(const struct frame *frame, uint32_t transport, uint8_t protocol)
{
    uint32_t at = transport + (protocol == 6 ? 16 : protocol == 17 ? 6 : 2);
    bool has = protocol == 6 || protocol == 17 || (protocol == 58 && frame->address_size == 16);
    if (!has || at + 2 > frame->size || (protocol == 17 && get16(frame->bytes + at) == 0)) {
        return 0;
    }
    return at;
}

static void find_addresses(struct frame *frame)
{
    uint32_t at = 12;
    while (at + 4 < frame->size &&
           (get16(frame->bytes + at) == 0x8100 || get16(frame->bytes + at) == 0x88a8)) {
        at += 4;
    }
    if (at + 2 > frame->size) {
        return;
    }
    uint32_t type = get16(frame->bytes + at);
    const uint8_t *ip = frame->bytes + at + 2;
    uint32_t left = frame->size - at - 2;
    if (type == 0x0800 && left >= 20) {
        frame->addresses = at + 2 + 12;
        frame->address_size = 4;
        frame->ip_checksum = at + 2 + 10;
        if ((get16(ip + 6) & 0x1fff) == 0) {
            frame->checksum = find_checksum(frame, at + 2 + (ip[0] & 15) * 4U, ip[9]);
        }
    } else if (type == 0x86dd && left >= 40) {
        frame->addresses = at + 2 + 8;
        frame->address_size = 16;
        frame->checksum = find_checksum(frame, at + 2 + 40, ip[6]);
    }
}

static bool read_sample(struct sample *sample, const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    uint64_t last = 0;
    uint64_t time_ns = 0;
    *sample = (struct sample){0};
    if (capture != NULL && pcap_datalink(capture) == DLT_EN10MB) {
        while (pcap_next_ex(capture, &header, &bytes) == 1) {
            uint64_t now = (uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;
            uint64_t gap = sample->count == 0 || now < last ? 0 : (now - last) * STRETCH;
            last = now;
            time_ns += gap < LONGEST_GAP_NS ? gap : LONGEST_GAP_NS;
            sample->frames =
                need(realloc(sample->frames, (sample->count + 1) * sizeof *sample->frames));
            struct frame *frame = &sample->frames[sample->count++];
            *frame =
                (struct frame){.bytes = need(malloc(header->caplen + 1)),
                               .size = header->caplen < MOST_BYTES ? header->caplen : MOST_BYTES,
                               .original = header->len,
                               .time_ns = time_ns};
            memcpy(frame->bytes, bytes, frame->size);
            find_addresses(frame);
        }
    }
    if (capture != NULL) {
        pcap_close(capture);
    }
    return sample->count > 0;
}

struct mix *mix_read(char **paths)
{
    struct mix *mix = need(calloc(1, sizeof *mix));
    for (; *paths != NULL; paths++) {
        mix->samples = need(realloc(mix->samples, (mix->count + 1) * sizeof *mix->samples));
        if (read_sample(&mix->samples[mix->count], *paths)) {
            const struct sample *sample = &mix->samples[mix->count++];
            mix->lengths_ns += sample->frames[sample->count - 1].time_ns;
        }
    }
    if (mix->count == 0) {
        fputs("make_capture: a mix needs captures of Ethernet frames\n", stderr);
        exit(2);
    }
    return mix;
}

void mix_free(struct mix *mix)
{
    for (size_t i = 0; i < mix->count; i++) {
        for (size_t j = 0; j < mix->samples[i].count; j++) {
            free(mix->samples[i].frames[j].bytes);
        }
        free(mix->samples[i].frames);
    }
    free(mix->samples);
    free(mix);
}

/* RFC 1624, equation 3: the 16 bits at `at` differ by `mask` now. */
static void change16(struct frame *frame, uint32_t at, uint32_t mask)
{
    const uint32_t sums[] = {frame->ip_checksum, frame->checksum};
    uint32_t old = get16(frame->bytes + at);
    uint32_t new = old ^ mask;
    frame->bytes[at] = (uint8_t)(new >> 8);
    frame->bytes[at + 1] = (uint8_t) new;
    for (int i = 0; i < 2; i++) {
        if (sums[i] != 0) {
            uint8_t *sum = frame->bytes + sums[i];
            uint32_t value = (~get16(sum) & 0xffff) + (~old & 0xffff) + new;
            value = (value & 0xffff) + (value >> 16);
            value = ~(value + (value >> 16)) & 0xffff;
            sum[0] = (uint8_t)(value >> 8);
            sum[1] = (uint8_t)value;
        }
    }
}

/* The last 24 bits of an IPv4 address, 24 in the second half of an IPv6 address; not of multicast.
 */
static void change_addresses(struct frame *frame, uint32_t mask)
{
    for (uint32_t i = 0; i < 2 && frame->addresses != 0; i++) {
        uint32_t at = frame->addresses + i * frame->address_size;
        uint32_t first = frame->bytes[at];
        if (frame->address_size == 4 ? first >= 224 || first == 0 : first == 0xff) {
            continue;
        }
        if (frame->address_size == 16) {
            at += 8;
        }
        change16(frame, at, mask >> 16 & 0xff);
        change16(frame, at + 2, mask & 0xffff);
    }
}

/* Lets copies[at] sink to its place in the heap: the earliest is first, its mask breaks ties. */
static void sink(struct copy *copies, size_t count, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            if (copies[child].time_ns < copies[least].time_ns ||
                (copies[child].time_ns == copies[least].time_ns &&
                 copies[child].mask < copies[least].mask)) {
                least = child;
            }
        }
        if (least == at) {
            return;
        }
        struct copy copy = copies[at];
        copies[at] = copies[least];
        copies[least] = copy;
        at = least;
    }
}

static void begin_copy(struct output *out, const struct mix *mix, struct copy *copy,
                       uint32_t number, uint64_t time_ns)
{
    *copy = (struct copy){.sample = &mix->samples[next_random(out) % mix->count],
                          .time_ns = time_ns,
                          .mask = (number * 0x9e3779b1) & 0xffffff};
}

void make_mix(struct output *out, const struct mix *mix, unsigned concurrent)
{
    struct copy *copies = need(calloc(concurrent, sizeof *copies));
    uint8_t *bytes = need(malloc(MOST_BYTES));
    uint32_t number = 0;
    /* As many begin in a second as will later, so that the start of the mix is like the rest. In
     * order of time, the array is a heap. */
    uint64_t step = mix->lengths_ns / mix->count / concurrent;
    for (size_t i = 0; i < concurrent; i++) {
        begin_copy(out, mix, &copies[i], number, out->time_ns + number * step);
        number++;
    }
    while (out->size < out->limit) {
        struct copy *copy = &copies[0];
        struct frame frame = copy->sample->frames[copy->next];
        memcpy(bytes, frame.bytes, frame.size);
        frame.bytes = bytes;
        change_addresses(&frame, copy->mask);
        out->time_ns = copy->time_ns;
        output_frame(out, bytes, frame.size, frame.original);
        if (++copy->next < copy->sample->count) {
            copy->time_ns += copy->sample->frames[copy->next].time_ns - frame.time_ns;
        } else {
            begin_copy(out, mix, copy, number++, out->time_ns + next_random(out) % 1000000);
        }
        sink(copies, concurrent, 0);
    }
    free(bytes);
    free(copies);
}
