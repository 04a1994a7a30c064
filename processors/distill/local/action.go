package local

// Labels of action items: who is bound.
const (
	commits   = "commits"   // the speaker, or the speaker's side
	asks      = "asks"      // whom they speak to
	delegates = "delegates" // a third person, named or not
	accepts   = "accepts"   // the speaker, of what was asked before
)

// Labels of feedback: its polarity.
const (
	praise    = "praise"
	criticism = "criticism"
)

// Labels of renewal signals, as the encoder has them: what they are about.
const (
	timing     = "timing"
	price      = "price"
	competitor = "competitor"
	churn      = "churn risk"
	expansion  = "expansion"
	reduction  = "reduction"
	sponsor    = "people"
	intent     = "intent to stay"
	business   = "change in the business"
)

// actionEnglish finds commitments and clear requests, of either side.
var actionEnglish = []rule{
	// Commitments in the first person.
	{1, anywhere, `(?:i|we) (?:will|shall) <adv><do>`, commits},
	{0.6, anywhere, `(?:i|we) (?:will|shall) <adv>[a-z]+`, commits},
	{1, anywhere, `(?:i|we) (?:will|am going to|are going to) have (?:[^ ,]+ ){1,4}<do>`, delegates},
	{0.8, anywhere, `(?:i am|we are) (?:going to|about to) <adv><do>`, commits},
	{0.6, anywhere, `(?:i am|we are) (?:going to|planning to) <adv>[a-z]+`, commits},
	{1, statement, `(?:let me|let us) <adv>(?:get back|find out|look into|take (?:that|this|it) (?:away|back|offline|up)|dig|follow up|circle back|come back (?:to|with)|` +
		`(?:talk|speak) (?:to|with)|check (?:with|internally|that with|this with|it with)|ask (?:my|our|the|around)|confirm (?:that|this|it)? ?with|send (?:you|it|that|them|over)|` +
		`forward|e ?mail|loop|introduce|raise|escalate|investigate|run (?:it|that|this) (?:by|past)|discuss (?:it|that|this) with|note (?:it|that|this) down and)`, commits},
	{0.6, statement, `(?:i|we) (?:can|could) <adv><do>`, commits},
	{1, statement, `(?:i|we) will <adv>(?:put (?:it|that|this|them) (?:in|on|into)|have <wide>(?:looked at|checked|sent|prepared|signed|fixed|done|added|reviewed)|tell (?:the|my|our|him|her|them)|bring (?:you|her|him|them)|propose|make it a|write (?:it|that|this) up|talk to|get <gap>(?:signed|approved|checked))`, commits},
	{0.6, statement, `(?:i|we) (?:need|have|want|intend|plan|am supposed|ought) to <adv><do>`, commits},
	{1, anywhere, `i owe you|consider it done|i am on it|we are on it|on my list|i have (?:made|taken) a note to|i promise(?: to| you| i)|you have my word`, commits},
	{1, anywhere, `leave (?:it|that|this) (?:with|to) (?:me|us)|i will take (?:that|this|it)(?: one)?|i will (?:do|handle|own) (?:that|it|this)|we will (?:do|handle) (?:that|it|this)`, accepts},
	{1, anywhere, `you (?:will|shall) (?:have|get|receive|hear) (?:it|this|that|them|the|a|an|both|all|my|our|everything|notes|something|one|from|him|her|more) ?<wide>(?:<when>|from (?:me|us))`, commits},
	{0.6, anywhere, `you (?:will|can expect) <gap>(?:have|get|receive|hear)`, commits},
	{1, anywhere, `expect <wide>from (?:me|us)`, commits},

	{-0.6, anywhere, `(?:i|we) (?:will|shall|am going to|are going to) <adv>(?:be|need|have|want|see|know|like|love|think|find|lose|use|grow|renew|stay|continue|move|switch|stop|keep|go|come|decide|believe|remember|miss|understand|get there|hire|merge|win)`, ""},

	// Somebody who acts for the speaker.
	{1, anywhere, `<crew> (?:will|is going to|are going to) <adv><do>`, delegates},
	{1, namely, `[^ ,]+@ (?:will|is going to) <adv><do>`, delegates},
	{1, namely, `[^ ,]+[@#] (?:from <gap>)?(?:will|is going to|are going to) <adv><do>`, delegates},
	{0.6, anywhere, `<crew> (?:will|is going to|are going to) <adv>[a-z]+`, delegates},

	// Requests. Asking for what can be shown or said on the spot is none.
	{1, anywhere, `(?:can|could|will|would) (?:you|you guys|someone|somebody|anyone|anybody|one of you|your team|your people) <adv>(?:on your side |from your side |from your team |at your end )?<adv><request>`, asks},
	{1, namely, `(?:can|could|will|would) [^ ,]+[@#] <adv><request>`, delegates},
	{1, anywhere, `(?:would|do) you mind <gap><requesting>`, asks},
	{1, anywhere, `please <adv><request>`, asks},
	{1, anywhere, `if you (?:can|could|would) <adv><request>`, asks},
	{1, anywhere, `(?:i|we) (?:would )?(?:need|want|like) (?:you|someone|somebody) to <adv><request>`, asks},
	{1, anywhere, `(?:do not|never) forget to <do>|(?:please |do )?remember to <do>`, asks},
	{1, anywhere, `(?:i would|we would) (?:appreciate|be grateful) <gap>if you <gap><request>`, asks},
	{1, anywhere, `(?:may|can|could) (?:i|we) (?:ask|get|trouble|bother) you to <adv>[a-z]+`, asks},
	{0.6, anywhere, `you (?:should|need to|have to|will need to) <adv><request>`, asks},

	// What makes a plan a promise.
	{0.5, anywhere, `<when>`, ""},
	{0.3, anywhere, `(?:to|for|with) you|you (?:the|a|an|our|that|it|my)|(?:it|that|them|this) over|a ticket|get back to`, ""},

	// Guards: inside the meeting, routine, dropped, wished, told.
	{never, anywhere, `(?:my|the|our) screen|in the chat|walk (?:you|us) through|go back to the|(?:previous|next|last) slide|hear me|see my`, ""},
	{never, anywhere, `(?:i|we) will (?:just |now |quickly |only )*(?:be honest|tell you|say|admit|see|stop|start|begin|pause|show you|grab|go first|come to that|get to that|keep it|leave it at|not|never|be brief|have to (?:drop|go|leave|run)|give (?:you|them) (?:the floor|control|an example|an idea|a sense))`, ""},
	{never, anywhere, `every (?:day|week|month|year|quarter|morning|monday|tuesday|wednesday|thursday|friday|time|other)|each (?:day|week|month|year|time)|always|usually|normally|typically|as a rule|routinely`, ""},
	{never, anywhere, `no longer (?:need|needed|necessary)|never mind|forget about|do not (?:need|have|want|bother) (?:you )?(?:to|anything)|no need to|need not|not going to|does not matter any ?more|do not bother|instead of sending`, ""},
	{never, anywhere, `(?:on|for) (?:the|our) road ?map|next (?:release|version)|in (?:an ideal|a perfect) world|would have|could have|should have|if i were|if we were`, ""},
	{-0.7, anywhere, `(?:maybe|perhaps|possibly|some ?day|one day|at some point|eventually|sooner or later|in theory|hopefully|might|may) `, ""},
	{-0.7, anywhere, `some ?day|at some point|eventually|sooner or later|one of these days`, ""},
	{-1, anywhere, `(?:said|says|told|asked|wants|promised) <gap>(?:i|we|me|us|you|they) (?:will|to|would)`, ""},
}

// imperatives are requests only where a sentence starts with them.
var imperatives = []rule{
	{1, statement, `(?:so |and |then |ok |okay |yes |sure |, )*(?:just )?(?:send|e ?mail|forward|share|resend) (?:me|us|it|that|them|over|the|those|him|her|your|[^ ,]+ (?:the|a|an|your))`, asks},
	{1, statement, `(?:so |and |then |, )*(?:make sure|ping me|call me|drop me|let me know (?:by|when|whether|if|as soon|what|which|who)|get back to me|keep me posted|add me|cc me|invite)`, asks},
	{never, anywhere, `(?:hear|see) me|if you have (?:any )?questions|invites`, ""},
}

// agreed says that an offer was taken up.
var agreed = []rule{
	{1, statement, `(?:oh |god |ah |, )*(?:yes|yeah|yep|sure|please|perfect|great|lovely|ok|okay|that would|that works|good idea|wonderful|excellent|ideal|absolutely|do that|go ahead)`, ""},
	{never, anywhere, `no|not|but|rather|instead|fine`, ""},
}
