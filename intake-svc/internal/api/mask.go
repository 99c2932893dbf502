package api

import (
	"strings"
	"unicode/utf8"
)

// Masking of personal data (architecture.md section 4): 王*, 138****5678, the region without the address.

func maskName(name string) string {
	if name == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "*"
}

// maskPhone keeps three digits in front and four behind; of a short number the last two.
func maskPhone(phone string) string {
	switch n := len(phone); {
	case n == 0:
		return ""
	case n < 8:
		return "****" + phone[max(n-2, 0):]
	default:
		return phone[:n-8] + "****" + phone[n-4:]
	}
}

func maskEmail(email string) string {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" {
		return maskName(email)
	}
	return maskName(local) + "@" + domain
}
