/* SPDX-License-Identifier: MIT */
/* What an IPFIX file can say about itself (RFC 5655 section 8.1). */
#ifndef PCAP2IPFIX_FILE_OPTIONS_H
#define PCAP2IPFIX_FILE_OPTIONS_H

/* Options records that the file has besides its records; bits. */
enum p2i_file_option {
    P2I_FILE_WINDOW = 1,   /* time of the first and of the last packet that a record tells of */
    P2I_FILE_SESSION = 2,  /* first and last export time */
    P2I_FILE_CHECKSUM = 4, /* MD5 of each message */
    P2I_FILE_CAPTURES = 8, /* program, version, and the captures that the file was made of */
};

#endif
