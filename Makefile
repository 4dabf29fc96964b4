# Every target sets up .venv from the lock by itself; Python 3.11 to 3.14,
# make and git are all that a machine needs.

PYTHON ?= python3
BIN := .venv/bin
SNAKEMAKE := $(BIN)/snakemake
# Each file of tests in one process; threads that wait leave the cores to the others.
PYTEST := OMP_WAIT_POLICY=passive $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder
LOCK := envs/requirements.lock
CHECK := import sys; v = sys.version_info; w = sys.platform == "win32"; sys.exit( \
	"unet2015 needs Linux or macOS; on Windows, run make in WSL" if w else \
	0 if (3, 11) <= v < (3, 15) else "Python %d.%d is too %s: unet2015 needs 3.11 to 3.14; " \
	"name one with PYTHON=python3.x" % (*v[:2], "old" if v < (3, 11) else "new"))
CONFIG ?=
CONFIGFILE := $(if $(CONFIG),--configfile $(CONFIG))

.DEFAULT_GOAL := help
.PHONY: help demo predict export replicate experiments rows paper-curve claims claims-rows crossvalidate benchmark cluster recover check test test-all lint format report clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/.installed: $(LOCK)
	@$(PYTHON) -c '$(CHECK)'
	@new=$$(test -e .venv || echo .venv); $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --disable-pip-version-check --quiet -r $(LOCK) || { rm -rf $$new; exit 1; }
	@touch $@

demo: $(BIN)/.installed ## the whole workflow on the embedded phantom, minutes, no download
	$(SNAKEMAKE) --configfile config/demo.yaml
	@cat results/phantom/tables/table1.md
	@echo "report: results/phantom/report.html"

replicate: $(BIN)/.installed ## the paper's table on ISBI 2012 (CONFIG=config/paper.yaml for the paper's own settings)
	$(SNAKEMAKE) $(CONFIGFILE)
	@tail -n +1 results/*/tables/table1.md
	@ls -1 results/*/report.html

experiments: $(BIN)/.installed ## each value of the default preset beside its neighbours on held-out slices, or what CONFIG holds
	$(SNAKEMAKE) experiments --configfile $(or $(CONFIG),config/neighbours.yaml)
	@cat results/*/experiments/effects.md

# Braces are YAML's; a path may hold spaces.
PREDICT = $(call entry,images,"$(IMAGES)") $(call entry,model,"$(MODEL)") $(call entry,labels,"$(LABELS)") $(call entry,nm_per_pixel,$(NM)) $(call entry,format,$(FORMAT))
entry = $(if $(subst ",,$(2)),$(1): $(2)$(comma))
comma := ,
predict: $(BIN)/.installed ## cells of IMAGES=new.tif, a stack or a folder of slices (MODEL=, LABELS=, NM= per pixel, FORMAT=zarr)
	$(SNAKEMAKE) predictions $(CONFIGFILE) --config 'predict={$(PREDICT)}'
	@name=$$(basename "$(IMAGES)"); name=$${name%.*}; ls -1d "results/predictions/$${name%.ome}"/*.*

export: $(BIN)/.installed ## the model as a package for Fiji and napari, results/<dataset>/package.zip (CONFIG=)
	$(SNAKEMAKE) packages $(CONFIGFILE)
	@ls -1 results/*/package.zip

rows: $(BIN)/.installed ## what experiments (or CONFIG) have finished so far, while they run too: a row each
	$(SNAKEMAKE) experiments_finished --nolock --configfile $(or $(CONFIG),config/neighbours.yaml)
	@ls -1 results/*/experiments/finished.csv

CURVE := results/isbi2012/curve/curve
paper-curve: $(BIN)/.installed ## scores along the paper's own training, from the snapshots that it kept so far
	$(SNAKEMAKE) curves --configfile $(or $(CONFIG),config/paper.yaml config/paper_curve.yaml)
	@cmp -s $(CURVE).csv docs/data/paper_curve.csv || cp $(CURVE).csv docs/data/paper_curve.csv
	@$(BIN)/python scripts/document_results.py
	@cat $(CURVE).md

# Before claims_seeds.yaml fixes the number of seeds, the reference's first trainings alone.
CLAIMS := $(or $(CONFIG),config/claims.yaml $(wildcard config/claims_seeds.yaml))
FIXED := $(CONFIG)$(wildcard config/claims_seeds.yaml)
claims: $(BIN)/.installed ## every claim of the paper decided by a rule written down before, some hours; goes on if stopped
	$(SNAKEMAKE) verdicts_pilot --configfile $(CLAIMS)
	$(if $(FIXED),$(SNAKEMAKE) verdicts_primary --configfile $(CLAIMS))
	$(if $(FIXED),$(SNAKEMAKE) verdicts --configfile $(CLAIMS))
	@$(MAKE) --no-print-directory claims-rows

ROWS := results/isbi2012/claims/finished
claims-rows: $(BIN)/.installed ## what claims has finished so far, while it runs too, into docs/
	$(SNAKEMAKE) verdicts_finished --nolock --configfile $(CLAIMS)
	@$(if $(CONFIG),,cmp -s $(ROWS)/rows.csv docs/data/claims.csv || cp $(ROWS)/rows.csv docs/data/claims.csv)
	@$(if $(CONFIG),,$(BIN)/python scripts/document_results.py)
	@cat results/*/claims/finished/claims.md

report: $(BIN)/.installed ## one HTML page per dataset (CONFIG=config/demo.yaml for the phantom)
	$(SNAKEMAKE) $(CONFIGFILE)
	@ls -1 results/*/report.html

crossvalidate: $(BIN)/.installed ## replicate, and scores at thresholds chosen on the training slices
	$(SNAKEMAKE) crossvalidation $(CONFIGFILE)
	@tail -n +1 results/*/tables/thresholds.md

$(BIN)/.peers: envs/benchmark.lock $(BIN)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c $(LOCK) -r envs/benchmark.lock
	@touch $@

benchmark: $(BIN)/.peers ## replicate, and the speed of every part beside its peers
	$(SNAKEMAKE) benchmarks --configfile config/benchmark.yaml $(CONFIG)
	@cat results/benchmarks/isbi2012/benchmarks.md

$(BIN)/.cluster: envs/cluster.lock $(BIN)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c $(LOCK) -r envs/cluster.lock
	@touch $@

cluster: $(BIN)/.cluster ## install what submits jobs to a cluster (workflow/profiles)

recover: $(BIN)/.cluster ## after Snakemake was killed on a cluster: cancel its jobs, remove its lock
	bash workflow/profiles/slurm/recover.sh $(SNAKEMAKE)

check: $(BIN)/.installed lint ## style, fast unit tests and the examples in docstrings: a minute
	$(PYTEST) -m "not slow and not long" tests/unit scripts

READERS := .venv/readers
$(READERS)/.installed: envs/readers.lock $(BIN)/.installed
	$(BIN)/python -m venv $(READERS)
	$(READERS)/bin/python -m pip install --disable-pip-version-check --quiet -r envs/readers.lock
	@touch $@

test: $(BIN)/.installed lint ## all checks but the long ones
	$(PYTEST) -m "not long"

test-all: $(BIN)/.cluster $(READERS)/.installed lint ## all checks, those in a browser and on a SLURM of one node too (as root on Debian or Ubuntu)
	@bash tests/unit/install_browser.sh
	$(PYTEST)

lint: $(BIN)/.installed ## style of Python and Snakemake code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(SNAKEMAKE) --lint

format: $(BIN)/.installed ## bring the code into style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt workflow

clean: ## remove results, logs and caches
	rm -rf results .snakemake .pytest_cache .ruff_cache
