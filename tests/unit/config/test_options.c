/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/key.h"
#include "config/values.h"
#include "pcap2ipfix/command_line.h"
#include "settings/settings.h"

static struct p2i_options *options;
static struct p2i_error error;

/* Parses "pcap2ipfix ARGUMENTS", separated by single spaces. */
static enum p2i_result parse(const char *arguments)
{
    static char line[1024];
    static char *argv[64];
    snprintf(line, sizeof line, "pcap2ipfix %s", arguments);
    int argc = 0;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    error = (struct p2i_error){0};
    return p2i_options_parse(&options, argc, argv, &error);
}

static void done(void)
{
    p2i_options_free(options);
}

static void expect_usage(const char *arguments, const char *text)
{
    cr_expect_eq(parse(arguments), P2I_USAGE, "%s", arguments);
    cr_expect_not_null(strstr(error.text, text), "%s: %s", arguments, error.text);
    done();
}

Test(options, captures_may_stand_anywhere, .fini = done)
{
    cr_assert_eq(parse("a.pcap -w out b.pcap -r c.pcap -- -d.pcap"), P2I_OK);
    cr_assert_eq(options->settings->capture_count, 4);
    cr_assert_str_eq(options->settings->captures[0], "a.pcap");
    cr_assert_str_eq(options->settings->captures[1], "b.pcap");
    cr_assert_str_eq(options->settings->captures[2], "c.pcap");
    cr_assert_str_eq(options->settings->captures[3], "-d.pcap");
    cr_assert_str_eq(options->settings->ipfix_path, "out");
    cr_assert_not(options->settings->must_be_new);
}

Test(options, collectors, .fini = done)
{
    cr_assert_eq(parse("-e tcp://h:1 a.pcap --export udp://h:2?channels=dns --rate 2M --pace 1.5 "
                       "--export-time now --spool /var/spool --retry 60"),
                 P2I_OK);
    cr_assert_eq(options->settings->collector_count, 2);
    cr_expect_str_eq(options->settings->collectors[0].url, "tcp://h:1");
    cr_expect_str_eq(options->settings->collectors[1].url, "udp://h:2?channels=dns");
    cr_expect_eq(options->settings->delivery.rate_bytes, 2 << 20);
    cr_expect_float_eq(options->settings->delivery.pace, 1.5, 1e-9);
    cr_expect(options->settings->delivery.export_time_now);
    cr_expect_str_eq(options->settings->delivery.spool_folder, "/var/spool");
    cr_expect_eq(options->settings->delivery.retry_s, 60);
    /* A collector is output enough. */
    cr_expect_null(options->settings->ipfix_path);
    cr_expect_null(options->settings->json_path);
}

Test(options, collectors_by_default, .fini = done)
{
    cr_assert_eq(parse("-e tcp://h:1 -w out - --export-time capture"), P2I_OK);
    cr_expect_str_eq(options->settings->ipfix_path, "out");
    cr_expect_eq(options->settings->delivery.rate_bytes, 0);
    cr_expect_eq(options->settings->delivery.pace, 0);
    cr_expect_not(options->settings->delivery.export_time_now);
    cr_expect_eq(options->settings->delivery.retry_s, 300);
    cr_expect_eq(options->settings->delivery.udp_message_limit, 1400);
    cr_expect_eq(options->settings->delivery.udp_template_timer_s, 30);
}

Test(options, wrong_values_about_collectors)
{
    expect_usage("a.pcap --pace 0", "--pace");
    expect_usage("a.pcap --pace -1", "--pace");
    expect_usage("a.pcap --pace x", "--pace");
    expect_usage("a.pcap --pace 1x", "--pace");
    expect_usage("a.pcap --pace nan", "--pace");
    expect_usage("a.pcap --rate 999", "--rate");
    expect_usage("a.pcap --rate 1MB", "--rate");
    expect_usage("a.pcap --retry -1", "--retry");
    expect_usage("a.pcap --retry 1M", "--retry");
    expect_usage("a.pcap --retry 0", "--retry");
    expect_usage("a.pcap --retry 1000001", "--retry");
    expect_usage("a.pcap --export-time later", "--export-time");
    expect_usage("a.pcap -e", "needs a value");
}

Test(options, without_an_output_the_name_is_that_of_the_first_capture)
{
    const char *const names[][2] = {{"dir/trace.pcap", "trace.ipfix"},
                                    {"trace.pcapng.gz", "trace.ipfix"},
                                    {"x/.pcap", ".pcap.ipfix"},
                                    {"plain", "plain.ipfix"},
                                    {"a.b.cap.zst", "a.b.ipfix"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_assert_eq(parse(names[i][0]), P2I_OK);
        cr_assert_str_eq(options->settings->ipfix_path, names[i][1]);
        cr_assert(options->settings->must_be_new);
        done();
    }
    cr_assert_eq(parse("a.pcap -j x"), P2I_OK);
    cr_assert_null(options->settings->ipfix_path);
    done();
    expect_usage("-", "standard input has no name");
}

Test(options, records_are_a_list, .fini = done)
{
    cr_assert_eq(parse("a --records dns,http_reply"), P2I_OK);
    cr_assert_eq(options->settings->records, 1U << P2I_RECORD_DNS | 1U << P2I_RECORD_HTTP_REPLY);
}

Test(options, wrong_values_are_refused_with_their_reason)
{
    expect_usage("", "no capture file given");
    expect_usage("a --records dns,nothing", "'nothing'");
    expect_usage("a --records dns,", "''");
    expect_usage("a --threads 65", "'65'");
    expect_usage("a --threads -1", "'-1'");
    expect_usage("a --memory 1M", "at least 16M");
    expect_usage("a --memory 1T", "'1T'");
    expect_usage("a --order size", "'size'");
    expect_usage("a --stats=xml", "'xml'");
    expect_usage("a -w", "needs a value");
    expect_usage("a --include *.pcap", "it needs -R");
    expect_usage("-i eth0", "captures are read, not interfaces");
    expect_usage("a -w - -j -", "cannot share");
}

Test(options, an_option_that_cannot_be_taken_has_its_reason)
{
    static const char *const cases[][2] = {
        {"a --nonsense", "unknown option '--nonsense'"},
        {"a --memroy 32M", "unknown option '--memroy'; did you mean '--memory'?"},
        {"a --memroy=32M", "unknown option '--memroy'; did you mean '--memory'?"},
        {"a --anonymize k", "unknown option '--anonymize'; did you mean '--anonymise'?"},
        {"a --x", "unknown option '--x'"},
        {"a --re b", "option '--re' is ambiguous: --read, --recursive, --records, "
                     "--redact, --retry"},
        {"a --r=b", "option '--r' is ambiguous: --read, --recursive, "},
        {"a --strict=yes", "option '--strict' takes no value"},
        {"a --stri=yes", "option '--strict' takes no value"},
        {"a -Y", "unknown option '-Y'"},
        {"a -qYv", "unknown option '-Y'"},
        {"a -stats", "unknown option '-s'; did you mean '--stats'?"},
        {"a --memory", "option '--memory' needs a value"},
        {"a -qw", "option '-w' needs a value"},
        {"a --order size", "--order: 'size' is none of time, args, name"},
        {"a --rate 999", "--rate: '999' is not a size of at least 1000"},
        {"a --retry 0", "--retry: '0' is not a number from 1 to 1000000"},
        {"a --pace 0", "--pace: '0' is not a number from 0.001 to 1000000"},
        {"a --records dns,x", "--records: 'x' is none of clickstream, http_reply, ssl_reply, sip, "
                              "ftp, im, mail, raw, dns, flow, biflow, all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse(cases[i][0]), P2I_USAGE, "%s", cases[i][0]);
        bool begins = strstr(cases[i][1], "ambiguous") != NULL; /* the rest is more names */
        cr_expect(begins ? strstr(error.text, cases[i][1]) == error.text
                         : strcmp(error.text, cases[i][1]) == 0,
                  "%s: %s", cases[i][0], error.text);
        done();
    }
}

Test(options, of_an_option_that_is_there_twice_the_last_counts)
{
    static const char *const noted[][2] = {
        {"a -w x -w y", "--write is given twice"},
        {"a -w x --write=y", "--write is given twice"},
        {"a --memory 32M --memory 64M", "--memory is given twice"},
        {"a --rotate 1h --rotate 2h -w x", "--rotate has two times"},
        {"a --rotate 1M --rotate 1h --rotate 2M -w x", "--rotate has two sizes"},
        {"a --progress --no-progress", "--progress and --no-progress"},
        {"a --stats --stats=json", "--stats is given twice"},
    };
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) {
        cr_expect_eq(parse(noted[i][0]), P2I_OK, "%s: %s", noted[i][0], error.text);
        cr_assert_eq(options->warning_count, 1, "%s", noted[i][0]);
        cr_expect_not_null(strstr(options->warnings[0], noted[i][1]), "%s", options->warnings[0]);
        done();
    }
    cr_assert_eq(parse("a --memory 32M --memory 64M -w x -w y"), P2I_OK);
    cr_expect_eq(options->settings->memory_bytes, 64 << 20);
    cr_expect_str_eq(options->settings->ipfix_path, "y");
    cr_expect_eq(options->warning_count, 2);
    done();
    cr_assert_eq(parse("-r a -r b -e udp://h:1 -e udp://h:2 -f tcp -f udp -vvqq --rotate 1M "
                       "--rotate 1h --strict --strict -w x"),
                 P2I_OK);
    cr_expect_eq(options->warning_count, 0);
    cr_expect_eq(options->settings->rotate_s, 3600);
    cr_expect_eq(options->settings->rotate_bytes, 1 << 20);
    done();
}

Test(options, of_several_filters_all_hold)
{
    char arguments[256];
    const char *path;
    static char *const words[] = {"pcap2ipfix", "a", "-w", "x",       "-f", "tcp or udp",
                                  "-f",         " ", "-f", "port 53", NULL};
    cr_assert_eq(p2i_options_parse(&options, 10, (char **)words, &error), P2I_OK);
    cr_expect_str_eq(options->settings->filter, "(tcp or udp) and (port 53)");
    done();
    path = "/dev/null";
    snprintf(arguments, sizeof arguments, "a -w x -f tcp -F %s", path);
    cr_assert_eq(parse(arguments), P2I_OK);
    cr_expect_str_eq(options->settings->filter, "(tcp)");
    done();
    cr_assert_eq(parse("a -w x -F /dev/null -F /dev/null"), P2I_OK);
    cr_expect_str_eq(options->settings->filter, "");
    cr_expect_eq(options->warning_count, 1);
    done();
}

/* The first of the words that an option takes, or a value that its kind takes. */
static const char *value_of(const struct p2i_option *option)
{
    static char word[32];
    const char *words = p2i_option_words(option);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(words, "|"), words);
    switch (option->argument) {
    case P2I_ARGUMENT_SIZE:
        return "64M";
    case P2I_ARGUMENT_NUMBER:
        return "3";
    case P2I_ARGUMENT_URL:
        return "udp://h:1";
    case P2I_ARGUMENT_FILE:
    case P2I_ARGUMENT_DIRECTORY:
        return "/dev/null";
    case P2I_ARGUMENT_TEXT:
        return strcmp(option->name, "shard") == 0         ? "1/2"
               : strcmp(option->name, "rotate") == 0      ? "1h"
               : strcmp(option->name, "from") == 0        ? "2026-01-31"
               : strcmp(option->name, "to") == 0          ? "2026-01-31"
               : strcmp(option->name, "time-offset") == 0 ? "-1.5"
               : strcmp(option->name, "output-mode") == 0 ? "0640"
                                                          : "x";
    default:
        return word;
    }
}

Test(options, each_row_of_the_table_is_accepted)
{
    const struct p2i_option_table *table = p2i_options_table();
    char arguments[256];
    for (size_t i = 0; i < table->count; i++) {
        const struct p2i_option *option = &table->options[i];
        bool none = option->argument == P2I_ARGUMENT_NONE;
        const char *output = strcmp(option->name, "explain") == 0 ? "" : "-j x ";
        snprintf(arguments, sizeof arguments, "a.pcap %s-R --%s%s%s", output, option->name,
                 none ? "" : "=", none ? "" : value_of(option));
        cr_expect_eq(parse(arguments), P2I_OK, "%s: %s", arguments, error.text);
        done();
        if (option->letter != '\0') {
            snprintf(arguments, sizeof arguments, "a.pcap -j x -R -%c %s", option->letter,
                     none ? "" : value_of(option));
            cr_expect_eq(parse(arguments), P2I_OK, "%s: %s", arguments, error.text);
            done();
        }
    }
}

Test(options, each_word_of_the_table_is_accepted)
{
    const struct p2i_option_table *table = p2i_options_table();
    char arguments[256];
    for (size_t i = 0; i < table->count; i++) {
        const struct p2i_option *option = &table->options[i];
        bool none = option->argument == P2I_ARGUMENT_NONE;
        for (const char *at = p2i_option_words(option); !none && *at != '\0';
             at += strspn(at, "|")) {
            size_t size = strcspn(at, "|");
            snprintf(arguments, sizeof arguments, "a.pcap --%s=%.*s", option->name, (int)size, at);
            cr_expect_eq(parse(arguments), P2I_OK, "%s: %s", arguments, error.text);
            done();
            at += size;
        }
    }
}

Test(options, keys_of_the_table_exist)
{
    const struct p2i_option_table *table = p2i_options_table();
    for (size_t i = 0; i < table->count; i++) {
        const char *key = table->options[i].key;
        cr_expect(key[0] == '\0' || p2i_config_key_find(key) != NULL, "%s", key);
    }
}

Test(options, zero_threads_are_one_per_core, .fini = done)
{
    cr_assert_eq(parse("a --threads 0"), P2I_OK);
    unsigned threads = p2i_settings_threads(options->settings);
    cr_assert(threads >= 1 && threads <= 64);
}

Test(options, sizes_have_units)
{
    uint64_t size = 0;
    cr_assert(p2i_parse_size("512", &size) && size == 512);
    cr_assert(p2i_parse_size("64K", &size) && size == 64 << 10);
    cr_assert(p2i_parse_size("100m", &size) && size == 100 << 20);
    cr_assert(p2i_parse_size("1G", &size) && size == 1 << 30);
    const char *const wrong[] = {
        "", "K", "-1", "1KB", "1.5G", " 1", "99999999999999999999", "9999999999G"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_not(p2i_parse_size(wrong[i], &size), "%s", wrong[i]);
    }
}

/* A file of the test's own with these bytes; its name is good until the next call. */
static const char *file_with(const char *bytes, size_t size)
{
    static char path[] = "/tmp/test-options-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, bytes, size), (ssize_t)size);
    close(file);
    return path;
}

Test(options, lists_have_lines_or_nul)
{
    char arguments[256];
    const char lines[] = "a b\n\nc\r\nd";
    const char *path = file_with(lines, sizeof lines - 1);
    snprintf(arguments, sizeof arguments, "--list %s -w x", path);
    cr_assert_eq(parse(arguments), P2I_OK);
    unlink(path);
    cr_assert_eq(options->settings->capture_count, 3);
    cr_assert_str_eq(options->settings->captures[0], "a b");
    cr_assert_str_eq(options->settings->captures[1], "c");
    cr_assert_str_eq(options->settings->captures[2], "d");
    done();
    const char nuls[] = "a\nb\0\0c";
    path = file_with(nuls, sizeof nuls - 1);
    snprintf(arguments, sizeof arguments, "-0 --list %s -w x", path);
    cr_assert_eq(parse(arguments), P2I_OK);
    unlink(path);
    cr_assert_eq(options->settings->capture_count, 2);
    cr_assert_str_eq(options->settings->captures[0], "a\nb");
    done();
    path = file_with(nuls, sizeof nuls - 1);
    snprintf(arguments, sizeof arguments, "--list %s -w x", path);
    cr_assert_eq(parse(arguments), P2I_INPUT);
    unlink(path);
    cr_assert_neq(strstr(error.text, "NUL"), NULL);
    done();
    cr_assert_eq(parse("--list /nowhere/list -w x"), P2I_INPUT);
    cr_assert_str_eq(error.file, "/nowhere/list");
    done();
}

/* PATH_MAX with the zero; a longer one is not read to its end. */
Test(options, names_of_a_list_are_no_longer_than_paths)
{
    static char name[5000];
    char arguments[256];
    memset(name, 'a', sizeof name);
    for (size_t size = 4095; size <= sizeof name; size += size > 4095 ? 904U : 1U) {
        const char *path = file_with(name, size);
        snprintf(arguments, sizeof arguments, "--list %s -w x", path);
        cr_assert_eq(parse(arguments), size < 4096 ? P2I_OK : P2I_INPUT, "%zu", size);
        cr_assert_eq(strstr(error.text, "too long") != NULL, size >= 4096);
        unlink(path);
        done();
    }
}

Test(options, a_filter_may_come_from_a_file)
{
    char arguments[256];
    const char *path = file_with("tcp\nport 80\n", 12);
    snprintf(arguments, sizeof arguments, "a -w x -F %s", path);
    cr_assert_eq(parse(arguments), P2I_OK);
    unlink(path);
    cr_assert_str_eq(options->settings->filter, "tcp\nport 80\n");
    done();
    cr_assert_eq(parse("a -F /nowhere/filter"), P2I_INPUT);
    done();
}

/* Wherever -c stands, options win. */
Test(options, options_override_the_configuration)
{
    char arguments[256];
    static const char *const orders[] = {
        "-c %s a -w x --records dns --memory 32M -e tcp://c:3 -e tcp://d:4 --retry 7 -f new",
        "a -w x --records dns --memory 32M -e tcp://c:3 -e tcp://d:4 --retry 7 -f new -c %s",
        "a --config=%s -w x --records dns --memory 32M -e tcp://c:3 -e tcp://d:4 --retry 7 -f new",
        "--memory 32M --retry 7 -f new -e tcp://c:3 -e tcp://d:4 -qc%s --records dns -w x -- a",
    };
    static const char text[] = "records: [mail]\nmemory: 64M\nthreads: 3\nretry: 9\nfilter: old\n"
                               "ipfix_udp_collectors: ['a:1', 'b:2']\n";
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const char *path = file_with(text, sizeof text - 1);
        snprintf(arguments, sizeof arguments, orders[i], path);
        cr_assert_eq(parse(arguments), P2I_OK, "%s: %s", arguments, error.text);
        unlink(path);
        cr_expect_eq(options->settings->records, 1U << P2I_RECORD_DNS);
        cr_expect_eq(options->settings->memory_bytes, 32 << 20);
        cr_expect_eq(options->settings->threads, 3);
        cr_expect_eq(options->settings->delivery.retry_s, 7);
        cr_expect_str_eq(options->settings->filter, "new");
        cr_assert_eq(options->settings->collector_count, 2);
        cr_expect_str_eq(options->settings->collectors[0].url, "tcp://c:3");
        cr_expect_str_eq(options->settings->collectors[1].url, "tcp://d:4");
        cr_expect_str_eq(options->settings->captures[0], "a");
        cr_expect_eq(options->settings->capture_count, 1);
        done();
    }
}

Test(options, collectors_of_the_configuration_are_an_output, .fini = done)
{
    static const char text[] = "ipfix_udp_collectors: ['a:1']\n";
    char arguments[256];
    const char *path = file_with(text, sizeof text - 1);
    snprintf(arguments, sizeof arguments, "a.pcap -c %s", path);
    cr_assert_eq(parse(arguments), P2I_OK);
    unlink(path);
    cr_expect_null(options->settings->ipfix_path);
    cr_expect_eq(options->settings->collector_count, 1);
}

Test(options, a_configuration_that_is_wrong_stops_all)
{
    char arguments[256];
    const char *path = file_with("threads: 1\nthreats: 2\n", 22);
    snprintf(arguments, sizeof arguments, "a -w x -c %s", path);
    cr_expect_eq(parse(arguments), P2I_USAGE);
    cr_expect_str_eq(error.file, path);
    cr_expect_eq(error.line, 2);
    done();
    /* Unless only help is wanted; what follows -- is no option. */
    snprintf(arguments, sizeof arguments, "-c %s --help", path);
    cr_expect_eq(parse(arguments), P2I_OK);
    done();
    snprintf(arguments, sizeof arguments, "-w x -- -c %s", path);
    cr_expect_eq(parse(arguments), P2I_OK);
    cr_expect_eq(options->settings->capture_count, 2);
    done();
    unlink(path);
    expect_usage("a -w x -c /nowhere/c.yaml", "No such file");
    expect_usage("a -w x -c", "needs a value");
    expect_usage("a -e udp://h", "the port is missing");
}

Test(options, printing_the_configuration_needs_no_capture, .fini = done)
{
    cr_assert_eq(parse("--print-config --threads 0"), P2I_OK);
    cr_expect(options->action == P2I_ACTION_PRINT_CONFIG);
    cr_expect_eq(options->settings->threads, 0); /* as it was said */
}

static char tree[] = "/tmp/test-options-XXXXXX";

static void plant(void)
{
    char command[512];
    cr_assert_not_null(mkdtemp(tree));
    snprintf(command, sizeof command,
             "cd %s && mkdir b .hidden && : >c.pcap && : >b/a.pcap && : >.x && : >.hidden/y && "
             ": >a.pcap && : >b/note.txt && ln -s /etc/passwd out && ln -s / up && "
             "ln -s a.pcap again && mkfifo pipe",
             tree);
    cr_assert_eq(system(command), 0);
}

static void fell(void)
{
    char command[128];
    done();
    snprintf(command, sizeof command, "rm -r %s", tree);
    cr_assert_eq(system(command), 0);
}

/* Parses, and expects these captures below the tree. */
static void expect_walk(const char *arguments, const char *const *paths, size_t count)
{
    char command[512];
    snprintf(command, sizeof command, arguments, tree);
    cr_assert_eq(parse(command), P2I_OK);
    cr_assert_eq(options->settings->capture_count, count, "%s", arguments);
    for (size_t i = 0; i < count; i++) {
        bool found = paths[i][0] == '/';
        cr_expect_str_eq(options->settings->captures[i] + (found ? strlen(tree) : 0), paths[i]);
        cr_expect_eq(options->settings->captures_found[i], found);
    }
}

/* Links are not followed, wherever they lead, and are told of. */
Test(options, directories_are_walked_by_name, .init = plant, .fini = fell)
{
    expect_walk("-R %s plain -w x",
                (const char *const[]){"/a.pcap", "/b/a.pcap", "/b/note.txt", "/c.pcap", "plain"},
                5);
    cr_assert_eq(options->warning_count, 1);
    cr_expect_not_null(strstr(options->warnings[0], "3 symbolic links not followed"));
    cr_expect_eq(options->excluded_files, 0);
}

Test(options, a_directory_may_be_named_by_a_link, .init = plant, .fini = fell)
{
    cr_assert_eq(chdir(tree), 0);
    cr_assert_eq(symlink("b", "link"), 0);
    cr_assert_eq(parse("-R link -w x"), P2I_OK);
    cr_expect_eq(options->settings->capture_count, 2);
}

Test(options, files_below_directories_are_chosen_by_name, .init = plant, .fini = fell)
{
    expect_walk("-R --include a.* %s plain -w x",
                (const char *const[]){"/a.pcap", "/b/a.pcap", "plain"}, 3);
    cr_expect_eq(options->excluded_files, 2);
    done();
    expect_walk("-R --include c* --include *.txt %s -w x",
                (const char *const[]){"/b/note.txt", "/c.pcap"}, 2);
    done();
    char command[128];
    snprintf(command, sizeof command, "-R --include nothing %s -w x", tree);
    cr_expect_eq(parse(command), P2I_INPUT);
    cr_expect_str_eq(error.text, "no file found below the directories");
}

/* A folder of its own with two captures and another name of the first. */
static void enter_folder(void)
{
    static char folder[] = "/tmp/p2i-options-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    for (const char *name = "ab"; *name != '\0'; name++) {
        FILE *file = fopen((const char[]){*name, '\0'}, "we");
        cr_assert_not_null(file);
        (void)fclose(file);
    }
    cr_assert_eq(symlink("a", "soft"), 0);
    cr_assert_eq(link("a", "hard"), 0);
}

static void leave_folder(void)
{
    static const char *const names[] = {"a", "b", "soft", "hard"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(names[i]);
    }
    char *folder = getcwd(NULL, 0);
    cr_assert_eq(chdir("/"), 0);
    (void)rmdir(folder);
    free(folder);
}

Test(options, outputs_destroy_nothing, .init = enter_folder, .fini = leave_folder)
{
    expect_usage("-w a a", "the output 'a' is the capture 'a'");
    expect_usage("-w ./a b a", "the output './a' is the capture 'a'");
    expect_usage("-j soft b a", "the output 'soft' is the capture 'a'");
    expect_usage("-w hard soft", "the output 'hard' is the capture 'soft'");
    expect_usage("-w new -j a b soft", "the output 'a' is the capture 'soft'");
    expect_usage("-w new -j new a", "-w and -j cannot share the file 'new'");
    expect_usage("-w new -j ./new a", "-w and -j cannot share the file 'new'");
    expect_usage("-w .//new --stats-file new a", "-w and --stats-file cannot share the file");
    expect_usage("-j new --stats-file /proc/self/cwd/new a", "-j and --stats-file cannot share");
    expect_usage("--stats-file a soft", "the output 'a' is the capture 'soft'");
    expect_usage("-j - --stats-file - a", "-j - and --stats-file - cannot share standard output");
    expect_usage("-w b -j b a", "-w and -j cannot share the file 'b'");
    expect_usage("-w hard -j soft b", "-w and -j cannot share the file 'hard'");
    static const char *const fine[] = {"-w b a",
                                       "-w b -j soft new",
                                       "-w new -j newer a",
                                       "-w /dev/null -j /dev/null a",
                                       "-w /dev/null /dev/null",
                                       "-w new -j b a new",
                                       "-w new -j other/new a",
                                       "-w new -j newer --stats-file newest a"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        cr_expect_eq(parse(fine[i]), P2I_OK, "%s: %s", fine[i], error.text);
        done();
    }
}

Test(options, files_are_synced_unless_they_need_not_be, .fini = done)
{
    cr_assert_eq(parse("a.pcap"), P2I_OK);
    cr_expect(options->settings->sync);
    done();
    cr_assert_eq(parse("a.pcap --no-sync"), P2I_OK);
    cr_expect_not(options->settings->sync);
}
