// Package crashpoint names places at which a test can kill the process: with the build tag testhooks and
// AFTERSALES_CRASH_AT=name the process sends itself SIGKILL when it comes by, as a power cut would.
package crashpoint
