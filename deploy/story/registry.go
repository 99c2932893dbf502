package story

import (
	// The generated packages register the RPCs that stories are bound to.
	_ "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	_ "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	_ "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	_ "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)
