/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/erf.h"
#include "capture/compile_filter.h"
#include "pcap2ipfix/fate.h"

enum {
    LINK_TYPES = 1 << 16,
    SHORT_BYTES = 1024, /* an expression that is compiled in less than a millisecond */
};

struct program {
    struct bpf_program code;
    bool compiled; /* false: matches nothing */
};

struct p2i_filter {
    const char *expression;
    const struct p2i_capture_settings *settings;
    struct program **programs; /* by link type; compiled when first needed */
    bool checked;              /* it compiles, for some link type */
};

/* LINKTYPE_ values that differ from this system's DLT_ values. */
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

/* libpcap reports names, which it could look up before, as "unknown host" and the like. */
static bool is_unknown_name(const struct p2i_error *error)
{
    return strstr(error->text, "unknown host") != NULL ||
           strstr(error->text, "unknown ether host") != NULL ||
           strstr(error->text, "unknown port") != NULL ||
           strstr(error->text, "unknown network") != NULL;
}

/* Finds or compiles the program for a link type. Returns P2I_OK also when it matches nothing. */
static enum p2i_result find_program(struct p2i_filter *filter, uint16_t link_type,
                                    const struct program **program, struct p2i_error *error)
{
    *program = filter->programs[link_type];
    if (*program != NULL) {
        return P2I_OK;
    }
    struct program *made = calloc(1, sizeof *made);
    if (made == NULL) {
        (void)p2i_fail_memory(error);
        return P2I_INTERNAL;
    }
    enum p2i_result result = p2i_compile_filter(&made->code, filter->expression, dlt_of(link_type),
                                                filter->settings, error);
    if (result == P2I_USAGE && filter->checked && is_unknown_name(error)) {
        result =
            p2i_fail(error, P2I_INTERNAL,
                     "cannot compile the filter for link type %u: names cannot be looked up any "
                     "more",
                     link_type);
    }
    if (result != P2I_OK && result != P2I_USAGE) {
        free(made);
        return result;
    }
    made->compiled = result == P2I_OK;
    filter->programs[link_type] = made;
    *program = made;
    return P2I_OK;
}

/* Checks the syntax with several link types, because some words are valid for one of them only. */
static enum p2i_result check(struct p2i_filter *filter, struct p2i_error *error)
{
    static const uint16_t usual[] = {DLT_EN10MB, DLT_IEEE802_11, DLT_LINUX_SLL};
    enum p2i_result worst = P2I_OK;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const struct program *program = NULL;
        struct p2i_error wrong = {0};
        enum p2i_result result = find_program(filter, usual[i], &program, &wrong);
        if (result != P2I_OK) {
            *error = wrong;
            return result;
        }
        if (program != NULL && program->compiled) {
            return P2I_OK;
        }
        if (i == 0) { /* report the message for Ethernet */
            *error = wrong;
            worst = wrong.code;
        }
    }
    return worst;
}

/* Compiles a short expression for the link types that captures usually have. Names in it are looked
 * up now: later the program may be sealed off. */
static enum p2i_result compile_usual(struct p2i_filter *filter, struct p2i_error *error)
{
    static const uint16_t usual[] = {0, 1, 9, 12, 50, 101, 105, 108, 113, 127, 228, 229, 276};
    enum p2i_result result = P2I_OK;
    bool is_short = strlen(filter->expression) <= SHORT_BYTES;
    for (size_t i = 0; is_short && i < sizeof usual / sizeof usual[0] && result == P2I_OK; i++) {
        const struct program *program;
        result = find_program(filter, usual[i], &program, error);
    }
    return result;
}

static struct p2i_filter *new_filter(const char *expression,
                                     const struct p2i_capture_settings *settings)
{
    struct p2i_filter *filter = calloc(1, sizeof *filter);
    /* 512 KiB of address space; only touched pages use memory. */
    struct program **programs = calloc(LINK_TYPES, sizeof(struct program *));
    if (filter == NULL || programs == NULL) {
        free(filter);
        free(programs);
        return NULL;
    }
    *filter =
        (struct p2i_filter){.expression = expression, .settings = settings, .programs = programs};
    return filter;
}

enum p2i_result p2i_filter_new(struct p2i_filter **opened, const char *expression,
                               const struct p2i_capture_settings *settings, struct p2i_error *error)
{
    *opened = NULL;
    struct p2i_filter *filter = new_filter(expression, settings);
    if (filter == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = check(filter, error);
    if (result == P2I_OK) {
        result = compile_usual(filter, error);
    }
    if (result != P2I_OK) {
        p2i_filter_free(filter);
        return result;
    }
    filter->checked = true;
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

/* libpcap does not look into ERF records, so the filter sees the packet in them. */
static struct p2i_frame seen_by_filter(const struct p2i_frame *frame)
{
    struct p2i_frame seen = *frame;
    struct p2i_erf_payload payload;
    if (frame->link_type == P2I_ERF_LINK_TYPE &&
        p2i_erf_open(p2i_view_of(frame->data, frame->size), &payload)) {
        seen.data = payload.bytes.data;
        seen.size = (uint32_t)payload.bytes.size;
        seen.original_size = payload.original_size;
        seen.link_type = payload.link_type;
    }
    return seen;
}

enum p2i_result p2i_filter_apply(struct p2i_filter *filter, struct p2i_block *block,
                                 struct p2i_error *error)
{
    for (size_t i = 0; i < block->frame_count; i++) {
        struct p2i_frame *frame = &block->frames[i];
        if (frame->skip != P2I_FATE_HANDLED) {
            continue;
        }
        const struct p2i_frame seen = seen_by_filter(frame);
        const struct program *program = filter->programs[seen.link_type];
        if (program == NULL) {
            enum p2i_result result = find_program(filter, seen.link_type, &program, error);
            if (result != P2I_OK) {
                return result;
            }
        }
        struct pcap_pkthdr header = {.caplen = seen.size, .len = seen.original_size};
        if (!program->compiled || pcap_offline_filter(&program->code, &header, seen.data) == 0) {
            frame->skip = P2I_FATE_FILTERED;
        }
    }
    return P2I_OK;
}
