/* SPDX-License-Identifier: MIT */
/* Bytes for a writer, or frames for all of them. The first byte chooses: a writer, or the link type
 * of frames, each with its length in two bytes in front. The same bytes give the same result, and
 * with passwords alone to be redacted, nothing else changes than to asterisks. */
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"
#include "rewrite/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void writer(struct p2i_writing *writing, struct p2i_bytes span);

static void write_pap(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0xc023, span);
}

static void write_ipcp(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0x8021, span);
}

static void write_unknown(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_stream_ends ends = {.ends = {.transport = P2I_OVER_TCP}, .first = span.size};
    p2i_write_opaque(writing, &ends, P2I_ID_SSH, span);
}

static void write_datagrams(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes halves[2] = {p2i_span_first(span, span.size / 2),
                                  p2i_span_from(span, span.size / 2)};
    p2i_write_quic(writing, halves, 2);
}

static writer *const writers[] = {
    p2i_write_http,
    p2i_write_sip,
    p2i_write_ftp,
    p2i_write_smtp,
    p2i_write_pop3,
    p2i_write_imap,
    p2i_write_xmpp,
    p2i_write_oscar,
    p2i_write_tls,
    p2i_write_websocket,
    p2i_write_dns_stream,
    p2i_write_dns,
    p2i_write_radius,
    p2i_write_json,
    p2i_write_mail,
    p2i_write_client_hello,
    write_pap,
    write_ipcp,
    p2i_write_certificate,
    write_unknown,
    write_datagrams,
    p2i_write_mail_body,
    p2i_write_sasl,
    p2i_write_text,
    p2i_write_sip_stream,
};
enum { WRITERS = sizeof writers / sizeof *writers };

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {1, 2, 3};

/* A copy in a block of its own, so that no byte behind it may be read. */
static uint8_t *run_writer(writer *write, const uint8_t *data, size_t size, bool secrets)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    struct p2i_substitution *words = secrets ? NULL : p2i_substitution_new(key);
    require(copy != NULL && (secrets || words != NULL));
    if (size > 0) {
        memcpy(copy, data, size);
    }
    struct p2i_writing writing = {.words = words, .redacts = secrets};
    write(&writing, p2i_span_of(copy, size));
    p2i_substitution_free(words);
    return copy;
}

static void feed_writer(writer *write, const uint8_t *data, size_t size)
{
    uint8_t *first = run_writer(write, data, size, false);
    uint8_t *second = run_writer(write, data, size, false);
    require(size == 0 || memcmp(first, second, size) == 0);
    free(first);
    free(second);
    free(run_writer(write, data, size, true));
}

static void feed_frames(uint16_t link_type, struct p2i_cursor at)
{
    struct p2i_error error;
    struct p2i_rewrite *rewrite = p2i_rewrite_open(key, false);
    require(rewrite != NULL);
    size_t count = 0;
    while (at.rest.size > 2) {
        uint16_t size = p2i_be16(&at);
        struct p2i_view bytes = p2i_view_first(at.rest, size);
        struct p2i_engine_frame frame = {.struct_size = sizeof frame,
                                         .data = bytes.data,
                                         .size = (uint32_t)bytes.size,
                                         .original_size = size,
                                         .time_ns = UINT64_C(1000000) * ++count,
                                         .link_type = link_type};
        require(p2i_rewrite_add(rewrite, &frame, &error) == P2I_OK);
        p2i_skip(&at, bytes.size);
    }
    require(p2i_rewrite_run(rewrite, &error) == P2I_OK);
    for (size_t i = 0; i < count; i++) {
        require(p2i_rewrite_frame(rewrite, i) != NULL);
    }
    p2i_rewrite_free(rewrite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_cursor at = p2i_cursor_of(p2i_view_of(data, size));
    uint8_t choice = p2i_u8(&at);
    if (choice < WRITERS) {
        feed_writer(writers[choice], at.rest.data, at.rest.size);
    } else if (choice >= 128) {
        feed_frames(choice == 128 ? 1 : choice == 129 ? 276 : choice, at); /* Ethernet, SLL2 */
    }
    return 0;
}
