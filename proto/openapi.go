// Package proto embeds what the generated folder holds beside Go code: the merged OpenAPI document of every RPC that has an
// HTTP form. The messages themselves are in gen/aftersales/<service>/v1.
package proto

import _ "embed"

// OpenAPI is the merged OpenAPI 2.0 document as JSON. It is generated from the .proto files
// (buf generate --template buf.gen.openapi.yaml) and served by the gateway at /openapi.json.
//
//go:embed gen/aftersales.swagger.json
var OpenAPI []byte
