package match

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage"
	"leadline/schemas"
)

// onReplay sends a remembered meeting on once more although nothing about it has
// changed: the stages behind keep no meetings of their own. A header tells them
// to judge it anew.
func onReplay(_ context.Context, r stage.Record[schemas.ReplayRequested], tx *stage.Tx) error {
	org, _, _, err := schemas.SplitMeetingID(r.Key)
	if err == nil && r.Value != nil && (r.Value.MeetingID != r.Key || r.Value.Stage != "distill") {
		err = fmt.Errorf("the record %.140q asks for %.140q to go through %.40q", r.Key, r.Value.MeetingID, r.Value.Stage)
	}
	if err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	if r.Value == nil {
		return nil
	}
	m, _, err := remembered(tx, org, r.Key)
	if err != nil {
		return err
	}
	if m == nil {
		return tx.Report(r.Key, schemas.OutcomeStale, "a replay of a meeting that is not here")
	}
	f, err := assess(tx, org, m)
	if err != nil {
		return err
	}
	if err := f.publish(tx, org, kgo.RecordHeader{Key: schemas.HeaderReplay, Value: []byte(r.Value.Stage)}); err != nil {
		return err
	}
	return tx.Report(r.Key, schemas.OutcomeDone, "replayed: "+f.summary())
}
