// Package partner checks what partners sign: the five-line shape that Chinese partners know from WeChat Pay v3, over the raw
// bytes of the request (api.md section 2), with a shared secret (HMAC-SHA256) or a registered public key (Ed25519); and it
// remembers nonces, so that a request that was heard cannot be played again, also not after a restart.
//
// It is pure but for the nonces: keys are given, the clock is given.
package partner
