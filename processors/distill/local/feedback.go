package local

// Labels of feedback: its polarity.
const (
	praise    = "praise"
	criticism = "criticism"
)

// feedbackEnglish finds where the customer's side evaluates the product, the
// service or the people.
var feedbackEnglish = []rule{
	// Liking and disliking.
	{1, statement, `<users> (?:really |absolutely |all |just |do |also |actually |both |still |genuinely |already )*(?:love|loves|loved|adore|adores|like|likes|liked|enjoy|enjoys|enjoyed|swear by|swears by|rave about|prefer) (?:it|the|your|how|this|that (?:you|it|the|we|they|i)|using|working with|these|them|what you)`, praise},
	{1, statement, `<users> (?:really |absolutely |all |just |do |also |actually |simply )*(?:hate|hates|hated|dislike|dislikes|disliked|detest|avoid|avoids|refuse to use|complain|complains|complained|complaining|are complaining|curse|struggle|struggles|struggled|are struggling|is struggling|were struggling)`, criticism},
	{1, statement, `(?:i am|we are|i was|we were|i have been|we have been|<users> (?:is|are|was|were)) <very>(?:happy|pleased|impressed|delighted|thrilled|satisfied|excited|glad|grateful) (?:with|by|about|that|how|we|to have (?:found|switched|you))`, praise},
	{1, statement, `(?:i am|we are|i was|we were|i have been|we have been|<users> (?:is|are|was|were)) <very>(?:frustrated|disappointed|annoyed|unhappy|dissatisfied|fed up|confused|irritated|underwhelmed|worried about the quality|not (?:very |really |particularly |too |so |at all )?(?:happy|impressed|satisfied|thrilled|convinced|pleased))`, criticism},
	{1, statement, `<users> <gap>(?:delighted|thrilled|impressed|happy|pleased|over the moon) (?:with|by|about)`, praise},
	{1, statement, `(?:no|not many|few|zero) complaints|can not complain|could not be happier|can not fault|nothing but praise|hats off|kudos|compliments? to|well done|big fan|huge fan|it just works|works like a charm|would recommend|have recommended|recommended (?:it|you)`, praise},
	{1, statement, `(?:i|we|<users>) (?:can not|could not|can no longer|would not want to) (?:imagine|live|work|think of|do) <wide>(?:without|back|any more|anymore|going)`, praise},

	{1, statement, `(?:do|does|did) not (?:really |much |particularly )?like (?:it|the|that|how|this|,|\.)`, criticism},
	{1, statement, `(?:i am|we are) (?:, [^,]+ , )?<very>(?:pleased|content|satisfied|impressed|delighted|cautiously pleased) \.`, praise},
	{1, namely, `[^ ,]+[@#] (?:is|was) <very>(?:enthusiastic|impressed|delighted|thrilled|in love with)`, praise},

	// Judgements of the product.
	{1, statement, `(?:the|your|this|that|these|our new|its) (?:[^ ,]+ ){0,2}<thing> <gap>(?:is|are|was|were|has been|have been|works|work|worked|feels|feel|felt|looks|look|looked|runs|run|seems|seem|got|gets|has become|became|went|goes) <very><good>`, praise},
	{1, statement, `(?:the|your|this|that|these|our new|its) (?:[^ ,]+ ){0,2}<thing> <gap>(?:is|are|was|were|has been|have been|works|work|worked|feels|feel|felt|looks|look|looked|runs|run|seems|seem|got|gets|has become|became|went|goes) <very><bad>`, criticism},
	{1, statement, `(?:find|finds|found|finding) <wide><good>`, praise},
	{1, statement, `(?:find|finds|found|finding) <wide><bad>`, criticism},
	{1, statement, `(?:is|are|was|were|has been|have been|feels|feel) (?:not|hardly|anything but|far from) (?:very |really |particularly |exactly |that |all that |so |always |especially |terribly )*(?:intuitive|great|helpful|reliable|easy|fast|good|ideal|stable|clear|user friendly|obvious|useful|acceptable|up to scratch|where it should be|what we (?:expected|hoped|were promised|wanted))`, criticism},
	{1, statement, `(?:it is|it has been|it was|this is|this has been|that has been|which is|which was|that was|they are) <very>(?:a game changer|game changer|a life ?saver|life ?saver|night and day|a joy|a breeze|so much (?:easier|faster|better)|much (?:easier|faster|better)|worth every penny|a huge help|a big help|invaluable|indispensable|intuitive|easy to use|user friendly|a pleasure|rock solid)`, praise},
	{1, statement, `(?:it is|it has been|it was|this is|this has been|that has been|which is|which was|that was|they are) <very>(?:slow|clunky|confusing|buggy|broken|unreliable|painful|frustrating|annoying|cumbersome|unusable|useless|hard to use|tedious|hit and miss|a pain|a nightmare|a mess|a headache|a disaster|unacceptable|not acceptable|overwhelming|clumsy|flaky|sluggish)`, criticism},
	{0.8, statement, `(?:it is|it has been|it was|this has been|that has been) (?:really |very |so |absolutely |just |incredibly |extremely )+(?:helpful|useful|great|easy|fast|reliable|smooth|good|valuable|simple)`, praise},
	{1, statement, `(?:the|your|this) (?:[^ ,]+ ){1,3}(?:works|worked) (?:now |again |fine |as promised )*[.,]`, praise},
	{1, statement, `support (?:is|was|has been) <very><good>|one of the (?:better|best|few)<gap> (?:ones|that|i|we)|you (?:explain|explained|handled|did) (?:it|that|this)? ?(?:very |really |so )*(?:well|right|nicely)|credit where|went down (?:very |really |quite )*well`, praise},
	{1, statement, `(?:more|less|better|easier|quicker|faster) (?:[^ ,]+ )?than (?:i|we) (?:had )?(?:expected|feared|thought|hoped|imagined|dared)|better than (?:the old|before|what we had)`, praise},
	{1, statement, `(?:is|was|are|it is) <very>worse than|(?:looks?|looked|feels?|felt) like a toy|(?:gets?|got|getting) (?:it|things|that) wrong`, criticism},
	{0.3, anywhere, `<thing>`, ""},
	{0.4, anywhere, `(?:using|used|use) (?:it|the|your|this)|since (?:we|the|you|last|spring|summer|autumn|january|february|march|april|may|june|july|august|september|october|november|december)|for (?:us|me|my|our|the)`, ""},
	{1, statement, `(?:your|the|great|excellent|amazing|fantastic) (?:support|support team|team|people|consultant|consultants|trainer|account manager|success manager|help ?desk|onboarding team) (?:is|are|was|were|has been|have been|did|does|do|always) <gap><good>`, praise},
	{0.9, statement, `<thing> <gap>especially|especially the <gap><thing>|(?:mostly|really|very|pretty|quite) (?:good|great|happy|smooth)|much better than|so much <good> than|<very><good> than (?:what|before|anything|the)`, praise},

	// What it does for them and to them.
	{1, statement, `(?:saves?|saved|saving|has saved|have saved) <wide>(?:hours?|days?|weeks?|minutes?|time|money|effort|work|headache|headaches)`, praise},
	{1, statement, `(?:used to|would) (?:take|cost|spend|need) <wide>(?:now|today|and now)|(?:now|only) (?:takes?|need|needs|spend) <gap>(?:minutes?|seconds|an hour|hours?|one|twenty|ten|five)|(?:cut|cuts|reduced|halved|shaved|brought down) <wide>(?:in half|from <number>|time|times|errors|mistakes|hours|effort|work)|down from <number>`, praise},
	{1, statement, `made (?:a|such a|my|our) <gap>(?:big |huge |real |massive )?(?:difference|life easier|lives easier|work easier)|(?:makes|make|made) <gap>(?:so much |much |a lot |far )?(?:easier|faster|simpler)|picked (?:it|this) (?:right )?up (?:in|within|quickly|fast)|(?:has not|have not|never) (?:once )?let us down|took to it|adoption (?:is|has been|was) <very><good>`, praise},
	{1, statement, `(?:works|worked|working|runs|ran|running|went|goes|been working) (?:really |very |pretty |quite |just |so )*(?:well|great|fine|perfectly|flawlessly|beautifully|smoothly|brilliantly|like a charm|like clockwork|a treat)(?: for us| for me| so far| since)?`, praise},
	{1, statement, `(?:keeps?|kept|started|starts) (?:on )?(?:crashing|failing|freezing|hanging|timing out|losing|breaking|dropping|logging|disconnecting|sending|showing|throwing|forgetting|duplicating|going down|falling over)`, criticism},
	{1, statement, `(?:crash|crashes|crashed|freezes|froze|hangs|hung|timed out|times out|time out|stopped working|stops working|does not work|do not work|did not work|is not working|are not working|was not working|broke|breaks|falls over|fell over|failed|fails)(?: on us| again| twice| three times| all the time| constantly| every| whenever| when| if| last| for| with| at| on| since| after| because| halfway| completely| as soon| properly| and| during|$)`, criticism},
	{1, statement, `(?:was|were|went|been|goes) (?:completely |totally )?(?:down|offline|unavailable) (?:for|on|all|again|twice|three|the whole|most|half|several)|(?:had|after|during|another|third|second) (?:an |the |another |three )*outages?|lost (?:our|my|all|the|some|half|a lot of|their)(?: of)? (?:[^ ,]+ ){0,2}(?:data|work|changes|entries|records|files|morning|day|trust)|losing (?:our|my|their|the|all) (?:[^ ,]+ ){0,2}(?:changes|work|data|entries)|(?:disappeared|vanished|went missing) from|had to (?:redo|re ?enter|re ?type|start over|do it all again|start again)`, criticism},
	{1, statement, `(?:numbers|totals|figures|data|results|reports?|balances|sums|dates) <gap>(?:is|are|were|was|come out|came out) <gap>(?:wrong|off|incorrect|inaccurate|inconsistent|do not add up|out of date|duplicated)|do not add up`, criticism},
	{1, statement, `(?:do not|does not|did not|can not|no longer|can no longer|hard to|never) (?:really |fully |quite )?(?:trust|rely on) (?:it|the|your|these|those|what)|lost (?:trust|confidence|faith|patience)`, criticism},
	{1, statement, `(?:had|have|having|has) (?:some |a lot of |constant |big |serious |no end of )*(?:trouble|problems|issues|difficulties) (?:with|when|since|logging|getting)|still do not use|eats? (?:the |my |our )?battery|drains? the battery|heard nothing (?:for|back|since)|makes? me (?:crazy|mad|nervous|angry)`, criticism},
	{1, statement, `(?:stop|stopped|stops) (?:trusting|believing|relying)|gave up|given up on|stopped using|have stopped using|went back to (?:spreadsheets?|excel|paper|e ?mail|the old|pen|doing)|(?:nobody|no one|hardly anyone|barely anyone|few people) (?:uses|is using|likes|understands|wants to use|touches)`, criticism},
	{1, statement, `(?:nobody|no one|never) (?:got back|answered|responded|replied|called|followed up|picked up|gets back|answers|replies)|(?:took|takes|taking|waited|waiting|waits|wait) <wide>(?:forever|ages|too long|way too long|<number> (?:days|weeks|months|hours)|days|weeks|months) <wide>(?:reply|respond|response|answer|support|hotline|help ?desk|fix|get|load|hear|to)|(?:takes|took|taking) (?:forever|ages|too long|way too long)`, criticism},
	{1, statement, `waste of time|let (?:us|me) down|drives? (?:me|us|people|them|everyone|my team|the team) (?:crazy|nuts|mad|up the wall|insane)|not what we (?:expected|were promised|hoped|paid)|leaves? (?:a lot |something |much )?to be desired|room for improvement|could be (?:a lot |much )?(?:better|faster|clearer|easier|smoother)|falls? short|less than ideal|gets in (?:the|our) way|too many (?:clicks|steps|bugs|errors)|bugs? (?:everywhere|again|all over)|pulling (?:my|our|their) hair`, criticism},
	{1, statement, `(?:without (?:asking|any help|training)|on (?:my|our) own) <wide>(?:easy|fine|excellent)|set (?:it|everything|the <gap>[^ ]+) up (?:without|in (?:minutes|an hour|ten))`, praise},

	// Guards.
	{never, anywhere, `(?:would|will|could|should|might) (?:really |also |certainly |probably )?(?:be|have been|help|make|love|like|hate)`, ""},
	{never, anywhere, `(?:our|the|my|their) (?:[^ ,]+ )?(?:old|previous|former|last) (?:system|tool|vendor|provider|software|platform|solution|supplier|helpdesk|help desk|crm|erp|app)|their (?:help ?desk|support|software|product|system|tool|crm|app) (?:is|was|were)`, ""},
	{never, anywhere, `our own [a-z]+|weather|traffic|flight|flights|weekend|holidays?|vacation|train was|food|restaurant|coffee|hotel|(?:my|his|her|their) (?:daughter|son|kids?|wife|husband|dog|school)|football|movie|concert|school`, ""},
	{never, anywhere, `(?:competitor|another vendor|other vendor|a friend (?:of mine|at)|another firm|another company|their crm|the competition)`, ""},
	{never, anywhere, `no opinion|have not (?:tried|used|seen|looked)|can not say|not (?:tried|used) it|i do not know|too early to (?:say|tell)`, ""},
	{never, anywhere, `(?:nice|great|good|lovely|glad|happy|pleasure) to (?:see|meet|hear|be here|talk|have you|help|know)|if (?:it|the|you|this|we|that|they) <wide>(?:works?|fails?|breaks?|crashes|is|are|goes|runs?|lets|was|were)|(?:does|do|did) not (?:mean|say|think)|not saying|(?:not|nothing) (?:on|against) you`, ""},
	{-0.6, anywhere, `thanks? (?:you )?(?:so much |very much |a lot )?for (?:your|the|taking|joining)|good (?:morning|afternoon|evening|question|point|idea)|great (?:question|point|idea)|sounds (?:good|great|fine)`, ""},
}

// evaluations are answers that evaluate only because they were asked to.
var evaluations = []rule{
	{1, statement, `(?:it is |it was |it has been |they are |actually |honestly |well |overall |so far |mostly |generally |, )*<very>(?:<good>|well|great|fine|positive|happy|not bad(?: at all)?|better than (?:expected|i thought|we hoped))`, praise},
	{1, statement, `(?:it is |it was |it has been |they are |actually |honestly |well |overall |so far |mostly |generally |, )*<very>(?:<bad>|mixed|so so|meh|not (?:so |very |too |that |really )?(?:great|good|well|happy|smooth|easy)|could be better|underwhelming|badly|poorly)`, criticism},
	{never, anywhere, `no opinion|have not|can not say|do not know|sounds|thanks|thank you|morning|idea|question|point`, ""},
}

// invitations are questions that ask for a judgement.
var invitations = []rule{
	{1, question, `how (?:is|are|was|were|has|have|did|do|does) <wide>(?:<thing>|it|going|gone|go|going so far|working|been|finding|like|find|feel|treating|coming along)`, ""},
	{1, question, `what (?:do|did|does|is|are|was|would) (?:you|the|your|they) <gap>(?:think|make of|impression|impressions|feedback|experience|verdict|reaction|like)`, ""},
	{1, question, `are you (?:happy|satisfied|pleased|getting on)|any feedback|happy with|how happy|how satisfied|was it (?:easy|helpful|useful|worth)`, ""},
}
