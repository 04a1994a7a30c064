package command

import (
	"encoding/json"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/console"
)

// Commands that write to Kafka themselves are in the log of changes, with what
// came of them. The link that makes the first admin is printed once.
func TestCommandsAreInTheLogOfChangesAndTheFirstStartAlonePrintsALink(t *testing.T) {
	t.Parallel()
	l := newLife(t, "none")
	customers := filepath.Join(t.TempDir(), "customers.json")
	if err := os.WriteFile(customers, []byte(`{"companies": [{"id": "amber", "name": "Amber", "domains": ["amber.example"]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	preset := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(preset, []byte("rules:\n  - {id: secret, type: keyword, text: internal only}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.command(0, "", "directory", "import", customers)
	l.command(0, "", "rules", "set", preset)
	l.command(0, "", "rules", "disable", "secret")
	l.command(0, "", "replay", "--since", time.Now().Format(time.DateOnly))
	brokers, registry := strings.Join(l.where.Brokers, ","), l.where.Registry
	t.Run("on Kafka itself", func(t *testing.T) {
		l.command(0, lifeKey, "connect", "fathom", "--base-url", l.api, "--kafka-brokers", brokers, "--schema-registry-url", registry, "--org", "demo")
		l.command(1, "wrong", "connect", "fathom", "--base-url", l.api, "--name", "other", "--kafka-brokers", brokers, "--schema-registry-url", registry, "--org", "demo")
		l.command(0, "", "connections", "pause", "fathom", "--kafka-brokers", brokers, "--schema-registry-url", registry, "--org", "demo")
	})
	token, err := os.ReadFile(tokenFile(l.data))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, l.where.URL+"/api/v1/orgs/demo/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	res, err := testClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var log struct{ Changes []console.Change }
	if err := json.NewDecoder(res.Body).Decode(&log); err != nil {
		t.Fatal(err)
	}
	who := "command line"
	if u, err := user.Current(); err == nil {
		who += ": " + u.Username
	}
	var told []string
	for _, c := range log.Changes {
		if c.Who != who {
			t.Errorf("%+v is by %q", c, c.Who)
		}
		told = append(told, c.Action+" "+c.About+" "+c.Result)
	}
	const want = `connections pause fathom/default done
connect fathom/other refused
connect fathom/default done
replay 0 meetings through distill done
rules off secret done
rules set done
directory import 1 entries done`
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("the log has\n%s\nwant\n%s", got, want)
	}

	first := l.out
	l.stop()
	if !strings.Contains(first.String(), "/signin?code=") {
		t.Errorf("the first start said\n%s", first)
	}
	again, out, said := leadline(t.Context(), "up", "--data", l.data, "--port", "0", "--kafka-port", "0", "--registry-port", "0", "--distiller", "none")
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	running(t, l.data)
	if link := l.command(0, "", "signin"); !strings.Contains(link, "/signin?code=") {
		t.Errorf("signin said %q", link)
	}
	_ = again.Process.Signal(os.Interrupt)
	if err := again.Wait(); err != nil {
		t.Errorf("%v %s", err, said)
	}
	if strings.Contains(out.String(), "code=") || !strings.Contains(out.String(), "leadline signin") {
		t.Errorf("the second start said\n%s", out)
	}
}
