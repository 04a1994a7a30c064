package docker

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	image   = regexp.MustCompile(`(?m)^ +image: (\S+)$`)
	pinned  = regexp.MustCompile(`:v?\d+(\.\d+)+$`)
	ports   = regexp.MustCompile(`(?m)^ +ports: \["([^"]+)"\]$`)
	port    = regexp.MustCompile(`(?m)^ +ports:`)
	service = regexp.MustCompile(`(?m)^  ([a-z-]+):\n((?:    .*\n|\n)+)`)
	from    = regexp.MustCompile(`(?m)^FROM (?:--\S+ )?(\S+)`)
)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	for _, m := range image.FindAllStringSubmatch(repository(t, "docker-compose.yml"), -1) {
		if !strings.HasPrefix(m[1], "leadline:") && !pinned.MatchString(m[1]) {
			t.Errorf("%s: want a whole version", m[1])
		}
	}
	dockerfile := repository(t, "deploy/docker/Dockerfile")
	built := ""
	for _, m := range from.FindAllStringSubmatch(dockerfile, -1) {
		if version, isGo := strings.CutPrefix(m[1], "golang:"); isGo {
			built = version
		} else if m[1] != "scratch" {
			t.Errorf("%s: want golang or scratch", m[1])
		}
	}
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(repository(t, "go.mod"))
	if language == nil || !regexp.MustCompile(`^`+regexp.QuoteMeta(language[1])+`\.\d+-`).MatchString(built) {
		t.Errorf("it is built by golang:%s, go.mod says %q", built, language)
	}
}

// An engine has no login on the inside, so nothing of it is published; what is
// published is on the loopback interface unless somebody chose otherwise.
func TestOnlyWhatPeopleNeedIsPublished(t *testing.T) {
	t.Parallel()
	_, services, _ := strings.Cut(repository(t, "docker-compose.yml"), "\nservices:\n")
	published := map[string]bool{"ingress": true, "console": true, "kafka-ui": true, "grafana": true, "prometheus": true}
	seen := 0
	for _, m := range service.FindAllStringSubmatch(services, -1) {
		name, body := m[1], m[2]
		found := ports.FindStringSubmatch(body)
		if port.MatchString(body) != published[name] || published[name] != (found != nil) {
			t.Errorf("%s: publishes ports %v, want %v", name, port.MatchString(body), published[name])
		}
		if found == nil {
			continue
		}
		seen++
		if !strings.HasPrefix(found[1], "${LEADLINE_BIND:-127.0.0.1}:") && !strings.HasPrefix(found[1], "127.0.0.1:") {
			t.Errorf("%s: %s is open to the network", name, found[1])
		}
	}
	if seen != len(published) {
		t.Errorf("%d services publish a port, want %d: has the file another form?", seen, len(published))
	}
}

var (
	setting = regexp.MustCompile(`(?m)^ +(?:- name: )?((?:LEADLINE|KAFKA|CLICKHOUSE|ELASTICSEARCH|SCHEMA_REGISTRY|FATHOM)_[A-Z_]+)(?:$|:)`)
	given   = regexp.MustCompile(`(?m)^ +(?:command|args): \[([a-z, ]+)`)
	flagEnv = regexp.MustCompile(`env:"([A-Z_]+)"`)
	command = regexp.MustCompile(`(?m)^type (\w+)Command struct`)
)

// What the manifests set and start is what the program reads and has. A flag
// that was renamed would else be a role that starts with a default.
func TestManifestsSayWhatTheProgramReads(t *testing.T) {
	t.Parallel()
	reads, commands := make(map[string]bool), make(map[string]bool)
	sources, err := filepath.Glob("../../command/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no program: %v", err)
	}
	for _, file := range sources {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range flagEnv.FindAllStringSubmatch(string(raw), -1) {
			reads[m[1]] = true
		}
		for _, m := range command.FindAllStringSubmatch(string(raw), -1) {
			commands[m[1]] = true
		}
	}
	check := func(name, text string) {
		for _, m := range setting.FindAllStringSubmatch(text, -1) {
			if !reads[m[1]] {
				t.Errorf("%s sets %s, which no flag reads", name, m[1])
			}
		}
		for _, m := range given.FindAllStringSubmatch(text, -1) {
			words := strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })
			typed := words[0] // a command's type is called as its words are
			if len(words) > 1 {
				typed += strings.ToUpper(words[1][:1]) + words[1][1:]
			}
			if !commands[typed] {
				t.Errorf("%s starts leadline %s, which is no command", name, strings.Join(words, " "))
			}
		}
	}
	compose := repository(t, "docker-compose.yml")
	before, engines, ok := strings.Cut(compose, "  # The engines.\n")
	_, demo, ok2 := strings.Cut(engines, "  # --profile demo")
	if !ok || !ok2 {
		t.Fatal("docker-compose.yml has no section of engines and demo")
	}
	check("docker-compose.yml", before+demo)
	err = filepath.WalkDir("../kubernetes", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		check(path, string(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
