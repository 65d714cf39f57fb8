# How one lesson is built. A lesson's Makefile sets
#   PROGRAMS      what it builds, for example `server client`
#   SERVER_FROM   the program that its server.c grows out of (and CLIENT_FROM likewise)
#   CLIENT_SOURCE where client.c is, when it is another lesson's
# and includes this file. OUT is where the programs go: the lesson's own folder unless set.

CC ?= cc
CFLAGS ?= -O2 -g
OUT ?= .
CLIENT_SOURCE ?= client.c

STRICT = -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Wconversion
DIE := $(dir $(lastword $(MAKEFILE_LIST)))die.h

all: $(PROGRAMS:%=$(OUT)/%)

$(OUT)/client: $(CLIENT_SOURCE) $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@ $(CLIENT_SOURCE)

$(OUT)/%: %.c $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@ $<

clean:
	rm -f $(PROGRAMS:%=$(OUT)/%)

.PHONY: all clean
