package local

import (
	"strings"

	"leadline/processors/distill"
)

// speech is a turn: who says it, and what, sentence by sentence.
type speech struct {
	speaker  string
	customer bool
	said     []*utterance
}

// utterance is a sentence in the forms that the tables read.
type utterance struct {
	text     string // verbatim
	plain    string
	marked   string
	question bool
}

// maxUtterance spares what nobody says in one breath, in bytes. Matching takes
// time in proportion to it.
const maxUtterance = 600

// hear cuts a turn into sentences. people are the first and last names of those
// in the meeting.
func hear(speaker string, customer bool, text string, people map[string]bool) *speech {
	s := &speech{speaker: speaker, customer: customer}
	for i, sentence := range distill.Sentences(text) {
		if i == maxSentences {
			break
		}
		if len(sentence) > maxUtterance {
			continue
		}
		s.said = append(s.said, &utterance{
			text: sentence, plain: plain(sentence), marked: marked(sentence, people),
			question: strings.HasSuffix(strings.TrimRight(sentence, `"')`+"\u201d"), "?"),
		})
	}
	return s
}

// fewestWords is what an ask or a renewal signal takes to be understood alone:
// "Is there any way?" is about something said before.
const fewestWords = 5

func (u *utterance) tells() bool { return strings.Count(u.plain, " ")-2 >= fewestWords }

func (s *speech) first() *utterance {
	if s == nil || len(s.said) == 0 {
		return nil
	}
	return s.said[0]
}

func (s *speech) last() *utterance {
	if s == nil || len(s.said) == 0 {
		return nil
	}
	return s.said[len(s.said)-1]
}

// peopleOf are the names by which those in a meeting are called. Short ones and
// those that are words are left out.
func peopleOf(names []string) map[string]bool {
	people := make(map[string]bool)
	for _, name := range names {
		for _, part := range strings.Fields(strings.ToLower(name)) {
			part = strings.Trim(part, ".,()")
			if len(part) > 2 && !openers[part] && !notNames[part] && !titles[part] {
				people[part] = true
			}
		}
	}
	return people
}

var titles = wordSet("professor prof dr mr mrs ms phd grad postdoc manager user marketing designer expert project industrial interface speaker guest dial caller mark rich bill will may grace hope joy frank")
