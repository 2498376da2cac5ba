/* SPDX-License-Identifier: MIT */
#include "corpus/conversion.h"

#include <sys/stat.h>

#include "helpers/folder.h"
#include "settings/settings.h"

/* A corpus in a folder of its own below another. */
struct corpus {
    struct folder outer;
    char folder[300];
    struct p2i_error error;
};

static struct corpus corpus_make(void)
{
    struct corpus corpus = {.outer = folder_make()};
    (void)snprintf(corpus.folder, sizeof corpus.folder, "%s/corpus", corpus.outer.path);
    cr_assert_eq(mkdir(corpus.folder, 0700), 0);
    return corpus;
}

static void corpus_path(const struct corpus *corpus, const char *name, char path[400])
{
    (void)snprintf(path, 400, "%s/%s", corpus->folder, name);
}

static void corpus_remove(struct corpus *corpus)
{
    static const char *const names[] = {"settings.yaml", "settings-subscribers",
                                        "settings-locked-hosts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[400];
        corpus_path(corpus, names[i], path);
        (void)unlink(path);
    }
    cr_expect_eq(rmdir(corpus->folder), 0);
    folder_remove(&corpus->outer);
}

static enum p2i_result make(struct corpus *corpus, const char *yaml, bool anonymised)
{
    struct p2i_corpus_conversion conversion;
    struct p2i_settings *given = p2i_settings_new();
    cr_assert_eq(p2i_settings_parse(given, yaml, strlen(yaml), &corpus->error), P2I_OK, "%s",
                 corpus->error.text);
    enum p2i_result result = p2i_corpus_conversion_check(given, anonymised, &corpus->error);
    if (result == P2I_OK) {
        result = p2i_corpus_conversion_make(&conversion, corpus->folder, given, &corpus->error);
        p2i_corpus_conversion_free(&conversion);
    }
    p2i_settings_free(given);
    return result;
}

static enum p2i_result read_settings(struct corpus *corpus, const char *yaml)
{
    struct p2i_corpus_conversion conversion;
    char path[400];
    corpus_path(corpus, "settings.yaml", path);
    if (yaml != NULL) {
        file_write(path, yaml);
    }
    enum p2i_result result =
        p2i_corpus_conversion_read(&conversion, corpus->folder, &corpus->error);
    p2i_corpus_conversion_free(&conversion);
    return result;
}

/* What shapes records stays; where records go, and how fast, is of no use. */
Test(conversion, what_stays)
{
    struct corpus corpus = corpus_make();
    struct p2i_corpus_conversion conversion;
    struct p2i_settings *settings;
    cr_assert_eq(
        make(&corpus,
             "records: [dns]\nvarlen: long\ndns_export: both\nkeep_passwords: false\n"
             "ipfix_tcp_collectors: [192.0.2.7:9]\najb_save_dns: 1\najb_dns_path: /x\n"
             "spool: /y\nstrict: true\nthreads: 4\nsubscribers: {networks: [192.0.2.0/24]}\n",
             false),
        P2I_OK, "%s", corpus.error.text);
    cr_assert_eq(p2i_corpus_conversion_read(&conversion, corpus.folder, &corpus.error), P2I_OK);
    cr_assert_eq(p2i_corpus_conversion_settings(&conversion, &settings, &corpus.error), P2I_OK);
    cr_assert_eq(settings->records, UINT32_C(1) << P2I_RECORD_DNS);
    cr_assert(settings->varlen_long && settings->dns_export == P2I_DNS_BOTH &&
              !settings->keep_passwords && settings->subscriber_networks.count == 1);
    cr_assert(settings->collector_count == 0 && !settings->dns_log.wanted &&
              settings->delivery.spool_folder == NULL && !settings->strict &&
              settings->threads == 1);
    cr_assert_str_eq(settings->dns_log.folder, ".");
    cr_assert_str_eq(p2i_corpus_conversion_file(&conversion, 0), "settings.yaml");
    cr_assert_null(p2i_corpus_conversion_file(&conversion, 1));
    p2i_settings_free(settings);
    p2i_corpus_conversion_free(&conversion);
    corpus_remove(&corpus);
}

/* Files that settings name become part of the corpus. */
Test(conversion, files)
{
    struct corpus corpus = corpus_make();
    struct p2i_corpus_conversion conversion;
    struct p2i_settings *settings;
    char yaml[640];
    char path[400];
    file_write(corpus.outer.file, "192.0.2.0/24,alice\n");
    (void)snprintf(yaml, sizeof yaml, "subscribers: {file: '%s'}\n", corpus.outer.file);
    cr_assert_eq(make(&corpus, yaml, false), P2I_OK, "%s", corpus.error.text);
    cr_assert_eq(p2i_corpus_conversion_read(&conversion, corpus.folder, &corpus.error), P2I_OK);
    cr_assert_str_eq(p2i_corpus_conversion_file(&conversion, 1), "settings-subscribers");
    cr_assert_null(p2i_corpus_conversion_file(&conversion, 2));
    cr_assert_eq(p2i_corpus_conversion_settings(&conversion, &settings, &corpus.error), P2I_OK);
    corpus_path(&corpus, "settings-subscribers", path);
    cr_assert_str_eq(settings->subscriber_file, path);
    expect_file(path, "192.0.2.0/24,alice\n");
    p2i_settings_free(settings);
    p2i_corpus_conversion_free(&conversion);
    cr_assert_eq(make(&corpus, "locked: {hosts: /nowhere/at/all}\n", false), P2I_INPUT);
    cr_assert_str_eq(corpus.error.text, "the setting locked.hosts: '/nowhere/at/all': cannot open: "
                                        "No such file or directory");
    corpus_remove(&corpus);
}

/* Settings of others never lead out of the folder. */
Test(conversion, settings_of_others)
{
    struct corpus corpus = corpus_make();
    char path[400];
    file_write(corpus.outer.file, "192.0.2.0/24,alice\n");
    cr_assert_eq(read_settings(&corpus, NULL), P2I_INPUT);
    cr_assert_eq(read_settings(&corpus, "subscribers: {file: /etc/passwd}\n"), P2I_USAGE);
    cr_assert_str_eq(corpus.error.text, "settings.yaml: the setting subscribers.file names a file "
                                        "outside of the corpus");
    cr_assert_eq(read_settings(&corpus, "locked: {hosts: ../settings-locked-hosts}\n"), P2I_USAGE);
    cr_assert_eq(read_settings(&corpus, "filter: host corpus.example\n"), P2I_USAGE);
    cr_assert_eq(read_settings(&corpus, "anonymise: key\n"), P2I_USAGE);
    cr_assert_eq(read_settings(&corpus, "records: [dnss]\n"), P2I_USAGE);
    cr_assert_eq(corpus.error.line, 1);
    cr_assert_eq(read_settings(&corpus, "subscribers: {file: settings-subscribers}\n"), P2I_INPUT);
    corpus_path(&corpus, "settings-subscribers", path);
    cr_assert_eq(symlink(corpus.outer.file, path), 0);
    cr_assert_eq(read_settings(&corpus, "subscribers: {file: settings-subscribers}\n"), P2I_INPUT);
    cr_assert_str_eq(corpus.error.text, "settings-subscribers: missing, or not a regular file");
    cr_assert_eq(unlink(path), 0);
    file_write(path, "");
    cr_assert_eq(read_settings(&corpus, "subscribers: {file: settings-subscribers}\n"), P2I_OK);
    corpus_remove(&corpus);
}

/* What may name somebody does not come into an anonymised corpus. */
Test(conversion, anonymised)
{
    static const char *const wrong[] = {
        "subscribers: {file: x}\n",
        "subscribers: {networks: [192.0.2.0/24]}\n",
        "locked: {hosts: x}\n",
        "locked: {urls: x}\n",
        "channels: {file: {a.pcap: 1}}\n",
        "filter: host 192.0.2.7\n",
        "anonymise: key\n",
    };
    struct corpus corpus = corpus_make();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(make(&corpus, wrong[i], true), P2I_USAGE, "%s", wrong[i]);
    }
    cr_assert_eq(
        make(&corpus, "channels: {vlan: {7: 1}}\nipfix_udp_collectors: [192.0.2.7:9]\n", true),
        P2I_OK, "%s", corpus.error.text);
    char path[400];
    corpus_path(&corpus, "settings.yaml", path);
    struct p2i_view text = file_read(path);
    cr_assert_null(memmem(text.data, text.size, "192.0.2.7", 9));
    free((void *)(uintptr_t)text.data);
    corpus_remove(&corpus);
}
