//go:build !testhooks

package crashpoint_test

import (
	"testing"

	"github.com/aftersales-suite/aftersales/platform/crashpoint"
)

// Without the build tag a point does nothing, whatever the environment says: this test ends.
func TestHitIsHarmlessInProductBuilds(t *testing.T) {
	t.Setenv("AFTERSALES_CRASH_AT", "here")
	crashpoint.Hit("elsewhere")
	crashpoint.Hit("")
}
