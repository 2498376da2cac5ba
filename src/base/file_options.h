/* SPDX-License-Identifier: MIT */
/* Options records in which an IPFIX file describes itself (RFC 5655 section 8.1). */
#ifndef P2I_BASE_FILE_OPTIONS_H
#define P2I_BASE_FILE_OPTIONS_H

/* Bits; each adds options records of one kind to the file. */
enum p2i_file_option {
    P2I_FILE_WINDOW = 1,   /* times of the first and last packet that the records describe */
    P2I_FILE_SESSION = 2,  /* first and last export time */
    P2I_FILE_CHECKSUM = 4, /* MD5 of each message */
    P2I_FILE_CAPTURES = 8, /* program, version, and the captures that the file was made from */
};

#endif
