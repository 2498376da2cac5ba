/* SPDX-License-Identifier: MIT */
/* libpcap's bare loop over a capture: the measure that the whole job is held against. Prints
 * packets and bytes. */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct sums {
    uint64_t packets;
    uint64_t bytes;
};

static void add(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct sums *sums = (struct sums *)(void *)user;
    (void)bytes;
    sums->packets++;
    sums->bytes += header->caplen;
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "usage: pcap_loop CAPTURE";
    pcap_t *capture = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    if (capture == NULL) {
        fprintf(stderr, "pcap_loop: %s\n", error);
        return 2;
    }
    struct sums sums = {0};
    int status = pcap_loop(capture, -1, add, (u_char *)&sums);
    pcap_close(capture);
    printf("%llu %llu\n", (unsigned long long)sums.packets, (unsigned long long)sums.bytes);
    return status == 0 ? 0 : 1;
}
