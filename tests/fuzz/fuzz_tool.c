/* SPDX-License-Identifier: MIT */
/* A verb of ipfixtool and the file that it reads, IPFIX or JSON Lines: the first byte is the number
 * of a command line below. What it prints is UTF-8 and has no characters that control a terminal,
 * and the status is one of the manual. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/ipfixtool/ipfixtool.h"
#include "memory_file.h"
#include "pcap2ipfix/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGUMENTS_MAX = 10 };

/* FILE in an argument list. */
static char the_file[] = "FILE";

#define COMMANDS(X)                                                                                \
    X(view, "view", the_file)                                                                      \
    X(view, "view", "--vertical", "--tz", "local", the_file)                                       \
    X(view, "view", "--json", the_file)                                                            \
    X(view, "view", "--csv", "-F", "time,client,server,port,host,URL", the_file)                   \
    X(view, "view", "--tsv", "--names", "-r", "all", the_file)                                     \
    X(view, "view", "--sql", the_file)                                                             \
    X(view, "view", "-r", "options", "--width", "60", the_file)                                    \
    X(view, "view", "-f", "host = .example.org or port > 1000 or not time > 2020-01-01", the_file) \
    X(check, "check", the_file)                                                                    \
    X(diff, "diff", the_file, the_file)                                                            \
    X(diff, "diff", "--json", "-t", "1", "-i", "SESSION_ID", the_file, the_file)                   \
    X(top, "top", "-F", "host", the_file)                                                          \
    X(top, "top", "-F", "client,port", "-d", "server", "-b", "bytes", "--json", the_file)          \
    X(top, "top", "-F", "record", "-e", "1h", "-m", "1M", "--csv", the_file)                       \
    X(join, "join", the_file)                                                                      \
    X(join, "join", "--json", "-m", "1M", the_file)                                                \
    X(report, "report", "-o", "/dev/null", the_file)                                               \
    X(report, "report", "-o", "/dev/null", "--stats", the_file, "-n", "3", the_file)

static const struct command {
    int (*run)(int argc, char **argv);
    const char *arguments[ARGUMENTS_MAX];
} commands[] = {
#define COMMAND(verb, ...) {p2i_tool_##verb, {__VA_ARGS__}},
    COMMANDS(COMMAND)
#undef COMMAND
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_text(struct p2i_view text)
{
    while (text.size > 0) {
        size_t size = p2i_utf8_sequence(text);
        uint8_t byte = text.data[0];
        require(size > 0);
        require(byte == '\n' || byte == '\t' || byte == '\r' || p2i_utf8_control(text) == 0);
        text = p2i_view_from(text, size);
    }
}

/* Runs a command line with its outputs in memory; not sealed off, since others follow. */
static void run(const struct command *command, char *path)
{
    static char unsealed[] = "--no-sandbox";
    char *arguments[ARGUMENTS_MAX + 2] = {NULL};
    char *texts[2] = {NULL, NULL};
    size_t sizes[2];
    int count = 0;
    for (; count < ARGUMENTS_MAX && command->arguments[count] != NULL; count++) {
        const char *argument = command->arguments[count];
        arguments[count + (count > 0)] = argument == the_file ? path : (char *)(uintptr_t)argument;
    }
    arguments[1] = unsealed;
    FILE *before[2] = {stdout, stderr};
    stdout = open_memstream(&texts[0], &sizes[0]);
    stderr = open_memstream(&texts[1], &sizes[1]);
    require(stdout != NULL && stderr != NULL);
    int status = command->run(count + 1, arguments);
    (void)fclose(stdout);
    (void)fclose(stderr);
    stdout = before[0];
    stderr = before[1];
    require(status == TOOL_OK || status == TOOL_DAMAGED || status == TOOL_USAGE ||
            status == TOOL_INPUT);
    check_text(p2i_view_of(texts[0], sizes[0]));
    check_text(p2i_view_of(texts[1], sizes[1]));
    free(texts[0]);
    free(texts[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_file file;
    if (size == 0) {
        return 0;
    }
    memory_file_open(&file, p2i_view_of(data + 1, size - 1));
    run(&commands[data[0] % COMMAND_COUNT], file.path);
    memory_file_close(&file);
    return 0;
}
