/* SPDX-License-Identifier: MIT */
/* The settings of a run: which captures, records, outputs and collectors, and the limits.
 *
 *     struct p2i_settings *settings = p2i_settings_new();
 *     enum p2i_result result = p2i_settings_read(settings, "pcap2ipfix.yaml", &error);
 *     if (result == P2I_OK) {
 *         result = p2i_settings_set(settings, "memory", "64M", &error);
 *     }
 *
 * The settings copy what is set, so that the texts given may be freed afterwards. Threads: settings
 * belong to one thread while they are changed; any number of runs may read them side by side. */
#ifndef PCAP2IPFIX_SETTINGS_H
#define PCAP2IPFIX_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_settings;

/* Makes settings with the defaults of pcap2ipfix.yaml(5), except that there is one thread; no
 * captures and no outputs. NULL: out of memory. The caller frees them. */
struct p2i_settings *p2i_settings_new(void);
void p2i_settings_free(struct p2i_settings *settings); /* NULL is fine */

/* Sets one setting from its text. Keys are those of the configuration file, a key of a section with
 * the name of the section ("memory", "subscribers.file"), and these, which a file does not have:
 *
 *     capture       adds the path of a capture; "-" is standard input
 *     write, json   path of the IPFIX file, of the JSON Lines; "-" is standard output
 *     from, to, time-offset, each, rotate, file-options, shard   as the options of pcap2ipfix(1)
 *
 * The rules for a value are those of the key. A list has commas between its items. The keys of
 * collectors (export, ipfix_udp_collectors ...) and time-offset add one or more; all others replace
 * what was set before. A map (channels.vlan) is YAML, "{100: 1, 200: 2}".
 *
 * P2I_OK; P2I_USAGE: the key is unknown or the value is wrong, nothing was changed; P2I_INTERNAL:
 * out of memory. */
enum p2i_result p2i_settings_set(struct p2i_settings *settings, const char *key, const char *value,
                                 struct p2i_error *error);

/* How a command line names captures. Everything is borrowed; what is 0 or NULL is left out. */
struct p2i_capture_search {
    size_t struct_size; /* sizeof(struct p2i_capture_search), set by the caller */
    const char *const *paths;
    size_t path_count;
    const char *list;            /* file of more paths, one a line; "-": standard input */
    bool null_separated;         /* the paths of the list end with NUL */
    bool recursive;              /* a folder stands for the files below it */
    const char *const *patterns; /* of the names of these, as in fnmatch(3); any one must match */
    size_t pattern_count;
    void (*note)(void *context, const char *text); /* warns of a folder that cannot be read */
    void *context;                                 /* its first argument */
};

/* Adds captures, as pcap2ipfix(1) finds them. P2I_OK; P2I_USAGE: none is named, or there are
 * patterns without `recursive`; P2I_INPUT: the list or a folder cannot be read, or has no file;
 * P2I_INTERNAL: out of memory. The file of the error lives as long as the settings. */
enum p2i_result p2i_settings_find_captures(struct p2i_settings *settings,
                                           const struct p2i_capture_search *names,
                                           struct p2i_error *error);
/* The paths of the captures, in the order in which they were added; *count: their number. They live
 * until the settings are changed. */
const char *const *p2i_settings_captures(const struct p2i_settings *settings, size_t *count);

/* Sets what a configuration file sets, see pcap2ipfix.yaml(5), and leaves the rest. P2I_OK;
 * P2I_USAGE: the file cannot be read, is not YAML or has a wrong key or value, and the error has
 * file and line; P2I_INTERNAL: out of memory. After an error nothing is changed. */
enum p2i_result p2i_settings_read(struct p2i_settings *settings, const char *path,
                                  struct p2i_error *error);
/* The same from memory; no file in the error. */
enum p2i_result p2i_settings_parse(struct p2i_settings *settings, const char *bytes, size_t size,
                                   struct p2i_error *error);

/* Writes all settings that have a key as a configuration file. P2I_OK; P2I_OUTPUT: it cannot be
 * written; P2I_USAGE: a text is not UTF-8; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_settings_print(const struct p2i_settings *settings, FILE *file,
                                   struct p2i_error *error);

/* How far a run is. Lives for the call. */
struct p2i_progress {
    size_t struct_size;   /* of the library's own struct; members behind it are not there */
    uint64_t read_bytes;  /* as stored, perhaps compressed */
    uint64_t total_bytes; /* likewise, of all captures; 0: not known */
    uint64_t frames;
    uint64_t records;
};

struct p2i_session_facts; /* engine.h */

/* Functions that a run calls. Any member may be NULL. */
struct p2i_settings_callbacks {
    size_t struct_size; /* sizeof(struct p2i_settings_callbacks), set by the caller */
    void *context;      /* first argument of all callbacks */
    /* Reports a capture that is refused, damaged or cut. Called from any thread, one call at a
     * time; `error` lives for the call. */
    void (*report)(void *context, const struct p2i_error *error);
    /* Reports progress from time to time, from any thread, one call at a time. */
    void (*progress)(void *context, const struct p2i_progress *progress);
    /* Polled before each block of frames, from any thread, and while a collector is waited for.
     * True: reading stops, sessions are flushed, the rest for collectors is spooled and the outputs
     * are finished. */
    bool (*is_stopped)(void *context);
    /* Reports what happens to collectors: connections made or lost, warnings; `usual`: an event of
     * a normal run. From any thread, one call at a time; `text` lives for the call. */
    void (*delivery)(void *context, bool usual, const char *text);
    /* The same for the lines that the gateway writes to its log: statistics of the export, every
     * 30 s and at the end, and sends that took longer than their period. */
    void (*log)(void *context, bool usual, const struct p2i_log_line *line);
    /* Reports what is odd about a capture, but no error: it was given twice. As `report`. */
    void (*warning)(void *context, const struct p2i_error *error);
    /* Reports that a session begins or ends, as the callback of the engine does. From any thread,
     * one call at a time, in the order of the packets. */
    void (*session)(void *context, const struct p2i_session_facts *session);
    /* Called when the captures, the files that the settings name, and the outputs are open, before
     * anything is read and before a thread starts: the program may seal itself off, see sandbox.h.
     * With `each` it is called for each capture. A result other than P2I_OK ends the run with it.
     */
    enum p2i_result (*opened)(void *context, struct p2i_error *error);
};

/* Sets all callbacks; they are copied, the context is borrowed for the runs. */
void p2i_settings_set_callbacks(struct p2i_settings *settings,
                                const struct p2i_settings_callbacks *callbacks);

#ifdef __cplusplus
}
#endif
#endif
