package recorder

import (
	"fmt"
	"log/slog"
)

const hidden = "***"

// Secret is a text that must not be shown: an API key, a webhook's secret. Every way of printing one gives ***.
//
// The text is behind a pointer because fmt reads the unexported fields of a struct around it without asking any method;
// what it prints then is an address.
type Secret struct{ text *string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text, for the one call that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String, GoString, Format, MarshalText, MarshalJSON and LogValue all hide the text.
func (s Secret) String() string { return hidden }

// GoString is what %#v prints.
func (s Secret) GoString() string { return hidden }

// Format covers the verbs that would not ask String: %d, %p.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText is what encoders of map keys and of other formats ask for.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON is what encoding/json asks for.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue is what slog asks for.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// UnmarshalText lets a flag, an environment variable or a JSON field be a Secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
