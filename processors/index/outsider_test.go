package index

import "testing"

// A name of ours is a domain, with all below it, or one address and nobody else's.
func TestOutsider(t *testing.T) {
	t.Parallel()
	ours := own{names: []string{"leadline.example", "ann@gmail.com", "Hana@Mail.example"}, outside: "Guest@leadline.example"}
	for email, outside := range map[string]bool{
		"ida@leadline.example":    false,
		"ida@eu.leadline.example": false,
		"ida@Leadline.example.":   false,
		"ida@notleadline.example": true,
		"ann@gmail.com":           false,
		"ANN@gmail.com":           false,
		"mary.ann@gmail.com":      true,
		"joann@gmail.com":         true,
		"hana@mail.example":       false,
		"not.hana@mail.example":   true,
		"guest@Leadline.example":  true,
	} {
		if got := outsider(&email, ours); got != outside {
			t.Errorf("%s: outside %v", email, got)
		}
	}
	if outsider(nil, ours) {
		t.Error("of whom nobody knows the address nothing is said")
	}
}
