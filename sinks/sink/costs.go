package sink

import "leadline/schemas"

// NewCosts are those of nothing.
func NewCosts() schemas.Costs {
	return schemas.Costs{ByRule: make(map[string]schemas.Spending), ByCompany: make(map[string]schemas.Spending)}
}

// AddCosts puts one sum where it belongs. The sorts are answer, with the name
// parked where it was of no use, rule and company.
func AddCosts(c *schemas.Costs, sort, name string, spent schemas.Spending) {
	switch sort {
	case "rule":
		c.ByRule[name] = spent
	case "company":
		c.ByCompany[name] = spent
	default:
		c.Total = c.Total.Plus(spent)
		if name == "parked" {
			c.Parked = spent
		}
	}
}
