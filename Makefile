# `make run` and `make test` are all that most people need: each installs what it misses, and nothing when it misses nothing.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run dev test lint fmt build wasm bench bench-forest setup clean \
  pipeline retrain release-binary npm-package sbom image smoke deploy-dry

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the shipped sample through the binary and the edge function; results under out/
	@scripts/run.sh

dev: ## the edge function and the page, until interrupted
	@scripts/setup.sh native npm wasm vars
	@scripts/wasm.sh edge && scripts/wasm.sh browser
	@source scripts/env.sh && exec node_modules/.bin/wrangler dev --local

test: ## every test on every target
	@scripts/setup.sh all
	@scripts/test.sh

lint: ## formatting, lints and documentation
	@scripts/setup.sh native npm linters
	@scripts/lint.sh

fmt: ## formats Rust and JavaScript
	@scripts/setup.sh native npm
	@cargo fmt
	@node_modules/.bin/prettier --write --log-level warn --no-error-on-unmatched-pattern \
	  'www/**/*.{js,css,html}' '{scripts,tests}/**/*.mjs' 'npm/*.{js,mjs,ts,json}'

build: ## the native binary
	@scripts/setup.sh native
	@source scripts/env.sh && cargo build --release && say "the binary is $$CARGO_TARGET_DIR/release/tamis"

wasm: ## the Worker and both modules of the page
	@scripts/setup.sh native npm wasm
	@scripts/wasm.sh edge && scripts/wasm.sh browser && scripts/wasm.sh browser-tract

pipeline: ## reproduces the pipeline of dvc.yaml: validate, mask, split, train, evaluate
	@scripts/setup.sh native lifecycle
	@scripts/pipeline.sh

retrain: ## the pipeline, then the gate: a better model joins the registry with its card
	@scripts/setup.sh native lifecycle
	@scripts/pipeline.sh gate

release-binary: ## the binary of a release with licences, and its bill of materials, under dist/
	@scripts/setup.sh native
	@scripts/package.sh binary sbom sums

npm-package: ## the page's module as an npm package, under dist/
	@scripts/setup.sh native npm wasm
	@source scripts/env.sh && cargo build --release
	@scripts/package.sh npm

image: ## a container image of the binary, with buildah, podman or docker
	@scripts/setup.sh native
	@scripts/package.sh image

smoke: ## tries a running edge function: make smoke URL=http://localhost:8787
	@node scripts/smoke.mjs "$(URL)"

deploy-dry: ## all of a deployment but the upload
	@scripts/setup.sh npm wasm
	@source scripts/env.sh && node_modules/.bin/wrangler deploy --dry-run --outdir dist/worker

bench: build ## side by side with the peers
	@scripts/bench.sh
	@scripts/bench.sh --validators

bench-forest: ## the forest side by side with its peers, natively and in wasm
	@scripts/setup.sh native wasm browser
	@scripts/bench-forest.sh

setup: ## installs everything that the other targets need
	@scripts/setup.sh all

clean: ## removes what was built in the checkout (the cache outside it stays: remove that by hand)
	@rm -rf build dist out www/pkg www/pkg-tract
