/* SPDX-License-Identifier: MIT */
/* What a conversion needs once its captures and outputs are open. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sandbox/calls.h"
#include "sandbox/sandbox.h"
#include "settings/settings.h"
#include "transport/url.h"

/* The last folder of a path that is there. */
static struct p2i_view existing_folder(struct p2i_view path)
{
    struct stat status;
    char folder[PATH_MAX];
    for (;;) {
        const uint8_t *slash = path.size > 0 ? memrchr(path.data, '/', path.size) : NULL;
        path.size = slash != NULL ? (size_t)(slash - path.data) : 0;
        int size = snprintf(folder, sizeof folder, "%.*s", (int)path.size, path.data);
        if (path.size == 0 || ((size_t)size < sizeof folder && stat(folder, &status) == 0)) {
            path.size += slash != NULL;
            return path;
        }
    }
}

/* Rotation makes files and folders below the folder before the first letter of a time. */
static void allow_pattern(struct p2i_sandbox *sandbox, const char *path)
{
    struct p2i_view folder = existing_folder(p2i_view_of(path, strcspn(path, "%")));
    p2i_sandbox_allow_folder_of(sandbox, folder, P2I_SANDBOX_MAKE | P2I_SANDBOX_MAKE_FOLDERS);
}

/* A file, or what rotation makes. */
static void allow_file(struct p2i_sandbox *sandbox, const struct p2i_settings *settings,
                       const char *path)
{
    if (path == NULL) {
        return;
    }
    bool rotates = settings->rotate_bytes > 0 || settings->rotate_s > 0;
    if (rotates && strchr(path, '%') != NULL) {
        allow_pattern(sandbox, path);
    } else if (rotates) {
        p2i_sandbox_allow_folder_of(sandbox, p2i_view_of(path, strlen(path)), P2I_SANDBOX_MAKE);
    } else {
        p2i_sandbox_allow_output(sandbox, path);
    }
}

/* By these files, names in a BPF filter become numbers. */
static void allow_numbers(struct p2i_sandbox *sandbox, const struct p2i_settings *settings)
{
    static const char *const numbers[] = {"/etc/services", "/etc/protocols", "/etc/hosts",
                                          "/etc/nsswitch.conf", "/etc/ethers"};
    for (size_t i = 0; settings->filter != NULL && i < sizeof numbers / sizeof *numbers; i++) {
        p2i_sandbox_allow(sandbox, numbers[i], P2I_SANDBOX_READ);
    }
}

void p2i_sandbox_allow_files(struct p2i_sandbox *sandbox, const struct p2i_settings *settings)
{
    const char *const files[] = {settings->as_database,     settings->protocol_numbers,
                                 settings->subscriber_file, settings->locked_hosts,
                                 settings->locked_urls,     settings->anonymise_key};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i] != NULL) {
            p2i_sandbox_allow(sandbox, files[i], P2I_SANDBOX_READ);
        }
    }
}

/* With each capture on its own, the files that the settings name are read again for each. */
static void allow_each(struct p2i_sandbox *sandbox, const struct p2i_settings *settings)
{
    p2i_sandbox_allow_files(sandbox, settings);
    const char *const folders[] = {settings->ipfix_path, settings->json_path};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] != NULL) {
            p2i_sandbox_allow(sandbox, folders[i], P2I_SANDBOX_MAKE);
        }
    }
    bool beside = settings->ipfix_path == NULL && settings->json_path == NULL;
    for (size_t i = 0; i < settings->capture_count && beside; i++) {
        const char *path = settings->captures[i];
        p2i_sandbox_allow_folder_of(sandbox, p2i_view_of(path, strlen(path)), P2I_SANDBOX_MAKE);
    }
}

void p2i_sandbox_allow_collector(struct p2i_sandbox *sandbox, const char *text,
                                 const struct p2i_settings *settings)
{
    const char *spool = settings->delivery.spool_folder;
    struct p2i_collector_url url;
    struct p2i_error ignored;
    if (sandbox == NULL || p2i_collector_url_parse(&url, text, &ignored) != P2I_OK) {
        return;
    }
    p2i_sandbox_allow(sandbox, spool != NULL && spool[0] != '\0' ? spool : ".", P2I_SANDBOX_MAKE);
    sandbox->calls |= P2I_CALLS_SEND;
    if (url.transport == P2I_COLLECTOR_UDP) {
        return; /* its socket is open */
    }
    sandbox->calls |= P2I_CALLS_CONNECT;
    p2i_landlock_allow_port(&sandbox->landlock, (uint16_t)strtoul(url.port, NULL, 10));
}

void p2i_sandbox_allow_run(struct p2i_sandbox *sandbox, const struct p2i_settings *settings)
{
    if (sandbox == NULL) {
        return;
    }
    sandbox->calls |= P2I_CALLS_LOAD; /* charsets of mail */
    allow_numbers(sandbox, settings);
    for (size_t i = 0; i < settings->capture_count; i++) {
        p2i_sandbox_allow(sandbox, settings->captures[i], P2I_SANDBOX_READ);
    }
    if (settings->each) {
        allow_each(sandbox, settings);
        return;
    }
    allow_file(sandbox, settings, settings->ipfix_path);
    allow_file(sandbox, settings, settings->json_path);
    if (settings->dns_log.wanted) {
        p2i_sandbox_allow(sandbox, settings->dns_log.folder, P2I_SANDBOX_MAKE);
    }
    for (size_t i = 0; i < settings->collector_count; i++) {
        p2i_sandbox_allow_collector(sandbox, settings->collectors[i].url, settings);
    }
}
