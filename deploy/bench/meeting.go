package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

const (
	orgs      = 8 // enough to fill a few partitions
	companies = 4 // of each organisation
)

// recorder makes meetings as Fathom delivers them. No two have a word in common
// that would let anything be remembered instead of computed.
type recorder struct {
	random *rand.Rand
	last   int64 // id
	orgs   int64 // that meetings are of, in turn
}

func newRecorder() *recorder {
	return &recorder{random: rand.New(rand.NewPCG(7, 11)), last: 1_000_000, orgs: orgs} //nolint:gosec // the same words each time
}

// recorded is a meeting on its way in.
type recorded struct {
	id    string // schemas.MeetingID
	turns int
	raw   *kgo.Record
}

// words are syllables put together: as many different ones as people use, and
// about as compressible.
func (r *recorder) words(n int) string {
	const syllables = "ba be bo da de do fa fi ga go ka ke la lo ma me mi na no pa pe ra re ri sa se so ta te to va vo"
	parts := strings.Fields(syllables)
	var b strings.Builder
	for range n {
		for range 1 + r.random.IntN(3) {
			b.WriteString(parts[r.random.IntN(len(parts))])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// meeting makes the next one, of about so many bytes.
func (r *recorder) meeting(size int) (recorded, error) {
	r.last++
	org := fmt.Sprintf("bench%d", r.last%r.orgs)
	company := fmt.Sprintf("d%d.example", r.random.IntN(companies))
	at := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(r.last%10_000) * time.Minute)
	type object = map[string]any
	person := func(name, domain string, external bool) object {
		return object{"name": name, "email": name + "@" + domain, "email_domain": domain, "is_external": external, "matched_speaker_display_name": name}
	}
	var turns []object
	for taken := 700; taken < size || len(turns) == 0; {
		said := r.words(25)
		if len(turns)%40 == 7 {
			said = "We are missing an export of " + said
		}
		speaker := []string{"ina", "otto"}[len(turns)%2]
		taken += len(said) + 110 // with the names around it
		turns = append(turns, object{
			"speaker": object{"display_name": speaker}, "text": said,
			"timestamp": fmt.Sprintf("%02d:%02d:%02d", len(turns)/360, len(turns)/6%60, len(turns)%6*10),
		})
	}
	body, err := json.Marshal(object{
		"recording_id": r.last, "title": "Review with " + company, "url": fmt.Sprint("https://fathom.video/calls/", r.last),
		"share_url": fmt.Sprint("https://fathom.video/share/", r.last), "created_at": at.Add(time.Hour),
		"scheduled_start_time": at, "scheduled_end_time": at.Add(time.Hour),
		"recording_start_time": at, "recording_end_time": at.Add(time.Hour),
		"calendar_invitees_domains_type": "one_or_more_external", "transcript_language": "en", "transcript": turns,
		"recorded_by":       object{"name": "ina", "email": "ina@own.example", "email_domain": "own.example"},
		"calendar_invitees": []object{person("ina", "own.example", false), person("otto", company, true)},
	})
	if err != nil {
		return recorded{}, fmt.Errorf("making a meeting: %w", err)
	}
	recording := fmt.Sprint(r.last)
	return recorded{
		id: schemas.MeetingID(org, schemas.Fathom, recording), turns: len(turns),
		raw: schemas.RawRecord(schemas.Origin{
			Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: org, Connection: "default",
			Source: schemas.SourceWebhook, Delivery: "msg_" + recording, Received: time.Now(), Recording: recording,
		}, body),
	}, nil
}

// meetings makes the next n.
func (r *recorder) meetings(n, size int) ([]recorded, error) {
	all := make([]recorded, n)
	for i := range all {
		var err error
		if all[i], err = r.meeting(size); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// directory is whom the meetings of some organisations are with.
func directory(codec *schemas.Codec, from, to int) ([]*kgo.Record, error) {
	var all []*kgo.Record
	for o := from; o < to; o++ {
		for c := range companies {
			org, id := fmt.Sprintf("bench%d", o), fmt.Sprintf("co%d", c)
			raw, err := schemas.Encode(codec, schemas.Directory, &schemas.DirectoryEntry{
				Org: org, Company: &schemas.Company{ID: id, Name: id, Domains: []string{fmt.Sprintf("d%d.example", c)}},
			})
			if err != nil {
				return nil, err
			}
			all = append(all, &kgo.Record{
				Topic: schemas.Directory.Name, Key: []byte(schemas.DirectoryKey(org, schemas.SortCompany, id)), Value: raw,
			})
		}
	}
	return all, nil
}
