package local

import "strings"

// language is the tables of one language.
type language struct {
	action, ask, renewal table
	imperatives, agreed  table
	offers, accepted     table
	read                 bool // by the encoder; the tables then only tell who is to act
}

// languages compiles the tables: some 100 ms, which only who distils pays.
func languages() map[string]*language {
	return map[string]*language{
		"en": {action: compile(actionEnglish), imperatives: compile(imperatives), agreed: compile(agreed),
			offers: compile(offers), accepted: compile(accepted), read: true},
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
