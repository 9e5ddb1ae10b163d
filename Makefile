# The face of the project: each target is what a person, or CI, calls. `make help` lists them.
MVN ?= mvn
export MVN

.DEFAULT_GOAL := help
.PHONY: help demo run train test check sim profiles faults system bench floods logins dist format golden build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: build ## build, start the relay with a sink that plays the Internet, send mails, say what became of them
	@trap : INT; ./poststation demo || [ $$? = 130 ] # Ctrl-C is how it ends

run: build ## build, and run the relay with poststation.conf of this directory
	@trap : INT; ./poststation run || [ $$? = 130 ]

test: ## bring the peers, run every test, say what ran; this is what CI calls
	@system/test

check: ## the quick loop: compile with all warnings, unit tests, formatting
	@$(MVN) -q -B test -Dtest.excludedGroups=peer,slow
	@packaging/format --check

sim: ## the whole relay in thousands of simulated worlds, with fresh seeds; SEEDS=n, FIRST=seed, TELL=seed
	@system/simulate

profiles: ## simulated devices and impostors: how many are noticed, how many false alarms; DEVICES=n of each kind, SEED=n
	@system/profiles

faults: ## kill -9, failing and full disks, a stopped process, wrong clocks, much mail, for real and for long; SCALE=n, DEFERRED=n
	@system/faults

system: ## the tests with real clients, next hops and name servers, and the slow ones
	@system/peers
	@$(MVN) -B test '-Dtest.groups=peer,slow'

train: build ## keep what the Java VM learns of a relay at work: later starts are faster
	@./poststation train

bench: train ## Poststation, Postfix and no relay under the same load, then each service of content; takes long
	@bench/run
	@bench/services

floods: train ## what a well-behaved client gets while others flood the relay with connections or garbage: the ratio
	@bench/floods

logins: train ## how many clients can log in per second, by SCRAM and by PLAIN, beside connections without a login
	@bench/logins

dist: build ## target/poststation-VERSION.tar.gz
	@packaging/dist

format: ## write the sources in the one form
	@packaging/format

golden: ## write the golden files and the generated pages anew; look at the difference
	@$(MVN) -q -B test -Dtest.excludedGroups=peer,slow -Dgolden.write=true
	@git status --short src/test/resources docs etc

build:
	@echo "building (the first time this takes minutes: libraries are fetched)"
	@$(MVN) -q -B -Dstyle.color=never -DskipTests package
