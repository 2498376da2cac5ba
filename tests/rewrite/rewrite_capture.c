/* SPDX-License-Identifier: MIT */
/* rewrite_capture KEYFILE CAPTURE [OUT]: rewrites the frames of a capture, writes them to OUT
 * (pcap) and compares records: those of the rewritten frames must be those of the original ones
 * with each text and address replaced. Prints what differs, as lines that begin with '-' (wanted)
 * and '+' (found), and the number of records. Status 1: something differs. With '-' for a key
 * passwords are redacted, and nothing else.
 *
 * rewrite_capture --texts CAPTURE OUT: prints the texts of the records, one a line, hexadecimal,
 * and copies the frames to OUT. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

static void write_frames(pcap_t *pcap, const char *path, const struct frames *frames)
{
    pcap_dumper_t *dumper = pcap_dump_open(pcap, path);
    if (dumper == NULL) {
        fprintf(stderr, "%s: %s\n", path, pcap_geterr(pcap));
        exit(4);
    }
    for (size_t i = 0; i < frames->count; i++) {
        const struct p2i_engine_frame *frame = &frames->list[i];
        struct pcap_pkthdr header = {.caplen = frame->size, .len = frame->original_size};
        header.ts.tv_sec = (time_t)(frame->time_ns / 1000000000U);
        header.ts.tv_usec = (suseconds_t)(frame->time_ns % 1000000000U);
        pcap_dump((u_char *)dumper, &header, frame->data);
    }
    pcap_dump_close(dumper);
}

int main(int argc, char **argv)
{
    struct p2i_error error;
    struct frames frames = {0};
    struct lines wanted = {0};
    struct lines found = {0};
    bool flows = getenv("FLOWS") != NULL;
    if (argc < 3) {
        return 2;
    }
    pcap_t *pcap = read_frames(argv[2], &frames);
    if (strcmp(argv[1], "--texts") == 0) {
        wanted.strings = true;
        convert_frames(&frames, &wanted, false);
        if (argc > 3) {
            write_frames(pcap, argv[3], &frames);
        }
        free_frames(&frames);
        free_lines(&wanted);
        pcap_close(pcap);
        return 0;
    }
    struct p2i_rewrite *rewrite = rewrite_of(argv[1]);
    for (size_t i = 0; i < frames.count; i++) {
        if (p2i_rewrite_add(rewrite, &frames.list[i], &error) != P2I_OK) {
            fail("add", &error);
        }
    }
    if (p2i_rewrite_run(rewrite, &error) != P2I_OK) {
        fail("run", &error);
    }
    wanted.rewrite = rewrite;
    convert_frames(&frames, &wanted, flows);
    for (size_t i = 0; i < frames.count; i++) {
        free((void *)(uintptr_t)frames.list[i].data);
        frames.list[i].data = p2i_rewrite_frame(rewrite, i);
    }
    convert_frames(&frames, &found, flows);
    if (argc > 3) {
        write_frames(pcap, argv[3], &frames);
    }
    int status = compare_lines(&wanted, &found);
    printf("%zu records, %zu of the rewritten frames\n", wanted.count, found.count);
    free_lines(&wanted);
    free_lines(&found);
    free(frames.list);
    p2i_rewrite_free(rewrite);
    pcap_close(pcap);
    return status;
}
