package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/zoom"
)

// cluster is where the real engines are. The names of the variables are those
// that the engines' own tools use.
type cluster struct {
	Brokers  []string `name:"kafka-brokers" env:"KAFKA_BROKERS" help:"Kafka's brokers, host:port."`
	Registry string   `name:"schema-registry-url" env:"SCHEMA_REGISTRY_URL" help:"Address of the schema registry."`

	RegistryUser         string `name:"schema-registry-user" env:"SCHEMA_REGISTRY_USER" help:"Its user, or the id of an API key."`
	RegistryPassword     string `name:"schema-registry-password" env:"SCHEMA_REGISTRY_PASSWORD" help:"The user's password, or the key's secret. Better in a file."`
	RegistryPasswordFile string `name:"schema-registry-password-file" env:"SCHEMA_REGISTRY_PASSWORD_FILE" type:"path" help:"File that holds it."`
	RegistryCAFile       string `name:"schema-registry-ca-file" env:"SCHEMA_REGISTRY_CA_FILE" type:"path" help:"Roots to trust, in PEM, instead of the system's."`
	RegistryCertFile     string `name:"schema-registry-cert-file" env:"SCHEMA_REGISTRY_CERT_FILE" type:"path" help:"Client certificate, in PEM."`
	RegistryKeyFile      string `name:"schema-registry-key-file" env:"SCHEMA_REGISTRY_KEY_FILE" type:"path" help:"Its key, in PEM."`

	Security     string `name:"kafka-security" env:"KAFKA_SECURITY" enum:"plaintext,tls,sasl_plaintext,sasl_tls" default:"plaintext" help:"plaintext, tls, sasl_plaintext or sasl_tls."`
	Mechanism    string `name:"kafka-sasl-mechanism" env:"KAFKA_SASL_MECHANISM" help:"PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER."`
	User         string `name:"kafka-sasl-user" env:"KAFKA_SASL_USER" help:"SASL user."`
	Password     string `name:"kafka-sasl-password" env:"KAFKA_SASL_PASSWORD" help:"SASL password, or the token of OAUTHBEARER. Better in a file."`
	PasswordFile string `name:"kafka-sasl-password-file" env:"KAFKA_SASL_PASSWORD_FILE" type:"path" help:"File that holds it; read again at each connection."`
	CAFile       string `name:"kafka-tls-ca-file" env:"KAFKA_TLS_CA_FILE" type:"path" help:"Roots to trust, in PEM, instead of the system's."`
	CertFile     string `name:"kafka-tls-cert-file" env:"KAFKA_TLS_CERT_FILE" type:"path" help:"Client certificate, in PEM."`
	KeyFile      string `name:"kafka-tls-key-file" env:"KAFKA_TLS_KEY_FILE" type:"path" help:"Its key, in PEM."`

	Instance string `env:"LEADLINE_INSTANCE" help:"Name of this replica, the same after a restart and no other's. Default: the host's name."`
}

// Validate names what does not fit together.
func (c *cluster) Validate() error {
	sasl := strings.HasPrefix(c.Security, "sasl")
	switch {
	case (len(c.Brokers) == 0) != (c.Registry == ""):
		return errors.New("KAFKA_BROKERS and SCHEMA_REGISTRY_URL go together")
	case sasl && c.Mechanism == "":
		return fmt.Errorf("KAFKA_SECURITY=%s wants KAFKA_SASL_MECHANISM", c.Security)
	case !sasl && c.Mechanism != "":
		return fmt.Errorf("KAFKA_SASL_MECHANISM=%s, but KAFKA_SECURITY=%s has no SASL", c.Mechanism, c.Security)
	case c.Password != "" && c.PasswordFile != "":
		return errors.New("KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE are both set")
	}
	if c.Registry != "" {
		if _, err := c.access().Client(); err != nil {
			return err
		}
	}
	_, err := c.security().Options()
	return err
}

// access is how the registry is reached.
func (c *cluster) access() boot.Registry {
	return boot.Registry{
		URL: c.Registry, User: c.RegistryUser, Password: c.RegistryPassword, PasswordFile: c.RegistryPasswordFile,
		Trust: boot.TLS{Variables: "SCHEMA_REGISTRY", CAFile: c.RegistryCAFile, CertFile: c.RegistryCertFile, KeyFile: c.RegistryKeyFile},
	}
}

func (c *cluster) security() boot.Security {
	return boot.Security{
		TLS:       strings.HasSuffix(c.Security, "tls"),
		Trust:     boot.TLS{Variables: "KAFKA_TLS", CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile},
		Mechanism: c.Mechanism, User: c.User, Password: c.Password, PasswordFile: c.PasswordFile,
	}
}

// given says whether there is a cluster at all.
func (c *cluster) given() error {
	if len(c.Brokers) == 0 {
		return &usageError{errors.New("KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not set: this command is for real engines (leadline up is for none)")}
	}
	return nil
}

// plant connects a process to the engines, as the replica that it is.
func (c *cluster) plant(ctx context.Context, g *Globals) (*plant, error) {
	p, err := c.visit(ctx, g)
	if err != nil {
		return nil, err
	}
	if c.Instance == "" {
		if c.Instance, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("LEADLINE_INSTANCE is not set, and the host has no name: %w", err)
		}
	}
	p.incarnation = c.Instance
	// A replica that comes back under its name takes its partitions up again at
	// once. Without it the group waits 45 s for the one that was killed, and
	// moves everything twice in a rolling restart. One that goes for good is
	// missed for as long.
	namesake := boot.NewNamesake(c.Instance)
	p.kafka = append(p.kafka, kgo.InstanceID(c.Instance), kgo.WithHooks(namesake))
	p.beneath = append(p.beneath, boot.Role{Name: "namesake", Run: namesake.Run})
	return p, nil
}

// visit connects a process that nobody waits for when it goes.
func (c *cluster) visit(ctx context.Context, g *Globals) (*plant, error) {
	if err := c.given(); err != nil {
		return nil, err
	}
	p := newPlant(g)
	k := boot.Kafka{Brokers: c.Brokers, ClientID: "leadline"}
	security, err := c.security().Options()
	if err != nil {
		return nil, &usageError{err}
	}
	codec, err := c.access().Codec(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w (leadline schemas register makes them)", err)
	}
	p.kafka, p.codec = append(k.Options(p.registry, p.log), security...), codec
	return p, nil
}

// registryPatience is how long a role that starts tries to reach the registry.
const registryPatience = 2 * time.Minute

// role is the plant of a process that runs for long. A registry that cannot be
// reached is tried again: it may be starting, too. One that answers that it has
// not the schemas is believed.
func (c *cluster) role(ctx context.Context, g *Globals, name string) (*plant, error) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 5*time.Second
	p, err := backoff.Retry(ctx, func() (*plant, error) {
		p, err := c.plant(ctx, g)
		if err == nil || unreachable(err) {
			return p, err
		}
		return nil, backoff.Permanent(err)
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(registryPatience))
	if err != nil {
		return nil, err
	}
	return p, p.trace(ctx, "leadline-"+name)
}

// unreachable says whether nobody answered, or not whole, or that it cannot yet.
func unreachable(err error) bool {
	if answer, ok := errors.AsType[*sr.ResponseError](err); ok {
		return answer.StatusCode >= http.StatusInternalServerError
	}
	_, called := errors.AsType[*url.Error](err)
	return (called || errors.Is(err, io.ErrUnexpectedEOF)) && !boot.Distrusted(err)
}

// newPlant has nothing but a log and metrics.
func newPlant(g *Globals) *plant {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &plant{registry: reg, log: g.logger(), data: g.Data, recorders: recorders(fathom.Recorder{}, zoom.Pro)}
}

// kafka are the options of a command's clients, without a codec.
func (c *cluster) kafka(g *Globals) ([]kgo.Opt, error) {
	if err := c.given(); err != nil {
		return nil, err
	}
	security, err := c.security().Options()
	k := boot.Kafka{Brokers: c.Brokers, ClientID: "leadline-command"}
	return append(k.Options(prometheus.NewRegistry(), g.logger()), security...), err
}

func (c *cluster) registry() (*sr.Client, error) {
	if err := c.given(); err != nil {
		return nil, err
	}
	return c.access().Client()
}

// keyset is how a role gets at the secrets of connections.
type keyset struct {
	Keyset     string `env:"LEADLINE_KEYSET" help:"Tink keyset, in JSON, that seals recorders' secrets."`
	KeysetFile string `env:"LEADLINE_KEYSET_FILE" type:"path" help:"File that holds it."`
}

func (k keyset) sealer(data string) (*connection.Sealer, error) {
	file := k.KeysetFile
	if file == "" {
		file = keysFile(data)
	}
	return connection.OpenSealer(k.Keyset, file)
}
