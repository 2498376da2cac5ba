/* SPDX-License-Identifier: MIT */
/* libpcap's bare loop over captures: the measure that the whole job is held against. Prints packets
 * and bytes. */
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
    struct sums sums = {0};
    int worst = argc > 1 ? 0 : 2;
    for (int i = 1; i < argc; i++) {
        char error[PCAP_ERRBUF_SIZE];
        pcap_t *capture = pcap_open_offline(argv[i], error);
        if (capture == NULL) {
            fprintf(stderr, "pcap_loop: %s\n", error);
            return 2;
        }
        if (pcap_loop(capture, -1, add, (u_char *)&sums) != 0) {
            worst = 1;
        }
        pcap_close(capture);
    }
    printf("%llu %llu\n", (unsigned long long)sums.packets, (unsigned long long)sums.bytes);
    return worst;
}
