package connection

import (
	"slices"

	"leadline/schemas"
)

// Table is a copy of all connections in memory. Make one for a process: its metrics can be registered once.
type Table struct{ *mirror[schemas.Connection] }

// NewTable returns an empty table; Run fills it.
func NewTable(o Options) *Table {
	return &Table{newMirror(o, schemas.Connections, func(c *schemas.Connection) string {
		return schemas.ConnectionID(c.Org, c.Provider, c.Name)
	}, "leadline_connection_", "connections")}
}

// Get returns a connection that is not disconnected. See Fresh for what false is worth. The slices are shared: do not
// write to them.
func (t *Table) Get(org, provider, name string) (schemas.Connection, bool) {
	c, ok := t.Lookup(org, provider, name)
	return c, ok && c.DisconnectedAt == nil
}

// Lookup returns a connection, or what is left of one that was disconnected.
func (t *Table) Lookup(org, provider, name string) (schemas.Connection, bool) {
	return t.get(schemas.ConnectionID(org, provider, name))
}

// List returns all connections that are not disconnected, by their keys.
func (t *Table) List() []schemas.Connection {
	return slices.DeleteFunc(t.All(), func(c schemas.Connection) bool { return c.DisconnectedAt != nil })
}

// All returns all connections and what is left of those that were disconnected, by their keys.
func (t *Table) All() []schemas.Connection { return t.all() }

// Cursors is a copy of how far the connections have been read. Make one for a process.
type Cursors struct{ *mirror[schemas.SyncCursor] }

// NewCursors returns an empty copy; Run fills it.
func NewCursors(o Options) *Cursors {
	return &Cursors{newMirror(o, schemas.SyncCursors, func(c *schemas.SyncCursor) string {
		return schemas.ConnectionID(c.Org, c.Provider, c.Connection)
	}, "leadline_sync_cursor_", "cursors")}
}

// Get returns the cursor of a connection; one that was never read has none.
func (c *Cursors) Get(org, provider, name string) (schemas.SyncCursor, bool) {
	return c.get(schemas.ConnectionID(org, provider, name))
}
