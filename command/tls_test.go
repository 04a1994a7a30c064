package command

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The registry and both stores are reached over TLS by whoever trusts their
// authority and shows what they want to see. Everybody else is told why not,
// and nothing is ever tried in plain text.
func TestStoresAndRegistryOverTLS(t *testing.T) {
	if missing := slices.IndexFunc(engineVariables, func(v string) bool { return os.Getenv(v) == "" }); missing >= 0 {
		t.Skipf("%s is not set: no real engines to put TLS before", engineVariables[missing])
	}
	ours, theirs := newAuthority(t, t.TempDir()), newAuthority(t, t.TempDir())
	cert, key := ours.issue("leadline", x509.ExtKeyUsageClientAuth)
	strange, strangeKey := theirs.issue("stranger", x509.ExtKeyUsageClientAuth)
	for _, engine := range []struct {
		name, variables, check string
		prepare                []string
		also                   string // a plain address that goes with it
	}{
		{"schema registry", "SCHEMA_REGISTRY", "schemas check", []string{"schemas register"}, "KAFKA_BROKERS=" + os.Getenv("KAFKA_BROKERS")},
		{"ClickHouse", "CLICKHOUSE", "stores check", []string{"stores migrate"}, ""},
		{"Elasticsearch", "ELASTICSEARCH", "stores check", []string{"stores migrate"}, ""},
	} {
		for _, mutual := range []bool{false, true} {
			name := engine.name
			if mutual {
				name += " that wants a client certificate"
			}
			t.Run(name, func(t *testing.T) {
				variable, address, seen := encrypted(t, engine.variables, ours.server("engine", mutual))
				run := func(command string, files ...string) (said string, err error) {
					cmd, out, errs := leadline(t.Context(), append(strings.Fields(command), "--data", t.TempDir())...)
					for _, v := range engineVariables {
						cmd.Env = append(cmd.Env, v+"=")
					}
					cmd.Env = append(cmd.Env, variable+"="+address, engine.also)
					for i, of := range []string{"_CA_FILE=", "_CERT_FILE=", "_KEY_FILE="} {
						if i < len(files) {
							cmd.Env = append(cmd.Env, engine.variables+of+files[i])
						}
					}
					err = cmd.Run()
					return out.String() + errs.String(), err
				}
				for _, command := range append(engine.prepare, engine.check) {
					if said, err := run(command, ours.ca, cert, key); err != nil {
						t.Fatalf("leadline %s with the right certificates: %v\n%s", command, err, said)
					}
				}
				refused := map[string]struct {
					files []string
					says  string
				}{
					"the system's roots":   {nil, "certificate signed by unknown authority"},
					"another authority":    {[]string{theirs.ca, cert, key}, "certificate signed by unknown authority"},
					"nothing to show":      {[]string{ours.ca}, "certificate required"},
					"a stranger's to show": {[]string{ours.ca, strange, strangeKey}, "tls: "},
				}
				for what, with := range refused {
					said, err := run(engine.check, with.files...)
					for tries := 0; tries < 10 && hungUp(said); tries++ {
						said, err = run(engine.check, with.files...)
					}
					wanted := mutual || with.files == nil || with.files[0] != ours.ca
					if (err != nil) != wanted || wanted && !strings.Contains(said, with.says) {
						t.Errorf("%s: %v, want an error with %q: %v\n%s", what, err, with.says, wanted, said)
					}
				}
				if seen.plain.Load() || seen.encrypted.Load() == 0 {
					t.Errorf("plain text was tried: %v; TLS: %d times", seen.plain.Load(), seen.encrypted.Load())
				}
			})
		}
	}
}

// hungUp says that a server that refuses a certificate hung up while it was still
// being written to: net/http then tells of that, and not of what the server said.
func hungUp(said string) bool {
	for _, text := range []string{"use of closed network connection", "connection reset by peer", "broken pipe"} {
		if strings.Contains(said, text) {
			return true
		}
	}
	return false
}

// terminator ends TLS before an engine, and counts how it was spoken to.
type terminator struct {
	encrypted atomic.Int64
	plain     atomic.Bool
}

// encrypted puts TLS before the engine whose address an environment variable
// has, and returns that variable with the address to be used instead.
func encrypted(t *testing.T, variables string, config *tls.Config) (variable, address string, seen *terminator) {
	t.Helper()
	variable = variables + "_URL"
	if variables == "CLICKHOUSE" {
		variable = "CLICKHOUSE_DSN"
	}
	to, err := url.Parse(os.Getenv(variable))
	if err != nil {
		t.Fatal(err)
	}
	seen = new(terminator)
	to.Host = seen.listen(t, to.Host, config)
	if to.Scheme == "http" {
		to.Scheme = "https"
	} else {
		to.RawQuery = "secure=true"
	}
	return variable, to.String(), seen
}

func (p *terminator) listen(t *testing.T, target string, config *tls.Config) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go p.serve(ctx, conn, target, config)
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-over
	})
	return ln.Addr().String()
}

// serve ends when either side does, or the test.
func (p *terminator) serve(ctx context.Context, conn net.Conn, target string, config *tls.Config) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	first := bufio.NewReader(conn)
	const handshake = 0x16 // RFC 8446, the type of the first record
	if head, err := first.Peek(1); err != nil || head[0] != handshake {
		p.plain.Store(p.plain.Load() || err == nil)
		return
	}
	p.encrypted.Add(1)
	decrypted := tls.Server(peeked{conn, first}, config)
	if err := decrypted.HandshakeContext(ctx); err != nil {
		return
	}
	engine, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", target)
	if err != nil {
		return
	}
	defer engine.Close()
	go func() {
		_, _ = io.Copy(engine, decrypted)
		_ = engine.Close()
	}()
	_, _ = io.Copy(decrypted, engine)
}

type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// overTLS is the environment of a role whose registry and stores want TLS on
// both sides.
func overTLS(t *testing.T) []string {
	t.Helper()
	of := newAuthority(t, t.TempDir())
	cert, key := of.issue("role", x509.ExtKeyUsageClientAuth)
	var env []string
	for _, engine := range []string{"SCHEMA_REGISTRY", "CLICKHOUSE", "ELASTICSEARCH"} {
		variable, address, _ := encrypted(t, engine, of.server(strings.ToLower(engine), true))
		env = append(env, variable+"="+address, engine+"_CA_FILE="+of.ca, engine+"_CERT_FILE="+cert, engine+"_KEY_FILE="+key)
	}
	return env
}

// A file of certificates that cannot be used is one sentence that names its
// variable, before anything is dialled.
func TestCertificatesAreCheckedAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	of := newAuthority(t, dir)
	cert, key := of.issue("one", x509.ExtKeyUsageClientAuth)
	other, _ := of.issue("other", x509.ExtKeyUsageClientAuth)
	empty, broken := filepath.Join(dir, "empty.pem"), filepath.Join(dir, "broken.pem")
	of.write(empty, []byte("no certificate\n"))
	of.write(broken, of.read(of.ca), block("CERTIFICATE", []byte("neither is this")))
	engines := []string{"KAFKA_BROKERS=127.0.0.1:1", "SCHEMA_REGISTRY_URL=https://127.0.0.1:1"}
	stores := []string{"CLICKHOUSE_DSN=clickhouse://127.0.0.1:1/x?secure=true", "ELASTICSEARCH_URL=https://127.0.0.1:1"}
	for _, at := range []struct {
		command, variables string
		env                []string
	}{
		{"sinks", "SCHEMA_REGISTRY", append(engines, stores...)},
		{"sinks", "CLICKHOUSE", append(engines, stores...)},
		{"console", "ELASTICSEARCH", append([]string{"LEADLINE_API_TOKEN=0123456789012345678901234"}, stores...)},
		{"ingress", "KAFKA_TLS", append(engines, "KAFKA_SECURITY=tls")},
	} {
		for _, c := range []struct {
			name, says string
			set        map[string]string
		}{
			{"a file that is not there", "_CA_FILE: open ", map[string]string{"_CA_FILE": filepath.Join(dir, "nowhere.pem")}},
			{"a file without certificates", "holds no certificate in PEM", map[string]string{"_CA_FILE": empty}},
			{"a certificate that cannot be read", "_CA_FILE: certificate 2 of ", map[string]string{"_CA_FILE": broken}},
			{"a certificate without its key", "go together", map[string]string{"_CERT_FILE": cert}},
			{"another's key", "private key does not match", map[string]string{"_CERT_FILE": other, "_KEY_FILE": key}},
		} {
			t.Run(at.variables+": "+c.name, func(t *testing.T) {
				t.Parallel()
				env := at.env
				for of, file := range c.set {
					env = append(slices.Clone(env), at.variables+of+"="+file)
				}
				refuses(t, at.command, env, at.variables, c.says)
			})
		}
	}
	for name, c := range map[string]struct {
		env  []string
		says string
	}{
		"roots for a plain registry":      {[]string{engines[0], "SCHEMA_REGISTRY_URL=http://127.0.0.1:1", "SCHEMA_REGISTRY_CA_FILE=" + of.ca}, "SCHEMA_REGISTRY_URL is not https"},
		"a password for a plain registry": {[]string{engines[0], "SCHEMA_REGISTRY_URL=http://127.0.0.1:1", "SCHEMA_REGISTRY_USER=u", "SCHEMA_REGISTRY_PASSWORD=p"}, "would be sent in clear"},
		"a password in an address":        {[]string{engines[0], "SCHEMA_REGISTRY_URL=https://u:geheim@127.0.0.1:1"}, "SCHEMA_REGISTRY_URL holds a user"},
		"a user without a password":       {append(engines, "SCHEMA_REGISTRY_USER=u"), "go together"},
		"roots for a plain ClickHouse":    {append(engines, "CLICKHOUSE_DSN=clickhouse://127.0.0.1:1/x", "CLICKHOUSE_CA_FILE="+of.ca), "add ?secure=true"},
		"a ClickHouse that anybody is":    {append(engines, "CLICKHOUSE_DSN=clickhouse://127.0.0.1:1/x?secure=true&skip_verify=true"), "skip_verify would believe anybody"},
		"roots for a plain Elasticsearch": {append(engines, "ELASTICSEARCH_URL=https://127.0.0.1:1,http://127.0.0.1:1", "ELASTICSEARCH_CA_FILE="+of.ca), "not every ELASTICSEARCH_URL is https"},
		"a key for a plain Elasticsearch": {append(engines, "ELASTICSEARCH_URL=http://127.0.0.1:1", "ELASTICSEARCH_API_KEY=geheim"), "would be sent in clear"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, "sinks", slices.Clone(c.env), c.says)
		})
	}
}
