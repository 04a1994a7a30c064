package distill

import (
	"context"
	"fmt"
	"slices"

	"leadline/processors/stage"
	"leadline/schemas"
)

// A meeting that waits for a model is kept under this name, with all that its
// answer will need.
func pendingKey(meetingID string) string { return memos(meetingID) + "pending" }

func pending(tx *stage.Tx, meetingID string) (*schemas.DistillationRequest, error) {
	raw, found, err := tx.Get(pendingKey(meetingID))
	if err != nil || !found {
		return nil, err
	}
	r, err := schemas.Decode(tx.Codec(), schemas.DistillationRequests, raw)
	if err != nil {
		return nil, fmt.Errorf("decoding a meeting that waits: %w", err)
	}
	return r, nil
}

// wait lets the meeting go on as it is, and asks for the rest. The same
// question is not asked twice: its answer will find the latest form of the meeting.
func (p *processor) wait(tx *stage.Tx, r stage.Record[schemas.MatchedMeeting], rules schemas.RuleSet, memo string) error {
	asked, err := pending(tx, r.Key)
	if err != nil {
		return err
	}
	name := p.distiller.Name()
	// The record's time and not ours: computed again after a crash, it is the
	// same question.
	request := &schemas.DistillationRequest{
		MeetingID: r.Key, Memo: memo, Distiller: name, Matched: *r.Value, Rules: rules, AskedAt: r.Timestamp.UTC(),
	}
	if again := asked != nil && asked.Memo == memo; again {
		request.AskedAt = asked.AskedAt
	} else if err := stage.Emit(tx, schemas.DistillationRequests, r.Key, request); err != nil {
		return err
	}
	raw, err := schemas.Encode(tx.Codec(), schemas.DistillationRequests, request)
	if err != nil {
		return err
	}
	tx.Set(pendingKey(r.Key), raw)
	why := name + " is to be asked"
	out := &schemas.DistilledMeeting{
		Matched: *r.Value, Distiller: name, Learning: schemas.LearningWaiting, LearningWhy: why, RulesVersion: rules.Version,
	}
	if err := emit(tx, out); err != nil {
		return err
	}
	return tx.Report(r.Key, schemas.OutcomeWaiting, why)
}

// settlePending takes back what was asked for, because it is answered or no
// longer wanted.
func settlePending(tx *stage.Tx, meetingID string) error {
	_, found, err := tx.Get(pendingKey(meetingID))
	if err != nil || !found {
		return err
	}
	tx.Delete(pendingKey(meetingID))
	return stage.Emit[schemas.DistillationRequest](tx, schemas.DistillationRequests, meetingID, nil)
}

// onAnswer takes in what a model said; see stage.On for when it is called. An
// answer that comes twice, or to a question that is not open any more, is paid
// for and changes nothing.
func (p *processor) onAnswer(_ context.Context, r stage.Record[schemas.Distillation], tx *stage.Tx) error {
	if _, _, _, err := schemas.SplitMeetingID(r.Key); err != nil {
		return schemas.Reject(schemas.ReasonInvalid, err)
	}
	if r.Value == nil {
		return nil
	}
	asked, err := pending(tx, r.Key)
	if err != nil {
		return err
	}
	if err := account(tx, r.Key, r.Value, asked); err != nil {
		return err
	}
	if r.Value.Memo == "" { // of a call that gave no answer
		return nil
	}
	if asked == nil || asked.Memo != r.Value.Memo {
		p.metrics.late.Inc()
		return tx.Report(r.Key, schemas.OutcomeStale, "an answer that nothing waits for")
	}
	m, in := &asked.Matched, InputOf(asked)
	if r.Value.Parked != "" {
		out := &schemas.DistilledMeeting{
			Distiller: r.Value.Distiller, Learning: schemas.LearningParked, LearningWhy: clip(r.Value.Parked, maxSentence),
			RulesVersion: asked.Rules.Version,
		}
		if err := p.finish(tx, in, m, r.Timestamp, asked.Memo, out); err != nil {
			return err
		}
		return tx.Report(r.Key, schemas.OutcomeParked, out.LearningWhy)
	}
	out, detail := p.judge(in, r.Value.Distiller, Answer{Distillates: r.Value.Distillates, Topics: r.Value.Topics, Spent: r.Value.Spent})
	if err := p.finish(tx, in, m, r.Timestamp, asked.Memo, out); err != nil {
		return err
	}
	return tx.Report(r.Key, outcomeOf(out), detail)
}

// account says what an answer cost, for whom and by which rules.
func account(tx *stage.Tx, meetingID string, d *schemas.Distillation, asked *schemas.DistillationRequest) error {
	org, _, _, err := schemas.SplitMeetingID(meetingID)
	if err != nil {
		return err
	}
	u := &schemas.Usage{
		MeetingID: meetingID, Org: org, Memo: d.Memo, Distiller: d.Distiller, At: d.At, Spent: d.Spent, Parked: d.Parked != "",
	}
	for _, h := range d.Topics {
		u.Rules = append(u.Rules, h.Rule)
	}
	if asked != nil {
		u.RulesVersion = asked.Rules.Version
		for _, r := range asked.Rules.Of(schemas.RuleInstruction) {
			u.Rules = append(u.Rules, r.ID)
		}
		for _, l := range asked.Matched.Links {
			if l.CompanyID != nil {
				u.Companies = append(u.Companies, *l.CompanyID)
			}
			if l.EndUserID != nil {
				u.EndUsers = append(u.EndUsers, *l.EndUserID)
			}
		}
	}
	for _, names := range []*[]string{&u.Rules, &u.Companies, &u.EndUsers} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return stage.Emit(tx, schemas.DistillationUsage, schemas.UsageKey(meetingID, d.Memo, d.At), u)
}
