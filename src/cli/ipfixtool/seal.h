/* SPDX-License-Identifier: MIT */
/* The sandbox of the verbs of ipfixtool. */
#ifndef P2I_CLI_IPFIXTOOL_SEAL_H
#define P2I_CLI_IPFIXTOOL_SEAL_H

#include <stdbool.h>
#include <stddef.h>

struct p2i_settings;

/* What a verb still opens. What is 0 or NULL is left out, and "-" is open. */
struct p2i_tool_needs {
    char *const *files; /* are read */
    int file_count;
    const char *const *more_files; /* likewise */
    size_t more_file_count;
    const char *file;      /* likewise, one more */
    const char *output;    /* as by p2i_output_file_open() */
    bool reads_output;     /* it is hashed when it is complete */
    const char *folder;    /* files are made and read in it; if it is not there, it is made, too */
    const char *temporary; /* folder of temporary files */
    const struct p2i_settings *run; /* captures are converted, perhaps several times */
    const char *collector;          /* with the settings of its delivery: */
    const struct p2i_settings *delivery;
    bool receives;    /* connections or datagrams */
    bool reads_named; /* files that another file names */
};

/* Takes one of the options that all verbs have; returns false for any other. */
bool p2i_tool_seal_option(int option, const char *value);
/* Becomes the user of -Z. Returns TOOL_OK or another exit status, with a message. */
int p2i_tool_become_user(void);
/* Seals the program off, unless --no-sandbox was given; call it before anything is read that
 * strangers wrote. Returns TOOL_OK or TOOL_INTERNAL, with a message. */
int p2i_tool_seal(const struct p2i_tool_needs *needs);

#endif
