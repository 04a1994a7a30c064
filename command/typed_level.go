package command

import (
	"fmt"
	"log/slog"
	"reflect"

	"github.com/alecthomas/kong"
)

// typedLevel reads a level of the log, and names them to whoever typed another.
func typedLevel(ctx *kong.DecodeContext, target reflect.Value) error {
	var typed string
	if err := ctx.Scan.PopValueInto("level", &typed); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(typed)); err != nil {
		return fmt.Errorf("%.40q: want debug, info, warn or error", typed)
	}
	target.Set(reflect.ValueOf(level))
	return nil
}
