package normalize

import (
	"cmp"
	"encoding/json"
	"strings"

	"leadline/schemas"
)

// zoomSummary is what Zoom's AI Companion wrote, and what a person made of it.
type zoomSummary struct {
	HostEmail string          `json:"meeting_host_email"`
	Overview  string          `json:"summary_overview"`
	Details   json.RawMessage `json:"summary_details"`
	NextSteps []string        `json:"next_steps"`
	Content   json.RawMessage `json:"summary_content"` // text; an object in one of Zoom's guides
	Edited    *struct {
		Overview  string          `json:"summary_overview"`
		Details   json.RawMessage `json:"summary_details"` // text here, where the other is a list
		NextSteps []string        `json:"next_steps"`
	} `json:"edited_summary"`
}

// read returns the summary as Markdown, and the next steps. What a person wrote
// outranks what was generated, each on its own: he may have changed only the steps.
func (s *zoomSummary) read() (*schemas.Summary, []string) {
	content, steps := zoomContent(s.Content)
	generated := cmp.Or(content, paragraphs(s.Overview, zoomDetails(s.Details)))
	if s.NextSteps != nil {
		steps = s.NextSteps
	}
	text := generated
	if e := s.Edited; e != nil {
		text = cmp.Or(paragraphs(e.Overview, zoomDetails(e.Details)), generated)
		if len(e.NextSteps) > 0 {
			steps = e.NextSteps
		}
	}
	var plain []string
	for _, step := range steps {
		if step = strings.TrimSpace(step); step != "" {
			plain = append(plain, step)
		}
	}
	if text == "" {
		return nil, plain
	}
	return &schemas.Summary{Markdown: &text}, plain
}

// zoomContent reads the whole text; what is neither of its two forms is none.
func zoomContent(raw json.RawMessage) (text string, steps []string) {
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text), nil
	}
	var parts struct {
		Summary   string   `json:"summary"`
		NextSteps []string `json:"next_steps"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return "", nil
	}
	return strings.TrimSpace(parts.Summary), parts.NextSteps
}

// zoomDetails reads a text, or a list of labelled ones.
func zoomDetails(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var list []struct {
		Label   string `json:"label"`
		Summary string `json:"summary"`
	}
	if json.Unmarshal(raw, &list) != nil {
		return ""
	}
	var parts []string
	for _, d := range list {
		if label := strings.TrimSpace(d.Label); label != "" {
			parts = append(parts, "## "+label)
		}
		parts = append(parts, strings.TrimSpace(d.Summary))
	}
	return paragraphs(parts...)
}

func paragraphs(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}
