package command

import (
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"leadline/schemas"
	"leadline/sinks/embedded"
)

// receiver is an OpenTelemetry collector.
type receiver struct {
	mu       sync.Mutex
	services map[string]bool
	traces   map[string][]*otlp.Span
	failed   error
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(raw, &sent)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed = err
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, of := range sent.ResourceSpans {
		for _, a := range of.Resource.Attributes {
			if a.Key == "service.name" {
				r.services[a.Value.GetStringValue()] = true
			}
		}
		for _, scope := range of.ScopeSpans {
			for _, s := range scope.Spans {
				id := hex.EncodeToString(s.TraceId)
				r.traces[id] = append(r.traces[id], s)
			}
		}
	}
}

// names are the spans of a trace, each once, and whether each but one is the
// child of another of them.
func names(spans []*otlp.Span) (all []string, whole bool) {
	ids, seen, roots := make(map[string]bool), make(map[string]bool), 0
	for _, s := range spans {
		ids[string(s.SpanId)] = true
	}
	whole = true
	for _, s := range spans {
		seen[s.Name] = true
		if len(s.ParentSpanId) == 0 {
			roots++
		} else if !ids[string(s.ParentSpanId)] {
			whole = false
		}
	}
	return slices.Sorted(maps.Keys(seen)), whole && roots == 1
}

// What a collector gets from the whole product: a trace for each delivery and
// for each page, which goes through every stage to both stores in one piece. The
// same meetings that come by both ways, in two traces, stay one version each.
func TestATraceFollowsAMeetingToBothStores(t *testing.T) {
	t.Parallel()
	got := &receiver{services: make(map[string]bool), traces: make(map[string][]*otlp.Span)}
	server := httptest.NewServer(got)
	defer server.Close()
	data := t.TempDir()
	cmd, out, said := leadline(t.Context(), "up", "--demo", "--once", "--json", "--data", data, "--port", "0", "--kafka-port", "0", "--registry-port", "0")
	cmd.Env = append(cmd.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL)
	if err := cmd.Run(); err != nil || got.failed != nil {
		t.Fatalf("%v, %v\n%s%s", err, got.failed, out, said)
	}
	if !got.services["leadline"] {
		t.Errorf("services %v", got.services)
	}
	stages := "distill embedded-entries embedded-meetings embedded-progress index match normalize"
	all := stored(t, data)
	deliveries, pages, fathom := 0, 0, 0
	for _, m := range all {
		if m.Row.Provider == schemas.Fathom {
			fathom++
		}
	}
	for id, spans := range got.traces {
		seen, whole := names(spans)
		joined := strings.Join(seen, " ")
		switch {
		case strings.HasPrefix(joined, stages) && strings.HasSuffix(joined, " webhook"):
			deliveries++
		case slices.Contains(seen, "poll page") && slices.Contains(seen, "normalize"):
			pages++
		default:
			continue
		}
		if !whole {
			t.Errorf("trace %s is in pieces: %q", id, seen)
		}
	}
	// What Zoom announces is fetched, and may be found by the first sync before: then its trace ends where the copy does.
	if deliveries <= fathom || pages == 0 {
		t.Errorf("%d deliveries of %d meetings, %d of them Fathom's, and %d pages were traced through everything", deliveries, len(all), fathom, pages)
	}
}

// stored returns the meetings of a demonstration, each in its first version.
func stored(t *testing.T, data string) []schemas.StoredMeeting {
	t.Helper()
	store, err := embedded.OpenReadOnly(t.Context(), storeFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	all, err := store.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: "demo", HeldBack: true}, Limit: 500})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d meetings, %v", len(all), err)
	}
	for _, m := range all {
		if m.Version != 1 {
			t.Errorf("%s has version %d", m.Row.ID, m.Version)
		}
	}
	return all
}
