/* SPDX-License-Identifier: MIT */
/* Databases, caches, queues. */
#include <criterion/criterion.h>

#include "naming.h"

Test(recognise_data, mysql)
{
    static const struct naming cases[] = {
        TCP(MYSQL, 3307, S,
            "4a0000 00 0a '8.0.36' 00 2a000000 'abcdefgh' 00 ffff ff 0200 ffdf 15 00*10 "
            "'abcdefghijkl' 00 'caching_sha2_password' 00",
            "1 2 3 4 5 6 11 24"),
        TCP(MYSQL, 3306, S,
            "6d0000 00 0a '5.5.5-10.11.6-MariaDB-0+deb12u1' 00 2a000000 'abcdefgh' 00 fef7 2d "
            "0200 ff81 15 00*10 'abcdefghijkl' 00 'mysql_native_password' 00",
            "3 4 5 49"),
        TCP(MYSQL, 3307, C, "200000 01 85aeff19 00000001 2d 00*23", "2 3 5 13 20 31"),
        TCP(MYSQL, 3307, C, "270000 01 85a6ff19 00000001 2d 00*23 'root' 00 00 00", "3 5"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, postgresql)
{
    static const struct naming cases[] = {
        TCP(POSTGRESQL, 5433, C, "00000008 04d2162f", "0 1 2 3 4 5 6 7"),
        TCP(POSTGRESQL, 5433, C, "00000008 04d21630", "3 7"),
        TCP(POSTGRESQL, 5433, C, "00000010 04d2162e 000004d2 01020304", "3 7"),
        TCP(POSTGRESQL, 5433, C, "00000021 00030000 'user' 00 'guest' 00 'database' 00 'a' 00 00",
            "0 1 2 4 5 6 7 8 9 10 11"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, tds)
{
    static const struct naming cases[] = {
        TCP(TDS, 1434, C,
            "12 01 002f 0000 00 00 00 001a 0006 01 0020 0001 02 0021 0001 03 0022 0004 04 0026 "
            "0001 ff 11000000 0000 00 00 00000000 00",
            "0 1 7 8 9 11 12 33"),
        TCP(TDS, 1434, S, "04 01 0020 0000 01 00 00 000b 0006 01 0011 0001 ff 0f000fa1 0000 02",
            "0 1 7 8 9 11 12 18"),
        TCP(TDS, 1434, C, "10 01 00c8 0000 01 00 c0000000 04000074 00100000 00000007 00*32",
            "0 1 7 8 10 11 15 18 19"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, mongodb)
{
    static const struct naming cases[] = {
        TCP(MONGODB, 27018, C,
            "24000000 01000000 00000000 dd070000 00000000 00 0f000000 10 'ping' 00 01000000 00",
            "3 12 13 14 15 16 17 18 19 20 22 24"),
        TCP(MONGODB, 27017, C,
            "3a000000 02000000 00000000 d4070000 00000000 'admin.$cmd' 00 00000000 01000000 "
            "13000000 10 'isMaster' 00 01000000 00",
            "3 12 13 14 15 17 20"),
        TCP(MONGODB, 27017, S,
            "30000000 01000000 02000000 01000000 08000000 00*8 00000000 01000000 0c000000 10 00*8",
            "12 13 14 15 16 17 20 24"),
        TCP(MONGODB, 27017, C, "30000000 01000000 00000000 dc070000 dd070000 20000000 02 00*23",
            "12 16 24"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, redis)
{
    static const struct naming cases[] = {
        TCP(REDIS, 6380, C, "'*2' 0d0a '$4' 0d0a 'LLEN' 0d0a '$6' 0d0a 'mylist' 0d0a",
            "0 1 2 3 4 5 6 7"),
        TCP(REDIS, 6380, C, "'*1000' 0d0a '$12' 0d0a 'MSET'", "0 4 5 6 7 8 10 11"),
        TCP(REDIS, 6379, C, "'PING' 0d0a", "0 5"),
        TCP(REDIS, 6379, S, "'+PONG' 0d0a", "0"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, memcached)
{
    static const struct naming cases[] = {
        TCP(MEMCACHED, 11212, C, "'set key 0 900 5' 0d0a 'value' 0d0a", "0 3 7 9 14"),
        TCP(MEMCACHED, 11212, C, "'cas key 0 900 5 77 noreply' 0d0a", "0 18 25"),
        TCP(MEMCACHED, 11212, S, "'VALUE key 0 5' 0d0a 'value' 0d0a 'END' 0d0a", "0 10"),
        TCP(MEMCACHED, 11211, C, "'get key' 0d0a", "0"),
        TCP(MEMCACHED, 11211, C, "'stats' 0d0a", "0"),
        TCP(MEMCACHED, 11211, S, "'VERSION 1.6.18' 0d0a", "0"),
        TCP(MEMCACHED, 11212, C, "80 00 0003 00 00 0000 00000003 00000000 0000000000000000 'key'",
            "0 1 2 4 5 6 8"),
        TCP(MEMCACHED, 11212, C, "80 0a 0000 00 00 0000 00000000 12345678 0000000000000000",
            "0 2 4 5 6 8"),
        TCP(MEMCACHED, 11212, S,
            "81 00 0000 04 00 0000 00000009 00000000 0000000000000001 deadbeef 'value'",
            "0 2 4 5 6 8"),
        UDP(MEMCACHED, 11211, C, "0001 0000 0001 0000 'get key' 0d0a", "2 6 7"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, queues)
{
    static const struct naming cases[] = {
        TCP(MQTT, 1884, C, "10 10 0004 'MQTT' 04 02 003c 0004 'test'", "0 1 2 3 4 7"),
        TCP(MQTT, 1884, C, "10 8001 0006 'MQIsdp' 03 02 003c 0000", "0 3 10 11"),
        TCP(MQTT, 1883, S, "20 02 00 05", "0 2"),
        TCP(MQTT, 1883, S, "20 06 00 00 03 22 000a", "0 2"),
        TCP(AMQP, 5673, C, "'AMQP' 00 00 09 01", "0 3 4 5 6 7"),
        TCP(AMQP, 5673, C, "'AMQP' 03 01 00 00", "4"),
    };
    naming_expect(cases, NAMING_COUNT(cases));
}

Test(recognise_data, others)
{
    static const struct naming cases[] = {
        TCP(IMAP, 6379, S, "'* OK IMAP4rev1 ready' 0d0a", NULL),
        TCP(UNKNOWN, 5190, S, "2a 07 0001 0004 00000001", NULL),
        TCP(UNKNOWN, 6380, C, "'*0' 0d0a '$4' 0d0a", NULL),
        TCP(UNKNOWN, 6380, C, "'*99999999' 0d0a '$4' 0d0a", NULL),
        TCP(UNKNOWN, 4222, C, "'PING' 0d0a", NULL),
        TCP(UNKNOWN, 11212, C, "'get key' 0d0a", NULL),
        TCP(UNKNOWN, 11212, C, "'set key value' 0d0a", NULL),
        TCP(UNKNOWN, 2112, C, "'incr key 5' 0d0a", NULL),
        TCP(UNKNOWN, 1884, S, "20 02 00 00", NULL),
        TCP(UNKNOWN, 5433, C, "00000009 00030000 'user'", NULL),
        TCP(UNKNOWN, 5433, C, "00000021 00030000 'USER' 00", NULL),
        TCP(UNKNOWN, 27017, C, "10000000 01000000 00000000 dd070000 00*16", NULL), /* no body */
        TCP(UNKNOWN, 27017, S, "30000000 01000000 00000000 01000000 08000000 00*28",
            NULL), /* answers nothing */
        TCP(UNKNOWN, 3307, S, "4a0000 00 0a 'eight' 00 2a000000 'abcdefgh' 00 00*16", NULL),
        TCP(UNKNOWN, 3307, S, "ff0300 00 0a '8.0.36' 00 2a000000 'abcdefgh' 00 00*16", NULL),
        UDP(UNKNOWN, 11212, C, "0001 0000 0001 0000 'get key' 0d0a", NULL),
    };
    naming_refuse(cases, NAMING_COUNT(cases));
}
