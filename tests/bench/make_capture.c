/* SPDX-License-Identifier: MIT */
/* make_capture KIND OUT SIZE SEED [CAPTURE...]: writes SIZE bytes of a classic pcap file, the same
 * bytes for the same arguments. tests/bench/make calls it, and README.md says what each kind holds.
 */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "make_capture.h"

enum {
    ETHERNET_SIZE = 14,
    IP_SIZE = 20,
    UDP_SIZE = 8,
    TCP_SIZE = 20,
    SEGMENT_SIZE = 1400, /* of payload */
    NOISE_SIZE = 1 << 20,
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* A segment or datagram to be written; addresses in host order. */
struct datagram {
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    uint32_t sequence, acknowledged;
    uint8_t flags; /* 0: UDP */
    const uint8_t *payload;
    size_t size;
};

/* A TCP session whose server sends without end: heads, each followed by noise. */
struct transfer {
    bool tls;
    uint32_t client;
    uint16_t port;
    uint32_t sent[2];     /* sequence numbers of the client and the server */
    uint64_t left;        /* bytes of noise until the next head */
    uint64_t body_size;   /* of an HTTP response */
    unsigned unconfirmed; /* segments without an acknowledgement */
};

static uint8_t noise[NOISE_SIZE + SEGMENT_SIZE];

uint64_t next_random(struct output *out)
{
    uint64_t x = out->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

void output_open(struct output *out, const char *path)
{
    static const uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1}; /* nanoseconds */
    out->file = fopen(path, "wb");
    if (out->file == NULL) {
        die(path);
    }
    (void)setvbuf(out->file, NULL, _IOFBF, 1 << 20);
    out->size = fwrite(header, 1, sizeof header, out->file);
}

void output_close(struct output *out)
{
    if (ferror(out->file) || fclose(out->file) != 0) {
        die("write");
    }
}

void output_frame(struct output *out, const uint8_t *frame, size_t size, size_t original)
{
    uint32_t header[] = {(uint32_t)(out->time_ns / 1000000000),
                         (uint32_t)(out->time_ns % 1000000000), (uint32_t)size, (uint32_t)original};
    (void)fwrite(header, 1, sizeof header, out->file);
    (void)fwrite(frame, 1, size, out->file);
    out->size += sizeof header + size;
}

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    put16(to + 2, value);
}

/* RFC 1071, of bytes in network order; the result is too. */
static uint16_t checksum(const uint8_t *bytes, size_t size, uint64_t sum)
{
    for (; size >= 4; size -= 4, bytes += 4) {
        uint32_t word;
        memcpy(&word, bytes, 4);
        sum += word;
    }
    uint32_t last = 0;
    memcpy(&last, bytes, size);
    sum += last;
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void output_datagram(struct output *out, const struct datagram *datagram)
{
    uint8_t frame[ETHERNET_SIZE + IP_SIZE + TCP_SIZE + SEGMENT_SIZE] = {2, 0, 0, 0, 0, 1, 2,
                                                                        0, 0, 0, 0, 2, 8, 0};
    bool tcp = datagram->flags != 0;
    uint8_t *ip = frame + ETHERNET_SIZE;
    uint8_t *transport = ip + IP_SIZE;
    size_t head = tcp ? TCP_SIZE : UDP_SIZE;
    size_t size = head + datagram->size;
    ip[0] = 0x45;
    put16(ip + 2, (uint32_t)(IP_SIZE + size));
    ip[8] = 64;
    ip[9] = tcp ? 6 : 17;
    put32(ip + 12, datagram->source);
    put32(ip + 16, datagram->destination);
    uint16_t sum = checksum(ip, IP_SIZE, 0);
    memcpy(ip + 10, &sum, 2);
    put16(transport, datagram->source_port);
    put16(transport + 2, datagram->destination_port);
    if (tcp) {
        put32(transport + 4, datagram->sequence);
        put32(transport + 8, datagram->acknowledged);
        transport[12] = TCP_SIZE / 4 << 4;
        transport[13] = datagram->flags;
        put16(transport + 14, 65535);
    } else {
        put16(transport + 4, (uint32_t)size);
    }
    if (datagram->size > 0) {
        memcpy(transport + head, datagram->payload, datagram->size);
    }
    uint8_t pseudo[12];
    memcpy(pseudo, ip + 12, 8);
    put32(pseudo + 8, (uint32_t)ip[9] << 16 | (uint32_t)size);
    sum = checksum(transport, size, (uint16_t)~checksum(pseudo, sizeof pseudo, 0));
    memcpy(transport + (tcp ? 16 : 6), &sum, 2);
    out->time_ns += 1000 + (next_random(out) & 1023);
    output_frame(out, frame, ETHERNET_SIZE + IP_SIZE + size, ETHERNET_SIZE + IP_SIZE + size);
}

/* From the client (0) or the server (1) of a transfer. */
static void send_segment(struct output *out, struct transfer *transfer, unsigned from,
                         uint8_t flags, const void *payload, size_t size)
{
    uint32_t server = 0xcb007100 + (transfer->client & 0x1f); /* 203.0.113.0/24 */
    uint16_t port = transfer->tls ? 443 : 80;
    struct datagram segment = {
        .source = from == 0 ? transfer->client : server,
        .destination = from == 0 ? server : transfer->client,
        .source_port = from == 0 ? transfer->port : port,
        .destination_port = from == 0 ? port : transfer->port,
        .sequence = transfer->sent[from],
        .acknowledged = (flags & ACK) != 0 ? transfer->sent[1 - from] : 0,
        .flags = flags,
        .payload = payload,
        .size = size,
    };
    transfer->sent[from] += (uint32_t)size + ((flags & (SYN | FIN)) != 0);
    output_datagram(out, &segment);
}

/* RFC 8446, 4.1.2, with the server_name extension alone; returns its size. */
static size_t client_hello(uint8_t *hello, unsigned number)
{
    static const uint8_t start[] = {22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
    char name[32];
    size_t name_size = (size_t)snprintf(name, sizeof name, "bulk-%u.example", number);
    uint8_t *at = hello;
    memcpy(at, start, sizeof start);
    at += sizeof start;
    memcpy(at, noise, 32);
    at[32] = 0; /* no session ID */
    put16(at + 33, 2);
    put16(at + 35, 0x1301);
    put16(at + 37, 0x0100); /* no compression */
    put16(at + 39, (uint32_t)name_size + 9);
    put16(at + 41, 0); /* server_name */
    put16(at + 43, (uint32_t)name_size + 5);
    put16(at + 45, (uint32_t)name_size + 3);
    at[47] = 0;
    put16(at + 48, (uint32_t)name_size);
    memcpy(at + 50, name, name_size);
    at += 50 + name_size;
    put16(hello + 3, (uint32_t)(at - hello - 5));
    put16(hello + 7, (uint32_t)(at - hello - 9));
    return (size_t)(at - hello);
}

/* RFC 8446, 4.1.3, with the supported_versions extension alone; returns its size. */
static size_t server_hello(uint8_t *hello)
{
    static const uint8_t start[] = {22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3};
    static const uint8_t end[] = {0, 0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4};
    memcpy(hello, start, sizeof start);
    memcpy(hello + sizeof start, noise + 32, 32);
    memcpy(hello + sizeof start + 32, end, sizeof end);
    return sizeof start + 32 + sizeof end;
}

static void begin_transfer(struct output *out, struct transfer *transfer, unsigned number, bool tls,
                           uint64_t body_size)
{
    uint8_t hello[128];
    *transfer = (struct transfer){.tls = tls,
                                  .client = 0x0a000001 + number,
                                  .port = (uint16_t)(40000 + number),
                                  .sent = {(uint32_t)next_random(out), (uint32_t)next_random(out)},
                                  .body_size = body_size};
    send_segment(out, transfer, 0, SYN, NULL, 0);
    send_segment(out, transfer, 1, SYN | ACK, NULL, 0);
    send_segment(out, transfer, 0, ACK, NULL, 0);
    if (tls) {
        send_segment(out, transfer, 0, ACK | PSH, hello, client_hello(hello, number));
        send_segment(out, transfer, 1, ACK | PSH, hello, server_hello(hello));
    }
}

/* What comes before the next noise of a server; an HTTP client asks for it. Returns its size. */
static size_t next_head(struct output *out, struct transfer *transfer, uint8_t *head)
{
    static const uint8_t record[] = {23, 3, 3, 0x40, 0}; /* application data, 16,384 bytes */
    if (transfer->tls) {
        memcpy(head, record, sizeof record);
        transfer->left = 16384;
        return sizeof record;
    }
    char text[160];
    int size =
        snprintf(text, sizeof text, "GET /file-%08x HTTP/1.1\r\nHost: bulk-%u.example\r\n\r\n",
                 transfer->sent[1], transfer->client & 0xff);
    send_segment(out, transfer, 0, ACK | PSH, text, (size_t)size);
    size = snprintf(text, sizeof text,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                    "Content-Length: %llu\r\n\r\n",
                    (unsigned long long)transfer->body_size);
    memcpy(head, text, (size_t)size);
    transfer->left = transfer->body_size;
    return (size_t)size;
}

/* The next bytes of the server, at most 1,400; a response begins its segment. Returns their size.
 */
static size_t fill_segment(struct output *out, struct transfer *transfer, uint8_t *payload)
{
    size_t size = 0;
    while (size < SEGMENT_SIZE) {
        if (transfer->left == 0) {
            if (size > 0 && (!transfer->tls || SEGMENT_SIZE - size < 5)) {
                break;
            }
            size += next_head(out, transfer, payload + size);
        }
        size_t step = SEGMENT_SIZE - size;
        if (step > transfer->left) {
            step = (size_t)transfer->left;
        }
        memcpy(payload + size, noise + next_random(out) % NOISE_SIZE, step);
        transfer->left -= step;
        size += step;
    }
    return size;
}

/* The client acknowledges every 16th segment, as one does whose network card joins segments. */
static void send_noise(struct output *out, struct transfer *transfer)
{
    uint8_t payload[SEGMENT_SIZE];
    size_t size = fill_segment(out, transfer, payload);
    send_segment(out, transfer, 1, ACK, payload, size);
    if (++transfer->unconfirmed == 16) {
        transfer->unconfirmed = 0;
        send_segment(out, transfer, 0, ACK, NULL, 0);
    }
}

/* Two segments, the second of them first. */
static void send_swapped(struct output *out, struct transfer *transfer)
{
    uint8_t payload[2][SEGMENT_SIZE];
    size_t first = fill_segment(out, transfer, payload[0]);
    uint32_t begin = transfer->sent[1];
    transfer->sent[1] += (uint32_t)first;
    size_t second = transfer->left > 0 ? fill_segment(out, transfer, payload[1]) : 0;
    if (second > 0) {
        send_segment(out, transfer, 1, ACK, payload[1], second);
    }
    transfer->sent[1] = begin;
    send_segment(out, transfer, 1, ACK, payload[0], first);
    transfer->sent[1] += (uint32_t)second;
}

enum { MOST_TRANSFERS = 64 };

static void make_transfers(struct output *out, unsigned count, unsigned tls_count,
                           uint64_t body_size, bool swapped)
{
    struct transfer transfers[MOST_TRANSFERS];
    for (unsigned i = 0; i < count; i++) {
        begin_transfer(out, &transfers[i], i, i < tls_count, body_size);
    }
    while (out->size < out->limit) {
        struct transfer *transfer = &transfers[next_random(out) % count];
        for (uint64_t burst = 1 + next_random(out) % 16; burst > 0; burst--) {
            if (swapped) {
                send_swapped(out, transfer);
            } else {
                send_noise(out, transfer);
            }
        }
    }
}

/* A question for an address and its answer (RFC 1035, 4.1); returns the size. */
static size_t dns_message(uint8_t *dns, uint64_t random, bool answer)
{
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 198, 51, 100};
    memset(dns, 0, 12);
    put16(dns, (uint32_t)random & 0xffff);
    put16(dns + 2, answer ? 0x8180 : 0x0100);
    dns[5] = 1;
    dns[7] = answer;
    size_t size =
        12 + 1 + (size_t)snprintf((char *)dns + 13, 20, "h%05x%ctest", (unsigned)(random >> 44), 4);
    dns[12] = 6;
    dns[size++] = 0;
    put32(dns + size, 0x00010001);
    size += 4;
    if (answer) {
        memcpy(dns + size, record, sizeof record);
        size += sizeof record;
        dns[size++] = (uint8_t)(random >> 16);
    }
    return size;
}

static void make_dns(struct output *out)
{
    while (out->size < out->limit) {
        uint8_t dns[64];
        uint64_t random = next_random(out);
        struct datagram question = {.source = 0x0a000000 + (uint16_t)(random >> 16),
                                    .destination = 0xc0000200 + (random >> 32 & 15),
                                    .source_port = (uint16_t)(1024 + next_random(out) % 64512),
                                    .destination_port = 53,
                                    .payload = dns,
                                    .size = dns_message(dns, random, false)};
        output_datagram(out, &question);
        struct datagram answer = {.source = question.destination,
                                  .destination = question.source,
                                  .source_port = 53,
                                  .destination_port = question.source_port,
                                  .payload = dns,
                                  .size = dns_message(dns, random, true)};
        output_datagram(out, &answer);
        out->time_ns += 47000; /* 20,000 questions a second */
    }
}

/* Each packet a session of its own: a SYN without data to the next address and port. */
static void make_scan(struct output *out)
{
    for (uint32_t i = 0; out->size < out->limit; i++) {
        struct datagram syn = {.source = 0xc6336400 + (i >> 28),
                               .destination = 0x0a000000 + (i & 0xfffff),
                               .source_port = 54321,
                               .destination_port = (uint16_t)(1 + (i >> 20)),
                               .sequence = (uint32_t)next_random(out),
                               .flags = SYN};
        output_datagram(out, &syn);
    }
}

/* Captures of the mix, 100 KiB each, in a folder. */
static void make_files(struct output *out, const char *folder, const struct mix *mix)
{
    uint64_t limit = out->limit;
    if (mkdir(folder, 0777) != 0) {
        die(folder);
    }
    for (unsigned number = 0; (uint64_t)number * 102400 < limit; number++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%05u.pcap", folder, number);
        output_open(out, path);
        out->limit = 102400;
        make_mix(out, mix, 8);
        output_close(out);
    }
}

static void make(struct output *out, const char *kind, char **captures)
{
    if (strcmp(kind, "mix") == 0) {
        struct mix *mix = mix_read(captures);
        make_mix(out, mix, 2000);
        mix_free(mix);
    } else if (strcmp(kind, "bulk") == 0) {
        make_transfers(out, 16, 8, 64 << 20, false);
    } else if (strcmp(kind, "session") == 0) {
        make_transfers(out, 1, 0, 1 << 20, false);
    } else if (strcmp(kind, "swapped") == 0) {
        make_transfers(out, MOST_TRANSFERS, 0, 256 << 10, true);
    } else if (strcmp(kind, "dns") == 0) {
        make_dns(out);
    } else if (strcmp(kind, "scan") == 0) {
        make_scan(out);
    } else {
        fprintf(stderr, "make_capture: kind '%s' is unknown\n", kind);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: make_capture KIND OUT SIZE SEED [CAPTURE...]\n", stderr);
        return 2;
    }
    struct output out = {.limit = strtoull(argv[3], NULL, 10),
                         .random = strtoull(argv[4], NULL, 10),
                         .time_ns = UINT64_C(1700000000000000000)};
    for (size_t i = 0; i < sizeof noise; i += 8) {
        uint64_t random = next_random(&out);
        memcpy(noise + i, &random, sizeof noise - i < 8 ? sizeof noise - i : 8);
    }
    if (strcmp(argv[1], "files") == 0) {
        struct mix *mix = mix_read(argv + 5);
        make_files(&out, argv[2], mix);
        mix_free(mix);
        return 0;
    }
    output_open(&out, argv[2]);
    make(&out, argv[1], argv + 5);
    output_close(&out);
    return 0;
}
