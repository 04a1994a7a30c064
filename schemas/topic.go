package schemas

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Partitioning says which leading segments of a record's key choose the
// partition. Keys are slash-separated and start with the organisation.
type Partitioning int

const (
	// ByOrg keeps an organisation's records in one partition, so that a stage
	// that joins two such topics sees both sides in one process.
	ByOrg Partitioning = 1
	// ByMeeting keeps a meeting's records in one partition and in order, and
	// spreads an organisation's meetings over all of them.
	ByMeeting Partitioning = 3
)

// MaxRecordBytes is the largest record a topic takes. A webhook body is at most
// 8 MiB; the rest is room for what the stages add to it (matches, distillates,
// overlapping chunks) and for headers.
const MaxRecordBytes = 16 << 20

// MaxLetterBytes is the largest dead letter. It is the record, which may be as
// large as its topic takes, and what happened to it.
const MaxLetterBytes = MaxRecordBytes + 64<<10

// TombstonesKept is for how long a compacted topic says that a key is gone, at
// least: whoever reads it and was away for less misses no deletion. Kafka's own
// choice is a day, which a store that is down over a weekend is away for.
const TombstonesKept = 7 * 24 * time.Hour

// Spec is what a topic looks like on the broker.
type Spec struct {
	Name        string
	PartitionBy Partitioning
	// Compacted topics keep the latest record of each key; a nil value deletes.
	Compacted bool
	// Replay topics are kept for as long as storage allows: everything
	// downstream can be rebuilt from them.
	Replay bool
	// Holds is one line for people: what a record is.
	Holds string
}

const (
	deadSuffix  = ".dead"
	statePrefix = "state."
)

// DeadLetters names the topic that takes what cannot be processed from here.
func (s Spec) DeadLetters() string { return s.Name + deadSuffix }

// AreDeadLetters says whether this is such a topic.
func (s Spec) AreDeadLetters() bool { return strings.HasSuffix(s.Name, deadSuffix) }

// Topic is a Spec whose values are Ts in the registered schema of Subject.
type Topic[T any] struct {
	Spec
}

// Subject is the name under which the registry knows the schema of the values.
func (t Topic[T]) Subject() string { return t.Name + "-value" }

// The topics, in the order in which a meeting meets them.
var (
	RawMeetings = Spec{
		Name: "meetings.raw.v1", PartitionBy: ByOrg, Replay: true,
		Holds: "the exact bytes that a recorder sent, its origin in headers",
	}
	SyncRequests = Topic[SyncRequested]{Spec{
		Name: "sync.requested.v1", PartitionBy: ByOrg,
		Holds: "commands to read a recorder's listing",
	}}
	Connections = Topic[Connection]{Spec{
		Name: "connections.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "connected recorders with sealed secrets",
	}}
	SyncCursors = Topic[SyncCursor]{Spec{
		Name: "sync.cursors.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "how far the poll of a connection has come",
	}}
	PendingMeetings = Topic[PendingMeeting]{Spec{
		Name: "sync.pending.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "meetings without transcript or summary, which the recorder is asked for again",
	}}
	Directory = Topic[DirectoryEntry]{Spec{
		Name: "directory.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "the organisation's customers: companies and end users",
	}}
	APITokens = Topic[TokenRecord]{Spec{
		Name: "api_tokens.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "tokens of the API, hashed, and when they were last used",
	}}
	Users = Topic[User]{Spec{
		Name: "users.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "who may sign in to the console, and as what",
	}}
	AuditLog = Topic[AuditEntry]{Spec{
		Name: "audit.v1", PartitionBy: ByOrg, Replay: true,
		Holds: "who changed what, or tried to",
	}}
	NormalizedMeetings = Topic[Meeting]{Spec{
		Name: "meetings.normalized.v1", PartitionBy: ByOrg,
		Holds: "meetings in one form, whoever recorded them",
	}}
	Settling = Topic[Settle]{Spec{
		Name: "match.settling.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "which organisation has meetings that a change of its directory touches and that match has not judged again yet",
	}}
	MatchedMeetings = Topic[MatchedMeeting]{Spec{
		Name: "meetings.matched.v1", PartitionBy: ByMeeting,
		Holds: "meetings with their customers and why",
	}}
	Rules = Topic[RuleSet]{Spec{
		Name: "rules.v1", PartitionBy: ByOrg, Compacted: true,
		Holds: "what an organisation wants learned from its meetings",
	}}
	Replays = Topic[ReplayRequested]{Spec{
		Name: "meetings.replay.v1", PartitionBy: ByOrg,
		Holds: "commands to take a stored meeting through a stage once more",
	}}
	DistillationRequests = Topic[DistillationRequest]{Spec{
		Name: "distill.requests.v1", PartitionBy: ByMeeting, Compacted: true,
		Holds: "meetings that a model is still to be asked about",
	}}
	Distillations = Topic[Distillation]{Spec{
		Name: "distillations.v1", PartitionBy: ByMeeting,
		Holds: "models' answers, as they came",
	}}
	DistillationUsage = Topic[Usage]{Spec{
		Name: "distill.usage.v1", PartitionBy: ByMeeting,
		Holds: "tokens and money that learning cost",
	}}
	RuleHits = Topic[RuleHit]{Spec{
		Name: "rules.hits.v1", PartitionBy: ByMeeting, Compacted: true,
		Holds: "which rule did what to which meeting, and by which words",
	}}
	DistilledMeetings = Topic[DistilledMeeting]{Spec{
		Name: "meetings.distilled.v1", PartitionBy: ByMeeting,
		Holds: "matched meetings with what was learned from them",
	}}
	MeetingRows = Topic[MeetingRow]{Spec{
		Name: "meetings.rows.v1", PartitionBy: ByMeeting, Compacted: true,
		Holds: "what a table of meetings holds",
	}}
	KnowledgeEntries = Topic[Entry]{Spec{
		Name: "knowledge.entries.v1", PartitionBy: ByMeeting, Compacted: true,
		Holds: "searchable chunks of transcripts, summaries, action items and distillates",
	}}
	MeetingProgress = Topic[Progress]{Spec{
		Name: "meetings.progress.v1", PartitionBy: ByMeeting,
		Holds: "which meeting reached, skipped or failed which stage",
	}}
)

// StateOf is the changelog of a stage that reads the topic: its state follows
// its input's partitions, so both are split alike.
func StateOf(stage string, input Spec) Spec {
	return Spec{
		Name: statePrefix + stage + ".v1", PartitionBy: input.PartitionBy, Compacted: true,
		Holds: "the state of the stage " + stage,
	}
}

// Stages lists the processors with the topic that their state follows.
var Stages = []struct {
	Name  string
	Input Spec
}{
	{"normalize", RawMeetings},
	{"match", NormalizedMeetings.Spec},
	{"distill", MatchedMeetings.Spec},
	{"index", DistilledMeetings.Spec},
}

// Topics returns every topic that Leadline reads or writes: those above, the
// state of each stage, and the dead letters of all that are processed.
func Topics() []Spec {
	consumed := []Spec{
		RawMeetings, SyncRequests.Spec, Directory.Spec, NormalizedMeetings.Spec, Settling.Spec,
		MatchedMeetings.Spec, DistilledMeetings.Spec, MeetingRows.Spec,
		KnowledgeEntries.Spec, MeetingProgress.Spec, Replays.Spec, Distillations.Spec, DistillationUsage.Spec,
		RuleHits.Spec,
	}
	all := append(slices.Clone(consumed), Connections.Spec, SyncCursors.Spec, PendingMeetings.Spec, Rules.Spec, DistillationRequests.Spec, APITokens.Spec, Users.Spec, AuditLog.Spec)
	for _, s := range consumed {
		all = append(all, Spec{
			Name: s.DeadLetters(), PartitionBy: s.PartitionBy, Replay: true,
			Holds: "what could not be processed from " + s.Name + ", byte for byte",
		})
	}
	for _, s := range Stages {
		all = append(all, StateOf(s.Name, s.Input))
	}
	slices.SortFunc(all, func(a, b Spec) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
