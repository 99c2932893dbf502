// Package story plays black-box stories that are written as data: YAML files with a list of calls, each with the status and
// the JSON values it must answer. The same file is a test case of deploy/e2e, in every deployment form, over JSON and gRPC,
// and the closed loop among them is what `aftersales demo` walks and explains.
//
// A step reads values saved by earlier ones as ${name}. Steps name their caller by role ("agent", "partner", "nobody").
// Over gRPC the same call is found by its HTTP binding, so that one text tests both ways in. A case with `env` needs another
// configuration and is played on a deployment of its own.
//
// The situations of daily work, and the stories (folder cases) that assert them. What is not listed as missing is asserted.
//
//	situation                        stories                          not asserted, or not built
//	enquiry solved on the phone      enquiry                          the sampling of surveys
//	most repairs                     request_agreed, workshop         -
//	complaint about an engineer      complaint_running, protected     lifting an exclusion is not built
//	  during a running job
//	customer unreachable             unreachable, unreachable_visit,  -
//	                                 no_reply
//	fee refused at the door          request_refused                  alternatives are not suggested, they are proposed by people
//	part missing for two weeks       part_missing                     substitutes are words of the engineer, not looked up
//	second failed repair             failed_repairs                   the charge is a record, not a posting
//	platform steps in                platform                         the content of the bundle (intake-svc tests verify it)
//	several products in one case     several_products, confidential   -
//	many complaints on one model     incident                         one report as a file
//	anonymous or third party         third_party                      -
//	confidential                     protected, confidential          -
//	moved between organisations      moved                            -
//	regulator                        regulator, channels              mediation as a course of its own
//	safety incident                  duty_call, hazard                the insurer's task is in finance's work list
//	customer changes mind            withdraw                         settling of the travel
//	the same matter by three         same_matter                      -
//	  channels
//	sign-off without a code          signoff                          -
//	engineer without network         offline                          the one-way value delivered with the job
//	three-man shop                   small_shop (env)                 a named outside approver
//	400 closings a day               many_closings (env)              the amount of 400
package story
