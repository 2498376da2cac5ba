/* SPDX-License-Identifier: MIT */
/* Puts fragments together (RFC 791, 3.2; RFC 8200, 4.5).
 *
 * A packet in the making is one buffer, into which the fragments are copied where they belong, and
 * a bit for each eight bytes of it: fragments begin at multiples of eight, so the first copy of any
 * eight bytes is kept and later ones are not looked at. Pieces need no list, and no cap: a
 * packet costs 1 KiB and its own size, whatever it is cut into.
 *
 * Buffers come from malloc and go back to it: a pool would keep the most that each size ever took,
 * and every worker has a decoder. */
#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "packet/internal.h"

enum {
    UNIT = 8,
    DATA_MAX = 65535,
    UNIT_WORDS = (65536 / UNIT) / 64, /* one bit each */
    HEADROOM = 64,                    /* for the header, which ends where the data begins */
    BUFFER_LEAST = 2048,              /* the usual two fragments */
    MEMORY_STEP = 256 << 10,          /* more than one fragment can add to it */
    RING_SIZE = 64 + 1,               /* see the lifetime of views in packet.h */
    BUCKETS = 4096,
};
/* A fragment that comes later than this after the first of its packet belongs to another one.
 * Nothing else is done by time, so that a wrong stamp harms its own packet alone; what will never
 * be whole gives way when its memory is needed. */
static const uint64_t time_out_ns = UINT64_C(30000000000);

struct key {
    struct p2i_address source, destination;
    uint32_t identification;
    uint32_t scope;
    uint8_t ip_version;
    uint8_t protocol; /* IPv4 only: fragments of an IPv6 packet may differ in it */
};

/* A packet in the making. */
struct making {
    struct making *next_in_bucket;
    struct making **link_in_bucket; /* what points here: the bucket, or the one before */
    struct making *older, *newer;
    struct key key;
    uint64_t time_ns; /* of its first fragment to be seen */
    uint8_t *buffer;  /* NULL before the first data */
    size_t capacity;
    uint32_t total;        /* bytes of data; valid when total_known */
    uint32_t end;          /* of the data seen so far */
    uint32_t captured_end; /* `total`, or less when the snaplen cut the last fragment */
    uint32_t unit_count;   /* bits set */
    uint32_t fragment_count;
    uint8_t header_size; /* 0: the first fragment has not been seen */
    uint8_t protocol;
    bool total_known;
    uint64_t units[UNIT_WORDS];
};

/* The buffers that one frame completed; their packets may still be looked at. */
struct joined_frame {
    uint8_t *buffers[P2I_JOIN_MAX];
};

struct p2i_fragments {
    struct p2i_decoder_counts *counts;
    uint64_t memory_used; /* by packets in the making */
    uint64_t memory_limit;
    uint64_t secret;
    struct making *oldest, *newest;
    struct joined_frame ring[RING_SIZE];
    size_t ring_at;      /* the newest */
    size_t joined_count; /* frames in it */
    struct making *buckets[BUCKETS];
};

/* Without a secret, a capture could be made to fill one bucket. What is found in the buckets, and
 * so the output, does not depend on it: they are never walked but for one key. */
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

static void free_joined(struct joined_frame *frame)
{
    for (size_t i = 0; i < P2I_JOIN_MAX; i++) {
        free(frame->buffers[i]);
        frame->buffers[i] = NULL;
    }
}

static bool key_equals(const struct key *a, const struct key *b)
{
    return a->identification == b->identification && a->scope == b->scope &&
           a->ip_version == b->ip_version && a->protocol == b->protocol &&
           memcmp(&a->source, &b->source, sizeof a->source) == 0 &&
           memcmp(&a->destination, &b->destination, sizeof a->destination) == 0;
}

static struct making **bucket_of(struct p2i_fragments *fragments, const struct key *key)
{
    uint64_t hash = p2i_mix(fragments->secret, key->source.words[0]);
    hash = p2i_mix(hash, key->source.words[1]);
    hash = p2i_mix(hash, key->destination.words[0]);
    hash = p2i_mix(hash, key->destination.words[1]);
    hash = p2i_mix(hash, (uint64_t)key->identification << 32 | key->scope);
    return &fragments->buckets[(hash >> 32) % BUCKETS];
}

/* Takes it out of the bucket and of the list by age, and gives its memory back. */
static void release(struct p2i_fragments *fragments, struct making *making)
{
    *making->link_in_bucket = making->next_in_bucket;
    if (making->next_in_bucket != NULL) {
        making->next_in_bucket->link_in_bucket = making->link_in_bucket;
    }
    *(making->older != NULL ? &making->older->newer : &fragments->oldest) = making->newer;
    *(making->newer != NULL ? &making->newer->older : &fragments->newest) = making->older;
    fragments->memory_used -= sizeof *making + making->capacity;
    free(making->buffer);
    free(making);
}

void p2i_fragments_free(struct p2i_fragments *fragments)
{
    if (fragments == NULL) {
        return;
    }
    for (struct making *making = fragments->oldest; making != NULL;) {
        struct making *newer = making->newer;
        free(making->buffer);
        free(making);
        making = newer;
    }
    for (size_t i = 0; i < RING_SIZE; i++) {
        free_joined(&fragments->ring[i]);
    }
    free(fragments);
}

static void release_oldest(struct p2i_fragments *fragments)
{
    struct making *oldest = fragments->oldest;
    assert(oldest->older == NULL);
    release(fragments, oldest);
}

/* The oldest go until one more fragment fits. */
static void make_room(struct p2i_fragments *fragments)
{
    while (fragments->oldest != NULL &&
           fragments->memory_used + MEMORY_STEP > fragments->memory_limit) {
        release_oldest(fragments);
    }
}

static bool is_too_late(const struct making *making, uint64_t now_ns)
{
    return now_ns > making->time_ns && now_ns - making->time_ns > time_out_ns;
}

/* The packet that a fragment with this key belongs to, found or begun. NULL: memory is out. */
static struct making *find(struct p2i_fragments *fragments, const struct key *key, uint64_t now_ns)
{
    struct making **bucket = bucket_of(fragments, key);
    for (struct making *making = *bucket; making != NULL; making = making->next_in_bucket) {
        if (key_equals(&making->key, key)) {
            if (!is_too_late(making, now_ns)) {
                return making;
            }
            release(fragments, making);
            break;
        }
    }
    struct making *making = malloc(sizeof *making);
    if (making == NULL) {
        return NULL;
    }
    fragments->memory_used += sizeof *making;
    *making = (struct making){.next_in_bucket = *bucket,
                              .link_in_bucket = bucket,
                              .older = fragments->newest,
                              .key = *key,
                              .time_ns = now_ns};
    if (*bucket != NULL) {
        (*bucket)->link_in_bucket = &making->next_in_bucket;
    }
    *bucket = making;
    *(fragments->newest != NULL ? &fragments->newest->newer : &fragments->oldest) = making;
    fragments->newest = making;
    return making;
}

/* Room for the data up to `end`. */
static bool reserve(struct p2i_fragments *fragments, struct making *making, uint32_t end)
{
    size_t size = HEADROOM + (size_t)end;
    if (size <= making->capacity) {
        return true;
    }
    if (size < 2 * making->capacity) {
        size = 2 * making->capacity; /* in doublings, for many small fragments */
    }
    if (size > HEADROOM + (size_t)DATA_MAX) {
        size = HEADROOM + (size_t)DATA_MAX;
    }
    size = size < BUFFER_LEAST ? BUFFER_LEAST : size;
    uint8_t *buffer = realloc(making->buffer, size);
    if (buffer == NULL) {
        return false;
    }
    fragments->memory_used += size - making->capacity;
    making->buffer = buffer;
    making->capacity = size;
    return true;
}

/* Can it be a part of this packet? */
static bool fits(const struct making *making, const struct p2i_fragment *fragment)
{
    if (fragment->length == 0 || fragment->length > DATA_MAX ||
        fragment->offset + fragment->length > DATA_MAX) {
        return false;
    }
    uint32_t end = fragment->offset + fragment->length;
    if (fragment->more) {
        /* Only the last may have an odd size; and without its captured end it is of no use. */
        return fragment->length % UNIT == 0 && fragment->data.size == fragment->length &&
               (!making->total_known || end <= making->total);
    }
    if (making->total_known) {
        /* The end of what was captured is known too: there must be data for all before it. */
        return end == making->total && fragment->data.size == fragment->length;
    }
    return end >= making->end;
}

/* Copies what is not there yet. Bytes that the snaplen cut count as there: they are behind
 * `captured_end`, and never given to anyone. */
static void fill(struct making *making, const struct p2i_fragment *fragment)
{
    uint8_t *to = making->buffer + HEADROOM + fragment->offset;
    for (uint32_t at = 0; at < fragment->length; at += UNIT) {
        uint32_t unit = (fragment->offset + at) / UNIT;
        uint64_t bit = UINT64_C(1) << unit % 64;
        if ((making->units[unit / 64] & bit) != 0) {
            continue;
        }
        making->units[unit / 64] |= bit;
        making->unit_count++;
        if (at < fragment->data.size) {
            size_t left = fragment->data.size - at;
            memcpy(to + at, fragment->data.data + at, left < UNIT ? left : UNIT);
        }
    }
}

static void place(struct making *making, const struct p2i_fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (end > making->end) {
        making->end = end;
    }
    if (!fragment->more && !making->total_known) {
        making->total_known = true;
        making->total = end;
        making->captured_end = fragment->offset + (uint32_t)fragment->data.size;
    }
    if (fragment->offset == 0 && making->header_size == 0) {
        making->header_size = (uint8_t)fragment->header.size;
        making->protocol = fragment->protocol;
        memcpy(making->buffer + HEADROOM - fragment->header.size, fragment->header.data,
               fragment->header.size);
    }
    fill(making, fragment);
}

static void store_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

/* As if it had come in one piece. A length that does not fit is 0, as in a jumbogram. */
static void mend_header(uint8_t *header, const struct making *making)
{
    if (making->key.ip_version == 4) {
        uint32_t total = making->header_size + making->total;
        store_be16(header + 2, total <= UINT16_MAX ? total : 0);
        store_be16(header + 6, 0);
    } else {
        store_be16(header + 4, making->total);
        header[6] = making->protocol;
    }
}

/* The buffer moves into the ring; the rest of the packet in the making is done with. */
static void deliver(struct p2i_fragments *fragments, struct making *making, unsigned join_index,
                    struct p2i_joined *joined)
{
    if (join_index == 0) {
        fragments->ring_at = (fragments->ring_at + 1) % RING_SIZE;
        free_joined(&fragments->ring[fragments->ring_at]);
        fragments->joined_count += fragments->joined_count < RING_SIZE;
    }
    fragments->ring[fragments->ring_at].buffers[join_index] = making->buffer;

    uint8_t *header = making->buffer + HEADROOM - making->header_size;
    mend_header(header, making);
    *joined = (struct p2i_joined){
        .ip = p2i_view_of(header, (size_t)making->header_size + making->captured_end),
        .header_size = making->header_size,
        .length = making->total,
        .protocol = making->protocol,
    };
    fragments->memory_used -= making->capacity;
    making->buffer = NULL;
    making->capacity = 0;
    fragments->counts->fragment_joined_count++;
    fragments->counts->fragment_dropped_count -= making->fragment_count;
    release(fragments, making);
}

void p2i_fragments_forget(struct p2i_fragments *fragments)
{
    for (; fragments->joined_count > 0; fragments->joined_count--) {
        free_joined(&fragments->ring[fragments->ring_at]);
        fragments->ring_at = (fragments->ring_at + RING_SIZE - 1) % RING_SIZE;
    }
}

bool p2i_fragments_add(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                       struct p2i_joined *joined)
{
    struct p2i_fragments *fragments = decoding->fragments;
    const struct p2i_packet *packet = decoding->packet;
    struct key key = {
        .source = packet->source,
        .destination = packet->destination,
        .identification = fragment->identification,
        .scope = p2i_scope_fold(decoding->scope),
        .ip_version = packet->ip_version,
        .protocol = packet->ip_version == 4 ? fragment->protocol : 0,
    };
    /* Until its packet is whole: those held when the capture ends are dropped too. */
    fragments->counts->fragment_dropped_count++;
    make_room(fragments);
    struct making *making = NULL;
    if (decoding->join_count < P2I_JOIN_MAX) {
        making = find(fragments, &key, packet->time_ns);
    }
    if (making == NULL) {
        return false;
    }
    if (!fits(making, fragment) ||
        !reserve(fragments, making, fragment->offset + fragment->length)) {
        if (making->fragment_count == 0) {
            release(fragments, making);
        }
        return false;
    }
    making->fragment_count++;
    place(making, fragment);
    if (!making->total_known || making->unit_count < (making->total + UNIT - 1) / UNIT) {
        return false;
    }
    deliver(fragments, making, decoding->join_count, joined);
    decoding->join_count++;
    return true;
}
