package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

const (
	talkOrg       = "talk"
	talkCustomers = 200
	talkMeeting   = 40  // chunks of a meeting
	talkWords     = 110 // of a chunk
	talkTopic     = 30  // words that a meeting is about
	vocabulary    = 30_000
)

// talk makes meetings whose words come as often as those of speech do: the nth
// most common one about 1/n as often as the first, the first being the usual
// ones, and each meeting with some rarer ones of its own.
type talk struct {
	random *rand.Rand
	zipf   *rand.Zipf
	words  []string // the most common first
}

func newTalk() *talk {
	random := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // the same words each time
	t := &talk{random: random, zipf: rand.NewZipf(random, 1.05, 2, vocabulary-1)}
	t.words = strings.Fields(`the i you and to that it of a so yeah we in is what but like they on for do have was this know not
		be if with are just think or there he one about can all as would at how them then now out up some my when get`)
	taken := make(map[string]bool)
	for len(t.words) < vocabulary {
		var b strings.Builder
		for range 2 + random.IntN(3) {
			b.WriteByte("bdfgklmnprstv"[random.IntN(13)])
			b.WriteByte("aeiou"[random.IntN(5)])
		}
		if w := b.String(); !taken[w] {
			taken[w] = true
			t.words = append(t.words, w)
		}
	}
	return t
}

// asked is a question that a chunk answers.
type asked struct {
	text, customer, recording string
	turn                      int32
}

// meeting makes one, and a question about it.
func (t *talk) meeting(n int) (sink.Batch[schemas.Entry], asked) {
	customer, recording := fmt.Sprint("co", n%talkCustomers), fmt.Sprint(n)
	id := schemas.MeetingID(talkOrg, schemas.Fathom, recording)
	topic := make([]string, talkTopic)
	for i := range topic {
		topic[i] = t.words[300+t.random.IntN(8_000)]
	}
	add := func(all sink.Batch[schemas.Entry], part, kind, text string) sink.Batch[schemas.Entry] {
		turn := int32(len(all)) //nolint:gosec // some dozens
		e := &schemas.Entry{
			ID: "fathom:" + recording + ":" + part, MeetingID: id, Org: talkOrg, Provider: schemas.Fathom, RecordingID: recording,
			Kind: kind, Title: "Review with " + customer, Text: text, Language: "en", Speakers: []string{"Ina", "Otto"},
			State: string(schemas.StateMatched), Companies: []string{customer}, EndUsers: []string{"eu" + customer},
			TurnFirst: &turn, TurnLast: &turn, MeetingAt: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour),
		}
		return append(all, sink.Row[schemas.Entry]{Key: schemas.EntryKey(id, e.ID), Version: 1, Value: e})
	}
	var all sink.Batch[schemas.Entry]
	var question asked
	about := t.random.IntN(talkMeeting)
	for c := range talkMeeting {
		own := []string{topic[c%talkTopic], topic[(7*c+1)%talkTopic], topic[(11*c+2)%talkTopic]}
		said := make([]string, talkWords)
		for i := range said {
			if said[i] = t.words[t.zipf.Uint64()]; t.random.IntN(10) == 0 {
				said[i] = own[t.random.IntN(len(own))]
			}
		}
		all = add(all, fmt.Sprint("transcript:", c), schemas.EntryTranscript, "Ina: "+strings.Join(said, " "))
		if c == about {
			// Two words that are seldom, two of any sort that are in it, and what people ask by.
			rare := slices.Clone(said)
			slices.SortFunc(rare, func(a, b string) int { return slices.Index(t.words, b) - slices.Index(t.words, a) })
			question = asked{
				text:     fmt.Sprintf("What did they say about %s %s and the %s %s?", rare[0], rare[len(rare)/8], said[3], said[50]),
				customer: customer, recording: recording, turn: int32(c),
			}
		}
	}
	return add(all, "summary", schemas.EntrySummary, "A talk about "+strings.Join(topic, " ")), question
}
