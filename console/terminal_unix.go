//go:build unix

package console

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth asks the terminal; only a terminal answers. Some answer 0 when
// nobody has told them their size.
func terminalWidth(f *os.File) (columns int, terminal bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	if size.Col == 0 {
		return 80, true
	}
	return int(size.Col), true
}
