package webvtt

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func turnsOf(t *testing.T, text string, known ...string) []Turn {
	t.Helper()
	cues, err := Cues(text)
	if err != nil {
		t.Fatal(err)
	}
	return Turns(cues, known)
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		known []string
		want  []Turn
	}{
		"as Zoom writes": {"WEBVTT\n\n1\n00:00:04.120 --> 00:00:08.650\nAda Example: Hello.\n\n2\n00:01:04.120 --> 01:00:08.650\nBo: Hi there: all well?\n", nil, []Turn{
			{"Ada Example", "Hello.", ms(4120), ms(8650)}, {"Bo", "Hi there: all well?", ms(64120), ms(3608650)},
		}},
		"mark, carriage returns, header text, comment and settings": {"\uFEFFWEBVTT - by hand\r\nKind: captions\r\n\r\nNOTE one\r\nAda: not said\r\n\r\n00:01.000 --> 00:02.000 align:start position:0%\r\nAda: Said.\r\n", nil, []Turn{
			{"Ada", "Said.", ms(1000), ms(2000)},
		}},
		"lines of a cue are one text": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: first\n  second  line: here\n", nil, []Turn{{"Ada", "first second line: here", ms(1000), ms(2000)}}},
		"a spoken NOTE or STYLE is speech": {"WEBVTT\n\n00:01.000 --> 00:02.000\nNOTE that I said so\nSTYLE matters\n", nil, []Turn{
			{"", "NOTE that I said so STYLE matters", ms(1000), ms(2000)},
		}},
		"nobody named: the speaker goes on": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: One.\n\n00:09.000 --> 00:10.000\nand two.\n", nil, []Turn{
			{"Ada", "One.", ms(1000), ms(2000)}, {"Ada", "and two.", ms(9000), ms(10000)},
		}},
		"one breath is one turn": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Once\n\n00:04.000 --> 00:05.000\nAda: and again.\n\n00:07.001 --> 00:08.000\nAda: Later.\n", nil, []Turn{
			{"Ada", "Once and again.", ms(1000), ms(5000)}, {"Ada", "Later.", ms(7001), ms(8000)},
		}},
		"a long speech is cut": {"WEBVTT\n\n00:00.000 --> 00:20.000\nAda: One\n\n00:20.000 --> 00:30.000\nAda: two\n\n00:30.000 --> 00:31.000\nAda: three\n", nil, []Turn{
			{"Ada", "One two", 0, ms(30000)}, {"Ada", "three", ms(30000), ms(31000)},
		}},
		"a sentence is no name": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Well.\n\n00:12.000 --> 00:13.000\nthat is the plan. Next: the price\n\n00:22.000 --> 00:23.000\nIs it so? Yes: it is\n", nil, []Turn{
			{"Ada", "Well.", ms(1000), ms(2000)}, {"Ada", "that is the plan. Next: the price", ms(12000), ms(13000)},
			{"Ada", "Is it so? Yes: it is", ms(22000), ms(23000)},
		}},
		"small letters are a name when they come again": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: One\n\n00:12.000 --> 00:13.000\nand the question is: who\n\n00:22.000 --> 00:23.000\nde vries: A\n\n00:32.000 --> 00:33.000\nde vries: B\n", nil, []Turn{
			{"Ada", "One", ms(1000), ms(2000)}, {"Ada", "and the question is: who", ms(12000), ms(13000)},
			{"de vries", "A", ms(22000), ms(23000)}, {"de vries", "B", ms(32000), ms(33000)},
		}},
		"initials and titles are": {"WEBVTT\n\n00:01.000 --> 00:02.000\nPriya R.: One\n\n00:02.000 --> 00:03.000\nProf. J. Doe: Two\n", nil, []Turn{
			{"Priya R.", "One", ms(1000), ms(2000)}, {"Prof. J. Doe", "Two", ms(2000), ms(3000)},
		}},
		"a known name may have a colon": {"WEBVTT\n\n00:01.000 --> 00:02.000\nRoom: North: we are here: all\n", []string{"Room: North"}, []Turn{
			{"Room: North", "we are here: all", ms(1000), ms(2000)},
		}},
		"voice tags": {"WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Leila Haddad>It: <i>is</i> &lt;fine&gt;, a < b</v>\n", nil, []Turn{
			{"Leila Haddad", "It: is <fine>, a < b", ms(1000), ms(2000)},
		}},
		"a name alone speaks next": {"WEBVTT\n\n00:01.000 --> 00:02.000\nAda Example:\nhello\n\n00:03.000 --> 00:04.000\nBo:\n\n00:05.000 --> 00:06.000\nyes\n", nil, []Turn{
			{"Ada Example", "hello", ms(1000), ms(2000)}, {"Bo", "yes", ms(5000), ms(6000)},
		}},
		"an end before the start": {"WEBVTT\n\n00:05.000 --> 00:02.000\nAda: x\n", nil, []Turn{{"Ada", "x", ms(5000), ms(5000)}}},
		"no cue":                  {"WEBVTT", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := turnsOf(t, c.text, c.known...); !slices.Equal(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestWhatIsNoWebVTTIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "<html>sign in</html>", "WEBVTTX\n", "webvtt\n"} {
		if _, err := Cues(text); !errors.Is(err, ErrNotWebVTT) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"WEBVTT\n\nx --> y\nhi\n", "WEBVTT\n\n1\n00:61 --> 00:02.000\nhi\n", "WEBVTT\n\n00:01.000 -->\nhi\n"} {
		if _, err := Cues(text); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
	if _, err := Cues("WEBVTT\n\n" + strings.Repeat("00:01.000 --> 00:02.000\nx\n\n", maxCues+1)); err == nil {
		t.Error("more cues than allowed are accepted")
	}
}

func FuzzTurns(f *testing.F) {
	f.Add("WEBVTT\n\n1\n00:00:04.120 --> 00:00:08.650\nAda: Hello: you\n\n00:09.000 --> 00:10.000\n<v Bo>x</v>\n", "Ada")
	f.Add("\uFEFFWEBVTT\r\n\r\nNOTE\r\n\r\n00:01.000 --> 00:02.000 line:0\r\nA:\r\n", "A: B")
	f.Fuzz(func(t *testing.T, text, known string) {
		cues, err := Cues(text)
		if err != nil {
			return
		}
		if len(cues) > maxCues {
			t.Fatalf("%d cues", len(cues))
		}
		said := 0
		for _, turn := range Turns(cues, []string{known}) {
			// What is between two lines may become a space, so that no text grows.
			if said += len(turn.Text); said > len(text) {
				t.Fatalf("%d bytes are said in a file of %d", said, len(text))
			}
			if turn.Text == "" || turn.Start < 0 || turn.End < turn.Start {
				t.Fatalf("turn %+v", turn)
			}
			if utf8.ValidString(text) && (!utf8.ValidString(turn.Text) || !utf8.ValidString(turn.Speaker)) {
				t.Fatalf("cut within a character: %q %q", turn.Speaker, turn.Text)
			}
		}
	})
}

// Cues that are all of one moment are no speech, and are not added up to one text.
func TestATurnHasAnEnd(t *testing.T) {
	t.Parallel()
	cue := "00:01.000 --> 00:02.000\nAda: " + strings.Repeat("word ", 200) + "\n\n"
	turns := turnsOf(t, "WEBVTT\n\n"+strings.Repeat(cue, 1000))
	words := 0
	for _, turn := range turns {
		if len(turn.Text) > wordiest+len(cue) {
			t.Fatalf("a turn has %d bytes", len(turn.Text))
		}
		words += len(strings.Fields(turn.Text))
	}
	if words != 200_000 {
		t.Errorf("%d words, want all 200000", words)
	}
}
