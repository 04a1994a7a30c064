package rules

import "leadline/schemas"

// Presets are the four focuses, ready to be used. Each is a topic that stands
// for a kind of distillate, so that it can be judged without a model too.
func Presets() []schemas.LearningRule {
	topic := func(id, focus, text string) schemas.LearningRule {
		return schemas.LearningRule{ID: id, Type: schemas.RuleTopic, Focus: focus, Text: text, Enabled: true}
	}
	return []schemas.LearningRule{
		topic("customer-feedback", schemas.CustomerFeedback,
			"A customer says what they think of our product, our service or our people, or how working with them goes."),
		topic("action-items", schemas.ActionItem,
			"Somebody, on either side, takes on a specific thing to do after the meeting, or is clearly asked to."),
		topic("product-asks", schemas.ProductAsk,
			"A customer asks for a capability, a change, an integration or a fix, or says what they miss and why."),
		topic("renewal-signals", schemas.RenewalSignal,
			"A customer speaks of renewing, growing, shrinking or leaving: price, budget, timing, approval, competitors."),
	}
}

// Preset finds one by its id.
func Preset(id string) (schemas.LearningRule, bool) {
	for _, p := range Presets() {
		if p.ID == id {
			return p, true
		}
	}
	return schemas.LearningRule{}, false
}
