package embedded

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"leadline/schemas"
	"leadline/sinks/embedded/nearest"
	"leadline/sinks/embedding"
)

// BeginVectors is of embedding.Store.
func (s *Store) BeginVectors(ctx context.Context, space embedding.Space) (generation string, err error) {
	if s.write == nil {
		return "", errReadOnly
	}
	err = s.write.QueryRowContext(ctx, `INSERT INTO vector_spaces (id, generation, model, query_model, dimension, serving) VALUES (?, ?, ?, ?, ?, 0)
		ON CONFLICT (id) DO UPDATE SET id = id RETURNING generation`,
		space.ID(), strings.ToLower(rand.Text()[:8]), space.Model, space.QueryModel, space.Dimension).Scan(&generation)
	if err != nil {
		return "", fmt.Errorf("making room for vectors: %w", err)
	}
	return generation, nil
}

// KnownVectors is of embedding.Store.
func (s *Store) KnownVectors(ctx context.Context, space embedding.Space, digests []string) (map[string][]float32, error) {
	list, err := json.Marshal(digests)
	if err != nil {
		return nil, err
	}
	type known struct {
		digest string
		raw    []byte
	}
	all, err := collect(ctx, s.read, func(r *sql.Rows) (k known, err error) { return k, r.Scan(&k.digest, &k.raw) },
		`SELECT j.value, (SELECT vector FROM vectors v WHERE v.space = ? AND v.digest = j.value LIMIT 1) AS vector
			FROM json_each(?) j WHERE vector IS NOT NULL`, space.ID(), string(list))
	if err != nil {
		return nil, err
	}
	found := make(map[string][]float32, len(all))
	for _, k := range all {
		found[k.digest] = nearest.Unpack(k.raw)
	}
	return found, nil
}

// PutVectors is of embedding.Store.
func (s *Store) PutVectors(ctx context.Context, space embedding.Space, all []embedding.Vector) error {
	if s.write == nil {
		return errReadOnly
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	put, err := tx.PrepareContext(ctx, `INSERT INTO vectors (space, org, meeting, entry, kind, version, digest, vector, changed)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT ifnull(max(changed), 0) + 1 FROM vectors WHERE space = ?1))
		ON CONFLICT (space, meeting, entry) DO UPDATE SET kind = excluded.kind, version = excluded.version, digest = excluded.digest,
			vector = excluded.vector, changed = excluded.changed
		WHERE excluded.version > version`)
	if err != nil {
		return err
	}
	defer put.Close() //nolint:errcheck // it ends with its transaction
	for _, v := range all {
		meeting, entry, _ := schemas.SplitEntryKey(v.Key)
		org, _, _ := strings.Cut(meeting, "/")
		var kind string
		var digest, raw any
		if v.Entry != nil {
			kind, digest, raw = v.Entry.Kind, v.Digest, nearest.Pack(v.Values)
		}
		if _, err := put.ExecContext(ctx, space.ID(), org, meeting, entry, kind, int64(v.Version), digest, raw); err != nil { //nolint:gosec // at most sink.MaxVersion
			return fmt.Errorf("the vector of %.200q: %w", v.Key, err)
		}
	}
	return tx.Commit()
}

// ServeVectors is of embedding.Store.
func (s *Store) ServeVectors(ctx context.Context, space embedding.Space) error {
	if s.write == nil {
		return errReadOnly
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	for _, q := range []string{`UPDATE vector_spaces SET serving = 1 WHERE id = ?`, `DELETE FROM vector_spaces WHERE id <> ?`} {
		if _, err := tx.ExecContext(ctx, q, space.ID()); err != nil {
			return fmt.Errorf("serving vectors: %w", err)
		}
	}
	return tx.Commit()
}

// served is the space that searches use; false where there is none.
func served(ctx context.Context, from querier) (space embedding.Space, generation string, is bool, err error) {
	err = from.QueryRowContext(ctx, `SELECT model, query_model, dimension, generation FROM vector_spaces WHERE serving = 1`).
		Scan(&space.Model, &space.QueryModel, &space.Dimension, &generation)
	if errors.Is(err, sql.ErrNoRows) {
		return space, "", false, nil
	}
	return space, generation, err == nil, err
}
