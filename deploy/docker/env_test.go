package docker

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leadline/ingress/connection"
)

var assignment = regexp.MustCompile(`(?m)^([A-Z][A-Z0-9_]*)=(.*)$`)

// variables are the assignments of a .env.
func variables(text string) map[string]string {
	all := make(map[string]string)
	for _, m := range assignment.FindAllStringSubmatch(text, -1) {
		all[m[1]] = strings.Trim(m[2], "'")
	}
	return all
}

func repository(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What `deploy/docker/env` prints is a .env that the roles can start with, and
// no two installations have a secret in common.
func TestEnvMakesSecrets(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell: ", err)
	}
	run := func() map[string]string {
		out, err := exec.CommandContext(t.Context(), "sh", "./env").Output()
		if err != nil {
			t.Fatal(err)
		}
		return variables(string(out))
	}
	example, one, other := variables(repository(t, ".env.example")), run(), run()
	for _, secret := range []string{"LEADLINE_KEYSET", "LEADLINE_API_TOKEN", "CLICKHOUSE_PASSWORD", "KAFKA_UI_PASSWORD", "GRAFANA_PASSWORD"} {
		if example[secret] != "" || len(one[secret]) < 40 || one[secret] == other[secret] {
			t.Errorf("%s: %q in the example, %d characters made, made twice alike: %v", secret, example[secret], len(one[secret]), one[secret] == other[secret])
		}
		delete(example, secret)
	}
	for name, value := range example {
		if one[name] != value {
			t.Errorf("%s is %q, want the example's %q", name, one[name], value)
		}
	}
	if regexp.MustCompile(`[^A-Za-z0-9]`).MatchString(one["CLICKHOUSE_PASSWORD"]) {
		t.Error("ClickHouse's password has characters that mean something in a URL")
	}

	sealer, err := connection.OpenSealer(one["LEADLINE_KEYSET"], "")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealer.Seal([]byte("an API key"), "acme/fathom/main/api_key")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := sealer.Open(sealed, "acme/fathom/main/api_key"); err != nil || string(plain) != "an API key" {
		t.Errorf("sealed and opened: %q, %v", plain, err)
	}
	stranger, err := connection.OpenSealer(other["LEADLINE_KEYSET"], "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Open(sealed, "acme/fathom/main/api_key"); err == nil {
		t.Error("another installation's keyset opens it")
	}
}

var interpolation = regexp.MustCompile(`\$\{([A-Z][A-Z0-9_]*)(:?[-?])?([^}]*)\}`)

func TestComposeReadsWhatIsDocumented(t *testing.T) {
	t.Parallel()
	example := variables(repository(t, ".env.example"))
	var read []string
	for _, m := range interpolation.FindAllStringSubmatch(repository(t, "docker-compose.yml"), -1) {
		name, operator, word := m[1], m[2], m[3]
		read = append(read, name)
		value, documented := example[name]
		switch {
		case !documented:
			t.Errorf("%s is not in .env.example", name)
		case operator == ":-" && word != value:
			t.Errorf("%s is %q by default, but %q in .env.example", name, word, value)
		case operator == ":?" && value != "":
			t.Errorf("%s is required, but .env.example has a value that everybody knows", name)
		case operator != ":-" && operator != ":?":
			t.Errorf("%s has neither a default nor a message", name)
		case strings.Contains(name, "PASSWORD") && operator != ":?":
			t.Errorf("%s has a default", name)
		}
	}
	for name := range example {
		if !slices.Contains(read, name) {
			t.Errorf("%s is in .env.example, and nothing reads it", name)
		}
	}
}
