package command

import (
	"fmt"
	"reflect"
	"time"

	"github.com/alecthomas/kong"
)

// typedDay reads a flag that is one, and says what one is to whoever typed another
// thing: the parser's own words are about Go's way to write a form of dates.
func typedDay(ctx *kong.DecodeContext, target reflect.Value) error {
	var typed string
	if err := ctx.Scan.PopValueInto("day", &typed); err != nil {
		return err
	}
	at, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		return fmt.Errorf("%.40q is no day as in 2026-03-02", typed)
	}
	target.Set(reflect.ValueOf(at))
	return nil
}
