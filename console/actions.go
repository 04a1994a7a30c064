package console

import (
	"context"
	"time"

	"leadline/schemas"
)

// actionMeetings is how many meetings a page of action items goes through.
const actionMeetings = 50

// ActionQuery asks for action items, those of the newest meetings first.
type ActionQuery struct {
	Scope  schemas.Scope
	All    bool   // also those that are done
	Before string // MeetingID: next of the page before
}

// ActionReader lists action items of matched meetings. Next is where the page
// that follows begins; nil after the last meeting.
type ActionReader interface {
	ActionItems(ctx context.Context, q ActionQuery) (ActionPage, error)
}

// ActionPage is what was agreed on in up to 50 meetings.
type ActionPage struct {
	ActionItems []ActionItem `json:"action_items"`
	Next        *string      `json:"next"`
}

// ActionItem is one thing that somebody is to do, with its source.
type ActionItem struct {
	Action
	MeetingID string    `json:"meeting_id"`
	Title     string    `json:"title" doc:"of the meeting"`
	StartedAt time.Time `json:"started_at"`
	Quote     string    `json:"quote" doc:"verbatim; empty where the recorder noted it"`
	Distilled bool      `json:"distilled" doc:"from the words, rather than noted by the recorder"`
}

// ActionItems lists them: the recorder's notes and what was distilled, a
// sentence that is both once.
func (l Local) ActionItems(ctx context.Context, q ActionQuery) (ActionPage, error) {
	page := ActionPage{ActionItems: []ActionItem{}}
	all, err := l.rows(ctx, schemas.MeetingQuery{Scope: q.Scope, State: schemas.StateMatched, Limit: actionMeetings, Before: q.Before})
	if err != nil {
		return page, err
	}
	for _, m := range all {
		page.ActionItems = append(page.ActionItems, actionsOf(m.Row, q.All)...)
	}
	if len(all) == actionMeetings {
		page.Next = &all[len(all)-1].Row.ID
	}
	return page, nil
}

func actionsOf(m schemas.MeetingRow, done bool) []ActionItem {
	var items []ActionItem
	said := make(map[string]bool)
	add := func(a Action, quote string, distilled bool) {
		items = append(items, ActionItem{Action: a, MeetingID: m.ID, Title: m.Title, StartedAt: m.StartedAt.UTC(), Quote: quote, Distilled: distilled})
	}
	for _, a := range m.ActionItems {
		said[folded(a.Description)] = true
		if done || !a.Completed {
			add(shapeAction(a), "", false)
		}
	}
	for _, d := range m.Distillates {
		if d.Kind != schemas.ActionItem || said[folded(d.Sentence)] {
			continue
		}
		var start *int64
		if d.Turn >= 0 {
			start = &d.StartMS
		}
		add(Action{
			Description: d.Sentence, Start: clock(start), AssigneeName: d.Owner, URL: schemas.PlaybackURL(m.Provider, m.StartedAt, start, m.URL, m.ShareURL),
		}, d.Quote, true)
	}
	return items
}
