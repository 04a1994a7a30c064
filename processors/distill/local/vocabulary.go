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
	"very": `(?:(?:really|very|so|quite|pretty|extremely|incredibly|super|absolutely|just|a bit|a little|rather|too|far too|way too|` +
		`much too|still|often|always|always been|been|simply|totally|completely|such a|a|an|the|also|all|much|far|way|even|painfully|awfully|unbelievably|ridiculously|surprisingly|insanely|refreshingly|remarkably|reasonably|fairly|nicely|truly|mostly|largely|generally|noticeably|significantly|considerably|miles|a lot|kind of|` +
		`sort of|terribly|particularly|genuinely|honestly|not exactly) ){0,3}`,
	"number": `(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|` +
		`sixty|seventy|eighty|ninety|hundred|a dozen|a couple of|a few|several|many)(?: hundred| thousand)?`,
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

	// thing is the vendor's product, as customers speak of it.
	"thing": `(?:product|tool|platform|software|system|app|apps|application|solution|service|services|dashboard|dashboards|report|reports|reporting|export|exports|` +
		`import|imports|importer|search|filter|filters|editor|planner|scheduler|calendar|module|modules|integration|integrations|sync|api|webhook|webhooks|` +
		`interface|ui|screen|screens|page|pages|view|views|feature|features|function|menu|navigation|layout|design|workflow|workflows|template|templates|form|forms|` +
		`form builder|notification|notifications|alert|alerts|onboarding|rollout|setup|set up|migration|implementation|documentation|docs|help ?desk|hotline|help center|` +
		`support|support team|support people|team|success manager|account manager|consultant|consultants|trainer|training|portal|login|performance|mobile version|version|update|release|` +
		`automation|automations|forecast|numbers|totals|data|map|board|inbox|chat|bot|assistant|connector|plugin|plug in|add in|tablet|tablets|scanner|scanners|experience|stuff|analytics|charts?|uploads?|downloads?|library|recordings?|summaries|transcripts?)`,
	"good": `(?:great|good|excellent|fantastic|amazing|awesome|brilliant|wonderful|superb|outstanding|terrific|lovely|perfect|helpful|useful|valuable|` +
		`easy|easy to use|simple|simple to use|intuitive|user friendly|fast|faster|quick|quicker|smooth|smoother|seamless|reliable|stable|solid|rock solid|impressive|responsive|clean|cleaner|clear|clearer|` +
		`easier|better|nicer|nice|handy|straightforward|flawless|painless|a breeze|a game changer|game changer|a life ?saver|life ?saver|a joy|a pleasure|a blessing|a relief|` +
		`top notch|spot on|second to none|first class|worth it|worth every penny|night and day|on point|convenient|a huge help|a big help|a success|a hit|accurate|friendly|patient|professional|slick|delightful|popular|mature|quieter|calmer|a godsend|top)`,
	"bad": `(?:slow|slower|sluggish|laggy|clunky|clumsy|confusing|buggy|broken|unreliable|unstable|flaky|painful|frustrating|annoying|irritating|terrible|awful|` +
		`horrible|dreadful|cumbersome|unusable|useless|hard to use|hard to find|hard to read|hard to follow|hard to understand|difficult|difficult to use|tedious|messy|disappointing|complicated|overwhelming|` +
		`hit and miss|hit or miss|a pain|a nightmare|a mess|a headache|a disaster|a joke|a letdown|poor|bad|worse|weak|outdated|unacceptable|not acceptable|inconsistent|inaccurate|` +
		`wrong|misleading|fiddly|awkward|bloated|cluttered|a struggle|a burden|a hassle|a chore|time consuming|unclear|counterintuitive|not great|not good|not good enough|not ideal|` +
		`unresponsive|lacking|rigid|ugly|half baked|unfinished|down all|error prone|inadequate|rough|bumpy|the worst|hard to accept|harder to accept|impossible|not up to scratch)`,
	// users are the customer's people who work with it.
	"users": `(?:i|we|they|everyone|everybody|people|nobody|(?:my|our|the|all|half|half of|most of|some of|half of the|half of our|many of our) (?:of )?(?:the |my |our )?(?:[^ ,]+ ){0,2}(?:team|teams|people|colleagues|users|staff|guys|drivers|` +
		`agents|reps|planners|managers|engineers|nurses|technicians|folks|crew|department|shift|boss|sales|warehouse|office|branch|analysts|teachers|accountants|dispatchers|operators|fitters|customers))`,
	// seats are what a contract counts.
	"seats": `(?:seats?|licen[cs]es?|users?|accounts|workspaces?|sites|locations|branches|stores|plants|machines|devices|subscriptions?|modules?)`,
	"deal":  `(?:contract|subscription|agreement|licen[cs]e|licences|plan|renewal|pilot|trial|term|account with you|deal)`,
	// capability is what people name when they need one.
	"capability": `(?:integration|integrations|exports?|imports?|reports?|dashboards?|filters?|fields?|permissions?|roles?|api|apis|webhooks?|sso|single sign on|saml|` +
		`scim|audit (?:log|trail)|dark mode|mobile app|offline (?:mode|support)|notifications?|alerts?|reminders?|search|bulk (?:edit|change|changes|import|upload|delete)|templates?|` +
		`approval (?:flow|workflow|step)s?|workflows?|automations?|shortcuts?|undo|version history|two factor|2fa|mfa|time zones?|languages?|translation|currency|currencies|` +
		`attachments?|tags?|labels?|custom fields?|drag and drop|calendar (?:view|sync)|views?|connector|connection to|plug ?in|sandbox|test environment|backup|` +
		`encryption|data residency|eu region|ability to|way to|option to|button|possibility to|support for|csv|excel export|pdf|print(?:ing)? (?:function|view))`,
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
