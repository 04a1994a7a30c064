package console

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"leadline/schemas"
)

// DirectoryStore has the directory: an organisation's entries of one sort by
// rising id, and one entry.
type DirectoryStore interface {
	DirectoryEntries(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryEntry, error)
	DirectoryEntry(ctx context.Context, org, sort, id string) (schemas.DirectoryEntry, bool, error)
}

// HostStore counts the meetings of each host, by the address that the recorder
// gave.
type HostStore interface {
	Hosts(ctx context.Context, org string) (map[string]int, error)
}

// DirectoryWriter changes the directory. A Directory calls it, from many
// goroutines at once. An error that holds an *schemas.InvalidQuery says what is
// wrong with the entry; after any other the change may have been made, and
// making it again changes nothing. Put and Remove give back what is kept.
type DirectoryWriter interface {
	Put(ctx context.Context, e schemas.DirectoryEntry) (schemas.DirectoryEntry, error)
	Remove(ctx context.Context, org, sort, id string) (string, error)
}

// DirectoryReader lists the directory, by rising ids.
type DirectoryReader interface {
	Directory(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryLine, error)
}

// Directory lists entries of one sort.
func (l Local) Directory(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryLine, error) {
	all, err := l.Store.DirectoryEntries(ctx, q)
	return each(all, func(e schemas.DirectoryEntry) schemas.DirectoryLine { return schemas.LineOf(&e) }), err
}

// directoryPage is how many entries are read at a time.
const directoryPage = 1000

// EachEntry yields all entries of one sort, by rising ids.
func EachEntry(ctx context.Context, r DirectoryReader, org, sort string, yield func(schemas.DirectoryLine) error) error {
	q := schemas.DirectoryQuery{Org: org, Sort: sort, Limit: directoryPage}
	for {
		page, err := r.Directory(ctx, q)
		if err != nil {
			return err
		}
		for _, l := range page {
			if err := yield(l); err != nil {
				return err
			}
		}
		if len(page) < directoryPage {
			return nil
		}
		q.After, _ = page[len(page)-1].Identity()
	}
}

var errReadOnly = errors.New("this Leadline does not write to the directory: it was started without Kafka")

// shownWithin is how long an answer waits for the store to have what was
// written. Whoever reads and writes again, as a script does, then sees their
// own change. It takes some 100 ms; a sink that stands still must not stop the
// directory, which is in Kafka by then.
const shownWithin = 5 * time.Second

// Directory changes organisations' directories, and answers when the store
// shows the change. It is safe for concurrent use; a nil one refuses.
type Directory struct {
	store  Store
	writer DirectoryWriter
	// resolving lets one change of a company's domains be seen by the next: both
	// read the company and write it whole.
	resolving sync.Mutex
}

// NewDirectory returns one for all who change directories in this process.
func NewDirectory(store Store, writer DirectoryWriter) *Directory {
	return &Directory{store: store, writer: writer}
}

// put writes an entry and waits until it can be read.
func (d *Directory) put(ctx context.Context, e schemas.DirectoryEntry) (schemas.DirectoryLine, error) {
	if d == nil {
		return schemas.DirectoryLine{}, errReadOnly
	}
	kept, err := d.writer.Put(ctx, e)
	if err != nil {
		return schemas.DirectoryLine{}, err
	}
	sort, id, _ := kept.Identity()
	line := schemas.LineOf(&kept)
	await(ctx, func(ctx context.Context) (bool, error) {
		now, found, err := d.store.DirectoryEntry(ctx, kept.Org, sort, id)
		return found && sameLine(schemas.LineOf(&now), line), err
	})
	if kept.Decision != nil {
		finding := schemas.FindingHandUnlinked
		if kept.Decision.Linked {
			finding = schemas.FindingHandLinked
		}
		d.awaitDecision(ctx, kept.Org, id, finding)
	}
	return line, nil
}

// sameLine leaves out when: a store keeps milliseconds.
func sameLine(a, b schemas.DirectoryLine) bool {
	a.At, b.At = nil, nil
	for _, l := range []*schemas.DirectoryLine{&a, &b} {
		l.Domains, l.Emails, l.Traits = listed(l.Domains), listed(l.Emails), mapped(l.Traits)
	}
	return reflect.DeepEqual(a, b)
}

func (d *Directory) remove(ctx context.Context, org, sort, id string) error {
	if d == nil {
		return errReadOnly
	}
	id, err := d.writer.Remove(ctx, org, sort, id)
	if err != nil {
		return err
	}
	await(ctx, func(ctx context.Context) (bool, error) {
		_, found, err := d.store.DirectoryEntry(ctx, org, sort, id)
		return !found, err
	})
	if sort == schemas.SortDecision {
		d.awaitDecision(ctx, org, id, "")
	}
	return nil
}

// awaitDecision returns when the meeting was judged by the decision of that id, or
// without it where finding is empty: who links a meeting and asks why finds it
// linked. A call of several recordings may be decided on by another of them, and
// is not waited for.
func (d *Directory) awaitDecision(ctx context.Context, org, id, finding string) {
	parts := strings.SplitN(id, "/", 3) // recorder, recording, customer
	if len(parts) != 3 {
		return
	}
	scope := schemas.Scope{Org: org, HeldBack: true}
	await(ctx, func(ctx context.Context) (bool, error) {
		m, found, err := d.store.Meeting(ctx, scope, org+"/"+parts[0]+"/"+parts[1])
		if err != nil || !found || m.Row.Call != nil || m.Row.Matching == nil {
			return true, err
		}
		return decided(m.Row.Matching.Considered, parts[2]) == finding, nil
	})
}

// decided is what was found of a decision on the customer; empty where there was
// none.
func decided(considered []schemas.Considered, customer string) string {
	for _, c := range considered {
		if !slices.Contains(c.Entries, customer) {
			continue
		}
		switch c.Finding {
		case schemas.FindingHandGone:
			return schemas.FindingHandLinked // in vain
		case schemas.FindingHandLinked, schemas.FindingHandUnlinked:
			return c.Finding
		}
	}
	return ""
}

// await returns when shown says so, and in any case after shownWithin.
func await(ctx context.Context, shown func(context.Context) (bool, error)) {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		if is, err := shown(ctx); is || err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
