package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// EntrySink takes the entries of schemas.KnowledgeEntries. What it wrote is
// found after the next refresh, a second later.
func (s *Store) EntrySink() sink.Sink[schemas.Entry] { return sink.Func[schemas.Entry](s.write) }

func (s *Store) write(ctx context.Context, b sink.Batch[schemas.Entry]) error {
	bad := sink.Check(b, sink.Entry)
	now := time.Now()
	ops := make([]operation, 0, len(b))
	for i, r := range b {
		if bad[i] != nil {
			continue
		}
		d := tombstone(r.Key, now)
		if r.Value != nil {
			d = documentOf(r.Value)
		}
		op, err := put(i, d, int64(r.Version)) //nolint:gosec // at most sink.MaxVersion
		if err != nil {                        // a year that JSON cannot say
			bad[i] = schemas.Reject(schemas.ReasonInvalid, err)
			continue
		}
		ops = append(ops, op)
	}
	refused, err := s.bulk(ctx, s.writeAlias(), ops)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		// An index of another build refuses sound entries too. Those wait for
		// their own build.
		if err := s.checkWrites(ctx); err != nil {
			return fmt.Errorf("%d entries were refused: %w", len(refused), err)
		}
	}
	for i, f := range refused {
		reason := schemas.ReasonInvalid
		if f.Status == http.StatusRequestEntityTooLarge {
			reason = schemas.ReasonTooLarge
		}
		bad[i] = schemas.Reject(reason, f)
	}
	if len(bad) > 0 {
		return &sink.Unstorable{Rows: bad}
	}
	return nil
}

// Refresh makes what was written visible to the next read.
func (s *Store) Refresh(ctx context.Context) error {
	return s.refresh(ctx, s.writeAlias())
}

func (s *Store) refresh(ctx context.Context, index string) error {
	if err := s.ask(ctx, http.MethodPost, "/"+index+"/_refresh", nil, nil, nil); err != nil {
		return fmt.Errorf("refreshing %s: %w", index, err)
	}
	return nil
}
