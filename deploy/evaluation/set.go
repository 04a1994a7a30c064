// Package evaluation measures a search by questions whose answers are known.
package evaluation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Set is a directory of meetings, their customers, and questions about them:
//
//	meetings/*.json   one meeting each, as Fathom delivers it
//	directory.json    companies and end users
//	queries.jsonl     one Question a line
type Set struct {
	Meetings  string // a directory
	Directory string // a file
	Questions []Question
	// Pause is between two questions: 0 unless who is asked wants one.
	Pause time.Duration
}

// Question is asked of one customer's meetings and of all. A passage answers it
// when it is of that recording and overlaps one of the ranges.
type Question struct {
	RecordingID json.Number `json:"recording_id"`
	CompanyID   string      `json:"company_id"`
	Text        string      `json:"query"`
	Turns       [][2]int32  `json:"relevant_turns"` // inclusive, into the transcript, from 0
}

// maxLineBytes is of a question with its answer; they have some 1 KB.
const maxLineBytes = 1 << 20

// Open reads the questions of the directory and looks for the rest.
func Open(dir string) (*Set, error) {
	s := &Set{Meetings: filepath.Join(dir, "meetings"), Directory: filepath.Join(dir, "directory.json")}
	for _, path := range []string{s.Meetings, s.Directory} {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("a set has meetings/, directory.json and queries.jsonl: %w", err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "queries.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("reading the questions: %w", err)
	}
	if s.Questions, err = parse(raw); err != nil {
		return nil, fmt.Errorf("queries.jsonl: %w", err)
	}
	return s, nil
}

func parse(raw []byte) ([]Question, error) {
	var all []Question
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxLineBytes)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var q Question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := q.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, q)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("there is no question in it")
	}
	return all, nil
}

func (q Question) check() error {
	switch {
	case q.RecordingID == "":
		return errors.New("recording_id is missing")
	case q.CompanyID == "":
		return errors.New("company_id is missing")
	case strings.TrimSpace(q.Text) == "":
		return errors.New("query is empty")
	case len(q.Turns) == 0:
		return errors.New("relevant_turns is empty")
	}
	for _, r := range q.Turns {
		if r[0] < 0 || r[1] < r[0] {
			return fmt.Errorf("relevant_turns has %d to %d", r[0], r[1])
		}
	}
	return nil
}
