/* SPDX-License-Identifier: MIT */
/* The logins of an FTP control connection (RFC 959 section 5.4) on their way to records: the
 * commands sent, the server's reply, and how much of both is in the capture. */
#ifndef P2I_PROTOCOL_FTP_LOGIN_H
#define P2I_PROTOCOL_FTP_LOGIN_H

#include "protocol/ftp/line.h"
#include "protocol/protocol.h"

enum { P2I_FTP_LOGINS_MAX = 4 }; /* logins sent before the first one was answered */

enum p2i_ftp_mode { P2I_FTP_ACTIVE_MODE = 0, P2I_FTP_PASSIVE_MODE = 1, P2I_FTP_NO_MODE = 255 };

/* A text in a block of the pool. */
struct p2i_ftp_text {
    uint8_t *bytes;
    size_t size;
};

struct p2i_ftp_login {
    struct p2i_packet_info info; /* of USER, or of the first command seen of the login */
    struct p2i_ftp_text user;
    struct p2i_ftp_text password;
    uint16_t result;  /* the final reply; 0: none yet */
    uint16_t refusal; /* code of a reply that refused one of its commands, which the client may send
                         again; 0 none */
    uint8_t waiting;  /* number of its commands without a reply yet */
    uint8_t asked;    /* enum p2i_ftp_mode: of the first command for a data connection that was not
                         refused */
    uint8_t agreed;   /* of the first command that the server accepted */
    bool has_user;    /* this command was seen */
    bool has_password;
    bool settled; /* its USER was answered, or never will be because a newer login replaced it */
    bool cut;     /* a line of it is not whole */
    bool limited; /* a line of it exceeds the limit */
    bool lines_missed; /* bytes of the client were lost while it could continue */
    bool reply_missed; /* bytes of the server were lost while a reply was expected */
};

struct p2i_ftp_logins {
    struct p2i_ftp_login login[P2I_FTP_LOGINS_MAX]; /* oldest first */
    struct p2i_ftp_text server_name;
    uint8_t count;
    uint8_t orphan_count; /* unanswered commands of logins that are gone: the oldest ones */
    uint8_t client;       /* enum p2i_direction: the client */
    bool user_seen;       /* USER was seen on this connection */
    bool lines_missed;    /* bytes of the client were lost since the newest began */
    bool in_effect;       /* the server accepted a login, and no new one has begun */
    bool ended[2];        /* by direction: the sender ended it */
};

void p2i_ftp_set_text(struct p2i_parser *parser, struct p2i_ftp_text *text, struct p2i_view value);

/* The newest login; NULL when there is none. */
struct p2i_ftp_login *p2i_ftp_newest_login(struct p2i_ftp_logins *logins);
/* The oldest login without a result; NULL when all have one. */
struct p2i_ftp_login *p2i_ftp_open_login(struct p2i_ftp_logins *logins);

/* Take USER and PASS. `completeness` is that of the line. */
void p2i_ftp_take_user(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                       const struct p2i_packet_info *info, struct p2i_view name,
                       enum p2i_completeness completeness);
void p2i_ftp_take_password(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                           const struct p2i_packet_info *info, struct p2i_view password,
                           enum p2i_completeness completeness);
/* Begins a login of which only replies are seen. */
struct p2i_ftp_login *p2i_ftp_begin_unseen(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                                           const struct p2i_packet_info *info);

/* Takes a final reply `code` to a command of `login`. Pointers to logins, `login` too, may be
 * invalid afterwards. */
void p2i_ftp_answer_login(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                          struct p2i_ftp_login *login, enum p2i_ftp_verb verb, unsigned code);

/* Data connections: the client asks for one; the server accepts it; the server refuses it, and
 * `next` is the mode requested since. */
void p2i_ftp_ask_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode);
void p2i_ftp_agree_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode);
void p2i_ftp_refuse_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode next);

/* Take note that bytes of the client, or of the server, were lost. */
void p2i_ftp_miss_lines(struct p2i_ftp_logins *logins);
void p2i_ftp_miss_replies(struct p2i_ftp_logins *logins);

/* Emits the logins that are complete. */
void p2i_ftp_emit_complete(struct p2i_parser *parser, struct p2i_ftp_logins *logins);
/* Emits all logins. `unfinished`: the capture or the connection ends, so that they may be
 * incomplete. */
void p2i_ftp_emit_all(struct p2i_parser *parser, struct p2i_ftp_logins *logins, bool unfinished);

#endif
