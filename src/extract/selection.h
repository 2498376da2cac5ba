/* SPDX-License-Identifier: MIT */
/* What is extracted: sessions, and the frames that belong to them. Memory is proportional to these.
 * One thread. */
#ifndef P2I_EXTRACT_SELECTION_H
#define P2I_EXTRACT_SELECTION_H

#include "base/counts.h"
#include "extract/number_map.h"
#include "pcap2ipfix/address.h"
#include "pcap2ipfix/engine.h"

/* Why a frame is extracted: one of these, or FIRST_SESSION and the index of its session. */
enum p2i_frame_reason {
    P2I_REASON_NONE, /* it is not, after all */
    P2I_REASON_RADIUS,
    P2I_REASON_PPPOE,
    P2I_REASON_ASKED, /* it was asked for, and belongs to no session */
    P2I_REASON_FIRST_SESSION,
};

/* Where a frame is, in one number other than 0. */
static inline uint64_t p2i_frame_place(uint32_t capture, uint64_t packet)
{
    return (uint64_t)capture << 40 | packet;
}

/* False: 0, or more than a place can hold. */
static inline bool p2i_is_packet_number(uint64_t packet)
{
    return packet > 0 && packet < UINT64_C(1) << 40;
}

static inline uint32_t p2i_frame_capture(uint64_t place)
{
    return (uint32_t)(place >> 40);
}

static inline uint64_t p2i_frame_number(uint64_t place)
{
    return place & ((UINT64_C(1) << 40) - 1);
}

/* Frames of a session in one capture. */
struct p2i_frame_span {
    uint64_t first, last; /* places */
    uint64_t count;
};

struct p2i_chosen_session {
    uint64_t id;
    bool related; /* it explains a chosen one, or the other way round */
    bool known;   /* it was met, and the members below are set */
    struct p2i_session_facts facts;
    struct p2i_address address[2];      /* of the facts */
    uint64_t features;                  /* a bit for each enum p2i_feature */
    uint64_t records[P2I_RECORD_KINDS]; /* that it gave */
    uint64_t cut_records;               /* of these, those of incomplete messages */
    struct p2i_frame_span *spans;       /* of its listed frames, one for each capture; owned */
    size_t span_count;
    uint64_t cut_frames; /* of these, copied and cut by the snaplen */
};

/* Addresses, of which the first ones are sorted. */
struct p2i_address_list {
    struct p2i_address *addresses;
    size_t count, capacity, sorted;
};

struct p2i_listed_frame {
    uint64_t place;
    uint32_t reason; /* enum p2i_frame_reason */
};

/* Start zeroed. */
struct p2i_selection {
    struct p2i_chosen_session *sessions;
    size_t session_count, session_capacity;
    struct p2i_number_map session_of; /* SESSION_ID: index of the session */
    struct p2i_number_map asked;      /* places of packets whose sessions are wanted: 1 for a
                                         related one, else 0; 2 more when it was met */
    size_t asked_met;                 /* packets that were asked for and met */
    struct p2i_number_map frames;     /* by place: enum p2i_frame_reason */
    struct p2i_listed_frame *list;    /* the frames in order; see p2i_selection_list() */
    size_t list_count;
    /* Of the wanted sessions, for their logins. */
    struct p2i_address_list addresses[2]; /* IPv4, IPv6 */
    struct p2i_number_map scopes;         /* of sessions in PPPoE sessions */
    struct p2i_number_map macs;           /* of both ends of these */
    bool passed_over; /* since p2i_selection_prepare(): a control packet that explains no session
                         that was known then */
    bool grown;       /* likewise: something was added that earlier packets may belong to */
    bool out_of_memory;
};

void p2i_selection_free(struct p2i_selection *selection);

/* The wanted session with that id; NULL: it is not wanted. */
struct p2i_chosen_session *p2i_selection_session(const struct p2i_selection *selection,
                                                 uint64_t id);
/* Wants a session. */
void p2i_selection_want(struct p2i_selection *selection, uint64_t id, bool related);
/* Wants the session of a packet. */
void p2i_selection_ask(struct p2i_selection *selection, uint64_t place, bool related);
/* Notes the facts of a session at its beginning and its end, if it is wanted. */
void p2i_selection_note(struct p2i_selection *selection, const struct p2i_session_facts *facts);

/* Notes a record of a session, if that is wanted. */
void p2i_selection_record(struct p2i_selection *selection, const struct p2i_record *record);

/* A packet that was asked for wants its session. True: all of them were met. */
bool p2i_selection_find(struct p2i_selection *selection, const struct p2i_packet_facts *packet);

/* Forgets frames and counts, before the packets are gone through (again). */
void p2i_selection_prepare(struct p2i_selection *selection);
/* A packet that was asked for wants its session. Adds the packet if its session is wanted. */
void p2i_selection_packet(struct p2i_selection *selection, const struct p2i_packet_facts *packet);
/* Adds a control packet if it explains a wanted session. */
void p2i_selection_control(struct p2i_selection *selection,
                           const struct p2i_control_facts *control);

/* Lists the frames by place, and the spans of the sessions. */
void p2i_selection_list(struct p2i_selection *selection);

#endif
