package distill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"leadline/processors/stage"
	"leadline/schemas"
)

// RuleReader knows organisations' rules. The stage calls it for each meeting
// that is new to it; with an error the meeting is tried again later.
type RuleReader interface {
	// RulesAt returns rules that are not older than those of the time.
	RulesAt(ctx context.Context, org string, at time.Time) (schemas.RuleSet, error)
}

// A ruling says under which rules a meeting's content was taken up. Whatever
// comes of that content afterwards, a new customer or a redelivery, is judged by
// the same: rules that change do not change what is stored until somebody says so
// by a replay.
func (p *processor) ruling(ctx context.Context, r stage.Record[schemas.MatchedMeeting], tx *stage.Tx) (schemas.RuleSet, error) {
	key, content := rulingKey(r.Key), contentOf(&r.Value.Meeting)
	kept, found, err := tx.Get(key)
	if err != nil {
		return schemas.RuleSet{}, err
	}
	if digest, same := bytes.CutPrefix(kept, content); found && same && schemas.Header(r.Record, schemas.HeaderReplay) == "" {
		return ruleSet(tx, string(digest))
	}
	m := &r.Value.Meeting
	set := schemas.RuleSet{Org: m.Org}
	if p.rules != nil {
		// Whoever set rules before the meeting came to this stage can rely on them.
		if set, err = p.rules.RulesAt(ctx, m.Org, r.Timestamp); err != nil {
			return set, err
		}
	}
	set = set.For(m.Provider)
	digest, err := keepRules(tx, set)
	if err != nil {
		return set, err
	}
	tx.Set(key, append(content, digest...))
	return set, nil
}

func rulingKey(meetingID string) string { return memos(meetingID) + "ruling" }

// contentOf names what a recorder said. normalize has hashed it.
func contentOf(m *schemas.Meeting) []byte {
	h := sha256.Sum256(m.ContentHash)
	return h[:]
}

// ruleSets is before the digests under which rule sets are kept: many meetings
// share one. No meeting's id starts with it.
const ruleSets = "="

func keepRules(tx *stage.Tx, set schemas.RuleSet) (digest string, err error) {
	raw, err := schemas.Encode(tx.Codec(), schemas.Rules, &set)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	digest = hex.EncodeToString(sum[:])
	if _, found, err := tx.Get(ruleSets + digest); err != nil || found {
		return digest, err
	}
	tx.Set(ruleSets+digest, raw)
	return digest, nil
}

func ruleSet(tx *stage.Tx, digest string) (schemas.RuleSet, error) {
	raw, found, err := tx.Get(ruleSets + digest)
	if err == nil && !found {
		err = fmt.Errorf("the rules %.12s of a meeting are not in the state", digest)
	}
	if err != nil {
		return schemas.RuleSet{}, err
	}
	set, err := schemas.Decode(tx.Codec(), schemas.Rules, raw)
	if err != nil {
		return schemas.RuleSet{}, fmt.Errorf("decoding the rules of a meeting: %w", err)
	}
	return *set, nil
}
