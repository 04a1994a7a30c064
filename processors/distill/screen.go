package distill

import (
	"regexp"
	"strings"
	"unicode"
)

// toMachines are ways of speaking to a program that reads along rather than to
// the people in the meeting. Whoever sells language models loses a turn now and
// then; the raw transcript has it all the same.
var toMachines = func() *regexp.Regexp {
	const (
		overrule = `ignore|disregard|forget|override|bypass|neglect|ignorier\w*|vergiss|missachte\w*|ignora|olvida|oubliez?|ignorez?`
		orders   = `instructions?|prompts?|rules?|directions|guidelines|anweisung\w*|regeln|instrucciones|reglas|consignes|` +
			`(everything|anything|all) (above|before|previous\w*|said)`
		programs = `a\.?i\.?|llms?|(large )?language models?|chat ?bots?|bots?|models?|assistants?|note[- ]?takers?|summari[sz]ers?|transcribers?|gpt\S*|claude|gemini`
		writing  = `record|write|output|add|mark|note down|report|classify|list|include|return|skip|omit|leave out|emit|append|extract|save|log|set|print|repeat|reveal|treat|respond|say`
	)
	return regexp.MustCompile(`(?is)` + strings.Join([]string{
		`\b(` + overrule + `)\b.{0,60}\b(` + orders + `)\b`,
		`\b(system|developer|hidden|initial) (prompt|message|instructions?|override|note)\b`,
		`(^|[\s\[(<*#])(system|assistant|developer|user|human|admin)[\])>*]*\s*:`,
		`<\|?/?\s*(im_start|im_end|system|endoftext|eot_id|start_header_id|assistant|user|transcript|instructions?|data|document)\b`,
		`\[/?(inst|system|assistant|user)\]|<</?sys>>|### ?(system|instruction|response|end)\b`,
		`\b(you are|you're|act as|pretend to be|behave as|du bist|eres) (now )?(an? |the |ein\w* |un\w? )?(helpful |new )?(` + programs + `|dan|ki)\b`,
		`\b(as|dear|hey|hello|attention|note to( the)?|message (to|for)( the)?|to (the|any|whichever|whatever)|an) (` + programs + `)\b`,
		`\b(` + programs + `)\b[^.?!]{0,60}\b(reading|processing|analy[sz]ing|summari[sz]ing|transcribing|must|shall|should now|please)\b.{0,80}\b(` + writing + `)\b`,
		`\b(new|updated|real|actual|following|your) (task|instructions?|directive|objective|role)s?\b.{0,20}(:|\bis\b|\bare\b)`,
		`\b(respond|reply|answer|output|return)\b.{0,30}\b(json|yaml|xml|empty (list|array)|verbatim|only with|exactly)\b`,
		`\b(customer_feedback|product_ask|renewal_signal|action_item)\b|"(kind|sentence|quote|distillates|topics)"\s*:`,
		"```" + `|end of (the )?(transcript|meeting data|document|input)|begin(ning)? of (the )?(instructions|prompt)`,
		`\b(jailbreak|developer mode|prompt injection|do anything now)\b`,
		`[a-z0-9+/]{60,}={0,2}`,
	}, "|"))
}()

// ToMachine says whether a turn speaks to a program that reads along. No model
// is shown such a turn, and none may quote it. What gets past this list is still
// held to quoting what was said; see evidence.
func ToMachine(text string) bool { return toMachines.MatchString(Visible(text)) }

// Visible is a text without what no person sees: format characters and tags,
// which can spell an order that only a program reads.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r >= 0xe0000 && r <= 0xe0fff || r >= 0xfe00 && r <= 0xfe0f:
			return -1
		}
		return r
	}, text)
}
