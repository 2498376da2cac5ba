/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "base/sha256.h"
#include "helpers/folder.h"
#include "pcap2ipfix/extract.h"

/* SHA-256 of "abc" (FIPS 180-2). */
#define ABC "\"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""
#define HEAD "{\"manifest\": \"pcap2ipfix extract\", "

struct differences {
    size_t count;
    char text[512];
};

static void note(void *context, const char *file, const char *reason)
{
    struct differences *differences = context;
    differences->count++;
    (void)snprintf(differences->text, sizeof differences->text, "%s: %s", file, reason);
}

/* Verifies a manifest beside a file "out" with the bytes "abc". */
static enum p2i_result verify(const char *text, struct p2i_extract_check *check,
                              struct differences *differences)
{
    struct folder folder = folder_make();
    struct p2i_error error = {0};
    char path[512];
    *differences = (struct differences){0};
    *check = (struct p2i_extract_check){.struct_size = sizeof *check};
    (void)snprintf(path, sizeof path, "%s/out.json", folder.path);
    file_write(folder.file, "abc");
    file_write(path, text);
    enum p2i_result result = p2i_extract_verify(path, note, differences, check, &error);
    if (result != P2I_OK) {
        cr_expect_str_eq(error.file, path);
    }
    (void)unlink(path);
    folder_remove(&folder);
    return result;
}

#define NEEDS_HASHES                                                                               \
    if (!p2i_sha256_is_built_in()) {                                                               \
        cr_skip_test("no OpenSSL");                                                                \
    }

Test(verify, files_that_are_as_they_were)
{
    NEEDS_HASHES
    struct p2i_extract_check check;
    struct differences differences;
    cr_expect_eq(verify(HEAD "\"captures\": [{\"name\": \"/gone/out\", " ABC
                             "}, {\"name\": \"x\"}], "
                             "\"records\": [{\"name\": \"out\", " ABC "}], "
                             "\"outputs\": [{\"name\": \"out\", " ABC "}]}",
                        &check, &differences),
                 P2I_OK);
    cr_expect_eq(differences.count, 0, "%s", differences.text);
    cr_expect_eq(check.inputs, 3);
    cr_expect_eq(check.outputs, 1);
    cr_expect_eq(check.unhashed, 1);
}

Test(verify, each_list_is_verified)
{
    NEEDS_HASHES
    static const char *const lists[] = {"captures", "configuration", "records", "outputs"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char text[512];
        struct p2i_extract_check check;
        struct differences differences;
        (void)snprintf(
            text, sizeof text, HEAD "%s%s\"%s\": [{\"name\": \"out\", \"sha256\": \"00\"}]}",
            i == 0 ? "" : "\"captures\": [], ", i == 3 ? "" : "\"outputs\": [], ", lists[i]);
        cr_expect_eq(verify(text, &check, &differences), P2I_DAMAGED, "%s", text);
        cr_expect_eq(check.different, 1);
        cr_expect_str_eq(differences.text, "out: its SHA-256 is not that of the manifest");
    }
}

Test(verify, a_file_that_is_gone)
{
    NEEDS_HASHES
    struct p2i_extract_check check;
    struct differences differences;
    cr_expect_eq(verify(HEAD "\"captures\": [], \"outputs\": [{\"name\": \"gone\", " ABC "}]}",
                        &check, &differences),
                 P2I_DAMAGED);
    cr_expect_eq(check.different, 1);
}

Test(verify, an_output_is_beside_the_manifest_only)
{
    NEEDS_HASHES
    struct p2i_extract_check check;
    struct differences differences;
    cr_expect_eq(verify(HEAD "\"captures\": [], \"outputs\": [{\"name\": \"/etc/passwd\", " ABC
                             "}]}",
                        &check, &differences),
                 P2I_DAMAGED);
    cr_expect(strstr(differences.text, "SHA-256") == NULL, "it was read: %s", differences.text);
}

Test(verify, what_is_no_manifest)
{
    NEEDS_HASHES
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"manifest\": \"pcap2ipfix corpus\", \"captures\": [], \"outputs\": []}",
        HEAD "\"captures\": []}",
        HEAD "\"captures\": {}, \"outputs\": []}",
        HEAD "\"captures\": [1], \"outputs\": []}",
        HEAD "\"captures\": [{\"sha256\": \"00\"}], \"outputs\": []}",
        HEAD "\"captures\": [], \"outputs\": []",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct p2i_extract_check check;
        struct differences differences;
        cr_expect_eq(verify(texts[i], &check, &differences), P2I_USAGE, "%s", texts[i]);
    }
    struct p2i_error error;
    cr_expect_eq(p2i_extract_verify("/nowhere/m.json", note, NULL, NULL, &error), P2I_INPUT);
}
