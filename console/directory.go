package console

import (
	"context"
	"errors"
	"reflect"
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

// DirectoryWriter changes the directory. The API's handlers call it, from many
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

// put writes an entry and waits until it can be read.
func (a *api) put(ctx context.Context, e schemas.DirectoryEntry) (schemas.DirectoryLine, error) {
	if a.Directory == nil {
		return schemas.DirectoryLine{}, errReadOnly
	}
	kept, err := a.Directory.Put(ctx, e)
	if err != nil {
		return schemas.DirectoryLine{}, err
	}
	sort, id, _ := kept.Identity()
	line := schemas.LineOf(&kept)
	a.await(ctx, func(ctx context.Context) (bool, error) {
		now, found, err := a.Store.DirectoryEntry(ctx, kept.Org, sort, id)
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

func (a *api) remove(ctx context.Context, org, sort, id string) error {
	if a.Directory == nil {
		return errReadOnly
	}
	id, err := a.Directory.Remove(ctx, org, sort, id)
	if err != nil {
		return err
	}
	a.await(ctx, func(ctx context.Context) (bool, error) {
		_, found, err := a.Store.DirectoryEntry(ctx, org, sort, id)
		return !found, err
	})
	return nil
}

// await returns when shown says so, and in any case after shownWithin.
func (a *api) await(ctx context.Context, shown func(context.Context) (bool, error)) {
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
