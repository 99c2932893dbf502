package gateway

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

func TestLoginWhoAmILogout(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a := w.do(call{method: "GET", path: "/v1/auth:whoami", as: "engineer"})
		require.Equal(t, 200, a.status, a.text)
		require.Equal(t, "users/engineer", a.json["subject"])
		require.Equal(t, "engineers/demo-engineer", a.json["engineer"])
		require.Equal(t, []any{"organisations/demo-brand", "organisations/demo-store"}, a.json["orgs"])

		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/auth:logout", as: "engineer", body: "{}"}).status)
		w.do(call{method: "GET", path: "/v1/auth:whoami", as: "engineer"}).requireError(t, 401, "UNAUTHENTICATED")
		w.tokens["engineer"] = w.login("engineer")
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/auth:whoami", as: "engineer"}).status)
		w.clock.Advance(8*time.Hour + time.Minute)
		w.do(call{method: "GET", path: "/v1/auth:whoami", as: "engineer"}).requireError(t, 401, "UNAUTHENTICATED")
	})
}

func TestSignInIsLimitedPerName(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	try := func(user, password string) answer {
		return w.do(call{method: "POST", path: "/v1/auth:login", body: fmt.Sprintf(`{"username":%q,"password":%q}`, user, password)})
	}
	try("nobody", "wrong").requireError(t, 401, "LOGIN_FAILED")
	for range 10 {
		try("AGENT", "wrong").requireError(t, 401, "LOGIN_FAILED")
	}
	a := try("agent", w.creds.Users["agent"].Password)
	a.requireError(t, 429, "RATE_LIMITED")
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Equal(t, 200, try("manager", w.creds.Users["manager"].Password).status, "another name")
	w.clock.Advance(time.Minute)
	require.Equal(t, 200, try("agent", w.creds.Users["agent"].Password).status, "nobody is shut out for long")
}

func TestPasswordsAndTokensAreNotStored(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		token := w.token("agent")
		var hash, tokenHash string
		require.NoError(t, w.db.Row(t.Context(), `SELECT password_hash FROM users WHERE name = 'users/agent'`).Scan(&hash))
		require.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
		require.NoError(t, w.db.Row(t.Context(), `SELECT token_hash FROM sessions WHERE subject = 'users/agent'`).Scan(&tokenHash))
		require.NotContains(t, token, tokenHash)
		var secret []byte
		require.NoError(t, w.db.Row(t.Context(), `SELECT secret FROM partner_keys`).Scan(&secret))
		require.NotContains(t, string(secret), w.creds.Partner.Secret)
		var answers int64
		require.NoError(t, w.db.Row(t.Context(), `SELECT COUNT(*) FROM idempotency`).Scan(&answers))
		require.Zero(t, answers, "sign-in stores no answer")
	})
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	old, other := w.creds.Users["quality"].Password, w.login("quality")
	change := func(from, to string) answer {
		return w.do(call{method: "POST", path: "/v1/auth:changePassword", as: "quality", body: fmt.Sprintf(`{"currentPassword":%q,"newPassword":%q}`, from, to)})
	}
	change("wrong", "a-good-new-one").requireError(t, 401, "LOGIN_FAILED")
	change(old, "aaaaaaaaaaaa").requireError(t, 400, "PASSWORD_WEAK")
	change(old, "my-Quality-password").requireError(t, 400, "PASSWORD_WEAK")
	change(old, "short").requireError(t, 400, "FIELD_INVALID")
	require.Equal(t, 200, change(old, "a-good-new-one").status)
	require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/auth:whoami", as: "quality"}).status, "this session stays")
	w.tokens["quality"] = other
	w.do(call{method: "GET", path: "/v1/auth:whoami", as: "quality"}).requireError(t, 401, "UNAUTHENTICATED")
}

func TestSignature(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	get := call{method: "GET", path: "/v1/cases/1?", signed: true}
	require.Equal(t, 200, w.do(get).status)

	get.nonce = "0123456789abcdef"
	require.Equal(t, 200, w.do(get).status)
	w.do(get).requireError(t, 401, "SIGNATURE_NONCE_USED")

	get.nonce = ""
	for _, off := range []time.Duration{-301 * time.Second, 301 * time.Second} {
		get.timestamp = strconv.FormatInt(w.clock.Now().Add(off).Unix(), 10)
		a := w.do(get)
		a.requireError(t, 401, "SIGNATURE_TIMESTAMP")
		require.Contains(t, a.text, "2026-11-22T08:00:00Z", "our time is told")
	}
	get.timestamp = ""
	for name, edit := range map[string]func(*http.Request){
		"other target":  func(r *http.Request) { r.URL.RawQuery = "pageSize=1" },
		"other method":  func(r *http.Request) { r.Method = "DELETE" },
		"added line":    func(r *http.Request) { r.Header.Set("X-On-Behalf-Of", "wechat:o1") },
		"unknown key":   func(r *http.Request) { replaceIn(r, w.creds.Partner.KeyID, "ak_unknown") },
		"two headers":   func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") },
		"other scheme":  func(r *http.Request) { replaceIn(r, "AFTERSALES-HMAC-SHA256", "AFTERSALES-ED25519") },
		"no signature":  func(r *http.Request) { replaceIn(r, "signature=", "sig=") },
		"not a scheme":  func(r *http.Request) { r.Header.Set("Authorization", "Digest x") },
		"cut signature": func(r *http.Request) { replaceIn(r, `="`+w.creds.Partner.KeyID, `="`) },
	} {
		bad := get
		bad.edit = edit
		a := w.do(bad)
		a.requireError(t, 401, "UNAUTHENTICATED")
		require.NotContains(t, a.text, "signature", name)
	}
}

func replaceIn(r *http.Request, from, to string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
}

func TestReplayAfterRestart(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		get := call{method: "GET", path: "/v1/cases/1", signed: true, nonce: "0123456789abcdef"}
		require.Equal(t, 200, w.do(get).status)
		w.start(Config{}) // without stopping the first: as after kill -9
		w.do(get).requireError(t, 401, "SIGNATURE_NONCE_USED")
		w.clock.Advance(11 * time.Minute)
		require.NoError(t, w.svc.sweep(t.Context()))
		var left int64
		require.NoError(t, w.db.Row(t.Context(), `SELECT COUNT(*) FROM nonce_log`).Scan(&left))
		require.Zero(t, left)
	})
}

func TestActingForACustomer(t *testing.T) { // R23, api.md section 3
	t.Parallel()
	w := onSQLite(t, Config{})
	create := func(values ...string) answer {
		return w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{"X-On-Behalf-Of": values}})
	}
	require.Equal(t, 200, create("wechat:oABC-123_x").status)
	_, caller, _ := w.intake.last()
	require.Equal(t, "wechat:oABC-123_x", caller.OnBehalfOf)
	create("oABC").requireError(t, 400, "ON_BEHALF_OF_INVALID")
	require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true}).status)
	_, caller, _ = w.intake.last()
	require.Empty(t, caller.OnBehalfOf, "one call's customer is not the next one's")
	a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, as: "agent", header: http.Header{"X-On-Behalf-Of": {"wechat:o"}}})
	a.requireError(t, 403, "ON_BEHALF_OF_NOT_ALLOWED")
}

func TestTwoLiveKeysAndRevocation(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		old := w.creds.Partner
		add := func(body string) answer {
			return w.do(call{method: "POST", path: "/v1/partners/demo-mall/keys", as: "admin", body: body})
		}
		added := add("{}")
		require.Equal(t, 200, added.status, added.text)
		add("{}").requireError(t, 400, "PARTNER_KEYS_FULL")
		w.creds.Partner.KeyID, w.creds.Partner.Secret = added.json["key"].(map[string]any)["keyId"].(string), added.json["secret"].(string)
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
		fresh := w.creds.Partner
		w.creds.Partner = old
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status, "both live")

		token := w.oauth(t, url.Values{}).json["access_token"].(string)
		revoke := w.do(call{method: "POST", path: "/v1/partners/demo-mall/keys/" + old.KeyID + ":revoke", as: "admin", body: "{}"})
		require.Equal(t, 200, revoke.status, revoke.text)
		w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).requireError(t, 401, "UNAUTHENTICATED")
		w.tokens["oauth"] = token
		w.do(call{method: "GET", path: "/v1/cases/1", as: "oauth"}).requireError(t, 401, "UNAUTHENTICATED")
		w.creds.Partner = fresh
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/partners/demo-mall:disable", as: "admin", body: "{}"}).status)
		w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).requireError(t, 401, "UNAUTHENTICATED")
		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/partners/demo-mall:enable", as: "admin", body: "{}"}).status)
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
	})
}

func TestEd25519Key(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	bad := w.do(call{method: "POST", path: "/v1/partners/demo-mall/keys", as: "admin", body: `{"algorithm":"ED25519","publicKey":"AAAA"}`})
	bad.requireError(t, 400, "FIELD_INVALID")
	require.Equal(t, "key.public_key", bad.field())
	body := `{"algorithm":"ED25519","publicKey":"` + base64.StdEncoding.EncodeToString(public) + `"}`
	added := w.do(call{method: "POST", path: "/v1/partners/demo-mall/keys", as: "admin", body: body})
	require.Equal(t, 200, added.status, added.text)
	require.Empty(t, added.json["secret"])
	c := partner.Credentials{Scheme: partner.Ed25519, KeyID: added.json["key"].(map[string]any)["keyId"].(string), Nonce: rand.Text(), Timestamp: strconv.FormatInt(t0.Unix(), 10)}
	c.Signature = partner.SignEd25519(private, c, partner.Message{Method: "GET", Target: "/v1/cases/1"})
	require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", header: http.Header{"Authorization": {authorization(c)}}}).status)
}

func (w *world) oauth(t *testing.T, form url.Values) answer {
	t.Helper()
	set := func(name, value string) {
		if !form.Has(name) {
			form.Set(name, value)
		}
	}
	set("grant_type", "client_credentials")
	set("client_id", w.creds.Partner.KeyID)
	set("client_secret", w.creds.Partner.Secret)
	return w.do(call{method: "POST", path: "/oauth2/token", body: form.Encode(), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
}

func TestClientCredentials(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a := w.oauth(t, url.Values{"scope": {"cases.read"}})
		require.Equal(t, 200, a.status, a.text)
		require.EqualValues(t, 7200, a.json["expires_in"])
		w.tokens["oauth"] = a.json["access_token"].(string)
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", as: "oauth"}).status)
		w.do(call{method: "POST", path: "/v1/cases", body: goodCase, as: "oauth"}).requireError(t, 403, "PERMISSION_DENIED")
		w.clock.Advance(2*time.Hour + time.Minute)
		w.do(call{method: "GET", path: "/v1/cases/1", as: "oauth"}).requireError(t, 401, "UNAUTHENTICATED")

		for code, form := range map[string]url.Values{
			"invalid_client":         {"client_secret": {"wrong"}},
			"unsupported_grant_type": {"grant_type": {"password"}},
			"invalid_scope":          {"scope": {"everything"}},
		} {
			bad := w.oauth(t, form)
			require.Equal(t, code, bad.json["error"], bad.text)
		}
		require.Equal(t, "invalid_client", w.oauth(t, url.Values{"client_id": {"nobody"}, "client_secret": {""}}).json["error"])
	})
}

func TestAddressList(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{TrustedProxies: []string{"127.0.0.1"}})
	a := w.do(call{method: "POST", path: "/v1/partners", as: "admin", body: `{"displayName":"x","platform":"x","scopes":["cases.read"],"addresses":["198.51.100.0/24"]}`,
		header: http.Header{"Idempotency-Key": {"p"}}})
	require.Equal(t, 200, a.status, a.text)
	key := w.do(call{method: "POST", path: "/v1/" + a.json["name"].(string) + "/keys", as: "admin", body: "{}"})
	require.Equal(t, 200, key.status, key.text)
	w.creds.Partner.KeyID, w.creds.Partner.Secret = key.json["key"].(map[string]any)["keyId"].(string), key.json["secret"].(string)
	from := func(hops string) answer {
		return w.do(call{method: "GET", path: "/v1/cases/1", signed: true, header: http.Header{"X-Forwarded-For": {hops}}})
	}
	require.Equal(t, 200, from("198.51.100.7").status)
	from("198.51.100.7, 203.0.113.9").requireError(t, 403, "ADDRESS_NOT_ALLOWED")
	w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).requireError(t, 403, "ADDRESS_NOT_ALLOWED")
}

func TestAdministrationStaysInTheOrganisation(t *testing.T) { // R1
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a := w.do(call{method: "GET", path: "/v1/users?pageSize=1000", as: "admin"})
		users, ok := a.json["users"].([]any)
		require.True(t, ok && len(users) > 5, a.text)
		for _, u := range users {
			require.NotContains(t, fmt.Sprint(u), "organisations/demo-provider")
		}
		w.do(call{method: "GET", path: "/v1/users/provider-dispatcher", as: "admin"}).requireError(t, 404, "RESOURCE_NOT_FOUND")
		w.do(call{method: "POST", path: "/v1/users/provider-dispatcher:disable", as: "admin", body: "{}"}).requireError(t, 404, "RESOURCE_NOT_FOUND")
		w.do(call{method: "POST", path: "/v1/users", as: "admin", body: `{"username":"x1","displayName":"x","org":"organisations/demo-provider","roles":["agent"]}`}).
			requireError(t, 404, "RESOURCE_NOT_FOUND")
		w.do(call{method: "POST", path: "/v1/users", as: "admin", body: `{"username":"agent","displayName":"x","roles":["agent"]}`}).requireError(t, 409, "USER_EXISTS")
		w.do(call{method: "POST", path: "/v1/users", as: "admin", body: `{"username":"x2","displayName":"x","roles":["king"]}`}).requireError(t, 400, "CODE_UNKNOWN")
		w.do(call{method: "POST", path: "/v1/users/admin:disable", as: "admin", body: "{}"}).requireError(t, 400, "USER_SELF")

		orgs := w.do(call{method: "GET", path: "/v1/organisations", as: "admin"})
		require.Len(t, orgs.json["organisations"], 4, "own, below, and the other sides of two contracts")
		require.Len(t, w.do(call{method: "GET", path: "/v1/contracts", as: "admin"}).json["contracts"], 2)
		created := w.do(call{method: "POST", path: "/v1/organisations?organisationId=second-store", as: "admin", body: `{"displayName":"二店","kind":"STORE"}`})
		require.Equal(t, "organisations/demo-brand", created.json["legalEntity"], created.text)
	})
}

func TestDisabledUserIsOutAtOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).status)
		stale := w.do(call{method: "POST", path: "/v1/users/agent:disable", as: "admin", body: `{"etag":"zz"}`})
		stale.requireError(t, 409, "ETAG_STALE")
		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/users/agent:disable", as: "admin", body: "{}"}).status)
		w.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).requireError(t, 401, "UNAUTHENTICATED")
		c := w.creds.Users["agent"]
		w.do(call{method: "POST", path: "/v1/auth:login", body: fmt.Sprintf(`{"username":%q,"password":%q}`, c.Username, c.Password)}).requireError(t, 401, "LOGIN_FAILED")
		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/users/agent:enable", as: "admin", body: "{}"}).status)
		w.tokens["agent"] = w.login("agent")
		reset := w.do(call{method: "POST", path: "/v1/users/agent:resetPassword", as: "admin", body: "{}"})
		require.NotEqual(t, c.Password, reset.json["password"])
		w.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).requireError(t, 401, "UNAUTHENTICATED")
	})
}

func TestSeedTwiceDrawsAnew(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	first := *w.creds
	w.seed()
	require.NotEqual(t, first.Users["agent"].Password, w.creds.Users["agent"].Password)
	require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).status)
	require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
	w.creds.Partner = first.Partner
	w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).requireError(t, 401, "UNAUTHENTICATED")
}

func TestInternalTokensAreNoSessions(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	token, _, err := w.ring.TokenSigner(w.clock.Now).Sign(auth.Principal{Subject: "users/agent", Kind: auth.Staff, Org: "organisations/demo-brand"}, time.Minute)
	require.NoError(t, err)
	w.tokens["leaked"] = token
	w.do(call{method: "GET", path: "/v1/cases/1", as: "leaked"}).requireError(t, 401, "UNAUTHENTICATED")
}
