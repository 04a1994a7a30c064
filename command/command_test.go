package command

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every command says how it is used; what the user got wrong is one clear
// sentence and exit code 2; what went wrong later is 1.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{args: "--version", stdout: "leadline "},
		{args: "--help", stdout: "Turns recorded customer meetings"},
		{args: "up --help", stdout: "leadline up --demo --once --json"},
		{args: "simulate fathom --help", stdout: "control/end-all"},
		{args: "connect fathom --help", stdout: "FATHOM_API_KEY"},
		{args: "sync --help", stdout: "leadline sync fathom --since"},
		{args: "connections --help", stdout: "forget-webhooks"},
		{args: "connections disconnect --help", stdout: "--erase"},
		{args: "secrets rotate --help", stdout: "--prepare"},
		{args: "directory import --help", stdout: "leadline directory import customers.json"},
		{args: "meetings --help", stdout: "leadline meetings --state unmatched"},
		{args: "meeting --help", stdout: "leadline meeting 910016"},
		{args: "search --help", stdout: "--kind distilled"},
		{args: "customer --help", stdout: "leadline customer acme.example"},
		{args: "eval search --help", stdout: "queries.jsonl"},
		{args: "eval search", code: 2, stderr: "--data: a set has meetings/"},
		{args: "completion bash", stdout: "leadline"},
		{args: "upp", code: 2, stderr: "unexpected argument upp"},
		{args: "up --port 70000", code: 2, stderr: "--port=70000: want 0 to 65535"},
		{args: "up --once", code: 2, stderr: "go with --demo"},
		{args: "up --log-level loud", code: 2, stderr: `--log-level: "loud": want debug, info, warn or error`},
		{args: "up --trusted-proxies proxy", code: 2, stderr: `"proxy" is no range of addresses as in 10.0.0.0/8`},
		{args: "up --trusted-proxies 127.0.0.1,10.0.0.0/8,::1 --once", code: 2, stderr: "go with --demo"},
		{args: "up --org Acme/1", code: 2, stderr: "organisation \"Acme/1\""},
		{args: "up --public-url ftp://x", code: 2, stderr: "--public-url"},
		{args: "up --poll-interval 1s", code: 2, stderr: "want 1m or more"},
		{args: "up --complete-within 10s", code: 2, stderr: "want 1m to 720h"},
		{args: "up --demo --meetings DATA/none", code: 2, stderr: "none"},
		{args: "search x --held-back --customer y", code: 2, stderr: "--held-back does not go with --customer"},
		{args: "meetings --state lost", code: 2, stderr: "--state"},
		{args: "meetings --state grouped", code: 1, stderr: "start one with leadline up"},
		{args: "meetings --url meet.example.com", code: 2, stderr: "--url: address of Leadline: want http"},
		{args: "sync fathom --since yesterday", code: 2, stderr: `--since: "yesterday" is no day as in 2026-03-02`},
		{args: "replay --since 2026-02-30", code: 2, stderr: `--since: "2026-02-30" is no day as in 2026-03-02`},
		{args: "directory export --type decision --format csv", code: 2, stderr: "want --format=ndjson"},
		{args: "meetings", code: 1, stderr: "start one with leadline up"},
		{args: "connections pause", code: 1, stderr: "start one with leadline up"},
		{args: "connect fathom --look-back 0 --key k", code: 2, stderr: "want a number of days from 1, or all"},
		{args: "connect fathom", code: 2, stderr: "an API key is missing: want FATHOM_API_KEY, or --key"},
		{args: "connect fathom --key k", code: 1, stderr: "start one with leadline up"},
		{args: "up --demo --once --timeout 1ms --port 0 --kafka-port 0 --registry-port 0", code: 1, stderr: "not done after --timeout=1ms"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			args := strings.Fields(strings.ReplaceAll(c.args, "DATA", data))
			cmd, stdout, stderr := leadline(t.Context(), append(args, "--data", data)...)
			if c.args == "completion bash" || strings.HasPrefix(c.args, "--") || strings.HasSuffix(c.args, "--help") {
				cmd.Args = append(cmd.Args[:1], args...)
			}
			code := 0
			if err := cmd.Run(); err != nil {
				exit, ok := err.(*exec.ExitError) //nolint:errorlint // Run documents the type
				if !ok {
					t.Fatal(err)
				}
				code = exit.ExitCode()
			}
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(stdout.String(), c.stdout) {
				t.Errorf("standard output lacks %q:\n%s", c.stdout, stdout)
			}
			if !strings.Contains(stderr.String(), c.stderr) || c.stderr == "" && stderr.Len() > 0 {
				t.Errorf("standard error lacks %q:\n%s", c.stderr, stderr)
			}
			if c.code == 2 && strings.Count(strings.TrimSpace(stderr.String()), "\n") > 0 {
				t.Errorf("more than a sentence:\n%s", stderr)
			}
		})
	}
}

// What a role is not told, or told wrongly, is one sentence and exit code 2.
func TestRolesRefuseWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	engines := []string{"KAFKA_BROKERS=127.0.0.1:1", "SCHEMA_REGISTRY_URL=http://127.0.0.1:1"}
	for _, c := range []struct {
		args, stderr string
		env          []string
	}{
		{args: "ingress", stderr: "KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not set"},
		{args: "poller", stderr: "KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not set"},
		{args: "processors", env: engines[:1], stderr: "KAFKA_BROKERS and SCHEMA_REGISTRY_URL go together"},
		{args: "processors", env: append(engines, "KAFKA_SECURITY=ssl"), stderr: "--kafka-security must be one of"},
		{args: "processors", env: append(engines, "KAFKA_SECURITY=sasl_tls"), stderr: "wants KAFKA_SASL_MECHANISM"},
		{args: "processors", env: append(engines, "KAFKA_SECURITY=sasl_plaintext", "KAFKA_SASL_MECHANISM=PLAIN"), stderr: "without TLS would send the password in clear"},
		{args: "processors", env: append(engines, "KAFKA_SECURITY=sasl_tls", "KAFKA_SASL_MECHANISM=MD5"), stderr: "want PLAIN, SCRAM-SHA-256"},
		{args: "processors", env: append(engines, "KAFKA_SECURITY=tls", "KAFKA_TLS_CA_FILE=/nowhere.pem"), stderr: "KAFKA_TLS_CA_FILE"},
		{args: "topics ensure --partitions 0", env: engines, stderr: "--partitions and --replication: want 1 or more"},
		{args: "schemas check", stderr: "KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not set"},
		{args: "stores check", stderr: "neither CLICKHOUSE_DSN nor ELASTICSEARCH_URL is set"},
		{args: "reindex", stderr: "ELASTICSEARCH_URL is not set"},
		{args: "console", stderr: "LEADLINE_API_TOKEN has 0 characters"},
		{args: "console", env: []string{"LEADLINE_API_TOKEN=0123456789012345678901234"}, stderr: "the console wants CLICKHOUSE_DSN and ELASTICSEARCH_URL"},
	} {
		t.Run(c.args+" "+strings.Join(c.env, " "), func(t *testing.T) {
			t.Parallel()
			refuses(t, c.args, c.env, c.stderr)
		})
	}
}

// refuses runs a command that must end with exit code 2 and one sentence.
func refuses(t *testing.T, args string, env []string, says ...string) {
	t.Helper()
	cmd, _, stderr := leadline(t.Context(), append(strings.Fields(args), "--data", t.TempDir())...)
	for _, v := range engineVariables { // of the machine that tests run on
		cmd.Env = append(cmd.Env, v+"=")
	}
	cmd.Env = append(cmd.Env, env...)
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("ended with %v, want exit code 2", err)
	}
	if strings.Count(strings.TrimSpace(stderr.String()), "\n") > 0 || strings.Contains(stderr.String(), "geheim") {
		t.Errorf("standard error is not one sentence without a secret:\n%s", stderr)
	}
	for _, part := range says {
		if !strings.Contains(stderr.String(), part) {
			t.Errorf("standard error lacks %q:\n%s", part, stderr)
		}
	}
}

// A command's flag with the name of a global one is never reached: kong gives
// what was typed to one of them, and that may be the other.
func TestNoFlagHidesAnother(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(new(command), kong.Vars{"version": "", "data": ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		seen := make(map[string]bool)
		for _, group := range leaf.AllFlags(false) {
			for _, flag := range group {
				if seen[flag.Name] {
					t.Errorf("%s has --%s twice", leaf.Path(), flag.Name)
				}
				seen[flag.Name] = true
			}
		}
	}
}

func TestUpSaysWhatToDoWhereAPortIsTaken(t *testing.T) {
	t.Parallel()
	other, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, taken, err := net.SplitHostPort(other.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--port", "--kafka-port", "--registry-port"} {
		args := []string{"up", "--data", t.TempDir()}
		for _, f := range []string{"--port", "--kafka-port", "--registry-port"} {
			if f == flag {
				args = append(args, f, taken)
			} else {
				args = append(args, f, "0")
			}
		}
		cmd, _, said := leadline(t.Context(), args...)
		if cmd.Run() == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: it ended with %v", flag, cmd.ProcessState)
		}
		if got := said.String(); !strings.Contains(got, taken) || !strings.Contains(got, "choose others with --port") || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: it said %q", flag, got)
		}
	}
}

func TestNoDirectoryIsNoLeadline(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPlace(file); err == nil || !strings.Contains(err.Error(), "there is no Leadline in "+file) {
		t.Errorf("%v", err)
	}
}
