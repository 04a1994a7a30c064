package boot

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
)

// TLS says whom a client trusts, and how it shows who it is. Without files it
// trusts the system's roots and shows nothing.
type TLS struct {
	// Variables begins the names of the three variables, for errors: KAFKA_TLS
	// is that of KAFKA_TLS_CA_FILE.
	Variables string
	// CAFile, in PEM, replaces the system's roots. CertFile and KeyFile are for
	// servers that want a client certificate.
	CAFile, CertFile, KeyFile string
}

// Given says whether any of the files is named.
func (t TLS) Given() bool { return t.CAFile != "" || t.CertFile != "" || t.KeyFile != "" }

// Config reads the files. An error names the variable whose value is wrong.
func (t TLS) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		var err error
		if config.RootCAs, err = roots(t.CAFile); err != nil {
			return nil, fmt.Errorf("%s_CA_FILE: %w", t.Variables, err)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, fmt.Errorf("%s_CERT_FILE and %s_KEY_FILE go together", t.Variables, t.Variables)
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("%s_CERT_FILE and %s_KEY_FILE: %w", t.Variables, t.Variables, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// roots reads certificates. x509's own way passes over what it cannot read, and
// a root that is missing shows when its server's turn comes.
func roots(file string) (*x509.CertPool, error) {
	rest, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, found := x509.NewCertPool(), 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		found++
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of %s: %w", found, file, err)
		}
		pool.AddCert(c)
	}
	if found == 0 {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return pool, nil
}

// Transport is net/http's own with this trust.
func (t TLS) Transport() (*http.Transport, error) {
	config, err := t.Config()
	if err != nil {
		return nil, err
	}
	usual, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("net/http's default transport is another's")
	}
	transport := usual.Clone()
	transport.TLSClientConfig = config
	return transport, nil
}

// Distrusted says whether err is that one side did not accept the other's
// certificate: trying again changes nothing.
func Distrusted(err error) bool {
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		return true
	}
	_, is := errors.AsType[tls.AlertError](err)
	return is
}
