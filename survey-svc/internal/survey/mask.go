package survey

import (
	"strings"
	"unicode/utf8"
)

// Masked hides what would let a reader find the person: 王*, 138****5678, w***@example.com. A WeChat identity is left
// out altogether.
func (c Contact) Masked() Contact {
	return Contact{DisplayName: maskName(c.DisplayName), Phone: maskPhone(c.Phone), Email: maskEmail(c.Email)}
}

func maskName(name string) string {
	if name == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "*"
}

func maskPhone(phone string) string {
	switch n := len(phone); {
	case n == 0:
		return ""
	case n < 8:
		return strings.Repeat("*", n)
	default:
		return phone[:3] + "****" + phone[n-4:]
	}
}

func maskEmail(mail string) string {
	at := strings.LastIndexByte(mail, '@')
	if at <= 0 {
		return ""
	}
	_, size := utf8.DecodeRuneInString(mail)
	return mail[:size] + "***" + mail[at:]
}
