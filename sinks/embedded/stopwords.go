package embedded

import "strings"

// Words that say nothing of what is looked for. The lists hold articles,
// pronouns, prepositions, auxiliaries, question words, and nothing that a
// customer could have meant.
var stopLists = []map[string]bool{
	listed(`a about after all am an and any are as at be because been before being between but by can could
		did do does doing don during each for from further had has have having he her here hers him his how i if in into is
		it its just may me might more most my no nor not of off on once only or other our ours out over own said
		say says same shall she should so some such than that the their theirs them then there these they this those
		through to too under until up us very was we were what when where whether which while who whom whose why will
		with would you your yours`),
	listed(`aber als also am an auch auf aus bei beim bin bis bist da dann das dass dein dem den der des dich die dies diese
		diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es etwas euch euer für gegen
		gibt hab habe haben hat hatte hatten hier ich ihm ihn ihnen ihr ihre im in ins ist ja jede jeder kann können
		man mein mich mir mit muss nach nein nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so soll
		sollen sondern über um und uns unser unter vom von vor wann war waren warum was wegen wenn wer werden
		wessen wie wieder wir wird wo worden wurde wurden zu zum zur zwischen`),
	listed(`a à ai as au aux avec avez avoir avons c ce ces cet cette ceux d dans de des donc du elle elles en est et étaient était été
		être eu eux fait il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne ni nos notre nous on ont
		ou où par pas plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son
		sont sous sur t ta te tes toi ton tu un une vos votre vous y`),
	listed(`a al algo ante como con cual cuál cuales cuando cuándo de del desde donde dónde dos el él ella ellas ellos en entre
		era eran es esa esas ese eso esos está están esta este esto estos fue fueron ha había han hasta hay la las le les
		lo los más me mi mis muy nada ni no nos nosotros o os otra otro para pero por porque qué que quien quién se
		ser si sí sin sobre son su sus también te ti tiene tienen tu tus un una uno unos y ya yo`),
	listed(`a ao aos as até com como da das de dela dele deles do dos e é ela elas ele eles em entre era eram essa esse esta está
		estão este eu foi foram há isso isto já lhe mais mas me meu minha muito na não nas nem no nos nós nossa nosso
		num numa o onde os ou para pela pelo por porque qual quais quando que quem se sem ser seu seus só sua suas
		também te tem têm tinha tu um uma você vocês`),
	listed(`a ad agli ai al alla alle anche c che chi ci come con cosa cui d da dal dalla dei del della delle di dove e è ed era
		erano gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mio ne nei nel nella noi non o per
		perché però più quale quali quando quanto quella quello questa queste questi questo se sei si sia sono su sua
		sue sugli sul sulla suo suoi te ti tra tu un una uno vi voi`),
	listed(`aan af al als bij dan dat de der deze die dit door dus een en er ge geen had heb hebben heeft het hier hij hoe hun
		ik in is ja je jij jullie kan kunnen maar me meer men met mij mijn na naar niet nog nu of om omdat ons ook op
		over te tegen toch toen tot u uit uw van veel voor waar waarom wanneer want waren was wat we wel welke
		werd wie wij wil worden wordt zal ze zelf zich zij zijn zo zou`),
}

func listed(words string) map[string]bool {
	list := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		list[w] = true
	}
	return list
}

// stopWords returns the list of the language that the query is probably in:
// the one that knows most of its words, English where several do or none knows
// more than one. Only one list counts, because one language's article is
// another's verb: "die".
func stopWords(fields []string) map[string]bool {
	best, most := stopLists[0], 1
	for _, list := range stopLists {
		n := 0
		for _, f := range fields {
			if list[stem(f)] {
				n++
			}
		}
		if n > most {
			best, most = list, n
		}
	}
	return best
}

// stem is the word without what an apostrophe joins to it: what's, l'équipe.
func stem(word string) string {
	before, after, found := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	switch {
	case !found:
		return word
	case len(before) <= 2:
		return after
	default:
		return before
	}
}
