package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"leadline/processors/distill"
	"leadline/schemas"
)

const (
	// maxAnswer is what is read of an answer: an endpoint that ignores MaxTokens
	// must not fill the memory.
	maxAnswer = 1 << 20
	// maxFound is what is taken of one part.
	maxFound = 200
	maxText  = 4 << 10
)

type answer struct {
	Topics []struct {
		ID    string `json:"id"`
		Turn  turn   `json:"turn"`
		Quote string `json:"quote"`
	} `json:"topics"`
	Distillates []struct {
		Kind     string `json:"kind"`
		Turn     turn   `json:"turn"`
		Quote    string `json:"quote"`
		Sentence string `json:"sentence"`
		Owner    string `json:"owner"`
	} `json:"distillates"`
}

// turn is the number that an answer names. One that no transcript has, as small
// models make them up, is -1: the quote is looked for in all turns, and the rest
// of the answer stands.
type turn int32

// UnmarshalJSON takes any number, and those that stand in quotes.
func (t *turn) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	n, err := strconv.ParseInt(number.String(), 10, 32)
	if err != nil {
		n = -1
	}
	*t = turn(n)
	return nil
}

// read takes an answer apart. Servers that know no schemas wrap the object in
// words or in a code block: what is around it is left out.
func read(r Reply) (distill.Answer, error) {
	var a distill.Answer
	if r.Truncated {
		return a, errors.New("it was cut off at the limit of tokens")
	}
	if len(r.Text) > maxAnswer {
		return a, fmt.Errorf("it has %d bytes, of at most %d", len(r.Text), maxAnswer)
	}
	start, end := strings.IndexByte(r.Text, '{'), strings.LastIndexByte(r.Text, '}')
	if start < 0 || end < start {
		return a, errors.New("it holds no JSON object")
	}
	var said answer
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Text[start:end+1]), &fields); err != nil {
		return a, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, found := fields["distillates"]; !found {
		return a, errors.New("it has no distillates")
	}
	if err := json.Unmarshal([]byte(r.Text[start:end+1]), &said); err != nil {
		return a, fmt.Errorf("it is not as the schema says: %w", err)
	}
	for _, t := range said.Topics[:min(len(said.Topics), schemas.MaxRules)] {
		if len(t.ID) <= maxText && len(t.Quote) <= maxText {
			a.Topics = append(a.Topics, schemas.TopicHit{Rule: t.ID, Turn: int32(t.Turn), Excerpt: t.Quote})
		}
	}
	for _, d := range said.Distillates[:min(len(said.Distillates), maxFound)] {
		if len(d.Sentence) > maxText || len(d.Quote) > maxText || len(d.Kind) > maxText || len(d.Owner) > maxText {
			continue
		}
		found := schemas.Distillate{Kind: d.Kind, Turn: int32(d.Turn), Quote: d.Quote, Sentence: oneLine(distill.Visible(d.Sentence))}
		if found.Sentence == "" {
			found.Sentence = d.Quote
		}
		if d.Owner != "" && d.Kind == schemas.ActionItem {
			found.Owner = &d.Owner
		}
		a.Distillates = append(a.Distillates, found)
	}
	return a, nil
}
