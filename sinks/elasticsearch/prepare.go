package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// What Check and Prepare find.
var (
	// ErrMissing says that there is no index yet.
	ErrMissing = errors.New("there is no index to write to: prepare the store first")
	// ErrOutdated says that the index was made by a build with another mapping.
	ErrOutdated = errors.New("the index has the mapping of another build: reindex with this build, or run the other one")
	// ErrReindexing says that a reindex is under way, or was cut off: what is
	// written is kept, and is found when it is through.
	ErrReindexing = errors.New("the alias for reading is still at the index before: a reindex is under way, or was cut off and is to be run again")
)

// Prepare makes the template, the first index and its aliases where they are
// missing, and checks those that are there. Several processes may do it at
// once, and any number of times. Its errors are those of Check.
func (s *Store) Prepare(ctx context.Context) error {
	st, err := s.stands(ctx)
	if err != nil {
		return err
	}
	if st.write != nil || st.read != nil {
		if err := s.sound(st); err != nil {
			return err
		}
		return s.putTemplate(ctx)
	}
	if err := s.putTemplate(ctx); err != nil {
		return err
	}
	// Index and aliases appear together: nobody sees the one without the others.
	first := s.generation(st.newest() + 1)
	err = s.create(ctx, first, object{s.readAlias(): readAliasOptions(), s.writeAlias(): writeAliasOptions()})
	if err != nil {
		return err
	}
	return s.Check(ctx)
}

// putTemplate is for an index that is made by hand, or restored. Those that
// Leadline makes are given everything: the template may be of another build.
func (s *Store) putTemplate(ctx context.Context) error {
	err := s.ask(ctx, http.MethodPut, "/_index_template/"+s.options.Name, nil, object{
		"index_patterns": []string{s.pattern()}, "priority": 200, // above those of Elastic's own, at most 101
		"template": object{"settings": s.settings(), "mappings": s.schema.mappings},
		"_meta":    object{"written_by": "leadline", "mapping": s.schema.hash},
	}, nil)
	if err != nil {
		return fmt.Errorf("writing the index template: %w", err)
	}
	// A write to a space whose index is gone would make one without its mapping.
	err = s.ask(ctx, http.MethodPut, "/_index_template/"+s.vectorAlias(), nil, object{
		"index_patterns": []string{s.vectorAlias() + "-*"}, "priority": 200, "allow_auto_create": false,
		"_meta": object{"written_by": "leadline"},
	}, nil)
	if err != nil {
		return fmt.Errorf("writing the index template of vectors: %w", err)
	}
	return nil
}

// Check says whether this build can read and write, and changes nothing. After
// ErrReindexing a sink may start, and a reader should wait.
func (s *Store) Check(ctx context.Context) error {
	st, err := s.stands(ctx)
	if err != nil {
		return err
	}
	return s.sound(st)
}

func (s *Store) sound(st standing) error {
	switch {
	case st.write == nil || st.read == nil:
		return fmt.Errorf("aliases %s and %s: %w", s.readAlias(), s.writeAlias(), ErrMissing)
	case st.write.hash != s.schema.hash:
		return fmt.Errorf("%s, this build's mapping is %s: %w", st.write.name, s.schema.hash, ErrOutdated)
	case *st.read != *st.write:
		return fmt.Errorf("%s, writing goes to %s: %w", st.read.name, st.write.name, ErrReindexing)
	}
	return nil
}

// checkWrites is Check for who only writes.
func (s *Store) checkWrites(ctx context.Context) error {
	if err := s.Check(ctx); err != nil && !errors.Is(err, ErrReindexing) {
		return err
	}
	return nil
}
