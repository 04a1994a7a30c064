package schemas

// ImportReport says what became of the lines of a file.
type ImportReport struct {
	Accepted int       `json:"accepted"`
	Refused  int       `json:"refused"`
	Lines    []Refusal `json:"lines" doc:"the first refused ones"`
}

// Refusal is why a line was not taken.
type Refusal struct {
	Line    int    `json:"line" doc:"from 1"`
	Field   string `json:"field" doc:"empty where it is the line as a whole"`
	Problem string `json:"problem"`
}
