// Package identity holds who may call: organisations, staff, partners with their keys, sessions. Organisations form trees
// inside one legal entity; a caller sees its own organisation and those below it (R1). Passwords are argon2id; secrets and
// passwords are drawn, never defaulted; what is shown once is not kept in the clear.
//
// The Directory answers "who is this?" for every request from memory, and forgets at once what an administrator changes
// (other gateways: by a wake-up, at the latest after half a minute).
package identity
