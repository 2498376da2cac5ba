/* SPDX-License-Identifier: MIT */
/* The logins of an FTP control connection (RFC 959 section 5.4) on their way to records: what was
 * sent, what the server said to it, and how much of that is in the capture. */
#ifndef P2I_PROTOCOL_FTP_LOGIN_H
#define P2I_PROTOCOL_FTP_LOGIN_H

#include "protocol/ftp/line.h"
#include "protocol/protocol.h"

enum { P2I_FTP_LOGINS_MAX = 4 }; /* sent before the first was answered */

enum p2i_ftp_mode { P2I_FTP_ACTIVE_MODE = 0, P2I_FTP_PASSIVE_MODE = 1, P2I_FTP_NO_MODE = 255 };

/* Bytes of the pool. */
struct p2i_ftp_text {
    uint8_t *bytes;
    size_t size;
};

struct p2i_ftp_login {
    struct p2i_packet_info info; /* of USER, or of the first that was seen of it */
    struct p2i_ftp_text user;
    struct p2i_ftp_text password;
    uint16_t result;  /* the final reply; 0: none yet */
    uint16_t refusal; /* a reply that refused one of its commands, which may come again; 0 none */
    uint8_t waiting;  /* its commands that wait for a reply */
    uint8_t asked;    /* enum p2i_ftp_mode: of the first command for a data connection that was not
                         refused */
    uint8_t agreed;   /* of the first that the server agreed to */
    bool has_user;    /* the command was seen */
    bool has_password;
    bool settled;      /* its USER was answered, or will not be: it has taken the place of others */
    bool cut;          /* a line of it is not whole */
    bool limited;      /* a line of it is longer than is looked at */
    bool lines_missed; /* bytes of the client were lost while it was to go on */
    bool reply_missed; /* bytes of the server were lost while a reply was awaited */
};

struct p2i_ftp_logins {
    struct p2i_ftp_login login[P2I_FTP_LOGINS_MAX]; /* oldest first */
    struct p2i_ftp_text server_name;
    uint8_t count;
    uint8_t orphan_count; /* commands that wait for a reply and whose login has gone: the oldest */
    uint8_t client;       /* enum p2i_direction: who logs in */
    bool user_seen;       /* USER was seen on this connection */
    bool lines_missed;    /* bytes of the client were lost since the newest began */
    bool in_effect;       /* the server has let somebody in, and nobody has begun again */
    bool ended[2];        /* by direction: its sender ended it */
};

void p2i_ftp_set_text(struct p2i_parser *parser, struct p2i_ftp_text *text, struct p2i_view value);

/* NULL: there is none. */
struct p2i_ftp_login *p2i_ftp_newest_login(struct p2i_ftp_logins *logins);
/* The oldest that has no result; NULL if all have one. */
struct p2i_ftp_login *p2i_ftp_open_login(struct p2i_ftp_logins *logins);

/* USER and PASS. `completeness`: of the line. */
void p2i_ftp_take_user(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                       const struct p2i_packet_info *info, struct p2i_view name,
                       enum p2i_completeness completeness);
void p2i_ftp_take_password(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                           const struct p2i_packet_info *info, struct p2i_view password,
                           enum p2i_completeness completeness);
/* A login of which only replies are seen. */
struct p2i_ftp_login *p2i_ftp_begin_unseen(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                                           const struct p2i_packet_info *info);

/* The server answers a command of `login` with `code`, which is not preliminary. The pointer, and
 * others to logins, may be of no use afterwards. */
void p2i_ftp_answer_login(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                          struct p2i_ftp_login *login, enum p2i_ftp_verb verb, unsigned code);

/* The client asks for a data connection; the server agrees; it refuses what was asked for, or what
 * has been asked for since is `next`. */
void p2i_ftp_ask_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode);
void p2i_ftp_agree_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode);
void p2i_ftp_refuse_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode next);

/* Bytes of the client, of the server were lost. */
void p2i_ftp_miss_lines(struct p2i_ftp_logins *logins);
void p2i_ftp_miss_replies(struct p2i_ftp_logins *logins);

/* Emits the logins of which nothing more is to come. */
void p2i_ftp_emit_complete(struct p2i_parser *parser, struct p2i_ftp_logins *logins);
/* Emits all. `unfinished`: because no more is seen, not because they are over. */
void p2i_ftp_emit_all(struct p2i_parser *parser, struct p2i_ftp_logins *logins, bool unfinished);

#endif
