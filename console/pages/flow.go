package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// flowHops is the order in which a meeting meets the parts of the pipeline.
// Sinks come after it.
var flowHops = []string{"webhook", "poller", "normalize", "match", "distill", "index"}

func placeOf(hop string) int {
	if i := slices.Index(flowHops, hop); i >= 0 {
		return i
	}
	return len(flowHops)
}

// flowOutcomes is the order in which outcomes are shown.
var flowOutcomes = []string{
	schemas.OutcomeDone, schemas.OutcomeDuplicate, schemas.OutcomeStale, schemas.OutcomeSkipped, schemas.OutcomeWaiting,
	schemas.OutcomeParked, schemas.OutcomeRejected,
}

// Pending counts the meetings of a recorder that lack their transcript or
// summary, as this process knows. The pages call it again and again.
type Pending interface {
	Pending(org, recorder string) int
}

// flowNow is what is sent again while one looks.
type flowNow struct {
	Needs    []need // what somebody has to look at
	Outcomes []string
	Stages   []stageRow
	Tally    console.Tally
	Meetings int
	Entries  int
	Failed   int // records that became dead letters
	Sources  []sourceRow
	Hops     []hopRow
	Unknown  string // why there are none
}

type flowPage struct {
	Now    flowNow
	Dead   []deadRow
	Unread string // why dead letters are not shown, or not all of them
	Admin  bool
}

// stageRow is what became of an organisation's records at a stage.
type stageRow struct {
	Stage  string
	Counts []int // as Outcomes
}

// sourceRow is whether all of a recorder's meetings are here.
type sourceRow struct {
	schemas.Holding
	Read    []schemas.ConnectionStatus // how far each connection has come
	Waiting int                        // for transcript or summary
}

// Wordless is how many meetings have nothing to search: nothing was said in them, or it is on its way.
func (r sourceRow) Wordless() int { return max(0, r.Meetings-r.Searchable-r.Waiting) }

// kafkaUI is the address of the cluster there; empty is none.
type kafkaUI string

// Messages is where the records of a topic are shown.
func (k kafkaUI) Messages(topic string) string {
	if k == "" || topic == "" {
		return ""
	}
	return strings.TrimRight(string(k), "/") + "/all-topics/" + url.PathEscape(topic) + "/messages"
}

func (s *Site) flow(ctx context.Context, v *visit) (answer, error) {
	now, err := s.flowAt(ctx, v)
	if err != nil {
		return answer{}, err
	}
	made := flowPage{Now: now, Admin: v.session.may(schemas.RoleAdmin)}
	made.Dead, made.Unread = s.dead(ctx, v)
	return answer{name: "flow", title: "Flow", data: made}, nil
}

func (s *Site) flowNow(ctx context.Context, v *visit) (answer, error) {
	now, err := s.flowAt(ctx, v)
	return answer{name: "flow", data: now}, err
}

func (s *Site) flowAt(ctx context.Context, v *visit) (made flowNow, err error) {
	made = flowNow{Outcomes: flowOutcomes}
	if made.Tally, err = s.local.Tally(ctx, v.session.org); err != nil {
		return made, err
	}
	made.Stages = stageRows(made.Tally.Progress)
	for _, n := range made.Tally.Entries {
		made.Entries += n
	}
	for _, n := range made.Tally.Meetings {
		made.Meetings += n
	}
	for key, n := range made.Tally.Progress {
		if strings.HasSuffix(key, "/"+schemas.OutcomeRejected) {
			made.Failed += n
		}
	}
	held, err := s.Store.Sources(ctx, v.session.org)
	if err != nil {
		return made, err
	}
	var all []schemas.ConnectionStatus
	if s.Connections != nil {
		if all, err = s.Connections.Connections(ctx, v.session.org); err != nil {
			return made, err
		}
	}
	made.Sources = sourceRows(held, all)
	if s.Pending != nil {
		for i := range made.Sources {
			made.Sources[i].Waiting = s.Pending.Pending(v.session.org, made.Sources[i].Provider)
		}
	}
	made.Hops, made.Unknown = s.hopRows(ctx)
	made.Needs = needs(made.Hops, made.Unknown, all)
	return made, nil
}

// sourceRows puts what is held beside the connections that brought it.
func sourceRows(held []schemas.Holding, all []schemas.ConnectionStatus) []sourceRow {
	var rows []sourceRow
	for _, h := range held {
		rows = append(rows, sourceRow{Holding: h})
	}
	for _, c := range all {
		i := slices.IndexFunc(rows, func(r sourceRow) bool { return r.Provider == c.Provider })
		if i < 0 {
			i = len(rows)
			rows = append(rows, sourceRow{Holding: schemas.Holding{Provider: c.Provider}})
		}
		rows[i].Read = append(rows[i].Read, c)
	}
	return rows
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
	slices.SortFunc(rows, func(a, b stageRow) int {
		return cmp.Or(cmp.Compare(placeOf(a.Stage), placeOf(b.Stage)), cmp.Compare(a.Stage, b.Stage))
	})
	return rows
}
