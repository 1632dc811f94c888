# Everything a reader needs. `make` without a target lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup dalle pictures emoji demo figures chapters book page docs \
  hint grade progress watch my-dalle reset solution exercises student-release grade-all autograder \
  test check lint use-as-library format bench kill-test models models-test grading-test setup-mpi test-mpi slow-link precision fuzz sanitize proof clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install OpenBLAS, libpng and libjpeg if they are missing (uses sudo unless you are root)
	@bash .ci/setup

dalle: setup ## Draw an orange cat wearing a green hat at sunset
	swift run dalle "an orange cat wearing a green hat at sunset" --output figures/dalle.png

pictures: setup ## Draw the README's gallery again, with the commands shown there
	swift build --product dalle
	@mkdir -p figures/gallery
	@export DALLE="$$(swift build --show-bin-path)/dalle"; \
	  grep '^swift run dalle .* figures/gallery/' README.md | sed 's/^swift run dalle/"$$DALLE"/' | bash -eux

emoji: setup ## Install an emoji font if it is missing, and draw a sheet of the emoji world
	@bash .ci/emoji-font
	@mkdir -p build
	swift run dalle emoji --count 64 --output build/emoji.png

demo: setup ## Train a small network to memorise a picture, and draw what it remembers
	swift run demo

figures: setup chapters ## Draw all figures again
	swift build --product dalle
	for sheet in samples things backgrounds accessories; do \
	  "$$(swift build --show-bin-path)/dalle" stickers --sheet $$sheet --output figures/data/$$sheet.png; \
	done

# 1-vit, 2-clip, …: each has a program, such as chapter1-vit. Pages whose names do not begin with a
# digit are not chapters.
CHAPTERS := $(patsubst chapters/%.md,%,$(sort $(wildcard chapters/[0-9]*.md)))

chapters: setup ## Run all chapters and record what they print and draw
	@for chapter in $(CHAPTERS); do \
	  swift build --product "chapter$$chapter"; \
	  "$$(swift build --show-bin-path)/chapter$$chapter" --record; \
	done

book: setup ## Turn all texts of the book into HTML pages in build/book (needs pandoc)
	swift run chapter0-map --book build/book

page: ## Build build/book/dalle.html, which draws in a browser without a network
	Sources/Tools/page/make-page build/book/dalle.html

docs: setup ## Build the library reference in build/docs; BASE=/path if hosted below a path
	@.ci/docs build/docs $(BASE)

# The course: EX names an exercise, as in `make hint EX=1.1`.
course = @mkdir -p build; swift build --product course > build/course.log 2>&1 || { cat build/course.log; exit 1; }; \
  "$$(swift build --show-bin-path)/course"
EXERCISE = $(or $(EX),$(error name an exercise: make $@ EX=1.1))

# A secret seed in SEED_FILE is in no list of arguments, which all programs can read.
SEED_OPTION = $(if $(SEED_FILE),--seed - < "$(SEED_FILE)",$(if $(SEED),--seed $(SEED)))

hint: setup ## Show what an exercise asks and a hint: EX=1.1, LEVEL=1 to 3 for more
	$(course) hint $(EXERCISE) $(if $(LEVEL),--level $(LEVEL))

grade: setup ## Grade all exercises, a chapter (EX=1) or one (EX=1.1); reports are in build/
	$(course) grade $(EX) $(SEED_OPTION)

progress: setup ## Show how far you are
	$(course) progress

watch: setup ## Grade an exercise whenever you save it: EX=1.1
	@Sources/Course/watch "$(EXERCISE)"

my-dalle: setup ## Draw with your functions: CAPTION="a red boat on the beach"
	@mkdir -p build
	swift run my-dalle "$${CAPTION:-a yellow star above a blue house at night}" --output build/my-dalle.png

reset: setup ## Start an exercise (EX=1.1) or a file (EX=1) over; a copy of yours is in backups/
	$(course) reset $(EXERCISE)

solution: setup ## Show a solution: EX=1.1; asks first unless YES=1
	$(course) solution $(EXERCISE) $(if $(YES),--yes)

exercises: setup ## For teachers: make the stubs from the solutions; OVERWRITE=1 replaces them
	$(course) exercises $(if $(OVERWRITE),--overwrite)

student-release: setup ## For teachers: write a copy without solutions to the folder OUT
	$(course) student-release $(or $(OUT),$(error name a folder: make $@ OUT=../course))

grade-all: setup ## For teachers: grade the folders in IN, with results and a table in OUT
	$(course) grade-all $(or $(IN),$(error name a folder: make $@ IN=submissions OUT=results)) \
	  --output $(or $(OUT),$(error name a folder: make $@ IN=submissions OUT=results)) $(SEED_OPTION)

autograder: setup ## For teachers: write build/autograder.zip for Gradescope; SEED_FILE=FILE
	@[ -e .ci/autograder ] || { echo "make $@: this copy has no solutions to grade with"; exit 1; }
	@.ci/autograder/make-zip build/autograder.zip "$(SEED_FILE)"

test: setup ## Build and run all tests
	swift test

check: setup lint ## What a change must pass: format, no warnings, all tests, use as a library
	@mkdir -p build
	swift build --build-tests 2>&1 | tee build/build.log
	@! grep -n 'warning:' build/build.log || { echo "make check: the build has warnings"; exit 1; }
	LIVE=1 swift test
	NAN_MEMORY=1 swift test --skip-build --filter 'TensorCoreTests|NeuralNetworkTests|PlainKernelsTests'
	BF16=vectors swift test --skip-build --filter BrainFloatTests  # also where AMX is used otherwise
	$(MAKE) use-as-library

lint: ## Check the format of the sources and the length of their files
	swift format lint --strict --recursive Sources Tests Package.swift
	@find Sources Tests -name '*.swift' -print0 | xargs -0 awk \
	  'FNR == 321 { print FILENAME ": more than 320 lines"; long = 1 } END { exit long }'

use-as-library: setup ## Build and run a package that depends on this one
	Tests/use-as-library.sh

format: ## Format the sources
	swift format --in-place --recursive Sources Tests Package.swift

bench: setup ## Time the core; PEER=python3, if it has torch, times PyTorch too
	swift run benchmark $(if $(PEER),--peer $(PEER)) --json build/benchmark.json --markdown build/benchmark.md

models: setup ## Train all bundled models again from nothing in build/models; SCALE=0.05 rehearses
	swift build --product dalle
	"$$(swift build --show-bin-path)/dalle" train everything --output build/models \
	  --scale $(or $(SCALE),1) $(if $(wildcard build/models/*/training.safetensors \
	  build/models/dvae/*/training.safetensors),--resume) \
	  $(if $(shell git rev-parse HEAD 2> /dev/null),--commit $(shell git rev-parse HEAD))

models-test: setup ## Train all models at a small scale, with kills and on one thread, and compare
	swift build --product dalle
	Tests/models.sh "$$(swift build --show-bin-path)/dalle" "$$(mktemp -d)"

grading-test: setup ## Grade a class of honest, broken and forged submissions, with real builds
	swift build --product course
	Tests/grading.sh "$$(swift build --show-bin-path)/course"

kill-test: setup ## Kill a training run 50 times and compare its weights bit for bit
	swift build --product training-probe
	Tests/kill-and-resume.sh "$$(swift build --show-bin-path)/training-probe"

setup-mpi: ## Install Open MPI if it is missing, to train on several processes or machines
	@bash .ci/setup-mpi

with_mpi = MPI_FLAGS="$$(pkg-config --cflags --libs ompi-c)"

test-mpi: setup setup-mpi ## Train on 1, 2 and 4 ranks with mpirun, stop, resume, kill a rank
	$(with_mpi) swift build --product dalle
	Tests/mpi.sh "$$(swift build --show-bin-path)/dalle"

slow-link: setup setup-mpi ## Time training on two ranks with 10⁸ bits a second between them (half an hour)
	$(with_mpi) swift build --product dalle
	Tests/slow-link.sh "$$(swift build --show-bin-path)/dalle" build/slow-link \
	  build/slow-link/link.json

precision: setup ## Train each model in f32 and in bf16, and compare their validation losses (hours)
	swift build --product dalle
	Tests/precision.sh "$$(swift build --show-bin-path)/dalle" build/precision

fuzz: setup ## Read 100,000 damaged files of each kind: PNG, JPEG, lists, checkpoints, tokenizers, tokens
	FUZZ=100000 swift test --filter Fuzz

proof: setup ## Draw 1,000 pictures twice, in other company, and compare all bits
	SEEDS=1000 swift test --filter CompanyTests

sanitize: setup ## Run the tests of the core under the address and the thread sanitizer
	ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8 \
	  swift test --sanitize=address --scratch-path .build/sanitize \
	  --filter 'TensorCoreTests|NeuralNetworkTests|NumberFormatsTests|GradientCompressionTests' \
	  --filter 'ImagesTests|PictureFilesTests|TextTests|CheckpointsTests|PublicWeightsTests|TrainingTests' \
	  --skip 'memory does not grow' # the sanitizer keeps freed memory, here 8 MB of it
	TSAN_OPTIONS="suppressions='$(CURDIR)/Tests/thread-sanitizer.txt'" \
	  swift test --sanitize=thread --scratch-path .build/sanitize-threads --no-parallel \
	  --filter 'PoolTests|DeterminismTests|BatchIndependenceTests|PlainKernelsTests|ResumeTests|TrainerTests|InterruptionTests'

clean: ## Delete everything that was built
	rm -rf .build build
