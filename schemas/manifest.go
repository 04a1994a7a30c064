package schemas

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/twmb/avro"
)

//go:embed avro
var avroFiles embed.FS

// Registered is one version of the schema of a topic's values.
type Registered struct {
	Subject string `json:"subject"`
	Version int    `json:"version"`
	ID      int    `json:"id"` // in the embedded registry; a real one gives its own
	File    string `json:"file"`
	SHA256  string `json:"sha256"` // the manifest is append-only: a registered text never changes
	Text    string `json:"-"`
}

// Manifest lists every schema that was ever registered, oldest first.
func Manifest() ([]Registered, error) {
	raw, err := avroFiles.ReadFile("avro/manifest.json")
	if err != nil {
		return nil, fmt.Errorf("reading the schema manifest: %w", err)
	}
	var all []Registered
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("decoding the schema manifest: %w", err)
	}
	for i := range all {
		text, err := avroFiles.ReadFile("avro/" + all[i].File)
		if err != nil {
			return nil, fmt.Errorf("reading a schema of the manifest: %w", err)
		}
		all[i].Text = string(text)
	}
	return all, nil
}

// latest returns the newest registered text of each subject.
func latest() (map[string]Registered, error) {
	all, err := Manifest()
	if err != nil {
		return nil, err
	}
	newest := make(map[string]Registered)
	for _, r := range all {
		if r.Version > newest[r.Subject].Version {
			newest[r.Subject] = r
		}
	}
	return newest, nil
}

// Subjects returns the schema that this build's Go type has for each subject.
func Subjects() (map[string]*avro.Schema, error) {
	s := make(map[string]*avro.Schema)
	for _, add := range []func(map[string]*avro.Schema) error{
		add(SyncRequests), add(Connections), add(SyncCursors), add(PendingMeetings), add(APITokens), add(Users), add(AuditLog), add(Directory), add(NormalizedMeetings), add(Settling),
		add(MatchedMeetings), add(DistilledMeetings), add(MeetingRows), add(KnowledgeEntries), add(MeetingProgress),
		add(Rules), add(Replays), add(DistillationRequests), add(Distillations), add(DistillationUsage), add(RuleHits),
	} {
		if err := add(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func add[T any](t Topic[T]) func(map[string]*avro.Schema) error {
	return func(s map[string]*avro.Schema) error {
		schema, err := avro.SchemaFor[T](avro.WithNamespace("leadline"))
		if err != nil {
			return fmt.Errorf("deriving the schema of %s: %w", t.Subject(), err)
		}
		s[t.Subject()] = schema
		return nil
	}
}
