/* SPDX-License-Identifier: MIT */
/* The least that reading a capture can cost: read() in segments and a walk over the record headers
 * of a classic pcap file in this machine's byte order. Prints packets and bytes. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20, FILE_HEADER = 24, RECORD_HEADER = 16 };

static uint8_t buffer[PIECE];

int main(int argc, char **argv)
{
    int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (file < 0) {
        fputs("usage: walk CAPTURE\n", stderr);
        return 2;
    }
    uint64_t packets = 0;
    uint64_t bytes = 0;
    uint64_t next = FILE_HEADER; /* of the next record header, from the start of the buffer */
    size_t kept = 0;
    for (ssize_t got; (got = read(file, buffer + kept, PIECE - kept)) > 0;) {
        size_t size = kept + (size_t)got;
        while (next + RECORD_HEADER <= size) {
            uint32_t captured;
            memcpy(&captured, buffer + next + 8, sizeof captured);
            packets++;
            bytes += captured;
            next += RECORD_HEADER + (uint64_t)captured;
        }
        kept = next < size ? size - (size_t)next : 0;
        memmove(buffer, buffer + (size - kept), kept);
        next -= size - kept;
    }
    (void)close(file);
    printf("%llu %llu\n", (unsigned long long)packets, (unsigned long long)bytes);
    return 0;
}
