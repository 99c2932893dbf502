# Aftersales. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

MODULES  := proto platform intake-svc dispatch-svc survey-svc gateway deploy
PACKAGES := $(addprefix ./,$(addsuffix /...,$(MODULES)))
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
# Tools are cached outside the clone by the digest of their go.sum, so that a fresh clone builds none twice.
TOOLS    := platform/tools
CACHE    ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/aftersales-tools
DATA     ?= data
BASE     ?= HEAD~1

.PHONY: help
help: ## 列出所有目标 / List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}'

.PHONY: run
run: bin/aftersales ## 单进程启动全套演示 / Run the whole suite in one process with demo data
	@exec bin/aftersales serve --demo --data-dir "$(DATA)"

.PHONY: bin/aftersales
bin/aftersales:
	@echo "构建 / building bin/aftersales (首次约两分钟 / about two minutes the first time) …"
	@go build -v -trimpath -ldflags '$(LDFLAGS)' -o bin/aftersales ./deploy/aftersales 2> >(awk '{n++; if (n%25==0) printf "  %d packages, %s\n", n, $$0}' >&2)

.PHONY: build
build: bin/aftersales ## 构建全部程序到 bin/ / Build every binary into bin/
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./intake-svc/cmd/intake-svc ./dispatch-svc/cmd/dispatch-svc ./survey-svc/cmd/survey-svc ./gateway/cmd/gateway

.PHONY: test
test: ## 全部测试,自备 PostgreSQL 与 Redis / Every test, with its own PostgreSQL and Redis
	go run ./platform/testkit/cmd/servers --postgres --redis -- $(MAKE) --no-print-directory test-here

.PHONY: test-here
test-here: ## 同上,使用环境中的数据库 / The same against the servers named in the environment
	go test -race -timeout 20m $(PACKAGES)

.PHONY: e2e
e2e: ## 黑盒用例:单进程/分布式 × SQLite/PostgreSQL × JSON/gRPC / The black-box cases in every deployment form
	go run ./platform/testkit/cmd/servers --postgres --redis -- go test -count=1 -v -timeout 20m ./deploy/e2e/...

.PHONY: bench-search
bench-search: ## 十万已关闭案件的检索耗时 / Searches among 100,000 closed cases, both engines, each under 50 ms
	AFTERSALES_TEST_ROWS=100000 go run ./platform/testkit/cmd/servers --postgres -- go test ./intake-svc/internal/store -run 'TestSearchesUseIndexes|TestWordsAreFoundAtOnce' -count=1 -v

.PHONY: bench
bench: build ## 性能对照 pgbench / Measure beside pgbench on a private PostgreSQL
	go run ./platform/testkit/cmd/servers --postgres --redis --durable -- go run ./deploy/bench

.PHONY: train-text
train-text: ## 训练内置中文情感模型 / Train the shipped Chinese sentiment model
	go run ./platform/zhtext/cmd/train

.PHONY: generate
generate: tools .protodeps ## 由 proto 生成代码与 OpenAPI / Generate Go and OpenAPI from the protos
	bin/buf generate
	bin/buf generate --template buf.gen.openapi.yaml

.PHONY: proto-lint
proto-lint: tools .protodeps ## buf lint 与不兼容变更检查 / buf lint and breaking changes against BASE
	bin/buf lint
	@if git rev-parse -q --verify '$(BASE)^{commit}' >/dev/null && git cat-file -e '$(BASE):buf.yaml' 2>/dev/null; then \
	  t=$$(mktemp -d); git archive '$(BASE)' buf.yaml proto | tar x -C $$t; cp -r .protodeps $$t/; \
	  bin/buf breaking proto --against $$t/proto; s=$$?; rm -rf $$t; exit $$s; \
	else echo "buf breaking: no earlier commit to compare with"; fi

.PHONY: lint
lint: tools ## go vet 与 golangci-lint / Static checks
	@for m in $(MODULES); do (cd $$m && echo "lint $$m" && ../bin/golangci-lint run --allow-parallel-runners ./...) || exit 1; done

.PHONY: modules
modules: ## 写入兄弟模块的 require/replace 并整理 go.mod / Write sibling lines and tidy every go.mod
	GOWORK=off go -C $(TOOLS)/siblings run . $(CURDIR)
	@for m in $(MODULES); do (cd $$m && GOWORK=off go mod tidy) || exit 1; done
	go work sync

.PHONY: drift
drift: modules generate docs ## 检查生成物与提交一致 / Fail when modules or generated code differ from what is committed
	@git diff --exit-code --stat -- '*/go.mod' '*/go.sum' go.work proto/gen docs || { echo "drift: run 'make modules generate docs' and commit"; exit 1; }

.PHONY: docs
docs: bin/aftersales ## 生成配置参考 / Generate the configuration reference
	bin/aftersales config --reference > docs/configuration.md

.PHONY: tools
tools: bin/buf bin/golangci-lint bin/protoc-gen-go bin/protoc-gen-go-grpc bin/protoc-gen-grpc-gateway bin/protoc-gen-openapiv2

# $(call tool,module folder,name,package)
define tool
bin/$(2): $(TOOLS)/$(1)/go.sum
	@mkdir -p bin '$(CACHE)'; key=$$$$(sha256sum $(TOOLS)/$(1)/go.sum | cut -c1-16); kept='$(CACHE)'/$(2)-$$$$key; \
	if [ ! -x "$$$$kept" ]; then echo "building $(2) …"; GOWORK=off go -C $(TOOLS)/$(1) build -o "$$$$kept.tmp" $(3) && mv "$$$$kept.tmp" "$$$$kept"; fi; \
	cp "$$$$kept" $$@
endef
$(eval $(call tool,buf,buf,github.com/bufbuild/buf/cmd/buf))
$(eval $(call tool,lint,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint))
$(eval $(call tool,plugins,protoc-gen-go,google.golang.org/protobuf/cmd/protoc-gen-go))
$(eval $(call tool,plugins,protoc-gen-go-grpc,google.golang.org/grpc/cmd/protoc-gen-go-grpc))
$(eval $(call tool,plugins,protoc-gen-grpc-gateway,github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway))
$(eval $(call tool,plugins,protoc-gen-openapiv2,github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2))

.protodeps: $(TOOLS)/protodeps/go.sum $(TOOLS)/protodeps/main.go
	GOWORK=off go -C $(TOOLS)/protodeps run . $(CURDIR)/.protodeps
	@touch .protodeps

.PHONY: clean
clean: ## 删除构建产物 / Remove what was built; the data folder stays
	rm -rf bin .protodeps
