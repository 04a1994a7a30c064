package console_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestWhatIsNotLearnedSaysWhyToStaffAndToNoCustomer(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	row := meetings()[0]
	row.Learning, row.LearningWhy = schemas.LearningParked, "openai:m gave no usable answer: cut\x1b[2J off"
	if err := store.MeetingSink().Write(t.Context(), sink.Batch[schemas.MeetingRow]{{Key: row.ID, Version: 4, Value: row}}); err != nil {
		t.Fatal(err)
	}
	local := console.Local{Store: store}
	parked, err := local.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: harbour}, Learning: schemas.LearningParked})
	if err != nil || len(parked) != 1 || parked[0].ID != row.ID || parked[0].LearningWhy != row.LearningWhy {
		t.Fatalf("parked are %+v, %v", parked, err)
	}
	seen := func(scope schemas.Scope) string {
		t.Helper()
		m, err := local.Meeting(t.Context(), scope, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		var told bytes.Buffer
		if err := console.PrintMeeting(&told, m, console.Style{}); err != nil {
			t.Fatal(err)
		}
		return told.String() + strings.Join(m.Pages(), "\n") + m.Learning
	}
	if told := seen(schemas.Scope{Org: harbour}); strings.Count(told, "parked: openai:m gave no usable answer") != 2 || strings.Contains(told, "\x1b") {
		t.Errorf("staff are told %q", told)
	}
	if told := seen(schemas.Scope{Org: harbour, Company: "co_amber"}); strings.Contains(told, "parked") || strings.Contains(told, "usable") {
		t.Errorf("a customer is told %q", told)
	}
	var told bytes.Buffer
	if err := console.PrintParked(&told, parked, console.Style{}); err != nil || !strings.Contains(told.String(), "fathom/1001") || strings.Contains(told.String(), "\x1b") {
		t.Errorf("%q, %v", told.String(), err)
	}
}

func TestCostsAreThoseOfTheDaysAskedFor(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	var batch sink.Batch[schemas.Usage]
	for i, u := range []schemas.Usage{
		{At: began, Spent: schemas.Spending{Calls: 1, TokensIn: 10, TokensOut: 1, Micros: 1_000_000}, Rules: []string{"t"}},
		{At: began.AddDate(0, 0, 1), Spent: schemas.Spending{Calls: 2, TokensIn: 20, TokensOut: 2, Micros: 250_000}, Rules: []string{"t", "i"}, Companies: []string{"co_amber"}},
		{At: began.AddDate(0, 0, 1), Spent: schemas.Spending{Calls: 1, TokensIn: 5, Micros: 500}, Parked: true, Memo: "p"},
	} {
		u.MeetingID, u.Org = harbour+"/fathom/1001", harbour
		batch = append(batch, sink.Row[schemas.Usage]{Key: schemas.UsageKey(u.MeetingID, u.Memo, u.At), Version: uint64(i + 1), Value: &u})
	}
	if err := store.UsageSink().Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	client := serve(t, console.Handler(console.Options{Store: store, Token: token}))
	second := console.Cost{Calls: 2, TokensIn: 20, TokensOut: 2, Cost: 0.25}
	want := console.Costs{
		Total: console.Cost{Calls: 3, TokensIn: 25, TokensOut: 2, Cost: 0.2505}, Parked: console.Cost{Calls: 1, TokensIn: 5, Cost: 0.0005},
		ByRule: map[string]console.Cost{"t": second, "i": second}, ByCompany: map[string]console.Cost{"co_amber": second},
	}
	since := began.AddDate(0, 0, 1).Truncate(24 * time.Hour)
	for name, r := range map[string]console.Reader{"local": console.Local{Store: store}, "client": client} {
		got, err := r.Costs(t.Context(), schemas.CostQuery{Org: harbour, Since: since})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	var told bytes.Buffer
	if err := console.PrintCosts(&told, want, console.Style{}); err != nil || !strings.Contains(told.String(), "0.2505") || !strings.Contains(told.String(), "co_amber") {
		t.Errorf("%q, %v", told.String(), err)
	}
}
