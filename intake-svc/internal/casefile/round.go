package casefile

import "time"

// Round is one course of a case through the states.
type Round struct {
	Number        int            `json:"n"`
	Started       time.Time      `json:"started"`
	Reason        string         `json:"reason,omitempty"` // why it was opened; empty for the first
	Opener        string         `json:"opener,omitempty"`
	Investigation *Investigation `json:"investigation,omitempty"`
	Resolution    *Resolution    `json:"resolution,omitempty"`
	ResolvedAt    time.Time      `json:"resolved,omitzero"`
	Satisfaction  *Satisfaction  `json:"satisfaction,omitempty"`
	Draft         *Summary       `json:"draft,omitempty"` // written at requestClose
	Basis         Basis          `json:"basis,omitempty"`
	Approvers     []string       `json:"approvers,omitempty"` // where two are needed
	ClosedAt      time.Time      `json:"closed,omitzero"`
	Summary       *Summary       `json:"summary,omitempty"`
	Archive       *ArchiveInfo   `json:"archive,omitempty"`
}

// Investigation of a round (R99-R120).
type Investigation struct {
	Investigator string      `json:"investigator,omitempty"`
	Plan         string      `json:"plan,omitempty"`
	Started      time.Time   `json:"started"`
	Concluded    time.Time   `json:"concluded,omitzero"`
	Conclusion   *Conclusion `json:"conclusion,omitempty"`
}

// Conclusion is what was found (R108-R120).
type Conclusion struct {
	Cause     string            `json:"cause"`
	Liability string            `json:"liability"`
	Shares    []LiabilityShare  `json:"shares,omitempty"`
	Pattern   string            `json:"pattern,omitempty"`
	Origin    string            `json:"origin,omitempty"`
	Upheld    bool              `json:"upheld"`
	Findings  string            `json:"findings"`
	Validity  string            `json:"validity,omitempty"`
	Authority *AuthorityFinding `json:"authority,omitempty"`
}

// LiabilityShare is one party's share in per cent.
type LiabilityShare struct {
	Liability string `json:"liability"`
	Percent   int    `json:"percent"`
}

// AuthorityFinding is what an authority found (R260).
type AuthorityFinding struct {
	Body           string `json:"body"`
	DocumentNumber string `json:"document"`
	Date           string `json:"date,omitempty"`
	Finding        string `json:"finding,omitempty"`
}

// Resolution is how an enquiry or feedback was resolved.
type Resolution struct {
	Kind         string `json:"kind"`
	Explanation  string `json:"explanation"`
	Resolver     string `json:"resolver"`
	FirstContact bool   `json:"firstContact,omitempty"`
}

// Satisfaction is what the customer answered in the survey of a round (R169, R170).
type Satisfaction struct {
	Invitation   string    `json:"invitation,omitempty"`
	Solved       bool      `json:"solved"`
	Satisfied    bool      `json:"satisfied"`
	FurtherClaim bool      `json:"furtherClaim,omitempty"`
	Overall      int       `json:"overall,omitempty"` // 1-5, 0 when not given
	Sentiment    string    `json:"sentiment,omitempty"`
	At           time.Time `json:"at"`
}

// Summary is the closing summary (R200-R204).
type Summary struct {
	RootCause      string `json:"rootCause,omitempty"`
	Solution       string `json:"solution,omitempty"`
	Measures       string `json:"measures,omitempty"`
	AcceptSeconds  int64  `json:"acceptSeconds,omitempty"`
	ResolveSeconds int64  `json:"resolveSeconds,omitempty"`
	InTime         bool   `json:"inTime,omitempty"`
	Overall        int    `json:"overall,omitempty"`
	Approver       string `json:"approver,omitempty"`
}

// ArchiveInfo names the archive file of a round.
type ArchiveInfo struct {
	ManifestDigest string    `json:"manifest"` // SHA-256, hex
	FileDigest     string    `json:"file"`     // SHA-256, hex
	Size           int64     `json:"size"`
	KeyID          string    `json:"key"`
	At             time.Time `json:"at"`
}
