package pages

import (
	"context"

	"leadline/schemas"
)

type sourcesPage struct {
	Sources []sourceRow
	Kinds   []string
}

// sources is all that there is to search, by where it came from.
func (s *Site) sources(ctx context.Context, v *visit) (answer, error) {
	held, err := s.Store.Sources(ctx, v.session.org)
	if err != nil {
		return answer{}, err
	}
	var all []schemas.ConnectionStatus
	if s.Connections != nil {
		if all, err = s.Connections.Connections(ctx, v.session.org); err != nil {
			return answer{}, err
		}
	}
	made := sourcesPage{Sources: sourceRows(held, all), Kinds: entryKinds}
	return answer{name: "sources", title: "All data", data: made}, nil
}
