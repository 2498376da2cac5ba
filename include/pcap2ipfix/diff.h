/* SPDX-License-Identifier: MIT */
/* Compares two sets of records: each is IPFIX of any exporter or JSON Lines.
 *
 *     struct p2i_diff_settings settings = {.struct_size = sizeof settings,
 *                                          .memory_bytes = 1 << 30, .folder = "/tmp"};
 *     struct p2i_diff *diff;
 *     enum p2i_result result = p2i_diff_new(&diff, &settings, &error);
 *     for (int side = 0; side < 2 && result == P2I_OK; side++) {
 *         result = p2i_diff_add(diff, side, paths[side], &error);
 *     }
 *     if (result == P2I_OK) {
 *         result = p2i_diff_run(diff, print, context, &error);
 *     }
 *     bool same = p2i_diff_is_same(diff);
 *     p2i_diff_free(diff);
 *
 * Records are matched by kind and content, whatever their order and SESSION_ID; what then remains,
 * by kind and ends: in each group of the same addresses and ports those that have most fields in
 * common are a pair, the nearer in time first. Fields are compared by element, as text, so that
 * template ids, lengths, the order of fields and the form of the file make no difference. A field
 * that one side never has is not compared. With a tolerance of times all are matched in the second
 * way.
 *
 * The result depends on the records alone. Time: n log n for n records; of those without an equal,
 * 64 are tried for each. Memory is bounded; temporary files are used beyond it.
 *
 * A diff belongs to one thread at a time. */
#ifndef PCAP2IPFIX_DIFF_H
#define PCAP2IPFIX_DIFF_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_diff;
struct p2i_record_filter;

struct p2i_diff_settings {
    size_t struct_size;    /* sizeof(struct p2i_diff_settings), set by the caller */
    uint64_t memory_bytes; /* temporary files are used beyond it */
    const char *folder;    /* of temporary files, which have no names; outlives the diff */
    const char *kind;      /* only records of this kind; NULL: all but options records */
    struct p2i_record_filter *filter; /* only records that match it; NULL: all */
    const char *const *ignored;       /* names of fields, or "pen/id", that are not compared */
    size_t ignored_count;
    uint64_t tolerance_s; /* times that differ by so many seconds at most are equal */
    /* True: stop reading. May be NULL. */
    bool (*is_stopped)(void *context);
    void *context; /* of is_stopped */
};

/* The settings, and what they point at, must live until the diff is freed. P2I_OK: the caller frees
 * *diff; P2I_INTERNAL: out of memory. *diff is NULL after an error. */
enum p2i_result p2i_diff_new(struct p2i_diff **diff, const struct p2i_diff_settings *settings,
                             struct p2i_error *error);

/* Adds all records of a file to side 0 or 1; "-" is standard input. A side may have several files.
 * P2I_OK; P2I_INPUT: the file cannot be opened or read; P2I_DAMAGED: it is cut, or neither IPFIX
 * nor JSON Lines: the records before that were added; P2I_END: is_stopped; P2I_OUTPUT: a temporary
 * file failed; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_diff_add(struct p2i_diff *diff, int side, const char *path,
                             struct p2i_error *error);

/* A field of a record or of a pair. `text`: the value of each side as JSON without quotes (RFC 8259
 * section 7). New members come at the end. */
struct p2i_diff_field {
    const char *name;
    bool here[2];   /* the record of this side has it */
    bool number[2]; /* the value stands without quotes in JSON */
    bool differs;   /* it is one of the differences of a pair */
    bool is_end;    /* an address or a port of the ends */
    struct p2i_view text[2];
};

/* A difference: a pair whose fields differ, or a record of one side without a partner. New members
 * come at the end. */
struct p2i_diff_record {
    const char *kind;
    bool here[2]; /* the sides that have it */
    size_t field_count;
    const struct p2i_diff_field *fields; /* all of the record, or of both */
};

/* Takes a difference, which lives for the call. An error ends p2i_diff_run() with that error. */
typedef enum p2i_result p2i_diff_take(void *context, const struct p2i_diff_record *record,
                                      struct p2i_error *error);

/* Compares, and gives each difference to `take`, in the order of time and reading; called once.
 * P2I_OK; P2I_OUTPUT: a temporary file failed; P2I_INTERNAL: out of memory; else the error of
 * `take`. */
enum p2i_result p2i_diff_run(struct p2i_diff *diff, p2i_diff_take *take, void *context,
                             struct p2i_error *error);

/* Counters of a kind of records. New members come at the end. */
struct p2i_diff_kind {
    const char *name;
    uint64_t records[2]; /* of each side */
    uint64_t same;       /* pairs without a difference */
    uint64_t different;  /* pairs whose fields differ */
    uint64_t only[2];    /* records of one side without a partner */
};

/* Counters of a field in the records of a kind. New members come at the end. */
struct p2i_diff_field_count {
    const char *name;
    uint64_t different; /* pairs */
    bool missing[2];    /* this side never has it, so it was not compared */
    bool ignored;
    struct p2i_view example[2]; /* values of the first pair that differs, perhaps cut */
};

/* Kind `index`, from 0; it may have no record. False: there are fewer. Strings live as long as the
 * diff. */
bool p2i_diff_kind_at(const struct p2i_diff *diff, size_t index, struct p2i_diff_kind *kind);
/* Field `index` of the kind `kind`; false: there are fewer. */
bool p2i_diff_field_at(const struct p2i_diff *diff, size_t kind, size_t index,
                       struct p2i_diff_field_count *field);
/* Number of sessions, by SESSION_ID, of a side whose records belong to several sessions of the
 * other side. Known from pairs that are unambiguous. */
uint64_t p2i_diff_split_sessions(const struct p2i_diff *diff, int side);
/* Whether both sides have the same records. */
bool p2i_diff_is_same(const struct p2i_diff *diff);
/* Whether they also have them in the same order. */
bool p2i_diff_is_same_order(const struct p2i_diff *diff);
void p2i_diff_free(struct p2i_diff *diff); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
