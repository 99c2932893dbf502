// Package figures is what a case contributes to statistics: a fact per case, and the sums of facts by day, organisation and up to two
// dimensions. Sums are rolled up by a sweeper and not in the transaction of the change: the row of a day and an organisation would be
// the same for everybody who works there, and each would wait for the others' commits. A change only marks its case; the sweeper takes
// the case's last fact out of the sums and puts the new one in, in one transaction, so that a repetition changes nothing (R208-R211).
//
// Sums are kept by day and by month: a question over a stretch of time reads whole months by their own sums (span.go), so that its cost
// follows the values of its dimensions, and not the number of cases.
package figures
