package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"leadline/schemas"
)

// maxFile is what 100 rules of 500 characters take, many times over.
const maxFile = 1 << 20

// file is a rules file. Every field but type and text may be left out.
type file struct {
	Rules []fileRule `yaml:"rules"`
}

type fileRule struct {
	ID       string `yaml:"id,omitempty"`
	Preset   string `yaml:"preset,omitempty"` // one of Presets instead of type and text
	Type     string `yaml:"type,omitempty"`
	Text     string `yaml:"text,omitempty"`
	Recorder string `yaml:"recorder,omitempty"`
	Focus    string `yaml:"focus,omitempty"`
	Enabled  *bool  `yaml:"enabled,omitempty"` // default true
}

// Parse reads a rules file, in YAML or JSON. The error is an *Invalid that
// names the line or the field. A rule without an id gets one from its type and
// its place.
func Parse(r io.Reader) ([]schemas.LearningRule, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the rules file: %w", err)
	}
	if len(raw) > maxFile {
		return nil, &Invalid{fmt.Errorf("the rules file has more than %d bytes", maxFile)}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw)) // JSON is YAML
	decoder.KnownFields(true)                        // a misspelt enabled would switch a rule on
	var f file
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("is empty; to have no rules, write rules: []")
		}
		return nil, &Invalid{fmt.Errorf("the rules file: %w", err)}
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, &Invalid{errors.New("the rules file: more than one document")}
	}
	all := make([]schemas.LearningRule, 0, len(f.Rules))
	for i, given := range f.Rules {
		rule, err := given.rule(i)
		if err != nil {
			return nil, &Invalid{fmt.Errorf("rules[%d].%w", i, err)}
		}
		all = append(all, rule)
	}
	if err := schemas.CheckRules(schemas.RuleSet{Org: "any", Rules: all}); err != nil {
		return nil, &Invalid{err}
	}
	return all, nil
}

func (f fileRule) rule(i int) (schemas.LearningRule, error) {
	rule := schemas.LearningRule{
		ID: f.ID, Type: f.Type, Text: strings.TrimSpace(f.Text), Recorder: f.Recorder, Focus: f.Focus,
		Enabled: f.Enabled == nil || *f.Enabled,
	}
	if f.Preset != "" {
		preset, found := Preset(f.Preset)
		switch {
		case !found:
			return rule, fmt.Errorf("preset: there is no %.70q", f.Preset)
		case f.Type != "" || f.Text != "" || f.Focus != "":
			return rule, errors.New("preset: stands for type, text and focus; leave those out")
		}
		rule.Type, rule.Text, rule.Focus = preset.Type, preset.Text, preset.Focus
		if rule.ID == "" {
			rule.ID = preset.ID
		}
	}
	if rule.ID == "" {
		rule.ID = fmt.Sprintf("%s-%d", rule.Type, i+1)
	}
	return rule, nil
}

// Write writes rules as the file that Parse reads.
func Write(w io.Writer, all []schemas.LearningRule) error {
	f := file{Rules: make([]fileRule, 0, len(all))}
	for _, r := range all {
		given := fileRule{ID: r.ID, Type: r.Type, Text: r.Text, Recorder: r.Recorder, Focus: r.Focus}
		if !r.Enabled {
			given.Enabled = new(bool)
		}
		f.Rules = append(f.Rules, given)
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(f); err != nil {
		return fmt.Errorf("writing the rules: %w", err)
	}
	return encoder.Close()
}
