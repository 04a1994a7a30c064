package match

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const callRoom = "https://us02web.zoom.us/j/84210077123?pwd=1"

func recorded(m *schemas.Meeting) step { return step{key: m.ID, meeting: m} }

// seen keeps what each meeting was last told to be.
type seen struct {
	bench *stagetest.Bench
	last  map[string]string
}

func (s *seen) take(t *testing.T, given step) map[string]string {
	t.Helper()
	emitted := feed(t, s.bench, given)
	if !given.isEntry && given.meeting == nil {
		delete(s.last, given.key)
	}
	for _, m := range emitted {
		if m == nil {
			continue
		}
		told := m.State
		if m.Call != nil {
			var others []string
			for _, r := range m.Call.Recordings {
				_, id, _ := strings.Cut(r.MeetingID, "fathom/")
				others = append(others, id+" by "+r.Evidence)
			}
			told += " with " + strings.Join(others, ", ")
		}
		for _, l := range m.Links {
			told += " " + text(l.CompanyID) + "/" + l.Rule
		}
		s.last[m.Meeting.ID] = told
	}
	short := make(map[string]string)
	for id, told := range s.last {
		short[strings.TrimPrefix(id, "o/fathom/")] = told
	}
	return short
}

func TestOneCallIsOneMeeting(t *testing.T) {
	t.Parallel()
	const ida, jon, ann, bob = "ida@own.example", "jon@own.example", "ann@acme.example", "bob@beta.example"
	s := &seen{stagetest.New(New(), schematest.Codec(t)), make(map[string]string)}
	first, second, third := taken("1", ida, callRoom, 0, 60, ann), taken("2", jon, callRoom, 5, 58, bob), taken("3", ida, callRoom, 1, 59, ann)
	weekLater := taken("4", jon, callRoom, 7*24*60, 7*24*60+60, ann)
	longer := taken("2", jon, callRoom, 0, 61, bob)
	for _, c := range []struct {
		name string
		step step
		want map[string]string
	}{
		{"one recording", recorded(second), map[string]string{"2": "unmatched"}},
		{"a longer one stands for it", recorded(first), map[string]string{"1": "unmatched with 2 by room", "2": "grouped with 1 by room"}},
		{"the same room a week later is another call", recorded(weekLater),
			map[string]string{"1": "unmatched with 2 by room", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"the attendees are united", entryStep(company("beta", "beta.example")),
			map[string]string{"1": "matched with 2 by room beta/domain", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"a word on the other recording counts", decisionStep("2", "beta", "", false),
			map[string]string{"1": "unmatched with 2 by room", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"the one's own word comes first", decisionStep("1", "beta", "", true),
			map[string]string{"1": "matched with 2 by room beta/hand beta/domain", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"", gone(decisionStep("1", "beta", "", true)), map[string]string{"1": "unmatched with 2 by room", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"", gone(decisionStep("2", "beta", "", false)), map[string]string{"1": "matched with 2 by room beta/domain", "2": "grouped with 1 by room", "4": "unmatched"}},
		{"a third one", recorded(third),
			map[string]string{"1": "matched with 2 by room, 3 by room beta/domain", "2": "grouped with 1 by room", "3": "grouped with 1 by room", "4": "unmatched"}},
		{"a deleted one hands over", gone(recorded(first)), map[string]string{"2": "grouped with 3 by room", "3": "matched with 2 by room beta/domain", "4": "unmatched"}},
		{"an edit makes another one the longest", recorded(longer),
			map[string]string{"2": "matched with 3 by room beta/domain", "3": "grouped with 2 by room", "4": "unmatched"}},
		{"apart by hand", wordStep("o", "2", "3", false), map[string]string{"2": "matched beta/domain", "3": "unmatched", "4": "unmatched"}},
		{"which survives matching again", recorded(first), map[string]string{"1": "grouped with 2 by room", "2": "matched with 1 by room beta/domain", "3": "unmatched", "4": "unmatched"}},
		{"together by hand", wordStep("o", "2", "4", true),
			map[string]string{"1": "grouped with 2 by room", "2": "matched with 1 by room, 4 by hand beta/domain", "3": "unmatched", "4": "grouped with 2 by hand"}},
		{"", gone(wordStep("o", "2", "4", true)), map[string]string{"1": "grouped with 2 by room", "2": "matched with 1 by room beta/domain", "3": "unmatched", "4": "unmatched"}},
		{"the rule again", gone(wordStep("o", "2", "3", true)),
			map[string]string{"1": "grouped with 2 by room", "2": "matched with 1 by room, 3 by room beta/domain", "3": "grouped with 2 by room", "4": "unmatched"}},
		{"whom the other one names goes with them", entryStep(company("acme", "acme.example")),
			map[string]string{"1": "grouped with 2 by room", "2": "matched with 1 by room, 3 by room acme/domain beta/domain", "3": "grouped with 2 by room", "4": "matched acme/domain"}},
		{"", gone(recorded(first)), map[string]string{"2": "matched with 3 by room acme/domain beta/domain", "3": "grouped with 2 by room", "4": "matched acme/domain"}},
		{"to the last", gone(recorded(third)), map[string]string{"2": "matched beta/domain", "4": "matched acme/domain"}},
	} {
		if got := s.take(t, c.step); !maps.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Calls that overrun in one room make chains of recordings that each overlap the
// next. A chain is no call: what is not shown is in what stands for it.
func TestAChainOfRecordingsIsNotOneCall(t *testing.T) {
	t.Parallel()
	s := &seen{stagetest.New(New(), schematest.Codec(t)), make(map[string]string)}
	var got map[string]string
	for _, m := range []*schemas.Meeting{
		taken("between", "kim@own.example", callRoom, 50, 61), taken("morning", "ida@own.example", callRoom, 0, 60), taken("noon", "jon@own.example", callRoom, 51, 120),
	} {
		got = s.take(t, recorded(m))
	}
	want := map[string]string{"morning": "internal", "noon": "internal with between by room", "between": "grouped with noon by room"}
	if !maps.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Everybody records the meeting of the whole company.
func TestACallOfManyRecordingsIsOneMeeting(t *testing.T) {
	t.Parallel()
	s := &seen{stagetest.New(New(), schematest.Codec(t)), make(map[string]string)}
	const recorders = 60
	states := make(map[string]int)
	var got map[string]string
	for i := range recorders {
		got = s.take(t, recorded(taken(fmt.Sprintf("%02d", i), fmt.Sprintf("h%d@own.example", i), callRoom, i%7, 60+i%11)))
	}
	for _, told := range got {
		state, _, _ := strings.Cut(told, " ")
		states[state]++
	}
	if !maps.Equal(states, map[string]int{"internal": 1, "grouped": recorders - 1}) {
		t.Errorf("%v", states)
	}
}

func TestWordsOnCallsAreChecked(t *testing.T) {
	t.Parallel()
	good := wordStep("o", "1", "2", true)
	turned, foreign := *good.entry.SameCall, *good.entry.SameCall
	turned.MeetingID, turned.OtherID = turned.OtherID, turned.MeetingID
	foreign.OtherID = schemas.MeetingID("p", "fathom", "2")
	for _, c := range []struct {
		key  string
		word *schemas.SameCall
		ok   bool
	}{
		{good.key, good.entry.SameCall, true},
		{good.key, nil, true},
		{good.key, &turned, false},
		{good.key, &foreign, false},
		{"o/same_call/fathom/2/fathom/1", nil, false},
		{"o/same_call/fathom/1/fathom/1", nil, false},
		{"o/same_call/fathom/1/fathom", nil, false},
		{"o/same_call/fathom/1//2", nil, false},
	} {
		var e *schemas.DirectoryEntry
		if c.word != nil {
			e = &schemas.DirectoryEntry{Org: "o", SameCall: c.word}
		}
		if _, _, _, err := checkEntry(c.key, e); (err == nil) != c.ok {
			t.Errorf("%s, %+v: %v", c.key, c.word, err)
		}
	}
	if !slices.Contains(schemas.DirectorySorts, schemas.SortSameCall) {
		t.Error("nobody can list the words")
	}
}
