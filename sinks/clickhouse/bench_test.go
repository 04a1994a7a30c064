package clickhouse_test

import (
	"fmt"
	"strings"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"leadline/schemas"
	"leadline/sinks/clickhouse"
	"leadline/sinks/sink"
)

// usual is a meeting of half an hour: some 5 KB as JSON.
func usual(n int) sink.Row[schemas.MeetingRow] {
	return meetingRow(fmt.Sprint(n), 1, func(m *schemas.MeetingRow) {
		m.Turns, m.Words, m.Entries, m.Distiller = 180, 4200, 44, "patterns/1"
		m.URL, m.ShareURL = "https://fathom.video/calls/"+m.RecordingID, "https://fathom.video/share/"+m.RecordingID
		for i := range 5 {
			email := ptr(fmt.Sprintf("person%d@company%d.example", i, n%350))
			m.Attendees = append(m.Attendees, schemas.Attendee{Name: fmt.Sprint("Person ", i), Email: email, External: i > 1, Spoke: i < 4})
			m.Speakers = append(m.Speakers, schemas.Speaker{Name: fmt.Sprint("Person ", i), Email: email, Turns: 40, Words: 900})
			if i > 1 {
				m.Links = append(m.Links, schemas.Link{CompanyID: ptr(fmt.Sprint("company", n%350)), Attendee: *email, Rule: schemas.RuleDomain, Matched: "company.example"})
			}
			m.ActionItems = append(m.ActionItems, schemas.Action{Description: fmt.Sprintf("Send part %d of the offer %d", i, n), AtMS: ptr(int64(i * 60_000)), AssigneeEmail: email})
		}
		for i := range 8 {
			m.Distillates = append(m.Distillates, schemas.Distillate{Kind: schemas.Kinds[i%4], Turn: int32(i), Speaker: "Person 3",
				Sentence: fmt.Sprintf("They said thing %d of meeting %d.", i, n), Quote: strings.Repeat("what they said, word for word, ", 4), StartMS: int64(i) * 90_000})
		}
	})
}

func batchOf(size, from int) sink.Batch[schemas.MeetingRow] {
	b := make(sink.Batch[schemas.MeetingRow], size)
	for i := range b {
		b[i] = usual(from + i)
	}
	return b
}

// BenchmarkWrite compares the sink with the driver alone, to which the rows
// are given ready made.
func BenchmarkWrite(b *testing.B) {
	const size = 500
	rate := func(b *testing.B) {
		b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "rows/s")
	}
	b.Run("the sink", func(b *testing.B) {
		s, _ := fresh(b)
		n := 0
		for b.Loop() {
			b.StopTimer()
			batch := batchOf(size, n)
			n += size
			b.StartTimer()
			if err := s.MeetingSink().Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
	b.Run("the driver alone", func(b *testing.B) {
		_, conn := fresh(b)
		n := 0
		ctx := ch.Context(b.Context(), ch.WithSettings(ch.Settings{"async_insert": 0}))
		for b.Loop() {
			b.StopTimer()
			names, rows := clickhouse.RowsOf(batchOf(size, n))
			n += size
			b.StartTimer()
			batch, err := conn.PrepareBatch(ctx, "INSERT INTO meetings (`"+strings.Join(names, "`, `")+"`)")
			if err != nil {
				b.Fatal(err)
			}
			for _, r := range rows {
				if err := batch.Append(r...); err != nil {
					b.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
}

func BenchmarkMeetings(b *testing.B) {
	s, _ := fresh(b)
	for from := 0; from < 10_000; from += 500 {
		write(b, s.MeetingSink(), batchOf(500, from)...)
	}
	for name, scope := range map[string]schemas.Scope{"staff": {Org: org}, "one customer": {Org: org, Company: "company7"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				all, err := s.Meetings(b.Context(), schemas.MeetingQuery{Scope: scope, Limit: 20})
				if err != nil || len(all) != 20 {
					b.Fatalf("%d meetings: %v", len(all), err)
				}
			}
		})
	}
}
