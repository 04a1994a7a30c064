package command

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority signs certificates for the length of a test.
type authority struct {
	*testing.T
	dir    string
	ca     string // file, in PEM
	root   *x509.Certificate
	der    []byte
	key    *ecdsa.PrivateKey
	serial int64
}

// newAuthority writes its own certificate, and later those it signs, to dir.
func newAuthority(t *testing.T, dir string) *authority {
	t.Helper()
	a := &authority{T: t, dir: dir, ca: filepath.Join(dir, "ca.pem")}
	a.root = &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.der, a.key = a.sign(a.root)
	a.write(a.ca, block("CERTIFICATE", a.der))
	return a
}

// issue writes the certificate of a server on 127.0.0.1, or of a client, and its key.
func (a *authority) issue(name string, usage ...x509.ExtKeyUsage) (cert, key string) {
	a.Helper()
	der, private := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: usage,
	})
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.Fatal(err)
	}
	cert, key = filepath.Join(a.dir, name+".pem"), filepath.Join(a.dir, name+".key")
	a.write(cert, block("CERTIFICATE", der))
	a.write(key, block("PRIVATE KEY", pkcs8))
	return cert, key
}

// server is what a server on 127.0.0.1 needs; a mutual one wants a client
// certificate of the same authority.
func (a *authority) server(name string, mutual bool) *tls.Config {
	a.Helper()
	pair, err := tls.LoadX509KeyPair(a.issue(name, x509.ExtKeyUsageServerAuth))
	if err != nil {
		a.Fatal(err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if mutual {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(a.root)
	}
	return config
}

func (a *authority) sign(c *x509.Certificate) (der []byte, key *ecdsa.PrivateKey) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	signing := a.key
	if signing == nil {
		signing = key // its own
	}
	a.serial++
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(a.serial), time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	if der, err = x509.CreateCertificate(rand.Reader, c, a.root, &key.PublicKey, signing); err != nil {
		a.Fatal(err)
	}
	if a.key == nil { // with the identifier of its key, by which others find it
		if parsed, err := x509.ParseCertificate(der); err != nil {
			a.Fatal(err)
		} else {
			*c = *parsed
		}
	}
	return der, key
}

func (a *authority) write(path string, parts ...[]byte) {
	a.Helper()
	if err := os.WriteFile(path, bytes.Join(parts, nil), 0o600); err != nil {
		a.Fatal(err)
	}
}

func (a *authority) read(path string) []byte {
	a.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		a.Fatal(err)
	}
	return raw
}

func block(sort string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: sort, Bytes: der})
}
