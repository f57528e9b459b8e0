# SPDX-License-Identifier: Apache-2.0

# Every target sets up what it needs. The two stamps hold what is installed against what is wanted.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# what runs CMake and Ninja must find those of the virtual environment
export PATH := $(CURDIR)/$(BIN):$(PATH)

DEMO_PACKAGES := gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
TEST_PACKAGES := $(DEMO_PACKAGES) libcmocka-dev libstdc++-arm-none-eabi-newlib
# bazel-bootstrap brings a JDK; ccache compiles what builds of Zephyr share once
FULL_PACKAGES := bazel-bootstrap ccache
TRAINING := .venv-train
TRAINING_PACKAGES := tensorflow-cpu ray

C_SOURCES := $(filter-out %_test.c,$(wildcard core/*/*.c)) $(wildcard core/*/*.h) \
	$(wildcard core/include/soundpost/*.h) $(wildcard ports/common/*.[ch])
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help setup setup-full demo test bazel bench fuzz parity presubmit clean

help:
	@echo 'make demo   hear a synthesised street, on this machine and on a Cortex-M4F'
	@echo 'make test   format, lint, types, every test that needs no Zephyr'
	@echo 'make bazel  the same with Bazel, which reruns only what a change reaches; installs it'
	@echo 'make bench  instructions, bytes and seconds'
	@echo 'make fuzz   200,000 hostile .tflite files through the compiler; make parity: 100,000 windows'
	@echo '            through every network of the zoo, here and as TensorFlow Lite Micro has it'
	@echo 'make setup  everything that the others need; setup-full: what ci/presubmit full needs too'
	@echo 'make presubmit  what takes less than a minute of make test; more: ci/presubmit --help'
	@echo 'make clean  remove what was built'

setup: $(VENV)/test.stamp
	@tools/system-packages $(TEST_PACKAGES)

setup-full: $(TRAINING)/install.stamp setup
	@tools/system-packages $(FULL_PACKAGES)

# The environment, and in it the tooling with its C binding.
$(VENV)/install.stamp: pyproject.toml setup.py constraints.txt ports/host/binding.py $(C_SOURCES)
	@PYTHON=$(PYTHON) tools/system-packages
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing soundpost into $(VENV)' >&2
	@$(INSTALL) --editable '.[ports]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/install.stamp
	@echo 'installing what the tests need into $(VENV)' >&2
	@$(INSTALL) --editable '.[ports,test]'
	@touch $@

# An environment upon the other: what is tested there needs no TensorFlow, and is not slowed by it.
$(TRAINING)/install.stamp: $(VENV)/test.stamp
	@echo 'installing TensorFlow and Ray into $(TRAINING)' >&2
	@rm -rf $(TRAINING)
	@$(BIN)/python -m venv --without-pip $(TRAINING)
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> $$($(TRAINING)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/upon.pth
	@$(BIN)/pip --python $(TRAINING)/bin/python install --quiet --disable-pip-version-check \
		--constraint constraints.txt $(TRAINING_PACKAGES)
	@touch $@

demo: $(VENV)/install.stamp
	@tools/system-packages $(DEMO_PACKAGES)
	@$(BIN)/soundpost demo

test: setup
	@ci/presubmit test

bazel: setup-full
	bazel test //...

presubmit: setup
	@ci/presubmit quick

# with TensorFlow, whose line is left out otherwise, where `make setup-full` has brought it
bench: setup
	@$(if $(wildcard $(TRAINING)/install.stamp),$(TRAINING),$(VENV))/bin/python \
		-c 'from soundpost.cli import main; main()' bench

fuzz: setup
	@$(BIN)/python tests/compiler/fuzz.py

parity: $(TRAINING)/install.stamp setup
	@$(TRAINING)/bin/python tests/zoo/zoo_networks.py build/parity
	@$(BIN)/python tests/compiler/parity.py build/parity models/*/model.tflite

clean:
	rm -rf build $(VENV) $(TRAINING) python/soundpost/_core.* python/*.egg-info
