package store_test

import (
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store/storetest"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

func TestStore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), storetest.Run)
}
