/* SPDX-License-Identifier: MIT */
/* live CAPTURE: as records.c, but libpcap reads and the engine is fed frame by frame. With a handle
 * of pcap_open_live() in place of a file's this converts what an interface sees; between the
 * packets of a quiet interface, p2i_engine_flush() delivers the records that are still on their
 * way.
 *
 *     cc live.c -o live $(pkg-config --cflags --libs pcap2ipfix libpcap)
 */
#include <pcap/pcap.h>
#include <pcap2ipfix/engine.h>
#include <stdio.h>

struct run {
    pcap_t *capture;
    struct p2i_engine *engine;
    enum p2i_result result;
    struct p2i_error error;
};

static bool print_host(void *context, const struct p2i_record *record)
{
    (void)context;
    size_t size = 0;
    const char *host = p2i_record_string(record, "HOSTNAME", &size);
    if (host == NULL) {
        host = p2i_record_string(record, "DOMAIN", &size); /* of a DNS record */
    }
    if (host != NULL && size > 0) {
        printf("%.*s\n", (int)size, host);
    }
    return true;
}

static void feed(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct run *run = (struct run *)(void *)user;
    struct p2i_engine_frame frame = {
        .struct_size = sizeof frame,
        .data = bytes,
        .size = header->caplen,
        .original_size = header->len,
        /* The handle counts nanoseconds, see main(). */
        .time_ns = (uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec,
        .link_type = (uint16_t)pcap_datalink(run->capture),
    };
    run->result = p2i_engine_feed(run->engine, &frame, &run->error);
    if (run->result != P2I_OK) {
        pcap_breakloop(run->capture);
    }
}

static bool convert(struct run *run)
{
    struct p2i_engine_callbacks callbacks = {.struct_size = sizeof callbacks, .record = print_host};
    struct p2i_settings *settings = p2i_settings_new();
    run->result = p2i_engine_new(&run->engine, settings, &callbacks, &run->error);
    p2i_settings_free(settings);
    int status = 0;
    if (run->result == P2I_OK) {
        status = pcap_loop(run->capture, -1, feed, (u_char *)run);
    }
    if (run->result == P2I_OK) {
        run->result = p2i_engine_finish(run->engine, &run->error);
    }
    p2i_engine_free(run->engine);
    if (run->result != P2I_OK) {
        fprintf(stderr, "live: %s\n", run->error.text);
    } else if (status != 0) {
        fprintf(stderr, "live: %s\n", pcap_geterr(run->capture));
    }
    return run->result == P2I_OK && status == 0;
}

int main(int argc, char **argv)
{
    char text[PCAP_ERRBUF_SIZE] = "usage: live CAPTURE";
    struct run run = {0};
    if (argc == 2) {
        run.capture =
            pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, text);
    }
    if (run.capture == NULL) {
        fprintf(stderr, "live: %s\n", text);
        return 2;
    }
    bool good = convert(&run);
    pcap_close(run.capture);
    return good ? 0 : 1;
}
