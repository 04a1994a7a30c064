package connection

import (
	"maps"
	"slices"

	"leadline/deploy/boot/table"
	"leadline/schemas"
)

// Table is a copy of all connections in memory. Make one for a process: its metrics can be registered once.
type Table struct {
	*table.Table[schemas.Connection]
}

// NewTable returns an empty table; Run fills it.
func NewTable(o Options) *Table {
	return &Table{table.New(table.Options[schemas.Connection]{
		Topic: schemas.Connections, Key: keyOf, Kafka: o.Kafka, Codec: o.Codec, Log: o.Log, Metrics: o.Metrics, Area: "connection",
	})}
}

func keyOf(c *schemas.Connection) string { return schemas.ConnectionID(c.Org, c.Provider, c.Name) }

// Get returns a connection that is not disconnected. See Fresh for what false is worth. The slices are shared: do not
// write to them.
func (t *Table) Get(org, provider, name string) (schemas.Connection, bool) {
	c, ok := t.Lookup(org, provider, name)
	return c, ok && c.DisconnectedAt == nil
}

// Lookup returns a connection, or what is left of one that was disconnected.
func (t *Table) Lookup(org, provider, name string) (schemas.Connection, bool) {
	return t.Table.Get(schemas.ConnectionID(org, provider, name))
}

// List returns all connections that are not disconnected, by their keys.
func (t *Table) List() []schemas.Connection {
	return slices.DeleteFunc(t.All(), func(c schemas.Connection) bool { return c.DisconnectedAt != nil })
}

// All returns all connections and what is left of those that were disconnected, by their keys.
func (t *Table) All() []schemas.Connection {
	rows := t.Table.All()
	all := make([]schemas.Connection, 0, len(rows))
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, rows[id])
	}
	return all
}

// Cursors is a copy of how far the connections have been read. Make one for a process.
type Cursors struct {
	*table.Table[schemas.SyncCursor]
}

// NewCursors returns an empty copy; Run fills it.
func NewCursors(o Options) *Cursors {
	return &Cursors{table.New(table.Options[schemas.SyncCursor]{
		Topic: schemas.SyncCursors, Key: func(c *schemas.SyncCursor) string {
			return schemas.ConnectionID(c.Org, c.Provider, c.Connection)
		}, Kafka: o.Kafka, Codec: o.Codec, Log: o.Log, Metrics: o.Metrics, Area: "sync_cursor",
	})}
}

// Get returns the cursor of a connection; one that was never read has none.
func (c *Cursors) Get(org, provider, name string) (schemas.SyncCursor, bool) {
	return c.Table.Get(schemas.ConnectionID(org, provider, name))
}
