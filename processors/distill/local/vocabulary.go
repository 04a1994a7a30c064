package local

import (
	"regexp"
	"strings"
)

// vocabulary is what several tables share. A name in angle brackets stands for
// its words, here and in the tables.
var vocabulary = map[string]string{
	// gap is up to three words within one breath, wide up to six.
	"gap":  `(?:[^ ,]+ ){0,3}`,
	"wide": `(?:[^ ,]+ ){0,6}`,
	"adv": `(?:(?:just|also|then|definitely|certainly|gladly|happily|quickly|really|still|first|personally|immediately|try to|` +
		`go ahead and|be sure to|be happy to|please|kindly|maybe|perhaps|possibly|have to|need to|go and) ){0,2}`,
	"day": `(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|tonight|noon|midday|eod|cob|` +
		`morning|afternoon|evening|lunch|day|week|weekend|month|quarter|year|january|february|march|april|may|june|july|august|` +
		`september|october|november|december|christmas|easter|summer|autumn|fall|spring|winter|\d+(?:st|nd|rd|th)?)`,
	"when": `(?:(?:by|before|on|until|this|next|later|early|end of|the end of|close of|within|in) <gap><day>s?|` +
		`tomorrow(?: morning| afternoon)?|today|tonight|asap|as soon as (?:possible|i can|we can)|first thing|` +
		`after (?:the|this|our) (?:call|meeting|session|demo)|right after|straight away|right away|in (?:a|two|three|a few|the next)<gap> (?:day|days|week|weeks|hour|hours|minutes))`,

	// do is what somebody can be held to, request what somebody can be asked for.
	"do": `(?:send|resend|share|forward|e ?mail|mail|write up|write to|write you|write down|write a|draft|prepare|put together|set up|set (?:it|that|this|them) up|` +
		`schedule|book|arrange|organi[sz]e|follow up|get back|get in touch|get hold|get you|get (?:it|that|them|this) (?:to|done|over|signed|approved|fixed|sorted)|` +
		`get <gap>to|come back (?:to|with)|circle back|check|double check|look into|look (?:it|that|this) up|look at (?:it|that|this)|have a look|take a look|find out|` +
		`figure (?:it|that|this)? ?out|confirm|verify|clarify with|ask (?:my|our|the|him|her|them|around|someone|[^ ]+ (?:to|whether|if|about|for))|` +
		`talk to|talk with|speak to|speak with|call|phone|ping|loop|introduce|connect you|update|upload|file|open (?:a|the|an)|raise|create|add (?:you|him|her|them|it|that to|this to|the|a|an|[^ ]+ to)|` +
		`remove|fix|correct|review|read through|go through (?:it|that|the|your)|run (?:it|that|this|the|a)|test|try (?:it|this|that) out|try the|order|pay|refund|credit|sign|submit|provide|` +
		`deliver|return|bring (?:it|that|this|the|a|along|up with|him|her)|invite|make sure|ensure|take (?:that|this|it|these|those) (?:up|away|back|on|offline|to|with)|take care of|` +
		`dig|investigate|escalate|let (?:you|them|him|her) know|give (?:you|them|him|her) (?:a call|a ring|access|an update|feedback|the|our|my|a quote|a date|a list)|` +
		`reach out|pass (?:it|that|this|them|on)|chase|circulate|distribute|collect|compile|fill (?:in|out|it)|complete|migrate|configure|enable|` +
		`switch (?:it|that|this)? ?on|activate|reset|discuss (?:it|that|this) with|post|publish|translate|reserve|ship|push (?:it|that|this|for)|document|note (?:it|that|this) down|remind|` +
		`handle (?:it|that|this)|sort (?:it|that|this)? ?out|work on (?:it|that|this|a|the)|present (?:it|that|this) to|replace|assign|report back|have (?:a|the|it|something) <gap>(?:ready|done|for you))`,
	"request": `(?:send|resend|share (?:it|that|the|your|those|these|them|a|some)|forward|e ?mail|check (?:with|whether|if|on|the|that|your|our|why|internally)|look into|have a look (?:at|into)|take a look at|find out|` +
		`confirm (?:with|by|that|the|in)|get back|come back (?:to|with)|follow up|set up (?:a|an|the|some)|schedule|book|arrange|organi[sz]e|prepare|put together|draft|write (?:up|me|us|to|a|down)|` +
		`introduce|connect (?:me|us)|upload|submit|sign|invite|loop|call (?:me|us|him|her|them)|ask (?:your|the|him|her|them|around)|talk to|speak to|raise|open (?:a|an)|` +
		`escalate|investigate|let (?:me|us|him|her|them|[^ ]+) know|make sure|ensure|give (?:me|us|him|her|them|[^ ]+) (?:access|a quote|an update|a call|a list|the (?:list|names|numbers|dates|details))|provide (?:us|me|a|an|the)|` +
		`get (?:me|us|it|that|this|them|[^ ]+) (?:a |an |the )?(?:to|a|the|in touch|access|signed|list|copy|over)|remind|reset (?:my|our|the|his|her)|create (?:a|an) (?:account|user|ticket|workspace|login)|` +
		`review|fill (?:in|out)|circulate|cc|copy (?:me|us)|extend (?:the|our) trial|enable (?:it|that|the|this) for|activate|refund|credit|` +
		`add (?:me|us|him|her|them|[^ ]+) to (?:the|your|this|our) (?:invite|invitation|list|thread|call|meeting|channel|account|group|project))`,
	"requesting": `(?:sending|sharing|forwarding|checking|looking into|finding out|setting up|scheduling|introducing|connecting|uploading|` +
		`inviting|following up|writing|getting|asking|raising|arranging|organi[sz]ing|preparing|giving (?:me|us|him|her|them) access|adding (?:me|us|him|her|them))`,
	// crew are people who act for the one who speaks.
	"crew": `(?:(?:my|our|your) (?:[^ ,]+ ){0,2}(?:team|colleague|colleagues|assistant|boss|manager|lawyer|lawyers|engineer|engineers|developer|` +
		`developers|accountant|admin|department|people|guys|expert|experts|consultant|partner|director|head of [^ ]+)|` +
		`legal|finance|engineering|procurement|marketing|support|someone|somebody|someone from <gap>|a colleague|one of (?:my|our) [^ ,]+)`,
	"zahl": `(?:\d+|zwei|drei|vier|fünf|zehn|zwanzig|dreißig|fünfzig|hundert)`,
}

var angled = regexp.MustCompile(`<([a-z]+)>`)

// expand puts the vocabulary in place of its names. What it does not list stays
// and fails to compile or to match, which the tests of the tables see.
func expand(pattern string) string {
	for range 4 { // names stand for names at most three levels deep
		pattern = angled.ReplaceAllStringFunc(pattern, func(name string) string {
			if words, found := vocabulary[strings.Trim(name, "<>")]; found {
				return words
			}
			return name
		})
	}
	return pattern
}
