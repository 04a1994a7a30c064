package embedded

import (
	"context"
	"database/sql"
	"fmt"
)

// writing is a batch's transaction.
type writing struct {
	*sql.Tx
	made  map[*sql.Stmt]*sql.Stmt // statements, for the transaction
	last  int64                   // the number of the newest row of the table that the batch is for; -1: not yet asked
	words *indexing               // of a batch of entries
}

func newWriting(tx *sql.Tx) *writing {
	return &writing{Tx: tx, made: make(map[*sql.Stmt]*sql.Stmt), last: -1}
}

// on is a prepared statement within the transaction. database/sql makes another
// one with each call.
func (w *writing) on(ctx context.Context, prepared *sql.Stmt) *sql.Stmt {
	made := w.made[prepared]
	if made == nil {
		made = w.StmtContext(ctx, prepared)
		w.made[prepared] = made
	}
	return made
}

// begin is called before a row is written that others hang on.
func (w *writing) begin(ctx context.Context, newest *sql.Stmt) error {
	if w.last >= 0 {
		return nil
	}
	if err := w.on(ctx, newest).QueryRowContext(ctx).Scan(&w.last); err != nil {
		return fmt.Errorf("looking for the newest row: %w", err)
	}
	return nil
}

// fresh says whether the row that was written was not there before: SQLite
// numbers a new row above all others. Nothing hangs on it yet that would have to
// go.
func (w *writing) fresh(row int64) bool {
	if row <= w.last {
		return false
	}
	w.last = row
	return true
}
