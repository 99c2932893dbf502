package story

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"
)

// Credentials is demo-credentials.json.
type Credentials struct {
	BaseURL string `json:"baseUrl"`
	Users   map[string]struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"users"`
	Partner struct {
		KeyID    string `json:"keyId"`
		Secret   string `json:"secret"`
		Platform string `json:"platform"`
	} `json:"partner"`
}

// ReadCredentials reads the file that the demo seed wrote.
func ReadCredentials(name string) (Credentials, error) {
	var c Credentials
	data, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

// JSON calls over HTTP: staff with a bearer token, the partner with a signature.
type JSON struct {
	BaseURL     string
	Credentials Credentials
	Client      *http.Client
	// Now is the time that signatures carry: the clock of the deployment.
	Now func() time.Time

	mu     sync.Mutex
	tokens map[string]string
}

// Protocol names it in the table of results.
func (j *JSON) Protocol() string { return "json" }

// Call sends the request and answers what came, whatever the status.
func (j *JSON) Call(ctx context.Context, r Request) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, j.BaseURL+r.Target, bytes.NewReader(r.Body))
	if err != nil {
		return 0, nil, err
	}
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := j.authorise(ctx, req, r); err != nil {
		return 0, nil, err
	}
	for name, value := range r.Headers {
		req.Header.Set(name, value)
	}
	return j.do(req)
}

func (j *JSON) do(req *http.Request) (int, []byte, error) {
	resp, err := j.Client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

func (j *JSON) authorise(ctx context.Context, req *http.Request, r Request) error {
	switch r.As {
	case "nobody":
		return nil
	case "partner":
		req.Header.Set("Authorization", Sign(j.Credentials.Partner.KeyID, j.Credentials.Partner.Secret, req.Method,
			req.URL.RequestURI(), j.Now(), uuid.NewString(), r.Body, r.Headers["X-On-Behalf-Of"]))
		return nil
	}
	token, err := j.Token(ctx, r.As)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// Token signs the user in, once per caller and hour of the deployment's clock: moving the clock ends tokens.
func (j *JSON) Token(ctx context.Context, as string) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := as + j.Now().Format("2006010215")
	if token := j.tokens[key]; token != "" {
		return token, nil
	}
	user, ok := j.Credentials.Users[as]
	if !ok {
		return "", fmt.Errorf("the demo has no user %q", as)
	}
	body, err := json.Marshal(user)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.BaseURL+"/v1/auth:login", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	status, answer, err := j.do(req)
	token := gjson.GetBytes(answer, "accessToken").String()
	if err != nil || status != http.StatusOK || token == "" {
		return "", fmt.Errorf("sign-in as %s: status %d: %s: %w", as, status, answer, err)
	}
	if j.tokens == nil {
		j.tokens = map[string]string{}
	}
	j.tokens[key] = token
	return token, nil
}

// PartnerToken exchanges the partner's key for an access token (OAuth2 client credentials), for gRPC.
func (j *JSON) PartnerToken(ctx context.Context) (string, error) {
	form := strings.NewReader("grant_type=client_credentials")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.BaseURL+"/oauth2/token", form)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(j.Credentials.Partner.KeyID, j.Credentials.Partner.Secret)
	status, answer, err := j.do(req)
	token := gjson.GetBytes(answer, "access_token").String()
	if err != nil || token == "" {
		return "", fmt.Errorf("/oauth2/token: status %d: %s: %w", status, answer, err)
	}
	return token, nil
}

// Sign makes the Authorization header of the native partner scheme (AFTERSALES-HMAC-SHA256).
func Sign(keyID, secret, method, target string, now time.Time, nonce string, body []byte, onBehalfOf string) string {
	timestamp := fmt.Sprint(now.Unix())
	text := strings.Join([]string{method, target, timestamp, nonce, string(body), ""}, "\n")
	if onBehalfOf != "" {
		text += onBehalfOf + "\n"
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return fmt.Sprintf(`AFTERSALES-HMAC-SHA256 key_id=%q,timestamp=%q,nonce=%q,signature=%q`,
		keyID, timestamp, nonce, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
