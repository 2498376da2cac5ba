/* SPDX-License-Identifier: MIT */
/* Recognises file servers, remote procedure calls and directories. */
#include "protocol/recognise/ber.h"
#include "protocol/recognise/recognise.h"

/* All probes have one type; its `note` is writable, though some probes do not write it. */

enum { PORT_RPCBIND = 111, PORT_NFS = 2049 };

/* MS-SMB2 2.1: a zero, the length in three bytes, then 0xff (SMB 1), 0xfe (2, 3), 0xfd (encrypted)
 * or 0xfc (compressed) and "SMB". */
static enum p2i_match probe_smb(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    if (bytes.data[0] != 0 || (bytes.size > 4 && bytes.data[4] < 0xfc)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < 5) {
        return P2I_MATCH_MORE;
    }
    enum { SMALLEST = 32 };
    return p2i_load_be32(bytes.data) < SMALLEST
               ? P2I_MATCH_NO
               : p2i_begins(p2i_view_from(bytes, 5), P2I_VIEW("SMB"));
}

/* RFC 1002 section 4.3.2: SESSION REQUEST, two names without scope. */
static enum p2i_match probe_netbios_ssn(const struct p2i_ends *ends, enum p2i_direction direction,
                                        struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    enum { NAME_END = 4 + 33 };
    if (bytes.data[0] != 0x81 || p2i_begins(bytes, P2I_VIEW("\x81\0\0\x44")) == P2I_MATCH_NO ||
        !p2i_is_netbios_name(p2i_view_from(bytes, 4))) {
        return P2I_MATCH_NO;
    }
    return bytes.size < NAME_END ? P2I_MATCH_MORE : P2I_MATCH_YES;
}

/* ---- RPC (RFC 5531) ---- */

enum { PROGRAM_NFS = 100003 };

/* Takes a credential or verifier of an assigned flavour (RFC 5531 section 8.2, RFC 9289) and its
 * length. */
static bool is_rpc_opaque(struct p2i_cursor *at)
{
    uint32_t flavor = p2i_be32(at);
    uint32_t length = p2i_be32(at);
    return flavor <= 7 && length <= 400 && length % 4 == 0;
}

/* RFC 5531 section 9: a call, from the field behind the xid on. */
static bool is_rpc_call(struct p2i_cursor at, uint32_t *program)
{
    uint32_t type = p2i_be32(&at);
    uint32_t rpc_version = p2i_be32(&at);
    *program = p2i_be32(&at);
    uint32_t version = p2i_be32(&at);
    uint32_t procedure = p2i_be32(&at);
    return type == 0 && rpc_version == 2 && *program >= 100000 && *program < 400000 &&
           procedure <
               (version < 100 ? 1000 : 1) && /* clients probe for odd versions with procedure 0 */
           is_rpc_opaque(&at) &&
           !at.failed;
}

/* A reply of status "accepted". It does not name its program and consists of small numbers. */
static bool is_rpc_reply(struct p2i_cursor at)
{
    uint32_t type = p2i_be32(&at);
    uint32_t status = p2i_be32(&at);
    return type == 1 && status == 0 && is_rpc_opaque(&at) && !at.failed;
}

static enum p2i_match probe_program(const struct p2i_ends *ends, struct p2i_view bytes, bool nfs)
{
    enum { MARK = 4, HEAD = 32, LAST_FRAGMENT = 0x80 };
    bool is_stream = ends->transport == P2I_OVER_TCP;
    if (is_stream && bytes.data[0] != LAST_FRAGMENT) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < (is_stream ? MARK + HEAD : HEAD)) {
        bool may = is_stream && (bytes.size < 12 || p2i_load_be32(bytes.data + 8) <= 1);
        return may ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    struct p2i_cursor at = p2i_cursor_of(bytes);
    size_t size = is_stream ? p2i_be32(&at) & 0xffffff : bytes.size;
    p2i_skip(&at, 4); /* xid */
    if (size % 4 != 0 || size < 24) {
        return P2I_MATCH_NO;
    }
    uint32_t program = 0;
    if (is_rpc_call(at, &program)) {
        return (program == PROGRAM_NFS) == nfs ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    uint16_t port = nfs ? PORT_NFS : PORT_RPCBIND;
    return p2i_ends_use(ends, port) && is_rpc_reply(at) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static enum p2i_match probe_nfs(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    return probe_program(ends, bytes, true);
}

static enum p2i_match probe_rpc(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    return probe_program(ends, bytes, false);
}

/* ---- DCE/RPC (C706 chapter 12, MS-RPCE 2.2.2) ---- */

/* Data representation: byte order in the upper half of the first byte, ASCII in the lower half;
 * IEEE floats; 0. */
static bool is_data_representation(const uint8_t *label)
{
    return (label[0] == 0x10 || label[0] == 0) && label[1] == 0 && label[2] == 0;
}

/* Version 5.0 or 5.1, packet type, flags, data representation, lengths of the fragment and of the
 * authentication data in it. */
static enum p2i_match dcerpc_connected(struct p2i_view bytes)
{
    enum { HEAD = 16, LAST_TYPE = 20 };
    const uint8_t *data = bytes.data;
    if (data[0] != 5 || (bytes.size > 1 && data[1] > 1) ||
        (bytes.size > 2 && data[2] > LAST_TYPE)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < HEAD) {
        return P2I_MATCH_MORE;
    }
    bool little = data[4] != 0;
    size_t fragment = little ? p2i_load_le16(data + 8) : p2i_load_be16(data + 8);
    size_t verifier = little ? p2i_load_le16(data + 10) : p2i_load_be16(data + 10);
    return is_data_representation(data + 4) && data[7] == 0 && fragment >= HEAD &&
                   (verifier == 0 || verifier + HEAD + 8 <= fragment)
               ? P2I_MATCH_YES
               : P2I_MATCH_NO;
}

/* Version 4, packet type, flags, data representation; the length of the body without the
 * authentication trailer. */
static bool is_dcerpc_datagram(struct p2i_view bytes)
{
    enum { HEAD = 80, BODY = 74, LAST_TYPE = 10 };
    if (bytes.size < HEAD || bytes.data[0] != 4 || bytes.data[1] > LAST_TYPE ||
        !is_data_representation(bytes.data + 4)) {
        return false;
    }
    const uint8_t *body = bytes.data + BODY;
    size_t size = bytes.data[4] != 0 ? p2i_load_le16(body) : p2i_load_be16(body);
    return bytes.data[HEAD - 2] == 0 ? HEAD + size == bytes.size : HEAD + size < bytes.size;
}

static enum p2i_match probe_dcerpc(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (ends->transport == P2I_OVER_TCP) {
        return dcerpc_connected(bytes);
    }
    return is_dcerpc_datagram(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- Directories ---- */

/* RFC 4511 section 4: the first bytes of each operation; an empty string accepts any. */
static const struct {
    uint8_t tag;
    const char *first;
    size_t first_size;
} ldap_operations[] = {
    {0x60, "\x02\x01", 2},                        /* bind: version */
    {0x61, "\x0a\x01", 2},                        /* its response: result */
    {0x42, "", 0},                                /* unbind */
    {0x63, "\x04", 1},                            /* search: base object */
    {0x64, "\x04", 1},                            /* entry: its name */
    {0x65, "\x0a\x01", 2},                        /* done */
    {0x66, "\x04", 1},                            /* modify */
    {0x67, "\x0a\x01", 2}, {0x68, "\x04", 1},     /* add */
    {0x69, "\x0a\x01", 2}, {0x6b, "\x0a\x01", 2}, /* deleted */
    {0x6c, "\x04", 1},                            /* rename */
    {0x6d, "\x0a\x01", 2}, {0x6e, "\x04", 1},     /* compare */
    {0x6f, "\x0a\x01", 2}, {0x73, "\x04", 1},     /* reference */
    {0x77, "\x80", 1},                            /* extended: name */
    {0x78, "\x0a\x01", 2},
};

/* Reads the operation inside a message that ends at `end`. Only controls may follow it. */
static void read_ldap_operation(struct p2i_ber *ber, size_t end)
{
    enum { CONTROLS_MAX = 4096 };
    uint8_t tag = ber->at.rest.size > 0 ? ber->at.rest.data[0] : 0;
    size_t operation_end = p2i_ber_enter(ber, tag);
    if (ber->at.failed || ber->wrong) {
        return;
    }
    size_t controls = end - operation_end;
    ber->wrong = operation_end > end || controls > CONTROLS_MAX || (controls > 0 && controls < 4);
    for (size_t i = 0; i < sizeof ldap_operations / sizeof *ldap_operations; i++) {
        if (ldap_operations[i].tag == tag) {
            size_t size = ldap_operations[i].first_size;
            ber->wrong = ber->wrong || (size == 0) != (operation_end == p2i_ber_place(ber));
            p2i_ber_fixed(ber, p2i_view_of(ldap_operations[i].first, size));
            return;
        }
    }
    ber->wrong = true;
}

/* RFC 4511 section 4.1.1: SEQUENCE, message id, operation. Over UDP (MS-ADTS 6.3.3) a datagram has
 * one message. */
static enum p2i_match probe_ldap(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size == 0 || bytes.data[0] != 0x30) {
        return P2I_MATCH_NO;
    }
    struct p2i_ber ber = p2i_ber_of(bytes);
    size_t end = p2i_ber_enter(&ber, 0x30);
    size_t id_end = p2i_ber_enter(&ber, 0x02);
    if (!ber.at.failed) {
        size_t id_size = id_end - p2i_ber_place(&ber);
        ber.wrong = ber.wrong || id_size < 1 || id_size > 4 ||
                    (ends->transport == P2I_OVER_UDP && end != bytes.size);
        p2i_skip(&ber.at, id_size);
        if (!ber.wrong) {
            read_ldap_operation(&ber, end);
        }
    }
    return p2i_ber_answer(&ber, ends);
}

/* RFC 4120 sections 5.4 and 5.9: an application tag, SEQUENCE, protocol version 5, and the message
 * type, which equals the tag. KDC-REQ numbers its members from 1, the others from 0. */
static void read_kerberos(struct p2i_ber *ber, uint8_t tag, size_t end)
{
    uint8_t first = tag == 0x6a || tag == 0x6c ? 0xa1 : 0xa0;
    const uint8_t version[] = {first, 3, 2, 1, 5};
    const uint8_t type[] = {(uint8_t)(first + 1), 3, 2, 1, tag & 0x1f};
    size_t all_end = p2i_ber_enter(ber, tag);
    ber->wrong = ber->wrong || (!ber->at.failed && all_end != end);
    size_t sequence_end = p2i_ber_enter(ber, 0x30);
    ber->wrong = ber->wrong || (!ber->at.failed && sequence_end != end);
    p2i_ber_fixed(ber, p2i_view_of(version, sizeof version));
    p2i_ber_fixed(ber, p2i_view_of(type, sizeof type));
}

/* Over TCP the length precedes the message (RFC 4120 section 7.2.2). */
static enum p2i_match probe_kerberos(const struct p2i_ends *ends, enum p2i_direction direction,
                                     struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    size_t prefix = ends->transport == P2I_OVER_TCP ? 4 : 0;
    if (bytes.size <= prefix) {
        return prefix > 0 && bytes.data[0] == 0 ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    uint8_t tag = bytes.data[prefix];
    bool known = (tag >= 0x6a && tag <= 0x6d) || tag == 0x7e; /* AS, TGS; KRB-ERROR */
    if (!known || (prefix > 0 && bytes.data[0] != 0)) {
        return P2I_MATCH_NO;
    }
    size_t end = prefix > 0 ? p2i_load_be32(bytes.data) : bytes.size;
    struct p2i_ber ber = p2i_ber_of(p2i_view_from(bytes, prefix));
    read_kerberos(&ber, tag, end);
    return p2i_ber_answer(&ber, ends);
}

const struct p2i_recogniser p2i_recognise_files[] = {
    {P2I_ID_SMB, {[P2I_OVER_TCP] = 1}, true, probe_smb},
    {P2I_ID_NETBIOS_SSN, {[P2I_OVER_TCP] = 1}, true, probe_netbios_ssn},
    {P2I_ID_NFS,
     {[P2I_OVER_UDP] = 32, [P2I_OVER_TCP] = 1},
     false,
     probe_nfs}, /* RFC 9289: with TLS */
    {P2I_ID_RPC, {[P2I_OVER_UDP] = 32, [P2I_OVER_TCP] = 1}, false, probe_rpc},
    {P2I_ID_DCERPC, {[P2I_OVER_TCP] = 1}, true, probe_dcerpc},
    {P2I_ID_DCERPC, {[P2I_OVER_UDP] = 80}, false, probe_dcerpc},
    {P2I_ID_LDAP, {[P2I_OVER_UDP] = 7, [P2I_OVER_TCP] = 1}, false, probe_ldap},
    {P2I_ID_KERBEROS,
     {[P2I_OVER_UDP] = 14, [P2I_OVER_TCP] = 1},
     false,
     probe_kerberos}, /* RFC 6251: STARTTLS */
    {0},
};
