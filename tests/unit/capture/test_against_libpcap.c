/* SPDX-License-Identifier: MIT */
/* Reads captures with this library and with libpcap and compares them frame by frame:
 *
 *     test_against_libpcap FILE|DIRECTORY...
 *
 * libpcap's reader knows less: a file that it does not open (gzip, interfaces that differ) is
 * passed over, and one in which it stops is compared up to there. Exit status: 0 all equal, 1 not,
 * 77 nothing to compare. */
#include <ftw.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "capture/capture.h"

struct tally {
    size_t equal, passed_over, different;
};

/* nftw() passes no context. */
static struct tally tally;

static uint64_t time_of(const struct pcap_pkthdr *header)
{
    return (uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;
}

static bool same(const struct p2i_frame *frame, const struct pcap_pkthdr *header,
                 const uint8_t *data, uint32_t snaplen)
{
    /* libpcap cuts frames to the snaplen of the file header; we do not. */
    bool same_size =
        frame->size == header->caplen || (frame->size > snaplen && header->caplen == snaplen);
    /* Simple packet blocks have no time: libpcap uses 0, we use the time of the packet before. */
    bool same_time = frame->time_ns == time_of(header) || time_of(header) == 0;
    /* libpcap also reports an original length below the captured one. */
    uint32_t original_size = header->len > frame->size ? header->len : frame->size;
    return same_time && same_size && frame->original_size == original_size &&
           (header->caplen == 0 || memcmp(frame->data, data, header->caplen) == 0);
}

/* Compares as far as libpcap reads. Where libpcap stops, the file is damaged, or has damage that we
 * skip. */
static bool compare(struct p2i_capture *capture, struct p2i_block *block, pcap_t *oracle,
                    const char *path)
{
    struct p2i_error error;
    size_t next = 0;
    uint32_t snaplen = (uint32_t)pcap_snapshot(oracle);
    block->frame_count = 0;
    for (size_t number = 1;; number++) {
        struct pcap_pkthdr *header;
        const uint8_t *data;
        int status = pcap_next_ex(oracle, &header, &data);
        bool have = next < block->frame_count;
        if (!have && p2i_capture_read(capture, block, &error) == P2I_OK) {
            next = 0;
            have = true;
        }
        if (status != 1) {
            if (status == PCAP_ERROR_BREAK && have) {
                printf("%s: frame %zu: libpcap is at the end\n", path, number);
                return false;
            }
            return true;
        }
        if (!have || !same(&block->frames[next], header, data, snaplen)) {
            printf("%s: frame %zu: %s\n", path, number, have ? "differs" : "is missing");
            return false;
        }
        next++;
    }
}

static void compare_file(const char *path)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *oracle =
        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (oracle == NULL) {
        tally.passed_over++;
        return;
    }
    struct p2i_capture *capture = NULL;
    struct p2i_block block;
    struct p2i_error error;
    struct p2i_capture_settings settings = {0};
    bool equal = p2i_block_init(&block) &&
                 p2i_capture_open(&capture, &settings, &path, 1, NULL, NULL, &error) == P2I_OK &&
                 compare(capture, &block, oracle, path);
    if (equal) {
        tally.equal++;
    } else {
        tally.different++;
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
    pcap_close(oracle);
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    if (kind == FTW_F) {
        compare_file(path);
    }
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        (void)nftw(argv[i], visit, 16, FTW_PHYS);
    }
    printf("%zu equal, %zu passed over, %zu different\n", tally.equal, tally.passed_over,
           tally.different);
    if (tally.different > 0) {
        return 1;
    }
    return tally.equal > 0 ? 0 : 77;
}
