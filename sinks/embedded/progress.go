package embedded

import (
	"context"
	"fmt"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// ProgressSink takes the events of schemas.MeetingProgress; their rows are
// named by sink.ByPlace and versioned by sink.ByOffset.
func (s *Store) ProgressSink() sink.Sink[schemas.Progress] {
	return into(s, sink.Progress, s.putProgress)
}

func (s *Store) putProgress(ctx context.Context, w *writing, r sink.Row[schemas.Progress]) error {
	raw, err := body(r.Value)
	if err != nil {
		return err
	}
	p := r.Value
	_, err = w.on(ctx, s.put.progress).ExecContext(ctx, p.MeetingID, p.Stage, p.Topic, p.Partition, p.Offset,
		int64(r.Version), p.Org, p.Outcome, p.At.UnixMilli(), raw) //nolint:gosec // at most sink.MaxVersion
	return err
}

// MeetingProgress tells what became of a meeting, oldest first: of one that is
// in scope, and, to staff from whom nothing is held back, of an id without a
// meeting too, which is where rejected records are told of.
func (s *Store) MeetingProgress(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Progress, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	f := filter{where: "p.meeting = ? AND p.org = ?", args: []any{id, scope.Org}}
	if scope.Company != "" || scope.EndUser != "" || !scope.HeldBack {
		m := meetingRows.within(scope)
		f.and("EXISTS (SELECT 1 FROM meetings m WHERE m.id = p.meeting AND "+m.where+")", m.args...)
	}
	all, err := collect(ctx, s.read, scanBody[schemas.Progress], `SELECT p.body FROM meeting_progress p WHERE `+f.where+` ORDER BY p.at, p.version, p.stage, p.topic, p.partition, p.offset`, f.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the progress of a meeting: %w", err)
	}
	return all, nil
}
