package console

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
)

// PrintJSON writes one object a line. What would act on a terminal is escaped,
// which changes nothing for who decodes it.
func PrintJSON[T any](w io.Writer, all ...T) error {
	out := bufio.NewWriter(w)
	for _, one := range all {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(one); err != nil {
			return fmt.Errorf("encoding a line: %w", err)
		}
		for _, r := range b.String() {
			switch {
			case r == '\n' || !unicode.IsControl(r) && !disguised(r):
				out.WriteRune(r) //nolint:errcheck // Flush returns the first error
			case r <= 0xffff:
				fmt.Fprintf(out, `\u%04x`, r)
			default:
				high, low := utf16.EncodeRune(r)
				fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
			}
		}
	}
	return out.Flush()
}
