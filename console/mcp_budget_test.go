package console_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"leadline/console"
	"leadline/console/mcp"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// vast is a meeting in which everything is longer than an answer may be, the
// transcript of so many words.
func vast(recording string, day, words int) (*schemas.MeetingRow, []*schemas.Entry) {
	m := meeting(schemas.Fathom, recording, strings.Repeat("*価", 20_000), day, schemas.StateMatched)
	m.URL = "https://recorder.example/" + strings.Repeat("a/", 2000)
	for i := range 60 {
		m.Links = append(m.Links, link(ptr(fmt.Sprintf("co_%d_%s", i, strings.Repeat("x", 150))), nil, "", schemas.RuleDomain, ""))
		m.Attendees = append(m.Attendees, schemas.Attendee{Name: strings.Repeat("[価]", 300)})
		m.ActionItems = append(m.ActionItems, schemas.Action{Description: strings.Repeat("todo_", 400)})
		m.Distillates = append(m.Distillates, schemas.Distillate{Kind: schemas.ActionItem, Turn: -1, Sentence: strings.Repeat(fmt.Sprint(i, "|"), 300), Quote: strings.Repeat("価\n", 300)})
	}
	entries := entriesOf(m)
	var told strings.Builder
	for i := range words {
		fmt.Fprintf(&told, "pier_%d価 ", i)
		if i%(words/6) == words/6-1 {
			told.WriteString(strings.Repeat("*", 3000) + "\n")
		}
	}
	entries[0].Text, entries[1].Text = strings.Repeat("pier\n", 1000), told.String()
	return m, entries
}

// openVast is the harbour with such meetings, and a tool of it.
func openVast(t *testing.T, words int, recordings ...string) func(tool string, arguments map[string]any) string {
	t.Helper()
	store := openHarbour(t)
	for i, recording := range recordings {
		m, all := vast(recording, 20+i, words)
		var entries sink.Batch[schemas.Entry]
		for _, e := range all {
			entries = append(entries, sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, e.ID), Version: 1, Value: e})
		}
		write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{{Key: m.ID, Version: 1, Value: m}})
		write(t, store.EntrySink(), entries)
	}
	h := console.Handler(console.Options{Store: store, Token: token, MCP: mcp.Handler(mcp.Options{
		Reader: console.Local{Store: store}, Version: "test", Log: slog.New(slog.DiscardHandler),
	})})
	return func(tool string, arguments map[string]any) string {
		t.Helper()
		method, params := "tools/call", map[string]any{"name": tool, "arguments": arguments}
		if tool == "" {
			method, params = "resources/read", arguments
		}
		sent, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, console.MCPPath+"?org="+harbour, strings.NewReader(string(sent)))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		w := send(h, r)
		var answer struct {
			Result struct {
				IsError           bool
				Content, Contents []struct{ Text string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v in %.300s", tool, err, w.Body)
		}
		texts := append(answer.Result.Content, answer.Result.Contents...)
		if answer.Result.IsError || len(texts) != 1 {
			t.Fatalf("%s %v: %.300s", tool, arguments, w.Body)
		}
		return texts[0].Text
	}
}

// costOf counts as the product says that it does: four Latin characters are a
// token, or one of another script.
func costOf(s string) int {
	quarters := 0
	for _, r := range s {
		quarters++
		if r >= 0x250 {
			quarters += 3
		}
	}
	return (quarters + 3) / 4
}

var (
	goOn   = regexp.MustCompile("\nThere is more: (?:ask the tool get_meeting for )?part ([0-9]+)(?:, from ([0-9]+))?\\.\n$")
	behind = regexp.MustCompile("\nThere is more: (?:after|before) `([^`\n]+)`\\.\n$")
)

func TestNoAnswerOfAToolIsLongerThanItMayBe(t *testing.T) {
	t.Parallel()
	ask := openVast(t, 6000, "2001", "2002")
	for _, c := range []struct {
		tool string
		with map[string]any
		most int
	}{
		{"get_meeting", map[string]any{"id": "harbour/fathom/2001"}, 4000},
		{"get_meeting", map[string]any{"id": "harbour/fathom/2001", "tokens": 200}, 200},
		{"get_meeting", map[string]any{"id": "harbour/fathom/2001", "tokens": 32_000}, 32_000},
		{"get_meeting", map[string]any{"id": "harbour/fathom/2001", "tokens": 201, "part": 1}, 201},
		{"get_meeting", map[string]any{"id": "harbour/fathom/1001", "tokens": 200}, 200},
		{"", map[string]any{"uri": "leadline://harbour/fathom/2001"}, 32_000},
		{"search_meetings", map[string]any{"query": "pier", "limit": 20}, 4000},
		{"list_meetings", map[string]any{"limit": 2}, 4000},
		{"list_action_items", map[string]any{"all": true}, 4000},
		{"get_customer_context", map[string]any{"customer": "Amber Works", "question": "pier"}, 2000},
	} {
		text := ask(c.tool, c.with)
		if cost := costOf(text); cost > c.most || cost < c.most/20 {
			t.Errorf("%s %v is answered with %d tokens, and may have %d:\n%.300s", c.tool, c.with, cost, c.most, text)
		}
		if c.tool != "get_customer_context" && goOn.FindString(text) == "" && behind.FindString(text) == "" {
			t.Errorf("%s %v does not say how to go on: %.300s", c.tool, c.with, text[max(0, len(text)-300):])
		}
	}
}

func TestAMeetingIsReadWholeByAnyBudget(t *testing.T) {
	t.Parallel()
	const words = 1200
	ask := openVast(t, words, "2001")
	for _, tokens := range []int{200, 4000, 32_000} {
		with := map[string]any{"id": "harbour/fathom/2001", "tokens": tokens}
		var read strings.Builder
		for range 5000 {
			text := ask("get_meeting", with)
			if cost := costOf(text); cost > tokens {
				t.Fatalf("%v is answered with %d tokens", with, cost)
			}
			_, said, warned := strings.Cut(text, console.Untrusted+"\n\n")
			next := goOn.FindStringSubmatch(said)
			if !warned {
				t.Fatalf("no warning in %.300s", text)
			}
			if next == nil {
				read.WriteString(said)
				with = nil
				break
			}
			read.WriteString(strings.TrimSuffix(said, next[0]))
			with["part"], _ = strconv.Atoi(next[1])
			with["from"], _ = strconv.Atoi(next[2])
		}
		if with != nil {
			t.Fatalf("with %d tokens there is no end", tokens)
		}
		// Without what a cut puts in, the words are there, once and in order.
		whole := strings.NewReplacer(" \u2026\n", "", "  > \u2026 ", "", "\u2026 ", "").Replace(read.String())
		for i := range words {
			word := fmt.Sprintf("pier\\_%d価", i)
			at := strings.Index(whole, word)
			if at < 0 {
				t.Fatalf("with %d tokens %s is missing before %.200q", tokens, word, whole)
			}
			whole = whole[at+len(word):]
		}
		if got := strings.Count(whole, `\*`); got != 3000 {
			t.Errorf("with %d tokens %d of the last stars are there", tokens, got)
		}
		for line := range strings.Lines(read.String()) {
			if strings.Contains(line, "pier\\_") && !strings.HasPrefix(line, "  > ") {
				t.Fatalf("with %d tokens out of the quotation: %.200q", tokens, line)
			}
		}
	}
}

// A list goes on behind what was cut, and names what has the rest.
func TestAListGoesOnBehindWhatIsCut(t *testing.T) {
	t.Parallel()
	ask := openVast(t, 6000, "2001", "2002")
	var cut []string
	with, read := map[string]any{}, ""
	for range 20 {
		text := ask("list_action_items", with)
		if _, rest, found := strings.Cut(text, "\nThis was cut: get_meeting has the rest, id `"); found {
			id, _, _ := strings.Cut(rest, "`")
			cut = append(cut, id)
		}
		read += text
		next := behind.FindStringSubmatch(text)
		if next == nil {
			with = nil
			break
		}
		with["before"] = next[1]
	}
	if with != nil || len(cut) != 2 || cut[0] != "harbour/fathom/2002" || cut[1] != "harbour/fathom/2001" || !strings.Contains(read, "drawings of the pier") {
		t.Errorf("%v were cut, and then %v:\n%.2000s", cut, with, read)
	}
}
