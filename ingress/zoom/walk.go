package zoom

import (
	"context"
	"errors"
	"net/http"
	"sort"
	"sync"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

const (
	// pageSize keeps a page, of some six calls a meeting, to a few seconds and well within a record's transaction.
	pageSize = 10

	// atOnce is how many meetings of a page are fetched at a time.
	atOnce = 4

	// maxEmpty is how many lists without a meeting one page goes over. Each page is a transaction; most users have no
	// recordings in most months.
	maxEmpty = 20
)

// walk reads one page of a listing from where the cursor says.
type walk struct {
	*Client
	users []User
	since time.Time
	spare func(recording string, createdAt time.Time) bool // nil: none
	now   func() time.Time

	at cursor
	to time.Time
}

// page returns the meetings of the next list that has any, and where it goes on.
func (w *walk) page(ctx context.Context) (recorder.Page, error) {
	// Zero is everything; and a day long before there was a Zoom would be hundreds of empty months for each user.
	if first := earliest(w.users); w.since.Before(first) {
		w.since = first
	}
	for range maxEmpty {
		user, ok := w.user()
		if !ok {
			if w.back(); w.to.Before(w.since.UTC().Truncate(24 * time.Hour)) {
				return recorder.Page{}, nil
			}
			continue
		}
		list, next, err := w.list(ctx, user)
		if err != nil {
			return recorder.Page{}, err
		}
		documents, err := w.fetch(ctx, list)
		if err != nil {
			return recorder.Page{}, err
		}
		if w.at.Token = next; next == "" {
			w.at.User, w.at.Given = user.ID+"\x00", time.Time{} // the first one behind him
		}
		if len(documents) > 0 {
			return w.paged(documents)
		}
	}
	return w.paged(nil)
}

func (w *walk) paged(documents []recorder.Document) (recorder.Page, error) {
	next, err := w.at.text()
	return recorder.Page{Documents: documents, Next: next}, err
}

// user is the one whose turn it is, or who comes after him if he is gone.
func (w *walk) user() (User, bool) {
	i := sort.Search(len(w.users), func(i int) bool { return w.users[i].ID >= w.at.User })
	if i == len(w.users) {
		return User{}, false
	}
	if w.users[i].ID != w.at.User {
		w.at.User, w.at.Token = w.users[i].ID, ""
	}
	return w.users[i], true
}

// back goes to the month before, and to its first user.
func (w *walk) back() {
	w.to = window(w.since, w.to).AddDate(0, 0, -1)
	w.at = cursor{To: w.to.Format(time.DateOnly)}
}

// list reads a page of a user's month. A token that has ended begins the month again; what was read of it is read twice.
func (w *walk) list(ctx context.Context, user User) (list []Listed, next string, err error) {
	if w.now().Sub(w.at.Given) > tokenLife {
		w.at.Token = ""
	}
	for {
		given := w.now().UTC()
		list, next, err = w.Recordings(ctx, user.ID, window(w.since, w.to), w.to, pageSize, w.at.Token)
		status, failed := errors.AsType[*StatusError](err)
		switch {
		case failed && status.Status == http.StatusBadRequest && w.at.Token != "":
			w.at.Token = ""
			continue
		case failed && status.Status == http.StatusNotFound:
			return nil, "", nil // who has left since he was listed
		}
		w.at.Given = given
		return list, next, err
	}
}

// fetch gets each meeting of a list whole. One that is listed and not found has no body: it was deleted a moment ago, which
// the next listing tells, or its files are not there yet.
func (w *walk) fetch(ctx context.Context, list []Listed) ([]recorder.Document, error) {
	documents, failed := make([]recorder.Document, len(list)), make([]error, len(list))
	var group sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i, m := range list {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			documents[i], failed[i] = w.document(ctx, m)
		})
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return documents, nil
}

func (w *walk) document(ctx context.Context, m Listed) (recorder.Document, error) {
	if m.UUID == "" {
		// There is no asking for it. Normalize makes a dead letter of it, so that somebody sees it.
		raw, err := redact(m.Raw)
		if err != nil {
			return recorder.Document{}, err
		}
		body, err := encode(schemas.ZoomRecording{Format: schemas.ZoomRecordingFormat, Recording: raw})
		return recorder.Document{Event: schemas.ZoomMeetingReceived, CreatedAt: m.Start, Body: body}, err
	}
	if id, err := schemas.ZoomRecordingID(m.UUID); err == nil && !m.Start.IsZero() && w.spare != nil && w.spare(id, m.Start) {
		return recorder.Document{Event: schemas.ZoomMeetingReceived, Recording: id, CreatedAt: m.Start}, nil
	}
	whole, err := w.Meeting(ctx, m.UUID)
	if status, ok := errors.AsType[*StatusError](err); ok && status.Status == http.StatusNotFound {
		id, _ := schemas.ZoomRecordingID(m.UUID)
		return recorder.Document{Event: schemas.ZoomMeetingReceived, Recording: id, CreatedAt: m.Start}, nil
	}
	if err != nil {
		return recorder.Document{}, err
	}
	return documentOf(whole)
}
