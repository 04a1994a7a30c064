package elasticsearch_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

var documented = regexp.MustCompile("(?s)```http\n([A-Z]+) (/\\S+)\n(.*?)```")

func harbour(recording, part, language, text string, change func(*schemas.Entry)) sink.Row[schemas.Entry] {
	e := &schemas.Entry{
		ID: "fathom:" + recording + ":" + part, MeetingID: schemas.MeetingID("harbour", schemas.Fathom, recording), Org: "harbour",
		Provider: schemas.Fathom, RecordingID: recording, Kind: schemas.EntryTranscript, Title: "Quarterly review", Text: text,
		Speakers: []string{"Ines Duarte"}, Language: language, State: string(schemas.StateMatched), Companies: []string{"acme"},
		MeetingAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), TurnFirst: new(int32),
	}
	if change != nil {
		change(e)
	}
	return sink.Row[schemas.Entry]{Key: schemas.EntryKey(e.MeetingID, e.ID), Version: 3, Value: e}
}

// TestEveryDocumentedQueryAnswers runs what docs/elasticsearch.md shows: each
// finds something of the organisation harbour, and nothing of another.
func TestEveryDocumentedQueryAnswers(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/elasticsearch.md")
	must(t, err)
	queries := documented.FindAllStringSubmatch(string(page), -1)
	if len(queries) < 8 {
		t.Fatalf("the page shows %d queries", len(queries))
	}
	if n := strings.Count(string(page), "```"); n != 2*len(queries) {
		t.Fatalf("%d of %d blocks are read as queries", len(queries), n/2)
	}
	o := options(t)
	o.OfAnotherBuild()
	s := prepared(t, o)
	foreign := harbour("700009", "transcript:0", "en", "contract renewal, single sign-on, SAML export", nil)
	foreign.Value.Org, foreign.Value.MeetingID = "elsewhere", "elsewhere/fathom/700009"
	foreign.Key = schemas.EntryKey(foreign.Value.MeetingID, foreign.Value.ID)
	ask := schemas.ProductAsk
	away := harbour("700003", "transcript:0", "en", "", nil)
	away.Value, away.Version = nil, 4
	write(t, s, foreign,
		harbour("700001", "transcript:0", "en", "The contracts are renewed when single sign-on with SAML is there.", func(e *schemas.Entry) { e.EndUsers = []string{"ines"} }),
		harbour("700001", "transcript:1", "en", "We export everything on Fridays, the renewal included.", nil),
		harbour("700002", "transcript:0", "de-DE", "Der Vertrag wird im März verlängert.", nil),
		harbour("700002", "product_ask:0", "en", "Export with single sign-on", func(e *schemas.Entry) {
			e.Kind, e.Distilled = schemas.EntryDistilled, &ask
		}),
		harbour("700003", "transcript:0", "en", "SAML single sign-on contract, which is gone", nil), away)
	space := embedding.Space{Model: "m", QueryModel: "m", Dimension: 3}
	_, err = s.BeginVectors(t.Context(), space)
	must(t, err)
	near := harbour("700001", "transcript:0", "en", "", nil)
	must(t, s.PutVectors(t.Context(), space, []embedding.Vector{{Key: near.Key, Version: 1, Entry: near.Value, Digest: "d", Values: []float32{0.1, 0.8, 0.3}}}))
	must(t, s.ServeVectors(t.Context(), space))
	for _, q := range queries {
		named := strings.NewReplacer("leadline-knowledge", o.Name)
		said := raw[struct {
			Acknowledged bool
			Count        int
			Hits         struct {
				Hits []struct {
					Index  string `json:"_index"`
					Source struct {
						Org     string
						Deleted bool
					} `json:"_source"`
				}
			}
			Aggregations map[string]struct{ Buckets []any }
		}](t, q[1], named.Replace(q[2]), named.Replace(q[3]))
		found := len(said.Hits.Hits) + said.Count
		if said.Acknowledged {
			found++
		}
		for _, h := range said.Hits.Hits {
			if h.Source.Org != "harbour" || h.Source.Deleted {
				t.Errorf("%.300s\nfinds %+v", q[3], h)
			}
		}
		for name, a := range said.Aggregations {
			found += len(a.Buckets)
			if len(a.Buckets) == 0 {
				t.Errorf("%.300s\nadds up nothing for %s", q[3], name)
			}
		}
		if found == 0 {
			t.Errorf("%.500s\nfinds nothing", q[3])
		}
	}
}
