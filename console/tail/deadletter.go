package tail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// lookDeadLetters is how far is looked for an organisation's. A letter is up to
// 16 MiB, and somebody waits for the page.
var lookDeadLetters = bound{records: 500, bytes: 8 << 20, time: 5 * time.Second}

// DeadLetter is a record that could not be processed, and why.
type DeadLetter struct {
	Place                  // in the topic of dead letters
	From    Place          // where it was
	Key     string         //
	Reason  schemas.Reason // one of schemas.Reasons
	Error   string         // for people
	Stage   string         // who refused it
	At      time.Time      // when it was produced to the topic of dead letters or, by a stage, to the one before
	Payload []byte
}

// ErrNoDeadLetter says that the organisation has no dead letter at a place.
var ErrNoDeadLetter = errors.New("there is no such dead letter, or no more")

// deadTopics are all topics of dead letters with those that they are of.
var deadTopics = func() map[string]schemas.Spec {
	all := make(map[string]schemas.Spec)
	specs := schemas.Topics()
	for _, s := range specs {
		if slices.ContainsFunc(specs, func(dead schemas.Spec) bool { return dead.Name == s.DeadLetters() }) {
			all[s.DeadLetters()] = s
		}
	}
	return all
}()

// DeadLetters are the last ones of an organisation, newest first, without their
// payloads. Not all says that there may be earlier ones.
func (r *Reader) DeadLetters(ctx context.Context, org string, most int) (last []DeadLetter, all bool, err error) {
	topics := make([]string, 0, len(deadTopics))
	for dead := range deadTopics {
		topics = append(topics, dead)
	}
	// Where a topic keeps an organisation in one partition, nobody waits for the
	// letters of those in the others.
	kept, err := r.kept(ctx, topics, func(topic string) string {
		if deadTopics[topic].PartitionBy == schemas.ByOrg {
			return org
		}
		return ""
	})
	if err != nil {
		return nil, false, err
	}
	look := lookDeadLetters
	look.wanted = most
	all, err = r.back(ctx, kept, look, func(record *kgo.Record) bool {
		if orgOf(record) != org {
			return false
		}
		l := letterOf(record)
		l.Payload = nil
		last = append(last, l)
		return true
	})
	slices.SortFunc(last, func(a, b DeadLetter) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Offset, a.Offset))
	})
	return last[:min(most, len(last))], all && len(last) <= most, err
}

// DeadLetter is one of an organisation, whole. ErrNoDeadLetter is also what is
// said of another's.
func (r *Reader) DeadLetter(ctx context.Context, org string, p Place) (DeadLetter, error) {
	record, err := r.letter(ctx, org, p)
	if err != nil {
		return DeadLetter{}, err
	}
	return letterOf(record), nil
}

func (r *Reader) letter(ctx context.Context, org string, p Place) (*kgo.Record, error) {
	if _, is := deadTopics[p.Topic]; !is || p.Partition < 0 || p.Offset < 0 {
		return nil, ErrNoDeadLetter
	}
	record, found, err := r.at(ctx, p)
	if err != nil {
		return nil, err
	}
	if !found || orgOf(record) != org {
		return nil, ErrNoDeadLetter
	}
	return record, nil
}

// Replay sends dead letters to the topics where they were, under the keys that
// they had. They stay where they are: who asks twice has them processed twice,
// which changes nothing more. After an error some may have been sent.
func (r *Reader) Replay(ctx context.Context, org string, places []Place) error {
	again := make([]*kgo.Record, 0, len(places))
	for _, p := range places {
		record, err := r.letter(ctx, org, p)
		if err != nil {
			return err
		}
		again = append(again, revived(record))
	}
	client, err := kgo.NewClient(append(slices.Clone(r.Kafka), kgo.RequiredAcks(kgo.AllISRAcks()))...)
	if err != nil {
		return fmt.Errorf("building the producer of replays: %w", err)
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, again...).FirstErr(); err != nil {
		return fmt.Errorf("replaying dead letters: %w", err)
	}
	return nil
}

// revived is the record as it was before it died. Headers of the death would be
// read as those of the next one.
func revived(letter *kgo.Record) *kgo.Record {
	record := &kgo.Record{Topic: deadTopics[letter.Topic].Name, Key: letter.Key, Value: letter.Value}
	for _, h := range letter.Headers {
		switch h.Key {
		case schemas.HeaderReason, schemas.HeaderError, schemas.HeaderStage, schemas.HeaderTopic, schemas.HeaderPartition, schemas.HeaderOffset:
		default:
			record.Headers = append(record.Headers, h)
		}
	}
	return record
}

// orgOf is the first segment of the key, as in every topic.
func orgOf(r *kgo.Record) string {
	org, _, _ := strings.Cut(string(r.Key), "/")
	return org
}

func letterOf(r *kgo.Record) DeadLetter {
	l := DeadLetter{
		Place: Place{r.Topic, r.Partition, r.Offset}, Key: string(r.Key), Reason: schemas.Reason(schemas.Header(r, schemas.HeaderReason)),
		Error: schemas.Header(r, schemas.HeaderError), Stage: schemas.Header(r, schemas.HeaderStage), At: r.Timestamp.UTC(), Payload: r.Value,
	}
	l.From.Topic = deadTopics[r.Topic].Name
	// What is no number leaves 0: the letter is shown all the same.
	partition, _ := strconv.ParseInt(schemas.Header(r, schemas.HeaderPartition), 10, 32)
	l.From.Partition = int32(partition)
	l.From.Offset, _ = strconv.ParseInt(schemas.Header(r, schemas.HeaderOffset), 10, 64)
	return l
}
