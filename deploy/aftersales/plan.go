package main

import dispatch "github.com/aftersales-suite/aftersales/dispatch-svc"

// planCmd is the planner's command line; it needs no configuration and opens no database.
type planCmd struct {
	dispatch.PlanCmd
}
