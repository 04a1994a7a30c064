package distill

import (
	"fmt"
	"strings"

	"leadline/schemas"
)

// The judgement by words is stated in docs/rules.md: change both.
const (
	// topicWords is the part of a topic's words that must occur together.
	topicWords = 0.5
	// window is how many turns in a row count as together: a question, its
	// answer, and one more.
	window = 3
	// byWordsVersion is part of the memo wherever words judge a topic.
	byWordsVersion = "words/1"
)

// aboutByWords judges topics without a model. A preset, which has a focus, is
// met where the distiller found something of that kind. Any other is met where
// half of its words, at least two if it has so many, occur in the title, in the
// summary or within three turns in a row, whatever their endings.
func aboutByWords(in Input, found []schemas.Distillate) []schemas.TopicHit {
	rules := in.Rules.Of(schemas.RuleTopic)
	if len(rules) == 0 {
		return nil
	}
	places := placesOf(in.Meeting)
	var hits []schemas.TopicHit
	for _, r := range rules {
		var (
			hit schemas.TopicHit
			met bool
		)
		if r.Focus != "" {
			hit, met = foundOf(r.Focus, in, found)
		} else {
			hit, met = occurring(topics(r.Text), places)
		}
		if met {
			hit.Rule = r.ID
			hits = append(hits, hit)
		}
	}
	return hits
}

func foundOf(kind string, in Input, found []schemas.Distillate) (schemas.TopicHit, bool) {
	for _, d := range found {
		if d.Kind == kind {
			return schemas.TopicHit{Turn: d.Turn, Excerpt: excerpt(d.Quote)}, true
		}
	}
	if kind == schemas.ActionItem && len(in.Meeting.ActionItems) > 0 {
		return schemas.TopicHit{Turn: -1, Excerpt: excerpt(in.Meeting.ActionItems[0].Description)}, true
	}
	return schemas.TopicHit{}, false
}

// place is a text in which words stand together.
type place struct {
	text  string
	words map[string]bool
	turn  int32
}

func placesOf(m *schemas.Meeting) []place {
	var all []place
	add := func(text string, turn int) {
		if text != "" {
			all = append(all, place{text, topics(text), int32(turn)}) //nolint:gosec // a transcript of 8 MiB has fewer turns
		}
	}
	add(m.Title, -1)
	if m.Summary != nil && m.Summary.Markdown != nil {
		add(*m.Summary.Markdown, -1)
	}
	for i, t := range m.Turns {
		add(t.Text, i)
	}
	return all
}

func occurring(about map[string]bool, places []place) (schemas.TopicHit, bool) {
	if len(about) == 0 {
		return schemas.TopicHit{}, false
	}
	needed := max(int(float64(len(about))*topicWords+0.5), min(minShared, len(about)))
	for i, p := range places {
		found := make(map[string]bool)
		for n, next := range places[i:] {
			if n > 0 && (p.turn < 0 || n == window) {
				break
			}
			for w := range about {
				if next.words[w] {
					found[w] = true
				}
			}
		}
		if len(found) >= needed {
			return schemas.TopicHit{Turn: p.turn, Excerpt: excerpt(p.text)}, true
		}
	}
	return schemas.TopicHit{}, false
}

// maxExcerpt is a line of a terminal, in bytes.
const maxExcerpt = 100

func excerpt(text string) string {
	return clip(strings.Join(strings.Fields(text), " "), maxExcerpt)
}

// about lists the topics that were met, for people.
func about(hits []schemas.TopicHit, rules schemas.RuleSet) string {
	told := make([]string, len(hits))
	for i, h := range hits {
		told[i] = fmt.Sprintf("about %s (rules version %d)", h.Rule, rules.Version)
		if h.Excerpt != "" {
			told[i] += fmt.Sprintf(": %q", h.Excerpt)
		}
	}
	return strings.Join(told, "; ")
}
