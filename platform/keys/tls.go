package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// ServerName is the name in the certificate of a service. Clients verify it
// instead of the host's name, so that addresses may change freely.
func ServerName(service string) string { return service + ".aftersales.internal" }

// Validity of the CA and of the certificates that a process issues to itself
// when it starts; those are renewed in the running process after two thirds.
const (
	caValidity   = 20 * 365 * 24 * time.Hour
	leafValidity = 90 * 24 * time.Hour
	backdate     = time.Hour // for clocks that differ
)

// authority is one version of the installation's CA.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func (r *Ring) loadCA() error {
	certs, err := load(r.dir, "ca", ".crt", parseCert)
	if err != nil {
		return err
	}
	private, err := load(r.dir, "ca", ".key", parseSigner)
	if err != nil {
		return err
	}
	r.ca = make(versions[*authority], len(certs))
	for v, cert := range certs {
		r.ca[v] = &authority{cert: cert, key: private[v]}
	}
	return nil
}

// TLS gives the configurations of a service: as a server it demands a
// certificate of the same installation, as a client it shows its own. The caller
// sets ServerName(<peer>) on a copy of the client configuration. A certificate's
// life is the wall clock's, as the peer's TLS library sees it; tests that move
// the injected clock do not move it.
func (r *Ring) TLS(service string) (server, client *tls.Config, err error) {
	_, ca := r.ca.newest()
	if ca == nil || ca.key == nil {
		return nil, nil, fmt.Errorf("ca: %w", ErrNoKeys)
	}
	leaf := &leafSource{ca: ca, service: service}
	if _, err := leaf.get(); err != nil {
		return nil, nil, fmt.Errorf("keys: certificate of %s: %w", service, err)
	}
	pool := x509.NewCertPool()
	for _, a := range r.ca {
		pool.AddCert(a.cert)
	}
	server = &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, NextProtos: []string{"h2"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return leaf.get() },
	}
	client = &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: pool, NextProtos: []string{"h2"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return leaf.get() },
	}
	return server, client, nil
}

// leafSource issues the service's certificate and renews it in time.
type leafSource struct {
	ca      *authority
	service string
	mu      sync.Mutex
	leaf    *tls.Certificate
}

func (s *leafSource) get() (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaf != nil && time.Until(s.leaf.Leaf.NotAfter) > leafValidity/3 {
		return s.leaf, nil
	}
	leaf, err := s.ca.issue(s.service)
	if err == nil {
		s.leaf = leaf
	}
	return leaf, err
}

// issue makes a certificate for both directions, in memory only.
func (a *authority) issue(service string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template, err := certTemplate(service, leafValidity)
	if err != nil {
		return nil, err
	}
	template.DNSNames = []string{ServerName(service), "localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// generateCA writes a self-signed CA that can sign leaves only.
func generateCA(dir string, v int) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template, err := certTemplate(fmt.Sprintf("Aftersales CA v%d", v), caValidity)
	if err != nil {
		return err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := write(keyPath(dir, "ca", v, ".crt"), toPEM("CERTIFICATE", certDER)); err != nil {
		return err
	}
	return write(keyPath(dir, "ca", v, ".key"), toPEM("PRIVATE KEY", keyDER))
}

func certTemplate(commonName string, validity time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"Aftersales"}, CommonName: commonName},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(validity),
	}, nil
}

func parseCert(content []byte) (*x509.Certificate, error) {
	der, err := fromPEM("CERTIFICATE", content)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func parseSigner(content []byte) (crypto.Signer, error) {
	der, err := fromPEM("PRIVATE KEY", content)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("not a signing key")
	}
	return signer, nil
}
