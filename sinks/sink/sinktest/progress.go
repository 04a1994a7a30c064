package sinktest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Progress is the suite of a store of the events of meetings.
func Progress(t *testing.T, open Open[ProgressStore]) {
	t.Helper()
	for name, test := range map[string]func(*suite[ProgressStore]){
		"an event that is told twice counts once":   toldTwice,
		"events are seen within their meeting only": progressScopes,
		"an event of another organisation is lying": lyingProgress,
	} {
		open.each(t, name, test)
	}
}

// event is the record at an offset of a topic, told at a place of the topic of
// progress.
func event[S any](s *suite[S], told int, recording, stage, outcome string, offset int64) sink.Row[schemas.Progress] {
	return sink.Row[schemas.Progress]{
		Key: fmt.Sprint("0/", told), Version: uint64(told) + 1, //nolint:gosec // small
		Value: &schemas.Progress{
			MeetingID: s.meetingID(recording), Org: s.org, Stage: stage, Outcome: outcome,
			At: start.Add(time.Duration(told) * time.Second), Topic: schemas.RawMeetings.Name, Partition: 2, Offset: offset,
		},
	}
}

func outcomes(all []schemas.Progress) []string {
	said := make([]string, len(all))
	for i, p := range all {
		said[i] = p.Stage + " " + p.Outcome
	}
	return said
}

func toldTwice(s *suite[ProgressStore]) {
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme"))
	events := []sink.Row[schemas.Progress]{
		event(s, 0, "1", "normalize", schemas.OutcomeDone, 7),
		event(s, 1, "1", "match", schemas.OutcomeDone, 7),
		event(s, 2, "1", "normalize", schemas.OutcomeDuplicate, 7), // the record 7 again, after a crash
		event(s, 3, "1", "normalize", schemas.OutcomeDuplicate, 8), // another record
		event(s, 4, "2", "normalize", schemas.OutcomeDone, 7),      // another meeting by the same record
	}
	for _, order := range permutations([]int{0, 2, 3}) {
		for _, i := range order {
			write(s, s.store.ProgressSink(), events[i])
		}
	}
	write(s, s.store.ProgressSink(), events...)
	write(s, s.store.ProgressSink(), events...)
	all, err := s.store.MeetingProgress(s.Context(), s.staff(), s.meetingID("1"))
	s.must(err)
	if got, want := outcomes(all), []string{"normalize done", "match done", "normalize duplicate"}; !slices.Equal(got, want) {
		s.Errorf("told %q, want %q", got, want)
	}
}

func progressScopes(s *suite[ProgressStore]) {
	unmatched := s.meeting("unmatched", 1)
	unmatched.Value.State = string(schemas.StateUnmatched)
	write(s, s.store.MeetingSink(), s.meeting("acme", 1, "acme"), unmatched)
	write(s, s.store.ProgressSink(),
		event(s, 0, "acme", "match", schemas.OutcomeDone, 1),
		event(s, 1, "unmatched", "match", schemas.OutcomeDone, 2),
		event(s, 2, "rejected", "normalize", schemas.OutcomeRejected, 3))
	for _, c := range []struct {
		scope schemas.Scope
		sees  []string
	}{
		{s.staff(), []string{"acme", "unmatched", "rejected"}},
		{schemas.Scope{Org: s.org}, []string{"acme"}},
		{schemas.Scope{Org: s.org, Company: "acme", HeldBack: true}, []string{"acme"}},
		{schemas.Scope{Org: s.org, Company: "zeta", HeldBack: true}, nil},
		{schemas.Scope{Org: s.org + "y", HeldBack: true}, nil},
	} {
		var got []string
		for _, id := range []string{"acme", "unmatched", "rejected"} {
			all, err := s.store.MeetingProgress(s.Context(), c.scope, s.meetingID(id))
			s.must(err)
			if len(all) > 0 {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, c.sees) {
			s.Errorf("%+v sees %v, want %v", c.scope, got, c.sees)
		}
	}
}

func lyingProgress(s *suite[ProgressStore]) {
	lie := event(s, 0, "1", "match", schemas.OutcomeDone, 1)
	lie.Value.Org = "another-org"
	gone := sink.Row[schemas.Progress]{Key: "0/1", Version: 2}
	b := sink.Batch[schemas.Progress]{lie, event(s, 2, "1", "match", schemas.OutcomeDone, 2), gone}
	wantUnstorable(s, s.store.ProgressSink().Write(s.Context(), b), 0, 2)
	s.visible()
	all, err := s.store.MeetingProgress(s.Context(), s.staff(), s.meetingID("1"))
	s.must(err)
	if len(all) != 1 {
		s.Errorf("stored %d events, want the sound one", len(all))
	}
}
