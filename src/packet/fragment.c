/* SPDX-License-Identifier: MIT */
/* Reassembles IP fragments (RFC 791, 3.2; RFC 8200, 4.5).
 *
 * A reassembly is one buffer, into which fragments are copied at their offsets, and two bits for
 * each eight bytes: "is present" and "a fragment begins here" (fragments begin at multiples of
 * eight). It needs no list of fragments and no limit on their number: a packet costs 2 KiB and its
 * own size, however it is cut.
 *
 * Receivers disagree on fragments that contradict each other, so it is unknown which bytes a host
 * accepted: such a packet is dropped. Its key stays until the time-out, so that late fragments do
 * not form a packet of their own.
 *
 * The time-out applies between fragments of one packet only: a wrong stamp of another packet cannot
 * expire it. Incomplete packets are dropped when their memory is needed.
 *
 * Buffers use malloc: a pool would keep the peak use of each size. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>

#include "packet/internal.h"

enum {
    UNIT = 8,
    DATA_MAX = 65535,
    UNIT_WORDS = (65536 / UNIT) / 64, /* one bit each */
    HEADROOM = 64,                    /* for the IP header, which ends where the data begins */
    BUFFER_LEAST = 2048,              /* fits two usual fragments */
    MEMORY_STEP = 256 << 10,          /* upper bound of the memory that one fragment adds */
    BUCKETS = 4096,
    PLACES_MAX = 1 << 16, /* of a packet; only repeated fragments are more */
};
/* A fragment that comes more than this after the first one belongs to another packet. No other
 * action depends on time, so that a wrong stamp harms its own packet only. */
static const uint64_t time_out_ns = UINT64_C(30000000000);

struct key {
    struct p2i_address source, destination;
    uint32_t identification;
    uint32_t scope;
    uint8_t ip_version;
    uint8_t protocol; /* IPv4 only: fragments of one IPv6 packet may differ in it */
};

/* A packet being reassembled. */
struct reassembly {
    struct reassembly *next_in_bucket;
    struct reassembly **link_in_bucket; /* the pointer to this element */
    struct reassembly *older, *newer;
    struct key key;
    struct p2i_frame_places frames; /* with its fragments; only if they are noted */
    uint64_t time_ns;               /* of the first fragment captured */
    uint8_t *buffer;                /* NULL before the first data, and after a drop */
    size_t capacity;
    uint32_t total;        /* length of the data; valid if total_known */
    uint32_t end;          /* end of the data seen so far */
    uint32_t captured_end; /* `total`, or less if the snaplen cut the last fragment */
    uint32_t unit_count;   /* units present */
    uint32_t fragment_count;
    uint8_t header_size; /* 0: first fragment not seen yet */
    uint8_t protocol;
    bool total_known;
    bool dropped;        /* its fragments contradict each other */
    uint32_t words_used; /* of each of the arrays below; the others are not initialised */
    uint64_t units[UNIT_WORDS];
    uint64_t starts[UNIT_WORDS];
};

struct p2i_fragments {
    struct p2i_decoder_counts *counts;
    uint64_t memory_used; /* by reassemblies */
    uint64_t memory_limit;
    uint64_t secret;
    struct reassembly *oldest, *newest;
    struct p2i_joined_buffers *joined; /* where the buffers of complete packets go */
    struct reassembly *buckets[BUCKETS];
};

/* Prevents captures that fill one bucket. The output does not depend on the secret, because buckets
 * are only searched for one key. */
static uint64_t secret_of_hash(void)
{
    uint64_t secret;
    if (getrandom(&secret, sizeof secret, GRND_NONBLOCK) != (ssize_t)sizeof secret) {
        secret = 0;
    }
    return secret;
}

struct p2i_fragments *p2i_fragments_new(struct p2i_decoder_counts *counts, uint64_t memory_bytes)
{
    struct p2i_fragments *fragments = calloc(1, sizeof *fragments);
    if (fragments == NULL) {
        return NULL;
    }
    fragments->counts = counts;
    fragments->memory_limit = memory_bytes;
    fragments->secret = secret_of_hash();
    return fragments;
}

void p2i_fragments_join_into(struct p2i_fragments *fragments, struct p2i_joined_buffers *joined)
{
    fragments->joined = joined;
}

void p2i_joined_buffers_clear(struct p2i_joined_buffers *joined)
{
    while (joined->count > 0) {
        free(joined->buffers[--joined->count]);
    }
    joined->bytes = 0;
}

void p2i_joined_buffers_free(struct p2i_joined_buffers *joined)
{
    p2i_joined_buffers_clear(joined);
    free(joined->buffers);
    *joined = (struct p2i_joined_buffers){0};
}

static bool keep(struct p2i_joined_buffers *joined, uint8_t *buffer, size_t bytes)
{
    if (joined->count == joined->capacity) {
        size_t capacity = joined->capacity > 0 ? 2 * joined->capacity : 16;
        uint8_t **buffers = realloc(joined->buffers, capacity * sizeof *buffers);
        if (buffers == NULL) {
            return false;
        }
        joined->buffers = buffers;
        joined->capacity = capacity;
    }
    joined->buffers[joined->count++] = buffer;
    joined->bytes += bytes;
    return true;
}

static bool key_equals(const struct key *a, const struct key *b)
{
    return a->identification == b->identification && a->scope == b->scope &&
           a->ip_version == b->ip_version && a->protocol == b->protocol &&
           memcmp(&a->source, &b->source, sizeof a->source) == 0 &&
           memcmp(&a->destination, &b->destination, sizeof a->destination) == 0;
}

static struct reassembly **bucket_of(struct p2i_fragments *fragments, const struct key *key)
{
    uint64_t hash = p2i_mix(fragments->secret, key->source.words[0]);
    hash = p2i_mix(hash, key->source.words[1]);
    hash = p2i_mix(hash, key->destination.words[0]);
    hash = p2i_mix(hash, key->destination.words[1]);
    hash = p2i_mix(hash, (uint64_t)key->identification << 32 | key->scope);
    return &fragments->buckets[(hash >> 32) % BUCKETS];
}

/* Unlinks a reassembly and frees it. */
static void release(struct p2i_fragments *fragments, struct reassembly *reassembly)
{
    *reassembly->link_in_bucket = reassembly->next_in_bucket;
    if (reassembly->next_in_bucket != NULL) {
        reassembly->next_in_bucket->link_in_bucket = reassembly->link_in_bucket;
    }
    *(reassembly->older != NULL ? &reassembly->older->newer : &fragments->oldest) =
        reassembly->newer;
    *(reassembly->newer != NULL ? &reassembly->newer->older : &fragments->newest) =
        reassembly->older;
    fragments->memory_used -= sizeof *reassembly + reassembly->capacity;
    p2i_frame_places_free(&reassembly->frames);
    free(reassembly->buffer);
    free(reassembly);
}

void p2i_fragments_free(struct p2i_fragments *fragments)
{
    if (fragments == NULL) {
        return;
    }
    for (struct reassembly *reassembly = fragments->oldest; reassembly != NULL;) {
        struct reassembly *newer = reassembly->newer;
        p2i_frame_places_free(&reassembly->frames);
        free(reassembly->buffer);
        free(reassembly);
        reassembly = newer;
    }
    free(fragments);
}

static void release_oldest(struct p2i_fragments *fragments)
{
    struct reassembly *oldest = fragments->oldest;
    oldest->older = NULL; /* as it is; an analyser does not see it */
    release(fragments, oldest);
}

/* Drops the oldest reassemblies until one more fragment fits. */
static void make_room(struct p2i_fragments *fragments)
{
    while (fragments->oldest != NULL &&
           fragments->memory_used + MEMORY_STEP > fragments->memory_limit) {
        release_oldest(fragments);
    }
}

/* True when the times are too far apart for one packet, in either direction. */
static bool is_timed_out(uint64_t time_ns, uint64_t now_ns)
{
    return (now_ns > time_ns ? now_ns - time_ns : time_ns - now_ns) > time_out_ns;
}

/* Finds the reassembly of a key; NULL: none. */
static struct reassembly *find(struct p2i_fragments *fragments, const struct key *key,
                               uint64_t now_ns)
{
    struct reassembly *reassembly = *bucket_of(fragments, key);
    while (reassembly != NULL && !key_equals(&reassembly->key, key)) {
        reassembly = reassembly->next_in_bucket;
    }
    if (reassembly != NULL && is_timed_out(reassembly->time_ns, now_ns)) {
        release(fragments, reassembly);
        return NULL;
    }
    return reassembly;
}

/* Begins a reassembly. NULL: out of memory. */
static struct reassembly *begin(struct p2i_fragments *fragments, const struct key *key,
                                uint64_t now_ns)
{
    struct reassembly **bucket = bucket_of(fragments, key);
    struct reassembly *reassembly = malloc(sizeof *reassembly);
    if (reassembly == NULL) {
        return NULL;
    }
    fragments->memory_used += sizeof *reassembly;
    memset(reassembly, 0, offsetof(struct reassembly, units));
    reassembly->next_in_bucket = *bucket;
    reassembly->link_in_bucket = bucket;
    reassembly->older = fragments->newest;
    reassembly->key = *key;
    reassembly->time_ns = now_ns;
    if (*bucket != NULL) {
        (*bucket)->link_in_bucket = &reassembly->next_in_bucket;
    }
    *bucket = reassembly;
    *(fragments->newest != NULL ? &fragments->newest->newer : &fragments->oldest) = reassembly;
    fragments->newest = reassembly;
    return reassembly;
}

/* Grows the buffer for data up to `end`. False: out of memory. */
static bool reserve(struct p2i_fragments *fragments, struct reassembly *reassembly, uint32_t end)
{
    size_t size = HEADROOM + (size_t)end;
    if (size <= reassembly->capacity) {
        return true;
    }
    if (size < 2 * reassembly->capacity) {
        size = 2 * reassembly->capacity; /* doubles, for many small fragments */
    }
    if (size > HEADROOM + (size_t)DATA_MAX) {
        size = HEADROOM + (size_t)DATA_MAX;
    }
    size = size < BUFFER_LEAST ? BUFFER_LEAST : size;
    uint8_t *buffer = realloc(reassembly->buffer, size);
    if (buffer == NULL) {
        return false;
    }
    fragments->memory_used += size - reassembly->capacity;
    reassembly->buffer = buffer;
    reassembly->capacity = size;
    return true;
}

/* True when the fragment can be part of a packet. Only the last one may have a length that is no
 * multiple of eight. */
static bool is_valid(const struct p2i_fragment *fragment)
{
    return fragment->length > 0 && fragment->length <= DATA_MAX &&
           fragment->offset + fragment->length <= DATA_MAX &&
           (!fragment->more || fragment->length % UNIT == 0);
}

/* Units that a fragment covers, wholly or partly: first <= unit < end. */
struct range {
    uint32_t first, end;
};

static struct range range_of(const struct p2i_fragment *fragment)
{
    return (struct range){.first = fragment->offset / UNIT,
                          .end = (fragment->offset + fragment->length + UNIT - 1) / UNIT};
}

/* Initialises the words up to the one behind the fragment. Most packets are small: clearing all of
 * them costs more than the rest of a reassembly. */
static void use_words(struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    uint32_t end = range_of(fragment).end / 64 + 1;
    end = end < UNIT_WORDS ? end : UNIT_WORDS;
    if (end > reassembly->words_used) {
        size_t bytes = (end - reassembly->words_used) * sizeof reassembly->units[0];
        memset(reassembly->units + reassembly->words_used, 0, bytes);
        memset(reassembly->starts + reassembly->words_used, 0, bytes);
        reassembly->words_used = end;
    }
}

/* The bits of word `i` that are in the range. */
static uint64_t mask_of(struct range range, uint32_t i)
{
    uint64_t mask = UINT64_MAX;
    if (i == range.first / 64) {
        mask <<= range.first % 64;
    }
    if (i == (range.end - 1) / 64) {
        mask &= UINT64_MAX >> (63 - (range.end - 1) % 64);
    }
    return mask;
}

/* Counts the set bits of a range, which may be empty. */
static uint32_t count_bits(const uint64_t *bits, struct range range)
{
    uint32_t count = 0;
    for (uint32_t i = range.first / 64; range.first < range.end && i <= (range.end - 1) / 64; i++) {
        count += (uint32_t)__builtin_popcountll(bits[i] & mask_of(range, i));
    }
    return count;
}

static bool is_set(const uint64_t *bits, uint32_t unit)
{
    return (bits[unit / 64] >> unit % 64 & 1) != 0;
}

/* True when the fragment and the earlier ones disagree about the end of the packet. */
static bool contradicts_end(const struct reassembly *reassembly,
                            const struct p2i_fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (reassembly->total_known) {
        return fragment->more ? end > reassembly->total : end != reassembly->total;
    }
    return !fragment->more && end < reassembly->end;
}

/* True when the fragment overlaps with different bytes. Bytes cut by the snaplen are not compared.
 */
static bool differs(const struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    uint32_t known_end = reassembly->total_known ? reassembly->captured_end : reassembly->end;
    for (uint32_t unit = range.first; unit < range.end; unit++) {
        uint32_t at = unit * UNIT;
        uint32_t end = at + UNIT < known_end ? at + UNIT : known_end;
        if (end > fragment->offset + (uint32_t)fragment->data.size) {
            end = fragment->offset + (uint32_t)fragment->data.size;
        }
        if (end > at && is_set(reassembly->units, unit) &&
            memcmp(reassembly->buffer + HEADROOM + at,
                   fragment->data.data + (at - fragment->offset), end - at) != 0) {
            return true;
        }
    }
    return false;
}

/* True when a fragment with the same offset and length came before. */
static bool is_duplicate(const struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    bool is_last =
        reassembly->total_known && fragment->offset + fragment->length == reassembly->total;
    return fragment->more == !is_last &&
           count_bits(reassembly->units, range) == range.end - range.first &&
           count_bits(reassembly->starts, range) == 1 && is_set(reassembly->starts, range.first) &&
           (is_last || !is_set(reassembly->units, range.end) ||
            is_set(reassembly->starts, range.end));
}

/* True when the fragment contradicts earlier ones. IPv4: it overlaps with different bytes. IPv6: it
 * overlaps and is no exact duplicate (RFC 8200, 4.5, RFC 5722, 4). Both: it disagrees about the
 * end. */
static bool contradicts(struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    if (contradicts_end(reassembly, fragment)) {
        return true;
    }
    use_words(reassembly, fragment);
    if (count_bits(reassembly->units, range_of(fragment)) == 0) {
        return false;
    }
    return differs(reassembly, fragment) ||
           (reassembly->key.ip_version == 6 && !is_duplicate(reassembly, fragment));
}

/* True when the captured bytes suffice. The snaplen may have cut only the last fragment of the
 * packet; its captured end then is the captured end of the packet. */
static bool is_usable(const struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    return fragment->data.size == fragment->length || (!fragment->more && !reassembly->total_known);
}

/* Marks the units as present, with those that the snaplen cut: they are behind `captured_end` and
 * never delivered. */
static void fill(struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    use_words(reassembly, fragment);
    reassembly->unit_count += range.end - range.first - count_bits(reassembly->units, range);
    for (uint32_t i = range.first / 64; i <= (range.end - 1) / 64; i++) {
        reassembly->units[i] |= mask_of(range, i);
    }
    reassembly->starts[range.first / 64] |= UINT64_C(1) << range.first % 64;
    if (fragment->data.size > 0) {
        memcpy(reassembly->buffer + HEADROOM + fragment->offset, fragment->data.data,
               fragment->data.size);
    }
}

static void place(struct reassembly *reassembly, const struct p2i_fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (end > reassembly->end) {
        reassembly->end = end;
    }
    if (!fragment->more && !reassembly->total_known) {
        reassembly->total_known = true;
        reassembly->total = end;
        reassembly->captured_end = fragment->offset + (uint32_t)fragment->data.size;
    }
    if (fragment->offset == 0 && reassembly->header_size == 0) {
        reassembly->header_size = (uint8_t)fragment->header.size;
        reassembly->protocol = fragment->protocol;
        memcpy(reassembly->buffer + HEADROOM - fragment->header.size, fragment->header.data,
               fragment->header.size);
    }
    fill(reassembly, fragment);
}

static void store_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

/* Makes the header that of an unfragmented packet. A length that does not fit becomes 0, as in a
 * jumbogram. */
static void rewrite_header(uint8_t *header, const struct reassembly *reassembly)
{
    if (reassembly->key.ip_version == 4) {
        uint32_t total = reassembly->header_size + reassembly->total;
        store_be16(header + 2, total <= UINT16_MAX ? total : 0);
        store_be16(header + 6, 0);
    } else {
        store_be16(header + 4, reassembly->total);
        header[6] = reassembly->protocol;
    }
}

/* Hands the buffer over and frees the rest of the reassembly. False: out of memory. */
static bool deliver(struct p2i_fragments *fragments, struct reassembly *reassembly,
                    struct p2i_joined *joined)
{
    size_t used = HEADROOM + (size_t)reassembly->captured_end;
    uint8_t *fitting = realloc(reassembly->buffer, used); /* it may live for a while */
    if (fitting != NULL) {
        reassembly->buffer = fitting;
    }
    if (!keep(fragments->joined, reassembly->buffer, used)) {
        release(fragments, reassembly);
        return false;
    }
    uint8_t *header = reassembly->buffer + HEADROOM - reassembly->header_size;
    rewrite_header(header, reassembly);
    *joined = (struct p2i_joined){
        .ip = p2i_view_of(header, (size_t)reassembly->header_size + reassembly->captured_end),
        .header_size = reassembly->header_size,
        .length = reassembly->total,
        .protocol = reassembly->protocol,
    };
    fragments->memory_used -= reassembly->capacity;
    reassembly->buffer = NULL;
    reassembly->capacity = 0;
    fragments->counts->fragment_joined_count++;
    fragments->counts->fragment_dropped_count -= reassembly->fragment_count;
    release(fragments, reassembly);
    return true;
}

/* Drops a packet with contradicting fragments; its key stays. */
static void drop(struct p2i_fragments *fragments, struct reassembly *reassembly)
{
    fragments->counts->fragment_overlap_count++;
    fragments->memory_used -= reassembly->capacity;
    free(reassembly->buffer);
    reassembly->buffer = NULL;
    reassembly->capacity = 0;
    reassembly->dropped = true;
}

static struct key key_of(const struct p2i_decoding *decoding, const struct p2i_fragment *fragment)
{
    const struct p2i_packet *packet = decoding->packet;
    return (struct key){
        .source = packet->source,
        .destination = packet->destination,
        .identification = fragment->identification,
        .scope = p2i_scope_fold(decoding->scope),
        .ip_version = packet->ip_version,
        .protocol = packet->ip_version == 4 ? fragment->protocol : 0,
    };
}

/* True when earlier fragments forbid to use this one. */
static bool is_refused(struct p2i_fragments *fragments, struct reassembly *reassembly,
                       const struct p2i_fragment *fragment)
{
    if (!reassembly->dropped && is_valid(fragment) && contradicts(reassembly, fragment)) {
        drop(fragments, reassembly);
    }
    return reassembly->dropped;
}

bool p2i_fragments_alone(struct p2i_decoding *decoding, const struct p2i_fragment *fragment)
{
    struct key key = key_of(decoding, fragment);
    struct reassembly *reassembly = find(decoding->fragments, &key, decoding->packet->time_ns);
    bool refused = reassembly != NULL && is_refused(decoding->fragments, reassembly, fragment);
    decoding->fragments->counts->fragment_dropped_count += refused;
    return !refused;
}

/* Notes the frame of a fragment: it may have been reassembled from others. False: out of memory. */
static bool note_frames(const struct p2i_decoding *decoding, struct reassembly *reassembly)
{
    uint64_t own = p2i_packet_place(decoding->packet);
    return decoding->frames == NULL || reassembly->frames.count >= PLACES_MAX ||
           (p2i_frame_places_add(&reassembly->frames, decoding->frames->list,
                                 decoding->frames->count) &&
            p2i_frame_places_add(&reassembly->frames, &own, 1));
}

/* Passes the frames of a complete packet on, without the last, which is being decoded. */
static void take_frames(const struct p2i_decoding *decoding, struct reassembly *reassembly)
{
    if (decoding->frames != NULL) {
        struct p2i_frame_places old = *decoding->frames;
        *decoding->frames = reassembly->frames;
        decoding->frames->count -= decoding->frames->count > 0;
        reassembly->frames = old;
    }
}

bool p2i_fragments_add(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                       struct p2i_joined *joined)
{
    struct p2i_fragments *fragments = decoding->fragments;
    uint64_t now_ns = decoding->packet->time_ns;
    struct key key = key_of(decoding, fragment);
    /* Corrected when the packet is complete; fragments still held at the end count as dropped. */
    fragments->counts->fragment_dropped_count++;
    if (decoding->join_count >= P2I_JOIN_MAX || !is_valid(fragment)) {
        return false;
    }
    make_room(fragments);
    struct reassembly *reassembly = find(fragments, &key, now_ns);
    if (reassembly != NULL && is_refused(fragments, reassembly, fragment)) {
        return false;
    }
    if (reassembly == NULL) {
        reassembly = begin(fragments, &key, now_ns);
    }
    if (reassembly == NULL) {
        return false;
    }
    if (!is_usable(reassembly, fragment) ||
        !reserve(fragments, reassembly, fragment->offset + fragment->length) ||
        !note_frames(decoding, reassembly)) {
        if (reassembly->fragment_count == 0) {
            release(fragments, reassembly);
        }
        return false;
    }
    reassembly->fragment_count++;
    place(reassembly, fragment);
    if (!reassembly->total_known ||
        reassembly->unit_count < (reassembly->total + UNIT - 1) / UNIT) {
        return false;
    }
    decoding->join_count++;
    take_frames(decoding, reassembly);
    return deliver(fragments, reassembly, joined);
}
