/* What the files of the suite for further/line-chat share. */
#ifndef LINE_CHAT_H
#define LINE_CHAT_H

#include <check.h>
#include <netinet/in.h>
#include <stddef.h>

enum { LINE = 1024, PLACES = 256 }; /* of the server */

/* Reads one line, without its end. */
void read_line(int sock, char *line, size_t size);
/* The next that this client gets is exactly this, from the client whose port is given. */
void expect_said(int sock, in_port_t from, const char *text, size_t length);
/* The same, for a string. */
void expect_line(int sock, in_port_t from, const char *text);
/* The same after whatever else. */
void wait_said(int sock, in_port_t from, const char *text);
void say(int sock, const char *text);
/* Connects so many clients; each knows of those that came after it. */
void meet(in_port_t port, int *socks, int count);

void add_chat_lines(TCase *lines);     /* line-chat_lines.c */
void add_chat_leaving(TCase *leaving); /* line-chat_leaving.c */
void add_chat_client(TCase *client);   /* line-chat_client.c */

#endif
