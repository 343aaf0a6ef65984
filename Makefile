# One word for each thing that a user or a developer does; `make help` lists them. Needs Python 3.10 or newer and any
# GNU make from 3.81 on (the one of macOS).

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
ARGS ?=

python := $(VENV)/bin/python
# Made when all is installed, so that the next `make` finishes what was interrupted. Its name holds what was installed,
# and where the checkout lies: a change of either installs anew, anything else never asks the network again.
stamp := $(VENV)/installed-$(shell { pwd; cat setup.py $(CONSTRAINTS); } | cksum | cut -d ' ' -f 1)

.PHONY: help train test lint style layout types format lower-bounds clean distclean

help:
	@echo 'make train         set up mtser, then train the full model on the small synthetic corpus (options: ARGS="--seed 2")'
	@echo 'make test          set up mtser, then run the tests (options for pytest: ARGS="-k features")'
	@echo 'make lint          check style, layout and types'
	@echo 'make format        lay out the code and mend what can be mended'
	@echo 'make lower-bounds  run the tests with the oldest versions that setup.py admits, in an environment of their own'
	@echo 'make clean         delete what building and testing left behind'
	@echo 'make distclean     delete the virtual environment, too'
	@echo
	@echo 'PYTHON=python3.12 chooses the Python that the virtual environment is made from.'

train: $(stamp)
	$(python) recipes/iemocap/train.py hparams/full.yaml $(ARGS)

test: $(stamp)
	$(python) -m pytest -n auto $(ARGS)

lint: style layout types

style: $(stamp)
	$(python) -m ruff check

layout: $(stamp)
	$(python) -m ruff format --check

types: $(stamp)
	$(python) -m mypy

format: $(stamp)
	$(python) -m ruff check --fix
	$(python) -m ruff format

lower-bounds:
	@$(MAKE) test VENV=build/lower-bounds CONSTRAINTS=constraints-lower.txt

# On a terminal pip shows how far it is; elsewhere (in a log) it speaks of errors alone.
$(stamp):
	@if ! $(python) -m pip --version >/dev/null 2>&1; then \
	  if ! command -v "$(PYTHON)" >/dev/null; then \
	    echo 'mtser needs Python 3.10 or newer, and there is no "$(PYTHON)" here; install one, or name it: make PYTHON=/path/to/python3' >&2; exit 2; fi; \
	  if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then \
	    echo "mtser needs Python 3.10 or newer, and $(PYTHON) is $$("$(PYTHON)" --version 2>&1); name a newer one: make PYTHON=python3.12" >&2; exit 2; fi; \
	  if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo '$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: sudo apt install python3-venv' >&2; exit 2; fi; \
	  echo 'Making a virtual environment in $(VENV) ...'; \
	  "$(PYTHON)" -m venv --clear $(VENV) || exit 2; \
	fi
	@echo 'Installing mtser and what it needs into $(VENV), once: up to 3.3 GB to download, 6.4 GB on the disk (most of it'
	@echo "PyTorch's libraries for NVIDIA GPUs, on Linux); some minutes. If interrupted, the same command takes it up again."
	@[ -t 1 ] || quiet=-qq; \
	pip() { $(python) -m pip --disable-pip-version-check --no-input $$quiet install -c $(CONSTRAINTS) "$$@"; }; \
	if pip setuptools && pip --no-build-isolation -e '.[all]'; then :; else \
	  echo 'The installation did not finish (the reason is above); when that is mended, the same command takes it up again.' >&2; exit 2; fi
	@rm -f $(VENV)/installed-*
	@touch $@
	@echo 'Installed.'

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
