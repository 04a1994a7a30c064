// Package normalize turns what recorders sent into one form, and lets of all
// that was ever received of a meeting only the best content through.
package normalize

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// decoder reads a recorder's own form. It sets the RecordingID and what the
// recorder said, and leaves the rest to the stage; its errors are Rejected. odd is
// what could not be read and was left out, for people.
type decoder struct {
	provider string
	decode   func(body []byte) (m schemas.Meeting, odd []string, err error)
}

var decoders = map[string]decoder{
	schemas.FathomMeetingReceived: {schemas.Fathom, decodeFathom},
	schemas.ZoomMeetingReceived:   {schemas.Zoom, decodeZoom},
}

// New is the stage from schemas.RawMeetings to schemas.NormalizedMeetings. Its
// state holds, per meeting, what is known of the best content seen.
func New() stage.Stage {
	return stage.Stage{Name: "normalize", Inputs: []stage.Input{stage.OnRaw(schemas.RawMeetings, apply)}}
}

func apply(_ context.Context, r *kgo.Record, tx *stage.Tx) error {
	if provider, gone := schemas.ErasedProvider(schemas.OriginOf(r).Event); gone {
		return erase(r, provider, tx)
	}
	if provider, gone := schemas.GoneProvider(schemas.OriginOf(r).Event); gone {
		return leave(r, provider, tx)
	}
	m, odd, err := read(r)
	if err != nil {
		return err
	}
	known, found, err := recall(tx, m.ID)
	if err != nil {
		return err
	}
	seen := observe(m)
	if found && known.erased && seen.received <= known.received {
		return tx.Report(m.ID, schemas.OutcomeStale, "erased since")
	}
	back, err := readNow(tx, &m)
	if err != nil {
		return err
	}
	switch {
	case found && known.erased: // and received again since: a new meeting
	case found && seen.hash == known.hash:
		// Without this the winner would depend on the order of arrival: content
		// that came by webhook and again by poll counts as polled.
		if newer(seen, known) {
			tx.Set(m.ID, seen.append(nil))
		}
		return again(tx, m.ID, back, schemas.OutcomeDuplicate, "")
	case found && !newer(seen, known):
		return again(tx, m.ID, back, schemas.OutcomeStale, "known is "+known.String())
	}
	tx.Set(m.ID, seen.append(nil))
	if m.Language == "" {
		m.Language = spokenLanguage(m.Turns) // not in the hash, which is of what the recorder said
	}
	if err := stage.Emit(tx, schemas.NormalizedMeetings, m.ID, &m, schemas.EndedHeader(m.EndedAt)); err != nil {
		return err
	}
	return tx.Report(m.ID, schemas.OutcomeDone, schemas.Excerpt(strings.Join(odd, "; ")))
}

// again reports a content that is not sent on, and that the recording is back if it was gone.
func again(tx *stage.Tx, id string, back bool, outcome, why string) error {
	if back {
		if err := mark(tx, id, nil); err != nil {
			return err
		}
		return tx.Report(id, schemas.OutcomeDone, "at the recorder again")
	}
	return tx.Report(id, outcome, why)
}

// recall reads what is known of a meeting.
func recall(tx *stage.Tx, id string) (observation, bool, error) {
	stored, found, err := tx.Get(id)
	if err != nil {
		return observation{}, false, fmt.Errorf("reading the state of %s: %w", id, err)
	}
	if !found {
		return observation{}, false, nil
	}
	known, err := parseObservation(stored)
	if err != nil {
		return observation{}, false, fmt.Errorf("reading the state of %s: %w", id, err)
	}
	return known, true, nil
}

// read decodes a raw record and adds where it came from.
func read(r *kgo.Record) (m schemas.Meeting, odd []string, err error) {
	origin := schemas.OriginOf(r)
	d, known := decoders[origin.Event]
	if !known {
		return schemas.Meeting{}, nil, schemas.Reject(schemas.ReasonUnknownEvent, fmt.Errorf("event %.70q", origin.Event))
	}
	if err := checkOrg(r, origin.Org); err != nil {
		return schemas.Meeting{}, nil, err
	}
	if m, odd, err = d.decode(r.Value); err != nil {
		return schemas.Meeting{}, nil, err
	}
	m.Org, m.Provider = origin.Org, d.provider
	m.ID = schemas.MeetingID(m.Org, m.Provider, m.RecordingID)
	m.Connection, m.Source = origin.Connection, string(origin.Source)
	m.ReceivedAt = origin.Received.UTC().Truncate(time.Millisecond)
	clean(&m)
	m.ContentHash = contentHash(m)
	return m, odd, nil
}

func checkOrg(r *kgo.Record, org string) error {
	if err := schemas.CheckOrg(org); err != nil {
		return schemas.Reject(schemas.ReasonInvalid, fmt.Errorf("header %s: %w", schemas.HeaderOrg, err))
	}
	// The key chose the partition, and with it the state that is asked below:
	// another organisation's key would make a second, unknown meeting of this one.
	if key := string(schemas.PartitionKey(schemas.ByOrg, r.Key)); key != org {
		return schemas.Reject(schemas.ReasonInvalid, fmt.Errorf("record key %.70q does not start with the organisation %q", key, org))
	}
	return nil
}
