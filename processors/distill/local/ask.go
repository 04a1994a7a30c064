package local

// askEnglish finds what the customer's side wishes of the product. A plain
// question is none: it takes a need beside it.
var askEnglish = []rule{
	{1, anywhere, `(?:would|will|might|could) (?:really |also |certainly )?(?:be|have been) <very>(?:great|nice|helpful|good|useful|amazing|awesome|fantastic|lovely|ideal|cool|handy|perfect|brilliant|wonderful|best|huge|a huge help|a big help|a game changer|a dream) (?:help )?(?:if|to (?:have|be able|see|get)|for us if|when|having)`, ""},
	{1, anywhere, `(?:would|will) <gap>(?:help|make (?:my|our) (?:life|lives|day))<gap> (?:us |me )?(?:a lot |a great deal |enormously |tremendously |massively |so much )?(?:if|to (?:have|be able|see|get))`, ""},
	{1, statement, `(?:i|we|<users>) would <gap>(?:love|like|appreciate|welcome|kill) (?:for )?(?:to (?:have|see|get|be able)|it if|an? |the (?:option|ability|possibility)|some |if (?:it|the|you)|more (?:control|options|flexibility))`, ""},
	{0.6, statement, `(?:i|we|<users>) would <gap>(?:love|like) `, ""},
	{1, statement, `(?:i|we|<users>) (?:really |often |just |do |sometimes )?wish(?:es)? (?:there|it|you|we|i|the|that|they|your)`, ""},
	{1, anywhere, `if only (?:it|there|you|we|the|i)`, ""},
	{1, anywhere, `feature request|enhancement request|on (?:our|my|the) wish ?list|(?:my|our) (?:only |one |biggest |main |top )?(?:wish|request) (?:is|would be)`, ""},
	{1, anywhere, `(?:what|the (?:one |only |biggest |main )?(?:thing|feature|piece|bit)s?)(?: that)?(?: is| we are| i am| we| i) (?:really |still |badly )?(?:missing|miss|lacking|lack)`, ""},
	{0.9, statement, `(?:i|we|<users>) (?:are|am|is)? ?(?:really |still |badly |sorely )?(?:missing|miss|lack|lacking) (?:a|an|the|some|any|support)`, ""},
	{1, statement, `(?:i|we|<users>) (?:really |also |still |do |would |just |badly |urgently |desperately |will )*(?:need|needs|require|requires|want|wants) (?:it |this |that |the <thing> )?to (?:be able|support|export|import|sync|integrate|show|let us|allow|handle|work (?:with|on|offline))`, ""},
	{1, statement, `(?:i|we|<users>) (?:really |also |still |do |would |just |badly |urgently |could |desperately |will )*(?:need|needs|require|requires|want|wants|use) (?:to have |having )?(?:a|an|the|some|better|more|proper|real|native|finer|custom)? ?<gap><capability>`, ""},
	{1, statement, `(?:i|we) could (?:really |definitely |certainly )?use (?:a|an|some|better|more)`, ""},
	{1, anywhere, `(?:can|could|will|would) you <adv>(?:add|build|support|implement|integrate|make it|make the|give us (?:a|an|the) (?:way|option|ability|button)|let us|allow us|allow|include|bring back|offer)`, ""},
	{1, anywhere, `you (?:should|need to|have to|ought to|must|really should) <adv>(?:add|build|support|implement|integrate|make|let|allow|include|offer|change|fix)`, ""},
	{1, statement, `(?:the <gap><thing>|it|this|users|people|admins?|managers?|everyone|agents|one|you|we|i) (?:should|ought to|has to|needs to|must) (?:also |really |just |at least |be able to|automatically |at least )+`, ""},
	{1, statement, `(?:the <gap><thing>|it) (?:should|ought to|needs to|must) (?:show|support|include|remember|save|let|allow|have|export|import|send|sync|warn|ask|work|handle|display|say|tell|offer|be (?:configurable|possible|easier|faster|able|sortable|searchable))`, ""},
	{1, anywhere, `(?:please|pls) <adv>(?:add|build|support|implement|bring back|fix the|make it possible|make the)`, ""},

	{1, anywhere, `what (?:i|we) would (?:really |also |actually )?(?:need|want|like|expect)|the dream is|the right thing would be|would have helped|(?:that is|is) (?:the|my|our) (?:first|second|biggest|other|main) wish`, ""},
	{1, statement, `(?:i|we) (?:would |really |also )*(?:want|like|need) (?:a different|that (?:no|the|it|every|each|my|our|all)|to (?:put|drop|search|see (?:who|which|what|the|all|where)|filter|sort|tap|click|tag|mark|attach|export|print)|the [^ ,]+ (?:[^ ,]+ ){0,3}to [a-z]+|it to [a-z]+|the <thing> to [a-z]+)`, ""},
	{1, statement, `(?:it|the <gap><thing>) (?:should|must|would have to|needs to|ought to|has to) (?:not )?(?:use|recogni[sz]e|refuse|carry|contain|have (?:a|an|the|our|[^ ,]+ and)|let|be visible|stay on|stop|tell|list|group|merge|calculate|prevent|block|pick|open)`, ""},
	{1, question, `(?:could|can) (?:it|the <gap><thing>) not`, ""},
	{0.8, anywhere, `if (?:it|the [^ ,]+|your [^ ,]+|they|your) <gap>could`, ""},

	// A gap counts with the reason why it matters, a question with the need.
	{0.6, anywhere, `there is (?:currently |still )?no (?:way|option|possibility|button|setting|easy way)|(?:it|the <gap><thing>|you|the system) (?:does not|do not|can not|will not) (?:currently |yet )?(?:let|allow|support|have|offer|integrate|sync|export|handle|show)`, ""},
	{0.6, question, `is it possible|can (?:it|that|this) be (?:switched|turned|hidden|changed|removed)|is there (?:a|an|any|some) (?:way|option|setting|chance|possibility|plan|plans|button)`, ""},
	{0.6, question, `(?:can|could|does|will|would|do) (?:it|the <gap><thing>|we|i|you|one|the <gap>[^ ,]+) <gap>(?:add|support|sync|integrate|connect|export|import|show|hide|go to|send|handle|work with|work offline|be (?:sorted|filtered|grouped|exported|customi[sz]ed|sent|shared|set))`, ""},
	{0.6, question, `(?:are you|do you|is there) (?:planning|plan|plans|going|thinking)|any (?:plans|chance|way)|will (?:you|there) <gap>(?:have|support|add|offer|be)|when (?:will|can) (?:you|we) <gap>(?:have|support|add|get|expect)`, ""},
	{0.8, anywhere, `any chance (?:you|of|that|to|we)`, ""},
	{0.6, anywhere, `without <wide>(?:we|i|they|it|our) <gap>(?:can not|can|could not|will not|would not|are not able|have no)`, ""},
	{0.7, anywhere, `(?:unless|until|only if|as long as|before) (?:you|it|the <gap><thing>|there is|we have|we get) <gap>(?:add|adds|support|supports|have|has|can|offer|get|integrate)`, ""},
	{1, anywhere, `(?:is|are|would be|it is|that is) <gap>(?:a must|must have|a deal ?breaker|a hard requirement|a show ?stopper|a requirement|a blocker|mandatory)`, ""},
	{0.5, anywhere, `<capability>`, ""},
	{0.5, anywhere, `because|since|so (?:we|i|the|that|they|people|my|our|everyone|every)|otherwise|which means|that forces|at the moment|right now|by hand|manually|workaround|work around|every (?:time|day|morning|week|month|single)|insists?|nobody (?:here )?reads?|half of|before we can|in order to|has to|have to|need it|need that|need this|keep guessing|error prone`, ""},

	// Guards.
	{-1, anywhere, `(?:do|does|did) not have to|be able to (?:leave|cancel|terminate|say (?:yes|no)|reduce)|on the list|the <gap>(?:price|training|offer|uplift)|(?:want|need|like|get) <gap>a price|it should be (?:fine|ok|okay|enough|good)`, ""},
	{never, anywhere, `(?:do|does|did) not (?:really )?(?:need|want|require|miss)|no need|not (?:necessary|needed|required)|no longer (?:need|needed)|never mind|not any ?more|already (?:added|there|have|possible|built|delivered|solved|in)|you (?:have )?(?:added|shipped|built|delivered)|thanks? (?:you )?for (?:adding|building)|it is fine`, ""},
	{never, anywhere, `add <gap>to (?:the|your|this|our) (?:invite|invitation|list|thread|call|meeting|channel|account|group|project|agenda|minutes|notes)`, ""},
	{never, anywhere, `(?:keep|leave) <gap>(?:as it is|as is|like (?:that|this)|the way|unchanged)|do not change|stay (?:as|the way)`, ""},
	{never, anywhere, `(?:need|want|like|love) (?:a|an|the|some|another|more|to get (?:a|an|the))? ?<gap>(?:quote|quotes|invoice|contract|document|documents|slides?|deck|training|workshop|meeting|demo|intro|introduction|coffee|break|minute|moment|discount|price|pricing|seats?|licences?|signature|proposal|offer|recording|time|copy)`, ""},
	{never, anywhere, `(?:love|like) to (?:thank|start|introduce|say|know|understand|hear|ask|talk|discuss|renew|cancel|meet|go|come|stay|extend|sign|learn|show|share|walk|invite|congratulate)`, ""},
	{never, anywhere, `(?:(?:could|can|would|will) (?:you|we|i|someone|somebody)|you (?:could|can|would)) (?:just |please |also )?(?:meet|talk|speak|send|share|join|explain|repeat|introduce|schedule|call|come|show me|show us|tell)`, ""},
	{never, anywhere, `(?:another|other|different) (?:customer|customers|client|clients|vendor|company)|our (?:own )?customers (?:want|ask|need)|my (?:son|daughter|wife|husband|kids)`, ""},
	{never, anywhere, `(?:need|want|like|love) to (?:decide|sign|think|check|talk|leave|go|file|send|pay|hire|cancel|renew|finish|move on|wrap up|be honest|reschedule)`, ""},
}
