package command

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The roles run against a broker that lets in nobody it does not know, over
// TLS, each role by another mechanism, and with no more rights than
// docs/deploy.md says that it needs. The registry and the stores want TLS and a
// client certificate, too.
func TestRolesMayDoWhatTheDocsSayAndNoMore(t *testing.T) {
	d := newDeployment(t)
	d.env = append(d.env, overTLS(t)...)
	broker := startSecureKafka(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.plain))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	d.brokers = []string{broker.plain}
	admin := kadm.NewClient(client)
	for user, mechanism := range map[string]kadm.ScramMechanism{"poller": kadm.ScramSha256, "ingress": kadm.ScramSha512, "console": kadm.ScramSha512} {
		res, err := admin.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{
			User: user, Mechanism: mechanism, Iterations: 4096, Password: securePassword,
		}})
		if err != nil || res.Error() != nil {
			t.Fatal(err, res.Error())
		}
	}
	grantWhatTheDocsSay(t, client)

	password := filepath.Join(d.dir, "password")
	if err := os.WriteFile(password, []byte(securePassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sasl := func(mechanism, user, file string) []string {
		return []string{
			"KAFKA_BROKERS=" + broker.sasl, "KAFKA_SECURITY=sasl_tls", "KAFKA_TLS_CA_FILE=" + broker.ca,
			"KAFKA_SASL_MECHANISM=" + mechanism, "KAFKA_SASL_USER=" + user, "KAFKA_SASL_PASSWORD_FILE=" + file,
		}
	}
	token := filepath.Join(d.dir, "token")
	d.as = func(name string) []string {
		switch name {
		case "ingress":
			return sasl("SCRAM-SHA-512", "ingress", password)
		case "poller":
			return sasl("SCRAM-SHA-256", "poller", password)
		case "processors":
			if err := os.WriteFile(token, []byte(unsecuredToken("processors")), 0o600); err != nil {
				t.Fatal(err)
			}
			return sasl("OAUTHBEARER", "", token)
		case "sinks":
			return sasl("PLAIN", "sinks", password)
		case "console":
			return sasl("SCRAM-SHA-512", "console", password)
		}
		return []string{
			"KAFKA_BROKERS=" + broker.mutual, "KAFKA_SECURITY=tls", "KAFKA_TLS_CA_FILE=" + broker.ca,
			"KAFKA_TLS_CERT_FILE=" + broker.cert, "KAFKA_TLS_KEY_FILE=" + broker.key,
		}
	}
	d.through(70, func(map[string][]string) {})

	for name, tried := range map[string]struct {
		env  []string
		says string
	}{
		"a wrong password":     {sasl("SCRAM-SHA-512", "ingress", token), "SASL_AUTHENTICATION_FAILED"},
		"somebody else's name": {sasl("SCRAM-SHA-512", "sinks", password), "SASL_AUTHENTICATION_FAILED"},
		"too few rights":       {sasl("PLAIN", "sinks", password), "TOPIC_AUTHORIZATION_FAILED"},
		"no certificate":       {[]string{"KAFKA_BROKERS=" + broker.mutual, "KAFKA_SECURITY=tls", "KAFKA_TLS_CA_FILE=" + broker.ca}, "certificate"},
		"unknown roots":        {[]string{"KAFKA_BROKERS=" + broker.mutual, "KAFKA_SECURITY=tls"}, "certificate"},
	} {
		limit, stop := context.WithTimeout(t.Context(), patience(time.Minute))
		cmd, _, said := leadline(limit, "sync", "--data", d.dir)
		cmd.Env = slices.Concat(cmd.Env, d.env, tried.env)
		err := cmd.Run()
		if err == nil || limit.Err() != nil || !strings.Contains(said.String(), tried.says) {
			t.Errorf("%s: %v, and it said %q", name, err, said)
		}
		stop()
	}
}

const securePassword = "a-password-for-tests-only"

// unsecuredToken is what Kafka's own validator for development takes: a JSON
// web token that nobody signed.
func unsecuredToken(subject string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	now := time.Now()
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, subject, now.Unix()-5, now.Add(time.Hour).Unix())) + "."
}

type secureKafka struct {
	plain, sasl, mutual string
	ca, cert, key       string // files, in PEM
}

// startSecureKafka starts one of ../shared/engines with listeners of its own.
func startSecureKafka(t *testing.T) secureKafka {
	t.Helper()
	start := filepath.Join(shared(), "engines", "kafka", "start")
	if _, err := os.Stat(start); err != nil {
		t.Skipf("no engines to start a secure Kafka from: %v", err)
	}
	dir := t.TempDir()
	plain, controller := freeAddress(t), freeAddress(t)
	of := newAuthority(t, dir)
	k := secureKafka{plain: plain, sasl: freeAddress(t), mutual: freeAddress(t), ca: of.ca}
	k.cert, k.key = of.issue("admin", x509.ExtKeyUsageClientAuth)
	// The broker's store is key and certificates in one file.
	cert, key := of.issue("broker", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
	store := filepath.Join(dir, "store.pem")
	of.write(store, of.read(key), of.read(cert), of.read(of.ca))
	user := func(module, options string) string {
		return "org.apache.kafka.common.security." + module + " required " + options + ";"
	}
	listeners := "PLAINTEXT://" + plain + ",SASL://" + k.sasl + ",MUTUAL://" + k.mutual
	props := strings.Join([]string{
		"listeners=" + listeners + ",CONTROLLER://" + controller,
		"advertised.listeners=" + listeners + ",CONTROLLER://" + controller,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,MUTUAL:SSL",
		"ssl.keystore.type=PEM", "ssl.keystore.location=" + store, "ssl.truststore.type=PEM", "ssl.truststore.location=" + k.ca,
		"listener.name.mutual.ssl.client.auth=required",
		"listener.name.mutual.ssl.principal.mapping.rules=RULE:^CN=([a-z]+)$/$1/",
		"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
		"listener.name.sasl.plain.sasl.jaas.config=" + user("plain.PlainLoginModule", `user_sinks="`+securePassword+`"`),
		"listener.name.sasl.scram-sha-256.sasl.jaas.config=" + user("scram.ScramLoginModule", ""),
		"listener.name.sasl.scram-sha-512.sasl.jaas.config=" + user("scram.ScramLoginModule", ""),
		"listener.name.sasl.oauthbearer.sasl.jaas.config=" + user("oauthbearer.OAuthBearerLoginModule", `unsecuredLoginStringClaim_sub="broker"`),
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		// Who comes over the plain listener is this test, or the broker itself.
		"super.users=User:ANONYMOUS",
	}, "\n")
	run := func(script string) error {
		_, port, _ := net.SplitHostPort(plain)
		_, controllerPort, _ := net.SplitHostPort(controller)
		cmd := exec.Command(filepath.Join(shared(), "engines", "kafka", script))
		cmd.Env = append(os.Environ(), "KAFKA_PORT="+port, "KAFKA_CONTROLLER_PORT="+controllerPort, "KAFKA_PROPS="+props, "ENGINES_RUN="+dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s", script, err, out.String())
		}
		return nil
	}
	if err := run("start"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run("stop"); err != nil {
			t.Error(err)
		}
	})
	return k
}

var quoted = regexp.MustCompile("`([^`]+)`")

// grantWhatTheDocsSay makes the table of docs/deploy.md the broker's ACLs. The
// first cell names who it is: a role, a stage of the processors, or a command,
// which all run as admin.
func grantWhatTheDocsSay(t *testing.T, client *kgo.Client) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(raw), "| role | reads | writes | groups | transactional ids |\n")
	if !found {
		t.Fatal("docs/deploy.md has no table of rights")
	}
	req := kmsg.NewPtrCreateACLsRequest()
	allow := func(user string, resource kmsg.ACLResourceType, name string, operations ...kmsg.ACLOperation) {
		for _, operation := range operations {
			c := kmsg.NewCreateACLsRequestCreation()
			c.ResourceType, c.ResourceName, c.Operation = resource, name, operation
			c.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
			if strings.HasSuffix(name, "-") {
				c.ResourcePatternType = kmsg.ACLResourcePatternTypePrefixed
			}
			c.Principal, c.Host, c.PermissionType = "User:"+user, "*", kmsg.ACLPermissionTypeAllow
			req.Creations = append(req.Creations, c)
		}
	}
	users := map[string]string{"ingress": "ingress", "console": "console", "poller": "poller", "sinks": "sinks", "normalize": "processors", "match": "processors", "distill": "processors", "index": "processors"}
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if strings.HasPrefix(cells[0], "---") {
			continue
		}
		rows++
		who, _, _ := strings.Cut(strings.Trim(cells[0], " `"), ",")
		user, known := users[who]
		if !known {
			user = "admin"
		}
		for i, rights := range []struct {
			resource   kmsg.ACLResourceType
			operations []kmsg.ACLOperation
		}{
			{kmsg.ACLResourceTypeTopic, []kmsg.ACLOperation{kmsg.ACLOperationRead, kmsg.ACLOperationDescribe}},
			{kmsg.ACLResourceTypeTopic, []kmsg.ACLOperation{kmsg.ACLOperationWrite, kmsg.ACLOperationDescribe}},
			{kmsg.ACLResourceTypeGroup, []kmsg.ACLOperation{kmsg.ACLOperationRead}},
			{kmsg.ACLResourceTypeTransactionalId, []kmsg.ACLOperation{kmsg.ACLOperationWrite, kmsg.ACLOperationDescribe}},
		} {
			for _, name := range quoted.FindAllStringSubmatch(cells[i+1], -1) {
				allow(user, rights.resource, name[1], rights.operations...)
			}
		}
	}
	if rows < 10 {
		t.Fatal("docs/deploy.md has a table of rights of only " + strconv.Itoa(rows) + " rows")
	}
	// What the page says of `topics ensure` below the table.
	allow("admin", kmsg.ACLResourceTypeTopic, "*", kmsg.ACLOperationCreate, kmsg.ACLOperationDescribe, kmsg.ACLOperationDescribeConfigs)
	res, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range res.Results {
		if r.ErrorCode != 0 {
			t.Fatalf("ACL refused: %d %v", r.ErrorCode, r.ErrorMessage)
		}
	}
}
