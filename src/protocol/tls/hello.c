/* SPDX-License-Identifier: MIT */
#include "protocol/tls/hello.h"

#include "pcap2ipfix/cursor.h"

enum {
    EXTENSION_SERVER_NAME = 0,         /* RFC 6066 3 */
    EXTENSION_EARLY_DATA = 42,         /* RFC 8446 4.2.10 */
    EXTENSION_SUPPORTED_VERSIONS = 43, /* RFC 8446 4.2.1 */
    NAME_TYPE_HOST = 0,
    SSL2_CLIENT_HELLO = 1,
    SSL2_SERVER_HELLO = 4,
    VERSION_SSL2 = 0x0002,
    VERSION_TLS12 = 0x0303,
    VERSION_TLS13 = 0x0304,
    MAJOR_TLS = 0x03,
    MAJOR_DRAFT = 0x7f, /* drafts of TLS 1.3 */
};

const uint8_t p2i_tls_retry_random[P2I_TLS_RANDOM_SIZE] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* ServerNameList (RFC 6066 3) */
static struct p2i_view read_server_name(struct p2i_cursor extension)
{
    struct p2i_cursor list = p2i_sub(&extension, p2i_be16(&extension));
    while (!list.failed && list.rest.size > 0) {
        uint8_t type = p2i_u8(&list);
        struct p2i_view name = p2i_take(&list, p2i_be16(&list));
        if (type == NAME_TYPE_HOST && name.size > 0) {
            return name;
        }
    }
    return (struct p2i_view){0};
}

static void read_client_extensions(struct p2i_cursor *body, struct p2i_client_hello *hello)
{
    uint16_t length = p2i_be16(body);
    bool whole = length <= body->rest.size;
    struct p2i_cursor block = p2i_sub(body, whole ? length : body->rest.size);
    while (!block.failed && block.rest.size > 0) {
        uint16_t type = p2i_be16(&block);
        struct p2i_cursor extension = p2i_sub(&block, p2i_be16(&block));
        if (block.failed) {
            break;
        }
        if (type == EXTENSION_SERVER_NAME && hello->host.size == 0) {
            hello->host = read_server_name(extension);
        } else if (type == EXTENSION_EARLY_DATA) {
            hello->early_data = true;
        }
    }
    hello->complete = whole && !block.failed;
}

/* The captured suites of a list of `length` bytes. */
static struct p2i_cursor take_suites(struct p2i_cursor *body, size_t length, bool whole)
{
    struct p2i_view there = p2i_view_first(body->rest, body->failed ? 0 : length);
    p2i_skip(body, length);
    return p2i_cursor_of(body->failed && whole ? (struct p2i_view){0} : there);
}

bool p2i_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello)
{
    *hello = (struct p2i_client_hello){0};
    struct p2i_cursor cursor = p2i_cursor_of(body);
    hello->version = p2i_be16(&cursor);
    if (cursor.failed || hello->version >> 8 != MAJOR_TLS) {
        return false;
    }
    p2i_skip(&cursor, P2I_TLS_RANDOM_SIZE);
    p2i_skip(&cursor, p2i_u8(&cursor)); /* session id */
    hello->suites_length = p2i_be16(&cursor);
    struct p2i_view suites = take_suites(&cursor, hello->suites_length, whole).rest;
    suites = p2i_view_first(suites, P2I_SUITES_MAX);
    hello->suites_size = (uint8_t)(suites.size & ~(size_t)1);
    if (suites.size > 0) {
        memcpy(hello->suites, suites.data, hello->suites_size);
    }
    p2i_skip(&cursor, p2i_u8(&cursor)); /* compression methods */
    hello->complete = !cursor.failed;
    if (!cursor.failed && cursor.rest.size > 0) { /* extensions may be absent: RFC 5246 7.4.1.2 */
        read_client_extensions(&cursor, hello);
    }
    return true;
}

bool p2i_ssl2_client_hello_read(struct p2i_view body, bool whole, struct p2i_client_hello *hello)
{
    *hello = (struct p2i_client_hello){0};
    struct p2i_cursor cursor = p2i_cursor_of(body);
    uint8_t type = p2i_u8(&cursor);
    hello->version = p2i_be16(&cursor);
    if (cursor.failed || type != SSL2_CLIENT_HELLO ||
        (hello->version != VERSION_SSL2 && hello->version >> 8 != MAJOR_TLS)) {
        return false;
    }
    hello->suites_length = p2i_be16(&cursor);
    uint16_t session_size = p2i_be16(&cursor);
    uint16_t challenge_size = p2i_be16(&cursor);
    struct p2i_cursor specs = take_suites(&cursor, hello->suites_length, whole);
    while (specs.rest.size >= 3 && hello->suites_size < P2I_SUITES_MAX) {
        struct p2i_view spec = p2i_take(&specs, 3);
        memcpy(hello->suites + hello->suites_size, spec.data + 1, 2);
        hello->suites_size = (uint8_t)(hello->suites_size + 2);
    }
    p2i_skip(&cursor, (size_t)session_size + challenge_size);
    hello->complete = !cursor.failed;
    return true;
}

/* True for suites that only TLS 1.3 has. */
static bool is_of_tls13(uint16_t suite)
{
    static const struct {
        uint16_t first, last;
    } ranges[] = {
        {0x1301, 0x1307}, /* RFC 8446 B.4, AEGIS */
        {0x00c6, 0x00c7}, /* RFC 8998, SM4 */
        {0xc0b4, 0xc0b5}, /* RFC 9150, without encryption */
        {0xc103, 0xc106}, /* RFC 9367, GOST */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (suite >= ranges[i].first && suite <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static void read_server_extensions(struct p2i_cursor *body, struct p2i_server_hello *hello)
{
    uint16_t length = p2i_be16(body);
    struct p2i_cursor block = p2i_sub(body, length <= body->rest.size ? length : body->rest.size);
    while (!block.failed && block.rest.size > 0) {
        uint16_t type = p2i_be16(&block);
        struct p2i_cursor extension = p2i_sub(&block, p2i_be16(&block));
        if (type == EXTENSION_SUPPORTED_VERSIONS && extension.rest.size == 2) {
            hello->version = p2i_be16(&extension);
        }
    }
}

bool p2i_server_hello_read(struct p2i_view body, bool whole, struct p2i_server_hello *hello)
{
    *hello = (struct p2i_server_hello){0};
    struct p2i_cursor cursor = p2i_cursor_of(body);
    hello->version = p2i_be16(&cursor);
    struct p2i_view random = p2i_take(&cursor, P2I_TLS_RANDOM_SIZE);
    /* Drafts up to 21 send neither session id nor compression method. */
    bool draft = hello->version >> 8 == MAJOR_DRAFT;
    if (!draft) {
        p2i_skip(&cursor, p2i_u8(&cursor)); /* session id */
    }
    hello->cipher_suite = p2i_be16(&cursor);
    if (cursor.failed || (!draft && hello->version >> 8 != MAJOR_TLS)) {
        return false;
    }
    hello->compression_method = draft ? 0 : p2i_u8(&cursor);
    hello->retry =
        p2i_view_equals(random, p2i_view_of(p2i_tls_retry_random, sizeof p2i_tls_retry_random));
    if (!whole && hello->version == VERSION_TLS12 && is_of_tls13(hello->cipher_suite)) {
        hello->version = VERSION_TLS13;
    }
    if (cursor.rest.size > 0) {
        read_server_extensions(&cursor, hello);
    }
    hello->encrypted = hello->version > VERSION_TLS12;
    return true;
}

bool p2i_ssl2_server_hello_read(struct p2i_view body, struct p2i_server_hello *hello,
                                struct p2i_view *certificate)
{
    *hello = (struct p2i_server_hello){0};
    struct p2i_cursor cursor = p2i_cursor_of(body);
    uint8_t type = p2i_u8(&cursor);
    p2i_skip(&cursor, 2); /* session id hit, certificate type */
    hello->version = p2i_be16(&cursor);
    uint16_t certificate_size = p2i_be16(&cursor);
    uint16_t specs_size = p2i_be16(&cursor);
    p2i_skip(&cursor, 2); /* connection id length */
    if (cursor.failed || type != SSL2_SERVER_HELLO) {
        return false;
    }
    *certificate = p2i_view_first(cursor.rest, certificate_size);
    if (specs_size < 3) {
        return true;
    }
    p2i_skip(&cursor, (size_t)certificate_size + 1);
    hello->cipher_suite = p2i_be16(&cursor);
    return !cursor.failed;
}
