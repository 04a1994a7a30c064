package directory

import (
	"strings"
	"unicode/utf8"
)

// formula are the characters with which a spreadsheet takes a cell for a formula
// or comes to the next, as OWASP lists them.
const formula = "=+-@\t\r\n＝＋－＠"

// isFormula says whether a spreadsheet may take it for one, be it with
// apostrophes of somebody's before it.
func isFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	return strings.ContainsRune(formula, first)
}

// cell is a text from outside of which a spreadsheet reckons nothing: what is
// like a formula gets an apostrophe.
func cell(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// uncell is the text that a cell was made of.
func uncell(cell string) string {
	if isFormula(cell) {
		return strings.TrimPrefix(cell, "'")
	}
	return cell
}
