/* SPDX-License-Identifier: MIT */
/* ipfixtool check: reports each violation of RFC 7011 or RFC 5655 with its place. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/seal.h"
#include "pcap2ipfix/reader.h"

struct check {
    const char *file;
    const struct p2i_reader *reader;
    uint64_t notes;
    bool quiet;
};

static void print_finding(const struct check *check, uint64_t offset, const char *kind,
                          const char *text)
{
    if (!check->quiet) {
        printf("%s: byte %" PRIu64 ", message %" PRIu64 ": %s%s\n", check->file, offset,
               p2i_reader_counts(check->reader).messages, kind, text);
    }
}

static void on_defect(void *context, uint64_t offset, const char *text)
{
    print_finding(context, offset, "", text);
}

static void on_note(void *context, uint64_t offset, const char *text)
{
    struct check *check = context;
    check->notes++;
    print_finding(check, offset, "note: ", text);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* Damage that ends reading is printed as the last defect. */
static void print_result(struct check *check, const struct p2i_error *error, bool damaged)
{
    struct p2i_reader_counts counts = p2i_reader_counts(check->reader);
    if (damaged) {
        if (!check->quiet) {
            printf("%s: byte %" PRIu64 ", message %" PRIu64 ": %s\n", check->file, error->offset,
                   counts.messages + 1, error->text);
        }
        counts.defects++;
    }
    printf("%s: %" PRIu64 " message%s, %" PRIu64 " template%s, %" PRIu64 " record%s, %" PRIu64
           " defect%s",
           check->file, counts.messages, plural(counts.messages), counts.templates,
           plural(counts.templates), counts.records, plural(counts.records), counts.defects,
           plural(counts.defects));
    if (check->notes > 0) {
        printf(", %" PRIu64 " note%s", check->notes, plural(check->notes));
    }
    putchar('\n');
}

static int check_file(struct check *check)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_reader_open(&reader, check->file, on_defect, check, &error);
    if (result != P2I_OK) {
        return p2i_tool_fail(check->file, &error);
    }
    check->reader = reader;
    check->notes = 0;
    p2i_reader_notes(reader, on_note);
    struct p2i_read_record record;
    do {
        result = p2i_reader_next(reader, &record, &error);
    } while (result == P2I_OK);
    int status = TOOL_OK;
    if (result == P2I_END || result == P2I_DAMAGED) {
        print_result(check, &error, result == P2I_DAMAGED);
        bool clean = result == P2I_END && p2i_reader_counts(reader).defects == 0;
        status = clean ? TOOL_OK : TOOL_DAMAGED;
    } else {
        status = p2i_tool_fail(check->file, &error);
    }
    p2i_reader_close(reader);
    return status;
}

int p2i_tool_check(int argc, char **argv)
{
    struct check check = {0};
    struct p2i_tool_arguments arguments;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_CHECK, argc, argv);
    while (p2i_tool_next(&arguments) >= 0) {
        check.quiet = true; /* there is no other option */
    }
    int status = arguments.status;
    if (status == TOOL_OK && arguments.count == 0) {
        return p2i_tool_usage("check: no file given");
    }
    if (status == TOOL_OK) {
        status = p2i_tool_seal(
            &(struct p2i_tool_needs){.files = arguments.files, .file_count = arguments.count});
    }
    if (status != TOOL_OK) {
        return status;
    }
    for (int i = 0; i < arguments.count; i++) {
        check.file = arguments.files[i];
        status = p2i_tool_worse(status, check_file(&check));
    }
    return status;
}
