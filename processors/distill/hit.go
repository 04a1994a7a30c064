package distill

import (
	"strings"
	"time"

	"leadline/processors/stage"
	"leadline/schemas"
)

// maxVerbatim holds the longest phrase that a rule may have.
const maxVerbatim = 4 * schemas.MaxRuleText

// A hit that was told is kept under this name: the same content under the same
// rules is told once, and an erasure takes back what was told.
func toldKey(meetingID, id string) string { return told(meetingID) + id }

func told(meetingID string) string { return memos(meetingID) + "told/" }

// tell emits those hits that were not told before. at is the record's time and
// not ours: computed again after a crash, it is the same event.
func tell(tx *stage.Tx, m *schemas.Meeting, version int64, at time.Time, hits []schemas.RuleHit) error {
	for i := range hits {
		h := &hits[i]
		h.MeetingID, h.Org, h.Title, h.RulesVersion, h.At = m.ID, m.Org, clip(m.Title, maxSentence), version, at.UTC()
		h.ID = schemas.HitID(m.ContentHash, h)
		key := toldKey(m.ID, h.ID)
		if _, known, err := tx.Get(key); err != nil {
			return err
		} else if known {
			continue
		}
		if err := stage.Emit(tx, schemas.RuleHits, schemas.RuleHitKey(m.ID, h.ID), h); err != nil {
			return err
		}
		tx.Set(key, []byte{1})
	}
	return nil
}

// untell takes back what was told under a key of the state, if it is one of those.
func untell(tx *stage.Tx, meetingID, key string) error {
	id, is := strings.CutPrefix(key, told(meetingID))
	if !is {
		return nil
	}
	return stage.Emit[schemas.RuleHit](tx, schemas.RuleHits, schemas.RuleHitKey(meetingID, id), nil)
}

// excluding are the hits of phrases.
func excluding(all []Exclusion) []schemas.RuleHit {
	hits := make([]schemas.RuleHit, len(all))
	for i, x := range all {
		hits[i] = schemas.RuleHit{
			Rules: []string{x.Rule.ID}, RuleType: schemas.RuleKeyword, Effect: schemas.HitExcluded,
			Place: x.Place, Turn: x.Turn, Excerpt: clip(x.Found, maxVerbatim),
		}
	}
	return hits
}

// hits are those of the topics and instructions that an outcome follows from.
// Where nobody judged, there are none.
func (p *processor) hits(in Input, out *schemas.DistilledMeeting) []schemas.RuleHit {
	if out.Learning != schemas.LearningDone && out.Learning != schemas.LearningOffTopic {
		return nil
	}
	read := p.asked && len(in.Meeting.Turns) > 0 // by a model
	judge := byWordsVersion
	if read {
		judge = out.Distiller
	}
	var hits []schemas.RuleHit
	if out.Learning == schemas.LearningOffTopic {
		h := schemas.RuleHit{RuleType: schemas.RuleTopic, Effect: schemas.HitOffTopic, Judge: judge, Turn: -1}
		for _, r := range in.Rules.Of(schemas.RuleTopic) {
			h.Rules = append(h.Rules, r.ID)
		}
		hits = append(hits, h)
	}
	if len(out.Topics) > 0 {
		e := newEvidence(in)
		for _, t := range out.Topics {
			h := schemas.RuleHit{Rules: []string{t.Rule}, RuleType: schemas.RuleTopic, Effect: schemas.HitAbout, Judge: judge}
			h.Place, h.Turn, h.Excerpt = e.place(t)
			hits = append(hits, h)
		}
	}
	if read {
		for _, r := range in.Rules.Of(schemas.RuleInstruction) {
			hits = append(hits, schemas.RuleHit{
				Rules: []string{r.ID}, RuleType: schemas.RuleInstruction, Effect: schemas.HitGiven, Judge: out.Distiller, Turn: -1,
			})
		}
	}
	return hits
}

// place finds where the words stand that a topic was met by, and returns them as
// they stand there.
func (e *evidence) place(t schemas.TopicHit) (place string, turn int32, verbatim string) {
	words, m := split(t.Excerpt), e.in.Meeting
	if t.Turn < 0 {
		for _, p := range outside(m) {
			// An excerpt that was cut within a word is the beginning of its text.
			if v, ok := standing(words, p.text); ok {
				return p.where, -1, v
			} else if strings.HasPrefix(strings.Join(strings.Fields(p.text), " "), t.Excerpt) {
				return p.where, -1, t.Excerpt
			}
		}
	}
	if len(words) > 0 {
		if n, _ := e.locate(words, int(t.Turn)); n >= 0 {
			v, _ := standing(words, m.Turns[n].Text)
			return schemas.PlaceTranscript, int32(n), v //nolint:gosec // a transcript of 8 MiB has fewer turns
		}
	}
	if t.Turn >= 0 {
		return schemas.PlaceTranscript, t.Turn, t.Excerpt
	}
	return "", -1, t.Excerpt
}

// standing is a row of words as a text has it.
func standing(words []word, text string) (string, bool) {
	in := split(text)
	at := find(words, in)
	if at < 0 || len(words) == 0 {
		return "", false
	}
	return clip(text[in[at].start:closing(text, in[at+len(words)-1].end)], maxVerbatim), true
}

// located is a text of a meeting that nobody spoke.
type located struct{ where, text string }

// outside are those texts by which words judge.
func outside(m *schemas.Meeting) []located {
	all := []located{{schemas.PlaceTitle, m.Title}}
	if m.Summary != nil && m.Summary.Markdown != nil {
		all = append(all, located{schemas.PlaceSummary, *m.Summary.Markdown})
	}
	for _, a := range m.ActionItems {
		all = append(all, located{schemas.PlaceActionItem, a.Description})
	}
	return all
}
