# Halfseen's commands. `make` alone lists them.

SHELL := /bin/sh
PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python
# Downloads show how far they are on a terminal and are silent in a log.
QUIET := $(if $(shell test -t 2 && echo terminal),,-q)
PIP := $(RUN) -m pip install --disable-pip-version-check $(QUIET) -c constraints.txt
ARGS ?=

.PHONY: help setup setup-onnx setup-dev run test lint bench clean venv libraries
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: setup ## set up what is missing, import the sample set if there is none, serve
	@exec $(RUN) -m app serve --prepare

setup: venv ## make .venv and install what the program needs
	@$(call install,requirements.txt)

setup-onnx: setup ## install what export-model needs, too
	@$(call install,requirements-onnx.txt)

setup-dev: setup ## install what tests and checks need, too
	@$(call install,requirements-dev.txt)

test: setup-dev ## run all tests (ARGS='-k words' for some)
	@$(RUN) -m tests.machine
	@$(RUN) -m pytest -n 2 $(ARGS)

lint: setup-dev ## style, format and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

bench: setup-dev ## measure the budgets; slow
	@for file in benchmarks/*.py; do \
	  test -e "$$file" || continue; \
	  echo "== $$file"; $(RUN) "$$file" || exit 1; \
	done

clean: ## forget the environment and caches; data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp holds the sum of what was installed, so that pip runs only when a list has changed.
define install
sum=`cat $(1) requirements.txt requirements-onnx.txt constraints.txt | cksum`; \
if test "`cat $(VENV)/$(1).installed 2>/dev/null`" != "$$sum"; then \
  echo "Installing the packages of $(1): some minutes the first time."; \
  $(PIP) -r $(1) && $(MAKE) -s libraries && echo "$$sum" > $(VENV)/$(1).installed; \
fi
endef

# opencv-python loads OpenGL and GLib, which a bare machine does not have.
libraries:
	@if $(RUN) -c 'import cv2' 2>/dev/null; then exit 0; fi; \
	$(call apt,libgl1 libglib2.0-0); \
	if ! $(RUN) -c 'import cv2'; then \
	  echo "OpenCV does not load. Debian, Ubuntu: sudo apt-get install libgl1 libglib2.0-0" >&2; \
	  exit 1; \
	fi

# Installs Debian packages where that is allowed without a question.
define apt
if command -v apt-get >/dev/null; then \
  if test "`id -u`" = 0; then sudo=; else sudo="sudo -n"; fi; \
  if $$sudo true 2>/dev/null; then \
    echo "Installing the system's packages $(1)."; \
    $$sudo apt-get -qq update && $$sudo env DEBIAN_FRONTEND=noninteractive \
      apt-get -qq install -y --no-install-recommends $(1) >/dev/null; \
  fi; \
fi
endef

# PYTHON=/path/to/python3 chooses one; else the first of these that is 3.11 or newer.
# An interrupted `venv`, or one whose Python is gone, has no working pip and is made anew.
venv:
	@if $(RUN) -c 'import pip' 2>/dev/null; then exit 0; fi; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$python; break; \
	  fi; \
	done; \
	if test -z "$$found"; then \
	  echo "Halfseen needs Python 3.11 or newer; `python3 --version 2>&1 | head -n 1`." >&2; \
	  echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew" >&2; \
	  echo "install python) or name it: make run PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=`$$found -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'`; \
	  echo "$$found comes without its venv module: the package $$package has it."; \
	  $(call apt,$$package); \
	  if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "Install it (sudo apt-get install $$package), then try again." >&2; exit 1; \
	  fi; \
	fi; \
	rm -rf $(VENV); echo "Making $(VENV) with `$$found --version`."; $$found -m venv $(VENV)
