package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// EntrySink takes the entries of schemas.KnowledgeEntries.
func (s *Store) EntrySink() sink.Sink[schemas.Entry] {
	put := into(s, sink.Entry, s.putEntry)
	return sink.Func[schemas.Entry](func(ctx context.Context, b sink.Batch[schemas.Entry]) error {
		err := put.Write(ctx, b)
		select {
		case s.wrote <- struct{}{}:
		default: // it will see these too
		}
		return err
	})
}

func (s *Store) putEntry(ctx context.Context, w *writing, r sink.Row[schemas.Entry]) error {
	meeting, entry, _ := schemas.SplitEntryKey(r.Key)
	org, _, _ := strings.Cut(meeting, "/")
	var (
		e                  schemas.Entry
		title, text, grams any
		raw                []byte
		err                error
	)
	var speakers []byte
	if r.Value != nil {
		e = *r.Value
		if speakers, err = json.Marshal(append([]string{}, e.Speakers...)); err != nil {
			return err
		}
		title, text, grams = indexable(e.Title), indexable(e.Text), gramsOf(stemsOf(e.Language, e.Text), e.Title, e.Text)
		if raw, err = entryBody(e); err != nil {
			return err
		}
	}
	if w.words == nil {
		if w.words, err = s.indexed(ctx, w); err != nil {
			return err
		}
	}
	version := int64(r.Version) //nolint:gosec // at most sink.MaxVersion
	values := []any{org, r.Value != nil, e.State, e.Kind, e.Distilled, version, meeting, entry, title, text, grams, raw,
		e.Provider, e.Language, string(speakers), e.MeetingAt.UnixMilli()}
	var id int64
	err = w.on(ctx, s.put.newEntry).QueryRowContext(ctx, values...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) { // it is there
		var newer bool
		if id, newer, err = s.outdated(ctx, w, meeting, entry, version); err != nil || !newer {
			return err
		}
		if _, err = w.on(ctx, s.put.changeEntry).ExecContext(ctx, append(values[1:6:6], append(values[8:16:16], id)...)...); err != nil {
			return err
		}
		_, err = w.on(ctx, s.put.unlinkEntry).ExecContext(ctx, id)
	}
	if err != nil {
		return err
	}
	link := w.on(ctx, s.put.linkEntry)
	for sort, customers := range map[string][]string{schemas.SortCompany: e.Companies, schemas.SortEndUser: e.EndUsers} {
		for _, c := range customers {
			if _, err := link.ExecContext(ctx, id, sort, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexable is the text as FTS5 reads it to the end: highlight() stops at a
// NUL. It is as long, so that ranges fit both.
func indexable(s string) string { return strings.ReplaceAll(s, "\x00", " ") }

// entryBody leaves out what stands in columns of its own, unless it differs.
func entryBody(e schemas.Entry) ([]byte, error) {
	if indexable(e.Title) == e.Title {
		e.Title = ""
	}
	if indexable(e.Text) == e.Text {
		e.Text = ""
	}
	return body(&e)
}

const entryColumns = `e.body, e.title, e.text, e.version`

func scanEntry(row interface{ Scan(...any) error }, more ...any) (schemas.Hit, error) {
	var (
		h           schemas.Hit
		raw         []byte
		title, text string
		version     int64
	)
	if err := row.Scan(append([]any{&raw, &title, &text, &version}, more...)...); err != nil {
		return h, err
	}
	h.Version = uint64(version) //nolint:gosec // was written from a uint64
	if err := json.Unmarshal(raw, &h.Entry); err != nil {
		return h, err
	}
	if h.Entry.Title == "" {
		h.Entry.Title = title
	}
	if h.Entry.Text == "" {
		h.Entry.Text = text
	}
	return h, nil
}

// MeetingEntries returns the entries of a meeting, as people read them; none of
// a meeting that is out of scope.
func (s *Store) MeetingEntries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	f := entryRows.within(scope)
	f.and("e.meeting = ?", id)
	all, err := collect(ctx, s.read, func(r *sql.Rows) (schemas.Hit, error) { return scanEntry(r) },
		`SELECT `+entryColumns+` FROM entries e WHERE `+f.where, f.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the entries of a meeting: %w", err)
	}
	slices.SortFunc(all, func(a, b schemas.Hit) int { return sink.CompareEntries(a.Entry, b.Entry) })
	return all, nil
}
