package local

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"leadline/processors/distill"
	"leadline/processors/distill/local/encoder"
	"leadline/schemas"
)

func turn(speaker, email, text string) schemas.Turn {
	t := schemas.Turn{Speaker: speaker, Text: text}
	if email != "" {
		t.Email = &email
	}
	return t
}

func meeting(language string, turns ...schemas.Turn) *schemas.Meeting {
	return &schemas.Meeting{
		ID: "o/fathom/1", Language: language, Turns: turns,
		Host: schemas.Host{Name: "Hana Berg", Email: "hana@leadline.example"},
	}
}

// compiling the tables takes longer than most tests.
var compiledOnce = sync.OnceValue(New)

func distilled(t *testing.T, m *schemas.Meeting) []schemas.Distillate {
	t.Helper()
	found, err := compiledOnce().Distill(t.Context(), distill.NewInput(m, []string{"leadline.example"}))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const (
	hana = "hana@leadline.example"
	mara = "mara@harbour.example"
)

func TestWordingSaysWhoAndKeepsTheirWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		turns []schemas.Turn
		want  schemas.Distillate
		owner string
	}{
		{"a commitment", []schemas.Turn{turn("Hana Berg", hana, "Right. So, um, I'll send you the revised quote by Friday.")},
			schemas.Distillate{Kind: schemas.ActionItem, Quote: "So, um, I'll send you the revised quote by Friday.",
				Sentence: "Hana Berg commits: \u201cI'll send you the revised quote by Friday.\u201d"}, "Hana Berg"},
		{"a request of whoever answers", []schemas.Turn{turn("Mara Lind", mara, "Could you send me the slides?"), turn("Hana Berg", hana, "Is it raining over there?")},
			schemas.Distillate{Kind: schemas.ActionItem, Quote: "Could you send me the slides?",
				Sentence: "Mara Lind asks for a next step: \u201cCould you send me the slides?\u201d"}, "Hana Berg"},
		{"a request by name", []schemas.Turn{turn("Hana Berg", hana, "Mara, could you send us the sample file?"), turn("Tom", "tom@harbour.example", "Is it raining over there?"), turn("Mara Lind", mara, "Good morning.")},
			schemas.Distillate{Kind: schemas.ActionItem, Quote: "Mara, could you send us the sample file?",
				Sentence: "Hana Berg asks for a next step: \u201cMara, could you send us the sample file?\u201d"}, "Mara Lind"},
		{"a task for somebody else", []schemas.Turn{turn("Hana Berg", hana, "Our support team will look into the log files.")},
			schemas.Distillate{Kind: schemas.ActionItem, Quote: "Our support team will look into the log files.",
				Sentence: "Hana Berg assigns a next step: \u201cOur support team will look into the log files.\u201d"}, ""},
		{"an answer that says nothing alone", []schemas.Turn{turn("Hana Berg", hana, "How has the rollout gone?"), turn("Mara Lind", mara, "Fantastic.")},
			schemas.Distillate{Kind: schemas.CustomerFeedback, Turn: 1, Quote: "Fantastic.",
				Sentence: "Asked \u201cHow has the rollout gone?\u201d, Mara Lind praises: \u201cFantastic.\u201d", Polarity: schemas.Positive}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := distilled(t, meeting("en", c.turns...))
			if len(found) != 1 {
				t.Fatalf("found %+v", found)
			}
			got, owner := found[0], ""
			if got.Owner != nil {
				owner = *got.Owner
			}
			got.Owner = nil
			if got != c.want || owner != c.owner {
				t.Errorf("found %+v of %q, want %+v of %q", got, owner, c.want, c.owner)
			}
		})
	}
}

// Both turns are evidence: of what was asked, and that somebody took it.
func TestAcceptedRequestIsOfWhoAccepted(t *testing.T) {
	t.Parallel()
	found := distilled(t, meeting("en",
		turn("Mara Lind", mara, "Please add Jonas to the invite."), turn("Hana Berg", hana, "Will do.")))
	if len(found) != 2 {
		t.Fatalf("found %+v", found)
	}
	for i, d := range found {
		if d.Kind != schemas.ActionItem || int(d.Turn) != i || d.Owner == nil || *d.Owner != "Hana Berg" {
			t.Errorf("found %+v", d)
		}
	}
}

func TestThanksForAPromiseAreNothing(t *testing.T) {
	t.Parallel()
	found := distilled(t, meeting("en",
		turn("Hana Berg", hana, "I'll get you a committed date from product by Monday."), turn("Mara Lind", mara, "Thank you so much.")))
	if len(found) != 1 || found[0].Turn != 0 {
		t.Errorf("found %+v", found)
	}
}

func TestOnlyTheCustomersSideGivesFeedbackAsksAndSignals(t *testing.T) {
	t.Parallel()
	const text = "The app keeps crashing and my drivers hate it. We need single sign-on. Our contract runs out in March and my boss hasn't decided."
	if found := distilled(t, meeting("en", turn("Mara Lind", mara, text))); len(found) != 3 {
		t.Errorf("the customer said %+v", found)
	}
	if found := distilled(t, meeting("en", turn("Ida", "ida@eu.leadline.example", text))); len(found) != 0 {
		t.Errorf("our own side said %+v", found)
	}
}

// A sentence that praises, in a window that does not, praises something else; and
// so does one that says nothing in a window that praises.
func TestFeedbackIsWhatBothSentenceAndWindowMakeIt(t *testing.T) {
	t.Parallel()
	e, err := encoder.Load()
	if err != nil {
		t.Fatal(err)
	}
	sure := func(s float32) (r encoder.Reading) {
		for kind := range r.Sure {
			r.Sure[kind], r.Is[kind] = s, e.Enough(kind, s)
		}
		return r
	}
	alone := []encoder.Reading{sure(0.05), sure(0.99)}
	for _, c := range []struct {
		kind  int
		whole float32
		want  []int
	}{
		{encoder.Feedback, 0.99, []int{1}},
		{encoder.Feedback, 0.2, nil},
		{encoder.Action, 0.2, []int{1}},
	} {
		if got := evidence(e, sure(c.whole), alone, c.kind); !slices.Equal(got, c.want) {
			t.Errorf("kind %d, window %.2f: sentences %v, want %v", c.kind, c.whole, got, c.want)
		}
	}
	if got := evidence(e, sure(0.99), []encoder.Reading{sure(0.05)}, encoder.Feedback); len(got) > 0 {
		t.Errorf("sentences %v are feedback by their window alone", got)
	}
}

func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, text, want string }{
		{"de", "Ich schicke Ihnen das Angebot bis Freitag.", schemas.ActionItem},
		{"de", "Das kläre ich intern.", schemas.ActionItem},
		{"de", "Können Sie mir bitte die Unterlagen zuschicken?", schemas.ActionItem},
		{"de-AT", "Es wäre schön, wenn man den Bericht als Tabelle exportieren könnte.", schemas.ProductAsk},
		{"de", "Uns fehlt eine Schnittstelle zur Buchhaltung.", schemas.ProductAsk},
		{"de", "Unser Vertrag läuft im März aus.", schemas.RenewalSignal},
		{"de", "Ehrlich gesagt ist uns das zu teuer.", schemas.RenewalSignal},
		{"de", "Wir schicken die Rechnungen immer am Monatsersten.", ""},
		{"de", "Mein Mietvertrag läuft im März aus.", ""},
		{"de", "Guten Morgen zusammen, schön, dass es klappt.", ""},
		{"es", "Te envío la oferta antes del viernes.", schemas.ActionItem},
		{"es", "¿Me puedes pasar la hoja?", schemas.ActionItem},
		{"es", "Nos gustaría poder exportar el informe a Excel.", schemas.ProductAsk},
		{"Spanish", "Sería genial si la aplicación avisara antes.", schemas.ProductAsk},
		{"es", "El contrato vence el treinta y uno de diciembre.", schemas.RenewalSignal},
		{"es", "Nos parece demasiado caro para lo que usamos.", schemas.RenewalSignal},
		{"es", "Siempre te envío el informe los lunes.", ""},
		{"es", "El seguro vence en diciembre.", ""},
		{"fr", "I'll send you the file by Friday.", ""},
		{"", "I'll send you the file by Friday.", schemas.ActionItem},
	} {
		var kinds []string
		for _, d := range distilled(t, meeting(c.language, turn("Mara Lind", mara, c.text))) {
			kinds = append(kinds, d.Kind)
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.language, c.text, got, c.want)
		}
	}
}

func TestEveryQuoteIsVerbatim(t *testing.T) {
	t.Parallel()
	m := meeting("en", turn("Mara Lind", mara, strings.Repeat("So, um, I'll send it to you by Friday.\nThe app keeps  crashing\u2026 all day! ", 9)))
	found := distilled(t, m)
	if len(found) < 9 {
		t.Errorf("found %+v", found)
	}
	for _, d := range found {
		if !strings.Contains(m.Turns[d.Turn].Text, d.Quote) {
			t.Errorf("quote %q is not in its turn", d.Quote)
		}
	}
}

func TestEveryKindIsBounded(t *testing.T) {
	t.Parallel()
	const both = "Ich schicke Ihnen das Angebot bis Freitag. Uns fehlt eine Schnittstelle zur Buchhaltung. "
	of := make(map[string]int)
	for _, d := range distilled(t, meeting("de", turn("Mara Lind", mara, strings.Repeat(both, maxOfKind+1)))) {
		of[d.Kind]++
	}
	if of[schemas.ActionItem] != maxOfKind || of[schemas.ProductAsk] != maxOfKind {
		t.Errorf("found %v", of)
	}
}

// What was remembered of a meeting must be what distilling it again would give.
func TestTheSameWordsGiveTheSameAnswer(t *testing.T) {
	t.Parallel()
	m := meeting("en",
		turn("Hana Berg", hana, "How is the new export working out for you?"),
		turn("Mara Lind", mara, "Honestly, it's painfully slow. We'd need it to run at night. And our contract is up in March."))
	first := distilled(t, m)
	if len(first) == 0 {
		t.Fatal("found nothing")
	}
	for range 3 {
		if again := distilled(t, m); !reflect.DeepEqual(first, again) {
			t.Errorf("found %+v, then %+v", first, again)
		}
	}
}

func TestEveryRuleCompilesToWhatItSays(t *testing.T) {
	t.Parallel()
	for name, l := range compiledOnce().languages {
		for _, table := range []table{l.action, l.ask, l.renewal, l.imperatives, l.agreed} {
			for _, c := range table {
				if angled.MatchString(c.re.String()) {
					t.Errorf("%s: no vocabulary for %q", name, angled.FindString(c.re.String()))
				}
				if strings.Contains(c.re.String(), "  ") {
					t.Errorf("%s: %q wants two spaces, which plain text never has", name, c.pattern)
				}
				if len(c.needs) == 0 {
					t.Errorf("%s: every sentence is matched against %q", name, c.pattern)
				}
			}
		}
	}
}

// The texts that spare the matching must never spare a match.
func FuzzRequired(f *testing.F) {
	f.Add("I'll send you the file by Friday, our contract is up in March and the app keeps crashing.")
	f.Add("It would be great if we could export it. Could you add a filter?")
	all := compiledOnce().languages
	f.Fuzz(func(t *testing.T, text string) {
		p := plain(text)
		for _, table := range []table{all["en"].action, all["en"].imperatives, all["en"].agreed, all["de"].ask, all["es"].renewal} {
			for _, c := range table {
				if c.re.MatchString(p) != c.matches(p) {
					t.Fatalf("%q matches %q, and none of %q is in it", c.pattern, p, c.needs)
				}
			}
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"I'll, um, send it!":                " i will , send it . ",
		"We can\u2019t \u2014 really can't": " we can not , really can not . ",
		"E-mail me; it's 50,000.":           " e mail me , it is 50,000 . ",
		"":                                  " . ",
		"...":                               " . ",
		"They've said \"no\".":              " they have said no . ",
	} {
		if got := plain(text); got != want {
			t.Errorf("plain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestMarkedTellsNames(t *testing.T) {
	t.Parallel()
	people := peopleOf([]string{"Mara Lind", "Dr. Will May"})
	for text, want := range map[string]string{
		"Mara, could you ask Ravi on Monday?": " mara@ , could you ask ravi# on monday ",
		"Will that work with Excel?":          " will that work with excel ",
		"The Lind account is Ravi's.":         " the lind@ account is ravi's ",
	} {
		if got := marked(text, people); got != want {
			t.Errorf("marked(%q) = %q, want %q", text, got, want)
		}
	}
}
