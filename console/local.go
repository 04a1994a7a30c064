package console

import (
	"context"
	"slices"

	"leadline/schemas"
)

// recentMeetings is how many meetings a customer is shown with.
const recentMeetings = 10

// Local is a Reader that asks a store.
type Local struct {
	Store Store
}

var _ Reader = Local{}

// everyMeeting is the scope of those who ask after meetings: see MeetingReader.
func everyMeeting(s schemas.Scope) schemas.Scope {
	s.HeldBack = anyones(s)
	return s
}

// Meetings lists meetings, newest first.
func (l Local) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]Meeting, error) {
	all, err := l.rows(ctx, q)
	return each(all, shapeMeeting), err
}

// rows are the meetings as the scope may see them.
func (l Local) rows(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	q.Scope = everyMeeting(q.Scope)
	if err := l.begins(ctx, q); err != nil {
		return nil, err
	}
	if apart, err := l.apart(ctx, q.Scope); err != nil || apart {
		return nil, err
	}
	all, err := l.Store.Meetings(ctx, q)
	for i := range all {
		all[i] = seen(q.Scope, all[i])
	}
	return all, err
}

// row is one of them.
func (l Local) row(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, error) {
	apart, err := l.apart(ctx, scope)
	if err != nil {
		return schemas.StoredMeeting{}, err
	}
	m, found, err := l.Store.Meeting(ctx, scope, id)
	if err == nil && (!found || apart) {
		err = &NotFound{What: "meeting", Name: id}
	}
	return seen(scope, m), err
}

// entries are the meeting's, likewise.
func (l Local) entries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error) {
	all, err := l.Store.MeetingEntries(ctx, scope, id)
	for i := range all {
		all[i] = seenEntry(scope, all[i])
	}
	return all, err
}

// Meeting tells all about the meeting of that id. Its parts are read one after
// the other: while the meeting is being written, they may be of two versions.
func (l Local) Meeting(ctx context.Context, scope schemas.Scope, id string) (MeetingDetail, error) {
	scope = everyMeeting(scope)
	m, err := l.row(ctx, scope, id)
	if err != nil {
		return MeetingDetail{}, err
	}
	progress, err := l.Store.MeetingProgress(ctx, scope, id)
	if err != nil {
		return MeetingDetail{}, err
	}
	for i := range progress {
		progress[i] = seenProgress(scope, progress[i])
	}
	entries, err := l.entries(ctx, scope, id)
	if err != nil {
		return MeetingDetail{}, err
	}
	return shapeDetail(m, progress, entries), nil
}

// Entries returns the entries of the meeting of that id.
func (l Local) Entries(ctx context.Context, scope schemas.Scope, id string) ([]Entry, error) {
	scope = everyMeeting(scope)
	if _, err := l.row(ctx, scope, id); err != nil {
		return nil, err
	}
	entries, err := l.entries(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	return each(entries, func(h schemas.Hit) Entry { return shapeEntry(h.Entry) }), nil
}

// Search returns passages, best first.
func (l Local) Search(ctx context.Context, q schemas.SearchQuery) ([]Passage, error) {
	switch {
	case !anyones(q.Scope):
		q.Scope.HeldBack = false
		// Another company would find those of the customer's meetings that it was
		// in too, and tell each of the other.
		if slices.ContainsFunc(q.Companies, func(id string) bool { return id != q.Scope.Company }) {
			return nil, invalid("company", "what one customer or end user may see has no room for another company")
		}
	case !q.Scope.HeldBack:
		general, err := l.unmatchedIsGeneral(ctx, q.Scope.Org)
		if err != nil {
			return nil, err
		}
		q.Scope.Unmatched = general
	}
	if apart, err := l.apart(ctx, q.Scope); err != nil || apart {
		return []Passage{}, err
	}
	hits, err := l.Store.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	passages := make([]Passage, len(hits))
	for i, h := range hits {
		passages[i] = shapePassage(i+1, seenEntry(q.Scope, h))
	}
	return passages, nil
}

// unmatchedIsGeneral is the organisation's choice.
func (l Local) unmatchedIsGeneral(ctx context.Context, org string) (bool, error) {
	e, found, err := l.Store.DirectoryEntry(ctx, org, schemas.SortSetting, schemas.SettingUnmatched)
	return found && e.Setting.Value == schemas.UnmatchedGeneral, err
}

// Customer sums up a company.
func (l Local) Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (Customer, error) {
	scope.HeldBack = false
	c, found, err := l.Store.Customer(ctx, scope, idOrNameOrDomain)
	if err != nil {
		return Customer{}, err
	}
	if !found {
		return Customer{}, l.noCustomer(ctx, scope, idOrNameOrDomain)
	}
	scope.Company = c.Company.ID
	recent, err := l.rows(ctx, schemas.MeetingQuery{Scope: scope, Limit: recentMeetings})
	if err != nil {
		return Customer{}, err
	}
	return shapeCustomer(c, recent), nil
}

// Tally counts what there is of an organisation.
func (l Local) Tally(ctx context.Context, org string) (Tally, error) {
	t, err := l.Store.Tally(ctx, org)
	if err != nil {
		return Tally{}, err
	}
	return shapeTally(t), nil
}
