// Package intake is the service that carries a case from the first contact to the verified archive.
//
// What it promises
//
//   - A case that was answered is on disk, under the next number of its day: unique, without gaps, in the order of the commits
//     (R52), also under load, where cases are committed in groups.
//   - A repeated request answers what the first answered; one with other content is refused.
//   - Nothing is half done: a change, its entries, its events and the jobs that follow are one commit. What must happen outside
//     is a fact in the case's row; a lost job loses no step, since a sweeper looks at the rows.
//   - Every step is an entry of a hash chain, also those that other services tell; an archive of it is signed and verifies
//     offline (VerifyArchive).
//   - Nobody sees rows of other organisations; names, phones and addresses are sealed at rest, and masked for everybody who is
//     not in relation to the case.
//   - At the end of its retention a case loses everything personal, on the privacy officer's word: the chain and the archives still verify.
//   - No remote call happens inside a transaction.
//   - What was said and written is found by words on either engine, within seconds of a change, without a readable word in the index: its
//     terms are keyed digests (internal/phrase, internal/store/texts.go). Filing waits for none of it.
//   - Articles of the knowledge base hold no personal data of the cases they were drawn from, and nobody reviews an own text
//     (internal/knowledge).
//
// The states of a case, and which verbs lead where, are drawn in internal/casefile/doc.go; the table is internal/casefile/rules.go.
//
// Layers: internal/api (transport), internal/casefile, timeline, archive, codes, knowledge, figures (the domain, pure), internal/store (SQL), internal/ledger
// (what one commit writes), internal/jobs (what leaves the process).
package intake
