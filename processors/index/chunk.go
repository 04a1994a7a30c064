package index

import (
	"slices"
	"strings"

	"leadline/schemas"
)

// Sizes of chunks in half words. A search shows a chunk with one of its
// neighbours, at most 250 words, so chunks are a little less than half of that
// and do not overlap: overlapping ones were measured, and found less.
const (
	targetSize = 2 * 110
	limitSize  = 2 * 122
	// nameLimit is what a line shows of a speaker's name: a name that is longer
	// than that is a text, and would take the place of what was said.
	nameLimit = 2 * 12
	// sentenceLimit leaves room for the name before the sentence.
	sentenceLimit = limitSize - nameLimit
	// pieceSize is of the pieces of a sentence that is longer.
	pieceSize = 2 * 40
	// chunkBytes is what most chunks take: English words have five letters.
	chunkBytes = targetSize / 2 * 7
)

// chunk is a passage of a transcript: whole turns as lines "Speaker: text", and
// of a turn that is longer than a chunk, some of its sentences.
type chunk struct {
	text        string
	first, last int // turns, inclusive
	speakers    []string
}

// unit is what chunks are made of, and what is never cut: a turn, or a sentence
// of one that is longer than a chunk.
type unit struct {
	turn     int
	from, to int // in the turn's line
	size     int // without the speaker's name
}

// transcript has, for each turn, what its line says.
type transcript struct {
	turns       []schemas.Turn
	names, text []string
	nameSizes   []int
	units       []unit
}

// chunksOf cuts the transcript. Every turn is inside of at least one chunk; a
// turn without text has no line but is covered by its neighbours' chunk, and a
// transcript without any text has no chunk.
func chunksOf(turns []schemas.Turn) []chunk {
	t := newTranscript(turns)
	rest := make([]int, len(t.units)+1)
	for i := len(t.units) - 1; i >= 0; i-- {
		rest[i] = rest[i+1] + t.added(i, -1)
	}
	var chunks []chunk
	for start, end := 0, 0; end < len(t.units); start = end {
		end = t.fill(start, rest)
		chunks = append(chunks, t.chunk(start, end))
	}
	return chunks
}

func newTranscript(turns []schemas.Turn) *transcript {
	t := &transcript{
		turns: turns, names: make([]string, 0, len(turns)), text: make([]string, 0, len(turns)),
		nameSizes: make([]int, 0, len(turns)), units: make([]unit, 0, len(turns)),
	}
	for i, turn := range turns {
		name := oneLine(turn.Speaker)
		if name != "" {
			name = name[:cutWords(name, nameLimit)] + ": "
		}
		text := oneLine(turn.Text)
		t.names, t.text, t.nameSizes = append(t.names, name), append(t.text, text), append(t.nameSizes, halfWords(name))
		t.split(i)
	}
	return t
}

// split adds the turn's units. A sentence that is too long is cut into
// pieces.
func (t *transcript) split(turn int) {
	text := t.text[turn]
	if size := halfWords(text); t.nameSizes[turn]+size <= limitSize {
		if size > 0 {
			t.units = append(t.units, unit{turn: turn, to: len(text), size: size})
		}
		return
	}
	for from := 0; from < len(text); {
		// No further than this is looked for an end: speech without any would
		// be read to its end for each of its pieces.
		window := from + cutWords(text[from:], sentenceLimit)
		to := from + cutSentence(text[from:window])
		if to == window && window < len(text) {
			to = from + cutWords(text[from:window], pieceSize)
		}
		t.units = append(t.units, unit{turn: turn, from: from, to: to, size: halfWords(text[from:to])})
		from = to
	}
}

// added is what unit i adds to a chunk in which it follows the unit before: its
// words, and its speaker's name unless it goes on with that unit's line. before
// is -1 at the start of a chunk.
func (t *transcript) added(i, before int) int {
	u := t.units[i]
	if before >= 0 && t.units[before].turn == u.turn {
		return u.size
	}
	return u.size + t.nameSizes[u.turn]
}

// fill returns the end of the chunk that begins at start. It grows to the
// target, and beyond it only to take in the whole rest: a last chunk of a few
// words would say nothing.
func (t *transcript) fill(start int, rest []int) int {
	size, end := t.added(start, -1), start+1
	for end < len(t.units) {
		next := t.added(end, end-1)
		if size+next > limitSize || size >= targetSize && size+rest[end] > limitSize {
			break
		}
		size += next
		end++
	}
	return end
}

// chunk renders the units [start, end).
func (t *transcript) chunk(start, end int) chunk {
	c := chunk{first: t.units[start].turn, last: t.units[end-1].turn}
	if start == 0 {
		c.first = 0
	}
	// Turns without text have no units: they go with the turn before them.
	switch {
	case end == len(t.units):
		c.last = len(t.turns) - 1
	case t.units[end].turn > c.last:
		c.last = t.units[end].turn - 1
	}
	var b strings.Builder
	b.Grow(chunkBytes)
	for i := start; i < end; {
		first := t.units[i]
		to := first.to
		for i++; i < end && t.units[i].turn == first.turn; i++ {
			to = t.units[i].to
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(t.names[first.turn])
		b.WriteString(strings.TrimSpace(t.text[first.turn][first.from:to]))
		if s := t.turns[first.turn].Speaker; s != "" && !slices.Contains(c.speakers, s) {
			c.speakers = append(c.speakers, s)
		}
	}
	c.text = b.String()
	return c
}

// turnEnd is when a turn ends, in milliseconds: as the recorder says, or when
// the next begins, or with the meeting.
func turnEnd(m *schemas.Meeting, turn int) int64 {
	t := m.Turns[turn]
	var end int64
	switch {
	case t.EndMS != nil:
		end = *t.EndMS
	case turn+1 < len(m.Turns):
		end = m.Turns[turn+1].StartMS
	default:
		end = m.EndedAt.Sub(m.StartedAt).Milliseconds()
	}
	return max(end, t.StartMS)
}
