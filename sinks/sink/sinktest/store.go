// Package sinktest is what every store must pass. A store that holds only
// meetings runs Rows, one that holds only entries runs Entries, and one of the
// directory runs Directory; what reads them together is in Reads.
package sinktest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// MeetingStore is a store of meetings.
type MeetingStore interface {
	MeetingSink() sink.Sink[schemas.MeetingRow]
	Meeting(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, bool, error)
	Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error)
}

// EntryStore is a store of knowledge entries.
type EntryStore interface {
	EntrySink() sink.Sink[schemas.Entry]
	MeetingEntries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error)
	Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error)
}

// ProgressStore is a store of the events of meetings.
type ProgressStore interface {
	MeetingStore
	ProgressSink() sink.Sink[schemas.Progress]
	MeetingProgress(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Progress, error)
}

// DirectoryStore is a store of companies and end users.
type DirectoryStore interface {
	DirectorySink() sink.Sink[schemas.DirectoryEntry]
	Companies(ctx context.Context, org string) ([]schemas.Company, error)
	Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (schemas.Customer, bool, error)
	DirectoryEntries(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryEntry, error)
	DirectoryEntry(ctx context.Context, org, sort, id string) (schemas.DirectoryEntry, bool, error)
}

// WholeStore holds everything.
type WholeStore interface {
	ProgressStore
	EntryStore
	DirectoryStore
	Tally(ctx context.Context, org string) (schemas.Tally, error)
	Sources(ctx context.Context, org string) ([]schemas.Holding, error)
}

// Open returns a store and what makes its writes visible to the next read; nil
// where they are at once. It may return the same store each time: every
// subtest works in an organisation of its own.
type Open[S any] func(t *testing.T) (store S, sync func(context.Context) error)

// suite is a store in one subtest.
type suite[S any] struct {
	*testing.T
	store S
	org   string
	sync  func(context.Context) error
}

// each runs a subtest on a store.
func (open Open[S]) each(t *testing.T, name string, test func(*suite[S])) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		store, sync := open(t)
		org := "org-" + strings.ToLower(fmt.Sprintf("%x", time.Now().UnixNano()))
		test(&suite[S]{T: t, store: store, org: org, sync: sync})
	})
}

// write writes a batch and makes it visible.
func write[T any, S any](s *suite[S], to sink.Sink[T], rows ...sink.Row[T]) {
	s.Helper()
	s.must(to.Write(s.Context(), rows))
	s.visible()
}

func (s *suite[S]) visible() {
	s.Helper()
	if s.sync != nil {
		s.must(s.sync(s.Context()))
	}
}

func (s *suite[S]) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// staff sees everything of the organisation.
func (s *suite[S]) staff() schemas.Scope { return schemas.Scope{Org: s.org, HeldBack: true} }

func (s *suite[S]) meetingID(recording string) string {
	return schemas.MeetingID(s.org, schemas.Fathom, recording)
}

// start is when the suite's first meeting began.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// meeting makes a row of a matched meeting of some companies.
func (s *suite[S]) meeting(recording string, version uint64, companies ...string) sink.Row[schemas.MeetingRow] {
	m := &schemas.MeetingRow{
		ID: s.meetingID(recording), Org: s.org, Provider: schemas.Fathom, RecordingID: recording,
		State: string(schemas.StateMatched), Title: "Meeting " + recording, StartedAt: start,
		Attendees: []schemas.Attendee{{Name: "Ines", Email: ptr("ines@example.com"), External: true}},
	}
	for _, c := range companies {
		m.Links = append(m.Links, schemas.Link{CompanyID: &c, Attendee: "ines@example.com", Rule: schemas.RuleDomain, Matched: "example.com"})
	}
	return sink.Row[schemas.MeetingRow]{Key: m.ID, Version: version, Value: m}
}

// entry makes an entry of a matched meeting of some companies.
func (s *suite[S]) entry(recording, part, text string, version uint64, companies ...string) sink.Row[schemas.Entry] {
	e := &schemas.Entry{
		ID: schemas.Fathom + ":" + recording + ":" + part, MeetingID: s.meetingID(recording), Org: s.org,
		Provider: schemas.Fathom, RecordingID: recording, Kind: schemas.EntryTranscript, Text: text,
		Speakers: []string{"Ines"}, TurnFirst: ptr(int32(0)), TurnLast: ptr(int32(3)), MeetingAt: start,
		State: string(schemas.StateMatched), Companies: companies,
	}
	return sink.Row[schemas.Entry]{Key: schemas.EntryKey(e.MeetingID, e.ID), Version: version, Value: e}
}
