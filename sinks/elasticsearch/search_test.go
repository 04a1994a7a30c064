package elasticsearch_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"leadline/schemas"
	"leadline/sinks/sink"
)

func TestEachLanguageFindsItsOwnForms(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	cases := []struct{ language, text, query string }{
		{"en-GB", "The customers' renewals were discussed", "discussing the renewal"},
		{"de", "Die Verträge werden nächstes Jahr verlängert", "Vertrag"},
		{"de-AT", "Unsere Prüfer wollen den Bericht", "prufer"},
		{"fr", "Nous avons parlé de l'intégration des données", "intégrations"},
		{"es", "Hablamos de las renovaciones del contrato", "renovación"},
		{"it", "Abbiamo parlato dell'importazione dei documenti", "importazioni"},
		{"pt_BR", "Falamos sobre as integrações do sistema", "integração"},
		{"nl", "De klanten vragen om rapportages", "klant rapportage"},
		{"sv", "Kunderna vill ha bättre rapporter", "rapport"},
		{"da", "Kunderne vil have bedre rapporter", "rapporten"},
		{"nb", "Kundene vil ha bedre rapporter", "rapporten"},
		{"fi", "Asiakkaat haluavat parempia raportteja", "asiakas asiakkaan"},
		{"pl", "Rozmawialiśmy o łódzkim biurze", "lodzkim"},
		{"ru", "Мы обсудили продление договоров", "договор"},
		{"ar", "ناقشنا تجديد العقود مع الإدارة", "الادارة"},
		{"ja", "請求書の自動発行をお願いします", "請求書"},
		{"zh-CN", "我们需要导出报表的功能", "导出"},
		{"ko", "계약 갱신은 다음 달에 논의합시다", "갱신"},
		{"xx", "Some unknown languages fold café", "cafe"},
	}
	var b sink.Batch[schemas.Entry]
	for n, c := range cases {
		r := entry(20*n, 1, c.text) // each in a meeting of its own: neighbours are shown as one
		r.Value.Language = c.language
		b = append(b, r)
	}
	write(t, s, b...)
	for n, c := range cases {
		hits, err := s.Search(t.Context(), schemas.SearchQuery{Scope: staff, Text: c.query})
		must(t, err)
		var got *schemas.Hit
		for _, h := range hits {
			if h.Entry.ID == b[n].Value.ID {
				got = &h
			}
		}
		if got == nil || len(got.Marks) == 0 {
			t.Errorf("%s: %q does not find and mark %q", c.language, c.query, c.text)
		}
	}
}

func TestALongQueryIsAnsweredAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	write(t, s, entry(0, 1, "lighthouse 灯台"))
	for name, query := range map[string]string{
		"many words":             "lighthouse " + strings.Repeat("a b c d e f g h ", 120),
		"many different words":   "lighthouse " + distinct(250),
		"one word of signs":      "lighthouse" + strings.Repeat(",x,y", 400),
		"a run of a long script": "灯台" + strings.Repeat("請求書", 200),
		"one repeated":           strings.Repeat("weather ", 200) + "lighthouse",
	} {
		if got := found(t, s, query); len(got) != 1 {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "w%d ", i)
	}
	return b.String()
}

func TestAVeryLongTextIsFoundAndMarkedAtItsBeginning(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	write(t, s, entry(0, 1, "lighthouse "+strings.Repeat("weather and wind, ", 80_000)+"cormorant"))
	for query, marked := range map[string]bool{"lighthouse": true, "cormorant": false} {
		hits, err := s.Search(t.Context(), schemas.SearchQuery{Scope: staff, Text: query})
		must(t, err)
		if len(hits) != 1 || (len(hits[0].Marks) > 0) != marked {
			t.Errorf("%s: %d hits, want one, marked: %v", query, len(hits), marked)
		}
	}
}

func TestCountsAreExactAndWithinTheScope(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards = 3
	s := prepared(t, o)
	var b sink.Batch[schemas.Entry]
	var ids []string
	want := map[string]int{}
	for n := range 60 * 20 {
		r := entry(n, 1, "text")
		if n%20 == 0 {
			ids = append(ids, r.Value.MeetingID)
			r.Value.Kind = schemas.EntrySummary
		}
		if n%20 < 1+n/20%5 {
			want[r.Value.MeetingID]++
			b = append(b, r)
		}
	}
	internal := entry(60*20, 1, "text")
	internal.Value.State = string(schemas.StateInternal)
	foreign := entry(0, 1, "text")
	foreign.Value.Org, foreign.Value.MeetingID = "other", "other/fathom/0"
	foreign.Key = schemas.EntryKey(foreign.Value.MeetingID, foreign.Value.ID)
	write(t, s, append(b, internal, foreign, gone(61*20, 3))...)
	ids = append(ids, internal.Value.MeetingID, "acme/fathom/none", foreign.Value.MeetingID)

	got, err := s.CountByMeeting(t.Context(), schemas.Scope{Org: "acme"}, ids)
	must(t, err)
	if !maps.Equal(got, want) {
		t.Errorf("by meeting %v\nwant %v", got, want)
	}
	want[internal.Value.MeetingID] = 1
	if got, err = s.CountByMeeting(t.Context(), staff, ids); err != nil || !maps.Equal(got, want) {
		t.Errorf("staff counts %v (%v)\nwant %v", got, err, want)
	}
	kinds, err := s.CountByKind(t.Context(), "acme")
	must(t, err)
	if wantKinds := map[string]int{schemas.EntrySummary: 60, schemas.EntryTranscript: len(b) - 60 + 1}; !maps.Equal(kinds, wantKinds) {
		t.Errorf("by kind %v, want %v", kinds, wantKinds)
	}
	if got, err := s.CountByMeeting(t.Context(), staff, nil); err != nil || len(got) != 0 {
		t.Errorf("of no meetings: %v, %v", got, err)
	}
	if _, err := s.CountByKind(t.Context(), ""); err == nil {
		t.Error("counts without an organisation")
	}
}
