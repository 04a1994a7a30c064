package index

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leadline/schemas"
)

// said draws what people say, and what they do not: nothing, one word, a long
// speech with and without sentences, one word of a thousand letters, scripts
// without spaces, and line breaks that look like another speaker.
func said() *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{
		"pier", "Wetter", "the", "a", "—", "4.5", "e.g.", "センサー", "通知。", "你好，", "ขอบคุณ", "مرحبا",
		"done.", "why?", "\nNora Vale:", "\u2028", "\x07", strings.Repeat("x", 90), "👩‍🔧", "e\u0301\u0301\u0301",
	})
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "Yes.", "\n"}),
		rapid.Map(rapid.SliceOfN(word, 1, 30), func(w []string) string { return strings.Join(w, " ") }),
		rapid.Map(rapid.SliceOfN(word, 200, 500), func(w []string) string { return strings.Join(w, " ") }),
		rapid.Map(rapid.IntRange(100, 1500), func(n int) string { return strings.Repeat("海", n) }),
		rapid.Map(rapid.IntRange(100, 1500), func(n int) string { return strings.Repeat("z", n) }),
	)
}

func transcripts() *rapid.Generator[[]schemas.Turn] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) schemas.Turn {
		return schemas.Turn{
			Speaker: rapid.SampledFrom([]string{"Nora Vale", "Ivo Brandt", "", "佐藤", strings.Repeat("Room four ", 40)}).Draw(t, "speaker"),
			Text:    said().Draw(t, "text"),
		}
	}), 0, 15)
}

func TestChunks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		turns := transcripts().Draw(rt, "turns")
		chunks := chunksOf(turns)
		checkChunks(rt, turns, chunks)
		if !reflect.DeepEqual(chunks, chunksOf(turns)) {
			rt.Fatal("cut again, the chunks are others")
		}
	})
}

type fataler interface{ Fatalf(string, ...any) }

func checkChunks(t fataler, turns []schemas.Turn, chunks []chunk) {
	texts := 0
	for _, turn := range turns {
		if oneLine(turn.Text) != "" {
			texts++
		}
	}
	if texts == 0 {
		if len(chunks) != 0 {
			t.Fatalf("%d chunks of no text", len(chunks))
		}
		return
	}
	next := 0 // the first turn that no chunk has covered yet
	for i, c := range chunks {
		if n := countWords(c.text); n > 122 || n == 0 {
			t.Fatalf("chunk %d has %d words", i, n)
		}
		if c.first > next || c.last < c.first {
			t.Fatalf("chunk %d has turns %d to %d, but %d is not covered", i, c.first, c.last, next)
		}
		next = max(next, c.last+1)
		inChunk := make(map[string]bool)
		for n := c.first; n <= c.last; n++ {
			inChunk[turns[n].Speaker] = true
		}
		for _, s := range c.speakers {
			if !inChunk[s] {
				t.Fatalf("chunk %d has the speaker %q of no turn", i, s)
			}
		}
		if lines := strings.Count(c.text, "\n") + 1; lines > c.last-c.first+1 {
			t.Fatalf("chunk %d has %d lines of %d turns", i, lines, c.last-c.first+1)
		}
	}
	if next != len(turns) {
		t.Fatalf("turns from %d on are in no chunk", next)
	}
	checkNothingIsLost(t, turns, chunks)
}

// checkNothingIsLost reads the chunks of each turn one after the other: they
// must be the turn's text.
func checkNothingIsLost(t fataler, turns []schemas.Turn, chunks []chunk) {
	for n, turn := range turns {
		want, at := oneLine(turn.Text), 0
		for _, c := range chunks {
			if n < c.first || n > c.last {
				continue
			}
			for _, line := range strings.Split(c.text, "\n") {
				_, said, named := strings.Cut(line, ": ")
				if !named || turn.Speaker == "" {
					said = line
				}
				// The line goes on where the one before ended, or before that.
				for from := at; from >= 0 && at < len(want); from-- {
					if rest := strings.TrimPrefix(want[from:], " "); strings.HasPrefix(rest, said) && said != "" {
						at = max(at, len(want)-len(rest)+len(said))
						break
					}
				}
			}
		}
		if at != len(want) {
			t.Fatalf("turn %d: of %d bytes, those from %d on are in no chunk", n, len(want), at)
		}
	}
}

// No two words are alike, so a chunk whose text is in another's is superfluous.
func TestNoChunkHoldsItsNeighbour(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var turns []schemas.Turn
		ends := rapid.SampledFrom([]string{"", ".", "。"})
		for i, words := range rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 60), rapid.IntRange(0, 700)), 0, 30).Draw(rt, "words") {
			text := strings.ReplaceAll(speech(words, ends.Draw(rt, "ends")), "word", fmt.Sprintf("t%dw", i))
			turns = append(turns, schemas.Turn{Speaker: "Nora", Text: text})
		}
		chunks := chunksOf(turns)
		checkChunks(rt, turns, chunks)
		for i := 1; i < len(chunks); i++ {
			a, b := strings.Fields(chunks[i-1].text), strings.Fields(chunks[i].text)
			if a[len(a)-1] == b[len(b)-1] || a[1] == b[1] {
				rt.Fatalf("one of the chunks %d and %d holds the other", i-1, i)
			}
		}
	})
}

func speech(words int, ends string) string {
	var b strings.Builder
	for i := range words {
		fmt.Fprintf(&b, "word%d", i)
		if i%10 == 9 {
			b.WriteString(ends)
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// TestChunkSizes pins what the properties leave open.
func TestChunkSizes(t *testing.T) {
	t.Parallel()
	turn := func(words int) schemas.Turn { return schemas.Turn{Speaker: "Nora", Text: speech(words, ".")} }
	repeat := func(n, words int) []schemas.Turn {
		turns := make([]schemas.Turn, n)
		for i := range turns {
			turns[i] = turn(words)
		}
		return turns
	}
	type span struct{ first, last, words int }
	for name, tt := range map[string]struct {
		turns []schemas.Turn
		want  []span
	}{
		"small turns are merged":          {repeat(10, 9), []span{{0, 9, 100}}},
		"no turn is in two chunks":        {repeat(40, 9), []span{{0, 10, 110}, {11, 21, 110}, {22, 32, 110}, {33, 39, 70}}},
		"a short rest goes with the last": {repeat(12, 9), []span{{0, 11, 120}}},
		"a turn that fits is not cut":     {[]schemas.Turn{turn(60), turn(110), turn(60)}, []span{{0, 0, 61}, {1, 1, 111}, {2, 2, 61}}},
		"a turn that does not fit is cut": {[]schemas.Turn{turn(250)}, []span{{0, 0, 111}, {0, 0, 111}, {0, 0, 31}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []span
			for _, c := range chunksOf(tt.turns) {
				got = append(got, span{c.first, c.last, countWords(c.text)})
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// A body of one endless word or sentence must not take minutes.
func TestTimeGrowsWithTheTextOnly(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"word": "z", "words": "z ", "characters": "海", "ends": ".", "marks": "\u0301"} {
		done := make(chan int, 1)
		go func() { done <- len(chunksOf([]schemas.Turn{{Text: strings.Repeat(text, 1<<18)}})) }()
		select {
		case n := <-done:
			if n < 50 {
				t.Errorf("%s: %d chunks", name, n)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: no end after a minute", name)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "one": 1, " one  two\n": 2, "it's 4.5%": 2, "港湾": 1, "港湾株式会社": 3, "港湾 port": 2, "ขอบคุณ": 3,
		strings.Repeat("x", 24): 1, strings.Repeat("x", 25): 2, "안녕하세요 여러분": 2,
	} {
		if got := countWords(text); got != want {
			t.Errorf("%q: got %d words, want %d", text, got, want)
		}
	}
}

// Counting eight characters at a time is counting word by word.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	quick := 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abz09.,'~\x00\x08\t\n\v\f\r\x0e\x1f!\x7f   é")), 0, 80, -1).Draw(t, "text")
		want := 0
		for rest := text; rest != ""; {
			end, halves := nextWord(rest)
			want += halves
			rest = rest[end:]
		}
		words, plain := plainWords(text)
		if plain && 2*words != want {
			t.Fatalf("%q has %d words, want %d half words", text, words, want)
		}
		if plain {
			quick++
		}
	})
	if quick < 10 {
		t.Errorf("%d texts were counted the quick way", quick)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`It costs 4.5. "Really?" he said`: {`It costs 4.5.`, ` "Really?"`, ` he said`},
		"通知が遅い。「はい！」次へ":                   {"通知が遅い。", "「はい！」", "次へ"},
		"Wait... what?! Yes":              {"Wait...", " what?!", " Yes"},
		"no end at all":                   {"no end at all"},
	} {
		var got []string
		for rest := text; rest != ""; {
			end := cutSentence(rest)
			got = append(got, rest[:end])
			rest = rest[end:]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzChunks(f *testing.F) {
	f.Add("Nora Vale", "Yes.", strings.Repeat("One more sentence. ", 200))
	f.Add("", "\x00\n\u2028", strings.Repeat("海。", 500))
	f.Fuzz(func(t *testing.T, speaker, one, two string) {
		turns := []schemas.Turn{{Speaker: speaker, Text: one}, {Text: two}, {Speaker: speaker, Text: two}, {Speaker: two, Text: one}}
		for i := range turns {
			turns[i].Speaker = strings.ToValidUTF8(turns[i].Speaker, "")
			turns[i].Text = strings.ToValidUTF8(turns[i].Text, "")
		}
		for i, c := range chunksOf(turns) {
			if n := countWords(c.text); n > 122 {
				t.Errorf("chunk %d has %d words", i, n)
			}
		}
	})
}

func TestRealMeetingsAreCovered(t *testing.T) {
	t.Parallel()
	root := os.Getenv("LEADLINE_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	files, err := filepath.Glob(filepath.Join(root, "data", "qmsum", "meetings", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no reference material in %s (set LEADLINE_SHARED)", root)
	}
	chunks, words := 0, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sent struct {
			Transcript []struct {
				Speaker struct {
					Name string `json:"display_name"`
				} `json:"speaker"`
				Text string `json:"text"`
			} `json:"transcript"`
		}
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Fatal(err)
		}
		var turns []schemas.Turn
		for _, s := range sent.Transcript {
			turns = append(turns, schemas.Turn{Speaker: s.Speaker.Name, Text: s.Text})
		}
		cut := chunksOf(turns)
		checkChunks(t, turns, cut)
		chunks += len(cut)
		for _, c := range cut {
			words += countWords(c.text)
		}
	}
	t.Logf("%d meetings, %d chunks of %d words on average", len(files), chunks, words/chunks)
}
