package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/console/mcp"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// However long a meeting's texts are, an answer has no more tokens than it may,
// and all of the texts can be read.
func TestAMeetingIsReadWithinTheBudgetAndWhole(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	name := schemas.MeetingID(harbour, schemas.Fathom, "7777")
	m := &schemas.MeetingRow{
		ID: name, Org: harbour, Provider: schemas.Fathom, RecordingID: "7777", State: string(schemas.StateMatched), Title: strings.Repeat("Long title ", 100),
		CreatedAt: time.Now(), StartedAt: time.Now(), EndedAt: time.Now().Add(time.Hour), Entries: 3,
	}
	for i := range 300 {
		email := fmt.Sprintf("somebody.%d@amber.example", i)
		m.Attendees = append(m.Attendees, schemas.Attendee{Name: fmt.Sprint("Some Body ", i), Email: &email})
	}
	texts := []string{"", "", ""}
	for i := range 9000 {
		texts[0] += fmt.Sprintf("w%d ", i) // words
		texts[1] += fmt.Sprintf("*%05d", i)
		texts[2] += string(rune(0x4e00 + i))
	}
	var entries sink.Batch[schemas.Entry]
	for i, text := range texts {
		e := &schemas.Entry{
			ID: fmt.Sprintf("fathom:7777:transcript:%d", i), MeetingID: name, Org: harbour, Provider: schemas.Fathom, RecordingID: "7777",
			Kind: schemas.EntryTranscript, Text: text, MeetingAt: m.StartedAt, State: string(schemas.StateMatched),
		}
		entries = append(entries, sink.Row[schemas.Entry]{Key: schemas.EntryKey(name, e.ID), Version: 1, Value: e})
	}
	if err := store.MeetingSink().Write(t.Context(), sink.Batch[schemas.MeetingRow]{{Key: name, Version: 1, Value: m}}); err != nil {
		t.Fatal(err)
	}
	if err := store.EntrySink().Write(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	h := console.Handler(console.Options{Store: store, Token: token, MCP: mcp.Handler(mcp.Options{
		Reader: console.Local{Store: store}, Version: "test", Log: slog.New(slog.DiscardHandler),
	})})
	for _, tokens := range []int{0, 200, 1000, 32_000} {
		read, most := "", tokens
		if tokens == 0 {
			most = 4000
		}
		for part, parts := 0, 0; part >= 0; parts++ {
			said := meetingPart(t, h, name, part, tokens)
			if got := inTokens(said); got > most || parts > 500 {
				t.Fatalf("part %d has %d tokens of %d:\n%.500s", part, got, tokens, said)
			}
			read += said
			part = -1
			if next := regexp.MustCompile(`There is more: part (\d+)`).FindStringSubmatch(said); next != nil {
				part, _ = strconv.Atoi(next[1])
			}
		}
		for _, word := range []string{"w0 ", "w4321 ", "w8999", `\*04321`, `\*08999`, string(rune(0x4e00)), string(rune(0x4e00 + 4321)), string(rune(0x4e00 + 8999))} {
			if most >= 4000 && !strings.Contains(read, word) {
				t.Errorf("with tokens %d nobody reads %s", tokens, word)
			}
		}
		if most < 4000 && !strings.Contains(read, "This is cut: with tokens ") {
			t.Errorf("with tokens %d nobody is told that the texts are cut", tokens)
		}
		if most >= 4000 && strings.Contains(read, "This is cut") {
			t.Errorf("with tokens %d a text is cut", tokens)
		}
	}
}

// inTokens is the estimate that the tools promise.
func inTokens(s string) int {
	quarters := 0
	for _, r := range s {
		if r >= 0x250 {
			quarters += 3
		}
		quarters++
	}
	return quarters / 4
}

func meetingPart(t *testing.T, h http.Handler, id string, part, tokens int) string {
	t.Helper()
	sent := fmt.Sprintf(`{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_meeting", "arguments": {"id": %q, "part": %d, "tokens": %d}}}`,
		id, part, tokens)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, console.MCPPath+"?org="+harbour, bytes.NewBufferString(sent))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	_, data, _ := strings.Cut(w.Body.String(), "{")
	var answer struct {
		Result struct {
			IsError bool
			Content []struct{ Text string }
		}
	}
	if err := json.Unmarshal([]byte("{"+strings.TrimSpace(data)), &answer); err != nil || answer.Result.IsError || len(answer.Result.Content) != 1 {
		t.Fatalf("%v: %.300s", err, w.Body)
	}
	return answer.Result.Content[0].Text
}
