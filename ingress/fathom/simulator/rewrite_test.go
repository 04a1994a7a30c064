package simulator

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestRewriteObjectKeepsTheBytesOfWhatStays(t *testing.T) {
	t.Parallel()
	drop := func(name string) func(string, []byte) ([]byte, bool) {
		return func(key string, value []byte) ([]byte, bool) { return value, key != name }
	}
	for _, c := range []struct{ in, drop, want string }{
		{` { "a" : 1.50 , "b":{"a": 1} } `, "c", ` { "a" : 1.50 , "b":{"a": 1} } `},
		{`{"z": 1.50, "b":2, "a":{ "b" : "\u00e9" }}`, "b", `{"z":1.50,"a":{ "b" : "\u00e9" }}`},
		{`{"b":1}`, "b", `{}`},
		{`{}`, "b", `{}`},
		{`[{"b":1}]`, "b", `[{"b":1}]`},
		{`nonsense`, "b", `nonsense`},
		{`{"b":`, "b", `{"b":`},
	} {
		if got := string(rewriteObject([]byte(c.in), drop(c.drop))); got != c.want {
			t.Errorf("%s without %s: %s", c.in, c.drop, got)
		}
	}
}

func FuzzWithIncludes(f *testing.F) {
	f.Add(sample(1), uint8(0))
	f.Add(sample(2), uint8(31))
	f.Add([]byte(`{"recording_id":1,"created_at":"2026-09-01T10:00:00Z","<\ud83d\ude80>":[1e400],"calendar_invitees":[null]}`), uint8(3))
	f.Fuzz(func(t *testing.T, raw []byte, flags uint8) {
		m, err := parseMeeting(raw)
		if err != nil {
			return
		}
		bit := func(n int) bool { return flags>>n&1 == 1 }
		in := includes{bit(0), bit(1), bit(2), bit(3), bit(4)}
		got := m.with(in)
		if in == (includes{true, true, true, true, true}) && string(got) != string(raw) {
			t.Fatal("changed though everything is included")
		}
		var before, after map[string]json.RawMessage
		if err := json.Unmarshal(raw, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		for name, wanted := range map[string]bool{
			"transcript": in.transcript, "default_summary": in.summary, "action_items": in.actionItems,
			"highlights": in.highlights, "crm_matches": in.crmMatches,
		} {
			if _, there := after[name]; there && !wanted {
				t.Fatalf("%s is still there", name)
			}
			if !wanted {
				delete(before, name)
			}
		}
		delete(before, "calendar_invitees")
		delete(after, "calendar_invitees")
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("other fields changed:\n%s\n%s", raw, got)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{PageNum: 2}.String())
	f.Add("bm9uc2Vuc2U=")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(map[string][]string{"cursor": {text}})
		if err == nil && (c.PageNum < 1 || c.PageNum > 1<<30) {
			t.Fatalf("page %d", c.PageNum)
		}
	})
}
