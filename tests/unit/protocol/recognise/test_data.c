/* SPDX-License-Identifier: MIT */
/* Databases, caches and queues are recognised by content. */
#include <criterion/criterion.h>

#include "script.h"

static const struct script rows[] = {
    SCRIPT_ABOUT("mysql"),
    SCRIPT_FIRST_TCP(MYSQL, 3307,
                     "< 4a0000 00 0a '8.0.36' 00 2a000000 'abcdefgh' 00 ffff ff 0200 ffdf 15 00*10 "
                     "'abcdefghijkl' 00 'caching_sha2_password' 00",
                     "1 2 3 4 5 6 11 24"),
    SCRIPT_FIRST_TCP(
        MYSQL, 3306,
        "< 6d0000 00 0a '5.5.5-10.11.6-MariaDB-0+deb12u1' 00 2a000000 'abcdefgh' 00 fef7 2d "
        "0200 ff81 15 00*10 'abcdefghijkl' 00 'mysql_native_password' 00",
        "3 4 5 49"),
    SCRIPT_FIRST_TCP(MYSQL, 3307, "> 200000 01 85aeff19 00000001 2d 00*23", "2 3 5 13 20 31"),
    SCRIPT_FIRST_TCP(MYSQL, 3307, "> 270000 01 85a6ff19 00000001 2d 00*23 'root' 00 00 00", "3 5"),

    SCRIPT_ABOUT("postgresql"),
    SCRIPT_FIRST_TCP(POSTGRESQL, 5433, "> 00000008 04d2162f", "0 1 2 3 4 5 6 7"),
    SCRIPT_FIRST_TCP(POSTGRESQL, 5433, "> 00000008 04d21630", "3 7"),
    SCRIPT_FIRST_TCP(POSTGRESQL, 5433, "> 00000010 04d2162e 000004d2 01020304", "3 7"),
    SCRIPT_FIRST_TCP(POSTGRESQL, 5433,
                     "> 00000021 00030000 'user' 00 'guest' 00 'database' 00 'a' 00 00",
                     "0 1 2 4 5 6 7 8 9 10 11"),

    SCRIPT_ABOUT("tds"),
    SCRIPT_FIRST_TCP(
        TDS, 1434,
        "> 12 01 002f 0000 00 00 00 001a 0006 01 0020 0001 02 0021 0001 03 0022 0004 04 0026 "
        "0001 ff 11000000 0000 00 00 00000000 00",
        "0 1 7 8 9 11 12 33"),
    SCRIPT_FIRST_TCP(TDS, 1434,
                     "< 04 01 0020 0000 01 00 00 000b 0006 01 0011 0001 ff 0f000fa1 0000 02",
                     "0 1 7 8 9 11 12 18"),
    SCRIPT_FIRST_TCP(TDS, 1434, "> 10 01 00c8 0000 01 00 c0000000 04000074 00100000 00000007 00*32",
                     "0 1 7 8 10 11 15 18 19"),

    SCRIPT_ABOUT("mongodb"),
    SCRIPT_FIRST_TCP(
        MONGODB, 27018,
        "> 24000000 01000000 00000000 dd070000 00000000 00 0f000000 10 'ping' 00 01000000 00",
        "3 12 13 14 15 16 17 18 19 20 22 24"),
    SCRIPT_FIRST_TCP(
        MONGODB, 27017,
        "> 3a000000 02000000 00000000 d4070000 00000000 'admin.$cmd' 00 00000000 01000000 "
        "13000000 10 'isMaster' 00 01000000 00",
        "3 12 13 14 15 17 20"),
    SCRIPT_FIRST_TCP(
        MONGODB, 27017,
        "< 30000000 01000000 02000000 01000000 08000000 00*8 00000000 01000000 0c000000 10 00*8",
        "12 13 14 15 16 17 20 24"),
    SCRIPT_FIRST_TCP(MONGODB, 27017,
                     "> 30000000 01000000 00000000 dc070000 dd070000 20000000 02 00*23",
                     "12 16 24"),

    SCRIPT_ABOUT("redis"),
    SCRIPT_FIRST_TCP(REDIS, 6380, "> '*2' 0d0a '$4' 0d0a 'LLEN' 0d0a '$6' 0d0a 'mylist' 0d0a",
                     "0 1 2 3 4 5 6 7"),
    SCRIPT_FIRST_TCP(REDIS, 6380, "> '*1000' 0d0a '$12' 0d0a 'MSET'", "0 4 5 6 7 8 10 11"),
    SCRIPT_FIRST_TCP(REDIS, 6379, "> 'PING' 0d0a", "0 5"),
    SCRIPT_FIRST_TCP(REDIS, 6379, "< '+PONG' 0d0a", "0"),

    SCRIPT_ABOUT("memcached"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212, "> 'set key 0 900 5' 0d0a 'value' 0d0a", "0 3 7 9 14"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212, "> 'cas key 0 900 5 77 noreply' 0d0a", "0 18 25"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212, "< 'VALUE key 0 5' 0d0a 'value' 0d0a 'END' 0d0a", "0 10"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11211, "> 'get key' 0d0a", "0"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11211, "> 'stats' 0d0a", "0"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11211, "< 'VERSION 1.6.18' 0d0a", "0"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212,
                     "> 80 00 0003 00 00 0000 00000003 00000000 0000000000000000 'key'",
                     "0 1 2 4 5 6 8"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212, "> 80 0a 0000 00 00 0000 00000000 12345678 0000000000000000",
                     "0 2 4 5 6 8"),
    SCRIPT_FIRST_TCP(MEMCACHED, 11212,
                     "< 81 00 0000 04 00 0000 00000009 00000000 0000000000000001 deadbeef 'value'",
                     "0 2 4 5 6 8"),
    SCRIPT_FIRST_UDP(MEMCACHED, 11211, "> 0001 0000 0001 0000 'get key' 0d0a", "2 6 7"),

    SCRIPT_ABOUT("queues"),
    SCRIPT_FIRST_TCP(MQTT, 1884, "> 10 10 0004 'MQTT' 04 02 003c 0004 'test'", "0 1 2 3 4 7"),
    SCRIPT_FIRST_TCP(MQTT, 1884, "> 10 8001 0006 'MQIsdp' 03 02 003c 0000", "0 3 10 11"),
    SCRIPT_FIRST_TCP(MQTT, 1883, "< 20 02 00 05", "0 2"),
    SCRIPT_FIRST_TCP(MQTT, 1883, "< 20 06 00 00 03 22 000a", "0 2"),
    SCRIPT_FIRST_TCP(AMQP, 5673, "> 'AMQP' 00 00 09 01", "0 3 4 5 6 7"),
    SCRIPT_FIRST_TCP(AMQP, 5673, "> 'AMQP' 03 01 00 00", "4"),

    SCRIPT_ABOUT("others"),
    SCRIPT_NOT_FIRST_TCP(IMAP, 6379, "< '* OK IMAP4rev1 ready' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 5190, "< 2a 07 0001 0004 00000001"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 6380, "> '*0' 0d0a '$4' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 6380, "> '*99999999' 0d0a '$4' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 4222, "> 'PING' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 11212, "> 'get key' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 11212, "> 'set key value' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 2112, "> 'incr key 5' 0d0a"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 1884, "< 20 02 00 00"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 5433, "> 00000009 00030000 'user'"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 5433, "> 00000021 00030000 'USER' 00"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 27017,
                         "> 10000000 01000000 00000000 dd070000 00*16"), /* no body */
    SCRIPT_NOT_FIRST_TCP(
        UNKNOWN, 27017,
        "< 30000000 01000000 00000000 01000000 08000000 00*28"), /* answers nothing */
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 3307, "< 4a0000 00 0a 'eight' 00 2a000000 'abcdefgh' 00 00*16"),
    SCRIPT_NOT_FIRST_TCP(UNKNOWN, 3307, "< ff0300 00 0a '8.0.36' 00 2a000000 'abcdefgh' 00 00*16"),
    SCRIPT_NOT_FIRST_UDP(UNKNOWN, 11212, "> 0001 0000 0001 0000 'get key' 0d0a"),
};

Test(recognise, data)
{
    script_expect(rows, SCRIPT_COUNT(rows));
}
