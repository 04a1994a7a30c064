package schemas

import "fmt"

// InvalidQuery says which field of a query a store cannot work with.
type InvalidQuery struct {
	Field   string // as the caller knows it: q, limit, kind
	Problem string
}

func (e *InvalidQuery) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }
