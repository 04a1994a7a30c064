package normalize

import (
	"strings"
	"testing"

	"leadline/schemas"
)

func TestTheLanguageOfATranscriptIsTold(t *testing.T) {
	t.Parallel()
	for want, said := range map[string]string{
		"en": "We would like to see the invoices before the end of the month, because our auditors ask for them every time.",
		"de": "Wir möchten die Rechnungen vor dem Ende des Monats sehen, weil unsere Prüfer jedes Mal danach fragen.",
		"fr": "Nous aimerions voir les factures avant la fin du mois, parce que nos auditeurs les demandent à chaque fois.",
		"es": "Nos gustaría ver las facturas antes de que termine el mes, porque nuestros auditores las piden cada vez.",
		"it": "Vorremmo vedere le fatture prima della fine del mese, perché i nostri revisori le chiedono ogni volta.",
		"pt": "Gostaríamos de ver as faturas antes do fim do mês, porque os nossos auditores as pedem sempre.",
		"nl": "Wij willen de facturen graag voor het einde van de maand zien, omdat onze accountants er telkens naar vragen.",
		"fi": "Haluaisimme nähdä laskut ennen kuun loppua, koska tilintarkastajamme kysyvät niitä joka kerta.",
		"ru": "Мы хотели бы видеть счета до конца месяца, потому что наши аудиторы каждый раз спрашивают о них.",
		"pl": "Chcielibyśmy zobaczyć faktury przed końcem miesiąca, ponieważ nasi audytorzy za każdym razem o nie pytają.",
		"tr": "Faturaları ay sonundan önce görmek istiyoruz, çünkü denetçilerimiz her seferinde onları soruyor.",
		"ar": "نود أن نرى الفواتير قبل نهاية الشهر لأن المدققين لدينا يطلبونها في كل مرة ولا يمكننا الانتظار أكثر من ذلك",
		"ja": "監査の担当者から毎回求められるので、月末までに請求書を確認したいと思います。",
		"zh": "我们希望在月底之前看到发票，因为审计人员每次都会要求提供这些文件。",
		"ko": "감사 담당자가 매번 요청하기 때문에 월말 전에 청구서를 확인하고 싶습니다.",
		"":   "OK. Yes. Hm. Ida? Ugo! OK.",
	} {
		if got := spokenLanguage([]schemas.Turn{{Text: said}}); got != want && got != "" {
			t.Errorf("%q is told for %q, want %q or nothing", got, said, want)
		}
		if got := spokenLanguage([]schemas.Turn{{Text: "Hello, hello!"}, {Text: strings.Repeat(said+" ", 300)}}); want != "" && got != want {
			t.Errorf("a long one after a greeting is %q, want %q", got, want)
		}
	}
}

func FuzzSpokenLanguage(f *testing.F) {
	f.Add("We would like to see the invoices.", "灯台\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		if tag := spokenLanguage([]schemas.Turn{{Text: a}, {Text: b}}); len(tag) != 0 && len(tag) != 2 {
			t.Errorf("%q is no code", tag)
		}
	})
}
