package distill

import (
	"strings"
	"testing"

	"leadline/schemas"
)

func TestSides(t *testing.T) {
	t.Parallel()
	m := &schemas.Meeting{
		Host: schemas.Host{Name: "Hana Berg", Email: "Hana@gmail.com"},
		Invitees: []schemas.Invitee{
			{Name: address("Mara  Lind"), Email: address("mara@harbour.example"), SpeakerName: address("Mara L.")},
			{Name: address("Ida"), Email: address("ida@EU.Leadline.example.")},
			{Name: address("Twin"), Email: address("twin@leadline.example")},
			{Name: address("Twin"), Email: address("twin@harbour.example")},
			{Name: address("Jürgen"), Email: address("j@bücher.example")},
		},
	}
	own := []string{"leadline.example", "xn--bcher-kva.example", "kim@gmail.com"}
	for _, c := range []struct {
		name, speaker, email string
		customer             bool
		as                   string // the address found
	}{
		{"by their own address", "X", "x@harbour.example", true, "x@harbour.example"},
		{"of our domain", "X", "X@Leadline.example", false, "X@Leadline.example"},
		{"below our domain", "X", "x@eu.leadline.example", false, "x@eu.leadline.example"},
		{"a domain that ends like ours", "X", "x@notleadline.example", true, "x@notleadline.example"},
		{"the host at free mail", "X", "hana@gmail.com", false, "hana@gmail.com"},
		{"another at the host's free mail", "X", "tom@gmail.com", true, "tom@gmail.com"},
		{"a colleague at free mail", "X", "Kim@gmail.com", false, "Kim@gmail.com"},
		{"an international domain of ours", "X", "x@Bücher.example", false, "x@Bücher.example"},
		{"by the invitee's name", "mara lind", "", true, "mara@harbour.example"},
		{"by the name the recorder heard", "Mara L.", "", true, "mara@harbour.example"},
		{"one of us by name", "Ida", "", false, "ida@EU.Leadline.example."},
		{"a name of two people", "Twin", "", true, ""},
		{"the host by name", "HANA BERG", "", false, "Hana@gmail.com"},
		{"nobody knows", "Speaker 3", "", true, ""},
	} {
		m.Turns = []schemas.Turn{{Speaker: c.speaker, Text: "Hello."}}
		if c.email != "" {
			m.Turns[0].Email = &c.email
		}
		v := NewInput(m, own).Voice(0)
		email := ""
		if v.Email != nil {
			email = *v.Email
		}
		if v.Customer != c.customer || email != c.as || v.Name != c.speaker {
			t.Errorf("%s: customer %v, %q", c.name, v.Customer, email)
		}
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"One. Two? Three! Four":               {"One.", "Two?", "Three!", "Four"},
		"It costs 3.50 a day. Mr. Lee pays.":  {"It costs 3.50 a day.", "Mr. Lee pays."},
		"He said \"no.\" Then he left.":       {"He said \"no.\"", "Then he left."},
		"Talk to J. Smith, e.g. today. Fine.": {"Talk to J. Smith, e.g. today.", "Fine."},
		"No. I won't.":                        {"No.", "I won't."},
		"a\n\nb":                              {"a", "b"},
		"  ":                                  nil,
		"www.acme.example is down... Is it?":  {"www.acme.example is down...", "Is it?"},
	} {
		got := Sentences(text)
		if len(got) != len(want) {
			t.Errorf("%q: %q, want %q", text, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
}

func FuzzSupport(f *testing.F) {
	f.Add("It\u2019s fast \u2014 really.", "It's fast")
	f.Add("a b c", " ")
	f.Fuzz(func(t *testing.T, text, quote string) {
		if all := strings.Join(Sentences(text), ""); len(all) > len(text) {
			t.Errorf("%q has the sentences %q", text, Sentences(text))
		}
		in := NewInput(&schemas.Meeting{Turns: []schemas.Turn{{Text: text}}}, nil)
		d, ok := newEvidence(in).support(schemas.Distillate{Kind: schemas.ActionItem, Sentence: "s", Quote: quote})
		if !ok {
			return
		}
		if !strings.Contains(text, d.Quote) || find(split(quote), split(d.Quote)) != 0 {
			t.Errorf("%q was found as %q in %q", quote, d.Quote, text)
		}
	})
}
