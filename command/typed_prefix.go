package command

import (
	"fmt"
	"net/netip"
	"reflect"

	"github.com/alecthomas/kong"
)

// typedPrefix reads a range of addresses. An address alone is a range of one.
func typedPrefix(ctx *kong.DecodeContext, target reflect.Value) error {
	var typed string
	if err := ctx.Scan.PopValueInto("range", &typed); err != nil {
		return err
	}
	prefix, err := netip.ParsePrefix(typed)
	if one, notOne := netip.ParseAddr(typed); err != nil && notOne == nil && one.Zone() == "" {
		prefix, err = netip.PrefixFrom(one, one.BitLen()), nil
	}
	if err != nil {
		return fmt.Errorf("%.60q is no range of addresses as in 10.0.0.0/8", typed)
	}
	target.Set(reflect.ValueOf(prefix))
	return nil
}
