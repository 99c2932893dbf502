// Package entitlement says what a machine is entitled to on a day, pure: warranty of the whole machine and of main parts, and
// return or exchange (R109, R136). Rules are data; every answer has its dates and its reasons, line by line, so that a customer
// can be told them.
//
// How a warranty is counted: it begins on the day of purchase or installation, or anew with an exchange, and lasts whole months: from
// 2026-03-01 twelve months are up to and with 2027-02-28. Where the rule says so, every day in repair adds a day; days of two
// repairs at a time count once.
package entitlement
