module github.com/aftersales-suite/aftersales/platform/tools/siblings

go 1.26

require golang.org/x/mod v0.38.0
