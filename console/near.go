package console

import (
	"context"
	"errors"
	"strings"

	"leadline/schemas"
)

const (
	// maxNear is how many similar customers are named, and nearAmong how many
	// companies are looked through for them.
	maxNear   = 5
	nearAmong = 5000
)

// errFull ends a walk that needs no more.
var errFull = errors.New("full")

// noCustomer says so, and to staff which customers have the words in their
// names: people and assistants know a customer by less than its whole name, and
// nothing that an assistant may call lists them.
func (l Local) noCustomer(ctx context.Context, scope schemas.Scope, asked string) error {
	absent := &NotFound{What: "customer", Name: asked}
	words := strings.Fields(strings.ToLower(asked))
	if !anyones(scope) || len(words) == 0 {
		return absent
	}
	seen := 0
	err := EachEntry(ctx, l, scope.Org, schemas.SortCompany, func(c schemas.DirectoryLine) error {
		if similar(words, c) {
			absent.Near = append(absent.Near, Named{ID: c.ID, Name: c.Name})
		}
		if seen++; len(absent.Near) == maxNear || seen == nearAmong {
			return errFull
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFull) {
		return err
	}
	return absent
}

// similar says whether the company has all of the words, or its whole name is
// among them.
func similar(words []string, c schemas.DirectoryLine) bool {
	name := strings.ToLower(oneLine(c.Name))
	text := strings.Join(append([]string{name, strings.ToLower(c.ID)}, c.Domains...), "\n")
	all := true
	for _, w := range words {
		all = all && strings.Contains(text, w)
	}
	return all || name != "" && strings.Contains(" "+strings.Join(words, " ")+" ", " "+name+" ")
}
