package testkit

import "github.com/aftersales-suite/aftersales/platform/crashpoint"

// CrashPoint is crashpoint.Hit under the name that tests know; product code uses package crashpoint.
func CrashPoint(name string) { crashpoint.Hit(name) }
