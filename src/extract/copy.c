/* SPDX-License-Identifier: MIT */
#include "extract/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "export/pcapng_file.h"
#include "extract/names.h"
#include "pcap2ipfix/version.h"

enum {
    COMMENT_MAX = 512,
    INTERFACES_MAX = 256, /* of a capture that is not pcapng */
};

struct copy {
    struct p2i_selection *selection;
    const struct p2i_listed_frame *next, *end; /* of the capture */
    struct p2i_pcapng_file *file;
    char name[256];                      /* of the capture, for comments */
    bool plain;                          /* no comments of ours */
    bool pcapng;                         /* its blocks are copied */
    uint16_t link_types[INTERFACES_MAX]; /* else: of the interfaces written so far */
    uint32_t interface_count;
    uint64_t copied;
    enum p2i_result result;
    struct p2i_error *error;
};

static bool is_next(const struct copy *copy, uint64_t number)
{
    return copy->next < copy->end && p2i_frame_number(copy->next->place) == number;
}

/* Says where the frame is from, and why it is here. */
static void comment_on(const struct copy *copy, uint32_t reason, char comment[COMMENT_MAX])
{
    uint64_t number = p2i_frame_number(copy->next->place);
    if (reason >= P2I_REASON_FIRST_SESSION) {
        uint64_t id = copy->selection->sessions[reason - P2I_REASON_FIRST_SESSION].id;
        (void)snprintf(comment, COMMENT_MAX, "SESSION_ID %" PRIu64 ", packet %" PRIu64 " of %s", id,
                       number, copy->name);
        return;
    }
    const char *what = reason == P2I_REASON_RADIUS  ? "RADIUS, "
                       : reason == P2I_REASON_PPPOE ? "PPPoE, "
                                                    : "";
    (void)snprintf(comment, COMMENT_MAX, "%spacket %" PRIu64 " of %s", what, number, copy->name);
}

static void count(struct copy *copy, const struct p2i_frame *frame)
{
    uint32_t reason = copy->next->reason;
    if (reason >= P2I_REASON_FIRST_SESSION) {
        struct p2i_chosen_session *session =
            &copy->selection->sessions[reason - P2I_REASON_FIRST_SESSION];
        session->cut_frames += frame->size < frame->original_size;
    }
    copy->copied++;
    copy->next++;
}

/* Writes the next frame of the list. */
static void write_frame(struct copy *copy, const struct p2i_frame *frame, uint32_t interface_id,
                        uint64_t ticks, struct p2i_view options)
{
    char comment[COMMENT_MAX];
    if (!copy->plain) {
        comment_on(copy, copy->next->reason, comment);
    }
    struct p2i_pcapng_packet packet = {
        .frame = p2i_view_of(frame->data, frame->size),
        .original_size = frame->original_size,
        .interface_id = interface_id,
        .ticks = ticks,
        .options = options,
        .comment = copy->plain ? NULL : comment,
    };
    copy->result = p2i_pcapng_file_packet(copy->file, &packet, copy->error);
    count(copy, frame);
}

/* ---- pcapng ---- */

/* Options behind the frame in a packet block; a simple one has none. */
static struct p2i_view options_of(const struct p2i_capture_block *block)
{
    enum { LENGTH_SIZE = 4 };
    const struct p2i_frame *frame = block->frame;
    size_t at = (size_t)(frame->data - block->data) + ((size_t)frame->size + 3) / 4 * 4;
    size_t end = block->size - LENGTH_SIZE;
    return block->type == P2I_PCAPNG_PACKET_SIMPLE || at > end
               ? (struct p2i_view){0}
               : p2i_view_of(block->data + at, end - at);
}

/* Names of hosts, which may be those of others, and blocks of no known type are left out. */
static bool is_kept(uint32_t type)
{
    return type == P2I_PCAPNG_SECTION || type == P2I_PCAPNG_INTERFACE ||
           type == P2I_PCAPNG_STATISTICS || type == P2I_PCAPNG_SECRETS;
}

static void take_block(void *context, const struct p2i_capture_block *block)
{
    struct copy *copy = context;
    copy->pcapng = true;
    if (copy->result != P2I_OK) {
        return;
    }
    if (block->frame != NULL && is_next(copy, block->number)) {
        write_frame(copy, block->frame, block->frame->interface_id, block->ticks,
                    options_of(block));
    } else if (block->frame == NULL && is_kept(block->type)) {
        copy->result = p2i_pcapng_file_copy(copy->file, p2i_view_of(block->data, block->size),
                                            block->big, copy->error);
    }
}

/* ---- other formats ---- */

static void add_interface(struct copy *copy, uint16_t link_type)
{
    if (copy->interface_count == 0) {
        char application[64];
        (void)snprintf(application, sizeof application, "pcap2ipfix %s", p2i_version());
        copy->result = p2i_pcapng_file_section(copy->file, application, copy->error);
    }
    if (copy->result == P2I_OK) {
        copy->result = p2i_pcapng_file_interface(copy->file, link_type, copy->error);
    }
    copy->link_types[copy->interface_count++] = link_type;
}

/* The interface of a frame keeps its number, unless frames of that number have several link types.
 */
static uint32_t interface_of(struct copy *copy, const struct p2i_frame *frame)
{
    uint32_t wanted = frame->interface_id;
    while (copy->result == P2I_OK && copy->interface_count <= wanted &&
           copy->interface_count < INTERFACES_MAX) {
        add_interface(copy, frame->link_type);
    }
    if (wanted < copy->interface_count && copy->link_types[wanted] == frame->link_type) {
        return wanted;
    }
    uint32_t id = 0;
    while (id < copy->interface_count && copy->link_types[id] != frame->link_type) {
        id++;
    }
    if (id == INTERFACES_MAX) {
        copy->result = p2i_fail(copy->error, P2I_OUTPUT, "more than %d interfaces", INTERFACES_MAX);
    } else if (id == copy->interface_count && copy->result == P2I_OK) {
        add_interface(copy, frame->link_type);
    }
    return id;
}

static void take_frames(struct copy *copy, const struct p2i_block *block)
{
    for (size_t i = 0; i < block->frame_count && copy->result == P2I_OK; i++) {
        const struct p2i_frame *frame = &block->frames[i];
        if (is_next(copy, frame->number)) {
            uint32_t interface_id = interface_of(copy, frame);
            if (copy->result == P2I_OK) {
                write_frame(copy, frame, interface_id, frame->time_ns, (struct p2i_view){0});
            }
        }
    }
}

/* ---- both ---- */

static enum p2i_result read_all(struct copy *copy, struct p2i_capture *capture,
                                struct p2i_block *block)
{
    while (copy->result == P2I_OK) {
        enum p2i_result read = p2i_capture_read(capture, block, copy->error);
        if (read != P2I_OK) {
            return copy->result != P2I_OK ? copy->result : read == P2I_END ? P2I_OK : read;
        }
        if (!copy->pcapng) {
            take_frames(copy, block);
            if (copy->next == copy->end) {
                return copy->result;
            }
        }
    }
    return copy->result;
}

static enum p2i_result copy_capture(struct copy *copy, const struct p2i_copy_request *request)
{
    struct p2i_capture_settings settings = {
        .order = P2I_ORDER_ARGS,
        .window_bytes = request->memory_bytes,
        .is_stopped = request->is_stopped,
        .stop_context = request->context,
        .block = take_block,
        .block_context = copy,
    };
    struct p2i_capture *capture;
    struct p2i_block block = {0};
    enum p2i_result result =
        p2i_capture_open(&capture, &settings, &request->path, 1, NULL, NULL, copy->error);
    if (result != P2I_OK) {
        return result;
    }
    result =
        p2i_block_init(&block) ? read_all(copy, capture, &block) : p2i_fail_memory(copy->error);
    p2i_block_free(&block);
    p2i_capture_close(capture);
    if (result == P2I_OK && request->is_stopped != NULL && request->is_stopped(request->context)) {
        return P2I_END;
    }
    return result;
}

/* The first frame of the list that is not before the place. */
static const struct p2i_listed_frame *first_from(const struct p2i_selection *selection,
                                                 uint64_t place)
{
    size_t low = 0;
    size_t high = selection->list_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (selection->list[middle].place < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return selection->list + low;
}

enum p2i_result p2i_copy_frames(struct p2i_selection *selection,
                                const struct p2i_copy_request *request, uint64_t *copied,
                                struct p2i_error *error)
{
    struct copy *copy = calloc(1, sizeof *copy);
    if (copy == NULL) {
        return p2i_fail_memory(error);
    }
    copy->selection = selection;
    copy->next = first_from(selection, p2i_frame_place(request->capture, 0));
    copy->end = first_from(selection, p2i_frame_place(request->capture + 1, 0));
    copy->error = error;
    copy->plain = request->plain;
    p2i_capture_name(request->path, copy->name, sizeof copy->name);
    *copied = 0;
    enum p2i_result result = P2I_OK;
    if (copy->next < copy->end) {
        result = request->memory != NULL
                     ? p2i_pcapng_file_open_memory(&copy->file, request->memory, error)
                     : p2i_pcapng_file_open(&copy->file, request->output, request->mode, error);
        if (result == P2I_OK) {
            result = copy_capture(copy, request);
        }
        if (result == P2I_OK && copy->copied > 0) {
            result = p2i_pcapng_file_finish(copy->file, error);
        }
        *copied = copy->copied;
    }
    p2i_pcapng_file_free(copy->file);
    free(copy);
    return result;
}
