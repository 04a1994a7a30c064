package passage

import (
	"slices"
	"testing"
)

func TestVoices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		speakers []string
		want     []string
	}{
		"who says much":             {"Ines: yes\nUgo: the quay is closed for the whole of March\nInes: no", []string{"Ines", "Ugo"}, []string{"Ugo"}},
		"two who say as much":       {"Ines: the quay is closed\nUgo: the pier is closed", []string{"Ines", "Ugo"}, []string{"Ines", "Ugo"}},
		"of names the longer":       {"Ines: B: the quay is closed", []string{"Ines", "Ines: B"}, []string{"Ines: B"}},
		"a name in what is said":    {"Ugo says: Ines: the quay", []string{"Ines"}, nil},
		"a text without any speech": {"Ask for the quay.", []string{"Ines"}, nil},
		"nothing":                   {"", []string{"Ines"}, nil},
	} {
		if got := Voices(c.text, c.speakers); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAQuestionNamesSomebody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		question, name string
		want           naming
	}{
		{"What did Ines say on prices?", "Ines", byName},
		{"what did ines duarte think", "Dr. Ines Duarte-Reis", byName},
		{"What did the professor think?", "Professor E", byName},
		{"What was Grad's view?", "Grad G", byFirstName},
		{"What did Ines say?", "Ines Duarte", byFirstName},
		{"Will they renew?", "Will Duarte", notNamed},
		{"What will they pay?", "Will Duarte", notNamed},
		{"What did Duarte say?", "Ines Duarte (Minister of Finance)", byLastName},
		{"What did Finance say?", "Ines Duarte (Minister of Finance)", notNamed},
		{"all of the keys", "Ines Keys", notNamed},
		{"Inesita said", "Ines", notNamed},
		{"山田さんの意見", "山田さんの意見", byName},
		{"What is it?", "", notNamed},
		{"(", "(", notNamed},
	} {
		if got := newAsked(c.question).names(c.name); got != c.want {
			t.Errorf("%q of %q: got %d, want %d", c.question, c.name, got, c.want)
		}
	}
}

func TestWhoIsNamedIsHeard(t *testing.T) {
	t.Parallel()
	chunks := []Chunk{{Entry: "a", Score: 10}, {Entry: "b", Score: 9, Voices: []string{"Ines Duarte"}}, {Entry: "c", Score: 8, Voices: []string{"Ugo Duarte"}}}
	for question, want := range map[string][]float64{
		"the quay":                         {10, 9, 8},
		"What did Ines Duarte say of it?":  {10, 9 + 10*weightVoice, 8},
		"What did Duarte say of the quay?": {10, 9 + 10*weightVoice, 8 + 10*weightVoice},
	} {
		for i, c := range Heard(question, chunks) {
			if c.Score != want[i] {
				t.Errorf("%q: %s has %v, want %v", question, c.Entry, c.Score, want[i])
			}
		}
	}
	if chunks[1].Score != 9 {
		t.Error("the caller's scores are changed")
	}
}
