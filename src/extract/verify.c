/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/capture_name.h"
#include "base/json.h"
#include "base/sha256.h"
#include "pcap2ipfix/extract.h"

enum { MANIFEST_MAX = 1 << 30 }; /* bytes */

struct verification {
    const char *manifest;
    void (*differs)(void *context, const char *file, const char *reason);
    void *context;
    struct p2i_extract_check counts;
};

/* Reads a whole file; the caller frees *bytes. */
static enum p2i_result read_file(const char *path, uint8_t **bytes, size_t *size,
                                 struct p2i_error *error)
{
    FILE *file = fopen(path, "rb");
    long length = -1;
    *bytes = NULL;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        length = ftell(file);
        rewind(file);
    }
    int reason = errno;
    enum p2i_result result = P2I_OK;
    if (length < 0 || length > MANIFEST_MAX) {
        result = length < 0 ? p2i_fail(error, P2I_INPUT, "cannot open: %s", strerror(reason))
                            : p2i_fail(error, P2I_INPUT, "too large: no manifest");
    } else {
        *size = (size_t)length;
        *bytes = malloc(*size + 1);
        if (*bytes == NULL) {
            result = p2i_fail_memory(error);
        } else if (fread(*bytes, 1, *size, file) != *size) {
            result = p2i_fail(error, P2I_INPUT, "cannot read: %s", strerror(errno));
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    error->file = path;
    return result;
}

/* The name of a file in the folder of the manifest. NULL: out of memory. */
static char *beside(const char *manifest, const char *name)
{
    size_t folder = (size_t)(p2i_last_part(manifest) - manifest);
    name = p2i_last_part(name);
    size_t size = folder + strlen(name) + 1;
    char *path = malloc(size);
    if (path != NULL) {
        (void)snprintf(path, size, "%.*s%s", (int)folder, manifest, name);
    }
    return path;
}

/* Hashes a file: at its path, unless it is one `beside` the manifest in any case. */
static enum p2i_result hash_file(const struct verification *verification, const char *name,
                                 bool is_output, uint8_t digest[P2I_SHA256_SIZE],
                                 struct p2i_error *error)
{
    uint64_t size;
    enum p2i_result result = P2I_INPUT;
    if (!is_output) {
        result = p2i_sha256_file(name, digest, &size, error);
    }
    if (result == P2I_INPUT) {
        char *path = beside(verification->manifest, name);
        result =
            path != NULL ? p2i_sha256_file(path, digest, &size, error) : p2i_fail_memory(error);
        error->file = NULL;
        free(path);
    }
    return result;
}

static enum p2i_result verify_file(struct verification *verification, const char *name,
                                   const struct p2i_json_value *sha256, bool is_output,
                                   struct p2i_error *error)
{
    uint8_t digest[P2I_SHA256_SIZE] = {0};
    char text[2 * P2I_SHA256_SIZE + 1];
    enum p2i_result result = hash_file(verification, name, is_output, digest, error);
    const char *reason = NULL;
    if (result == P2I_INPUT) {
        reason = error->text;
        result = P2I_OK;
    } else if (result == P2I_OK) {
        p2i_sha256_text(digest, text);
        if (!p2i_json_is(sha256, p2i_view_of(text, sizeof text - 1))) {
            reason = "its SHA-256 is not that of the manifest";
        }
    }
    if (reason != NULL) {
        verification->counts.different++;
        if (verification->differs != NULL) {
            verification->differs(verification->context, name, reason);
        }
    }
    return result;
}

/* Files of a list of the manifest; there may be no such list. Those without a hash could not be
 * read then. */
static enum p2i_result verify_list(struct verification *verification,
                                   const struct p2i_json_value *value, bool is_output,
                                   struct p2i_error *error)
{
    struct p2i_view list = value->type == P2I_JSON_ARRAY ? value->raw : (struct p2i_view){0};
    enum p2i_result result = P2I_OK;
    struct p2i_json_value item;
    while (result == P2I_OK && p2i_json_next(&list, &item)) {
        struct p2i_json_member members[] = {
            {.name = P2I_VIEW("name")},
            {.name = P2I_VIEW("sha256")},
        };
        if (item.type != P2I_JSON_OBJECT || !p2i_json_object(item.raw, members, 2) ||
            members[0].value.type != P2I_JSON_STRING) {
            return p2i_fail(error, P2I_USAGE, "a file of the manifest has no name");
        }
        *(is_output ? &verification->counts.outputs : &verification->counts.inputs) += 1;
        if (members[1].value.type == P2I_JSON_NONE) {
            verification->counts.unhashed++;
            continue;
        }
        char *name = malloc(members[0].value.raw.size + 1);
        if (name == NULL) {
            return p2i_fail_memory(error);
        }
        name[p2i_json_string(&members[0].value, (uint8_t *)name)] = '\0';
        result = verify_file(verification, name, &members[1].value, is_output, error);
        free(name);
    }
    return result;
}

static enum p2i_result verify(struct verification *verification, struct p2i_view text,
                              struct p2i_error *error)
{
    struct p2i_json_member members[] = {
        {.name = P2I_VIEW("outputs")},       {.name = P2I_VIEW("captures")},
        {.name = P2I_VIEW("configuration")}, {.name = P2I_VIEW("records")},
        {.name = P2I_VIEW("manifest")},
    };
    enum { COUNT = sizeof members / sizeof *members, LISTS = COUNT - 1 };
    if (!p2i_json_object(text, members, COUNT) ||
        !p2i_json_is(&members[LISTS].value, P2I_VIEW("pcap2ipfix extract")) ||
        members[0].value.type != P2I_JSON_ARRAY || members[1].value.type != P2I_JSON_ARRAY) {
        return p2i_fail(error, P2I_USAGE, "no manifest of extracted packets");
    }
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < LISTS && result == P2I_OK; i++) {
        result = verify_list(verification, &members[i].value, i == 0, error);
    }
    uint64_t different = verification->counts.different;
    if (result == P2I_OK && different > 0) {
        result = p2i_fail(error, P2I_DAMAGED,
                          different == 1 ? "%" PRIu64 " file is not as the manifest says"
                                         : "%" PRIu64 " files are not as the manifest says",
                          different);
    }
    return result;
}

enum p2i_result
p2i_extract_verify(const char *manifest,
                   void (*differs)(void *context, const char *file, const char *reason),
                   void *context, struct p2i_extract_check *check, struct p2i_error *error)
{
    struct p2i_error unread = {0};
    struct verification verification = {manifest, differs, context, {0}};
    uint8_t *bytes;
    size_t size = 0;
    error = error != NULL ? error : &unread;
    if (!p2i_sha256_is_built_in()) {
        return p2i_fail(error, P2I_USAGE, "built without OpenSSL: files cannot be hashed");
    }
    enum p2i_result result = read_file(manifest, &bytes, &size, error);
    if (result == P2I_OK) {
        result = verify(&verification, p2i_view_of(bytes, size), error);
        error->file = manifest;
    }
    if (check != NULL) {
        size_t known = sizeof *check < check->struct_size ? sizeof *check : check->struct_size;
        verification.counts.struct_size = known;
        memcpy(check, &verification.counts, known);
    }
    free(bytes);
    return result;
}
