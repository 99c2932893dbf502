// Package story plays black-box stories that are written as data: YAML files with a list of calls, each with the status and
// the JSON values it must answer. The same file is a test case of deploy/e2e, in every deployment form, over JSON and gRPC,
// and the closed loop among them is what `aftersales demo` walks and explains.
//
// A step reads values saved by earlier ones as ${name}. Steps name their caller by role ("agent", "partner", "nobody").
// Over gRPC the same call is found by its HTTP binding, so that one text tests both ways in.
package story
