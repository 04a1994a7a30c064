package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"leadline/console"
)

// bar shows on a terminal how far a file is read.
type bar struct {
	file  io.Reader
	size  int64
	read  int64
	width int // columns; 0 shows nothing
	began time.Time
	shown time.Time
}

// barEvery is often enough to be seen moving.
const barEvery = 100 * time.Millisecond

func newBar(file *os.File) *bar {
	b := &bar{file: file, began: time.Now()}
	if info, err := file.Stat(); err == nil {
		b.size = info.Size()
	}
	if s := console.StyleFor(os.Stderr); s.Lines > 0 && b.size > 0 { // only a terminal limits lines
		b.width = min(s.Width, 100)
	}
	return b
}

// Read is the file's.
func (b *bar) Read(p []byte) (int, error) {
	n, err := b.file.Read(p)
	b.read += int64(n)
	if b.width > 0 && time.Since(b.shown) >= barEvery {
		b.show()
	}
	return n, err
}

func (b *bar) show() {
	b.shown = time.Now()
	share := float64(b.read) / float64(b.size)
	cells := b.width - 32
	full := min(int(share*float64(cells)), cells)
	fmt.Fprintf(os.Stderr, "\r[%s%s] %3.0f %%, %d MB, %s", strings.Repeat("#", full), strings.Repeat(" ", cells-full),
		100*share, b.read>>20, time.Since(b.began).Round(time.Second))
}

func (b *bar) done() {
	if b.width > 0 {
		b.show()
		fmt.Fprintln(os.Stderr)
	}
}
