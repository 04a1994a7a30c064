package command

import (
	"context"
	"errors"
	"slices"
	"strings"

	"leadline/deploy/boot"
	"leadline/schemas"
	"leadline/sinks/elasticsearch"
)

// topicsOf are what each role reads and writes, as docs/deploy.md has it for
// ACLs: a role can look for no others.
var topicsOf = map[string][]schemas.Spec{
	"ingress": {schemas.Connections.Spec, schemas.RawMeetings, schemas.SyncRequests.Spec},
	"poller": {
		schemas.Connections.Spec, schemas.SyncRequests.Spec, dead(schemas.SyncRequests.Spec), schemas.SyncCursors.Spec, schemas.PendingMeetings.Spec,
		schemas.RawMeetings,
		// Whose erasure it follows to the stores.
		schemas.NormalizedMeetings.Spec, schemas.MatchedMeetings.Spec, schemas.DistilledMeetings.Spec, schemas.MeetingRows.Spec,
		schemas.KnowledgeEntries.Spec, schemas.RuleHits.Spec, schemas.MeetingProgress.Spec,
	},
	"normalize": {schemas.RawMeetings, dead(schemas.RawMeetings), schemas.StateOf("normalize", schemas.RawMeetings), schemas.NormalizedMeetings.Spec, schemas.MeetingProgress.Spec},
	"match": {
		schemas.NormalizedMeetings.Spec, dead(schemas.NormalizedMeetings.Spec), schemas.Directory.Spec, dead(schemas.Directory.Spec),
		schemas.Settling.Spec, dead(schemas.Settling.Spec), schemas.Replays.Spec, dead(schemas.Replays.Spec),
		schemas.StateOf("match", schemas.NormalizedMeetings.Spec), schemas.MatchedMeetings.Spec, schemas.MeetingProgress.Spec,
	},
	"distill": {
		schemas.MatchedMeetings.Spec, dead(schemas.MatchedMeetings.Spec), schemas.StateOf("distill", schemas.MatchedMeetings.Spec),
		schemas.Distillations.Spec, dead(schemas.Distillations.Spec), schemas.Rules.Spec, schemas.DistillationRequests.Spec, schemas.DistillationUsage.Spec,
		schemas.RuleHits.Spec, schemas.DistilledMeetings.Spec, schemas.MeetingProgress.Spec,
	},
	"calls": {schemas.DistillationRequests.Spec, schemas.Distillations.Spec, schemas.MeetingProgress.Spec},
	"index": {
		schemas.DistilledMeetings.Spec, dead(schemas.DistilledMeetings.Spec), schemas.StateOf("index", schemas.DistilledMeetings.Spec),
		schemas.MeetingRows.Spec, schemas.KnowledgeEntries.Spec, schemas.MeetingProgress.Spec,
	},
	"clickhouse": {
		schemas.MeetingRows.Spec, dead(schemas.MeetingRows.Spec), schemas.MeetingProgress.Spec, dead(schemas.MeetingProgress.Spec),
		schemas.Directory.Spec, dead(schemas.Directory.Spec), schemas.DistillationUsage.Spec, dead(schemas.DistillationUsage.Spec),
		schemas.RuleHits.Spec, dead(schemas.RuleHits.Spec),
	},
	"console": slices.Concat([]schemas.Spec{
		schemas.APITokens.Spec, schemas.Users.Spec, schemas.AuditLog.Spec, schemas.Directory.Spec, schemas.Rules.Spec, schemas.PendingMeetings.Spec,
		schemas.Connections.Spec, schemas.SyncCursors.Spec, schemas.SyncRequests.Spec,
		// What the pages show, and the rules' trial.
		schemas.MeetingRows.Spec,
	}, replayable()),
	"elasticsearch": {schemas.KnowledgeEntries.Spec, dead(schemas.KnowledgeEntries.Spec)},
}

// replayable are the topics that have dead letters, and those: the pages show
// and replay them.
func replayable() (all []schemas.Spec) {
	specs := schemas.Topics()
	for _, s := range specs {
		if slices.ContainsFunc(specs, func(d schemas.Spec) bool { return d.Name == s.DeadLetters() }) {
			all = append(all, s, dead(s))
		}
	}
	return all
}

// dead is the topic beside one, as far as its name.
func dead(s schemas.Spec) schemas.Spec {
	return schemas.Spec{Name: s.DeadLetters(), PartitionBy: s.PartitionBy, Replay: true}
}

// kafkaNeed is met when the brokers suffice and have the topics of the roles.
func (p *plant) kafkaNeed(roles ...string) *boot.Need {
	var specs []schemas.Spec
	for _, r := range roles {
		specs = append(specs, topicsOf[r]...)
	}
	slices.SortFunc(specs, func(a, b schemas.Spec) int { return strings.Compare(a.Name, b.Name) })
	specs = slices.CompactFunc(specs, func(a, b schemas.Spec) bool { return a.Name == b.Name })
	return boot.KafkaNeed(p.kafka, specs)
}

// after makes roles wait for needs.
func after(roles []boot.Role, needs ...*boot.Need) []boot.Role {
	for i := range roles {
		roles[i].Needs = append(roles[i].Needs, needs...)
	}
	return roles
}

// needs are the stores that there are, each with the tables or the index of this
// build.
func (s *stores) needs() (meetings, knowledge *boot.Need) {
	if s.Store != nil {
		meetings = &boot.Need{Name: "clickhouse", Check: s.Check}
	}
	if s.knowledge != nil {
		knowledge = &boot.Need{Name: "elasticsearch", Check: func(ctx context.Context) error {
			// While a reindex is under way writes are kept, and are found at its end.
			if err := s.knowledge.Check(ctx); err != nil && !errors.Is(err, elasticsearch.ErrReindexing) {
				return err
			}
			return nil
		}}
	}
	return meetings, knowledge
}

// waiting is a role that does nothing but wait, for a server that answers while
// it does.
func waiting(name string, needs ...*boot.Need) boot.Role {
	return boot.Role{Name: name, Needs: needs, Run: func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}}
}
