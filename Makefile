# Sockets in C, one step at a time. `make help` lists what a person types.
# GNU make, nothing newer than 3.81.

LESSONS := $(notdir $(wildcard lessons/[0-9]*))
FURTHER := $(patsubst lessons/%/Makefile,%,$(wildcard lessons/further/*/Makefile))
TOOLS = common/tools

# What a person gives to make. It counts on the command line only: a shell may have exported names as common as these for
# something else. The recipes have them in their environment, empty when they are not given.
SETTINGS = LESSON PRACTICE FROM FORCE ALL SERVER CLIENT HINT VARIATION BUG DIR POINTS JOBS SANITIZE SCENARIO SVG RAW STATES BRIEF \
	FULL ROUNDS EACH COUNTS STUDENTS HOST ONLY
from_the_shell = $(strip $(foreach name,$(1),$(if $(filter environment,$(origin $(name))),$(if $(value $(name)),$(name)))))
LEFT_ASIDE := $(call from_the_shell,$(SETTINGS))
$(foreach name,$(SETTINGS),$(eval $(name) =))
ifneq ($(and $(LEFT_ASIDE),$(filter 0,$(MAKELEVEL))),)
$(warning not used, because the shell has exported it: $(LEFT_ASIDE). Give it to make:  make $(or $(MAKECMDGOALS),all) $(firstword $(LEFT_ASIDE))=...)
endif
# What the scripts and the checker tell each other, and what changes how a shell, a sanitizer or Check works.
unexport FAULTS OWN_NETWORK MATRIX_ROOM CLASSROOM PATIENCE CDPATH ENV BASH_ENV SHELLOPTS BASHOPTS POSIXLY_CORRECT \
	GREP_OPTIONS GREP_COLOR GREP_COLORS ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS \
	$(call from_the_shell,$(filter CK_%,$(.VARIABLES)))

# LESSON=3, 03 and 03-listen all name the same lesson, LESSON=udp-echo one of lessons/further; $(CHOSEN) is its folder
# below lessons/, empty when none is named.
# PRACTICE=06 names it too, and means the reader's own program.
NAMED = $(or $(LESSON),$(PRACTICE))
CHOSEN = $(strip $(filter $(NAMED) $(NAMED)-% 0$(NAMED)-% further/$(NAMED),$(LESSONS) $(FURTHER)))
ifneq ($(NAMED),)
ifneq ($(words $(CHOSEN)),1)
$(error $(if $(LESSON),LESSON,PRACTICE)=$(NAMED) is not a lesson. The lessons are: $(LESSONS) $(notdir $(FURTHER)))
endif
endif

# With SANITIZE=address,undefined or SANITIZE=thread the instrumented programs stand apart from the plain ones.
comma := ,
PROGRAMS = $(if $(SANITIZE),build/$(subst $(comma),-,$(SANITIZE)),lessons)

.PHONY: all further $(LESSONS) $(FURTHER) $(notdir $(FURTHER)) help demo deps test test-build test-lessons test-further test-repository test-soak test-machines test-museum test-fresh deps-fresh deps-lint lint trace deps-trace matrix deps-matrix endian classroom classroom-shell test-classroom docs slides test-slides deps-slides bench deps-bench bench-08 bench-loop dist clean grade deps-grade test-grade doctor

all: $(LESSONS) ##lessons  build all eight lessons

further: $(FURTHER) ##lessons  build what comes after the eight: lessons/further

$(LESSONS) $(FURTHER):
	@$(MAKE) --no-print-directory -C lessons/$@

$(notdir $(FURTHER)): %: further/%

# For the commands that need the lessons and have something else to say.
.PHONY: built built-all ready
built: ready
	@$(MAKE) -s --no-print-directory all $(filter further/%,$(CHOSEN))

built-all: ready
	@$(MAKE) -s --no-print-directory all further

# Programs can be built and run here, or one line says why not.
ready:
	@CC='$(CC)' sh $(TOOLS)/learn/ready

03-listen: ##lessons  build one lesson; the same for each folder in lessons/

# ---- practice ----

# LESSON has to be there; the lessons and the tests are ready, and say nothing about it.
.PHONY: start check hint diff watch progress hunt practice-ready lesson-named
lesson-named:
	@$(if $(or $(CHOSEN),$(and $(BUG),$(filter check,$(MAKECMDGOALS)))),:,echo 'Name a lesson, for example:  make $(MAKECMDGOALS) LESSON=03' >&2; exit 2)

practice-ready: lesson-named deps-check
	@$(MAKE) -s --no-print-directory all $(filter further/%,$(CHOSEN))
	@$(MAKE) -s --no-print-directory -C tests

start: practice-ready ##practice  begin a lesson's exercise in practice/: LESSON=03, FROM=mine, FORCE=1, VARIATION=1
	@sh $(TOOLS)/learn/practice start $(CHOSEN)

check: practice-ready ##practice  check your program: LESSON=03, ALL=1, SERVER='any command', CLIENT='…', VARIATION=1
	@sh $(TOOLS)/learn/practice check $(CHOSEN)

hint: lesson-named ##practice  a hint: LESSON=03, HINT=2 and HINT=3 say more
	@sh $(TOOLS)/learn/practice hint $(CHOSEN)

diff: lesson-named ##practice  the step from the lesson before: LESSON=03
	@sh $(TOOLS)/learn/practice diff $(CHOSEN)

watch: practice-ready ##practice  check on each save: LESSON=03
	@sh $(TOOLS)/learn/practice watch $(CHOSEN)

progress: deps-check ##practice  how far you are, and the next command
	@$(MAKE) -s --no-print-directory all
	@$(MAKE) -s --no-print-directory -C tests
	@sh $(TOOLS)/learn/practice progress

hunt: ##practice  a wrong program to find and mend: BUG=7, FORCE=1; then make check BUG=7
	@sh $(TOOLS)/learn/practice hunt

doctor: ##practice  what this machine has and what it lacks, each with the command that mends it
	@sh $(TOOLS)/learn/doctor

# ---- grading ----

grade: deps-check ##teaching  check all students, each in a sandbox: DIR=submissions with STUDENT/03-listen/server.c, POINTS=10
	@$(MAKE) -s --no-print-directory all further
	@$(MAKE) -s --no-print-directory -C tests
	@sh $(TOOLS)/teach/grade

deps-grade: ##teaching  install bubblewrap, which grade needs (Linux)
	@sh $(TOOLS)/learn/deps grade

test-grade: deps-check ##tests  give grade programs that loop, fork, fill, print and kill
	@$(MAKE) -s --no-print-directory all
	@$(MAKE) -s --no-print-directory -C tests
	@sh tests/grade.sh

# ---- look ----

demo: built ##lessons  three clients talk to lesson 08's server at once
	@sh $(TOOLS)/learn/demo

deps: ##tests  install what the tests need, with this system's package manager
	@sh $(TOOLS)/learn/deps tests

# The suites and the tests of the repository itself do not disturb each other: side by side they take a third of the time.
test: test-build ##tests  run all tests; LESSON=03 runs one lesson's; SANITIZE=thread or address,undefined
	@$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j4) test-lessons test-further test-repository

# `make deps test` installs first, also under -j.
test-build: deps-check
	@for lesson in $(or $(CHOSEN),$(LESSONS) $(FURTHER)); do \
		$(MAKE) -s --no-print-directory -C lessons/$$lesson $(if $(SANITIZE),OUT=$$(echo lessons/$$lesson | sed 's#[^/]*#..#g')/$(PROGRAMS)/$$lesson \
			CFLAGS='-g -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all') || exit; \
	done
	@$(MAKE) -s --no-print-directory -C tests

# Under a sanitizer also the long ones.
QUICK = $(if $(SANITIZE),,-q)
RUN_SUITES = CC='$(CC)' sh tests/run.sh -p '$(PROGRAMS)' -z '$(SANITIZE)'

# Where loopback is down, say, no check of a lesson can be made, which is no failure of it: status 77.
test-lessons:
	@$(RUN_SUITES) $(QUICK) $(or $(CHOSEN),$(LESSONS)) || [ $$? = 77 ]

test-further:
	@$(if $(CHOSEN),:,$(RUN_SUITES) $(QUICK) $(FURTHER))

# What takes long: thousands of connections, hundreds of clients at once.
test-soak: test-build ##tests  the long checks of the lessons: thousands of connections, hundreds of clients
	@$(RUN_SUITES) -k $(or $(CHOSEN),$(LESSONS) $(FURTHER)) || [ $$? = 77 ]

# In practice/ as a learner has it: what hunt and start make fails its lesson, and the lesson itself passes.
test-museum: deps-check ##tests  each program of tests/museum fails its check, and the story tells its cause
	@$(MAKE) -s --no-print-directory all further
	@$(MAKE) -s --no-print-directory -C tests
	@sh tests/museum.sh

test-machines: deps-check ##tests  the commands of a learner on machines that allow less, with other settings, two at once: minutes
	@$(MAKE) -s --no-print-directory all further
	@$(MAKE) -s --no-print-directory -C tests
	@sh tests/repository/run slow

RELEASES = bookworm trixie
test-fresh: ##tests  the README's start on bare Debians (sudo): RELEASES='bookworm trixie', AS='user root'
	@AS='$(AS)' sh tests/repository/fresh $(RELEASES)

deps-fresh: ##tests  install debootstrap, which test-fresh needs (Linux)
	@sh $(TOOLS)/learn/deps fresh

# Steps, pages, pictures, build: not for one lesson, and the same under every sanitizer.
test-repository:
	@$(if $(or $(LESSON),$(SANITIZE)),:,sh tests/repository/run)

.PHONY: deps-check
deps-check: ready $(filter deps,$(MAKECMDGOALS))
	@pkg-config --exists check 2>/dev/null || { \
		echo 'The tests need Check and pkg-config. This installs them:  make deps' >&2; exit 1; }

matrix: deps-check $(filter deps-matrix,$(MAKECMDGOALS)) ##tests  the same suites with other compilers, C libraries and CPUs: ONLY='clang musl'
	@$(MAKE) -s --no-print-directory -C tests
	@sh $(TOOLS)/keep/matrix $(ONLY)

endian: ##look  lesson 02 without htons, on this CPU and on a big-endian one
	@sh $(TOOLS)/keep/matrix endian

deps-matrix: ##tests  install the compilers, C libraries and emulators of the matrix
	@sh $(TOOLS)/learn/deps matrix

deps-lint: ##tests  install what lint needs
	@sh $(TOOLS)/learn/deps lint

lint: $(filter deps-lint,$(MAKECMDGOALS)) ##tests  formatting, static analysis and warnings, with gcc and clang
	@sh $(TOOLS)/keep/lint

trace: built ##look  draw what a lesson's server and client said to each other: LESSON=06, SVG=file, RAW=1, STATES=1
	@sh $(TOOLS)/look/trace $(or $(CHOSEN),06-single-echo)

deps-trace: ##look  install strace, which trace needs (Linux)
	@sh $(TOOLS)/learn/deps trace

docs: built-all ##texts  redraw the diffs, outputs and pictures in the lesson pages from the real files and runs
	@sh $(TOOLS)/keep/pages write $(LESSONS) $(FURTHER)
	@sh $(TOOLS)/keep/pictures write $(LESSONS) $(FURTHER)

slides: ##texts  build the deck of the course: build/slides/sockets-in-c.html and .pdf
	@sh slides/build

# What the slide of a short send shows.
build/short-send: slides/short-send.c common/die.h
	@mkdir -p $(@D)
	@$(CC) -o $@ $<

test-slides: ##texts  build the deck and look at each slide and picture in a real browser
	@sh slides/build check

deps-slides: ##texts  install what the slides need (Node.js, Marp, Chromium), and librsvg, for the test of the pictures
	@sh $(TOOLS)/learn/deps slides

# ---- the lab ----

classroom: built ##lab  a teacher's and many students' hosts on this machine run lesson 08: STUDENTS=30 (Linux)
	@sh $(TOOLS)/teach/classroom run "$$STUDENTS"

classroom-shell: built ##lab  a shell on one of these hosts: HOST=teacher, HOST=student7
	@sh $(TOOLS)/teach/classroom shell "$$HOST" "$$STUDENTS"

test-classroom: built ##lab  test the classroom, and what the README says of a real one
	@sh tests/classroom.sh

bench: built-all ##figures  how the echo servers grow from 1 to 10,000 connections (Linux): FULL=1, SERVER='any command'
	@sh $(TOOLS)/measure/bench growth

deps-bench: ##figures  install gnuplot, which draws the pictures of bench
	@sh $(TOOLS)/learn/deps bench

bench-08: built ##figures  what lesson 08's buffer, stack and TCP_NODELAY do
	@sh $(TOOLS)/measure/bench choices

bench-loop: ##figures  how long building and testing take
	@sh $(TOOLS)/measure/bench loop

dist: ##texts  pack the repository for a room without a network: build/sockets-in-c.tar.gz
	@sh $(TOOLS)/keep/dist

clean: ##lessons  remove everything that was built
	@for lesson in $(LESSONS) $(FURTHER); do $(MAKE) -s --no-print-directory -C lessons/$$lesson clean; done
	rm -rf build

help: ##lessons  this list
	@sh $(TOOLS)/learn/help Makefile
