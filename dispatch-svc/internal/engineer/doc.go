// Package engineer holds who does work orders: skills with levels, territory, working hours and times away (R133, R145). It is pure.
package engineer
