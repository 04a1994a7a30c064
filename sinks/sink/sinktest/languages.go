package sinktest

import (
	"leadline/schemas"
	"leadline/sinks/sink"
)

// ownWords has, per language, what is said and what is asked: another form of a
// word, or one with the same letters written otherwise.
var ownWords = map[string]struct{ said, asked, marked string }{
	"de":    {"Wir haben die Rechnungen noch nicht bezahlt.", "Rechnung", "Rechnungen"},
	"fr":    {"Les utilisatrices demandaient une autre couleur.", "utilisateur", "utilisatrices"},
	"es-MX": {"Hablamos de las facturaciones de cada mes.", "facturación", "facturaciones"},
	"it":    {"Ieri erano in ritardo tutte le spedizioni.", "spedizione", "spedizioni"},
	"pt_BR": {"As reclamações chegaram ontem.", "reclamação", "reclamações"},
	"nl":    {"Deze week waren alle leveringen te laat.", "levering", "leveringen"},
	"sv":    {"I fredags ringde kunderna igen.", "kunden", "kunderna"},
	"da":    {"Vi mangler stadig fakturaerne fra juni.", "faktura", "fakturaerne"},
	"nb":    {"Begge avtalene utløper til våren.", "avtale", "avtalene"},
	"fi":    {"Viime viikolla laskut maksettiin.", "laskun", "laskut"},
	"ru":    {"Вчера обсуждали договоры и сроки.", "договора", "договоры"},
	"ar":    {"نحتاج إلى العقد قبل نهاية الشهر", "عَقد", "العقد"},
	"ja":    {"来月の納期について確認します。", "納期", "納期"},
	"zh":    {"我们明天再谈合同。", "合同", "合同"},
	"ko":    {"다음 주에 견적서를 보내겠습니다.", "견적서", "견적서"},
}

// languages asks without saying in which language, while all are there.
func languages(s *suite[EntryStore]) {
	var b sink.Batch[schemas.Entry]
	for tag, c := range ownWords {
		r := s.entry(tag, "transcript:0", c.said, 1)
		r.Value.Language = tag
		b = append(b, r)
	}
	write(s, s.store.EntrySink(), b...)
	for tag, c := range ownWords {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: s.staff(), Text: c.asked})
		s.must(err)
		if len(hits) == 0 || hits[0].Entry.RecordingID != tag {
			s.Errorf("%s: %q finds %v", tag, c.asked, entryIDs(hits))
			continue
		}
		checkMarks(s, c.asked, hits[0])
		var marked []string
		for _, m := range hits[0].Marks {
			marked = append(marked, hits[0].Entry.Text[m[0]:m[1]])
		}
		if len(marked) != 1 || marked[0] != c.marked {
			s.Errorf("%s: %q marks %q, want %q", tag, c.asked, marked, c.marked)
		}
	}
}
