package local

// Labels of renewal signals: what they are about.
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

// renewalEnglish finds what bears on staying, growing, shrinking or leaving.
var renewalEnglish = []rule{
	// Timing, and who approves.
	{0.8, anywhere, `(?:renew|renews|renewed|renewal|renewing|renewals)`, timing},
	{1, anywhere, `(?:our|the|your|this) (?:current |existing |annual |present |whole |<number> year |yearly |framework )?(?:contract|subscription|agreement|licen[cs]e|licences|term|pilot|trial) (?:is up|ends|ends in|expires|expired|is expiring|runs out|is ending|is due|lapses|comes to an end|runs until|finishes)`, timing},
	{1, anywhere, `(?:extend|extending|prolong|terminate|end|ending|sign|signing|resign) (?:the|our|this) <gap>(?:contract|subscription|agreement|licen[cs]e|licences|term|renewal)`, timing},
	{0.6, anywhere, `(?:decide|decision|approved?|approval|approves|sign off|signs off|signed off|budget|budgeted|notice|procurement|board|cfo|ceo|finance|purchasing|management|head office|our|we|us)`, ""},
	{1, anywhere, `(?:has|have|needs?|must|will have) to (?:be )?(?:approved?|signed off|go through|pass) <wide>(?:cfo|ceo|board|finance|procurement|purchasing|management|controller|committee|boss|director)`, timing},
	{1, anywhere, `(?:our|the) (?:[^ ,]+ ){0,2}budget <wide>(?:approved|cut|frozen|freeze|tight|gone|reduced|halved|increased|available|for this|for next|year|reviewed|under review|left|includes|including)|budget (?:cuts?|freeze|cycle|round|planning|season)|(?:cut|cutting|reduce|reducing|trim|slash|freeze|review|reviewing) <wide>(?:spend|spending|budget|budgets|software costs?|costs?|expenses|tools|vendors)`, price},
	{1, anywhere, `(?:multi year|another (?:year|term|two years|three years|twelve months|<number> years)|<number> more years?|sign (?:up )?for <number> years?|two year deal|three year deal)`, intent},
	{1, anywhere, `(?:happy|glad|planning|plan|want|intend|going|ready|keen|likely|sure) to (?:renew|stay(?: with you)?|continue with (?:you|the)|carry on with)|here to stay|staying with you|we will (?:definitely |certainly )?(?:renew|stay with)`, intent},

	// Price and terms.
	{1, anywhere, `(?:too|so|pretty|quite|very|rather|getting|more|really|far too|way too) (?:expensive|pricey|costly|steep)|(?:price|prices|cost|costs|fee|fees|invoice|bill|rate) <gap>(?:goes|go|went|has gone|have gone|rose|rises|increased?|increases|jumped|doubled|is going) (?:up|again|by|since|this)?|price (?:increase|hike|rise|jump)|(?:hard|difficult|tough|impossible) to (?:justify|defend|sell internally)|at (?:this|that) price|value for money|worth (?:the|that) (?:price|money)|not worth`, price},
	{0.9, anywhere, `(?:discount|discounts|rebate|cheaper|better price|lower price|better deal|price match|payment terms|pay (?:monthly|quarterly|yearly|annually|upfront|in advance|per|by)|pricing (?:for|of|model|change)|price per|list price|unit price|volume pricing)`, price},
	{0.3, anywhere, `if (?:we|you|i)|could we|can we|is there|are there|would (?:you|we|it)|we|our|us`, ""},
	{1, question, `(?:what|how much) (?:would|will|does|is|do|might) <wide>(?:cost|charge|pay|price|be the price|more expensive)`, price},
	{1, question, `(?:what|which) (?:is|are|would be) (?:the|your) <gap>(?:price|prices|pricing|terms|rate|rates|cost|costs)`, price},

	{1, anywhere, `(?:need|want|like|get|give|send|have|expect) <gap>(?:a |the )?(?:price|prices|quote|pricing) (?:for|per|in|without|on|at|that)|(?:what|whether) (?:it|this|that) (?:would |will )?costs?|(?:does|will|would) (?:it|that|this) cost|cannot defend|percent (?:below|cheaper)|(?:the|an|your|that) (?:<number> percent )?uplift|unit price|pay (?:<number> years|in|for the people)|cheaper if`, price},
	{1, anywhere, `(?:set aside|earmarked|budgeted) <wide><number>|(?:one|two|three|five) year (?:option|price|term|deal|contract|offer)`, price},
	{1, anywhere, `extend (?:by|for) <gap>(?:year|years|months|one|two)|(?:penalty|exit|break|termination) clause|days'? notice|notice (?:letter|period)|(?:ask|asked|asking|convince|take it to|paper to|paper for|wants a paper) <wide>(?:board|cfo|committee)`, timing},

	// Leaving.
	{1, statement, `(?:cancel|cancelling|canceling|terminate|terminating|give notice on|get rid of|ditch|drop) <gap>(?:you|your|<deal>|workspace|module|service|account|product|tool|platform)`, churn},
	{1, anywhere, `(?:not|never|will not|would not|may not|might not|can not|hesitant to|reluctant to|unlikely to|unsure whether to|whether to|whether we) <gap>(?:renew|extend|continue|carry on|stay with|sign again)`, churn},
	{1, anywhere, `(?:walk away|walking away|part ways|leave you|leaving you|replace you|replacing you|move away from (?:you|your|it|the <thing>)|moving away from (?:you|your|it)|switch(?:ing)? (?:to (?:another|a different|someone|one of)|away|vendors?|providers?)|bring(?:ing)? (?:it|this) in house|build(?:ing)? (?:it|this|something) (?:in house|ourselves))`, churn},
	{1, anywhere, `(?:look|looks|looking|looked|shopping|shop) (?:around|for (?:an? )?(?:alternatives?|replacement|other|something else)|elsewhere|at (?:<number> of |some of |one of |other |some |a few |several )?(?:your )?(?:alternatives?|competitors?|competition|other (?:vendors|tools|options|products|providers)|options|rivals?))`, competitor},
	{1, anywhere, `(?:evaluat(?:e|es|ed|ing)|trial(?:ling|ing)?|trialing|pilot(?:ing)?|test(?:ing)?|try(?:ing)?(?: out)?|compar(?:e|ing)|assess(?:ing)?|considering|talking to|demo(?:ing)?|had a demo (?:from|of)|quote from|offer from|proposal from|in talks with|approached by|courting us) (?:you (?:with|to|against) )?<gap>(?:competitors?|competition|rivals?|rival|alternatives?|other (?:vendors?|tools?|products?|providers?|suppliers?)|another (?:vendor|tool|product|provider|supplier))`, competitor},
	{1, anywhere, `your (?:[^ ,]+ )?(?:competitors?|competition|rivals?) <wide>(?:offer|offered|offers|cheaper|quote|quoted|demo|pilot|approached|called|half)|(?:a|the|to|out to|our|an) (?:tender|rfp|rfq|bake ?off|request for proposals?)`, competitor},
	{1, anywhere, `(?:<number>|other|competing|rival) (?:[^ ,]+ )?(?:offers|quotes|bids)|(?:procurement|purchasing) (?:review|wants|needs|asked|will|has|requires)`, competitor},
	{1, namely, `[^ ,]+[#] (?:has |have )?(?:offered us|made us an offer|sent us an offer|came by|is <gap>(?:below|cheaper than) you)`, competitor},
	{1, anywhere, `(?:go|goes|going|switch|move|change|changing) (?:over )?to (?:another|a different|the other|somebody else) ?(?:supplier|vendor|provider|tool|system|product)?|able to (?:leave|terminate|cancel)|we (?:do|will|can|would) not (?:go live|roll out|sign|put <wide>on it)`, churn},
	{1, anywhere, `no (?:wish|intention|reason|plan|plans) to (?:change|switch|leave)|last thing (?:i|we) would (?:cut|give up)|(?:would not|will not|never) (?:go|want to go) back to`, intent},
	{0.6, anywhere, `alternatives?|competitors?`, competitor},

	// Growing and shrinking.
	{1, anywhere, `(?:add|adding|buy|buying|get|getting|need|needs|want|order|take|purchase|upgrade|require|book) <gap>(?:<number>|more|extra|additional|another|further)(?: <number>)?(?: more| extra| additional)? <seats>`, expansion},
	{1, anywhere, `(?:roll|rolling|rolled) (?:it |this |that |you |the <gap>[^ ]+ )?out (?:to|in|across|for|at) <wide>(?:all|other|more|the whole|every|entire|rest|offices?|sites?|branches|subsidiar(?:y|ies)|countries|departments?|region|regions|europe|group|teams|company|world)`, expansion},
	{1, anywhere, `(?:we|they|who) (?:are |will |have |plan to |want to |are going to |are about to )*(?:open|opening|opened|add|adding|build|building|launch|launching|taking over|take over) (?:a|an|another|our|new|more|<number>) (?:[^ ,]+ ){0,2}(?:sites?|offices?|stores?|shops?|plants?|warehouses?|branches|branch|locations?|factory|factories|clinics?|depots?)`, expansion},
	{1, anywhere, `<number> (?:more|extra|additional) (?:<seats>|people|crews|technicians|engineers|drivers|agents|staff)|<number> (?:<seats>|people|crews|technicians|engineers|drivers|agents) more|from <number> to <gap><number>,? (?:<seats>|people|crews|technicians|engineers|drivers|agents|employees|staff)|pilot (?:becomes|turns into|grows)`, expansion},
	{1, anywhere, `(?:enterprise|premium|bigger|larger|higher|next|professional|business|pro) (?:plan|tier|package|edition|licence)|upgrade (?:to|our|the)|upgrading (?:to|our)`, expansion},
	{1, anywhere, `(?:head ?count|the team|our team|staff|we|the department|the company) (?:is |are |has |have |will |goes |go )?(?:growing|grow|grows|grown|doubled|doubling|double|doubles|expanding|goes|tripled|tripling) (?:from|to|by|in|into|this|next|quickly|fast|a lot|size|our|the)|expand(?:ing)? (?:it|our use|usage|the use|our usage|into|to|the contract|the deployment)|hiring (?:<number>|more|a lot)`, expansion},
	{1, anywhere, `(?:reduce|reducing|cut|cutting|drop|dropping|fewer|less|half|lose|losing|remove|give back|return|scale down|scale back|too many|unused) (?:of )?(?:the |our |on |to |down on )?(?:number of |half of |half |<number> )?<seats>|only need <wide><seats>|downgrad(?:e|ing)|scal(?:e|ing) (?:back|down)`, reduction},
	{1, anywhere, `lay ?offs?|laid off|laying (?:people )?off|redundanc(?:y|ies)|hiring freeze|head ?count (?:cut|cuts|freeze|reduction)|down ?siz(?:e|ing)|(?:closing|close|closed|shutting|shut|selling|sell|sold) (?:down )?(?:the|our|two|three|one of|several|half|some) <gap>(?:offices?|sites?|plants?|stores?|branches|shops?|division|business|unit|warehouses?|depots?|clinics?)|(?:empty|unused) <seats>|restructuring|insolven(?:t|cy)`, reduction},
	{1, anywhere, `merg(?:e|ing|er|ed) with|we are merging|the merger|(?:being|been|were|was|got|getting) (?:acquired|bought|taken over)|acqui(?:red|ring|sition)|new owners?|parent company|(?:group|corporate|company) (?:wide )?standard|standardi[sz](?:e|ing|ed) on|consolidat(?:e|ing) <gap>(?:tools|vendors|suppliers|software|systems|licences)|spin ?off`, business},

	// The people behind the contract.
	{1, anywhere, `(?:i am|i will be|our (?:[^ ,]+ ){1,3}(?:is|will be)|my boss is|she is|he is) (?:leaving|moving on|retiring|stepping down|quitting|going on (?:parental|maternity|sabbatical))|(?:i|he|she) (?:will )?(?:retires?|leaves?) (?:in|at the end|next|on)`, sponsor},
	{1, namely, `[^ ,]+[@#] (?:, [^,]+ , )?(?:is|will be) (?:leaving|moving on|retiring|stepping down|quitting)|[^ ,]+[@#] (?:has left|left) (?:the company|us)`, sponsor},
	{1, anywhere, `(?:my|his|her) (?:last day|successor|replacement)|take over (?:the account|this account|from me|my role)|(?:we have|there is|we got|we are getting|got) a new (?:ceo|cfo|cto|cio|coo|vp|head of|director|managing director|it director|boss|owner|management)|new (?:ceo|cfo|cto|cio|coo|vp|it director|managing director) (?:is|wants|has|will)`, sponsor},

	// Conditions.
	{0.5, anywhere, `if <wide>(?:we|i|they) (?:will|would|might|may|have to|could|are|can) <gap>(?:look|leave|cancel|stay|expand|sign|buy|go|stop|renew|switch|add|roll)`, churn},

	// Guards: other contracts, the customer's own business, appointments.
	{never, anywhere, `(?:lease|rent|gym|insurance|passports?|visas?|domain|driving|driver's|mortgage|magazine|newspaper|phone (?:contract|plan)|car|fleet|certificates?|certification|id card|season ticket|office space|cleaning|catering|electricity|energy|landlord|union|union agreement|parking|membership|memberships)`, ""},
	{never, anywhere, `(?:our|your own) (?:own )?(?:prices|customers|clients|buyers|sales|revenue|rates|shop|offer)|we (?:charge|sell|raised)|(?:another firm|their crm|their vendor)|a friend`, ""},
	{never, anywhere, `cancel <gap>(?:call|meeting|appointment|session|workshop|invite|demo|flight|order|trip|visit|today|tomorrow|thursday|monday|tuesday|wednesday|friday)|(?:renewable|renewables)`, ""},
	{never, anywhere, `if i (?:won|were rich)|lottery|in a perfect world|day ?dream|hypothetically|every tender`, ""},
	{-0.9, anywhere, `(?:no|not) (?:plans? to|going to|thinking of|thinking about|considering) (?:cancel|leave|switch|change)`, ""},
}
