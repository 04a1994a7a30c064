package local

import "strings"

// language is the tables of one language.
type language struct {
	action, ask, feedback, renewal                       table
	imperatives, acceptances, agreed, invites, evaluates table
}

// languages compiles the tables: some 100 ms, which only who distils pays.
func languages() map[string]*language {
	return map[string]*language{
		"en": {
			action: compile(actionEnglish), ask: compile(askEnglish), feedback: compile(feedbackEnglish), renewal: compile(renewalEnglish),
			imperatives: compile(imperatives), acceptances: compile(acceptances), agreed: compile(agreed),
			invites: compile(invitations), evaluates: compile(evaluations),
		},
		"de": {action: compile(actionGerman), ask: compile(askGerman), renewal: compile(renewalGerman)},
		"es": {action: compile(actionSpanish), ask: compile(askSpanish), renewal: compile(renewalSpanish)},
	}
}

// languageOf takes "de-AT", "de_AT" and "German" for German; what a recorder
// leaves out is English.
func languageOf(code string) string {
	code = strings.ToLower(code)
	for name, short := range map[string]string{"english": "en", "german": "de", "deutsch": "de", "spanish": "es", "español": "es"} {
		if code == name {
			return short
		}
	}
	if code == "" {
		return "en"
	}
	short, _, _ := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	return short
}
