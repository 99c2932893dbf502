package auth

import (
	"strings"
	"sync"
	"time"
)

// cachedSources bounds the tokens that a Source keeps, in two generations.
const cachedSources = 4096

// Source signs tokens for outgoing calls and uses each again until half of its
// life is over: neither side pays for a signature per call.
type Source struct {
	signer *Signer
	ttl    time.Duration

	mu         sync.Mutex
	young, old map[string]signed
}

type signed struct {
	token string
	renew time.Time
}

// NewSource makes a source of tokens with the given life.
func NewSource(signer *Signer, ttl time.Duration) *Source {
	return &Source{signer: signer, ttl: ttl, young: map[string]signed{}}
}

// Token gives a token for p that lasts for at least half the life.
func (s *Source) Token(p Principal) (string, error) {
	key, now := p.key(), s.signer.now()
	s.mu.Lock()
	have, ok := s.young[key]
	if !ok {
		have, ok = s.old[key]
	}
	s.mu.Unlock()
	if ok && now.Before(have.renew) {
		return have.token, nil
	}
	token, expire, err := s.signer.Sign(p, s.ttl)
	if err != nil {
		return "", err
	}
	s.keep(key, signed{token: token, renew: expire.Add(-s.ttl / 2)})
	return token, nil
}

func (s *Source) keep(key string, t signed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.young) >= cachedSources {
		s.old, s.young = s.young, make(map[string]signed)
	}
	s.young[key] = t
}

// key tells principals apart by everything that a token carries.
func (p Principal) key() string {
	parts := [...]string{
		p.Kind.String(), p.Subject, p.Org, p.OnBehalfOf, p.Engineer, p.Platform, p.Team, p.Locale, p.DisplayName,
		strings.Join(p.Roles, "\x01"), strings.Join(p.Scopes, "\x01"), strings.Join(p.Orgs, "\x01"),
	}
	return strings.Join(parts[:], "\x00")
}
