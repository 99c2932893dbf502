package gateway

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/gateway/internal/transcode"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// oauthBody bounds the form of a token request in bytes.
const oauthBody = 8 << 10

// oauthToken answers POST /oauth2/token: client credentials (RFC 6749 section 4.4). client_id is a partner's key id and
// client_secret its secret, in the form or as Basic authentication. Errors have the shape of that RFC, not ours. No
// idempotent answer is stored.
func (f *front) oauthToken(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	form, ok := readForm(r)
	id, secret, both := clientOf(r, form)
	if !ok || both {
		oauthError(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if f.core.SignIns.Take(ctx, "client "+id) > 0 {
		oauthError(w, http.StatusTooManyRequests, "temporarily_unavailable")
		return
	}
	p, ok, err := f.clientPrincipal(r, id, secret)
	if err != nil {
		f.deps.Log.WarnContext(ctx, "oauth: lookup failed", "error", err)
		oauthError(w, http.StatusServiceUnavailable, "temporarily_unavailable")
		return
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="aftersales"`)
		oauthError(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	f.core.SignIns.Forget(ctx, "client "+id)
	f.grant(w, r, form, p, id)
}

// grant gives a token to a client that is known.
func (f *front) grant(w http.ResponseWriter, r *http.Request, form url.Values, p auth.Principal, keyID string) {
	if form.Get("grant_type") != "client_credentials" {
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	if asked := strings.Fields(form.Get("scope")); len(asked) > 0 {
		if slices.ContainsFunc(asked, func(scope string) bool { return !slices.Contains(p.Scopes, scope) }) {
			oauthError(w, http.StatusBadRequest, "invalid_scope")
			return
		}
		p.Scopes = asked
	}
	token, expire, err := f.core.Issue(r.Context(), p, keyID, f.cfg.PartnerTokenTTL)
	if err != nil {
		f.deps.Log.ErrorContext(r.Context(), "oauth: token", "error", err)
		oauthError(w, http.StatusServiceUnavailable, "temporarily_unavailable")
		return
	}
	writeValue(w, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "scope": strings.Join(p.Scopes, " "),
		"expires_in": int(expire.Sub(f.deps.Clock.Now()).Seconds()),
	})
}

// clientPrincipal compares in constant time, also for a client that does not exist.
func (f *front) clientPrincipal(r *http.Request, id, secret string) (auth.Principal, bool, error) {
	caller, err := f.dir.Caller(r.Context(), id)
	if err != nil {
		return auth.Principal{}, false, err
	}
	want := ""
	if caller != nil {
		want = caller.Secret
	}
	same := subtle.ConstantTimeCompare([]byte(secret), []byte(want)) == 1
	if !same || want == "" || !caller.AllowedFrom(f.remote(r)) {
		return auth.Principal{}, false, nil
	}
	return caller.Principal, true, nil
}

func readForm(r *http.Request) (url.Values, bool) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, oauthBody+1))
	if err != nil || len(body) > oauthBody {
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	return form, err == nil
}

// clientOf reads the credentials from one of the two places; both is refused by the RFC.
func clientOf(r *http.Request, form url.Values) (id, secret string, both bool) {
	id, secret = form.Get("client_id"), form.Get("client_secret")
	user, password, basic := r.BasicAuth()
	if !basic {
		return id, secret, false
	}
	return user, password, secret != "" || (id != "" && id != user)
}

func oauthError(w http.ResponseWriter, status int, code string) {
	writeValue(w, status, map[string]any{"error": code})
}

func writeValue(w http.ResponseWriter, status int, v map[string]any) {
	body, err := json.Marshal(v)
	if err != nil {
		transcode.WriteError(w, nil, err)
		return
	}
	writeJSON(w, status, string(body))
}
