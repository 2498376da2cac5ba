/* SPDX-License-Identifier: MIT */
#include "enrich/as_numbers.h"

#ifdef HAVE_MAXMINDDB

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>

struct p2i_as_numbers {
    MMDB_s database;
};

static enum p2i_result refuse(int status, const char *path, struct p2i_error *error)
{
    int system_error = errno;
    bool unreadable = status == MMDB_FILE_OPEN_ERROR || status == MMDB_IO_ERROR;
    (void)p2i_fail(error, P2I_USAGE, "cannot use it for AS numbers: %s",
                   unreadable ? strerror(system_error) : MMDB_strerror(status));
    error->file = path;
    error->system_error = unreadable ? system_error : 0;
    return error->code;
}

enum p2i_result p2i_as_numbers_open(struct p2i_as_numbers **numbers, const char *path,
                                    struct p2i_error *error)
{
    *numbers = calloc(1, sizeof **numbers);
    if (*numbers == NULL) {
        return p2i_fail_memory(error);
    }
    int status = MMDB_open(path, MMDB_MODE_MMAP, &(*numbers)->database);
    if (status != MMDB_SUCCESS) {
        free(*numbers);
        *numbers = NULL;
        return refuse(status, path, error);
    }
    return P2I_OK;
}

void p2i_as_numbers_close(struct p2i_as_numbers *numbers)
{
    if (numbers != NULL) {
        MMDB_close(&numbers->database);
        free(numbers);
    }
}

static MMDB_lookup_result_s look_up(const MMDB_s *database, const struct p2i_address *address,
                                    uint8_t ip_version, int *status)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    memcpy(&in.sin_addr, address->bytes, sizeof in.sin_addr);
    memcpy(&in6.sin6_addr, address->bytes, sizeof in6.sin6_addr);
    return MMDB_lookup_sockaddr(
        database, ip_version == 6 ? (const struct sockaddr *)&in6 : (const struct sockaddr *)&in,
        status);
}

uint32_t p2i_as_number(const struct p2i_as_numbers *numbers, const struct p2i_address *address,
                       uint8_t ip_version)
{
    if (numbers == NULL) {
        return 0;
    }
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s found = look_up(&numbers->database, address, ip_version, &status);
    MMDB_entry_data_s number;
    if (status != MMDB_SUCCESS || !found.found_entry ||
        MMDB_get_value(&found.entry, &number, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
        !number.has_data || number.type != MMDB_DATA_TYPE_UINT32) {
        return 0;
    }
    return number.uint32;
}

#else

enum p2i_result p2i_as_numbers_open(struct p2i_as_numbers **numbers, const char *path,
                                    struct p2i_error *error)
{
    *numbers = NULL;
    (void)p2i_fail(error, P2I_USAGE, "AS numbers need a program built with libmaxminddb");
    error->file = path;
    return P2I_USAGE;
}

void p2i_as_numbers_close(struct p2i_as_numbers *numbers)
{
    (void)numbers;
}

uint32_t p2i_as_number(const struct p2i_as_numbers *numbers, const struct p2i_address *address,
                       uint8_t ip_version)
{
    (void)numbers;
    (void)address;
    (void)ip_version;
    return 0;
}

#endif
