/* SPDX-License-Identifier: MIT */
#include "capture/slot.h"

#include "capture/source.h"

void p2i_slot_close(struct p2i_slot *slot)
{
    p2i_input_close(slot->input);
    slot->input = NULL;
    p2i_block_free(&slot->parked);
    slot->parked_next = 0;
}

/* Whether what could be read turns out to be no capture, where that is no error. */
static bool is_skipped(const struct p2i_capture *capture, const struct p2i_slot *slot)
{
    const struct p2i_error *error = &capture->error;
    return capture->settings.found != NULL && capture->settings.found[slot->index] &&
           slot->input != NULL && slot->facts.format == NULL && error->code == P2I_INPUT &&
           error->system_error == 0;
}

/* Notes that the input is damaged, refused or skipped. True: the run goes on. */
static bool report(struct p2i_capture *capture, struct p2i_slot *slot)
{
    const struct p2i_error *error = &capture->error;
    bool over = slot->input == NULL || p2i_input_over(slot->input);
    /* A capture is looked into before it is read in the order of time: say nothing twice. */
    bool known = slot->facts.damaged && !over;
    if (is_skipped(capture, slot)) {
        slot->facts.skipped = true;
        return true;
    }
    if (slot->input == NULL || (error->code == P2I_INPUT && slot->facts.format == NULL)) {
        slot->facts.refused = true;
    } else {
        slot->facts.damaged = true;
    }
    if (!known && capture->report != NULL) {
        capture->report(capture->report_context, error);
    }
    return !capture->settings.strict;
}

static enum p2i_result read_once(struct p2i_capture *capture, struct p2i_slot *slot,
                                 struct p2i_block *block, size_t read_bytes, uint64_t *next_ns)
{
    if (slot->input == NULL) {
        enum p2i_result result = p2i_input_open(&slot->input, slot->facts.path, &capture->settings,
                                                &capture->windows, &capture->error);
        if (result != P2I_OK) {
            return result;
        }
    }
    enum p2i_result result =
        p2i_input_read(slot->input, block, read_bytes, next_ns, &capture->error);
    slot->facts.format = p2i_input_format(slot->input);
    slot->facts.read_bytes = p2i_input_position(slot->input);
    return result;
}

enum p2i_result p2i_slot_read(struct p2i_capture *capture, struct p2i_slot *slot,
                              struct p2i_block *block, size_t read_bytes, uint64_t *next_ns)
{
    while (!p2i_is_stopped(&capture->settings)) {
        enum p2i_result result = read_once(capture, slot, block, read_bytes, next_ns);
        if (result == P2I_OK) {
            return P2I_OK;
        }
        if (result != P2I_INTERNAL && p2i_is_stopped(&capture->settings)) {
            break; /* what looks like damage may be but where the reading stopped */
        }
        bool stop = result == P2I_INTERNAL || (result != P2I_END && !report(capture, slot));
        if (stop || slot->input == NULL || p2i_input_over(slot->input)) {
            p2i_slot_close(slot);
            return stop ? result : P2I_END;
        }
    }
    block->frame_count = 0;
    p2i_slot_close(slot);
    return P2I_END;
}

void p2i_slot_count(struct p2i_slot *slot, struct p2i_frame *frames, size_t count)
{
    struct p2i_capture_facts *facts = &slot->facts;
    const struct p2i_frame *end = frames + count;
    const uint32_t index = (uint32_t)slot->index;
    uint64_t number = facts->frame_count;
    uint64_t first = facts->first_ns == 0 ? UINT64_MAX : facts->first_ns;
    uint64_t last = facts->last_ns;
    for (struct p2i_frame *frame = frames; frame < end; frame++) {
        uint64_t time = frame->time_ns;
        frame->capture = index;
        frame->number = ++number & P2I_FRAME_NUMBER_MAX;
        first = time < first && time != 0 ? time : first;
        last = time > last ? time : last;
    }
    facts->frame_count = number;
    facts->first_ns = first == UINT64_MAX ? 0 : first;
    facts->last_ns = last;
}
