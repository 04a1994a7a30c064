package local

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// enough is the weight at which a sentence is of a kind. A rule of weight 1
// decides alone; lower ones need another; a negative one is a guard.
const enough = 1.0

// never is a guard that nothing outweighs.
const never = -9

// mood is in which sentences a rule counts.
type mood int

const (
	anywhere mood = iota
	statement
	question
	namely // in any, over the text in which names are marked
)

// rule is one line of a kind's table. Its pattern is a regular expression over
// plain text that must match whole words; <names> stand for what vocabulary.go
// lists under them.
type rule struct {
	weight  float64
	mood    mood
	pattern string
	label   string // what the sentence is about, where the kind has such
}

type compiled struct {
	rule
	re *regexp.Regexp
	// needs are texts of which every match holds at least one: looking for them
	// first spares nearly all of the matching, which is 50 times as slow.
	needs []string
}

// table is a kind's rules in one language.
type table []compiled

func compile(rules []rule) table {
	t := make(table, len(rules))
	for i, r := range rules {
		text := " (?:" + expand(r.pattern) + ") "
		re := regexp.MustCompile(text)
		parsed, err := syntax.Parse(text, syntax.Perl)
		if err != nil {
			continue // MustCompile has parsed it
		}
		t[i] = compiled{rule: r, re: re, needs: required(parsed.Simplify())}
	}
	return t
}

// core is the weight that one rule at least must have: what only supports adds
// up to nothing.
const core = 0.6

// score adds up the rules that match. The label is that of the heaviest.
func (t table) score(u *utterance) (sum float64, label string) {
	heaviest, most := 0.0, 0.0
	for i := range t {
		c := &t[i]
		text := u.plain
		if c.mood == namely {
			text = u.marked
		}
		if c.mood == statement && u.question || c.mood == question && !u.question {
			continue
		}
		if !c.matches(text) {
			continue
		}
		sum += c.weight
		most = max(most, c.weight)
		if c.weight > heaviest && c.label != "" {
			heaviest, label = c.weight, c.label
		}
	}
	if sum > 0 && most < core {
		return 0, label
	}
	return sum, label
}

func (c *compiled) matches(text string) bool {
	if len(c.needs) > 0 {
		found := false
		for _, n := range c.needs {
			if strings.Contains(text, n) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return c.re.MatchString(text)
}

// required returns texts of which every match of the expression holds at least
// one, preferring long ones; nil where it finds none.
func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpAlternate:
		var all []string
		for _, s := range re.Sub {
			r := required(s)
			if r == nil {
				return nil
			}
			all = append(all, r...)
		}
		return all
	case syntax.OpConcat:
		var best []string
		for _, s := range re.Sub {
			if r := required(s); shortest(r) > shortest(best) {
				best = r
			}
		}
		return best
	default:
		return nil
	}
}

// shortest is the length of the shortest text, 0 for none: one blank that every
// sentence holds makes a list worthless.
func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	n := len(texts[0])
	for _, t := range texts {
		n = min(n, len(t))
	}
	return n
}
