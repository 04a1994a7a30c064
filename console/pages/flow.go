package pages

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// flowStages is the order in which a meeting meets the stages.
var flowStages = []string{"normalize", "match", "distill", "index"}

// flowOutcomes is the order in which outcomes are shown.
var flowOutcomes = []string{
	schemas.OutcomeDone, schemas.OutcomeDuplicate, schemas.OutcomeStale, schemas.OutcomeSkipped, schemas.OutcomeWaiting,
	schemas.OutcomeParked, schemas.OutcomeRejected,
}

type flowPage struct {
	Outcomes []string
	Stages   []stageRow
	Tally    console.Tally
	Meetings int
	Entries  int
	Read     []schemas.ConnectionStatus // how far each connection has come
	Gauges   gauges
}

type stageRow struct {
	Stage  string
	Counts []int // as Outcomes
}

func (s *Site) flow(ctx context.Context, v *visit) (answer, error) {
	tally, err := s.local.Tally(ctx, v.session.org)
	if err != nil {
		return answer{}, err
	}
	made := flowPage{Outcomes: flowOutcomes, Stages: stageRows(tally.Progress), Tally: tally}
	for _, n := range tally.Meetings {
		made.Meetings += n
	}
	for _, n := range tally.Entries {
		made.Entries += n
	}
	if s.Connections != nil {
		if made.Read, err = s.Connections.Connections(ctx, v.session.org); err != nil {
			return answer{}, err
		}
	}
	if s.Gatherer != nil {
		if made.Gauges, err = readGauges(s.Gatherer); err != nil {
			return answer{}, err
		}
	}
	return answer{name: "flow", title: "Flow", data: made}, nil
}

// stageRows is a table of stage/outcome -> records.
func stageRows(progress map[string]int) []stageRow {
	byStage := make(map[string][]int)
	for key, n := range progress {
		stage, outcome, _ := strings.Cut(key, "/")
		if byStage[stage] == nil {
			byStage[stage] = make([]int, len(flowOutcomes))
		}
		if i := slices.Index(flowOutcomes, outcome); i >= 0 {
			byStage[stage][i] += n
		}
	}
	var rows []stageRow
	for stage, counts := range byStage {
		rows = append(rows, stageRow{stage, counts})
	}
	place := func(stage string) int {
		if i := slices.Index(flowStages, stage); i >= 0 {
			return i
		}
		return len(flowStages)
	}
	slices.SortFunc(rows, func(a, b stageRow) int {
		return cmp.Or(cmp.Compare(place(a.Stage), place(b.Stage)), cmp.Compare(a.Stage, b.Stage))
	})
	return rows
}
