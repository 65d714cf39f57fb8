# Sockets in C, one step at a time. `make help` lists what a person types.
# GNU make, nothing newer than 3.81.

LESSONS := $(notdir $(wildcard lessons/[0-9]*))
FURTHER := $(patsubst lessons/%/Makefile,%,$(wildcard lessons/further/*/Makefile))
TOOLS = common/tools

# What a person gives to make. It counts on the command line only: a shell may have exported names as common as these for
# something else. The recipes have it in their environment, just as it was given: "$$SERVER" may hold quotes.
SETTINGS = LESSON PRACTICE PORT FROM FORCE ALL SERVER CLIENT HINT VARIATION BUG DIR POINTS JOBS SANITIZE SCENARIO SVG RAW STATES ACKS BRIEF \
	FULL ROUNDS EACH COUNTS STUDENTS STUDENT ROSTER HOST DELAY LOSS KEEP MOST ONLY FOR RELEASES AS PAPER
from_the_shell = $(strip $(foreach name,$(1),$(if $(filter environment,$(origin $(name))),$(if $(value $(name)),$(name)))))
LEFT_ASIDE := $(call from_the_shell,$(SETTINGS))
$(foreach name,$(SETTINGS),$(eval $(name) =))
# Without what make would put in the place of a $.
$(foreach name,$(SETTINGS),$(if $(findstring command,$(origin $(name))),$(eval override $(name) := $$(value $(name)))))
export CC $(SETTINGS)
ifneq ($(and $(LEFT_ASIDE),$(filter 0,$(MAKELEVEL))),)
$(warning not used, because the shell has exported it: $(LEFT_ASIDE). Give it to make:  make $(or $(MAKECMDGOALS),all) $(firstword $(LEFT_ASIDE))=...)
endif
# What the scripts and the checker tell each other, and what changes how a shell, a sanitizer or Check works.
unexport CAPTURE RECORD REPLAY FAULTS FAULTS_HIDDEN OWN_NETWORK MATRIX_ROOM CLASSROOM PATIENCE CDPATH ENV BASH_ENV SHELLOPTS BASHOPTS POSIXLY_CORRECT \
	GREP_OPTIONS GREP_COLOR GREP_COLORS ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS \
	$(call from_the_shell,$(filter CK_%,$(.VARIABLES)))

# LESSON=3, 03 and 03-listen all name the same lesson, LESSON=udp-echo one of lessons/further; $(CHOSEN) is its folder
# below lessons/, empty when none is named.
# PRACTICE=06 names it too, and means the reader's own program.
NAMED = $(or $(LESSON),$(PRACTICE))
CHOSEN = $(strip $(filter $(NAMED) $(NAMED)-% 0$(NAMED)-% further/$(NAMED),$(LESSONS) $(FURTHER)))
ifneq ($(NAMED),)
ifneq ($(words $(NAMED) $(CHOSEN)),2)
$(error $(if $(LESSON),LESSON,PRACTICE)=$(NAMED) is not a lesson. The lessons are: $(LESSONS) $(notdir $(FURTHER)))
endif
endif

# With SANITIZE=address,undefined or SANITIZE=thread the instrumented programs stand apart from the plain ones.
comma := ,
PROGRAMS = $(if $(SANITIZE),build/$(subst $(comma),-,$(SANITIZE)),lessons)

# ---- building ----

.PHONY: all further $(LESSONS) $(FURTHER) $(notdir $(FURTHER)) clean help
all: $(LESSONS) ##keep build the eight, make 03-listen one, make further the others

further: $(FURTHER)

$(LESSONS) $(FURTHER):
	@$(MAKE) --no-print-directory -C lessons/$@

$(notdir $(FURTHER)): %: further/%

clean: # remove everything that was built
	@for lesson in $(LESSONS) $(FURTHER); do $(MAKE) -s --no-print-directory -C lessons/$$lesson clean; done
	rm -rf build

help: ##keep this list
	@sh $(TOOLS)/learn/help Makefile

# Four at once, where no -j of the command line says how many.
JOBS_AT_ONCE = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j4)

# For the commands that need the lessons or the checker and have something else to say.
.PHONY: built built-all checker deps-check ready lesson-named
# Where no file or folder has changed since the last time, nothing has to be built; a make for each lesson takes longer to say so.
# What is saved meanwhile is newer.
if_changed = [ -e build/$(1) ] && [ -z "$$(find lessons common -newer build/$(1))" ] || \
	{ touch build/$(1).$$$$ && $(2) && mv build/$(1).$$$$ build/$(1); } || { rm -f build/$(1).$$$$; exit 1; }
built: ready
	@$(call if_changed,built,$(MAKE) -s --no-print-directory all)
	@$(if $(filter further/%,$(CHOSEN)),$(MAKE) -s --no-print-directory $(CHOSEN))

built-all: ready
	@$(call if_changed,built-all,$(MAKE) -s --no-print-directory all further)

checker: deps-check
	@[ -e build/tests/check ] || echo "Building the checker, this once: it takes some seconds."
	@$(MAKE) -s --no-print-directory $(JOBS_AT_ONCE) -C tests

# `make deps test` installs first, also under -j.
deps-check: ready $(filter deps,$(MAKECMDGOALS))
	@pkg-config --exists check 2>/dev/null || { \
		echo 'The tests need Check and pkg-config. This installs them:  make deps' >&2; exit 1; }

# Programs can be built and run here, or one line says why not.
ready:
	@sh $(TOOLS)/learn/ready

lesson-named:
	@$(if $(or $(CHOSEN),$(and $(BUG),$(filter check hint,$(MAKECMDGOALS)))),:,echo 'Name a lesson, for example:  make $(MAKECMDGOALS) LESSON=03' >&2; exit 2)

# ---- learn ----

.PHONY: demo demo-http start check hint diff watch progress hunt doctor why deps
demo: built ##learn three clients talk to 08's server; make demo-http the book
	@sh $(TOOLS)/learn/demo

demo-http: # the book, or one file in a browser, by the server of tiny-http: PORT=5000
	@$(MAKE) -s --no-print-directory further/tiny-http
	@sh $(TOOLS)/learn/demo-http

start: lesson-named built checker ##learn begin an exercise: LESSON=03, FROM=mine, FORCE=1, VARIATION=1
	@sh $(TOOLS)/learn/practice start $(CHOSEN)

check: lesson-named built checker ##learn check yours: LESSON=03, ALL=1, SERVER='any command', CLIENT=...
	@sh $(TOOLS)/learn/practice check $(CHOSEN)

hint: lesson-named ##learn a hint: LESSON=03; HINT=2 and HINT=3 say more
	@sh $(TOOLS)/learn/practice hint $(CHOSEN)

diff: lesson-named ##learn the step from the lesson before: LESSON=03
	@sh $(TOOLS)/learn/practice diff $(CHOSEN)

watch: lesson-named built checker ##learn check at each save: LESSON=03
	@sh $(TOOLS)/learn/practice watch $(CHOSEN)

progress: built checker ##learn how far you are, and the next command
	@sh $(TOOLS)/learn/practice progress

hunt: ##learn a wrong program to mend: LESSON=03 or BUG=7; make check BUG=7
	@sh $(TOOLS)/learn/practice hunt $(CHOSEN)

doctor: ##learn what this machine lacks, and the command that mends it
	@sh $(TOOLS)/learn/doctor

why: ##learn who has the port, who waits for what: PORT=5000
	@sh $(TOOLS)/learn/why

DEPS = tests trace lint grade matrix machines fresh bench http slides book
deps: ##learn install what the tests need; FOR='trace grade bench' others
	@for each in $${FOR:-tests}; do sh $(TOOLS)/learn/deps "$$each" || exit; done

# ---- look ----

.PHONY: trace replay capture endian bench
trace: built ##look draw a run: LESSON=06, SVG=file; make capture keeps its packets
	@sh $(TOOLS)/look/trace $(or $(CHOSEN),06-single-echo)

capture: built
	@CAPTURE=build/capture/$(notdir $(or $(CHOSEN),06-single-echo)).pcap sh $(TOOLS)/look/trace $(or $(CHOSEN),06-single-echo)

replay: $(if $(CHOSEN),built,built-all) ##look a run to step through, line by line: LESSON=06, or all
	@sh $(TOOLS)/look/replay $(CHOSEN)

endian: ##look lesson 02 without htons, here and on a big-endian CPU
	@sh $(TOOLS)/keep/matrix endian

bench: built-all ##look what a server costs: FULL=1, SERVER=..., ONLY=08, ONLY=loop
	@sh $(TOOLS)/measure/bench "$${ONLY:-growth}"

# ---- teach ----

.PHONY: grade meet classroom slides questions book dist
grade: built-all checker ##teach grade all students, in sandboxes: DIR=..., STUDENT=, LESSON=
	@sh $(TOOLS)/teach/grade $(CHOSEN)

meet: built-all checker ##teach every client talks to every server: DIR=submissions
	@sh $(TOOLS)/teach/meet $(CHOSEN)

classroom: built ##teach many hosts in this machine: STUDENTS=30, LOSS=5%, HOST=teacher
	@if [ -n "$$HOST" ]; then sh $(TOOLS)/teach/classroom shell "$$HOST" "$$STUDENTS"; \
		else sh $(TOOLS)/teach/classroom run "$$STUDENTS"; fi

slides: ##teach build the deck of the course; make questions for Moodle, cards
	@sh slides/build

questions:
	@sh $(TOOLS)/keep/questions export build/questions

book: # PAPER=letter
	@sh $(TOOLS)/book/build

# What the slide of a short send shows.
build/short-send: slides/short-send.c common/die.h
	@mkdir -p $(@D)
	@$(CC) -o $@ $<

dist: ##teach pack all for a room without a network; make book for paper
	@sh $(TOOLS)/keep/dist

# ---- keep ----

.PHONY: test matrix lint docs fuzz translations
# What `make test` runs are the first three, side by side: they do not disturb each other. The others take long, and run one
# after the other.
AT_ONCE = lessons further repository
TESTS = $(AT_ONCE) soak museum machines fresh grade points classroom slides book
WANTED = $(or $(ONLY),$(AT_ONCE))
test: $(filter deps,$(MAKECMDGOALS)) ##keep run the tests: LESSON=03, SANITIZE=thread, ONLY='museum soak'
	@$(if $(filter-out $(TESTS),$(ONLY)),echo "test: ONLY='$$ONLY': give some of: $(TESTS)" >&2; exit 2)
	@$(if $(filter $(AT_ONCE),$(WANTED)),$(MAKE) --no-print-directory $(JOBS_AT_ONCE) $(patsubst %,only-%,$(filter $(AT_ONCE),$(WANTED))))
	@$(foreach name,$(filter-out $(AT_ONCE),$(WANTED)),$(MAKE) --no-print-directory only-$(name) &&) :

.PHONY: tested $(TESTS:%=only-%)
tested: checker # the other end of one lesson may be another's
	@for lesson in $(LESSONS) $(if $(CHOSEN),$(filter further/%,$(CHOSEN)),$(FURTHER)); do \
		$(MAKE) -s --no-print-directory -C lessons/$$lesson $(if $(SANITIZE),OUT=$$(echo lessons/$$lesson | sed 's#[^/]*#..#g')/$(PROGRAMS)/$$lesson \
			CFLAGS='-g -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all') || exit; \
	done

# Under a sanitizer also the long ones.
QUICK = $(if $(SANITIZE),,-q)
RUN_SUITES = sh tests/run.sh -p '$(PROGRAMS)' -z "$$SANITIZE"

# ThreadSanitizer looks at programs with threads.
with_threads = $(if $(filter thread,$(SANITIZE)),$(filter $(shell awk '$$3 == "-pthread" { print $$1 }' lessons/course),$(1)),$(1))

# Where loopback is down, say, no check of a lesson can be made, which is no failure of it: status 77.
only-lessons: tested
	@$(RUN_SUITES) $(QUICK) $(or $(CHOSEN),$(call with_threads,$(LESSONS))) || [ $$? = 77 ]

only-further: tested
	@$(if $(CHOSEN),:,$(RUN_SUITES) $(QUICK) $(call with_threads,$(FURTHER)))

# Steps, pages, build: not for one lesson, and the same under every sanitizer.
only-repository: tested
	@$(if $(or $(LESSON),$(SANITIZE)),:,sh tests/repository/run)

# What takes long: thousands of connections, hundreds of clients at once.
only-soak: tested
	@$(RUN_SUITES) -k $(or $(CHOSEN),$(LESSONS) $(FURTHER)) || [ $$? = 77 ]

# In practice/ as a learner has it: what hunt and start make fails its lesson, and the lesson itself passes.
only-museum: built-all checker
	@sh tests/museum.sh

# The commands of a learner on machines that allow less, with other settings, two at once: minutes.
only-machines: built-all checker
	@sh tests/repository/run slow

# The README's start on bare Debians, as root. Where it cannot run it says why, with status 77.
only-fresh:
	@sh tests/repository/fresh $${RELEASES:-bookworm trixie} || [ $$? = 77 ]

# Programs that loop, fork, fill, print and kill.
only-grade: built-all checker
	@sh tests/grade.sh

# The points of each piece of the museum.
only-points: built-all checker
	@sh tests/grade.sh points

only-classroom: built
	@sh tests/classroom.sh

# In a real browser.
only-slides:
	@sh slides/build check

only-book:
	@sh tests/book.sh

matrix: checker ##keep the same with other compilers and CPUs: ONLY='clang musl'
	@sh $(TOOLS)/keep/matrix $$ONLY

lint: $(filter deps,$(MAKECMDGOALS)) ##keep style, static analysis, warnings; make fuzz attacks tiny-http
	@sh $(TOOLS)/keep/lint

docs: built-all ##keep redraw what the pages show from real files and runs
	@sh $(TOOLS)/keep/questions write $(LESSONS)
	@sh $(TOOLS)/keep/pages write $(LESSONS) $(FURTHER)
	@sh $(TOOLS)/keep/pictures write $(LESSONS) $(FURTHER)

fuzz: # two minutes of made-up requests for tiny-http
	@sh $(TOOLS)/keep/fuzz

translations: # what has changed in a page since it was translated
	@sh $(TOOLS)/keep/translations

# ---- what commands were called before ----

BEFORE = $(DEPS:%=deps-%) $(TESTS:%=test-%) bench-08 bench-loop classroom-shell
now = $(patsubst deps-%,deps FOR=%,$(patsubst test-%,test ONLY=%,$(patsubst bench-%,bench ONLY=%,$(1:%-shell=% HOST=teacher))))
.PHONY: $(BEFORE)
$(BEFORE):
	$(error make $@ is called now:  make $(call now,$@))
