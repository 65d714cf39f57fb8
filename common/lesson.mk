# How one lesson is built: its Makefile includes this file. What is built, and with what, stands in its row of lessons/course.
# OUT is where the programs go: the lesson's own folder unless set.

# CC and CFLAGS may come from the environment, as is usual. The other names say nothing there.
CC ?= cc
CFLAGS ?= -O2 -g
OUT = .

STRICT = -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Wconversion
COMMON := $(dir $(lastword $(MAKEFILE_LIST)))
DIE := $(COMMON)die.h

# lesson, programs, libraries, clients, address, system, root, trace
COURSE := $(COMMON:%common/=%lessons/)
NAME := $(lastword $(notdir $(CURDIR)))
ROW := $(shell awk -v name='$(NAME)' '$$1 == name || $$1 == "further/" name' $(COURSE)course)
ifneq ($(words $(ROW)),8)
$(error lessons/course needs one row of 8 columns for $(NAME), and has: $(or $(ROW),none))
endif
comma := ,
LIST := $(subst $(comma), ,$(word 2,$(ROW)))
PROGRAMS := $(foreach program,$(LIST),$(firstword $(subst <, ,$(subst =, ,$(program)))))
CLIENT_SOURCE := $(firstword $(patsubst client=%,$(COURSE)%.c,$(filter client=%,$(LIST))) client.c)
LIBS := $(subst $(comma), ,$(filter-out -,$(word 3,$(ROW))))
ONLY_ON := $(filter-out -,$(word 6,$(ROW)))

ELSEWHERE := $(if $(ONLY_ON),$(filter-out $(ONLY_ON),$(shell uname)))
ifneq ($(ELSEWHERE),)
PROGRAMS :=
NOTE = echo "$(NAME): for $(ONLY_ON) only: nothing is built on $(ELSEWHERE)"
endif

# The recipe is there so that make does not say that there is nothing to be done.
all: $(PROGRAMS:%=$(OUT)/%)
	@$(or $(NOTE),:)

# Made beside its place ($$ is the shell's process id) and then put there, whole: another make, a test or a running server
# may have the old one open.
$(OUT)/client: $(CLIENT_SOURCE) $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@.$$$$ $(CLIENT_SOURCE) && mv $@.$$$$ $@

$(OUT)/%: %.c $(wildcard *.h) $(DIE)
	@mkdir -p $(OUT)
	$(CC) $(STRICT) $(CFLAGS) $(LIBS) -o $@.$$$$ $< && mv $@.$$$$ $@

# For scripts: what is built on this system.
programs:
	@echo $(PROGRAMS)

clean:
	rm -f $(PROGRAMS:%=$(OUT)/%)

.PHONY: all programs clean
