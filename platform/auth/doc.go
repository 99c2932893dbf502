// Package auth says who calls (Principal), carries that in short-lived signed
// tokens (Signer, Verifier: Ed25519 JWTs), and decides by the access option
// beside each RPC whether they may (Policy).
//
// The gateway signs in people and partners and hands services a token with the
// principal; services verify it themselves and never ask back. Rows are limited
// to organisations by the stores, not here: a Policy only opens or shuts an RPC.
package auth
