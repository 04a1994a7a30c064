// Package eval measures a distiller on labelled passages: one turn each, in its
// context.
package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"leadline/schemas"
)

// maxLine is more than any passage that somebody labelled, in bytes.
const maxLine = 1 << 20

// Passage is a turn with the kinds that it is of; none is nothing to be found.
type Passage struct {
	ID       string   `json:"id"`
	Before   []Spoken `json:"before"`
	Speaker  string   `json:"speaker"`
	External *bool    `json:"external"` // whether the speaker is of the customer's side
	Text     string   `json:"text"`
	After    []Spoken `json:"after"`
	Kinds    []string `json:"kinds"`
}

// Spoken is a turn beside the labelled one.
type Spoken struct {
	Speaker string `json:"speaker"`
	Text    string `json:"text"`
}

// BadLine says which line of a file is none, and which field.
type BadLine struct {
	Line  int // from 1
	Field string
	Err   error
}

func (b *BadLine) Error() string {
	if b.Field == "" {
		return fmt.Sprintf("line %d: %v", b.Line, b.Err)
	}
	return fmt.Sprintf("line %d: field %q: %v", b.Line, b.Field, b.Err)
}

func (b *BadLine) Unwrap() error { return b.Err }

// Read reads JSON lines. What is not as described is a *BadLine: a label that is
// left out by mistake would be counted as an answer. Empty lines are skipped.
func Read(r io.Reader) ([]Passage, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var all []Passage
	seen := make(map[string]int)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		p, err := parse(line)
		if err != nil {
			err.Line = n
			return nil, err
		}
		if first, twice := seen[p.ID]; twice {
			return nil, &BadLine{Line: n, Field: "id", Err: fmt.Errorf("%.80q is also that of line %d", p.ID, first)}
		}
		seen[p.ID] = n
		all = append(all, p)
	}
	if err := lines.Err(); err != nil {
		return nil, &BadLine{Line: n + 1, Err: err}
	}
	return all, nil
}

func parse(line []byte) (Passage, *BadLine) {
	var p Passage
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return p, &BadLine{Err: fmt.Errorf("no JSON object: %w", err)}
	}
	for _, f := range []struct {
		name string
		into any
	}{
		{"id", &p.ID},
		{"before", &p.Before},
		{"speaker", &p.Speaker},
		{"external", &p.External},
		{"text", &p.Text},
		{"after", &p.After},
		{"kinds", &p.Kinds},
	} {
		raw, found := fields[f.name]
		if !found {
			if f.name == "before" || f.name == "after" {
				continue // a turn alone
			}
			return p, &BadLine{Field: f.name, Err: fmt.Errorf("is missing")}
		}
		if err := json.Unmarshal(raw, f.into); err != nil {
			return p, &BadLine{Field: f.name, Err: err}
		}
		delete(fields, f.name)
	}
	return p, p.check()
}

func (p Passage) check() *BadLine {
	switch {
	case strings.TrimSpace(p.ID) == "":
		return &BadLine{Field: "id", Err: fmt.Errorf("is empty")}
	case strings.TrimSpace(p.Speaker) == "":
		return &BadLine{Field: "speaker", Err: fmt.Errorf("is empty")}
	case p.External == nil:
		return &BadLine{Field: "external", Err: fmt.Errorf("is neither true nor false")}
	case strings.TrimSpace(p.Text) == "":
		return &BadLine{Field: "text", Err: fmt.Errorf("is empty")}
	case p.Kinds == nil:
		return &BadLine{Field: "kinds", Err: fmt.Errorf("is no list; [] is none")}
	}
	for _, k := range p.Kinds {
		if !slices.Contains(schemas.Kinds, k) {
			return &BadLine{Field: "kinds", Err: fmt.Errorf("%.80q is none of %s", k, strings.Join(schemas.Kinds, ", "))}
		}
	}
	return nil
}

// The addresses by which the two sides are told apart.
const (
	ownDomain      = "vendor.example"
	customerDomain = "customer.example"
)

// meeting is the passage as a meeting of its own, and which of its turns is
// labelled. Who speaks beside the turn is not said to be of either side; another
// name is taken for the other side, which it mostly is where two people talk.
func (p Passage) meeting() (m *schemas.Meeting, turn int) {
	m = &schemas.Meeting{Language: "en"}
	add := func(s Spoken) {
		domain := ownDomain
		if (s.Speaker == p.Speaker) == *p.External {
			domain = customerDomain
		}
		email := fmt.Sprintf("speaker%d@%s", len(m.Turns), domain)
		m.Turns = append(m.Turns, schemas.Turn{Speaker: s.Speaker, Email: &email, Text: s.Text, StartMS: int64(len(m.Turns)) * 10_000})
	}
	for _, s := range p.Before {
		add(s)
	}
	turn = len(m.Turns)
	add(Spoken{Speaker: p.Speaker, Text: p.Text})
	for _, s := range p.After {
		add(s)
	}
	return m, turn
}
