/* SPDX-License-Identifier: MIT */
/* The least that reading captures can cost: read() in segments and a walk over the record headers
 * of classic pcap files in this machine's byte order. Prints packets and bytes. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20, FILE_HEADER = 24, RECORD_HEADER = 16 };

static uint8_t buffer[PIECE];

static bool walk(const char *path, uint64_t *packets, uint64_t *bytes)
{
    int file = open(path, O_RDONLY);
    uint64_t next = FILE_HEADER; /* of the next record header, from the start of the buffer */
    size_t kept = 0;
    if (file < 0) {
        return false;
    }
    for (ssize_t got; (got = read(file, buffer + kept, PIECE - kept)) > 0;) {
        size_t size = kept + (size_t)got;
        while (next + RECORD_HEADER <= size) {
            uint32_t captured;
            memcpy(&captured, buffer + next + 8, sizeof captured);
            (*packets)++;
            *bytes += captured;
            next += RECORD_HEADER + (uint64_t)captured;
        }
        kept = next < size ? size - (size_t)next : 0;
        memmove(buffer, buffer + (size - kept), kept);
        next -= size - kept;
    }
    (void)close(file);
    return true;
}

int main(int argc, char **argv)
{
    uint64_t packets = 0;
    uint64_t bytes = 0;
    for (int i = 1; i < argc; i++) {
        if (!walk(argv[i], &packets, &bytes)) {
            perror(argv[i]);
            return 2;
        }
    }
    printf("%llu %llu\n", (unsigned long long)packets, (unsigned long long)bytes);
    return argc > 1 ? 0 : 2;
}
