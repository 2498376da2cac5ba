/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "pcap2ipfix/fate.h"

enum {
    LINK_TYPES = 1 << 16,
    SNAPLEN = 262144, /* what matching frames return; any but 0 would do */
};

struct program {
    struct bpf_program code;
    bool compiled; /* else nothing matches */
};

struct p2i_filter {
    const char *expression;
    struct program **programs; /* by link type, NULL until one is needed */
};

/* LINKTYPE_ values of files that have another DLT_ value in this system's libpcap. */
static int dlt_of(uint16_t link_type)
{
    static const struct {
        uint16_t link_type;
        int dlt;
    } differing[] = {
        {100, DLT_ATM_RFC1483}, {101, DLT_RAW},      {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS},
        {104, DLT_C_HDLC},      {106, DLT_ATM_CLIP}, {107, DLT_FRELAY},     {108, DLT_LOOP},
        {109, DLT_ENC},         {246, DLT_PFSYNC},
    };
    for (size_t i = 0; i < sizeof differing / sizeof differing[0]; i++) {
        if (differing[i].link_type == link_type) {
            return differing[i].dlt;
        }
    }
    return link_type;
}

/* *reason gets libpcap's words when it does not compile. */
static bool compile(struct bpf_program *code, const char *expression, int dlt,
                    struct p2i_error *reason)
{
    pcap_t *dead = pcap_open_dead(dlt, SNAPLEN);
    if (dead == NULL) {
        return false;
    }
    bool compiled = pcap_compile(dead, code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!compiled && reason != NULL) {
        (void)p2i_fail(reason, P2I_USAGE, "the filter cannot be compiled: %s", pcap_geterr(dead));
    }
    pcap_close(dead);
    return compiled;
}

/* Whether the expression is one at all: some words make sense for one kind of link only. */
static enum p2i_result check(const char *expression, struct p2i_error *error)
{
    static const int usual[] = {DLT_EN10MB, DLT_IEEE802_11, DLT_LINUX_SLL};
    (void)p2i_fail(error, P2I_INTERNAL, "out of memory");
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        struct bpf_program code;
        if (compile(&code, expression, usual[i], i == 0 ? error : NULL)) {
            pcap_freecode(&code);
            return P2I_OK;
        }
    }
    return error->code;
}

enum p2i_result p2i_filter_new(struct p2i_filter **opened, const char *expression,
                               struct p2i_error *error)
{
    *opened = NULL;
    enum p2i_result result = check(expression, error);
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_filter *filter = calloc(1, sizeof *filter);
    /* 512 KiB of which only the used pages become memory. */
    struct program **programs = calloc(LINK_TYPES, sizeof(struct program *));
    if (filter == NULL || programs == NULL) {
        free(filter);
        free(programs);
        return p2i_fail(error, P2I_INTERNAL, "out of memory");
    }
    filter->expression = expression;
    filter->programs = programs;
    *opened = filter;
    return P2I_OK;
}

void p2i_filter_free(struct p2i_filter *filter)
{
    if (filter == NULL) {
        return;
    }
    for (size_t i = 0; i < LINK_TYPES; i++) {
        struct program *program = filter->programs[i];
        if (program != NULL && program->compiled) {
            pcap_freecode(&program->code);
        }
        free(program);
    }
    free(filter->programs);
    free(filter);
}

/* NULL: memory is out. */
static const struct program *program_of(struct p2i_filter *filter, uint16_t link_type)
{
    struct program *program = filter->programs[link_type];
    if (program == NULL) {
        program = calloc(1, sizeof *program);
        if (program == NULL) {
            return NULL;
        }
        program->compiled = compile(&program->code, filter->expression, dlt_of(link_type), NULL);
        filter->programs[link_type] = program;
    }
    return program;
}

bool p2i_filter_apply(struct p2i_filter *filter, struct p2i_block *block)
{
    for (size_t i = 0; i < block->frame_count; i++) {
        struct p2i_frame *frame = &block->frames[i];
        const struct program *program = program_of(filter, frame->link_type);
        if (program == NULL) {
            return false;
        }
        struct pcap_pkthdr header = {.caplen = frame->size, .len = frame->original_size};
        if (!program->compiled || pcap_offline_filter(&program->code, &header, frame->data) == 0) {
            frame->skip = P2I_FATE_FILTERED;
        }
    }
    return true;
}
