package passage

import (
	"strings"
	"unicode"
)

// asking are words by which a question asks, and seldom what it asks about:
// "summarise the discussion of", "what did the group think". They say a little,
// so they count half. Forms are listed, because this is known before the
// language of what is searched.
var asking = listed(
	`summarize summarise summary describe description discuss discusses discussed discussing discussion discussions think
	thinks thought thoughts opinion opinions view views talk talked talking mention mentioned mentions tell told explain
	explained explanation conclude concluded conclusion conclusions decide decided decision decisions meeting meetings call
	group members team participants people give gave given regarding concerning towards comment comments idea ideas attitude
	feel felt suggest suggested suggestion suggestions agree agreed disagree disagreed ask asked reason reasons respond
	responded response please want wanted make made`,
	`zusammenfassen zusammenfassung fasse beschreibe beschreiben besprochen besprechung diskutiert diskussion meinung meinungen
	denkt denken dachte dachten sagt sagte sagten sagen erklärt erklärte erwähnt erwähnte gespräch gruppe teilnehmer beschlossen
	entscheidung grund gründe bitte`,
	`résumer résume résumez résumé décrire décris décrivez discuter discuté discussion avis opinion pense pensent pensait dit disent
	expliqué explique mentionné réunion groupe équipe participants décidé décision raison raisons`,
	`resumir resume resumen describe describir discutir discutió discusión opinión opina piensa piensan pensó dice dijo dijeron
	explicó mencionó reunión grupo equipo participantes decidió decisión razón razones`,
	`riassumi riassumere riassunto descrivi descrivere discusso discussione opinione pensa pensano detto dice spiegato riunione gruppo
	squadra partecipanti deciso decisione motivo motivi`,
	`resuma resumir resumo descreva descrever discutido discussão opinião acha acham pensa disse disseram explicou mencionou reunião
	grupo equipe participantes decidiu decisão motivo motivos`,
	`samenvatten samenvatting beschrijf beschrijven besproken bespreking discussie mening denkt denken dacht zei zeiden uitgelegd
	vergadering groep deelnemers besloten besluit reden redenen`,
)

func listed(lists ...string) map[string]bool {
	words := make(map[string]bool)
	for _, list := range lists {
		for _, w := range strings.Fields(list) {
			words[w] = true
		}
	}
	return words
}

// Asks says whether the word, in any case, only asks.
func Asks(word string) bool {
	return asking[strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))]
}

// Split parts the words of a question: what it is about, and those that only
// ask. Where they are all of the one sort they are what it is about.
func Split(question string) (about, asks string) {
	var a, b []string
	for _, word := range strings.Fields(question) {
		if Asks(word) {
			b = append(b, word)
		} else {
			a = append(a, word)
		}
	}
	if len(a) == 0 {
		return question, ""
	}
	return strings.Join(a, " "), strings.Join(b, " ")
}
