package match

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/processors/state"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func hosted(recording, host string, invited ...string) step {
	s := meetingStep(recording, invited...)
	s.meeting.Host.Email = host
	return s
}

func sideStep(name, is string) step {
	return step{key: schemas.DirectoryKey("o", schemas.SortSide, name), isEntry: true, entry: &schemas.DirectoryEntry{Org: "o", Side: &schemas.Side{Name: name, Is: is}}}
}

func decisionStep(recording, company, endUser string, linked bool) step {
	d := &schemas.Decision{MeetingID: schemas.MeetingID("o", "fathom", recording), Linked: linked, By: "ida"}
	if company != "" {
		d.CompanyID = &company
	} else {
		d.EndUserID = &endUser
	}
	return step{key: schemas.DirectoryKey("o", schemas.SortDecision, schemas.DecisionID(d)), isEntry: true, entry: &schemas.DirectoryEntry{Org: "o", Decision: d}}
}

// follow feeds the steps and compares what each one emits: recording=state
// [links] own domains.
func follow(t *testing.T, steps []struct {
	name string
	step step
	want []string
},
) {
	t.Helper()
	bench := stagetest.New(New(), schematest.Codec(t))
	for _, s := range steps {
		got := make(map[string]bool)
		for _, m := range feed(t, bench, s.step) {
			if m == nil {
				got[s.step.key+" gone"] = true
				continue
			}
			got[strings.TrimSpace(fmt.Sprintf("%s=%s [%s] %s %s", m.Meeting.RecordingID, m.State, told(m.Links),
				strings.Join(m.OwnDomains, ","), strings.Join(m.Matching.OwnAddresses, ",")))] = true
		}
		if all := slices.Sorted(maps.Keys(got)); !slices.Equal(all, s.want) {
			t.Errorf("%s: emitted %q, want %q", s.name, all, s.want)
		}
	}
}

func TestOwnDomainsAreThoseOfAllHosts(t *testing.T) {
	t.Parallel()
	follow(t, []struct {
		name string
		step step
		want []string
	}{
		{"a company has the domain", entryStep(company("us", "second.example")), nil},
		{"a stranger", hosted("1", "h@own.example", "i@second.example"), []string{"1=matched [us//domain/second.example] own.example"}},
		{"who is ours as soon as a colleague records", hosted("2", "h@second.example"),
			[]string{"1=internal [] own.example,second.example", "2=internal [] second.example"}},
		{"another colleague changes nothing", hosted("3", "k@eu.second.example"), []string{"3=internal [] second.example"}},
		{"until the last recording of them is gone", gone(hosted("2", "")), []string{"o/fathom/2 gone"}},
		{"", gone(hosted("3", "")), []string{"1=matched [us//domain/second.example] own.example", "o/fathom/3 gone"}},
		{"a colleague at free mail", hosted("4", "h@own.example", "kim@gmail.com"), []string{"4=unmatched [] own.example"}},
		{"is alone ours there", hosted("5", "Kim@gmail.com", "lee@gmail.com"),
			[]string{"4=internal [] own.example kim@gmail.com", "5=unmatched []"}},
		{"a domain that is ours by word", sideStep("second.example", schemas.SideOwn), []string{"1=internal [] own.example,second.example"}},
		{"and no more", gone(sideStep("second.example", "")), []string{"1=matched [us//domain/second.example] own.example"}},
		{"a colleague", hosted("6", "h@own.example", "i@lab.own.example"), []string{"6=internal [] own.example"}},
		{"of a part that is not ours", sideStep("lab.own.example", schemas.SideOutside), []string{"6=unmatched []"}},
		{"of a part that is nobody's business", sideStep("lab.own.example", schemas.SideIgnored), []string{"6=internal []"}},
	})
}

func TestWhatPeopleDecideWinsOverTheRules(t *testing.T) {
	t.Parallel()
	follow(t, []struct {
		name string
		step step
		want []string
	}{
		{"", entryStep(company("acme", "acme.example")), nil},
		{"", entryStep(endUser("ann", "acme", "ann@acme.example")), nil},
		{"a decision before its meeting", decisionStep("1", "other", "", true), nil},
		{"on a company that there is not", hosted("1", "h@own.example", "ann@acme.example"),
			[]string{"1=matched [acme/ann/email/ann@acme.example] own.example"}},
		{"and now is", entryStep(company("other")), []string{"1=matched [acme/ann/email/ann@acme.example other//hand/] own.example"}},
		{"off", decisionStep("1", "acme", "", false), []string{"1=matched [other//hand/] own.example"}},
		{"the same again", decisionStep("1", "acme", "", false), nil},
		{"judged again", entryStep(company("acme", "acme.example", "eu.acme.example")), nil},
		{"the link goes with the company", gone(entryStep(company("other"))), []string{"1=unmatched [] own.example"}},
		{"by hand to a person", decisionStep("1", "", "ann", true), []string{"1=matched [/ann/hand/] own.example"}},
		{"the company again, the person stays", gone(decisionStep("1", "acme", "", false)),
			[]string{"1=matched [acme/ann/hand/ acme/ann/email/ann@acme.example] own.example"}},
		{"the rules alone", gone(decisionStep("1", "", "ann", true)), []string{"1=matched [acme/ann/email/ann@acme.example] own.example"}},
		{"a person off, the company stays", decisionStep("1", "", "ann", false), []string{"1=matched [acme//email/ann@acme.example] own.example"}},
		{"the rules alone", gone(decisionStep("1", "", "ann", false)), []string{"1=matched [acme/ann/email/ann@acme.example] own.example"}},
	})
}

// One late company with many earlier meetings: all of them, and no record of the
// stage carries more than a step.
func TestALateCompanyIsSettledInSteps(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	held := state.NewOverlay(state.Empty{})
	apply := func(r *kgo.Record) []*kgo.Record {
		t.Helper()
		res, err := New().Apply(t.Context(), codec, held, r)
		if err != nil {
			t.Fatal(err)
		}
		held.Merge(res.State)
		return res.Emitted
	}
	const meetings = 2 * stepMeetings
	words := strings.Repeat("word ", 4000) // 20 KB: the bytes fill a step before the meetings do
	for i := range meetings {
		s := hosted(fmt.Sprint(i), "h@own.example", "ann@acme.example", "bob@acme.example", "cyd@mail.acme.example")
		s.meeting.Turns = []schemas.Turn{{Speaker: "Ann", Text: words}}
		for due := []*kgo.Record{encoded(t, codec, s)}; len(due) > 0; { // the first one makes its host ours
			due = slices.DeleteFunc(apply(due[0]), func(r *kgo.Record) bool { return r.Topic != schemas.Settling.Name })
		}
	}
	for name, s := range map[string]step{"company": entryStep(company("acme", "acme.example")), "end user": entryStep(endUser("ann", "acme", "ann@acme.example"))} {
		due, steps, matched := apply(encoded(t, codec, s)), 0, make(map[string]int)
		for len(due) > 0 {
			if len(due) != 1 || due[0].Topic != schemas.Settling.Name {
				t.Fatalf("%s: the entry or a step asks for %d records, want one more step", name, len(due))
			}
			step := due[0]
			due = nil
			size := 0
			for _, r := range apply(step) {
				switch r.Topic {
				case schemas.Settling.Name:
					due = append(due, r)
				case schemas.MatchedMeetings.Name:
					size += len(r.Value)
					matched[string(r.Key)]++
				}
			}
			if steps++; size > 2*stepBytes {
				t.Errorf("%s: a step emits %d bytes", name, size)
			}
			if again := apply(step); len(again) != 0 {
				t.Fatalf("%s: a step that came twice emitted %d records", name, len(again))
			}
		}
		if len(matched) != meetings || steps < meetings*len(words)/stepBytes {
			t.Errorf("%s: %d meetings in %d steps", name, len(matched), steps)
		}
		for id, n := range matched {
			if n != 1 {
				t.Errorf("%s: %s was emitted %d times", name, id, n)
			}
		}
	}
}

func TestACompanyOfManyPeopleIsSettledInSteps(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	const people = 3*stepMeetings + 1
	for i := range people {
		email := fmt.Sprintf("p%d@gmail.com", i)
		feed(t, bench, entryStep(endUser(fmt.Sprint(i), "acme", email)))
		feed(t, bench, hosted(fmt.Sprint(i), "h@own.example", email))
	}
	if n := len(feed(t, bench, entryStep(company("acme")))); n != people {
		t.Errorf("%d meetings got the company, want %d", n, people)
	}
}

// Names that share most of their meetings: a step judges a meeting once, so it
// can pass over more meetings than it judges, and must come back for the rest.
func TestNamesWithTheSameMeetingsAreSettledToTheirEnd(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	const meetings = stepMeetings + 50
	for i := range meetings {
		invited := []string{"ann@acme.example", "bob@other.example"}
		if i >= stepMeetings-20 {
			invited = invited[1:] // beyond what one step reads of the second name
		}
		feed(t, bench, hosted(fmt.Sprintf("%04d", i), "h@own.example", invited...))
	}
	if n := len(feed(t, bench, entryStep(company("both", "acme.example", "other.example")))); n != meetings {
		t.Errorf("%d meetings got the company, want %d", n, meetings)
	}
}
