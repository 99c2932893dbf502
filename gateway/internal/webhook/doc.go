// Package webhook pushes the feed to partners: Standard Webhooks 1.0 (webhook-id, webhook-timestamp, webhook-signature),
// thin CloudEvents under 20 kB, in order per endpoint and case, retried over three days with Retry-After honoured, 410
// switching the endpoint off (api.md section 2). The facts are rows (webhook_deliveries); the Sender looks at them when it is
// woken and every few seconds.
//
// An address of a partner is a stranger's: it is resolved and then judged at the moment of connecting (guard.go), never a
// proxy, never a redirect, bounded in time and bytes.
package webhook
