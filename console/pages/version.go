package pages

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"leadline/console/tail"
	"leadline/schemas"
)

// Versions tells what a meeting was before. The pages call it for each view of
// a meeting's versions; it may be called again.
type Versions interface {
	Versions(ctx context.Context, meeting string) ([]tail.Version, error)
}

const maxVersions = 50

// version is one with what it changed.
type version struct {
	Number  uint64
	At      time.Time
	Erased  bool
	Changes []change
}

// change is one thing that a version has otherwise than the one before.
type change struct {
	What      string
	Gone, New []string
}

type versionsPage struct {
	Title, Path string
	Versions    []version
	Known       bool // this process reads Kafka
	More        bool // older ones are not shown
}

// versions is what became of a meeting, version by version.
func (s *Site) versions(ctx context.Context, v *visit) (answer, error) {
	id := schemas.MeetingID(v.session.org, v.URL.Query().Get("recorder"), v.URL.Query().Get("recording"))
	m, err := s.local.Meeting(ctx, v.scope(), id) // one that nobody may see has no versions either
	if err != nil {
		return answer{}, err
	}
	made := versionsPage{Title: m.Title, Path: meetingPath(id), Known: s.Versions != nil}
	if s.Versions != nil {
		all, err := s.Versions.Versions(ctx, id)
		if err != nil {
			return answer{}, err
		}
		made.Versions, made.More = versionsOf(all), len(all) > maxVersions
	}
	return answer{name: "versions", title: "Versions", data: made}, nil
}

// versionsOf are the newest first, each with what it changed.
func versionsOf(all []tail.Version) []version {
	all = all[:min(maxVersions, len(all))]
	made := make([]version, len(all))
	for i, v := range all {
		made[i] = version{Number: v.Number, At: v.At, Erased: v.Row == nil}
		if i+1 < len(all) && v.Row != nil && all[i+1].Row != nil {
			made[i].Changes = changesOf(*all[i+1].Row, *v.Row)
		}
	}
	return made
}

// changesOf compares what people see of a meeting.
func changesOf(before, after schemas.MeetingRow) []change {
	var all []change
	for _, part := range []struct {
		what string
		of   func(schemas.MeetingRow) []string
	}{
		{"title", func(m schemas.MeetingRow) []string { return []string{m.Title} }},
		{"state", func(m schemas.MeetingRow) []string { return []string{strings.TrimSpace(m.State + " " + m.Reason)} }},
		{"customers", linksIn},
		{"attendees", attendeesIn},
		{"transcript", func(m schemas.MeetingRow) []string {
			return []string{fmt.Sprintf("%d words in %d turns", m.Words, m.Turns)}
		}},
		{"searchable entries", func(m schemas.MeetingRow) []string { return []string{strconv.Itoa(int(m.Entries))} }},
		{"action items", func(m schemas.MeetingRow) (all []string) {
			for _, a := range m.ActionItems {
				all = append(all, a.Description)
			}
			return all
		}},
		{"learned", func(m schemas.MeetingRow) (all []string) {
			for _, d := range m.Distillates {
				all = append(all, words(d.Kind)+": "+d.Sentence)
			}
			return all
		}},
		{"learning", func(m schemas.MeetingRow) []string {
			return []string{strings.TrimSpace(words(m.Learning) + " " + m.LearningWhy)}
		}},
	} {
		was, is := part.of(before), part.of(after)
		c := change{What: part.what, Gone: without(was, is), New: without(is, was)}
		if len(c.Gone) > 0 || len(c.New) > 0 {
			all = append(all, c)
		}
	}
	return all
}

func linksIn(m schemas.MeetingRow) (all []string) {
	for _, l := range m.Links {
		all = append(all, cmp.Or(deref(l.CompanyID), deref(l.EndUserID))+" by "+words(l.Rule)+" "+l.Matched)
	}
	return all
}

func attendeesIn(m schemas.MeetingRow) (all []string) {
	for _, a := range m.Attendees {
		all = append(all, strings.TrimSpace(a.Name+" "+deref(a.Email)))
	}
	return all
}

// without is what is in the one list and not in the other, each once.
func without(all, others []string) (left []string) {
	for _, one := range all {
		if one != "" && !slices.Contains(others, one) && !slices.Contains(left, one) {
			left = append(left, one)
		}
	}
	return left
}
