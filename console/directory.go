package console

import (
	"context"
	"errors"
	"reflect"
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
	return nil
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
