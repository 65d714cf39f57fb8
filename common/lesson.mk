# How one lesson is built. A lesson's Makefile sets
#   PROGRAMS      what it builds, for example `server client`
#   SERVER_FROM   the program that its server.c grows out of (and CLIENT_FROM likewise)
#   CLIENT_SOURCE where client.c is, when it is another lesson's
#   ONLY_ON       the one system, as uname names it, that it can be built on; elsewhere make says so and builds nothing
# and includes this file. OUT is where the programs go: the lesson's own folder unless set.

# CC and CFLAGS may come from the environment, as is usual. The other names say nothing there.
CC ?= cc
CFLAGS ?= -O2 -g
OUT = .
$(foreach name,CLIENT_SOURCE ONLY_ON LIBS,$(if $(filter environment,$(origin $(name))),$(eval $(name) =)))
CLIENT_SOURCE := $(or $(CLIENT_SOURCE),client.c)

STRICT = -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Wconversion
DIE := $(dir $(lastword $(MAKEFILE_LIST)))die.h

ELSEWHERE := $(if $(ONLY_ON),$(filter-out $(ONLY_ON),$(shell uname)))
ifneq ($(ELSEWHERE),)
PROGRAMS =
all:
	@echo "$(notdir $(CURDIR)): for $(ONLY_ON) only: nothing is built on $(ELSEWHERE)"
endif

all: $(PROGRAMS:%=$(OUT)/%)

# Made beside its place ($$ is the shell's process id) and then put there, whole: another make, a test or a running server
# may have the old one open.
$(OUT)/client: $(CLIENT_SOURCE) $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@.$$$$ $(CLIENT_SOURCE) && mv $@.$$$$ $@

$(OUT)/%: %.c $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@.$$$$ $< && mv $@.$$$$ $@

# For scripts: what is built on this system.
programs:
	@echo $(PROGRAMS)

clean:
	rm -f $(PROGRAMS:%=$(OUT)/%)

.PHONY: all programs clean
