package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// generation is an index: leadline-knowledge-000001-1a2b3c4d, its number and
// the hash of the schema that it was made with.
type generation struct {
	name   string
	number int
	hash   string
}

func (s *Store) generation(number int) generation {
	return generation{fmt.Sprintf("%s-%06d-%s", s.options.Name, number, s.schema.hash), number, s.schema.hash}
}

// pattern is what the indices are called, and the aliases are not.
func (s *Store) pattern() string { return s.options.Name + "-0*" }

var numbered = regexp.MustCompile(`-(0\d{5})-([0-9a-f]{8})$`)

// standing is which generations there are and what the aliases point at.
type standing struct {
	all         []generation // by number
	read, write *generation  // nil where the alias is missing
}

// newest is the highest number; 0 where there is none.
func (st standing) newest() int {
	if len(st.all) == 0 {
		return 0
	}
	return st.all[len(st.all)-1].number
}

// stands asks once, so that the answer is of one moment.
func (s *Store) stands(ctx context.Context) (standing, error) {
	var indices map[string]struct {
		Aliases map[string]any
	}
	var st standing
	if err := s.ask(ctx, http.MethodGet, "/"+s.pattern()+"/_alias", nil, nil, &indices); err != nil {
		return st, fmt.Errorf("reading the aliases: %w", err)
	}
	for name, index := range indices {
		parts := numbered.FindStringSubmatch(name)
		if parts == nil || name != s.options.Name+parts[0] {
			continue // an index of another name that begins like ours
		}
		number, err := strconv.Atoi(parts[1])
		if err != nil {
			return st, fmt.Errorf("index %.200q: %w", name, err)
		}
		g := generation{name, number, parts[2]}
		st.all = append(st.all, g)
		if _, is := index.Aliases[s.readAlias()]; is {
			if st.read != nil {
				return st, fmt.Errorf("alias %s points at %s and %s: remove one of them", s.readAlias(), st.read.name, name)
			}
			st.read = &g
		}
		if _, is := index.Aliases[s.writeAlias()]; is {
			if st.write != nil {
				return st, fmt.Errorf("alias %s points at %s and %s: remove one of them", s.writeAlias(), st.write.name, name)
			}
			st.write = &g
		}
	}
	slices.SortFunc(st.all, func(a, b generation) int { return a.number - b.number })
	return st, nil
}

// readAliasOptions leave tombstones out for whoever reads through the alias.
func readAliasOptions() object { return object{"filter": object{"term": object{"deleted": false}}} }

func writeAliasOptions() object { return object{"is_write_index": true} }

// create makes an index. That it is there already, made by a process that
// began at the same time, is no error.
func (s *Store) create(ctx context.Context, g generation, aliases object) error {
	err := s.ask(ctx, http.MethodPut, "/"+g.name, nil, object{
		"settings": s.settings(), "mappings": s.schema.mappings, "aliases": aliases,
	}, nil)
	if err != nil && !isFault(err, "resource_already_exists_exception") {
		return fmt.Errorf("creating index %s: %w", g.name, err)
	}
	return nil
}

// move points an alias from one index at another, at once for every reader and
// writer. It fails where the alias is no longer at from.
func (s *Store) move(ctx context.Context, alias string, options object, from, to generation) error {
	add := object{"index": to.name, "alias": alias}
	for k, v := range options {
		add[k] = v
	}
	err := s.ask(ctx, http.MethodPost, "/_aliases", nil, object{"actions": []object{
		{"remove": object{"index": from.name, "alias": alias, "must_exist": true}},
		{"add": add},
	}}, nil)
	if err != nil {
		return fmt.Errorf("moving alias %s from %s to %s: %w", alias, from.name, to.name, err)
	}
	return nil
}
