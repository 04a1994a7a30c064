package clickhouse

import (
	"context"
	"math"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// ProgressSink takes the events of schemas.MeetingProgress; their rows are
// named by sink.ByPlace and versioned by sink.ByOffset. Its one insert is
// there whole or not at all.
func (s *Store) ProgressSink() sink.Sink[schemas.Progress] {
	return into(sink.Progress, func(ctx context.Context, records []record[schemas.Progress]) error {
		return insert(ctx, s, "meeting_progress", records, progressColumns(records))
	})
}

func progressColumns(records []record[schemas.Progress]) []column {
	text := func(of func(*schemas.Progress) string) []string {
		return each(records, func(r record[schemas.Progress]) string { return of(r.Value) })
	}
	return []column{
		{"org", text(func(p *schemas.Progress) string { return p.Org })},
		{"meeting_id", text(func(p *schemas.Progress) string { return p.MeetingID })},
		{"stage", text(func(p *schemas.Progress) string { return p.Stage })},
		{"outcome", text(func(p *schemas.Progress) string { return p.Outcome })},
		{"detail", text(func(p *schemas.Progress) string { return p.Detail })},
		{"source", text(func(p *schemas.Progress) string { return p.Source })},
		{"at", each(records, func(r record[schemas.Progress]) *time.Time { return moment(r.Value.At) })},
		{"record_topic", text(func(p *schemas.Progress) string { return p.Topic })},
		{"record_partition", each(records, func(r record[schemas.Progress]) int32 { return r.Value.Partition })},
		{"record_offset", each(records, func(r record[schemas.Progress]) int64 { return r.Value.Offset })},
		{"told", each(records, func(r record[schemas.Progress]) uint64 { return r.Version })},
		{"seniority", each(records, func(r record[schemas.Progress]) uint64 { return math.MaxUint64 - r.Version })},
		{"body", each(records, func(r record[schemas.Progress]) string { return r.body })},
	}
}

// MeetingProgress tells what became of a meeting, oldest first: of one that is
// in scope, and, to staff from whom nothing is held back, of an id without a
// meeting too, which is where rejected records are told of.
func (s *Store) MeetingProgress(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Progress, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	everything := scope.Company == "" && scope.EndUser == "" && scope.HeldBack
	all, err := collect(ctx, s, scanBody[schemas.Progress], `SELECT body FROM meeting_progress FINAL WHERE org = {org:String} AND meeting_id = {id:String}
		AND ({everything:Bool} OR meeting_id IN (SELECT meeting_id FROM meetings FINAL WHERE meeting_id = {id:String} AND `+inScope+`))
		ORDER BY at NULLS FIRST, told, stage, record_topic, record_partition, record_offset`,
		scoped(scope, named("id", id), named("everything", everything))...)
	if err != nil {
		return nil, failed(ctx, "reading the progress of a meeting", err)
	}
	return all, nil
}
