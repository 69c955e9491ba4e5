.DEFAULT_GOAL := help
.PHONY: help setup test check demo docs pictures

python := .venv/bin/python

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

setup: ## Create .venv with trigdash and its development tools
	test -d .venv || python3 -m venv .venv
	$(python) -m pip install --quiet --disable-pip-version-check -e '.[dev]'

test: ## Run the tests, without the stories in a pseudo-terminal
	$(python) -m pytest -m 'not e2e'

check: ## Run lint, format, types, import contracts and all tests; .ci/run does more
	.ci/check

demo: ## Open the dashboard on a simulated project
	$(python) -m trigdash demo

docs: ## Write docs/commands.md, docs/keys.md and docs/trigdash.1 from the program
	$(python) -m tests.command_reference docs

pictures: ## Draw every screen as SVG into screenshots/, dark and light
	$(python) -m tests.pictures screenshots
